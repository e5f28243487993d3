//! `new`, `promote` and the names of KEPs in projects whose fields, numbers or file names differ from the usual ones.

use super::adoption::{adds, kep, one, page, repository, template, template_page};
use super::says;
use crate::support::{Run, TestRepo};

/// Runs `arguments`, which must succeed and leave a tree without findings.
fn succeeds(repo: &TestRepo, arguments: &[&str]) -> Run {
    let run = says(repo, arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}: {}", run.stdout);
    let (code, report) = repo.check(&["--all", "--offline"]);
    assert_eq!((code, report["findings"].as_array().unwrap().len()), (0, 0), "{arguments:?}: {report:#}");
    run
}

const NEW: [&str; 7] = ["new", "--title", "Quota return", "--author", "@jo-b", "--date", "2026-02-01"];
const PROMOTE: [&str; 4] = ["--stage", "beta", "--release", "v0.5"];

/// The arguments of `kepgate promote` for this KEP.
fn promote(kep: &str) -> Vec<&str> {
    [&["promote", kep][..], &PROMOTE].concat()
}

#[test]
fn there_is_nothing_to_promote_without_stages_and_releases() {
    let config = (".github/kepgate.yaml", "project:\n  root: docs\n  metadata: \"*.md\"\n");
    let pages = [config, ("docs/template.md", &*template_page("a|b")), ("docs/a.md", &page("provisional"))];
    let folders =
        [("keps/NNNN-template/kep.yaml", &*template()), ("keps/10-queue/kep.yaml", &kep("10", "provisional"))];
    for (repo, path) in [(repository(&pages), "docs/a.md"), (repository(&folders), "keps/10-queue/kep.yaml")] {
        let before = repo.read(path);
        let run = says(&repo, &promote(path));
        assert_eq!((run.code, repo.read(path)), (2, before), "{}", run.stdout);
        let message = "KEPs of this project have no `stage`, `latest-milestone` or `milestone`";
        assert!(run.stderr.contains(message), "{}", run.stderr);
        let help = format!("edit `status` in `{path}`, which is `provisional`, if you mean `implementable`, ");
        assert!(run.stderr.contains(&help), "{}", run.stderr);
    }
}

#[test]
fn promote_writes_only_the_fields_that_the_project_has() {
    for (fields, promoted, left_out) in [
        ("stage: alpha\n", "stage: beta\n", "`latest-milestone` and `milestone` are"),
        ("latest-milestone: \"v0.4\"\n", "latest-milestone: \"v0.5\"\n", "`stage` and `milestone` are"),
        (
            "stage: alpha\nmilestone:\n  alpha: \"v0.4\"\n",
            "stage: beta\nmilestone:\n  alpha: \"v0.4\"\n  beta: \"v0.5\"\n",
            "`latest-milestone` is",
        ),
    ] {
        let written = format!("{}{fields}", kep("10", "implementable"));
        let repo = repository(&[
            ("keps/NNNN-template/kep.yaml", &format!("{}{fields}", template())),
            ("keps/10-queue/kep.yaml", &written),
        ]);
        let run = succeeds(&repo, &promote("10"));
        assert_eq!(repo.read("keps/10-queue/kep.yaml"), written.replace(fields, promoted));
        let note = format!("note: {left_out} not written, because KEPs of this project do not have");
        assert!(run.stdout.contains(&note), "{}", run.stdout);
    }
    // A KEP that has a field keeps it current, even if the template lacks it.
    let repo = repository(&[
        (".github/kepgate.yaml", "project:\n  fields:\n    optional: [stage]\n"),
        ("keps/NNNN-template/kep.yaml", &template()),
        ("keps/10-queue/kep.yaml", &kep("10", "implementable")),
    ]);
    succeeds(&repo, &promote("10"));
    assert_eq!(repo.read("keps/10-queue/kep.yaml"), format!("{}stage: beta\n", kep("10", "implementable")));
}

