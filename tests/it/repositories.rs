//! Repositories as people and runners have them: which commits are compared, whose policy holds, and what is said when
//! history is missing.

use std::path::Path;

use serde_json::{Value, json};

use crate::sandbox::{
    ALIASES, APPROVAL, DIR, KEP, SOUND_APPROVAL, Sandbox, all_found, git, kep_with, new_errors, within_bounds,
};
use crate::support::kepgate;

const MISSPELT: [(&str, &str); 1] = [("status", "implementible")];

/// A repository whose branch `topic` misspells the status of the KEP, and stands on it.
fn misspelt() -> Sandbox {
    let sandbox = Sandbox::repository();
    sandbox.branch("topic");
    sandbox.write(KEP, kep_with(&MISSPELT));
    sandbox.commit();
    sandbox
}

/// Adds a KEP of this number with this approver.
fn add_kep(sandbox: &Sandbox, number: &str, approver: &str) {
    sandbox.write(format!("keps/sig-node/{number}-more/kep.yaml"), kep_with(&[("kep-number", number)]));
    let approval = SOUND_APPROVAL.replace("1234", number).replace("petra-solm", approver);
    sandbox.write(format!("keps/prod-readiness/sig-node/{number}.yaml"), approval);
}

fn assert_misspelt((code, report): (i32, Value), why: &str) {
    assert_eq!((code, new_errors(&report)), (1, vec![("status-invalid", KEP)]), "{why}: {report}");
}

/// The check was refused with this exit status, and the report says why.
fn assert_refused((code, report): (i32, Value), exit: i32, words: &[&str]) {
    let message = report["error"]["message"].as_str().unwrap_or_else(|| panic!("{report}"));
    assert_eq!((code, &report["exit"]), (exit, &json!(exit)), "{message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message}");
    }
    assert_eq!(report["verdict"], if exit == 2 { "failed" } else { "unchecked" });
}

#[test]
fn commits_are_named_as_git_names_them() {
    let sandbox = misspelt();
    sandbox.git(&["tag", "light"]);
    sandbox.git(&["tag", "--annotate", "--message=.", "heavy"]);
    let (main, topic) = (sandbox.id("main"), sandbox.id("topic"));
    sandbox.git(&["switch", "--quiet", "main"]);
    for head in ["topic", "light", "heavy", "refs/heads/topic", &topic, &topic[..12], "topic~0"] {
        for base in ["main", "HEAD", &main, "topic^", "topic~1"] {
            let (code, report) = sandbox.check(&["--base", base, "--head", head]);
            assert_eq!([&report["base"], &report["merge_base"], &report["policy"]], [&main; 3], "{base}");
            assert_eq!(report["head"], *topic, "{head}");
            assert_misspelt((code, report), head);
        }
    }
    let (code, report) = sandbox.check(&["--base", "main", "--head", "main"]);
    assert_eq!((code, &report["verdict"], &report["keps"]), (0, &json!("clean"), &json!([])));
}

#[test]
fn the_target_branch_is_found_in_this_order() {
    let sandbox = misspelt();
    sandbox.git(&["branch", "--quiet", "--move", "main", "elsewhere"]);
    let names = ["upstream/HEAD", "origin/HEAD", "main", "master"];
    assert_refused(sandbox.check(&[]), 2, &[&names[..], &["--base"]].concat());
    for (branch, found) in [
        ("refs/heads/master", "master"),
        ("refs/heads/main", "main"),
        ("refs/remotes/origin/trunk", "origin/HEAD"),
        ("refs/remotes/upstream/trunk", "upstream/HEAD"),
    ] {
        sandbox.git(&["switch", "--quiet", "--detach", "elsewhere"]);
        let commit = sandbox.commit_index();
        sandbox.git(&["update-ref", branch, &commit]);
        if found.ends_with("HEAD") {
            sandbox.git(&["symbolic-ref", &format!("refs/remotes/{found}"), branch]);
        }
        sandbox.git(&["switch", "--quiet", "topic"]);
        let (code, report) = sandbox.check(&[]);
        assert_eq!((&report["base"], &report["head"]), (&json!(commit), &json!("the work tree")), "{found}");
        assert_misspelt((code, report), found);
    }
    // A branch of another name is no default, and one whose remote's HEAD points nowhere is passed over.
    sandbox.git(&["update-ref", "-d", "refs/remotes/upstream/trunk"]);
    assert_eq!(sandbox.check(&[]).1["base"], *sandbox.id("origin/trunk"));
}

