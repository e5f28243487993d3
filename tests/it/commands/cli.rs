//! The output of the command line, compared with `snapshots/`.

use std::path::Path;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::support::{
    ALIASES, KEP, PRR_FILE, Run, SAMPLE_PRR, TestRepo, check_summary, commands, kep_with, kepgate, run, within_bounds,
};

/// A repository in which `topic` misspells a status, forgets an `@`, names an unknown approver, and keeps a dangling
/// reference.
fn faulty() -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    repo.write("OWNERS_ALIASES", ALIASES);
    repo.write(KEP, kep_with(&[("see-also", "/keps/nowhere")]));
    repo.write(PRR_FILE, SAMPLE_PRR);
    repo.commit();
    repo.branch("topic");
    let values = [("see-also", "/keps/nowhere"), ("status", "implementible"), ("reviewers", "odile-varga")];
    repo.write(KEP, kep_with(&values));
    repo.write(PRR_FILE, SAMPLE_PRR.replace("@petra-solm", "@petra-slom"));
    repo.commit();
    repo
}

/// Runs `kepgate check` on the faulty change with these arguments and variables.
fn check(repo: &TestRepo, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = kepgate(repo.path());
    command.args(["check", "--base", "main", "--head", "topic"]).args(arguments).envs(variables.iter().copied());
    within_bounds(&command)
}

/// The exit status, standard output and standard error of a run as a page.
fn redacted(run: &Run) -> String {
    let mut text = format!("exit: {}\n--- stdout\n{}", run.code, run.stdout);
    if !run.stderr.is_empty() {
        text.push_str(&format!("--- stderr\n{}", run.stderr));
    }
    text
}

/// Compares a page with its snapshot, ignoring ids, times, tokens, versions and folders.
pub(crate) fn assert_page(name: &str, page: &str, repo: Option<&TestRepo>) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("snapshots");
    settings.set_omit_expression(true);
    settings.bind(|| assert_snapshot!(name, without_names(page, repo)));
}

/// `page` with a placeholder for each id, time, token, version and folder.
fn without_names(page: &str, repo: Option<&TestRepo>) -> String {
    let mut page = page.to_owned();
    for (pattern, placeholder) in [
        (r"(?-u:\b)[0-9a-f]{40}(?-u:\b)", "[commit]"),
        (r"(?-u:\b)[0-9a-f]{12}(?-u:\b)", "[commit]"),
        (r"in [0-9]+(?:\.[0-9]+)?(?:ns|µs|ms|s)(?-u:\b)", "in [time]"),
        (r"kepgate-[0-9a-f]{32}", "[token]"),
    ] {
        page = regex::Regex::new(pattern).unwrap().replace_all(&page, placeholder).into_owned();
    }
    page = page.replace(env!("CARGO_PKG_VERSION"), "[version]");
    repo.map_or_else(|| page.clone(), |repo| page.replace(repo.path().to_str().unwrap(), "[folder]"))
}

fn says(arguments: &[&str]) -> Run {
    let (code, stdout, stderr) = run(kepgate(Path::new("/")).args(arguments));
    Run { code, stdout, stderr }
}

#[test]
fn help_pages_match_the_snapshots() {
    assert_page("help", &redacted(&says(&["--help"])), None);
    assert_page("check-help", &redacted(&says(&["check", "--help"])), None);
    assert_page("toc-help", &redacted(&says(&["toc", "--help"])), None);
    assert_page("nothing-to-do", &redacted(&says(&[])), None);
    assert_page("version", &redacted(&says(&["--version"])), None);
}

#[test]
fn rules_and_explain_match_the_snapshots() {
    assert_page("rules", &redacted(&says(&["rules"])), None);
    assert_page("explain", &redacted(&says(&["explain", "status-invalid"])), None);
    assert_page("explain-misspelt", &redacted(&says(&["explain", "status-invlaid"])), None);
    assert_page("explain-nothing", &redacted(&says(&["explain", "x\u{1b}[31m"])), None);
}

#[test]
fn every_format_matches_its_snapshot() {
    let repo = faulty();
    assert_page("text", &redacted(&check(&repo, &[], &[])), Some(&repo));
    assert_page("quiet", &redacted(&check(&repo, &["--quiet"], &[])), Some(&repo));
    assert_page("color", &redacted(&check(&repo, &["--color", "always", "--quiet"], &[])), Some(&repo));
    assert_page("github", &redacted(&check(&repo, &["--output", "github"], &[])), Some(&repo));
    assert_page("markdown", &redacted(&check(&repo, &["--output", "markdown"], &[])), Some(&repo));
    assert_page("json", &redacted(&check(&repo, &["--output", "json"], &[])), Some(&repo));
}

