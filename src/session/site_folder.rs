//! The folder of a site.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::files::{reject_linked_folder, replace};
use crate::error::Error;
use crate::site::MARK;
use crate::text::wording::quote;

/// The file that marks a folder as a site. It lists the files of the site, so that a later run can remove those that
/// are no longer part of it.
const LIST: &str = ".kepgate-site";

/// Rejects a folder with other content, which would be published with the site.
pub(crate) fn require_site_or_empty(folder: &Path) -> Result<(), Error> {
    reject_linked_folder(folder, "--to")?;
    let is_used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    let name = quote(&folder.display().to_string());
    if is_used && !(is_regular(&folder.join(LIST)) && is_written(&folder.join("index.html"), MARK)) {
        return Err(Error::usage(
            format!("--to: {name} is not empty, and it is not a site"),
            "specify a new or empty folder, or one that kepgate wrote before",
        ));
    }
    match first_foreign(folder, &listed(folder)) {
        Some(path) => Err(Error::usage(
            format!("--to: {} in {name} is not part of the site", quote(&path)),
            "remove it, or specify another folder; add your own files after the site is written",
        )),
        None => Ok(()),
    }
}

/// True for a regular file; false for a link to one.
fn is_regular(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_file())
}

/// The files that an earlier run wrote.
fn listed(folder: &Path) -> BTreeSet<String> {
    let list = folder.join(LIST);
    // Reading a pipe might never end.
    let list = if is_regular(&list) { std::fs::read_to_string(list).unwrap_or_default() } else { String::new() };
    let is_ours = |path: &&str| {
        let place = folder.join(path);
        is_page(path) && (!place.exists() || is_written(&place, mark(path)))
    };
    list.lines().filter(is_ours).map(str::to_owned).collect()
}

/// The files of a site that are not pages. They contain kepgate's name near the start.
const ROOT_FILES: [&str; 3] = ["style.css", "feed.atom", "calendar.ics"];

/// The text near the start of every file that kepgate wrote.
fn mark(path: &str) -> &'static str {
    if ROOT_FILES.contains(&path) { "kepgate" } else { MARK }
}

/// True if kepgate wrote the file, that is, if `mark` is near its start. A planted list may name other files.
fn is_written(file: &Path, mark: &str) -> bool {
    const START: u64 = 4096;
    let mut start = Vec::new();
    let read = |file: File| file.take(START).read_to_end(&mut start);
    is_regular(file)
        && File::open(file).and_then(read).is_ok()
        && start.windows(mark.len()).any(|part| part == mark.as_bytes())
}

/// The first unlisted file in the folder or its subfolders. A folder inside a subfolder counts, too.
fn first_foreign(folder: &Path, listed: &BTreeSet<String>) -> Option<String> {
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let top = names(folder).into_iter().filter(|name| name != LIST);
    let paths = top.flat_map(|name| {
        let path = folder.join(&name);
        if path.is_dir() && !path.is_symlink() {
            names(&path).into_iter().map(|below| format!("{name}/{below}")).collect()
        } else {
            vec![name]
        }
    });
    paths.into_iter().find(|path| !listed.contains(path))
}

