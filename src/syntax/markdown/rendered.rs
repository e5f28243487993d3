//! What a reader sees of Markdown.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::html::{Html, attribute, name_of};
use super::{is_unseen, with_plain_fences};

/// The words that a reader sees of `text`, one space apart, with ticks and the targets of links and images. How the text
/// is written makes no difference: where lines break, the marks of lists and emphasis, character references, comments,
/// Markdown or HTML.
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
    let (mut seen, mut html, mut links) = (String::new(), String::new(), Vec::new());
    for event in Parser::new_ext(&text, options) {
        match event {
            Event::Text(shown) | Event::Code(shown) => seen.push_str(&shown),
            Event::Html(part) => html.push_str(&part),
            Event::InlineHtml(tag) => add_html(&mut seen, &tag),
            Event::TaskListMarker(is_ticked) => seen.push_str(if is_ticked { "[x] " } else { "[ ] " }),
            Event::Start(Tag::Emphasis | Tag::Strong) | Event::End(TagEnd::Emphasis | TagEnd::Strong) => {}
            Event::Start(Tag::Link { link_type: LinkType::Email, .. }) => links.push((seen.len(), None)),
            Event::Start(Tag::Link { dest_url, .. }) => links.push((seen.len(), Some(dest_url))),
            Event::End(TagEnd::Link) => {
                let (start, target) = links.pop().unwrap_or_default();
                add_target(&mut seen, start, target.as_deref());
            }
            Event::Start(Tag::Image { dest_url, .. }) => seen.extend([" ", &dest_url, " "]),
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

/// The same for a part of a document that has the targets of some links elsewhere; these are [`Markdown::targets`].
///
/// [`Markdown::targets`]: super::Markdown::targets
#[must_use]
pub fn rendered_within(text: &str, targets: &BTreeMap<String, String>) -> String {
    let labels: BTreeSet<_> = if targets.is_empty() { BTreeSet::new() } else { labels(text).collect() };
    let mut definitions = String::new();
    for (label, target) in labels.iter().filter_map(|label| targets.get_key_value(label)) {
        let target = target.replace(['<', '>', '\\', '\n'], "");
        definitions.push_str(&format!("[{label}]: <{target}>\n"));
    }
    if definitions.is_empty() { rendered(text) } else { rendered(&format!("{definitions}\n{text}")) }
}

/// What could be the labels of links.
fn labels(text: &str) -> impl Iterator<Item = String> {
    /// The maximum length of a label, in bytes.
    const MAX_LABEL: usize = 999;
    text.match_indices('[').filter_map(|(at, mark)| {
        let rest = text.get(at + mark.len()..)?;
        let length = rest.bytes().take(MAX_LABEL).position(|byte| byte == b']')?;
        let label = rest.get(..length)?.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(label.to_lowercase())
    })
}

/// Adds the target of the link whose text begins at `start`, unless the text is the target.
fn add_target(seen: &mut String, start: usize, target: Option<&str>) {
    if let Some(target) = target.filter(|target| seen.get(start..) != Some(target)) {
        seen.insert_str(start, &format!(" {target} "));
    }
}

fn add_html(seen: &mut String, html: &str) {
    let parts = Html::read(html);
    let mut parts: Vec<_> =
        parts.text.iter().map(|it| (it, true)).chain(parts.markup.iter().map(|it| (it, false))).collect();
    // The alternative text of an image is within its tag.
    parts.sort_unstable_by_key(|(span, _)| span.start);
    for (span, is_text) in parts {
        match &html[*span] {
            text if is_text => seen.push_str(text),
            reference if reference.starts_with('&') => seen.push_str(&character(reference)),
            tag => add_tag(seen, tag),
        }
    }
}

/// What a tag means to a reader, as the same Markdown would be shown.
fn add_tag(seen: &mut String, tag: &str) {
    let name = name_of(tag).unwrap_or_default().to_ascii_lowercase();
    match name.as_str() {
        "del" | "s" | "strike" => seen.push_str("~~"),
        "sup" => seen.push('^'),
        "sub" => seen.push('_'),
        "a" => add_attribute(seen, tag, "a", "href"),
        "img" => add_attribute(seen, tag, "img", "src"),
        "b" | "code" | "em" | "i" | "span" | "strong" | "tt" | "u" => {}
        _ => seen.push(' '),
    }
}

fn add_attribute(seen: &mut String, tag: &str, name: &str, key: &str) {
    if let Some(value) = attribute(tag, name, key) {
        seen.extend([" ", &tag[value], " "]);
    }
}

/// Decodes a character reference such as `&lt;`. Returns an unknown one as it is.
fn character(reference: &str) -> String {
    let mut text = String::new();
    for event in Parser::new(reference) {
        if let Event::Text(shown) = event {
            text.push_str(&shown);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{rendered, rendered_within};

    #[test]
    fn links_lead_to_targets_elsewhere() {
        let targets = super::super::read("[A b]: https://a.example 'title'\n").targets;
        let (whole, part) = ("See [a B] and [it][A b].\n\n[a b]: https://a.example\n", "See [a B] and [it][A b].\n");
        assert_eq!(rendered_within(part, &targets), rendered(whole));
        assert_ne!(rendered(part), rendered(whole));
    }

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
            ("[https://a.example](https://a.example)", "https://a.example"),
            ("<p>a &lt; b<br>c</p>", "a < b\nc"),
            ("<b>a</b><code>b</code>", "**a**`b`"),
            ("<div><img src=\"b\" alt=\"a\"></div>", "![a](b)"),
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
            ("[a](https://a.example)", "a"),
            ("<del>a</del>", "a"),
            ("<div>\na <s>b</s>\n</div>", "<div>\na b\n</div>"),
            ("2<sup>8</sup>", "28"),
            ("1<br>2", "12"),
            ("<div>\n<img src='a'>\n</div>", "<div>\n<img src='b'>\n</div>"),
            ("<div>\n<a href=\"a\">c</a>\n</div>", "<div>\n<a href=\"b\">c</a>\n</div>"),
            ("<div>\na &lt; b\n</div>", "<div>\na &gt; b\n</div>"),
        ] {
            assert_ne!(rendered(one), rendered(other));
        }
    }
}
