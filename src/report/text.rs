//! For a person at a terminal or in a log: like a good compiler, source lines with what is wrong beneath them.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level as Style, Origin, Renderer, Snippet};

use super::tally;
use crate::check::result::{Outcome, Report, Verdict};
use crate::check::triage::Triaged;
use crate::escape::{log_lines, terminal, terminal_source};
use crate::finding::Finding;
use crate::rule::Level;
use crate::text::wording::count as plural;
use crate::text::{FileId, Side, SourceFile, Span};

/// More findings than this are counted, not shown.
const MAX_SHOWN: usize = 1000;
/// More source text than this around one finding is not shown, in bytes.
const MAX_WINDOW: usize = 16 * 1024;

/// How the text report is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// With colours.
    pub color: bool,
    /// New findings and what could not be checked, and nothing else.
    pub quiet: bool,
    /// For a log in which lines can be commands: none is one.
    pub guarded: bool,
}

/// The report as text.
#[must_use]
pub fn render(report: &Report, options: Options) -> String {
    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    if let Some(outcome) = &report.outcome {
        let wanted = outcome.findings.iter().filter(|triaged| triaged.is_new || !options.quiet);
        for triaged in wanted.clone().take(MAX_SHOWN) {
            out.push_str(&renderer.render(&[group(outcome, triaged)]));
            out.push_str("\n\n");
        }
        let more = wanted.count().saturating_sub(MAX_SHOWN);
        if more > 0 {
            out.push_str(&format!("… and {}: `--output json` has them all\n\n", plural(more, "finding")));
        }
    }
    out.push_str(&unchecked(report, options.quiet));
    if let Some(error) = &report.error {
        let title = Style::ERROR.primary_title(terminal(&error.to_string()));
        out.push_str(&renderer.render(&[title.element(Style::HELP.message(terminal(error.help())))]));
        out.push_str("\n\n");
    }
    if !options.quiet {
        out.push_str(&closing(report));
    }
    if options.guarded { log_lines(&out) } else { out }
}

fn group<'a>(outcome: &'a Outcome, triaged: &'a Triaged) -> Group<'a> {
    let finding = &triaged.finding;
    let style = match finding.level {
        Level::Error => Style::ERROR,
        Level::Warning => Style::WARNING,
        Level::Notice => Style::NOTE.with_name("notice"),
    };
    let title = style.primary_title(terminal(&finding.message)).id(finding.rule.id);
    let mut elements: Vec<Element<'a>> = sources(outcome, finding);
    if !triaged.is_new {
        elements.push(Style::NOTE.message("pre-existing: the change did not bring it in").into());
    }
    if let Some(help) = &finding.help {
        elements.push(Style::HELP.message(terminal(help)).into());
    }
    title.elements(elements)
}

/// The rules that were not checked, those of one reason on one line; in short what was left out on purpose is no news.
fn unchecked(report: &Report, is_quiet: bool) -> String {
    let wanted: Vec<_> = report.unchecked.iter().filter(|it| !(is_quiet && it.is_left_out)).collect();
    let lines = wanted.chunk_by(|one, other| one.reason == other.reason).filter_map(|group| {
        let rules: Vec<_> = group.iter().map(|unchecked| unchecked.rule).collect();
        Some(format!("not checked: {}: {}\n", rules.join(", "), terminal(&group.first()?.reason)))
    });
    lines.collect()
}

/// A span, none for the file as a whole, and the words of a label, none for the finding's own place.
type Place<'a> = (Option<Span>, Option<&'a str>);

/// The finding's own file first, then the files of its labels in the order in which they come.
fn sources<'a>(outcome: &'a Outcome, finding: &'a Finding) -> Vec<Element<'a>> {
    let mut places: Vec<(FileId, Vec<Place<'_>>)> = vec![(finding.file, vec![(finding.span, None)])];
    for label in &finding.labels {
        let place = (label.span, Some(label.text.as_str()));
        match places.iter_mut().find(|(file, _)| *file == label.file) {
            Some((_, spans)) => spans.push(place),
            None => places.push((label.file, vec![place])),
        }
    }
    places.into_iter().flat_map(|(file, spans)| source(outcome.file(file), &spans)).collect()
}

fn source<'a>(file: &'a SourceFile, spans: &[Place<'_>]) -> Vec<Element<'a>> {
    let path = shown_path(file);
    let placed: Vec<_> = spans.iter().filter_map(|(span, label)| span.map(|span| (span, *label))).collect();
    let whole: Vec<_> = spans.iter().filter(|(span, _)| span.is_none()).filter_map(|(_, label)| *label).collect();
    let window = window(file, placed.iter().map(|(span, _)| *span));
    let mut elements: Vec<Element<'a>> = Vec::new();
    match window {
        Some((window, line)) => {
            let annotations = placed.into_iter().map(|(span, label)| annotation(span, label, window));
            let text = terminal_source(&file.text()[window]);
            elements.push(Snippet::source(text).line_start(line).path(path).annotations(annotations).into());
        }
        None => elements.push(Origin::path(path).into()),
    }
    elements.extend(whole.into_iter().map(|label| Style::NOTE.message(terminal(label)).into()));
    elements
}

fn annotation<'a>(span: Span, label: Option<&str>, window: Span) -> Annotation<'a> {
    let kind = if label.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
    let range: Range<usize> = span.start - window.start..span.end.max(span.start) - window.start;
    let annotation = kind.span(range);
    match label {
        Some(label) => annotation.label(terminal(label)),
        None => annotation,
    }
}

/// The lines that hold the spans and one more on each side, and the number of the first; `None` when there is no span
/// or too much text. Spans past the end of the text, which no rule makes, count as none.
fn window(file: &SourceFile, spans: impl Iterator<Item = Span>) -> Option<(Span, usize)> {
    let spans: Vec<_> = spans.collect();
    // No rule makes a span that cuts a character, and annotate-snippets would not survive it.
    let is_boundary = |offset: usize| file.text().is_char_boundary(offset);
    let is_sound = spans.iter().all(|span| is_boundary(span.start) && is_boundary(span.end));
    let all = spans.into_iter().reduce(Span::to)?;
    if !is_sound || file.text().is_empty() {
        return None;
    }
    let first = file.position(all.start).line.saturating_sub(1).max(1);
    let last = file.position(all.end).line + 1;
    let window = Span::new(file.line(first).start, file.line(last).end);
    (window.end - window.start <= MAX_WINDOW && all.end <= window.end).then_some((window, first))
}

/// The path, and the side where it is not the change's own.
fn shown_path(file: &SourceFile) -> String {
    let path = terminal(&file.path.to_string()).replace('\n', "\u{240a}");
    match file.side {
        Side::Head => path,
        Side::Base => format!("{path} (before the change)"),
        Side::Policy => format!("{path} (on the target branch)"),
    }
}

/// Counts and time, and what they were counted in.
fn closing(report: &Report) -> String {
    let keps = report.keps().count();
    let counts = report.counts();
    let time = format!("{:.0?}", report.elapsed);
    if report.verdict() == Verdict::Failed && report.outcome.is_none() {
        return String::new();
    }
    let looked_at = if keps == 0 { "no KEP changed".to_owned() } else { plural(keps, "KEP") };
    let old = match counts.pre_existing {
        0 => String::new(),
        number => format!(" ({number} pre-existing)"),
    };
    format!("kepgate: {looked_at}, found {}{old}, in {time}: {}\n", tally(counts), report.verdict().word())
}
