//! What could not be read is never reported as complete, in any command that reads KEPs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::{DIR, KEP, PRR_FILE, Run, TestRepo, kep_with, kepgate, within_bounds};

/// Commands that read every KEP, and with them what hides some.
const LISTS: [&str; 6] = [
    "query",
    "query --by approver --plan --release v1.36",
    "export keps.json",
    "readiness --release v1.36",
    "readiness --sweep",
    "readiness --release v1.36 --packets $OUT",
];
/// Commands about one KEP.
const OF_ONE: [&str; 2] = ["status 1234", "review 1234 --since HEAD~1"];
/// Commands that always read a commit or the work tree.
const WITHOUT_HEAD: [&str; 4] = [
    "promote 1234 --stage beta --release v1.37 --prr-approver @petra-solm --dry-run",
    "calendar",
    "status 1234",
    "readiness --release v1.36",
];

/// A KEP with two versions, beside its template and the policy.
fn repository() -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    repo.write("keps/NNNN-kep-template/README.md", "# KEP-NNNN\n\n## Production Readiness\n\n###### Can it fail?\n");
    repo.write("keps/NNNN-kep-template/kep.yaml", kep_with(&[]));
    repo.write("OWNERS_ALIASES", crate::support::ALIASES);
    repo.write(".github/kepgate.yaml", "calendar:\n  v1.99:\n    prr-freeze: 2031-01-01\n");
    repo.write(KEP, kep_with(&[]));
    repo.write(PRR_FILE, crate::support::SAMPLE_PRR);
    repo.write(format!("{DIR}/README.md"), "# KEP-1234\n\n## Production Readiness\n\n###### Can it fail?\n\nNo.\n");
    repo.write("keps/sig-apps/77-other/kep.yaml", kep_with(&[("kep-number", "77"), ("owning-sig", "sig-apps")]));
    repo.write("keps/sig-apps/77-other/README.md", "# KEP-77\n");
    repo.commit();
    repo.write(format!("{DIR}/README.md"), "# KEP-1234\n\n## Production Readiness\n\n###### Can it fail?\n\nYes.\n");
    repo.commit();
    repo
}

/// Runs a command; `$OUT` is a new folder.
fn run(repo: &Path, command: &str) -> Run {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("out").display().to_string();
    let arguments: Vec<_> = command.split(' ').map(|word| word.replace("$OUT", &out)).collect();
    let mut run = within_bounds(kepgate(repo).args(arguments));
    run.stdout = run.stdout.replace(&out, "OUT");
    // The last line of a check has the time that it took.
    run.stdout = run.stdout.lines().map(|line| line.split(", in ").next().unwrap_or_default()).collect();
    run
}

fn with_head(commands: &[&str]) -> Vec<String> {
    commands.iter().map(|command| format!("{command} --head HEAD")).collect()
}

/// Replaces `path` by a link to what was there.
fn link(repo: &TestRepo, path: &str) {
    fs::rename(repo.place(path), repo.place("elsewhere")).unwrap();
    symlink(repo.place("elsewhere"), repo.place(path)).unwrap();
}

fn too_large() -> Vec<u8> {
    vec![b'#'; 1024 * 1024 + 1]
}

fn assert_says(run: &Run, command: &str, path: &str) {
    let said = if command.starts_with("promote") { &run.stdout } else { &run.stderr };
    assert_eq!(run.code, 3, "{command}: {path}: {}{}", run.stdout, run.stderr);
    assert!(said.contains(&format!("`{path}`")), "{command}: {path}: {said}");
}

#[test]
fn folders_of_keps_that_are_links_make_every_list_incomplete() {
    for path in ["keps", "keps/sig-apps", "keps/sig-apps/77-other", "keps/prod-readiness", "keps/sig-apps/group"] {
        let repo = repository();
        if path == "keps/sig-apps/group" {
            repo.write("keps/sig-apps/group/5-x/kep.yaml", kep_with(&[("kep-number", "5")]));
        }
        link(&repo, path);
        let needs_it = |command: &&&str| path != "keps/prod-readiness" || !command.starts_with("export");
        for command in LISTS.iter().filter(needs_it) {
            assert_says(&run(repo.path(), command), command, path);
        }
        repo.commit();
        let commands = with_head(&LISTS);
        let commands: Vec<_> = commands.iter().map(String::as_str).chain(["site --to $OUT"]).collect();
        for command in commands.iter().filter(needs_it) {
            assert_says(&run(repo.path(), command), command, path);
        }
    }
}

