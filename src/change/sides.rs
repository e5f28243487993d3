//! Something that is on one side of a change or on both, but never on neither.

/// A value at base, at head, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sides<T> {
    /// Only at head.
    Added(Box<T>),
    /// Only at base.
    Removed(Box<T>),
    /// On both sides.
    Kept {
        /// Before the change.
        base: Box<T>,
        /// After the change.
        head: Box<T>,
    },
}

impl<T> Sides<T> {
    /// The sides that exist; `None` if neither does.
    #[must_use]
    pub fn new(base: Option<T>, head: Option<T>) -> Option<Self> {
        Some(match (base, head) {
            (Some(base), Some(head)) => Self::Kept { base: Box::new(base), head: Box::new(head) },
            (None, Some(head)) => Self::Added(Box::new(head)),
            (Some(base), None) => Self::Removed(Box::new(base)),
            (None, None) => return None,
        })
    }

    /// The value before the change.
    #[must_use]
    pub fn base(&self) -> Option<&T> {
        match self {
            Self::Added(_) => None,
            Self::Removed(base) | Self::Kept { base, .. } => Some(base),
        }
    }

    /// The value after the change.
    #[must_use]
    pub fn head(&self) -> Option<&T> {
        match self {
            Self::Removed(_) => None,
            Self::Added(head) | Self::Kept { head, .. } => Some(head),
        }
    }

    /// The value after the change, or else the one before it.
    #[must_use]
    pub fn latest(&self) -> &T {
        match self {
            Self::Added(value) | Self::Removed(value) | Self::Kept { head: value, .. } => value,
        }
    }

    /// Both values, if both exist.
    #[must_use]
    pub fn both(&self) -> Option<(&T, &T)> {
        match self {
            Self::Kept { base, head } => Some((base, head)),
            Self::Added(_) | Self::Removed(_) => None,
        }
    }

    /// Maps the values.
    #[must_use]
    pub fn map<U>(&self, of: impl Fn(&T) -> U) -> Sides<U> {
        match self {
            Self::Added(head) => Sides::Added(Box::new(of(head))),
            Self::Removed(base) => Sides::Removed(Box::new(of(base))),
            Self::Kept { base, head } => Sides::Kept { base: Box::new(of(base)), head: Box::new(of(head)) },
        }
    }

    /// The values that exist, as mutable references.
    pub fn as_mut(&mut self) -> (Option<&mut T>, Option<&mut T>) {
        match self {
            Self::Added(head) => (None, Some(head)),
            Self::Removed(base) => (Some(base), None),
            Self::Kept { base, head } => (Some(base), Some(head)),
        }
    }
}
