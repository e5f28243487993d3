//! `kepgate new`, `promote` and `schema`: what they write passes the check, touches what it says and nothing else, and
//! doing it again changes nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::corpus::clone;
use crate::sandbox::{APPROVAL, DIR, KEP, Run, SOUND_APPROVAL, Sandbox, kep_with, within_bounds};
use crate::support::{kepgate, root, run};

const TEMPLATE: &str = "keps/NNNN-kep-template/kep.yaml";

fn says(folder: &Path, arguments: &[&str]) -> Run {
    within_bounds(kepgate(folder).args(arguments))
}

/// Every file below `folder` but git's own, by its path.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_symlink() || entry.ends_with(".git") {
                continue;
            }
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let name = entry.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read_to_string(&entry).unwrap());
            }
        }
    }
    found
}

/// The lines that git finds taken away and put in, between two folders.
fn changed_lines(folder: &Path, one: &str, other: &str) -> Vec<String> {
    let mut git = Command::new("git");
    let output = git.current_dir(folder).args(["diff", "--no-index", "--unified=0", one, other]).output().unwrap();
    let diff = String::from_utf8(output.stdout).unwrap();
    let is_change = |line: &&str| {
        (line.starts_with('+') && !line.starts_with("+++")) || (line.starts_with('-') && !line.starts_with("---"))
    };
    diff.lines().filter(is_change).map(str::to_owned).collect()
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_once('#').map(|(_, comment)| comment)).collect()
}

/// The text behind a root key, without its quotes.
fn value<'a>(text: &'a str, key: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.unwrap_or_default().split(" #").next().unwrap().trim().trim_matches(['"', '\''])
}

/// A folder with copies, in `base` and `head` alike, of these files and folders of the corpus.
fn copies(clone: &Path, paths: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for side in ["base", "head"] {
        for path in paths.iter().filter(|path| clone.join(path).exists()) {
            let place = folder.path().join(side).join(path);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            let status = Command::new("cp").arg("-r").arg(clone.join(path)).arg(&place).status().unwrap();
            assert!(status.success());
        }
    }
    folder
}

/// How `kepgate check` ends for what was done between `base` and `head`.
fn check(folder: &Path) -> (i32, Value) {
    let run = says(folder, &["check", "--base-dir", "base", "--head-dir", "head", "--output", "json"]);
    (run.code, serde_json::from_str(&run.stdout).unwrap())
}

/// The KEPs of the bundle's head, by directory: their metadata.
fn keps(clone: &Path) -> Vec<(String, String)> {
    let run = says(clone, &["query", "--columns", "directory", "--output", "json"]);
    let rows: Value = serde_json::from_str(&run.stdout).unwrap();
    let dirs = rows.as_array().unwrap().iter().map(|row| row["directory"].as_str().unwrap().to_owned());
    dirs.map(|dir| (dir.clone(), std::fs::read_to_string(clone.join(dir).join("kep.yaml")).unwrap())).collect()
}

