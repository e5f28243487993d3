//! Files that a stranger wrote to break something: kepgate says what is wrong with them, or nothing, within its bounds.

use serde_json::Value;

use crate::support::{
    APPROVAL, DIR, KEP, SOUND_APPROVAL, TestRepo, all_found, check_junit, check_log, check_sarif, check_summary,
    check_text, kep_with, kepgate, new_errors, within_bounds,
};

/// Compares the folders in every format at once, sees that each keeps its promises, and gives the JSON report.
pub(crate) fn judge(sandbox: &TestRepo) -> Value {
    let mut command = kepgate(sandbox.path());
    command.args(["check", "--base-dir", "base", "--head-dir", "head", "--output", "github"]);
    command.args(["--output", "json=report.json", "--output", "markdown=summary.md", "--output", "text=report.txt"]);
    command.args(["--output", "sarif=report.sarif", "--output", "junit=report.xml"]);
    let run = within_bounds(&command);
    let report: Value = serde_json::from_str(&sandbox.read("report.json")).unwrap();
    assert_eq!(report["exit"], run.code);
    check_log(&format!("{}{}", run.stdout, run.stderr), &report);
    check_summary(&sandbox.read("summary.md"), None);
    check_text(&sandbox.read("report.txt"));
    check_sarif(&sandbox.read("report.sarif"), &report);
    check_junit(&sandbox.read("report.xml"), &report);
    report
}

/// The report on a change that puts `content` in place of the sound `kep.yaml`.
pub(crate) fn judge_kep(content: impl AsRef<[u8]>) -> Value {
    let sandbox = TestRepo::folders();
    sandbox.write(format!("head/{KEP}"), content);
    judge(&sandbox)
}

/// A change that makes `content` the `kep.yaml` has a new error about it as YAML, in these words.
fn is_refused(what: &str, content: impl AsRef<[u8]>, words: &str) {
    let report = judge_kep(content);
    let errors = new_errors(&report);
    assert!(errors.contains(&("yaml-syntax", KEP)), "{what}: {errors:?}");
    assert!(report["findings"].to_string().contains(words), "{what}: {}", report["findings"]);
    assert_eq!(report["exit"], 1, "{what}");
}

fn is_clean(what: &str, content: impl AsRef<[u8]>) {
    let report = judge_kep(content);
    assert_eq!(all_found(&report), [], "{what}");
    assert_eq!((&report["exit"], report["keps"].as_array().unwrap().len()), (&0.into(), 1), "{what}");
}

#[test]
fn the_sound_kep_is_sound() {
    is_clean("with a comment more", format!("{}# more\n", kep_with(&[])));
}

#[test]
fn what_is_nested_deeply_is_refused() {
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
        let report = judge_kep(unit.repeat(count));
        assert!(new_errors(&report).contains(&("yaml-syntax", KEP)), "{what}: {:?}", new_errors(&report));
    }
    is_refused("nested in a field", format!("{}metrics:\n{}", kep_with(&[]), "[\n".repeat(100_000)), "64 deep");
    let steps: String = (0..1_400).flat_map(|depth| [" ".repeat(depth), "-\n".to_owned()]).collect();
    is_refused("steps", format!("title:\n{steps}"), "64 deep");
}

#[test]
fn a_line_that_upstream_cannot_read_is_refused() {
    for unit in ["[", "- "] {
        is_refused("a long line", unit.repeat(100_000), "64 KiB");
    }
    is_refused("a comment", format!("{}#{}\n", kep_with(&[]), "x".repeat(1_000_000)), "64 KiB");
}

#[test]
fn aliases_are_not_expanded() {
    let mut bomb = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..30 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    is_refused("a bomb", bomb, "aliases");
    is_refused("a snake", "title: &a [*a]\n", "aliases");
    is_refused("a merge key", format!("{}<<: *a\n", kep_with(&[])), "merge keys");
}

#[test]
fn what_is_no_text_is_refused() {
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
        ("a word", "word\n".to_owned(), "a plain value"),
    ] {
        is_refused(what, content, words);
    }
    let latin: Vec<u8> = [sound.as_bytes(), b"# caf\xe9\n"].concat();
    is_refused("Latin 1", &latin, &format!("line {}", sound.lines().count() + 1));
    let wide: Vec<u8> = sound.encode_utf16().flat_map(u16::to_le_bytes).collect();
    is_refused("UTF-16", wide, "U+0000");
    is_refused("half a character", [sound.as_bytes(), b"# \xf0\x9f"].concat(), "not UTF-8");
}

#[test]
fn what_editors_do_to_text_is_fine() {
    let sound = kep_with(&[]);
    is_clean("a byte order mark", format!("\u{feff}{sound}"));
    is_clean("lines of Windows", sound.replace('\n', "\r\n"));
    is_clean("both", format!("\u{feff}{sound}").replace('\n', "\r\n"));
    is_clean("no line feed at the end", sound.trim_end());
    is_clean("comments without end", format!("{}{sound}", "# x\n".repeat(100_000)));
    is_clean("comments before a list", sound.replace("authors:\n", &format!("authors:\n{}", "  # x\n".repeat(500))));
}

