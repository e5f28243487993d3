//! The ways in which a hostile GitHub changes its honest answers.
//!
//! There are only changes that kepgate can detect. It has to trust GitHub about which commits exist, which tree a
//! commit has, and the values in issues, reviews and comments. So these are not replaced, and lists without a hash keep
//! their entries.

use serde_json::{Map, Value, json};

use super::random::Random;
use crate::support::Reply;

/// Changes an answer. Returns `None` if the change does not apply to it.
type Change = fn(&mut Random, Value) -> Option<Value>;

/// Makes a reply from the status and the body of an answer.
type Break = fn(&mut Random, u16, Vec<u8>) -> Reply;

/// Changes to the JSON of an answer.
pub(super) const CHANGES: &[(&str, Change)] = &[
    ("reorders lists", reorder),
    ("repeats an entry", repeat_entry),
    ("replaces a parent or a path by another one", replace_entry),
    ("leaves out paths", truncate),
    ("says that the tree is truncated", mark_truncated),
    ("leaves out a field", leave_out_field),
    ("swaps contents", swap_contents),
    ("cuts off text", cut_text),
    ("replaces text", replace_text),
    ("changes a hash", change_hash),
    ("changes a size", change_size),
    ("changes a mode", change_mode),
    ("adds an error", add_error),
    ("has no data", |_, answer| answer.get("data").is_some().then(|| json!({"data": null}))),
    ("is null", |_, _| Some(Value::Null)),
];

/// Changes to the bytes of an answer, or to the answer as a whole.
pub(super) const BREAKS: &[(&str, Break)] = &[
    ("has another status", |random, _, body| {
        answer(*random.pick(&[204, 304, 400, 401, 403, 404, 410, 422, 429, 500, 502, 503]), body)
    }),
    ("is not found", |_, _, _| Reply::status(404, &json!({"message": "Not Found"}))),
    ("asks to wait", |_, _, body| answer(429, body).with("retry-after", 0)),
    ("ends early", |random, status, mut body| {
        body.truncate(random.below(body.len().max(1)));
        answer(status, body)
    }),
    ("is repeated", |_, status, body| answer(status, body.repeat(2))),
    ("breaks off", |random, _, mut body| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len() + 1);
        body.truncate(random.below(body.len().max(1)));
        Reply::Bytes([head.into_bytes(), body].concat())
    }),
    ("is HTML", |_, status, _| answer(status, b"<html><body>Unicorn!</body></html>".to_vec())),
    ("is missing", |_, _, _| Reply::Nothing),
    ("changes a byte", |random, status, mut body| {
        if !body.is_empty() {
            let at = random.below(body.len());
            body[at] ^= 1;
        }
        answer(status, body)
    }),
];

fn answer(status: u16, body: Vec<u8>) -> Reply {
    Reply::Answer { status, headers: Vec::new(), body }
}

/// JSON pointers to the values in `root` that `is_wanted` accepts.
fn find(root: &Value, is_wanted: &dyn Fn(&str, &Value) -> bool) -> Vec<String> {
    fn visit(value: &Value, pointer: &str, is_wanted: &dyn Fn(&str, &Value) -> bool, found: &mut Vec<String>) {
        if is_wanted(pointer, value) {
            found.push(pointer.to_owned());
        }
        let children: Vec<(String, &Value)> = match value {
            Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
            Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), field)).collect(),
            _ => Vec::new(),
        };
        for (name, child) in children {
            visit(child, &format!("{pointer}/{name}"), is_wanted, found);
        }
    }
    let mut found = Vec::new();
    visit(root, "", is_wanted, &mut found);
    found
}

/// Changes one of the wanted values.
fn change_one(
    random: &mut Random,
    mut root: Value,
    is_wanted: &dyn Fn(&str, &Value) -> bool,
    change: impl FnOnce(&mut Random, &mut Value),
) -> Option<Value> {
    let found = find(&root, is_wanted);
    if found.is_empty() {
        return None;
    }
    let before = root.clone();
    let pointer = random.pick(&found).clone();
    change(random, root.pointer_mut(&pointer)?);
    (root != before).then_some(root)
}

fn is_list(_: &str, value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.len() > 1)
}

fn items(value: &mut Value) -> &mut Vec<Value> {
    value.as_array_mut().unwrap()
}

fn reorder(random: &mut Random, mut root: Value) -> Option<Value> {
    let lists = find(&root, &is_list);
    for list in &lists {
        random.shuffle(items(root.pointer_mut(list)?));
    }
    (!lists.is_empty()).then_some(root)
}

