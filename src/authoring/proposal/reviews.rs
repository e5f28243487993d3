//! How a repository keeps its production readiness reviews.

use std::collections::BTreeSet;

use super::search::{Root, text};
use crate::change::Groups;
use crate::error::SourceError;
use crate::kep::{Aliases, Field, PrrFile, Stage, aliases, handle};
use crate::project::layout;
use crate::source::{Kind, Snapshot};
use crate::syntax::yaml;
use crate::text::{Files, RepoPath, Side, SourceFile};

/// The maximum number of production-readiness files to read.
const MAX_READ: usize = 500;

/// The production readiness reviews of a repository.
#[derive(Debug, Default)]
pub(super) struct Reviews {
    /// True if the files are in a folder for each area, as the KEPs are, and no folder is named `sig-*`.
    pub(super) has_areas: bool,
    /// The group of `OWNERS_ALIASES` that has all approvers, if its name is not the usual one.
    pub(super) approvers: Option<String>,
}

impl Reviews {
    pub(super) fn of(tree: &dyn Snapshot, root: &Root) -> Result<Self, SourceError> {
        let folder = root.folder.join(layout::PRR_FOLDER);
        let mut paths = Vec::new();
        let mut areas = BTreeSet::new();
        for entry in tree.list(&folder)? {
            match entry.kind {
                Kind::Folder => {
                    areas.insert(entry.path.name().to_vec());
                    paths.extend(tree.list(&entry.path)?.into_iter().map(|entry| entry.path));
                }
                _ => paths.push(entry.path),
            }
        }
        let depth = root.folder.segments().count();
        let area = |dir: &RepoPath| dir.segments().nth(depth).map(|area| area.to_vec());
        let is_in_area = |dir: &RepoPath| dir.segments().count() == depth + 2;
        let of_keps: BTreeSet<_> = root.keps.iter().filter_map(area).collect();
        let is_sig = |area: &Vec<u8>| area.starts_with(b"sig-");
        let has_areas = !areas.is_empty()
            && root.keps.iter().all(is_in_area)
            && areas.is_subset(&of_keps)
            && !of_keps.iter().any(is_sig);
        Ok(Self { has_areas, approvers: group_of_approvers(tree, &paths)? })
    }
}

/// The only group that has every approver of these production-readiness files, unless there is one with the usual name.
fn group_of_approvers(tree: &dyn Snapshot, paths: &[RepoPath]) -> Result<Option<String>, SourceError> {
    let mut files = Files::default();
    let mut approvers = BTreeSet::new();
    for path in paths.iter().take(MAX_READ) {
        let Some(text) = text(tree, path)? else { continue };
        let file = files.add(SourceFile::new(Side::Head, path.clone(), &text));
        let content = PrrFile::decode(file, &yaml::read_without_fences(files[file].text()));
        let named = Stage::ALL.into_iter().filter_map(|stage| content.approver(stage));
        approvers.extend(named.map(|approver| handle::folded(approver.text())));
    }
    let path = RepoPath::from(aliases::PATH);
    let Some(text) = text(tree, &path)?.filter(|_| !approvers.is_empty()) else { return Ok(None) };
    let file = files.add(SourceFile::new(Side::Head, path, &text));
    let groups = Aliases::decode(file, &yaml::read_without_fences(files[file].text()));
    if groups.group(&Groups::default().approvers).is_some() {
        return Ok(None);
    }
    let has_all = |group: &&str| {
        let members = groups.group(group).map(Field::entries).unwrap_or_default();
        let members: BTreeSet<_> = members.iter().map(|member| handle::folded(&member.value)).collect();
        approvers.is_subset(&members) && layout::is_word(group)
    };
    let mut complete = groups.names().filter(has_all);
    Ok(complete.next().filter(|_| complete.next().is_none()).map(str::to_owned))
}
