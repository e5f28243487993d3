//! `--fix` applies the fixes, changes nothing else, and changes nothing when it runs again.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::support::corpus::{clone, corpus, git};
use crate::support::{KEP, TestRepo, kep_with, kepgate, root, run};

/// Every regular file below a folder, by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

/// The report of a run, and its log.
struct Run {
    report: Value,
    log: String,
}

fn check(folder: &Path, more: &[&str]) -> Run {
    let arguments = ["check", "--base-dir", "base", "--head-dir", "head", "--output", "json"];
    let (code, stdout, log) = run(kepgate(folder).args(arguments).args(more));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["exit"], code, "{log}");
    assert_eq!(report["error"], Value::Null);
    Run { report, log }
}

/// The number of findings by rule, path and message.
fn findings(run: &Run) -> BTreeMap<[String; 3], usize> {
    let mut counts = BTreeMap::new();
    for finding in run.report["findings"].as_array().unwrap() {
        let key = ["rule", "path", "message"].map(|key| finding[key].as_str().unwrap().to_owned());
        *counts.entry(key).or_default() += 1;
    }
    counts
}

/// The number of new findings whose fix edits an existing file.
fn fixable(run: &Run) -> usize {
    let findings = run.report["findings"].as_array().unwrap().iter();
    findings.filter(|it| it["new"] == true && it["fix"].is_object() && it["fix"]["edits"][0]["create"] == false).count()
}

/// The lines of the log that begin with `word`.
fn lines<'r>(run: &'r Run, word: &str) -> Vec<&'r str> {
    run.log.lines().filter_map(|line| line.strip_prefix(word)).collect()
}

/// Fixes `folder`/head, checks the promises of `--fix`, and returns the number of fixed findings.
fn fix_folder(folder: &Path, name: &str) -> usize {
    let before = check(folder, &[]);
    let untouched = files(&folder.join("head"));
    let fixing = check(folder, &["--fix"]);
    let once = files(&folder.join("head"));
    let fixed = lines(&fixing, "fixed: ").len();
    assert_eq!(fixable(&before) > 0, fixed > 0, "{name}: a check offers only what is applied\n{}", fixing.log);
    if fixed == 0 {
        assert_eq!(once, untouched, "{name}: nothing is written without a fix");
        assert_eq!(before.report["findings"], fixing.report["findings"], "{name}: the report describes the files");
        return 0;
    }
    let after = check(folder, &[]);
    assert_eq!(after.report["findings"], fixing.report["findings"], "{name}: the report describes the fixed files");
    assert_eq!(fixable(&after), 0, "{name}: every fix is applied, or no longer offered\n{}", fixing.log);
    for (finding, count) in findings(&after) {
        let known = findings(&before).get(&finding).copied().unwrap_or_default();
        // Fixing what hid a finding uncovers it, and the log says so.
        let [rule, _, message] = &finding;
        let words = format!("{message} ({rule})");
        let uncovered = lines(&fixing, "uncovered: ").into_iter().filter(|line| line.ends_with(&words)).count();
        assert!(count <= known + uncovered, "{name}: {finding:?} is new\n{}", fixing.log);
    }
    check(folder, &["--fix"]);
    assert_eq!(files(&folder.join("head")), once, "{name}: running it again changes nothing");
    fixed
}

