//! What the command line and the repository may be.

use super::{read, repository, site};
use crate::support::{PRR_FILE, TestRepo, kep_with, kepgate, run, within_bounds, within_bounds_of_a_tree};

#[test]
fn a_shallow_clone_is_unchecked_with_a_remedy() {
    let repo = repository();
    let clone = repo.clone_with(&["--depth=1"]);
    let (code, stdout, stderr) = run(kepgate(clone.path()).args(["site", "--to", "site"]));
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert!(
        stderr.contains("is not in this shallow clone\n  help: fetch more history, e.g. with `git fetch --unshallow`"),
        "{stderr}"
    );
    assert!(!clone.place("site").exists());
}

#[test]
fn a_folder_with_something_else_is_refused() {
    let repo = repository();
    let (code, _, stderr) = run(kepgate(repo.path()).args(["site", "--to", "keps"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("is not empty, and it is not a site\n  help: specify a new or empty folder"), "{stderr}");
}

#[test]
fn a_file_that_a_partial_clone_lacks_is_unchecked() {
    let repo = repository();
    repo.lose_object(&repo.id(&format!("HEAD~2:{PRR_FILE}")));
    let (code, stdout, stderr) = run(kepgate(repo.path()).args(["site", "--to", "site"]));
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    assert!(!repo.place("site").exists());
}

#[test]
fn a_release_that_nobody_knows_is_refused() {
    let repo = repository();
    let (code, stdout, stderr) = run(kepgate(repo.path()).args(["site", "--to", "site", "--release", "v1.99"]));
    assert_eq!((code, stdout.as_str()), (2, ""));
    let error =
        "--release: no KEP targets v1.99, and it is not in the calendar\n  help: the latest known releases are v1.38";
    assert!(stderr.contains(error), "{stderr}");
    assert!(!repo.place("site").exists());
}

#[test]
fn a_site_is_written_again() {
    let repo = repository();
    let folder = tempfile::tempdir().unwrap();
    let write = |arguments: &[&str]| {
        let (code, stdout, stderr) =
            run(kepgate(repo.path()).args(["site", "--output"]).arg(folder.path()).args(arguments));
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert!(stdout.starts_with("wrote ") && stdout.contains(" files to "), "{stdout}");
        read(folder.path())
    };
    let first = write(&["--base-url", "https://keps.example.org"]);
    let second = write(&[]);
    assert!(first.contains_key("feed.atom") && !second.contains_key("feed.atom"));
}

#[test]
fn a_base_url_has_to_be_an_address() {
    let repo = repository();
    for address in ["keps.example.org", "javascript:alert(1)", "https://x/\"><b>", "https://x/?a", "https://x/#a", ""] {
        let (code, _, stderr) = run(kepgate(repo.path()).args(["site", "--to", "site", "--base-url", address]));
        assert_eq!(code, 2, "{address}");
        assert!(stderr.contains("is not the address of a site\n  help: specify an address such as"), "{stderr}");
    }
}

#[test]
fn another_commit_can_be_shown() {
    let repo = repository();
    let folder = tempfile::tempdir().unwrap();
    let first = repo.id("HEAD~2");
    let (code, ..) = run(kepgate(repo.path()).args(["site", "--head", &first, "--to"]).arg(folder.path()));
    assert_eq!(code, 0);
    let site = read(folder.path());
    assert!(site.contains_key("keps/1234.html") && !site.contains_key("keps/2000.html"));
    assert!(site["index.html"].contains(&first[..12]));
}

#[test]
fn what_is_not_committed_is_not_shown() {
    let repo = TestRepo::repository();
    repo.remove("keps/sig-node/1234-quiet-hours/kep.yaml");
    assert!(super::site(&repo, &[]).contains_key("keps/1234.html"));
}

/// A pipe, or a file that has another name elsewhere, may have been planted where a page goes.
#[test]
fn what_is_in_the_place_of_a_page_is_never_written_to() {
    let repo = repository();
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    let write = || within_bounds(kepgate(repo.path()).args(["site", "--to"]).arg(&site));
    assert_eq!(write().code, 0);
    let index = std::fs::read_to_string(site.join("index.html")).unwrap();
    let outside = folder.path().join("outside");
    for name in ["index.html", ".kepgate-site"] {
        let list = std::fs::read(site.join(name)).unwrap();
        std::fs::write(&outside, &list).unwrap();
        std::fs::remove_file(site.join(name)).unwrap();
        std::fs::hard_link(&outside, site.join(name)).unwrap();
        std::fs::write(site.join("index.html"), index.replace("<body>", "<body>old")).unwrap();
        let before = std::fs::read(&outside).unwrap();
        assert_eq!(write().code, 0, "{name}");
        assert_eq!(std::fs::read(&outside).unwrap(), before, "{name}");
        assert_eq!(std::fs::read_to_string(site.join("index.html")).unwrap(), index);
    }
    for name in ["index.html", "statistics.html", ".kepgate-site"] {
        let content = std::fs::read(site.join(name)).unwrap();
        std::fs::remove_file(site.join(name)).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(site.join(name)).status().unwrap().success());
        assert_eq!(write().code, 2, "{name}");
        std::fs::remove_file(site.join(name)).unwrap();
        std::fs::write(site.join(name), content).unwrap();
    }
    assert_eq!(write().code, 0);
}

#[test]
fn a_link_to_a_folder_is_refused() {
    let repo = repository();
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), repo.place("site")).unwrap();
    for name in ["site", "site/"] {
        let (code, _, stderr) = run(kepgate(repo.path()).args(["site", "--to", name]));
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains("site` is a symbolic link"), "{stderr}");
        assert!(read(elsewhere.path()).is_empty());
    }
}

