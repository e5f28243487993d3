//! What a reader sees of Markdown.

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::html::Html;
use super::{is_unseen, with_plain_fences};

/// The words that a reader sees of `text`, one space apart, with ticks and the targets of links and images. How the text
/// is written makes no difference: where lines break, the marks of lists and emphasis, character references, comments.
///
/// ```
/// # use kepgate::syntax::markdown::rendered;
/// assert_eq!(rendered("* [X] One *two*,\n  three<!-- no -->"), rendered("- [x] One _two_, three"));
/// assert_ne!(rendered("- [x] One"), rendered("- [ ] One"));
/// ```
#[must_use]
pub fn rendered(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let text = with_plain_fences(text);
    let (mut seen, mut html) = (String::new(), String::new());
    for event in Parser::new_ext(&text, options) {
        match event {
            Event::Text(shown) | Event::Code(shown) => seen.push_str(&shown),
            Event::Html(part) => html.push_str(&part),
            Event::InlineHtml(tag) => add_html(&mut seen, &tag),
            Event::TaskListMarker(is_ticked) => seen.push_str(if is_ticked { "[x] " } else { "[ ] " }),
            Event::Start(
                Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. } | Tag::Emphasis | Tag::Strong,
            )
            | Event::End(TagEnd::Link | TagEnd::Emphasis | TagEnd::Strong) => {}
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                seen.extend([" ", &dest_url, " "]);
            }
            // A value means something else in another column.
            Event::End(TagEnd::TableCell) => seen.push_str(" | "),
            Event::Start(Tag::Strikethrough) | Event::End(TagEnd::Strikethrough) => seen.push_str("~~"),
            Event::End(TagEnd::HtmlBlock) => add_html(&mut seen, &std::mem::take(&mut html)),
            _ => seen.push(' '),
        }
    }
    seen.retain(|character| character.is_whitespace() || !is_unseen(character));
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn add_html(seen: &mut String, html: &str) {
    for text in Html::read(html).text {
        seen.push_str(&html[text]);
    }
}

#[cfg(test)]
mod tests {
    use super::rendered;

    #[test]
    fn only_what_is_seen_counts() {
        for (one, other) in [
            ("1. a\n1. b\n", "1. a\n2. b\n"),
            ("`a`/`b` and (`c`)", "a/b and (c)"),
            ("foo_bar", "foo\\_bar"),
            ("<https://a.example>", "https://a.example"),
            ("&lt;name&gt;", "`<name>`"),
            ("| a | b |\n|---|---|\n| 1 | 2 |\n", "a | b\n--- | ---\n1 | 2\n"),
            ("#### Problems\n\nNone", "**Problems**\n\nNone"),
            ("a\u{200b}b", "ab"),
        ] {
            assert_eq!(rendered(one), rendered(other));
        }
        for (one, other) in [
            ("```\n- [x] a\n```", "```\n- [ ] a\n```"),
            ("The limit is\n-1", "The limit is\n1"),
            ("a\n--no-b", "a\nno-b"),
            ("foo_*", "foo"),
            ("a \u{2705}", "a \u{274c}"),
            ("A rollback destroys data.", "<?\n\nA rollback destroys data.\n\n?>"),
            ("[a](b)", "[a](c)"),
            ("![a](b)", "![a](c)"),
            ("~~a~~", "a"),
            ("| a | b |\n|---|---|\n| x | |\n", "| a | b |\n|---|---|\n| | x |\n"),
            ("Yes.", "Yes.\n\n<div \">No</div>"),
            ("a", "<!-- a -->"),
        ] {
            assert_ne!(rendered(one), rendered(other));
        }
    }
}
