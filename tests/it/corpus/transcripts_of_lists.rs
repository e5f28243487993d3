//! The tasks of people who look at many KEPs, run on real data. `tests/tables/transcripts/` has the output at a width
//! of 80 and of 200 columns.

use std::fmt::Write as _;
use std::path::Path;

use unicode_width::UnicodeWidthStr;

use crate::support::corpus::{assert_table, clone, corpus, git};
use crate::support::{TestRepo, kepgate, within_bounds};

/// A day between the two freezes of v1.36.
const NOW: &str = "2026-02-10T12:00Z";

/// A question, and the commands that answer it.
type Task = (&'static str, &'static [&'static str]);

const SIG_LEAD: &[Task] = &[
    (
        "Which KEPs of my SIG target the next release?",
        &[
            "query --sig ^sig-auth$ --release v1.36",
            "query --sig ^sig-auth$ --release v1.36 --columns KEP,title,authors --sort title",
        ],
    ),
    (
        "Which of them are open but target no release of this year?",
        &["query --sig ^sig-auth$ --status implementable --release v1.33,v1.34 --sort Milestone,KEP"],
    ),
    ("Who reviews their production readiness?", &["query --by approver --sig ^sig-auth$ --release v1.36"]),
    ("What should I close?", &["query --sig ^sig-auth$ --stage stable --status implementable --sort milestone"]),
    ("What if I mistype?", &["query --sig sig-aut$", "query --release v1.63", "query --approver @deads2l"]),
];

const RELEASE_LEAD: &[Task] = &[
    ("When are the freezes?", &["calendar --release v1.36"]),
    ("Which KEPs are in, and which are at risk?", &["readiness --release v1.36"]),
    ("What was the state before the freeze of the last release?", &["readiness --release v1.35 --at 2025-10-15"]),
    ("Which KEPs wait for an approver?", &["query --needs-prr --release v1.36"]),
    ("Which metadata is outdated?", &["readiness --sweep"]),
];

const OTHER_PROJECT: &[Task] = &[
    ("What does kepgate think of my repository?", &["rules"]),
    ("Which KEPs are there, and what is their status?", &["query --sort -kep", "query --status provisional"]),
    ("Does somebody wait for me?", &["query --author @mimowo --status implementable", "query --prr @mimowo"]),
];

/// Runs the tasks in `folder` and compares the output with the transcripts. Except for `rules`, it must fit the width.
fn play(name: &str, folder: &Path, tasks: &[Task]) {
    for columns in [80, 200] {
        let mut transcript = String::new();
        for (question, lines) in tasks {
            writeln!(transcript, "# {question}\n").unwrap();
            for line in *lines {
                let mut command = kepgate(folder);
                command.args(line.split(' ')).env("KEPGATE_NOW", NOW).env("COLUMNS", columns.to_string());
                let run = within_bounds(&command);
                writeln!(transcript, "$ kepgate {line}").unwrap();
                transcript.push_str(&run.stdout);
                transcript.push_str(&run.stderr);
                if run.code != 0 {
                    writeln!(transcript, "(exit status {})", run.code).unwrap();
                }
                transcript.push('\n');
                if !line.starts_with("rules") {
                    let widest = run.stdout.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
                    assert!(widest <= columns, "{line}: {widest} columns of {columns}\n{}", run.stdout);
                }
            }
        }
        assert_table(&format!("transcripts/{name}-{columns}.txt"), &transcript);
    }
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn sig_lead() {
    play("sig-lead", clone(), SIG_LEAD);
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn release_lead() {
    play("release-lead", clone(), RELEASE_LEAD);
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn maintainer_of_another_project() {
    let repo = TestRepo::new();
    let bundle = corpus().join("projects/kueue.bundle");
    git(repo.path(), &["clone", "--quiet", "--branch", "main", bundle.to_str().unwrap(), "clone"]);
    play("other-project", &repo.place("clone"), OTHER_PROJECT);
}
