//! The report for a terminal or a log, with annotated source lines like those of a compiler.

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level as Style, Origin, Renderer, Snippet};

mod closing;

pub(crate) use closing::advice;

use super::rule_page;
use crate::check::resolved::{Excerpt, Source};
use crate::check::result::Report;
use crate::check::triage::Triaged;
use crate::escape::{VisibleSource, log_lines, one_line, terminal};
use crate::rule::Level;
use crate::text::wording::count as plural;
use crate::text::{RepoPath, Side};

/// The maximum number of findings to show. The others are only counted.
const MAX_SHOWN: usize = 1000;

/// The amount of detail in the text report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// All findings, what was not checked, and what to do next.
    #[default]
    Full,
    /// All findings and what was not checked. The caller says what the result is and what to do next.
    Findings,
    /// The findings that count (new ones; with `--strict`, all), and what could not be checked.
    Quiet,
    /// The number of findings by rule, instead of the findings.
    Statistics,
}

/// How the text report is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Use colors and hyperlinks.
    pub color: bool,
    /// The amount of detail.
    pub detail: Detail,
    /// Escape lines that a log could interpret as commands.
    pub guarded: bool,
}

/// The report as text.
#[must_use]
pub fn render(report: &Report, options: Options) -> String {
    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let mut out = match options.detail {
        Detail::Statistics => closing::statistics(report),
        Detail::Full | Detail::Findings | Detail::Quiet => findings(report, options, &renderer),
    };
    out.push_str(&unchecked(report, options.detail == Detail::Quiet));
    let notes = [report.elsewhere_note(), report.profile_note()].into_iter().flatten();
    for note in notes.filter(|_| options.detail != Detail::Quiet) {
        out.push_str(&format!("{}\n", terminal(&note)));
    }
    if let Some(error) = &report.error {
        let title = Style::ERROR.primary_title(terminal(&error.describe()));
        out.push_str(&renderer.render(&[title.element(Style::HELP.message(terminal(error.help())))]));
        out.push_str("\n\n");
    }
    if !matches!(options.detail, Detail::Findings | Detail::Quiet) {
        out.push_str(&closing::render(report, options));
    }
    if options.guarded { log_lines(&out) } else { out }
}

/// The findings, under the name of their KEP if there are several KEPs.
fn findings(report: &Report, options: Options, renderer: &Renderer) -> String {
    let counts = |triaged: &&Triaged| triaged.is_new || report.threshold.strict;
    let wanted: Vec<_> = report.findings().iter().filter(|it| options.detail != Detail::Quiet || counts(it)).collect();
    let shown = wanted.get(..MAX_SHOWN).unwrap_or(&wanted);
    let by_kep: Vec<_> = shown.chunk_by(|one, other| one.finding.kep == other.finding.kep).collect();
    let mut out = String::new();
    for of_kep in &by_kep {
        if let Some(kep) = of_kep.first().and_then(|first| first.finding.kep.as_ref()).filter(|_| by_kep.len() > 1) {
            let (bold, plain) = if options.color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
            out.push_str(&format!("{bold}{}{plain}\n\n", terminal(&title(report, kep))));
        }
        for triaged in *of_kep {
            let text = renderer.render(&[group(triaged, options.color)]);
            out.push_str(&with_columns(text, &triaged.finding.sources));
            out.push_str("\n\n");
        }
    }
    let more = wanted.len() - shown.len();
    if more > 0 {
        out.push_str(&format!("{} not shown: `--output json` has all of them\n\n", plural(more, "more finding")));
    }
    out
}

/// `KEP-5120: Quiet Hours for Pod Restarts`, or the directory if it has no number.
fn title(report: &Report, dir: &RepoPath) -> String {
    let kep = report.kep(dir);
    let name = match kep.and_then(|kep| kep.number) {
        Some(number) => format!("KEP-{number}"),
        None => one_line(&dir.to_string()),
    };
    match kep.and_then(|kep| kep.text(|metadata| &metadata.title)).filter(|title| !title.is_empty()) {
        Some(title) => format!("{name}: {}", one_line(title)),
        None => name,
    }
}

