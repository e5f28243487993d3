//! Tests of opening a repository and of naming commits in it.

use super::{Repository, fixture::Fixture};
use crate::error::SourceError;
use crate::source::{Content, Snapshot};
use crate::text::RepoPath;

fn is_usage<T>(result: &Result<T, SourceError>) -> bool {
    matches!(result, Err(SourceError::Usage { .. }))
}

fn is_unavailable<T>(result: &Result<T, SourceError>) -> bool {
    matches!(result, Err(SourceError::Unavailable { .. }))
}

#[test]
fn a_repository_is_found_from_a_folder_inside() {
    let fixture = Fixture::new();
    fixture.write("keps/sig-node/README.md", "");
    let commit = fixture.commit();
    let repository = Repository::discover(&fixture.path().join("keps/sig-node")).unwrap();
    assert_eq!(repository.head_commit().unwrap(), commit);
    assert_eq!(repository.workdir().unwrap().canonicalize().unwrap(), fixture.path().canonicalize().unwrap());
    assert!(!repository.is_shallow());
}

#[test]
fn a_missing_repository_is_reported_with_help() {
    let folder = tempfile::tempdir().unwrap();
    let Err(error) = Repository::discover(folder.path()) else { panic!("{folder:?} is not a repository") };
    assert!(matches!(error, SourceError::Usage { .. }));
    assert!(error.to_string().contains("no git repository"), "{error}");
    assert!(error.help().contains("--repo") && error.help().contains("--base-dir"), "{}", error.help());
}

#[test]
fn a_broken_repository_is_not_a_missing_one() {
    let fixture = Fixture::new();
    fixture.commit_index();
    fixture.write(".git/config", "[core\n");
    assert!(is_unavailable(&Repository::discover(fixture.path())));
}

#[test]
fn a_bare_repository_works_without_a_work_tree() {
    let fixture = Fixture::new();
    fixture.write("keps/a", "a\n");
    let commit = fixture.commit();
    let clone = fixture.clone_with(&["--bare"]);
    let bare = clone.open();
    assert_eq!(bare.workdir(), None);
    assert_eq!(bare.head_commit().unwrap(), commit);
    let tree = bare.tree(commit).unwrap();
    assert_eq!(tree.read(&"keps/a".into()).unwrap(), Content::Bytes(b"a\n".to_vec()));
}

#[test]
fn a_date_selects_the_commit_of_that_day() {
    let fixture = Fixture::new();
    let commits = [fixture.commit_index(), fixture.commit_index(), fixture.commit_index()];
    let times =
        commits.map(|commit| fixture.git(&["log", "-1", "--format=%ct", &commit.to_string()]).parse::<i64>().unwrap());
    assert!(times[0] < times[1] && times[1] < times[2]);
    // A merged commit was not on the branch before the merge, whatever its date.
    fixture.git(&["switch", "--quiet", "--create", "topic", &commits[0].to_string()]);
    fixture.commit_index();
    fixture.git(&["switch", "--quiet", "main"]);
    fixture.git(&["merge", "--quiet", "--no-ff", "--message=.", "topic"]);
    let repository = fixture.open();
    let at = |time| repository.commit_at(fixture.head(), time);
    assert_eq!(at(times[1]).unwrap(), commits[1]);
    assert_eq!(at(times[2] - 1).unwrap(), commits[1]);
    assert_eq!(at(i64::MAX).unwrap(), fixture.head());
    assert!(is_usage(&at(times[0] - 1)));
    let shallow = fixture.clone_with(&["--depth=1"]);
    assert!(is_unavailable(&shallow.open().commit_at(shallow.head(), times[1])));
}

#[test]
fn a_missing_head_differs_from_an_unborn_one() {
    let fixture = Fixture::new();
    let hex = fixture.commit_index().to_string();
    fixture.remove_object(&hex);
    assert!(is_unavailable(&fixture.open().head_commit()));
}

#[test]
fn a_repository_without_commits_says_so() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    assert!(is_usage(&repository.head_commit()));
    assert!(is_usage(&repository.resolve("HEAD")));
    assert_eq!(repository.default_base().unwrap(), None);
}

/// In a container, root often reads a checkout that another user owns.
#[cfg(unix)]
#[test]
fn a_repository_of_another_owner_is_read_in_full() {
    let fixture = Fixture::new();
    let large = "x".repeat(20 * 1024 * 1024);
    fixture.write("keps/image.svg", &large);
    fixture.write("keps/sig-node/1-a/kep.yaml", long_text("a"));
    let base = fixture.commit();
    fixture.git(&["mv", "keps/sig-node/1-a", "keps/sig-node/1-b"]);
    fixture.write("keps/sig-node/1-b/kep.yaml", format!("{}edited\n", long_text("a")));
    fixture.write("keps/image.svg", format!("{large}y"));
    let head = fixture.commit();
    if let Err(error) = give_away(fixture.path()) {
        eprintln!("SKIPPED a_repository_of_another_owner_is_read_in_full: only root can give files away ({error})");
        return;
    }
    let repository = fixture.open();
    assert_eq!(repository.store.git_dir_trust(), gix::sec::Trust::Reduced);
    assert!(repository.workdir().is_some());
    assert_eq!(repository.head_commit().unwrap(), head);
    let changed = repository.changed_paths(base, head).unwrap();
    assert_eq!(changed.len(), 2);
    assert_eq!(changed[1].base, Some(RepoPath::from("keps/sig-node/1-a/kep.yaml")));
    assert_eq!(changed[1].head, Some(RepoPath::from("keps/sig-node/1-b/kep.yaml")));
}

