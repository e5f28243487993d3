//! What a project sees that adopts kepgate: nothing passes unseen, and `init` proposes what fits.

use serde_json::Value;

use super::says;
use crate::support::TestRepo;

/// A repository with these files, committed on `main`.
pub(super) fn repository(files: &[(&str, &str)]) -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    for (path, text) in files {
        repo.write(path, text);
    }
    repo.commit();
    repo
}

pub(super) fn kep(number: &str, status: &str) -> String {
    format!("title: Quotas\nkep-number: {number}\nauthors:\n  - \"@ada\"\nstatus: {status}\n")
}

/// A template for KEPs whose metadata is in a file of its own.
pub(super) fn template() -> String {
    kep("NNNN", "provisional|implementable").replace("Quotas", "Your title").replace("@ada", "@your-handle")
}

pub(super) fn page(status: &str) -> String {
    format!("---\ntitle: Quotas\nauthors:\n  - \"@ada\"\ncreation-date: 2026-01-02\nstatus: {status}\n---\n# Quotas\n")
}

/// A template for KEPs that are pages, with these choices for `status`.
pub(super) fn template_page(statuses: &str) -> String {
    page(statuses).replace("Quotas", "Your title").replace("2026-01-02", "yyyy-mm-dd").replace("@ada", "@your-handle")
}

/// The exit status of a check of the change that adds this file, and its findings.
pub(super) fn adds(repo: &TestRepo, path: &str, text: &str) -> (i32, Vec<(String, String)>) {
    repo.branch("topic");
    repo.write(path, text);
    repo.commit();
    let (code, report) = repo.check(&["--base", "main", "--head", "topic", "--offline"]);
    repo.git(&["switch", "--quiet", "main"]);
    repo.git(&["branch", "--quiet", "--delete", "--force", "topic"]);
    (code, found(&report))
}

pub(super) fn found(report: &Value) -> Vec<(String, String)> {
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    report["findings"].as_array().unwrap().iter().map(|it| (word(it, "rule"), word(it, "path"))).collect()
}

pub(super) fn one(rule: &str, path: &str) -> (i32, Vec<(String, String)>) {
    (1, vec![(rule.to_owned(), path.to_owned())])
}

