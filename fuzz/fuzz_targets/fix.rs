//! Each fix, applied on its own, removes its finding and changes nothing but the place that it names.
//!
//! An input is a kep.yaml and, after a line `%%`, its production-readiness file. A fix may cause other findings; this
//! is not tested here, because `--fix` detects and reverts it.
#![no_main]

use std::collections::BTreeMap;

use kepgate::check::resolved::{ResolvedEdit, ResolvedFinding};
use kepgate::check::result::Report;
use kepgate::source::memory::Memory;
use kepgate::syntax::yaml::{Document, FaultKind, Node, NodeKind, read};
use kepgate::text::Side;
use kepgate_fuzz::{KEP, PRR_FILE, judge, parts, target_branch};
use libfuzzer_sys::fuzz_target;

/// The files that can be fixed: path and bytes.
type Tree = BTreeMap<String, Vec<u8>>;
/// What identifies a finding: rule, path, field, value and message, since two syntax errors can have the same value.
type Key = (&'static str, String, String, String, String);

fuzz_target!(|bytes: &[u8]| {
    let [kep, prr_file] = parts(bytes);
    let mut tree = Tree::from([(KEP.to_owned(), kep.unwrap_or_default().to_vec())]);
    tree.extend(prr_file.map(|prr_file| (PRR_FILE.to_owned(), prr_file.to_vec())));
    let report = checked(&tree);
    let before = keys(&report);
    for triaged in report.findings() {
        let Some(mended) = mended(&triaged.finding, &tree) else { continue };
        let key = key(&triaged.finding);
        stays_put(&tree, &mended, &key);
        again(&key, before[&key], mended);
    }
});

/// The fix removes its finding. If the same finding occurs several times, fixing one after the other removes them all.
fn again(key: &Key, mut count: usize, mut tree: Tree) {
    loop {
        let report = checked(&tree);
        let left = keys(&report).get(key).copied().unwrap_or_default();
        assert!(left < count, "{key:?} stood {count} times, and {left} times when mended in {}", shown(&tree));
        count = left;
        let mut same = report.findings().iter().map(|triaged| &triaged.finding).filter(|it| self::key(it) == *key);
        let Some(next) = same.find_map(|finding| mended(finding, &tree)) else { return };
        tree = next;
    }
}

/// A valid file stays valid, and only one word or entry of it changes. (Fixing the syntax may reveal more of the file.)
fn stays_put(before: &Tree, after: &Tree, key: &Key) {
    assert_ne!(before, after, "{key:?}: nothing was mended");
    for (path, old) in before {
        let [Some(old), Some(new)] = [old, &after[path]].map(|bytes| text(bytes)) else { continue };
        if old == new || key.0 == "yaml-syntax" {
            continue;
        }
        let [was, is] = [read(old), read(new)];
        let [was_broken, is_broken] = [&was, &is].map(breaks);
        assert!(is_broken <= was_broken, "{key:?}: {:?} became {:?} in {}", was.faults, is.faults, shown(after));
        if was_broken == 0 {
            let [was, is] = [&was, &is].map(words);
            let same = was.iter().zip(&is).take_while(|(was, is)| was == is).count();
            let rest = was[same..].iter().rev().zip(is[same..].iter().rev()).take_while(|(was, is)| was == is).count();
            // One word was replaced, or one entry was added.
            let edit = [&was, &is].map(|words| words.len() - same - rest);
            assert!(matches!(edit, [1, 1] | [0, 2]), "{key:?}: {was:?} became {is:?} in {}", shown(after));
        }
    }
}

/// The number of faults because of which a file is not read completely.
fn breaks(document: &Document) -> usize {
    let is_break = |kind: &FaultKind| !matches!(kind, FaultKind::DuplicateKey { .. } | FaultKind::Marker);
    document.faults.iter().filter(|fault| is_break(&fault.kind)).count()
}

/// All keys and values, in order.
fn words(document: &Document) -> Vec<String> {
    let mut words = Vec::new();
    for (key, value) in &document.entries {
        add(key, &mut words);
        add(value, &mut words);
    }
    words
}

fn add(node: &Node, words: &mut Vec<String>) {
    match &node.kind {
        NodeKind::Scalar { text, .. } => words.push(text.clone()),
        NodeKind::Alias => words.push("*".to_owned()),
        NodeKind::Sequence(items) => items.iter().for_each(|item| add(item, words)),
        NodeKind::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            add(key, words);
            add(value, words);
        }),
    }
}

fn checked(tree: &Tree) -> Report {
    let head = tree.iter().fold(target_branch(), |head: Memory, (path, bytes)| head.file(path.as_str(), bytes.clone()));
    judge(target_branch(), head, false, false)
}

/// The tree with the fix of `finding` applied; `None` without a fix, or if the fix adds a file.
fn mended(finding: &ResolvedFinding, tree: &Tree) -> Option<Tree> {
    if finding.fix.is_empty() {
        return None;
    }
    let mut tree = tree.clone();
    let mut edits = Vec::new();
    for edit in &finding.fix {
        let ResolvedEdit::Replace(edit) = edit else { return None };
        assert_eq!(edit.place.side, Side::Head, "a fix of what is not the change's");
        let range = edit.region.start.byte..edit.region.end.byte;
        edits.push((edit.place.path.to_string(), range, &edit.new));
    }
    // From the end, so that earlier offsets stay valid.
    edits.sort_by_key(|(path, range, _)| std::cmp::Reverse((path.clone(), range.start, range.end)));
    for (path, range, text) in edits {
        let bytes = tree.get_mut(&path).expect("a fix of a file that is there");
        bytes.splice(range, text.bytes());
    }
    Some(tree)
}

fn keys(report: &Report) -> BTreeMap<Key, usize> {
    let mut keys = BTreeMap::new();
    for triaged in report.findings() {
        *keys.entry(key(&triaged.finding)).or_default() += 1;
    }
    keys
}

fn key(finding: &ResolvedFinding) -> Key {
    let path = finding.place.path.to_string();
    (finding.rule.id, path, finding.route.clone(), finding.value.clone(), finding.message.clone())
}

fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn shown(tree: &Tree) -> String {
    tree.iter().map(|(path, bytes)| format!("\n== {path}\n{}", String::from_utf8_lossy(bytes))).collect()
}
