//! KEPs that are Markdown files of their own, without a directory.

use super::kep_state::{KepState, Metadata, ReadmeFile};
use super::tree::Tree;
use crate::error::SourceError;
use crate::project::layout;
use crate::source::{Content, Kind};
use crate::syntax::yaml::front_matter;
use crate::text::{Files, RepoPath};

/// The maximum number of files to read to find out if KEPs in a folder have numbers.
const MAX_SIBLINGS: usize = 10;

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

    /// True if the name of the file at `path` begins with a number, as does that of a KEP in the same folder.
    pub(super) fn has_numbered_sibling(&self, path: &RepoPath) -> Result<bool, SourceError> {
        let is_numbered = |path: &RepoPath| {
            let name = path.name();
            layout::is_markdown(name) && layout::begins_with_number(name)
        };
        let Some(folder) = path.parent().filter(|_| is_numbered(path)) else { return Ok(false) };
        let siblings = self.snapshot.list(&folder)?.into_iter().filter(|entry| is_numbered(&entry.path));
        for sibling in siblings.take(MAX_SIBLINGS) {
            if self.is_single_file(&sibling.path)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The KEP in the Markdown file at `path`.
    pub(super) fn kep_in_file(&self, path: &RepoPath, files: &mut Files) -> Result<KepState, SourceError> {
        let mut state = self.essentials(path, files)?;
        state.references = self.resolve_references(&state.metadata)?;
        state.readme = ReadmeFile::Unread(state.dir_file);
        if let Metadata::Absent { document, .. } = &mut state.metadata
            && !self.is_single_file(path)?
        {
            *document = Some(state.dir_file);
        }
        Ok(state)
    }
}
