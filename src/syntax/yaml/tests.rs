use super::messages::Reader;
use super::{Document, FaultKind, NodeKind, messages, read, read_without_fences};
use crate::text::Span;

/// The faults as (text of the span, kind).
fn faults<'a>(text: &'a str, document: &'a Document) -> Vec<(Option<&'a str>, &'a FaultKind)> {
    document.faults.iter().map(|fault| (fault.span.map(|span| &text[span]), &fault.kind)).collect()
}

fn keys<'a>(text: &'a str, document: &Document) -> Vec<&'a str> {
    document.entries.iter().map(|(key, _)| &text[key.span]).collect()
}

fn value_text<'a>(text: &'a str, document: &Document, wanted: &str) -> &'a str {
    let (_, value) = document.entries.iter().find(|(key, _)| &text[key.span] == wanted).unwrap();
    &text[value.span]
}

#[test]
fn every_value_knows_its_exact_text() {
    let text = "title: Zoë's \"KEP\"  # c\nauthors:\n- \"@a\"\n-   '@b'\n\nmilestone:\n  alpha: \"v1.2\"\n  beta:\n# end\nmetrics: [a, b]\nempty:\nquote: 'it''s'\nblock: |\n  one\n  two\nlast: x";
    let document = read(text);
    assert!(document.faults.is_empty(), "{:?}", document.faults);
    assert_eq!(value_text(text, &document, "title"), "Zoë's \"KEP\"");
    assert_eq!(value_text(text, &document, "authors"), "- \"@a\"\n-   '@b'");
    assert_eq!(value_text(text, &document, "milestone"), "alpha: \"v1.2\"\n  beta");
    assert_eq!(value_text(text, &document, "metrics"), "[a, b]");
    assert_eq!(value_text(text, &document, "empty"), "");
    assert_eq!(value_text(text, &document, "quote"), "'it''s'");
    assert_eq!(value_text(text, &document, "block"), "one\n  two");
    assert_eq!(value_text(text, &document, "last"), "x");
    let (_, quote) = &document.entries[5];
    assert!(matches!(&quote.kind, NodeKind::Scalar { text, .. } if text == "it's"));
}

#[test]
fn comments_are_kept_with_their_place() {
    let text = "# above\napprovers:\n  - \"@a\" # sig-node-assigned-approver\n";
    let document = read(text);
    let comments: Vec<_> = document.comments.iter().map(|c| (&text[c.span], c.text.as_str(), c.trailing)).collect();
    assert_eq!(
        comments,
        [("# above", "above", false), ("# sig-node-assigned-approver", "sig-node-assigned-approver", true)]
    );
}

#[test]
fn a_list_after_a_hundred_comment_lines_parses() {
    let text = format!("authors:\n{}- \"@a\"\n", "# one more\n".repeat(300));
    assert!(read(&text).faults.is_empty());
}

#[test]
fn one_broken_line_does_not_hide_the_rest() {
    let text = "title: x\nauthors:\n  - @one\n  - \"@two\"\n  - @three # lead\nstatus: implementable\nstage:beta\nlatest-milestone: \"v1.36\"\n";
    let document = read(text);
    assert_eq!(keys(text, &document), ["title", "status", "latest-milestone"]);
    let broken: Vec<_> = document.broken.iter().map(|key| (&text[key.span], key.value.as_str())).collect();
    assert_eq!(broken, [("authors", "authors"), ("stage", "stage")]);
    assert_eq!(
        faults(text, &document),
        [
            (Some("@one"), &FaultKind::BareHandle { whole: true }),
            (Some("@three"), &FaultKind::BareHandle { whole: true }),
            (Some("stage:beta"), &FaultKind::MissingSpace),
        ]
    );
}

#[test]
fn what_authors_really_do_is_named() {
    for (text, span, kind) in [
        ("a: 1\nreviewers: [\"@x\", \"@y\"\nb: 2\n", "[", FaultKind::Unclosed('[')),
        ("a: 1\ntitle: One: two\nb: 2\n", ":", FaultKind::SecondColon),
        ("a: 1\ntitle: \"half\nb: 2\n", "\"", FaultKind::Unclosed('"')),
        ("a: 1\nauthors:\n- \"@x\n- \"@y\nb: 2\n", "\"", FaultKind::Unclosed('"')),
        ("a: 1\nmilestone:\n\talpha: v1.30\nb: 2\n", "\t", FaultKind::Tab),
        ("a: 1\nauthors: [@x-y]\nb: 2\n", "@x-y", FaultKind::BareHandle { whole: true }),
        ("a: 1\nauthors:\n- @x\" # lead\nb: 2\n", "@x\"", FaultKind::BareHandle { whole: true }),
        ("a: 1\nauthors:\n- @x (lead)\nb: 2\n", "@x (lead)", FaultKind::BareHandle { whole: false }),
        ("a: *b\n", "*b", FaultKind::Alias),
    ] {
        let document = read(text);
        assert_eq!(faults(text, &document), [(Some(span), &kind)], "{text:?}");
    }
}

