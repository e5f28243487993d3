//! `kepgate promote`: the result passes the check, only the shown lines change, and running it again changes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::authoring::{TEMPLATE, changed_lines, check, comments, copy_to_folders, files, keps, says, value};
use crate::support::corpus::clone;
use crate::support::{DIR, KEP, PRR_FILE, Run, SAMPLE_PRR, TestRepo, kep_with, kepgate, within_bounds_of_a_tree};

/// Asserts that only lines of a promotion changed, that the output shows each of them, and that comments are
/// unchanged. Returns the files.
fn assert_only_promotion_lines(folder: &Path, said: &str) -> BTreeMap<String, String> {
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
fn fifty_promoted_keps_pass_the_check() {
    let clone = clone();
    // KEPs with errors are skipped, because a promotion makes them due.
    let whole_tree = ["check", "--all", "--head", "HEAD", "--output", "json"];
    let report = within_bounds_of_a_tree(kepgate(clone).args(whole_tree)).stdout;
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
        let prr_file = format!("keps/prod-readiness/{sig}/{number}.yaml");
        let folder = copy_to_folders(clone, &["OWNERS_ALIASES", TEMPLATE, &dir, &prr_file]);
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
            // Only an author can supply what the new stage requires.
            let errors = report["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "error");
            let mut rules = errors.map(|finding| finding["rule"].as_str().unwrap());
            assert!(rules.all(|rule| rule == "field-placeholder"), "{dir}: {}", run.stdout);
            continue;
        }
        assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 1), "{dir}: {}", report["findings"]);
        let after = assert_only_promotion_lines(folder.path(), &run.stdout);
        let again = says(folder.path(), &arguments);
        assert_eq!((again.code, again.stdout), (0, format!("{dir}: already {next} in v1.36\n")));
        assert_eq!(files(&folder.path().join("head")), after, "{dir}: running it again changes nothing");
        promoted += 1;
        if promoted == 50 {
            return;
        }
    }
    panic!("only {promoted} KEPs could be promoted");
}

/// Promotes the sample KEP with these values. Returns the run, `kep.yaml` and the PRR file.
fn promote(values: &[(&str, &str)], prr_file: &str, arguments: &[&str]) -> (Run, String, String) {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(values));
    repo.write(PRR_FILE, prr_file);
    repo.commit();
    let run = says(repo.path(), &[&["promote", "1234"], arguments].concat());
    let [kep, prr_file] = [KEP, PRR_FILE].map(|path| repo.read(path));
    (run, kep, prr_file)
}

const TO_BETA: &[&str] = &["--stage", "beta", "--release", "v1.37", "--prr-approver", "hedda-rusk"];

#[test]
fn promote_keeps_the_way_a_milestone_is_written() {
    for (milestone, expected) in [
        ("v1.36", "milestone:\n  alpha: v1.36\n  beta: \"v1.37\"\n"),
        ("\"v1.36\" # done\n  beta: 'v1.38'", "milestone:\n  alpha: \"v1.36\" # done\n  beta: 'v1.37'\n"),
        ("v1.36\n  beta:\n  stable: v1.38", "milestone:\n  alpha: v1.36\n  beta: \"v1.37\"\n  stable: v1.38\n"),
        ("v1.36\n  stable: \"v1.36\"", "milestone:\n  alpha: v1.36\n  beta: \"v1.37\"\n  stable: \"TBD\"\n"),
        ("v1.36\n  stable: \"v1.37\"", "milestone:\n  alpha: v1.36\n  beta: \"v1.37\"\n  stable: \"TBD\"\n"),
        ("v1.36\n  beta: TBD", "milestone:\n  alpha: v1.36\n  beta: v1.37\n"),
    ] {
        let (run, kep, prr_file) = promote(&[("milestone", milestone)], SAMPLE_PRR, TO_BETA);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        let before = kep_with(&[("milestone", "@"), ("stage", "beta"), ("latest-milestone", "v1.37")]);
        assert_eq!(kep, before.replace("milestone:\n  alpha: @\n", expected));
        assert_eq!(prr_file, format!("{SAMPLE_PRR}beta:\n  approver: \"@hedda-rusk\"\n"));
    }
    let repo = TestRepo::repository();
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
        repo.write(KEP, kep(before).replace("stage: beta", "stage: alpha").replace("v1.37\r\nm", "v1.36\r\nm"));
        let run = says(repo.path(), &[&["promote", DIR], TO_BETA].concat());
        assert_eq!(run.stderr, "", "{before:?}: {}", run.stdout);
        assert_eq!(repo.read(KEP), kep(after), "{before:?}");
    }
}

