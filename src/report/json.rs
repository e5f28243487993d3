//! The report for machines: a versioned document of its own types, described in `docs/json.md` and
//! `docs/report.schema.json`.

use serde::Serialize;

use super::progress::{Progress, SectionProgress};
use crate::change::{KepPair, Policy, Record};
use crate::check::result::{Counts, Outcome, Report};
use crate::check::triage::Triaged;
use crate::finding::{Edit, Finding, Label};
use crate::kep::{Kep, Text};
use crate::rule::Level;
use crate::text::{FileId, Position, Side, Span};

/// The version of the document: it changes when a reader of the former one could misread it.
const SCHEMA: &str = "kepgate/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    base: Option<&'a str>,
    merge_base: Option<&'a str>,
    head: Option<&'a str>,
    policy: Option<&'a str>,
    verdict: &'static str,
    keps: Vec<KepEntry>,
    findings: Vec<FindingEntry<'a>>,
    suppressed: Vec<FindingEntry<'a>>,
    unchecked: Vec<UncheckedEntry<'a>>,
    error: Option<ErrorEntry>,
    counts: CountsEntry,
    exit: u8,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct KepEntry {
    path: String,
    number: Option<u32>,
    title: Option<String>,
    sig: Option<String>,
    status: Sides<Option<String>>,
    stage: Sides<Option<String>>,
    latest_milestone: Sides<Option<String>>,
    prr: Sides<Option<PrrEntry>>,
    questionnaire: Option<QuestionnaireEntry>,
}

#[derive(Serialize)]
struct QuestionnaireEntry {
    stage: &'static str,
    answered: usize,
    questions: usize,
    sections: Vec<SectionEntry>,
    next: Option<NextEntry>,
}

#[derive(Serialize)]
struct NextEntry {
    stage: &'static str,
    sections: Vec<SectionEntry>,
}

#[derive(Serialize)]
struct SectionEntry {
    title: String,
    answered: usize,
    questions: usize,
}

#[derive(Serialize)]
struct Sides<T> {
    base: T,
    head: T,
}

#[derive(Serialize)]
struct PrrEntry {
    gated: bool,
    file: Option<String>,
    approver: Option<String>,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    rule: &'static str,
    level: Level,
    new: bool,
    kep: Option<String>,
    side: &'static str,
    path: String,
    start: Option<PositionEntry>,
    end: Option<PositionEntry>,
    message: &'a str,
    help: Option<&'a str>,
    labels: Vec<LabelEntry<'a>>,
    fix: Option<FixEntry<'a>>,
    fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct LabelEntry<'a> {
    side: &'static str,
    path: String,
    start: Option<PositionEntry>,
    end: Option<PositionEntry>,
    message: &'a str,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
struct EditEntry<'a> {
    path: String,
    create: bool,
    start_byte: usize,
    end_byte: usize,
    text: &'a str,
}

#[derive(Serialize)]
struct PositionEntry {
    line: usize,
    column: usize,
    byte: usize,
}

#[derive(Serialize)]
struct UncheckedEntry<'a> {
    rule: &'static str,
    reason: &'a str,
}

#[derive(Serialize)]
struct ErrorEntry {
    kind: &'static str,
    message: String,
}

#[derive(Serialize)]
struct CountsEntry {
    error: usize,
    warning: usize,
    notice: usize,
    pre_existing: usize,
}

/// The report as JSON, with a line feed at its end.
#[must_use]
pub fn render(report: &Report) -> String {
    let outcome = report.outcome.as_ref();
    let unchecked = report.unchecked.iter().map(|it| UncheckedEntry { rule: it.rule, reason: &it.reason }).collect();
    let document = Document {
        schema: SCHEMA,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        base: report.revisions.base.as_deref(),
        merge_base: report.revisions.merge_base.as_deref(),
        head: report.revisions.head.as_deref(),
        policy: report.revisions.policy.as_deref(),
        verdict: report.verdict().word(),
        keps: outcome.map(keps).unwrap_or_default(),
        findings: outcome.map(findings).unwrap_or_default(),
        suppressed: outcome.map(suppressed).unwrap_or_default(),
        unchecked,
        error: report
            .error
            .as_ref()
            .map(|error| ErrorEntry { kind: error.kind(), message: format!("{error}: {}", error.help()) }),
        counts: counts(report.counts()),
        exit: report.exit().code(),
    };
    super::to_json(&document)
}

fn counts(counts: Counts) -> CountsEntry {
    let Counts { error, warning, notice, pre_existing } = counts;
    CountsEntry { error, warning, notice, pre_existing }
}

fn keps(outcome: &Outcome) -> Vec<KepEntry> {
    outcome.work.keps.iter().filter_map(|pair| kep(pair, &outcome.work.policy)).collect()
}

