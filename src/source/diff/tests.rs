//! Tests of the comparison of two trees.

use super::diff;
use crate::error::SourceError;
use crate::source::directory::Directory;
use crate::source::git::fixture::Fixture;
use crate::source::memory::Memory;
use crate::source::{ChangedPath, Content, Entry, Kind, Snapshot};
use crate::text::RepoPath;

fn change(base: Option<&str>, head: Option<&str>) -> ChangedPath {
    ChangedPath { base: base.map(RepoPath::from), head: head.map(RepoPath::from) }
}

fn edited(path: &str) -> ChangedPath {
    change(Some(path), Some(path))
}

/// The differences between the last commit and the work tree.
fn local(fixture: &Fixture) -> Vec<ChangedPath> {
    let head = fixture.open().tree(fixture.head()).unwrap();
    let work = Directory::new(fixture.path()).unwrap();
    let changed = diff(&head, &work).unwrap();
    let mut back: Vec<_> = diff(&work, &head).unwrap();
    for change in &mut back {
        std::mem::swap(&mut change.base, &mut change.head);
    }
    back.sort();
    assert_eq!(changed, back, "the way back is the way there");
    changed
}

#[test]
fn only_what_kepgate_reads_is_compared() {
    let base = Memory::default()
        .file("keps/sig-node/1-a/kep.yaml", "1")
        .file("keps/sig-node/2-b/kep.yaml", "1")
        .file("keps/sig-node/3-c/kep.yaml", "1")
        .file("OWNERS_ALIASES", "1")
        .file("kepsy/a", "1")
        .file("README.md", "1");
    let head = Memory::default()
        .file("keps/sig-node/1-a/kep.yaml", "1")
        .file("keps/sig-node/2-b/kep.yaml", "2")
        .file("keps/sig-node/4-d/kep.yaml", "1")
        .file("OWNERS_ALIASES", "2")
        .file("hack/.notableofcontents", "1")
        .file(".github/workflows/check.yml", "1")
        .file("README.md", "2");
    assert_eq!(
        diff(&base, &head).unwrap(),
        [
            change(None, Some(".github/workflows/check.yml")),
            change(None, Some("hack/.notableofcontents")),
            change(None, Some("keps/sig-node/4-d/kep.yaml")),
            edited("OWNERS_ALIASES"),
            edited("keps/sig-node/2-b/kep.yaml"),
            change(Some("keps/sig-node/3-c/kep.yaml"), None),
        ]
    );
    assert_eq!(diff(&Memory::default(), &Memory::default()).unwrap(), []);
}

#[test]
fn a_change_of_kind_is_a_change() {
    let base = Memory::default().file("keps/a", "").file("keps/b/kep.yaml", "").symlink("keps/c").submodule("keps/d");
    let head = Memory::default().symlink("keps/a").file("keps/b", "").symlink("keps/c").symlink("keps/d");
    assert_eq!(
        diff(&base, &head).unwrap(),
        [change(None, Some("keps/b")), edited("keps/a"), change(Some("keps/b/kep.yaml"), None), edited("keps/d")]
    );
}

#[test]
fn a_file_too_large_to_read_is_compared_by_its_hash() {
    let tree = |byte| Memory::default().file("keps/a.svg", vec![byte; 1_048_577]);
    assert_eq!(diff(&tree(b'a'), &tree(b'a')).unwrap(), []);
    assert_eq!(diff(&tree(b'a'), &tree(b'b')).unwrap(), [edited("keps/a.svg")]);
}

#[test]
fn large_files_of_a_clean_checkout_are_unchanged() {
    let fixture = Fixture::new();
    let text = "one\ntwo\n".repeat(200_000);
    fixture.write("keps/a.svg", &text);
    fixture.write("keps/b.svg", &text);
    fixture.write("keps/c.png", vec![7; 3_000_000]);
    fixture.write("keps/d.txt", &text);
    fixture.commit();
    assert_eq!(local(&fixture), []);
    fixture.write("keps/a.svg", text.replace('\n', "\r\n"));
    assert_eq!(local(&fixture), [], "checked out with core.autocrlf");
    fixture.write("keps/b.svg", text.replacen("two", "tow", 1));
    fixture.write("keps/c.png", vec![7; 3_000_001]);
    fixture.write("keps/d.txt", "short\n");
    assert_eq!(local(&fixture), [edited("keps/b.svg"), edited("keps/c.png"), edited("keps/d.txt")]);
}

#[test]
fn a_large_file_of_the_same_id_is_unchanged() {
    let fixture = Fixture::new();
    fixture.write("keps/a.svg", vec![b'a'; 1_048_577]);
    fixture.write("keps/kep.yaml", "1\r\n");
    let base = fixture.commit();
    fixture.write("keps/kep.yaml", "1\n");
    let head = fixture.commit();
    let repository = fixture.open();
    let (base, head) = (repository.tree(base).unwrap(), repository.tree(head).unwrap());
    // Between commits, different line ends are a change.
    assert_eq!(diff(&base, &head).unwrap(), [edited("keps/kep.yaml")]);
    assert_eq!(diff(&head, &head).unwrap(), []);
}

