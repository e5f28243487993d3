//! Findings with resolved places: everything that a report shows of them, without the files that they are in.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::finding::{Edit, Finding};
use crate::rule::{Level, Rule};
use crate::source::blob_id;
use crate::text::{FileId, Files, Position, RepoPath, Side, SourceFile, Span};

/// The maximum source text to keep around a finding, in bytes.
const MAX_EXCERPT: usize = 16 * 1024;

/// A finding that no longer needs its files.
#[derive(Debug, Clone)]
pub struct ResolvedFinding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How serious it is.
    pub level: Level,
    /// The directory of the KEP that it is about; `None` if it is not about a KEP.
    pub kep: Option<RepoPath>,
    /// Where it is.
    pub place: Place,
    /// The message, without a full stop.
    pub message: String,
    /// The help.
    pub help: Option<String>,
    /// Labels on related places.
    pub labels: Vec<ResolvedLabel>,
    /// The certain fix, if there is one.
    pub fix: Vec<ResolvedEdit>,
    /// Why the fix was dropped, if it turned out not to be certain.
    pub refusal: Option<String>,
    /// The field, as a route without positions (`milestone.beta`, `approvers`).
    pub route: String,
    /// The offending value, which distinguishes findings of the same field.
    pub value: String,
    /// The source to show: the finding's own file first, then the files of its labels.
    pub sources: Vec<Source>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The tree that the file is in.
    pub side: Side,
    /// The file's path.
    pub path: RepoPath,
    /// The part of the file; `None` for the file as a whole.
    pub region: Option<Region>,
}

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// The first character.
    pub start: Position,
    /// The character after the last.
    pub end: Position,
    /// The same part in bytes of the text without its byte order mark.
    pub span: Span,
}

/// A label on a related place.
#[derive(Debug, Clone)]
pub struct ResolvedLabel {
    /// Where it is.
    pub place: Place,
    /// Its text.
    pub text: String,
}

/// One edit of a fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResolvedEdit {
    /// Text to replace.
    Replace(Box<Replacement>),
    /// A file to add.
    Create {
        /// Its path.
        path: RepoPath,
        /// Its content.
        text: String,
    },
}

/// A replacement, and the lines that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What to replace; an empty region inserts.
    pub place: Place,
    /// The region of `place`.
    pub region: Region,
    /// The text in the region now.
    pub old: String,
    /// The new text.
    pub new: String,
    /// The lines that hold the region, without the last line break.
    pub lines: Arc<str>,
    /// The region in bytes of `lines`.
    pub part: Range<usize>,
    /// The git object id of the file; `None` if the file contains carriage returns.
    pub blob: Option<String>,
}

/// The part of a file that a finding shows.
#[derive(Debug, Clone)]
pub struct Source {
    /// The tree that the file is in.
    pub side: Side,
    /// The file's path.
    pub path: RepoPath,
    /// The lines around the places; `None` if there is no place in the file, or the lines are too long.
    pub excerpt: Option<Excerpt>,
    /// Texts of labels on the file as a whole.
    pub notes: Vec<String>,
}

/// Lines of a file, and the places in them.
#[derive(Debug, Clone)]
pub struct Excerpt {
    /// The 1-based number of the first line.
    pub first_line: usize,
    /// The lines.
    pub text: Arc<str>,
    /// The places, in bytes of `text`, each with the text of its label; the finding's own place has none.
    pub places: Vec<(Range<usize>, Option<String>)>,
}

/// The texts that findings show. Findings in the same lines share them, or else thousands in one long line would take
/// gigabytes.
#[derive(Debug, Default)]
pub struct Texts(BTreeMap<(FileId, Span), Arc<str>>);

