//! The status of a KEP.

use std::fmt;

/// The lifecycle status of a KEP (`status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Proposed, and being written.
    Provisional,
    /// Approved for implementation.
    Implementable,
    /// Implemented, with no further changes planned.
    Implemented,
    /// Postponed.
    Deferred,
    /// Not accepted.
    Rejected,
    /// Withdrawn by its authors.
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

    /// Parses the exact word for a status.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// The status that a word of another project most likely means.
    #[must_use]
    pub fn meant_by(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        Self::parse(&word).or_else(|| {
            Some(match word.as_str() {
                "discussion" | "draft" | "idea" | "in-review" | "new" | "open" | "pending" | "proposed" | "review"
                | "under-review" | "wip" => Self::Provisional,
                "accepted" | "active" | "approved" | "committed" | "experimental" | "implementing" | "in-progress"
                | "planned" => Self::Implementable,
                "complete" | "completed" | "delivered" | "done" | "final" | "informational" | "landed" | "released"
                | "shipped" | "stable" | "standard" => Self::Implemented,
                "postponed" => Self::Deferred,
                "abandoned" | "canceled" | "cancelled" | "closed" => Self::Withdrawn,
                "declined" | "denied" => Self::Rejected,
                "obsolete" | "superseded" => Self::Replaced,
                _ => return None,
            })
        })
    }

    /// True if a KEP with this status is in progress or done, so that it must pass the gate.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Implementable | Self::Implemented)
    }

    /// True if no more work on the KEP is planned: it is implemented, or was given up for now or for good.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Implemented | Self::Deferred | Self::Rejected | Self::Withdrawn | Self::Replaced)
    }

    /// The position on the way from proposed to implemented; `None` for other statuses.
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
