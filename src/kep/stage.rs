//! The stages of a KEP.

use std::fmt;

/// The maturity that a KEP targets (`stage`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Off by default, may vanish.
    Alpha,
    /// Tested, may change.
    Beta,
    /// Generally available.
    Stable,
    /// Announced to go.
    Deprecated,
    /// Off by default, on its way out.
    Disabled,
    /// Gone.
    Removed,
}

/// The two ways that a KEP can take through the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// alpha, beta, stable.
    Maturing,
    /// deprecated, disabled, removed.
    Removal,
}

impl Stage {
    /// Every stage, each family in its order.
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

    /// The stage that `word` names, exactly.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// The way that it belongs to.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::Alpha | Self::Beta | Self::Stable => Family::Maturing,
            Self::Deprecated | Self::Disabled | Self::Removed => Family::Removal,
        }
    }

    /// Whether it comes before `other` on the same way.
    #[must_use]
    pub fn is_before(self, other: Self) -> bool {
        self.family() == other.family() && self < other
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}