/// What `init` prints, which exits with 0.
pub(super) fn init(repo: &TestRepo) -> String {
    let run = says(repo, &["init"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    run.stdout
}

#[test]
fn a_kep_about_templates_is_a_kep() {
    let repo = repository(&[
        ("keps/NNNN-template/kep.yaml", &template()),
        ("keps/10-queue/kep.yaml", &kep("10", "provisional")),
    ]);
    let path = "keps/30-pod-template/kep.yaml";
    assert_eq!(adds(&repo, path, &kep("30", "bogus")), one("status-invalid", path));
    // It does not replace the template, either.
    repo.write(path, kep("30", "provisional"));
    repo.commit();
    let (code, report) = repo.check(&["--all", "--offline"]);
    assert_eq!((code, found(&report), report["keps"].as_array().unwrap().len()), (0, vec![], 2));
    assert!(init(&repo).contains("\n  template: keps/NNNN-template\n"));

    let config = (".github/kepgate.yaml", "project:\n  root: docs\n  metadata: \"*.md\"\n");
    let repo =
        repository(&[config, ("docs/template.md", &template_page("a|b")), ("docs/quotas.md", &page("provisional"))]);
    for path in ["docs/vm-template.md", "docs/20240505-template.md", "docs/area/pod_template.md"] {
        assert_eq!(adds(&repo, path, &page("bogus")), one("status-invalid", path));
    }
}

#[test]
fn a_numbered_folder_without_metadata_does_not_pass() {
    let sound = ("keps/10-queue/kep.yaml", &*kep("10", "provisional"));
    for name in ["design.md", "README.rst", "README.md"] {
        let path = format!("keps/11-late/{name}");
        let (code, found) = adds(&repository(&[sound]), &path, "# Late\n");
        let [(rule, place)] = &found[..] else { panic!("{name}: {found:?}") };
        assert_eq!((code, rule.as_str(), place == &path), (1, "metadata-missing", true), "{name}");
    }
    assert_eq!(adds(&repository(&[sound]), "keps/11-late/picture.png", "").0, 0, "nothing to read");
}

#[test]
fn a_file_that_nearly_begins_with_metadata_does_not_pass() {
    let config = (".github/kepgate.yaml", "project:\n  root: docs\n  metadata: \"*.md\"\n");
    let repo =
        repository(&[config, ("docs/template.md", &template_page("a|b")), ("docs/quotas.md", &page("provisional"))]);
    let path = "docs/late.md";
    assert_eq!(adds(&repo, path, &format!("\u{feff}{}", page("bogus"))), one("status-invalid", path));
    assert_eq!(adds(&repo, path, &format!("\n{}", page("bogus"))), one("metadata-missing", path));
    assert_eq!(adds(&repo, path, "# A page\n"), (0, vec![]));
    repo.write(path, "# A page\n");
    repo.commit();
    repo.branch("edit");
    repo.write(path, "# Another page\n");
    repo.commit();
    let (code, report) = repo.check(&["--base", "main", "--head", "edit", "--offline"]);
    assert_eq!((code, report["keps"].as_array().unwrap().len()), (0, 0), "a page is no KEP that passed");
}

#[test]
fn a_layout_under_which_there_is_no_kep_is_an_error() {
    let pages = "project:\n  root: docs\n  metadata: \"*.md\"\n";
    for (config, path, text, words) in [
        (
            pages,
            "docs/0001-one.md",
            "+++\ntitle = \"One\"\n+++\n",
            "found no KEPs: the only Markdown file below `docs` does not begin with metadata",
        ),
        (
            &pages.replace("docs", "keps"),
            "keps/1-one/kep.yaml",
            &kep("1", "bogus"),
            "`keps/1-one/kep.yaml` looks like a KEP",
        ),
        (
            &pages.replace("\"*.md\"", "metadata.yaml"),
            "docs/x/kep.yaml",
            &kep("1", "bogus"),
            "`docs/x/kep.yaml` looks like a KEP",
        ),
    ] {
        let repo = repository(&[(".github/kepgate.yaml", config), (path, text)]);
        let run = says(&repo, &["check", "--all", "--offline"]);
        assert_eq!((run.code, run.stdout.contains(words)), (2, true), "{}", run.stdout);
        let path = path.replace("kep.yaml", "late.md");
        assert_eq!(adds(&repo, &path, "+++\ntitle = \"Two\"\n+++\n").0, 2, "{path}");
    }
    let repo = repository(&[
        (".github/kepgate.yaml", pages),
        ("docs/README.md", "# KEPs\n"),
        ("docs/template.md", &template_page("a|b")),
    ]);
    assert_eq!(says(&repo, &["check", "--all", "--offline"]).code, 0, "a new project");
}

#[test]
fn init_keeps_what_works_without_it_and_names_the_rest() {
    let old = |day: &str| (format!("docs/proposals/2019010{day}-old.md"), page("provisional"));
    let old: Vec<_> = ["1", "2", "3"].into_iter().map(old).collect();
    let sound = kep("1", "provisional");
    let mut files = vec![("keps/core/1-a/kep.yaml", sound.as_str()), ("keps/net/2-b/kep.yaml", &sound)];
    files.extend(old.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let said = init(&repository(&files));
    assert!(said.contains("\n  root: keps\n") && said.contains("\n  metadata: kep.yaml\n"), "{said}");
    assert!(said.contains("  # Attention: `docs/proposals/20190101-old.md`, "), "{said}");
    assert!(said.contains(" look like KEPs, but are not checked with this layout.\n"), "{said}");
    // Without the usual folder, nothing is left out either.
    let said = init(&repository(&[("design/core/1-a/kep.yaml", &sound), ("design/net/2-b/kep.yaml", &sound)]));
    assert!(said.contains("\n  root: design\n") && !said.contains("Attention"), "{said}");
}

#[test]
fn init_takes_words_and_fields_from_the_project() {
    let template = ("docs/template.md", &*template_page("proposed|accepted|done"));
    let said = init(&repository(&[template, ("docs/a.md", &page("accepted")), ("docs/b.md", &page("acepted"))]));
    let words = "\n  statuses:\n    proposed: provisional\n    accepted: implementable\n    done: implemented\n";
    assert!(said.contains(words), "{said}");
    assert!(said.contains("  # `acepted` (1 KEP) is not among these words."), "{said}");

    let metadata = |number: &str, status: &str| {
        format!("name: Quotas\nnumber: {number}\nstatus: {status}\nauthors:\n  - \"@ada\"\n")
    };
    let said = init(&repository(&[
        ("geps/gep-17/metadata.yaml", &metadata("17", "Standard")),
        ("geps/gep-18/metadata.yaml", &metadata("18", "Provisional")),
    ]));
    assert!(said.contains("\n  root: geps\n") && said.contains("\n    optional: [name, number]\n"), "{said}");
    assert!(said.contains("\n    Provisional: provisional\n    Standard: implemented\n"), "{said}");
    assert!(said.contains("kepgate: 2 KEPs passed"), "{said}");
}

#[test]
fn init_sees_that_reviewed_releases_are_the_projects_own() {
    let metadata = format!("{}latest-milestone: \"v0.9\"\nstage: alpha\n", kep("1", "implementable"));
    let prr_file = ("keps/prod-readiness/sig-a/1.yaml", "kep-number: 1\nalpha:\n  approver: \"@ada\"\n");
    let aliases = ("OWNERS_ALIASES", "aliases:\n  prod-readiness-approvers:\n    - ada\n");
    let said = init(&repository(&[("keps/sig-a/1-a/kep.yaml", &metadata), prr_file, aliases]));
    for line in ["profile: kubernetes", "production-readiness: v0.9", "releases: own"] {
        assert!(said.contains(&format!("\n  {line}\n")), "{line}: {said}");
    }
}

#[test]
fn people_whom_the_template_names_may_write_keps() {
    for (handle, code) in [("@ada-lovelace", 0), ("@your-handle", 1)] {
        let template = template().replace("@your-handle", handle);
        let written = kep("10", "provisional").replace("@ada", handle);
        let repo =
            repository(&[("keps/NNNN-template/kep.yaml", &template), ("keps/9-a/kep.yaml", &kep("9", "provisional"))]);
        assert_eq!(adds(&repo, "keps/10-b/kep.yaml", &written).0, code, "{handle}");
    }
}

#[test]
fn a_review_is_due_in_a_fork_with_releases_of_its_own() {
    // Without a configuration, such a release is not known to be older than the first review.
    let metadata = |stage: &str, release: &str| {
        format!(
            "{}owning-sig: sig-a\napprovers:\n  - \"@ada\"\nstage: {stage}\nlatest-milestone: \"{release}\"\nmilestone:\n  {stage}: \"{release}\"\n",
            kep("1", "implementable")
        )
    };
    let path = "keps/sig-a/1-a/kep.yaml";
    let prr_file = ("keps/prod-readiness/sig-a/1.yaml", "kep-number: 1\nalpha:\n  approver: \"@petra\"\n");
    let aliases = ("OWNERS_ALIASES", "aliases:\n  prod-readiness-approvers:\n    - petra\n");
    let repo = repository(&[(path, &metadata("alpha", "v0.9")), prr_file, aliases]);
    assert_eq!(repo.check(&["--all", "--offline"]).0, 0, "alpha is approved");
    let (code, found) = adds(&repo, path, &metadata("beta", "v0.10"));
    let is_due = |rule: &str| found.iter().any(|(found, _)| found == rule);
    assert!(code == 1 && is_due("prr-stage-missing") && is_due("metrics-missing"), "{found:?}");
    assert!(!is_due("release-shipped") && !is_due("release-frozen"), "{found:?}");
}

#[test]
fn a_check_of_the_whole_tree_does_not_speak_of_changes() {
    let repo = repository(&[("keps/NNNN-template/kep.yaml", &template())]);
    let run = says(&repo, &["check", "--all", "--offline"]);
    assert!(run.code == 0 && run.stdout.contains("kepgate: found no KEPs, in "), "{}", run.stdout);
    let run = says(&repo, &["check", "--all", "--offline", "--output", "markdown"]);
    assert!(run.stdout.contains("found no KEPs") && !run.stdout.contains("changed"), "{}", run.stdout);
}

#[test]
fn comments_that_tools_need_are_not_template_text() {
    let table = "<!-- START doctoc generated TOC please keep comment here to allow auto update -->\n\
                 <!-- DON'T EDIT THIS SECTION, INSTEAD RE-RUN doctoc TO UPDATE -->\n\n- [Summary](#summary)\n\n\
                 <!-- END doctoc generated TOC please keep comment here to allow auto update -->\n\
                 <!-- markdownlint-disable MD013 -->\n";
    let template_text = format!("# KEP-NNNN: Title\n\n{table}\n<!-- Say it. -->\n\n## Summary\n");
    let text = format!("# KEP-10: Queue\n\n{table}\n## Summary\n\nA queue.\n");
    let repo = repository(&[
        ("keps/NNNN-template/kep.yaml", &template()),
        ("keps/NNNN-template/README.md", &template_text),
        ("keps/10-queue/kep.yaml", &kep("10", "implementable")),
    ]);
    let path = "keps/10-queue/README.md";
    assert_eq!(adds(&repo, path, &text), (0, vec![]));
    let left = text.replace("A queue.", "<!-- Say it. -->");
    assert_eq!(adds(&repo, path, &left), (0, vec![("readme-template-text".to_owned(), path.to_owned())]));
}

#[test]
fn what_is_not_markdown_is_never_passed_over() {
    let text = "Queue\n=====\n\n:Status: accepted\n:Author: ada\n";
    // Nothing but such files.
    for path in ["enhancements/0012-queue/README.rst", "enhancements/0012-queue.adoc"] {
        let repo = repository(&[(path, text)]);
        let run = says(&repo, &["check", "--all", "--offline"]);
        let message = format!("found no KEPs, but `{path}` looks like one that is not Markdown");
        assert!(run.code == 2 && run.stdout.contains(&message), "{}", run.stdout);
        assert_eq!(adds(&repo, &path.replace("12", "13"), text).0, 2, "{path}");
        let run = says(&repo, &["init"]);
        assert!(run.code == 2 && run.stderr.contains(&format!(", but `{path}` looks like one")), "{}", run.stderr);
    }
    assert_eq!(says(&repository(&[("docs/2-install/README.rst", "Install\n")]), &["check", "--offline"]).code, 0);
    // Next to others, and as the text of one.
    let repo = repository(&[
        ("keps/10-queue/kep.yaml", &kep("10", "provisional")),
        ("keps/10-queue/README.rst", text),
        ("docs/12-old/README.rst", text),
    ]);
    let said = init(&repo);
    assert!(said.contains("  # Attention: `docs/12-old/README.rst` looks like a KEP, but is not checked"), "{said}");
    let run = says(&repo, &["check", "--all", "--offline"]);
    let message = "readme-unresolved: READMEs that are not Markdown are not read, such as `keps/10-queue/README.rst`";
    assert!(run.code == 0 && run.stdout.contains(message), "{}", run.stdout);
}

#[test]
fn a_remark_may_follow_a_handle() {
    let config = (".github/kepgate.yaml", "project:\n  root: docs\n  metadata: \"*.md\"\n");
    let repo = repository(&[config, ("docs/template.md", &template_page("a|b")), ("docs/a.md", &page("provisional"))]);
    let path = "docs/late.md";
    let reviewed =
        |entry: &str| page("provisional").replace("status:", &format!("reviewers:\n  - \"{entry}\"\nstatus:"));
    for entry in ["@kim-c, for networking", "@kim-c (networking)"] {
        assert_eq!(adds(&repo, path, &reviewed(entry)), (0, vec![]), "{entry}");
    }
    let malformed = (0, vec![("handle-malformed".to_owned(), path.to_owned())]);
    assert_eq!(adds(&repo, path, &reviewed("@kim-c, @jo-b")), malformed);
    repo.write(path, page("provisional").replace("@ada", "@kim-c, for the API"));
    let run = says(&repo, &["query", "--author", "kim-c", "--output", "json"]);
    assert!(run.code == 0 && run.stdout.contains(path), "{}{}", run.stdout, run.stderr);
}
