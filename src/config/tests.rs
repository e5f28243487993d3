//! Tests of reading the configuration.

use super::{Config, KubernetesListsPlace, Setting};
use crate::kep::{Milestone, Stage, Status};
use crate::project::{Metadata, ProductionReadiness, ProfileKind, Releases, SigSettings, TableOfContents};
use crate::rule::{FailOn, Level, Need};
use crate::rules::{ALL, find};
use crate::syntax::yaml::read;
use crate::text::RepoPath;

/// The faults as (text of the span, message, help).
fn faults(text: &str) -> Vec<(Option<&str>, String, String)> {
    let (_, faults) = Config::lower(&read(text), ALL);
    faults.into_iter().map(|fault| (fault.span.map(|span| &text[span]), fault.message, fault.help)).collect()
}

#[test]
fn a_whole_configuration_is_read() {
    let text = "fail-on: warning\nrules:\n  prr-exempted: error\n  sig-unknown: off\nignore:\n  - paths: [\"keps/sig-node/281-*/**\"]\n    rules: [status-invalid]\n    reason: gone\naliases:\n  approvers: prr\nupcoming-release: v1.37\n";
    let (config, faults) = Config::lower(&read(text), ALL);
    assert_eq!(faults, []);
    assert_eq!(config.fail_on, Some(FailOn::Warnings));
    assert_eq!(config.groups.approvers, "prr");
    assert_eq!(config.groups.emeritus, "prod-readiness-approvers-emeritus");
    assert_eq!(config.setting(find("prr-exempted").unwrap()), Some(Setting::At(Level::Error)));
    assert!(!config.runs(find("sig-unknown").unwrap()));
    let status = find("status-invalid").unwrap();
    assert_eq!(config.ignored(status, &RepoPath::from("keps/sig-node/281-x/kep.yaml")), Some("gone"));
    assert_eq!(config.ignored(status, &RepoPath::from("keps/sig-node/2810/kep.yaml")), None);
    assert_eq!(config.ignored(find("stage-invalid").unwrap(), &RepoPath::from("keps/sig-node/281-x/kep.yaml")), None);
}

#[test]
fn rules_that_lack_a_need_run_only_if_they_are_configured() {
    let [owners, approvers] = ["sig-node-owners", "sig-node-approvers"].map(|id| find(id).unwrap());
    let (mut config, _) = Config::lower(&read("rules:\n  sig-node-approvers: error\n"), ALL);
    assert!(config.runs(owners));
    config.skip_by_default(ALL, Need::TechLeads);
    assert!(!config.runs(owners));
    assert!(config.runs(approvers));
}

#[test]
fn faults_have_a_span_and_a_suggestion() {
    for (text, span, help) in [
        ("rules:\n  status-invald: error\n", "status-invald", "did you mean `status-invalid`?"),
        ("rules:\n  status-invalid: fatal\n", "fatal", "write `error`, `warning`, `notice` or `off`"),
        ("rulez:\n  status-invalid: error\n", "rulez", "did you mean `rules`?"),
        ("fail-on: errors\n", "errors", "did you mean `error`?"),
        ("ignore:\n  - paths: [\"a\"]\n", "paths", "add a `reason` that explains why these findings are ignored"),
        (
            "ignore:\n  - paths: [\"a\"]\n    rules: []\n    reason: x\n",
            "[]",
            "list rules, or remove it to ignore every rule",
        ),
        ("ignore:\n  - paths: [\"a[\"]\n    reason: x\n", "\"a[\"", "write it like keps/sig-node/281-*/**"),
        ("rules: [a\n", "[", "close it, or write one entry per line"),
    ] {
        let faults = faults(text);
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        assert_eq!((faults[0].0, faults[0].2.as_str()), (Some(span), help), "{text}");
    }
}

#[test]
fn the_calendar_is_extended() {
    let text = "calendar:\n  v1.39:\n    enhancements-freeze: 2027-02-10T12:00Z\n";
    let (config, faults) = Config::lower(&read(text), ALL);
    assert_eq!(faults, []);
    assert_eq!(config.calendar.to_yaml(), "v1.39:\n  enhancements-freeze: 2027-02-10T12:00Z\n");
    let text = "calendar:\n  v1.39: {enhancements-freeze: soon, test-freeze: 2027-03-20}\n  next: {}\n";
    let (_, faults) = Config::lower(&read(text), ALL);
    let places: Vec<_> = faults.iter().map(|fault| &text[fault.span.unwrap()]).collect();
    assert_eq!(places, ["soon", "test-freeze", "next"]);
}

#[test]
fn lists_of_kubernetes_are_a_file_or_a_repository() {
    let place = |text: &str| Config::lower(&read(&format!("kubernetes-lists: {text}\n")), ALL);
    let file = KubernetesListsPlace::File(RepoPath::from("lists/v1.36.yaml"));
    assert_eq!(place("lists/v1.36.yaml").0.kubernetes_lists, Some(file));
    let github = KubernetesListsPlace::GitHub("kubernetes/kubernetes".parse().unwrap());
    assert_eq!(place("https://github.com/kubernetes/kubernetes").0.kubernetes_lists, Some(github));
    for text in ["https://example.org/kubernetes/kubernetes", "https://github.com/kubernetes", "git://github.com/a/b"] {
        let (config, faults) = place(text);
        assert_eq!((config.kubernetes_lists, faults.len()), (None, 1), "{text}");
    }
}

#[test]
fn a_file_of_comments_configures_nothing() {
    assert_eq!(faults("# nothing yet\n"), []);
}

