//! `kepgate readiness --packets`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::readiness::{readiness, verdicts};
use crate::support::corpus::clone;
use crate::support::{KEP, PAYLOADS, PRR_FILE, TestRepo, kep_with, kepgate, run, scalar};

/// The files in `folder`, with their texts.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap()))
        .collect()
}

/// The packets of v1.36 at a time.
fn packets(repo: &TestRepo, now: &str, arguments: &[&str]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("new/packets");
    let mut command = kepgate(repo.path());
    command.args(["readiness", "--release", "v1.36", "--packets"]).arg(&to).args(arguments).env("KEPGATE_NOW", now);
    let (code, _, stderr) = run(&mut command);
    let packets = files(&to);
    let comments = if packets.len() == 2 { "1 comment" } else { "2 comments" };
    let note = format!("kepgate: wrote {comments} and board.csv to {}\n", to.display());
    assert_eq!((code, stderr), (0, note));
    packets
}

#[test]
fn packets_say_what_is_met_and_missing() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("status", "provisional")]));
    repo.write("keps/sig-node/5-other/kep.yaml", kep_with(&[("kep-number", "5"), ("title", "=Other")]));
    let before = packets(&repo, "2026-02-01", &[]);
    assert_eq!(before.keys().collect::<Vec<_>>(), ["1234.md", "5.md", "board.csv"]);
    let at_risk = packets(&repo, "2026-02-10", &[]);
    let removed = packets(&repo, "2026-02-13", &[]);
    let exceptions = "enhancementFreeze:\n- {issue: 1234, status: approved, date_reviewed: 2026-02-12}\n";
    repo.write("exceptions.yaml", exceptions);
    let excepted = packets(&repo, "2026-02-13", &["--exceptions", "exceptions.yaml"]);
    let texts = [
        ("before the first freeze", &before),
        ("at risk", &at_risk),
        ("removed", &removed),
        ("with an exception", &excepted),
    ];
    let page = texts
        .iter()
        .map(|(name, packets)| {
            format!("======== {name}\n{}-------- board.csv\n{}", packets["1234.md"], packets["board.csv"])
        })
        .collect::<Vec<_>>()
        .concat();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("packets", page.replace('\r', "")));
}

#[test]
fn a_missing_approver_is_listed_once_and_a_bare_handle_gets_its_sign() {
    let repo = TestRepo::repository();
    let prr_file = repo.read(PRR_FILE);
    assert!(prr_file.contains("\"@petra-solm\""), "{prr_file}");
    repo.write(PRR_FILE, prr_file.replace("\"@petra-solm\"", "petra-solm"));
    let board = &packets(&repo, "2026-02-10", &[])["board.csv"];
    assert!(board.contains(",\"'@petra-solm\","), "{board}");
    repo.write(PRR_FILE, prr_file.replace("\"@petra-solm\"", "\"\""));
    let packet = &packets(&repo, "2026-02-10", &[])["1234.md"];
    assert_eq!(packet.matches("Required: ").count(), 1, "{packet}");
    assert!(
        packet.contains(". Required: The production readiness file names an approver for the target stage\n"),
        "{packet}"
    );
}

/// The criteria are about some fields only, so what is wrong with the others is a remark.
#[test]
fn errors_that_no_criterion_reports_are_remarks() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[]) + "naps: often\n");
    let what = "`naps`";
    let packet = &packets(&repo, "2026-02-10", &[])["1234.md"];
    assert!(packet.contains("worth a look:\n\n- ") && packet.contains(what), "{packet}");
    let (_, page, _) = readiness(repo.path(), &["--release", "v1.36", "--all"]);
    assert!(page.contains("         remark: ") && page.contains("(yaml-unknown-key)"), "{page}");
    let (_, json, _) = readiness(repo.path(), &["--release", "v1.36", "--output", "json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["keps"][0]["remarks"][0]["rule"], "yaml-unknown-key");
    assert_eq!(verdicts(&report["keps"][0])["prr-approver"].0, "met");
}

/// Nobody is asked to request again what was refused.
#[test]
fn a_refused_exception_is_named() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("status", "provisional")]));
    repo.write("exceptions.yaml", "enhancementFreeze:\n- {issue: 1234, status: rejected, date_reviewed: 2026-02-13}\n");
    let packet = &packets(&repo, "2026-02-14", &["--exceptions", "exceptions.yaml"])["1234.md"];
    assert!(
        packet.contains("\n\nThe exception request for this enhancement was refused on 2026-02-13.\n\n"),
        "{packet}"
    );
    assert!(packet.contains("/milestone clear") && !packet.contains("please file"), "{packet}");
    repo.write("exceptions.yaml", "enhancementFreeze:\n- {issue: 1234, status: pending}\n");
    let packet = &packets(&repo, "2026-02-14", &["--exceptions", "exceptions.yaml"])["1234.md"];
    assert!(packet.contains("\n\nThe exception request for this enhancement is still open.\n\n"), "{packet}");
}

