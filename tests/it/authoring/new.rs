//! `kepgate new`: what it writes passes the check, and nothing is overwritten.

use std::path::Path;

use crate::authoring::{TEMPLATE, changed_lines, check, comments, copy_to_folders, files, keps, says, value};
use crate::support::corpus::clone;
use crate::support::{ALIASES, TestRepo, kepgate, within_bounds};

#[test]
#[ignore = "needs ../shared/corpus"]
fn fifty_new_keps_pass_the_check() {
    let clone = clone();
    let mut begun = 0;
    for (dir, kep) in keps(clone) {
        let [sig, number, title] = ["owning-sig", "kep-number", "title"].map(|key| value(&kep, key));
        let author = kep.lines().find_map(|line| line.trim().strip_prefix("- \"@")?.strip_suffix('"'));
        let (Some(author), true) = (author, dir.starts_with(&format!("keps/{sig}/{number}-")) && number.len() > 3)
        else {
            continue;
        };
        let folder =
            copy_to_folders(clone, &["OWNERS_ALIASES", "keps/NNNN-kep-template", &format!("keps/{sig}/OWNERS")]);
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

/// A template that is shorter than the real one and has another style.
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
fn new_kep_starts_from_the_template_of_the_repository() {
    let repo = TestRepo::repository();
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
        says(repo.path(), &[&arguments, more].concat())
    };
    let run = new(&[]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("the template `keps/NNNN-kep-template/kep.yaml` does not exist"), "{}", run.stderr);
    repo.write(TEMPLATE, SHORT_TEMPLATE);
    let before = files(repo.path());
    let run = new(&["--participating-sig", "sig-apps", "--approver", "corin-hale", "--slug", "nap", "--dry-run"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert_eq!(files(repo.path()), before);
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

    assert_eq!(repo.read("keps/sig-node/77-nap/kep.yaml"), expected);
    assert!(!repo.place("keps/sig-node/77-nap/README.md").exists(), "the repository has no template for it");
    assert!(!repo.place("keps/prod-readiness/sig-node/77.yaml").exists(), "no approver was given");
}

#[test]
fn new_never_overwrites_a_file() {
    let repo = TestRepo::repository();
    repo.write(TEMPLATE, SHORT_TEMPLATE);
    repo.write("keps/prod-readiness/sig-node/78.yaml", "kep-number: 78\n");
    repo.write("keps/sig-apps/79-other/README.md", "# KEP-79\n");
    std::os::unix::fs::symlink("/etc", repo.place("keps/prod-readiness/sig-apps")).unwrap();
    let before = files(repo.path());
    for (sig, number, approver, said) in [
        ("sig-node", "1234", "petra-solm", "`keps/sig-node/1234-quiet-hours` already exists"),
        ("sig-apps", "1234", "petra-solm", "`keps/sig-node/1234-quiet-hours` already exists"),
        ("sig-node", "78", "petra-solm", "`keps/prod-readiness/sig-node/78.yaml` already exists"),
        ("sig-node", "79", "petra-solm", "`keps/sig-apps/79-other` already exists"),
        ("sig-nod", "80", "petra-solm", "did you mean `sig-node`?"),
        ("node", "80", "petra-solm", "did you mean `sig-node`?"),
        ("../x", "80", "petra-solm", "is not a known SIG"),
        ("wg-x/..", "80", "petra-solm", "is not a known SIG"),
        ("sig-node", "80", "me", "write `@me` if you mean yourself"),
        ("sig-node", "80", "somebody", "is not a production-readiness approver"),
    ] {
        let arguments = ["new", "--sig", sig, "--number", number, "--title", "Nap", "--author", "ida-r"];
        let run = says(repo.path(), &[&arguments[..], &["--prr-approver", approver]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{sig} {number}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{sig} {number}: {}", run.stderr);
        assert_eq!(files(repo.path()), before, "{sig} {number}");
    }
    // A symbolic link in place of a folder is never followed.
    let arguments = ["new", "--sig", "sig-apps", "--number", "81", "--title", "Nap", "--author", "ida-r"];
    let run = says(repo.path(), &[&arguments[..], &["--prr-approver", "petra-solm"]].concat());
    assert_ne!(run.code, 0);
    assert!(!Path::new("/etc/81.yaml").exists());
    for (option, bad) in
        [("--title", "a\nb"), ("--title", "a --- b"), ("--author", "a b"), ("--date", "soon"), ("--slug", "../x")]
    {
        let mut arguments = vec!["new", "--sig", "sig-apps", "--number", "82", "--title", "Nap", "--author", "ida-r"];
        arguments.retain(|argument| *argument != option);
        arguments.extend([option, bad]);
        let run = says(repo.path(), &arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{option} {bad:?}");
    }
}

#[test]
fn new_offers_only_groups_that_exist() {
    let repo = TestRepo::repository();
    repo.write("OWNERS_ALIASES", format!("{ALIASES}  sig-node-tech-leads:\n    - corin-hale\n"));
    repo.write(TEMPLATE, SHORT_TEMPLATE);
    repo.commit();
    let arguments = ["--number", "77", "--title", "Nap", "--author", "ida-r"];
    for sig in [&["--sig", "sig-node-tech"][..], &[]] {
        let run = says(repo.path(), &[&["new"], sig, &arguments].concat());
        assert_eq!(run.code, 2, "{}", run.stdout);
        assert!(run.stderr.ends_with("known SIGs: sig-apps, sig-node\n"), "{}", run.stderr);
    }
}

#[test]
fn new_ends_with_the_next_steps() {
    let repo = TestRepo::repository();
    repo.write(TEMPLATE, SHORT_TEMPLATE);
    let arguments = ["new", "--sig", "sig-node", "--number", "77", "--title", "Nap", "--author", "ida-r"];
    let run = says(repo.path(), &arguments);
    let next = "
Next steps:
  1. review the diff and commit it: kepgate finds nothing missing for alpha
  2. describe the enhancement in the tracking issue, https://kep.k8s.io/77
  3. choose a release (`kepgate calendar` shows the freezes):
     `kepgate promote 77 --stage alpha --release RELEASE --prr-approver @HANDLE`
";
    assert!(run.stdout.ends_with(next), "{}", run.stdout);
    repo.write(TEMPLATE.replace("kep.yaml", "README.md"), "# KEP-NNNN: Title\n\n## Summary\n");
    let run = says(repo.path(), &arguments.map(|it| if it == "77" { "78" } else { it }));
    assert!(run.stdout.contains("Next steps:\n  1. write `keps/sig-node/78-nap/README.md`\n"), "{}", run.stdout);
}

#[test]
fn new_kep_without_an_approver_has_missed_the_first_freeze() {
    let repo = TestRepo::repository();
    repo.write(TEMPLATE, SHORT_TEMPLATE);
    let arguments = ["new", "--sig", "sig-node", "--number", "77", "--title", "Nap", "--author", "ida-r"];
    let run = |more: &[&str]| {
        let arguments = [&arguments[..], &["--release", "v1.36", "--dry-run"], more].concat();
        within_bounds(kepgate(repo.path()).args(arguments).env("KEPGATE_NOW", "2026-02-10T12:00Z")).stdout
    };
    let page = run(&[]);
    let steps = "
Next steps:
  1. the Production Readiness Freeze of v1.36 has passed:
     ask the release team for an exception, or choose a later release
  2. review the diff and commit it: kepgate finds nothing missing for alpha
";
    assert!(page.contains(steps), "{page}");
    let steps = "
  4. name a production readiness approver:
     `kepgate promote 77 --stage alpha --release v1.36 --prr-approver @HANDLE`
  5. get the pull request merged before the Enhancements Freeze of v1.36:
";
    assert!(page.contains(steps), "{page}");
    let page = run(&["--prr-approver", "petra-solm"]);
    let step = "
  1. the Production Readiness Freeze of v1.36 has passed: unless the pull request was open by then,
     ask the release team for an exception, or choose a later release
";
    assert!(page.contains(step), "{page}");
}

#[test]
fn new_kep_cannot_be_in_a_release_that_is_out() {
    let repo = TestRepo::repository();
    repo.write(TEMPLATE, SHORT_TEMPLATE);
    let arguments =
        ["new", "--sig", "sig-node", "--number", "77", "--title", "Nap", "--author", "ida-r", "--release", "v1.35"];
    let run = within_bounds(kepgate(repo.path()).args(arguments).env("KEPGATE_NOW", "2026-02-12T12:00Z"));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    let error = "kepgate: --release: v1.35 is already out\n  help: use --release v1.37 or later\n";
    assert_eq!(run.stderr, error);
    assert!(!repo.path().join("keps/sig-node/77-nap").exists());
}

#[test]
fn new_kep_has_the_date_of_the_configured_clock() {
    let repo = TestRepo::repository();
    repo.write(TEMPLATE, format!("{SHORT_TEMPLATE}creation-date: yyyy-mm-dd\n"));
    let arguments = ["new", "--sig", "sig-node", "--number", "77", "--title", "Nap", "--author", "ida-r"];
    let run = within_bounds(kepgate(repo.path()).args(arguments).env("KEPGATE_NOW", "2024-02-29T23:59Z"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let kep = repo.read("keps/sig-node/77-nap/kep.yaml");
    assert!(kep.contains("creation-date: 2024-02-29\n"), "{kep}");
}
