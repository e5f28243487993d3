//! Untrusted text in Markdown is rendered as text inside code, unchanged. `.ci/judges/markdown.py` compares this with
//! GitHub's own parser.
#![no_main]

use kepgate::escape::{markdown_block, markdown_cell, markdown_code, markdown_fence, markdown_sentence, one_line};
use libfuzzer_sys::fuzz_target;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

fuzz_target!(|text: &str| {
    let mut shown = one_line(text).replace("##[", "##\\u{5b}");
    // GitHub's renderer gives up on longer runs.
    if shown.contains(&"`".repeat(61)) {
        shown = shown.replace('`', "\\u{60}");
    }
    assert_eq!(codes(&markdown_code(text)), [or_blank(&shown)]);

    let sentence = markdown_sentence(text);
    codes(&format!("{sentence}\n\n- {sentence}\n"));

    let cells = [&markdown_code(text), &sentence].map(|cell| markdown_cell(cell));
    let table = format!("| a | b |\n|---|---|\n| {} | {} |\n", cells[0], cells[1]);
    let count = |table: &str| events(table).filter(|event| *event == Event::End(TagEnd::TableCell)).count();
    assert_eq!(count(&table), 4, "{table}");
    // A backslash before a pipe would escape the backslash that is added to escape the pipe.
    assert_eq!(codes(&table).first(), Some(&or_blank(&shown.replace("\\|", "\\\\u{7c}"))), "{table}");

    block(text);
    fence(text);
});

fn events(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS)
}

/// The texts of the code spans. No other text comes from the input, and none of it becomes a link on GitHub.
fn codes(markdown: &str) -> Vec<String> {
    let mut codes = Vec::new();
    for event in events(markdown) {
        match event {
            Event::Code(code) => codes.push(code.into_string()),
            Event::Text(text) => {
                let lower = text.to_ascii_lowercase();
                let live = ["@", "#", "://", "www.", "gh-"].into_iter().find(|live| lower.contains(live));
                assert_eq!(live, None, "{markdown}");
            }
            Event::Start(
                Tag::Paragraph
                | Tag::List(None)
                | Tag::Item
                | Tag::Table(_)
                | Tag::TableHead
                | Tag::TableRow
                | Tag::TableCell,
            )
            | Event::End(_) => {}
            other => panic!("{other:?} in {markdown}"),
        }
    }
    codes
}

/// An empty code span is shown as two spaces.
fn or_blank(text: &str) -> String {
    if text.is_empty() { "  ".to_owned() } else { text.to_owned() }
}

/// A block is rendered as one HTML block with kepgate's own tags only.
fn block(text: &str) {
    let markdown = format!("- a\n\n  {}\n\n  b\n", markdown_block(text).replace('\n', "\n  "));
    let mut html = String::new();
    for event in events(&markdown) {
        match event {
            Event::Html(part) => html.push_str(&part),
            Event::Text(text) => assert!(matches!(&*text, "a" | "b"), "{markdown}"),
            Event::Start(Tag::List(None) | Tag::Item | Tag::Paragraph | Tag::HtmlBlock) | Event::End(_) => {}
            other => panic!("{other:?} in {markdown}"),
        }
    }
    let inner = html.trim_end().strip_prefix("<pre><code>").and_then(|html| html.strip_suffix("</code></pre>"));
    assert!(inner.is_some_and(|inner| !inner.contains(['<', '>', '@', '`'])), "{markdown}");
}

/// No line of the text closes the fence around it.
fn fence(text: &str) {
    let fence = markdown_fence(text);
    let markdown = format!("{fence}\n{text}\n{fence}\n\nafter\n");
    let mut events = events(&markdown);
    assert_eq!(events.next(), Some(Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced("".into())))), "{markdown}");
    let rest: Vec<_> = events.skip_while(|event| matches!(event, Event::Text(_))).collect();
    assert_eq!(rest.len(), 4, "{rest:?} in {markdown}");
}
