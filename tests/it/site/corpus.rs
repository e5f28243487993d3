//! The site of kubernetes/enhancements.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{assert_links_resolve, number, read};
use crate::support::{corpus, kepgate, run};

/// Limits that keep pages fast on a phone, in bytes.
const MAX_PAGE: usize = 300_000;
const MAX_SITE: usize = 20_000_000;

#[test]
#[ignore = "needs ../shared/corpus"]
fn the_site_of_kubernetes_is_small_and_complete() {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let mut command = kepgate(corpus::clone());
    let (code, stdout, stderr) =
        run(command.env("KEPGATE_NOW", "2026-02-28T12:00Z").args(["site", "--to"]).arg(folder.path()));
    let elapsed = started.elapsed();
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    // A tenth of this is usual. Tests run without optimization, side by side.
    assert!(elapsed < Duration::from_mins(1), "{elapsed:?}");
    let site = read(folder.path());
    for (path, page) in &site {
        assert!(page.len() <= MAX_PAGE, "{path} has {} bytes", page.len());
    }
    let bytes: usize = site.values().map(String::len).sum();
    assert!(bytes <= MAX_SITE, "{bytes}");
    assert_links_resolve(&site);
    assert!(number(&site["index.html"], "keps") > 600);
    assert!(number(&site["releases/v1.36.html"], "targeting") > 80);
    assert!(number(&site["releases/v1.35.html"], "targeting") > 60);
}

/// What the history says about a release at its freeze is what `kepgate readiness` says about the tree of that moment.
#[test]
#[ignore = "needs ../shared/corpus"]
fn earlier_releases_are_those_of_readiness_at_their_freeze() {
    const IN_METADATA: [&str; 5] = ["latest-milestone", "stage", "milestone", "prr-approver", "status"];
    let folder = tempfile::tempdir().unwrap();
    let mut command = kepgate(corpus::clone());
    let site = command.env("KEPGATE_NOW", "2026-02-28T12:00Z").args(["site", "--to"]).arg(folder.path());
    assert_eq!(run(site).0, 0);
    let site = read(folder.path());
    let freezes = [("v1.33", "2025-02-14T02:00Z"), ("v1.34", "2025-06-20T21:00Z"), ("v1.35", "2025-10-17T12:00Z")];
    let mut missing = 0;
    for (release, freeze) in freezes {
        let arguments = ["readiness", "--release", release, "--at", freeze, "--output", "json"];
        let (_, stdout, _) = run(kepgate(corpus::clone()).args(arguments));
        let readiness: Value = serde_json::from_str(&stdout).unwrap();
        let keps = readiness["keps"].as_array().unwrap();
        let is_missing = |criterion: &Value| {
            let is_in_metadata = IN_METADATA.contains(&criterion["key"].as_str().unwrap());
            is_in_metadata && criterion["verdict"] == "not-met"
        };
        let met = keps.iter().filter(|kep| !kep["criteria"].as_array().unwrap().iter().any(is_missing)).count();
        assert!(keps.len() > 60 && met <= keps.len(), "{release}: {met} of {}", keps.len());
        missing += keps.len() - met;
        let page = &site[&format!("releases/{release}.html")];
        let shown = (number(page, "targeting"), number(page, "met"));
        assert_eq!(shown, (keps.len() as u64, met as u64), "{release}");
    }
    assert!(missing > 0, "each release had every KEP complete");
}
