//! `kepgate lists`: digests of Kubernetes' feature gates and metrics.

use serde_json::Value;

use crate::support::{
    ALIASES, FakeGitHub, KEP, PRR_FILE, REPOSITORY, SAMPLE_PRR, State, TOKEN, TestRepo, kep_with, kepgate, run,
};

const GATES: &str = "test/compatibility_lifecycle/reference/versioned_feature_list.yaml";
const METRICS: &str = "test/instrumentation/documentation/documentation-list.yaml";

/// Kubernetes' list of feature gates, with `stages` for the gate `QuietHours`.
fn feature_gates(stages: &str) -> String {
    let gate = |name: &str, stages: &str| format!("- name: {name}\n  versionedSpecs:\n{stages}");
    let stage = |stage: &str, version: &str| {
        format!("  - default: false\n    lockToDefault: false\n    preRelease: {stage}\n    version: \"{version}\"\n")
    };
    let others = (0..120).map(|number| gate(&format!("Nap{number}"), &stage("Alpha", "1.30")));
    let stages = stages.split(", ").filter_map(|words| words.split_once(' '));
    let stages: String = stages.map(|(word, version)| stage(word, version)).collect();
    others.chain([gate("QuietHours", &stages)]).collect()
}

/// Kubernetes' list of metrics, in all forms that its entries have.
fn metrics() -> String {
    let other = |number: usize| {
        format!(
            "- name: naps_{number}_total\n  subsystem: kubelet\n  help: 'Naps, counted \"quietly\": one per pod.'\n  \
             type: Counter\n  stabilityLevel: ALPHA\n"
        )
    };
    let special = "\
- name: dreams_total
  help: Dreams.
  type: Gauge
  stabilityLevel: ALPHA
- name: bell_seconds
  subsystem: audit
  namespace: apiserver
  help: \"Time between \\\"bells\\\":\\t1s\"
  type: Histogram
  stabilityLevel: BETA
  deprecatedVersion: 1.35.0
  labels:
  - verb
  - scope
  buckets:
  - 0.005
  - 0.01
  componentEndpoints:
  - component: kube-apiserver
    endpoint: /metrics
- name: rings_total
  help: |-
    Rings, with a list:
    \t- name: not_a_metric
      subsystem: not_one_either
  type: Custom
  stabilityLevel: STABLE
";
    (0..120).map(other).chain([special.to_owned()]).collect()
}

/// A clone of Kubernetes with the branches `release-1.9`, `release-1.35` and `release-1.36`, a patch branch and `main`.
fn kubernetes() -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    repo.write(METRICS, metrics());
    for (branches, stages) in [
        (&["release-1.9", "release-1.35"][..], "Alpha 1.35"),
        (&["release-1.36", "release-1.40-patch"], "Alpha 1.35, Beta 1.36"),
    ] {
        repo.write(GATES, feature_gates(stages));
        repo.commit();
        for branch in branches {
            repo.git(&["branch", branch]);
        }
    }
    repo.git(&["tag", "v1.35.2", "release-1.35"]);
    repo
}

/// Runs `kepgate lists` and expects success.
fn lists(folder: &TestRepo, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = run(kepgate(folder.path()).arg("lists").args(arguments));
    assert_eq!((code, stderr.as_str()), (0, ""), "{arguments:?}");
    stdout
}

#[test]
fn lists_are_imported_from_a_clone_or_from_files() {
    let repo = kubernetes();
    let digest = lists(&repo, &["import", ".", "--head", "release-1.36"]);
    let commit = repo.git(&["rev-parse", "release-1.36"]);
    assert!(digest.contains(&format!("\nkubernetes: v1.36\ncommit: \"{commit}\"\ndate: \"20")), "{digest}");
    assert!(digest.contains("\n  Nap119: Alpha 1.30\n  Nap12: Alpha 1.30\n"), "{digest}");
    assert!(digest.contains("\n  QuietHours: Alpha 1.35, Beta 1.36\n"), "{digest}");
    let names: Vec<_> = digest.lines().filter_map(|line| line.strip_prefix("  - ")).collect();
    assert_eq!(names.len(), 123);
    assert_eq!((names[0], names[1], names[122]), ("apiserver_audit_bell_seconds", "dreams_total", "rings_total"));
    repo.git(&["checkout", "--quiet", "release-1.35"]);
    assert!(lists(&repo, &["import", METRICS, GATES]).contains("\nkubernetes: v1.35\nfeature-gates:\n"));
    assert!(lists(&repo, &["import", GATES, METRICS, "--release", "1.37"]).contains("\nkubernetes: v1.37\n"));
}

