use super::wording::{all_of, quote};
use super::{Context, Findings, Missing};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, PrrFile, Stage, Text, handle};
use crate::questionnaire::Readme;
use crate::questionnaire::comparison::{Comparison, Version, Versions};
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-answers-changed",
    family: Family::ProductionReadiness,
    level: Level::Notice,
    enabled: true,
    needs: &[Need::Readme, Need::Template, Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "Answers of the questionnaire change after the stage was approved",
    what: "Compares the answers that are due at the stage of a gated KEP if the production-readiness file named an \
           approver for that stage before the change. Changes that also touch the stage or the approvers are not \
           reported, because they get a review anyway. White space, comments, template text, punctuation at the end \
           of words, emphasis, capitals (except in values such as `128M`), the numbers of a list and text that only \
           moved within its answer make no difference. Another wording of the question above an answer does, unless \
           it is that of the template. A footnote belongs to the first answer that refers to it. New and deleted \
           answers are not reported either: another rule reports open questions. Text in a section that is not below \
           a question always counts, and so does a change of `disable-supported` from true to false before stable. \
           If the KEP gets another number, it is compared with the KEP that it was. A change that reopens a closed KEP is \
           also listed as not checked: what its answers were when it was approved is only in the history.",
    why: "The approver reviewed different answers. The release team's handbook asks for another production-readiness \
          review if answers change within a stage.",
    source: "https://github.com/kubernetes/sig-release/tree/master/release-team/role-handbooks/enhancements",
};

/// More answers than this have no label of their own.
const MAX_LABELS: usize = 5;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.extend(no_longer_disabled(context));
    let (Some(after), Some(before)) = (context.due_readme(), context.base_record().and_then(|it| it.proposal())) else {
        return;
    };
    let Some((stage, approver)) = approved(context) else { return };
    if context.base_record().is_some_and(KepState::is_closed) {
        findings.cannot_tell(&RULE, Missing::ReviewedAnswers);
    }
    let Some(outline) = context.policy.outline() else {
        findings.cannot_tell(&RULE, Missing::Template);
        return;
    };
    let version = |readme: &'_ Readme| context.file(readme.file).text();
    if version(before) == version(after) {
        return;
    }
    let versions = Versions {
        before: Version { readme: before, text: version(before) },
        after: Version { readme: after, text: version(after) },
        outline,
    };
    let mut altered = versions.compare();
    altered.retain(|it| it.has_other_text() && is_due(it, stage) && was_reviewed(it));
    findings.extend(finding(context, after, &altered, (stage, approver)));
}

/// The finding if the feature can no longer be disabled, on which the answers about its rollback rest.
fn no_longer_disabled(context: &Context<'_>) -> Option<Finding> {
    let field = |kep: &Kep| kep.disable_supported.value().map(|(value, span)| (*value, span));
    // Once a feature is stable, its gate is locked and then removed.
    let (stage, approver) = approved(context).filter(|(stage, _)| *stage != Stage::Stable)?;
    let ((true, _), (false, span)) = (field(context.base_record()?.readable_kep()?)?, field(context.kep()?)?) else {
        return None;
    };
    let message = format!(
        "this change says that the feature cannot be disabled, but {} is already on record as the approver for {stage}",
        quote(approver)
    );
    let finding = Finding::new(&RULE, context.kep()?.file, Some(span), message).on("disable-supported", "false");
    Some(finding.help(format!("ask {} for another review of the answers about rollback", quote(approver))))
}

/// True if an answer is due at `stage`. The text below the heading of the questionnaire is due at every stage.
fn is_due(it: &Comparison, stage: Stage) -> bool {
    let from = it.question.required_from;
    from.map_or(it.question.question.is_none(), |from| from == stage || from.is_before(stage))
}

/// True if the approver reviewed something else than what is there after the change. `prr-question-unanswered` reports
/// answers that are gone, but no text in a section.
fn was_reviewed(it: &Comparison) -> bool {
    let (before, after) = (it.before.is_given(), it.after.is_given());
    if it.question.question.is_some() { before && after } else { before || after }
}

/// The stage of the KEP and its approver, if both were on record before the change, which touches neither.
fn approved<'a>(context: &Context<'a>) -> Option<(Stage, &'a str)> {
    let former = context.base_record()?;
    let (old_kep, kep) = (former.readable_kep()?, context.kep().filter(|kep| kep.is_gated())?);
    let stage = kep.target_stage().filter(|stage| old_kep.target_stage() == Some(*stage))?;
    let before = former.prr_file().filter(|prr_file| prr_file.readable)?;
    let after = context.prr_file()?;
    let named = |prr_file: &'a PrrFile, stage| prr_file.approver(stage).map(Text::text);
    let person = |prr_file| named(prr_file, stage).map(handle::folded);
    let is_kept = person(before) == person(after);
    let approver = named(after, stage).filter(|approver| !handle::is_undecided(approver))?;
    is_kept.then_some((stage, approver))
}

fn finding(
    context: &Context<'_>,
    readme: &Readme,
    altered: &[Comparison],
    (stage, approver): (Stage, &str),
) -> Option<Finding> {
    let first = altered.first()?;
    let titles: Vec<_> =
        altered.iter().map(|it| it.question.question.as_deref().unwrap_or(&it.question.section)).collect();
    let but = format!("but {} is already on record as the approver for {stage}", quote(approver));
    let message = match titles.as_slice() {
        [title] if first.question.question.is_none() => {
            format!("this change alters the text in {}, {but}", quote(title))
        }
        [title] => format!("this change alters the answer to {}, {but}", quote(title)),
        titles => format!("this change alters {} answers, {but}: {}", titles.len(), all_of(titles)),
    };
    let number = context.record().and_then(|record| record.number);
    let kep = number.map_or_else(|| " KEP".to_owned(), |number| format!(" {number}"));
    let mut finding = Finding::new(&RULE, readme.file, first.heading, message)
        .on("questionnaire", titles.join("\n"))
        .help(format!("ask {} for another review; `kepgate review{kep}` shows what changed", quote(approver)));
    for it in altered.iter().skip(1).take(MAX_LABELS).filter(|it| it.heading.is_some()) {
        finding = finding.label(readme.file, it.heading, "this answer changed, too");
    }
    Some(finding)
}
