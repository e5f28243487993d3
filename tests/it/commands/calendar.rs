//! `kepgate calendar`, and the clock for rules about releases.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::corpus::corpus;
use crate::support::{ALIASES, KEP, PRR_FILE, SAMPLE_PRR, TestRepo, git_at, kep_with, kepgate, run};

/// The dates on the pages of SIG Release, transcribed by hand: minor release, Production Readiness Freeze,
/// Enhancements Freeze, Code Freeze, release day.
const PAGES: &[(u32, &str, &str, &str, &str)] = &[
    (26, "2022-09-29", "2022-10-07T01:00Z", "2022-11-09T01:00Z", "2022-12-09"),
    (27, "2023-02-02", "2023-02-10T01:00Z", "2023-03-15T01:00Z", "2023-04-11"),
    (28, "2023-06-08", "2023-06-16T01:00Z", "2023-07-19T01:00Z", "2023-08-15"),
    (29, "2023-09-28", "2023-10-06T01:00Z", "2023-11-01T01:00Z", "2023-12-13"),
    (30, "2024-02-01", "2024-02-09T02:00Z", "2024-03-06T02:00Z", "2024-04-17"),
    (31, "2024-06-06", "2024-06-14T02:00Z", "2024-07-24T02:00Z", "2024-08-13"),
    (32, "2024-10-03", "2024-10-11T02:00Z", "2024-11-08T02:00Z", "2024-12-11"),
    (33, "2025-02-06", "2025-02-14T02:00Z", "2025-03-21T02:00Z", "2025-04-23"),
    (34, "2025-06-12", "2025-06-20T21:00Z", "2025-07-25T02:00Z", "2025-08-27"),
    (35, "2025-10-10T12:00Z", "2025-10-17T12:00Z", "2025-11-07T12:00Z", "2025-12-17"),
];

/// The three freezes and the release day.
type Dates = (&'static str, &'static str, &'static str, &'static str);

/// Earlier pages: their dates, or why they are refused.
const EARLIER: &[(u32, Result<Dates, &str>)] = &[
    (21, Err("README.md:42: Enhancements Freeze: `Tuesday, February 9th` has no year")),
    (22, Err("README.md:41: Enhancements Freeze: `Thursday, May 13th` has no year")),
    (
        23,
        Err(
            "README.md:64: Begin Enhancements Freeze (23:59 PDT): `Thu September 9, 2021 23:59 PDT` has no time in UTC",
        ),
    ),
    (24, Ok(("2022-01-27", "2022-02-04T02:00Z", "2022-03-30T01:00Z", "2022-05-03"))),
    (25, Ok(("2022-06-16", "2022-06-24T01:00Z", "2022-08-03T01:00Z", "2022-08-23"))),
];