#[test]
fn lists_are_imported_from_folders_that_are_no_clone() {
    let repo = TestRepo::new();
    for [gates, metrics_file] in [[GATES, METRICS], ["versioned_feature_list.yaml", "documentation-list.yaml"]] {
        let folder = TestRepo::new();
        folder.write(gates, feature_gates("Alpha 1.35"));
        folder.write(metrics_file, metrics());
        let digest = lists(&repo, &["import", folder.path().to_str().unwrap()]);
        assert!(digest.contains("\nkubernetes: v1.35\nfeature-gates:\n"), "{digest}");
    }
    let (code, _, stderr) = run(kepgate(repo.path()).args(["lists", "import", "."]));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("no git repository at") && stderr.contains("help: specify a clone of kubernetes"),
        "{stderr}"
    );
}

#[test]
fn lists_that_are_cut_off_or_missing_are_refused() {
    let repo = kubernetes();
    let refused = |arguments: &[&str]| {
        let (code, stdout, stderr) = run(kepgate(repo.path()).args(["lists", "import"]).args(arguments));
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        stderr
    };
    assert!(refused(&[GATES]).contains("the list of metrics is missing"));
    assert!(refused(&[GATES, METRICS, "--head", "main"]).contains("--head requires a clone"));
    for name in ["\"Evil: GA 1.20\\n  Nap1\"", "\"# z\"", "\"true\"", "\"x y\""] {
        repo.write("names.yaml", feature_gates("Alpha 1.35").replace("QuietHours", name));
        assert!(refused(&["names.yaml", METRICS]).contains("is not the name of a feature gate or metric"), "{name}");
        repo.write("names.yaml", metrics().replace("naps_50_total", name).replace("  subsystem: kubelet\n", ""));
        assert!(refused(&["names.yaml", GATES]).contains("is not the name of a feature gate or metric"), "{name}");
    }
    let whole = metrics();
    let at = |words: &str| whole.find(words).unwrap();
    for (end, why) in [
        (at("endpoint: /metrics"), "its last line does not end"),
        (at("  type: Custom"), "its last entry has no `type`, but all others do"),
        (at("  stabilityLevel: STABLE"), "its last entry has no `stabilityLevel`, but all others do"),
        (at("- name: naps_50_total"), "it has only 50 of at least 100 entries"),
    ] {
        repo.write("cut.yaml", &whole[..end]);
        let stderr = refused(&[GATES, "cut.yaml"]);
        assert!(stderr.contains(&format!("cut.yaml: it is incomplete: {why}")), "{stderr}");
    }
}

#[test]
fn a_digest_says_how_old_it_is() {
    let repo = kubernetes();
    lists(&repo, &["import", ".", "--head", "release-1.35", "--to", "lists.yaml"]);
    let shown = |now: &str| {
        let mut command = kepgate(repo.path());
        let (code, stdout, _) = run(command.args(["lists", "show", "lists.yaml"]).env("KEPGATE_NOW", now));
        assert_eq!(code, 0);
        stdout
    };
    let page = shown("2026-01-10");
    let commit = repo.git(&["rev-parse", "--short=12", "release-1.35"]);
    assert!(page.starts_with(&format!("Kubernetes v1.35, commit {commit} of 20")), "{page}");
    assert!(page.contains("\n121 feature gates: 121 Alpha\n123 metrics\n") && !page.contains("is out"), "{page}");
    let page = shown("2026-05-01");
    assert!(page.ends_with("v1.36 is out; get its lists with `kepgate lists fetch`\n"), "{page}");
}

#[test]
fn lists_are_fetched_from_the_newest_release_branch() {
    let repo = kubernetes();
    let github = FakeGitHub::start(repo.path(), State::default());
    let folder = TestRepo::new();
    let fetch = |more: &[&str], token: Option<&str>| {
        let mut command = kepgate(folder.path());
        command.args(["lists", "fetch", "--repository", REPOSITORY]).args(more);
        command.env("GITHUB_API_URL", &github.server.url).envs(token.map(|token| ("GITHUB_TOKEN", token)));
        run(&mut command)
    };
    let imported = |revision: &str| lists(&repo, &["import", ".", "--head", revision]);
    for token in [None, Some(TOKEN)] {
        assert_eq!(fetch(&[], token), (0, imported("release-1.36"), String::new()));
    }
    assert_eq!(fetch(&["--head", "v1.35.2"], None), (0, imported("release-1.35"), String::new()));
    let (code, _, stderr) = fetch(&["--head", "v1.50.0"], None);
    assert!(code == 3 && stderr.contains("could not find `v1.50.0`"), "{stderr}");
    let (code, _, stderr) = fetch(&[], Some("ghp_wrong"));
    assert!(code == 3 && stderr.contains("rejected the token"), "{stderr}");
}

