//! Every KEP of one tree, without a comparison.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::tree::Tree;
use super::walk::{Extent, Folders, MAX_FOLDERS, walk};
use super::{Groups, KepState, Policy, PrrState};
use crate::error::SourceError;
use crate::kep::aliases;
use crate::kep::comment::stage_note;
use crate::project::Profile;
use crate::project::layout::Layout;
use crate::source::{Kind, Snapshot};
use crate::text::RepoPath;
use crate::text::wording::{all_of, quote};
use crate::text::{Files, Side};

/// The content of a tree.
#[derive(Debug)]
pub struct Survey {
    /// The KEPs whose metadata can be read, in the order of their directories.
    pub keps: Vec<KepState>,
    /// The directories of KEPs whose metadata is missing, not a regular file, or unreadable.
    pub unread: Vec<RepoPath>,
    /// The policy in the tree.
    pub policy: Policy,
    /// Read errors. If there are any, the survey is incomplete.
    pub failures: Vec<SourceError>,
    /// What is in the place of a folder of KEPs and was not looked into. If there is anything, the survey is incomplete.
    pub obstacles: Vec<SourceError>,
    /// Metadata of which not every field could be read. If there is any, filters may have missed its KEP.
    pub lost_fields: Vec<SourceError>,
    /// Production-readiness files, or folders of them, that were not read. If there are any, approvers are missing.
    pub lost_approvals: Vec<SourceError>,
    /// The directories of KEPs with a comment that explains their stage.
    pub explained: BTreeSet<RepoPath>,
}

impl Survey {
    /// Reads every KEP of `snapshot`. A read error never hides the next one.
    pub fn read(snapshot: &dyn Snapshot, groups: Groups, profile: &Arc<Profile>, files: &mut Files) -> Self {
        let (policy, mut failures) = Policy::load(snapshot, groups, profile, files);
        let tree = Tree::new(snapshot, Side::Head, profile);
        let (mut keps, mut unread, mut lost_fields) = (Vec::new(), Vec::new(), Vec::new());
        let mut explained = BTreeSet::new();
        let (folders, unlisted) = walk(snapshot, &profile.layout, Extent::Nested);
        failures.extend(unlisted);
        let (obstacles, mut lost_approvals) = obstacles(&folders, &profile.layout);
        lost_approvals.extend(unread_aliases(&policy));
        for (dir, kep) in &folders.keps {
            let dir = dir.clone();
            if !kep.has_metadata {
                unread.push(dir);
                continue;
            }
            match tree.essentials(&dir, files) {
                Ok(kep) if kep.readable_kep().is_some() => {
                    let note = kep.readable_kep().and_then(|kep| stage_note(&files[kep.file], kep));
                    explained.extend(note.map(|_| dir.clone()));
                    let lost = lost_prr_file(&kep).filter(|path| !folders.irregular.contains_key(path));
                    lost_approvals.extend(lost.map(unread_prr_file));
                    lost_fields.extend(unread_fields(&dir, &lost_fields_of(&kep, &DECISIVE_FIELDS), &profile.layout));
                    keps.push(kep);
                }
                Ok(_) => unread.push(dir),
                Err(failure) => failures.push(failure),
            }
        }
        Self { keps, unread, policy, failures, obstacles, lost_fields, lost_approvals, explained }
    }

