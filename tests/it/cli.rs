//! The command line, as it looks: every page that kepgate prints stands in `snapshots/`.

use std::path::Path;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::sandbox::{APPROVAL, KEP, Run, SOUND_APPROVAL, Sandbox, commands, kep_with, within_bounds};
use crate::support::{kepgate, run};

/// A repository in which `topic` misspells a status, forgets an `@`, names an unknown approver, and leaves a bad
/// reference where it was; its commits have the same ids in every run.
fn faulty() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet", "--initial-branch=main"]);
    sandbox.write("OWNERS_ALIASES", crate::sandbox::ALIASES);
    sandbox.write(KEP, kep_with(&[("see-also", "/keps/nowhere")]));
    sandbox.write(APPROVAL, SOUND_APPROVAL);
    sandbox.commit();
    sandbox.branch("topic");
    let values = [("see-also", "/keps/nowhere"), ("status", "implementible"), ("reviewers", "odile-varga")];
    sandbox.write(KEP, kep_with(&values));
    sandbox.write(APPROVAL, SOUND_APPROVAL.replace("@petra-solm", "@petra-slom"));
    sandbox.commit();
    sandbox
}

/// `kepgate check` of the faulty change, with these arguments and variables.
fn check(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = kepgate(sandbox.path());
    command.args(["check", "--base", "main", "--head", "topic"]).args(arguments).envs(variables.iter().copied());
    within_bounds(&command)
}

/// What a run says, with what differs from run to run taken out.
fn redacted(run: &Run) -> String {
    let mut text = format!("exit: {}\n--- stdout\n{}", run.code, run.stdout);
    if !run.stderr.is_empty() {
        text.push_str(&format!("--- stderr\n{}", run.stderr));
    }
    text
}

/// Compares with the snapshot of this name, ids, times, tokens, versions and folders aside.
pub(crate) fn assert_page(name: &str, page: &str, sandbox: Option<&Sandbox>) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("snapshots");
    settings.set_omit_expression(true);
    settings.add_filter(r"\b[0-9a-f]{40}\b", "[commit]");
    settings.add_filter(r"\b[0-9a-f]{12}\b", "[commit]");
    settings.add_filter(r"in \d+(\.\d+)?(ns|µs|ms|s):", "in [time]:");
    settings.add_filter(r"kepgate-[0-9a-f]{32}", "[token]");
    settings.add_filter(&regex(env!("CARGO_PKG_VERSION")), "[version]");
    if let Some(sandbox) = sandbox {
        settings.add_filter(&regex(sandbox.path().to_str().unwrap()), "[folder]");
    }
    settings.bind(|| assert_snapshot!(name, page));
}

/// The text as a regular expression that matches nothing else.
fn regex(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_alphanumeric() { character.to_string() } else { format!("\\{character}") })
        .collect()
}

fn says(arguments: &[&str]) -> Run {
    let (code, stdout, stderr) = run(kepgate(Path::new("/")).args(arguments));
    Run { code, stdout, stderr }
}

#[test]
fn help_is_a_page_of_words() {
    assert_page("help", &redacted(&says(&["--help"])), None);
    assert_page("check-help", &redacted(&says(&["check", "--help"])), None);
    assert_page("toc-help", &redacted(&says(&["toc", "--help"])), None);
    assert_page("nothing-to-do", &redacted(&says(&[])), None);
    assert_page("version", &redacted(&says(&["--version"])), None);
}

#[test]
fn rules_are_listed_and_explained() {
    assert_page("rules", &redacted(&says(&["rules"])), None);
    assert_page("explain", &redacted(&says(&["explain", "status-invalid"])), None);
    assert_page("explain-misspelt", &redacted(&says(&["explain", "status-invlaid"])), None);
    assert_page("explain-nothing", &redacted(&says(&["explain", "x\u{1b}[31m"])), None);
}