/// Sees that what git finds changed is what was said, and only in the lines of a promotion, and that the comments are
/// still there; gives the files afterwards.
fn assert_only_meant_lines(folder: &Path, said: &str) -> BTreeMap<String, String> {
    let lines = changed_lines(folder, "base", "head");
    let is_meant = |line: &str| {
        let line = line[1..].trim_start();
        ["stage:", "latest-milestone:", "milestone:", "approver:", "beta:", "stable:", "kep-number:"]
            .iter()
            .any(|key| line.starts_with(key))
    };
    assert!(lines.len() >= 4 && lines.len() <= 12, "{lines:?}");
    assert!(lines.iter().all(|line| is_meant(line)), "{lines:?}");
    assert!(lines.iter().filter(|line| !line.contains("kep-number")).all(|line| said.contains(line.as_str())));
    let [before, after] = ["base", "head"].map(|side| files(&folder.join(side)));
    for (path, text) in &before {
        assert_eq!(comments(text), comments(&after[path]), "{path}");
    }
    after
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn fifty_keps_are_promoted() {
    let clone = clone();
    // Those with errors of their own are another matter: a promotion makes these due.
    let report = says(clone, &["check", "--all", "--head", "HEAD", "--output", "json"]).stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    let errors = report["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "error");
    let errors: Vec<_> = errors.map(|finding| finding["kep"].as_str().unwrap_or_default()).collect();
    let mut promoted = 0;
    for (dir, kep) in keps(clone) {
        let next = match value(&kep, "stage") {
            "alpha" => "beta",
            "beta" => "stable",
            _ => continue,
        };
        if value(&kep, "status") != "implementable" || errors.contains(&dir.as_str()) || dir.matches('/').count() > 2 {
            continue;
        }
        let [sig, number] = ["owning-sig", "kep-number"].map(|key| value(&kep, key));
        let approval = format!("keps/prod-readiness/{sig}/{number}.yaml");
        let folder = copies(clone, &["OWNERS_ALIASES", TEMPLATE, &dir, &approval]);
        let arguments = [
            "promote",
            &dir,
            "--stage",
            next,
            "--release",
            "v1.36",
            "--prr-approver",
            "@JPBetz",
            "--repo-path",
            "head",
        ];
        let run = says(folder.path(), &arguments);
        assert_eq!(run.stderr, "", "{dir}: {}", run.stdout);
        let (code, report) = check(folder.path());
        assert_eq!(run.code, code, "{dir}: promote ends as the check does");
        if code == 1 {
            // What the new stage asks for and only an author can say.
            let errors = report["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "error");
            let mut rules = errors.map(|finding| finding["rule"].as_str().unwrap());
            assert!(rules.all(|rule| rule == "field-placeholder"), "{dir}: {}", run.stdout);
            continue;
        }
        assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 1), "{dir}: {}", report["findings"]);
        let after = assert_only_meant_lines(folder.path(), &run.stdout);
        let again = says(folder.path(), &arguments);
        assert_eq!((again.code, again.stdout), (0, format!("{dir}: already {next} in v1.36\n")));
        assert_eq!(files(&folder.path().join("head")), after, "{dir}: again changes nothing");
        promoted += 1;
        if promoted == 50 {
            return;
        }
    }
    panic!("only {promoted} KEPs could be promoted");
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn fifty_keps_are_begun() {
    let clone = clone();
    let mut begun = 0;
    for (dir, kep) in keps(clone) {
        let [sig, number, title] = ["owning-sig", "kep-number", "title"].map(|key| value(&kep, key));
        let author = kep.lines().find_map(|line| line.trim().strip_prefix("- \"@")?.strip_suffix('"'));
        let (Some(author), true) = (author, dir.starts_with(&format!("keps/{sig}/{number}-")) && number.len() > 3)
        else {
            continue;
        };
        let folder = copies(clone, &["OWNERS_ALIASES", "keps/NNNN-kep-template", &format!("keps/{sig}/OWNERS")]);
        let approver: &[&str] = if begun % 2 == 0 { &["--prr-approver", "deads2k", "--release", "1.36"] } else { &[] };
        let arguments = ["new", "--sig", sig, "--number", number, "--title", title, "--author", author];
        let arguments = [&arguments[..], &["--repo-path", "head", "--date", "2025-10-17"], approver].concat();
        let run = says(folder.path(), &arguments);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{dir}: {}", run.stdout);
        let (code, report) = check(folder.path());
        assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 1), "{dir}: {}", report["findings"]);
        let after = files(&folder.path().join("head"));
        let made = report["keps"][0]["path"].as_str().unwrap().to_owned() + "/kep.yaml";
        assert!(made.starts_with(&format!("keps/{sig}/{number}-")), "{made}");
        assert_eq!(comments(&after[&made]), comments(&after[TEMPLATE]), "{dir}");
        let lines = changed_lines(folder.path(), &format!("head/{TEMPLATE}"), &format!("head/{made}"));
        let lists =
            ["\"@jane.doe\"", "\"@alice.doe\"", "\"@oscar.doe\"", "sig-aaa", "sig-bbb", &format!("\"@{author}\"")];
        for line in &lines {
            let text = line[1..].trim_start();
            let keys =
                ["title", "kep-number", "owning-sig", "participating-sigs", "status", "creation-date", "see-also"];
            let more = ["replaces", "stage", "latest-milestone", "alpha", "beta", "stable"];
            let is_field = keys.iter().chain(&more).any(|key| text.starts_with(&format!("{key}:")));
            let is_entry = text.strip_prefix("- ").is_some_and(|text| lists.contains(&text) || text.contains("/keps/"));
            assert!(is_field || is_entry, "{dir}: {line}");
        }
        let readme = &after[&made.replace("kep.yaml", "README.md")];
        let readmes = changed_lines(
            folder.path(),
            "head/keps/NNNN-kep-template/README.md",
            &format!("head/{}", made.replace("kep.yaml", "README.md")),
        );
        assert_eq!(readmes.len(), 2, "{readmes:?}");
        assert!(readme.contains(&format!("\n# KEP-{number}: {title}\n")), "{dir}");
        let again = says(folder.path(), &arguments);
        assert_eq!((again.code, again.stdout.as_str()), (2, ""), "nothing is overwritten");
        assert_eq!(files(&folder.path().join("head")), after);
        begun += 1;
        if begun == 50 {
            return;
        }
    }
    panic!("only {begun} KEPs could be begun");
}