#[test]
fn summary_links_to_the_lines() {
    let repo = faulty();
    for (variables, server) in [
        (&[("GITHUB_REPOSITORY", "kubernetes/enhancements")][..], "https://github.com"),
        (
            &[("GITHUB_REPOSITORY", "kubernetes/enhancements"), ("GITHUB_SERVER_URL", "https://ghe.example.org")],
            "https://ghe.example.org",
        ),
    ] {
        let run = check(&repo, &["--output", "markdown"], variables);
        let link = format!("]({server}/kubernetes/enhancements/blob/{}/{KEP}#L8)", repo.id("topic"));
        assert!(run.stdout.contains(&link), "{link} is not in {}", run.stdout);
        check_summary(&run.stdout, Some(&format!("{server}/kubernetes/enhancements/blob/")));
    }
    let variables = [("GITHUB_REPOSITORY", "o/r"), ("GITHUB_SERVER_URL", "")];
    assert!(check(&repo, &["--output", "markdown"], &variables).stdout.contains("](https://github.com/o/r/blob/"));
}

#[test]
fn clean_check_prints_one_line() {
    let repo = faulty();
    repo.git(&["switch", "--quiet", "main"]);
    repo.git(&["branch", "--quiet", "--force", "topic", "main"]);
    assert_page("nothing-changed", &redacted(&check(&repo, &[], &[])), Some(&repo));
    assert_page("nothing-changed-markdown", &redacted(&check(&repo, &["--output", "markdown"], &[])), None);
    assert_page("nothing-changed-quiet", &redacted(&check(&repo, &["--quiet"], &[])), None);
    repo.git(&["switch", "--quiet", "topic"]);
    repo.write(KEP, format!("{}# edited\n", repo.read(KEP)));
    repo.commit();
    assert_page("clean", &redacted(&check(&repo, &[], &[])), Some(&repo));
    assert_page("clean-markdown", &redacted(&check(&repo, &["--output", "markdown"], &[])), Some(&repo));
}

#[test]
fn fail_on_decides_the_exit_status() {
    let repo = faulty();
    repo.git(&["switch", "--quiet", "topic"]);
    let exit = |arguments: &[&str]| check(&repo, arguments, &[]).code;
    assert_eq!([exit(&[]), exit(&["--fail-on", "warning"]), exit(&["--fail-on", "never"])], [1, 1, 0]);
    // One new warning, no new error.
    repo.write(KEP, kep_with(&[("see-also", "/keps/nowhere"), ("reviewers", "odile-varga")]));
    repo.write(PRR_FILE, SAMPLE_PRR);
    repo.commit();
    assert_eq!([exit(&[]), exit(&["--fail-on", "warning"]), exit(&["--fail-on", "never"])], [0, 1, 0]);
    assert_eq!(exit(&["--strict"]), 0, "the pre-existing finding is a warning too");
    // Nothing new.
    repo.write(KEP, format!("{}# edited\n", kep_with(&[("see-also", "/keps/nowhere")])));
    repo.commit();
    assert_eq!([exit(&["--fail-on", "warning"]), exit(&["--fail-on", "warning", "--strict"])], [0, 1]);
    assert_eq!(exit(&["--fail-on", "notice"]), 2, "no such level");
}

#[test]
fn fail_on_never_still_reports_findings() {
    let repo = faulty();
    let run = check(&repo, &["--fail-on", "never", "--output", "json"], &[]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &report["exit"], &report["verdict"]), (0, &0.into(), &"findings".into()));
    assert_eq!(report["counts"]["error"], 2);
    let run = check(&repo, &["--fail-on", "never", "--base", "nowhere"], &[]);
    assert_eq!(run.code, 2, "an unknown base never passes");
}

#[test]
fn only_one_report_can_go_to_standard_output() {
    let repo = faulty();
    assert_page("two-reports", &redacted(&check(&repo, &["--output", "text", "--output", "json"], &[])), None);
    for bad in ["xml", "json=", "", "=x", "JSON"] {
        assert_eq!(check(&repo, &["--output", bad], &[]).code, 2, "{bad}");
    }
    let run = check(&repo, &["--output", "json=a=b.json", "--output", "text=log.txt"], &[]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (1, "", ""));
    assert!(repo.read("a=b.json").starts_with('{') && repo.read("log.txt").contains("status-invalid"));
}

