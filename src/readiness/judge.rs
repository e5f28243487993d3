//! Judges a KEP by the criteria: where each is looked up, and what is said if it is not met.

use super::criteria::{Criterion, Look, Source, is_removal};
use super::verdict::Verdict;
use crate::change::Policy;
use crate::check::resolved::ResolvedFinding;
use crate::check::result::{Outcome, Unchecked};
use crate::check::summary::{KepSummary, MetadataSummary, ReadmeSummary};
use crate::config::Config;
use crate::kep::{Milestone, Stage, Status};
use crate::release::Schedule;
use crate::rule::{Level, Rule};
use crate::rules::{prr_approver_unknown, readme_section_missing};
use crate::text::wording::quote;

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
pub(super) struct Judge<'a> {
    pub(super) checked: Checked<'a>,
    pub(super) schedule: &'a Schedule,
    pub(super) release: Milestone,
}

impl Judge<'_> {
    pub(super) fn policy(&self) -> &Policy {
        &self.checked.outcome.policy
    }

    /// The findings on this KEP, except for those that the configuration ignores.
    pub(super) fn findings<'a>(&'a self, record: &'a KepSummary) -> impl Iterator<Item = &'a ResolvedFinding> {
        let findings = self.checked.outcome.findings.iter().map(|triaged| &triaged.finding);
        findings.filter(|finding| finding.kep.as_ref() == Some(&record.dir))
    }

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

    pub(super) fn explains(&self, criterion: &Criterion, record: &KepSummary, finding: &ResolvedFinding) -> bool {
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

    fn readme_name(&self) -> &str {
        &self.checked.outcome.policy.profile.layout.readme
    }

    /// Judges the README by a rule.
    fn readme(&self, criterion: &Criterion, rule: &'static Rule, record: &KepSummary) -> Verdict {
        if record.readme == ReadmeSummary::Absent {
            return Verdict::NotMet(format!("{} is missing", self.readme_name()));
        }
        if record.has_unread_readme() {
            return Verdict::Unknown(format!("{} cannot be read", self.readme_name()));
        }
        if !self.checked.config.runs(rule) {
            return Verdict::Unknown(format!("the rule `{}` is off", rule.id));
        }
        if let Some(unchecked) = self.checked.unchecked.iter().find(|unchecked| unchecked.rule == rule.id) {
            return Verdict::Unknown(unchecked.reason.clone());
        }
        sentence(self.explanations(criterion, record)).map_or(Verdict::Met, Verdict::NotMet)
    }
}

/// The stage that the KEP targets.
fn target_stage(record: &KepSummary) -> Option<Stage> {
    record.metadata.as_ref().and_then(|kep| kep.target_stage)
}

/// The first message, with the number of others.
pub(super) fn sentence<'a>(findings: impl Iterator<Item = &'a ResolvedFinding>) -> Option<String> {
    let mut messages = findings.map(|finding| &finding.message);
    let first = messages.next()?;
    let more = messages.count();
    Some(if more == 0 { first.clone() } else { format!("{first} (and {more} more)") })
}

/// True if `rule` is one of `rules`.
pub(super) fn speaks(rules: &[&Rule], rule: &Rule) -> bool {
    rules.iter().any(|one| one.id == rule.id)
}

/// Quotes untrusted text, or says that it is not set.
fn quoted(text: &str) -> String {
    if text.is_empty() { "not set".to_owned() } else { quote(text) }
}
