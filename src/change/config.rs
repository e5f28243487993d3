//! A change to kepgate's configuration.

use std::collections::BTreeSet;

use super::tree::Tree;
use super::trees::Trees;
use crate::error::SourceError;
use crate::source::{ChangedPath, Content, Kind, is_compared};
use crate::syntax::yaml;
use crate::text::{FileId, Files, RepoPath, Side, SourceFile};

/// kepgate's configuration in a change that touches it.
#[derive(Debug)]
pub enum ConfigFile {
    /// It can be read at head.
    Kept(FileId, yaml::Document),
    /// It was there at base, or has a name or a form that kepgate does not read.
    Lost(LostConfig),
}

/// A configuration that kepgate does not find any more after the change.
#[derive(Debug)]
pub enum LostConfig {
    /// It is deleted. The file is that at base.
    Removed(FileId),
    /// Another file has the wrong name that people often give to it.
    Misnamed(FileId),
    /// A parent folder is replaced with something else, such as a symbolic link.
    Covered(FileId),
    /// It is a link, a submodule or a folder, or too large.
    Irregular(FileId),
}

impl Trees<'_> {
    /// The configuration at `path`, if the change touches it.
    pub(super) fn config(
        &self,
        paths: &[&ChangedPath],
        [path, misnamed]: [&RepoPath; 2],
        files: &mut Files,
    ) -> Result<Option<ConfigFile>, SourceError> {
        let is_listed = |path: &RepoPath| {
            paths.iter().any(|changed| changed.base.as_ref() == Some(path) || changed.head.as_ref() == Some(path))
        };
        let is_touched = is_listed(path) || self.differs_apart(path)?;
        let is_misnamed = |head: &&RepoPath| {
            *head != path && (*head == misnamed || [path, misnamed].iter().any(|known| head.looks_like(known)))
        };
        let misnamed = paths.iter().filter_map(|changed| changed.head.as_ref()).find(is_misnamed);
        if !is_touched && misnamed.is_none() {
            return Ok(None);
        }
        if let Some((file, document)) = self.head.document(path, files)? {
            return Ok(is_touched.then_some(ConfigFile::Kept(file, document)));
        }
        if self.head.exists(path)? {
            let file = files.add(SourceFile::new(Side::Head, path.clone(), ""));
            return Ok(is_touched.then_some(ConfigFile::Lost(LostConfig::Irregular(file))));
        }
        if let Some(misnamed) = misnamed
            && self.head.exists(misnamed)?
        {
            let file = files.add(SourceFile::new(Side::Head, misnamed.clone(), ""));
            return Ok(Some(ConfigFile::Lost(LostConfig::Misnamed(file))));
        }
        if self.base.read_raw(path)? == Content::Absent {
            return Ok(None);
        }
        Ok(Some(ConfigFile::Lost(match cover(&self.head, path)? {
            Some(cover) => LostConfig::Covered(files.add(SourceFile::new(Side::Head, cover, ""))),
            None => LostConfig::Removed(files.add(SourceFile::new(Side::Base, path.clone(), ""))),
        })))
    }

    /// True if the file at `path` differs, but is not among the changed paths: two folders on disk are compared only where
    /// KEPs and the usual files are.
    fn differs_apart(&self, path: &RepoPath) -> Result<bool, SourceError> {
        Ok(!is_compared(path) && self.base.read_raw(path)? != self.head.read_raw(path)?)
    }

    /// The file of the policy at `path`, if the change touches it: that at head, or at base if that is gone. `touched` has
    /// the changed paths.
    pub(super) fn policy_file(
        &self,
        path: &RepoPath,
        touched: &BTreeSet<RepoPath>,
        files: &mut Files,
    ) -> Result<Option<FileId>, SourceError> {
        if !touched.contains(path) && !self.differs_apart(path)? {
            return Ok(None);
        }
        let file = self.head.text(path, files)?;
        Ok(file.or_else(|| Some(files.add(SourceFile::new(Side::Base, path.clone(), "")))))
    }
}

/// The parent of `path` that exists but is not a folder.
fn cover(tree: &Tree<'_>, path: &RepoPath) -> Result<Option<RepoPath>, SourceError> {
    let mut parent = path.parent();
    while let Some(folder) = parent {
        if !matches!(tree.kind(&folder)?, None | Some(Kind::Folder)) {
            return Ok(Some(folder));
        }
        parent = folder.parent();
    }
    Ok(None)
}