#[test]
fn the_place_of_a_fault_never_cuts_a_character() {
    for text in [
        "a: \"b\u{a0}c\"\u{a0}\n",
        "a: 1\nb: [\u{a0}\n",
        "\u{a0}:\u{a0}x: y\n",
        "é: é: é\n",
        "a:\u{a0}\u{a0}: b: c\n",
        "\u{3000}[\u{3000}\n",
    ] {
        for fault in read(text).faults {
            let span = fault.span.unwrap_or_default();
            assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{text:?} {fault:?}");
        }
    }
}

#[test]
fn a_key_twice_is_reported_at_the_second_and_names_the_first() {
    let text = "stage: alpha\nmilestone:\n  beta: a\n  beta: b\nstage: beta\n";
    let document = read(text);
    assert_eq!(
        faults(text, &document),
        [
            (Some("beta"), &FaultKind::DuplicateKey { key: "beta".to_owned(), first: Span::new(26, 30) }),
            (Some("stage"), &FaultKind::DuplicateKey { key: "stage".to_owned(), first: Span::new(0, 5) }),
        ]
    );
}

#[test]
fn markers_that_lose_nothing_are_harmless() {
    for text in [
        "---\na: 1\n---\n",
        "---\na: 1\n",
        "--- \r\na: 1\r\n---\r\n\r\n",
        "# Comment\n\n---\na: 1\n",
        "\n---\na: 1\n---\n",
    ] {
        let document = read(text);
        assert!(document.faults.is_empty(), "{text:?}: {:?}", document.faults);
        assert_eq!(keys(text, &document), ["a"]);
    }
}

#[test]
fn markers_that_lose_text_are_reported() {
    for (text, span) in [
        ("a: 1\n---\nb: 2\n", "---"),
        ("a: 1\n# ---- b\nb: 2\n", "---"),
        ("a: x --- y\nb: 2\n", "---"),
        ("---\na: 1\n---\n# Body\n\ntext\n", "---"),
        // Upstream drops everything above the marker.
        ("a: 1\n---\n", "---"),
        ("a: 1\n---", "---"),
        ("a: 1\n...\n---\n", "---"),
        ("# c\na: 1\n--- \n\n", "---"),
        ("--- # c\na: 1\n", "---"),
    ] {
        let document = read(text);
        assert_eq!(faults(text, &document), [(Some(span), &FaultKind::Marker)], "{text:?}");
        assert!(document.readable);
    }
    let text = "# ---\na: 1\n---\n";
    assert_eq!(faults(text, &read(text)).len(), 2, "a first marker with other text does not open a front matter");
    let text = "---\n---\na: 1\n";
    assert!(read(text).faults.iter().any(|fault| fault.kind == FaultKind::Marker));
    let text = "a: 1\n...\nb: 2\n";
    assert_eq!(faults(text, &read(text)), [(Some("b: 2"), &FaultKind::SecondDocument)]);
}

#[test]
fn without_fences_only_a_second_document_is_lost() {
    for text in ["# --- c\na: 1\n", "a: x --- y\n", "---\na: 1\n", "a: 1\n---\n", "# c\n---\na: 1\n...\n"] {
        let document = read_without_fences(text);
        assert!(document.faults.is_empty(), "{text:?}: {:?}", document.faults);
    }
    let text = "a: 1\n---\nb: 2\n";
    assert_eq!(faults(text, &read_without_fences(text)), [(Some("b: 2"), &FaultKind::SecondDocument)]);
}

#[test]
fn what_follows_from_a_tab_is_not_reported() {
    for text in ["a:\n  - x\n\tb: y\nc: z\n", "a:\n\tb: x\n  c: y\nd: z\n"] {
        assert_eq!(faults(text, &read(text)), [(Some("\t"), &FaultKind::Tab)], "{text:?}");
    }
    let text = "a:\n\tb: x\nc: [\n";
    assert_eq!(read(text).faults.len(), 2, "another entry has a mistake of its own");
}

