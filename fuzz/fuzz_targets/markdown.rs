//! Untrusted text in Markdown: rendered as GitHub does, it is text inside code, and shown as it is.
#![no_main]

use comrak::{Options, markdown_to_html};
use kepgate::escape::{markdown_block, markdown_cell, markdown_code, markdown_fence, markdown_sentence, one_line};
use libfuzzer_sys::fuzz_target;

/// What the page of this target is made of.
const TAGS: [&str; 18] = [
    "<p>", "</p>", "<code>", "</code>", "<pre>", "</pre>", "<table>", "</table>", "<thead>", "</thead>", "<tbody>", "</tbody>", "<tr>",
    "</tr>", "<th>", "</th>", "<td>", "</td>",
];

fuzz_target!(|text: &str| {
    let code = render(&markdown_code(text));
    assert_eq!(codes(&code), [or_blank(&one_line(text))], "{code}");

    let sentence = markdown_sentence(text);
    let cells = [markdown_code(text), sentence.clone()].map(|cell| markdown_cell(&cell));
    let table = format!("| a | b |\n|---|---|\n| {} | {} |\n", cells[0], cells[1]);
    let table = render(&table);
    assert_eq!(table.matches("<td>").count(), 2, "{table}");
    // A backslash would escape the one that escapes the pipe.
    let shown = one_line(text).replace("\\|", "\\\\u{7c}");
    assert_eq!(codes(&table).first(), Some(&or_blank(&shown)), "{table}");

    let page = format!("{sentence}\n\n- {sentence}\n\n  {}\n", markdown_block(text).replace('\n', "\n  "));
    let html = render(&page).replacen("<ul>\n<li>", "", 1).replacen("</li>\n</ul>", "", 1);
    is_dead(&html);

    let fence = markdown_fence(text);
    let block = render(&format!("{fence}\n{text}\n{fence}\n\nafter\n"));
    assert!(block.ends_with("<p>after</p>\n"), "{block}");
});

fn render(markdown: &str) -> String {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.tagfilter = true;
    options.extension.tasklist = true;
    options.render.r#unsafe = true;
    markdown_to_html(markdown, &options)
}

/// The texts of code. An empty one is shown as two spaces.
fn codes(html: &str) -> Vec<String> {
    is_dead(html);
    let codes = html.split("<code>").skip(1).filter_map(|rest| rest.split("</code>").next());
    codes.map(unescaped).collect()
}

fn or_blank(text: &str) -> String {
    if text.is_empty() { "  ".to_owned() } else { text.to_owned() }
}

fn unescaped(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// There are no tags but those of the page, and GitHub would not make a link of any text outside of code.
fn is_dead(html: &str) {
    for (at, _) in html.match_indices('<') {
        assert!(TAGS.iter().any(|tag| html[at..].starts_with(tag)), "{html}");
    }
    let prose = html.split("<code>").enumerate().filter_map(|(index, part)| match index {
        0 => Some(part),
        _ => part.split_once("</code>").map(|(_, rest)| rest),
    });
    for part in prose.map(unescaped) {
        for live in ["@", "#", "://", "www.", "WWW.", "GH-", "gh-"] {
            assert!(!part.contains(live), "{part:?} in {html}");
        }
    }
}
