//! The rules that compare KEPs with Kubernetes' own lists: all hits at the head of the bundle, each reviewed by hand,
//! and how often the rules fire on changes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kepgate::change::{Groups, Survey};
use kepgate::check::{ListsSource, Settings};
use kepgate::kep::{Kep, Milestone, Stage};
use kepgate::rule::Level;
use kepgate::source::git::Repository;
use kepgate::text::Files;
use serde_json::Value;

use crate::corpus::replay::replay_with;
use crate::support::corpus::{assert_table, clone, corpus};
use crate::support::{TestRepo, kepgate, run};

const RULES: [&str; 3] = ["feature-gate-unknown", "feature-gate-behind", "metric-unknown"];
/// The release that the lists describe. It was released on 2026-04-22.
const RELEASE: Milestone = Milestone::new(1, 36);
const NOW: &str = "2026-05-01";
const LISTS: [&str; 2] = ["kubernetes/versioned_feature_list.yaml", "kubernetes/documentation-list.yaml"];

/// Writes the digest of the lists to `lists.yaml` in a new folder and returns the folder.
fn digest() -> TestRepo {
    let repo = TestRepo::folders();
    let mut command = kepgate(repo.path());
    command.args(["lists", "import", "--release", "1.36", "--output", "lists.yaml"]);
    assert_eq!(run(command.args(LISTS.map(|list| corpus().join(list)))), (0, String::new(), String::new()));
    repo
}

/// A finding of one of the rules on the whole tree.
struct Hit {
    rule: String,
    level: String,
    kep: String,
    value: String,
    help: String,
}

/// The findings of the rules on the whole tree.
fn hits(digest: &TestRepo, more: &[&str]) -> Vec<Hit> {
    let mut command = kepgate(clone());
    command.args(["check", "--all", "--head", "HEAD", "--now", NOW, "--output", "json", "--kubernetes-lists"]);
    let (_, stdout, stderr) = run(command.arg(digest.place("lists.yaml")).args(more));
    assert_eq!(stderr, "");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let of_rules = findings.filter(|finding| RULES.contains(&finding["rule"].as_str().unwrap()));
    let mut hits: Vec<_> = of_rules
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            let message = text("message");
            Hit {
                rule: text("rule"),
                level: text("level"),
                kep: text("path").split('/').nth(2).unwrap().to_owned(),
                value: message.split('`').nth(1).unwrap().to_owned(),
                help: text("help"),
            }
        })
        .collect();
    hits.sort_by(|one, other| {
        (&one.rule, &one.level, &one.kep, &one.value).cmp(&(&other.rule, &other.level, &other.kep, &other.value))
    });
    hits
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn hits_on_the_whole_tree_match_the_table() {
    let digest = digest();
    let mut table = String::from("# Hits of the rules about Kubernetes' lists on the whole tree\n\n");
    writeln!(table, "At the bundle's head, with the lists of {RELEASE}, on {NOW}.\n").unwrap();
    writeln!(table, "| rule | level | KEP | name | help | word |\n|---|---|---|---|---|---|").unwrap();
    let mut words: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for Hit { rule, level, kep, value, help } in hits(&digest, &[]) {
        let number = kep.split('-').next().unwrap();
        let known = WORDS.iter().find(|(known, name, _)| *known == number && value.starts_with(name));
        let (word, why) = known.map_or(("–", ""), |(_, _, word)| word.split_once(": ").unwrap_or((word, "")));
        *words.entry((format!("{rule}, {level}"), word)).or_default() += 1;
        let word = if why.is_empty() { word.to_owned() } else { format!("{word}: {why}") };
        writeln!(table, "| {rule} | {level} | {kep} | {value} | {help} | {word} |").unwrap();
    }
    writeln!(table, "\n| rule, level | word | hits |\n|---|---|---|").unwrap();
    for ((rule, word), count) in &words {
        writeln!(table, "| {rule} | {word} | {count} |").unwrap();
    }
    assert_table("kubernetes-lists.md", &table);
    let of = |rule: &str, word: &str| words.get(&(rule.to_owned(), word)).copied().unwrap_or_default();
    for rule in ["feature-gate-unknown, warning", "metric-unknown, warning"] {
        let (right, wrong) = (of(rule, "right"), of(rule, "wrong"));
        assert_eq!(of(rule, "–"), 0, "each warning of {rule} has a word");
        assert!(right * 10 >= (right + wrong) * 8, "{rule}: {right} right, {wrong} wrong");
    }
    let judged: usize = words.iter().filter(|((_, word), _)| *word != "–").map(|(_, count)| count).sum();
    assert!(judged >= 60, "{judged}");
}