#[test]
fn a_file_is_read_up_to_a_mebibyte() {
    let sound = kep_with(&[]);
    let fill = |size: usize| {
        let line = format!("#{}\n", "x".repeat(1_022));
        let mut text = sound.clone() + &line.repeat((size - sound.len()) / line.len());
        let rest = size - text.len();
        text.push_str(&"#".repeat(rest));
        text
    };
    is_clean("1 MiB", fill(1_048_576));
    for (what, size) in [("1 MiB and a byte", 1_048_577), ("50 MB", 50_000_000)] {
        let report = judge_kep(fill(size));
        assert!(new_errors(&report).contains(&("file-not-regular", KEP)), "{what}");
        assert!(report["findings"].to_string().contains(&format!("{size} bytes")), "{what}");
    }
}

/// One cause, one finding: nothing is known of whose the production-readiness file is, so it is not called an orphan.
#[test]
fn a_kep_that_is_not_read_keeps_its_production_readiness_file() {
    let report = judge_kep("#".repeat(2_000_000));
    assert_eq!(new_errors(&report), [("file-not-regular", KEP)]);
}

#[test]
fn a_scalar_of_fifty_megabytes_is_not_read() {
    let sandbox = TestRepo::folders();
    for path in [KEP, APPROVAL] {
        sandbox.write(format!("head/{path}"), format!("title: \"{}\"\n", "x".repeat(50_000_000)));
    }
    let report = judge(&sandbox);
    assert!(new_errors(&report).contains(&("file-not-regular", KEP)));
}

/// Each is worth a finding of its own, or all of them one that says that there are too many; either way within bounds.
#[test]
fn faults_without_end_are_told_within_the_bounds() {
    let mut failed = Vec::new();
    let sound = kep_with(&[]);
    let reviewers = |list: &str| sound.replace("reviewers:\n", &format!("reviewers:{list}"));
    for (what, content, rule) in [
        ("handles", reviewers(&format!("\n{}", "  - a b\n".repeat(100_000))), "handle-malformed"),
        ("handles on a line", reviewers(&format!(" [{}]\nx:\n", "a b, ".repeat(13_000))), "handle-malformed"),
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
            let report = judge_kep(content);
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
fn a_production_readiness_file_of_any_kind_is_survived() {
    for (what, content) in [
        ("empty", Vec::new()),
        ("deep", "[".repeat(100_000).into_bytes()),
        ("binary", (0..=255).cycle().take(100_000).collect()),
        ("stages", "alpha:\n  approver: x\n".repeat(20_000).into_bytes()),
        ("a list", "- alpha\n".repeat(100_000).into_bytes()),
    ] {
        let sandbox = TestRepo::folders();
        sandbox.write(format!("head/{APPROVAL}"), content);
        let report = judge(&sandbox);
        let errors = new_errors(&report);
        assert!(errors.iter().any(|(rule, path)| rule.starts_with("yaml-") && *path == APPROVAL), "{what}: {errors:?}");
    }
}

#[test]
fn aliases_of_any_kind_are_survived() {
    for (what, content) in [
        ("empty", String::new()),
        ("deep", "[\n".repeat(100_000)),
        ("a list", "- a\n".repeat(100_000)),
        ("groups", format!("aliases:\n{}", "  prod-readiness-approvers: []\n".repeat(20_000))),
    ] {
        let sandbox = TestRepo::folders();
        sandbox.write("head/OWNERS_ALIASES", content);
        let report = judge(&sandbox);
        assert!(new_errors(&report).contains(&("aliases-invalid", "OWNERS_ALIASES")), "{what}: {report}");
    }
}

#[test]
fn a_thousand_files_cost_what_a_thousand_files_cost() {
    let sandbox = TestRepo::folders();
    for number in 2_000..3_000 {
        sandbox.write(format!("head/keps/sig-node/{number}-x/kep.yaml"), kep_with(&[]));
    }
    let report = judge(&sandbox);
    assert_eq!(report["keps"].as_array().unwrap().len(), 1_000);
}

/// Each sends kepgate through every KEP of the tree in search of one that claims it.
#[test]
fn files_that_no_kep_claims_cost_little() {
    let sandbox = TestRepo::folders();
    for number in 2_000..2_300 {
        for side in ["base", "head"] {
            sandbox.write(format!("{side}/keps/sig-node/{number}-x/kep.yaml"), kep_with(&[]));
        }
    }
    for number in 5_000..5_300 {
        sandbox.write(format!("head/keps/prod-readiness/sig-node/{number}.yaml"), SOUND_APPROVAL);
    }
    let report = judge(&sandbox);
    assert_eq!(new_errors(&report).iter().filter(|(rule, _)| *rule == "prr-file-orphan").count(), 300);
}

#[test]
fn what_is_no_file_is_not_opened() {
    let sandbox = TestRepo::folders();
    sandbox.write("secret", "title: TOPSECRET\n");
    for path in [KEP, APPROVAL] {
        sandbox.remove(&format!("head/{path}"));
        std::os::unix::fs::symlink(sandbox.place("secret"), sandbox.place(format!("head/{path}"))).unwrap();
    }
    let report = judge(&sandbox);
    assert!(new_errors(&report).contains(&("file-not-regular", KEP)));
    assert!(!report.to_string().contains("TOPSECRET"));
    sandbox.remove(&format!("head/{KEP}"));
    let made = std::process::Command::new("mkfifo").arg(sandbox.place(format!("head/{KEP}"))).status().unwrap();
    assert!(made.success());
    assert!(new_errors(&judge(&sandbox)).contains(&("metadata-missing", &format!("{DIR}/README.md"))));
}
