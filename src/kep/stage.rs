//! The stages of a KEP.

use std::fmt;

/// The maturity that a KEP targets (`stage`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Off by default, and may be dropped.
    Alpha,
    /// Well tested, but details may change.
    Beta,
    /// Generally available.
    Stable,
    /// Will be removed.
    Deprecated,
    /// Off by default, before it is removed.
    Disabled,
    /// Removed.
    Removed,
}

/// The two paths that a KEP can take through the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// alpha, beta, stable.
    Maturing,
    /// deprecated, disabled, removed.
    Removal,
}

impl Stage {
    /// Every stage, each family in order.
    pub const ALL: [Self; 6] = [Self::Alpha, Self::Beta, Self::Stable, Self::Deprecated, Self::Disabled, Self::Removed];

    /// The word in `kep.yaml`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Stable => "stable",
            Self::Deprecated => "deprecated",
            Self::Disabled => "disabled",
            Self::Removed => "removed",
        }
    }

    /// Parses the exact word for a stage.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// The stage that a word of another project most likely means.
    #[must_use]
    pub fn meant_by(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        Self::parse(&word).or_else(|| {
            Some(match word.as_str() {
                "dev" | "development" | "experimental" | "prototype" | "sandbox" | "trial" => Self::Alpha,
                "candidate" | "incubating" | "preview" | "rc" | "testing" => Self::Beta,
                "ga" | "general-availability" | "graduated" | "production" | "released" => Self::Stable,
                "retired" => Self::Removed,
                _ => return None,
            })
        })
    }

    /// The path that it belongs to.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::Alpha | Self::Beta | Self::Stable => Family::Maturing,
            Self::Deprecated | Self::Disabled | Self::Removed => Family::Removal,
        }
    }

    /// True if it comes before `other` on the same path.
    #[must_use]
    pub fn is_before(self, other: Self) -> bool {
        self.family() == other.family() && self < other
    }
}

/// A value for each stage.
#[derive(Debug, Clone, Default)]
pub struct PerStage<T>([T; 6]);

impl<T> PerStage<T> {
    /// Calls `value` for each stage, in the order of [`Stage::ALL`].
    #[must_use]
    pub fn from_fn(value: impl FnMut(Stage) -> T) -> Self {
        Self(Stage::ALL.map(value))
    }

    /// The value of `stage`.
    #[must_use]
    pub const fn of(&self, stage: Stage) -> &T {
        let [alpha, beta, stable, deprecated, disabled, removed] = &self.0;
        match stage {
            Stage::Alpha => alpha,
            Stage::Beta => beta,
            Stage::Stable => stable,
            Stage::Deprecated => deprecated,
            Stage::Disabled => disabled,
            Stage::Removed => removed,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}
