//! An untrusted KEP on the pages of the site stays text: whatever it contains, pages have only the elements and
//! attributes of the templates, load nothing from elsewhere, and run no script but the filter.
//!
//! An input is up to four files with a line `%%` between them: the values of kep.yaml (one per line), the README, the
//! name of the approver, and the slug of the KEP's directory.
#![no_main]

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use html5gum::{Token, Tokenizer};
use kepgate::kep::Milestone;
use kepgate::project::Web;
use kepgate::site::{Moment, render_tree};
use kepgate::source::git::CommitId;
use kepgate::source::memory::Memory;
use kepgate::source::{Change, Revisions};
use kepgate::text::RepoPath;
use kepgate_fuzz::{COMMIT, PRR_FILE, parts, target_branch};
use libfuzzer_sys::fuzz_target;

const KEYS: [&str; 10] = [
    "title",
    "status",
    "stage",
    "owning-sig",
    "latest-milestone",
    "authors",
    "reviewers",
    "approvers",
    "metrics",
    "participating-sigs",
];

const ELEMENTS: &[&str] = &[
    "a",
    "body",
    "caption",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "head",
    "header",
    "html",
    "li",
    "line",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "polyline",
    "progress",
    "rect",
    "section",
    "span",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "ul",
];

/// The attributes that pages may have. In drawings, nearly all attributes are allowed.
const ATTRIBUTES: &[&str] = &[
    "aria-current",
    "aria-label",
    "charset",
    "class",
    "content",
    "datetime",
    "href",
    "http-equiv",
    "id",
    "lang",
    "max",
    "name",
    "rel",
    "role",
    "scope",
    "tabindex",
    "title",
    "type",
    "value",
];

const DRAWINGS: &[&str] = &["svg", "text", "line", "polyline", "rect"];

/// The script of the first page.
const FILTER: &str = include_str!("../../src/site/filter.js");

fuzz_target!(|bytes: &[u8]| {
    let [values, readme, approver, slug] = parts(bytes);
    let head = || {
        let dir = directory(slug);
        let prr = format!("kep-number: 1234\nalpha:\n  approver: {}\n", quoted(approver.unwrap_or_default()));
        target_branch()
            .file(dir.join("kep.yaml"), metadata(values.unwrap_or_default()))
            .file(dir.join("README.md"), readme.unwrap_or_default())
            .file(PRR_FILE, prr)
    };
    let change = Change {
        base: Box::new(Memory::default()),
        head: Box::new(head()),
        policy: Box::new(head()),
        paths: Vec::new(),
        revisions: Revisions { head: Some(COMMIT.to_owned()), ..Revisions::default() },
    };
    let web = Web { server: "https://github.com".to_owned(), repository: "kubernetes/enhancements".to_owned() };
    let moment = Moment {
        commit: CommitId::from_hex(COMMIT).expect("it is a commit"),
        time: "2025-09-20T12:00Z".parse().expect("it is a time"),
        release: Milestone::new(1, 35),
        web: Some(&web),
    };
    let pages = render_tree(&change, moment).expect("the policy is sane");
    assert!(pages.len() > 8, "only {} pages", pages.len());
    for (path, text) in &pages {
        assert!(
            path.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/.-".contains(&byte)),
            "{path}"
        );
        if path.ends_with(".html") && is_new(text) {
            page(path, text, &pages);
        }
    }
    let feed = &pages["feed.atom"];
    for tag in feed.split('<').skip(1).map(|rest| rest.trim_start_matches('/')) {
        let name = tag.split(|letter: char| !letter.is_alphanumeric() && letter != '?').next().unwrap_or_default();
        let known = ["?xml", "feed", "title", "id", "link", "updated", "author", "name", "entry"];
        assert!(known.contains(&name), "{name} in the feed");
    }
});

/// True for a page that was not seen before. Most pages are the same for every input.
fn is_new(text: &str) -> bool {
    thread_local!(static SEEN: RefCell<HashSet<u64>> = RefCell::default());
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    SEEN.with_borrow_mut(|seen| seen.insert(hasher.finish()))
}

/// The text as a YAML string, so that it reaches the pages instead of being a syntax error.
fn quoted(text: &[u8]) -> String {
    serde_json::to_string(String::from_utf8_lossy(text).trim_end_matches('\n')).expect("it is text")
}

fn metadata(values: &[u8]) -> String {
    let mut lines = values.split(|byte| *byte == b'\n');
    let mut text = "kep-number: 1234\n".to_owned();
    for key in KEYS {
        let value = quoted(lines.next().unwrap_or_default());
        let is_list = ["authors", "reviewers", "approvers", "metrics", "participating-sigs"].contains(&key);
        text.push_str(&if is_list { format!("{key}: [{value}]\n") } else { format!("{key}: {value}\n") });
    }
    text.push_str("milestone:\n  alpha: v1.35\n");
    text
}

fn directory(slug: Option<&[u8]>) -> RepoPath {
    let slug = slug.map(<[u8]>::trim_ascii).filter(|slug| !slug.is_empty()).unwrap_or(b"quiet-hours");
    let slug: Vec<_> = slug.iter().map(|byte| if matches!(byte, 0 | b'/') { b'-' } else { *byte }).collect();
    RepoPath::from("keps/sig-node").join([b"1234-", slug.as_slice()].concat())
}

/// A page only has elements and attributes of the templates.
fn page(path: &str, text: &str, pages: &BTreeMap<String, String>) {
    let script = format!("<script>{FILTER}</script>");
    assert_eq!(text.matches(&script).count(), usize::from(path == "index.html"), "{path}");
    let text = text.replacen(&script, "", 1);
    for Ok(token) in Tokenizer::new(&text) {
        let tag = match token {
            Token::StartTag(tag) => tag,
            Token::Comment(_) | Token::Error(_) => panic!("{token:?} on {path}"),
            Token::EndTag(_) | Token::String(_) | Token::Doctype(_) => continue,
        };
        let element = String::from_utf8_lossy(&tag.name).into_owned();
        assert!(ELEMENTS.contains(&element.as_str()), "<{element}> on {path}");
        for (name, value) in &tag.attributes {
            let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
            let is_drawn = DRAWINGS.contains(&element.as_str()) && !name.starts_with("on") && !name.contains("href");
            assert!(is_drawn || ATTRIBUTES.contains(&&*name), "{name} of <{element}> on {path}");
            assert_ne!(name, "style", "on {path}");
            if name == "href" {
                link(path, &element, &value, pages);
            }
        }
    }
}

/// Links lead to the site or to GitHub, and resources are part of the site.
fn link(path: &str, element: &str, target: &str, pages: &BTreeMap<String, String>) {
    if target.starts_with("https://") && element == "a" {
        let known = ["https://github.com/kubernetes/enhancements/", "https://github.com/kepgate/kepgate/"];
        assert!(known.iter().any(|start| target.starts_with(start)), "{target} on {path}");
        return;
    }
    let target = target.split('#').next().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let target = match target.strip_prefix("../") {
        Some(target) => target.to_owned(),
        None if target.is_empty() => path.to_owned(),
        None if folder.is_empty() => target.to_owned(),
        None => format!("{folder}/{target}"),
    };
    assert!(pages.contains_key(&target), "{target} on {path}");
}
