//! Text in a change that tries to escape from a report.

use crate::check::hostile::{check_kep, judge};
use crate::support::{
    ALIASES, FIELDS, KEP, PAYLOADS, PRR_FILE, SAMPLE_PRR, TestRepo, commands, kep_with, kepgate, new_errors, scalar,
    within_bounds,
};

/// Sets each field in turn to `value`, and then all of them at once.
fn with_each_field(value: &str) -> Vec<String> {
    let mut texts: Vec<_> = FIELDS.iter().map(|(field, ..)| kep_with(&[(field, value)])).collect();
    texts.push(kep_with(&FIELDS.iter().map(|(field, ..)| (*field, value)).collect::<Vec<_>>()));
    texts
}

#[test]
fn hostile_field_values_stay_text() {
    for (index, payload) in PAYLOADS.iter().enumerate() {
        // Each payload is tried in every third field, so that three payloads in a row cover them all.
        let texts = with_each_field(&scalar(payload)).into_iter().enumerate();
        for (_, text) in texts.filter(|(field, _)| (field + index) % 3 == 0 || *field == FIELDS.len()) {
            check_kep(text);
        }
    }
}

#[test]
fn hostile_status_is_reported_as_invalid() {
    for payload in PAYLOADS {
        let report = check_kep(kep_with(&[("status", &scalar(payload))]));
        let errors = new_errors(&report);
        assert_eq!(errors.contains(&("yaml-document-marker", KEP)), payload.contains("---"), "{payload:?}");
        assert!(errors.contains(&("status-invalid", KEP)), "{payload:?}");
        assert_eq!(report["keps"][0]["status"]["head"], **payload);
    }
}

#[test]
fn hostile_keys_and_lines_stay_text() {
    for payload in PAYLOADS {
        let key = format!("{}{}: x\n", kep_with(&[]), scalar(payload));
        assert!(new_errors(&check_kep(key)).contains(&("yaml-unknown-key", KEP)), "{payload:?}");
        // Unescaped: on its own line, after a key, in a comment, and between two reported keys.
        for raw in [
            format!("{payload}\n{}", kep_with(&[])),
            kep_with(&[("status", payload)]),
            kep_with(&[("status", &format!("x # {payload}"))]),
            format!("title: a\n{payload}\ntitle: b\n{}", kep_with(&[])),
            format!("title: |\n  {}\ntitle: b\n", payload.replace('\n', "\n  ")),
        ] {
            let report = check_kep(raw);
            assert!(report["exit"] == 1 || payload.starts_with('#'), "{payload:?}");
        }
    }
}

#[test]
fn hostile_prr_files_stay_text() {
    for payload in PAYLOADS {
        let value = scalar(payload);
        for text in [
            format!("kep-number: {value}\nalpha:\n  approver: \"@petra-solm\"\n"),
            format!("kep-number: 1234\nalpha:\n  approver: {value}\n"),
            format!("kep-number: 1234\nalpha:\n  approver: \"@petra-solm\"\n{value}:\n  approver: {value}\n"),
            format!("kep-number: 1234\nalpha: {value}\n"),
            format!("{payload}\n{SAMPLE_PRR}"),
        ] {
            let repo = TestRepo::folders();
            repo.write(format!("head/{PRR_FILE}"), text);
            let report = judge(&repo);
            assert!(report["exit"] == 1 || payload.starts_with('#'), "{payload:?}");
        }
    }
}

#[test]
fn hostile_owners_aliases_stay_text() {
    for payload in PAYLOADS {
        let value = scalar(payload);
        for text in [
            format!("{ALIASES}  {value}:\n    - {value}\n  {value}: []\n"),
            format!("aliases:\n  prod-readiness-approvers:\n    - {value}\n"),
            format!("{payload}\n"),
            format!("aliases: {value}\n"),
        ] {
            let repo = TestRepo::folders();
            repo.write("head/OWNERS_ALIASES", text);
            assert_eq!(judge(&repo)["exit"], 1, "{payload:?}");
            // The target branch is trusted, but an invalid policy must not break the reports either.
            repo.write("base/OWNERS_ALIASES", repo.read("head/OWNERS_ALIASES"));
            repo.write(format!("head/{KEP}"), kep_with(&[("owning-sig", "sig-nobody")]));
            judge(&repo);
        }
    }
}