/// What `promote` makes of the sound KEP with these values: how it ends, its metadata and its approval.
fn promote(values: &[(&str, &str)], approval: &str, arguments: &[&str]) -> (Run, String, String) {
    let sandbox = Sandbox::repository();
    sandbox.write(KEP, kep_with(values));
    sandbox.write(APPROVAL, approval);
    let run = says(sandbox.path(), &[&["promote", "1234"], arguments].concat());
    let [kep, approval] = [KEP, APPROVAL].map(|path| sandbox.read(path));
    (run, kep, approval)
}

const TO_BETA: &[&str] = &["--stage", "beta", "--release", "v1.37", "--prr-approver", "hedda-rusk"];

#[test]
fn each_way_of_writing_a_milestone_is_kept() {
    for (milestone, expected) in [
        ("v1.36", "milestone:\n  alpha: v1.36\n  beta: \"v1.37\"\n"),
        ("\"v1.36\" # done\n  beta: 'v1.38'", "milestone:\n  alpha: \"v1.36\" # done\n  beta: 'v1.37'\n"),
        ("v1.36\n  beta:\n  stable: v1.38", "milestone:\n  alpha: v1.36\n  beta: \"v1.37\"\n  stable: v1.38\n"),
        ("v1.36\n  stable: \"v1.36\"", "milestone:\n  alpha: v1.36\n  beta: \"v1.37\"\n  stable: \"TBD\"\n"),
        ("v1.36\n  beta: TBD", "milestone:\n  alpha: v1.36\n  beta: v1.37\n"),
    ] {
        let (run, kep, approval) = promote(&[("milestone", milestone)], SOUND_APPROVAL, TO_BETA);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        let before = kep_with(&[("milestone", "@"), ("stage", "beta"), ("latest-milestone", "v1.37")]);
        assert_eq!(kep, before.replace("milestone:\n  alpha: @\n", expected));
        assert_eq!(approval, format!("{SOUND_APPROVAL}beta:\n  approver: \"@hedda-rusk\"\n"));
    }
    let sandbox = Sandbox::repository();
    for (before, after) in [
        ("milestone: {alpha: v1.36}\n", "milestone: {alpha: v1.36, beta: \"v1.37\"}\n"),
        ("milestone: {}\n", "milestone: {beta: \"v1.37\"}\n"),
        ("milestone:\n", "milestone:\n  beta: \"v1.37\"\n"),
        ("milestone: ~ # none\n", "milestone: {beta: \"v1.37\"} # none\n"),
        ("", "milestone:\n  beta: \"v1.37\"\n"),
    ] {
        let kep = |milestone: &str| {
            let lines = kep_with(&[("stage", "beta"), ("latest-milestone", "v1.37")]);
            lines.replace("milestone:\n  alpha: v1.36\n", milestone).replace('\n', "\r\n")
        };
        sandbox.write(KEP, kep(before).replace("stage: beta", "stage: alpha").replace("v1.37\r\nm", "v1.36\r\nm"));
        let run = says(sandbox.path(), &[&["promote", DIR], TO_BETA].concat());
        assert_eq!(run.stderr, "", "{before:?}: {}", run.stdout);
        assert_eq!(sandbox.read(KEP), kep(after), "{before:?}");
    }
}

