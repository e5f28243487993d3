//! The policy of the target branch: the approvers, the known groups and the template text.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use crate::error::SourceError;
use crate::kep::placeholder::Placeholders;
use crate::kep::sigs::Sigs;
use crate::kep::{Aliases, FaultKind, List, aliases};
use crate::questionnaire::template::Outline;
use crate::source::{Kind, Snapshot};
use crate::text::{FileId, Files, RepoPath, Side};

use super::tree::Tree;
use crate::project::{Layout, Profile, layout};

/// The names of the groups in `OWNERS_ALIASES` that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// The approvers of production readiness.
    pub approvers: String,
    /// The former approvers.
    pub emeritus: String,
    /// The tech leads of SIG Node.
    pub sig_node_tech_leads: String,
}

impl Default for Groups {
    fn default() -> Self {
        Self {
            approvers: "prod-readiness-approvers".to_owned(),
            emeritus: "prod-readiness-approvers-emeritus".to_owned(),
            sig_node_tech_leads: "sig-node-tech-leads".to_owned(),
        }
    }
}

/// The files that the policy is read from, except for the configuration.
#[must_use]
pub fn policy_files(layout: &Layout) -> [RepoPath; 4] {
    let [aliases, without_toc] = [aliases::PATH, layout::WITHOUT_TOC].map(RepoPath::from);
    [aliases, layout.template_metadata(), layout.template_readme(), without_toc]
}

/// The policy of the target branch's tip.
#[derive(Debug, Default)]
pub struct Policy {
    /// The names of the groups.
    pub groups: Groups,
    /// The layout and the process of the project.
    pub profile: Arc<Profile>,
    /// True if comments can ignore findings on their line.
    pub inline_ignore: bool,
    /// `OWNERS_ALIASES`; `None` if it is absent.
    pub aliases: Option<Aliases>,
    /// The known groups of the project.
    pub sigs: Sigs,
    /// Template text.
    pub placeholders: Placeholders,
    /// What READMEs are compared with. It is read with the first README.
    readme_rules: OnceLock<ReadmeRules>,
}

/// The policy for READMEs.
#[derive(Debug, Default)]
struct ReadmeRules {
    outline: Option<Outline>,
    without_toc: Option<BTreeSet<RepoPath>>,
}

/// The files of the policy for READMEs.
pub(super) struct ReadmeTexts {
    files: Files,
    template: Option<FileId>,
    without_toc: Option<FileId>,
}

impl Policy {
    /// Reads the policy from `snapshot`, except for the README template, and returns the read errors.
    pub fn load(
        snapshot: &dyn Snapshot,
        groups: Groups,
        profile: &Arc<Profile>,
        files: &mut Files,
    ) -> (Self, Vec<SourceError>) {
        let tree = Tree::new(snapshot, Side::Policy, profile);
        let layout = &profile.layout;
        tree.announce(&policy_files(layout));
        let mut failures = Vec::new();
        let aliases = tree.aliases(&RepoPath::from(aliases::PATH), files).unwrap_or_else(|failure| {
            failures.push(failure);
            None
        });
        let mut sigs = Sigs::default();
        profile.listed_sigs.iter().for_each(|name| sigs.add(name));
        if let Some(aliases) = &aliases {
            // The tech leads of SIG Node are not the leads of a group `sig-node-tech`.
            let leads = aliases.names().filter(|name| !name.ends_with("-tech-leads"));
            leads.filter_map(|name| name.strip_suffix("-leads")).for_each(|name| sigs.add(name));
        }
        let mut areas = Vec::new();
        let visited = snapshot.visit(&layout.root, &mut |name, kind| match kind {
            Kind::Folder if name.starts_with(b"sig-") => sigs.add(name.to_string()),
            Kind::Folder if layout.is_area(name) => areas.push(name.to_string()),
            _ => {}
        });
        failures.extend(visited.err());
        if sigs.names().next().is_none() {
            for area in areas {
                sigs.add(area);
            }
        }
        let mut placeholders = Placeholders::default();
        match tree.document(&layout.template_metadata(), files) {
            Ok(Some((file, document))) => placeholders.add_template(&tree.decode(file, &document), &sigs),
            Ok(None) => {}
            Err(failure) => failures.push(failure),
        }
        let profile = Arc::clone(profile);
        let policy = Self { groups, profile, aliases, sigs, placeholders, ..Self::default() };
        (policy, failures)
    }

