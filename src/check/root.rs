//! Finds out whether the tree has a folder of KEPs at all. A check that looks in the wrong place must not pass.

use crate::change::Scope;
use crate::config;
use crate::error::{Error, SourceError};
use crate::project::Profile;
use crate::project::layout::{self, Layout, Place};
use crate::project::search::{Found, search, search_added};
use crate::source::{Comparison, Content, Kind, Snapshot};
use crate::syntax::yaml::front_matter;
use crate::text::RepoPath;
use crate::text::wording::{first_of, quote};

/// The maximum number of folders to search for a KEP below the root.
const MAX_SEARCHED: usize = 1_000;

/// The maximum number of paths in a message.
const MAX_NAMED: usize = 3;

/// Returns true if the tree has a folder for KEPs, and false if the repository has no KEPs yet.
///
/// # Errors
/// [`Error::Usage`] if the folder is missing although the whole tree is to be checked or KEPs are elsewhere;
/// [`Error::Fetch`] if it is a link or a submodule, or if the tree could not be read.
pub(super) fn has_kep_root(change: &Comparison<'_>, scope: &Scope, profile: &Profile) -> Result<bool, Error> {
    // Without a head, nothing is compared.
    if change.revisions.head.is_none() {
        return Ok(true);
    }
    let root = &profile.layout.root;
    let name = quote(&root.to_string());
    let mut pages = 0;
    match change.head.kind(root)? {
        Some(Kind::Folder) => match pages_without_kep(change, &profile.layout)? {
            None => return Ok(true),
            Some(found) => pages = found,
        },
        // A change that adds the link gets a finding. If the link was there before, the KEPs cannot be read.
        Some(kind @ (Kind::Symlink | Kind::Submodule)) if change.base.kind(root)? != Some(kind) && !scope.all => {
            return Ok(true);
        }
        Some(Kind::Symlink | Kind::Submodule) => {
            return Err(Error::fetch(
                format!("{name} is a symbolic link or a submodule, so no KEP was read"),
                "replace it with the folder itself",
            ));
        }
        Some(Kind::File) | None => {}
    }
    let has_root = change.head.kind(root)? == Some(Kind::Folder);
    let likely = search(change.head.as_ref(), &profile.layout.metadata)?;
    let found: Vec<_> = likely.keps().collect();
    if found.is_empty() {
        if scope.all && !has_root && likely.unread.is_empty() {
            return Err(Error::usage(
                format!("this tree has no {name} folder"),
                "specify the root of a KEP repository with --repo or --head-dir; if the KEPs are in another folder, \
                 `kepgate init` proposes a configuration",
            ));
        }
        return match unreadable(&likely, pages, &name) {
            Some(error) => Err(error),
            None => Ok(has_root),
        };
    }
    let named = first_of(&found, MAX_NAMED);
    let nothing =
        if has_root { format!("{name} does not contain KEPs") } else { format!("the {name} folder does not exist") };
    let verb = if found.len() == 1 { "looks like a KEP" } else { "look like KEPs" };
    let config = RepoPath::from(config::PATH);
    let (new, old) = (change.head.read(&config)?, change.policy.read(&config)?);
    let help = if matches!(new, Content::Bytes(_)) && old == Content::Absent {
        "this change adds .github/kepgate.yaml, which applies once it is on the target branch; `kepgate check --all` tries it \
         out"
    } else if matches!(new, Content::Bytes(_)) && new != old {
        "this change also changes .github/kepgate.yaml, which applies once it is on the target branch; `kepgate check --all` \
         tries it out"
    } else {
        "set `project.root` and `project.metadata` in .github/kepgate.yaml on the target branch; `kepgate init` proposes \
         that file"
    };
    Err(Error::usage(format!("{nothing}, but {named} {verb}"), help))
}

