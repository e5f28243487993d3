//! The status of a KEP.

use std::fmt;

/// The lifecycle status of a KEP (`status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Proposed, being written.
    Provisional,
    /// Approved to be implemented.
    Implementable,
    /// Implemented, and changed no more.
    Implemented,
    /// Put off.
    Deferred,
    /// Turned down.
    Rejected,
    /// Taken back by its authors.
    Withdrawn,
    /// Replaced by another KEP.
    Replaced,
}

impl Status {
    /// Every status, in the order of the template.
    pub const ALL: [Self; 7] = [
        Self::Provisional,
        Self::Implementable,
        Self::Implemented,
        Self::Deferred,
        Self::Rejected,
        Self::Withdrawn,
        Self::Replaced,
    ];

    /// The word in `kep.yaml`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Provisional => "provisional",
            Self::Implementable => "implementable",
            Self::Implemented => "implemented",
            Self::Deferred => "deferred",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Replaced => "replaced",
        }
    }

    /// The status that `word` names, exactly.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// True if a KEP with this status is in progress or done, so that it has to pass the gate.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Implementable | Self::Implemented)
    }

    /// True if no more work on the KEP is planned: it is implemented, or given up for now or for good.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Implemented | Self::Deferred | Self::Rejected | Self::Withdrawn | Self::Replaced)
    }

    /// How far along the way from proposal to done; `None` for the ways out.
    #[must_use]
    pub const fn progress(self) -> Option<u8> {
        match self {
            Self::Provisional => Some(0),
            Self::Implementable => Some(1),
            Self::Implemented => Some(2),
            Self::Deferred | Self::Rejected | Self::Withdrawn | Self::Replaced => None,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}
