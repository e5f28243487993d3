//! Hostile files: kepgate reports what is wrong with them, with limited time and memory.

use serde_json::Value;

use crate::support::{
    DIR, KEP, PRR_FILE, SAMPLE_PRR, TestRepo, all_found, check_junit, check_log, check_sarif, check_summary,
    check_text, kep_with, kepgate, new_errors, within_bounds,
};

/// Checks the folders in every format at once, verifies each report, and returns the JSON report.
pub(crate) fn judge(repo: &TestRepo) -> Value {
    let mut command = kepgate(repo.path());
    command.args(["check", "--base-dir", "base", "--head-dir", "head", "--output", "github"]);
    command.args(["--output", "json=report.json", "--output", "markdown=summary.md", "--output", "text=report.txt"]);
    command.args(["--output", "sarif=report.sarif", "--output", "junit=report.xml"]);
    let run = within_bounds(&command);
    let report: Value = serde_json::from_str(&repo.read("report.json")).unwrap();
    assert_eq!(report["exit"], run.code);
    check_log(&format!("{}{}", run.stdout, run.stderr), &report);
    check_summary(&repo.read("summary.md"), None);
    for text in [&run.stdout, &run.stderr, &repo.read("report.txt"), &repo.read("report.json")] {
        check_text(text);
    }
    check_text(&repo.read("report.sarif"));
    check_text(&repo.read("report.xml"));
    // kepgate's own icons have one.
    check_text(&repo.read("summary.md").replace("⚠\u{fe0f}", "").replace("ℹ\u{fe0f}", ""));
    check_sarif(&repo.read("report.sarif"), &report);
    check_junit(&repo.read("report.xml"), &report);
    report
}

/// The report on a change that replaces the sample `kep.yaml` with `content`.
pub(crate) fn check_kep(content: impl AsRef<[u8]>) -> Value {
    let repo = TestRepo::folders();
    repo.write(format!("head/{KEP}"), content);
    judge(&repo)
}

/// Asserts that `content` as `kep.yaml` has a new `yaml-syntax` error with these words.
fn assert_syntax_error(what: &str, content: impl AsRef<[u8]>, words: &str) {
    let report = check_kep(content);
    let errors = new_errors(&report);
    assert!(errors.contains(&("yaml-syntax", KEP)), "{what}: {errors:?}");
    assert!(report["findings"].to_string().contains(words), "{what}: {}", report["findings"]);
    assert_eq!(report["exit"], 1, "{what}");
}

fn assert_clean(what: &str, content: impl AsRef<[u8]>) {
    let report = check_kep(content);
    assert_eq!(all_found(&report), [], "{what}");
    assert_eq!((&report["exit"], report["keps"].as_array().unwrap().len()), (&0.into(), 1), "{what}");
}

#[test]
fn sample_kep_has_no_findings() {
    assert_clean("with a comment more", format!("{}# more\n", kep_with(&[])));
}

#[test]
fn deeply_nested_yaml_is_a_syntax_error() {
    for (what, unit, count) in [
        ("brackets on a line", "[", 60_000),
        ("brackets on lines", "[\n", 100_000),
        ("braces", "{a: ", 16_000),
        ("braces on lines", "{a:\n", 100_000),
        ("dashes", "- ", 30_000),
        ("question marks", "? ", 30_000),
        ("anchors", "&a ", 20_000),
        ("tags", "!a ", 20_000),
    ] {
        let report = check_kep(unit.repeat(count));
        assert!(new_errors(&report).contains(&("yaml-syntax", KEP)), "{what}: {:?}", new_errors(&report));
    }
    assert_syntax_error(
        "nested in a field",
        format!("{}metrics:\n{}", kep_with(&[]), "[\n".repeat(100_000)),
        "64 deep",
    );
    let steps: String = (0..1_400).flat_map(|depth| [" ".repeat(depth), "-\n".to_owned()]).collect();
    assert_syntax_error("steps", format!("title:\n{steps}"), "64 deep");
}

