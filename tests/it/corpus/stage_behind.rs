//! KEPs in the history of kubernetes/enhancements whose `stage` was not updated.

use std::fmt::Write as _;

use kepgate::check::Settings;
use kepgate::rule::Level;
use kepgate::source::git::Repository;

use crate::corpus::replay::pull_request_with;
use crate::support::corpus::{assert_table, clone, git};

const RULES: [&str; 2] = ["stage-behind", "promotion-incomplete"];

#[test]
#[ignore = "needs ../shared/corpus"]
fn every_stage_that_was_left_behind_is_an_error() {
    let clone = clone();
    let repository = Repository::discover(clone).unwrap();
    let log = ["log", "--first-parent", "--min-parents=1", "--since=2022-10-01T00:00:00Z", "--format=%H %cI"];
    let mut table = String::from(
        "# Changes that leave `stage` behind, since 2022-10\n\n| day | commit | rule | level | file | message |\n|---|---|---|---|---|---|\n",
    );
    let mut errors = 0;
    for line in git(clone, &log) {
        let (commit, merged) = line.split_once(' ').unwrap();
        let settings = Settings { now: Some(merged.parse().unwrap()), ..Settings::default() };
        let report = pull_request_with(&repository, commit, &settings);
        let new = report.findings().iter().filter(|it| it.is_new && it.due.is_none()).map(|it| &it.finding);
        for finding in new.filter(|finding| RULES.contains(&finding.rule.id)) {
            errors += usize::from(finding.rule.id == "stage-behind" && finding.level == Level::Error);
            let (day, short) = (&merged[..10], &commit[..10]);
            let (rule, level, path) = (finding.rule.id, finding.level, &finding.place.path);
            writeln!(table, "| {day} | {short} | {rule} | {level} | {path} | {} |", finding.message).unwrap();
        }
    }
    assert_table("stage-behind.md", &table);
    assert!(errors >= 8, "{errors} errors of `stage-behind`");
}
