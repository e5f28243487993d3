//! `kepgate query` on small repositories: formats, usage errors and hostile text.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{
    KEP, PAYLOADS, PRR_FILE, Run, SAMPLE_PRR, TestRepo, check_summary, check_text, commands, kep_with, kepgate, scalar,
    within_bounds,
};

/// Four KEPs: one with a valid approver, one with an unknown approver, one provisional, one without an approver.
fn four() -> TestRepo {
    let repo = TestRepo::repository();
    let kep = |number: &str, title: &str, values: &[(&str, &str)]| {
        kep_with(&[&[("kep-number", number), ("title", title)], values].concat())
    };
    repo.write("keps/sig-node/1300-nap/kep.yaml", kep("1300", "Nap, \"short\"", &[("stage", "beta")]));
    repo.write("keps/prod-readiness/sig-node/1300.yaml", "kep-number: 1300\nbeta:\n  approver: \"@somebody\"\n");
    let values = [("status", "provisional"), ("latest-milestone", "v1.9"), ("owning-sig", "sig-apps")];
    repo.write("keps/sig-apps/99-dusk/kep.yaml", kep("99", "Dusk", &values));
    repo.write("keps/sig-apps/4000-dawn/kep.yaml", kep("4000", "dawn", &[("owning-sig", "sig-apps")]));
    repo
}

fn query(repo: &TestRepo, arguments: &[&str]) -> Run {
    within_bounds(kepgate(repo.path()).arg("query").args(arguments))
}

fn page(repo: &TestRepo, arguments: &[&str]) -> String {
    let run = query(repo, arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    run.stdout
}

/// The numbers of the listed KEPs, in order.
fn numbers(repo: &TestRepo, arguments: &[&str]) -> Vec<u64> {
    let json = page(repo, &[arguments, &["--output", "json"]].concat());
    let rows: Value = serde_json::from_str(&json).unwrap();
    rows.as_array().unwrap().iter().map(|row| row["kep-number"].as_u64().unwrap()).collect()
}

#[test]
fn every_list_format_matches_its_snapshot() {
    let repo = four();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for format in ["text", "csv", "markdown", "yaml", "json"] {
            assert_snapshot!(format!("query-{format}"), page(&repo, &["--output", format, "--number", "1234,1300"]));
        }
        assert_snapshot!("query-load", page(&repo, &["--by", "approver"]));
        assert_snapshot!("query-load-markdown", page(&repo, &["--by", "approver", "--output", "markdown"]));
    });
}

