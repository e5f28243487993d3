//! The site of kubernetes/enhancements.

use std::time::{Duration, Instant};

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