#[test]
fn fixing_every_fixture_leaves_no_fixable_finding() {
    let fixtures = crate::support::cases::of_rules();
    // With a policy that cannot be read, there is nothing to fix.
    let fixtures = fixtures.all.iter().filter(|fixture| !fixture.case.expected.text.contains("failed[configuration]"));
    let fixed: usize = fixtures.map(|fixture| fix_folder(&fixture.folder, &fixture.name)).sum();
    assert!(fixed >= 20, "only {fixed} were fixed");
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn fixing_two_hundred_mutated_keps_leaves_no_fixable_finding() {
    let (corpus, clone) = (corpus(), clone());
    let aliases = git(clone, &["show", "HEAD:OWNERS_ALIASES"]).join("\n");
    let mut text = String::new();
    let file = std::fs::File::open(corpus.join("verdicts.jsonl.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut tried, mut fixed) = (0, 0);
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let mut head = vec![(case["kep_path"].as_str().unwrap(), case["kep"].as_str().unwrap())];
        for (path, text) in case["prod_readiness"].as_object().unwrap() {
            head.push((path.as_str(), text.as_str().unwrap()));
        }
        lay(folder.path(), &aliases, &head);
        if fixable(&check(folder.path(), &[])) == 0 {
            continue;
        }
        fixed += fix_folder(folder.path(), case["id"].as_str().unwrap());
        tried += 1;
        if tried == 200 {
            break;
        }
    }
    assert_eq!(tried, 200, "there are enough fixable cases");
    assert!(fixed >= 150, "only {fixed} of 200 were fixed");
}

fn lay(folder: &Path, aliases: &str, head: &[(&str, &str)]) {
    for side in ["base", "head"] {
        let _ = std::fs::remove_dir_all(folder.join(side));
        std::fs::create_dir_all(folder.join(side)).unwrap();
        std::fs::write(folder.join(side).join("OWNERS_ALIASES"), aliases).unwrap();
    }
    for (path, text) in head {
        let path = folder.join("head").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

const ALIASES: &str = "aliases:\n  prod-readiness-approvers:\n    - marta-k\n";

#[test]
fn fix_keeps_comments_quotes_and_line_endings() {
    let before = "title: 'It''s a title'  # keep\r\nkep-number: 12\r\nauthors: [ida-r,  \"jon-b\"] # both\r\nowning-sig: sig-apps\r\nstatus: 'provisonal' # almost\r\ncreation-date: 2025-01-02\r\nreviewers:\r\n- \"@x\"\r\napprovers:\r\n- '@y'\r\n";
    let after = "title: 'It''s a title'  # keep\r\nkep-number: 12\r\nauthors: [\"@ida-r\",  \"@jon-b\"] # both\r\nowning-sig: sig-apps\r\nstatus: 'provisional' # almost\r\ncreation-date: 2025-01-02\r\nreviewers:\r\n- \"@x\"\r\napprovers:\r\n- '@y'\r\n";
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), ALIASES, &[("keps/sig-apps/12-a/kep.yaml", before)]);
    assert_eq!(fix_folder(folder.path(), "quotes"), 3);
    let fixed = std::fs::read_to_string(folder.path().join("head/keps/sig-apps/12-a/kep.yaml")).unwrap();
    assert_eq!(fixed, after);
}

#[test]
fn fix_leaves_multi_line_values_alone() {
    let kep = "title: T\nkep-number: 12\nauthors: [\"@x\"]\nowning-sig: sig-apps\nstatus: |\n  provisonal\ncreation-date: 2025-01-02\nreviewers: [\"@x\"]\napprovers: [\"@y\"]\n";
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), ALIASES, &[("keps/sig-apps/12-a/kep.yaml", kep)]);
    let before = check(folder.path(), &[]);
    assert_eq!(fixable(&before), 0);
    assert!(findings(&before).keys().any(|[rule, ..]| rule == "status-invalid"));
    assert_eq!(fix_folder(folder.path(), "block"), 0);
}

#[test]
fn fix_adds_an_entry_only_after_a_single_line_entry() {
    let kep = |milestone: &str| {
        format!(
            "title: T\nkep-number: 12\nauthors: [\"@x\"]\nowning-sig: sig-apps\nstatus: implementable\ncreation-date: 2025-01-02\nreviewers: [\"@x\"]\napprovers: [\"@y\"]\nstage: beta\nlatest-milestone: v1.36\nmilestone:{milestone}\nmetrics: []\n"
        )
    };
    for (milestone, fixed) in [
        ("\n  alpha: v1.34 # done", "\n  alpha: v1.34 # done\n  beta: \"v1.36\""),
        ("\r\n  alpha: v1.34\r", "\r\n  alpha: v1.34\r\n  beta: \"v1.36\"\r"),
        ("\n  alpha:\n    v1.34", "\n  alpha:\n    v1.34"),
        ("\n  alpha: |\n    v1.34", "\n  alpha: |\n    v1.34"),
        ("\n  ? alpha\n  : v1.34", "\n  ? alpha\n  : v1.34"),
        (" {alpha: v1.34}", " {alpha: v1.34}"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        lay(folder.path(), ALIASES, &[("keps/sig-apps/12-a/kep.yaml", &kep(milestone))]);
        fix_folder(folder.path(), milestone);
        let text = std::fs::read_to_string(folder.path().join("head/keps/sig-apps/12-a/kep.yaml")).unwrap();
        assert_eq!(text, kep(fixed));
    }
}

#[test]
fn fix_changes_pre_existing_findings_only_if_requested() {
    let kep = "title: T\nkep-number: 12\nauthors: [ida-r]\nowning-sig: sig-apps\nstatus: provisional\ncreation-date: 2025-01-02\nreviewers: [\"@x\"]\napprovers: [\"@y\"]\n";
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), ALIASES, &[("keps/sig-apps/12-a/kep.yaml", &kep.replace("title: T", "title: U"))]);
    let base = folder.path().join("base/keps/sig-apps/12-a");
    std::fs::create_dir_all(&base).unwrap();
    std::fs::write(base.join("kep.yaml"), kep).unwrap();
    assert_eq!(check(folder.path(), &["--fix"]).log, "");
    let log = check(folder.path(), &["--fix", "--strict"]).log;
    assert_eq!(log, "fixed: keps/sig-apps/12-a/kep.yaml:3: handle-malformed: `ida-r` → `\"@ida-r\"`\n");
}