/// An exception can be approved before the KEP is merged.
#[test]
fn exceptions_without_a_kep_have_a_packet() {
    let repo = TestRepo::repository();
    repo.write("exceptions.yaml", "enhancementFreeze:\n- {issue: 77, status: approved}\n");
    let packets = packets(&repo, "2026-02-13", &["--exceptions", "exceptions.yaml"]);
    assert_eq!(packets.keys().collect::<Vec<_>>(), ["1234.md", "77.md", "board.csv"]);
    let packet = &packets["77.md"];
    for part in [
        "but no KEP with its number has been merged.",
        "\n- no KEP has this number. Required: ",
        "\n/label tracked/yes\n",
    ] {
        assert!(packet.contains(part), "{packet}");
    }
}

/// Whoever wrote the repository may have chosen where the link points to.
#[test]
fn a_link_to_a_folder_is_refused() {
    let repo = TestRepo::repository();
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), repo.place("packets")).unwrap();
    for name in ["packets", "packets/", "./packets/."] {
        let (code, stdout, stderr) = readiness(repo.path(), &["--release", "v1.36", "--packets", name]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{name}");
        assert!(stderr.contains("--packets: ") && stderr.contains("packets` is a symbolic link"), "{stderr}");
        assert!(files(elsewhere.path()).is_empty());
    }
}