/// The files that look like KEPs of the project, but are outside its folder of KEPs: all of them in a whole tree, or else
/// those that the change adds. In kubernetes/enhancements there are none. Nothing depends on them, so files that cannot be
/// read are left out.
pub(super) fn elsewhere(change: &Comparison<'_>, scope: &Scope, profile: &Profile) -> Vec<RepoPath> {
    let layout = &profile.layout;
    let tree = change.head.as_ref();
    if profile.dialect.is_kubernetes || !scope.only.is_empty() || tree.is_remote() {
        return Vec::new();
    }
    let found = if scope.all {
        search(tree, &layout.metadata)
    } else {
        search_added(change.base.as_ref(), tree, &layout.metadata)
    };
    let found = found.unwrap_or_default();
    let is_named = |path: &RepoPath| layout.has_single_files() || path.name() == layout.metadata.as_bytes();
    let (of_kind, other) =
        if layout.has_single_files() { (found.single, found.in_folders) } else { (found.in_folders, found.single) };
    let outside = of_kind.iter().filter(|path| is_named(path) && !path.is_within(&layout.root));
    let below =
        of_kind.iter().chain(&other).filter(|path| path.is_within(&layout.root) && !belongs_to_kep(tree, layout, path));
    let mut all: Vec<_> = outside.chain(below).filter(|path| !layout.is_template(path)).cloned().collect();
    all.sort_unstable();
    all
}

/// True if the file is the metadata of a KEP, or in the folder of one.
fn belongs_to_kep(tree: &dyn Snapshot, layout: &Layout, path: &RepoPath) -> bool {
    if layout.has_single_files() {
        return true;
    }
    let is_template = |folder: &RepoPath| layout.is_template(folder);
    let has_metadata = |folder: &RepoPath| matches!(tree.kind(&layout.metadata_of(folder)), Ok(Some(Kind::File)));
    let folders = std::iter::successors(path.parent(), RepoPath::parent);
    folders.take_while(|folder| *folder != layout.root).any(|folder| is_template(&folder) || has_metadata(&folder))
}

/// The error if there are files that would be KEPs in a format that kepgate reads: documents that are not Markdown, or
/// `pages` below the folder `name` without metadata.
fn unreadable(likely: &Found, pages: usize, name: &str) -> Option<Error> {
    if let Some(unread) = likely.unread.first() {
        return Some(Error::usage(
            format!("found no KEPs, but {} looks like one that is not Markdown", quote(&unread.to_string())),
            "kepgate reads metadata only from YAML files, and from Markdown files that begin with it between `---` lines",
        ));
    }
    let message = match pages {
        0 => return None,
        1 => format!("the only Markdown file below {name} does not begin with metadata between `---` lines"),
        files => format!("none of the {files} Markdown files below {name} begins with metadata between `---` lines"),
    };
    Some(Error::usage(
        format!("found no KEPs: {message}"),
        "correct `project.root` and `project.metadata` in .github/kepgate.yaml on the target branch",
    ))
}

/// `None` if the tree certainly or probably has a KEP below the root: the change touches one, or one of the first folders
/// is or contains one. This only lists folders, unless KEPs are single files, which have to be read. If there is no KEP,
/// returns the number of Markdown files that could be one because each KEP is such a file, apart from templates and READMEs.
fn pages_without_kep(change: &Comparison<'_>, layout: &Layout) -> Result<Option<usize>, SourceError> {
    let is_kep = |path: &RepoPath| matches!(layout.place(path), Place::Kep(_)) && layout.is_metadata(path.name());
    let tree = change.head.as_ref();
    for path in change.paths.iter().filter_map(|path| path.head.as_ref()).filter(|path| is_kep(path)) {
        if !layout.has_single_files() || begins_with_metadata(tree, path)? {
            return Ok(None);
        }
    }
    let (mut folders, mut pages) = (vec![layout.root.clone()], 0);
    for _ in 0..MAX_SEARCHED {
        let Some(folder) = folders.pop() else { return Ok(Some(pages)) };
        for entry in tree.list(&folder)? {
            match entry.kind {
                Kind::Folder if layout.prr_root.as_ref() == Some(&entry.path) => {}
                Kind::Folder if !layout.has_single_files() && layout.is_kep_folder(&entry.path) => return Ok(None),
                Kind::Folder => folders.push(entry.path),
                Kind::File if is_kep(&entry.path) => {
                    if !layout.has_single_files() || begins_with_metadata(tree, &entry.path)? {
                        return Ok(None);
                    }
                    pages += usize::from(entry.path.name() != layout::README);
                }
                // It may contain KEPs, and it gets a finding of its own.
                Kind::Symlink | Kind::Submodule => return Ok(None),
                Kind::File => {}
            }
        }
    }
    Ok(None)
}