/// KEPs are read one by one, so the limit for a change does not apply. `within_bounds` limits the memory.
#[test]
fn a_repository_of_many_large_readmes_is_read() {
    let repo = repository();
    let line = format!("{}\n", "x".repeat(1_000));
    let readme = repo.write("readme", format!("# KEP-1: X\n\n{}", line.repeat(1_040)));
    for number in 2_000..2_150 {
        let dir = format!("keps/sig-node/{number}-x");
        let number = number.to_string();
        repo.write(format!("{dir}/kep.yaml"), kep_with(&[("kep-number", &number)]));
        std::fs::hard_link(&readme, repo.place(format!("{dir}/README.md"))).unwrap();
    }
    repo.commit();
    let folder = tempfile::tempdir().unwrap();
    let mut site = kepgate(repo.path());
    let run = within_bounds_of_a_tree(site.args(["site", "--release", "v1.36", "--to"]).arg(folder.path()));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(folder.path().join("keps/sig-node-2149-x.html").exists() || read(folder.path()).len() > 150);
}

#[test]
fn a_cache_changes_nothing() {
    let repo = repository();
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("history");
    let named = cache.to_str().unwrap();
    let written = || std::fs::read_to_string(&cache).unwrap();
    let without = site(&repo, &[]);
    assert_eq!(site(&repo, &["--cache", named]), without);
    let first = written();
    assert_eq!(site(&repo, &["--cache", named]), without);
    assert_eq!(written(), first);
    // A later commit, also one that moves a KEP, comes on top.
    repo.git(&["mv", "keps/sig-node/2001-dawn", "keps/sig-node/2001-daybreak"]);
    repo.commit();
    let renamed = site(&repo, &[]);
    assert_ne!(renamed, without);
    assert_eq!(site(&repo, &["--cache", named]), renamed);
    assert!(written().len() > first.len());
    // The start of another branch has other commits.
    assert_eq!(site(&repo, &["--cache", named, "--head", "HEAD~1"]), site(&repo, &["--head", "HEAD~1"]));
    // What is damaged, of another version or empty is written anew.
    for damage in [&written()[..100], &written().replacen("-1 ", "-2 ", 1), ""] {
        std::fs::write(&cache, damage).unwrap();
        assert_eq!(site(&repo, &["--cache", named]), renamed);
        assert!(written().len() > first.len());
    }
}

#[test]
fn a_cache_never_replaces_a_file_of_somebody_else() {
    let repo = repository();
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in
        [("OWNERS", Some(b"approvers:\n".as_slice())), ("binary", Some(b"\xff")), ("directory", None)]
    {
        let place = folder.path().join(name);
        match content {
            Some(content) => std::fs::write(&place, content).unwrap(),
            None => std::fs::create_dir(&place).unwrap(),
        }
        let (code, _, stderr) = run(kepgate(repo.path()).args(["site", "--to", "site", "--cache"]).arg(&place));
        assert_eq!(code, 2, "{name}");
        assert!(stderr.contains("is not a cache that kepgate wrote\n  help: specify a new file"), "{stderr}");
        assert!(content.is_none_or(|content| std::fs::read(&place).unwrap() == content));
    }
}

#[test]
fn a_cache_is_not_part_of_the_site() {
    let repo = repository();
    for cache in ["site/cache", "site/index.html", "site/keps/cache"] {
        let (code, _, stderr) = run(kepgate(repo.path()).args(["site", "--to", "site", "--cache", cache]));
        assert_eq!(code, 2, "{cache}");
        assert!(stderr.contains("is in the folder of the site"), "{stderr}");
        assert!(!repo.place("site").exists());
        std::fs::create_dir_all(repo.place("site/keps")).unwrap();
        let (code, _, stderr) = run(kepgate(repo.path()).args(["site", "--to", "site", "--cache", cache]));
        assert_eq!(code, 2, "{cache}: {stderr}");
        std::fs::remove_dir_all(repo.place("site")).unwrap();
    }
}

#[test]
fn a_cache_that_cannot_be_written_does_not_cost_the_site() {
    let repo = repository();
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("missing/history");
    let (code, stdout, stderr) = run(kepgate(repo.path()).args(["site", "--to", "site", "--cache"]).arg(&cache));
    assert_ne!(code, 0);
    assert!(stdout.starts_with("wrote "), "{stdout}");
    assert!(stderr.contains("could not write the cache"), "{stderr}");
}
