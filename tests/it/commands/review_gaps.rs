//! `kepgate review` of versions that cannot be read in full, or that are very large.

use serde_json::{Value, json};

use super::review::{FAIL, History, METRICS, commit_on, history, json_of, readme, review};
use crate::support::{DIR, KEP, PRR_FILE, SAMPLE_PRR, TestRepo, kep_with};

/// Makes the file at a path unreadable.
type Spoil = fn(&TestRepo, &str);

/// An answer that was not read was not removed.
#[test]
fn a_readme_that_cannot_be_read_is_not_an_empty_one() {
    let cases: [(&str, Spoil); 3] = [
        ("is a symbolic link", |repo, path| {
            std::fs::rename(repo.place(path), repo.place("README.md")).unwrap();
            std::os::unix::fs::symlink(repo.place("README.md"), repo.place(path)).unwrap();
        }),
        ("has 1048577 bytes", |repo, path| {
            repo.write(path, "x".repeat(1024 * 1024 + 1));
        }),
        ("is not UTF-8", |repo, path| {
            repo.write(path, b"# KEP\xff\n");
        }),
    ];
    for (said, spoil) in cases {
        for is_newer in [true, false] {
            let History { repo, .. } = history();
            let path = format!("{DIR}/README.md");
            let sound = repo.read(&path);
            spoil(&repo, &path);
            let mut arguments =
                vec!["1234", "--output", "json", "--output", "text=text", "--output", "markdown=markdown"];
            if !is_newer {
                commit_on(&repo, "2025-06-04");
                repo.remove(&path);
                repo.write(&path, &sound);
                arguments.extend(["--since", "HEAD"]);
            }
            let run = review(&repo, &arguments);
            assert_eq!(run.code, 3, "{said}: {}", run.stderr);
            assert!(
                run.stderr.contains("the answers were not compared: ") && run.stderr.contains(said),
                "{}",
                run.stderr
            );
            let json: Value = serde_json::from_str(&run.stdout).unwrap();
            assert_eq!(json["questions"], json!([]));
            assert!(json["not_compared"]["answers"].as_str().unwrap().contains(said), "{json}");
            assert!(repo.read("text").contains("Answers") && repo.read("text").contains("not compared:"));
            assert!(repo.read("markdown").contains("| Answers | not compared: "), "{}", repo.read("markdown"));
        }
    }
}

/// A field that was lost with the syntax of the file was not removed.
#[test]
fn a_malformed_kep_yaml_has_not_lost_its_fields() {
    for is_newer in [true, false] {
        let History { repo, .. } = history();
        repo.write(KEP, format!("{}broken: [\n", kep_with(&[])));
        let mut arguments = vec!["1234", "--output", "json"];
        if !is_newer {
            commit_on(&repo, "2025-06-04");
            repo.write(KEP, kep_with(&[]));
            arguments.extend(["--since", "HEAD"]);
        }
        let run = review(&repo, &arguments);
        assert_eq!(run.code, 3, "{}", run.stderr);
        assert!(run.stderr.contains("the fields were not compared: kep.yaml of the "), "{}", run.stderr);
        let json: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((&json["fields"], &json["is_new"]), (&json!([]), &json!(false)));
        assert!(json["not_compared"]["fields"].is_string() && json["not_compared"]["answers"].is_null(), "{json}");
    }
}

/// Approvers that were not read were not removed: the last ones in the history count, and the run says what it could not read.
#[test]
fn approvers_in_a_prr_file_that_cannot_be_read_are_those_of_the_history() {
    let unreadable = ["\u{0}".to_owned(), "x".repeat(1024 * 1024 + 1), "kep-number: 1234\nalpha: [\n".to_owned()];
    for text in unreadable {
        for is_committed in [true, false] {
            let History { repo, approved, .. } = history();
            repo.write(PRR_FILE, &text);
            if is_committed {
                commit_on(&repo, "2025-06-04");
            }
            let run = review(&repo, &["1234", "--output", "json"]);
            assert_eq!(run.code, 3, "{}", run.stderr);
            assert!(run.stderr.contains(&format!("not all approvers in `{PRR_FILE}` can be read")), "{}", run.stderr);
            let json: Value = serde_json::from_str(&run.stdout).unwrap();
            assert_eq!(json["approvals"][0]["commit"], json!(approved));
            assert_eq!(json["approvals"][0]["approver"], json!("@petra-solm"));
            let run = review(&repo, &["1234", "--since", "HEAD~1"]);
            assert_eq!((run.code, run.stdout.contains("Answers")), (3, true), "{}", run.stderr);
        }
    }
}

/// Without a reference, the review cannot be made. Whether there is one is not known.
#[test]
fn without_a_readable_prr_file_or_kep_yaml_nobody_knows_if_an_approver_is_on_record() {
    for path in [PRR_FILE, KEP] {
        let repo = TestRepo::new();
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo.write(KEP, kep_with(&[]));
        repo.write(PRR_FILE, SAMPLE_PRR);
        repo.write(path, "\u{0}");
        commit_on(&repo, "2025-06-01");
        let run = review(&repo, &["1234"]);
        assert_eq!(run.code, 3, "{}", run.stderr);
        let is_unknown = run.stderr.contains("no production readiness approver is on record for this KEP, but");
        // The directory tells where the production-readiness file of an unreadable KEP is.
        assert_eq!(is_unknown, path == PRR_FILE, "{}", run.stderr);
    }
}