#[test]
fn tabs_after_indicators_are_reported() {
    for text in [
        "a:\n- \tx\n",
        "a:\n-\t\"@bob\"\n",
        "a:\n  -\tb: c\n",
        "a:\n- -\tx\n",
        "?\ta\n: b\n",
        "? a\n:\tb\n",
        "a:\n-\t\n  x\n",
        "a:\n-\t# c\n  x\n",
        "b: |\n  x\n?\ta\n: b\n",
    ] {
        assert_eq!(faults(text, &read(text)), [(Some("\t"), &FaultKind::Tab)], "{text:?}");
    }
    for text in [
        "a:\tb\n",
        "a: \t\"b\"\n",
        "\"a\"\t: b\n",
        "a: [\tb,\tc]\n",
        "a: {b:\tc}\n",
        "a: |-\t\n  -\tx\n",
        "a: b # -\tc\n",
        "a: \"-\tb\"\n",
        "a: b -\tc\n",
        "a:\t\n  b: c\n",
    ] {
        let document = read(text);
        assert!(document.faults.is_empty(), "{text:?}: {:?}", document.faults);
    }
}

#[test]
fn what_upstreams_parser_refuses_in_flow_collections_is_reported() {
    for (text, span, kind) in [
        ("a: [what?]\n", "what?", FaultKind::FlowQuestionMark),
        ("a: [https://x/y?q=1, b]\n", "https://x/y?q=1", FaultKind::FlowQuestionMark),
        ("a: [?x]\n", "?x", FaultKind::FlowQuestionMark),
        ("a: {b: [c?d]}\n", "c?d", FaultKind::FlowQuestionMark),
        ("a: [:b]\n", ":", FaultKind::FlowColon),
        ("a: [b, :c]\n", ":", FaultKind::FlowColon),
        ("a: {alpha:}\n", "", FaultKind::FlowColon),
        ("a: {alpha:, beta: x}\n", "", FaultKind::FlowColon),
        ("a: [b:]\n", "", FaultKind::FlowColon),
        ("a: {b\n  : c}\n", "", FaultKind::KeyOnOtherLine),
        ("a: {\"b\"\n  : c}\n", "", FaultKind::KeyOnOtherLine),
        ("a: {b\n  c: d}\n", "", FaultKind::KeyOnOtherLine),
    ] {
        let document = read(text);
        assert!(faults(text, &document).iter().any(|(_, found)| **found == kind), "{text:?}: {:?}", document.faults);
        let found = document.faults.iter().find(|fault| fault.kind == kind).unwrap().span.unwrap();
        assert!(span.is_empty() || &text[found] == span, "{text:?}: {:?}", &text[found]);
    }
    for text in [
        "a: [\"what?\", 'b?', c]\n",
        "a: what?\n",
        "a: https://x/y?q=1\n",
        "a: [https://x/y, b:c]\n",
        "a: {alpha: x, \"beta\":y}\n",
        "a: {\n  b: c\n}\n",
        "a: :b\n",
        "? a?\n: b\n",
    ] {
        let document = read(text);
        assert!(document.faults.is_empty(), "{text:?}: {:?}", document.faults);
    }
}

#[test]
fn tags_anchors_escapes_and_ends_that_upstreams_parser_refuses_are_reported() {
    for (text, span, kind) in [
        ("!!int a: b\n", "a", FaultKind::TaggedKey),
        ("a:\n  !x b: c\n", "b", FaultKind::TaggedKey),
        ("a: {!!str b: c}\n", "b", FaultKind::TaggedKey),
        ("a: &a.b c\n", "&a.b", FaultKind::Anchor),
        ("a: &é c\n", "&é", FaultKind::Anchor),
        ("a: &\"@bob\"\n", "&\"@bob\"", FaultKind::Anchor),
        ("a: &b: bob\n", "&b:", FaultKind::Anchor),
        ("a: [&b.c d]\n", "&b.c", FaultKind::Anchor),
        ("...\na: b\n", "...", FaultKind::LeadingDocumentEnd),
        ("# c\n...\na: b\n", "...", FaultKind::LeadingDocumentEnd),
        ("a: \"b\\/c\"\n", "\\/", FaultKind::Escape('/')),
        ("a: [\"b\", \"\\\\\\/\"]\n", "\\/", FaultKind::Escape('/')),
        ("a: \"b \\ud83d\\uDE00 c\"\n", "\\ud83d\\uDE00", FaultKind::SurrogatePair),
        ("a: \"it\\'s\"\n", "\\'", FaultKind::Escape('\'')),
        ("a: \"\\d+\"\n", "\\d", FaultKind::Escape('d')),
    ] {
        let document = read(text);
        assert_eq!(faults(text, &document), [(Some(span), &kind)], "{text:?}");
    }
    for text in ["a: &b c\n", "a: &b-1_C c\n", "&a b: c\n", "a: \"b\\\\/c\"\n", "a: 'b\\/c'\n", "a: b\\/c\n"] {
        let document = read(text);
        assert!(document.faults.is_empty(), "{text:?}: {:?}", document.faults);
    }
    for text in ["a: [!!str]\n", "a: [!!str, b]\n", "a: [!b]\n", "a: {b: !c}\n"] {
        let document = read(text);
        assert!(!document.faults.is_empty(), "{text:?}");
    }
}

