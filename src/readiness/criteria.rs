//! The release team's criteria, in its order.

use crate::check::summary::MetadataSummary;
use crate::kep::{Milestone, Status};
use crate::project::Profile;
use crate::release::Phase;
use crate::rule::{Need, Rule};
use crate::rules::{
    milestone_after_latest, milestone_malformed, milestone_stage_missing, provisional_target, prr_approver_missing,
    prr_approver_unknown, prr_file_missing, prr_number_mismatch, prr_stage_missing, readme_section_missing,
    stage_invalid, stage_missing, status_invalid,
};

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
    pub(super) fn rules(&self) -> Vec<&'static Rule> {
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
