//! What a rule is: its id, its defaults, its needs, and the text that users read about it.

use std::fmt;

use serde::Serialize;

/// A rule's metadata.
#[derive(Debug)]
pub struct Rule {
    /// What users see, type and search for; it never changes its meaning.
    pub id: &'static str,
    /// The table of the catalog that it is in.
    pub family: Family,
    /// Its default level; a finding may be weaker.
    pub level: Level,
    /// True if it runs unless the configuration turns it off; else it runs only where the configuration turns it on.
    pub enabled: bool,
    /// What it needs besides the text of `kep.yaml` and the production-readiness file. For one KEP it may need less:
    /// the rule itself says what it lacks when it looks at that KEP.
    pub needs: &'static [Need],
    /// What makes an old finding of it new again.
    pub renewal: Renewal,
    /// What is wrong if it fires, in one line.
    pub summary: &'static str,
    /// What it reports, in full.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// Its fixture file; the first two cases are its example and the fix.
    pub cases: &'static str,
    /// Where the rule comes from.
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
    /// The OWNERS files of the KEPs.
    Owners,
}

/// The tables of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// The files as YAML and as documents of their kind.
    Yaml,
    /// What a KEP is and where it is.
    Identity,
    /// Status, stage and milestones.
    Lifecycle,
    /// Production readiness.
    ProductionReadiness,
    /// What the change itself does.
    Change,
    /// The README, the questionnaire in it, and the fields that hold some of its answers.
    Readme,
    /// Releases and their freezes.
    Release,
    /// Rules of a single repository.
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

/// What makes a finding that the base had count as new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Nothing: it is pre-existing as long as its value stays.
    Never,
    /// A change of the KEP's status, stage or latest milestone: the finding depends on being active, gated or on the
    /// stage, and retargeting is when the answers are due.
    Target,
    /// Any change to the file or to the KEP's production-readiness file, and all that makes [`Renewal::Target`] due.
    File,
}

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Provably wrong.
    Error,
    /// A judgement.
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
