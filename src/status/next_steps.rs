//! What the author of a KEP does next, besides what the rules find.

use super::{Missed, Questionnaire, Sources};
use crate::kep::{Kep, Milestone, Stage, Status};
use crate::project::Releases;
use crate::release::{Phase, Schedule};
use crate::rules::{provisional_target, prr_question_unanswered};
use crate::text::wording::count;

/// The steps, in the order in which they come up. All of the text is kepgate's own.
pub(super) fn next_steps(sources: Sources<'_>, questionnaire: Option<&Questionnaire>) -> Vec<String> {
    let Sources { kep, schedule, .. } = sources;
    if kep.is_closed() {
        return Vec::new();
    }
    let finds = |id: &str| {
        let mut of_kep = sources.findings.iter().filter(|it| it.finding.kep.as_ref() == Some(&sources.state.dir));
        of_kep.any(|it| it.finding.rule.id == id)
    };
    let open = questionnaire.map_or(0, Questionnaire::open_questions);
    let mut steps: Vec<_> = sources.missed.and_then(|missed| late(sources, missed)).into_iter().collect();
    if open > 0 && !finds(prr_question_unanswered::RULE.id) {
        let questions =
            if open == 1 { "the open question".to_owned() } else { format!("the {}", count(open, "open question")) };
        steps.push(format!("answer {questions} above"));
    }
    match kep.known_status() {
        Some(Status::Provisional) if !finds(provisional_target::RULE.id) => steps.push(accept(kep, schedule)),
        Some(Status::Implementable) => steps.extend(after_release(sources)),
        _ => {}
    }
    steps
}

/// What becomes of a KEP that missed a freeze of a release that is not out.
fn late(sources: Sources<'_>, Missed { freeze, criteria }: &Missed) -> Option<String> {
    let release = sources.kep.latest().filter(|release| sources.schedule.is_out(*release) != Some(true))?;
    let way = match sources.policy.profile.releases {
        Releases::Kubernetes => "ask the release team for an exception, or target another release",
        Releases::Own | Releases::None => "target another release",
    };
    let name = freeze.name(release);
    Some(format!("{way}: the KEP missed the {name} of {release} (not met: {})", criteria.join(", ")))
}

fn accept(kep: &Kep, schedule: &Schedule) -> String {
    let freeze = kep.latest().filter(|release| schedule.is_frozen(*release) == Some(false));
    let freeze = freeze.and_then(|release| schedule.date(release, Phase::EnhancementsFreeze));
    let freeze = freeze.map(|date| format!(", before the Enhancements Freeze ({date})")).unwrap_or_default();
    let status = kep.dialect.status_word(Status::Implementable);
    format!("set `status: {status}` when the proposal is approved{freeze}")
}

/// What comes after the release of the stage is out: the KEP is done, or goes on to the next stage.
fn after_release(sources: Sources<'_>) -> Option<String> {
    let Sources { kep, state, schedule, policy, .. } = sources;
    let stage = kep.target_stage()?;
    let milestone: Option<Milestone> = kep.milestone_of(stage).map(|(milestone, _)| milestone).max(kep.latest());
    let release = milestone.filter(|release| schedule.is_out(*release) == Some(true))?;
    let word = kep.dialect.stage_word(stage);
    if matches!(stage, Stage::Stable | Stage::Removed) {
        let status = kep.dialect.status_word(Status::Implemented);
        return Some(format!("set `status: {status}` if the feature became {word} in {release}"));
    }
    let next = Stage::ALL.into_iter().find(|next| stage.is_before(*next))?;
    let is_named =
        state.prr_file().and_then(|prr_file| prr_file.approver(next)).is_some_and(|handle| !handle.text().is_empty());
    // The next stage was due in a release that is out as well, so its record may only be incomplete.
    let was_planned = kep.milestone_of(next).is_some_and(|(planned, _)| planned <= release);
    let next = kep.dialect.stage_word(next);
    let reason = if was_planned {
        format!("if the feature did not become {next} in {release}")
    } else {
        format!("to move on to {next}")
    };
    let open = schedule.first_open(release.next())?;
    let name = state.number.map_or_else(|| "KEP".to_owned(), |number| number.to_string());
    let approver =
        if policy.profile.has_reviews() && kep.is_gated() && !is_named { " --prr-approver @HANDLE" } else { "" };
    Some(format!("{reason}:\n`kepgate promote {name} --stage {next} --release {open}{approver}`"))
}