#[test]
fn a_report_for_each_reader() {
    let sandbox = faulty();
    assert_page("text", &redacted(&check(&sandbox, &[], &[])), Some(&sandbox));
    assert_page("quiet", &redacted(&check(&sandbox, &["--quiet"], &[])), Some(&sandbox));
    assert_page("color", &redacted(&check(&sandbox, &["--color", "always", "--quiet"], &[])), Some(&sandbox));
    assert_page("github", &redacted(&check(&sandbox, &["--output", "github"], &[])), Some(&sandbox));
    assert_page("markdown", &redacted(&check(&sandbox, &["--output", "markdown"], &[])), Some(&sandbox));
    assert_page("json", &redacted(&check(&sandbox, &["--output", "json"], &[])), Some(&sandbox));
}

#[test]
fn the_summary_links_to_the_lines() {
    let sandbox = faulty();
    for (variables, server) in [
        (&[("GITHUB_REPOSITORY", "kubernetes/enhancements")][..], "https://github.com"),
        (
            &[("GITHUB_REPOSITORY", "kubernetes/enhancements"), ("GITHUB_SERVER_URL", "https://ghe.example.org")],
            "https://ghe.example.org",
        ),
    ] {
        let run = check(&sandbox, &["--output", "markdown"], variables);
        let link = format!("]({server}/kubernetes/enhancements/blob/{}/{KEP}#L8)", sandbox.id("topic"));
        assert!(run.stdout.contains(&link), "{link} is not in {}", run.stdout);
        crate::sandbox::check_summary(&run.stdout, Some(&format!("{server}/kubernetes/enhancements/blob/")));
    }
    let variables = [("GITHUB_REPOSITORY", "o/r"), ("GITHUB_SERVER_URL", "")];
    assert!(check(&sandbox, &["--output", "markdown"], &variables).stdout.contains("](https://github.com/o/r/blob/"));
}

#[test]
fn what_is_clean_is_said_in_a_line() {
    let sandbox = faulty();
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.git(&["branch", "--quiet", "--force", "topic", "main"]);
    assert_page("nothing-changed", &redacted(&check(&sandbox, &[], &[])), Some(&sandbox));
    assert_page("nothing-changed-markdown", &redacted(&check(&sandbox, &["--output", "markdown"], &[])), None);
    assert_page("nothing-changed-quiet", &redacted(&check(&sandbox, &["--quiet"], &[])), None);
    sandbox.git(&["switch", "--quiet", "topic"]);
    sandbox.write(KEP, format!("{}# edited\n", sandbox.read(KEP)));
    sandbox.commit();
    assert_page("clean", &redacted(&check(&sandbox, &[], &[])), Some(&sandbox));
    assert_page("clean-markdown", &redacted(&check(&sandbox, &["--output", "markdown"], &[])), Some(&sandbox));
}

#[test]
fn the_threshold_decides_and_nothing_else() {
    let sandbox = faulty();
    sandbox.git(&["switch", "--quiet", "topic"]);
    let exit = |arguments: &[&str]| check(&sandbox, arguments, &[]).code;
    assert_eq!([exit(&[]), exit(&["--fail-on", "warning"]), exit(&["--fail-on", "never"])], [1, 1, 0]);
    // One new warning, no new error.
    sandbox.write(KEP, kep_with(&[("see-also", "/keps/nowhere"), ("reviewers", "odile-varga")]));
    sandbox.write(APPROVAL, SOUND_APPROVAL);
    sandbox.commit();
    assert_eq!([exit(&[]), exit(&["--fail-on", "warning"]), exit(&["--fail-on", "never"])], [0, 1, 0]);
    assert_eq!(exit(&["--strict"]), 0, "the old finding is a warning, too");
    // Nothing new at all.
    sandbox.write(KEP, format!("{}# edited\n", kep_with(&[("see-also", "/keps/nowhere")])));
    sandbox.commit();
    assert_eq!([exit(&["--fail-on", "warning"]), exit(&["--fail-on", "warning", "--strict"])], [0, 1]);
    assert_eq!(exit(&["--fail-on", "notice"]), 2, "no such level");
}

