//! `kepgate query` on the real tree, compared with a few lines that read the files as text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::corpus::clone;
use crate::support::{Run, kepgate, within_bounds};

/// A KEP as plain text, read without kepgate's own code.
struct Plain {
    dir: String,
    kep: String,
    prr_file: String,
}

/// The text after `key:` at the start of a line, without quotes and comments.
fn value(text: &str, key: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    unquoted(line.unwrap_or_default())
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''));
    match quote {
        Some(quote) => text[1..].split(quote).next().unwrap().to_owned(),
        None => text.split(" #").next().unwrap().trim().to_owned(),
    }
}

/// The entries below `key:`, or after it in brackets.
fn list(text: &str, key: &str) -> Vec<String> {
    let start = format!("{key}:");
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&start));
    let first = lines.next().unwrap_or_default();
    let entries: Vec<String> = match first.split_once('[') {
        Some((_, rest)) => rest.split(']').next().unwrap().split(',').map(unquoted).collect(),
        None => lines
            .take_while(|line| line.trim().is_empty() || line.starts_with([' ', '-', '#']))
            .filter_map(|line| line.trim().strip_prefix('-').map(unquoted))
            .collect(),
    };
    entries.into_iter().filter(|entry| !entry.is_empty()).collect()
}

impl Plain {
    fn value(&self, key: &str) -> String {
        value(&self.kep, key)
    }

    fn list(&self, key: &str) -> Vec<String> {
        list(&self.kep, key)
    }

    /// True if the list `key` names this person, ignoring `@` and case.
    fn has(&self, key: &str, handle: &str) -> bool {
        self.list(key).iter().any(|entry| entry.trim_start_matches('@').eq_ignore_ascii_case(handle))
    }

    /// The approver of the KEP's stage.
    fn approver(&self) -> String {
        let stage = self.value("stage");
        let mut lines = self.prr_file.lines().skip_while(|line| !line.starts_with(&format!("{stage}:")));
        if stage.is_empty() || lines.next().is_none() {
            return String::new();
        }
        let entry = lines.take_while(|line| line.starts_with([' ', '#']) || line.trim().is_empty());
        let approver = entry.map(str::trim).find_map(|line| line.strip_prefix("approver:").map(unquoted));
        approver.unwrap_or_default()
    }

    /// The minor version of `latest-milestone`; 0 if it is not a release.
    fn minor(&self) -> u32 {
        let latest = self.value("latest-milestone");
        let mut parts = latest.trim_start_matches('v').split('.');
        if parts.next() == Some("1") { parts.next().and_then(|minor| minor.parse().ok()).unwrap_or(0) } else { 0 }
    }

    fn is_gated(&self) -> bool {
        let passive = ["provisional", "deferred", "rejected", "withdrawn", "replaced"];
        self.minor() >= 21 && !passive.contains(&self.value("status").as_str())
    }
}

/// The KEPs at the head of the bundle.
fn tree() -> (&'static Path, Vec<Plain>) {
    let root = clone();
    let mut found = Vec::new();
    let mut folders = vec![root.join("keps")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() && !entry.ends_with("prod-readiness") {
                folders.push(entry);
            } else if entry.ends_with("kep.yaml") {
                found.push(folder.clone());
            }
        }
    }
    let templates = ["keps/NNNN-kep-template", "keps/sig-cloud-provider/providers/0000-cloud-provider-template"];
    found.retain(|folder| !templates.iter().any(|template| folder.ends_with(template)));
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let plain = |folder: PathBuf| {
        let dir = folder.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let kep = read(folder.join("kep.yaml"));
        let place = |sig: &str, number: &str| root.join(format!("keps/prod-readiness/{sig}/{number}.yaml"));
        let segments: Vec<_> = dir.split('/').collect();
        let (sig, number) = (segments[1], segments.last().unwrap().split('-').next().unwrap());
        let by_fields = read(place(&value(&kep, "owning-sig"), &value(&kep, "kep-number")));
        let prr_file = if by_fields.is_empty() { read(place(sig, number)) } else { by_fields };
        Plain { dir, kep, prr_file }
    };
    (root, found.into_iter().map(plain).collect())
}

fn query(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = kepgate(folder);
    within_bounds(command.arg("query").args(arguments))
}