#[test]
fn a_merge_key_is_one_fault() {
    let text = "<<: *x\nb: 1\nc:\n  <<: [*x, *y]\n  d: 1\n";
    let document = read(text);
    let expected = [(Some("<<: *x"), &FaultKind::MergeKey), (Some("<<: [*x, *y]"), &FaultKind::MergeKey)];
    assert_eq!(faults(text, &document), expected);
    let text = "\"<<\": x\n";
    assert!(read(text).faults.is_empty(), "in quotes it is a key like any other");
}

#[test]
fn every_message_and_help_is_a_line() {
    let kinds = [
        FaultKind::MergeKey,
        FaultKind::TaggedKey,
        FaultKind::TagEnd,
        FaultKind::Anchor,
        FaultKind::LeadingDocumentEnd,
        FaultKind::Escape('/'),
        FaultKind::Escape('\''),
        FaultKind::Escape('d'),
        FaultKind::SurrogatePair,
        FaultKind::Reserved('`'),
        FaultKind::Conflict,
        FaultKind::FlowQuestionMark,
        FaultKind::FlowColon,
        FaultKind::KeyOnOtherLine,
    ];
    for kind in kinds {
        let (message, help) = messages::syntax(&kind, Reader::Upstream).unwrap();
        assert!(!message.is_empty() && !help.is_empty() && !message.ends_with('.'), "{message}");
    }
    let (message, help) = messages::syntax(&FaultKind::Escape('d'), Reader::Upstream).unwrap();
    assert_eq!(
        (message.as_str(), help.as_str()),
        (r"`\d` is not an escape in double quotes", r"write the backslash twice: `\\`")
    );
}

#[test]
fn a_file_that_is_no_mapping_says_so() {
    assert_eq!(faults("", &read("")), [(None, &FaultKind::Empty)]);
    assert_eq!(faults("# c\n", &read("# c\n")), [(None, &FaultKind::Empty)]);
    assert_eq!(faults("- a\n", &read("- a\n")), [(None, &FaultKind::NotAMapping { found: "a list" })]);
}

#[test]
fn invisible_line_separators_and_controls_are_refused_before_parsing() {
    for character in ['\u{85}', '\u{2028}', '\u{2029}', '\0', '\u{7f}', '\u{feff}', '\u{1b}'] {
        let text = format!("a: b{character}c: d\n");
        assert_eq!(
            faults(&text, &read(&text)),
            [(Some(character.to_string().as_str()), &FaultKind::Character(character))]
        );
    }
    assert_eq!(faults("a: b\rc: d\n", &read("a: b\rc: d\n")), [(Some("\r"), &FaultKind::Character('\r'))]);
    assert!(read("a: b\r\nc: d\r\n").faults.is_empty());
}

#[test]
fn depth_and_line_length_are_bounded() {
    for text in ["[".repeat(100_000), "- ".repeat(100_000), format!("a: {}", "{a: ".repeat(10_000))] {
        let document = read(&text);
        assert!(!document.faults.is_empty());
    }
    let text = format!("a: {}\n", "x".repeat(70_000));
    assert_eq!(read(&text).faults[0].kind, FaultKind::LongLine(70_003));
}

#[test]
fn entries_after_more_faults_than_values_are_allowed_are_still_present() {
    let text = format!("{}status: implementable\n", "\"\n".repeat(super::MAX_VALUES + 10));
    let document = read(&text);
    let keys: Vec<_> = document.broken.iter().map(|key| key.value.as_str()).collect();
    assert_eq!((keys, document.readable), (vec!["status"], true));
    assert_eq!(document.faults.len(), super::islands::MAX_FAULTS);
}

#[test]
fn a_merge_conflict_is_one_fault() {
    let text = "title: a\n<<<<<<< HEAD\nstage: alpha\n=======\nstage: beta\n>>>>>>> other\n";
    let document = read(text);
    assert_eq!(faults(text, &document), [(Some("<<<<<<< HEAD"), &FaultKind::Conflict)]);
    assert!(document.has_conflict);
    // A marker that is left over does not explain what else is wrong.
    let text = "<<<<<<< HEAD\ntitle: a\ntitle: b\n";
    let document = read(text);
    assert!(document.has_conflict && document.faults.iter().all(|fault| fault.kind != FaultKind::Conflict));
}

#[test]
fn a_value_that_begins_with_a_reserved_character_is_named() {
    for (text, span, character) in [("title: %foo\n", "%foo", '%'), ("title: `a` b\n", "`a`", '`')] {
        assert_eq!(faults(text, &read(text)), [(Some(span), &FaultKind::Reserved(character))]);
    }
}
