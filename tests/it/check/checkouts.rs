//! Checkouts that are not the whole tree, or not of a repository of KEPs.

use crate::support::{DIR, KEP, PRR_FILE, TestRepo, all_found, kep_with, kepgate, run};

#[test]
fn large_pictures_do_not_make_a_clean_checkout_look_changed() {
    let repo = TestRepo::repository();
    for (name, byte) in [("one.png", 1), ("two.png", 2)] {
        repo.write(format!("{DIR}/{name}"), vec![byte; 1_500_000]);
    }
    repo.commit();
    let (code, report) = repo.check(&[]);
    assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 0), "{report}");
    repo.write(format!("{DIR}/two.png"), vec![3; 1_500_000]);
    let (code, report) = repo.check(&[]);
    assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 1), "{report}");
}

/// A repository with three KEPs, of which only that of SIG Node is checked out.
fn sparse(options: &[&str]) -> TestRepo {
    let repo = TestRepo::repository();
    for (sig, number) in [("sig-apps", "77"), ("sig-auth", "78")] {
        let kep = kep_with(&[("kep-number", number), ("owning-sig", sig), ("status", "provisional")]);
        repo.write(format!("keps/{sig}/{number}-other/kep.yaml"), kep);
        repo.write(format!("keps/{sig}/{number}-other/README.md"), "# Other\n");
    }
    repo.commit();
    repo.git(&[&["sparse-checkout", "set"], options, &["keps/sig-node", "keps/prod-readiness"]].concat());
    assert!(!repo.place("keps/sig-apps").exists());
    repo
}

#[test]
fn keps_that_a_sparse_checkout_leaves_out_are_not_deleted() {
    for options in [&["--cone"][..], &["--cone", "--sparse-index"], &["--no-cone"]] {
        let repo = sparse(options);
        let (code, report) = repo.check(&[]);
        assert_eq!((code, all_found(&report), report["keps"].as_array().unwrap().len()), (0, vec![], 0), "{options:?}");
        let (code, report) = repo.check(&["--all"]);
        assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 3), "{options:?}: {report}");
        let (code, listed, _) = run(kepgate(repo.path()).args(["query", "--output", "json", "--sig", "sig-a.*"]));
        assert_eq!((code, listed.matches("\"kep-number\"").count()), (0, 2), "{listed}");
    }
}

#[test]
fn a_sparse_checkout_shows_what_was_edited_and_deleted() {
    let repo = sparse(&["--cone"]);
    repo.write(KEP, kep_with(&[("status", "implementible")]));
    let (code, report) = repo.check(&[]);
    assert_eq!((code, all_found(&report)), (1, vec![("status-invalid", KEP)]));
    repo.write(KEP, kep_with(&[]));
    repo.remove(PRR_FILE);
    let (code, report) = repo.check(&[]);
    assert_eq!((code, all_found(&report)), (1, vec![("prr-file-missing", KEP)]));
}

#[test]
fn keps_in_another_folder_are_not_a_pass() {
    let repo = TestRepo::repository();
    repo.git(&["mv", "keps", "kep"]);
    let start = repo.commit();
    repo.write(KEP.replacen("keps", "kep", 1), kep_with(&[("status", "implementible")]));
    repo.commit();
    let (code, stdout, _) = run(kepgate(repo.path()).args(["check", "--base", &start, "--head", "HEAD"]));
    assert_eq!(code, 2, "{stdout}");
    let moved = KEP.replacen("keps", "kep", 1);
    assert!(stdout.contains(&format!("the `keps` folder does not exist, but `{moved}` looks like a KEP")), "{stdout}");
}

#[test]
fn a_repository_without_keps_passes_and_says_so() {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    repo.write("docs/NNNN-kep-template/kep.yaml", "title: KEP Template\n");
    let start = repo.commit();
    repo.write("README.md", "# Something\n");
    repo.commit();
    let (code, stdout, stderr) = run(kepgate(repo.path()).args(["check", "--base", &start, "--head", "HEAD"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.starts_with("kepgate: this repository has no `keps` folder yet"), "{stdout}");
    let markdown = ["check", "--base", &start, "--head", "HEAD", "--output", "markdown"];
    let (_, stdout, _) = run(kepgate(repo.path()).args(markdown));
    assert!(stdout.contains("this repository has no `keps` folder yet"), "{stdout}");
}

#[test]
fn a_configuration_outside_the_usual_folders_is_checked_in_a_work_tree() {
    let repo = TestRepo::repository();
    repo.write("ci/kepgate.yaml", "rules:\n  toc-stale: off\n");
    repo.commit();
    assert_eq!(repo.check(&["--config", "ci/kepgate.yaml"]).0, 0);
    repo.write("ci/kepgate.yaml", "rules:\n  toc-stael: off\n");
    let (code, report) = repo.check(&["--config", "ci/kepgate.yaml"]);
    assert_eq!((code, all_found(&report)), (1, vec![("config-invalid", "ci/kepgate.yaml")]));
}
