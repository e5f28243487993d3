//! `OWNERS` in a KEP's directory: who reviews and approves changes there.

use super::decode::Entries;
use super::field::List;
use crate::syntax::yaml::Document;
use crate::text::FileId;

/// The name of the file.
pub const NAME: &str = "OWNERS";

/// The people in an `OWNERS` file.
#[derive(Debug, Clone)]
pub struct Owners {
    /// The file that it was read from.
    pub file: FileId,
    /// True if it could be read; otherwise its lists are empty.
    pub readable: bool,
    /// `reviewers`
    pub reviewers: List,
    /// `approvers`
    pub approvers: List,
}

impl Owners {
    /// True if everyone that the file lists is known.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.readable && self.reviewers.is_known() && self.approvers.is_known()
    }

    /// Decodes a document. All other keys are ignored.
    #[must_use]
    pub fn decode(file: FileId, document: &Document) -> Self {
        let mut faults = Vec::new();
        let mut entries = Entries::of_document(document, &mut faults);
        let readable = document.readable;
        Self { file, readable, reviewers: entries.list("reviewers"), approvers: entries.list("approvers") }
    }
}
