//! `kepgate query` on small repositories: what it looks like, what it refuses, and what it will not let through.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{
    APPROVAL, KEP, PAYLOADS, Run, SOUND_APPROVAL, TestRepo, check_summary, check_text, commands, kep_with, kepgate,
    scalar, within_bounds,
};

/// Four KEPs: one that has its approver, one whose approver is nobody, one provisional, one that nobody reviews.
fn four() -> TestRepo {
    let sandbox = TestRepo::repository();
    let kep = |number: &str, title: &str, values: &[(&str, &str)]| {
        kep_with(&[&[("kep-number", number), ("title", title)], values].concat())
    };
    sandbox.write("keps/sig-node/1300-nap/kep.yaml", kep("1300", "Nap, \"short\"", &[("stage", "beta")]));
    sandbox.write("keps/prod-readiness/sig-node/1300.yaml", "kep-number: 1300\nbeta:\n  approver: \"@somebody\"\n");
    let values = [("status", "provisional"), ("latest-milestone", "v1.9"), ("owning-sig", "sig-apps")];
    sandbox.write("keps/sig-apps/99-dusk/kep.yaml", kep("99", "Dusk", &values));
    sandbox.write("keps/sig-apps/4000-dawn/kep.yaml", kep("4000", "dawn", &[("owning-sig", "sig-apps")]));
    sandbox
}

fn query(sandbox: &TestRepo, arguments: &[&str]) -> Run {
    within_bounds(kepgate(sandbox.path()).arg("query").args(arguments))
}

fn page(sandbox: &TestRepo, arguments: &[&str]) -> String {
    let run = query(sandbox, arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    run.stdout
}

/// The numbers that are listed, in order.
fn numbers(sandbox: &TestRepo, arguments: &[&str]) -> Vec<u64> {
    let json = page(sandbox, &[arguments, &["--output", "json"]].concat());
    let rows: Value = serde_json::from_str(&json).unwrap();
    rows.as_array().unwrap().iter().map(|row| row["kep-number"].as_u64().unwrap()).collect()
}

#[test]
fn a_list_for_each_reader() {
    let sandbox = four();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for format in ["table", "csv", "markdown", "yaml", "json"] {
            assert_snapshot!(format!("query-{format}"), page(&sandbox, &["--output", format, "--number", "1234,1300"]));
        }
        assert_snapshot!("query-load", page(&sandbox, &["--by", "approver"]));
        assert_snapshot!("query-load-markdown", page(&sandbox, &["--by", "approver", "--output", "markdown"]));
    });
}

