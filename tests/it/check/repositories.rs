//! Git repositories: which commits are compared, and what happens if history is missing.

use serde_json::{Value, json};

use crate::support::{DIR, KEP, PRR_FILE, SAMPLE_PRR, TestRepo, git, kep_with, kepgate, new_errors, within_bounds};

pub(crate) const MISSPELT: [(&str, &str); 1] = [("status", "implementible")];

/// A repository whose branch `topic` misspells the status of the KEP. The branch is checked out.
pub(crate) fn misspelt() -> TestRepo {
    let repo = TestRepo::repository();
    repo.branch("topic");
    repo.write(KEP, kep_with(&MISSPELT));
    repo.commit();
    repo
}

/// Adds a KEP with this number and this PRR approver.
pub(crate) fn add_kep(repo: &TestRepo, number: &str, approver: &str) {
    repo.write(format!("keps/sig-node/{number}-more/kep.yaml"), kep_with(&[("kep-number", number)]));
    let prr_file = SAMPLE_PRR.replace("1234", number).replace("petra-solm", approver);
    repo.write(format!("keps/prod-readiness/sig-node/{number}.yaml"), prr_file);
}

pub(crate) fn assert_misspelt((code, report): (i32, Value), why: &str) {
    assert_eq!((code, new_errors(&report)), (1, vec![("status-invalid", KEP)]), "{why}: {report}");
}

/// Asserts that the check failed with this exit status and that the error contains these words.
pub(crate) fn assert_refused((code, report): (i32, Value), exit: i32, words: &[&str]) {
    let message = report["error"]["message"].as_str().unwrap_or_else(|| panic!("{report}"));
    assert_eq!((code, &report["exit"]), (exit, &json!(exit)), "{message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message}");
    }
    assert_eq!(report["verdict"], if exit == 2 { "failed" } else { "unchecked" });
}

#[test]
fn revisions_use_the_syntax_of_git() {
    let repo = misspelt();
    repo.git(&["tag", "light"]);
    repo.git(&["tag", "--annotate", "--message=.", "heavy"]);
    let (main, topic) = (repo.id("main"), repo.id("topic"));
    repo.git(&["switch", "--quiet", "main"]);
    for head in ["topic", "light", "heavy", "refs/heads/topic", &topic, &topic[..12], "topic~0"] {
        for base in ["main", "HEAD", &main, "topic^", "topic~1"] {
            let (code, report) = repo.check(&["--base", base, "--head", head]);
            assert_eq!([&report["base"], &report["merge_base"], &report["policy"]], [&main; 3], "{base}");
            assert_eq!(report["head"], *topic, "{head}");
            assert_misspelt((code, report), head);
        }
    }
    let (code, report) = repo.check(&["--base", "main", "--head", "main"]);
    assert_eq!((code, &report["verdict"], &report["keps"]), (0, &json!("clean"), &json!([])));
}

#[test]
fn default_target_branch_is_found_in_order() {
    let repo = misspelt();
    repo.git(&["branch", "--quiet", "--move", "main", "elsewhere"]);
    let names = ["upstream/HEAD", "origin/HEAD", "main", "master"];
    assert_refused(repo.check(&[]), 2, &[&names[..], &["--base"]].concat());
    for (branch, found) in [
        ("refs/heads/master", "master"),
        ("refs/heads/main", "main"),
        ("refs/remotes/origin/trunk", "origin/HEAD"),
        ("refs/remotes/upstream/trunk", "upstream/HEAD"),
    ] {
        repo.git(&["switch", "--quiet", "--detach", "elsewhere"]);
        let commit = repo.commit_index();
        repo.git(&["update-ref", branch, &commit]);
        if found.ends_with("HEAD") {
            repo.git(&["symbolic-ref", &format!("refs/remotes/{found}"), branch]);
        }
        repo.git(&["switch", "--quiet", "topic"]);
        let (code, report) = repo.check(&[]);
        assert_eq!((&report["base"], &report["head"]), (&json!(commit), &json!("the work tree")), "{found}");
        assert_misspelt((code, report), found);
    }
    // A dangling HEAD of a remote is skipped.
    repo.git(&["update-ref", "-d", "refs/remotes/upstream/trunk"]);
    assert_eq!(repo.check(&[]).1["base"], *repo.id("origin/trunk"));
}