#[test]
fn fields_that_are_missing_come_where_the_template_has_them() {
    let sandbox = Sandbox::repository();
    let kep = "title: Quiet Hours\nkep-number: 1234\nauthors: [\"@sunniva-t\"]\nowning-sig: sig-node\n\
               status: implementable\napprovers:\n  - \"@corin-hale\" # from SIG Node\n\n# What is left to do.\n\
               metrics:\n  - kubelet_quiet_hours_total";
    sandbox.write(KEP, kep);
    let run = says(sandbox.path(), &["promote", "KEP-1234", "--stage", "alpha", "--release", "1.37"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let lines = "  - \"@corin-hale\" # from SIG Node\nstage: alpha\nlatest-milestone: \"v1.37\"\nmilestone:\n  \
                 alpha: \"v1.37\"\n";
    assert_eq!(sandbox.read(KEP), kep.replace("  - \"@corin-hale\" # from SIG Node\n", lines));
}

#[test]
fn an_approver_is_never_made_up() {
    let before = kep_with(&[]);
    for (arguments, said) in [
        (
            &["--stage", "beta", "--release", "v1.37"][..],
            "(the approver for alpha was @petra-solm); `kepgate query --by approver --milestone v1.37`",
        ),
        (
            &["--stage", "beta", "--release", "v1.37", "--prr-approver", "hedda-rus"],
            "did you mean `hedda-rusk`? the approvers are petra-solm, hedda-rusk",
        ),
        (
            &["--stage", "beta", "--release", "v1.37", "--prr-approver", "quillon-b"],
            "is not a production-readiness approver",
        ),
        (&["--stage", "beta", "--release", "next", "--prr-approver", "hedda-rusk"], "specify a release, as in v1.36"),
        (&["--stage", "ga", "--release", "v1.37"], "[possible values: alpha, beta, stable,"),
    ] {
        let (run, kep, approval) = promote(&[], SOUND_APPROVAL, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
        assert_eq!((kep, approval.as_str()), (before.clone(), SOUND_APPROVAL), "nothing is written");
    }
}

#[test]
fn what_cannot_be_changed_with_certainty_is_left_alone() {
    for (values, approval, said) in [
        (&[("stage", "|\n  alpha")][..], SOUND_APPROVAL, "edit it by hand: stage: beta"),
        (&[("status", "[")], SOUND_APPROVAL, "has errors"),
        (&[], "kep-number: 1234\nalpha: {}\nbeta: [x]\n", "has errors"),
        (&[("owning-sig", "sig-apps")], SOUND_APPROVAL, "the production-readiness approver for beta is missing"),
    ] {
        let arguments = if said.contains("is missing") { &TO_BETA[..4] } else { TO_BETA };
        let (run, kep, written) = promote(values, approval, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{values:?}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{values:?}: {}", run.stderr);
        assert_eq!((kep, written.as_str()), (kep_with(values), approval), "{values:?}");
    }
}

#[test]
fn what_is_still_wrong_is_said_and_fails() {
    let (run, kep, _) = promote(&[("milestone", "v1.38")], SOUND_APPROVAL, TO_BETA);
    assert_eq!(run.code, 1, "beta before alpha");
    assert!(run.stdout.contains("+stage: beta\n") && run.stdout.contains("error[milestone-order]"), "{}", run.stdout);
    assert!(kep.contains("stage: beta"), "what was asked for is written all the same");
}

#[test]
fn a_rehearsal_writes_nothing() {
    let (run, kep, approval) = promote(&[], SOUND_APPROVAL, &[TO_BETA, &["--dry-run"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!((kep, approval.as_str()), (kep_with(&[]), SOUND_APPROVAL));
    let expected = format!(
        "--- a/{APPROVAL}\n+++ b/{APPROVAL}\n@@ -1,3 +1,5 @@\n kep-number: 1234\n alpha:\n   approver: \"@petra-solm\"\n+beta:\n+  approver: \"@hedda-rusk\"\n"
    );
    assert!(run.stdout.contains(&expected), "{}", run.stdout);
}

#[test]
fn a_kep_is_found_by_number_or_by_path() {
    let sandbox = Sandbox::repository();
    let arguments = ["--stage", "alpha", "--release", "v1.36"];
    for name in ["1234", "#1234", "KEP-1234", DIR, KEP, "./keps/sig-node/1234-quiet-hours/"] {
        let run = says(sandbox.path(), &[&["promote", name][..], &arguments].concat());
        assert_eq!((run.code, run.stdout), (0, format!("{DIR}: already alpha in v1.36\n")), "{name}");
    }
    let inside = says(&sandbox.place("keps/sig-node"), &[&["promote", "1234-quiet-hours"][..], &arguments].concat());
    assert_eq!(inside.code, 0, "{}", inside.stderr);
    sandbox.write("keps/sig-apps/1234-twin/kep.yaml", kep_with(&[("owning-sig", "sig-apps")]));
    for (name, said) in [
        ("1235", "no readable KEP matches"),
        ("keps/sig-node", "no readable KEP matches"),
        ("1234", "specify the directory: keps/sig-apps/1234-twin, "),
    ] {
        let run = says(sandbox.path(), &[&["promote", name][..], &arguments].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}

/// The template of a repository, shorter than the real one and written otherwise.
const SHORT_TEMPLATE: &str = "\
title: 'KEP Template' # a few words
kep-number: NNNN
authors: [\"@jane.doe\"]
owning-sig: sig-xyz
participating-sigs: [sig-aaa, sig-bbb]
status: provisional|implementable|implemented
reviewers: [TBD]
approvers: [TBD, \"@oscar.doe\"]
see-also: [/keps/sig-aaa/1234-we-heard-you-like-keps] # others
";

#[test]
fn the_template_of_the_repository_is_what_a_kep_begins_with() {
    let sandbox = Sandbox::repository();
    let new = |more: &[&str]| {
        let arguments = [
            "new",
            "--sig",
            "sig-node",
            "--number",
            "77",
            "--title",
            "Nap: [2] \"short\" #1",
            "--author",
            "@Ida-R,jon-b",
        ];
        says(sandbox.path(), &[&arguments, more].concat())
    };
    let run = new(&[]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("the template `keps/NNNN-kep-template/kep.yaml` does not exist"), "{}", run.stderr);
    sandbox.write(TEMPLATE, SHORT_TEMPLATE);
    let before = files(sandbox.path());
    let run = new(&["--participating-sig", "sig-apps", "--approver", "corin-hale", "--slug", "nap", "--dry-run"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert_eq!(files(sandbox.path()), before);
    let run = new(&["--participating-sig", "sig-apps", "--approver", "corin-hale", "--slug", "nap"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let expected = "\
title: \"Nap: [2] \\\"short\\\" #1\" # a few words
kep-number: 77
authors: [\"@Ida-R\", \"@jon-b\"]
owning-sig: sig-node
participating-sigs: [sig-apps]
status: provisional
reviewers: [TBD]
approvers: [\"@corin-hale\"]
see-also: [] # others
";
    assert_eq!(sandbox.read("keps/sig-node/77-nap/kep.yaml"), expected);
    assert!(!sandbox.place("keps/sig-node/77-nap/README.md").exists(), "there is no template for it");
    assert!(!sandbox.place("keps/prod-readiness/sig-node/77.yaml").exists(), "nobody was named");
}

#[test]
fn nothing_is_overwritten() {
    let sandbox = Sandbox::repository();
    sandbox.write(TEMPLATE, SHORT_TEMPLATE);
    sandbox.write("keps/prod-readiness/sig-node/78.yaml", "kep-number: 78\n");
    sandbox.write("keps/sig-apps/79-other/README.md", "# KEP-79\n");
    std::os::unix::fs::symlink("/etc", sandbox.place("keps/prod-readiness/sig-apps")).unwrap();
    let before = files(sandbox.path());
    for (sig, number, approver, said) in [
        ("sig-node", "1234", "petra-solm", "`keps/sig-node/1234-quiet-hours` already exists"),
        ("sig-apps", "1234", "petra-solm", "`keps/sig-node/1234-quiet-hours` already exists"),
        ("sig-node", "78", "petra-solm", "`keps/prod-readiness/sig-node/78.yaml` already exists"),
        ("sig-node", "79", "petra-solm", "`keps/sig-apps/79-other` already exists"),
        ("sig-nod", "80", "petra-solm", "did you mean `sig-node`?"),
        ("../x", "80", "petra-solm", "is not a known group"),
        ("wg-x/..", "80", "petra-solm", "is not a known group"),
        ("sig-node", "80", "somebody", "is not a production-readiness approver"),
    ] {
        let arguments = ["new", "--sig", sig, "--number", number, "--title", "Nap", "--author", "ida-r"];
        let run = says(sandbox.path(), &[&arguments[..], &["--prr-approver", approver]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{sig} {number}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{sig} {number}: {}", run.stderr);
        assert_eq!(files(sandbox.path()), before, "{sig} {number}");
    }
    // A link in a folder's place is not followed, wherever it leads.
    let arguments = ["new", "--sig", "sig-apps", "--number", "81", "--title", "Nap", "--author", "ida-r"];
    let run = says(sandbox.path(), &[&arguments[..], &["--prr-approver", "petra-solm"]].concat());
    assert_ne!(run.code, 0);
    assert!(!Path::new("/etc/81.yaml").exists());
    for (option, bad) in
        [("--title", "a\nb"), ("--title", "a --- b"), ("--author", "a b"), ("--date", "soon"), ("--slug", "../x")]
    {
        let mut arguments = vec!["new", "--sig", "sig-apps", "--number", "82", "--title", "Nap", "--author", "ida-r"];
        arguments.retain(|argument| *argument != option);
        arguments.extend([option, bad]);
        let run = says(sandbox.path(), &arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{option} {bad:?}");
    }
}

#[test]
fn the_schemas_are_those_that_are_checked_in() {
    for (document, file) in [("kep", "docs/kep.schema.json"), ("prod-readiness", "docs/prod-readiness.schema.json")] {
        let (code, schema, _) = run(kepgate(root()).args(["schema", document]));
        let written = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        assert_eq!((code, schema), (0, written), "{file}: run `cargo run -- schema {document} > {file}`");
    }
}

#[test]
fn shells_and_manuals_know_every_subcommand() {
    let (_, help, _) = run(kepgate(root()).arg("--help"));
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands = commands.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let names: Vec<_> = names.collect();
    assert!(names.contains(&"query") && names.len() >= 9, "{names:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script, _) = run(kepgate(root()).args(["completions", shell]));
        assert_eq!(code, 0);
        assert!(names.iter().all(|name| script.contains(name)), "{shell}");
        assert!(script.contains("needs-prr"), "{shell}");
    }
    let syntax = Command::new("bash").arg("-nc").arg(run(kepgate(root()).args(["completions", "bash"])).1).status();
    assert!(syntax.unwrap().success(), "bash can read it");
    let folder = tempfile::tempdir().unwrap();
    let (code, _, _) = run(kepgate(folder.path()).args(["man", "--write", "pages"]));
    assert_eq!(code, 0);
    let pages = files(&folder.path().join("pages"));
    for name in names {
        assert!(pages[&format!("kepgate-{name}.1")].contains(&format!(".TH kepgate-{name} 1")), "{name}");
    }
    let (code, page, _) = run(kepgate(root()).arg("man"));
    assert_eq!((code, page.as_str()), (0, pages["kepgate.1"].as_str()));
}

#[test]
fn promoting_to_a_release_that_shipped_long_ago_warns() {
    let (run, kep, _) = promote(
        &[("milestone", "v1.32"), ("latest-milestone", "v1.32")],
        SOUND_APPROVAL,
        &["--stage", "beta", "--release", "v1.33", "--prr-approver", "hedda-rusk"],
    );
    assert!(run.stdout.contains("warning[release-shipped]"), "{}", run.stdout);
    assert!(!run.stdout.contains("not checked: release-shipped"), "{}", run.stdout);
    assert!(kep.contains("v1.33"), "{kep}");
    assert_eq!(run.code, 0, "a warning does not keep the files from being written");
}

#[test]
fn a_new_kep_is_dated_by_the_clock_that_the_caller_sets() {
    let sandbox = Sandbox::repository();
    sandbox.write(TEMPLATE, format!("{SHORT_TEMPLATE}creation-date: yyyy-mm-dd\n"));
    let arguments = ["new", "--sig", "sig-node", "--number", "77", "--title", "Nap", "--author", "ida-r"];
    let run = within_bounds(kepgate(sandbox.path()).args(arguments).env("KEPGATE_NOW", "2024-02-29T23:59Z"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let kep = sandbox.read("keps/sig-node/77-nap/kep.yaml");
    assert!(kep.contains("creation-date: 2024-02-29\n"), "{kep}");
}
