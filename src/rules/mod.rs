//! The rules: pure functions from a [`Context`] to [`Finding`]s, one file each, listed in [`ALL`] and nowhere else.
//!
//! A rule never reads files, the clock or the network; everything it needs is in the context. It runs on head and, to
//! find out what was there before, on base. Each cause gets one finding, so a rule stays silent if another reports it.

pub mod case;
mod context;
mod example;
pub mod page;
mod wording;

mod aliases_invalid;
mod config_invalid;
mod date_malformed;
mod disable_supported_missing;
mod feature_gate_behind;
mod feature_gate_malformed;
mod feature_gate_unknown;
mod feature_gates_missing;
mod field_missing;
mod field_placeholder;
mod file_not_regular;
mod handle_malformed;
mod implemented_not_stable;
mod inline_ignore_invalid;
mod issue_milestone_mismatch;
pub(crate) mod issue_missing;
mod kep_number_duplicate;
mod kep_number_invalid;
mod kep_number_mismatch;
mod kep_removed;
mod latest_milestone_missing;
mod latest_milestone_regressed;
mod metadata_missing;
mod metric_malformed;
pub(crate) mod metric_unknown;
mod metrics_missing;
pub(crate) mod milestone_after_latest;
pub(crate) mod milestone_malformed;
mod milestone_order;
pub(crate) mod milestone_stage_missing;
mod not_opted_in;
mod owning_sig_mismatch;
mod promotion_incomplete;
mod promotion_without_milestone;
pub(crate) mod provisional_target;
mod prr_alias_grown;
mod prr_alias_shrunk;
mod prr_answer_mismatch;
mod prr_answers_changed;
mod prr_approver_changed;
mod prr_approver_emeritus;
mod prr_approver_is_author;
pub(crate) mod prr_approver_missing;
mod prr_approver_removed;
pub(crate) mod prr_approver_unknown;
mod prr_exempted;
pub(crate) mod prr_file_missing;
mod prr_file_orphan;
mod prr_file_shared;
mod prr_freeze_passed;
mod prr_not_approved;
pub(crate) mod prr_number_mismatch;
pub(crate) mod prr_question_unanswered;
pub(crate) mod prr_stage_missing;
pub(crate) mod readme_section_missing;
mod readme_template_text;
mod readme_unresolved;
mod reference_dangling;
mod release_frozen;
mod release_shipped;
mod replaced_without_successor;
mod sig_node_approvers;
mod sig_node_owners;
mod sig_unknown;
pub(crate) mod stage_behind;
pub(crate) mod stage_invalid;
pub(crate) mod stage_missing;
mod stage_regressed;
mod stage_skipped;
pub(crate) mod status_invalid;
mod status_regressed;
mod template_invalid;
mod toc_stale;
mod yaml_document_marker;
mod yaml_duplicate_key;
mod yaml_syntax;
mod yaml_unknown_key;
mod yaml_wrong_type;

use crate::change::ReadmeFile;
use crate::finding::Finding;
use crate::kep::{KepNumber, Milestone};
use crate::release::Phase;
use crate::rule::Rule;
use crate::text::{FileId, RepoPath};

pub use context::{Context, External, Subject};

/// What the rules found, and what they could not judge.
#[derive(Debug, Default)]
pub struct Findings {
    found: Vec<Finding>,
    missing: Vec<(&'static Rule, Missing)>,
}

/// What a rule lacks to judge one KEP. See [`crate::rule::Need`] for what rules need in general.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// True if this phase of the release has passed.
    Date(Milestone, Phase),
    /// When the change was proposed.
    Opening,
    /// The tracking issue of this number.
    Issue(KepNumber),
    /// The reviews of the production-readiness file at this path.
    Reviews(RepoPath, FileId),
    /// This group of `OWNERS_ALIASES`: it is absent or has no members.
    Group(String),
    /// All members of this group of `OWNERS_ALIASES` and of its emeritus group: some of them could not be read.
    Members(String),
    /// A template of the README with headings in it.
    Template,
    /// A README in Markdown instead of this one, which has another format.
    Markdown(RepoPath),
    /// The stages from which the template's questions are due.
    TemplateStages,
    /// The answers that the approver reviewed: the KEP was closed before the change, and answers of closed KEPs can change
    /// without a notice.
    ReviewedAnswers,
    /// The feature gates and metrics of Kubernetes.
    KubernetesLists,
    /// Lists of Kubernetes that can be used.
    ValidLists {
        /// The path of those that cannot be used.
        name: String,
        /// What is wrong with them.
        fault: String,
    },
    /// Lists of Kubernetes that describe `release` or a later one.
    NewerLists {
        /// A release that is out.
        release: Milestone,
        /// The release that the lists describe.
        lists: Milestone,
    },
}

