//! How far the KEPs of a release are: the release team's criteria for its two freezes, each met, not met or unknown, and
//! kepgate's own remarks, which decide nothing.
//!
//! The tree is judged by the same rules that check a change. Data that it does not contain (the tracking issue, open
//! pull requests) is fetched from GitHub on request; otherwise it is unknown, never met.

mod criteria;
mod gates;
pub(crate) mod packets;
pub(crate) mod report;
pub(crate) mod sweep;
mod tracked;
mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use regex::bytes::Regex;

pub(crate) use criteria::{CRITERIA, Criterion};
pub(crate) use tracked::{Tracked, by_kep, unmerged};

use crate::change::Policy;
use crate::check::resolved::ResolvedFinding;
use crate::check::result::{Outcome, Unchecked};
use crate::check::summary::{KepSummary, MetadataSummary};
use crate::config::Config;
use crate::kep::handle::HandleFault;
use crate::kep::{Handle, KepNumber, Milestone, Stage, Status};
use crate::project::{Profile, Releases};
use crate::release::{Deadline, Exception, Phase, Ruling, Schedule};
use crate::text::RepoPath;
use crate::text::wording::count;

/// The two freezes that a KEP has to meet, in order.
pub(crate) const FREEZES: [Phase; 2] = [Phase::PrrFreeze, Phase::EnhancementsFreeze];

/// How far the KEPs of a release are.
#[derive(Debug)]
pub(crate) struct Readiness {
    /// The release.
    pub(crate) release: Milestone,
    /// The current time.
    pub(crate) now: Timestamp,
    /// True if it is known that the release is out.
    pub(crate) is_out: bool,
    /// The project's profile, which decides what the criteria are.
    pub(crate) profile: Arc<Profile>,
    /// When the freezes are that the project has, and whether they have passed, as far as that is known.
    pub(crate) freezes: Vec<(Phase, Option<Deadline>, Option<bool>)>,
    /// The KEPs that target the release or requested an exception from its freeze, by SIG and number.
    pub(crate) keps: Vec<Candidate>,
    /// Directories of KEPs that could not be read, so their target is unknown.
    pub(crate) unread: Vec<RepoPath>,
    /// The KEPs that only open pull requests target at the release; `None` if these were not fetched.
    pub(crate) unmerged: Option<Vec<Unmerged>>,
    /// True if only the KEPs of some SIGs are in the list.
    pub(crate) is_filtered: bool,
}

/// A KEP that targets the release in open pull requests, but not in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unmerged {
    /// Its directory.
    pub(crate) dir: RepoPath,
    /// Its directory's number.
    pub(crate) number: Option<KepNumber>,
    /// Its title, as written.
    pub(crate) title: String,
    /// The numbers of the pull requests.
    pub(crate) pulls: Vec<u64>,
}

/// Something that kepgate finds and the release team does not judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The id of the rule.
    pub(crate) rule: &'static str,
    /// The first message, with the number of others. Untrusted text in it is in backticks.
    pub(crate) what: String,
}

/// A KEP that wants to be in the release.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// Its directory's number.
    pub(crate) number: Option<KepNumber>,
    /// Its directory; `None` for an exception whose KEP does not exist.
    pub(crate) dir: Option<RepoPath>,
    /// Its title, as written.
    pub(crate) title: String,
    /// The SIG of its directory, or else the one in its metadata.
    pub(crate) sig: String,
    /// Its status, as written.
    pub(crate) status: String,
    /// The stage that it targets, when it is a known one.
    pub(crate) stage: Option<Stage>,
    /// The release that reaches that stage according to `milestone`, if it is one.
    pub(crate) stage_release: Option<Milestone>,
    /// The project's word for that stage; empty if there is none.
    pub(crate) stage_word: String,
    /// The production-readiness approver of that stage: a handle with its `@`, or else as written; empty if none is
    /// named.
    pub(crate) approver: String,
    /// Its exception from the Enhancements Freeze, whatever became of it.
    pub(crate) exception: Option<Exception>,
    /// The criteria that apply to the project, in order, with the verdicts. They alone decide.
    pub(crate) verdicts: Vec<(&'static Criterion, Verdict)>,
    /// kepgate's own remarks, which decide nothing.
    pub(crate) remarks: Vec<Remark>,
    /// The questions of its README without an answer, if there are any.
    pub(crate) open_questions: Option<OpenQuestions>,
}

