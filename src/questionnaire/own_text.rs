//! The text of an answer that is the author's own, in passages that can be compared.
//!
//! Comments, template text, untouched checkboxes and white space are left out, so two answers have the same passages if
//! a reader sees no difference between them.

use super::Readme;
use super::answers::{checkbox_in, is_old_demand, lines};
use super::template::{Outline, contains_offset};
use crate::syntax::markdown::Markdown;
use crate::text::Span;
use crate::text::words::words;

/// The templates whose text is not the author's own.
#[derive(Clone, Copy)]
pub(super) struct Templates<'a> {
    outlines: &'a [&'a Outline],
    /// True if their comments are not the author's own text either where a reader sees them.
    with_comments: bool,
    /// True if only their whole lines are not the author's own, no matter how little else says.
    is_strict: bool,
}

impl<'a> Templates<'a> {
    /// What an author who adds nothing leaves of a template.
    pub(super) const fn all(outlines: &'a [&'a Outline]) -> Self {
        Self { outlines, with_comments: true, is_strict: false }
    }

    /// What a reader of the templates sees.
    pub(super) const fn shown(outlines: &'a [&'a Outline]) -> Self {
        Self { outlines, with_comments: false, is_strict: false }
    }

    /// Everything that a reader sees is the author's own, except for whole lines of the templates.
    pub(super) const fn strict(outlines: &'a [&'a Outline]) -> Self {
        Self { outlines, with_comments: false, is_strict: true }
    }

    fn has_line(&self, said: &str) -> bool {
        let has = if self.with_comments { Outline::has_line } else { Outline::has_visible_line };
        self.outlines.iter().any(|outline| has(outline, said))
    }

    fn has_field(&self, label: &str) -> bool {
        self.outlines.iter().any(|outline| outline.has_field(label))
    }
}

/// The passages of `content`: a paragraph, an entry of a list, a row of a table or a line of code each. Lines that
/// belong together are joined, and words are one space apart. If the author completes a sentence that a line of a template
/// begins, the passage has the whole sentence.
pub(super) fn passages(text: &str, content: Span, markdown: &Markdown, templates: Templates<'_>) -> Vec<String> {
    passages_between(text, content, (markdown, templates), |_, _| ())
}

/// The template's lines in `content`, each with the number of passages before it, and the number of all passages.
pub(super) fn template_lines(
    text: &str,
    content: Span,
    markdown: &Markdown,
    templates: Templates<'_>,
) -> (Vec<(usize, String)>, usize) {
    let mut found = Vec::new();
    let on_template = |before, line| found.push((before, spaced(&text[line])));
    let count = passages_between(text, content, (markdown, templates), on_template).len();
    found.retain(|(_, line)| !words(line).is_empty());
    (found, count)
}

