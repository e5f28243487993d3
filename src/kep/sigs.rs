//! The groups of a project: SIGs, working groups, user groups and committees.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::Value;

use crate::text::nearest::nearest;

/// The known groups.
#[derive(Debug, Clone, Default)]
pub struct Sigs(BTreeSet<String>);

/// Why a text is not kubernetes/community's `sigs.yaml`.
#[derive(Debug, thiserror::Error)]
pub enum SigsError {
    /// It is not valid YAML.
    #[error("it cannot be read: {0}")]
    Yaml(#[from] serde_yaml::Error),
    /// It does not list any groups.
    #[error("it has no group with a `dir`")]
    NoGroup,
}

impl Sigs {
    /// Adds the name of a group.
    pub fn add(&mut self, name: impl Into<String>) {
        self.0.insert(name.into());
    }

    /// True if `name` is a known group. Groups that do not own a directory (`wg-*`, `ug-*`, `committee-*`) are always
    /// known.
    #[must_use]
    pub fn is_known(&self, name: &str) -> bool {
        ["wg-", "ug-", "committee-"].iter().any(|prefix| name.starts_with(prefix)) || self.0.contains(name)
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(String::as_str)
    }

    /// The one of `names` that `name` probably means, such as `sig-node` for `node`.
    #[must_use]
    pub fn near<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
        let is_short = |group: &&str| group.split_once('-').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(name));
        names.clone().find(is_short).or_else(|| nearest(name, names))
    }

    /// Adds the `dir` of each group in kubernetes/community's `sigs.yaml`. The caller must limit its size.
    ///
    /// # Errors
    /// [`SigsError`] if the text is not such a file.
    pub fn add_community(&mut self, text: &str) -> Result<(), SigsError> {
        let kinds: BTreeMap<String, Value> = serde_yaml::from_str(text)?;
        let before = self.0.len();
        for group in kinds.values().filter_map(Value::as_sequence).flatten() {
            if let Some(dir) = group.get("dir").and_then(Value::as_str) {
                self.add(dir);
            }
        }
        if self.0.len() == before {
            return Err(SigsError::NoGroup);
        }
        Ok(())
    }
}
