//! Escaping for every output format: any input comes out as plain text.
#![no_main]

use kepgate::escape::{
    VisibleSource, command_data, command_property, csv_text, is_unsafe, json_text, log_lines, one_line, quoted,
    sarif_message, terminal, url_path, xml_document, xml_text,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    commands(text);
    log(text);
    data(text);
    source(text);
    url(text);
    assert!(!sarif_message(text).contains("]("));
    xml(text);
});

/// Unescaping as the runner does gives the visible text, and no escaped text ends its line or its property.
fn commands(text: &str) {
    let data = command_data(text);
    visible(&data, &['\t']);
    assert_eq!(data.replace("%0A", "\n").replace("%25", "%"), terminal(text));
    let property = command_property(text);
    visible(&property, &[]);
    assert!(!property.contains([':', ',']), "{property:?}");
    let read = property.replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
    assert_eq!(read, one_line(text));
}

fn visible(text: &str, kept: &[char]) {
    let found = text.chars().find(|character| is_unsafe(*character) && !kept.contains(character));
    assert_eq!(found, None, "{text:?}");
}

fn log(text: &str) {
    let lines = log_lines(text);
    for line in lines.split(['\n', '\r']) {
        assert!(!line.trim().starts_with("::"), "{line:?}");
        assert!(!line.contains("##["), "{line:?}");
    }
    assert_eq!(lines.matches('\n').count(), text.matches('\n').count(), "lines stay lines");
    for safe in [&lines, &terminal(text)] {
        visible(safe, &['\n', '\t']);
    }
    visible(&one_line(text), &[]);
}

/// Other programs can parse the escaped text.
fn data(text: &str) {
    let json = serde_json::to_string(text).expect("text is JSON");
    let json = json_text(&json);
    visible(&json, &['\n']);
    assert_eq!(serde_json::from_str::<String>(&json).expect("valid JSON"), text);
    for scalar in [csv_text(text), quoted(text)] {
        visible(&scalar, &[]);
        assert!(!scalar.contains("##["), "{scalar:?}");
    }
}

/// Every character of a source can be found in the text that is shown for it.
fn source(text: &str) {
    let shown = VisibleSource::new(text);
    visible(&shown.text, &['\n', '\t', '\r']);
    for (start, character) in text.char_indices() {
        let range = shown.range(&(start..start + character.len_utf8()));
        let part = &shown.text[range];
        assert!(
            part == character.to_string() || part == one_line(&character.to_string()),
            "{part:?} for {character:?}"
        );
    }
}

fn xml(text: &str) {
    let shown = xml_text(text);
    let is_allowed = |character: char| matches!(character, '\n' | ' '..) && !matches!(character, '\u{7f}'..='\u{9f}');
    assert!(shown.chars().all(is_allowed), "{shown:?}");
    for line in xml_document(&shown).split(['\n', '\r']) {
        assert!(!line.trim().starts_with("::") && !line.contains("##["), "{line:?}");
    }
}

fn url(text: &str) {
    let path = url_path(text.as_bytes());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b'%');
    assert!(path.bytes().all(is_plain), "{path:?}");
}