/// The questions that are due at a KEP's stage, but have no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenQuestions {
    /// Their number, which is not 0.
    pub(crate) open: usize,
    /// The number of questions that are due.
    pub(crate) due: usize,
}

/// `3 of 24 questions have no answer`
impl fmt::Display for OpenQuestions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let have = if self.open == 1 { "has" } else { "have" };
        write!(formatter, "{} of {} {have} no answer", self.open, count(self.due, "question"))
    }
}

/// The verdict on a criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is met.
    Met,
    /// It is not met. The reason has no full stop, and untrusted text in it is in backticks.
    NotMet(String),
    /// Nothing here tells, and why not.
    Unknown(String),
}

/// The state of a KEP for a freeze.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Something is missing.
    NotMet,
    /// Something is missing, but the release team approved an exception.
    Excepted,
    /// Nothing is known to be missing, but not everything is known.
    Unknown,
    /// Nothing is missing, except that GitHub was not asked about the tracking issue and open pull requests.
    Unchecked,
    /// Everything is there.
    Met,
}

impl State {
    /// Every state.
    pub(crate) const ALL: [Self; 5] = [Self::Met, Self::Unchecked, Self::Unknown, Self::Excepted, Self::NotMet];

    /// The words for it.
    #[must_use]
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unchecked => "nothing missing (opt-in not checked)",
            Self::Unknown => "unknown",
            Self::Excepted => "exception",
            Self::NotMet => "not met",
        }
    }

    /// The word for it in JSON.
    #[must_use]
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::NotMet => "not-met",
            Self::Met | Self::Unknown | Self::Excepted => self.words(),
        }
    }
}

impl Verdict {
    /// The words for it.
    #[must_use]
    pub(crate) const fn words(&self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet(_) => "not met",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The word for it in JSON.
    #[must_use]
    pub(crate) const fn key(&self) -> &'static str {
        if matches!(self, Self::NotMet(_)) { "not-met" } else { self.words() }
    }

    /// Why it is not met, or not known.
    #[must_use]
    pub(crate) fn why(&self) -> Option<&str> {
        match self {
            Self::Met => None,
            Self::NotMet(why) | Self::Unknown(why) => Some(why),
        }
    }
}

impl Candidate {
    /// True if the release team has approved an exception from `freeze`.
    #[must_use]
    pub(crate) fn is_excepted(&self, freeze: Phase) -> bool {
        let covers = |exception: &Exception| exception.ruling == Ruling::Approved && exception.freeze >= freeze;
        self.exception.as_ref().is_some_and(covers)
    }

    /// Its state for `freeze`. The second freeze includes all criteria of the first one.
    #[must_use]
    pub(crate) fn state(&self, freeze: Phase) -> State {
        let asked = || self.answers().filter(|(criterion, _)| criterion.freeze <= freeze);
        if asked().any(|(_, verdict)| matches!(verdict, Verdict::NotMet(_))) {
            return if self.is_excepted(freeze) { State::Excepted } else { State::NotMet };
        }
        let unknown: Vec<_> = asked().filter(|(_, verdict)| matches!(verdict, Verdict::Unknown(_))).collect();
        if unknown.is_empty() {
            State::Met
        } else if unknown.iter().all(|(criterion, _)| criterion.needs_api()) {
            State::Unchecked
        } else {
            State::Unknown
        }
    }

    /// The questions without an answer, if the criterion is about the questionnaire. It is met by the headings of the
    /// questionnaire, but nobody should tick it off.
    #[must_use]
    pub(crate) fn open_questions_of(&self, criterion: &Criterion) -> Option<OpenQuestions> {
        self.open_questions.filter(|_| criterion.key == "readme")
    }

    /// The stage that it targets, unless its metadata contradicts it.
    #[must_use]
    pub(crate) fn clear_stage(&self) -> Option<Stage> {
        self.stage.filter(|_| !self.fails("stage"))
    }

    /// True if it does not meet the criterion with this key.
    #[must_use]
    pub(crate) fn fails(&self, key: &str) -> bool {
        self.answers().any(|(criterion, verdict)| criterion.key == key && matches!(verdict, Verdict::NotMet(_)))
    }

