//! Projects whose KEPs are Markdown files, in a folder for each area, with fields of their own and without numbers.

use serde_json::Value;

use super::says;
use crate::support::TestRepo;

const TEMPLATE: &str = "---\ntitle: neat-enhancement-idea\nauthors:\n  - TBD\nreviewers:\n  - TBD\napprovers:\n  - TBD\ncreation-date: yyyy-mm-dd\nstatus: provisional|implementable|implemented\ntracking-link:\n  - TBD\nsee-also:\n  - \"/enhancements/this-other-neat-thing.md\"\n---\n\n# Neat Enhancement Idea\n\n## Summary\n\n## Proposal\n";

const KEP: &str = "---\ntitle: dns-over-tls\nauthors:\n  - \"@marta-k\"\nreviewers:\n  - \"@jo-b\"\napprovers:\n  - \"@kim-c\"\ncreation-date: 2025-01-02\nstatus: implementable\ntracking-link:\n  - https://issues.example/1\nsee-also:\n  - \"/enhancements/storage/20250301-snapshots.md\"\n---\n\n# DNS over TLS\n\n<!-- toc -->\n- [Summary](#summary)\n- [Proposal](#proposal)\n<!-- /toc -->\n\n## Summary\n\nEncrypt.\n\n## Proposal\n\nAs said.\n";

const PATH: &str = "enhancements/network/dns-over-tls.md";
const DATED: [&str; 2] = ["enhancements/storage/20250301-snapshots.md", "enhancements/storage/20250301-clones.md"];

/// A project of this kind, with the configuration that `kepgate init` proposes, committed on `main`.
fn repository() -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    repo.write("guidelines/enhancement_template.md", TEMPLATE);
    repo.write(PATH, KEP);
    for path in DATED {
        repo.write(path, KEP.replace("dns-over-tls", path.rsplit('/').next().unwrap()));
    }
    repo.write("enhancements/README.md", "# Enhancements\n\nThe list.\n");
    repo.write("enhancements/network/notes.md", "# Notes\n\nNothing.\n");
    let run = says(&repo, &["init", "--write"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    repo.commit();
    repo
}

fn found(report: &Value) -> Vec<(&str, &str)> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| (finding["rule"].as_str().unwrap(), finding["path"].as_str().unwrap())).collect()
}

#[test]
fn init_finds_the_folder_and_the_template() {
    let config = repository().read(".github/kepgate.yaml");
    for line in ["root: enhancements", "metadata: \"*.md\"", "template: guidelines/enhancement_template.md"] {
        assert!(config.contains(&format!("\n  {line}\n")), "{line}: {config}");
    }
}

#[test]
fn files_with_metadata_are_keps_and_others_are_not() {
    let repo = repository();
    let (code, report) = repo.check(&["--all", "--offline"]);
    let paths: Vec<_> = report["keps"].as_array().unwrap().iter().map(|kep| kep["path"].as_str().unwrap()).collect();
    assert_eq!((code, found(&report)), (0, vec![]), "{report:#}");
    assert_eq!(paths, [PATH, DATED[1], DATED[0]], "a date is not a number");
    let run = says(&repo, &["query", "--output", "json"]);
    let list: Value = serde_json::from_str(&run.stdout).unwrap();
    let dirs: Vec<_> = list.as_array().unwrap().iter().map(|kep| kep["directory"].as_str().unwrap()).collect();
    assert_eq!((run.code, dirs.len(), dirs.contains(&PATH)), (0, 3, true), "{}", run.stdout);
}

#[test]
fn findings_point_into_the_file_and_are_fixed_there() {
    let repo = repository();
    repo.write(
        PATH,
        KEP.replace("status: implementable", "status: implementeable").replace("tracking-link", "traking-link"),
    );
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report)), (1, vec![("status-invalid", PATH), ("yaml-unknown-key", PATH)]), "{report:#}");
    let places: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["start"]["line"].as_u64()).collect();
    assert_eq!(places, [Some(10), Some(11)]);
    assert_eq!(report["findings"][1]["help"], "did you mean `tracking-link`?");
    says(&repo, &["check", "--base", "main", "--offline", "--fix"]);
    assert!(repo.read(PATH).contains("\nstatus: implementable\n"), "{}", repo.read(PATH));
    let run = says(&repo, &["check", "--base", "main", "--offline", "--output", "github"]);
    assert!(run.stdout.contains(&format!("::error file={PATH},line=11")), "{}", run.stdout);
}

#[test]
fn a_file_that_loses_its_metadata_is_reported() {
    let repo = repository();
    repo.write(PATH, "# DNS over TLS\n\n## Summary\n\nEncrypt.\n");
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report).contains(&("metadata-missing", PATH))), (1, true), "{report:#}");
    repo.write(PATH, KEP.replacen("---\n\n# DNS", "\n# DNS", 1));
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report).contains(&("metadata-missing", PATH))), (1, true), "never closed: {report:#}");
    repo.remove(PATH);
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![("kep-removed", PATH)]), "a warning: {report:#}");
}

#[test]
fn a_stale_table_of_contents_is_seen_and_rewritten() {
    let repo = repository();
    repo.write(PATH, KEP.replace("## Proposal\n", "## Proposal\n\n### Risks\n"));
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report)), (1, vec![("toc-stale", PATH)]), "{report:#}");
    assert_eq!(says(&repo, &["toc", "--write", PATH]).code, 0);
    assert_eq!(repo.check(&["--base", "main", "--offline"]).0, 0);
}

#[test]
fn a_renamed_file_is_the_same_kep() {
    let repo = repository();
    repo.remove(PATH);
    repo.write("enhancements/dns/dns-over-tls.md", KEP);
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![]), "{report:#}");
}

#[test]
fn new_writes_a_file_and_promote_edits_it() {
    let repo = repository();
    let new = ["new", "--title", "Quota return", "--author", "@jo-b", "--date", "2025-10-01"];
    let run = says(&repo, &[&new[..], &["--sig", "network"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let text = repo.read("enhancements/network/quota-return.md");
    assert!(text.starts_with("---\ntitle: Quota return\nauthors:\n  - \"@jo-b\"\n"), "{text}");
    assert!(text.contains("\nstatus: provisional\n"), "{text}");
    let run = says(&repo, &[&new[..], &["--sig", "../x"]].concat());
    assert_eq!((run.code, run.stderr.contains("not the name of a folder")), (2, true), "{}", run.stderr);

    let run = says(&repo, &["promote", PATH, "--stage", "alpha", "--release", "v0.4"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let text = repo.read(PATH);
    assert!(text.contains("\nstage: alpha\nlatest-milestone: \"v0.4\"\n"), "{text}");
    assert!(text.ends_with(KEP.split("---\n").nth(2).unwrap()), "the proposal stays as it is");
}
