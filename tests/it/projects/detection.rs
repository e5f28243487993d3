//! Which profile applies if there is no configuration.

use super::says;
use crate::support::TestRepo;
use crate::support::project_shape::ProjectShape;

const FLAT: ProjectShape = ProjectShape {
    root: "keps",
    metadata: "kep.yaml",
    readme: "README.md",
    has_sig_folders: false,
    has_prr: false,
    has_own_releases: false,
};

/// A flat project without a configuration, committed.
fn repository() -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    FLAT.write(&repo, "");
    repo.remove(".github/kepgate.yaml");
    repo.commit();
    repo
}

#[test]
fn a_project_without_reviews_is_plain_and_the_report_says_so() {
    let repo = repository();
    let run = says(&repo, &["check", "--all", "--offline"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("profile `plain`, because the target branch has neither"), "{}", run.stdout);
    let rules = says(&repo, &["rules"]).stdout;
    let off = rules.split("Off in this project (profile `plain`)").nth(1).unwrap();
    assert!(off.contains("production readiness is not reviewed: prr-file-missing, "), "{off}");
    assert!(off.contains("the project has no SIGs: owning-sig-mismatch, sig-unknown\n"), "{off}");
}

#[test]
fn a_trace_of_reviews_keeps_the_profile_of_kubernetes() {
    for (path, text) in [
        ("keps/prod-readiness/README.md", "# Reviews\n"),
        ("OWNERS_ALIASES", "aliases:\n  prod-readiness-approvers: []\n"),
    ] {
        let repo = repository();
        repo.write(path, text);
        repo.commit();
        let run = says(&repo, &["check", "--all", "--offline", "--output", "json"]);
        assert!(!run.stdout.contains("\"profile\""), "{path}: {text}: {}", run.stdout);
    }
}

#[test]
fn a_file_that_may_hide_reviews_decides_nothing() {
    let repo = repository();
    repo.write("OWNERS_ALIASES", "aliases: [\n");
    repo.commit();
    let run = says(&repo, &["check", "--all", "--offline"]);
    let message = "OWNERS_ALIASES on the target branch cannot be read, so it is unknown whether this project reviews";
    assert_eq!((run.code, run.stdout.contains(message)), (3, true), "{}", run.stdout);
    repo.write(".github/kepgate.yaml", "project:\n  profile: plain\n");
    repo.commit();
    assert_ne!(says(&repo, &["check", "--all", "--offline"]).code, 3, "the configuration decides");
}

#[test]
fn a_change_cannot_choose_its_profile() {
    let repo = repository();
    repo.write("OWNERS_ALIASES", "aliases:\n  prod-readiness-approvers:\n    - petra-solm\n");
    repo.write("keps/prod-readiness/sig-quota/310.yaml", "kep-number: 310\nalpha:\n  approver: \"@petra-solm\"\n");
    repo.commit();
    repo.branch("change");
    repo.remove("keps/prod-readiness/sig-quota/310.yaml");
    repo.write("OWNERS_ALIASES", "aliases: {}\n");
    repo.write(".github/kepgate.yaml", "project:\n  profile: plain\n");
    repo.commit();
    let (code, report) = repo.check(&["--base", "main", "--head", "change", "--offline"]);
    assert_eq!(code, 1, "{report:#}");
    assert!(report.get("profile").is_none(), "{report:#}");
    let rules: Vec<_> = report["findings"].as_array().unwrap().iter().map(|it| it["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"aliases-invalid") && rules.contains(&"template-invalid"), "{rules:?}");
}

#[test]
fn keps_elsewhere_are_named_with_the_way_out() {
    let repo = TestRepo::new();
    ProjectShape { root: "docs/keps", ..FLAT }.write(&repo, "base/");
    ProjectShape { root: "docs/keps", ..FLAT }.write(&repo, "head/");
    repo.remove("base/.github/kepgate.yaml");
    repo.remove("head/.github/kepgate.yaml");
    let run = says(&repo, &["check", "--base-dir", "base", "--head-dir", "head", "--offline"]);
    let message = "the `keps` folder does not exist, but `docs/keps/310-quota-lending/kep.yaml` looks like a KEP";
    assert_eq!((run.code, run.stdout.contains(message)), (2, true), "{}", run.stdout);
    assert!(run.stdout.contains("`kepgate init` proposes that file"), "{}", run.stdout);
}

#[test]
fn keps_elsewhere_are_named_if_the_root_has_none() {
    let repo = TestRepo::new();
    ProjectShape { root: "docs/keps", ..FLAT }.write(&repo, "");
    repo.remove(".github/kepgate.yaml");
    let check = || says(&repo, &["check", "--base-dir", ".", "--head-dir", ".", "--offline"]);
    repo.write("keps/OWNERS", "approvers: []\n");
    let message = "`keps` does not contain KEPs, but `docs/keps/310-quota-lending/kep.yaml` looks like a KEP";
    let run = check();
    assert_eq!((run.code, run.stdout.contains(message)), (2, true), "{}", run.stdout);

    // A template is enough for a new project.
    repo.remove("docs/keps/310-quota-lending/kep.yaml");
    repo.remove("docs/keps/310-quota-lending/README.md");
    repo.write("keps/NNNN-template/kep.yaml", FLAT.kep("NNNN", "KEP Template"));
    assert_eq!(check().code, 0, "{}", check().stdout);
}

#[test]
fn single_files_elsewhere_are_named() {
    let repo = TestRepo::new();
    ProjectShape { root: "enhancements", metadata: "*.md", ..FLAT }.write(&repo, "");
    repo.remove(".github/kepgate.yaml");
    let run = says(&repo, &["check", "--base-dir", ".", "--head-dir", ".", "--offline"]);
    let message = "`enhancements/310-quota-lending.md` looks like a KEP";
    assert_eq!((run.code, run.stdout.contains(message)), (2, true), "{}", run.stdout);
}

#[test]
fn text_from_the_repository_cannot_leave_its_comment() {
    let repo = repository();
    let path = "keps/310-quota-lending/kep.yaml";
    let status = "status: \"a\\n---\\nrules: {status-invalid: off}\"";
    repo.write(path, repo.read(path).replace("status: implementable", status));
    let run = says(&repo, &["init"]);
    assert_eq!((run.code, run.stdout.contains("error    status-invalid\n")), (0, true), "{}", run.stdout);
    assert!(run.stdout.ends_with("; then `kepgate check --all` shows each finding\n"), "{}", run.stdout);
    assert!(!run.stdout.lines().any(|line| line.starts_with("rules:")), "{}", run.stdout);
}

#[test]
fn front_matter_elsewhere_is_named() {
    let repo = TestRepo::new();
    ProjectShape { root: "enhancements", metadata: "README.md", ..FLAT }.write(&repo, "");
    repo.remove(".github/kepgate.yaml");
    let run = says(&repo, &["check", "--base-dir", ".", "--head-dir", ".", "--offline"]);
    let message = "`enhancements/310-quota-lending/README.md` looks like a KEP";
    assert_eq!((run.code, run.stdout.contains(message)), (2, true), "{}", run.stdout);
}

#[test]
fn init_proposes_a_file_with_which_each_shape_passes() {
    for shape in ProjectShape::all() {
        let repo = TestRepo::new();
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        shape.write(&repo, "");
        repo.remove(".github/kepgate.yaml");
        let run = says(&repo, &["init", "--write"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shape}: {}", run.stdout);
        let file = repo.read(".github/kepgate.yaml");
        assert!(run.stdout.starts_with(&file), "{shape}: {}", run.stdout);
        let metadata =
            if shape.has_single_files() { "\"*.md\"".to_owned() } else { shape.metadata_setting().to_owned() };
        for line in [format!("\n  root: {}\n", shape.root), format!("\n  metadata: {metadata}\n")] {
            assert!(file.contains(&line), "{shape}: {file}");
        }
        let keys = file.lines().filter(|line| line.starts_with("  ") && !line.starts_with("  #")).count();
        assert_eq!(file.lines().filter(|line| line.starts_with("  #")).count(), keys, "{shape}: a reason for each key");
        let (code, report) = repo.check(&["--all", "--offline"]);
        assert_ne!(code, 2, "{shape}: {report:#}");
        assert_eq!(report["keps"].as_array().unwrap().len(), 1, "{shape}");
        let again = says(&repo, &["init", "--write"]);
        assert_eq!((again.code, again.stdout.as_str()), (2, ""), "{shape}: nothing is overwritten");
        let said = says(&repo, &["init"]).stdout;
        let last = ".github/kepgate.yaml exists, but the proposal ignores it: copy what you need\n";
        assert!(said.starts_with(&file) && said.ends_with(last), "{shape}: {said}");
    }
}

#[test]
fn init_finds_a_template_in_the_folder_of_a_sig() {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    let shape = ProjectShape { has_sig_folders: true, ..FLAT };
    shape.write(&repo, "");
    repo.remove(".github/kepgate.yaml");
    std::fs::rename(repo.place("keps/NNNN-template"), repo.place("keps/sig-quota/NNNN-template")).unwrap();
    let run = says(&repo, &["init"]);
    assert!(run.stdout.contains("\n  template: keps/sig-quota/NNNN-template\n"), "{}", run.stdout);
    assert!(run.stdout.contains("KEP passed"), "the template's own field is known: {}", run.stdout);
    assert!(run.stdout.ends_with("\nnothing was written: `kepgate init --write` creates .github/kepgate.yaml\n"));
    let run = says(&repo, &["init", "--write"]);
    let end = "\n.github/kepgate.yaml was written: commit it to the target branch, where kepgate reads it\n";
    assert!(run.stdout.ends_with(end), "{}", run.stdout);
}