/// The rows that `query` lists as JSON.
fn rows(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let run = query(folder, &[arguments, &["--output", "json"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str::<Value>(&run.stdout).unwrap().as_array().unwrap().clone()
}

/// The directories that `query` lists.
fn dirs(folder: &Path, arguments: &[&str]) -> BTreeSet<String> {
    let rows = rows(folder, &[arguments, &["--columns", "directory"]].concat());
    let dirs: BTreeSet<_> = rows.iter().map(|row| row["directory"].as_str().unwrap().to_owned()).collect();
    assert_eq!(dirs.len(), rows.len(), "no KEP is listed twice");
    dirs
}

/// Arguments, the minimum number of matching KEPs, and the same criterion in plain text.
type Criterion = (&'static [&'static str], usize, fn(&Plain) -> bool);

const CRITERIA: &[Criterion] = &[
    (&[], 500, |_| true),
    (&["--sig", ".*"], 500, |_| true),
    (&["--sig", "^sig-node$"], 100, |kep| kep.value("owning-sig") == "sig-node"),
    (&["--sig", "node,apps"], 100, |kep| ["sig-node", "sig-apps"].contains(&kep.value("owning-sig").as_str())),
    (&["--sig", "node", "--sig", "^sig-a"], 100, |kep| {
        let sig = kep.value("owning-sig");
        sig == "sig-node" || sig.starts_with("sig-a")
    }),
    (&["--status", "provisional"], 2, |kep| kep.value("status") == "provisional"),
    (&["--status", "implementable,implemented"], 100, |kep| {
        ["implementable", "implemented"].contains(&kep.value("status").as_str())
    }),
    (&["--status", "deferred", "--status", "withdrawn"], 2, |kep| {
        ["deferred", "withdrawn"].contains(&kep.value("status").as_str())
    }),
    (&["--stage", "beta"], 2, |kep| kep.value("stage") == "beta"),
    (&["--stage", "none"], 2, |kep| kep.value("stage").is_empty()),
    (&["--stage", "none,deprecated"], 2, |kep| ["", "deprecated"].contains(&kep.value("stage").as_str())),
    (&["--author", "@thockin"], 2, |kep| kep.has("authors", "thockin")),
    (&["--author", "THOCKIN"], 2, |kep| kep.has("authors", "thockin")),
    (&["--author", "liggitt,@Thockin"], 2, |kep| kep.has("authors", "thockin") || kep.has("authors", "liggitt")),
    (&["--approver", "dchen1107"], 2, |kep| kep.has("approvers", "dchen1107")),
    (&["--approver", "TBD"], 2, |kep| kep.has("approvers", "TBD")),
    (&["--participating-sig", "sig-auth"], 2, |kep| kep.has("participating-sigs", "sig-auth")),
    (&["--milestone", "v1.35"], 2, |kep| kep.minor() == 35),
    (&["--milestone", "1.34,v1.35.0"], 2, |kep| [34, 35].contains(&kep.minor())),
    (&["--milestone", "0.0"], 2, |kep| kep.value("latest-milestone") == "0.0"),
    (&["--number", "1287,#2400", "--number", "KEP-4639"], 2, |kep| {
        ["1287-", "2400-", "4639-"].iter().any(|number| kep.dir.contains(&format!("/{number}")))
    }),
    (&["--number", "752"], 1, |kep| kep.dir.contains("/0752-")),
    (&["--text", "TOPOLOGY"], 2, |kep| (kep.value("title") + &kep.dir).to_lowercase().contains("topology")),
    (&["--prr", "@johnbelamaric"], 2, |kep| kep.approver().trim_start_matches('@') == "johnbelamaric"),
    (&["--prr", "Wojtek-T,deads2k"], 100, |kep| {
        ["wojtek-t", "deads2k"].contains(&kep.approver().trim_start_matches('@'))
    }),
    (&["--sig", ".*", "--prr", "@johnbelamaric", "--status", "implementable,provisional"], 2, |kep| {
        kep.approver().trim_start_matches('@') == "johnbelamaric"
            && ["implementable", "provisional"].contains(&kep.value("status").as_str())
    }),
    (&["--sig", "node", "--stage", "alpha,beta", "--milestone", "v1.35", "--status", "implementable"], 2, |kep| {
        kep.value("owning-sig") == "sig-node"
            && ["alpha", "beta"].contains(&kep.value("stage").as_str())
            && kep.minor() == 35
            && kep.value("status") == "implementable"
    }),
    (&["--participating-sig", "sig-node", "--author", "liggitt", "--stage", "stable,beta,alpha"], 2, |kep| {
        kep.has("participating-sigs", "sig-node")
            && kep.has("authors", "liggitt")
            && ["alpha", "beta", "stable"].contains(&kep.value("stage").as_str())
    }),
];

#[test]
#[ignore = "needs ../shared/corpus"]
fn criteria_match_a_plain_text_search() {
    let (root, keps) = tree();
    assert_eq!(keps.len(), 619);
    for (arguments, at_least, is_meant) in CRITERIA {
        let expected: BTreeSet<_> = keps.iter().filter(|kep| is_meant(kep)).map(|kep| kep.dir.clone()).collect();
        assert!(expected.len() >= *at_least, "{arguments:?} is met by {} only", expected.len());
        let found = dirs(root, arguments);
        let differ: Vec<_> = found.symmetric_difference(&expected).collect();
        assert!(differ.is_empty(), "{arguments:?}: {differ:?}");
    }
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn approver_load_adds_up_to_the_gated_keps() {
    let (root, keps) = tree();
    let gated: BTreeSet<_> = keps.iter().filter(|kep| kep.is_gated()).map(|kep| kep.dir.clone()).collect();
    let fold = |kep: &Plain| kep.approver().trim_start_matches('@').to_lowercase();
    let approvers: BTreeSet<_> = keps.iter().map(fold).filter(|approver| !approver.is_empty()).collect();
    let mut counts = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for approver in &approvers {
        let theirs: BTreeSet<_> = dirs(root, &["--prr", approver]).intersection(&gated).cloned().collect();
        counts.insert(approver.clone(), theirs.len());
        shared.extend(theirs);
    }
    let nobodys = dirs(root, &["--needs-prr"]);
    assert_eq!(counts.values().sum::<usize>() + nobodys.len(), gated.len(), "{counts:?}");
    shared.extend(nobodys);
    assert_eq!(shared.symmetric_difference(&gated).collect::<Vec<_>>(), Vec::<&String>::new());
    // The load of each approver is the length of their list without closed KEPs.
    let statuses = ["implemented", "deferred", "rejected", "withdrawn", "replaced"];
    let closed = keps.iter().filter(|kep| statuses.contains(&kep.value("status").as_str()));
    let closed: BTreeSet<_> = closed.map(|kep| kep.dir.clone()).collect();
    let loads = rows(root, &["--by", "approver"]);
    for load in &loads {
        let Some(approver) = load["approver"].as_str() else { continue };
        let theirs = dirs(root, &["--prr", approver]);
        assert_eq!(load["keps"], theirs.difference(&closed).count(), "{approver}");
    }
    let order: Vec<_> = loads.iter().map(|load| load["keps"].as_u64().unwrap()).collect();
    let current = &order[..6];
    assert!(current.is_sorted(), "active approvers come first, with the lowest load first: {order:?}");
}

/// Parses CSV as RFC 4180 defines it.
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut is_quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(std::mem::take(&mut field)),
            '\r' if !is_quoted && characters.peek() == Some(&'\n') => {
                characters.next();
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    assert!(row.is_empty() && field.is_empty() && !is_quoted);
    rows
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn csv_and_yaml_have_the_values_of_json() {
    let (root, _) = tree();
    let columns = "kep-number,title,authors,last-updated,link,prr-approver";
    let json = rows(root, &["--columns", columns]);
    let read = csv(&query(root, &["--columns", columns, "--output", "csv"]).stdout);
    assert_eq!(read[0], ["KEP", "Title", "Authors", "Updated", "Link", "PRR approver"]);
    assert_eq!(read.len(), json.len() + 1);
    let yaml = query(root, &["--columns", columns, "--output", "yaml"]).stdout;
    assert_eq!(serde_yaml::from_str::<Vec<Value>>(&yaml).unwrap(), json);
    for (row, object) in read[1..].iter().zip(&json) {
        for (index, key) in columns.split(',').enumerate() {
            let plain = match &object[key] {
                Value::Null => String::new(),
                Value::Array(list) => list.iter().map(|it| it.as_str().unwrap()).collect::<Vec<_>>().join(", "),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let guard = if plain.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
            assert_eq!(row[index], format!("{guard}{plain}"));
        }
    }
}