/// The assessment of each hit after a look at the KEP's README and the lists: the number of the KEP, a name or the
/// beginning of several names, and a note.
const WORDS: &[(&str, &str, &str)] = &[
    ("2887", "OpenAPIEnum", "right: the gate is `OpenAPIEnums`"),
    ("281", "DynamicKubeletConfig", "right: removed, but the KEP is still at beta"),
    ("2837", "PodLevelResourcesFix", "right: planned for v1.36, which does not have it"),
    ("1972", "ExecProbeTimeouts", "right: the gate is `ExecProbeTimeout`"),
    ("3695", "KubeletPodResourcesDynamicResource", "right: the gate has a plural"),
    ("4742", "PodTopologyLabelAdmission", "right: the gate has a plural"),
    ("5501", "SchedulerPreEnqueuePodStatus", "right: not implemented, but beta since v1.35"),
    ("2923", "CSIMigrationRbd", "right: removed with the plugin, but the KEP is still at beta"),
    ("2923", "InTreePluginRbdUnregister", "right: removed with the plugin, but the KEP is still at beta"),
    ("4817", "DRAResourceClaimDeviceStatus", "right: the list says beta"),
    ("3926", "AllowUnsafeMalformedObjectDeletion", "right: the list says alpha"),
    ("2033", "KubeletInUserNamespace", "right: the list says alpha"),
    ("2371", "PodAndContainerStatsFromCRI", "right: the list says alpha"),
    (
        "4192",
        "storage_migrator_core_migrator_",
        "right: metrics of the migrator outside Kubernetes; its successor in Kubernetes has none",
    ),
    ("2837", "apiserver_rejected_requests", "right: the list has only `apiserver_flowcontrol_rejected_requests_total`"),
    ("5419", "apiserver_rejected_requests", "right: the list has only `apiserver_flowcontrol_rejected_requests_total`"),
    ("4006", "num_ws_", "right: planned in the README, never added"),
    (
        "4988",
        "apiserver_storage_hash",
        "right: planned; `apiserver_storage_consistency_checks_total` was added instead",
    ),
    ("2307", "job_sync_total", "right: renamed"),
    ("2307", "job_pod_finished", "right: renamed"),
    ("3140", "cron_job_creation_skew", "right: it is `cronjob_controller_job_creation_skew_duration_seconds`"),
    ("3257", "clustertrustbundle_informer_cache_size", "right: planned in the README, never added"),
    ("3257", "projectedvolumesource_", "right: planned in the README, never added"),
    (
        "3331",
        "apiserver_authentication_config_controller_automatic_reload_last_config_hash",
        "right: renamed to `…_last_config_info`",
    ),
    (
        "3331",
        "apiserver_authentication_jwks_fetch_",
        "right: it is `apiserver_authentication_jwt_authenticator_jwks_fetch_…`",
    ),
    ("3331", "apiserver_authentication_jwt_authenticator_provider_status", "right: planned in the README, never added"),
    ("4317", "kubelet_pod_certificate_states", "right: one word in Kubernetes"),
    ("5284", "apiserver_impersonation_", "right: the list has `…_attempts_duration_seconds`"),
    ("740", "apiserver_externaljwt_", "gap: Kubernetes documents it"),
    ("2535", "kubelet_imagemanager_ondisk_", "right: without `_total`"),
    ("2535", "kubelet_imagemanager_inmemory_", "right: renamed to `…_usage_percent`"),
    ("2535", "kubelet_imagemanager_ensure_", "right: `image_manager` in Kubernetes"),
    ("2902", "cpu_manager_numa_allocation_spread", "right: it is `kubelet_cpu_manager_allocation_per_numa`"),
    ("4639", "image_volume_mounted_", "right: renamed"),
    ("1451", "e2e_scheduling_duration_seconds", "right: removed"),
    ("1451", "scheduling_algorithm_preemption_evaluation_seconds", "right: removed"),
    ("1451", "binding_duration_seconds", "right: removed"),
    ("5229", "async_api_call_duration_seconds", "right: it is `scheduler_async_api_call_execution_duration_seconds`"),
    ("5237", "route_controller_route_sync_total", "gap: Kubernetes documents it"),
    ("5526", "resource_manager_", "gap: Kubernetes documents it"),
    ("5677", "resourcepoolstatus_", "right: they begin with `resourcepoolstatusrequest_controller_`"),
    ("4603", "ReduceDefaultCrashLoopBackoffDecay", "right: `BackOff` in Kubernetes"),
    ("5866", "ShardableWatch", "right: the gate is `ShardedListAndWatch`"),
    ("5647", "StaleControllerConsistency", "right: Kubernetes has one gate for each controller"),
    ("2837", "schedule_attempts_total", "right: without the prefix"),
    ("2837", "started_", "right: without the prefix"),
    ("3721", "started_", "right: without the prefix"),
    ("5419", "schedule_attempts_total", "right: without the prefix"),
    ("5419", "started_", "right: without the prefix"),
    ("2307", "job_sync_duration_seconds", "right: without the prefix"),
    ("961", "statefulset_", "right: without the prefix"),
    ("3695", "pod_resources_", "right: without the prefix"),
    ("2403", "pod_resources_", "right: without the prefix"),
    ("4832", "goroutines_", "right: without the prefix"),
    ("4832", "preemption_attempts_total", "right: without the prefix"),
    ("5229", "async_api_call_execution_total", "right: without the prefix"),
    ("5229", "pending_async_api_calls", "right: without the prefix"),
    ("5073", "declarative_validation_", "right: without the prefix"),
    ("127", "started_user_namespaced_", "right: without the prefix"),
];

