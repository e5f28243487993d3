//! Creates the JSON document from a report.

use std::io::{self, Write};

use super::{
    CountsEntry, Document, DueEntry, EditEntry, ErrorEntry, FindingEntry, FixEntry, KepEntry, LabelEntry, NextEntry,
    PositionEntry, PrrEntry, QuestionnaireEntry, SCHEMA, SectionEntry, Sides, SuppressedEntry, Tool, UncheckedEntry,
};
use crate::change;
use crate::check::Due;
use crate::check::resolved::{Place, ResolvedEdit, ResolvedFinding, ResolvedLabel};
use crate::check::result::{Counts, Outcome, Report};
use crate::check::summary::KepSummary;
use crate::check::triage::{Suppressed, Triaged};
use crate::project::ProfileKind;
use crate::questionnaire::progress::{Progress, SectionProgress};
use crate::text::{Position, Side};

/// The report as JSON, with a line feed at its end.
#[must_use]
pub fn render(report: &Report) -> String {
    crate::report::to_json(&document(report))
}

/// Writes the report as JSON, with a line feed at its end. A report of many KEPs is large, and is never in memory as text.
///
/// # Errors
/// [`io::Error`] if `out` could not be written.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    crate::report::write_json(&document(report), out)
}

fn document(report: &Report) -> Document<'_> {
    let outcome = report.outcome.as_ref();
    let unchecked = report.unchecked.iter().map(|it| UncheckedEntry { rule: it.rule, reason: &it.reason }).collect();
    Document {
        schema: SCHEMA,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        base: report.revisions.base.as_deref(),
        merge_base: report.revisions.merge_base.as_deref(),
        head: report.revisions.head.as_deref(),
        policy: report.revisions.policy.as_deref(),
        profile: outcome
            .map(|outcome| outcome.policy.profile.kind)
            .filter(|kind| *kind != ProfileKind::Kubernetes)
            .map(ProfileKind::word),
        verdict: report.verdict().word(),
        keps: outcome.map(keps).unwrap_or_default(),
        findings: outcome.map(findings).unwrap_or_default(),
        suppressed: outcome.map(suppressed).unwrap_or_default(),
        unchecked,
        error: report
            .error
            .as_ref()
            .map(|error| ErrorEntry { kind: error.kind(), message: format!("{}: {}", error.describe(), error.help()) }),
        counts: counts(report.counts()),
        exit: report.exit().code(),
    }
}

fn counts(counts: Counts) -> CountsEntry {
    let Counts { error, warning, notice, pre_existing } = counts;
    CountsEntry { error, warning, notice, pre_existing }
}

fn keps(outcome: &Outcome) -> Vec<KepEntry> {
    outcome.keps.iter().map(kep).collect()
}

fn kep(sides: &change::Sides<KepSummary>) -> KepEntry {
    let latest = sides.latest();
    let text = |kep: &KepSummary, field| kep.text(field).map(str::to_owned);
    let both = |field| Sides {
        base: sides.base().and_then(|kep| text(kep, field)),
        head: sides.head().and_then(|kep| text(kep, field)),
    };
    KepEntry {
        path: latest.dir.to_string(),
        number: latest.number.map(crate::kep::KepNumber::get),
        title: text(latest, |metadata| &metadata.title),
        sig: text(latest, |metadata| &metadata.owning_sig),
        status: both(|metadata| &metadata.status),
        stage: both(|metadata| &metadata.stage),
        latest_milestone: both(|metadata| &metadata.latest_milestone),
        prr: Sides { base: sides.base().map(prr), head: sides.head().map(prr) },
        questionnaire: sides.head().and_then(|head| head.questionnaire.as_ref()).map(questionnaire),
    }
}

fn questionnaire(progress: &Progress) -> QuestionnaireEntry {
    QuestionnaireEntry {
        stage: progress.stage.word(),
        answered: progress.answered(),
        questions: progress.questions(),
        sections: sections(&progress.sections),
        next: progress.next.as_ref().map(|(stage, later)| NextEntry { stage: stage.word(), sections: sections(later) }),
    }
}

fn sections(sections: &[SectionProgress]) -> Vec<SectionEntry> {
    let entry = |section: &SectionProgress| SectionEntry {
        title: section.title.to_string(),
        answered: section.answered,
        questions: section.questions,
        as_a_whole: section.is_answered_as_whole,
    };
    sections.iter().map(entry).collect()
}

fn prr(kep: &KepSummary) -> PrrEntry {
    PrrEntry {
        gated: kep.metadata.as_ref().is_some_and(|metadata| metadata.is_gated),
        file: kep.prr_path.as_ref().map(ToString::to_string),
        approver: kep.stage_approver.clone(),
    }
}

fn findings(outcome: &Outcome) -> Vec<FindingEntry<'_>> {
    outcome.findings.iter().map(finding).collect()
}

fn suppressed(outcome: &Outcome) -> Vec<SuppressedEntry<'_>> {
    outcome.suppressed.iter().map(suppressed_entry).collect()
}

fn suppressed_entry(suppressed: &Suppressed) -> SuppressedEntry<'_> {
    SuppressedEntry { finding: finding(&suppressed.triaged), reason: &suppressed.reason }
}

fn finding(triaged: &Triaged) -> FindingEntry<'_> {
    let ResolvedFinding { rule, level, kep, place, message, help, labels, fix, .. } = &triaged.finding;
    let (start, end) = positions(place);
    FindingEntry {
        rule: rule.id,
        level: *level,
        new: triaged.is_new,
        due: triaged.due.as_ref().map(due),
        kep: kep.as_ref().map(ToString::to_string),
        side: side(place.side),
        path: place.path.to_string(),
        start,
        end,
        message,
        help: help.as_deref(),
        labels: labels.iter().map(label).collect(),
        fix: (!fix.is_empty()).then(|| FixEntry { edits: fix.iter().map(edit).collect() }),
        fingerprint: &triaged.fingerprint,
    }
}

fn due(due: &Due) -> DueEntry<'_> {
    let reason = due.to_string();
    match due {
        Due::Field { field, old, new, .. } => {
            DueEntry { reason, field: Some(field), old: Some(old), new: Some(new), path: None }
        }
        Due::File(path) => DueEntry { reason, field: None, old: None, new: None, path: Some(path.to_string()) },
    }
}

fn label(label: &ResolvedLabel) -> LabelEntry<'_> {
    let (start, end) = positions(&label.place);
    LabelEntry { side: side(label.place.side), path: label.place.path.to_string(), start, end, message: &label.text }
}

fn edit(edit: &ResolvedEdit) -> EditEntry<'_> {
    match edit {
        ResolvedEdit::Replace(edit) => EditEntry {
            path: edit.place.path.to_string(),
            create: false,
            start_byte: edit.region.start.byte,
            end_byte: edit.region.end.byte,
            text: &edit.new,
        },
        ResolvedEdit::Create { path, text } => {
            EditEntry { path: path.to_string(), create: true, start_byte: 0, end_byte: 0, text }
        }
    }
}

const fn side(side: Side) -> &'static str {
    match side {
        Side::Head => "head",
        Side::Base => "base",
        Side::Policy => "policy",
    }
}

fn positions(place: &Place) -> (Option<PositionEntry>, Option<PositionEntry>) {
    let entry = |Position { line, column, byte }: Position| PositionEntry { line, column, byte };
    (place.region.map(|region| entry(region.start)), place.region.map(|region| entry(region.end)))
}