/// Writes the files, and removes those of an earlier run that are no longer part of the site.
pub(crate) fn write(folder: &Path, files: &BTreeMap<String, String>) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let list = folder.join(LIST);
    reject_link(&list)?;
    for entry in std::fs::read_dir(folder)? {
        reject_link(&entry?.path())?;
    }
    for path in listed(folder).iter().filter(|path| !files.contains_key(*path)) {
        match std::fs::remove_file(folder.join(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let paths: Vec<_> = files.keys().map(String::as_str).collect();
    replace(&list, &paths.join("\n"))?;
    for (path, content) in files {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            reject_link(parent)?;
            std::fs::create_dir_all(parent)?;
        }
        reject_link(&file)?;
        replace(&file, content)?;
    }
    Ok(())
}

/// Rejects a symbolic link, through which a checkout could cause another file to be overwritten.
fn reject_link(path: &Path) -> io::Result<()> {
    if path.is_symlink() {
        return Err(io::Error::other(format!("{} is a symbolic link", quote(&path.display().to_string()))));
    }
    Ok(())
}

/// True if kepgate could have written this line of the list. The list may have been edited, so nothing else is removed.
fn is_page(path: &str) -> bool {
    let is_plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'/'));
    let has_names =
        path.split('/').count() <= 2 && path.split('/').all(|name| !name.is_empty() && !name.starts_with('.'));
    is_plain && has_names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{LIST, MARK, is_page, require_site_or_empty, write};

    fn site(paths: &[&str]) -> BTreeMap<String, String> {
        paths.iter().map(|path| ((*path).to_owned(), format!("<head>{MARK}"))).collect()
    }

    /// An untrusted checkout may contain a list that names its own files.
    #[test]
    fn a_planted_list_makes_no_site() {
        let folder = tempfile::tempdir().unwrap();
        for page in ["guide.html", "index.html"] {
            std::fs::write(folder.path().join(page), "<p>mine").unwrap();
            std::fs::write(folder.path().join(LIST), "guide.html\nindex.html\n").unwrap();
            let error = require_site_or_empty(folder.path()).unwrap_err();
            assert!(error.to_string().ends_with("is not empty, and it is not a site"), "{error}");
        }
        write(folder.path(), &site(&["index.html"])).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("guide.html")).unwrap(), "<p>mine");
        std::fs::write(folder.path().join(LIST), "guide.html\nindex.html\n").unwrap();
        let error = require_site_or_empty(folder.path()).unwrap_err();
        assert!(error.to_string().contains("`guide.html`"), "{error}");
    }

    #[test]
    fn files_of_an_earlier_run_are_replaced_or_removed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        write(&root, &site(&["index.html", "keps/1.html"])).unwrap();
        require_site_or_empty(&root).unwrap();
        write(&root, &site(&["index.html", "keps/2.html"])).unwrap();
        let exists = |path: &str| root.join(path).exists();
        assert!(exists("index.html") && exists("keps/2.html"));
        assert!(!exists("keps/1.html"));
    }

    #[test]
    fn a_file_that_kepgate_did_not_write_is_refused() {
        for planted in ["evil.html", "keps/evil.html", "CNAME"] {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), &site(&["index.html", "keps/1.html"])).unwrap();
            std::fs::write(folder.path().join(planted), "mine").unwrap();
            let error = require_site_or_empty(folder.path()).unwrap_err();
            assert!(error.to_string().contains(planted), "{error}");
        }
    }

    /// The marker of the pages does not make other files kepgate's own.
    #[test]
    fn a_stylesheet_of_somebody_else_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &site(&["index.html", "style.css"])).unwrap();
        require_site_or_empty(folder.path()).unwrap();
        std::fs::write(folder.path().join("style.css"), "p { color: red }").unwrap();
        let error = require_site_or_empty(folder.path()).unwrap_err();
        assert!(error.to_string().contains("`style.css`"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_removed_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        write(&root, &site(&["index.html"])).unwrap();
        std::fs::write(folder.path().join("precious"), "").unwrap();
        std::os::unix::fs::symlink("..", root.join("d")).unwrap();
        std::fs::write(root.join(LIST), "d/precious\n").unwrap();
        assert!(write(&root, &site(&["index.html"])).is_err());
        assert!(folder.path().join("precious").exists());
    }

    #[test]
    fn another_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        require_site_or_empty(folder.path()).unwrap();
        require_site_or_empty(&folder.path().join("new")).unwrap();
        std::fs::write(folder.path().join("thesis.txt"), "").unwrap();
        let error = require_site_or_empty(folder.path()).unwrap_err();
        assert!(error.to_string().ends_with("is not empty, and it is not a site"), "{error}");
    }

    #[test]
    fn an_edited_list_removes_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        write(&root, &site(&["index.html"])).unwrap();
        let outside = folder.path().join("precious");
        std::fs::write(&outside, "").unwrap();
        std::fs::write(root.join(LIST), format!("../precious\n{}\n", outside.display())).unwrap();
        write(&root, &site(&["index.html"])).unwrap();
        assert!(outside.exists());
        for path in ["../a", "/a", "a//b", ".git", "keps/../a", "a/b/c", ""] {
            assert!(!is_page(path), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        write(&root, &site(&["index.html"])).unwrap();
        let outside = folder.path().join("precious");
        std::fs::write(&outside, "mine").unwrap();
        std::fs::remove_file(root.join("index.html")).unwrap();
        std::os::unix::fs::symlink(&outside, root.join("index.html")).unwrap();
        assert!(write(&root, &site(&["index.html"])).is_err());
        assert_eq!(std::fs::read_to_string(outside).unwrap(), "mine");
    }
}
