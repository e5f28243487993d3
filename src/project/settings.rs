//! The part of the configuration that is about a project. Missing settings come from the profile or the repository.

use crate::kep::{Milestone, Stage, Status};
use crate::syntax::toc::Anchors;
use crate::text::RepoPath;

/// `project` in the configuration. Settings that are missing are `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectSettings {
    /// `profile`
    pub profile: Option<ProfileKind>,
    /// `root`
    pub root: Option<RepoPath>,
    /// `metadata`
    pub metadata: Option<Metadata>,
    /// `readme`: the name of the file with the text of a KEP.
    pub readme: Option<String>,
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
    /// `handles`: true if handles need an `@`.
    pub has_at: Option<bool>,
    /// `table-of-contents`
    pub table_of_contents: Option<TableOfContents>,
}

/// `metadata` in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metadata {
    /// A YAML file of this name.
    File(String),
    /// The front matter of the README.
    FrontMatter,
    /// The front matter of any Markdown file.
    AnyMarkdown,
}

/// `sigs` in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigSettings {
    /// The project has no SIGs.
    None,
    /// The SIGs that have a folder or an alias.
    Folders,
    /// These SIGs.
    Listed(Vec<String>),
}

/// `production-readiness` in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProductionReadiness {
    /// Production readiness is not reviewed.
    None,
    /// Production readiness is reviewed from this release on.
    From(Milestone),
}

/// `fields` in the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// `required`: the fields that each KEP needs, instead of those in the template.
    pub required: Option<Vec<String>>,
    /// `optional`: further fields that a KEP may have.
    pub optional: Vec<String>,
}

/// A profile that can be set in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProfileKind {
    /// The process of kubernetes/enhancements.
    #[default]
    Kubernetes,
    /// A project with KEPs, but without SIGs, production readiness reviews or Kubernetes' releases.
    Plain,
}

/// The releases that milestones refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Releases {
    /// Kubernetes releases, with their calendar.
    Kubernetes,
    /// The project's own releases. Only the calendar in the configuration applies.
    Own,
    /// Unknown releases: no rule compares them with the current date.
    None,
}

/// The tables of contents of READMEs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableOfContents {
    /// As `mdtoc` generates them.
    Mdtoc,
    /// As `mdtoc` before v1.1 generated them.
    MdtocLegacy,
    /// They are not checked.
    None,
}

impl TableOfContents {
    /// The kind of anchors in the tables.
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