#[test]
fn nothing_is_overwritten() {
    let repo = TestRepo::repository();
    repo.write("packets/1234.md", "mine\n");
    let (code, stdout, stderr) = readiness(repo.path(), &["--release", "v1.36", "--packets", "packets"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert_eq!(
        stderr,
        "kepgate: --packets packets: the directory is not empty, and nothing in it is overwritten\n  help: specify a new \
         directory, or remove this one first\n"
    );
    assert_eq!(
        files(&repo.path().join("packets")).into_iter().collect::<Vec<_>>(),
        [("1234.md".into(), "mine\n".into())]
    );
}

#[test]
fn templates_of_ones_own_get_every_fact() {
    let repo = TestRepo::repository();
    repo.write(
        "packet.md",
        "{{ release }} {{ at }} {{ freeze.key }} {{ freeze.passed }} {{ prr_freeze.date }} {{ enhancements_freeze.name }}\n\
         {{ kep.number }} {{ kep.title }} {{ kep.path }} {{ kep.sig }} {{ kep.status }} {{ kep.stage }} {{ kep.prr_approver }}\n\
         {{ board.status }}|{{ board.stage }}|{{ board.type }}|{{ exception }}|{{ missing | length }}|{{ remarks | length }}\n\
         {% for item in criteria %}\n{{ item.key }} {{ item.is_met }} {{ item.is_unknown }}\n{% endfor %}\n\
         {{ commands | join(' ') }}\n",
    );
    let packet = &packets(&repo, "2026-02-01T00:00Z", &["--packet-template", "packet.md"])["1234.md"];
    assert_eq!(
        packet,
        "v1.36 2026-02-01 00:00 UTC prr-freeze False Thursday, 5 February 2026, 12:00 UTC Enhancements Freeze\n\
         1234 `Quiet Hours` `keps/sig-node/1234-quiet-hours` `sig-node` `implementable` alpha `@petra-solm`\n\
         |Alpha|Net New|None|0|0\n\
         opted-in False True\nlatest-milestone True False\nstage True False\nmilestone True False\nprr-approver True False\nprr-approver-authorized True False\n\
         /stage alpha /milestone v1.36\n"
    );
}

#[test]
fn mistakes_in_templates_are_usage_errors() {
    let repo = TestRepo::repository();
    for (template, message) in [
        ("{{ release }}\n{{ titel }}\n", "packet.md`:2: undefined value"),
        ("{{ kep.titel }}\n", "packet.md`:1: undefined value"),
        ("\n{% if %}\n", "packet.md`:2: syntax error"),
        (
            "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}",
            "packet.md`:1: engine ran out of fuel",
        ),
        ("{% include \"/etc/passwd\" %}", "packet.md`:1: "),
        (&format!("{{{{ {}1 }}}}", "1+".repeat(40_000)), "packet.md`: larger than 16384 bytes"),
        (&format!("{{% raw %}}{}", "x".repeat(65_536)), "packet.md`: larger than 16384 bytes"),
    ] {
        repo.write("packet.md", template);
        let arguments = ["--release", "v1.36", "--packets", "packets", "--packet-template", "packet.md"];
        let (code, stdout, stderr) = readiness(repo.path(), &arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{template}");
        assert!(stderr.starts_with(&format!("kepgate: --packet-template `{message}")), "{template}: {stderr}");
        assert!(!repo.path().join("packets").exists(), "{template}: nothing is written");
    }
}

/// The author of a KEP cannot give commands to Prow in the name of who posts a packet.
#[test]
fn titles_cannot_give_commands() {
    let repo = TestRepo::repository();
    repo.write("packet.md", "{{ kep.title }}\n{{ kep.status }}\n{{ kep.prr_approver }}\n{{ kep.sig }}\n");
    for payload in PAYLOADS.iter().copied().chain(["x\n/milestone clear", "/label tracked/no"]) {
        let quoted = scalar(payload);
        repo.write(KEP, kep_with(&[("title", &quoted), ("status", &quoted)]));
        for arguments in [&["--packet-template", "packet.md"][..], &[]] {
            let packet = &packets(&repo, "2026-02-10", arguments)["1234.md"];
            let commands: Vec<_> =
                packet.lines().filter(|line| line.trim_start().starts_with(['/', ':', '#'])).collect();
            assert!(
                commands.iter().all(|line| ["/stage alpha", "/milestone v1.36"].contains(line)),
                "{payload}: {packet}"
            );
        }
    }
}

/// The packets of v1.35 at both freezes say what `readiness` says.
#[test]
#[ignore = "needs ../shared/corpus"]
fn packets_of_v1_35_match_readiness() {
    let clone = clone();
    for (at, key) in [("2025-10-10T11:59Z", "prr_freeze"), ("2025-10-17T11:59Z", "enhancements_freeze")] {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("packets");
        let arguments = ["--release", "v1.35", "--at", at, "--output", "json", "--packets", to.to_str().unwrap()];
        let (code, stdout, _) = readiness(clone, &arguments);
        assert_eq!(code, 0);
        let report: Value = serde_json::from_str(&stdout).unwrap();
        let mut files = files(&to);
        let board = files.remove("board.csv").unwrap();
        let keps = report["keps"].as_array().unwrap();
        assert!(keps.len() >= 30, "{}", keps.len());
        assert_eq!((files.len(), board.lines().count()), (keps.len(), keps.len() + 1));
        for kep in keps {
            let number = kep["number"].as_u64().unwrap();
            let packet = files.remove(&format!("{number}.md")).unwrap_or_else(|| panic!("no packet for {number}"));
            let row = board.lines().find(|row| row.starts_with(&format!("{number},"))).unwrap();
            let words = match kep[key].as_str().unwrap() {
                "not-met" => "not met",
                "unchecked" => "nothing missing (opt-in not checked)",
                other => other,
            };
            let open = &kep["open_questions"];
            let words = match (&kep[key], open["open"].as_u64()) {
                (key, Some(number)) if key != "not-met" => {
                    let (questions, have) = (open["due"].as_u64().unwrap(), if number == 1 { "has" } else { "have" });
                    format!("{words}, but {number} of {questions} questions {have} no answer")
                }
                _ => words.to_owned(),
            };
            assert!(row.ends_with(&format!("\"{words}\",\"{number}.md\"")), "{row}: {words}");
            assert_eq!(items(&packet), expected_items(kep, key), "{number}: {packet}");
            assert_eq!(packet.contains("**At risk for "), kep[key] == "not-met", "{number}: {packet}");
        }
    }
}

/// The marks of a packet's checklist, except for the review, which nothing here tells.
fn items(packet: &str) -> Vec<&str> {
    let lines = packet.lines().filter(|line| !line.contains("review is complete"));
    lines.filter_map(|line| line.strip_prefix("- [")?.get(..1)).collect()
}

fn expected_items(kep: &Value, key: &str) -> Vec<&'static str> {
    let is_first = |criterion: &&Value| key == "enhancements_freeze" || criterion["freeze"] == "prr-freeze";
    let verdicts = verdicts(kep);
    let criteria = kep["criteria"].as_array().unwrap().iter().filter(is_first);
    let criteria = criteria.map(|it| it["key"].as_str().unwrap());
    // A README whose questions are open is not done, although the criterion is met.
    let is_done = |key: &str| verdicts[key].0 == "met" && (key != "readme" || kep["open_questions"].is_null());
    criteria.map(|key| if is_done(key) { "x" } else { " " }).collect()
}