fn begins_with_metadata(tree: &dyn Snapshot, path: &RepoPath) -> Result<bool, SourceError> {
    Ok(matches!(tree.read(path)?, Content::Bytes(bytes) if front_matter::begins(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::{elsewhere, has_kep_root};
    use crate::change::Scope;
    use crate::error::Error;
    use crate::project::Profile;
    use crate::source::memory::Memory;
    use crate::source::{Change, Revisions};

    fn judge(base: Memory, head: Memory) -> Result<bool, Error> {
        let revisions = Revisions { head: Some("head".to_owned()), ..Revisions::default() };
        let policy = Box::new(base.clone());
        let change = Change { base: Box::new(base), head: Box::new(head), policy, paths: Vec::new(), revisions };
        has_kep_root(&change, &Scope::default(), &Profile::default())
    }

    fn judged(base: Memory, head: Memory) -> Result<bool, String> {
        judge(base, head).map_err(|error| error.to_string())
    }

    #[test]
    fn keps_in_another_folder_need_a_configuration() {
        let tree = Memory::default().file("docs/keps/310-quota/kep.yaml", "");
        let [old, new] = ["project: {}", "fail-on: never"].map(|text| tree.clone().file(".github/kepgate.yaml", text));
        let help = |base: &Memory, head: &Memory| judge(base.clone(), head.clone()).unwrap_err().help().to_owned();
        for unchanged in [&tree, &old] {
            assert!(help(unchanged, unchanged).starts_with("set `project.root` and `project.metadata` in "));
        }
        assert!(help(&tree, &new).starts_with("this change adds .github/kepgate.yaml, "));
        assert!(help(&old, &new).starts_with("this change also changes .github/kepgate.yaml, "));
    }

    #[test]
    fn keps_in_another_folder_are_an_error() {
        for (path, words) in [
            ("kep/sig-storage/6100-paused/kep.yaml", "`kep/sig-storage/6100-paused/kep.yaml` looks like a KEP"),
            ("docs/keps/310-quota/kep.yaml", "`docs/keps/310-quota/kep.yaml` looks like a KEP"),
            ("enhancements/sig-a/12-x/metadata.yaml", "`enhancements/sig-a/12-x/metadata.yaml` looks like a KEP"),
        ] {
            let head = Memory::default().file("README.md", "").file(path, "");
            assert_eq!(judged(head.clone(), head), Err(format!("the `keps` folder does not exist, but {words}")));
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
    fn the_readme_of_a_sig_is_not_a_kep() {
        let tree = Memory::default().file("keps/sig-a/README.md", "").file("docs/keps/310-quota/kep.yaml", "");
        let message = "`keps` does not contain KEPs, but `docs/keps/310-quota/kep.yaml` looks like a KEP";
        assert_eq!(judged(tree.clone(), tree), Err(message.to_owned()));
    }

    #[test]
    fn in_kubernetes_no_kep_is_elsewhere() {
        let tree = Memory::default().file("keps/sig-a/12-x/kep.yaml", "").file("docs/keps/310-quota/kep.yaml", "");
        let change = Change {
            base: Box::new(Memory::default()),
            head: Box::new(tree.clone()),
            policy: Box::new(tree),
            paths: Vec::new(),
            revisions: Revisions::default(),
        };
        assert_eq!(elsewhere(&change, &Scope::default(), &Profile::default()), []);
        assert_eq!(elsewhere(&change, &Scope { all: true, ..Scope::default() }, &Profile::default()), []);
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
