//! The criteria, in the release team's order, and where each is looked up.

use super::{Judge, OpenQuestions, Remark, Verdict};
use crate::change::Policy;
use crate::check::resolved::ResolvedFinding;
use crate::check::summary::{KepSummary, MetadataSummary, ReadmeSummary};
use crate::kep::{Milestone, Stage, Status};
use crate::project::Profile;
use crate::release::Phase;
use crate::rule::{Family, Level, Need, Rule};
use crate::rules::{
    milestone_after_latest, milestone_malformed, milestone_stage_missing, provisional_target, prr_approver_missing,
    prr_approver_unknown, prr_file_missing, prr_number_mismatch, prr_question_unanswered, prr_stage_missing,
    readme_section_missing, stage_behind, stage_invalid, stage_missing, status_invalid,
};

use prr_question_unanswered::RULE as QUESTIONS;

/// Something that a KEP has to have by a freeze.
#[derive(Debug)]
pub(crate) struct Criterion {
    /// Its key in reports, in lowercase with dashes.
    pub(crate) key: &'static str,
    /// The freeze by which it has to be met.
    pub(crate) freeze: Phase,
    /// The text of the checklist item; `{release}` stands for the release, `{status}` for the word for implementable.
    words: &'static str,
    /// What the project has to have, so that the criterion applies.
    needs: Option<Need>,
    /// Where to look it up.
    pub(super) told_by: Source,
}

/// Where to look up a criterion.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// A field or a file, and the rules that explain in more detail what is wrong with it.
    Tree(Look, &'static [&'static Rule]),
    /// The README, according to this rule.
    Readme(&'static Rule),
    /// Only the API.
    Api(&'static str),
}

/// A field or file in the tree.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look {
    Target,
    Stage,
    Milestone,
    ApproverNamed,
    ApproverKnown,
    Status,
}

/// The criteria about a field of the same name, which a project may not have.
const FIELDS: [&str; 2] = ["stage", "milestone"];

const README: &str = "The README has graduation criteria, a test plan and the questionnaire";
const README_WITHOUT_REVIEW: &str = "The README has graduation criteria and a test plan";

/// Every criterion of the release team, those of the first freeze first. From the team's handbook and
/// <https://github.com/kubernetes/sig-release/blob/master/releases/release_phases.md>.
pub(crate) static CRITERIA: &[Criterion] = &[
    Criterion {
        key: "opted-in",
        freeze: Phase::PrrFreeze,
        words: "The tracking issue is open, in the milestone {release} and labeled `lead-opted-in`",
        needs: Some(Need::ReleaseTeam),
        told_by: Source::Api("the tracking issue was not fetched"),
    },
    Criterion {
        key: "latest-milestone",
        freeze: Phase::PrrFreeze,
        words: "`latest-milestone` is {release}",
        needs: None,
        told_by: Source::Tree(Look::Target, &[]),
    },
    Criterion {
        key: "stage",
        freeze: Phase::PrrFreeze,
        words: "`stage` matches the stage planned for {release}",
        needs: None,
        told_by: Source::Tree(Look::Stage, &[&stage_missing::RULE, &stage_invalid::RULE]),
    },
    Criterion {
        key: "milestone",
        freeze: Phase::PrrFreeze,
        words: "`milestone` sets the target stage's release when graduating",
        needs: None,
        told_by: Source::Tree(
            Look::Milestone,
            &[&milestone_stage_missing::RULE, &milestone_malformed::RULE, &milestone_after_latest::RULE],
        ),
    },
    Criterion {
        key: "prr-approver",
        freeze: Phase::PrrFreeze,
        words: "The production readiness file names an approver for the target stage",
        needs: Some(Need::ProductionReadiness),
        told_by: Source::Tree(
            Look::ApproverNamed,
            &[
                &prr_file_missing::RULE,
                &prr_number_mismatch::RULE,
                &prr_stage_missing::RULE,
                &prr_approver_missing::RULE,
            ],
        ),
    },
    Criterion {
        key: "prr-approver-authorized",
        freeze: Phase::PrrFreeze,
        words: "The production readiness file names an authorized approver for the target stage",
        needs: Some(Need::ProductionReadiness),
        told_by: Source::Tree(Look::ApproverKnown, &[&prr_approver_unknown::RULE]),
    },
    Criterion {
        key: "status",
        freeze: Phase::EnhancementsFreeze,
        words: "`status` is {status}",
        needs: None,
        told_by: Source::Tree(Look::Status, &[&status_invalid::RULE, &provisional_target::RULE]),
    },
    Criterion {
        key: "readme",
        freeze: Phase::EnhancementsFreeze,
        words: README,
        needs: None,
        told_by: Source::Readme(&readme_section_missing::RULE),
    },
    Criterion {
        key: "no-open-pull-request",
        freeze: Phase::EnhancementsFreeze,
        words: "No other pull request for the KEP is open",
        needs: None,
        told_by: Source::Api("open pull requests were not fetched"),
    },
];

