//! Every command works on every shape of a project.

use serde_json::Value;

use super::says;
use crate::support::TestRepo;
use crate::support::project_shape::ProjectShape;

/// A repository of this shape with one commit on `main`.
fn repository(shape: ProjectShape) -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    shape.write(&repo, "");
    repo.commit();
    repo
}

const README: &str = "# KEP: Late\n\n## Summary\n\nLate.\n\n## Design\n\nNone.\n";

fn found(report: &Value) -> Vec<(&str, &str)> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| (finding["rule"].as_str().unwrap(), finding["path"].as_str().unwrap())).collect()
}

#[test]
fn check_finds_what_is_wrong_and_nothing_else() {
    for shape in ProjectShape::all() {
        let repo = repository(shape);
        let (code, report) = repo.check(&["--all", "--offline"]);
        assert_eq!((code, found(&report)), (0, vec![]), "{shape}: {report:#}");
        assert_eq!(report["profile"], "plain", "{shape}");
        assert_eq!(report["keps"].as_array().unwrap().len(), 1, "{shape}");

        let path = shape.metadata_path("310-quota-lending");
        let broken = repo.read(&path).replace("implementable", "implementeable").replace("risk-level", "risk");
        repo.write(&path, broken);
        let (code, report) = repo.check(&["--base", "main", "--offline"]);
        let expected = vec![("status-invalid", path.as_str()), ("yaml-unknown-key", &path)];
        assert_eq!((code, found(&report)), (1, expected), "{shape}");
    }
}

#[test]
fn a_stale_table_in_a_readme_is_seen() {
    for shape in ProjectShape::all() {
        let repo = repository(shape);
        let path = shape.readme_path("310-quota-lending");
        repo.write(&path, repo.read(&path).replace("## Design\n", "## Plan\n"));
        let (code, report) = repo.check(&["--base", "main", "--offline"]);
        let stale = found(&report).contains(&("toc-stale", path.as_str()));
        assert_eq!((code, stale), (1, true), "{shape}: {report:#}");
        assert_eq!(says(&repo, &["toc", "--check", shape.root]).code, 1, "{shape}");
        assert_eq!(says(&repo, &["toc", "--write", &path]).code, 0, "{shape}");
        assert_eq!(says(&repo, &["toc", "--check", &path]).code, 0, "{shape}");
    }
}

#[test]
fn folders_on_disk_are_compared_wherever_the_keps_are() {
    for shape in ProjectShape::all() {
        let repo = TestRepo::new();
        shape.write(&repo, "base/");
        shape.write(&repo, "head/");
        let path = shape.metadata_path("310-quota-lending");
        let head = format!("head/{path}");
        repo.write(&head, repo.read(&head).replace("status: implementable", "status: drafted"));
        let (code, report) = repo.check(&["--base-dir", "base", "--head-dir", "head", "--offline"]);
        assert_eq!((code, found(&report)), (1, vec![("status-invalid", path.as_str())]), "{shape}");
    }
}

#[test]
fn query_lists_the_keps() {
    for shape in ProjectShape::all() {
        let repo = repository(shape);
        let run = says(&repo, &["query", "--output", "json"]);
        let list: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((run.code, list.as_array().unwrap().len()), (0, 1), "{shape}: {}", run.stdout);
        assert_eq!(list[0]["directory"], shape.dir("310-quota-lending"), "{shape}");
        assert_eq!(list[0]["link"], shape.dir("310-quota-lending"), "{shape}: not a link to Kubernetes");
        let approver = if shape.has_prr { "petra-solm" } else { "" };
        assert!(run.stdout.contains(approver), "{shape}: {}", run.stdout);
    }
}

