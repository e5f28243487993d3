//! The trees of a change.

use std::sync::Arc;

use super::tree::Tree;
use crate::project::Profile;
use crate::source::Comparison;
use crate::text::Side;

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
}
