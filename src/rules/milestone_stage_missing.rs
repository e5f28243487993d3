use super::{Context, Findings, promotion_incomplete::gained, promotion_without_milestone};
use crate::finding::Finding;
use crate::kep::{Kep, Stage, State, edit};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::Span;

pub(crate) static RULE: Rule = Rule {
    id: "milestone-stage-missing",
    family: Family::Lifecycle,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Target,
    summary: "A gated KEP has no milestone for its target stage",
    what: "Requires `milestone.<stage>` for the target stage of a gated KEP.",
    why: "It says in which release the KEP reached, or will reach, the stage. The release team compares it with \
          `latest-milestone`.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.is_gated()) else { return };
    if promotion_without_milestone::applies(context) {
        return;
    }
    let (Some(stage), Some(latest)) = (kep.target_stage(), kep.latest()) else { return };
    let Some(span) = place(kep, stage) else { return };
    let word = kep.stage_word(stage);
    let message = format!("`milestone.{word}` is missing, but the KEP targets {word}");
    let finding = Finding::new(&RULE, kep.file, Some(span), message)
        .on(format!("milestone.{word}"), "")
        .help(format!("add `{word}: \"{latest}\"` under `milestone` if the KEP reaches {word} in {latest}"));
    let finding = match kep.stage.value() {
        Some((_, at)) => finding.label(kep.file, Some(at), "the target stage"),
        None => finding,
    };
    // In half a promotion, it is not certain which of the two stages is meant.
    if !gained(context).is_empty() {
        findings.push(finding);
        return;
    }
    findings.push(match kep.milestone_field(stage).map(|field| &field.state) {
        Some(State::Empty(_)) => with_fix(fill(context, kep, stage, &latest.to_string()), finding),
        Some(State::Absent) => with_fix(insert(context, kep, stage, &latest.to_string()), finding),
        _ => finding,
    });
}

fn with_fix(edit: Option<edit::Edit>, finding: Finding) -> Finding {
    match edit {
        Some((span, text)) => finding.fix(span, text),
        None => finding,
    }
}

/// Returns where to point, or `None` if nothing is missing.
fn place(kep: &Kep, stage: Stage) -> Option<Span> {
    match &kep.milestone.state {
        State::Broken => None,
        State::Absent if kep.is_misspelt("milestone") => None,
        State::Absent => kep.stage.key,
        State::Empty(_) => kep.milestone.missing_span(),
        State::Value(milestones, _) => {
            let field = milestones.of(stage);
            let is_misspelt = || kep.is_misspelt_below("milestone", kep.stage_word(stage));
            match field.state {
                State::Absent if is_misspelt() => None,
                State::Absent => kep.milestone.key,
                State::Empty(_) => field.missing_span(),
                State::Broken | State::Value(..) => None,
            }
        }
    }
}

/// Fills an empty value with the latest milestone.
fn fill(context: &Context<'_>, kep: &Kep, stage: Stage, latest: &str) -> Option<edit::Edit> {
    edit::set(context.file(kep.file), kep.milestone_field(stage)?, latest, &format!("\"{latest}\""))
}

/// Adds an entry after the last one of `milestone`, if that entry is on one line.
fn insert(context: &Context<'_>, kep: &Kep, stage: Stage, latest: &str) -> Option<edit::Edit> {
    let file = context.file(kep.file);
    let (milestones, span) = kep.milestone.value()?;
    let entries = Stage::ALL.into_iter().filter_map(|stage| edit::Entry::of(milestones.of(stage)));
    let last = entries.max_by_key(|entry| entry.key.start)?;
    let is_flow = file.text()[span].starts_with('{');
    if is_flow || file.position(last.key.start).line != file.position(last.end).line {
        return None;
    }
    edit::below(file, last, &format!("{}: \"{latest}\"", kep.stage_word(stage)))
}