#[test]
fn the_work_tree_counts_as_it_is() {
    let sandbox = Sandbox::repository();
    assert_eq!(sandbox.check(&[]).0, 0);
    sandbox.write(KEP, kep_with(&MISSPELT));
    assert_misspelt(sandbox.check(&[]), "edited");
    sandbox.git(&["add", "--all"]);
    assert_misspelt(sandbox.check(&[]), "staged");
    sandbox.write(KEP, kep_with(&[]));
    assert_eq!(sandbox.check(&[]).0, 0, "mended after staging");
    sandbox.write("keps/sig-node/1235-more/README.md", "# more\n");
    let (code, report) = sandbox.check(&[]);
    assert_eq!(code, 1);
    assert_eq!(new_errors(&report), [("metadata-missing", "keps/sig-node/1235-more/README.md")], "untracked");
    sandbox.remove("keps/sig-node/1235-more/README.md");
    sandbox.remove(APPROVAL);
    let (_, report) = sandbox.check(&[]);
    assert_eq!(new_errors(&report), [("prr-file-missing", KEP)], "deleted");
    assert_eq!(sandbox.check(&["--base", "main", "--head", "HEAD"]).0, 0, "none of it is committed");
}

#[test]
fn a_change_is_checked_from_any_folder_of_the_repository() {
    let sandbox = misspelt();
    let elsewhere = Sandbox::new();
    let repository = sandbox.path().to_str().unwrap();
    assert_misspelt(elsewhere.check(&["--repo", repository, "--head", "topic"]), "from elsewhere");
    let inside = format!("{repository}/{DIR}");
    assert_misspelt(elsewhere.check(&["--repo", &inside]), "by a folder inside");
    let mut command = kepgate(&sandbox.place(DIR));
    let run = within_bounds(command.args(["check", "--output", "json", "kep.yaml", "../1234-quiet-hours"]));
    assert_misspelt((run.code, serde_json::from_str(&run.stdout).unwrap()), "from inside");
    let tree = elsewhere.place("tree");
    sandbox.git(&["worktree", "add", "--quiet", "--detach", tree.to_str().unwrap(), "topic"]);
    assert_misspelt(elsewhere.check(&["--repo", "tree"]), "a second work tree");
    sandbox.git(&["gc", "--quiet"]);
    sandbox.git(&["pack-refs", "--all"]);
    assert_misspelt(sandbox.check(&["--head", "topic"]), "packed");
}

/// `main` with a commit since `topic` left it, and the merge that GitHub makes of the two, on which it stands.
fn merged() -> Sandbox {
    let sandbox = misspelt();
    sandbox.git(&["switch", "--quiet", "main"]);
    add_kep(&sandbox, "1235", "nobody");
    sandbox.commit();
    sandbox.git(&["switch", "--quiet", "--detach", "main"]);
    sandbox.git(&["merge", "--quiet", "--no-ff", "--message=.", "topic"]);
    sandbox.git(&["update-ref", "refs/heads/merge", "HEAD"]);
    sandbox
}

#[test]
fn the_merge_commit_at_depth_two_is_all_that_it_takes() {
    let sandbox = merged();
    let clone = sandbox.clone_with(&["--depth=2", "--branch=merge"]);
    let (code, report) = clone.check(&["--base", "HEAD^1", "--head", "HEAD"]);
    let (main, merge) = (sandbox.id("main"), sandbox.id("merge"));
    assert_eq!([&report["base"], &report["merge_base"], &report["policy"]], [&main; 3]);
    assert_eq!(report["head"], *merge);
    assert_misspelt((code, report), "depth 2");
}