    /// What the template requires of a README; `None` if it is absent or empty, or if no README was read.
    #[must_use]
    pub fn outline(&self) -> Option<&Outline> {
        self.readme_rules.get()?.outline.as_ref()
    }

    /// The Markdown files that need no table of contents; `None` if there is no such list, or if no README was read.
    #[must_use]
    pub fn without_toc(&self) -> Option<&BTreeSet<RepoPath>> {
        self.readme_rules.get()?.without_toc.as_ref()
    }

    /// Reads the policy for READMEs: the template, and the list of files without a table of contents; `None` if that was
    /// done before. With what could not be read.
    pub(super) fn read_readme_rules(&self, tree: &Tree<'_>) -> (Option<ReadmeTexts>, Vec<SourceError>) {
        if self.readme_rules.get().is_some() {
            return (None, Vec::new());
        }
        let (mut files, mut failures) = (Files::default(), Vec::new());
        let paths = [self.profile.layout.template_readme(), RepoPath::from(layout::WITHOUT_TOC)];
        let [template, without_toc] = paths.map(|path| {
            tree.text(&path, &mut files).unwrap_or_else(|failure| {
                failures.push(failure);
                None
            })
        });
        (Some(ReadmeTexts { files, template, without_toc }), failures)
    }

    /// Parses the policy for READMEs, which takes time and needs no tree.
    pub(super) fn parse_readme_rules(&self, texts: &ReadmeTexts) {
        let text = |file: FileId| texts.files[file].text();
        let template = texts.template.map(|file| Outline::read(&self.profile.dialect.markdown(text(file))));
        let outline = template.filter(|outline| !outline.is_empty());
        let without_toc = texts.without_toc.map(|file| {
            let lines = text(file).lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(RepoPath::from).collect()
        });
        self.readme_rules.get_or_init(|| ReadmeRules { outline, without_toc });
    }

    /// Who may approve production readiness, as `OWNERS_ALIASES` writes them; `None` if there is no such group, or
    /// none that is reliable.
    #[must_use]
    pub fn approvers(&self) -> Option<Vec<&str>> {
        let members = self.members(&self.groups.approvers);
        (!members.is_empty()).then_some(members)
    }

    /// The former approvers of production readiness.
    #[must_use]
    pub fn emeritus(&self) -> Vec<&str> {
        self.members(&self.groups.emeritus)
    }

    /// True if an entry in the groups of approvers and former approvers could not be read. It may be anybody.
    #[must_use]
    pub fn lacks_approvers(&self) -> bool {
        let groups = [&self.groups.approvers, &self.groups.emeritus];
        groups.into_iter().filter_map(|group| self.aliases.as_ref()?.group(group)).any(|members| !members.is_known())
    }

    /// The tech leads of SIG Node.
    #[must_use]
    pub fn tech_leads(&self) -> Vec<&str> {
        self.members(&self.groups.sig_node_tech_leads)
    }

    /// Everybody in `OWNERS_ALIASES`, as written.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        let groups = self.aliases.iter().flat_map(|aliases| aliases.names().filter_map(|name| aliases.group(name)));
        groups.flat_map(List::entries).map(|member| member.value.as_str())
    }

    /// True if there is an `OWNERS_ALIASES` that is not reliable.
    pub(super) fn has_unread_aliases(&self) -> bool {
        self.aliases.as_ref().is_some_and(|aliases| aliases.faults.iter().any(is_fatal))
    }

    fn members(&self, group: &str) -> Vec<&str> {
        let aliases = self.aliases.as_ref().filter(|_| !self.has_unread_aliases());
        let list = aliases.and_then(|aliases| aliases.group(group));
        list.map(|list| list.entries().iter().map(|entry| entry.value.as_str()).collect()).unwrap_or_default()
    }
}

/// True if a file with this fault is not reliable. With a duplicate group it is unclear which one applies, but both
/// come from the target branch.
fn is_fatal(fault: &crate::kep::Fault) -> bool {
    use crate::syntax::yaml::FaultKind as Yaml;
    !matches!(&fault.kind, FaultKind::Yaml(Yaml::DuplicateKey { .. } | Yaml::Marker) | FaultKind::WrongType { .. })
}