#[test]
fn unwritable_report_exits_with_3() {
    let repo = faulty();
    let run = check(&repo, &["--output", "json=missing/report.json", "--output", "text"], &[]);
    assert_eq!(run.code, 3, "an unwritten report takes precedence over findings");
    assert!(run.stdout.contains("status-invalid"), "the other report is still written");
    let place = repo.place("missing/report.json");
    assert!(run.stderr.starts_with(&format!("kepgate: could not write the report to {}: ", place.display())));
    for full in [&["check", "--base", "main", "--head", "main"][..], &["rules"], &["explain", "status-invalid"]] {
        let mut command = kepgate(repo.path());
        let device = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command.args(full).stdout(device).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{full:?}: {said}");
        assert!(said.contains("could not write"), "{said}");
    }
}

/// git opens a file that nobody ever writes to.
#[test]
fn check_that_hangs_exits_with_3_at_the_deadline() {
    let repo = faulty();
    let made = Command::new("mkfifo").arg(repo.place(".git/packed-refs")).status().unwrap();
    assert!(made.success());
    let run = check(&repo, &["--timeout", "1s"], &[]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("the check did not finish within 1s"), "{}", run.stdout);
    assert!(run.stdout.contains("--timeout"), "{}", run.stdout);
}

/// Line and column are those of the file, although the text that is shown is longer.
#[test]
fn text_shows_invisible_characters_and_the_columns_of_the_file() {
    let repo = faulty();
    repo.branch("hidden");
    repo.write(KEP, kep_with(&[("status", "\"a\u{202e}b\u{200b}\" # c"), ("see-also", "/keps/nowhere")]));
    repo.commit();
    let run = within_bounds(kepgate(repo.path()).args(["check", "--base", "main", "--head", "hidden"]));
    let lines: Vec<_> = run.stdout.lines().collect();
    let shown = lines.iter().position(|line| line.contains("status: \"a\\u{202e}b\\u{200b}\" # c")).unwrap();
    let start = lines[shown].find("\"a").unwrap();
    let underlined = "\"a\\u{202e}b\\u{200b}\"".len();
    assert_eq!(lines[shown + 1].find('^'), Some(start), "{}", run.stdout);
    assert_eq!(lines[shown + 1].matches('^').count(), underlined, "{}", run.stdout);
    assert!(
        run.stdout.contains("error[status-invalid]: `a\\u{202e}b\\u{200b}` is not a valid status"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains(&format!("--> {KEP}:8:9\n")), "{}", run.stdout);
}

#[test]
fn github_actions_step_writes_annotations_and_a_summary() {
    let repo = faulty();
    repo.write("summary.md", "What another step wrote.\n\n");
    let summary = repo.place("summary.md");
    let step = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    let run = check(&repo, &[], &step);
    let annotations = commands(&run.stdout);
    let titles: Vec<_> = annotations.iter().map(|it| it.properties.last().unwrap().1.as_str()).collect();
    assert_eq!(
        titles,
        ["prr-approver-unknown", "status-invalid", "handle-malformed"].map(|rule| format!("{rule} · KEP-1234"))
    );
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let written = repo.read("summary.md");
    assert!(written.starts_with("What another step wrote.\n\n### ❌ kepgate: "), "{written}");
    // `--output` replaces both.
    let run = check(&repo, &["--output", "json"], &step);
    assert!(run.stdout.starts_with('{'));
    assert_eq!(repo.read("summary.md"), written);
    // Without GITHUB_STEP_SUMMARY, no summary is written. GITHUB_ACTIONS only counts if it is `true`.
    assert!(check(&repo, &[], &step[..1]).stdout.starts_with("::stop-commands::"));
    assert!(check(&repo, &[], &[("GITHUB_ACTIONS", "false")]).stdout.starts_with("error["));
    let nowhere = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "missing/summary.md")];
    assert_eq!(check(&repo, &[], &nowhere).code, 3);
}

