//! Projects whose KEPs are Markdown files, in a folder for each area, with custom fields and without numbers.

use serde_json::Value;

use super::says;
use crate::support::pull_request::command;
use crate::support::{FakeGitHub, Pull, State, TestRepo, within_bounds};

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
fn a_new_numbered_file_without_metadata_is_reported() {
    let repo = repository();
    repo.write("enhancements/storage/20251201-resize.md", "# Resize\n\n## Summary\n\nGrow.\n\n## Proposal\n\nMore.\n");
    // No KEP of this folder has a number, and a file that was there before is not new.
    repo.write("enhancements/network/2025-notes.md", "# Notes\n");
    repo.write("enhancements/storage/notes.md", "# Notes\n");
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    let expected = ("metadata-missing", "enhancements/storage/20251201-resize.md");
    assert_eq!((code, found(&report)), (0, vec![expected]), "{report:#}");
    assert_eq!(report["findings"][0]["level"], "warning");
    let help = "begin it with the metadata that `guidelines/enhancement_template.md` begins with";
    assert_eq!(report["findings"][0]["help"], help);
    repo.commit();
    repo.branch("topic");
    repo.write(
        "enhancements/storage/20251201-resize.md",
        "# Resize\n\n## Summary\n\nShrink.\n\n## Proposal\n\nLess.\n",
    );
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![]), "{report:#}");
}

#[test]
fn a_new_file_without_metadata_is_reported_where_all_others_have_it() {
    let repo = repository();
    for folder in ["pure", "mixed", "small"] {
        for name in ["one", "two", "three"].iter().take(if folder == "small" { 2 } else { 3 }) {
            repo.write(format!("enhancements/{folder}/{name}.md"), KEP.replace("dns-over-tls", name));
        }
        repo.write(format!("enhancements/{folder}/README.md"), "# Enhancements\n");
        repo.write(format!("enhancements/{folder}/one.svg"), "<svg/>\n");
    }
    repo.write("enhancements/mixed/plan.md", "# Plan\n");
    repo.commit();
    for folder in ["pure", "mixed", "small"] {
        repo.write(format!("enhancements/{folder}/new.md"), "# New\n\n## Summary\n\nNew.\n\n## Proposal\n\nMore.\n");
    }
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![("metadata-missing", "enhancements/pure/new.md")]), "{report:#}");
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
fn new_writes_a_file_and_promote_edits_only_its_fields() {
    let repo = repository();
    let new = ["new", "--title", "Quota return", "--author", "@jo-b", "--date", "2025-10-01"];
    let run = says(&repo, &[&new[..], &["--sig", "network"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let text = repo.read("enhancements/network/quota-return.md");
    assert!(text.starts_with("---\ntitle: Quota return\nauthors:\n  - \"@jo-b\"\n"), "{text}");
    assert!(text.contains("\nstatus: provisional\n"), "{text}");
    let run = says(&repo, &[&new[..], &["--sig", "../x"]].concat());
    assert_eq!((run.code, run.stderr.contains("not the name of a folder")), (2, true), "{}", run.stderr);

    let promote = ["promote", PATH, "--stage", "alpha", "--release", "v0.4"];
    let run = says(&repo, &promote);
    let message = "KEPs of this project have no `stage`, `latest-milestone` or `milestone`";
    assert_eq!((run.code, run.stderr.contains(message)), (2, true), "{}", run.stderr);
    assert_eq!(repo.read(PATH), KEP);
    repo.write(PATH, KEP.replace("status: implementable\n", "status: implementable\nstage: beta\n"));
    let run = says(&repo, &[&promote[..], &["--replace"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert_eq!(repo.read(PATH), KEP.replace("status: implementable\n", "status: implementable\nstage: alpha\n"));
}

#[test]
fn a_pull_request_is_checked_over_the_api_like_in_a_clone() {
    let repo = repository();
    let tip = repo.id("HEAD");
    repo.branch("topic");
    repo.write(PATH, KEP.replace("status: implementable", "status: implementeable"));
    repo.write("enhancements/network/quic.md", KEP.replace("dns-over-tls", "quic").replace("see-also", "see_also"));
    repo.write("enhancements/network/notes.md", "# Notes\n\nMore.\n");
    let head = repo.commit();
    let mut state = State::default();
    let pull = Pull { head: head.clone(), tip, merge: Some(head), changed_files: None, opened: None };
    state.pulls.insert(7, pull);
    let hub = FakeGitHub::start(repo.path(), state);
    let run = within_bounds(&command(TestRepo::new().path(), &hub));
    let over_api: Value = serde_json::from_str(&run.stdout).unwrap();
    let (code, in_clone) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!(run.code, code, "{}", run.stderr);
    let expected = [("status-invalid", PATH), ("yaml-unknown-key", "enhancements/network/quic.md")];
    assert_eq!(found(&over_api), expected, "{over_api:#}");
    assert_eq!(over_api["findings"], in_clone["findings"]);
    assert_eq!(over_api["keps"], in_clone["keps"]);
}

#[test]
fn readiness_lists_files_with_a_release() {
    let repo = repository();
    repo.write(PATH, KEP.replace("status: implementable\n", "status: implementable\nlatest-milestone: v0.4\n"));
    let run = says(&repo, &["readiness", "--release", "v0.4", "--output", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, report["keps"].as_array().unwrap().len()), (0, 1), "{}", run.stderr);
    assert_eq!(report["keps"][0]["path"], PATH);
    let criteria = report["keps"][0]["criteria"].as_array().unwrap().iter();
    let met: Vec<_> = criteria.map(|it| (it["key"].as_str().unwrap(), it["verdict"].as_str().unwrap())).collect();
    assert!(!met.iter().any(|(key, _)| *key == "stage"), "the template has no stage: {met:?}");
    assert!(met.contains(&("latest-milestone", "met")) && met.contains(&("readme", "met")), "{met:?}");
    let page = says(&repo, &["readiness", "--release", "v0.4", "--all"]).stdout;
    assert!(page.contains("dns-over-tls"), "{page}");
}
