//! What the history says about approvals, and what it does not let a commit say.

use super::{attributes, number, read, repository, site};
use crate::support::{DIR, KEP, PRR_FILE, SAMPLE_PRR, TestRepo, git_at, kep_with, kepgate, run};

const TEMPLATE: &str = "\
# KEP-NNNN: Title

## Production Readiness Review Questionnaire

### Rollout

<!-- This section must be completed when targeting alpha to a release. -->

###### How can a rollout fail?

###### What metrics should inform a rollback?
";

fn answered(fail: &str) -> String {
    let answer = |question: &str, answer: &str| (format!("{question}?\n"), format!("{question}?\n\n{answer}\n"));
    let [(fail, failed), (rollback, metrics)] = [answer("fail", fail), answer("rollback", "Watch the metrics.")];
    TEMPLATE.replace(&fail, &failed).replace(&rollback, &metrics)
}

#[test]
fn the_answers_that_changed_since_the_approval_are_listed() {
    let repo = TestRepo::repository();
    repo.write("keps/NNNN-kep-template/README.md", TEMPLATE);
    repo.write(format!("{DIR}/README.md"), answered("It cannot."));
    repo.remove(PRR_FILE);
    repo.commit();
    repo.write(PRR_FILE, SAMPLE_PRR);
    let approval = repo.commit();
    repo.write(format!("{DIR}/README.md"), answered("It can, <b>if</b> a node restarts."));
    repo.commit();
    let page = &site(&repo, &["--repository", "kubernetes/enhancements"])["keps/1234.html"];
    let difference = "<li><del>It cannot.</del></li><li><ins>It can, &lt;b&gt;if&lt;/b&gt; a node restarts.</ins></li>";
    assert!(page.contains(difference), "{page}");
    assert!(page.contains("Answers of the questionnaire: 1 changed, 1 unchanged."), "{page}");
    assert!(page.contains("<li>How can a rollout fail? (") && page.contains(" words changed, of 2 before)"), "{page}");
    let url = format!("https://github.com/kubernetes/enhancements/compare/{approval}...{}", repo.id("HEAD"));
    assert!(attributes(page, "href").contains(&url), "{page}");
}

#[test]
fn a_name_that_may_not_approve_is_no_approval() {
    for name in ["TBD", "N/A", "", "@somebody", "@kep-author"] {
        let repo = TestRepo::repository();
        repo.write(KEP, kep_with(&[("latest-milestone", "v1.35"), ("milestone", "v1.35")]));
        repo.write(PRR_FILE, SAMPLE_PRR.replace("@petra-solm", name));
        repo.git(&["add", "--all"]);
        git_at(repo.path(), &["commit", "--quiet", "--amend", "--message=."], "2025-08-01T12:00:00Z");
        let unapproved = site(&repo, &[]);
        assert!(!unapproved["keps/1234.html"].contains("named as the production readiness approver"), "{name}");
        repo.write(PRR_FILE, SAMPLE_PRR);
        repo.git(&["add", "--all"]);
        git_at(repo.path(), &["commit", "--quiet", "--message=."], "2025-08-20T12:00:00Z");
        let approved = site(&repo, &[]);
        assert!(
            approved["keps/1234.html"]
                .contains("<code>@petra-solm</code> named as the production readiness approver for alpha"),
            "{name}"
        );
        // The second commit is between the two days.
        let rows = |site: &super::Site| ["-63", "-56"].map(|day| burn_up(&site["releases/v1.35.html"], day));
        assert_eq!(
            (rows(&unapproved), rows(&approved)),
            (["0", "0"].map(str::to_owned), ["0", "1"].map(str::to_owned))
        );
    }
}

/// The number of the current release on a day.
fn burn_up(page: &str, day: &str) -> String {
    let (_, rest) = page.split_once("KEPs that meet the criteria, by day").unwrap();
    let (_, rest) = rest.split_once(&format!("<th scope=\"row\">{day}</th><td class=\"number\">")).unwrap();
    rest.split('<').next().unwrap().to_owned()
}