#[test]
fn work_tree_is_checked_with_uncommitted_changes() {
    let repo = TestRepo::repository();
    assert_eq!(repo.check(&[]).0, 0);
    repo.write(KEP, kep_with(&MISSPELT));
    assert_misspelt(repo.check(&[]), "edited");
    repo.git(&["add", "--all"]);
    assert_misspelt(repo.check(&[]), "staged");
    repo.write(KEP, kep_with(&[]));
    assert_eq!(repo.check(&[]).0, 0, "fixed after staging");
    repo.write("keps/sig-node/1235-more/README.md", "# more\n");
    let (code, report) = repo.check(&[]);
    assert_eq!(code, 1);
    assert_eq!(new_errors(&report), [("metadata-missing", "keps/sig-node/1235-more/README.md")], "untracked");
    repo.remove("keps/sig-node/1235-more/README.md");
    repo.remove(PRR_FILE);
    let (_, report) = repo.check(&[]);
    assert_eq!(new_errors(&report), [("prr-file-missing", KEP)], "deleted");
    assert_eq!(repo.check(&["--base", "main", "--head", "HEAD"]).0, 0, "nothing is committed");
}

#[test]
fn check_runs_from_any_folder_of_the_repository() {
    let repo = misspelt();
    let elsewhere = TestRepo::new();
    let repository = repo.path().to_str().unwrap();
    assert_misspelt(elsewhere.check(&["--repo", repository, "--head", "topic"]), "from elsewhere");
    let inside = format!("{repository}/{DIR}");
    assert_misspelt(elsewhere.check(&["--repo", &inside]), "by a folder inside");
    let mut command = kepgate(&repo.place(DIR));
    let run = within_bounds(command.args(["check", "--output", "json", "kep.yaml", "../1234-quiet-hours"]));
    assert_misspelt((run.code, serde_json::from_str(&run.stdout).unwrap()), "from inside");
    let tree = elsewhere.place("tree");
    repo.git(&["worktree", "add", "--quiet", "--detach", tree.to_str().unwrap(), "topic"]);
    assert_misspelt(elsewhere.check(&["--repo", "tree"]), "a second work tree");
    repo.git(&["gc", "--quiet"]);
    repo.git(&["pack-refs", "--all"]);
    assert_misspelt(repo.check(&["--head", "topic"]), "packed");
}

/// A repository in which `main` has a newer commit than `topic`, with GitHub's merge of the two checked out.
fn merged() -> TestRepo {
    let repo = misspelt();
    repo.git(&["switch", "--quiet", "main"]);
    add_kep(&repo, "1235", "nobody");
    repo.commit();
    repo.git(&["switch", "--quiet", "--detach", "main"]);
    repo.git(&["merge", "--quiet", "--no-ff", "--message=.", "topic"]);
    repo.git(&["update-ref", "refs/heads/merge", "HEAD"]);
    repo
}

#[test]
fn clone_of_the_merge_commit_with_depth_two_is_enough() {
    let repo = merged();
    let clone = repo.clone_with(&["--depth=2", "--branch=merge"]);
    let (code, report) = clone.check(&["--base", "HEAD^1", "--head", "HEAD"]);
    let (main, merge) = (repo.id("main"), repo.id("merge"));
    assert_eq!([&report["base"], &report["merge_base"], &report["policy"]], [&main; 3]);
    assert_eq!(report["head"], *merge);
    assert_misspelt((code, report), "depth 2");
}

