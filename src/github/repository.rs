//! Repository names.

use std::fmt;
use std::str::FromStr;

/// A GitHub repository, `OWNER/NAME`. Both parts are validated, so they can be put into an address without escaping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    owner: String,
    name: String,
}

impl Repository {
    /// The user or organization.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The name without the owner.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The REST path `/repos/OWNER/NAME/{rest}`.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/repos/{self}/{rest}")
    }
}

impl FromStr for Repository {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_word = |word: &str| !matches!(word, "" | "." | "..") && word.len() <= 100 && word.bytes().all(is_plain);
        match text.split_once('/') {
            Some((owner, name)) if is_word(owner) && is_word(name) => {
                Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
            }
            _ => Err("write it as OWNER/NAME, as in kubernetes/enhancements".to_owned()),
        }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.owner, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::Repository;

    #[test]
    fn owner_and_name_are_plain_words() {
        let repository: Repository = "kubernetes/enhancements".parse().unwrap();
        assert_eq!(repository.path("pulls/1"), "/repos/kubernetes/enhancements/pulls/1");
        for text in ["", "kubernetes", "a/b/c", "../x", "a/..", "a/b?x", "a b/c", "https://github.com/a/b"] {
            assert!(text.parse::<Repository>().is_err(), "{text:?}");
        }
    }
}
