//! What a rule is: its id, its defaults, and the text that users read about it.

use std::fmt;

use serde::Serialize;

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

/// How much a finding weighs.
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
    /// Every level, the weightiest first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    /// The word for it, as in workflow commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}