impl Criterion {
    /// True if a project with this profile has what the criterion is about.
    #[must_use]
    pub(crate) fn applies_to(&self, profile: &Profile) -> bool {
        let has_field = !FIELDS.contains(&self.key) || profile.dialect.uses(self.key);
        has_field && self.needs.is_none_or(|need| !profile.lacks().contains(&need))
    }

    /// Returns the text of the checklist item in trusted Markdown.
    #[must_use]
    pub(crate) fn wording(&self, release: Milestone, profile: &Profile) -> String {
        let has_reviews = profile.has_reviews();
        let words = if self.words == README && !has_reviews { README_WITHOUT_REVIEW } else { self.words };
        let status = profile.dialect.status_word(Status::Implementable);
        words.replace("{release}", &release.to_string()).replace("{status}", status)
    }

    /// True if only the API can tell.
    #[must_use]
    pub(crate) fn needs_api(&self) -> bool {
        matches!(self.told_by, Source::Api(_))
    }

    /// The rules that report it.
    fn rules(&self) -> Vec<&'static Rule> {
        match self.told_by {
            Source::Tree(_, rules) => rules.to_vec(),
            Source::Readme(rule) => vec![rule],
            Source::Api(_) => Vec::new(),
        }
    }
}

/// True if the KEP is on its way out: deprecated, disabled or removed.
pub(super) fn is_removal(kep: &MetadataSummary) -> bool {
    kep.target_stage.is_some_and(|stage| stage.family() == crate::kep::stage::Family::Removal)
}

/// The stage that the KEP targets.
fn target_stage(record: &KepSummary) -> Option<Stage> {
    record.metadata.as_ref().and_then(|kep| kep.target_stage)
}