#[test]
fn a_namesake_has_a_page_without_the_approvals_of_the_other() {
    let repo = repository();
    repo.write("keps/sig-apps/1234-other/kep.yaml", kep_with(&[("title", "Other"), ("owning-sig", "sig-apps")]));
    repo.commit();
    let site = site(&repo, &[]);
    let other = &site["keps/1234-other.html"];
    assert!(other.contains("1234: Other") && !other.contains("named as the production readiness approver"), "{other}");
    assert!(
        site["keps/1234.html"]
            .contains("<code>@petra-solm</code> named as the production readiness approver for alpha")
    );
}

#[test]
fn approvers_without_keps_are_named() {
    let page = &site(&repository(), &["--release", "v1.36"])["prr.html"];
    assert_eq!(number(page, "waiting"), 2);
    let (_, free) = page.split_once(" without KEPs in this release</summary>").unwrap();
    let (free, rest) = free.split_once("</details>").unwrap();
    assert_eq!(free.matches("<li>").count(), 1, "{free}");
    assert!(free.contains("<li>@hedda-rusk</li>"), "{free}");
    let (_, past) = rest.split_once("KEPs by approver and release").unwrap();
    assert!(past.contains("@hedda-rusk"), "{past}");
}

#[test]
fn commits_after_the_clock_are_pointed_out() {
    let repo = repository();
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--now", "2020-01-01", "--base-url", "https://keps.example.org"];
    let (code, _, stderr) = run(kepgate(repo.path()).args(["site", "--to"]).arg(folder.path()).args(arguments));
    let note = "note: 3 commits are dated after the time of the site\n  help: show an older commit with --head\n";
    assert_eq!((code, stderr.as_str()), (0, note));
    let site = read(folder.path());
    let warning = "<p class=\"warning\">3 commits are dated after the time of this site, 2020-01-01 23:59 UTC.";
    assert!(site["index.html"].contains(warning), "{}", site["index.html"]);
    assert!(site["feed.atom"].contains("<updated>2020-01-01T23:59:59Z</updated>"), "{}", site["feed.atom"]);
}

#[test]
fn entries_of_the_feed_are_short_and_have_their_own_ids() {
    let repo = repository();
    let long = format!("keps/sig-node/{}-{}", 5000, "a".repeat(80));
    let title = "word ".repeat(4_000);
    for (dir, title) in [(format!("{long}-1"), "One"), (format!("{long}_1"), "Two"), (DIR.to_owned(), title.as_str())] {
        repo.write(format!("{dir}/kep.yaml"), kep_with(&[("title", &crate::support::scalar(title))]));
    }
    repo.commit();
    let ids = |repo: &TestRepo| {
        let site = site(repo, &["--base-url", "https://keps.example.org"]);
        let feed = site["feed.atom"].clone();
        assert!(feed.len() < 20_000, "{}", feed.len());
        let ids = feed.split("<id>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    let before = ids(&repo);
    for dir in [format!("{long}-1"), format!("{long}_1")] {
        repo.git(&["rm", "-r", "--quiet", &dir]);
    }
    repo.commit();
    let after = ids(&repo);
    let distinct: std::collections::BTreeSet<_> = after.iter().collect();
    assert_eq!(distinct.len(), after.len(), "{after:#?}");
    assert_eq!(after.len(), before.len() + 2);
    assert!(before.iter().all(|id| after.contains(id)), "{before:#?} {after:#?}");
}

#[test]
fn the_filter_is_the_only_script() {
    let site = site(&repository(), &[]);
    for (path, page) in super::pages(&site) {
        let is_first = path == "index.html";
        assert_eq!(page.matches("<script>").count(), usize::from(is_first), "{path}");
        assert_eq!(page.contains("script-src 'sha256-"), is_first, "{path}");
        assert!(!page.contains("<input") && !page.contains("<button"), "{path}: a field needs the script");
    }
}
