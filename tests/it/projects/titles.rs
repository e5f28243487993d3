//! What the text of a KEP says in other projects: its title, its number, and whether there is any.

use super::adoption::{adds, kep, page, repository, template};
use super::says;
use crate::support::TestRepo;

/// Rule, level and message of each finding of a check against `main`.
fn said(repo: &TestRepo) -> Vec<[String; 3]> {
    let (_, report) = repo.check(&["--base", "main", "--offline"]);
    assert!(report["error"].is_null(), "{report:#}");
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|it| ["rule", "level", "message"].map(|key| it[key].as_str().unwrap().to_owned())).collect()
}

/// A repository whose KEPs are pages below `teps`.
fn pages() -> TestRepo {
    let config = "project:\n  profile: plain\n  root: teps\n  metadata: \"*.md\"\n  fields:\n    optional: [number]\n";
    repository(&[(".github/kepgate.yaml", config), ("teps/0012-a.md", &page("provisional"))])
}

#[test]
fn the_number_in_the_title_is_that_of_the_file() {
    let repo = pages();
    let titled = |title: &str| page("provisional").replace("# Quotas", title);
    let path = "teps/0095-quotas.md";
    for title in [
        "# TEP-0095: Quotas",
        "# tep 95",
        "# Quotas",
        "# 0012 Quotas",
        "# TEP-95.1: Quotas",
        "# TEP Quotas",
        "# TEP-99999999999: Quotas",
    ] {
        assert_eq!(adds(&repo, path, &titled(title)), (0, vec![]), "{title}");
    }
    repo.write(path, titled("# TEP-0012: Quotas"));
    let message = "the title names `TEP-0012`, but the file's number is `0095`";
    assert_eq!(said(&repo), [["kep-number-mismatch", "warning", message].map(str::to_owned)]);
    repo.remove(path);
    assert_eq!(adds(&repo, "teps/0012-a.md", &titled("# TEP-0012: A")), (0, vec![]));
}

#[test]
fn the_projects_own_number_is_that_of_the_file() {
    let repo = pages();
    let numbered = |number: &str| page("provisional").replace("title:", &format!("number: {number}\ntitle:"));
    let path = "teps/0095-quotas.md";
    for number in ["95", "0095", "TEP-0095", "\"95.1\""] {
        assert_eq!(adds(&repo, path, &numbered(number)), (0, vec![]), "{number}");
    }
    for (number, level) in [("96", "error"), ("abc", "warning"), ("TEP-0096", "warning")] {
        repo.write(path, numbered(number));
        let message = format!("`number` is `{number}`, but the file's number is `0095`");
        assert_eq!(said(&repo), [["kep-number-mismatch", level, &message].map(str::to_owned)]);
    }
}

#[test]
fn an_active_kep_has_text_of_its_own() {
    let text = "# Title\n\n## Summary\n\nDescribe the change in a sentence.\n\n## Design\n\nExplain how it works.\n";
    let repo = repository(&[
        ("keps/NNNN-template/kep.yaml", &template()),
        ("keps/NNNN-template/README.md", text),
        ("keps/10-a/kep.yaml", &kep("10", "provisional")),
        ("keps/10-a/README.md", text),
    ]);
    assert_eq!(said(&repo), Vec::<[String; 3]>::new());
    repo.write("keps/10-a/kep.yaml", kep("10", "implementable"));
    let message = "the README has no text other than that of the template";
    let bare = vec![["readme-template-text", "warning", message].map(str::to_owned)];
    assert_eq!(said(&repo), bare);
    repo.write("keps/10-a/README.md", text.replace("# Title", "# Quotas"));
    assert_eq!(said(&repo), bare, "another title says nothing yet");
    repo.write("keps/10-a/README.md", text.replace("Explain how it works.", "Count them."));
    assert_eq!(said(&repo), Vec::<[String; 3]>::new());
}

#[test]
fn a_deleted_text_is_missed_without_a_template() {
    let repo =
        repository(&[("keps/10-a/kep.yaml", &kep("10", "implementable")), ("keps/10-a/README.md", "# Quotas\n")]);
    repo.remove("keps/10-a/README.md");
    let message = "the change deletes the KEP's `README.md`";
    assert_eq!(said(&repo), [["readme-section-missing", "warning", message].map(str::to_owned)]);
}

#[test]
fn a_name_is_the_title_where_there_is_no_other() {
    let metadata = |name: &str| format!("name: {name}\nstatus: provisional\nauthors: [ada]\n");
    let repo = repository(&[
        ("geps/NNNN-template/metadata.yaml", &metadata("Your title").replace("ada", "your-handle")),
        ("geps/gep-17/metadata.yaml", &metadata("Quotas")),
        ("geps/gep-40/metadata.yaml", &metadata("Queues")),
    ]);
    let run = says(&repo, &["init", "--write"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    repo.commit();
    let run = says(&repo, &["query", "--output", "csv", "--columns", "directory,title"]);
    assert_eq!(run.stdout.replace('"', ""), "Directory,Title\r\ngeps/gep-17,Quotas\r\ngeps/gep-40,Queues\r\n");
    let run = says(&repo, &["new", "--number", "50", "--title", "Late: again", "--author", "ada"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(repo.read("geps/gep-50/metadata.yaml").starts_with("name: \"Late: again\"\n"));
}