#[test]
fn what_a_shallow_clone_lacks_is_no_pass() {
    let sandbox = merged();
    let remedy = ["shallow", "--unshallow", "fetch-depth: 0"];
    let clone = sandbox.clone_with(&["--depth=1", "--branch=merge"]);
    assert_refused(clone.check(&["--base", "HEAD^1", "--head", "HEAD"]), 3, &remedy);
    let (main, topic) = (sandbox.id("main"), sandbox.id("topic"));
    assert_refused(clone.check(&["--base", &main, "--head", "HEAD"]), 3, &remedy);
    let clone = sandbox.clone_with(&["--depth=2", "--branch=merge"]);
    assert_refused(clone.check(&["--base", &main, "--head", &topic]), 3, &["too little history", "--unshallow"]);
    assert_refused(clone.check(&["--base", "no-such-branch", "--head", "HEAD"]), 2, &["no-such-branch"]);
    assert_refused(clone.check(&["--base", "HEAD~5", "--head", "HEAD"]), 3, &remedy);
}

#[test]
fn what_names_nothing_is_the_callers_mistake() {
    let sandbox = misspelt();
    for revision in
        ["no-such-branch", "", "-x", "main..topic", "main:keps", ":/x", "HEAD@{1}x", "0000000", "v1\n::error::x"]
    {
        let base = format!("--base={revision}");
        assert_refused(sandbox.check(&[&base, "--head", "topic"]), 2, &["is not a commit"]);
        let head = format!("--head={revision}");
        assert_refused(sandbox.check(&["--base", "main", &head]), 2, &["is not a commit"]);
    }
    let elsewhere = Sandbox::new();
    assert_refused(elsewhere.check(&[]), 2, &["no git repository", "--repo"]);
    assert_refused(elsewhere.check(&["--repo", "nowhere"]), 2, &["no git repository"]);
    elsewhere.git(&["init", "--quiet", "--initial-branch=main"]);
    assert_refused(elsewhere.check(&[]), 2, &["--base"]);
    assert_refused(elsewhere.check(&["--all", "--head", "HEAD"]), 2, &["is not a commit"]);
}

#[test]
fn histories_that_never_met_are_the_callers_mistake() {
    let sandbox = misspelt();
    sandbox.git(&["switch", "--quiet", "--orphan", "other"]);
    sandbox.commit_index();
    assert_refused(sandbox.check(&["--base", "main", "--head", "other"]), 2, &["no common history"]);
    assert_refused(sandbox.check(&["--base", "main"]), 2, &["no common history"]);
}

#[test]
#[ignore = "needs root, to give files to another owner"]
fn a_repository_of_another_owner_is_checked() {
    let sandbox = misspelt();
    let given = std::process::Command::new("chown").args(["-R", "1001:1001"]).arg(sandbox.path()).output().unwrap();
    assert!(given.status.success(), "{given:?}");
    assert_misspelt(sandbox.check(&["--base", "main", "--head", "topic"]), "commits");
    assert_misspelt(sandbox.check(&[]), "the work tree");
}

#[test]
fn a_large_blob_does_not_stand_in_the_way_of_a_rename() {
    let sandbox = Sandbox::repository();
    sandbox.write(KEP, kep_with(&[("authors", "sunniva-t")]));
    sandbox.write(format!("{DIR}/image.svg"), "x".repeat(20 << 20));
    sandbox.commit();
    sandbox.branch("topic");
    sandbox.git(&["mv", DIR, "keps/sig-node/1234-quiet-nights"]);
    sandbox.write("keps/sig-node/1234-quiet-nights/image.svg", "y".repeat(20 << 20));
    sandbox.commit();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, report["counts"]["pre_existing"].as_u64()), (0, Some(1)), "{report}");
    assert_eq!(report["keps"][0]["status"], json!({"base": "implementable", "head": "implementable"}));
}