#[test]
fn tenth_annotation_counts_the_rest() {
    let repo = faulty();
    repo.git(&["switch", "--quiet", "topic"]);
    let many = format!("odile-varga{}", "\n  - a b".repeat(19));
    repo.write(KEP, kep_with(&[("status", "implementible"), ("reviewers", &many)]));
    repo.commit();
    let annotations = commands(&check(&repo, &["--output", "github"], &[]).stdout);
    let warnings: Vec<_> = annotations.iter().filter(|annotation| annotation.name == "warning").collect();
    let (last, others) = warnings.split_last().unwrap();
    assert_eq!(others.len(), 9);
    assert!(others.iter().all(|warning| warning.properties.last().unwrap().1 == "handle-malformed · KEP-1234"));
    assert!(last.data.starts_with("11 warnings more"), "{}", last.data);
    assert!(last.data.contains("handle-malformed") && !last.data.contains("status-invalid"), "{}", last.data);
    assert_eq!(annotations.iter().filter(|annotation| annotation.name == "error").count(), 2);
}

#[test]
fn quiet_omits_pre_existing_findings() {
    let repo = TestRepo::folders();
    let many = kep_with(&[("reviewers", &format!("x y{}", "\n  - x y".repeat(1_100)))]);
    repo.write(format!("base/{KEP}"), &many);
    repo.write(format!("head/{KEP}"), many + "# edited\n");
    let mut command = kepgate(repo.path());
    command.args(["check", "--base-dir", "base", "--head-dir", "head", "--quiet"]);
    let run = within_bounds(&command);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
}

#[test]
fn stop_token_differs_between_runs() {
    let repo = faulty();
    let [one, other] = [(); 2].map(|()| check(&repo, &["--output", "github"], &[]).stdout);
    let token = |log: &str| log.lines().next().unwrap().to_owned();
    assert_ne!(token(&one), token(&other));
    assert_eq!(token(&one).len(), "::stop-commands::kepgate-".len() + 32);
}

#[test]
fn errors_are_reported_in_every_format() {
    let repo = faulty();
    for format in ["text", "github", "markdown", "json"] {
        let mut command = kepgate(repo.path());
        command.args(["check", "--base", "nowhere", "--head", "topic", "--output", format]);
        let run = within_bounds(&command);
        assert_page(&format!("failed-{format}"), &redacted(&run), Some(&repo));
    }
}

#[test]
fn closed_standard_output_is_not_an_error() {
    let repo = faulty();
    let page = "kep.yaml: x\n".repeat(50_000);
    repo.write("head/keps/sig-node/1234-x/kep.yaml", page);
    repo.write("base/keps/sig-node/1233-x/kep.yaml", kep_with(&[]));
    let check = "check --base-dir base --head-dir head --fail-on never --output";
    let lines = [
        "rules",
        "rules --json",
        "explain status-invalid",
        "--help",
        &format!("{check} json"),
        &format!("{check} text"),
    ]
    .map(|arguments| format!("({} {arguments}; echo $? >&2) | head -c 1", env!("CARGO_BIN_EXE_kepgate")));
    for line in lines {
        let output = Command::new("sh").args(["-c", &line]).current_dir(repo.path()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, "0\n", "{line}");
    }
}

#[test]
fn text_has_color_only_if_enabled() {
    let repo = faulty();
    for (arguments, is_colored) in [
        (&[][..], false),
        (&["--color", "never"], false),
        (&["--color", "always"], true),
        (&["--color", "always", "--output", "text=log.txt"], true),
    ] {
        let run = check(&repo, arguments, &[("NO_COLOR", "")]);
        let text = if arguments.len() == 4 { repo.read("log.txt") } else { run.stdout };
        assert_eq!(text.contains('\u{1b}'), is_colored, "{arguments:?}");
    }
}

#[test]
fn explain_fits_the_terminal() {
    let repo = TestRepo::new();
    let page = |columns: Option<&str>| {
        let mut command = kepgate(repo.path());
        command.args(["explain", "prr-question-unanswered"]);
        command.envs(columns.map(|columns| ("COLUMNS", columns)));
        run(&mut command).1
    };
    let narrow = page(Some("72"));
    let mut is_code = false;
    for line in narrow.lines() {
        is_code ^= line.starts_with("```");
        let keeps = is_code || line.starts_with('#') || !line.contains(' ');
        assert!(keeps || line.chars().count() <= 72, "{line}");
    }
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&narrow), words(&page(None)));
    assert!(page(None).lines().any(|line| line.len() > 300), "a file has one line for each paragraph");
}
