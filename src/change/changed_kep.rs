//! A KEP that a change touches.

use super::{KepState, Sides, StandingComments};
use crate::text::RepoPath;

/// A KEP that a change touches.
#[derive(Debug)]
pub struct ChangedKep {
    /// The KEP on the sides that have it.
    pub sides: Sides<KepState>,
    /// True if the change affects which answers of the README are due, or the answers themselves.
    pub asks_for_answers: bool,
    /// True if the change deletes it, but not its production-readiness file.
    pub leaves_prr_file: bool,
    /// Its comments that excuse findings.
    pub comments: StandingComments,
}

impl ChangedKep {
    /// True unless the change gives the KEP another number.
    #[must_use]
    pub fn keeps_its_number(&self) -> bool {
        self.sides.both().is_none_or(|(base, head)| base.issue_number() == head.issue_number())
    }

    /// Records the other KEPs whose fields point to the same production-readiness file. Returns false if it does not
    /// have that file.
    pub fn share_prr_file(&mut self, sharers: Vec<RepoPath>) -> bool {
        let (_, Some(head)) = self.sides.as_mut() else { return false };
        let expected = head.expected_prr_path.as_ref();
        let has_file = expected.is_some_and(|expected| head.prr_file_path() == Some(expected));
        if has_file {
            head.sharers = sharers;
        }
        has_file
    }

    /// True if the change closes the KEP: its status becomes a closed one, but neither its stage nor its latest
    /// milestone changes. Closing a KEP together with a new stage is a promotion.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        let Some((base, head)) = self.sides.both() else { return false };
        let [_, old_stage, old_latest] = base.target();
        let [_, stage, latest] = head.target();
        !base.is_closed() && head.is_closed() && (old_stage, old_latest) == (stage, latest)
    }

    /// True if the KEP was closed and stays so, or if the change closes it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        let stays_closed = self.sides.both().is_some_and(|(base, head)| base.is_closed() && head.is_closed());
        stays_closed || self.is_closing()
    }
}
