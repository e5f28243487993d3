//! Generated repositories of projects that organize their KEPs differently from Kubernetes.

use std::fmt;

use crate::support::TestRepo;

/// How a project organizes its KEPs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProjectShape {
    pub(crate) root: &'static str,
    pub(crate) metadata: &'static str,
    pub(crate) readme: &'static str,
    pub(crate) has_sig_folders: bool,
    pub(crate) has_prr: bool,
    pub(crate) has_own_releases: bool,
}

impl fmt::Display for ProjectShape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

impl ProjectShape {
    /// Every combination.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for root in ["keps", "kep", "docs/keps", "enhancements"] {
            for (metadata, readme) in [
                ("kep.yaml", "README.md"),
                ("metadata.yaml", "index.md"),
                ("README.md", "README.md"),
                ("proposal.md", "proposal.md"),
                ("*.md", "README.md"),
            ] {
                for bits in 0..8 {
                    let [has_sig_folders, has_prr, has_own_releases] = [1, 2, 4].map(|bit| bits & bit != 0);
                    all.push(Self { root, metadata, readme, has_sig_folders, has_prr, has_own_releases });
                }
            }
        }
        all
    }

    /// The directory of a KEP, or its file if KEPs are single files.
    pub(crate) fn dir(self, name: &str) -> String {
        let sig = if self.has_sig_folders { "sig-quota/" } else { "" };
        format!("{}/{sig}{name}{}", self.root, if self.has_single_files() { ".md" } else { "" })
    }

    /// True if each KEP is a single Markdown file.
    pub(crate) fn has_single_files(self) -> bool {
        self.metadata == "*.md"
    }

    /// The file with the metadata of a KEP.
    pub(crate) fn metadata_path(self, name: &str) -> String {
        let dir = self.dir(name);
        if self.has_single_files() { dir } else { format!("{dir}/{}", self.metadata) }
    }

    /// The file with the proposal of a KEP.
    pub(crate) fn readme_path(self, name: &str) -> String {
        let dir = self.dir(name);
        if self.has_single_files() { dir } else { format!("{dir}/{}", self.readme) }
    }

    /// The production-readiness file of the KEP with this number.
    pub(crate) fn prr_file(self, number: &str) -> String {
        let sig = if self.has_sig_folders { "sig-quota/" } else { "" };
        format!("{}/prod-readiness/{sig}{number}.yaml", self.root)
    }

    /// The value of `metadata` in the configuration.
    pub(crate) fn metadata_setting(self) -> &'static str {
        if self.metadata == self.readme { "front-matter" } else { self.metadata }
    }

    /// Writes the metadata and the README of the KEP in `dir`.
    pub(crate) fn write_kep(self, repo: &TestRepo, dir: &str, metadata: &str, readme: &str) {
        if self.has_single_files() {
            repo.write(dir, format!("---\n{metadata}---\n{readme}"));
        } else if self.metadata == self.readme {
            repo.write(format!("{dir}/{}", self.readme), format!("---\n{metadata}---\n{readme}"));
        } else {
            repo.write(format!("{dir}/{}", self.metadata), metadata);
            repo.write(format!("{dir}/{}", self.readme), readme);
        }
    }

    /// The configuration.
    pub(crate) fn config(self) -> String {
        let directory = if self.has_sig_folders { "<sig>/<number>-<slug>" } else { "<number>-<slug>" };
        let production_readiness = if self.has_prr { "v0.5" } else { "none" };
        let releases = if self.has_own_releases { "own" } else { "none" };
        let metadata = if self.has_single_files() { "\"*.md\"" } else { self.metadata_setting() };
        let readme = if self.readme == "README.md" { String::new() } else { format!("  readme: {}\n", self.readme) };
        let dates = "calendar:\n  v0.8:\n    enhancements-freeze: 2025-01-10\n    release: 2025-02-01\n";
        let calendar = if self.has_own_releases { dates } else { "" };
        format!(
            "project:\n  profile: plain\n  root: {}\n  metadata: {metadata}\n{readme}  directory: \"{directory}\"\n  \
             production-readiness: {production_readiness}\n  releases: {releases}\n{calendar}",
            self.root
        )
    }

    /// The metadata of a KEP, which has the same fields as the template. One of them does not exist in Kubernetes.
    pub(crate) fn kep(self, number: &str, title: &str) -> String {
        let sig = if self.has_sig_folders { "owning-sig: sig-quota\n" } else { "" };
        format!(
            "title: {title}\nkep-number: {number}\nauthors:\n  - \"@marta-k\"\n{sig}status: implementable\n\
             creation-date: 2025-01-02\nreviewers:\n  - \"@jo-b\"\napprovers:\n  - \"@kim-c\"\nstage: alpha\n\
             latest-milestone: \"v0.9\"\nmilestone:\n  alpha: \"v0.9\"\nrisk-level: low\n"
        )
    }

    /// Writes the project with one KEP below `folder`.
    pub(crate) fn write(self, repo: &TestRepo, folder: &str) {
        let put = |path: String, text: &str| {
            repo.write(format!("{folder}{path}"), text);
        };
        put(".github/kepgate.yaml".to_owned(), &self.config());
        let template = self.kep("NNNN", "KEP Template").replace("sig-quota", "sig-xyz").replace("marta-k", "jane.doe");
        let template =
            template.replace("jo-b", "alice.doe").replace("kim-c", "oscar.doe").replace("2025-01-02", "yyyy-mm-dd");
        let template = template.replace("status: implementable", "status: provisional|implementable|implemented");
        let dir = format!("{folder}{}/NNNN-template{}", self.root, if self.has_single_files() { ".md" } else { "" });
        self.write_kep(repo, &dir, &template, "# KEP-NNNN: Title\n\n## Summary\n\n## Design\n");
        self.write_kep(
            repo,
            &format!("{folder}{}", self.dir("310-quota-lending")),
            &self.kep("310", "Quota lending"),
            "# KEP-310: Quota lending\n\n<!-- toc -->\n- [Summary](#summary)\n- [Design](#design)\n<!-- /toc -->\n\n\
             ## Summary\n\nLend it.\n\n## Design\n\nOf lending.\n",
        );
        if self.has_prr {
            put(self.prr_file("310"), "kep-number: 310\nalpha:\n  approver: \"@petra-solm\"\n");
            put("OWNERS_ALIASES".to_owned(), "aliases:\n  prod-readiness-approvers:\n    - petra-solm\n");
        }
    }
}
