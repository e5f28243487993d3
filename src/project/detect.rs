//! Detects from the target branch how a project keeps its KEPs.

use super::layout::{self, PRR_FOLDER};
use crate::error::SourceError;
use crate::kep::{Aliases, aliases};
use crate::source::{Content, Kind, Snapshot};
use crate::syntax::yaml;
use crate::text::{Files, RepoPath, Side, SourceFile};

/// True if the project is known to have KEPs but no production readiness reviews: it has neither a folder of
/// production-readiness files nor a group of approvers. A file that is broken or unreadable does not count as absent.
///
/// # Errors
/// [`SourceError`] if the tree could not be read, or if `OWNERS_ALIASES` is unreadable or broken.
pub(super) fn is_plain(policy: &dyn Snapshot, root: &RepoPath, approvers: &str) -> Result<bool, SourceError> {
    if policy.kind(root)? != Some(Kind::Folder) || policy.kind(&root.join(PRR_FOLDER))?.is_some() {
        return Ok(false);
    }
    let path = RepoPath::from(aliases::PATH);
    let bytes = match policy.read(&path)? {
        Content::Absent => return Ok(true),
        Content::Irregular(_) => return Err(undecidable()),
        Content::Bytes(bytes) => bytes,
    };
    let Ok(text) = String::from_utf8(bytes) else { return Err(undecidable()) };
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Policy, path, &text));
    let document = yaml::read_without_fences(files[file].text());
    let is_sound = document.faults.iter().all(|fault| fault.kind == yaml::FaultKind::Empty);
    let has_group = Aliases::decode(file, &document).group(approvers).is_some();
    if is_sound || has_group { Ok(!has_group) } else { Err(undecidable()) }
}

/// The error if an unreadable file could contain the group of approvers.
fn undecidable() -> SourceError {
    SourceError::unavailable(
        format!(
            "{} on the target branch cannot be read, so it is unknown whether this project reviews production readiness",
            aliases::PATH
        ),
        "correct the file, or set `project.profile` in .github/kepgate.yaml on the target branch",
    )
}

/// True if KEPs are in folders that are named after SIGs.
///
/// # Errors
/// [`SourceError`] if the tree could not be read.
pub(super) fn has_sig_folders(policy: &dyn Snapshot, root: &RepoPath) -> Result<bool, SourceError> {
    let entries = policy.list(root)?;
    Ok(entries.iter().any(|entry| entry.kind == Kind::Folder && entry.path.name().starts_with(b"sig-")))
}

/// The folder (or file) of the KEP template, and others that are named like templates. The KEP template is rather
/// `NNNN-template` than `kep-template`, and rather has a short name than a long one.
///
/// # Errors
/// [`SourceError`] if the tree could not be read.
pub(super) fn templates(
    policy: &dyn Snapshot,
    root: &RepoPath,
    has_single_files: bool,
) -> Result<(Option<RepoPath>, Vec<RepoPath>), SourceError> {
    let kind = if has_single_files { Kind::File } else { Kind::Folder };
    let entries = policy.list(root)?.into_iter().filter(|entry| entry.kind == kind).map(|entry| entry.path);
    let mut found: Vec<_> = entries.filter(|path| layout::is_template_name(path.name())).collect();
    found.retain(|path| !has_single_files || layout::is_markdown(path.name()));
    let has_number = |path: &RepoPath| path.name().get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"NNNN"));
    let first = found.iter().min_by_key(|path| (!has_number(path), path.name().len())).cloned();
    found.retain(|path| Some(path) != first.as_ref());
    Ok((first, found))
}