#[test]
fn missing_history_of_a_shallow_clone_is_unchecked() {
    let repo = merged();
    let remedy = ["shallow", "--unshallow", "fetch-depth: 0"];
    let clone = repo.clone_with(&["--depth=1", "--branch=merge"]);
    assert_refused(clone.check(&["--base", "HEAD^1", "--head", "HEAD"]), 3, &remedy);
    let (main, topic) = (repo.id("main"), repo.id("topic"));
    assert_refused(clone.check(&["--base", &main, "--head", "HEAD"]), 3, &remedy);
    let clone = repo.clone_with(&["--depth=2", "--branch=merge"]);
    assert_refused(clone.check(&["--base", &main, "--head", &topic]), 3, &["enough history", "--unshallow"]);
    assert_refused(clone.check(&["--base", "no-such-branch", "--head", "HEAD"]), 2, &["no-such-branch"]);
    assert_refused(clone.check(&["--base", "HEAD~5", "--head", "HEAD"]), 3, &remedy);
}

#[test]
fn unknown_revision_is_a_usage_error() {
    let repo = misspelt();
    for revision in
        ["no-such-branch", "", "-x", "main..topic", "main:keps", ":/x", "HEAD@{1}x", "0000000", "v1\n::error::x"]
    {
        let base = format!("--base={revision}");
        assert_refused(repo.check(&[&base, "--head", "topic"]), 2, &["is not a commit"]);
        let head = format!("--head={revision}");
        assert_refused(repo.check(&["--base", "main", &head]), 2, &["is not a commit"]);
    }
    let elsewhere = TestRepo::new();
    assert_refused(elsewhere.check(&[]), 2, &["no git repository", "--repo"]);
    assert_refused(elsewhere.check(&["--repo", "nowhere"]), 2, &["no git repository"]);
    elsewhere.git(&["init", "--quiet", "--initial-branch=main"]);
    assert_refused(elsewhere.check(&[]), 2, &["--base"]);
    assert_refused(elsewhere.check(&["--all", "--head", "HEAD"]), 2, &["is not a commit"]);
}

#[test]
fn unrelated_histories_are_a_usage_error() {
    let repo = misspelt();
    repo.git(&["switch", "--quiet", "--orphan", "other"]);
    repo.commit_index();
    assert_refused(repo.check(&["--base", "main", "--head", "other"]), 2, &["no common history"]);
    assert_refused(repo.check(&["--base", "main"]), 2, &["no common history"]);
}

#[test]
#[ignore = "needs root, to give files to another owner"]
fn repository_of_another_owner_is_checked() {
    let repo = misspelt();
    let given = std::process::Command::new("chown").args(["-R", "1001:1001"]).arg(repo.path()).output().unwrap();
    assert!(given.status.success(), "{given:?}");
    assert_misspelt(repo.check(&["--base", "main", "--head", "topic"]), "commits");
    assert_misspelt(repo.check(&[]), "the work tree");
}

#[test]
fn links_and_submodules_are_never_followed() {
    let repo = TestRepo::repository();
    let commit = repo.id("main");
    repo.branch("topic");
    let blob = repo.git(&["hash-object", "-w", OWN]);
    for (mode, id, path) in [("120000", &blob, KEP), ("160000", &commit, PRR_FILE)] {
        repo.git(&["update-index", "--cacheinfo", &format!("{mode},{id},{path}")]);
    }
    for (mode, id, path) in [
        ("120000", &blob, "keps/sig-node/1235-link"),
        ("160000", &commit, "keps/sig-node/1236-module"),
        ("160000", &commit, "vendor/module"),
        ("120000", &blob, "keps/sig-node/1234-quiet-hours/image.svg"),
    ] {
        repo.git(&["update-index", "--add", "--cacheinfo", &format!("{mode},{id},{path}")]);
    }
    repo.commit_index();
    let (code, report) = repo.check(&["--base", "main", "--head", "topic"]);
    let irregular: Vec<_> = new_errors(&report).into_iter().filter(|(rule, _)| *rule == "file-not-regular").collect();
    let paths: Vec<_> = irregular.into_iter().map(|(_, path)| path).collect();
    assert_eq!(code, 1);
    for path in [KEP, PRR_FILE, "keps/sig-node/1235-link", "keps/sig-node/1236-module"] {
        assert!(paths.contains(&path), "{path} is not in {paths:?}");
    }
    assert_eq!(paths.len(), 4);
    let (_, report) = repo.check(&["--all", "--head", "topic", "--offline"]);
    let all = report["findings"].as_array().unwrap().iter().filter(|it| it["rule"] == "file-not-regular");
    let mut all: Vec<_> = all.map(|it| it["path"].as_str().unwrap()).collect();
    all.sort_unstable();
    let mut paths = paths;
    paths.sort_unstable();
    assert_eq!(all, paths, "the same when everything is checked");
}

