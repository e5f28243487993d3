//! What all pages have in common: the frame, links, and how text gets onto a page.

use std::borrow::Cow;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::model::{Site, release_path};
use crate::escape::one_line;

/// What wrote the page. It is near the start of each page, so that a later run recognizes it.
pub(crate) const MARK: &str = r#"<meta name="generator" content="kepgate site">"#;

/// Nothing may come from elsewhere, and nothing may run.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";

/// The same, but the script of the first page may run. The test of the site in a browser fails if the hash is wrong.
const POLICY_WITH_SCRIPT: &str = concat!(
    "default-src 'none'; script-src 'sha256-1GF8LgGYggYD+DZiGcJOCkChdUsd8lLXrGobXH8N1gE='; ",
    "style-src 'self'; base-uri 'none'; form-action 'none'"
);

/// A page to put into the frame.
pub(super) struct Page<'a> {
    /// The title, as plain text.
    pub(super) title: &'a str,
    /// The path of the page.
    pub(super) path: &'a str,
    /// True if the script is on the page.
    pub(super) has_script: bool,
    /// What follows the heading.
    pub(super) body: Markup,
}

/// The address of the page at `target`, as seen from the page at `from`.
pub(super) fn link(from: &str, target: &str) -> String {
    let depth = from.matches('/').count();
    format!("{}{target}", "../".repeat(depth))
}

/// The longest untrusted text on a page, in characters. A file of a KEP may have 1 MiB.
const MAX_TEXT: usize = 300;

/// The longest sentence, in characters. Each text that it quotes has a limit of its own.
const MAX_SENTENCE: usize = 3_000;

/// Untrusted text on one line, bounded, with invisible characters made visible.
pub(super) fn text(text: &str) -> String {
    one_line(&cut(text, MAX_TEXT))
}

/// The first characters of a text, with `…` for the others.
fn cut(text: &str, maximum: usize) -> Cow<'_, str> {
    match text.char_indices().nth(maximum) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// The largest number of entries that a list of a KEP shows.
pub(super) const MAX_ENTRIES: usize = 50;

/// A sentence of kepgate, in which untrusted text is between backticks: that becomes code.
pub(super) fn sentence(message: &str) -> Markup {
    let message = one_line(&cut(message, MAX_SENTENCE));
    let parts: Vec<_> = message.split('`').collect();
    html! {
        @for (index, part) in parts.iter().enumerate() {
            // The part after a backtick without a partner is not code.
            @if index % 2 == 1 && index + 1 < parts.len() {
                code { (part) }
            } @else if index % 2 == 1 {
                "`" (part)
            } @else {
                (part)
            }
        }
    }
}

/// The whole page.
pub(super) fn frame(site: &Site<'_>, page: &Page<'_>) -> String {
    let title = text(page.title);
    let to = |target: &str| link(page.path, target);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                (PreEscaped(MARK))
                meta http-equiv="Content-Security-Policy" content=(if page.has_script { POLICY_WITH_SCRIPT } else { POLICY });
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { @if page.path == "index.html" { (title) } @else { (title) " · KEPs" } }
                link rel="stylesheet" href=(to("style.css"));
                @if site.sources.base_url.is_some() {
                    link rel="alternate" type="application/atom+xml" title="Changes of KEPs" href=(to("feed.atom"));
                }
            }
            body {
                a .skip href="#main" { "Skip to the content" }
                header { nav aria-label="Main" { ul { (navigation(site, page.path)) } } }
                main #main {
                    h1 { (title) }
                    @if site.sources.later > 0 {
                        p .warning {
                            (later(site.sources.later)) " the time of this site, " (site.sources.now.strftime("%Y-%m-%d %H:%M UTC"))
                            ". All numbers include their changes, under the date of the last earlier commit."
                        }
                    }
                    (page.body)
                }
                footer { (footer(site)) }
            }
        }
    };
    let mut text = markup.into_string();
    text.push('\n');
    text
}

fn navigation(site: &Site<'_>, path: &str) -> Markup {
    let mut items = vec![("index.html".to_owned(), "KEPs".to_owned())];
    if let Some(readiness) = site.sources.readiness {
        items.push((release_path(readiness.release), readiness.release.to_string()));
        if site.has_prr() {
            items.push(("prr.html".to_owned(), "PRR queue".to_owned()));
        }
    }
    items.push(("statistics.html".to_owned(), "Statistics".to_owned()));
    html! {
        @for (target, label) in &items {
            li { a href=(link(path, target)) aria-current=[(target == path).then_some("page")] { (label) } }
        }
    }
}

fn footer(site: &Site<'_>) -> Markup {
    let commit = site.sources.commit;
    html! {
        p {
            "As of " (site.sources.now.strftime("%Y-%m-%d %H:%M UTC")) ", at commit "
            @match site.commit_url(commit) {
                Some(url) => a href=(url) { code { (commit.short()) } },
                None => code { (commit.short()) },
            }
            ". Generated by kepgate from the Git history. Open pull requests are not included."
        }
        @if site.sources.history.unreadable_count > 0 {
            p { (unreadable(site)) }
        }
    }
}

/// `2 commits are dated`
pub(crate) fn later(count: usize) -> String {
    let are = if count == 1 { "is" } else { "are" };
    format!("{} {are} dated after", crate::text::wording::count(count, "commit"))
}

fn unreadable(site: &Site<'_>) -> Markup {
    let count = site.sources.history.unreadable_count;
    html! {
        (crate::text::wording::count(count, "old version")) " of files could not be read and "
        @if count == 1 { "is" } @else { "are" } " missing in timelines and charts."
    }
}

/// A table that scrolls sideways on a narrow screen.
pub(super) fn table(caption: &str, headings: &[&str], rows: &Markup) -> Markup {
    html! {
        section .scroll tabindex="0" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { @for heading in headings { th scope="col" { (heading) } } } }
                tbody { (rows) }
            }
        }
    }
}

/// Numbers with names, as large figures.
pub(super) fn figures(figures: &[(&str, usize, &str)]) -> Markup {
    html! {
        dl .figures {
            @for (id, number, label) in figures {
                div { dt { (label) } dd #(id) { (number) } }
            }
        }
    }
}

/// Markup that is safe already.
pub(super) fn safe(markup: String) -> Markup {
    PreEscaped(markup)
}

#[cfg(test)]
mod tests {
    use super::{link, sentence, text};

    #[test]
    fn links_are_relative() {
        assert_eq!(link("index.html", "keps/1.html"), "keps/1.html");
        assert_eq!(link("keps/1.html", "prr.html"), "../prr.html");
    }

    #[test]
    fn text_is_bounded() {
        assert_eq!(text(&"ä".repeat(1000)).chars().count(), 301);
        assert_eq!(text("a\tb"), "a\\u{9}b");
    }

    #[test]
    fn what_is_between_backticks_is_code_and_never_markup() {
        let shown = |message: &str| sentence(message).into_string();
        assert_eq!(shown("`<b>` is not a status"), "<code>&lt;b&gt;</code> is not a status");
        assert_eq!(shown("a ` b"), "a ` b");
        assert_eq!(shown("<script>\n"), "&lt;script&gt;\\u{a}");
    }
}
