//! The verdict on a criterion, and the state of a KEP that follows from all of them.

/// The verdict on a criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is met.
    Met,
    /// It is not met. The reason has no full stop, and untrusted text in it is in backticks.
    NotMet(String),
    /// Nothing here tells, and why not.
    Unknown(String),
}

/// The state of a KEP for a freeze.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Something is missing.
    NotMet,
    /// Something is missing, but the release team approved an exception.
    Excepted,
    /// Nothing is known to be missing, but not everything is known.
    Unknown,
    /// Nothing is missing, except that GitHub was not asked about the tracking issue and open pull requests.
    Unchecked,
    /// Everything is there.
    Met,
}

impl State {
    /// Every state.
    pub(crate) const ALL: [Self; 5] = [Self::Met, Self::Unchecked, Self::Unknown, Self::Excepted, Self::NotMet];

    /// The words for it.
    #[must_use]
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unchecked => "nothing missing (opt-in not checked)",
            Self::Unknown => "unknown",
            Self::Excepted => "exception",
            Self::NotMet => "not met",
        }
    }

    /// The word for it in JSON.
    #[must_use]
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::NotMet => "not-met",
            Self::Met | Self::Unknown | Self::Excepted => self.words(),
        }
    }
}

impl Verdict {
    /// The words for it.
    #[must_use]
    pub(crate) const fn words(&self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet(_) => "not met",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The word for it in JSON.
    #[must_use]
    pub(crate) const fn key(&self) -> &'static str {
        if matches!(self, Self::NotMet(_)) { "not-met" } else { self.words() }
    }

    /// Why it is not met, or not known.
    #[must_use]
    pub(crate) fn why(&self) -> Option<&str> {
        match self {
            Self::Met => None,
            Self::NotMet(why) | Self::Unknown(why) => Some(why),
        }
    }
}