#[test]
fn never_to_fail_is_not_to_say_that_all_is_well() {
    let sandbox = faulty();
    let run = check(&sandbox, &["--fail-on", "never", "--output", "json"], &[]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &report["exit"], &report["verdict"]), (0, &0.into(), &"findings".into()));
    assert_eq!(report["counts"]["error"], 2);
    let run = check(&sandbox, &["--fail-on", "never", "--base", "nowhere"], &[]);
    assert_eq!(run.code, 2, "the base is given twice, or is not there: either way it is no pass");
}

#[test]
fn one_report_goes_to_standard_output() {
    let sandbox = faulty();
    assert_page("two-reports", &redacted(&check(&sandbox, &["--output", "text", "--output", "json"], &[])), None);
    for bad in ["xml", "json=", "", "=x", "JSON"] {
        assert_eq!(check(&sandbox, &["--output", bad], &[]).code, 2, "{bad}");
    }
    let run = check(&sandbox, &["--output", "json=a=b.json", "--output", "text=log.txt"], &[]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (1, "", ""));
    assert!(sandbox.read("a=b.json").starts_with('{') && sandbox.read("log.txt").contains("status-invalid"));
}

#[test]
fn a_report_that_cannot_be_written_is_no_pass() {
    let sandbox = faulty();
    let run = check(&sandbox, &["--output", "json=missing/report.json", "--output", "text"], &[]);
    assert_eq!(run.code, 3, "what could not be told beats what was found");
    assert!(run.stdout.contains("status-invalid"), "the other report is written all the same");
    let place = sandbox.place("missing/report.json");
    assert!(run.stderr.starts_with(&format!("kepgate: could not write the report to {}: ", place.display())));
    for full in [&["check", "--base", "main", "--head", "main"][..], &["rules"], &["explain", "status-invalid"]] {
        let mut command = kepgate(sandbox.path());
        let device = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command.args(full).stdout(device).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{full:?}: {said}");
        assert!(said.contains("could not write"), "{said}");
    }
}

/// git opens a file that nobody ever writes to.
#[test]
fn a_check_that_waits_for_ever_ends_with_a_report() {
    let sandbox = faulty();
    let made = Command::new("mkfifo").arg(sandbox.place(".git/packed-refs")).status().unwrap();
    assert!(made.success());
    let run = check(&sandbox, &["--timeout", "1s"], &[]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("the check did not finish within 1s"), "{}", run.stdout);
    assert!(run.stdout.contains("--timeout"), "{}", run.stdout);
}