fn entry(minor: u32, (prr, enhancements, code, release): (&str, &str, &str, &str)) -> String {
    format!(
        "v1.{minor}:\n  prr-freeze: {prr}\n  enhancements-freeze: {enhancements}\n  code-freeze: {code}\n  release: {release}\n"
    )
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn every_sig_release_page_is_imported_or_refused_with_a_reason() {
    let corpus = corpus();
    let import = |minor: u32| {
        let folder = corpus.join(format!("sig-release/release-1.{minor}"));
        run(kepgate(&folder).args(["calendar", "import", "README.md"]))
    };
    for (minor, prr, enhancements, code_freeze, release) in PAGES {
        let expected = entry(*minor, (prr, enhancements, code_freeze, release));
        assert_eq!(import(*minor), (0, expected, String::new()), "v1.{minor}");
    }
    for (minor, expected) in EARLIER {
        let (code, stdout, stderr) = import(*minor);
        match expected {
            Ok(dates) => {
                assert_eq!((code, stdout), (0, entry(*minor, *dates)), "v1.{minor}: {stderr}");
            }
            Err(why) => {
                assert_eq!((code, stdout.as_str()), (2, ""), "v1.{minor}");
                assert_eq!(stderr.lines().next(), Some(format!("kepgate: {why}").as_str()));
            }
        }
    }
}

#[test]
fn built_in_dates_match_the_sig_release_pages() {
    let repo = TestRepo::new();
    for (minor, prr, enhancements, code_freeze, release) in PAGES {
        let only = format!("v1.{minor}");
        let (code, stdout, _) = run(kepgate(repo.path()).args(["calendar", "--output", "yaml", "--release", &only]));
        assert_eq!((code, stdout), (0, entry(*minor, (prr, enhancements, code_freeze, release))));
    }
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn exceptions_files_with_headings_are_read() {
    let corpus = corpus();
    let repo = TestRepo::folders();
    let files = (21..=35).map(|minor| (minor, corpus.join(format!("sig-release/release-1.{minor}/exceptions.yaml"))));
    let files: Vec<_> = files.filter(|(_, file)| file.exists()).collect();
    assert_eq!(files.len(), 14, "every file except v1.24's");
    for (minor, file) in files {
        let mut command = kepgate(repo.path());
        command.args(["check", "--base-dir", "base", "--head-dir", "head", "--exceptions"]).arg(&file);
        let (code, stdout, _) = run(&mut command);
        // Until v1.23, the file is a single list in which only comments separate the freezes.
        assert_eq!(code, if minor < 25 { 2 } else { 0 }, "v1.{minor}: {stdout}");
    }
}

#[test]
fn calendar_shows_the_next_deadline() {
    let repo = TestRepo::new();
    repo.write(KEP, kep_with(&[]));
    repo.write("OWNERS_ALIASES", ALIASES);
    repo.write(".github/kepgate.yaml", "calendar:\n  v1.39:\n    enhancements-freeze: 2027-02-10T12:00Z\n");
    let shown = |now: &str, release: &str| {
        let arguments = ["calendar", "--now", now, "--release", release, "--output", "json"];
        let (code, stdout, stderr) = run(kepgate(repo.path()).args(arguments));
        assert_eq!((code, stderr.as_str()), (0, ""));
        serde_json::from_str::<Value>(&stdout).unwrap()[0].clone()
    };
    let v34 = shown("2025-06-01", "v1.34");
    assert_eq!(v34["prr-freeze"], "2025-06-13T12:00:00Z", "the day of a date without a time ends at noon");
    assert_eq!(v34["enhancements-freeze"], "2025-06-20T21:00:00Z");
    assert_eq!(v34["out"], "2025-08-27");
    assert_eq!(v34["next"], "prr-freeze");
    assert_eq!(shown("2025-06-20T09:00Z", "1.34")["next"], "enhancements-freeze");
    assert_eq!(shown("2025-09-01", "v1.34")["next"], Value::Null);
    assert_eq!(shown("2026-09-01", "v1.38")["next"], "prr-freeze");
    assert_eq!(shown("2027-02-08T11:00Z", "v1.39")["next"], "enhancements-freeze");
    let in_words = |now: &str| run(kepgate(repo.path()).args(["calendar", "--now", now]).env("COLUMNS", "200")).1;
    assert!(in_words("2025-06-01").contains("Production Readiness Freeze in 11 days"));
    assert!(in_words("2025-06-20T09:00Z").contains("Enhancements Freeze in 12 hours"));
    assert!(in_words("2026-09-01").contains("KEP Readiness Deadline in 21 days"));
    let (code, _, stderr) = run(kepgate(repo.path()).args(["calendar", "--release", "v1.50"]));
    assert_eq!((code, stderr.lines().next()), (2, Some("kepgate: the calendar has no dates for v1.50")));
}

/// Each date, and what is next, is complete at any width.
#[test]
fn no_date_is_lost_on_a_narrow_terminal() {
    let repo = TestRepo::new();
    let shown = |width: usize, arguments: &[&str]| {
        let mut command = kepgate(repo.path());
        command.args(["calendar", "--now", "2026-02-06"]).args(arguments).env("COLUMNS", width.to_string());
        let (code, stdout, stderr) = run(&mut command);
        assert_eq!((code, stderr.as_str()), (0, ""));
        stdout
    };
    let wide = shown(400, &[]);
    assert!(
        wide.contains("\nThe Production Readiness Freeze from v1.38 on is called KEP Readiness Deadline.\n"),
        "{wide}"
    );
    let cells = wide.lines().skip(1).take_while(|line| !line.is_empty()).flat_map(|line| line.split("  "));
    let texts: Vec<_> = cells.map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect();
    assert!(texts.len() > 60 && texts.contains(&"Enhancements Freeze in 5 days".to_owned()), "{texts:?}");
    let mut forms = BTreeSet::new();
    for width in 40..=200 {
        let page = shown(width, &[]);
        for line in page.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        // A line that is wrapped goes on in the next one.
        let whole = page.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in &texts {
            assert!(whole.contains(text.as_str()), "{width}: {text} is missing in\n{page}");
        }
        for date in texts.iter().filter(|text| text.ends_with("UTC") || text.ends_with("(AoE)")) {
            assert!(page.contains(date.as_str()), "{width}: {date} is on two lines");
        }
        forms.insert((page.lines().count(), page.contains(" Next")));
    }
    assert!(forms.len() >= 3, "lines, two tables: {forms:?}");
}

#[test]
fn calendar_applications_can_import_it() {
    let repo = TestRepo::new();
    repo.write(KEP, kep_with(&[]));
    let calendar = |configuration: &str| {
        repo.write(".github/kepgate.yaml", configuration);
        let arguments = ["calendar", "--now", "2026-09-01T10:00Z", "--release", "v1.39", "--output", "ics"];
        let (code, stdout, stderr) = run(kepgate(repo.path()).args(arguments));
        assert_eq!((code, stderr.as_str()), (0, ""));
        stdout
    };
    let dates = "calendar:\n  v1.39:\n    code-freeze: 2027-03-10\n    release: 2027-04-14T15:00Z\n";
    let expected = "\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//kepgate//release calendar//EN
CALSCALE:GREGORIAN
NAME:Kubernetes freezes and releases
X-WR-CALNAME:Kubernetes freezes and releases
BEGIN:VEVENT
DESCRIPTION:By now\\, the code for v1.39 has to be merged.\\nThis is the end\x20
 of 2027-03-10 anywhere on Earth (AoE).
DTSTAMP:20260901T100000Z
DTSTART:20270311T120000Z
SUMMARY:Kubernetes v1.39 Code Freeze
TRANSP:TRANSPARENT
UID:kubernetes-v1.39-code-freeze@kepgate
END:VEVENT
BEGIN:VEVENT
DESCRIPTION:v1.39 is released.
DTSTAMP:20260901T100000Z
DTSTART:20270414T150000Z
SUMMARY:Kubernetes v1.39 release
TRANSP:TRANSPARENT
UID:kubernetes-v1.39-release@kepgate
END:VEVENT
END:VCALENDAR
";
    assert_eq!(calendar(dates), expected.replace('\n', "\r\n"));
    let own = calendar(&format!("project:\n  profile: plain\n  releases: own\n{dates}"));
    assert_eq!(
        own,
        expected
            .replace('\n', "\r\n")
            .replace("Kubernetes freezes", "Freezes")
            .replace("Kubernetes ", "")
            .replace("kubernetes-", "")
    );
}

#[test]
fn invalid_kepgate_now_is_a_usage_error() {
    let repo = TestRepo::folders();
    let mut command = kepgate(repo.path());
    command.args(["check", "--base-dir", "base", "--head-dir", "head"]).env("KEPGATE_NOW", "soon");
    let (code, stdout, _) = run(&mut command);
    assert_eq!(code, 2);
    assert!(stdout.contains("KEPGATE_NOW is `soon`, which is not a time"), "{stdout}");
}

#[test]
fn releases_without_dates_leave_their_rules_unchecked() {
    let repo = TestRepo::new();
    repo.write("base/OWNERS_ALIASES", ALIASES);
    repo.write("head/OWNERS_ALIASES", ALIASES);
    repo.write(format!("head/{KEP}"), kep_with(&[("latest-milestone", "v1.40"), ("milestone", "v1.40")]));
    repo.write(format!("head/{PRR_FILE}"), SAMPLE_PRR);
    let arguments = ["check", "--base-dir", "base", "--head-dir", "head", "--output", "json", "--now"];
    let unchecked = |now: &str| {
        let (code, stdout, _) = run(kepgate(repo.path()).args(arguments).arg(now));
        assert_eq!(code, 0, "unchecked warnings do not fail the check");
        let report: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(report["findings"], serde_json::json!([]));
        let entries = report["unchecked"].as_array().unwrap().iter();
        let entries = entries.map(|entry| ["rule", "reason"].map(|key| entry[key].as_str().unwrap().to_owned()));
        // Rules that need GitHub are left out.
        entries.filter(|[_, reason]| reason.starts_with("the calendar")).collect::<Vec<_>>()
    };
    // Later releases cannot freeze before v1.38.
    assert_eq!(unchecked("2026-09-30T11:59Z"), Vec::<[String; 2]>::new());
    let of =
        |rule: &str, what: &str| [rule.to_owned(), format!("the calendar does not say whether the {what} has passed")];
    assert_eq!(
        unchecked("2027-01-01"),
        [
            of("release-shipped", "Enhancements Freeze of v1.41"),
            of("release-frozen", "Enhancements Freeze of v1.40"),
            of("prr-freeze-passed", "KEP Readiness Deadline of v1.40"),
        ]
    );
}

/// Level and message of what a check on 2026-02-10 says of the freeze; the level is `unchecked` if it cannot tell.
fn freeze_finding(repo: &TestRepo, environment: &[(&str, &str)], arguments: &[&str]) -> Option<[String; 2]> {
    let mut command = kepgate(repo.path());
    command.args(["check", "--output", "json", "--now", "2026-02-10"]).args(arguments);
    let (code, stdout, stderr) = run(command.envs(environment.iter().copied()));
    assert_eq!(code, 0, "{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let found = report["findings"].as_array().unwrap().iter().find(|it| it["rule"] == "prr-freeze-passed").cloned();
    let unchecked = report["unchecked"].as_array().unwrap().iter().any(|it| it["rule"] == "prr-freeze-passed");
    let [level, message, help] = match found {
        Some(it) => ["level", "message", "help"].map(|key| it[key].as_str().unwrap().to_owned()),
        None => return unchecked.then(|| ["unchecked".to_owned(), String::new()]),
    };
    assert!(!unchecked);
    let or_merge = "if the pull request was open by then, merge it before the Enhancements Freeze \
                    (2026-02-12 12:00 UTC); otherwise, ";
    let late = "request an exception, or target v1.37";
    assert_eq!(help, if level == "notice" { format!("{or_merge}{late}") } else { late.to_owned() });
    Some([level, message])
}

/// A new KEP for v1.36, in a clone that has only commits to tell when it was proposed.
#[test]
fn commits_tell_when_a_change_was_proposed() {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    repo.write("OWNERS_ALIASES", ALIASES);
    let commit = |date: &str| {
        repo.git(&["add", "--all"]);
        git_at(repo.path(), &["commit", "--quiet", "--message=."], date);
    };
    commit("2026-01-01T12:00:00Z");
    repo.git(&["switch", "--quiet", "--create", "topic"]);
    repo.write(KEP, kep_with(&[]));
    commit("2026-02-05T11:59:59Z");
    repo.write(PRR_FILE, SAMPLE_PRR);
    commit("2026-02-08T12:00:00Z");
    let freeze = |environment: &[(&str, &str)], arguments: &[&str]| freeze_finding(&repo, environment, arguments);
    let says = |level: &str, what: &str| {
        Some([
            level.to_owned(),
            format!("the Production Readiness Freeze of v1.36 was on 2026-02-05 12:00 UTC, {what}"),
        ])
    };
    assert_eq!(freeze(&[], &["--base", "main", "--head", "topic"]), None, "its first commit is older than the freeze");
    // The commits of the target branch are not the change's.
    repo.git(&["switch", "--quiet", "--create", "rewritten", "main"]);
    repo.git(&["restore", "--source=topic", "."]);
    commit("2026-02-09T12:00:00Z");
    assert_eq!(
        freeze(&[], &["--base", "main", "--head", "rewritten"]),
        says("notice", "and no commit of the change is older")
    );
    // A shallow clone may lack an older commit.
    repo.write(".git/shallow", repo.id("main") + "\n");
    let unknown = Some(["unchecked".to_owned(), String::new()]);
    assert_eq!(freeze(&[], &["--base", "main", "--head", "rewritten"]), unknown);
    repo.remove(".git/shallow");
    // GitHub's event knows better.
    let (base, head) = (repo.id("main"), repo.id("rewritten"));
    for (opened, expected) in [
        ("2026-02-05T11:59:59Z", None),
        ("2026-02-05T12:00:00Z", says("warning", "before this pull request was opened")),
    ] {
        let ends = serde_json::json!({"base": {"sha": base, "ref": "main"}, "head": {"sha": head}});
        let mut pull = ends.as_object().unwrap().clone();
        pull.insert("number".to_owned(), 7.into());
        pull.insert("created_at".to_owned(), opened.into());
        repo.write("event.json", serde_json::json!({"pull_request": pull}).to_string());
        let path = repo.path().join("event.json");
        let environment = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", "pull_request"),
            ("GITHUB_EVENT_PATH", path.to_str().unwrap()),
        ];
        assert_eq!(freeze(&environment, &[]), expected, "{opened}");
    }
}

#[test]
fn invalid_exceptions_file_is_a_usage_error() {
    let repo = TestRepo::folders();
    repo.write("exceptions.yaml", "enhancementFreeze:\n- name: x\n  status: approved\n");
    repo.write("board.tsv", "Title\tURL\tStatus\n");
    for (argument, message) in [
        ("exceptions.yaml", "--exceptions exceptions.yaml does not name its release"),
        (
            "v1.35=exceptions.yaml",
            "--exceptions exceptions.yaml: enhancementFreeze[0]: missing field `issue` at line 2 column 3",
        ),
        (
            "v1.37=board.tsv",
            "--exceptions board.tsv: the export has no fields `Exception Request Type` and `Exception Status`",
        ),
        ("release-1.35/exceptions.yaml", "--exceptions release-1.35/exceptions.yaml: No such file or directory"),
    ] {
        let arguments = ["check", "--base-dir", "base", "--head-dir", "head", "--exceptions", argument];
        let (code, stdout, _) = run(kepgate(repo.path()).args(arguments));
        assert_eq!(code, 2, "{stdout}");
        assert!(stdout.contains(message), "{stdout}");
    }
}
