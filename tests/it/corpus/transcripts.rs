//! What a KEP author and a production readiness approver see on the real data, as committed transcripts.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::corpus::{assert_table, clone, git};
use crate::support::kepgate;

/// Before the freezes of v1.36.
const NOW: &str = "2026-01-20T12:00Z";

/// A step: a thought of the person, and the command or the edit that follows.
enum Step {
    Run(&'static str, &'static str),
    /// A file, the text in it to replace, and the new text.
    Edit(&'static str, &'static str, [&'static str; 2]),
}

use Step::{Edit, Run};

const CRI: &str = "keps/sig-node/5825-cri-pagination/kep.yaml";

/// A new KEP, then a promotion with typing errors.
const AUTHOR: &[Step] = &[
    Run("Which groups are there?", "new --sig sig-nod --number 6001 --title 'Quiet hours' --author @me"),
    Run("Start a KEP.", "new --sig sig-node --number 6001 --title 'Quiet hours' --author @me"),
    Run("What is missing?", "status 6001"),
    Run("Where is the other KEP?", "status 5825"),
    Run("Is anything wrong with it?", "check 5825"),
    Run("Promote it.", "promote 5825 --stage beta --release v1.35 --prr-approver jpbetz --dry-run"),
    Run("To the right release.", "promote 5825 --stage beta --release v1.37 --prr-approver jpbetz"),
    Run("It was planned for the same stage again.", "promote 5825 --stage beta --release v1.38 --prr-approver soltysh"),
    Edit("Type a few things wrong.", CRI, ["stage: beta", "stagee: Beta"]),
    Edit("", CRI, ["status: implementable", "status: implementeable"]),
    Run("What did I do?", "check 5825 --quiet"),
    Run("Fix it.", "check 5825 --fix"),
    Run("Is it good now?", "status 5825"),
];

/// An approver goes from a KEP to its questions.
const APPROVER: &[Step] = &[
    Run("Where is this KEP, and which questions are open?", "status 4205"),
    Run("The list of questions for a comment.", "status 4205 --output markdown"),
    Run("What would a check say about it?", "check 4205"),
    Run("A KEP by its directory.", "status keps/sig-node/5825-cri-pagination"),
    Run("A KEP that does not exist.", "status 99999"),
];

/// Runs the steps in a clone and returns the transcript.
fn play(steps: &[Step], columns: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let repo = folder.path();
    git(repo, &["clone", "--quiet", "--shared", clone().to_str().unwrap(), "."]);
    let mut transcript = String::new();
    for step in steps {
        let (thought, shown) = match step {
            Run(thought, line) => (*thought, run(repo, line, columns)),
            Edit(thought, path, [old, new]) => {
                let text = fs::read_to_string(repo.join(path)).unwrap();
                assert!(text.contains(old), "{path}: {old}");
                fs::write(repo.join(path), text.replacen(old, new, 1)).unwrap();
                (*thought, format!("(in {path}: {old} -> {new})\n"))
            }
        };
        let thought = if thought.is_empty() { String::new() } else { format!("# {thought}\n") };
        transcript.push_str(&format!("{thought}{shown}\n"));
    }
    transcript
}

/// The command, what it prints, and its exit status unless it is 0.
fn run(repo: &Path, line: &str, columns: usize) -> String {
    let mut command: Command = kepgate(repo);
    command.env("KEPGATE_NOW", NOW).env("KEPGATE_HANDLE", "ida-r").env("COLUMNS", columns.to_string());
    let output = command.args(words(line)).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    // Standard error comes first, as on the screen. Omit the time of a check, the only part that differs between runs.
    let steady = |line: &str| match line.rsplit_once(", in ") {
        Some((rest, time)) if line.starts_with("kepgate: ") && time.ends_with('s') => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    let shown: String = err.lines().chain(out.lines()).map(steady).collect();
    let exit = output.status.code().filter(|code| *code != 0).map(|code| format!("(exit {code})\n"));
    format!("$ kepgate {line}\n{shown}{}", exit.unwrap_or_default())
}

/// Splits a line at spaces outside single quotes.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(index, part)| match index % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn transcripts_of_an_author_and_an_approver() {
    for (name, steps) in [("author", AUTHOR), ("approver", APPROVER)] {
        for columns in [80, 200] {
            let transcript = play(steps, columns);
            assert_table(&format!("transcripts/{name}-{columns}.txt"), &transcript);
        }
    }
}
