//! A change to `OWNERS_ALIASES`, and the KEPs that it affects.

use std::collections::{BTreeMap, BTreeSet};

use super::Groups;
use super::tree::Tree;
use crate::error::SourceError;
use crate::kep::{Aliases, List, aliases};
use crate::text::RepoPath;
use crate::text::{FileId, Files, Side, SourceFile};

/// `OWNERS_ALIASES` on both sides.
#[derive(Debug)]
pub struct AliasesPair {
    /// At base; `None` if it does not exist.
    pub base: Option<Aliases>,
    /// At head; `None` if it does not exist.
    pub head: Option<Aliases>,
    /// The file at head, present or not.
    pub file: FileId,
    /// Approvers that the change removes but gated KEPs still name for their target stage: the name as written and the
    /// directories of these KEPs.
    pub dropped: BTreeMap<String, Vec<RepoPath>>,
}

impl AliasesPair {
    /// Reads both sides into `files`, and, if the change drops an approver, every KEP at head, one at a time.
    pub(super) fn read(
        base: &Tree<'_>,
        head: &Tree<'_>,
        groups: &Groups,
        files: &mut Files,
    ) -> (Self, Vec<SourceError>) {
        let path = RepoPath::from(aliases::PATH);
        let mut failures = Vec::new();
        let sides = [base, head].map(|tree| {
            tree.aliases(&path, files).unwrap_or_else(|failure| {
                failures.push(failure);
                None
            })
        });
        let [base, new] = sides;
        let file = match &new {
            Some(new) => new.file,
            None => files.add(SourceFile::new(Side::Head, path, "")),
        };
        let gone: BTreeSet<_> = match (&base, &new) {
            (Some(base), Some(new)) => members(base, groups).difference(&members(new, groups)).cloned().collect(),
            _ => BTreeSet::new(),
        };
        let (dropped, unread) = named(&gone, head);
        failures.extend(unread);
        (Self { base, head: new, file, dropped }, failures)
    }
}

fn members(aliases: &Aliases, groups: &Groups) -> BTreeSet<String> {
    let lists = [&groups.approvers, &groups.emeritus].into_iter().filter_map(|group| aliases.group(group));
    lists.flat_map(List::entries).map(|entry| entry.value.clone()).collect()
}

/// Returns the gated KEPs of `tree` by the removed approver that they name, and the errors.
fn named(gone: &BTreeSet<String>, tree: &Tree<'_>) -> (BTreeMap<String, Vec<RepoPath>>, Vec<SourceError>) {
    let (mut dropped, mut failures) = (BTreeMap::new(), Vec::new());
    if gone.is_empty() {
        return (dropped, failures);
    }
    let dirs = match tree.index.kep_dirs() {
        Ok(dirs) => dirs,
        Err(failure) => return (dropped, vec![failure]),
    };
    for dir in dirs {
        match tree.kep_state(dir, &mut Files::default()) {
            Ok(Some(state)) => {
                let Some(approver) = state.target_approver() else { continue };
                let name = approver.strip_prefix('@').unwrap_or(approver);
                if gone.contains(name) {
                    dropped.entry(name.to_owned()).or_insert_with(Vec::new).push(dir.clone());
                }
            }
            Ok(None) => {}
            Err(failure) => failures.push(failure),
        }
    }
    (dropped, failures)
}