/// Identifies a finding: its rule, path, field and value.
pub(crate) type Identity = (&'static str, RepoPath, String, String);

impl ResolvedFinding {
    /// Resolves the places of `finding` in `files`.
    #[must_use]
    pub fn new(finding: Finding, files: &Files, texts: &mut Texts) -> Self {
        let sources = sources(&finding, files, texts);
        let resolve = |edit: Edit| match edit {
            Edit::Replace { file, span, text } => {
                ResolvedEdit::Replace(Box::new(Replacement::new((file, &files[file]), span, text, texts)))
            }
            Edit::Create { path, text } => ResolvedEdit::Create { path, text },
        };
        Self {
            rule: finding.rule,
            level: finding.level,
            kep: finding.kep,
            place: Place::new(&files[finding.file], finding.span),
            message: finding.message,
            help: finding.help,
            labels: finding
                .labels
                .into_iter()
                .map(|label| ResolvedLabel { place: Place::new(&files[label.file], label.span), text: label.text })
                .collect(),
            fix: finding.fix.map(|fix| fix.edits.into_iter().map(resolve).collect()).unwrap_or_default(),
            refusal: None,
            route: finding.route,
            value: finding.value,
            sources,
        }
    }

    /// What the finding is about. This does not depend on its message or level, and stays the same while other lines
    /// change.
    #[must_use]
    pub(crate) fn identity(&self) -> Identity {
        (self.rule.id, self.place.path.clone(), self.route.clone(), self.value.clone())
    }

    /// True if `--fix` can apply the fix: it only edits files that exist at head.
    #[must_use]
    pub fn is_fixable(&self) -> bool {
        let is_edit = |edit: &ResolvedEdit| match edit {
            ResolvedEdit::Replace(edit) => edit.place.side == Side::Head,
            ResolvedEdit::Create { .. } => false,
        };
        !self.fix.is_empty() && self.fix.iter().all(is_edit)
    }
}

impl Place {
    fn new(file: &SourceFile, span: Option<Span>) -> Self {
        Self { side: file.side, path: file.path.clone(), region: span.map(|span| Region::new(file, span)) }
    }

    /// The 1-based number of its first line.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.region.map(|region| region.start.line)
    }
}

impl Region {
    fn new(file: &SourceFile, span: Span) -> Self {
        Self { start: file.position(span.start), end: file.position(span.end), span }
    }
}

impl Texts {
    fn get(&mut self, (id, file): (FileId, &SourceFile), span: Span) -> Arc<str> {
        Arc::clone(self.0.entry((id, span)).or_insert_with(|| file.text()[span].into()))
    }
}

impl Replacement {
    /// The lines with the new text.
    #[must_use]
    pub fn new_lines(&self) -> String {
        let [before, after] = [self.lines.get(..self.part.start), self.lines.get(self.part.end..)];
        format!("{}{}{}", before.unwrap_or_default(), self.new, after.unwrap_or_default())
    }

    fn new((id, file): (FileId, &SourceFile), span: Span, new: String, texts: &mut Texts) -> Self {
        let region = Region::new(file, span);
        let lines = Span::new(file.line(region.start.line).start, file.line(region.end.line).end);
        let has_plain_breaks = !file.text().contains('\r');
        Self {
            place: Place { side: file.side, path: file.path.clone(), region: Some(region) },
            region,
            old: file.text()[span].to_owned(),
            new,
            lines: texts.get((id, file), lines),
            part: span.start - lines.start..span.end - lines.start,
            blob: blob_id(file.text().as_bytes()).filter(|_| has_plain_breaks).map(|id| id.to_string()),
        }
    }
}

/// The span of a place (`None` for the file as a whole) and the text of its label (`None` for the finding's own place).
type Mark<'a> = (Option<Span>, Option<&'a str>);

