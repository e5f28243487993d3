//! Finds out whether the tree has a folder of KEPs at all. A check that looks in the wrong place must not pass.

use std::collections::VecDeque;

use crate::change::Scope;
use crate::error::{Error, SourceError};
use crate::project::{Profile, layout};
use crate::source::{Comparison, Content, Entry, Kind, Snapshot};
use crate::syntax::yaml::front_matter;
use crate::text::RepoPath;
use crate::text::wording::{all_of, quote};

/// The maximum number of folders to search for KEPs in other places. The ones near the root come first.
const MAX_SEARCHED: usize = 20_000;

/// The maximum number of paths in a message.
const MAX_NAMED: usize = 3;

/// Folders that hold files of other projects.
const FOREIGN: [&str; 2] = ["node_modules", "vendor"];

/// Returns true if the tree has a folder of KEPs, and false if the repository has no KEPs yet.
///
/// # Errors
/// [`Error::Usage`] if the folder is missing although the whole tree is to be checked or KEPs are elsewhere, or if it is
/// a link; [`Error`] if the tree could not be read.
pub(super) fn has_kep_root(change: &Comparison<'_>, scope: &Scope, profile: &Profile) -> Result<bool, Error> {
    // Without a head, nothing is compared.
    if change.revisions.head.is_none() {
        return Ok(true);
    }
    let root = &profile.layout.root;
    let name = quote(&root.to_string());
    match change.head.kind(root)? {
        Some(Kind::Folder) => return Ok(true),
        // Adding the link is a finding. If it was there before, nobody sees the KEPs.
        Some(kind @ (Kind::Symlink | Kind::Submodule)) if change.base.kind(root)? != Some(kind) && !scope.all => {
            return Ok(true);
        }
        Some(Kind::Symlink | Kind::Submodule) => {
            return Err(Error::Usage {
                message: format!("{name} is a symbolic link or a submodule, so no KEP was read"),
                help: "replace it with the folder itself".to_owned(),
            });
        }
        Some(Kind::File) | None => {}
    }
    let found = kep_files(change.head.as_ref(), &profile.layout.metadata)?;
    if found.is_empty() && scope.all {
        return Err(Error::Usage {
            message: format!("this tree has no {name} folder"),
            help: "specify the root of a KEP repository with --repo or --head-dir".to_owned(),
        });
    }
    if found.is_empty() {
        return Ok(false);
    }
    let named: Vec<_> = found.iter().take(MAX_NAMED).map(ToString::to_string).collect();
    let more = match found.len().saturating_sub(named.len()) {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let verb = if found.len() == 1 { "looks like a KEP" } else { "look like KEPs" };
    Err(Error::Usage {
        message: format!("there is no {name} folder, but {}{more} {verb}", all_of(&named)),
        help: "set `project.root` in .github/kepgate.yaml on the target branch; `kepgate init` proposes that file"
            .to_owned(),
    })
}

/// Files outside `keps` that look like the metadata of KEPs, except for those of templates.
fn kep_files(tree: &dyn Snapshot, metadata: &str) -> Result<Vec<RepoPath>, SourceError> {
    let (mut found, mut searched) = (Vec::new(), 0);
    let mut folders = VecDeque::from([RepoPath::root()]);
    while let Some(folder) = folders.pop_front().filter(|_| searched < MAX_SEARCHED) {
        searched += 1;
        let entries = tree.list(&folder)?;
        let of_kep = entries.iter().filter(|entry| is_metadata(entry, &folder, metadata));
        found.extend(of_kep.map(|entry| entry.path.clone()));
        let readme = entries.iter().find(|entry| entry.path.name() == layout::README && entry.kind == Kind::File);
        if let Some(readme) = readme.filter(|_| layout::is_kep_name(folder.name()) && !is_template(&folder))
            && has_front_matter(tree, &readme.path)?
        {
            found.push(readme.path.clone());
        }
        let inner = entries.into_iter().filter(|entry| entry.kind == Kind::Folder && !is_foreign(&entry.path));
        folders.extend(inner.map(|entry| entry.path));
    }
    Ok(found)
}

/// True for a `kep.yaml`, or for the `metadata.yaml` that other projects have in a folder with a number.
fn is_metadata(entry: &Entry, folder: &RepoPath, metadata: &str) -> bool {
    let name = entry.path.name();
    let is_named =
        name == layout::METADATA || name == metadata || (name == "metadata.yaml" && layout::is_kep_name(folder.name()));
    entry.kind == Kind::File && is_named && !is_template(folder)
}

fn is_template(folder: &RepoPath) -> bool {
    folder.name().starts_with(b"NNNN") || layout::is_template_name(folder.name())
}

/// True if the file at `path` begins with YAML between `---` lines.
fn has_front_matter(tree: &dyn Snapshot, path: &RepoPath) -> Result<bool, SourceError> {
    let Content::Bytes(bytes) = tree.read(path)? else { return Ok(false) };
    Ok(std::str::from_utf8(&bytes).is_ok_and(|text| front_matter::place(text).is_some()))
}

fn is_foreign(folder: &RepoPath) -> bool {
    let name = folder.name();
    name.starts_with(b".") || FOREIGN.iter().any(|foreign| name == *foreign)
}

#[cfg(test)]
mod tests {
    use super::has_kep_root;
    use crate::change::Scope;
    use crate::project::Profile;
    use crate::source::memory::Memory;
    use crate::source::{Change, Revisions};

    fn judged(base: Memory, head: Memory) -> Result<bool, String> {
        let revisions = Revisions { head: Some("head".to_owned()), ..Revisions::default() };
        let policy = Box::new(base.clone());
        let change = Change { base: Box::new(base), head: Box::new(head), policy, paths: Vec::new(), revisions };
        has_kep_root(&change, &Scope::default(), &Profile::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn keps_in_another_folder_are_an_error() {
        for (path, words) in [
            ("kep/sig-storage/6100-paused/kep.yaml", "`kep/sig-storage/6100-paused/kep.yaml` looks like a KEP"),
            ("docs/keps/310-quota/kep.yaml", "`docs/keps/310-quota/kep.yaml` looks like a KEP"),
            ("enhancements/sig-a/12-x/metadata.yaml", "`enhancements/sig-a/12-x/metadata.yaml` looks like a KEP"),
        ] {
            let head = Memory::default().file("README.md", "").file(path, "");
            assert_eq!(judged(head.clone(), head), Err(format!("there is no `keps` folder, but {words}")));
        }
        let many =
            (1..=5).fold(Memory::default(), |tree, number| tree.file(format!("kep/{number}-a/kep.yaml").as_str(), ""));
        let error = judged(Memory::default(), many).unwrap_err();
        assert!(
            error
                .ends_with("`kep/1-a/kep.yaml`, `kep/2-a/kep.yaml` and `kep/3-a/kep.yaml` (and 2 more) look like KEPs"),
            "{error}"
        );
    }

    #[test]
    fn a_repository_without_keps_passes() {
        for path in [
            "README.md",
            "docs/keps/NNNN-template/kep.yaml",
            "kep/kep-template/kep.yaml",
            "node_modules/x/kep.yaml",
            ".github/kep.yaml",
            "charts/metadata.yaml",
            "kep.yaml/README.md",
        ] {
            assert_eq!(judged(Memory::default(), Memory::default().file(path, "")), Ok(false), "{path}");
        }
        assert_eq!(judged(Memory::default(), Memory::default().file("keps/OWNERS", "")), Ok(true));
    }

    #[test]
    fn a_link_in_place_of_the_keps_is_reported_once_and_then_an_error() {
        let (folder, link) = (Memory::default().file("keps/a", ""), Memory::default().symlink("keps"));
        assert_eq!(judged(folder.clone(), link.clone()), Ok(true), "the rule reports it");
        assert!(judged(link.clone(), link.clone()).is_err());
        assert_eq!(judged(link, folder), Ok(true), "the repair");
    }
}
