use std::{fs, path::Path};

use tempfile::TempDir;

use super::Directory;
use crate::error::SourceError;
use crate::source::{Content, Irregular, Kind, Snapshot};
use crate::text::RepoPath;

fn folder(files: &[(&str, &str)]) -> (TempDir, Directory) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    let directory = Directory::new(folder.path()).unwrap();
    (folder, directory)
}

fn names(directory: &Directory, path: &str) -> Vec<(String, Kind)> {
    let entries = directory.list(&path.into()).unwrap();
    entries.into_iter().map(|entry| (entry.path.to_string(), entry.kind)).collect()
}

#[test]
fn files_are_read_and_listed() {
    let (_folder, directory) = folder(&[
        ("keps/sig-node/1-a/kep.yaml", "title: A\n"),
        ("keps/sig-node.md", ""),
        (".git/HEAD", "ref: refs/heads/main\n"),
    ]);
    let kep = RepoPath::from("keps/sig-node/1-a/kep.yaml");
    assert_eq!(directory.read(&kep).unwrap(), Content::Bytes(b"title: A\n".to_vec()));
    assert_eq!(directory.kind(&kep).unwrap(), Some(Kind::File));
    assert_eq!(directory.size(&kep).unwrap(), Some(9));
    assert_eq!(directory.size(&"keps".into()).unwrap(), None);
    assert_eq!(directory.kind(&RepoPath::root()).unwrap(), Some(Kind::Folder));
    assert_eq!(directory.read(&"keps".into()).unwrap(), Content::Irregular(Irregular::Folder));
    assert_eq!(names(&directory, ""), [("keps".to_owned(), Kind::Folder)]);
    assert_eq!(
        names(&directory, "keps"),
        [("keps/sig-node".to_owned(), Kind::Folder), ("keps/sig-node.md".to_owned(), Kind::File)]
    );
    assert_eq!(names(&directory, "keps/sig-node.md"), []);
    assert_eq!(names(&directory, "nope"), []);
}

#[test]
fn a_path_cannot_leave_the_folder_or_enter_git() {
    let (folder, _) = folder(&[("inside/keps/a", ""), ("secret", "s"), ("inside/.git/config", "s")]);
    let directory = Directory::new(folder.path().join("inside")).unwrap();
    for path in ["../secret", "keps/../../secret", "keps/./a", "keps/a/b", ".git", ".git/config", ".GIT/config", "a\0b"]
    {
        assert_eq!(directory.read(&path.into()).unwrap(), Content::Absent, "{path:?}");
        assert_eq!(directory.kind(&path.into()).unwrap(), None, "{path:?}");
    }
    assert_eq!(names(&directory, ".."), []);
    assert_eq!(names(&directory, ".git"), []);
    let too_long = "n".repeat(300);
    assert_eq!(directory.read(&too_long.as_str().into()).unwrap(), Content::Absent);
}

#[cfg(unix)]
#[test]
fn a_link_is_listed_but_never_followed() {
    use std::os::unix::fs::symlink;
    let (folder, directory) = folder(&[("keps/sig-node/kep.yaml", ""), ("elsewhere/passwd", "root\n")]);
    symlink(folder.path().join("elsewhere"), folder.path().join("keps/x")).unwrap();
    symlink("sig-node/kep.yaml", folder.path().join("keps/kep.yaml")).unwrap();
    symlink("/nowhere", folder.path().join("keps/dangling")).unwrap();
    for link in ["keps/x", "keps/kep.yaml", "keps/dangling"] {
        assert_eq!(directory.read(&link.into()).unwrap(), Content::Irregular(Irregular::Symlink));
        assert_eq!(directory.kind(&link.into()).unwrap(), Some(Kind::Symlink));
        assert_eq!(directory.size(&link.into()).unwrap(), None);
        assert_eq!(names(&directory, link), []);
    }
    assert_eq!(directory.read(&"keps/x/passwd".into()).unwrap(), Content::Absent);
    assert_eq!(directory.kind(&"keps/x/passwd".into()).unwrap(), None);
    assert_eq!(
        names(&directory, "keps"),
        [
            ("keps/dangling".to_owned(), Kind::Symlink),
            ("keps/kep.yaml".to_owned(), Kind::Symlink),
            ("keps/sig-node".to_owned(), Kind::Folder),
            ("keps/x".to_owned(), Kind::Symlink),
        ]
    );
}

