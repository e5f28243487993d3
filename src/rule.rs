//! The metadata of rules: ids, defaults, needs and documentation.

use std::fmt;

use serde::Serialize;

/// A rule's metadata.
#[derive(Debug)]
pub struct Rule {
    /// The stable id that users see, type and search for.
    pub id: &'static str,
    /// Its table in the catalog.
    pub family: Family,
    /// Its default level. A finding can have a lower one.
    pub level: Level,
    /// True if it runs by default. The configuration can change that.
    pub enabled: bool,
    /// What it needs in addition to `kep.yaml` and the production-readiness file. For one KEP it may need less:
    /// the rule reports what is missing when it checks that KEP.
    pub needs: &'static [Need],
    /// The changes that make a pre-existing finding count as new.
    pub renewal: Renewal,
    /// The problem in one line.
    pub summary: &'static str,
    /// The full description.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// The URL of the rule's source.
    pub source: &'static str,
}

/// Something that a rule needs from outside the metadata of a KEP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// The current date, and when releases freeze and ship.
    Calendar,
    /// The tracking issues of the KEPs, from GitHub.
    TrackingIssues,
    /// The reviews of the pull request, from GitHub.
    Reviews,
    /// A group in `OWNERS_ALIASES`.
    Group,
    /// The READMEs of the KEPs.
    Readme,
    /// The template of the README.
    Template,
    /// The feature gates and metrics of Kubernetes. Without them, the rule is unchecked.
    KubernetesLists,
    /// The OWNERS files of the KEPs.
    Owners,
    /// Production readiness reviews. A project can do without them.
    ProductionReadiness,
    /// The SIGs of the project. A project can do without them.
    Sigs,
    /// Kubernetes' release team, which tracks KEPs in issues.
    ReleaseTeam,
    /// Tables of contents in READMEs.
    TableOfContents,
    /// The tech leads of SIG Node in `OWNERS_ALIASES`. Without them, the rule must be enabled in the configuration.
    TechLeads,
    /// A check of all KEPs. On a change, the rule runs only if the configuration enables it.
    WholeTree,
}

/// The tables of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// YAML syntax and the schema of each file.
    Yaml,
    /// The identity and location of a KEP.
    Identity,
    /// Status, stage and milestones.
    Lifecycle,
    /// Production readiness.
    ProductionReadiness,
    /// The change itself.
    Change,
    /// The README, its questionnaire, and the fields that contain some of its answers.
    Readme,
    /// Releases and their freezes.
    Release,
    /// Rules for one repository.
    Repository,
}

impl Family {
    /// Every table, in the order of the catalog.
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
}

/// Which changes make a finding that the base had count as new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// None: it is pre-existing as long as its value does not change.
    Never,
    /// Retargeting, which is when the answers are due: a change of the KEP's stage or latest milestone, or a KEP that
    /// becomes active. Lifecycle and production-readiness findings are also due when the change closes the KEP.
    Target,
    /// A new stage, another release for the target stage in `milestone`, or a KEP that becomes active. If only the
    /// latest milestone changes, the finding stays pre-existing.
    Stage,
    /// Any change to what the production-readiness gate checks: status, stage, milestones and the
    /// production-readiness file.
    Gate,
    /// Any change to the file, or anything that makes [`Renewal::Target`] findings new.
    File,
}

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Level {
    /// Something that is certainly wrong.
    Error,
    /// Something that is probably wrong.
    Warning,
    /// A hint.
    Notice,
}

impl Level {
    /// Every level, the most serious first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    /// The word, as in workflow commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// Which new findings fail a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailOn {
    /// Errors.
    #[default]
    Errors,
    /// Warnings and errors.
    Warnings,
    /// Findings of any level.
    Notices,
    /// None.
    Never,
}

impl FailOn {
    /// True if a finding of `level` fails the check.
    #[must_use]
    pub fn includes(self, level: Level) -> bool {
        self.lowest().is_some_and(|lowest| level <= lowest)
    }

    /// The lowest level that fails the check; `None` if no level does.
    #[must_use]
    pub const fn lowest(self) -> Option<Level> {
        match self {
            Self::Errors => Some(Level::Error),
            Self::Warnings => Some(Level::Warning),
            Self::Notices => Some(Level::Notice),
            Self::Never => None,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}