#[test]
fn lists_of_the_same_commit_are_not_fetched_again() {
    let repo = kubernetes();
    let github = FakeGitHub::start(repo.path(), State::default());
    let folder = TestRepo::new();
    let fetch = |more: &[&str]| {
        let before = github.server.requests().len();
        let mut command = kepgate(folder.path());
        command.args(["lists", "fetch", "--repository", REPOSITORY, "--to", "lists.yaml"]).args(more);
        let (code, stdout, stderr) = run(command.env("GITHUB_API_URL", &github.server.url));
        assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "", ""));
        github.server.requests().len() - before
    };
    // The branches, the commit, and the two files.
    assert_eq!(fetch(&[]), 4);
    let digest = folder.read("lists.yaml");
    assert_eq!((fetch(&[]), folder.read("lists.yaml")), (2, digest.clone()));
    // Another release of the same commit, a broken digest, and a new commit are reasons to fetch.
    assert_eq!(fetch(&["--release", "v1.37"]), 4);
    folder.write("lists.yaml", "kubernetes: v1.36\n");
    assert_eq!((fetch(&[]), folder.read("lists.yaml")), (4, digest));
    repo.git(&["checkout", "--quiet", "release-1.36"]);
    repo.write(GATES, feature_gates("Alpha 1.35, Beta 1.36, GA 1.37"));
    repo.commit();
    assert_eq!(fetch(&[]), 4);
    assert!(folder.read("lists.yaml").contains("QuietHours: Alpha 1.35, Beta 1.36, GA 1.37\n"));
}

#[test]
fn lists_that_github_cannot_give_are_an_error() {
    let repo = kubernetes();
    repo.write(GATES, "- name: A\n");
    repo.commit();
    repo.git(&["branch", "release-1.37"]);
    let github = FakeGitHub::start(repo.path(), State::default());
    let fetch = || {
        let mut command = kepgate(repo.path());
        command.args(["lists", "fetch", "--repository", REPOSITORY]).env("GITHUB_API_URL", &github.server.url);
        run(&mut command)
    };
    let (code, stdout, stderr) = fetch();
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert!(stderr.contains("at release-1.37: it is incomplete: it has only 1 of at least 100 entries"), "{stderr}");
    for branch in ["release-1.9", "release-1.35", "release-1.36", "release-1.37", "release-1.40-patch"] {
        repo.git(&["branch", "--quiet", "-D", branch]);
    }
    let (code, _, stderr) = fetch();
    assert!(code == 3 && stderr.contains("has no branch like `release-1.36`"), "{stderr}");
}

/// The reason why `rule` was not checked, according to a JSON report.
fn unchecked<'r>(report: &'r Value, rule: &str) -> Option<&'r str> {
    report["unchecked"].as_array().unwrap().iter().find(|it| it["rule"] == rule)?["reason"].as_str()
}

#[test]
fn a_check_fetches_the_lists_that_it_needs() {
    let repo = kubernetes();
    repo.write(".github/kepgate.yaml", format!("kubernetes-lists: https://github.com/{REPOSITORY}\n"));
    repo.write("OWNERS_ALIASES", ALIASES);
    repo.write(PRR_FILE, SAMPLE_PRR);
    repo.write(KEP, kep_with(&[]));
    repo.commit();
    repo.branch("aliases");
    repo.write("OWNERS_ALIASES", ALIASES.replace("corin-hale", "odile-varga"));
    repo.commit();
    repo.git(&["switch", "--quiet", "--create", "topic", "main"]);
    repo.write(KEP, kep_with(&[("metrics", "kubelet_snores_total")]));
    repo.commit();
    let github = FakeGitHub::start(repo.path(), State { accepts_everything: true, ..State::default() });
    let check = |arguments: &[&str]| {
        let mut command = kepgate(repo.path());
        command.args(["check", "--base", "main", "--output", "json", "--head"]).args(arguments);
        command.env("GITHUB_API_URL", &github.server.url);
        let before = github.server.requests().len();
        let (code, stdout, stderr) = run(&mut command);
        let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
        let files =
            github.server.requests().split_off(before).into_iter().filter(|it| it.path.contains("/contents/test/"));
        (code, report, files.count())
    };
    let online = ["topic", "--repository", REPOSITORY];
    let (_, report, files) = check(&online);
    let finding = report["findings"].as_array().unwrap().iter().find(|it| it["rule"] == "metric-unknown").unwrap();
    assert_eq!(finding["message"], "Kubernetes v1.36 defines no metric `kubelet_snores_total`");
    assert_eq!((files, unchecked(&report, "metric-unknown")), (2, None));
    let (_, report, files) = check(&["topic", "--offline"]);
    assert_eq!(files, 0);
    assert_eq!(unchecked(&report, "metric-unknown"), Some("GitHub was not queried because of --offline"));
    let (_, _, files) = check(&["aliases", "--repository", REPOSITORY]);
    assert_eq!(files, 0, "no KEP needs the lists");
    for branch in ["release-1.9", "release-1.35", "release-1.36", "release-1.40-patch"] {
        repo.git(&["branch", "--quiet", "-D", branch]);
    }
    let (_, report, _) = check(&online);
    let reason = unchecked(&report, "metric-unknown").unwrap();
    assert!(reason.contains("has no branch like `release-1.36`"), "{reason}");
    let (code, ..) = check(&[&online[..], &["--fail-on", "warning"]].concat());
    assert_eq!(code, 3, "a rule at the threshold needs the lists");
}