fn sources(finding: &Finding, files: &Files, texts: &mut Texts) -> Vec<Source> {
    let mut marks: Vec<(FileId, Vec<Mark<'_>>)> = vec![(finding.file, vec![(finding.span, None)])];
    for label in &finding.labels {
        let mark = (label.span, Some(label.text.as_str()));
        match marks.iter_mut().find(|(file, _)| *file == label.file) {
            Some((_, of_file)) => of_file.push(mark),
            None => marks.push((label.file, vec![mark])),
        }
    }
    marks.into_iter().map(|(file, marks)| Source::new((file, &files[file]), &marks, texts)).collect()
}

impl Source {
    fn new((id, file): (FileId, &SourceFile), marks: &[Mark<'_>], texts: &mut Texts) -> Self {
        let notes = marks.iter().filter(|(span, _)| span.is_none()).filter_map(|(_, label)| *label);
        Self {
            side: file.side,
            path: file.path.clone(),
            excerpt: Excerpt::new((id, file), marks, texts),
            notes: notes.map(str::to_owned).collect(),
        }
    }
}

impl Excerpt {
    fn new((id, file): (FileId, &SourceFile), marks: &[Mark<'_>], texts: &mut Texts) -> Option<Self> {
        let marked: Vec<_> = marks.iter().filter_map(|(span, label)| Some(((*span)?, *label))).collect();
        let (window, first_line) = window(file, marked.iter().map(|(span, _)| *span))?;
        let places = marked.into_iter().map(|(span, label)| {
            let range = span.start - window.start..span.end.max(span.start) - window.start;
            (range, label.map(str::to_owned))
        });
        Some(Self { first_line, places: places.collect(), text: texts.get((id, file), window) })
    }
}

/// The lines that contain the spans plus one line before and after, and the number of the first line. `None` if there
/// is no span, if there is too much text, or if a span is past the end of the text, which no rule makes.
fn window(file: &SourceFile, spans: impl Iterator<Item = Span>) -> Option<(Span, usize)> {
    let spans: Vec<_> = spans.collect();
    // No rule makes a span that cuts a character in half, but annotate-snippets would panic on one.
    let is_boundary = |offset: usize| file.text().is_char_boundary(offset);
    let is_sound = spans.iter().all(|span| is_boundary(span.start) && is_boundary(span.end));
    let all = spans.into_iter().reduce(Span::to)?;
    if !is_sound || file.text().is_empty() {
        return None;
    }
    let first = file.position(all.start).line.saturating_sub(1).max(1);
    let last = file.position(all.end).line + 1;
    let window = Span::new(file.line(first).start, file.line(last).end);
    (window.end - window.start <= MAX_EXCERPT && all.end <= window.end).then_some((window, first))
}

#[cfg(test)]
mod tests {
    use super::window;
    use crate::text::{RepoPath, Side, SourceFile, Span};

    /// The text around these spans, and the number of its first line.
    fn shown(text: &str, spans: &[(usize, usize)]) -> Option<(String, usize)> {
        let file = SourceFile::new(Side::Head, RepoPath::from("kep.yaml"), text);
        let spans = spans.iter().map(|(start, end)| Span::new(*start, *end));
        window(&file, spans).map(|(span, line)| (file.text()[span].trim_end().to_owned(), line))
    }

    #[test]
    fn an_excerpt_has_a_line_before_and_after() {
        let text = "one\ntwo\nthree\nfour\nfive\n";
        let some = |text: &str, line| Some((text.to_owned(), line));
        assert_eq!(shown(text, &[(8, 13)]), some("two\nthree\nfour", 2));
        assert_eq!(shown(text, &[(14, 18), (4, 7)]), some("one\ntwo\nthree\nfour\nfive", 1));
        assert_eq!(shown(text, &[(0, 3)]), some("one\ntwo", 1));
        assert_eq!(shown(text, &[]), None);
        assert_eq!(shown("", &[(0, 0)]), None);
        assert_eq!(shown(text, &[(0, 100)]), None, "after the end");
        for half in [(0, 1), (1, 2), (1, 3)] {
            assert_eq!(shown("é\u{301}", &[half]), None, "{half:?} cuts a character");
        }
    }

    #[test]
    fn an_excerpt_is_limited_in_length() {
        let long = "x".repeat(16 * 1024);
        assert_eq!(shown(&long, &[(0, 1)]), Some((long.clone(), 1)));
        assert_eq!(shown(&format!("{long}x"), &[(0, 1)]), None);
        let start = long.len() + 3;
        assert_eq!(shown(&format!("{long}\n\nyes\n"), &[(start, start + 1)]), Some(("\nyes".to_owned(), 2)));
    }
}
