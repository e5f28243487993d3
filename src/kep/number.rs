//! KEP numbers.

use std::fmt;

/// The number of a KEP and of its tracking issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KepNumber(u32);

impl KepNumber {
    /// Parses decimal digits. Leading zeros are ignored (`0752` is 752).
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok().map(Self)).flatten()
    }

    /// Parses a number as people write it: `1287`, `KEP-1287` or `#1287`.
    #[must_use]
    pub fn parse_name(text: &str) -> Option<Self> {
        Self::parse(text.strip_prefix("KEP-").or(text.strip_prefix('#')).unwrap_or(text))
    }

    /// True if `text` is a number, or several that are joined by dots, as in `12.1`.
    #[must_use]
    pub fn is_dotted(text: &str) -> bool {
        text.split('.').all(|part| Self::parse(part).is_some())
    }

    /// True if it is 0000, which stands for a KEP that never had an issue.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for KepNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}
