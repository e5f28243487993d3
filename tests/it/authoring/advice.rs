//! What `kepgate promote` and `kepgate status` advise, besides the findings.

use crate::support::{DIR, KEP, PRR_FILE, Run, TestRepo, kep_with, kepgate, within_bounds};

fn says_at(repo: &TestRepo, now: &str, arguments: &[&str]) -> Run {
    within_bounds(kepgate(repo.path()).env("KEPGATE_NOW", now).env("COLUMNS", "80").args(arguments))
}

/// A repository in which the sample KEP has these fields.
fn repository(fields: &[(&str, &str)]) -> TestRepo {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(fields));
    repo.commit();
    repo
}

fn promote<'a>(stage: &'a str, release: &'a str) -> [&'a str; 9] {
    ["promote", "1234", "--stage", stage, "--release", release, "--prr-approver", "petra-solm", "--dry-run"]
}

#[test]
fn a_release_that_nobody_can_plan_for_is_refused() {
    let repo = repository(&[]);
    for release in ["v1.355", "v1.99", "v2.1"] {
        let run = says_at(&repo, "2026-01-10", &promote("beta", release));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{release}");
        let near = if release == "v1.355" { "did you mean v1.35? " } else { "" };
        let expected = format!(
            "kepgate: --release: {release} is not a known release\n  help: {near}the newest release in the calendar is v1.38; \
             not out yet: v1.36, v1.37, v1.38\n"
        );
        assert_eq!(run.stderr, expected);
    }
    let new = ["new", "--number", "400", "--title", "Nap", "--sig", "sig-node", "--author", "@a", "--release", "1.73"];
    let run = says_at(&repo, "2026-01-10", &new);
    assert!(run.stderr.starts_with("kepgate: --release: v1.73 is not a known release\n"), "{}", run.stderr);
    let run = says_at(&repo, "2026-01-10", &promote("beta", "v1.41"));
    assert!(run.stdout.contains("+latest-milestone: v1.41\n"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn the_first_open_release_is_advised_instead_of_one_that_is_out() {
    let repo = repository(&[("latest-milestone", "\"v1.36\"")]);
    let run = says_at(&repo, "2026-01-10", &promote("beta", "v1.34"));
    assert!(
        run.stdout.contains("\n     use --release v1.36, unless you are correcting the record\n"),
        "{}",
        run.stdout
    );
    let run = says_at(&repo, "2026-03-10", &promote("beta", "v1.34"));
    assert!(
        run.stdout.contains("\n     use --release v1.37, unless you are correcting the record\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_kep_that_is_given_up_needs_another_status_first() {
    for status in ["withdrawn", "rejected", "deferred"] {
        let run = says_at(&repository(&[("status", status)]), "2026-01-10", &promote("beta", "v1.36"));
        let step =
            format!("\n  1. the status is `{status}`: set it back to `implementable` only if work is left\n  2. ");
        assert!(run.stdout.contains(&step), "{}{}", run.stdout, run.stderr);
    }
    let run = says_at(&repository(&[]), "2026-01-10", &promote("beta", "v1.36"));
    assert!(!run.stdout.contains("if work is left"), "{}", run.stdout);
}

#[test]
fn only_a_release_that_is_out_is_a_record() {
    let fields = [("stage", "stable"), ("latest-milestone", "v1.37"), ("milestone", "v1.34\n  stable: v1.37")];
    let repo = repository(&fields);
    repo.write(PRR_FILE, "kep-number: 1234\nstable:\n  approver: \"@petra-solm\"\n");
    let run = says_at(&repo, "2026-01-10", &promote("stable", "v1.38"));
    assert!(run.stdout.contains("-  stable: v1.37\n+  stable: v1.38\n"), "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("stays"), "{}", run.stdout);
    let run = says_at(&repo, "2026-10-10", &promote("stable", "v1.38"));
    assert!(run.stdout.contains("note: `milestone.stable` stays v1.37\n"), "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("+  stable"), "{}", run.stdout);
}

#[test]
fn status_says_what_comes_next() {
    let words = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
    let status = |fields: &[(&str, &str)], now: &str| {
        let run = says_at(&repository(fields), now, &["status", DIR]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        words(&run.stdout)
    };
    let milestone = [("latest-milestone", "v1.36"), ("milestone", "v1.36"), ("stage", "alpha")];
    let with = |more: &[(&'static str, &'static str)]| [milestone.as_slice(), more].concat();
    let page = status(&with(&[("status", "provisional")]), "2026-01-10");
    let step = "set `status: implementable` when the proposal is approved, before the";
    assert!(page.contains(step) && page.contains("Enhancements Freeze (2026-02-12 12:00 UTC)"), "{page}");
    let page = status(&with(&[]), "2026-01-10");
    assert!(!page.contains("next"), "{page}");
    let page = status(&with(&[]), "2026-05-10");
    assert!(page.contains("next to move on to beta:"), "{page}");
    assert!(page.contains(" `kepgate promote 1234 --stage beta --release v1.37 --prr-approver @HANDLE`"), "{page}");
    let planned = [("stage", "alpha"), ("milestone", "v1.35\n  beta: v1.36")];
    let repo = repository(&[&milestone[..1], &planned].concat());
    repo.write(PRR_FILE, "kep-number: 1234\nbeta:\n  approver: \"@petra-solm\"\n");
    let page = says_at(&repo, "2026-05-10", &["status", DIR]).stdout;
    let page = words(&page);
    assert!(page.contains("next if the feature did not become beta in v1.36:"), "{page}");
    assert!(page.contains(" `kepgate promote 1234 --stage beta --release v1.37`"), "{page}");
    let stable = [("stage", "stable"), ("milestone", "v1.34\n  stable: v1.36")];
    let page = status(&[&milestone[..1], &stable].concat(), "2026-05-10");
    assert!(page.contains("set `status: implemented` if the feature became stable in v1.36"), "{page}");
    let page = status(&with(&[("status", "withdrawn")]), "2026-05-10");
    assert!(!page.contains("next"), "{page}");
}

#[test]
fn ga_is_understood_as_stable() {
    let repo = repository(&[]);
    for arguments in [&promote("ga", "v1.36")[..], &["query", "--stage", "GA"]] {
        let run = says_at(&repo, "2026-01-10", arguments);
        let help = "is not a valid stage\n  help: did you mean `stable`? specify `alpha`, ";
        assert!(run.code == 2 && run.stderr.contains(help), "{}", run.stderr);
    }
}

#[test]
fn check_reads_the_repository_that_the_variable_names() {
    let (repo, elsewhere) = (repository(&[("status", "implementeable")]), TestRepo::new());
    let mut command = kepgate(elsewhere.path());
    let run = within_bounds(command.args(["check", "--all", "--offline"]).env("ENHANCEMENTS_PATH", repo.path()));
    assert!(run.code == 1 && run.stdout.contains("error[status-invalid]"), "{}{}", run.stdout, run.stderr);
    let other = repository(&[]);
    let mut command = kepgate(elsewhere.path());
    command.args(["check", "--all", "--offline", "--repo"]).arg(other.path());
    let run = within_bounds(command.env("ENHANCEMENTS_PATH", repo.path()));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}
