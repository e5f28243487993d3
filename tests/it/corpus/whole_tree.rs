//! `--all` at the head of the bundle: every error in the tree, each with a note from a manual review.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::corpus::{assert_table, clone};
use crate::support::{kepgate, run};

/// A note on each error, verified by hand: the rule, the number of the KEP, and the note.
const WORDS: &[(&str, &str, &str)] = &[
    ("prr-number-mismatch", "4192", "copied"),
    ("prr-number-mismatch", "688", "copied"),
    ("prr-number-mismatch", "2763", "typo"),
    ("prr-file-orphan", "2273", "leftover"),
    ("field-placeholder", "85", "forgotten"),
    ("field-placeholder", "2763", "forgotten"),
    ("field-placeholder", "2837", "forgotten"),
    ("field-placeholder", "2876", "forgotten"),
    ("field-placeholder", "3314", "forgotten"),
    ("field-placeholder", "3659", "forgotten"),
    ("field-placeholder", "4355", "forgotten"),
    ("field-placeholder", "4358", "forgotten"),
    ("field-placeholder", "4940", "forgotten"),
    ("field-placeholder", "5000", "forgotten"),
    ("field-placeholder", "5468", "forgotten"),
    ("field-missing", "5237", "forgotten"),
    ("milestone-malformed", "5000", "undecided"),
    ("milestone-after-latest", "1138", "stale"),
    ("milestone-after-latest", "1739", "typo"),
    ("milestone-after-latest", "2043", "exempt"),
    ("milestone-after-latest", "2290", "stale"),
    ("milestone-after-latest", "2464", "stale"),
    ("milestone-after-latest", "2887", "stale"),
    ("milestone-after-latest", "2891", "stale"),
    ("milestone-after-latest", "2907", "stale"),
    ("milestone-after-latest", "2915", "exempt"),
    ("milestone-after-latest", "3031", "stale"),
    ("milestone-after-latest", "4358", "stale"),
    ("milestone-after-latest", "4656", "exempt"),
    ("implemented-not-stable", "993", "legacy"),
    ("implemented-not-stable", "1802", "legacy"),
    ("implemented-not-stable", "2383", "legacy"),
    ("implemented-not-stable", "2501", "legacy"),
    ("implemented-not-stable", "3515", "half-done"),
    ("status-invalid", "281", "invented"),
    ("status-invalid", "1753", "legacy"),
    ("status-invalid", "1979", "misplaced"),
    ("status-invalid", "2625", "typo"),
    ("status-invalid", "4153", "invented"),
    ("stage-invalid", "1753", "legacy"),
    ("kep-number-duplicate", "2133", "legacy"),
    ("kep-number-mismatch", "2043", "renumbered"),
    ("stage-behind", "2395", "stale"),
    ("stage-behind", "5055", "half-done"),
    ("owning-sig-mismatch", "986", "moved"),
    ("owning-sig-mismatch", "995", "moved"),
    ("owning-sig-mismatch", "2392", "moved"),
];

/// Notes for rules whose errors all have the same cause.
const OF_RULE: &[(&str, &str)] = &[
    // SIG Node has marked assigned people since January 2026, and most of its KEPs are older.
    ("sig-node-owners", "unmarked"),
    ("sig-node-approvers", "no lead"),
];

#[test]
#[ignore = "needs ../shared/corpus"]
fn whole_tree_matches_the_table() {
    let clone = clone();
    let (code, stdout, stderr) = run(kepgate(clone).args(["check", "--all", "--head", "HEAD", "--output", "json"]));
    assert_eq!((code, stderr.as_str()), (1, ""));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["keps"].as_array().unwrap().len(), 619);
    let mut table = String::from(
        "# Errors in the whole tree at the bundle's head\n\n| rule | file | what | word |\n|---|---|---|---|\n",
    );
    for finding in report["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "error") {
        let [rule, path, message] = ["rule", "path", "message"].map(|key| finding[key].as_str().unwrap());
        assert_eq!(finding["new"], true, "without a base, every finding is new");
        let is_about =
            |number: &str| path.contains(&format!("/{number}-")) || path.contains(&format!("/{number}.yaml"));
        let word = WORDS.iter().find(|(known, number, _)| *known == rule && is_about(number));
        let of_rule = || OF_RULE.iter().find(|(known, _)| *known == rule).map(|(_, word)| *word);
        let word = word.map(|(_, _, word)| *word).or_else(of_rule).unwrap_or("?");
        writeln!(table, "| {rule} | {path} | {} | {word} |", message.replace('|', "\\|")).unwrap();
    }
    assert!(!table.contains("| ? |"), "an error without a note:\n{table}");
    assert_table("whole-tree.md", &table);
}
