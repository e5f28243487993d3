//! Shared by the fuzz targets: a made-up repository, checks of it in memory, and assertions about spans.

use std::time::Instant;

use kepgate::check::result::Report;
use kepgate::check::{Settings, check};
use kepgate::kep::fault;
use kepgate::project::Web;
use kepgate::source::memory::Memory;
use kepgate::source::{Change, Revisions, diff};
use kepgate::syntax::yaml::{Document, Fault, FaultKind, Node, NodeKind};
use kepgate::text::Span;

/// The line that separates the files of one input.
pub const SEPARATOR: &[u8] = b"\n%%\n";

/// The approvers and groups of the target branch.
pub const ALIASES: &str = "aliases:\n  sig-node-tech-leads:\n    - odile-varga\n  prod-readiness-approvers:\n    - hedda-rusk\n    - quillon-b\n    - Yuna-Feld\n  prod-readiness-approvers-emeritus:\n    - petra-solm\n";

/// The path of the KEP's metadata, unless the input names another directory.
pub const KEP: &str = "keps/sig-node/1234-quiet-hours/kep.yaml";
/// The path of its production-readiness file.
pub const PRR_FILE: &str = "keps/prod-readiness/sig-node/1234.yaml";
/// The commit that the reports link to.
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The files of one input; `None` for those that it does not have.
pub fn parts<const N: usize>(bytes: &[u8]) -> [Option<&[u8]>; N] {
    let mut rest = Some(bytes);
    std::array::from_fn(|index| {
        let bytes = rest?;
        let at = bytes.windows(SEPARATOR.len()).position(|window| window == SEPARATOR);
        match at {
            // The last file is the rest of the input.
            Some(at) if index + 1 < N => {
                rest = Some(&bytes[at + SEPARATOR.len()..]);
                Some(&bytes[..at + 1])
            }
            _ => rest.take(),
        }
    })
}

/// The target branch: aliases, a README, and two folders so that `sig-unknown` knows their SIGs.
pub fn target_branch() -> Memory {
    Memory::default()
        .file("OWNERS_ALIASES", ALIASES)
        .file("keps/sig-apps/1-other/kep.yaml", "title: Other\nkep-number: 1\n")
        .file("keps/sig-node/7-other/kep.yaml", "title: Other\nkep-number: 7\n")
        .file("keps/sig-node/1234-quiet-hours/README.md", "# KEP-1234\n")
}

/// Checks the change from `base` to `head`, under the policy of the target branch.
pub fn judge(base: Memory, head: Memory, strict: bool, all: bool) -> Report {
    let paths = diff(&base, &head).expect("trees in memory can be compared");
    let commit = || Some(COMMIT.to_owned());
    let revisions =
        Revisions { base: commit(), base_name: None, merge_base: commit(), head: commit(), policy: commit() };
    let change =
        Change { base: Box::new(base), head: Box::new(head), policy: Box::new(target_branch()), paths, revisions };
    let web = Web { server: "https://github.com".to_owned(), repository: "kubernetes/enhancements".to_owned() };
    let mut settings = Settings { strict, web: Some(web), ..Settings::default() };
    settings.scope.all = all;
    check(&change, &settings, Instant::now())
}

/// Asserts that `span` lies within `text`, on character boundaries.
#[track_caller]
pub fn holds(text: &str, span: Span, what: &str) {
    assert!(
        span.start <= span.end && text.get(span.range()).is_some(),
        "{what}: {span:?} is no stretch of {} bytes of text",
        text.len()
    );
}

/// Asserts what is true of every tree that was read from `text`.
pub fn document(text: &str, document: &Document) {
    for (key, value) in &document.entries {
        entry(text, key, value);
    }
    assert!(document.readable || document.entries.is_empty(), "entries of what is not readable");
    for key in &document.broken {
        holds(text, key.span, "a broken key");
        assert_eq!(text[key.span].trim().trim_matches(['"', '\'']), key.value, "a broken key");
    }
    for comment in &document.comments {
        holds(text, comment.span, "a comment");
        let written = text[comment.span].strip_prefix('#').expect("a comment begins with #");
        assert_eq!(written.trim(), comment.text, "a comment");
    }
    for fault in &document.faults {
        self::fault(text, fault);
    }
    assert!(document.faults.is_sorted_by_key(|fault| fault.span), "faults stand in order");
}

fn fault(text: &str, fault: &Fault) {
    let Some(span) = fault.span else { return };
    holds(text, span, &format!("{:?}", fault.kind));
    let written = &text[span];
    match &fault.kind {
        FaultKind::Character(character) | FaultKind::Unclosed(character) => {
            assert_eq!(written, character.to_string(), "{:?}", fault.kind);
        }
        FaultKind::BareHandle { .. } => assert!(written.starts_with('@'), "{:?} at {written:?}", fault.kind),
        FaultKind::Tab => assert!(!written.is_empty() && written.bytes().all(|byte| byte == b'\t'), "{written:?}"),
        FaultKind::Marker => assert_eq!(written, "---"),
        FaultKind::DuplicateKey { first, .. } => {
            holds(text, *first, "the first of two keys");
            assert!(*first < span, "the first of two keys comes first");
        }
        _ => {}
    }
}

fn entry(text: &str, key: &Node, value: &Node) {
    node(text, key);
    node(text, value);
    assert!(key.span.end <= value.span.start, "a value {:?} before the end of its key {:?}", value.span, key.span);
}

fn node(text: &str, node: &Node) {
    holds(text, node.span, node.what());
    match &node.kind {
        NodeKind::Scalar { text: value, plain: true } if !text[node.span].contains('\n') => {
            // YAML's white space only: a no-break space is part of the value.
            assert_eq!(text[node.span].trim_matches([' ', '\t', '\r']), value, "a plain scalar stands as written");
        }
        NodeKind::Scalar { .. } | NodeKind::Alias => {}
        NodeKind::Sequence(items) => {
            for item in items {
                self::node(text, item);
                within(node, item);
            }
        }
        NodeKind::Mapping(entries) => {
            for (key, value) in entries {
                entry(text, key, value);
                within(node, key);
                within(node, value);
            }
        }
    }
}

fn within(outer: &Node, inner: &Node) {
    let holds = outer.span.start <= inner.span.start && inner.span.end <= outer.span.end;
    assert!(holds || inner.span.is_empty(), "{:?} is not within {:?}", inner.span, outer.span);
}

/// Asserts that the faults of a document point into its text.
pub fn faults(text: &str, faults: &[fault::Fault]) {
    for fault in faults {
        if let Some(span) = fault.span {
            holds(text, span, &fault.route);
        }
        if let fault::FaultKind::Yaml(FaultKind::DuplicateKey { first, .. }) = &fault.kind {
            holds(text, *first, "the first of two keys");
        }
    }
}