#[test]
fn submodules_in_the_place_of_keps_make_every_list_incomplete() {
    for path in ["keps/sig-apps", "keps/sig-apps/77-other", "keps"] {
        let repo = repository();
        let commit = repo.id("HEAD");
        repo.git(&["rm", "-r", "--quiet", "--cached", path]);
        repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},{path}")]);
        repo.commit_index();
        let with_head = with_head(&LISTS);
        for command in with_head.iter().map(String::as_str).chain(["site --to $OUT"]) {
            assert_says(&run(repo.path(), command), command, path);
        }
        // A clone has an empty folder there.
        fs::remove_dir_all(repo.place(path)).unwrap();
        fs::create_dir(repo.place(path)).unwrap();
        for command in LISTS {
            assert_says(&run(repo.path(), command), command, path);
        }
        let check = run(repo.path(), "check --all --offline");
        assert!([1, 3].contains(&check.code), "{path}: {}{}", check.stdout, check.stderr);
    }
}

/// `nobody named` would be a guess.
#[test]
fn approvers_in_a_file_that_cannot_be_read_are_unknown() {
    for content in [
        &b"alpha: [\n"[..],
        b"alpha:\n  approver: \"@x\xff\"\n",
        &too_large(),
        b"kep-number: 1234\nalpha: \"@petra-solm\"\n",
        b"kep-number: 1234\nalpha:\n  approver: [\"@petra-solm\"]\n",
        b"kep-number: 1234\nalpha:\n  - approver: \"@petra-solm\"\n",
        b"kep-number: 1234\nalpha:\n  aprover: \"@petra-solm\"\n",
        b"kep-number: 1234\nalhpa:\n  approver: \"@petra-solm\"\n",
        b"- alpha\n",
    ] {
        let repo = repository();
        repo.write(PRR_FILE, content);
        for command in LISTS.iter().filter(|command| !command.starts_with("export")).chain(&["query --by approver"]) {
            assert_says(&run(repo.path(), command), command, PRR_FILE);
        }
        assert_says(&run(repo.path(), "status 1234"), "status", PRR_FILE);
        assert_eq!(run(repo.path(), "export keps.json").code, 0, "it has no approvers");
    }
}

/// Nobody knows who may approve, or which KEPs and approvers there are.
#[test]
fn files_in_the_place_of_folders_and_broken_aliases_make_lists_incomplete() {
    for path in ["keps/prod-readiness", "keps/prod-readiness/sig-node", "keps/sig-apps", "OWNERS_ALIASES"] {
        let repo = repository();
        let is_aliases = path == "OWNERS_ALIASES";
        if is_aliases {
            repo.write(path, "aliases: [\n");
        } else {
            fs::remove_dir_all(repo.place(path)).unwrap();
            fs::write(repo.place(path), "").unwrap();
        }
        for command in ["query --by approver", "query --by approver --plan --release v1.36", "readiness --sweep"] {
            assert_says(&run(repo.path(), command), command, path);
        }
        if is_aliases {
            repo.remove(path);
            symlink("nowhere", repo.place(path)).unwrap();
            assert_says(&run(repo.path(), "query --by approver"), "a dangling link", path);
        }
    }
}

/// A syntax error may hide fields, even if all that matter can be read.
#[test]
fn metadata_with_a_syntax_error_makes_readiness_and_status_incomplete() {
    let repo = repository();
    repo.write(KEP, format!("{} : [\n", kep_with(&[])));
    for command in ["readiness --release v1.36", "status 1234"] {
        assert_says(&run(repo.path(), command), command, KEP);
    }
}

/// Filters would miss the KEP.
#[test]
fn fields_that_cannot_be_read_are_unknown() {
    let kep = kep_with(&[]);
    for kep in [
        kep_with(&[("latest-milestone", "[v1.36]")]),
        kep_with(&[("status", "{implementable: true}")]),
        kep.replace("milestone:\n  alpha: v1.36", "milestone: v1.36"),
        kep.replace("milestone:\n  alpha: v1.36", "milestone:\n  alpha: [v1.36]"),
        kep.replace("title: Quiet Hours", "title: \"Quiet Hours"),
        kep.replace("stage: alpha", "stage: @alpha"),
    ] {
        let repo = repository();
        repo.write(KEP, kep);
        let commands = LISTS.iter().chain(&["query --release v1.36", "query --status implementable", "status 1234"]);
        for command in commands {
            let directory_is_enough = command.starts_with("export");
            assert_says(&run(repo.path(), command), command, if directory_is_enough { DIR } else { KEP });
        }
    }
}

