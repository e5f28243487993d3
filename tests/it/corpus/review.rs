//! `kepgate review` on real KEPs: which answers changed after their approval, and whether it names every question whose
//! answer has changed according to a simple parser.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use kepgate::history::{History, Line, Version, walk};
use kepgate::project::Profile;
use kepgate::source::git::Repository;
use serde_json::Value;

use crate::support::corpus::{assert_table, clone, git};
use crate::support::{kepgate, run};

/// A questionnaire with at least this many added or removed words counts as heavily changed.
const HEAVY: u64 = 50;
/// The first release that counts.
const FIRST_MINOR: u32 = 33;
/// The number of promotions to look at.
const PROMOTIONS: usize = 30;

/// Ten of the KEPs, compared by hand in the files of both commits.
const READ: &[(&str, &str)] = &[
    ("2837", "two more feature gates for bug fixes, with answers of their own; the approval did not cover them"),
    ("4188", "the API and its gate were renamed, and it became accessible to local administrators only"),
    ("4438", "another name of the feature gate"),
    ("4412", "another name of the metric, in two answers"),
    ("4671", "another feature gate, and another field of the API"),
    ("4827", "two metrics where there was none, added after the review"),
    ("5278", "the manual test was done: its result is no longer a promise"),
    ("5598", "one spelling; what changed is the gate and four metrics in kep.yaml"),
    ("5710", "objects are counted otherwise: the API is another one"),
    ("1495", "two first answers, to questions that the README lacked at the approval"),
];

/// Five of the promotions. All changes that `git diff` shows in the questionnaire were compared by hand.
const COMPARED: &[(&str, &str)] = &[
    ("2238", "one added question with its answer, and nothing else"),
    ("647", "one added question with its answer; the rest is in the test plan and the criteria"),
    ("3017", "one promise that became a result, two first answers; many deleted comments of the template"),
    ("3545", "one spelling; the other lines of the questionnaire only lost white space at their ends"),
    ("3721", "one answer, rewritten as a log of the manual test; the rest is in the design and the test plan"),
];

/// Promotions for which the two parsers differ, and why.
const EXPLAINED: &[(&str, &str)] = &[(
    "3107",
    "three answers were `TBD` and are empty now, which is no answer either way; two questions are bold text in a list, \
     which the plain reading does not see",
)];

fn review(arguments: &[&str]) -> Value {
    let mut command = kepgate(clone());
    let (code, stdout, stderr) = run(command.arg("review").args(arguments).args(["--output", "json"]));
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap()
}

/// The questions and sections whose answers changed, with the number of changed words.
fn changed(review: &Value) -> Vec<(&Value, u64)> {
    let questions = review["questions"].as_array().unwrap().iter();
    let is_changed = |it: &&Value| ["changed", "new", "gone"].contains(&it["state"].as_str().unwrap());
    questions.filter(is_changed).map(|it| (it, it["words_changed"].as_u64().unwrap())).collect()
}

