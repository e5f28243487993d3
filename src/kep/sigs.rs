//! The groups of the project: SIGs, working groups, user groups, committees.

use std::collections::BTreeSet;

use crate::syntax::yaml;
use crate::syntax::yaml::NodeKind;

/// The most values of a `sigs.yaml`: the community's has some ten thousand.
const MAX_VALUES: usize = 1_000_000;

/// The groups that are known.
#[derive(Debug, Clone, Default)]
pub struct Sigs(BTreeSet<String>);

impl Sigs {
    /// Takes in the name of a group.
    pub fn add(&mut self, name: impl Into<String>) {
        self.0.insert(name.into());
    }

    /// Whether `name` is a known group. Groups that own no directory (`wg-*`, `ug-*`, `committee-*`) always are.
    #[must_use]
    pub fn is_known(&self, name: &str) -> bool {
        ["wg-", "ug-", "committee-"].iter().any(|prefix| name.starts_with(prefix)) || self.0.contains(name)
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Takes in the `dir` of each group in the community's `sigs.yaml`.
    ///
    /// # Errors
    /// A sentence, when the text is no such file.
    pub fn add_community(&mut self, text: &str) -> Result<(), String> {
        let document = yaml::read_within(text, MAX_VALUES);
        if let Some(fault) = document.faults.first() {
            return Err(format!("it cannot be read: {}", crate::syntax::yaml::messages::of(&fault.kind).0));
        }
        let before = self.0.len();
        for (_, groups) in &document.entries {
            let NodeKind::Sequence(groups) = &groups.kind else {
                continue;
            };
            for group in groups {
                let NodeKind::Mapping(fields) = &group.kind else {
                    continue;
                };
                for (key, value) in fields {
                    if let (NodeKind::Scalar { text: key, .. }, NodeKind::Scalar { text: dir, .. }) =
                        (&key.kind, &value.kind)
                        && key == "dir"
                    {
                        self.add(dir.clone());
                    }
                }
            }
        }
        if self.0.len() == before {
            return Err("it lists no group with a `dir`".to_owned());
        }
        Ok(())
    }
}
