//! The trees of a change.

use super::tree::Tree;

/// Both sides of a change.
pub(super) struct Trees<'a> {
    pub(super) base: Tree<'a>,
    pub(super) head: Tree<'a>,
    /// The target branch.
    pub(super) target: Tree<'a>,
}