    /// Adds the KEPs of which one of these fields could not be read.
    pub(crate) fn require_fields(&mut self, fields: &[&'static str]) {
        let layout = &self.policy.profile.layout;
        let keps = self.keps.iter();
        self.lost_fields.extend(keps.filter_map(|kep| unread_fields(&kep.dir, &lost_fields_of(kep, fields), layout)));
    }
}

/// What is in the place of a folder of KEPs in `snapshot`, and what could not be listed: there may be KEPs that no list has.
pub fn unlisted(snapshot: &dyn Snapshot, profile: &Profile) -> Vec<SourceError> {
    let (folders, mut failures) = walk(snapshot, &profile.layout, Extent::Nested);
    let (obstacles, lost_approvals) = obstacles(&folders, &profile.layout);
    failures.extend(obstacles.into_iter().chain(lost_approvals));
    failures
}

/// An error for each link, submodule or deep folder that may hide KEPs, and one for each that may hide approvers. A link with
/// the name of a KEP is an unread KEP.
fn obstacles(folders: &Folders, layout: &Layout) -> (Vec<SourceError>, Vec<SourceError>) {
    let hides = |path: &RepoPath| !folders.keps.contains_key(path) && !layout.makes_kep(path.name());
    let is_prr = |path: &RepoPath| layout.prr_root.as_ref().is_some_and(|root| path.is_within(root));
    let irregular = folders.irregular.iter().filter(|(path, _)| hides(path));
    let (prr, others): (Vec<_>, Vec<_>) = irregular.partition(|(path, _)| is_prr(path));
    let others = others.into_iter().map(|(path, kind)| obstacle(path, *kind, "KEPs"));
    let prr = prr.into_iter().map(|(path, kind)| obstacle(path, *kind, "approvers"));
    (others.chain(folders.too_deep.iter().map(too_deep)).collect(), prr.collect())
}

/// The production-readiness file of a KEP, if it is there and was not read, or not all of it.
pub(crate) fn lost_prr_file(kep: &KepState) -> Option<&RepoPath> {
    match &kep.prr {
        PrrState::Irregular(path) | PrrState::Unreadable(path, _) => Some(path),
        PrrState::Read(path, prr) if prr.may_hide_approvers() => Some(path),
        PrrState::Unknown | PrrState::Absent { .. } | PrrState::Read(..) => None,
    }
}

/// The error for a production-readiness file that was not read, or not all of it.
pub(crate) fn unread_prr_file(path: &RepoPath) -> SourceError {
    SourceError::unavailable(
        format!("not all approvers in {} can be read", quote(&path.to_string())),
        "run `kepgate check --all` to see what is wrong",
    )
}

/// The error for `OWNERS_ALIASES`, if it is there but does not say who may approve.
fn unread_aliases(policy: &Policy) -> Option<SourceError> {
    let is_needed = policy.profile.layout.prr_root.is_some();
    let error = SourceError::unavailable(
        format!("{} cannot be read, so the approvers are unknown", quote(aliases::PATH)),
        "make it a regular file with valid YAML",
    );
    (is_needed && policy.has_unread_aliases()).then_some(error)
}

/// The error for the metadata of the KEP in `dir`, if it is not valid YAML.
pub(crate) fn unread_metadata(dir: &RepoPath, layout: &Layout) -> SourceError {
    SourceError::unavailable(
        format!("{} is not valid YAML, so not all of it can be read", quote(&layout.metadata_of(dir).to_string())),
        "run `kepgate check --all` to see what is wrong",
    )
}

/// The fields that decide in which lists a KEP is, and what they say about it.
pub(crate) const DECISIVE_FIELDS: [&str; 8] =
    ["title", "kep-number", "owning-sig", "participating-sigs", "status", "stage", "latest-milestone", "milestone"];

/// Those of `fields` that the metadata of a KEP has or may have, but whose value is unknown.
pub(crate) fn lost_fields_of(kep: &KepState, fields: &[&'static str]) -> Vec<&'static str> {
    let Some(kep) = kep.readable_kep() else { return Vec::new() };
    fields.iter().filter(|key| kep.is_lost(key)).copied().collect()
}

/// The error for the metadata of the KEP in `dir`, if some of its fields could not be read.
pub(crate) fn unread_fields(dir: &RepoPath, fields: &[&str], layout: &Layout) -> Option<SourceError> {
    let path = quote(&layout.metadata_of(dir).to_string());
    let is_incomplete = !fields.is_empty();
    let fields = if fields.len() == DECISIVE_FIELDS.len() { "the fields".to_owned() } else { all_of(fields) };
    let error = SourceError::unavailable(
        format!("{fields} in {path} cannot be read"),
        "run `kepgate check --all` to see what is wrong",
    );
    is_incomplete.then_some(error)
}

/// The error for a README that cannot be read.
pub(crate) fn unread_readme(path: &RepoPath) -> SourceError {
    SourceError::unavailable(
        format!("{} cannot be read, so its answers are unknown", quote(&path.to_string())),
        "make it a regular file of at most 1 MiB",
    )
}

fn obstacle(path: &RepoPath, kind: Kind, hidden: &str) -> SourceError {
    let noun = match kind {
        Kind::Symlink => "symbolic link",
        Kind::Submodule => "submodule",
        Kind::File | Kind::Folder => "file",
    };
    SourceError::unavailable(
        format!("{} is a {noun}, so there may be {hidden} that were not read", quote(&path.to_string())),
        format!("replace the {noun} with a directory"),
    )
}

/// The error for a folder that was not looked into.
fn too_deep(folder: &RepoPath) -> SourceError {
    SourceError::unavailable(
        format!("{} is nested too deeply", quote(&folder.to_string())),
        format!("move KEP directories to at most {MAX_FOLDERS} levels below the SIG's folder"),
    )
}

/// The KEP in the folder `dir` of a tree, or the template, read from its metadata and its production-readiness file;
/// `None` if there is no metadata.
///
/// # Errors
/// [`SourceError`] if the tree itself could not be read.
pub fn read_kep(
    snapshot: &dyn Snapshot,
    dir: &RepoPath,
    profile: &Arc<Profile>,
    files: &mut Files,
) -> Result<Option<KepState>, SourceError> {
    let kep = Tree::new(snapshot, Side::Head, profile).essentials(dir, files)?;
    Ok(kep.kep().is_some().then_some(kep))
}

#[cfg(test)]
mod tests {
    use super::{DECISIVE_FIELDS, unread_fields};
    use crate::project::Layout;
    use crate::text::RepoPath;

    #[test]
    fn fields_that_cannot_be_read_are_named_unless_it_is_all_of_them() {
        let message = |fields: &[&str]| {
            let error = unread_fields(&RepoPath::from("keps/sig-a/1-b"), fields, &Layout::default());
            error.map(|error| error.to_string())
        };
        assert_eq!(message(&[]), None);
        let some = message(&["title", "stage"]).unwrap();
        assert_eq!(some, "`title` and `stage` in `keps/sig-a/1-b/kep.yaml` cannot be read");
        let all = message(&DECISIVE_FIELDS).unwrap();
        assert_eq!(all, "the fields in `keps/sig-a/1-b/kep.yaml` cannot be read");
    }
}