impl Judge<'_> {
    pub(super) fn verdict(&self, criterion: &Criterion, record: &KepSummary) -> Verdict {
        let Some(kep) = &record.metadata else { return Verdict::NotMet("kep.yaml is missing".to_owned()) };
        match criterion.told_by {
            Source::Api(why) => Verdict::Unknown(why.to_owned()),
            Source::Readme(rule) => self.readme(criterion, rule, record),
            Source::Tree(look, _) => match self.fault(look, record, kep) {
                None => {
                    let errors = self.findings(record).filter(|finding| self.contradicts(look, record, finding));
                    sentence(errors).map_or(Verdict::Met, Verdict::NotMet)
                }
                Some(Verdict::NotMet(plain)) => {
                    Verdict::NotMet(sentence(self.explanations(criterion, record)).unwrap_or(plain))
                }
                Some(other) => other,
            },
        }
    }

    /// True if a finding is an error about what the criterion looks at. A criterion is not met as long as a rule
    /// reports an error there, whichever rule that is.
    fn contradicts(&self, look: Look, record: &KepSummary, finding: &ResolvedFinding) -> bool {
        finding.level == Level::Error && self.is_about(look, record, finding)
    }

    /// True if a finding is about the field that a criterion looks at. Other stages of the KEP are not what the release
    /// is about. Nor is the number in the production-readiness file: upstream finds the file by its name.
    fn is_about(&self, look: Look, record: &KepSummary, finding: &ResolvedFinding) -> bool {
        let is_in_metadata = self.policy().profile.layout.is_metadata(finding.place.path.name());
        // A key that occurs twice is a finding about the mapping, with the key as its value.
        let is_twice = |field: &str| finding.route.is_empty() && finding.value == field;
        let is_field = |field: &str| is_in_metadata && (finding.route == field || is_twice(field));
        let is_in_prr_file = record.prr_path.as_ref() == Some(&finding.place.path);
        let is_of_stage = || self.stage_of(finding).is_some_and(|stage| Some(stage) == target_stage(record));
        let is_authority = finding.rule.id == prr_approver_unknown::RULE.id;
        match look {
            Look::Target => is_field("latest-milestone"),
            Look::Stage => is_field("stage"),
            Look::Milestone => is_in_metadata && finding.route.starts_with("milestone.") && is_of_stage(),
            Look::Status => is_field("status"),
            Look::ApproverNamed => is_field("prod-readiness") || (is_in_prr_file && is_of_stage() && !is_authority),
            Look::ApproverKnown => is_authority,
        }
    }

    /// The stage that the field of a finding belongs to.
    fn stage_of(&self, finding: &ResolvedFinding) -> Option<Stage> {
        let dialect = &self.policy().profile.dialect;
        finding.route.split('.').find_map(|part| dialect.stage(part).or_else(|| Stage::parse(part)))
    }

    /// The findings that explain why a criterion is not met, ignoring notices.
    fn explanations<'a>(
        &'a self,
        criterion: &'a Criterion,
        record: &'a KepSummary,
    ) -> impl Iterator<Item = &'a ResolvedFinding> {
        self.findings(record).filter(|finding| self.explains(criterion, record, finding))
    }

    fn explains(&self, criterion: &Criterion, record: &KepSummary, finding: &ResolvedFinding) -> bool {
        let is_listed = speaks(&criterion.rules(), finding.rule) && finding.level <= Level::Warning;
        let is_of_other_stage = || {
            let stages = self.stage_of(finding).zip(target_stage(record));
            stages.is_some_and(|(stage, target)| stage != target)
        };
        match criterion.told_by {
            Source::Tree(look, _) => (is_listed && !is_of_other_stage()) || self.contradicts(look, record, finding),
            // While a KEP is provisional, some of these findings are notices. The release needs the sections all the same.
            Source::Readme(rule) => {
                let is_of_section = readme_section_missing::is_about_checked_section(&finding.value);
                finding.rule.id == rule.id && is_of_section
            }
            Source::Api(_) => is_listed,
        }
    }

    /// Returns what is wrong with a field or a file, if anything.
    fn fault(&self, look: Look, record: &KepSummary, kep: &MetadataSummary) -> Option<Verdict> {
        let not_met = |is_met: bool, why: String| (!is_met).then_some(Verdict::NotMet(why));
        if record.has_unread_prr_file && matches!(look, Look::ApproverNamed | Look::ApproverKnown) {
            return Some(Verdict::Unknown("the production readiness file cannot be read".to_owned()));
        }
        match look {
            Look::Target => {
                let written = kep.latest_milestone.as_deref().unwrap_or_default();
                not_met(kep.latest == Some(self.release), format!("`latest-milestone` is {}", quoted(written)))
            }
            Look::Stage => not_met(
                kep.target_stage.is_some(),
                format!("`stage` is {}", quoted(kep.stage.as_deref().unwrap_or_default())),
            ),
            Look::Milestone => self.milestone_fault(kep),
            Look::ApproverNamed => {
                let is_named = record.stage_approver.as_deref().is_some_and(|approver| !approver.is_empty());
                not_met(is_named, "the production readiness file does not name an approver for the stage".to_owned())
            }
            Look::ApproverKnown => self.approver_fault(record),
            Look::Status => {
                let is_done = matches!(kep.known_status, Some(Status::Implementable | Status::Implemented));
                let is_removed = kep.known_status == Some(Status::Withdrawn) && is_removal(kep);
                not_met(
                    is_done || is_removed,
                    format!("`status` is {}", quoted(kep.status.as_deref().unwrap_or_default())),
                )
            }
        }
    }

    /// A milestone before the release is fine: the KEP stays in its stage for another one. On its way out, a KEP does not
    /// graduate, so it needs none.
    fn milestone_fault(&self, kep: &MetadataSummary) -> Option<Verdict> {
        let written = kep.stage.as_deref().filter(|_| kep.target_stage.is_some());
        let stage = written.unwrap_or("<stage>");
        match kep.stage_release {
            Some(milestone) if milestone <= self.release => None,
            Some(milestone) => Some(Verdict::NotMet(format!("`milestone.{stage}` is {milestone}"))),
            None if is_removal(kep) && kep.stage_milestone.is_none() => None,
            None => Some(Verdict::NotMet(format!("`milestone.{stage}` is not a release"))),
        }
    }

    fn approver_fault(&self, record: &KepSummary) -> Option<Verdict> {
        let Some(approvers) = self.policy().approvers() else {
            let group = &self.policy().groups.approvers;
            return Some(Verdict::Unknown(format!("`{group}` is missing or empty in OWNERS_ALIASES")));
        };
        // As upstream compares: one `@` stripped, case kept.
        let may = |approver: &str| {
            let name = approver.strip_prefix('@').unwrap_or(approver);
            approvers.contains(&name) || self.policy().emeritus().contains(&name)
        };
        match record.stage_approver.as_deref().filter(|approver| !approver.is_empty()) {
            None => Some(Verdict::NotMet(
                "the production readiness file does not name an approver for the stage".to_owned(),
            )),
            Some(approver) if may(approver) => None,
            Some(approver) => Some(Verdict::NotMet(format!("{} is not an approver", quoted(approver)))),
        }
    }

    /// Judges the README by a rule.
    fn readme(&self, criterion: &Criterion, rule: &'static Rule, record: &KepSummary) -> Verdict {
        if record.readme == ReadmeSummary::Absent {
            return Verdict::NotMet("README.md is missing".to_owned());
        }
        if record.has_unread_readme() {
            return Verdict::Unknown("README.md cannot be read".to_owned());
        }
        if !self.checked.config.runs(rule) {
            return Verdict::Unknown(format!("the rule `{}` is off", rule.id));
        }
        if let Some(unchecked) = self.checked.unchecked.iter().find(|unchecked| unchecked.rule == rule.id) {
            return Verdict::Unknown(unchecked.reason.clone());
        }
        sentence(self.explanations(criterion, record)).map_or(Verdict::Met, Verdict::NotMet)
    }

    /// What kepgate finds beyond the criteria: errors, what the README and its fields lack, a stage that only a comment
    /// explains, and the release of a removal. The release team does not judge these. Each rule gives one remark, except
    /// for what a criterion that is not met already reports.
    pub(super) fn remarks(&self, record: &KepSummary, verdicts: &[(&'static Criterion, Verdict)]) -> Vec<Remark> {
        let unmet = || verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::NotMet(_)));
        let is_reported =
            |finding: &ResolvedFinding| unmet().any(|(criterion, _)| self.explains(criterion, record, finding));
        let weighs = |finding: &&ResolvedFinding| finding.level <= Level::Warning && !is_reported(finding);
        let findings: Vec<_> = self.findings(record).filter(weighs).collect();
        let is_remark = |finding: &&&ResolvedFinding| {
            let is_of_readme = finding.rule.family == Family::Readme;
            let is_of_target = speaks(&[&stage_behind::RULE, &milestone_stage_missing::RULE], finding.rule);
            finding.level == Level::Error || is_of_readme || is_of_target
        };
        let mut rules: Vec<&'static str> = findings.iter().filter(is_remark).map(|it| it.rule.id).collect();
        rules.sort_unstable();
        rules.dedup();
        let remark = |rule: &'static str| {
            let of_rule = findings.iter().copied().filter(|finding| finding.rule.id == rule);
            let what = sentence(of_rule.filter(|finding| !is_open_question(finding)))?;
            Some(Remark { rule, what })
        };
        // All open questions are one remark, with the count that every command gives.
        let open = self.open_questions(record);
        let questions = open.map(|open| Remark { rule: QUESTIONS.id, what: open.to_string() });
        rules.into_iter().filter_map(remark).chain(questions).collect()
    }

    /// The questions that are due at the stage of the KEP and have no answer, as the rule about them sees it.
    pub(super) fn open_questions(&self, record: &KepSummary) -> Option<OpenQuestions> {
        let found = self.findings(record).any(is_open_question).then(|| OpenQuestions::of(record)).flatten();
        found.or_else(|| self.unanswered_later(record))
    }

    /// The same for a KEP that the rule does not check yet, because it is provisional. The release needs its answers all the same.
    fn unanswered_later(&self, record: &KepSummary) -> Option<OpenQuestions> {
        let Policy { profile, .. } = self.policy();
        let kep = record.metadata.as_ref().filter(|kep| kep.known_status == Some(Status::Provisional))?;
        let is_asked = profile.has_reviews() && profile.dialect.is_gated(self.release) && !kep.is_gated;
        let config = self.checked.config;
        let is_due = is_asked && config.runs(&QUESTIONS) && config.level(&QUESTIONS) <= Level::Warning;
        OpenQuestions::of(record).filter(|_| is_due)
    }
}

impl OpenQuestions {
    /// Those that the questionnaire of a KEP has.
    fn of(record: &KepSummary) -> Option<Self> {
        let progress = record.questionnaire.as_ref()?;
        let open = progress.questions().saturating_sub(progress.answered());
        (open > 0).then(|| Self { open, due: progress.questions() })
    }
}

/// True if a finding is about questions without an answer.
fn is_open_question(finding: &ResolvedFinding) -> bool {
    finding.rule.id == QUESTIONS.id && prr_question_unanswered::is_about_open_questions(&finding.value)
}

/// The first message, with the number of others.
fn sentence<'a>(findings: impl Iterator<Item = &'a ResolvedFinding>) -> Option<String> {
    let mut messages = findings.map(|finding| &finding.message);
    let first = messages.next()?;
    let more = messages.count();
    Some(if more == 0 { first.clone() } else { format!("{first} (and {more} more)") })
}

/// True if `rule` is one of `rules`.
fn speaks(rules: &[&Rule], rule: &Rule) -> bool {
    rules.iter().any(|one| one.id == rule.id)
}

/// Quotes untrusted text, or says that it is not set.
fn quoted(text: &str) -> String {
    if text.is_empty() { "not set".to_owned() } else { crate::text::wording::quote(text) }
}