#[test]
fn a_work_tree_is_compared_as_it_is_on_disk() {
    let fixture = Fixture::new();
    for path in ["keps/same", "keps/edited", "keps/deleted", "README.md"] {
        fixture.write(path, "one\ntwo\n");
    }
    fixture.commit();
    assert_eq!(local(&fixture), []);
    fixture.write("README.md", "not kepgate's\n");
    fixture.write("keps/edited", "one\ntow\n");
    fixture.write("keps/untracked", "");
    std::fs::remove_file(fixture.path().join("keps/deleted")).unwrap();
    assert_eq!(
        local(&fixture),
        [change(None, Some("keps/untracked")), change(Some("keps/deleted"), None), edited("keps/edited")]
    );
}

#[test]
fn a_checkout_with_crlf_is_unchanged() {
    let fixture = Fixture::new();
    for path in ["keps/a", "keps/b", "keps/c", "keps/d"] {
        fixture.write(path, "one\n\ntwo\n");
    }
    fixture.commit();
    fixture.write("keps/a", "one\r\n\r\ntwo\r\n");
    fixture.write("keps/b", "one\r\n\r\ntwo\r");
    fixture.write("keps/c", "one\r\r\n\r\ntwo\r\n");
    fixture.write("keps/d", "one\r\n\r\nthree\r\n");
    assert_eq!(local(&fixture), [edited("keps/b"), edited("keps/c"), edited("keps/d")]);
    // Without ids on either side, line ends must be equal.
    let folders = [Memory::default().file("keps/a", "1\n"), Memory::default().file("keps/a", "1\r\n")];
    assert_eq!(diff(&folders[0], &folders[1]).unwrap(), [edited("keps/a")]);
}

#[test]
fn a_submodule_may_be_checked_out_or_not() {
    let fixture = Fixture::new();
    let commit = fixture.commit_index();
    fixture.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},keps/module")]);
    fixture.commit_index();
    std::fs::create_dir_all(fixture.path().join("keps/module")).unwrap();
    assert_eq!(local(&fixture), []);
    let file = fixture.write("keps/module/kep.yaml", "");
    assert_eq!(local(&fixture), [change(None, Some("keps/module/kep.yaml")), change(Some("keps/module"), None)]);
    fixture.write("keps/module/.git", "gitdir: elsewhere\n");
    assert_eq!(local(&fixture), []);
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    assert_eq!(local(&fixture), [change(Some("keps/module"), None)]);
}

#[cfg(unix)]
#[test]
fn a_link_changes_with_its_target() {
    use std::os::unix::fs::symlink;
    let fixture = Fixture::new();
    let link = |name: &str, target: &str| {
        let place = fixture.path().join("keps").join(name);
        std::fs::remove_file(&place).unwrap_or_default();
        symlink(target, place).unwrap();
    };
    fixture.write("keps/kep.yaml", "");
    link("same", "kep.yaml");
    link("moved", "kep.yaml");
    fixture.commit();
    assert_eq!(local(&fixture), []);
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("keps")).unwrap();
    std::fs::write(copy.path().join("keps/kep.yaml"), "").unwrap();
    for name in ["same", "moved"] {
        symlink("kep.yaml", copy.path().join("keps").join(name)).unwrap();
    }
    let folders = || [fixture.path(), copy.path()].map(|folder| Directory::new(folder).unwrap());
    let [work, before] = folders();
    assert_eq!(diff(&before, &work).unwrap(), []);
    link("moved", "nowhere");
    assert_eq!(local(&fixture), [edited("keps/moved")], "a commit and a folder");
    let [work, before] = folders();
    assert_eq!(diff(&before, &work).unwrap(), [edited("keps/moved")], "two folders");
}

/// A tree that can be listed but not read.
struct Unreadable<T>(T);

impl<T: Snapshot> Snapshot for Unreadable<T> {
    fn read_up_to(&self, _: &RepoPath, _: u64) -> Result<Content, SourceError> {
        Err(SourceError::unavailable("a bad sector", String::new()))
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        self.0.list(path)
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        self.0.kind(path)
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        self.0.size(path)
    }
}

#[test]
fn a_file_on_disk_that_hashes_as_committed_is_not_looked_up() {
    let fixture = Fixture::new();
    fixture.write("keps/a", "1\n");
    let head = Unreadable(fixture.open().tree(fixture.commit()).unwrap());
    let work = Directory::new(fixture.path()).unwrap();
    assert_eq!(diff(&head, &work).unwrap(), []);
    fixture.write("keps/a", "2\n");
    assert!(diff(&head, &work).is_err());
}

#[test]
fn a_read_error_fails_the_diff() {
    let tree = Memory::default().file("keps/a", "1");
    let error = diff(&tree, &Unreadable(tree.clone())).unwrap_err();
    assert_eq!(error.to_string(), "a bad sector");
}