#[test]
fn a_project_is_read() {
    let text = "project:\n  profile: plain\n  root: docs/keps/\n  metadata: metadata.yaml\n  readme: index.md\n  template: docs/keps/T\n  directory: \"<sig>/<number>-<slug>\"\n  sigs: [sig-a]\n  production-readiness: v0.5\n  releases: own\n  statuses:\n    draft: provisional\n  stages:\n    trial: alpha\n    preview: alpha\n    ga: stable\n  fields:\n    required: [title, risk]\n    optional: [link]\n  handles: any\n  table-of-contents: mdtoc-legacy\n";
    let (config, found) = Config::lower(&read(text), ALL);
    assert_eq!(found, []);
    let project = config.project;
    assert_eq!(project.profile, Some(ProfileKind::Plain));
    assert_eq!(project.root, Some(RepoPath::from("docs/keps")), "a slash at the end does not matter");
    assert_eq!(project.metadata, Some(Metadata::File("metadata.yaml".to_owned())));
    assert_eq!(project.readme.as_deref(), Some("index.md"));
    assert_eq!(project.template, Some(RepoPath::from("docs/keps/T")));
    assert_eq!(project.has_sig_folders, Some(true));
    assert_eq!(project.sigs, Some(SigSettings::Listed(vec!["sig-a".to_owned()])));
    assert_eq!(project.production_readiness, Some(ProductionReadiness::From(Milestone::new(0, 5))));
    assert_eq!(project.releases, Some(Releases::Own));
    assert_eq!(project.statuses, [("draft".to_owned(), Status::Provisional)]);
    let stages = [("trial", Stage::Alpha), ("preview", Stage::Alpha), ("ga", Stage::Stable)];
    assert_eq!(project.stages, stages.map(|(word, stage)| (word.to_owned(), stage)));
    assert_eq!(project.fields.required, Some(vec!["title".to_owned(), "risk".to_owned()]));
    assert_eq!(project.fields.optional, ["link"]);
    assert_eq!(project.has_at, Some(false));
    assert_eq!(project.table_of_contents, Some(TableOfContents::MdtocLegacy));
}

/// A line of `project`, the place of its fault, the message and the help; an empty help is not compared.
const FAULTY_PROJECTS: [(&str, &str, &str, &str); 16] = [
    ("profile: plane", "plane", "`plane` is not a valid value of `project.profile`", "write `kubernetes` or `plain`"),
    (
        "root: ../keps",
        "../keps",
        "`project.root` is `../keps`, which is not a folder of the repository",
        "write a path such as keps",
    ),
    (
        "root: /keps",
        "/keps",
        "`project.root` is `/keps`, which is not a folder of the repository",
        "write a path such as keps",
    ),
    (
        "metadata: a/kep.yaml",
        "a/kep.yaml",
        "`metadata` is `a/kep.yaml`, which is not the name of a YAML file",
        "write `front-matter`, `*.md` or a name such as kep.yaml, without a folder",
    ),
    (
        "readme: docs/index.md",
        "docs/index.md",
        "`readme` is `docs/index.md`, which is not the name of a Markdown file",
        "write a name such as index.md, without a folder",
    ),
    ("readme: .md", ".md", "`readme` is `.md`, which is not the name of a Markdown file", ""),
    ("readme: '*.md'", "'*.md'", "`readme` is `*.md`, which is not the name of a Markdown file", ""),
    (
        "directory: <slug>",
        "<slug>",
        "`<slug>` is not a valid value of `project.directory`",
        "write `<sig>/<number>-<slug>` or `<number>-<slug>`",
    ),
    (
        "sigs: some",
        "some",
        "`some` is not a valid value of `project.sigs`",
        "write `none`, `folders` or a list of names",
    ),
    ("sigs: {a: b}", "{a: b}", "`project.sigs` has the wrong type", "write `none`, `folders` or a list of names"),
    (
        "production-readiness: soon",
        "soon",
        "`production-readiness` is `soon`, which is not a release",
        "write `none`, or the first release for which it is reviewed",
    ),
    (
        "statuses: {draft: new}",
        "new",
        "`project.statuses` does not say what `draft` means",
        "write `provisional`, `implementable`, `implemented`, `deferred`, `rejected`, `withdrawn` or `replaced`",
    ),
    ("fields: {require: [a]}", "require", "unknown key `require`", "did you mean `required`?"),
    ("stages: [a]", "[a]", "`project.stages` must be a mapping, but this is a list", ""),
    (
        "stages: {preview: alfa}",
        "alfa",
        "`project.stages` does not say what `preview` means",
        "write `alpha`, `beta`, `stable`, `deprecated`, `disabled` or `removed`",
    ),
    (
        "stages: {ga: stable, preview: alpha}",
        "preview",
        "`project.stages` lists `preview` (alpha) after `ga` (stable)",
        "list the stages in the order in which a KEP reaches them",
    ),
];

#[test]
fn what_is_wrong_with_a_project_is_pointed_at() {
    for (line, place, message, help) in FAULTY_PROJECTS {
        let text = format!("project:\n  {line}\n");
        let (_, found) = Config::lower(&read(&text), ALL);
        let [fault] = found.as_slice() else { panic!("{line}: {found:?}") };
        assert_eq!(fault.span.map(|span| &text.as_str()[span]), Some(place), "{line}");
        assert_eq!(fault.message, message, "{line}");
        assert!(help.is_empty() || fault.help == help, "{line}: {}", fault.help);
    }
}

#[test]
fn the_examples_of_the_documentation_are_valid() {
    for page in [include_str!("../../docs/projects.md")] {
        let examples: Vec<_> = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
        assert!(!examples.is_empty());
        for example in examples {
            assert_eq!(faults(example), [], "{example}");
        }
    }
}