/// A value that is there twice, has another key or is not part of the document may be the one that is meant.
#[test]
fn fields_that_may_be_elsewhere_in_the_file_are_unknown() {
    let kep = kep_with(&[]);
    let conflict = "<<<<<<< HEAD\nstatus: implementable\n=======\nstatus: provisional\n>>>>>>> other\n";
    for kep in [
        kep.replace("latest-milestone:", "latest_milestone:"),
        kep.replace("latest-milestone: ", "latest-milestone "),
        kep.replace("latest-milestone:", "...\nlatest-milestone:"),
        kep.replace("latest-milestone:", "---\n---\nlatest-milestone:"),
        kep.replace("latest-milestone:", "latest-milestone: v1.35\nlatest-milestone:"),
        kep.replace("  alpha: v1.36", "  alpha: v1.35\n  alpha: v1.36"),
        kep.replace("latest-milestone: v1.36", "latest-milestone: v1.36, v1.37"),
        kep.replace("latest-milestone: v1.36", "latest-milestone: v1.36 (maybe)"),
        kep.replace("status: implementable\n", conflict),
    ] {
        let repo = repository();
        repo.write(KEP, &kep);
        for command in
            LISTS.iter().filter(|it| !it.starts_with("export")).chain(&["query --status implementable", "status 1234"])
        {
            assert_says(&run(repo.path(), command), command, KEP);
        }
    }
    let repo = repository();
    repo.write(KEP, kep.replace("authors:", "author:"));
    assert_eq!(run(repo.path(), "query").code, 0, "only lists by author depend on it");
    assert_says(&run(repo.path(), "query --author @odile-varga"), "query --author", KEP);
    let repo = repository();
    repo.write(PRR_FILE, format!("{}alpha:\n  approver: \"@hedda-rusk\"\n", crate::support::SAMPLE_PRR));
    assert_says(&run(repo.path(), "query --by approver"), "query --by approver", PRR_FILE);
}

#[test]
fn a_kep_folder_without_metadata_and_readme_is_unread() {
    let repo = repository();
    repo.write("keps/sig-apps/78-lost/notes.txt", "x");
    for command in LISTS.iter().filter(|it| !it.starts_with("export")) {
        assert_says(&run(repo.path(), command), command, "keps/sig-apps/78-lost");
    }
}

/// Otherwise one typing error in a list of people would spoil every list.
#[test]
fn people_that_cannot_be_read_matter_only_to_lists_by_person() {
    for field in ["authors", "approvers"] {
        let repo = repository();
        repo.write(KEP, kep_with(&[(field, "@odile-varga")]));
        assert_eq!(run(repo.path(), "query --status implementable").code, 0, "{field}");
        let filter = format!("query --{} @corin-hale", field.trim_end_matches('s'));
        let filter = if field == "authors" { filter.replace("corin-hale", "sunniva-t") } else { filter };
        assert_says(&run(repo.path(), &filter), &filter, KEP);
    }
}

#[test]
fn answers_in_a_readme_that_cannot_be_read_are_unknown() {
    for content in [&b"# \xff\n"[..], &too_large()] {
        let repo = repository();
        repo.write(format!("{DIR}/README.md"), content);
        assert_says(&run(repo.path(), "status 1234"), "status", &format!("{DIR}/README.md"));
    }
}

/// Something in the place of a README hides whether its sections and answers are there.
#[test]
fn a_readme_that_is_no_file_makes_what_needs_it_incomplete() {
    const READERS: [&str; 4] = [
        "readiness --release v1.36",
        "readiness --release v1.36 --packets $OUT",
        "status 1234",
        "promote 1234 --stage beta --release v1.37 --prr-approver @petra-solm --dry-run",
    ];
    let path = format!("{DIR}/README.md");
    for kind in ["link", "folder", "submodule", "too large"] {
        let repo = repository();
        let commit = repo.id("HEAD");
        match kind {
            "link" => link(&repo, &path),
            "too large" => drop(repo.write(&path, too_large())),
            _ => {
                repo.remove(&path);
                drop(repo.write(format!("{path}/x.md"), "# x\n"));
            }
        }
        // In a work tree, a submodule is a folder.
        for command in READERS {
            assert_says(&run(repo.path(), command), command, &path);
        }
        if kind == "submodule" {
            repo.git(&["rm", "--quiet", "--cached", &path]);
            repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},{path}")]);
            repo.commit_index();
        } else {
            repo.commit();
        }
        for command in ["readiness --release v1.36 --head HEAD", "site --to $OUT"] {
            assert_says(&run(repo.path(), command), command, &path);
        }
        for command in ["query", "query --by approver --plan --release v1.36", "export keps.json"] {
            let run = run(repo.path(), command);
            assert_eq!(run.code, 0, "{command} does not read READMEs: {}", run.stderr);
        }
        let json = run(repo.path(), "readiness --release v1.36 --output json").stdout;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let kep = json["keps"].as_array().unwrap().iter().find(|kep| kep["number"] == 1234).unwrap();
        let readme = kep["criteria"].as_array().unwrap().iter().find(|it| it["key"] == "readme").unwrap();
        assert_eq!((&readme["verdict"], &readme["why"]), (&"unknown".into(), &"README.md cannot be read".into()));
    }
}

