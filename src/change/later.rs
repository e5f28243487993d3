//! What later changes are checked for, once this one is merged.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Changeset;
use super::index::PathIndex;
use super::tree::Tree;
use crate::error::SourceError;
use crate::kep::aliases;
use crate::project::{Profile, ProjectSettings};
use crate::text::{Files, RepoPath};

/// How changes on top of this one are checked.
#[derive(Debug)]
pub struct Later {
    /// The profile of the project.
    pub profile: Profile,
    /// The KEPs with metadata that they will find.
    pub keps: BTreeSet<RepoPath>,
    /// True if production readiness is reviewed, but there is no group of approvers.
    pub lacks_approvers: bool,
}

impl Changeset<'_> {
    /// How later changes are checked under these settings. `approvers` is the name of the group of production readiness
    /// approvers.
    ///
    /// # Errors
    ///
    /// If the tree at head cannot be read.
    pub fn later(&self, settings: &ProjectSettings, approvers: &str) -> Result<Later, SourceError> {
        self.trees.head.later(settings, approvers)
    }
}

impl Tree<'_> {
    fn later(&self, settings: &ProjectSettings, approvers: &str) -> Result<Later, SourceError> {
        let profile = Profile::resolve(settings, approvers, self.snapshot)?;
        let keps = PathIndex::new(self.snapshot, Arc::new(profile.clone())).kep_dirs_with_metadata()?;
        let aliases = self.aliases(&RepoPath::from(aliases::PATH), &mut Files::default())?;
        let has_group = aliases.is_some_and(|aliases| aliases.group(approvers).is_some());
        Ok(Later { lacks_approvers: profile.layout.prr_root.is_some() && !has_group, profile, keps })
    }
}