/// The columns are those of the file, though what the terminal shows of it is longer.
#[test]
fn invisible_characters_are_shown_under_the_right_columns() {
    let sandbox = faulty();
    sandbox.branch("hidden");
    sandbox.write(KEP, kep_with(&[("status", "\"a\u{202e}b\u{200b}\" # c"), ("see-also", "/keps/nowhere")]));
    sandbox.commit();
    let mut command = kepgate(sandbox.path());
    let run = within_bounds(command.args(["check", "--base", "main", "--head", "hidden"]));
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
fn a_step_of_github_actions_gets_annotations_and_a_summary() {
    let sandbox = faulty();
    sandbox.write("summary.md", "What another step wrote.\n\n");
    let summary = sandbox.place("summary.md");
    let step = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    let run = check(&sandbox, &[], &step);
    let annotations = commands(&run.stdout);
    let titles: Vec<_> = annotations.iter().map(|it| it.properties.last().unwrap().1.as_str()).collect();
    assert_eq!(titles, ["prr-approver-unknown", "status-invalid", "handle-malformed"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let written = sandbox.read("summary.md");
    assert!(written.starts_with("What another step wrote.\n\n## kepgate: "), "{written}");
    // What is asked for replaces both.
    let run = check(&sandbox, &["--output", "json"], &step);
    assert!(run.stdout.starts_with('{'));
    assert_eq!(sandbox.read("summary.md"), written);
    // Without a summary there is none, and a variable that says something else says nothing.
    assert!(check(&sandbox, &[], &step[..1]).stdout.starts_with("::stop-commands::"));
    assert!(check(&sandbox, &[], &[("GITHUB_ACTIONS", "false")]).stdout.starts_with("error["));
    let nowhere = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "missing/summary.md")];
    assert_eq!(check(&sandbox, &[], &nowhere).code, 3);
}

#[test]
fn the_tenth_annotation_tells_of_the_rest() {
    let sandbox = faulty();
    sandbox.git(&["switch", "--quiet", "topic"]);
    let many = format!("odile-varga{}", "\n  - a b".repeat(19));
    sandbox.write(KEP, kep_with(&[("status", "implementible"), ("reviewers", &many)]));
    sandbox.commit();
    let annotations = commands(&check(&sandbox, &["--output", "github"], &[]).stdout);
    let warnings: Vec<_> = annotations.iter().filter(|annotation| annotation.name == "warning").collect();
    let (last, others) = warnings.split_last().unwrap();
    assert_eq!(others.len(), 9);
    assert!(others.iter().all(|warning| warning.properties.last().unwrap().1 == "handle-malformed"));
    assert!(last.data.starts_with("11 warnings more"), "{}", last.data);
    assert!(last.data.contains("handle-malformed") && !last.data.contains("status-invalid"), "{}", last.data);
    assert_eq!(annotations.iter().filter(|annotation| annotation.name == "error").count(), 2);
}

#[test]
fn quiet_says_nothing_of_old_debt_however_much_there_is() {
    let sandbox = Sandbox::folders();
    let many = kep_with(&[("reviewers", &format!("x y{}", "\n  - x y".repeat(1_100)))]);
    sandbox.write(format!("base/{KEP}"), &many);
    sandbox.write(format!("head/{KEP}"), many + "# edited\n");
    let mut command = kepgate(sandbox.path());
    command.args(["check", "--base-dir", "base", "--head-dir", "head", "--quiet"]);
    let run = within_bounds(&command);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
}

#[test]
fn the_stop_token_is_another_in_every_run() {
    let sandbox = faulty();
    let [one, other] = [(); 2].map(|()| check(&sandbox, &["--output", "github"], &[]).stdout);
    let token = |log: &str| log.lines().next().unwrap().to_owned();
    assert_ne!(token(&one), token(&other));
    assert_eq!(token(&one).len(), "::stop-commands::kepgate-".len() + 32);
}

#[test]
fn what_went_wrong_is_said_in_every_format() {
    let sandbox = faulty();
    for format in ["text", "github", "markdown", "json"] {
        let mut command = kepgate(sandbox.path());
        command.args(["check", "--base", "nowhere", "--head", "topic", "--output", format]);
        let run = within_bounds(&command);
        assert_page(&format!("failed-{format}"), &redacted(&run), Some(&sandbox));
    }
}

#[test]
fn a_reader_who_has_read_enough_is_no_fault() {
    let sandbox = faulty();
    let page = "kep.yaml: x\n".repeat(50_000);
    sandbox.write("head/keps/sig-node/1234-x/kep.yaml", page);
    sandbox.write("base/keps/sig-node/1233-x/kep.yaml", kep_with(&[]));
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
        let output = Command::new("sh").args(["-c", &line]).current_dir(sandbox.path()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, "0\n", "{line}");
    }
}

#[test]
fn text_has_colours_only_where_they_are_asked_for() {
    let sandbox = faulty();
    for (arguments, is_colored) in [
        (&[][..], false),
        (&["--color", "never"], false),
        (&["--color", "always"], true),
        (&["--color", "always", "--output", "text=log.txt"], true),
    ] {
        let run = check(&sandbox, arguments, &[("NO_COLOR", "")]);
        let text = if arguments.len() == 4 { sandbox.read("log.txt") } else { run.stdout };
        assert_eq!(text.contains('\u{1b}'), is_colored, "{arguments:?}");
    }
}
