//! The trees of a change.

use std::sync::Arc;

use super::tree::Tree;
use crate::error::SourceError;
use crate::project::Profile;
use crate::source::{Comparison, Kind};
use crate::text::{RepoPath, Side};

/// Both sides of a change.
pub(super) struct Trees<'a> {
    pub(super) base: Tree<'a>,
    pub(super) head: Tree<'a>,
    /// The target branch.
    pub(super) target: Tree<'a>,
}

impl<'a> Trees<'a> {
    pub(super) fn new(change: &'a Comparison<'_>, profile: &Arc<Profile>, reads_owners: bool) -> Self {
        Self {
            base: Tree::new(change.base.as_ref(), Side::Base, profile).with_owners(reads_owners),
            head: Tree::new(change.head.as_ref(), Side::Head, profile).with_owners(reads_owners),
            target: Tree::new(change.policy.as_ref(), Side::Policy, profile),
        }
    }

    /// True if a KEP is at `dir` at head. A Markdown file that was a KEP still is one if it loses its front matter, and a
    /// new file is probably one without front matter if it is beside others.
    pub(super) fn is_kept(&self, dir: &RepoPath) -> Result<bool, SourceError> {
        if self.head.is_kep(dir)? {
            return Ok(true);
        }
        if !self.head.layout().has_single_files() || self.head.kind(dir)? != Some(Kind::File) {
            return Ok(false);
        }
        Ok(self.base.is_kep(dir)? || (self.base.kind(dir)?.is_none() && self.base.is_like_keps(dir)?))
    }
}
