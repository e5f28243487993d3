//! What the configuration says about a project. What it leaves out comes from the profile or from the repository.

use crate::kep::{Milestone, Stage, Status};
use crate::syntax::toc::Anchors;
use crate::text::RepoPath;

/// `project` in the configuration; `None` for what it leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectSettings {
    /// `profile`
    pub profile: Option<ProfileKind>,
    /// `root`
    pub root: Option<RepoPath>,
    /// `metadata`
    pub metadata: Option<Metadata>,
    /// `template`
    pub template: Option<RepoPath>,
    /// `directory`: true if KEPs are in a folder for each SIG.
    pub has_sig_folders: Option<bool>,
    /// `sigs`
    pub sigs: Option<SigSettings>,
    /// `production-readiness`
    pub production_readiness: Option<ProductionReadiness>,
    /// `releases`
    pub releases: Option<Releases>,
    /// `statuses`: the project's words, and their meanings.
    pub statuses: Vec<(String, Status)>,
    /// `stages`: the project's words in order, and their meanings.
    pub stages: Vec<(String, Stage)>,
    /// `fields`
    pub fields: Fields,
    /// `handles`: true if they need an `@`.
    pub has_at: Option<bool>,
    /// `table-of-contents`
    pub table_of_contents: Option<TableOfContents>,
}

/// `metadata` in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metadata {
    /// A YAML file of this name.
    File(String),
    /// The front matter of README.md.
    FrontMatter,
    /// The front matter of any Markdown file.
    AnyMarkdown,
}

/// `sigs` in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigSettings {
    /// The project has no SIGs.
    None,
    /// Those with a folder or an alias.
    Folders,
    /// These.
    Listed(Vec<String>),
}

/// `production-readiness` in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProductionReadiness {
    /// It is not reviewed.
    None,
    /// It is reviewed from this release on.
    From(Milestone),
}

/// `fields` in the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// `required`: the fields that each KEP needs, in place of those of the template.
    pub required: Option<Vec<String>>,
    /// `optional`: further fields that a KEP may have.
    pub optional: Vec<String>,
}

/// A profile that the configuration can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProfileKind {
    /// The process of kubernetes/enhancements.
    #[default]
    Kubernetes,
    /// A project with KEPs, but without SIGs, production readiness reviews or Kubernetes' releases.
    Plain,
}

/// The releases that milestones name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Releases {
    /// Those of Kubernetes, with its calendar.
    Kubernetes,
    /// The project's own. Only the calendar in the configuration applies.
    Own,
    /// Not known: no rule compares a release with the current date.
    None,
}

/// The tables of contents of READMEs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableOfContents {
    /// As `mdtoc` writes them.
    Mdtoc,
    /// As `mdtoc` before v1.1 wrote them.
    MdtocLegacy,
    /// They are not checked.
    None,
}

impl TableOfContents {
    /// Which anchors the tables have.
    #[must_use]
    pub const fn anchors(self) -> Anchors {
        match self {
            Self::Mdtoc | Self::None => Anchors::Current,
            Self::MdtocLegacy => Anchors::WithoutCode,
        }
    }
}

impl ProfileKind {
    /// The word in the configuration.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kubernetes => "kubernetes",
            Self::Plain => "plain",
        }
    }
}