#[test]
fn a_kep_that_moves_and_is_edited_keeps_its_debt() {
    let sandbox = Sandbox::repository();
    sandbox.write(KEP, kep_with(&[("authors", "sunniva-t"), ("see-also", "/keps/nowhere")]));
    sandbox.commit();
    let count = |report: &Value, is_new: bool| {
        let debts = ["handle-malformed", "reference-dangling"];
        let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["new"] == is_new);
        findings.filter(|finding| debts.iter().any(|rule| finding["rule"] == *rule)).count()
    };
    for (directory, old, new) in [
        ("keps/sig-node/1234-quiet-nights", 2, 1),
        ("keps/sig-node/nights/1234-quiet-hours", 2, 1),
        // Another number is another KEP, and inherits nothing.
        ("keps/sig-node/1236-quiet-hours", 0, 3),
    ] {
        sandbox.git(&["switch", "--quiet", "--force-create", "topic", "main"]);
        std::fs::create_dir_all(sandbox.place(directory).parent().unwrap()).unwrap();
        sandbox.git(&["mv", DIR, directory]);
        let values = [("authors", "sunniva-t"), ("see-also", "/keps/nowhere"), ("reviewers", "odile-varga")];
        sandbox.write(format!("{directory}/kep.yaml"), kep_with(&values));
        sandbox.commit();
        for arguments in [&["--base", "main", "--head", "topic"][..], &["--base", "main"]] {
            let (_, report) = sandbox.check(arguments);
            assert_eq!((count(&report, false), count(&report, true)), (old, new), "{report}");
        }
        sandbox.git(&["switch", "--quiet", "main"]);
    }
}

#[test]
fn an_approver_who_retired_meanwhile_is_unknown() {
    let sandbox = Sandbox::repository();
    let fork = sandbox.id("main");
    sandbox.branch("topic");
    add_kep(&sandbox, "1235", "petra-solm");
    sandbox.commit();
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.write("OWNERS_ALIASES", ALIASES.replace("    - petra-solm\n", ""));
    let tip = sandbox.commit();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    let unknown = ("prr-approver-unknown", "keps/prod-readiness/sig-node/1235.yaml");
    assert_eq!((code, new_errors(&report)), (1, vec![unknown]));
    let ids = ["base", "merge_base", "policy", "head"].map(|name| report[name].as_str().unwrap());
    assert_eq!(ids, [&tip, &fork, &tip, &sandbox.id("topic")]);
    // The same with the work tree as head.
    sandbox.git(&["switch", "--quiet", "topic"]);
    let (code, report) = sandbox.check(&["--base", "main"]);
    assert_eq!((code, new_errors(&report)), (1, vec![unknown]));
    assert_eq!((&report["policy"], &report["merge_base"]), (&json!(tip), &json!(fork)));
}

#[test]
fn an_approver_who_came_meanwhile_is_known() {
    let sandbox = Sandbox::repository();
    sandbox.branch("topic");
    add_kep(&sandbox, "1235", "ulla-brandt");
    sandbox.commit();
    assert_eq!(sandbox.check(&["--base", "main", "--head", "topic"]).0, 1);
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.write("OWNERS_ALIASES", ALIASES.replace("petra-solm\n", "petra-solm\n    - ulla-brandt\n"));
    sandbox.commit();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, new_errors(&report)), (0, vec![]));
}

#[test]
fn nobody_appoints_their_own_approver() {
    let sandbox = Sandbox::repository();
    sandbox.branch("topic");
    add_kep(&sandbox, "1235", "sunniva-t");
    sandbox.write("OWNERS_ALIASES", ALIASES.replace("petra-solm\n", "petra-solm\n    - sunniva-t\n"));
    sandbox.commit();
    for arguments in [&["--base", "main", "--head", "topic"][..], &["--base", "main"]] {
        let (code, report) = sandbox.check(arguments);
        let unknown = ("prr-approver-unknown", "keps/prod-readiness/sig-node/1235.yaml");
        assert_eq!((code, new_errors(&report)), (1, vec![unknown]));
    }
}