#[test]
fn line_over_64_kib_is_a_syntax_error() {
    for unit in ["[", "- "] {
        assert_syntax_error("a long line", unit.repeat(100_000), "64 KiB");
    }
    assert_syntax_error("a comment", format!("{}#{}\n", kep_with(&[]), "x".repeat(1_000_000)), "64 KiB");
}

#[test]
fn yaml_aliases_are_never_expanded() {
    let mut bomb = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..30 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    assert_syntax_error("a bomb", bomb, "aliases");
    assert_syntax_error("a snake", "title: &a [*a]\n", "aliases");
    assert_syntax_error("a merge key", format!("{}<<: *a\n", kep_with(&[])), "merge keys");
}

#[test]
fn binary_control_characters_and_empty_files_are_syntax_errors() {
    let sound = kep_with(&[]);
    let lines = sound.replace('\n', "\r");
    for (what, content, words) in [
        ("a NUL", format!("{sound}# \0\n"), "U+0000"),
        ("an escape", format!("{sound}# \u{1b}[31m\n"), "U+001B"),
        ("a lone carriage return", format!("{sound}# a\rb\n"), "U+000D"),
        ("lines of an old Macintosh", lines, "U+000D"),
        ("a line separator", format!("{sound}# a\u{2028}b\n"), "U+2028"),
        ("a next line", format!("{sound}# a\u{85}b\n"), "U+0085"),
        ("nothing", String::new(), "is empty"),
        ("blanks", " \n\n \n".to_owned(), "is empty"),
        ("comments", "# a\n".repeat(1_000), "is empty"),
        ("a word", "word\n".to_owned(), "a single value"),
    ] {
        assert_syntax_error(what, content, words);
    }
    let latin: Vec<u8> = [sound.as_bytes(), b"# caf\xe9\n"].concat();
    assert_syntax_error("Latin 1", &latin, &format!("line {}", sound.lines().count() + 1));
    let wide: Vec<u8> = sound.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_syntax_error("UTF-16", wide, "U+0000");
    assert_syntax_error("half a character", [sound.as_bytes(), b"# \xf0\x9f"].concat(), "not UTF-8");
}

#[test]
fn byte_order_mark_and_windows_line_endings_are_accepted() {
    let sound = kep_with(&[]);
    assert_clean("a byte order mark", format!("\u{feff}{sound}"));
    assert_clean("lines of Windows", sound.replace('\n', "\r\n"));
    assert_clean("both", format!("\u{feff}{sound}").replace('\n', "\r\n"));
    assert_clean("no line feed at the end", sound.trim_end());
    assert_clean("comments without end", format!("{}{sound}", "# x\n".repeat(100_000)));
    assert_clean(
        "comments before a list",
        sound.replace("authors:\n", &format!("authors:\n{}", "  # x\n".repeat(500))),
    );
}

#[test]
fn file_over_one_mebibyte_is_not_read() {
    let sound = kep_with(&[]);
    let fill = |size: usize| {
        let line = format!("#{}\n", "x".repeat(1_022));
        let mut text = sound.clone() + &line.repeat((size - sound.len()) / line.len());
        let rest = size - text.len();
        text.push_str(&"#".repeat(rest));
        text
    };
    assert_clean("1 MiB", fill(1_048_576));
    for (what, size) in [("1 MiB and a byte", 1_048_577), ("50 MB", 50_000_000)] {
        let report = check_kep(fill(size));
        assert!(new_errors(&report).contains(&("file-not-regular", KEP)), "{what}");
        assert!(report["findings"].to_string().contains(&format!("{size} bytes")), "{what}");
    }
}

/// One cause, one finding: without the KEP, the owner of the PRR file is unknown, so the file is not an orphan.
#[test]
fn prr_file_of_an_unread_kep_is_not_an_orphan() {
    let report = check_kep("#".repeat(2_000_000));
    assert_eq!(new_errors(&report), [("file-not-regular", KEP)]);
}