    /// The criteria with their verdicts.
    pub(crate) fn answers(&self) -> impl Iterator<Item = (&'static Criterion, &Verdict)> {
        self.verdicts.iter().map(|(criterion, verdict)| (*criterion, verdict))
    }
}

/// The criteria that apply to a project with this profile.
pub(crate) fn criteria_of(profile: &Profile) -> impl Iterator<Item = &'static Criterion> {
    CRITERIA.iter().filter(|criterion| criterion.applies_to(profile))
}

/// The freezes of a project with this profile.
fn freezes_of(profile: &Profile) -> impl Iterator<Item = Phase> {
    let has_reviews = profile.has_reviews();
    FREEZES.into_iter().filter(move |phase| *phase != Phase::PrrFreeze || has_reviews)
}

impl Readiness {
    /// True if the project's releases have dates.
    #[must_use]
    pub(crate) fn has_dates(&self) -> bool {
        self.profile.releases != Releases::None
    }

    /// True if the project reviews production readiness.
    #[must_use]
    pub(crate) fn has_reviews(&self) -> bool {
        self.profile.has_reviews()
    }

    /// Leaves out the KEPs whose SIG matches none of these, unless there are none.
    pub(crate) fn keep_sigs(&mut self, sigs: &[Regex]) {
        let is_meant = |sig: &str| sigs.is_empty() || sigs.iter().any(|pattern| pattern.is_match(sig.as_bytes()));
        self.is_filtered = !sigs.is_empty();
        self.keps.retain(|kep| is_meant(&kep.sig));
        let layout = &self.profile.layout;
        if let Some(unmerged) = &mut self.unmerged {
            unmerged.retain(|kep| is_meant(layout.directory_sig(&kep.dir).unwrap_or_default()));
        }
    }

    /// The first freeze that the KEP in `dir` has missed, and the keys of the criteria that it does not meet.
    #[must_use]
    pub(crate) fn missed_freeze(&self, dir: &RepoPath) -> Option<(Phase, Vec<&'static str>)> {
        let kep = self.keps.iter().find(|kep| kep.dir.as_ref() == Some(dir))?;
        let is_missed = |phase: &Phase| self.has_passed(*phase) && kep.state(*phase) == State::NotMet;
        let phase = self.freezes.iter().map(|(phase, ..)| *phase).find(is_missed)?;
        let failed = kep.answers().filter(|(it, verdict)| it.freeze <= phase && matches!(verdict, Verdict::NotMet(_)));
        Some((phase, failed.map(|(criterion, _)| criterion.key).collect()))
    }

    /// The number of KEPs that are in a state for `freeze`.
    #[must_use]
    pub(crate) fn count(&self, freeze: Phase, state: State) -> usize {
        self.keps.iter().filter(|kep| kep.state(freeze) == state).count()
    }

    /// The KEPs of each SIG, by name.
    #[must_use]
    pub(crate) fn by_sig(&self) -> BTreeMap<&str, Vec<&Candidate>> {
        let mut sigs: BTreeMap<&str, Vec<&Candidate>> = BTreeMap::new();
        for kep in &self.keps {
            sigs.entry(&kep.sig).or_default().push(kep);
        }
        sigs
    }
}

/// Judges every KEP of the tree in `checked`, which was checked as a whole, that targets `release`.
#[must_use]
pub(crate) fn assess(checked: Checked<'_>, schedule: &Schedule, release: Milestone, now: Timestamp) -> Readiness {
    let summaries = || checked.outcome.keps.iter().filter_map(|kep| kep.head());
    let judge = Judge { checked, schedule, release };
    let mut keps: Vec<_> =
        summaries().filter(|record| judge.concerns(record)).map(|record| judge.candidate(record)).collect();
    let is_there = |number: KepNumber| summaries().any(|record| record.number == Some(number));
    let profile = Arc::clone(&checked.outcome.policy.profile);
    let strangers = schedule.exceptions.for_release(release).filter(|(number, _)| !is_there(*number));
    keps.extend(strangers.map(|(number, exception)| absent(number, exception, &profile)));
    keps.sort_by(|one, other| (&one.sig, one.number, &one.dir).cmp(&(&other.sig, other.number, &other.dir)));
    let unread = summaries().filter(|kep| kep.readable_metadata().is_none());
    Readiness {
        release,
        now,
        is_out: schedule.is_out(release) == Some(true),
        freezes: freezes_of(&profile)
            .map(|phase| (phase, schedule.date(release, phase), schedule.has_passed(release, phase)))
            .collect(),
        profile,
        unread: unread.map(|kep| kep.dir.clone()).collect(),
        unmerged: None,
        is_filtered: false,
        keps,
    }
}