#[test]
fn promote_needs_a_release_only_if_keps_have_a_field_for_it() {
    let promote = ["promote", "10", "--stage", "beta"];
    for (fields, is_needed) in [
        ("stage: alpha\n", false),
        ("stage: alpha\nlatest-milestone: \"v0.4\"\n", true),
        ("stage: alpha\nmilestone:\n  alpha: \"v0.4\"\n", true),
    ] {
        let written = format!("{}{fields}", kep("10", "implementable"));
        let repo = repository(&[
            ("keps/NNNN-template/kep.yaml", &format!("{}{fields}", template())),
            ("keps/10-queue/kep.yaml", &written),
        ]);
        let promoted = if is_needed {
            let run = says(&repo, &promote);
            assert_eq!(run.code, 2);
            assert!(run.stderr.contains("--release is required"), "{}", run.stderr);
            written
        } else {
            let run = succeeds(&repo, &promote);
            assert!(!run.stdout.contains("not written"), "{}", run.stdout);
            written.replace("alpha", "beta")
        };
        assert_eq!(repo.read("keps/10-queue/kep.yaml"), promoted);
    }
}

#[test]
fn new_does_not_need_a_status_in_the_template() {
    let template = template().replace("status: provisional|implementable\n", "");
    for (config, status) in [
        ("project:\n  profile: plain\n", ""),
        ("project:\n  profile: plain\n  fields:\n    optional: [status]\n", "status: provisional\n"),
        (
            "project:\n  profile: plain\n  statuses: {draft: provisional}\n  fields:\n    \
             required: [title, kep-number, authors, status, approvers]\n",
            "status: draft\napprovers: [TBD]\n",
        ),
    ] {
        let repo = repository(&[(".github/kepgate.yaml", config), ("keps/NNNN-template/kep.yaml", &template)]);
        succeeds(&repo, &[&NEW[..], &["--number", "11"]].concat());
        let expected = format!("title: Quota return\nkep-number: 11\nauthors:\n  - \"@jo-b\"\n{status}");
        assert_eq!(repo.read("keps/11-quota-return/kep.yaml"), expected, "{config}");
    }
}

#[test]
fn new_fills_in_fields_that_are_empty_in_the_template() {
    for (template, expected) in [
        (
            "title:\nkep-number: \"\"\nauthors: []\nstatus:\n",
            "title: Quota return\nkep-number: 11\nauthors: [\"@jo-b\"]\nstatus: provisional\n",
        ),
        ("title: T\nnumber:\nauthors: []\n", "title: Quota return\nnumber: 11\nauthors: [\"@jo-b\"]\n"),
    ] {
        let repo = repository(&[("keps/NNNN-template/kep.yaml", template)]);
        succeeds(&repo, &[&NEW[..], &["--number", "11"]].concat());
        assert_eq!(repo.read("keps/11-quota-return/kep.yaml"), expected);
    }
}

#[test]
fn new_names_a_kep_like_the_others() {
    let template = template().replace("kep-number: NNNN\n", "");
    let metadata = kep("1", "provisional").replace("kep-number: 1\n", "");
    for (dirs, number, expected) in [
        (&["quotas", "routes"][..], None, "quota-return"),
        (&["gep-17", "gep-1709"], Some("2000"), "gep-2000"),
        (&["0012-quotas", "0013-routes"], Some("14"), "0014-quota-return"),
        (&["12-quotas", "12.1-routes"], Some("12.2"), "12.2-quota-return"),
    ] {
        for name in ["proposal.yml", "kep.yaml"] {
            let config = format!("project:\n  profile: plain\n  root: geps\n  metadata: {name}\n");
            let repo = repository(&[
                (".github/kepgate.yaml", &config),
                (&format!("geps/NNNN-template/{name}"), &template),
                ("geps/NNNN-template/README.md", "# Title\n\n## Summary\n"),
            ]);
            for dir in dirs {
                repo.write(format!("geps/{dir}/{name}"), &metadata);
            }
            repo.commit();
            let number = number.map(|number| ["--number", number]);
            let run = succeeds(&repo, &[&NEW[..], number.as_ref().map_or(&[][..], |number| &number[..])].concat());
            assert!(repo.read(&format!("geps/{expected}/{name}")).starts_with("title: Quota return\n"), "{expected}");
            assert_eq!(repo.read(&format!("geps/{expected}/README.md")), "# Quota return\n\n## Summary\n");
            assert!(!run.stdout.contains("status KEP"), "{}", run.stdout);
            if number.is_none() && dirs[0] != "quotas" {
                assert_eq!(says(&repo, &NEW).code, 2, "a number is missing");
            }
        }
    }
}