#[test]
fn scalar_of_fifty_megabytes_is_not_read() {
    let repo = TestRepo::folders();
    for path in [KEP, PRR_FILE] {
        repo.write(format!("head/{path}"), format!("title: \"{}\"\n", "x".repeat(50_000_000)));
    }
    let report = judge(&repo);
    assert!(new_errors(&report).contains(&("file-not-regular", KEP)));
}

/// Each fault gets its own finding, or one finding says that there are too many. Both stay within bounds.
#[test]
fn hundreds_of_thousands_of_faults_are_reported_within_bounds() {
    let mut failed = Vec::new();
    let sound = kep_with(&[]);
    let reviewers = |list: &str| sound.replace("reviewers:\n", &format!("reviewers:{list}"));
    for (what, content, rule) in [
        ("handles", reviewers(&format!("\n{}", "  - a b\n".repeat(100_000))), "handle-malformed"),
        ("handles on a line", reviewers(&format!(" [{}]\nx:\n", "a b, ".repeat(13_000))), "handle-malformed"),
        (
            "handles with fixes on a line",
            reviewers(&format!(" [{}] # {}\nx:\n", "a, ".repeat(1_500), "p".repeat(60_000))),
            "handle-malformed",
        ),
        ("a key again and again", format!("{sound}{}", "title: x\n".repeat(20_000)), "yaml-duplicate-key"),
        ("no key again and again", ":\n".repeat(500_000), "yaml-duplicate-key"),
        ("unknown keys", format!("{sound}{}", keys("latest-m", 60_000)), "yaml-unknown-key"),
        ("short unknown keys", format!("{sound}{}", keys("k", 90_000)), "yaml-unknown-key"),
        ("markers", "a---\n".repeat(200_000), "yaml-document-marker"),
        ("tabs", "\t\n".repeat(500_000), "yaml-syntax"),
        ("quotes", "\"\n".repeat(500_000), "yaml-syntax"),
        ("bare handles", "a: @b\n".repeat(150_000), "yaml-syntax"),
        (
            "references",
            sound.replace("see-also:\n", &format!("see-also:\n{}", "  - /keps/x\n".repeat(80_000))),
            "reference-dangling",
        ),
        ("groups", sound.replace("sigs:\n", &format!("sigs:\n{}", "  - sig-nod\n".repeat(80_000))), "sig-unknown"),
    ] {
        let told = std::panic::catch_unwind(|| {
            let report = check_kep(content);
            all_found(&report).iter().any(|found| [(rule, KEP), ("yaml-syntax", KEP)].contains(found))
        });
        if !told.unwrap_or_default() {
            failed.push(what);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

fn keys(start: &str, count: usize) -> String {
    (0..count).flat_map(|number| [start.to_owned(), number.to_string(), ": x\n".to_owned()]).collect()
}

#[test]
fn malformed_prr_files_are_reported() {
    for (what, content) in [
        ("empty", Vec::new()),
        ("deep", "[".repeat(100_000).into_bytes()),
        ("binary", (0..=255).cycle().take(100_000).collect()),
        ("stages", "alpha:\n  approver: x\n".repeat(20_000).into_bytes()),
        ("a list", "- alpha\n".repeat(100_000).into_bytes()),
    ] {
        let repo = TestRepo::folders();
        repo.write(format!("head/{PRR_FILE}"), content);
        let report = judge(&repo);
        let errors = new_errors(&report);
        assert!(errors.iter().any(|(rule, path)| rule.starts_with("yaml-") && *path == PRR_FILE), "{what}: {errors:?}");
    }
}

#[test]
fn malformed_owners_aliases_are_reported() {
    for (what, content) in [
        ("empty", String::new()),
        ("deep", "[\n".repeat(100_000)),
        ("a list", "- a\n".repeat(100_000)),
        ("groups", format!("aliases:\n{}", "  prod-readiness-approvers: []\n".repeat(20_000))),
    ] {
        let repo = TestRepo::folders();
        repo.write("head/OWNERS_ALIASES", content);
        let report = judge(&repo);
        assert!(new_errors(&report).contains(&("aliases-invalid", "OWNERS_ALIASES")), "{what}: {report}");
    }
}

/// The pull request itself is small: git stores the README once.
#[test]
fn change_of_too_many_large_files_is_unchecked() {
    let repo = TestRepo::folders();
    let line = format!("{}\n", "x".repeat(1_000));
    let readme = repo.write("readme", line.repeat(1_047));
    for number in 2_000..2_200 {
        let dir = format!("head/keps/sig-node/{number}-x");
        repo.write(format!("{dir}/kep.yaml"), kep_with(&[("status", "x")]));
        std::fs::hard_link(&readme, repo.place(format!("{dir}/README.md"))).unwrap();
    }
    let report = judge(&repo);
    assert_eq!((&report["exit"], &report["verdict"]), (&3.into(), &"unchecked".into()));
    let message = report["error"]["message"].as_str().unwrap();
    assert!(message.contains("the files to check have more than 128 MiB in total"), "{message}");
    assert!(message.contains("split the change into smaller ones"), "{message}");
    assert!(new_errors(&report).iter().filter(|(rule, _)| *rule == "status-invalid").count() > 100);
}

#[test]
fn hundreds_of_new_keps_are_checked_within_bounds() {
    let repo = TestRepo::folders();
    for number in 2_000..2_600 {
        repo.write(format!("head/keps/sig-node/{number}-x/kep.yaml"), kep_with(&[]));
    }
    let report = judge(&repo);
    assert_eq!(report["keps"].as_array().unwrap().len(), 600);
}

#[test]
fn hundreds_of_keps_that_share_a_prr_file_are_checked_within_bounds() {
    let repo = TestRepo::folders();
    for number in 0..300 {
        repo.write(format!("head/keps/sig-node/v{number}/kep.yaml"), kep_with(&[]));
    }
    let report = judge(&repo);
    assert_eq!(new_errors(&report).iter().filter(|(rule, _)| *rule == "prr-file-shared").count(), 300);
}

#[test]
fn metadata_with_errors_on_every_line_is_checked_within_bounds() {
    let report = check_kep(format!("{}{}", kep_with(&[]), "@a\n".repeat(100_000)));
    assert_eq!(new_errors(&report).iter().filter(|(rule, _)| *rule == "yaml-syntax").count(), 20);
}

/// For each file, kepgate looks through every KEP of the tree for its owner.
#[test]
fn three_hundred_orphaned_prr_files_are_checked_within_bounds() {
    let repo = TestRepo::folders();
    for number in 2_000..2_300 {
        for side in ["base", "head"] {
            repo.write(format!("{side}/keps/sig-node/{number}-x/kep.yaml"), kep_with(&[]));
        }
    }
    for number in 5_000..5_300 {
        repo.write(format!("head/keps/prod-readiness/sig-node/{number}.yaml"), SAMPLE_PRR);
    }
    let report = judge(&repo);
    assert_eq!(new_errors(&report).iter().filter(|(rule, _)| *rule == "prr-file-orphan").count(), 300);
}

#[test]
fn symbolic_links_and_pipes_are_never_opened() {
    let repo = TestRepo::folders();
    repo.write("secret", "title: TOPSECRET\n");
    for path in [KEP, PRR_FILE] {
        repo.remove(&format!("head/{path}"));
        std::os::unix::fs::symlink(repo.place("secret"), repo.place(format!("head/{path}"))).unwrap();
    }
    let report = judge(&repo);
    assert!(new_errors(&report).contains(&("file-not-regular", KEP)));
    assert!(!report.to_string().contains("TOPSECRET"));
    repo.remove(&format!("head/{KEP}"));
    let made = std::process::Command::new("mkfifo").arg(repo.place(format!("head/{KEP}"))).status().unwrap();
    assert!(made.success());
    assert!(new_errors(&judge(&repo)).contains(&("metadata-missing", &format!("{DIR}/README.md"))));
}
