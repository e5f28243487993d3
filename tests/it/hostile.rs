//! Files that a stranger wrote to break something: kepgate says what is wrong with them, or nothing, within its bounds.

use serde_json::Value;

use crate::sandbox::{
    ALIASES, APPROVAL, DIR, FIELDS, KEP, PAYLOADS, SOUND_APPROVAL, Sandbox, all_found, check_junit, check_log,
    check_sarif, check_summary, check_text, commands, kep_with, new_errors, scalar, within_bounds,
};
use crate::support::kepgate;

/// Compares the folders in every format at once, sees that each keeps its promises, and gives the JSON report.
pub(crate) fn judge(sandbox: &Sandbox) -> Value {
    let mut command = kepgate(sandbox.path());
    command.args(["check", "--base-dir", "base", "--head-dir", "head", "--output", "github"]);
    command.args(["--output", "json=report.json", "--output", "markdown=summary.md", "--output", "text=report.txt"]);
    command.args(["--output", "sarif=report.sarif", "--output", "junit=report.xml"]);
    let run = within_bounds(&command);
    let report: Value = serde_json::from_str(&sandbox.read("report.json")).unwrap();
    assert_eq!(report["exit"], run.code);
    check_log(&format!("{}{}", run.stdout, run.stderr), &report);
    check_summary(&sandbox.read("summary.md"), None);
    for text in [&run.stdout, &run.stderr, &sandbox.read("report.txt"), &sandbox.read("report.json")] {
        check_text(text);
    }
    check_text(&sandbox.read("report.sarif"));
    check_text(&sandbox.read("report.xml"));
    // kepgate's own icons have one.
    check_text(&sandbox.read("summary.md").replace("⚠\u{fe0f}", "").replace("ℹ\u{fe0f}", ""));
    check_sarif(&sandbox.read("report.sarif"), &report);
    check_junit(&sandbox.read("report.xml"), &report);
    report
}

/// The report on a change that puts `content` in place of the sound `kep.yaml`.
fn judge_kep(content: impl AsRef<[u8]>) -> Value {
    let sandbox = Sandbox::folders();
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
    let sandbox = Sandbox::folders();
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
        let sandbox = Sandbox::folders();
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
        let sandbox = Sandbox::folders();
        sandbox.write("head/OWNERS_ALIASES", content);
        let report = judge(&sandbox);
        assert!(new_errors(&report).contains(&("aliases-invalid", "OWNERS_ALIASES")), "{what}: {report}");
    }
}

/// The pull request itself is small: git stores the README once.
#[test]
fn a_change_of_too_many_large_files_is_checked_in_part() {
    let sandbox = Sandbox::folders();
    let line = format!("{}\n", "x".repeat(1_000));
    let readme = sandbox.write("readme", line.repeat(1_047));
    for number in 2_000..2_200 {
        let dir = format!("head/keps/sig-node/{number}-x");
        sandbox.write(format!("{dir}/kep.yaml"), kep_with(&[("status", "x")]));
        std::fs::hard_link(&readme, sandbox.place(format!("{dir}/README.md"))).unwrap();
    }
    let report = judge(&sandbox);
    assert_eq!((&report["exit"], &report["verdict"]), (&3.into(), &"unchecked".into()));
    let message = report["error"]["message"].as_str().unwrap();
    assert!(message.contains("the files to check have more than 128 MiB in total"), "{message}");
    assert!(message.contains("split the change into smaller ones"), "{message}");
    assert!(new_errors(&report).iter().filter(|(rule, _)| *rule == "status-invalid").count() > 100);
}

#[test]
fn a_thousand_files_cost_what_a_thousand_files_cost() {
    let sandbox = Sandbox::folders();
    for number in 2_000..3_000 {
        sandbox.write(format!("head/keps/sig-node/{number}-x/kep.yaml"), kep_with(&[]));
    }
    let report = judge(&sandbox);
    assert_eq!(report["keps"].as_array().unwrap().len(), 1_000);
}