#[test]
fn what_the_target_branch_did_meanwhile_is_not_the_changes() {
    let sandbox = misspelt();
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.write("keps/sig-node/1299-broken/kep.yaml", "[");
    let moved = kep_with(&[]).replace("Quiet Hours", "Quiet Nights");
    sandbox.write(KEP, moved);
    let tip = sandbox.commit();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((&report["base"], &report["merge_base"]), (&json!(tip), &json!(sandbox.id("topic^"))));
    assert_eq!(report["keps"].as_array().unwrap().len(), 1);
    assert_misspelt((code, report), "main moved on");
}

#[test]
fn a_change_of_mode_is_a_look_and_nothing_more() {
    let sandbox = Sandbox::repository();
    sandbox.branch("topic");
    sandbox.git(&["update-index", "--chmod=+x", KEP]);
    sandbox.commit_index();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, all_found(&report), &report["keps"][0]["path"]), (0, vec![], &json!(DIR)));
}

#[test]
fn a_kep_that_goes_takes_its_production_readiness_file_along() {
    let sandbox = Sandbox::repository();
    sandbox.branch("topic");
    sandbox.git(&["rm", "--quiet", "-r", DIR]);
    sandbox.commit_index();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, new_errors(&report)), (1, vec![("kep-removed", KEP), ("prr-file-orphan", APPROVAL)]));
    sandbox.git(&["rm", "--quiet", APPROVAL]);
    sandbox.commit_index();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, new_errors(&report)), (0, vec![]));
    assert_eq!(report["keps"][0]["status"], json!({"base": "implementable", "head": null}));
}

#[test]
fn links_and_submodules_are_never_followed() {
    let sandbox = Sandbox::repository();
    let commit = sandbox.id("main");
    sandbox.branch("topic");
    let blob = sandbox.git(&["hash-object", "-w", OWN]);
    for (mode, id, path) in [("120000", &blob, KEP), ("160000", &commit, APPROVAL)] {
        sandbox.git(&["update-index", "--cacheinfo", &format!("{mode},{id},{path}")]);
    }
    for (mode, id, path) in [
        ("120000", &blob, "keps/sig-node/1235-link"),
        ("160000", &commit, "keps/sig-node/1236-module"),
        ("160000", &commit, "vendor/module"),
        ("120000", &blob, "keps/sig-node/1234-quiet-hours/image.svg"),
    ] {
        sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("{mode},{id},{path}")]);
    }
    sandbox.commit_index();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    let irregular: Vec<_> = new_errors(&report).into_iter().filter(|(rule, _)| *rule == "file-not-regular").collect();
    let paths: Vec<_> = irregular.into_iter().map(|(_, path)| path).collect();
    assert_eq!(code, 1);
    for path in [KEP, APPROVAL, "keps/sig-node/1235-link", "keps/sig-node/1236-module"] {
        assert!(paths.contains(&path), "{path} is not in {paths:?}");
    }
    assert_eq!(paths.len(), 4);
}

/// Any file will do for what a link says.
const OWN: &str = "OWNERS_ALIASES";

#[test]
fn a_bare_repository_is_checked_by_its_commits() {
    let sandbox = misspelt();
    let bare = sandbox.clone_with(&["--bare"]);
    assert_misspelt(bare.check(&["--base", "main", "--head", "topic"]), "bare");
    assert_misspelt(bare.check(&["--base", "main", "--head", "topic", DIR]), "bare, narrowed");
    assert_refused(bare.check(&["--base", "main"]), 2, &["no work tree", "--head"]);
}