/// Its content becomes the target of the link; any file would do.
const OWN: &str = "OWNERS_ALIASES";

#[test]
fn bare_repository_needs_a_head_revision() {
    let repo = misspelt();
    let bare = repo.clone_with(&["--bare"]);
    assert_misspelt(bare.check(&["--base", "main", "--head", "topic"]), "bare");
    assert_misspelt(bare.check(&["--base", "main", "--head", "topic", DIR]), "bare, narrowed");
    assert_refused(bare.check(&["--base", "main"]), 2, &["no work tree", "--head"]);
}

#[test]
fn path_arguments_limit_the_check() {
    let repo = misspelt();
    add_kep(&repo, "1235", "nobody");
    repo.commit();
    let both = ["--base", "main", "--head", "topic"];
    let more = "keps/prod-readiness/sig-node/1235.yaml";
    let narrowed = |path: &str| {
        let (code, report) = repo.check(&[&both[..], &[path]].concat());
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
        assert_refused(repo.check(&[&both[..], &[path]].concat()), 2, &[words]);
    }
}

#[test]
fn check_of_the_whole_tree_has_no_base() {
    let repo = misspelt();
    for arguments in [&["--all"][..], &["--all", "--head", "topic"]] {
        let (code, report) = repo.check(arguments);
        assert_eq!([&report["base"], &report["merge_base"]], [&Value::Null; 2]);
        assert_misspelt((code, report), "--all");
    }
    assert_eq!(repo.check(&["--all", "--head", "main"]).0, 0);
}

/// The findings of other KEPs are reported together with the error.
#[test]
fn missing_git_object_is_unchecked() {
    let repo = misspelt();
    add_kep(&repo, "1235", "petra-solm");
    repo.commit();
    let blob = repo.id("topic:keps/sig-node/1235-more/kep.yaml");
    repo.lose_object(&blob);
    let (code, report) = repo.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, &report["error"]["kind"]), (3, &json!("fetch")));
    assert!(new_errors(&report).contains(&("status-invalid", KEP)), "{report}");
    repo.lose_object(&repo.id("topic:keps/sig-node"));
    assert_refused(repo.check(&["--base", "main", "--head", "topic"]), 3, &["git fsck"]);
}

#[test]
fn programs_in_the_git_configuration_are_not_run() {
    let repo = misspelt();
    // Programs that git would run.
    git(repo.path(), &["config", "core.fsmonitor", "false; touch pwned"]);
    git(repo.path(), &["config", "diff.external", "touch pwned"]);
    repo.write(".gitattributes", "*.yaml filter=evil\n");
    git(repo.path(), &["config", "filter.evil.smudge", "touch pwned"]);
    assert_misspelt(repo.check(&["--base", "main", "--head", "topic"]), "hostile configuration");
    assert_misspelt(repo.check(&[]), "hostile configuration");
    assert!(!repo.place("pwned").exists());
}

#[test]
fn keps_of_a_whole_tree_that_share_a_file_are_compared() {
    let repo = TestRepo::repository();
    add_kep(&repo, "1300", "hedda-rusk");
    let twin = "keps/sig-node/quiet-evenings/kep.yaml";
    repo.write(twin, kep_with(&[]));
    repo.commit();
    let (code, report) = repo.check(&["--all", "--offline"]);
    let named = |it: &Value| ["rule", "path"].map(|key| it[key].as_str().unwrap().to_owned());
    let found: Vec<_> = report["findings"].as_array().unwrap().iter().map(named).collect();
    let expected = [["prr-file-shared", KEP], ["kep-number-duplicate", twin]];
    assert_eq!((code, found), (1, expected.map(|it| it.map(str::to_owned)).to_vec()), "{report}");
    let message = format!("`keps/sig-node/quiet-evenings` also uses `{PRR_FILE}`");
    assert_eq!(report["findings"][0]["message"], message);
}