fn repeat_entry(random: &mut Random, root: Value) -> Option<Value> {
    change_one(random, root, &|_, value| value.as_array().is_some_and(|items| !items.is_empty()), |random, value| {
        let entry = random.pick(items(value)).clone();
        let at = random.below(items(value).len() + 1);
        items(value).insert(at, entry);
    })
}

/// Lists with a hash, and lists of parents, which must differ from each other.
fn is_verifiable_list(pointer: &str, value: &Value) -> bool {
    is_list(pointer, value) && (pointer.ends_with("/tree") || pointer.contains("/parents"))
}

fn replace_entry(random: &mut Random, root: Value) -> Option<Value> {
    change_one(random, root, &is_verifiable_list, |random, value| {
        let entry = random.pick(items(value)).clone();
        let at = random.below(items(value).len());
        items(value)[at] = entry;
    })
}

fn truncate(random: &mut Random, root: Value) -> Option<Value> {
    change_one(random, root, &is_verifiable_list, |random, value| {
        let list = items(value);
        if random.once_in(2) {
            list.truncate(random.below(list.len()));
        } else {
            list.remove(random.below(list.len()));
        }
    })
}

fn mark_truncated(_: &mut Random, mut root: Value) -> Option<Value> {
    *root.get_mut("truncated")? = true.into();
    Some(root)
}

fn leave_out_field(random: &mut Random, root: Value) -> Option<Value> {
    change_one(random, root, &|_, value| value.as_object().is_some_and(|it| !it.is_empty()), |random, value| {
        let fields = value.as_object_mut().unwrap();
        let names: Vec<_> = fields.keys().cloned().collect();
        fields.remove(random.pick(&names).as_str());
    })
}

/// Shuffles the contents of files among their names.
fn swap_contents(random: &mut Random, root: Value) -> Option<Value> {
    let is_content = |name: &String| name.starts_with(['b', 'p']) && name[1..].parse::<u8>().is_ok();
    let has_contents =
        |value: &Value| value.as_object().is_some_and(|it| it.keys().filter(|it| is_content(it)).count() > 1);
    change_one(random, root, &|_, value| has_contents(value), |random, value| {
        let fields = value.as_object_mut().unwrap();
        let names: Vec<_> = fields.keys().filter(|name| is_content(name)).cloned().collect();
        let mut values: Vec<_> = names.iter().map(|name| fields[name].clone()).collect();
        random.shuffle(&mut values);
        fields.extend(names.into_iter().zip(values).collect::<Map<_, _>>());
    })
}

fn is_text(pointer: &str, value: &Value) -> bool {
    pointer.ends_with("/text") && value.is_string()
}

fn cut_text(random: &mut Random, root: Value) -> Option<Value> {
    change_one(random, root, &is_text, |random, value| {
        let text: Vec<_> = value.as_str().unwrap().chars().collect();
        let kept = random.below(text.len().max(1));
        *value = text[..kept].iter().collect::<String>().into();
    })
}

fn replace_text(random: &mut Random, root: Value) -> Option<Value> {
    change_one(random, root, &is_text, |random, value| {
        let text = value.as_str().unwrap().replace("implementeable", "implementable").replace("error", "off");
        *value = if random.once_in(2) { Value::Null } else { text.into() };
    })
}

fn change_hash(random: &mut Random, root: Value) -> Option<Value> {
    let is_hash = |value: &Value| value.as_str().is_some_and(|it| it.len() == 40 && is_hexadecimal(it));
    change_one(random, root, &|_, value| is_hash(value), |random, value| {
        let mut hash = value.as_str().unwrap().to_owned();
        let at = random.below(hash.len());
        hash.replace_range(at..=at, ["0", "7", "f"][random.below(3)]);
        *value = hash.into();
    })
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn change_size(random: &mut Random, root: Value) -> Option<Value> {
    change_one(random, root, &|pointer, _| pointer.ends_with("/size"), |random, value| {
        *value = (*random.pick(&[0_u64, 1, 511_999, 1 << 20, (1 << 20) + 1, u64::MAX])).into();
    })
}

fn change_mode(random: &mut Random, root: Value) -> Option<Value> {
    change_one(random, root, &|pointer, _| pointer.ends_with("/mode"), |random, value| {
        *value = (*random.pick(&["100644", "100755", "100664", "040000", "120000", "160000", "0", "x"])).into();
    })
}

fn add_error(random: &mut Random, mut root: Value) -> Option<Value> {
    root.get("data")?;
    let kind = *random.pick(&["NOT_FOUND", "FORBIDDEN", "RATE_LIMITED", "INTERNAL"]);
    root["errors"] = json!([{"type": kind, "path": ["repository"], "message": "Something went wrong"}]);
    Some(root)
}