#[test]
fn only_what_is_named_is_looked_at() {
    let sandbox = misspelt();
    add_kep(&sandbox, "1235", "nobody");
    sandbox.commit();
    let both = ["--base", "main", "--head", "topic"];
    let more = "keps/prod-readiness/sig-node/1235.yaml";
    let narrowed = |path: &str| {
        let (code, report) = sandbox.check(&[&both[..], &[path]].concat());
        (code, new_errors(&report).into_iter().map(|(rule, _)| rule.to_owned()).collect::<Vec<_>>())
    };
    for (path, rules) in [
        ("keps", &["prr-approver-unknown", "status-invalid"][..]),
        (".", &["prr-approver-unknown", "status-invalid"]),
        (DIR, &["status-invalid"]),
        (KEP, &["status-invalid"]),
        ("keps/sig-node/1235-more", &["prr-approver-unknown"]),
        (more, &["prr-approver-unknown"]),
        ("keps/sig-apps/../sig-node/1234-quiet-hours", &["status-invalid"]),
    ] {
        assert_eq!(narrowed(path), (1, rules.iter().map(ToString::to_string).collect()), "{path}");
    }
    assert_eq!(narrowed("OWNERS_ALIASES"), (0, vec![]));
    for (path, words) in
        [("keps/nowhere", "does not exist before or after the change"), ("../x", "not inside"), ("/etc", "not inside")]
    {
        assert_refused(sandbox.check(&[&both[..], &[path]].concat()), 2, &[words]);
    }
}

#[test]
fn the_whole_tree_has_no_base() {
    let sandbox = misspelt();
    for arguments in [&["--all"][..], &["--all", "--head", "topic"]] {
        let (code, report) = sandbox.check(arguments);
        assert_eq!([&report["base"], &report["merge_base"]], [&Value::Null; 2]);
        assert_misspelt((code, report), "--all");
    }
    assert_eq!(sandbox.check(&["--all", "--head", "main"]).0, 0);
}

/// What could be checked is reported beside what could not.
#[test]
fn a_lost_object_fails_closed() {
    let sandbox = misspelt();
    add_kep(&sandbox, "1235", "petra-solm");
    sandbox.commit();
    let blob = sandbox.id("topic:keps/sig-node/1235-more/kep.yaml");
    lose(sandbox.path(), &blob);
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, &report["error"]["kind"]), (3, &json!("fetch")));
    assert!(new_errors(&report).contains(&("status-invalid", KEP)), "{report}");
    lose(sandbox.path(), &sandbox.id("topic:keps/sig-node"));
    assert_refused(sandbox.check(&["--base", "main", "--head", "topic"]), 3, &["git fsck"]);
}

/// Loses an object, as a damaged disk or a partial clone would.
fn lose(repository: &Path, id: &str) {
    let (folder, file) = id.split_at(2);
    std::fs::remove_file(repository.join(".git/objects").join(folder).join(file)).unwrap();
}

#[test]
fn a_target_branch_without_approvers_is_a_policy_at_fault() {
    let sandbox = Sandbox::repository();
    sandbox.write("OWNERS_ALIASES", "aliases:\n  sig-node-leads: []\n");
    sandbox.commit();
    sandbox.branch("topic");
    sandbox.write(KEP, kep_with(&MISSPELT));
    sandbox.commit();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!(new_errors(&report), [("status-invalid", KEP)], "what was found is told");
    assert!(!report["unchecked"].as_array().unwrap().is_empty());
    assert_refused((code, report), 2, &["prod-readiness-approvers"]);
}

#[test]
fn the_callers_own_git_is_not_asked() {
    let sandbox = misspelt();
    // A program that git would start, and a configuration that would show it another tree.
    git(sandbox.path(), &["config", "core.fsmonitor", "false; touch pwned"]);
    git(sandbox.path(), &["config", "diff.external", "touch pwned"]);
    sandbox.write(".gitattributes", "*.yaml filter=evil\n");
    git(sandbox.path(), &["config", "filter.evil.smudge", "touch pwned"]);
    assert_misspelt(sandbox.check(&["--base", "main", "--head", "topic"]), "hostile configuration");
    assert_misspelt(sandbox.check(&[]), "hostile configuration");
    assert!(!sandbox.place("pwned").exists());
}
