//! The ways out: whatever goes in, nothing but text comes out.
#![no_main]

use kepgate::escape::{
    command_data, command_property, log_lines, markdown_block, markdown_code, markdown_sentence, sarif_message,
    terminal, url_path, xml_document, xml_text,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    commands(text);
    log(text);
    markdown(text);
    url(text);
    assert!(!sarif_message(text).contains("]("));
    xml(text);
});

/// What the runner makes of an escaped text is the text again, and no escaped text ends its line or its property.
fn commands(text: &str) {
    let data = command_data(text);
    assert!(!data.contains(['\r', '\n']), "{data:?}");
    assert_eq!(data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"), text);
    let property = command_property(text);
    assert!(!property.contains(['\r', '\n', ':', ',']), "{property:?}");
    let read = property.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
    assert_eq!(read.replace("%25", "%"), text);
}

fn log(text: &str) {
    let lines = log_lines(text);
    for line in lines.split(['\n', '\r']) {
        assert!(!line.trim().starts_with("::"), "{line:?}");
        assert!(!line.contains("##["), "{line:?}");
    }
    assert_eq!(lines.matches('\n').count(), text.matches('\n').count(), "lines stay lines");
    let shown = terminal(text);
    assert_eq!(shown.chars().count(), text.chars().count());
    for safe in [&lines, &shown] {
        assert_eq!(safe.chars().find(|character| character.is_control() && !matches!(character, '\n' | '\t')), None);
    }
}

fn markdown(text: &str) {
    let code = markdown_code(text);
    let inner = code.strip_prefix("<code>").and_then(|code| code.strip_suffix("</code>")).expect("code");
    dead(inner);
    assert!(!inner.contains('\n'), "{inner:?}");

    let sentence = markdown_sentence(text);
    assert_eq!(sentence.matches("<code>").count(), sentence.matches("</code>").count(), "{sentence:?}");
    dead(&sentence.replace("<code>", "").replace("</code>", ""));
    assert!(!sentence.contains('\n'), "{sentence:?}");

    let block = markdown_block(text);
    let inner = block.strip_prefix("<pre><code>").and_then(|block| block.strip_suffix("</code></pre>")).expect("block");
    dead(inner);
}

/// No tag, link, image, code, mention, emphasis or table in it comes alive.
fn dead(markdown: &str) {
    let alive = ['<', '>', '[', ']', '(', ')', '!', '`', '@', '*', '_', '|', '\\', '"', '\''];
    assert!(!markdown.contains(alive), "{markdown:?}");
    // `#` and `&` only in references of ours.
    for (at, _) in markdown.match_indices(['#', '&']) {
        let rest = markdown[at..].trim_start_matches('&');
        let digits = rest.strip_prefix('#').and_then(|rest| rest.split_once(';')).map(|(digits, _)| digits);
        let is_ours = digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit()));
        assert!(is_ours, "{markdown:?}");
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