/// Each sends kepgate through every KEP of the tree in search of one that claims it.
#[test]
fn files_that_no_kep_claims_cost_little() {
    let sandbox = Sandbox::folders();
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
    let sandbox = Sandbox::folders();
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

/// The value of each field in turn, and that of all at once.
fn with_each_field(value: &str) -> Vec<String> {
    let mut texts: Vec<_> = FIELDS.iter().map(|(field, ..)| kep_with(&[(field, value)])).collect();
    texts.push(kep_with(&FIELDS.iter().map(|(field, ..)| (*field, value)).collect::<Vec<_>>()));
    texts
}

#[test]
fn no_field_of_a_kep_steers_anything() {
    for (index, payload) in PAYLOADS.iter().enumerate() {
        // Each payload meets every third field, and with its neighbours all of them.
        let texts = with_each_field(&scalar(payload)).into_iter().enumerate();
        for (_, text) in texts.filter(|(field, _)| (field + index) % 3 == 0 || *field == FIELDS.len()) {
            judge_kep(text);
        }
    }
}

#[test]
fn no_value_is_too_strange_to_be_quoted() {
    for payload in PAYLOADS {
        let report = judge_kep(kep_with(&[("status", &scalar(payload))]));
        let errors = new_errors(&report);
        assert_eq!(errors.contains(&("yaml-document-marker", KEP)), payload.contains("---"), "{payload:?}");
        assert!(errors.contains(&("status-invalid", KEP)), "{payload:?}");
        assert_eq!(report["keps"][0]["status"]["head"], **payload);
    }
}

#[test]
fn no_key_and_no_line_of_a_kep_steers_anything() {
    for payload in PAYLOADS {
        let key = format!("{}{}: x\n", kep_with(&[]), scalar(payload));
        assert!(new_errors(&judge_kep(key)).contains(&("yaml-unknown-key", KEP)), "{payload:?}");
        // As it is: on a line of its own, behind a key, in a comment, and between two keys that are reported.
        for raw in [
            format!("{payload}\n{}", kep_with(&[])),
            kep_with(&[("status", payload)]),
            kep_with(&[("status", &format!("x # {payload}"))]),
            format!("title: a\n{payload}\ntitle: b\n{}", kep_with(&[])),
            format!("title: |\n  {}\ntitle: b\n", payload.replace('\n', "\n  ")),
        ] {
            let report = judge_kep(raw);
            assert!(report["exit"] == 1 || payload.starts_with('#'), "{payload:?}");
        }
    }
}

#[test]
fn no_production_readiness_file_steers_anything() {
    for payload in PAYLOADS {
        let value = scalar(payload);
        for text in [
            format!("kep-number: {value}\nalpha:\n  approver: \"@petra-solm\"\n"),
            format!("kep-number: 1234\nalpha:\n  approver: {value}\n"),
            format!("kep-number: 1234\nalpha:\n  approver: \"@petra-solm\"\n{value}:\n  approver: {value}\n"),
            format!("kep-number: 1234\nalpha: {value}\n"),
            format!("{payload}\n{SOUND_APPROVAL}"),
        ] {
            let sandbox = Sandbox::folders();
            sandbox.write(format!("head/{APPROVAL}"), text);
            let report = judge(&sandbox);
            assert!(report["exit"] == 1 || payload.starts_with('#'), "{payload:?}");
        }
    }
}

#[test]
fn no_alias_steers_anything() {
    for payload in PAYLOADS {
        let value = scalar(payload);
        for text in [
            format!("{ALIASES}  {value}:\n    - {value}\n  {value}: []\n"),
            format!("aliases:\n  prod-readiness-approvers:\n    - {value}\n"),
            format!("{payload}\n"),
            format!("aliases: {value}\n"),
        ] {
            let sandbox = Sandbox::folders();
            sandbox.write("head/OWNERS_ALIASES", text);
            assert_eq!(judge(&sandbox)["exit"], 1, "{payload:?}");
            // The target branch is trusted with its policy; a wrong one must not break the reports either.
            sandbox.write("base/OWNERS_ALIASES", sandbox.read("head/OWNERS_ALIASES"));
            sandbox.write(format!("head/{KEP}"), kep_with(&[("owning-sig", "sig-nobody")]));
            judge(&sandbox);
        }
    }
}

#[test]
fn no_name_of_a_file_steers_anything() {
    let odd: &[&[u8]] =
        &[b"caf\xe9", b"\xff\xfe", b"\xf0\x9f", b"\\xFF", b"%2e%2e", b"-rf", b"a\tb", b"'\"", b"a:b,c", b"~"];
    for payload in PAYLOADS.iter().map(|payload| payload.as_bytes()).chain(odd.iter().copied()) {
        let name: Vec<u8> = payload.iter().copied().filter(|byte| !matches!(byte, b'/' | 0)).collect();
        let inside = |before: &[u8], after: &[u8]| [before, &name, after].concat();
        let sandbox = Sandbox::folders();
        let bad = kep_with(&[("status", "misspelt")]);
        sandbox.write(inside(b"head/keps/sig-node/77-", b"/kep.yaml"), &bad);
        sandbox.write(inside(b"head/keps/sig-", b"/78-x/kep.yaml"), &bad);
        sandbox.write(inside(b"head/keps/sig-node/79-x/", b".yaml"), &bad);
        sandbox.write("head/keps/sig-node/79-x/README.md", "");
        sandbox.write(inside(b"head/keps/prod-readiness/sig-node/", b".yaml"), SOUND_APPROVAL);
        sandbox.write(inside(b"head/keps/prod-readiness/", b"/80.yaml"), SOUND_APPROVAL);
        let report = judge(&sandbox);
        let errors = new_errors(&report);
        for (rule, count) in [("status-invalid", 2), ("metadata-missing", 1), ("prr-file-orphan", 2)] {
            assert_eq!(errors.iter().filter(|(found, _)| *found == rule).count(), count, "{rule}: {errors:?}");
        }
    }
}

/// A log is read as a whole, whatever is asked for on standard output, and standard error is a part of it.
#[test]
fn no_format_and_no_error_message_steers_the_runner() {
    let sandbox = Sandbox::repository();
    sandbox.branch("topic");
    sandbox.write(KEP, kep_with(&[("status", &scalar("##[error]pwned"))]));
    let lost = "keps/sig-node/77-##[error]pwned/kep.yaml";
    sandbox.write(lost, kep_with(&[("title", "lost")]));
    sandbox.commit();
    let blob = sandbox.id(&format!("topic:{lost}"));
    sandbox.remove(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]));
    let mut steered = Vec::new();
    for output in ["github", "text", "markdown", "json", "sarif", "junit", "json=report.json"] {
        let mut command = kepgate(sandbox.path());
        command.args(["check", "--base", "main", "--head", "topic", "--output", output]).env("GITHUB_ACTIONS", "true");
        let run = within_bounds(&command);
        assert_eq!(run.code, 3, "{output}");
        for (stream, text) in [("out", run.stdout), ("err", run.stderr)] {
            if commands(&text).iter().any(|command| command.data.trim_start().starts_with("pwned")) {
                steered.push(format!("{output} on std{stream}"));
            }
        }
    }
    assert!(steered.is_empty(), "{steered:?}");
}