#[test]
fn promote_inserts_missing_fields_in_the_order_of_the_template() {
    let repo = TestRepo::repository();
    let kep = "title: Quiet Hours\nkep-number: 1234\nauthors: [\"@sunniva-t\"]\nowning-sig: sig-node\n\
               status: implementable\napprovers:\n  - \"@corin-hale\" # from SIG Node\n\n# What is left to do.\n\
               metrics:\n  - kubelet_quiet_hours_total";
    repo.write(KEP, kep);
    repo.commit();
    let run = says(repo.path(), &["promote", "KEP-1234", "--stage", "alpha", "--release", "1.37"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let lines = "  - \"@corin-hale\" # from SIG Node\nstage: alpha\nlatest-milestone: \"v1.37\"\nmilestone:\n  \
                 alpha: \"v1.37\"\n";
    assert_eq!(repo.read(KEP), kep.replace("  - \"@corin-hale\" # from SIG Node\n", lines));
}

#[test]
fn promote_refuses_a_missing_or_unknown_approver() {
    let before = kep_with(&[]);
    for (arguments, said) in [
        (
            &["--stage", "beta", "--release", "v1.37"][..],
            "(the approver for alpha was @petra-solm); `kepgate query --by approver --release v1.37`",
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
        (
            &["--stage", "ga", "--release", "v1.37"],
            "`ga` is not a valid stage\n  help: did you mean `stable`? specify `alpha`, `beta`, `stable`,",
        ),
    ] {
        let (run, kep, prr_file) = promote(&[], SAMPLE_PRR, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
        assert_eq!((kep, prr_file.as_str()), (before.clone(), SAMPLE_PRR), "nothing is written");
    }
}

#[test]
fn promote_refuses_files_that_it_cannot_edit_safely() {
    for (values, prr_file, said) in [
        (&[("stage", "|\n  alpha")][..], SAMPLE_PRR, "edit it by hand: stage: beta"),
        (&[("status", "[")], SAMPLE_PRR, "has errors"),
        (&[], "kep-number: 1234\nalpha: {}\nbeta: [x]\n", "has errors"),
        (&[("owning-sig", "sig-apps")], SAMPLE_PRR, "the production readiness file does not name an approver for beta"),
    ] {
        let arguments = if said.contains("does not name") { &TO_BETA[..4] } else { TO_BETA };
        let (run, kep, written) = promote(values, prr_file, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{values:?}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{values:?}: {}", run.stderr);
        assert_eq!((kep, written.as_str()), (kep_with(values), prr_file), "{values:?}");
    }
}

#[test]
fn promote_writes_the_files_and_fails_if_errors_remain() {
    let (run, kep, _) = promote(&[("milestone", "v1.38")], SAMPLE_PRR, TO_BETA);
    assert_eq!(run.code, 1, "beta before alpha");
    assert!(run.stdout.contains("+stage: beta\n") && run.stdout.contains("error[milestone-order]"), "{}", run.stdout);
    assert!(kep.contains("stage: beta"), "the files are still written");
}

#[test]
fn dry_run_prints_the_diff_and_writes_nothing() {
    let (run, kep, prr_file) = promote(&[], SAMPLE_PRR, &[TO_BETA, &["--dry-run"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!((kep, prr_file.as_str()), (kep_with(&[]), SAMPLE_PRR));
    let expected = format!(
        "--- a/{PRR_FILE}\n+++ b/{PRR_FILE}\n@@ -1,3 +1,5 @@\n kep-number: 1234\n alpha:\n   approver: \"@petra-solm\"\n+beta:\n+  approver: \"@hedda-rusk\"\n"
    );
    assert!(run.stdout.contains(&expected), "{}", run.stdout);
}

#[test]
fn kep_argument_is_a_number_or_a_path() {
    let repo = TestRepo::repository();
    let arguments = ["--stage", "alpha", "--release", "v1.36"];
    for name in ["1234", "#1234", "KEP-1234", DIR, KEP, "./keps/sig-node/1234-quiet-hours/"] {
        let run = says(repo.path(), &[&["promote", name][..], &arguments].concat());
        assert_eq!((run.code, run.stdout), (0, format!("{DIR}: already alpha in v1.36\n")), "{name}");
    }
    let inside = says(&repo.place("keps/sig-node"), &[&["promote", "1234-quiet-hours"][..], &arguments].concat());
    assert_eq!(inside.code, 0, "{}", inside.stderr);
    repo.write("keps/sig-apps/1234-twin/kep.yaml", kep_with(&[("owning-sig", "sig-apps")]));
    for (name, said) in [
        ("1235", "no KEP matches"),
        ("keps/sig-node", "no KEP matches"),
        ("1234", "specify the directory: keps/sig-apps/1234-twin, "),
    ] {
        let run = says(repo.path(), &[&["promote", name][..], &arguments].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}

#[test]
fn promote_to_a_shipped_release_warns() {
    let (run, kep, _) = promote(
        &[("milestone", "v1.32"), ("latest-milestone", "v1.32")],
        SAMPLE_PRR,
        &["--stage", "beta", "--release", "v1.33", "--prr-approver", "hedda-rusk"],
    );
    assert!(run.stdout.contains("warning[release-shipped]"), "{}", run.stdout);
    assert!(!run.stdout.contains("not checked: release-shipped"), "{}", run.stdout);
    assert!(kep.contains("v1.33"), "{kep}");
    assert_eq!(run.code, 1, "it is not clean, but it is written");
    assert!(run.stdout.contains("\n\nBlocking: 1 warning\n"), "{}", run.stdout);
    let next = "Next steps:\n  1. v1.33 has been out since 2025-04-23:\n     use --release v1.35, unless you are correcting \
                the record\n";
    assert!(run.stdout.ends_with(next), "{}", run.stdout);
}

#[test]
fn promote_ends_with_the_next_steps() {
    let (run, ..) = promote(&[], SAMPLE_PRR, TO_BETA);
    let next = "
Written:
  keps/sig-node/1234-quiet-hours/kep.yaml
  keps/prod-readiness/sig-node/1234.yaml

Blocking: nothing, `kepgate check` passes

Next steps:
  1. review the diff and commit it: kepgate finds nothing missing for beta
  2. opt in: ask a SIG lead for milestone v1.37 and label `lead-opted-in` on
     https://kep.k8s.io/1234
  3. open the pull request before the Production Readiness Freeze of v1.37:
     2026-06-10 12:00 UTC (263 days left)
";
    assert!(run.stdout.ends_with(next), "{}", run.stdout);
    let (run, ..) = promote(&[("metrics", "\"\"")], SAMPLE_PRR, TO_BETA);
    assert!(run.stdout.contains("  1. fix 1 warning: see `kepgate check`\n"), "{}", run.stdout);
}

#[test]
fn a_kep_at_the_stage_keeps_its_release_and_approver_unless_they_are_to_be_replaced() {
    let shipped = [("milestone", "v1.33"), ("latest-milestone", "v1.33")];
    let again = ["--stage", "alpha", "--release", "v1.37", "--prr-approver", "hedda-rusk"];
    let (run, kep, prr_file) = promote(&shipped, SAMPLE_PRR, &again);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert_eq!(
        (kep, prr_file.as_str()),
        (kep_with(&[("milestone", "v1.33"), ("latest-milestone", "v1.37")]), SAMPLE_PRR)
    );
    let notes = "note: `milestone.alpha` stays v1.33\nnote: the approver for alpha stays `@petra-solm`\n\
                 help: the KEP is already alpha; add --replace to change this\n";
    assert!(run.stdout.contains(notes), "{}", run.stdout);
    let (run, kep, prr_file) = promote(&shipped, SAMPLE_PRR, &[&again[..], &["--replace"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert_eq!(kep, kep_with(&[("latest-milestone", "v1.37"), ("milestone", "v1.37")]));
    assert_eq!(prr_file, SAMPLE_PRR.replace("petra-solm", "hedda-rusk"));
    let lost =
        "note: overwritten: `milestone.alpha` was v1.33\nnote: overwritten: the approver for alpha was `@petra-solm`\n";
    assert!(run.stdout.contains(lost), "{}", run.stdout);
    let (run, ..) =
        promote(&[], SAMPLE_PRR, &["--stage", "alpha", "--release", "v1.36", "--prr-approver", "hedda-rusk"]);
    assert!(run.stdout.starts_with(&format!("{DIR}: nothing changed\nnote: the approver ")), "{}", run.stdout);
}

#[test]
fn a_kep_moves_back_only_if_its_stage_is_to_be_replaced() {
    let back = ["--stage", "alpha", "--release", "v1.37", "--prr-approver", "hedda-rusk"];
    let beta = [("stage", "beta")];
    let (run, kep, prr_file) = promote(&beta, SAMPLE_PRR, &back);
    assert_eq!((run.code, kep, prr_file.as_str()), (2, kep_with(&beta), SAMPLE_PRR));
    let error = "the KEP is already beta, which comes after alpha\n";
    assert!(run.stderr.contains(error) && run.stderr.contains("--replace"), "{}", run.stderr);
    let (_, kep, _) = promote(&beta, SAMPLE_PRR, &[&back[..], &["--replace"]].concat());
    assert!(kep.contains("stage: alpha\n"), "{kep}");
}

#[test]
fn the_diff_says_where_a_file_has_no_newline_at_its_end() {
    let (run, _, prr_file) = promote(&[], SAMPLE_PRR.trim_end(), TO_BETA);
    assert_eq!(prr_file, format!("{SAMPLE_PRR}beta:\n  approver: \"@hedda-rusk\""));
    let mark = "\\ No newline at end of file\n";
    let lines = format!("-  approver: \"@petra-solm\"\n{mark}+  approver: \"@petra-solm\"\n+beta:\n");
    assert!(run.stdout.contains(&lines), "{}", run.stdout);
    assert_eq!(run.stdout.matches(mark).count(), 2, "{}", run.stdout);
}

#[test]
fn promote_compares_with_the_target_branch() {
    let repo = TestRepo::repository();
    repo.branch("mine");
    repo.write(KEP, kep_with(&[("creation-date", "2025-02-30")]));
    repo.commit();
    repo.write(KEP, kep_with(&[("creation-date", "2025-02-30"), ("authors", "sunniva-t")]));
    let run = says(repo.path(), &[&["promote", "1234"], TO_BETA].concat());
    let check = says(repo.path(), &["check", "1234"]);
    assert_eq!((run.code, check.code), (0, 0), "{}", run.stdout);
    for line in ["warning[handle-malformed]", "warning[date-malformed]"] {
        assert!(run.stdout.contains(line) && check.stdout.contains(line), "{line}: {}", run.stdout);
    }
    assert!(check.stdout.contains("kepgate: 1 KEP passed, found 2 warnings, in "), "{}", check.stdout);
    assert!(run.stdout.contains("\nBlocking: nothing, `kepgate check` passes\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\n  1. fix 2 warnings: see `kepgate check`\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("KEP passed"), "{}", run.stdout);
    assert!(!run.stdout.contains("pre-existing"), "{}", run.stdout);
}

#[test]
fn promote_offers_to_fix_the_change_and_not_everything() {
    let repo = TestRepo::repository();
    repo.branch("topic");
    repo.write(KEP, kep_with(&[("authors", "sunniva-t")]));
    let run = says(repo.path(), &["promote", "1234", "--stage", "alpha", "--release", "v1.37", "--dry-run"]);
    assert!(run.stdout.contains("1 finding can be fixed with `kepgate check --fix`\n"), "{}{}", run.stdout, run.stderr);
}
