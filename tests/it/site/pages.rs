//! What the pages show.

use serde_json::Value;

use super::{assert_links_resolve, number, repository, resolve, site, site_at};
use crate::support::{KEP, TestRepo, git_at, kep_with, kepgate, run};

fn json(repo: &TestRepo, arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = run(kepgate(repo.path()).args(arguments).args(["--output", "json"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn same_input_gives_the_same_bytes() {
    let repo = repository();
    let arguments = ["--base-url", "https://keps.example.org"];
    assert_eq!(site(&repo, &arguments), site(&repo, &arguments));
}

#[test]
fn every_link_and_fragment_resolves() {
    assert_eq!(resolve("keps/1.html", "../sig/a.html"), "sig/a.html");
    assert_links_resolve(&site(&repository(), &[]));
}

#[test]
fn numbers_are_those_of_readiness_and_query() {
    let repo = repository();
    for release in ["v1.34", "v1.35", "v1.36"] {
        let site = site(&repo, &["--release", release]);
        let readiness = json(&repo, &["readiness", "--release", release]);
        let page = &site[&format!("releases/{release}.html")];
        assert_eq!(number(page, "targeting"), readiness["keps"].as_array().unwrap().len() as u64, "{release}");
        for freeze in readiness["freezes"].as_array().unwrap() {
            for (key, id) in [
                ("met", "met"),
                ("unchecked", "unchecked"),
                ("unknown", "unknown"),
                ("excepted", "exception"),
                ("not_met", "not-met"),
            ] {
                let id = format!("{}-{id}", freeze["key"].as_str().unwrap());
                assert_eq!(number(page, &id), freeze[key].as_u64().unwrap(), "{release} {id}");
            }
        }
        let keps = json(&repo, &["query"]).as_array().unwrap().len() as u64;
        assert_eq!((number(&site["index.html"], "keps"), keps), (4, 4));
    }
    let page = &site(&repo, &["--release", "v1.36"])["releases/v1.36.html"];
    assert_eq!((number(page, "targeting"), number(page, "enhancements-freeze-not-met")), (2, 2));
}

#[test]
fn the_current_release_is_the_first_that_is_not_out() {
    let site = site(&repository(), &[]);
    let releases: Vec<_> = site.keys().filter(|path| path.starts_with("releases/")).collect();
    assert_eq!(releases, ["releases/v1.32.html", "releases/v1.33.html", "releases/v1.34.html", "releases/v1.35.html"]);
    assert!(site["releases/v1.35.html"].contains("Freezes as iCalendar"));
    assert!(site["calendar.ics"].contains("SUMMARY:Kubernetes v1.35 Enhancements Freeze"));
    assert!(!site.contains_key("feed.atom"));
}

#[test]
fn a_kep_has_a_timeline_of_its_commits() {
    let repo = repository();
    let page = &site(&repo, &["--repository", "kubernetes/enhancements"])["keps/1234.html"];
    for words in [
        "proposed as <code>implementable</code>",
        "<code>@petra-solm</code> named as the production readiness approver for alpha",
        "<code>@hedda-rusk</code> named as the production readiness approver for alpha",
        "targets v1.36",
        "targets v1.35",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    for commit in [repo.id("HEAD"), repo.id("HEAD~2")] {
        assert!(page.contains(&format!("https://github.com/kubernetes/enhancements/commit/{commit}")), "{commit}");
    }
    // The commit between the two did not touch this KEP.
    assert!(!page.contains(&repo.id("HEAD~1")));
}

#[test]
fn edits_after_the_approval_are_counted() {
    let repo = repository();
    let page =
        |repo: &TestRepo| site(repo, &["--repository", "kubernetes/enhancements"]).remove("keps/1234.html").unwrap();
    let start = "Since the production readiness approver for alpha was named on <time datetime=";
    assert!(page(&repo).contains(start) && page(&repo).contains("</time>, the README has not changed.</p>"));
    repo.write("keps/sig-node/1234-quiet-hours/README.md", "# KEP-1234: Quiet Hours\n\nAnother answer.\n");
    repo.commit();
    let page = page(&repo);
    assert!(page.contains(start) && page.contains("</time>, the README changed in 1 commit. <a href="), "{page}");
    assert!(page.contains(&format!("/commits/{}/keps/sig-node/1234-quiet-hours/README.md", repo.id("HEAD"))), "{page}");
}

#[test]
fn findings_are_on_the_page_of_their_kep() {
    let repo = repository();
    let site = site(&repo, &["--repository", "kubernetes/enhancements"]);
    let page = &site["keps/2001.html"];
    assert!(page.contains("<code>prr-file-missing</code>"), "{page}");
    let line = format!(
        "https://github.com/kubernetes/enhancements/blob/{}/keps/sig-node/2001-dawn/kep.yaml#L",
        repo.id("HEAD")
    );
    assert!(page.contains(&line), "{page}");
    assert!(!site["keps/2002.html"].contains("prr-file-missing"));
}

/// A new KEP never takes over the page of another one, whatever its directory is called.
#[test]
fn namesakes_keep_their_pages() {
    let repo = repository();
    let titles = |site: &super::Site, slug: &str| site[&format!("keps/{slug}.html")].contains("1234: Quiet Hours");
    assert!(titles(&site(&repo, &[]), "1234"));
    for (folder, number) in [("sig-apps/1234-another", "1234"), ("sig-api-machinery/1234-Copied", "99")] {
        let values = [("kep-number", number), ("title", "Another")];
        repo.write(format!("keps/{folder}/kep.yaml"), kep_with(&values));
        repo.commit();
    }
    let all = site(&repo, &[]);
    assert!(titles(&all, "1234"), "{:?}", all.keys());
    assert!(all["keps/1234-another.html"].contains("1234: Another") && all.contains_key("keps/1234-copied.html"));
    // The first one goes: the older of the others with the right number takes its place.
    repo.git(&["rm", "-r", "--quiet", "keps/sig-node/1234-quiet-hours"]);
    repo.commit();
    let all = site(&repo, &[]);
    assert!(all["keps/1234.html"].contains("sig-apps/1234-another") && all.contains_key("keps/1234-copied.html"));
}

/// A clock that was not set dates a commit to 1970 or so.
#[test]
fn a_date_before_git_is_not_shown() {
    let repo = TestRepo::repository();
    repo.git(&["add", "--all"]);
    git_at(repo.path(), &["commit", "--quiet", "--amend", "--message=."], "2025-06-01T12:00:00Z");
    for (release, date) in [("v1.34", "1971-02-03T12:00:00Z"), ("v1.35", "2025-08-20T12:00:00Z")] {
        repo.write(KEP, kep_with(&[("latest-milestone", release), ("milestone", release)]));
        repo.git(&["add", "--all"]);
        git_at(repo.path(), &["commit", "--quiet", "--message=."], date);
    }
    let site = site(&repo, &["--base-url", "https://keps.example.org"]);
    for (path, text) in &site {
        assert!(!text.contains("1971"), "{path}");
    }
    assert!(site["keps/1234.html"].contains("2025-06-01"));
}

#[test]
fn the_queue_says_who_is_waited_for() {
    let page = &site(&repository(), &["--release", "v1.36"])["prr.html"];
    assert_eq!([number(page, "waiting"), number(page, "complete"), number(page, "nobody")], [2, 0, 1]);
    assert!(page.contains("<h2>No approver yet</h2>") && page.contains("<h2>@petra-solm</h2>"), "{page}");
}

/// Nobody waits for a KEP that is done, even if its metadata still targets the release.
#[test]
fn the_queue_leaves_out_implemented_keps() {
    let repo = repository();
    repo.write("keps/sig-node/2001-dawn/kep.yaml", kep_with(&[("kep-number", "2001"), ("status", "implemented")]));
    repo.commit();
    let page = &site(&repo, &["--release", "v1.36"])["prr.html"];
    assert_eq!([number(page, "waiting"), number(page, "nobody")], [1, 0]);
}

/// A repository whose KEP targeted v1.34 three days before its freeze, and another release two months later.
fn retargeted() -> TestRepo {
    let repo = TestRepo::repository();
    for (release, date) in [("v1.34", "2025-06-17T12:00:00Z"), ("v1.35", "2025-08-20T12:00:00Z")] {
        repo.write(KEP, kep_with(&[("latest-milestone", release), ("milestone", release)]));
        repo.git(&["add", "--all"]);
        git_at(repo.path(), &["commit", "--quiet", "--message=."], date);
    }
    repo
}

#[test]
fn an_earlier_release_is_shown_as_it_was_at_its_freeze() {
    let site = site(&retargeted(), &[]);
    let page = &site["releases/v1.34.html"];
    assert_eq!((number(page, "targeting"), number(page, "met")), (1, 1));
    assert!(page.contains("Quiet Hours") && page.contains("<td>v1.35</td>"), "{page}");
    assert_eq!(number(&site["releases/v1.33.html"], "targeting"), 0);
}

/// `kepgate readiness` does not call such a KEP ready, unless a comment explains its stage.
#[test]
fn a_kep_whose_stage_is_behind_did_not_meet_the_criteria() {
    for (stage, met) in [("alpha", 0), ("alpha # the second gate is still alpha", 1), ("beta", 0)] {
        let repo = TestRepo::repository();
        let values = [("stage", stage), ("milestone", "v1.33\n  beta: v1.34"), ("latest-milestone", "v1.34")];
        repo.write(KEP, kep_with(&values));
        repo.git(&["add", "--all"]);
        git_at(repo.path(), &["commit", "--quiet", "--amend", "--message=."], "2025-06-17T12:00:00Z");
        let page = &site(&repo, &[])["releases/v1.34.html"];
        assert_eq!((number(page, "targeting"), number(page, "met")), (1, met), "{stage}: nobody is named for beta");
    }
}

#[test]
fn the_burn_up_counts_keps_by_day_before_the_freeze() {
    let page = &site(&retargeted(), &[])["releases/v1.35.html"];
    let (_, table) = page.split_once("KEPs that meet the criteria, by day").unwrap();
    let row = |day: &str| {
        let (_, rest) = table.split_once(&format!("<th scope=\"row\">{day}</th>")).unwrap();
        let cells = rest.split("</tr>").next().unwrap().split("<td class=\"number\">").skip(1);
        cells.map(|cell| cell.split('<').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // v1.35 is frozen in 27 days, so the days after that are still to come. v1.34 and the earlier ones were frozen.
    assert_eq!(row("-7"), ["–", "0", "0", "0"]);
    assert_eq!(row("0"), ["–", "1", "0", "0"]);
    assert_eq!(row("-28"), ["1", "0", "0", "0"]);
    assert_eq!(row("-63"), ["0", "0", "0", "0"]);
}

/// The statistics once counted a KEP that was completed within a day after the freeze as one that met it.
#[test]
fn every_page_counts_the_keps_at_the_same_instant() {
    for (completed, [at_freeze, late]) in [("2025-06-20T20:00:00Z", [1, 0]), ("2025-06-20T23:00:00Z", [0, 1])] {
        let repo = TestRepo::repository();
        repo.write(KEP, kep_with(&[("latest-milestone", "v1.34"), ("milestone", "v1.34")]));
        repo.git(&["add", "--all"]);
        git_at(repo.path(), &["commit", "--quiet", "--message=."], completed);
        let site = site(&repo, &[]);
        let statistics = &site["statistics.html"];
        let (_, table) = statistics.split_once("id=\"lateness\"").unwrap();
        let (_, row) = table.split_once("<th scope=\"row\">v1.34</th>").unwrap();
        let cells = row.split("</tr>").next().unwrap().split("<td class=\"number\">").skip(1);
        let cells: Vec<_> = cells.map(|cell| cell.split('<').next().unwrap()).collect();
        assert_eq!([cells[0], cells[3]], [at_freeze, late].map(|count| count.to_string()), "{completed}: {row}");
        assert_eq!(number(&site["releases/v1.34.html"], "met"), at_freeze, "{completed}");
    }
}

/// A freeze that has passed is not judged by what happened afterwards without saying so.
#[test]
fn a_kep_completed_after_the_freeze_is_marked() {
    for (completed, is_late) in [("2025-10-17T11:00:00Z", false), ("2025-10-17T13:00:00Z", true)] {
        let repo = TestRepo::repository();
        repo.write(KEP, kep_with(&[("latest-milestone", "v1.35"), ("milestone", "v1.35")]));
        repo.git(&["add", "--all"]);
        git_at(repo.path(), &["commit", "--quiet", "--message=."], completed);
        let page = &site_at(&repo, "2025-10-18T12:00:00Z")["releases/v1.35.html"];
        assert!(page.contains("This page shows KEPs as of 2025-10-18 12:00 UTC."), "{page}");
        assert_eq!(page.contains("but only since the freeze"), is_late, "{page}");
        assert_eq!(number(page, "met-at-freeze"), u64::from(!is_late), "{page}");
    }
}

#[test]
fn the_feed_has_what_changed() {
    let repo = repository();
    let site = site(&repo, &["--base-url", "https://keps.example.org/site/"]);
    let feed = &site["feed.atom"];
    assert!(feed.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns="), "{feed}");
    assert!(feed.contains("<id>https://keps.example.org/site/</id>"), "{feed}");
    assert!(feed.contains("<link href=\"https://keps.example.org/site/keps/1234.html\"/>"), "{feed}");
    assert!(
        feed.contains(
            "<title>1234 Quiet Hours: targets v1.35, @hedda-rusk named as the production readiness approver for alpha</title>"
        ),
        "{feed}"
    );
    assert_eq!(feed.matches("<entry>").count(), 5, "{feed}");
    assert!(site["index.html"].contains("type=\"application/atom+xml\""));
}