#[test]
fn what_has_no_approver_who_may_needs_one() {
    let sandbox = four();
    assert_eq!(numbers(&sandbox, &["--needs-prr"]), [4000, 1300], "nobody is named, or somebody who may not");
    assert_eq!(numbers(&sandbox, &["--needs-prr", "--stage", "beta"]), [1300]);
    assert_eq!(numbers(&sandbox, &["--prr", "SOMEBODY"]), [1300]);
    sandbox.write("OWNERS_ALIASES", "aliases: {}\n");
    let run = query(&sandbox, &["--needs-prr"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("`prod-readiness-approvers` is missing or empty"), "{}", run.stderr);
}

#[test]
fn sorting_goes_by_what_a_value_means() {
    let sandbox = four();
    assert_eq!(numbers(&sandbox, &[]), [4000, 99, 1234, 1300], "by directory");
    assert_eq!(numbers(&sandbox, &["--sort", "kep-number"]), [99, 1234, 1300, 4000]);
    assert_eq!(numbers(&sandbox, &["--sort", "-kep-number"]), [4000, 1300, 1234, 99]);
    assert_eq!(numbers(&sandbox, &["--sort", "latest-milestone,title"]), [99, 4000, 1300, 1234], "v1.9 before v1.36");
    assert_eq!(numbers(&sandbox, &["--sort", "title"]), [4000, 99, 1300, 1234], "case aside");
    assert_eq!(numbers(&sandbox, &["--sort", "-prr-approver"]), [1300, 1234, 4000, 99], "what is empty comes last");
}

#[test]
fn columns_come_as_they_are_asked_for() {
    let sandbox = four();
    let arguments = ["--columns", "title,kep-number", "--columns", "prr-approver", "--number", "1234"];
    assert_eq!(page(&sandbox, &arguments), "Title        KEP   PRR approver\nQuiet Hours  1234  @petra-solm\n");
}

#[test]
fn a_slip_of_the_pen_is_no_empty_queue() {
    let sandbox = four();
    for (arguments, word) in [
        (&["--status", "implementeable"][..], "[possible values: provisional, implementable, implemented,"),
        (&["--status", "provisional,done"], "[possible values: provisional,"),
        (&["--stage", "GA"], "[possible values: alpha, beta, stable, deprecated, disabled, removed, none]"),
        (&["--sig", "nodes"], "no SIG matches `nodes`\n  help: known values: sig-apps, sig-node\n"),
        (&["--sig", "sig-noed"], "did you mean `sig-node`?"),
        (&["--sig", "("], "not a valid regular expression"),
        (&["--participating-sig", "sig-app"], "did you mean `sig-apps`?"),
        (&["--prr", "@petra-slom"], "did you mean `petra-solm`? known values: petra-solm, hedda-rusk, quillon-b"),
        (&["--prr", "petra solm"], "a handle may only contain letters"),
        (&["--author", ""], "a handle may only contain letters"),
        (&["--milestone", "1.x"], "write a release as v1.36"),
        (&["--number", "twelve"], "specify the number of a KEP, as in 1287"),
        (&["--columns", "titel"], "[possible values: kep-number, title,"),
        (&["--sort", "titel"], "the columns are kep-number, title,"),
        (&["--output", "xml"], "[possible values: table, json, yaml, csv, markdown]"),
        (&["--by", "author"], "[possible values: approver]"),
        (&["--by", "approver", "--columns", "title"], "cannot be used with"),
        (&["--head", "nowhere"], "is not a commit"),
        (&["--repo-path", "missing"], "there are no KEPs at"),
    ] {
        let run = query(&sandbox, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(word), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn whoever_has_no_kep_gets_an_empty_list() {
    let sandbox = four();
    assert_eq!(page(&sandbox, &["--author", "@newcomer", "--output", "json"]), "[]\n");
    assert_eq!(page(&sandbox, &["--author", "@newcomer", "--columns", "title,link"]), "Title  Link\n");
    assert_eq!(page(&sandbox, &["--prr", "hedda-rusk", "--output", "yaml"]), "[]\n", "an approver without KEPs");
}

#[test]
fn the_files_are_those_that_are_checked_out_unless_a_commit_is_named() {
    let sandbox = four();
    assert_eq!(numbers(&sandbox, &["--head", "HEAD"]), [1234]);
    sandbox.commit();
    sandbox.write(KEP, kep_with(&[("stage", "beta")]));
    assert_eq!(numbers(&sandbox, &["--stage", "beta"]), [1234, 1300]);
    assert_eq!(numbers(&sandbox, &["--stage", "beta", "--head", "main"]), [1300]);
    let bare = sandbox.clone_with(&["--bare"]);
    assert_eq!(numbers(&bare, &["--stage", "beta"]), [1300], "a bare repository is read at its HEAD");
    // From a folder inside, from elsewhere, and by the variable that kepctl knows.
    let from = |folder: &Path, arguments: &[&str], variable: &str| {
        let mut command = kepgate(folder);
        command.args(["query", "--stage", "beta", "--columns", "title"]).args(arguments);
        within_bounds(command.env("ENHANCEMENTS_PATH", variable)).stdout
    };
    let expected = "Title\nQuiet Hours\nNap, \"short\"\n";
    let root = sandbox.path().to_str().unwrap();
    assert_eq!(from(&sandbox.place("keps/sig-node"), &[], ""), expected);
    assert_eq!(from(Path::new("/"), &["--repo-path", root], "/nowhere"), expected);
    assert_eq!(from(Path::new("/"), &[], root), expected);
}

#[test]
fn what_cannot_be_read_is_not_passed_over() {
    let sandbox = four();
    sandbox.write("keps/sig-apps/7-broken/kep.yaml", "- no mapping\n");
    sandbox.write("keps/sig-apps/8-empty/README.md", "# KEP-8\n");
    std::os::unix::fs::symlink("/etc", sandbox.place("keps/sig-apps/9-link")).unwrap();
    let run = query(&sandbox, &["--number", "1234", "--columns", "title"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, "Title\nQuiet Hours\n"), "the rest is listed all the same");
    let said = "kepgate: the list is incomplete: `keps/sig-apps/7-broken` and 2 more cannot be read\n  \
                help: run `kepgate check --all` to see what is wrong\n";
    assert_eq!(run.stderr, said);
    // A field that is broken leaves the rest of its KEP readable.
    for path in ["keps/sig-apps/7-broken/kep.yaml", "keps/sig-apps/8-empty/README.md", "keps/sig-apps/9-link"] {
        sandbox.remove(path);
    }
    std::fs::remove_dir(sandbox.place("keps/sig-apps/7-broken")).unwrap();
    std::fs::remove_dir(sandbox.place("keps/sig-apps/8-empty")).unwrap();
    sandbox.write(KEP, kep_with(&[("authors", "@sunniva-t")]));
    assert_eq!(numbers(&sandbox, &["--number", "1234"]), [1234]);
}

#[test]
fn nothing_of_a_stranger_lives_in_a_list() {
    let sandbox = TestRepo::repository();
    for payload in PAYLOADS {
        let text = scalar(payload);
        let values = [("title", text.as_str()), ("last-updated", &text), ("status", &text), ("authors", &text)];
        sandbox.write(KEP, kep_with(&values));
        sandbox.write(APPROVAL, SOUND_APPROVAL.replace("\"@petra-solm\"", &text));
        for format in ["table", "csv", "markdown", "yaml", "json"] {
            for what in [&[][..], &["--by", "approver"]] {
                let page = page(&sandbox, &[what, &["--output", format]].concat());
                assert!(commands(&page).is_empty(), "{format}: {page}");
                check_text(&page.replace("\r\n", "\n"));
                if format == "markdown" {
                    let prose = page.replace("](https://git.k8s.io/enhancements/keps/", "](https://x.example/");
                    check_summary(&prose, Some("https://x.example/"));
                    assert_eq!(
                        page.lines().filter(|line| line.contains("sig-node") || line.contains("1234")).count(),
                        1
                    );
                }
                if format == "csv" {
                    assert_eq!(page.matches("\r\n").count(), page.matches('\n').count());
                }
            }
        }
        let rows: Value = serde_json::from_str(&page(&sandbox, &["--output", "json"])).unwrap();
        assert_eq!(rows[0]["title"], *payload, "JSON says what is written");
    }
}