/// How else could one find them?
#[test]
fn a_word_that_keps_have_is_a_filter() {
    let repo = four();
    let values = [("kep-number", "7"), ("status", "draft"), ("stage", "gamma"), ("latest-milestone", "v0.7")];
    repo.write("keps/sig-node/7-draft/kep.yaml", kep_with(&values));
    for arguments in
        [["--status", "draft"], ["--stage", "gamma"], ["--release", "v0.7"], ["--status", "draft,provisional"]]
    {
        assert!(numbers(&repo, &arguments).contains(&7), "{arguments:?}");
    }
    for (arguments, message) in [
        (["--status", "drat"], "kepgate: `drat` is not a valid status"),
        (["--stage", "gama"], "kepgate: `gama` is not a valid stage"),
        (["--release", "v0.8"], "kepgate: --release: no KEP targets v0.8"),
        (["--approver", "xyzzy"], "kepgate: --approver: `xyzzy` is not an approver of any KEP or in OWNERS_ALIASES"),
    ] {
        let run = query(&repo, &arguments);
        assert!(run.code == 2 && run.stderr.starts_with(message), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn query_accepts_everybody_in_owners_aliases() {
    let run = query(&four(), &["--approver", "ines-orrin"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "no KEP matches --approver @ines-orrin\n"), "{}", run.stderr);
}

#[test]
fn needs_prr_lists_keps_without_a_valid_approver() {
    let repo = four();
    assert_eq!(numbers(&repo, &["--needs-prr"]), [4000, 1300], "without an approver, or with an unknown one");
    assert_eq!(numbers(&repo, &["--needs-prr", "--stage", "beta"]), [1300]);
    assert_eq!(numbers(&repo, &["--prr", "SOMEBODY"]), [1300]);
    repo.write("OWNERS_ALIASES", "aliases: {}\n");
    let run = query(&repo, &["--needs-prr"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("`prod-readiness-approvers` is missing or empty"), "{}", run.stderr);
    repo.write(".github/kepgate.yaml", "project:\n  profile: plain\n");
    let run = query(&repo, &["--needs-prr"]);
    let message = "kepgate: --needs-prr: this project does not review production readiness\n";
    assert!(run.code == 2 && run.stderr.starts_with(message), "{}", run.stderr);
}

#[test]
fn columns_that_the_filter_fixes_make_room_for_others() {
    let repo = four();
    let headings = |columns: &str, filters: &[&str]| {
        let mut command = kepgate(repo.path());
        let (_, stdout, _) = crate::support::run(command.arg("query").args(filters).env("COLUMNS", columns));
        stdout.lines().next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let narrow = headings("80", &["--sig", "sig-node"]);
    assert!(!narrow.contains("SIG") && narrow.contains("PRR approver"), "{narrow}");
    assert!(headings("80", &[]).contains("SIG"));
    assert!(headings("300", &["--sig", "sig-node"]).contains("SIG"));
}

#[test]
fn sort_compares_numbers_stages_and_releases_by_value() {
    let repo = four();
    assert_eq!(numbers(&repo, &[]), [4000, 99, 1234, 1300], "by directory");
    assert_eq!(numbers(&repo, &["--sort", "kep-number"]), [99, 1234, 1300, 4000]);
    assert_eq!(numbers(&repo, &["--sort", "-kep-number"]), [4000, 1300, 1234, 99]);
    assert_eq!(numbers(&repo, &["--sort", "latest-milestone,title"]), [99, 4000, 1300, 1234], "v1.9 before v1.36");
    assert_eq!(numbers(&repo, &["--sort", "title"]), [4000, 99, 1300, 1234], "case aside");
    assert_eq!(numbers(&repo, &["--sort", "-prr-approver"]), [1300, 1234, 4000, 99], "empty values come last");
    assert_eq!(numbers(&repo, &["--sort", "Milestone,-kep"]), [99, 4000, 1300, 1234], "by heading");
}

#[test]
fn columns_appear_in_the_requested_order() {
    let repo = four();
    let arguments = ["--columns", "title,KEP", "--columns", "PRR approver", "--number", "1234"];
    assert_eq!(page(&repo, &arguments), "Title        KEP   PRR approver\nQuiet Hours  1234  @petra-solm\n");
}

#[test]
fn text_fits_the_terminal() {
    let repo = four();
    let page = |columns: &str, arguments: &[&str]| {
        let mut command = kepgate(repo.path());
        let run = within_bounds(command.arg("query").args(arguments).env("COLUMNS", columns));
        assert_eq!(run.code, 0, "{}", run.stderr);
        (run.stdout, run.stderr)
    };
    let (narrow, said) = page("61", &[]);
    assert_eq!(narrow.lines().next(), Some("KEP   Title         Milestone  Stage  Status         SIG"));
    assert_eq!(page("60", &[]).0.lines().next(), Some("KEP   Title         Milestone  Stage  Status"));
    let hint =
        "kepgate: no room for PRR approver, Authors, Link; choose columns with --columns, or make the terminal wider\n";
    assert_eq!(said, hint);
    assert_eq!(page("100", &[]).1, "", "the link alone is no loss");
    for width in ["12", "20", "40", "60", "80", "100", "200"] {
        let widest = page(width, &[]).0.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.parse().unwrap(), "{widest} of {width}");
    }
    let arguments = ["--columns", "kep-number,title,authors,link", "--number", "1234"];
    let (text, said) = page("40", &arguments);
    assert_eq!(text, "KEP   Title        Authors\n1234  Quiet Hours  @sunniva-t\n");
    assert_eq!(said, "kepgate: no room for Link; use --output csv, or make the terminal wider\n");
    // In a pipe, columns that were asked for are complete.
    let run = query(&repo, &arguments);
    assert!(run.stdout.contains("keps/sig-node/1234-quiet-hours") && run.stderr.is_empty(), "{}", run.stdout);
    assert_eq!(page("0", &arguments).0, run.stdout, "0 is not a width");
}

#[test]
fn columns_without_values_are_left_out() {
    let repo = TestRepo::repository();
    let heading = |arguments: &[&str]| page(&repo, arguments).lines().next().unwrap().to_owned();
    repo.remove(PRR_FILE);
    repo.write(KEP, kep_with(&[("title", "\"\"")]));
    assert_eq!(heading(&[]), "KEP   Title             Milestone  Stage  Status         SIG       Authors");
    assert!(page(&repo, &[]).contains("\n1234  1234-quiet-hours  v1.36"), "a KEP without a title has a directory");
    assert!(heading(&["--columns", "kep,prr-approver"]).ends_with("PRR approver"), "unless it was asked for");
    assert!(heading(&["--output", "csv"]).contains("PRR approver"), "spreadsheets always have the same columns");
    assert!(page(&repo, &["--output", "json"]).contains("\"title\": null"));
}

#[test]
fn one_run_writes_several_formats() {
    let repo = four();
    let expected = page(&repo, &["--output", "json"]);
    let text = page(&repo, &["--output", "text", "--output", "json=keps.json"]);
    assert_eq!((text, repo.read("keps.json")), (page(&repo, &[]), expected));
    let run = query(&repo, &["--output", "text", "--output", "csv"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("only one report can go to standard output"), "{}", run.stderr);
    let run = query(&repo, &["--output", "csv=missing/keps.csv"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("could not write the report to"), "{}", run.stderr);
    for bad in ["json=", "=x", ""] {
        assert_eq!(query(&repo, &["--output", bad]).code, 2, "{bad:?}");
    }
}

#[test]
fn closed_keps_are_no_workload() {
    let repo = four();
    let load = |arguments: &[&str]| -> Vec<(String, u64)> {
        let json = page(&repo, &[&["--by", "approver", "--output", "json"], arguments].concat());
        let rows: Value = serde_json::from_str(&json).unwrap();
        let rows = rows.as_array().unwrap().iter().filter(|row| row["approver"].is_string());
        rows.map(|row| (row["approver"].as_str().unwrap().to_owned(), row["keps"].as_u64().unwrap())).collect()
    };
    let of = |name: &str, keps: u64| (name.to_owned(), keps);
    assert_eq!(load(&[]), [of("@hedda-rusk", 0), of("@petra-solm", 1), of("@somebody", 1)]);
    for status in ["implemented", "withdrawn", "deferred", "rejected", "replaced"] {
        repo.write(KEP, kep_with(&[("status", status)]));
        assert_eq!(load(&[]), [of("@hedda-rusk", 0), of("@petra-solm", 0), of("@somebody", 1)], "{status}");
        assert_eq!(load(&["--status", status]), [of("@hedda-rusk", 0), of("@petra-solm", 1)], "{status}");
    }
}

#[test]
fn links_lead_to_the_repository_at_hand() {
    let repo = four();
    let link = |arguments: &[&str]| {
        let arguments = [&["--number", "1234", "--columns", "link", "--output", "json"], arguments].concat();
        let rows: Value = serde_json::from_str(&page(&repo, &arguments)).unwrap();
        rows[0]["link"].as_str().unwrap().to_owned()
    };
    let upstream = "https://git.k8s.io/enhancements/keps/sig-node/1234-quiet-hours";
    assert_eq!(link(&[]), upstream);
    repo.git(&["remote", "add", "origin", "git@github.com:sunniva-t/keps.git"]);
    let path = "tree/HEAD/keps/sig-node/1234-quiet-hours";
    assert_eq!(link(&[]), format!("https://github.com/sunniva-t/keps/{path}"));
    repo.git(&["remote", "add", "upstream", "https://github.com/kubernetes/enhancements"]);
    assert_eq!(link(&[]), upstream);
    assert_eq!(link(&["--repository", "o/r"]), format!("https://github.com/o/r/{path}"));
    repo.git(&["remote", "set-url", "upstream", "https://gitlab.com/o/r"]);
    assert_eq!(link(&[]), format!("https://github.com/sunniva-t/keps/{path}"), "another server has other addresses");
}

#[test]
fn misspelled_criterion_is_a_usage_error() {
    let repo = four();
    for (arguments, word) in [
        (&["--status", "implementeable"][..], "help: did you mean `implementable`? specify `provisional`, "),
        (&["--status", "provisional,done"], "`done` is not a valid status\n  help: specify `provisional`, "),
        (&["--stage", "GA"], "`GA` is not a valid stage\n  help: did you mean `stable`? specify `alpha`, `beta`, "),
        (&["--sig", "nodes"], "no SIG matches `nodes`\n  help: known values: sig-apps, sig-node\n"),
        (&["--sig", "sig-noed"], "did you mean `sig-node`?"),
        (&["--sig", "("], "not a valid regular expression"),
        (&["--participating-sig", "sig-app"], "did you mean `sig-apps`?"),
        (&["--prr", "@petra-slom"], "did you mean `petra-solm`? known values: petra-solm, hedda-rusk, quillon-b"),
        (&["--prr", "petra solm"], "a handle may only contain letters"),
        (&["--author", ""], "a handle may only contain letters"),
        (&["--release", "1.x"], "write a release as v1.36"),
        (
            &["--release", "v1.99"],
            "no KEP targets v1.99, and it is not in the calendar\n  help: the latest known releases are v1.38, ",
        ),
        (&["--milestone", "v1.99"], "kepgate: --milestone: no KEP targets v1.99"),
        (&["--approver", "corin-hal"], "did you mean `corin-hale`? known values: @corin-hale\n"),
        (&["--number", "twelve"], "specify the number of a KEP, as in 1287"),
        (&["--columns", "titel"], "[possible values: kep-number, title,"),
        (&["--sort", "titel"], "[possible values: kep-number, title,"),
        (&["--output", "xml"], "[possible values: text, json, yaml, csv, markdown]"),
        (&["--by", "author"], "[possible values: approver]"),
        (&["--by", "approver", "--columns", "title"], "cannot be used with"),
        (&["--head", "nowhere"], "is not a commit"),
        (&["--repo-path", "missing"], "found no KEPs at"),
    ] {
        let run = query(&repo, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(word), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn person_without_keps_gets_an_empty_list() {
    let repo = four();
    assert_eq!(page(&repo, &["--author", "@newcomer", "--output", "json"]), "[]\n");
    assert_eq!(page(&repo, &["--author", "@newcomer"]), "no KEP matches --author @newcomer\n");
    assert_eq!(page(&repo, &["--author", "@newcomer", "--output", "markdown"]), "no KEP matches --author @newcomer\n");
    let hint = "open pull requests were not read; to read them, add --include-prs\n";
    assert_eq!(page(&repo, &["--prr", "@Hedda-Rusk"]), format!("no KEP is waiting for @hedda-rusk\n{hint}"));
    let arguments = ["--prr", "hedda-rusk,quillon-b", "--release", "v1.38", "--stage", "none", "--needs-prr"];
    let expected =
        "no KEP that matches --stage none --release v1.38 --needs-prr is waiting for @hedda-rusk or @quillon-b\n";
    assert_eq!(page(&repo, &arguments), format!("{expected}{hint}"));
    assert_eq!(page(&repo, &["--prr", "hedda-rusk", "--output", "yaml"]), "[]\n", "an approver without KEPs");
}

#[test]
fn query_reads_the_work_tree_unless_a_revision_is_given() {
    let repo = four();
    assert_eq!(numbers(&repo, &["--head", "HEAD"]), [1234]);
    repo.commit();
    repo.write(KEP, kep_with(&[("stage", "beta")]));
    assert_eq!(numbers(&repo, &["--stage", "beta"]), [1234, 1300]);
    assert_eq!(numbers(&repo, &["--stage", "beta", "--head", "main"]), [1300]);
    let bare = repo.clone_with(&["--bare"]);
    assert_eq!(numbers(&bare, &["--stage", "beta"]), [1300], "a bare repository is read at its HEAD");
    // From a folder inside, from elsewhere with an option, and with kepctl's environment variable.
    let from = |folder: &Path, arguments: &[&str], variable: &str| {
        let mut command = kepgate(folder);
        command.args(["query", "--stage", "beta", "--columns", "title"]).args(arguments);
        within_bounds(command.env("ENHANCEMENTS_PATH", variable)).stdout
    };
    let expected = "Title\nQuiet Hours\nNap, \"short\"\n";
    let root = repo.path().to_str().unwrap();
    assert_eq!(from(&repo.place("keps/sig-node"), &[], ""), expected);
    assert_eq!(from(Path::new("/"), &["--repo-path", root], "/nowhere"), expected);
    assert_eq!(from(Path::new("/"), &[], root), expected);
}

#[test]
fn unreadable_keps_are_reported() {
    let repo = four();
    repo.write("keps/sig-apps/7-broken/kep.yaml", "- no mapping\n");
    repo.write("keps/sig-apps/8-empty/README.md", "# KEP-8\n");
    std::os::unix::fs::symlink("/etc", repo.place("keps/sig-apps/9-link")).unwrap();
    let run = query(&repo, &["--number", "1234", "--columns", "title"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, "Title\nQuiet Hours\n"), "the rest is still listed");
    let said = "kepgate: the list is incomplete: `keps/sig-apps/7-broken`, `keps/sig-apps/8-empty` and \
                `keps/sig-apps/9-link` cannot be read\n  help: run `kepgate check --all` to see what is wrong\n";
    assert_eq!(run.stderr, said);
    // A KEP with one malformed field is still listed.
    for path in ["keps/sig-apps/7-broken/kep.yaml", "keps/sig-apps/8-empty/README.md", "keps/sig-apps/9-link"] {
        repo.remove(path);
    }
    std::fs::remove_dir(repo.place("keps/sig-apps/7-broken")).unwrap();
    std::fs::remove_dir(repo.place("keps/sig-apps/8-empty")).unwrap();
    repo.write(KEP, kep_with(&[("authors", "@sunniva-t")]));
    assert_eq!(numbers(&repo, &["--number", "1234"]), [1234]);
}

#[test]
fn hostile_text_in_lists_stays_text() {
    let repo = TestRepo::repository();
    for payload in PAYLOADS {
        let text = scalar(payload);
        let values = [("title", text.as_str()), ("last-updated", &text), ("status", &text), ("authors", &text)];
        repo.write(KEP, kep_with(&values));
        repo.write(PRR_FILE, SAMPLE_PRR.replace("\"@petra-solm\"", &text));
        for format in ["table", "csv", "markdown", "yaml", "json"] {
            for what in [&[][..], &["--by", "approver"]] {
                let page = page(&repo, &[what, &["--output", format]].concat());
                assert!(commands(&page).is_empty(), "{format}: {page}");
                check_text(&page.replace("\r\n", "\n"));
                if format == "markdown" {
                    let prose = page.replace("](https://git.k8s.io/enhancements/keps/", "](https://x.example/");
                    check_summary(&prose, Some("https://x.example/"));
                    assert_eq!(
                        page.lines().filter(|line| line.contains("sig-node") || line.contains("1234")).count(),
                        1
                    );
                }
                if format == "csv" {
                    assert_eq!(page.matches("\r\n").count(), page.matches('\n').count());
                }
            }
        }
        let rows: Value = serde_json::from_str(&page(&repo, &["--output", "json"])).unwrap();
        assert_eq!(rows[0]["title"], *payload, "JSON says what is written");
    }
}
