//! KEPs that are Markdown files of their own, without a directory.

use super::kep_state::{KepState, Metadata, ReadmeFile};
use super::tree::Tree;
use crate::error::SourceError;
use crate::project::layout;
use crate::source::{Content, Kind};
use crate::syntax::yaml::front_matter;
use crate::text::{Files, RepoPath};

/// The maximum number of files to read in a folder to find out what it contains.
const MAX_SIBLINGS: usize = 10;

/// All other files in a folder only say what a new one is if there are so many.
const FEWEST_SIBLINGS: usize = 3;

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

    /// True if a new file at `path` is probably a KEP although it does not begin with metadata: its name or its folder's
    /// name begins with a number, as do those of other KEPs in the same place, or all other files in its folder are KEPs.
    pub(super) fn is_like_keps(&self, path: &RepoPath) -> Result<bool, SourceError> {
        let layout = self.layout();
        let is_page = |path: &RepoPath| layout::is_markdown(path.name()) && !layout.is_template(path);
        let is_numbered = |path: &RepoPath| layout::begins_with_number(path.name());
        let Some(folder) = path.parent().filter(|_| is_page(path)) else { return Ok(false) };
        let is_readme = path.name() == layout::README.as_bytes();
        let place = if is_readme { folder.clone() } else { path.clone() };
        let above = if is_readme { folder.parent() } else { Some(folder) };
        let Some(above) = above.filter(|above| above.is_within(&layout.root)) else {
            return Ok(false);
        };
        let mut siblings = self.snapshot.list(&above)?;
        siblings.retain(|entry| is_page(&entry.path) && entry.path.name() != layout::README.as_bytes());
        if is_numbered(&place) {
            let mut numbered = siblings.iter().filter(|entry| is_numbered(&entry.path)).take(MAX_SIBLINGS);
            return numbered.try_fold(false, |found, entry| Ok(found || self.is_single_file(&entry.path)?));
        }
        if is_readme || siblings.len() < FEWEST_SIBLINGS {
            return Ok(false);
        }
        siblings.iter().take(MAX_SIBLINGS).try_fold(true, |all, entry| Ok(all && self.is_single_file(&entry.path)?))
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
