//! Finds out from the target branch how a project keeps its KEPs.

use super::layout::{self, PRR_FOLDER};
use crate::error::SourceError;
use crate::kep::{Aliases, aliases};
use crate::source::{Content, Kind, Snapshot};
use crate::syntax::yaml;
use crate::text::{Files, RepoPath, Side, SourceFile};

/// True if the project is known to have KEPs, but no production readiness reviews: there is neither a folder of
/// production-readiness files nor a group of approvers. What is broken or cannot be read is not absent.
///
/// # Errors
/// [`SourceError`] if the tree could not be read.
pub(super) fn is_plain(policy: &dyn Snapshot, root: &RepoPath, approvers: &str) -> Result<bool, SourceError> {
    if policy.kind(root)? != Some(Kind::Folder) || policy.kind(&root.join(PRR_FOLDER))?.is_some() {
        return Ok(false);
    }
    let path = RepoPath::from(aliases::PATH);
    let bytes = match policy.read(&path)? {
        Content::Absent => return Ok(true),
        Content::Irregular(_) => return Ok(false),
        Content::Bytes(bytes) => bytes,
    };
    let Ok(text) = String::from_utf8(bytes) else { return Ok(false) };
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Policy, path, &text));
    let document = yaml::read_without_fences(files[file].text());
    let is_sound = document.faults.iter().all(|fault| fault.kind == yaml::FaultKind::Empty);
    Ok(is_sound && Aliases::decode(file, &document).group(approvers).is_none())
}

/// True if KEPs are in folders that are named after SIGs.
///
/// # Errors
/// [`SourceError`] if the tree could not be read.
pub(super) fn has_sig_folders(policy: &dyn Snapshot, root: &RepoPath) -> Result<bool, SourceError> {
    let entries = policy.list(root)?;
    Ok(entries.iter().any(|entry| entry.kind == Kind::Folder && entry.path.name().starts_with(b"sig-")))
}

/// The folder of the KEP template, and those of other templates. If there is none, the path is a guess.
///
/// # Errors
/// [`SourceError`] if the tree could not be read.
pub(super) fn templates(policy: &dyn Snapshot, root: &RepoPath) -> Result<(RepoPath, Vec<RepoPath>), SourceError> {
    let entries = policy.list(root)?.into_iter();
    let folders = entries.filter(|entry| entry.kind == Kind::Folder).map(|entry| entry.path);
    let mut found = folders.filter(|folder| layout::is_template_name(folder.name()));
    let first = found.next().unwrap_or_else(|| root.join("NNNN-kep-template"));
    Ok((first, found.collect()))
}