impl Findings {
    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    /// Adds findings.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.found.extend(findings);
    }

    /// Records that `rule` cannot judge the KEP. The result is unchecked, which is neither a pass nor a finding.
    pub fn cannot_tell(&mut self, rule: &'static Rule, missing: Missing) {
        self.missing.push((rule, missing));
    }

    /// Records that `rule` cannot judge the KEP if its README is not Markdown.
    fn skip_other_format(&mut self, rule: &'static Rule, context: &Context<'_>) {
        if let Some(ReadmeFile::OtherFormat(file)) =
            context.record().filter(|_| context.kep().is_some()).map(|it| &it.readme)
        {
            self.cannot_tell(rule, Missing::Markdown(context.file(*file).path.clone()));
        }
    }

    /// Returns the findings and what was missing, both in the order of the rules.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Finding>, Vec<(&'static Rule, Missing)>) {
        (self.found, self.missing)
    }
}

/// A rule and the function that checks it.
#[derive(Debug)]
pub struct Check {
    /// The rule's documentation and settings.
    pub rule: &'static Rule,
    /// Checks one subject and pushes its findings.
    pub run: fn(&Context<'_>, &mut Findings),
}

/// Lists the rules. A test compares the list with the files in this folder.
macro_rules! registry {
    ($($module:ident),+ $(,)?) => {
        /// Every rule with its check, in the order of the catalog.
        pub static CHECKS: &[Check] = &[$(Check { rule: &$module::RULE, run: $module::check }),+];

        /// Every rule, in the order of the catalog.
        pub static ALL: &[&Rule] = &[$(&$module::RULE),+];
    };
}

registry! {
    yaml_syntax,
    yaml_duplicate_key,
    yaml_unknown_key,
    yaml_wrong_type,
    yaml_document_marker,
    file_not_regular,
    field_missing,
    field_placeholder,
    date_malformed,
    handle_malformed,
    kep_number_mismatch,
    kep_number_duplicate,
    kep_number_invalid,
    owning_sig_mismatch,
    sig_unknown,
    metadata_missing,
    template_invalid,
    reference_dangling,
    status_invalid,
    stage_invalid,
    stage_missing,
    latest_milestone_missing,
    milestone_malformed,
    milestone_stage_missing,
    milestone_after_latest,
    milestone_order,
    stage_behind,
    implemented_not_stable,
    replaced_without_successor,
    prr_file_missing,
    prr_file_shared,
    prr_number_mismatch,
    prr_file_orphan,
    prr_stage_missing,
    prr_approver_missing,
    prr_approver_unknown,
    prr_approver_emeritus,
    prr_approver_is_author,
    prr_approver_changed,
    prr_approver_removed,
    prr_exempted,
    prr_answers_changed,
    aliases_invalid,
    prr_alias_shrunk,
    prr_alias_grown,
    config_invalid,
    promotion_incomplete,
    promotion_without_milestone,
    stage_skipped,
    stage_regressed,
    status_regressed,
    latest_milestone_regressed,
    kep_removed,
    readme_section_missing,
    prr_question_unanswered,
    prr_answer_mismatch,
    feature_gates_missing,
    disable_supported_missing,
    metrics_missing,
    metric_malformed,
    feature_gate_malformed,
    feature_gate_unknown,
    feature_gate_behind,
    metric_unknown,
    readme_unresolved,
    readme_template_text,
    toc_stale,
    provisional_target,
    release_shipped,
    release_frozen,
    prr_freeze_passed,
    not_opted_in,
    issue_missing,
    issue_milestone_mismatch,
    prr_not_approved,
    sig_node_owners,
    sig_node_approvers,
    inline_ignore_invalid,
}

/// Finds a rule by its id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ALL;

    #[test]
    fn each_rule_has_its_own_file() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
        let files: BTreeSet<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().unwrap().is_file())
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| {
                let helpers = ["mod.rs", "case.rs", "context.rs", "example.rs", "examples.md", "page.rs", "wording.rs"];
                !helpers.contains(&name.as_str())
            })
            .collect();
        let rules: BTreeSet<_> = ALL.iter().map(|rule| format!("{}.rs", rule.id.replace('-', "_"))).collect();
        assert_eq!(rules, files);
        assert_eq!(rules.len(), ALL.len());
    }

    #[test]
    fn every_rule_is_documented() {
        for rule in ALL {
            for text in [rule.summary, rule.what, rule.why, rule.source] {
                assert!(!text.trim().is_empty(), "{}", rule.id);
            }
            assert!(!rule.summary.ends_with('.'), "{}: the summary ends with a full stop", rule.id);
            assert!(
                rule.what.ends_with('.') && rule.why.ends_with('.'),
                "{}: a sentence does not end with a full stop",
                rule.id
            );
            assert!(rule.source.starts_with("https://"), "{}", rule.id);
        }
    }
}