/// The passages. Calls `on_template` for each line that is not the author's own, with the number of passages before it.
fn passages_between(
    text: &str,
    content: Span,
    (markdown, templates): (&Markdown, Templates<'_>),
    mut on_template: impl FnMut(usize, Span),
) -> Vec<String> {
    let mut passages: Vec<String> = Vec::new();
    let (mut end, mut is_closed) = (content.start, true);
    let mut begun = String::new();
    for line in lines(text, content, markdown) {
        let gap = &text[Span::new(end, line.start)];
        let is_apart = gap.bytes().filter(|byte| *byte == b'\n').count() > 1;
        let continues_line = !gap.contains('\n') && end > content.start;
        end = line.end;
        let is_code = contains_offset(&markdown.code, line.start);
        let Some(own) = own_line(text, line, markdown, (templates, is_code)) else {
            on_template(passages.len(), line);
            is_closed = true;
            let is_one = !is_apart && !begins_passage(&text[line]);
            let before = if is_one { std::mem::take(&mut begun) } else { String::new() };
            begun = begun_sentence(&before, text, line, (markdown, templates));
            continue;
        };
        let before = std::mem::take(&mut begun);
        let is_completed = !before.is_empty() && !is_apart && !is_code && !begins_passage(&own);
        let own = if is_completed { format!("{before} {own}") } else { own };
        let is_new = !continues_line && (is_apart || is_closed || is_code || begins_passage(&own));
        match passages.last_mut().filter(|_| !is_new) {
            Some(last) => {
                last.push(' ');
                last.push_str(&own);
            }
            None => passages.push(own.clone()),
        }
        is_closed = is_code || own.starts_with(['#', '|']);
    }
    passages
}

impl Readme {
    /// True if the section with this heading, or a section below it, has text that is not the template's. Headings alone
    /// are no text.
    #[must_use]
    pub fn has_own_text(&self, text: &str, heading: Span, outline: &Outline) -> bool {
        let from = self.markdown.headings.iter().position(|it| it.span == heading);
        let Some([first, others @ ..]) = from.and_then(|from| self.markdown.headings.get(from..)) else { return true };
        let below = others.iter().take_while(|other| other.level > first.level).count();
        let ends = others.iter().map(|other| other.span.start).chain([text.len()]);
        let parts = std::iter::once(first).chain(others).take(below + 1).zip(ends);
        let mut contents = parts.map(|(heading, end)| Span::new(heading.span.end, end));
        contents.any(|content| !passages(text, content, &self.markdown, Templates::all(&[outline])).is_empty())
    }
}

/// A longer sentence of a template, in bytes, is not shown together with its end.
const MAX_BEGUN: usize = 1_000;

/// A line of a template below those in `before`, if its sentence goes on in the next line; else nothing.
fn begun_sentence(before: &str, text: &str, line: Span, (markdown, templates): (&Markdown, Templates<'_>)) -> String {
    let said = words(&text[line]);
    let is_template_line = templates.has_line(&said);
    let goes_on = text[line].trim_end().ends_with(char::is_alphanumeric) && before.len() <= MAX_BEGUN;
    if !is_template_line || !goes_on || checkbox_in(markdown, line).is_some() {
        return String::new();
    }
    let line = spaced(&text[line]);
    if before.is_empty() { line } else { format!("{before} {line}") }
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The line with one space between its words, if it is the author's own.
fn own_line(
    text: &str,
    line: Span,
    markdown: &Markdown,
    (templates, is_code): (Templates<'_>, bool),
) -> Option<String> {
    let checkbox = checkbox_in(markdown, line);
    let rest = match checkbox {
        Some(checkbox) => Span::new(checkbox.span.end, line.end),
        None => line,
    };
    let said = words(&text[rest]);
    let is_template_line = templates.has_line(&said) || is_old_demand(&said);
    if let Some(checkbox) = checkbox {
        let mark = if checkbox.is_ticked { "x" } else { " " };
        let is_untouched = !checkbox.is_ticked && (is_template_line || (said.is_empty() && !templates.is_strict));
        return (!is_untouched).then(|| format!("- [{mark}] {}", spaced(&text[rest])));
    }
    let line = &text[line];
    if is_code {
        let is_fence = (line.starts_with("```") || line.starts_with("~~~")) && !templates.is_strict;
        return (!is_fence).then(|| spaced(line));
    }
    let says_nothing = |value: &str| words(value).is_empty() && (value.trim().is_empty() || !templates.is_strict);
    let is_empty_field =
        line.split_once(':').is_some_and(|(label, value)| says_nothing(value) && templates.has_field(&words(label)));
    let is_only_marks = said.is_empty() && line.is_ascii() && !templates.is_strict;
    let is_own = !is_template_line && !is_empty_field && !is_only_marks;
    is_own.then(|| match line.strip_prefix(['*', '+']).filter(|rest| rest.starts_with(' ')) {
        Some(entry) => format!("- {}", spaced(entry)),
        None => spaced(line),
    })
}

/// True if a line does not continue the paragraph above it.
fn begins_passage(line: &str) -> bool {
    let after_digits = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_numbered = after_digits.len() < line.len() && after_digits.starts_with([')', '.']);
    line.starts_with("- ") || line.starts_with(['#', '|', '>']) || is_numbered && after_digits.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::{Templates, passages};
    use crate::questionnaire::template::Outline;
    use crate::syntax::markdown;
    use crate::text::Span;

    const TEMPLATE: &str = "## A\n###### How?\n<!--\nSay how.\n-->\n- [ ] Feature gate\n  - Feature gate name:\n";

    fn own(answer: &str) -> Vec<String> {
        let outline = Outline::read(TEMPLATE);
        passages(answer, Span::new(0, answer.len()), &markdown::read(answer), Templates::all(&[&outline]))
    }

    #[test]
    fn lines_that_belong_together_are_one_passage() {
        assert_eq!(
            own("One\ntwo  three.\n\nFour.\n- a\n  b\n* c\n1. d\n2) e\n"),
            ["One two three.", "Four.", "- a b", "- c", "1. d", "2) e",]
        );
        assert_eq!(own("| a | b |\n|---|---|\n| 1 | 2 |\nAfter.\n"), ["| a | b |", "| 1 | 2 |", "After."]);
    }

    #[test]
    fn what_a_reader_does_not_see_is_left_out() {
        assert!(own(TEMPLATE.split_once("?\n").unwrap().1).is_empty());
        assert_eq!(own("One <!-- no -->two.\n<!--\nx\n-->\n"), ["One two."]);
        assert_eq!(own("This section must be completed when targeting beta.\n---\nYes.\n"), ["Yes."]);
    }

    #[test]
    fn ticks_and_filled_fields_are_the_authors_own() {
        assert_eq!(
            own("- [x] Feature gate\n  - Feature gate name: Quiet\n"),
            ["- [x] Feature gate", "- Feature gate name: Quiet"]
        );
        assert_eq!(own("- [X] Feature gate\n"), own("* [x]  Feature gate\n"));
        assert_eq!(own("- [ ] My own choice\n"), ["- [ ] My own choice"]);
    }

    /// The template breaks the question into lines; the author answers on the last one.
    #[test]
    fn a_sentence_that_the_template_begins_is_shown_whole() {
        let template = "## A\n###### How?\n- Will it\n  need\n  downtime?\n- Other\n";
        let outline = Outline::read(template);
        let own = |answer: &str| {
            let content = Span::new(0, answer.len());
            passages(answer, content, &markdown::read(answer), Templates::all(&[&outline]))
        };
        assert_eq!(own("- Will it\n  need\n  downtime? No.\n- Other\n"), ["- Will it need downtime? No."]);
        assert_eq!(own("- Will it\n  need downtime? No.\n"), ["- Will it need downtime? No."]);
        assert!(own("- Will it\n  need\n  downtime?\n- Other\n").is_empty());
        assert_eq!(own("- Other\n\nNo.\n- Other\n- No.\n"), ["No.", "- No."]);
        assert_eq!(own("- Will it\n  need\n  downtime?\n  No.\n"), ["No."]);
    }

    #[test]
    fn a_comment_of_the_template_that_becomes_visible_is_seen() {
        let outline = Outline::read(TEMPLATE);
        let answer = "<!--\n-->\nSay how.\n- [ ] Feature gate\n";
        let content = Span::new(0, answer.len());
        let passages = |templates| passages(answer, content, &markdown::read(answer), templates);
        let outlines = [&outline];
        assert!(passages(Templates::all(&outlines)).is_empty());
        assert_eq!(passages(Templates::shown(&outlines)), ["Say how."]);
    }

    #[test]
    fn code_is_compared_line_by_line() {
        assert_eq!(own("```yaml\na: 1\n\n}\n```\nText.\n"), ["a: 1", "}", "Text."]);
        assert_eq!(own("```\na: 1\n}\n```\nText.\n"), own("```yaml\na: 1\n}\n```\nText.\n"));
    }
}
