use super::wording::requoted;
use super::{Context, Family, Findings, Renewal, Rule, promotion_incomplete::gained, promotion_without_milestone};
use crate::finding::{Finding, Level};
use crate::model::{Kep, Stage, State, Text};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "milestone-stage-missing",
    family: Family::Lifecycle,
    level: Level::Warning,
    renewal: Renewal::Target,
    summary: "A gated KEP names no milestone for its target stage",
    what: "Requires `milestone.<stage>` for the stage that a gated KEP targets.",
    why: "It tells in which release the KEP reached, or is to reach, the stage; the release team compares it with \
          `latest-milestone`.",
    example: "milestone:\n  alpha: \"v1.34\"",
    instead: "milestone:\n  alpha: \"v1.34\"\n  beta: \"v1.36\"",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.is_gated()) else { return };
    if promotion_without_milestone::applies(context) {
        return;
    }
    let (Some(stage), Some(latest)) = (kep.target_stage(), kep.latest()) else { return };
    let Some(span) = place(kep, stage) else { return };
    let message = format!("`milestone.{stage}` is missing, and the KEP targets {stage}");
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on(format!("milestone.{stage}"), "").help(
        format!("write `{stage}: \"{latest}\"` below `milestone`, if {latest} is the release that brings {stage}"),
    );
    let finding = match kep.stage.value() {
        Some((_, at)) => finding.label(kep.file, Some(at), "the target stage"),
        None => finding,
    };
    // Half a promotion: which of the two stages is meant is not certain.
    if !gained(context).is_empty() {
        findings.push(finding);
        return;
    }
    findings.push(match kep.milestone_field(stage).map(|field| &field.state) {
        Some(State::Empty(value)) => fix(context, kep, finding, *value, &latest.to_string()),
        Some(State::Absent) => insert(context, kep, finding, stage, &latest.to_string()),
        _ => finding,
    });
}

/// Where to point; `None` when nothing is missing.
fn place(kep: &Kep, stage: Stage) -> Option<Span> {
    match &kep.milestone.state {
        State::Broken => None,
        State::Absent if kep.is_misspelt("milestone") => None,
        State::Absent => kep.stage.key,
        State::Empty(_) => kep.milestone.missing_span(),
        State::Value(milestones, _) => {
            let field = milestones.of(stage);
            let is_misspelt = || kep.is_misspelt_below("milestone", stage.word());
            match field.state {
                State::Absent if is_misspelt() => None,
                State::Absent => kep.milestone.key,
                State::Empty(_) => field.missing_span(),
                State::Broken | State::Value(..) => None,
            }
        }
    }
}

/// Puts the latest milestone in the place of an empty value.
fn fix(context: &Context<'_>, kep: &Kep, finding: Finding, value: Span, latest: &str) -> Finding {
    let file = context.file(kep.file);
    let text = &file.text()[value];
    if !text.is_empty() {
        let new = if text.starts_with(['"', '\'']) { requoted(file, value, latest) } else { format!("\"{latest}\"") };
        return finding.fix(value, new);
    }
    // Nothing stands behind the key: the text goes right behind its colon.
    let rest = file.text().get(value.end..).unwrap_or_default();
    if rest.starts_with(':') {
        finding.fix(Span::new(value.end + 1, value.end + 1), format!(" \"{latest}\""))
    } else {
        finding
    }
}

/// Puts an entry below the last one of `milestone`, as far in and with the same line ending.
fn insert(context: &Context<'_>, kep: &Kep, finding: Finding, stage: Stage, latest: &str) -> Finding {
    let file = context.file(kep.file);
    let Some((milestones, span)) = kep.milestone.value() else { return finding };
    let fields = Stage::ALL.map(|stage| milestones.of(stage));
    let Some((last, end)) = fields.iter().filter_map(|field| ends(field)).max_by_key(|(key, _)| key.start) else {
        return finding;
    };
    // Only where key and value are one line, and nothing but spaces stands before the key.
    let is_flow = file.text()[span].starts_with('{');
    if is_flow || file.position(last.start).line != file.position(end).line {
        return finding;
    }
    let line = file.line(file.position(last.start).line);
    let indent = &file.text()[Span::new(line.start, last.start)];
    if !indent.trim().is_empty() {
        return finding;
    }
    let has_carriage_return = file.text().get(line.end..).is_some_and(|rest| rest.starts_with('\r'));
    let line_break = if has_carriage_return { "\r\n" } else { "\n" };
    finding.fix(Span::new(line.end, line.end), format!("{line_break}{indent}{stage}: \"{latest}\""))
}

/// The key of a field that is there, and where its value ends.
fn ends(field: &Text) -> Option<(Span, usize)> {
    match field.state {
        State::Value(_, value) | State::Empty(value) => Some((field.key?, value.end)),
        State::Absent | State::Broken => None,
    }
}