/// Opening a pipe or a socket would block the test forever.
#[cfg(unix)]
#[test]
fn a_pipe_or_a_socket_counts_as_absent() {
    let (folder, directory) = folder(&[("keps/a", "")]);
    let pipe = std::process::Command::new("mkfifo").arg(folder.path().join("keps/pipe")).status().unwrap();
    assert!(pipe.success());
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("keps/socket")).unwrap();
    assert_eq!(directory.read(&"keps/pipe".into()).unwrap(), Content::Absent);
    assert_eq!(directory.read(&"keps/socket".into()).unwrap(), Content::Absent);
    assert_eq!(names(&directory, "keps"), [("keps/a".to_owned(), Kind::File)]);
}

#[test]
fn a_file_over_the_limit_reports_its_size() {
    let (_folder, directory) = folder(&[("a", &"a".repeat(1_048_576)), ("b", &"b".repeat(1_048_577))]);
    assert!(matches!(directory.read(&"a".into()).unwrap(), Content::Bytes(bytes) if bytes.len() == 1_048_576));
    assert_eq!(directory.read(&"b".into()).unwrap(), Content::Irregular(Irregular::TooLarge(1_048_577)));
}

#[test]
fn a_file_that_grows_while_it_is_read_is_cut_off() {
    let (folder, _) = folder(&[("a", &"a".repeat(3_000_000))]);
    // This is the size that was read before the file grew.
    let content = super::read_bounded(&folder.path().join("a"), 1, crate::source::MAX_FILE_BYTES).unwrap();
    assert_eq!(content, Content::Irregular(Irregular::TooLarge(1_048_577)));
}

#[test]
fn a_checkout_of_another_repository_is_a_submodule() {
    let (_folder, directory) = folder(&[("keps/module/.git", "gitdir: elsewhere\n"), ("keps/module/kep.yaml", "")]);
    assert_eq!(names(&directory, "keps"), [("keps/module".to_owned(), Kind::Submodule)]);
    assert_eq!(directory.read(&"keps/module".into()).unwrap(), Content::Irregular(Irregular::Submodule));
    assert_eq!(directory.read(&"keps/module/kep.yaml".into()).unwrap(), Content::Absent);
    assert_eq!(names(&directory, "keps/module"), []);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_are_found() {
    use std::os::unix::ffi::OsStrExt;
    let (folder, directory) = folder(&[]);
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9")), "a").unwrap();
    let path = RepoPath::new(b"caf\xe9");
    assert_eq!(directory.list(&RepoPath::root()).unwrap()[0].path, path);
    assert_eq!(directory.read(&path).unwrap(), Content::Bytes(b"a".to_vec()));
}

/// Everything below a folder, with the content of files.
fn content(folder: &Path) -> Vec<(String, String)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap_or_default()))
        .collect();
    found.sort();
    found
}

#[test]
fn of_several_files_all_are_written_or_none() {
    let (folder, directory) = folder(&[("a/old", "old"), ("a/other", "old")]);
    let before = content(&folder.path().join("a"));
    let paths = ["a/old", "a/new", "a/b/new", "a/other"].map(RepoPath::from);
    let rewrite = |path, old| super::Rewrite { path, old, new: b"new" };
    let files = [
        rewrite(&paths[0], Some(&b"old"[..])),
        rewrite(&paths[1], None),
        rewrite(&paths[2], None),
        rewrite(&paths[3], Some(b"old")),
    ];
    // A socket counts as absent, so it is only noticed when the file is moved into place.
    let socket = std::os::unix::net::UnixListener::bind(folder.path().join("a/new")).unwrap();
    let error = directory.write(&files).unwrap_err();
    assert!(error.to_string().ends_with("a/new` could not be written"), "{error}");
    drop(socket);
    fs::remove_file(folder.path().join("a/new")).unwrap();
    assert_eq!(content(&folder.path().join("a")), before, "nothing is left behind");
    directory.write(&files).unwrap();
    for path in ["a/old", "a/new", "a/b/new", "a/other"] {
        assert_eq!(fs::read_to_string(folder.path().join(path)).unwrap(), "new", "{path}");
    }
    assert_eq!(content(&folder.path().join("a")).len(), 4, "no temporary file is left");
}

#[test]
fn an_invalid_folder_is_named() {
    let (folder, _) = folder(&[("file", "")]);
    for (name, why) in [("nope", "does not exist"), ("file", "is not a folder")] {
        let Err(error) = Directory::new(folder.path().join(name)) else { panic!("{name} was taken") };
        assert!(matches!(error, SourceError::Usage { .. }));
        assert!(error.to_string().contains(&format!("{name}` {why}")), "{error}");
    }
    assert_eq!(super::quoted(Path::new("a\nb")), "`a\\u{a}b`");
}
