//! What the command line and the repository may be.

use super::{read, repository};
use crate::support::{PRR_FILE, TestRepo, kepgate, run};

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