#[test]
fn hostile_file_names_stay_text() {
    let odd: &[&[u8]] =
        &[b"caf\xe9", b"\xff\xfe", b"\xf0\x9f", b"\\xFF", b"%2e%2e", b"-rf", b"a\tb", b"'\"", b"a:b,c", b"~"];
    for payload in PAYLOADS.iter().map(|payload| payload.as_bytes()).chain(odd.iter().copied()) {
        let name: Vec<u8> = payload.iter().copied().filter(|byte| !matches!(byte, b'/' | 0)).collect();
        let inside = |before: &[u8], after: &[u8]| [before, &name, after].concat();
        let repo = TestRepo::folders();
        let bad = kep_with(&[("status", "misspelt")]);
        repo.write(inside(b"head/keps/sig-node/77-", b"/kep.yaml"), &bad);
        repo.write(inside(b"head/keps/sig-", b"/78-x/kep.yaml"), &bad);
        repo.write(inside(b"head/keps/sig-node/79-x/", b".yaml"), &bad);
        repo.write("head/keps/sig-node/79-x/README.md", "");
        repo.write(inside(b"head/keps/prod-readiness/sig-node/", b".yaml"), SAMPLE_PRR);
        repo.write(inside(b"head/keps/prod-readiness/", b"/80.yaml"), SAMPLE_PRR);
        let report = judge(&repo);
        let errors = new_errors(&report);
        for (rule, count) in [("status-invalid", 2), ("metadata-missing", 1), ("prr-file-orphan", 2)] {
            assert_eq!(errors.iter().filter(|(found, _)| *found == rule).count(), count, "{rule}: {errors:?}");
        }
    }
}

/// The runner reads the whole log: standard output in any format, and standard error.
#[test]
fn hostile_paths_in_errors_are_no_workflow_commands() {
    let repo = TestRepo::repository();
    repo.branch("topic");
    repo.write(KEP, kep_with(&[("status", &scalar("##[error]pwned"))]));
    let lost = "keps/sig-node/77-##[error]pwned/kep.yaml";
    repo.write(lost, kep_with(&[("title", "lost")]));
    repo.commit();
    let blob = repo.id(&format!("topic:{lost}"));
    repo.remove(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]));
    let mut steered = Vec::new();
    for output in ["github", "text", "markdown", "json", "sarif", "junit", "json=report.json"] {
        let mut command = kepgate(repo.path());
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
fn truncated_summary_closes_its_tags() {
    let repo = TestRepo::folders();
    let old = kep_with(&[("reviewers", "odile-varga")]);
    repo.write(format!("base/{KEP}"), &old);
    let findings = "  - /keps/nowhere\n".repeat(10_000);
    repo.write(format!("head/{KEP}"), old.replace("see-also:\n", &format!("see-also:\n{findings}")));
    judge(&repo);
}

/// A xorshift generator with the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    /// A random sequence of payloads, parts of payloads and other characters.
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
fn four_hundred_random_changes_stay_text() {
    let mut dice = Dice(0x5eed_cafe);
    for _ in 0..400 {
        let repo = TestRepo::folders();
        let mut values = Vec::new();
        for (field, ..) in FIELDS {
            if dice.roll(4) == 0 {
                let text = dice.string();
                values.push((*field, if dice.roll(4) == 0 { text } else { scalar(&text) }));
            }
        }
        let values: Vec<_> = values.iter().map(|(field, value)| (*field, value.as_str())).collect();
        let comment = dice.string();
        repo.write(format!("head/{KEP}"), format!("{}# {comment}\n", kep_with(&values)));
        let approver = scalar(&dice.string());
        repo.write(format!("head/{PRR_FILE}"), format!("kep-number: 1234\nalpha:\n  approver: {approver}\n"));
        let name = dice.string().replace(['/', '\0'], "");
        let name: String = name.chars().take(40).collect();
        repo.write(format!("head/keps/sig-node/88{}{name}/README.md", if name.is_empty() { "" } else { "-" }), "");
        judge(&repo);
    }
}
