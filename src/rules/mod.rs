//! The rules: pure functions from a [`Context`] to [`Finding`]s, one file each, listed in [`ALL`] and nowhere else.
//!
//! A rule reads no file, no clock and no network; whatever it needs is in the context. It runs on head and, to tell
//! what was there before, on base; one cause makes one finding, so a rule stays silent where another explains.

pub mod case;
mod context;
mod example;
pub mod page;
mod wording;

use crate::config::{Config, Setting};
use crate::facts::{Phase, Schedule};
use crate::finding::{Finding, Level};
use crate::model::Milestone;
use crate::work::Record;

pub use context::{Context, Subject};
pub(crate) use wording::quote;

/// A rule and what there is to say about it.
#[derive(Debug)]
pub struct Rule {
    /// What users see, type and search for; it never changes its meaning.
    pub id: &'static str,
    /// The table of the catalogue that it stands in.
    pub family: Family,
    /// Its level by default; a finding may be weaker.
    pub level: Level,
    /// What makes an old finding of it new again.
    pub renewal: Renewal,
    /// When it holds, in one line.
    pub summary: &'static str,
    /// What it does, in full.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// Its fixture file; the first two cases are its example and the fix.
    pub cases: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
    /// The rule itself.
    pub check: fn(&Context<'_>, &mut Findings),
}

/// The tables of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// The files as YAML and as documents of their kind.
    Yaml,
    /// What a KEP is and where it stands.
    Identity,
    /// Status, stage and milestones.
    Lifecycle,
    /// Production readiness.
    ProductionReadiness,
    /// What the change does, beside what it leads to.
    Change,
    /// The README, the questionnaire in it, and the fields that hold some of its answers.
    Readme,
    /// Releases and their freezes.
    Release,
    /// Rules that one repository has made for itself.
    Repository,
}

impl Family {
    /// Every table, in the order of the catalogue.
    pub const ALL: [Self; 8] = [
        Self::Yaml,
        Self::Identity,
        Self::Lifecycle,
        Self::ProductionReadiness,
        Self::Change,
        Self::Readme,
        Self::Release,
        Self::Repository,
    ];

    /// The heading of the table.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Yaml => "YAML",
            Self::Identity => "Identity",
            Self::Lifecycle => "Lifecycle",
            Self::ProductionReadiness => "Production readiness",
            Self::Change => "The change itself",
            Self::Readme => "README and questionnaire",
            Self::Release => "Release",
            Self::Repository => "Repository's own",
        }
    }

    /// Whether its rules run only where a configuration turns them on.
    #[must_use]
    pub const fn is_off_by_default(self) -> bool {
        matches!(self, Self::Repository)
    }
}

/// What makes a finding that stood at base count as new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Nothing: it is old as long as its value stays.
    Never,
    /// A change of the KEP's status, stage or latest milestone: the finding depends on being active, gated or on the
    /// stage, and retargeting is when the answers are due.
    Target,
    /// Any change to the file or to the KEP's production-readiness file, and all that makes [`Renewal::Target`] due.
    File,
}

/// What rules have found.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Takes a finding in.
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Takes in a finding, if there is one.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.0.extend(findings);
    }

    /// The findings, in the order of the rules.
    #[must_use]
    pub fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}

/// Declares the modules of the rules and lists them, so that a file without an entry cannot be.
macro_rules! registry {
    ($($module:ident),+ $(,)?) => {
        $(mod $module;)+

        /// Every rule, in the order of the catalogue.
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
    owning_sig_mismatch,
    sig_unknown,
    metadata_missing,
    reference_dangling,
    status_invalid,
    stage_invalid,
    stage_missing,
    latest_milestone_missing,
    milestone_malformed,
    milestone_stage_missing,
    milestone_after_latest,
    milestone_order,
    implemented_not_stable,
    replaced_without_successor,
    prr_file_missing,
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
    aliases_invalid,
    prr_alias_shrunk,
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
}

/// The rule of this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// Runs the rules on `context` as `config` tunes them; each finding is about the context's KEP.
#[must_use]
pub fn check(context: &Context<'_>, config: &Config) -> Vec<Finding> {
    let mut findings = Findings::default();
    for rule in ALL.iter().filter(|rule| config.runs(rule)) {
        (rule.check)(context, &mut findings);
    }
    let kep = context.kep_dir();
    let mut findings = findings.into_vec();
    for finding in &mut findings {
        finding.kep = kep.cloned();
        // A value of several lines (a block scalar) ends with a line break that no right text has room for.
        if finding.value.contains('\n') {
            finding.fix = None;
        }
        if let Some(Setting::At(level)) = config.setting(finding.rule) {
            finding.level = level;
        }
    }
    findings
}

pub(crate) use issue_missing::tracked_number;
pub(crate) use not_opted_in::unknown as opt_in_unknown;
pub(crate) use prr_not_approved::asks_for_reviews;

/// What a rule would have to know of the schedule to judge a KEP, and does not; none when it can judge it, or has
/// nothing to say about it.
pub(crate) type Unknown = fn(Option<&Record>, &Record, &Schedule) -> Option<(Milestone, Phase)>;

/// The rules that ask the schedule.
pub(crate) static ASK_THE_SCHEDULE: &[(&Rule, Unknown)] = &[
    (&provisional_target::RULE, provisional_target::unknown),
    (&release_shipped::RULE, release_shipped::unknown),
    (&release_frozen::RULE, release_frozen::unknown),
    (&prr_freeze_passed::RULE, prr_freeze_passed::unknown),
    (&sig_node_approvers::RULE, sig_node_approvers::unknown),
];

/// What is wrong with a document as YAML, and what to do about it.
pub(crate) fn yaml_words(kind: &crate::text::yaml::FaultKind) -> (String, String) {
    use crate::text::yaml::FaultKind;
    match (yaml_syntax::words(kind), kind) {
        (Some(words), _) => words,
        (None, FaultKind::DuplicateKey { key, .. }) => {
            (format!("the key {} stands twice", wording::quote(key)), "keep one".to_owned())
        }
        (None, _) => ("this stands outside the document that is read".to_owned(), "delete the `---` line".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ALL;

    #[test]
    fn a_rules_file_is_named_after_it() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
        let files: BTreeSet<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().unwrap().is_file())
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| {
                !matches!(name.as_str(), "mod.rs" | "case.rs" | "context.rs" | "example.rs" | "page.rs" | "wording.rs")
            })
            .collect();
        let rules: BTreeSet<_> = ALL.iter().map(|rule| format!("{}.rs", rule.id.replace('-', "_"))).collect();
        assert_eq!(rules, files);
        assert_eq!(rules.len(), ALL.len());
    }

    #[test]
    fn every_rule_has_something_to_say() {
        for rule in ALL {
            for text in [rule.summary, rule.what, rule.why, rule.cases, rule.source] {
                assert!(!text.trim().is_empty(), "{}", rule.id);
            }
            assert!(!rule.summary.ends_with('.'), "{}: a summary has no full stop", rule.id);
            assert!(rule.what.ends_with('.') && rule.why.ends_with('.'), "{}: sentences end", rule.id);
            assert!(rule.source.starts_with("https://"), "{}", rule.id);
        }
    }
}
