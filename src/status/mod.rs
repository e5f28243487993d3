//! One KEP on one screen: where it is, what its target stage still needs, who approves it, and which dates it has to meet.

mod json;
mod markdown;
mod next_steps;
mod text;

use std::sync::Arc;

use crate::change::{KepState, Policy};
use crate::check::resolved::ResolvedFinding;
use crate::check::result::Unchecked;
use crate::check::triage::Triaged;
use crate::escape::one_line;
use crate::kep::dialect::Dialect;
use crate::kep::{Field, Kep, KepNumber, Milestone, Stage};
use crate::kubernetes::{KubernetesLists, Named, named};
use crate::project::{Profile, Web};
use crate::questionnaire::Readme;
use crate::questionnaire::progress::Progress;
use crate::release::{Deadline, Phase, Schedule};
use crate::report::left::is_about_open_questions;
use crate::text::RepoPath;

#[cfg(test)]
pub(crate) use json::Document;
pub(crate) use json::render as json;
pub(crate) use markdown::render as markdown;
pub(crate) use text::render as text;

/// What is known about a KEP. Texts are as written, and untrusted.
#[derive(Debug)]
pub(crate) struct KepStatus {
    pub(crate) number: Option<KepNumber>,
    pub(crate) dir: RepoPath,
    pub(crate) title: String,
    /// The owning SIG: `owning-sig`, or else the SIG of its directory.
    pub(crate) sig: String,
    pub(crate) status: String,
    pub(crate) stage: String,
    /// The stage, if it is a valid one.
    pub(crate) target: Option<Stage>,
    /// The project's words for stages.
    pub(crate) dialect: Arc<Dialect>,
    pub(crate) latest_milestone: String,
    /// The release, if `latest-milestone` is one.
    pub(crate) release: Option<Milestone>,
    /// True if no more work on it is planned.
    pub(crate) is_closed: bool,
    /// The stages of `milestone` that have a value.
    pub(crate) milestones: Vec<(Stage, String)>,
    /// The production-readiness approvers; `None` if the project has none.
    pub(crate) approvers: Option<Vec<Approver>>,
    /// The dates of its release, in order.
    pub(crate) dates: Vec<ReleaseDate>,
    /// `None` if the template has no questions, or there is no README.
    pub(crate) questionnaire: Option<Questionnaire>,
    pub(crate) feature_gates: Vec<Named>,
    pub(crate) metrics: Vec<Named>,
    /// The release of Kubernetes that feature gates and metrics were looked up in.
    pub(crate) lists: Option<Milestone>,
    /// Findings, the most severe first.
    pub(crate) needs: Vec<ResolvedFinding>,
    /// What comes next besides, in kepgate's own words.
    pub(crate) next_steps: Vec<String>,
    pub(crate) unchecked: Vec<Unchecked>,
    /// Why the KEP was not compared with the target branch, so that findings about the change are missing.
    pub(crate) not_compared: Option<String>,
    /// The address of the tracking issue.
    pub(crate) issue: Option<String>,
    /// The freeze that it has missed, if any.
    pub(crate) missed: Option<Missed>,
    /// What is outdated in its metadata.
    pub(crate) outdated: Vec<Outdated>,
}

/// Metadata that time has overtaken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outdated {
    /// Its key in `kepgate readiness --sweep`.
    pub(crate) lag: &'static str,
    /// A short description. Names in it are in backticks.
    pub(crate) what: String,
}

/// A freeze that a KEP has missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missed {
    /// The freeze.
    pub(crate) freeze: Phase,
    /// The keys of the criteria that it does not meet.
    pub(crate) criteria: Vec<&'static str>,
}

/// The production-readiness approver of a stage.
#[derive(Debug)]
pub(crate) struct Approver {
    pub(crate) stage: Stage,
    /// The handle as written; `None` if nobody is named for the target stage.
    pub(crate) handle: Option<String>,
    pub(crate) role: Role,
}

/// What an approver is on the target branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Approver,
    Emeritus,
    /// Neither.
    Unknown,
    /// Nobody is named.
    Nobody,
}

impl Role {
    /// The word in JSON.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Approver => "approver",
            Self::Emeritus => "emeritus",
            Self::Unknown => "unknown",
            Self::Nobody => "nobody",
        }
    }
}

/// A date of the KEP's release.
#[derive(Debug)]
pub(crate) struct ReleaseDate {
    pub(crate) phase: Phase,
    pub(crate) date: Option<Deadline>,
    pub(crate) has_passed: Option<bool>,
    /// `12 days left`
    pub(crate) countdown: Option<String>,
}

/// The answers that are due at the target stage.
#[derive(Debug)]
pub(crate) struct Questionnaire {
    pub(crate) progress: Progress,
    /// The questions without an answer, by section.
    pub(crate) open: Vec<(String, Vec<String>)>,
}

impl Questionnaire {
    fn open_questions(&self) -> usize {
        self.open.iter().map(|(_, questions)| questions.len()).sum()
    }
}

/// What a status is made from.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) kep: &'a Kep,
    pub(crate) state: &'a KepState,
    pub(crate) readme: Option<&'a Readme>,
    pub(crate) policy: &'a Policy,
    pub(crate) findings: &'a [Triaged],
    pub(crate) unchecked: &'a [Unchecked],
    /// Why the KEP was not compared with the target branch.
    pub(crate) not_compared: Option<&'a str>,
    pub(crate) schedule: &'a Schedule,
    pub(crate) lists: Option<&'a KubernetesLists>,
    pub(crate) web: Option<&'a Web>,
    /// The freeze that the KEP has missed.
    pub(crate) missed: Option<&'a Missed>,
    /// What is outdated in its metadata.
    pub(crate) outdated: &'a [Outdated],
}