/// Names that a review of the tree found to be wrong, with the number of the KEP.
const KNOWN_TO_BE_WRONG: &[(&str, &str)] = &[
    ("1972", "ExecProbeTimeouts"),
    ("4742", "PodTopologyLabelAdmission"),
    ("2923", "CSIMigrationRbd"),
    // This KEP is implemented.
    ("4210", "ImageGCMaximumAge"),
];

#[test]
#[ignore = "needs ../shared/corpus"]
fn names_that_are_known_to_be_wrong_are_found() {
    let digest = digest();
    let found = |more: &[&str]| {
        let hits = hits(&digest, more);
        let is_found = |(number, name): &&(&str, &str)| {
            hits.iter().any(|hit| hit.kep.starts_with(&format!("{number}-")) && hit.value == *name)
        };
        KNOWN_TO_BE_WRONG.iter().filter(is_found).count()
    };
    assert_eq!(found(&[]), 3, "on open KEPs");
    assert_eq!(found(&["--strict"]), 4, "on implemented KEPs, too");
}

/// Why an entry of `feature-gates` is not in the list.
fn reason(kep: &Kep, name: &str, components: &[String]) -> &'static str {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_gate = is_word && name.starts_with(|first: char| first.is_ascii_uppercase()) && name != "None";
    let is_elsewhere = |name: &String| matches!(name.as_str(), "kubectl" | "kubeadm");
    let stable = kep.milestone_of(Stage::Stable).map(|(release, _)| release);
    if !is_gate || (!components.is_empty() && components.iter().all(is_elsewhere)) {
        "of kubectl or kubeadm, a pattern, or not a name"
    } else if stable.is_some_and(|stable| stable.next().next().next() <= RELEASE) {
        "stable for three releases, so Kubernetes may have removed it"
    } else {
        "unknown"
    }
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn unknown_feature_gates_match_the_table() {
    let list = std::fs::read_to_string(corpus().join(LISTS[0])).unwrap();
    let listed: Vec<_> = list.lines().filter_map(|line| line.strip_prefix("- name: ")).collect();
    let tree = Repository::discover(clone()).unwrap();
    let tree = tree.tree(tree.resolve("HEAD").unwrap()).unwrap();
    let survey = Survey::read(&tree, Groups::default(), &std::sync::Arc::default(), &mut Files::default());
    let (mut counts, mut unknown): (BTreeMap<&str, usize>, Vec<String>) = Default::default();
    for record in &survey.keps {
        let Some(kep) = record.kep() else { continue };
        let is_grown = matches!(kep.target_stage(), Some(Stage::Beta | Stage::Stable));
        if !is_grown || kep.latest().is_none_or(|latest| latest > RELEASE) {
            continue;
        }
        for gate in kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default() {
            let name = gate.value.name.text();
            let components: Vec<_> = gate.value.components.entries().iter().map(|it| it.value.clone()).collect();
            let what = if listed.contains(&name) { "in the list" } else { reason(kep, name, &components) };
            *counts.entry(what).or_default() += 1;
            if what == "unknown" {
                unknown.push(format!("| {} | {} | {name} |", record.dir.name(), kep.status.text()));
            }
        }
    }
    let mut table = format!(
        "# Feature gates that Kubernetes does not have\n\nEntries of `feature-gates` in KEPs at beta and stable with \
         `latest-milestone` up to {RELEASE}, at the bundle's head.\n\n| | entries |\n|---|---|\n"
    );
    for (what, count) in &counts {
        writeln!(table, "| {what} | {count} |").unwrap();
    }
    writeln!(table, "\n| KEP | status | unknown name |\n|---|---|---|").unwrap();
    unknown.sort();
    for line in &unknown {
        writeln!(table, "{line}").unwrap();
    }
    assert_table("kubernetes-gates.md", &table);
}