/// The directories of the implementable KEPs that target v1.33 or later.
fn implementable() -> Vec<String> {
    let mut command = kepgate(clone());
    let arguments = ["query", "--head", "HEAD", "--status", "implementable", "--output", "json"];
    let (code, stdout, stderr) = run(command.args(arguments));
    assert_eq!(code, 0, "{stderr}");
    let keps: Vec<Value> = serde_json::from_str(&stdout).unwrap();
    let minor = |kep: &Value| {
        let release = kep["latest-milestone"].as_str()?.trim_start_matches('v');
        release.strip_prefix("1.")?.parse::<u32>().ok()
    };
    let recent = keps.iter().filter(|kep| minor(kep).is_some_and(|minor| minor >= FIRST_MINOR));
    recent.map(|kep| kep["directory"].as_str().unwrap().to_owned()).collect()
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn answers_that_changed_after_their_approval() {
    let (mut approved, mut altered) = (0, Vec::new());
    for dir in implementable() {
        let review = review(&[&dir, "--head", "HEAD"]);
        let is_current = |it: &&Value| it["stage"] == review["stage"] && !it["commit"].is_null();
        let Some(approval) = review["approvals"].as_array().unwrap().iter().find(is_current) else { continue };
        approved += 1;
        let changed = changed(&review);
        let words: u64 = changed.iter().map(|(_, words)| words).sum();
        if !changed.is_empty() {
            let stage = review["stage"].as_str().unwrap();
            let day = &approval["time"].as_str().unwrap()[..10];
            altered.push((words, format!("| {} | {stage} | {day} | {} | {words} |", number(&dir), changed.len())));
        }
    }
    altered.sort_by(|one, other| other.cmp(one));
    let heavily = altered.iter().filter(|(words, _)| *words >= HEAVY).count();
    let mut table = format!(
        "# Answers that changed after their approval\n\nOf {approved} implementable KEPs that target v1.{FIRST_MINOR} or later and \
         have an approver of their stage on record, {} have answers that changed since, {heavily} of them by at least {HEAVY} words.\n\n\
         | KEP | stage | approver recorded | answers | words |\n|---|---|---|---|---|\n",
        altered.len()
    );
    for (_, row) in &altered {
        _ = writeln!(table, "{row}");
    }
    table.push_str("\nTen of them, read by hand:\n\n| KEP | what changed |\n|---|---|\n");
    for (kep, what) in READ {
        assert!(altered.iter().any(|(_, row)| row.starts_with(&format!("| {kep} |"))), "{kep} has not changed");
        _ = writeln!(table, "| {kep} | {what} |");
    }
    assert_table("review.md", &table);
    assert!(heavily >= 15 && altered.len() >= 25, "{heavily} of {}", altered.len());
}

/// `4671` for `keps/sig-scheduling/4671-gang-scheduling`.
fn number(dir: &str) -> &str {
    dir.rsplit('/').next().unwrap().split('-').next().unwrap()
}

/// Thirty promotions since 2023, evenly spaced, each with the directory and the commit.
fn promotions(history: &History) -> Vec<(String, String)> {
    let is_promotion = |before: &Version, after: &Version| {
        let stage = |version: &Version| version.metadata.as_ref()?.stage;
        stage(before).zip(stage(after)).is_some_and(|(before, after)| before.is_before(after))
    };
    let mut found = Vec::new();
    for kep in &history.keps {
        for (before, after) in kep.steps() {
            let Some(before) = before.filter(|before| before.dir == after.dir && is_promotion(before, after)) else {
                continue;
            };
            if before.readme != after.readme && after.time.to_string().as_str() >= "2023" {
                found.push((after.time, after.dir.to_string(), after.commit.to_string()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 2 * PROMOTIONS, "{}", found.len());
    let step = found.len() / PROMOTIONS;
    found.into_iter().step_by(step).take(PROMOTIONS).map(|(_, dir, commit)| (dir, commit)).collect()
}

/// A simple parser for the answers of a README: the text below each heading of level 4 to 6, without comments, lines of
/// the template, list marks and punctuation at the end of words.
fn plain_answers(text: &str, template: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut without_comments = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        without_comments.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, rest)| rest);
    }
    without_comments.push_str(rest);
    let (mut answers, mut current, mut is_code) = (BTreeMap::<String, String>::new(), None, false);
    for line in without_comments.lines() {
        is_code ^= line.trim_start().starts_with("```");
        if line.starts_with('#') && !is_code {
            current = line.starts_with("####").then(|| normal(line));
            continue;
        }
        let line = line.trim();
        let Some(question) = current.as_ref().filter(|_| !template.contains(line) && !line.starts_with("```")) else {
            continue;
        };
        let words = line.split_whitespace().filter(|word| !["-", "*", "+"].contains(word));
        let words = words.map(|word| word.trim_end_matches(['.', ',', ';', ':', '!']));
        let answer = answers.entry(question.clone()).or_default();
        words.for_each(|word| answer.extend([word, " "]));
    }
    answers
}

/// A heading in lowercase without punctuation.
fn normal(heading: &str) -> String {
    let letters = heading.chars().map(|it| if it.is_alphanumeric() { it.to_ascii_lowercase() } else { ' ' });
    letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn show(folder: &Path, commit: &str, path: &str) -> String {
    git(folder, &["show", &format!("{commit}:{path}")]).join("\n")
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn every_changed_answer_of_a_promotion_is_named() {
    let folder = clone();
    let repository = Repository::discover(folder).unwrap();
    let line = Line { repository: &repository, head: repository.head_commit().unwrap(), since: None };
    let history = walk(line, &Profile::default(), &[], None).unwrap();
    let template = show(folder, "HEAD", "keps/NNNN-kep-template/README.md");
    let lines: BTreeSet<_> = template.lines().map(|line| line.trim().to_owned()).filter(|it| !it.is_empty()).collect();
    let (mut rows, mut missed, mut unfounded) = (Vec::new(), Vec::new(), Vec::new());
    for (dir, commit) in promotions(&history) {
        let review = review(&[&dir, "--head", &commit, "--since", &format!("{commit}~1")]);
        let questions = review["questions"].as_array().unwrap();
        let titles = |is_wanted: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
            let wanted = questions.iter().filter(|it| is_wanted(it["state"].as_str().unwrap()));
            wanted.filter_map(|it| it["question"].as_str()).map(normal).collect()
        };
        let all = titles(&|_| true);
        let named = titles(&|state| ["changed", "new", "gone", "moved"].contains(&state));
        let read = |commit: &str| plain_answers(&show(folder, commit, &format!("{dir}/README.md")), &lines);
        let (before, after) = (read(&format!("{commit}~1")), read(&commit));
        let differs = |it: &&String| before.get(*it).map_or("", |it| it) != after.get(*it).map_or("", |it| it);
        let plain: BTreeSet<_> = all.iter().filter(differs).cloned().collect();
        let row = |question: &String| format!("{} {}: {question}", number(&dir), &commit[..10]);
        missed.extend(plain.difference(&named).map(row));
        unfounded.extend(named.difference(&plain).map(row));
        rows.push(format!("| {} | {} | {} | {} |", number(&dir), &commit[..10], plain.len(), named.len()));
    }
    let mut table = format!(
        "# Answers that changed in promotions\n\n| KEP | commit | changed in a plain reading | named by `kepgate review` |\n\
         |---|---|---|---|\n{}\n",
        rows.join("\n")
    );
    for (title, questions) in
        [("Changed, but not named", &missed), ("Named, but the same in a plain reading", &unfounded)]
    {
        _ = writeln!(table, "\n## {title}: {}\n", questions.len());
        for question in questions {
            _ = writeln!(table, "- {question}");
        }
    }
    for (title, keps) in [("Compared with `git diff` by hand", COMPARED), ("Why they differ", EXPLAINED)] {
        _ = writeln!(table, "\n## {title}\n");
        for (kep, what) in keps {
            assert!(rows.iter().any(|row| row.starts_with(&format!("| {kep} |"))), "{kep} is not one of them");
            _ = writeln!(table, "- {kep}: {what}");
        }
    }
    assert_table("review-promotions.md", &table);
    let is_explained = |row: &&String| EXPLAINED.iter().any(|(kep, _)| row.starts_with(&format!("{kep} ")));
    let unexplained: Vec<_> = missed.iter().chain(&unfounded).filter(|row| !is_explained(row)).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
}
