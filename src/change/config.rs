//! A change to kepgate's configuration.

use std::collections::BTreeSet;

use super::tree::Tree;
use super::trees::Trees;
use crate::error::SourceError;
use crate::source::{ChangedPath, Content, Irregular, Kind, MAX_FILE_BYTES, is_compared};
use crate::syntax::yaml;
use crate::text::{FileId, Files, RepoPath, Side, SourceFile, files};

/// kepgate's configuration in a change that touches it.
#[derive(Debug)]
pub enum ConfigFile {
    /// It can be read at head.
    Kept(FileId, yaml::Document),
    /// It was there at base, or has a name or a form that kepgate does not read.
    Lost(LostConfig),
}

/// A file of the policy, beside the configuration, that a change touches.
#[derive(Debug, Clone, Copy)]
pub enum PolicyFile {
    /// It can be read at head.
    Kept(FileId),
    /// It is deleted. The file is that at base.
    Gone(FileId),
    /// Something else is in its place, or it is too large.
    Irregular(FileId, Irregular),
}

/// A configuration that kepgate does not find any more after the change.
#[derive(Debug)]
pub enum LostConfig {
    /// It is deleted. The file is that at base.
    Removed(FileId),
    /// The same, but later checks fail without it, because its path is configured.
    RequiredRemoved(FileId),
    /// Another file has the wrong name that people often give to it.
    Misnamed(FileId),
    /// A parent folder is replaced with something else, such as a symbolic link.
    Covered(FileId),
    /// It is a link, a submodule or a folder, or too large.
    Irregular(FileId),
}

impl Trees<'_> {
    /// The configuration at `path`, if the change touches it. It is required there unless it has a usual wrong name.
    pub(super) fn config(
        &self,
        paths: &[&ChangedPath],
        (path, misnamed): (&RepoPath, Option<&RepoPath>),
        files: &mut Files,
    ) -> Result<Option<ConfigFile>, SourceError> {
        // A folder in its place is not a changed path, but the files in it are.
        let is_listed = |path: &RepoPath| {
            paths.iter().any(|changed| changed.base.iter().chain(&changed.head).any(|it| it.is_within(path)))
        };
        let is_touched = is_listed(path) || self.differs_apart(path, MAX_FILE_BYTES)?;
        let is_misnamed = |head: &&RepoPath| {
            *head != path
                && misnamed.is_some_and(|name| *head == name || [path, name].iter().any(|it| head.looks_like(it)))
        };
        let heads = || paths.iter().filter_map(|changed| changed.head.as_ref());
        let is_folder = |name: &&RepoPath| heads().any(|head| head.is_within(name));
        let wrong_name = heads().find(is_misnamed).or_else(|| misnamed.filter(is_folder));
        if !is_touched && wrong_name.is_none() {
            return Ok(None);
        }
        if let Some((file, document)) = self.head.document(path, files)? {
            return Ok(is_touched.then_some(ConfigFile::Kept(file, document)));
        }
        if self.head.exists(path)? {
            let file = files.add(SourceFile::new(Side::Head, path.clone(), ""));
            return Ok(is_touched.then_some(ConfigFile::Lost(LostConfig::Irregular(file))));
        }
        if let Some(wrong_name) = wrong_name
            && self.head.exists(wrong_name)?
        {
            let file = files.add(SourceFile::new(Side::Head, wrong_name.clone(), ""));
            return Ok(Some(ConfigFile::Lost(LostConfig::Misnamed(file))));
        }
        if self.base.read_raw(path)? == Content::Absent {
            return Ok(None);
        }
        if let Some(cover) = cover(&self.head, path)? {
            let file = files.add(SourceFile::new(Side::Head, cover, ""));
            return Ok(Some(ConfigFile::Lost(LostConfig::Covered(file))));
        }
        let file = files.add(SourceFile::new(Side::Base, path.clone(), ""));
        let removed = if misnamed.is_some() { LostConfig::Removed } else { LostConfig::RequiredRemoved };
        Ok(Some(ConfigFile::Lost(removed(file))))
    }

    /// True if the file at `path`, which is read up to `limit` bytes, differs, but is not among the changed paths: two
    /// folders on disk are compared only where KEPs and the usual files are.
    fn differs_apart(&self, path: &RepoPath, limit: u64) -> Result<bool, SourceError> {
        Ok(!is_compared(path) && self.base.read_up_to(path, limit)? != self.head.read_up_to(path, limit)?)
    }

    /// The file of the policy at `path`, which may have `limit` bytes, if the change touches it. `touched` has the changed
    /// paths.
    pub(super) fn policy_file(
        &self,
        (path, limit): (&RepoPath, u64),
        touched: &BTreeSet<RepoPath>,
        files: &mut Files,
    ) -> Result<Option<PolicyFile>, SourceError> {
        let is_touched = touched.iter().any(|touched| touched.is_within(path));
        if !is_touched && !self.differs_apart(path, limit)? {
            return Ok(None);
        }
        let mut add = |side, text: &str| files.add(SourceFile::new(side, path.clone(), text));
        Ok(Some(match self.head.read_up_to(path, limit)? {
            Content::Absent => PolicyFile::Gone(add(Side::Base, "")),
            Content::Irregular(irregular) => PolicyFile::Irregular(add(Side::Head, ""), irregular),
            Content::Bytes(bytes) => PolicyFile::Kept(add(Side::Head, &files::text_of(bytes))),
        }))
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
