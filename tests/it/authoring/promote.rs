//! `kepgate new`, `promote` and `schema`: what they write passes the check, touches what it says and nothing else, and
//! doing it again changes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::authoring::{TEMPLATE, changed_lines, check, comments, copies, files, keps, says, value};
use crate::support::corpus::clone;
use crate::support::{APPROVAL, DIR, KEP, Run, SOUND_APPROVAL, TestRepo, kep_with};

/// Sees that what git finds changed is what was said, and only in the lines of a promotion, and that the comments are
/// still there; gives the files afterwards.
fn assert_only_meant_lines(folder: &Path, said: &str) -> BTreeMap<String, String> {
    let lines = changed_lines(folder, "base", "head");
    let is_meant = |line: &str| {
        let line = line[1..].trim_start();
        ["stage:", "latest-milestone:", "milestone:", "approver:", "beta:", "stable:", "kep-number:"]
            .iter()
            .any(|key| line.starts_with(key))
    };
    assert!(lines.len() >= 4 && lines.len() <= 12, "{lines:?}");
    assert!(lines.iter().all(|line| is_meant(line)), "{lines:?}");
    assert!(lines.iter().filter(|line| !line.contains("kep-number")).all(|line| said.contains(line.as_str())));
    let [before, after] = ["base", "head"].map(|side| files(&folder.join(side)));
    for (path, text) in &before {
        assert_eq!(comments(text), comments(&after[path]), "{path}");
    }
    after
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn fifty_keps_are_promoted() {
    let clone = clone();
    // Those with errors of their own are another matter: a promotion makes these due.
    let report = says(clone, &["check", "--all", "--head", "HEAD", "--output", "json"]).stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    let errors = report["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "error");
    let errors: Vec<_> = errors.map(|finding| finding["kep"].as_str().unwrap_or_default()).collect();
    let mut promoted = 0;
    for (dir, kep) in keps(clone) {
        let next = match value(&kep, "stage") {
            "alpha" => "beta",
            "beta" => "stable",
            _ => continue,
        };
        if value(&kep, "status") != "implementable" || errors.contains(&dir.as_str()) || dir.matches('/').count() > 2 {
            continue;
        }
        let [sig, number] = ["owning-sig", "kep-number"].map(|key| value(&kep, key));
        let approval = format!("keps/prod-readiness/{sig}/{number}.yaml");
        let folder = copies(clone, &["OWNERS_ALIASES", TEMPLATE, &dir, &approval]);
        let arguments = [
            "promote",
            &dir,
            "--stage",
            next,
            "--release",
            "v1.36",
            "--prr-approver",
            "@JPBetz",
            "--repo-path",
            "head",
        ];
        let run = says(folder.path(), &arguments);
        assert_eq!(run.stderr, "", "{dir}: {}", run.stdout);
        let (code, report) = check(folder.path());
        assert_eq!(run.code, code, "{dir}: promote ends as the check does");
        if code == 1 {
            // What the new stage asks for and only an author can say.
            let errors = report["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "error");
            let mut rules = errors.map(|finding| finding["rule"].as_str().unwrap());
            assert!(rules.all(|rule| rule == "field-placeholder"), "{dir}: {}", run.stdout);
            continue;
        }
        assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 1), "{dir}: {}", report["findings"]);
        let after = assert_only_meant_lines(folder.path(), &run.stdout);
        let again = says(folder.path(), &arguments);
        assert_eq!((again.code, again.stdout), (0, format!("{dir}: already {next} in v1.36\n")));
        assert_eq!(files(&folder.path().join("head")), after, "{dir}: again changes nothing");
        promoted += 1;
        if promoted == 50 {
            return;
        }
    }
    panic!("only {promoted} KEPs could be promoted");
}

/// What `promote` makes of the sound KEP with these values: how it ends, its metadata and its approval.
fn promote(values: &[(&str, &str)], approval: &str, arguments: &[&str]) -> (Run, String, String) {
    let sandbox = TestRepo::repository();
    sandbox.write(KEP, kep_with(values));
    sandbox.write(APPROVAL, approval);
    let run = says(sandbox.path(), &[&["promote", "1234"], arguments].concat());
    let [kep, approval] = [KEP, APPROVAL].map(|path| sandbox.read(path));
    (run, kep, approval)
}

const TO_BETA: &[&str] = &["--stage", "beta", "--release", "v1.37", "--prr-approver", "hedda-rusk"];

#[test]
fn each_way_of_writing_a_milestone_is_kept() {
    for (milestone, expected) in [
        ("v1.36", "milestone:\n  alpha: v1.36\n  beta: \"v1.37\"\n"),
        ("\"v1.36\" # done\n  beta: 'v1.38'", "milestone:\n  alpha: \"v1.36\" # done\n  beta: 'v1.37'\n"),
        ("v1.36\n  beta:\n  stable: v1.37", "milestone:\n  alpha: v1.36\n  beta: \"v1.37\"\n  stable: v1.37\n"),
        ("v1.36\n  stable: \"v1.36\"", "milestone:\n  alpha: v1.36\n  beta: \"v1.37\"\n  stable: \"TBD\"\n"),
        ("v1.36\n  beta: TBD", "milestone:\n  alpha: v1.36\n  beta: v1.37\n"),
    ] {
        let (run, kep, approval) = promote(&[("milestone", milestone)], SOUND_APPROVAL, TO_BETA);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        let before = kep_with(&[("milestone", "@"), ("stage", "beta"), ("latest-milestone", "v1.37")]);
        assert_eq!(kep, before.replace("milestone:\n  alpha: @\n", expected));
        assert_eq!(approval, format!("{SOUND_APPROVAL}beta:\n  approver: \"@hedda-rusk\"\n"));
    }
    let sandbox = TestRepo::repository();
    for (before, after) in [
        ("milestone: {alpha: v1.36}\n", "milestone: {alpha: v1.36, beta: \"v1.37\"}\n"),
        ("milestone: {}\n", "milestone: {beta: \"v1.37\"}\n"),
        ("milestone:\n", "milestone:\n  beta: \"v1.37\"\n"),
        ("milestone: ~ # none\n", "milestone: {beta: \"v1.37\"} # none\n"),
        ("", "milestone:\n  beta: \"v1.37\"\n"),
    ] {
        let kep = |milestone: &str| {
            let lines = kep_with(&[("stage", "beta"), ("latest-milestone", "v1.37")]);
            lines.replace("milestone:\n  alpha: v1.36\n", milestone).replace('\n', "\r\n")
        };
        sandbox.write(KEP, kep(before).replace("stage: beta", "stage: alpha").replace("v1.37\r\nm", "v1.36\r\nm"));
        let run = says(sandbox.path(), &[&["promote", DIR], TO_BETA].concat());
        assert_eq!(run.stderr, "", "{before:?}: {}", run.stdout);
        assert_eq!(sandbox.read(KEP), kep(after), "{before:?}");
    }
}

#[test]
fn fields_that_are_missing_come_where_the_template_has_them() {
    let sandbox = TestRepo::repository();
    let kep = "title: Quiet Hours\nkep-number: 1234\nauthors: [\"@sunniva-t\"]\nowning-sig: sig-node\n\
               status: implementable\napprovers:\n  - \"@corin-hale\" # from SIG Node\n\n# What is left to do.\n\
               metrics:\n  - kubelet_quiet_hours_total";
    sandbox.write(KEP, kep);
    let run = says(sandbox.path(), &["promote", "KEP-1234", "--stage", "alpha", "--release", "1.37"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let lines = "  - \"@corin-hale\" # from SIG Node\nstage: alpha\nlatest-milestone: \"v1.37\"\nmilestone:\n  \
                 alpha: \"v1.37\"\n";
    assert_eq!(sandbox.read(KEP), kep.replace("  - \"@corin-hale\" # from SIG Node\n", lines));
}

#[test]
fn an_approver_is_never_made_up() {
    let before = kep_with(&[]);
    for (arguments, said) in [
        (
            &["--stage", "beta", "--release", "v1.37"][..],
            "(the approver for alpha was @petra-solm); `kepgate query --by approver --milestone v1.37`",
        ),
        (
            &["--stage", "beta", "--release", "v1.37", "--prr-approver", "hedda-rus"],
            "did you mean `hedda-rusk`? the approvers are petra-solm, hedda-rusk",
        ),
        (
            &["--stage", "beta", "--release", "v1.37", "--prr-approver", "quillon-b"],
            "is not a production-readiness approver",
        ),
        (&["--stage", "beta", "--release", "next", "--prr-approver", "hedda-rusk"], "specify a release, as in v1.36"),
        (&["--stage", "ga", "--release", "v1.37"], "[possible values: alpha, beta, stable,"),
    ] {
        let (run, kep, approval) = promote(&[], SOUND_APPROVAL, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
        assert_eq!((kep, approval.as_str()), (before.clone(), SOUND_APPROVAL), "nothing is written");
    }
}

#[test]
fn what_cannot_be_changed_with_certainty_is_left_alone() {
    for (values, approval, said) in [
        (&[("stage", "|\n  alpha")][..], SOUND_APPROVAL, "edit it by hand: stage: beta"),
        (&[("status", "[")], SOUND_APPROVAL, "has errors"),
        (&[], "kep-number: 1234\nalpha: {}\nbeta: [x]\n", "has errors"),
        (&[("owning-sig", "sig-apps")], SOUND_APPROVAL, "the production-readiness approver for beta is missing"),
    ] {
        let arguments = if said.contains("is missing") { &TO_BETA[..4] } else { TO_BETA };
        let (run, kep, written) = promote(values, approval, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{values:?}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{values:?}: {}", run.stderr);
        assert_eq!((kep, written.as_str()), (kep_with(values), approval), "{values:?}");
    }
}

#[test]
fn what_is_still_wrong_is_said_and_fails() {
    let (run, kep, _) = promote(&[("milestone", "v1.38")], SOUND_APPROVAL, TO_BETA);
    assert_eq!(run.code, 1, "beta before alpha");
    assert!(run.stdout.contains("+stage: beta\n") && run.stdout.contains("error[milestone-order]"), "{}", run.stdout);
    assert!(kep.contains("stage: beta"), "what was asked for is written all the same");
}

#[test]
fn a_rehearsal_writes_nothing() {
    let (run, kep, approval) = promote(&[], SOUND_APPROVAL, &[TO_BETA, &["--dry-run"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!((kep, approval.as_str()), (kep_with(&[]), SOUND_APPROVAL));
    let expected = format!(
        "--- a/{APPROVAL}\n+++ b/{APPROVAL}\n@@ -1,3 +1,5 @@\n kep-number: 1234\n alpha:\n   approver: \"@petra-solm\"\n+beta:\n+  approver: \"@hedda-rusk\"\n"
    );
    assert!(run.stdout.contains(&expected), "{}", run.stdout);
}

#[test]
fn a_kep_is_found_by_number_or_by_path() {
    let sandbox = TestRepo::repository();
    let arguments = ["--stage", "alpha", "--release", "v1.36"];
    for name in ["1234", "#1234", "KEP-1234", DIR, KEP, "./keps/sig-node/1234-quiet-hours/"] {
        let run = says(sandbox.path(), &[&["promote", name][..], &arguments].concat());
        assert_eq!((run.code, run.stdout), (0, format!("{DIR}: already alpha in v1.36\n")), "{name}");
    }
    let inside = says(&sandbox.place("keps/sig-node"), &[&["promote", "1234-quiet-hours"][..], &arguments].concat());
    assert_eq!(inside.code, 0, "{}", inside.stderr);
    sandbox.write("keps/sig-apps/1234-twin/kep.yaml", kep_with(&[("owning-sig", "sig-apps")]));
    for (name, said) in [
        ("1235", "no readable KEP matches"),
        ("keps/sig-node", "no readable KEP matches"),
        ("1234", "specify the directory: keps/sig-apps/1234-twin, "),
    ] {
        let run = says(sandbox.path(), &[&["promote", name][..], &arguments].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}

#[test]
fn promoting_to_a_release_that_shipped_long_ago_warns() {
    let (run, kep, _) = promote(
        &[("milestone", "v1.32"), ("latest-milestone", "v1.32")],
        SOUND_APPROVAL,
        &["--stage", "beta", "--release", "v1.33", "--prr-approver", "hedda-rusk"],
    );
    assert!(run.stdout.contains("warning[release-shipped]"), "{}", run.stdout);
    assert!(!run.stdout.contains("not checked: release-shipped"), "{}", run.stdout);
    assert!(kep.contains("v1.33"), "{kep}");
    assert_eq!(run.code, 0, "a warning does not keep the files from being written");
}