/// A version that upstream would reject changes nobody's approval.
#[test]
fn a_malformed_version_of_the_prr_file_does_not_move_the_approval() {
    let malformed = [
        SAMPLE_PRR.replace("1234", "1235"),
        SAMPLE_PRR.replace("1234", "about"),
        SAMPLE_PRR.replace("\"@petra-solm\"", "\"@petra-solm"),
        SAMPLE_PRR.replace("approver:", "approvr:"),
        "kep-number: 1234\nalpha: [\n".to_owned(),
        "\u{0}".to_owned(),
        String::new(),
    ];
    for text in malformed {
        let History { repo, approved, .. } = history();
        repo.write(PRR_FILE, &text);
        let broken = commit_on(&repo, "2025-06-04");
        repo.write(PRR_FILE, SAMPLE_PRR);
        commit_on(&repo, "2025-06-05");
        let json = json_of(&repo, &[]);
        assert_eq!(
            (&json["since"]["commit"], &json["approvals"][0]["commit"]),
            (&json!(approved), &json!(approved)),
            "{text:?}"
        );
        assert_eq!(json["malformed_approvals"], json!([broken]), "{text:?}");
        let page = review(&repo, &["1234"]).stdout;
        let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("; the approvals before it count"), "{page}");
        assert!(page.contains(&format!("History    the PRR file in {} ", &broken[..12])), "{page}");
    }
}

/// If every version is malformed, their approvals are listed.
#[test]
fn approvals_with_the_wrong_number_are_to_be_checked() {
    let History { repo, .. } = history();
    repo.remove(PRR_FILE);
    commit_on(&repo, "2025-06-04");
    let first = SAMPLE_PRR.replace("1234", "3299");
    repo.write(PRR_FILE, &first);
    let alpha = commit_on(&repo, "2025-06-05");
    repo.write(PRR_FILE, format!("{first}beta:\n  approver: \"@petra-solm\"\n"));
    let beta = commit_on(&repo, "2025-06-06");
    let page = review(&repo, &["1234"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = format!(
        "History the PRR file in {} and {} has the wrong `kep-number`, 3299; check that these approvals belong to this KEP",
        &alpha[..12],
        &beta[..12]
    );
    assert!(page.contains(&said), "{page}");
    assert_eq!(json_of(&repo, &[])["malformed_approvals"], json!([alpha, beta]));
}

/// An approver who was removed is no longer on record, even if they come back.
#[test]
fn an_approver_who_was_removed_and_added_again_is_on_record_since_then() {
    let History { repo, .. } = history();
    repo.write(PRR_FILE, "kep-number: 1234\nbeta:\n  approver: \"@petra-solm\"\n");
    commit_on(&repo, "2025-06-04");
    repo.write(PRR_FILE, SAMPLE_PRR);
    let again = commit_on(&repo, "2025-06-05");
    let json = json_of(&repo, &[]);
    assert_eq!((&json["approvals"][0]["commit"], &json["malformed_approvals"]), (&json!(again), &json!([])));
}

/// The bounds of `within_bounds` apply to the time that each takes.
#[test]
fn long_words_and_many_changes_take_no_time_to_show() {
    let long = "x".repeat(200_000);
    let other = format!("{}y", "x".repeat(199_999));
    let words = |word: &str| (0..60_000).map(|at| format!("{word}{at}")).collect::<Vec<_>>().join(" ");
    let same = |word: &str| vec![word; 60_000].join(" ");
    let lines = |from: usize| -> String {
        let lines = (0..2_000).map(|at| format!("Line {} has words.", (at * 7 + from) % 2_000));
        lines.collect::<Vec<_>>().join(
            "

",
        )
    };
    let pairs: [(String, String); 6] = [
        (long.clone(), other),
        (FAIL.to_owned(), long),
        (words("a"), words("b")),
        (same("a b"), same("b a c")),
        (lines(0), lines(900)),
        (format!("{}\n\n{}", words("a"), same("a")), format!("{}\n\n{}", same("a"), words("a"))),
    ];
    for (at, (before, after)) in pairs.iter().enumerate() {
        let History { repo, .. } = history();
        repo.write(format!("{DIR}/README.md"), readme(before, METRICS, ""));
        commit_on(&repo, "2025-06-04");
        repo.write(format!("{DIR}/README.md"), readme(after, METRICS, ""));
        for format in ["text", "markdown", "json"] {
            let started = std::time::Instant::now();
            let run = review(&repo, &["1234", "--since", "HEAD", "--output", format]);
            assert_eq!(run.code, 0, "{at}: {}", run.stderr);
            assert!(started.elapsed().as_secs() < 10, "{at}: {format} takes {:?}", started.elapsed());
        }
    }
}