/// The lists are from a later release than most of the changes, so this overstates how often the rules fire.
#[test]
#[ignore = "needs ../shared/corpus"]
fn few_changes_get_a_warning() {
    let digest = digest();
    let settings = Settings { lists: ListsSource::Disk(digest.place("lists.yaml")), ..Settings::default() };
    let (mut changes, mut warned) = (0, Vec::new());
    replay_with("2025-07-01", &settings, |merge, report| {
        if report.keps().next().is_none() {
            return;
        }
        changes += 1;
        let new = report.findings().iter().filter(|it| it.is_new).map(|it| &it.finding);
        let is_ours = |level: Level, id: &str| level == Level::Warning && RULES.contains(&id);
        let ours: Vec<_> = new.filter(|it| is_ours(it.level, it.rule.id)).collect();
        if let Some(first) = ours.first() {
            let (commit, path) = (&merge.commit[..10], &first.place.path);
            warned.push(format!("| {commit} | {} | {path} | {} |", ours.len(), first.message));
        }
    });
    let mut table = format!(
        "# New warnings of the rules about Kubernetes' lists, on changes since 2025-07-01\n\nThe lists are of {RELEASE}, which \
         is later than most of the changes: at the time, fewer gates and metrics existed, and fewer releases were covered.\n\n\
         {} of {changes} changes.\n\n| commit | warnings | file | first message |\n|---|---|---|---|\n",
        warned.len()
    );
    for line in &warned {
        writeln!(table, "{line}").unwrap();
    }
    assert_table("kubernetes-lists-noise.md", &table);
    assert!(warned.len() * 100 <= changes * 4, "{} of {changes}", warned.len());
}