#[test]
fn a_full_summary_closes_what_it_has_opened() {
    let sandbox = Sandbox::folders();
    let old = kep_with(&[("reviewers", "odile-varga")]);
    sandbox.write(format!("base/{KEP}"), &old);
    let findings = "  - /keps/nowhere\n".repeat(10_000);
    sandbox.write(format!("head/{KEP}"), old.replace("see-also:\n", &format!("see-also:\n{findings}")));
    judge(&sandbox);
}

/// A xorshift: the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    /// Pieces of payloads, and characters of all kinds, in a row.
    fn string(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..=self.roll(6) {
            let payload = PAYLOADS[self.roll(PAYLOADS.len())];
            let from = self.roll(payload.chars().count());
            match self.roll(3) {
                0 => text.push_str(payload),
                1 => text.extend(payload.chars().skip(from)),
                _ => {
                    let code = u32::try_from(self.roll(0x3100)).unwrap();
                    text.extend(char::from_u32(code).into_iter().cycle().take(1 + from % 3));
                }
            }
        }
        text
    }
}

#[test]
fn four_hundred_changes_at_random_steer_nothing() {
    let mut dice = Dice(0x5eed_cafe);
    for _ in 0..400 {
        let sandbox = Sandbox::folders();
        let mut values = Vec::new();
        for (field, ..) in FIELDS {
            if dice.roll(4) == 0 {
                let text = dice.string();
                values.push((*field, if dice.roll(4) == 0 { text } else { scalar(&text) }));
            }
        }
        let values: Vec<_> = values.iter().map(|(field, value)| (*field, value.as_str())).collect();
        let comment = dice.string();
        sandbox.write(format!("head/{KEP}"), format!("{}# {comment}\n", kep_with(&values)));
        let approver = scalar(&dice.string());
        sandbox.write(format!("head/{APPROVAL}"), format!("kep-number: 1234\nalpha:\n  approver: {approver}\n"));
        let name = dice.string().replace(['/', '\0'], "");
        let name: String = name.chars().take(40).collect();
        sandbox.write(format!("head/keps/sig-node/88{}{name}/README.md", if name.is_empty() { "" } else { "-" }), "");
        judge(&sandbox);
    }
}
