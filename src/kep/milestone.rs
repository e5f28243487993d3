//! Kubernetes releases in KEPs.

use std::borrow::Cow;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A Kubernetes minor release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Milestone {
    major: u32,
    minor: u32,
}

impl Milestone {
    /// The first release that requires a production-readiness file.
    pub const PRR_REQUIRED: Self = Self::new(1, 21);
    /// `0.0`: the value in old KEPs that never had a milestone. It is never gated, and rules do not compare it.
    pub const EXEMPT: Self = Self::new(0, 0);

    /// The release `v<major>.<minor>`.
    #[must_use]
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Parses `1.21`, `v1.21` or `v1.21.0`, with optional white space around it, as upstream's tolerant parser does.
    /// Nothing that upstream rejects is accepted; a major number alone and pre-releases are rejected because they have
    /// no meaning here.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let major = number(parts.next()?)?;
        let minor = number(parts.next()?)?;
        if let Some(patch) = parts.next() {
            number(patch)?;
        }
        parts.next().is_none().then_some(Self { major, minor })
    }

    /// The canonical form of the release in `text`, or `text` itself if it is not a release. `1.36`, `v1.36` and
    /// `v1.36.0` have the same canonical form.
    #[must_use]
    pub fn canonical(text: &str) -> Cow<'_, str> {
        Self::parse(text).map_or(Cow::Borrowed(text), |milestone| Cow::Owned(milestone.to_string()))
    }

    /// The releases that are mentioned in `text`: `v1.36 (beta)`, `V1.36` and `v1.35, v1.36` all mention v1.36.
    pub fn mentioned(text: &str) -> impl Iterator<Item = Self> {
        let words = text.split(|character: char| !character.is_ascii_digit() && character != '.');
        words.filter_map(|word| {
            let mut parts = word.split('.').filter(|part| !part.is_empty());
            Some(Self::new(number(parts.next()?)?, number(parts.next()?)?))
        })
    }

    /// The next minor release.
    #[must_use]
    pub const fn next(self) -> Self {
        Self::new(self.major, self.minor.saturating_add(1))
    }

    /// The minor release that is `count` releases later.
    #[must_use]
    pub const fn after(self, count: u32) -> Self {
        Self::new(self.major, self.minor.saturating_add(count))
    }

    /// True if this could be a release of Kubernetes. So could `0.0`, which stands for an old one.
    #[must_use]
    pub fn may_be_kubernetes(self) -> bool {
        self.major == 1 || self.is_exempt()
    }

    /// True if it is `0.0`.
    #[must_use]
    pub fn is_exempt(self) -> bool {
        self == Self::EXEMPT
    }
}

fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

impl fmt::Display for Milestone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_exempt() {
            return formatter.write_str("0.0");
        }
        write!(formatter, "v{}.{}", self.major, self.minor)
    }
}

impl<'de> Deserialize<'de> for Milestone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not a release")))
    }
}

#[cfg(test)]
mod tests {
    use super::Milestone;

    #[test]
    fn upstream_forms_are_accepted() {
        for text in ["1.21", "v1.21", "v1.21.0", " v1.21 ", "v1.021", "v1.21.7"] {
            assert_eq!(Milestone::parse(text), Some(Milestone::new(1, 21)), "{text:?}");
        }
        assert!(Milestone::parse("0.0").unwrap().is_exempt());
    }

    #[test]
    fn other_forms_are_rejected() {
        for text in [
            "",
            "v1",
            "V1.21",
            "vv1.21",
            "v1.21.0-rc.1",
            "v1.x",
            "TBD",
            "v1.21.0.0",
            "1,21",
            "v1.-1",
            "v1.21 GA",
            "1.99999999999",
        ] {
            assert_eq!(Milestone::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn forms_of_one_release_are_the_same() {
        for text in ["1.21", "v1.21", "v1.21.0", " v1.21 "] {
            assert_eq!(Milestone::canonical(text), "v1.21", "{text:?}");
        }
        for text in ["", "TBD", "V1.21", "v1.21, v1.22"] {
            assert_eq!(Milestone::canonical(text), text);
        }
    }

    #[test]
    fn a_release_is_found_in_any_text() {
        let mentioned = |text| Milestone::mentioned(text).collect::<Vec<_>>();
        let release = Milestone::new(1, 36);
        for text in ["1.36", "V1.36", "v1.36-beta", "v1.36 (beta)", "1.36.x", "vv1.36", "v1.36.0.1", "in 1.36."] {
            assert_eq!(mentioned(text), [release], "{text:?}");
        }
        assert_eq!(mentioned("v1.35, v1.36"), [Milestone::new(1, 35), release]);
        for text in ["", "TBD", "v1", "1-36", "x.y", "1.99999999999"] {
            assert_eq!(mentioned(text), [], "{text:?}");
        }
    }

    #[test]
    fn releases_are_ordered_by_number_not_by_letter() {
        assert!(Milestone::parse("v1.9") < Milestone::parse("v1.21"));
        assert!(Milestone::new(1, 21) >= Milestone::PRR_REQUIRED);
    }
}