#[test]
fn the_heading_of_a_new_kep_is_that_of_the_template() {
    let config = (".github/kepgate.yaml", "project:\n  root: docs\n  metadata: \"*.md\"\n");
    for (heading, expected) in [("Neat Idea", "Quota return"), ("GEP-NNNN: Title", "GEP-11: Quota return")] {
        // The first line that looks like a heading is a comment.
        let front = format!("# a comment\n---\n# {heading}");
        let template = template_page("a|b").replace("---\n# Your title", &front);
        let repo = repository(&[config, ("docs/template.md", &template)]);
        succeeds(&repo, &[&NEW[..], &["--number", "11"]].concat());
        let text = repo.read("docs/11-quota-return.md");
        assert!(text.contains(&format!("# a comment\n---\n# {expected}\n")), "{text}");
    }
}

#[test]
fn a_kep_is_found_by_what_people_call_it() {
    let config = (".github/kepgate.yaml", "project:\n  profile: plain\n  root: geps\n");
    let dirs = ["12-a", "12.1-b", "0013.2-c", "gep-17", "gep-18-d", "notes"];
    let numbers = ["12", "12.1", "0013.2", "17", "18", "19"];
    let repo = repository(&[config, ("geps/NNNN-template/kep.yaml", &format!("{}stage: alpha\n", template()))]);
    for (dir, number) in dirs.iter().zip(numbers) {
        repo.write(format!("geps/{dir}/kep.yaml"), format!("{}stage: alpha\n", kep(number, "implementable")));
    }
    repo.commit();
    for (name, dir) in [
        ("12", "12-a"),
        ("KEP-12", "12-a"),
        ("12.1", "12.1-b"),
        ("KEP-12.1", "12.1-b"),
        ("#12.1", "12.1-b"),
        ("12.1-b", "12.1-b"),
        ("0013.2", "0013.2-c"),
        ("gep-17", "gep-17"),
        ("GEP-17", "gep-17"),
        ("17", "gep-17"),
        ("gep-18", "gep-18-d"),
        ("gep-18-d", "gep-18-d"),
        ("notes", "notes"),
    ] {
        let dir = format!("geps/{dir}");
        let found = |arguments: &[&str]| {
            let run = says(&repo, arguments);
            assert!(run.code == 0 && run.stdout.contains(&dir), "{arguments:?}: {}{}", run.stdout, run.stderr);
        };
        found(&["status", name]);
        found(&[&promote(name)[..], &["--dry-run"]].concat());
        found(&["review", name, "--since", "HEAD"]);
        found(&["check", name, "--offline", "--output", "json"]);
        if name != "notes" && name.ends_with(|last: char| last.is_ascii_digit()) {
            found(&["query", "--number", name, "--output", "json"]);
        }
    }
    for name in ["1", "12.3", "gep-1", "gep", "note"] {
        assert_eq!(says(&repo, &["status", name]).code, 2, "{name}");
        assert_eq!(says(&repo, &["check", name, "--offline"]).code, 2, "{name}");
    }
}

#[test]
fn a_number_in_another_field_is_that_of_the_directory() {
    for (key, dir, wrong) in [
        ("number", "12-a", "13"),
        ("gep", "gep-12", "13"),
        ("proposal-number", "0012-a", "13"),
        ("kep-number", "kep-12-a", "13"),
    ] {
        let metadata = |number: &str| kep("1", "provisional").replace("kep-number: 1\n", &format!("{key}: {number}\n"));
        let template = template().replace("kep-number:", &format!("{key}:"));
        let repo = repository(&[("keps/NNNN-template/kep.yaml", &template), ("keps/1-x/kep.yaml", &metadata("1"))]);
        let path = format!("keps/{dir}/kep.yaml");
        assert_eq!(adds(&repo, &path, &metadata("12")), (0, vec![]), "{key}");
        assert_eq!(adds(&repo, &path, &metadata(wrong)), one("kep-number-mismatch", &path), "{key}");
        succeeds(&repo, &[&NEW[..], &["--number", "20"]].concat());
        assert!(repo.read("keps/20-quota-return/kep.yaml").contains(&format!("\n{key}: 20\n")), "{key}");
    }
    // Other fields are none of the KEP's numbers, and a word before a number need not be a prefix.
    for (key, dir) in [("issue-number", "12-a"), ("gep", "pod-2-limits")] {
        let metadata = |number: &str| kep("1", "provisional").replace("kep-number: 1\n", &format!("{key}: {number}\n"));
        let template = template().replace("kep-number:", &format!("{key}:"));
        let repo = repository(&[("keps/NNNN-template/kep.yaml", &template), ("keps/1-x/kep.yaml", &metadata("1"))]);
        assert_eq!(adds(&repo, &format!("keps/{dir}/kep.yaml"), &metadata("13")), (0, vec![]), "{key}");
    }
}
