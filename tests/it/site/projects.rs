//! Sites of projects that have no SIGs, no production readiness reviews, or their own releases.

use super::{assert_links_resolve, site};
use crate::support::TestRepo;
use crate::support::project_shape::ProjectShape;

#[test]
fn pages_follow_the_profile() {
    for has_sig_folders in [false, true] {
        for (has_prr, has_own_releases) in [(false, false), (false, true), (true, true)] {
            for metadata in ["kep.yaml", "*.md"] {
                let shape = ProjectShape {
                    root: "enhancements",
                    metadata,
                    readme: "README.md",
                    has_sig_folders,
                    has_prr,
                    has_own_releases,
                };
                let repo = TestRepo::new();
                repo.git(&["init", "--quiet", "--initial-branch=main"]);
                shape.write(&repo, "");
                repo.commit();
                let site = site(&repo, &[]);
                assert_links_resolve(&site);
                let has = |start: &str| site.keys().any(|path| path.starts_with(start));
                assert_eq!(has("sig/"), has_sig_folders, "{shape}");
                assert_eq!(has("releases/"), has_own_releases, "{shape}");
                assert_eq!(has("calendar.ics"), has_own_releases, "{shape}");
                assert_eq!(has("prr.html"), has_own_releases && has_prr, "{shape}");
                assert!(site["index.html"].contains("<h1>Enhancement proposals</h1>"), "{shape}");
                assert!(site["keps/310.html"].contains("Quota lending"), "{shape}");
                assert!(site["keps/310.html"].contains("proposed as <code>implementable</code>"), "{shape}");
            }
        }
    }
}