#[cfg(unix)]
fn give_away(folder: &std::path::Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            give_away(&entry.path())?;
        }
        std::os::unix::fs::lchown(entry.path(), Some(1001), Some(1001))?;
    }
    std::os::unix::fs::lchown(folder, Some(1001), Some(1001))
}

/// Forty lines, so that two files still count as similar after one more line is added.
pub(super) fn long_text(word: &str) -> String {
    (0..40).map(|line| format!("{word} {line}\n")).collect::<Vec<_>>().concat()
}

#[test]
fn a_commit_has_many_names() {
    let fixture = Fixture::new();
    let first = fixture.commit_index();
    fixture.git(&["tag", "light"]);
    fixture.git(&["tag", "--annotate", "--message=.", "heavy"]);
    fixture.git(&["tag", "--annotate", "--message=.", "heavier", "heavy"]);
    let second = fixture.commit_index();
    let repository = fixture.open();
    for name in [
        "main",
        "HEAD",
        "@",
        "refs/heads/main",
        &second.to_string(),
        &fixture.git(&["rev-parse", "--short=10", "HEAD"]),
    ] {
        assert_eq!(repository.resolve(name).unwrap(), second, "{name}");
    }
    for name in ["light", "heavy", "heavier", "HEAD^", "HEAD~1", "main^1", "heavier^{commit}", &first.to_string()] {
        assert_eq!(repository.resolve(name).unwrap(), first, "{name}");
    }
    assert_eq!(second.to_string().len(), 40);
    assert_eq!(repository.parents(second).unwrap(), [first]);
    assert_eq!(repository.parents(first).unwrap(), []);
}

#[test]
fn a_revision_must_name_a_commit() {
    let fixture = Fixture::new();
    fixture.write("keps/a", "");
    fixture.commit();
    fixture.commit_index();
    fixture.git(&["tag", "folder", "HEAD^{tree}"]);
    let repository = fixture.open();
    let no_commits = [
        "",
        "nope",
        "-h",
        "--all",
        "^main",
        "HEAD^..HEAD",
        "HEAD^...HEAD",
        "HEAD^@",
        "HEAD^!",
        "HEAD^-",
        "HEAD:keps",
        "HEAD:keps/a",
        ":keps/a",
        ":/.",
        "HEAD^{/.}",
        "HEAD^{tree}",
        "folder",
        "HEAD~99",
        "HEAD^2",
        "../config",
        "main\0",
        "main\n",
        "refs/heads/../../config",
        "0000000000000000000000000000000000000000",
        "1111111111111111111111111111111111111111",
    ];
    for revision in no_commits {
        assert!(is_usage(&repository.resolve(revision)), "{revision:?}");
    }
}

#[test]
fn an_unknown_revision_is_quoted() {
    let fixture = Fixture::new();
    fixture.commit_index();
    let error = fixture.open().resolve("\u{1b}[2J\n::error::no\u{202e}").unwrap_err();
    assert!(matches!(error, SourceError::Usage { .. }));
    assert!(error.to_string().contains("`\\u{1b}[2J\\u{a}::error::no\\u{202e}`"), "{error}");
}

#[test]
fn the_default_base_is_the_nearest_to_upstream() {
    let fixture = Fixture::new();
    let first = fixture.commit_index();
    let base = || fixture.open().default_base().unwrap().unwrap();
    assert_eq!(base(), ("main".to_owned(), first));
    fixture.git(&["branch", "--move", "main", "master"]);
    assert_eq!(base(), ("master".to_owned(), first));
    let second = fixture.commit_index();
    fixture.git(&["update-ref", "refs/remotes/origin/main", &second.to_string()]);
    fixture.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    fixture.git(&["symbolic-ref", "refs/remotes/upstream/HEAD", "refs/remotes/upstream/gone"]);
    assert_eq!(base(), ("origin/HEAD".to_owned(), second));
    fixture.git(&["update-ref", "refs/remotes/upstream/gone", &first.to_string()]);
    assert_eq!(base(), ("upstream/HEAD".to_owned(), first));
}

#[test]
fn commits_missing_from_a_shallow_clone_are_unavailable() {
    let fixture = Fixture::new();
    let first = fixture.commit_index();
    let second = fixture.commit_index();
    let clone = fixture.clone_with(&["--depth=1"]);
    let shallow = clone.open();
    assert!(shallow.is_shallow());
    assert_eq!(shallow.parents(second).unwrap(), [first], "the commit names its parent all the same");
    for revision in [&first.to_string(), "HEAD^", "HEAD~1", "main^1"] {
        let error = shallow.resolve(revision).unwrap_err();
        assert!(matches!(error, SourceError::Unavailable { .. }), "{revision}: {error}");
        assert!(error.help().contains("fetch-depth: 0"), "{}", error.help());
    }
    assert!(is_usage(&shallow.resolve("nope")));
    assert!(is_usage(&shallow.resolve("nope^")));
    assert!(is_unavailable(&shallow.tree(first)));
    assert!(is_unavailable(&shallow.changed_paths(first, second)));
}

#[test]
fn a_replacement_ref_is_ignored() {
    let fixture = Fixture::new();
    fixture.write("keps/a", "as reviewed\n");
    let reviewed = fixture.commit();
    fixture.write("keps/a", "swapped\n");
    let other = fixture.commit();
    fixture.git(&["replace", &reviewed.to_string(), &other.to_string()]);
    let tree = fixture.open().tree(reviewed).unwrap();
    assert_eq!(tree.read(&"keps/a".into()).unwrap(), Content::Bytes(b"as reviewed\n".to_vec()));
}