#[test]
fn new_and_promote_write_keps_that_pass_the_check() {
    for shape in ProjectShape::all() {
        let repo = repository(shape);
        let mut arguments = vec!["new", "--number", "400", "--title", "Quota return", "--author", "@jo-b"];
        arguments.extend(["--release", "v0.9"]);
        if shape.has_sig_folders {
            arguments.extend(["--sig", "sig-quota"]);
        }
        if shape.has_prr {
            arguments.extend(["--prr-approver", "petra-solm"]);
        }
        let run = says(&repo, &arguments);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shape}: {}", run.stdout);
        let path = shape.metadata_path("400-quota-return");
        assert!(repo.read(&path).contains("title: Quota return\nkep-number: 400\n"), "{shape}");
        assert_eq!(repo.place(shape.prr_file("400")).is_file(), shape.has_prr, "{shape}");

        let mut arguments = vec!["promote", "310", "--stage", "beta", "--release", "v0.10"];
        if shape.has_prr {
            arguments.extend(["--prr-approver", "petra-solm"]);
        }
        let run = says(&repo, &arguments);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shape}: {}", run.stdout);
        let path = shape.metadata_path("310-quota-lending");
        assert!(repo.read(&path).contains("stage: beta\nlatest-milestone: \"v0.10\"\n"), "{shape}");
        let (code, report) = repo.check(&["--base", "main", "--offline"]);
        assert_eq!((code, found(&report)), (0, vec![]), "{shape}: {report:#}");
    }
}

#[test]
fn only_dates_that_the_project_gives_have_passed() {
    for shape in ProjectShape::all() {
        let repo = repository(shape);
        let target = |release: &str| {
            let kep = shape.kep("310", "Quota lending").replace("v0.9", release);
            shape.write_kep(&repo, &shape.dir("310-quota-lending"), &kep, README);
            let (code, report) = repo.check(&["--base", "main", "--offline"]);
            let rules: Vec<_> = found(&report).iter().map(|(rule, _)| (*rule).to_owned()).collect();
            (code, rules)
        };
        // v0.8 is before v0.9, so only a new KEP can target it.
        let dir = shape.dir("311-late");
        shape.write_kep(&repo, &dir, &shape.kep("311", "Late").replace("v0.9", "v0.8"), README);
        if shape.has_prr {
            repo.write(shape.prr_file("311"), "kep-number: 311\nalpha:\n  approver: \"@petra-solm\"\n");
        }
        let frozen: &[&str] = if shape.has_own_releases { &["release-frozen"] } else { &[] };
        assert_eq!(target("v0.9"), (0, frozen.iter().map(|rule| (*rule).to_owned()).collect()), "{shape}");
        assert_eq!(target("v0.12").0, 0, "{shape}: nobody knows when v0.12 is");
    }
}

#[test]
fn a_part_of_a_kep_has_a_number_of_its_own() {
    // Production-readiness files are named after issue numbers, and `310.1` is not one.
    for shape in ProjectShape::all().into_iter().filter(|shape| !shape.has_prr) {
        let repo = repository(shape);
        shape.write_kep(&repo, &shape.dir("310.1-part"), &shape.kep("310.1", "Part"), README);
        shape.write_kep(&repo, &shape.dir("310-2-part"), &shape.kep("310-2", "Other part"), README);
        let (code, report) = repo.check(&["--all", "--offline"]);
        assert_eq!((code, found(&report)), (0, vec![]), "{shape}: {report:#}");
        shape.write_kep(&repo, &shape.dir("310.1-part"), &shape.kep("310.2", "Part"), README);
        let (code, report) = repo.check(&["--base", "main", "--offline"]);
        let rules: Vec<_> = found(&report).into_iter().map(|(rule, _)| rule).collect();
        assert_eq!((code, rules), (1, vec!["kep-number-mismatch"]), "{shape}: {report:#}");
    }
}

#[test]
fn findings_in_front_matter_point_into_the_readme() {
    let shape = ProjectShape {
        root: "enhancements",
        metadata: "README.md",
        readme: "README.md",
        has_sig_folders: true,
        has_prr: false,
        has_own_releases: false,
    };
    let repo = repository(shape);
    let path = shape.readme_path("310-quota-lending");
    repo.write(&path, repo.read(&path).replace("status: implementable", "status: implementeable"));
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    let [finding] = report["findings"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
    let start = [&finding["start"]["line"], &finding["start"]["column"]].map(Value::as_u64);
    assert_eq!((code, finding["rule"].as_str(), start), (1, Some("status-invalid"), [Some(7), Some(9)]));
    assert_eq!(says(&repo, &["check", "--base", "main", "--offline", "--fix"]).code, 0);
    assert!(repo.read(&path).contains("\nstatus: implementable\n"));

    repo.write(&path, "# KEP-310: Quota lending\n\n## Summary\n\nLend it.\n\n## Design\n\nOf lending.\n");
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report).contains(&("metadata-missing", &path))), (1, true), "{report:#}");
}