fn kep(pair: &KepPair, policy: &Policy) -> Option<KepEntry> {
    let record = pair.record()?;
    let both = |of: fn(&Record) -> Option<String>| Sides {
        base: pair.base.as_ref().and_then(of),
        head: pair.head.as_ref().and_then(of),
    };
    let prr = |record: Option<&Record>| record.map(prr);
    Some(KepEntry {
        path: record.dir.to_string(),
        number: record.number.map(crate::kep::KepNumber::get),
        title: text_of(record, |kep| &kep.title),
        sig: text_of(record, |kep| &kep.owning_sig),
        status: both(|record| text_of(record, |kep| &kep.status)),
        stage: both(|record| text_of(record, |kep| &kep.stage)),
        latest_milestone: both(|record| text_of(record, |kep| &kep.latest_milestone)),
        prr: Sides { base: prr(pair.base.as_ref()), head: prr(pair.head.as_ref()) },
        questionnaire: pair.head.as_ref().and_then(|head| Progress::of(head, policy)).map(questionnaire),
    })
}

fn questionnaire(progress: Progress<'_>) -> QuestionnaireEntry {
    QuestionnaireEntry {
        stage: progress.stage.word(),
        answered: progress.answered(),
        questions: progress.questions(),
        sections: sections(&progress.sections),
        next: progress.next.map(|(stage, later)| NextEntry { stage: stage.word(), sections: sections(&later) }),
    }
}

fn sections(sections: &[SectionProgress<'_>]) -> Vec<SectionEntry> {
    let entry = |section: &SectionProgress<'_>| SectionEntry {
        title: section.title.to_owned(),
        answered: section.answered,
        questions: section.questions,
    };
    sections.iter().map(entry).collect()
}

fn text_of(record: &Record, field: fn(&Kep) -> &Text) -> Option<String> {
    field(record.kep()?).value().map(|(text, _)| text.clone())
}

fn prr(record: &Record) -> PrrEntry {
    PrrEntry {
        gated: record.kep().is_some_and(Kep::is_gated),
        file: record.approval_path.as_ref().map(ToString::to_string),
        approver: record.stage_approver().map(str::to_owned),
    }
}

fn findings(outcome: &Outcome) -> Vec<FindingEntry<'_>> {
    outcome.findings.iter().map(|triaged| finding(outcome, triaged, None)).collect()
}

fn suppressed(outcome: &Outcome) -> Vec<FindingEntry<'_>> {
    outcome.suppressed.iter().map(|it| finding(outcome, &it.triaged, Some(&it.reason))).collect()
}

fn finding<'a>(outcome: &'a Outcome, triaged: &'a Triaged, reason: Option<&'a str>) -> FindingEntry<'a> {
    let Finding { rule, level, kep, file, span, message, help, labels, fix, .. } = &triaged.finding;
    let (side, path, start, end) = place(outcome, *file, *span);
    FindingEntry {
        rule: rule.id,
        level: *level,
        new: triaged.is_new,
        kep: kep.as_ref().map(ToString::to_string),
        side,
        path,
        start,
        end,
        message,
        help: help.as_deref(),
        labels: labels.iter().map(|it| label(outcome, it)).collect(),
        fix: fix.as_ref().map(|fix| FixEntry { edits: fix.edits.iter().map(|it| edit(outcome, it)).collect() }),
        fingerprint: &triaged.fingerprint,
        reason,
    }
}

fn label<'a>(outcome: &Outcome, label: &'a Label) -> LabelEntry<'a> {
    let (side, path, start, end) = place(outcome, label.file, label.span);
    LabelEntry { side, path, start, end, message: &label.text }
}

fn edit<'a>(outcome: &Outcome, edit: &'a Edit) -> EditEntry<'a> {
    match edit {
        Edit::Replace { file, span, text } => {
            let file = outcome.file(*file);
            let [start_byte, end_byte] = [span.start, span.end].map(|offset| file.position(offset).byte);
            EditEntry { path: file.path.to_string(), create: false, start_byte, end_byte, text }
        }
        Edit::Create { path, text } => {
            EditEntry { path: path.to_string(), create: true, start_byte: 0, end_byte: 0, text }
        }
    }
}

type Place = (&'static str, String, Option<PositionEntry>, Option<PositionEntry>);

fn place(outcome: &Outcome, file: FileId, span: Option<Span>) -> Place {
    let file = outcome.file(file);
    let side = match file.side {
        Side::Head => "head",
        Side::Base => "base",
        Side::Policy => "policy",
    };
    let position = |offset: usize| {
        let Position { line, column, byte } = file.position(offset);
        PositionEntry { line, column, byte }
    };
    let start = span.map(|span| position(span.start));
    let end = span.map(|span| position(span.end));
    (side, file.path.to_string(), start, end)
}