/// It may be there, so it is not the caller's mistake.
#[test]
fn a_kep_below_a_link_is_unknown_rather_than_absent() {
    let repo = repository();
    link(&repo, "keps/sig-apps");
    for command in ["status 77", "review 77", "promote 77 --stage beta --release v1.37 --dry-run"] {
        let run = run(repo.path(), command);
        assert_eq!(run.code, 3, "{command}: {}", run.stderr);
        let said = "no KEP matches `77`, but the list is incomplete: `keps/sig-apps` is a symbolic link";
        assert!(run.stderr.contains(said), "{command}: {}", run.stderr);
    }
    assert_says(&run(repo.path(), WITHOUT_HEAD[0]), WITHOUT_HEAD[0], "keps/sig-apps");
    assert_eq!(run(repo.path(), "status 1234").code, 0, "the KEP is elsewhere");
}

/// A run without an object either does not need it, or says that it lacks it.
#[test]
fn no_command_does_without_a_missing_object() {
    const OBJECTS: [(&str, &[&str]); 11] = [
        ("HEAD", &["query", "export", "readiness", "status", "review", "site"]),
        ("HEAD~1", &["review", "site"]),
        ("HEAD^{tree}", &["query", "export", "readiness", "status", "review", "site"]),
        ("HEAD:keps", &["query", "export", "readiness", "status", "review", "site"]),
        ("HEAD:keps/sig-node", &["query", "export", "readiness", "status", "review", "site"]),
        ("HEAD:keps/sig-node/1234-quiet-hours", &["query", "export", "readiness", "status", "review", "site"]),
        ("HEAD:keps/sig-node/1234-quiet-hours/kep.yaml", &["query", "export", "readiness", "status", "review", "site"]),
        ("HEAD:keps/sig-node/1234-quiet-hours/README.md", &["readiness --release", "status", "review"]),
        ("HEAD:keps/prod-readiness", &["query", "export", "readiness", "status", "site"]),
        ("HEAD:OWNERS_ALIASES", &["query", "export", "readiness", "status"]),
        ("HEAD:.github/kepgate.yaml", &["query", "export", "readiness", "status", "review", "site"]),
    ];
    let repo = repository();
    let mut commands = with_head(&LISTS);
    commands.extend(with_head(&OF_ONE));
    commands.extend(WITHOUT_HEAD.map(str::to_owned));
    commands.extend(["site --to $OUT".to_owned(), "status 1234 --head main".to_owned()]);
    let complete: Vec<_> = commands.iter().map(|command| run(repo.path(), command)).collect();
    for (command, complete) in commands.iter().zip(&complete) {
        assert!(complete.code < 2, "{command}: {}", complete.stderr);
    }
    let mut wrong = Vec::new();
    for (object, needed) in OBJECTS {
        let id = repo.id(object);
        let place = repo.place(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
        let content = fs::read(&place).unwrap();
        repo.lose_object(&id);
        for (command, complete) in commands.iter().zip(&complete) {
            let run = run(repo.path(), command);
            let is_needed = command.contains("--head") && needed.iter().any(|needed| command.starts_with(needed));
            let is_same = run.code == complete.code && run.stdout == complete.stdout;
            if run.code != 3 && (is_needed || !is_same) {
                wrong.push(format!("{command} without {object}: {} {}", run.code, run.stderr));
            }
        }
        fs::write(place, content).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A key that is lost in the value before it, or an entry that is no text, hides what the filter asks for.
#[test]
fn a_filter_by_a_field_that_cannot_be_read_is_incomplete() {
    let kep = kep_with(&[]);
    for (kep, command) in [
        (kep.replace("\nowning-sig:", "\n owning-sig:"), "query --sig sig-node"),
        (kep.replace("\nstage:", "\n stage:"), "query --stage alpha"),
        (kep_with(&[("approvers", "[[\"@corin-hale\"]]")]), "query --approver corin-hale"),
        (kep_with(&[("approvers", "[{github: \"@corin-hale\"}]")]), "query --approver corin-hale"),
        (kep_with(&[("approvers", "\n  - *corin")]), "query --approver corin-hale"),
        (kep_with(&[("authors", "[[\"@corin-hale\"]]")]), "query --author corin-hale"),
    ] {
        let repo = repository();
        repo.write(KEP, kep);
        assert_says(&run(repo.path(), command), command, KEP);
    }
}