impl KepStatus {
    pub(crate) fn new(sources: Sources<'_>) -> Self {
        let Sources { kep, state, policy, schedule, lists, .. } = sources;
        let target = kep.target_stage();
        let release = kep.latest();
        let needs = needs(sources);
        let questionnaire = questionnaire(sources);
        Self {
            number: state.number,
            dir: state.dir.clone(),
            title: kep.title().to_owned(),
            sig: state.owning_sig(&policy.profile.layout).to_owned(),
            status: kep.status.text().to_owned(),
            stage: kep.stage.text().to_owned(),
            target,
            dialect: Arc::clone(&kep.dialect),
            latest_milestone: kep.latest_milestone.text().to_owned(),
            release,
            is_closed: kep.is_closed(),
            milestones: milestones(kep),
            approvers: policy.profile.has_reviews().then(|| approvers(sources)),
            dates: release.map(|release| dates(release, schedule, &policy.profile)).unwrap_or_default(),
            next_steps: next_steps::next_steps(sources, questionnaire.as_ref()),
            questionnaire,
            feature_gates: named::feature_gates(kep, lists),
            metrics: named::metrics(kep, lists),
            lists: lists.map(|lists| lists.kubernetes),
            needs,
            unchecked: sources.unchecked.to_vec(),
            not_compared: sources.not_compared.map(str::to_owned),
            issue: issue(sources),
            missed: sources.missed.cloned(),
            outdated: sources.outdated.to_vec(),
        }
    }
}

impl KepStatus {
    /// The project's word for a stage. It may have several, of which the KEP uses one.
    fn word(&self, stage: Stage) -> String {
        if self.target == Some(stage) { one_line(&self.stage) } else { self.dialect.stage_word(stage).to_owned() }
    }

    /// True if the finding is about questions that the questionnaire lists anyway.
    fn lists_question(&self, finding: &ResolvedFinding) -> bool {
        self.open_questions() > 0 && is_about_open_questions(finding)
    }

    /// The number of questions that are due and have no answer.
    fn open_questions(&self) -> usize {
        self.questionnaire.as_ref().map_or(0, Questionnaire::open_questions)
    }
}

/// What to do about a finding, without the lines to write.
fn first_line(help: &str) -> &str {
    help.lines().next().unwrap_or_default().trim_end_matches(':')
}

fn milestones(kep: &Kep) -> Vec<(Stage, String)> {
    let written = |stage| kep.milestone_field(stage).map(Field::text).filter(|text| !text.is_empty());
    Stage::ALL.into_iter().filter_map(|stage| Some((stage, written(stage)?.to_owned()))).collect()
}

/// The stages with an approver, and the target stage unless the KEP is closed.
fn approvers(sources: Sources<'_>) -> Vec<Approver> {
    let named = |stage| {
        let prr_file = sources.state.prr_file()?;
        prr_file.approver(stage).map(Field::text).filter(|handle| !handle.is_empty())
    };
    let target = sources.kep.target_stage().filter(|_| !sources.kep.is_closed());
    let stages = Stage::ALL.into_iter().filter(|stage| named(*stage).is_some() || target == Some(*stage));
    let entries = stages.map(|stage| {
        let handle = named(stage).map(str::to_owned);
        let role = handle.as_deref().map_or(Role::Nobody, |handle| role(handle, sources.policy));
        Approver { stage, handle, role }
    });
    entries.collect()
}

fn role(handle: &str, policy: &Policy) -> Role {
    // As upstream compares: one `@` stripped, case kept.
    let name = handle.strip_prefix('@').unwrap_or(handle);
    if policy.approvers().unwrap_or_default().contains(&name) {
        Role::Approver
    } else if policy.emeritus().contains(&name) {
        Role::Emeritus
    } else {
        Role::Unknown
    }
}

/// A code freeze whose date is unknown is left out, because KEPs are not checked against it.
fn dates(release: Milestone, schedule: &Schedule, profile: &Profile) -> Vec<ReleaseDate> {
    let dates = profile.phases().map(|phase| ReleaseDate {
        phase,
        date: schedule.date(release, phase),
        has_passed: schedule.has_passed(release, phase),
        countdown: schedule.countdown(release, phase),
    });
    dates.filter(|it| it.phase != Phase::CodeFreeze || it.date.is_some()).collect()
}

fn questionnaire(sources: Sources<'_>) -> Option<Questionnaire> {
    let (readme, outline) = (sources.readme?, sources.policy.outline()?);
    let stage = sources.kep.target_stage()?;
    let progress = Progress::new(readme, outline, stage)?;
    let sections = outline.sections.iter().zip(&readme.sections);
    let open = sections.filter(|(section, _)| section.is_required_at(stage)).map(|(section, reply)| {
        let questions = section.questions.iter().zip(&reply.answers);
        let open = questions.filter(|(_, answered)| reply.leaves_open(answered));
        (section.title.to_string(), open.map(|(question, _)| question.title.clone()).collect::<Vec<_>>())
    });
    Some(Questionnaire { progress, open: open.filter(|(_, questions)| !questions.is_empty()).collect() })
}

fn needs(sources: Sources<'_>) -> Vec<ResolvedFinding> {
    let of_kep = |triaged: &&Triaged| triaged.finding.kep.as_ref() == Some(&sources.state.dir);
    let mut needs: Vec<_> = sources.findings.iter().filter(of_kep).map(|triaged| triaged.finding.clone()).collect();
    needs.sort_by_key(|finding| finding.level);
    needs
}

/// `None` if it is not known where the issues are.
fn issue(sources: Sources<'_>) -> Option<String> {
    let number = sources.state.issue_number()?;
    Some(sources.policy.profile.issue(number, sources.web)).filter(|issue| issue.contains("://"))
}