/// A handle with its `@`, even if the file lacks it; other text stays as it is.
fn with_at_sign(written: &str) -> String {
    match Handle::parse(written) {
        Err(HandleFault::BareHandle(handle)) => format!("@{}", handle.name()),
        _ => written.to_owned(),
    }
}

/// An exception for a KEP that is not in the tree.
fn absent(number: KepNumber, exception: &Exception, profile: &Profile) -> Candidate {
    let why = "no KEP has this number".to_owned();
    let verdict = |criterion: &Criterion| match criterion.key {
        "latest-milestone" => Verdict::NotMet(why.clone()),
        _ => Verdict::Unknown(why.clone()),
    };
    Candidate {
        number: Some(number),
        dir: None,
        title: String::new(),
        sig: "unknown".to_owned(),
        status: String::new(),
        stage: None,
        stage_release: None,
        stage_word: String::new(),
        approver: String::new(),
        exception: Some(exception.clone()),
        verdicts: criteria_of(profile).map(|criterion| (criterion, verdict(criterion))).collect(),
        remarks: Vec::new(),
        open_questions: None,
    }
}

/// A whole tree as it was checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked<'a> {
    /// The findings.
    pub(crate) outcome: &'a Outcome,
    /// The rules that could not be checked, and why.
    pub(crate) unchecked: &'a [Unchecked],
    /// The configuration that the rules ran under.
    pub(crate) config: &'a Config,
}

/// The inputs for judging KEPs.
struct Judge<'a> {
    checked: Checked<'a>,
    schedule: &'a Schedule,
    release: Milestone,
}

impl Judge<'_> {
    /// True if the KEP is a candidate: it targets the release and is not abandoned, or it requested an exception.
    fn concerns(&self, record: &KepSummary) -> bool {
        let Some(kep) = record.readable_metadata() else { return false };
        let is_over = matches!(kep.known_status, Some(Status::Deferred | Status::Rejected | Status::Replaced));
        // A feature that is removed is withdrawn, but its removal is work for a release all the same.
        let is_withdrawn = kep.known_status == Some(Status::Withdrawn) && !criteria::is_removal(kep);
        let targets = kep.latest == Some(self.release) && !is_over && !is_withdrawn;
        targets || self.exception(record).is_some()
    }

    fn exception(&self, record: &KepSummary) -> Option<&Exception> {
        record.number.and_then(|number| self.schedule.exception(self.release, number))
    }

    fn candidate(&self, record: &KepSummary) -> Candidate {
        let text = |field: fn(&MetadataSummary) -> &Option<String>| record.text(field).unwrap_or_default().to_owned();
        let sig = record.sig.clone();
        let stage = record.metadata.as_ref().and_then(|metadata| metadata.target_stage);
        let criteria = criteria_of(&self.policy().profile);
        let verdicts: Vec<_> = criteria.map(|criterion| (criterion, self.verdict(criterion, record))).collect();
        Candidate {
            number: record.number,
            dir: Some(record.dir.clone()),
            title: text(|metadata| &metadata.title),
            sig: sig.unwrap_or_else(|| text(|metadata| &metadata.owning_sig)),
            status: text(|metadata| &metadata.status),
            stage,
            stage_word: if stage.is_some() { text(|metadata| &metadata.stage) } else { String::new() },
            stage_release: record.metadata.as_ref().and_then(|metadata| metadata.stage_release),
            approver: with_at_sign(record.stage_approver.as_deref().unwrap_or_default()),
            exception: self.exception(record).cloned(),
            remarks: self.remarks(record, &verdicts),
            open_questions: self.open_questions(record),
            verdicts,
        }
    }

    fn policy(&self) -> &Policy {
        &self.checked.outcome.policy
    }

    /// The findings on this KEP, except for those that the configuration ignores.
    fn findings<'a>(&'a self, record: &'a KepSummary) -> impl Iterator<Item = &'a ResolvedFinding> {
        let findings = self.checked.outcome.findings.iter().map(|triaged| &triaged.finding);
        findings.filter(|finding| finding.kep.as_ref() == Some(&record.dir))
    }
}
