//! Checkouts that are not the whole tree, or not of a repository of KEPs.

use crate::sandbox::{APPROVAL, DIR, KEP, Sandbox, all_found, kep_with};
use crate::support::{kepgate, run};

#[test]
fn large_pictures_do_not_make_a_clean_checkout_look_changed() {
    let sandbox = Sandbox::repository();
    for (name, byte) in [("one.png", 1), ("two.png", 2)] {
        sandbox.write(format!("{DIR}/{name}"), vec![byte; 1_500_000]);
    }
    sandbox.commit();
    let (code, report) = sandbox.check(&[]);
    assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 0), "{report}");
    sandbox.write(format!("{DIR}/two.png"), vec![3; 1_500_000]);
    let (code, report) = sandbox.check(&[]);
    assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 1), "{report}");
}

/// A repository with three KEPs, of which only that of SIG Node is checked out.
fn sparse(options: &[&str]) -> Sandbox {
    let sandbox = Sandbox::repository();
    for (sig, number) in [("sig-apps", "77"), ("sig-auth", "78")] {
        let kep = kep_with(&[("kep-number", number), ("owning-sig", sig), ("status", "provisional")]);
        sandbox.write(format!("keps/{sig}/{number}-other/kep.yaml"), kep);
        sandbox.write(format!("keps/{sig}/{number}-other/README.md"), "# Other\n");
    }
    sandbox.commit();
    sandbox.git(&[&["sparse-checkout", "set"], options, &["keps/sig-node", "keps/prod-readiness"]].concat());
    assert!(!sandbox.place("keps/sig-apps").exists());
    sandbox
}

#[test]
fn keps_that_a_sparse_checkout_leaves_out_are_not_deleted() {
    for options in [&["--cone"][..], &["--cone", "--sparse-index"], &["--no-cone"]] {
        let sandbox = sparse(options);
        let (code, report) = sandbox.check(&[]);
        assert_eq!((code, all_found(&report), report["keps"].as_array().unwrap().len()), (0, vec![], 0), "{options:?}");
        let (code, report) = sandbox.check(&["--all"]);
        assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 3), "{options:?}: {report}");
        let (code, listed, _) = run(kepgate(sandbox.path()).args(["query", "--output", "json", "--sig", "sig-a.*"]));
        assert_eq!((code, listed.matches("\"kep-number\"").count()), (0, 2), "{listed}");
    }
}

#[test]
fn a_sparse_checkout_shows_what_was_edited_and_deleted() {
    let sandbox = sparse(&["--cone"]);
    sandbox.write(KEP, kep_with(&[("status", "implementible")]));
    let (code, report) = sandbox.check(&[]);
    assert_eq!((code, all_found(&report)), (1, vec![("status-invalid", KEP)]));
    sandbox.write(KEP, kep_with(&[]));
    sandbox.remove(APPROVAL);
    let (code, report) = sandbox.check(&[]);
    assert_eq!((code, all_found(&report)), (1, vec![("prr-file-missing", KEP)]));
}

#[test]
fn keps_in_another_folder_are_not_a_pass() {
    let sandbox = Sandbox::repository();
    sandbox.git(&["mv", "keps", "kep"]);
    let start = sandbox.commit();
    sandbox.write(KEP.replacen("keps", "kep", 1), kep_with(&[("status", "implementible")]));
    sandbox.commit();
    let (code, stdout, _) = run(kepgate(sandbox.path()).args(["check", "--base", &start, "--head", "HEAD"]));
    assert_eq!(code, 2, "{stdout}");
    let moved = KEP.replacen("keps", "kep", 1);
    assert!(stdout.contains(&format!("there is no `keps` folder, but `{moved}` looks like a KEP")), "{stdout}");
}

#[test]
fn a_repository_without_keps_passes_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet", "--initial-branch=main"]);
    sandbox.write("docs/NNNN-kep-template/kep.yaml", "title: KEP Template\n");
    let start = sandbox.commit();
    sandbox.write("README.md", "# Something\n");
    sandbox.commit();
    let (code, stdout, stderr) = run(kepgate(sandbox.path()).args(["check", "--base", &start, "--head", "HEAD"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.starts_with("kepgate: this repository has no `keps` folder yet, found nothing"), "{stdout}");
    let markdown = ["check", "--base", &start, "--head", "HEAD", "--output", "markdown"];
    let (_, stdout, _) = run(kepgate(sandbox.path()).args(markdown));
    assert!(stdout.contains("this repository has no `keps` folder yet"), "{stdout}");
}

#[test]
fn a_configuration_outside_the_usual_folders_is_checked_in_a_work_tree() {
    let sandbox = Sandbox::repository();
    sandbox.write("ci/kepgate.yaml", "rules:\n  toc-stale: off\n");
    sandbox.commit();
    assert_eq!(sandbox.check(&["--config", "ci/kepgate.yaml"]).0, 0);
    sandbox.write("ci/kepgate.yaml", "rules:\n  toc-stael: off\n");
    let (code, report) = sandbox.check(&["--config", "ci/kepgate.yaml"]);
    assert_eq!((code, all_found(&report)), (1, vec![("config-invalid", "ci/kepgate.yaml")]));
}