fn group(triaged: &Triaged, has_links: bool) -> Group<'_> {
    let finding = &triaged.finding;
    let style = match finding.level {
        Level::Error => Style::ERROR,
        Level::Warning => Style::WARNING,
        Level::Notice => Style::NOTE.with_name("notice"),
    };
    let mut title = style.primary_title(terminal(&finding.message)).id(finding.rule.id);
    if has_links {
        title = title.id_url(rule_page(finding.rule));
    }
    let mut elements: Vec<Element<'_>> = finding.sources.iter().flat_map(source).collect();
    if !triaged.is_new {
        elements.push(Style::NOTE.message("pre-existing: not introduced by this change").into());
    }
    if let Some(due) = &triaged.due {
        elements.push(Style::NOTE.message(terminal(&due.to_string())).into());
    }
    if let Some(help) = &finding.help {
        elements.push(Style::HELP.message(terminal(help)).into());
    }
    if let Some(why) = &finding.refusal {
        elements.push(Style::NOTE.message(terminal(&left(why))).into());
    }
    title.elements(elements)
}

/// Says that a fix is not certain, so `--fix` does not apply it.
pub(super) fn left(why: &str) -> String {
    format!("`--fix` leaves this to you: {why}")
}

/// The unchecked rules, one line per reason. The quiet form omits rules that were skipped on purpose.
fn unchecked(report: &Report, is_quiet: bool) -> String {
    let wanted: Vec<_> = report.unchecked.iter().filter(|it| !(is_quiet && it.is_left_out)).collect();
    let lines = wanted.chunk_by(|one, other| one.reason == other.reason).filter_map(|group| {
        let rules: Vec<_> = group.iter().map(|unchecked| unchecked.rule).collect();
        Some(format!("not checked: {}: {}\n", rules.join(", "), terminal(&group.first()?.reason)))
    });
    lines.collect()
}

fn source(source: &Source) -> Vec<Element<'_>> {
    let path = shown_path(source);
    let mut elements: Vec<Element<'_>> = vec![match &source.excerpt {
        Some(excerpt) => {
            let visible = VisibleSource::new(&excerpt.text);
            let annotations = annotations(excerpt, &visible);
            Snippet::source(visible.text).line_start(excerpt.first_line).path(path).annotations(annotations).into()
        }
        None => Origin::path(path).into(),
    }];
    elements.extend(source.notes.iter().map(|note| Style::NOTE.message(terminal(note)).into()));
    elements
}

/// Corrects the lines and columns in a rendered finding. annotate-snippets counts columns in the text that it shows,
/// which is longer than the file's text if an invisible character is escaped.
fn with_columns(rendered: String, sources: &[Source]) -> String {
    let mut rendered = rendered;
    for source in sources {
        let Some(excerpt) = &source.excerpt else { continue };
        let visible = VisibleSource::new(&excerpt.text);
        if visible.is_unchanged() {
            continue;
        }
        let path = shown_path(source);
        let place = |text: &str, offset: usize| {
            let (line, column) = position(text, offset);
            format!("{path}:{}:{column}", excerpt.first_line + line)
        };
        let places = excerpt
            .places
            .iter()
            .map(|(range, _)| (place(&visible.text, visible.range(range).start), place(&excerpt.text, range.start)));
        let places: Vec<_> = places.collect();
        // Skip the title, which comes first and may contain any text.
        let mut lines: Vec<_> = rendered.split_inclusive('\n').map(str::to_owned).collect();
        let mut of_files = lines.iter_mut().skip(1).filter(|line| line.contains("--> ") || line.contains("::: "));
        let found = of_files.find_map(|line| Some((places.iter().find(|(wrong, _)| line.contains(wrong))?, line)));
        if let Some(((wrong, right), line)) = found {
            *line = line.replacen(wrong, right, 1);
        }
        rendered = lines.concat();
    }
    rendered
}

/// The number of lines before a byte, and the 1-based column of the byte in characters.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |line_feed| line_feed + 1);
    (before.matches('\n').count(), before.get(line_start..).unwrap_or_default().chars().count() + 1)
}

fn annotations<'a>(excerpt: &'a Excerpt, visible: &VisibleSource) -> Vec<Annotation<'a>> {
    let annotations = excerpt.places.iter().map(|(range, label)| match label {
        None => AnnotationKind::Primary.span(visible.range(range)),
        Some(label) => AnnotationKind::Context.span(visible.range(range)).label(terminal(label)),
    });
    annotations.collect()
}

/// The path, and the side if it is not head.
fn shown_path(source: &Source) -> String {
    let path = one_line(&source.path.to_string());
    match source.side {
        Side::Head => path,
        Side::Base => format!("{path} (before the change)"),
        Side::Policy => format!("{path} (on the target branch)"),
    }
}