#[test]
fn fix_refuses_to_change_revisions() {
    let (code, _, stderr) = run(kepgate(root()).args(["check", "--fix", "--head", "HEAD"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("--fix"), "{stderr}");
}

/// A KEP without findings.
const SOUND: &str = "title: T\nkep-number: 12\nauthors: [\"@x\"]\nowning-sig: sig-apps\nstatus: implementable\n\
                     creation-date: 2025-01-02\nreviewers: [\"@x\"]\napprovers: [\"@y\"]\nstage: alpha\n\
                     latest-milestone: v1.36\nmilestone:\n  alpha: v1.36\n";
const SOUND_PRR: &str = "kep-number: 12\nalpha:\n  approver: \"@marta-k\"\n";
const SOUND_FILES: [&str; 2] = ["keps/sig-apps/12-a/kep.yaml", "keps/prod-readiness/sig-apps/12.yaml"];

/// Fixes the sound KEP with these replacements. Returns the run and the fixed `kep.yaml`.
fn fix_kep(replacements: &[(&str, &str)]) -> (Run, String) {
    let kep = replacements.iter().fold(SOUND.to_owned(), |kep, (old, new)| {
        assert!(kep.contains(old), "{old}");
        kep.replacen(old, new, 1)
    });
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), ALIASES, &[(SOUND_FILES[0], &kep), (SOUND_FILES[1], SOUND_PRR)]);
    for (path, text) in [(SOUND_FILES[0], SOUND), (SOUND_FILES[1], SOUND_PRR)] {
        let place = folder.path().join("base").join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }
    let run = check(folder.path(), &["--fix"]);
    let fixed = std::fs::read_to_string(folder.path().join("head").join(SOUND_FILES[0])).unwrap();
    (run, fixed)
}

#[test]
fn one_round_fixes_layers_of_mistakes() {
    let edit = [("status: implementable", "satus: implementeable"), ("stage: alpha", "stagee: Alpha")];
    let (run, fixed) = fix_kep(&edit);
    assert_eq!(fixed, SOUND, "{}", run.log);
    assert_eq!(lines(&run, "fixed: ").len(), 4, "{}", run.log);
    assert_eq!(run.report["counts"]["error"], 0, "{}", run.report["findings"]);
}

#[test]
fn what_a_misspelled_key_hid_is_reported() {
    let (run, fixed) = fix_kep(&[("stage: alpha", "stagee: early")]);
    assert!(fixed.contains("\nstage: early\n"), "{fixed}");
    let place = "keps/sig-apps/12-a/kep.yaml:9";
    assert_eq!(lines(&run, "fixed: "), [format!("{place}: yaml-unknown-key: `stagee` → `stage`")]);
    assert_eq!(lines(&run, "uncovered: "), [format!("{place}: `early` is not a valid stage (stage-invalid)")]);
}

#[test]
fn a_fix_that_would_introduce_another_error_is_left_with_the_rule() {
    let moved = [("stage: alpha", "stage: beta"), ("v1.36", "v1.37"), ("alpha: v1.36", "alpha: v1.38")];
    let (run, fixed) = fix_kep(&moved);
    assert!(!fixed.contains("beta: "), "{fixed}");
    let why = "it would introduce `milestone-order`";
    let place = "keps/sig-apps/12-a/kep.yaml:12: milestone-stage-missing";
    assert_eq!(lines(&run, "not fixed: "), [format!("{why}: {place}: add `beta: \"v1.37\"`")]);
    assert_eq!(lines(&run, "fixed: "), [""; 0], "{}", run.log);
    assert_eq!(lines(&run, "uncovered: "), [""; 0], "{}", run.log);
}

/// A stage that can be read shows what is missing for it. A misspelled one is still corrected.
#[test]
fn a_fix_may_uncover_an_error_that_the_wrong_value_hid() {
    let (run, fixed) = fix_kep(&[("stage: alpha", "stage: GA")]);
    assert!(fixed.contains("\nstage: stable\n"), "{}", run.log);
    let uncovered = lines(&run, "uncovered: ");
    assert!(uncovered.iter().any(|line| line.ends_with("(prr-stage-missing)")), "{}", run.log);
    let once: std::collections::BTreeSet<_> = uncovered.iter().collect();
    assert_eq!(once.len(), uncovered.len(), "{}", run.log);
}

