//! KEPs that are Markdown files of their own, without a directory.

use super::kep_state::{KepState, ReadmeFile};
use super::tree::Tree;
use crate::error::SourceError;
use crate::source::{Content, Kind};
use crate::syntax::yaml::front_matter;
use crate::text::{Files, RepoPath};

impl Tree<'_> {
    /// True if a KEP is at `path`: a Markdown file that begins with metadata, or a link in its place.
    pub(super) fn is_single_file(&self, path: &RepoPath) -> Result<bool, SourceError> {
        Ok(match self.kind(path)? {
            Some(Kind::File) => match self.read_raw(path)? {
                Content::Bytes(bytes) => front_matter::begins(&bytes),
                Content::Irregular(_) => true,
                Content::Absent => false,
            },
            Some(Kind::Symlink) => true,
            None | Some(Kind::Folder | Kind::Submodule) => false,
        })
    }

    /// The KEP in the Markdown file at `path`.
    pub(super) fn kep_in_file(&self, path: &RepoPath, files: &mut Files) -> Result<KepState, SourceError> {
        let mut state = self.essentials(path, files)?;
        state.references = self.resolve_references(&state.metadata)?;
        state.readme = ReadmeFile::Unread(state.dir_file);
        Ok(state)
    }
}
