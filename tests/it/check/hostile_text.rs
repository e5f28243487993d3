//! Text in a change that tries to escape from a report.

use crate::check::hostile::{judge, judge_kep};
use crate::support::{
    ALIASES, APPROVAL, FIELDS, KEP, PAYLOADS, SOUND_APPROVAL, TestRepo, commands, kep_with, kepgate, new_errors,
    scalar, within_bounds,
};

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
            let sandbox = TestRepo::folders();
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
            let sandbox = TestRepo::folders();
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
        let sandbox = TestRepo::folders();
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
    let sandbox = TestRepo::repository();
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
    let sandbox = TestRepo::folders();
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
        let sandbox = TestRepo::folders();
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