/// A run that was killed may leave a temporary file, and a read-only file is one that its owner protects.
#[cfg(unix)]
#[test]
fn a_leftover_is_not_in_the_way_and_a_read_only_file_is_left_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let kep = SOUND.replace("status: implementable", "status: implementeable");
    lay(folder.path(), ALIASES, &[(SOUND_FILES[0], &kep), (SOUND_FILES[1], SOUND_PRR)]);
    let place = folder.path().join("head").join(SOUND_FILES[0]);
    let mode = |mode| std::fs::set_permissions(&place, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o444);
    let arguments = ["check", "--base-dir", "base", "--head-dir", "head", "--fix"];
    let (code, page, _) = run(kepgate(folder.path()).args(arguments));
    assert_eq!(code, 2, "{page}");
    assert!(page.contains("kep.yaml` is read-only, so nothing was written"), "{page}");
    assert_eq!(std::fs::read_to_string(&place).unwrap(), kep);
    mode(0o640);
    std::fs::write(place.with_file_name("kep.yaml.kepgate-new"), "").unwrap();
    run(kepgate(folder.path()).args(arguments));
    assert_eq!(std::fs::read_to_string(&place).unwrap(), SOUND);
    assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn the_hint_repeats_what_was_compared() {
    let folder = tempfile::tempdir().unwrap();
    let kep = SOUND.replace("status: implementable", "status: implementeable");
    lay(folder.path(), ALIASES, &[(SOUND_FILES[0], &kep), (SOUND_FILES[1], SOUND_PRR)]);
    std::fs::rename(folder.path().join("base"), folder.path().join("the base")).unwrap();
    let page = run(kepgate(folder.path()).args(["check", "--base-dir", "the base", "--head-dir", "head"])).1;
    assert!(page.contains("with `kepgate check --base-dir 'the base' --head-dir head --fix`\n"), "{page}");
}

/// A KEP whose only fix would introduce another error, and the same before the mistake.
fn refused() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let kep = SOUND.replace("stage: alpha", "stage: beta").replace("v1.36", "v1.37");
    let kep = kep.replace("alpha: v1.37", "alpha: v1.38");
    lay(folder.path(), ALIASES, &[(SOUND_FILES[0], &kep), (SOUND_FILES[1], SOUND_PRR)]);
    folder
}

#[test]
fn a_refused_fix_is_not_offered() {
    let folder = refused();
    let text = |more: &[&str]| {
        let arguments = ["check", "--base-dir", "base", "--head-dir", "head"];
        run(kepgate(folder.path()).args(arguments).args(more)).1
    };
    let why = "it would introduce `milestone-order`";
    for (more, verb) in [(&["--fix"][..], "left"), (&[], "leaves")] {
        let page = text(more);
        assert!(page.contains(&format!("  `--fix` {verb} 1 finding to you: {why}\n")), "{page}");
        assert!(page.contains(&format!("= note: `--fix` leaves this to you: {why}\n")), "{page}");
        assert!(!page.contains("can be fixed"), "{page}");
    }
    let summary = text(&["--output", "markdown"]);
    assert!(summary.contains(&format!("leaves this to you: {why}\n")), "{summary}");
}

#[test]
fn a_file_to_create_is_not_offered() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), ALIASES, &[(SOUND_FILES[0], SOUND)]);
    let page = run(kepgate(folder.path()).args(["check", "--base-dir", "base", "--head-dir", "head"])).1;
    assert!(page.contains("error[prr-file-missing]") && !page.contains("can be fixed"), "{page}");
}

#[test]
fn fixing_a_commit_takes_a_checkout_of_it() {
    let repo = TestRepo::repository();
    repo.branch("topic");
    repo.write(KEP, kep_with(&[("status", "implementeable")]));
    let head = repo.commit();
    let page = run(kepgate(repo.path()).args(["check", "--head", "topic"])).1;
    let hint = format!("1 finding can be fixed with `kepgate check --fix` in a checkout of {}\n", &head[..12]);
    assert!(page.contains(&hint), "{page}");
}

#[test]
fn a_check_of_everything_does_not_try_the_fixes() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("status", "implementeable")]));
    let page = run(kepgate(repo.path()).args(["check", "--all"])).1;
    assert!(page.contains("up to 1 finding can be fixed with `kepgate check --all --strict --fix`\n"), "{page}");
}
