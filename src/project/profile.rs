//! The profile of a project: the layout of its KEPs and its process.

use std::sync::Arc;

use super::Web;
use super::detect;
use super::layout::{self, Grouping, Layout};
use super::settings::{
    Fields, Metadata, ProductionReadiness, ProfileKind, ProjectSettings, Releases, SigSettings, TableOfContents,
};
use crate::error::{Error, SourceError};
use crate::kep::dialect::{Dialect, OwnField, is_number_key};
use crate::kep::fields::{self, FieldSpec, When};
use crate::kep::{FaultKind, Kep, KepNumber, Milestone, Stage, State};
use crate::release::Phase;
use crate::rule::Need;
use crate::source::{Content, Snapshot};
use crate::text::nearest::nearest;
use crate::text::wording::{choice, quote};
use crate::text::{Files, RepoPath, Side, SourceFile};

/// The layout of a project's KEPs and its process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The profile that it is based on.
    pub kind: ProfileKind,
    /// How the kind was determined.
    pub origin: Origin,
    /// Where the KEPs are.
    pub layout: Layout,
    /// False if the project has no template, and the configuration does not name one.
    pub has_template: bool,
    /// The SIGs of the project, if the configuration lists them.
    pub listed_sigs: Vec<String>,
    /// True if each KEP belongs to a SIG.
    pub has_sigs: bool,
    /// The releases that milestones name.
    pub releases: Releases,
    /// The tables of contents of READMEs.
    pub table_of_contents: TableOfContents,
    /// How the metadata of KEPs differs from that of Kubernetes.
    pub dialect: Arc<Dialect>,
}

/// How the kind of a profile was determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// By default: the configuration does not set it, and nothing suggests another kind.
    #[default]
    Default,
    /// The target branch has no sign of production readiness reviews.
    Detected,
    /// From the configuration.
    Configured,
}

impl Default for Profile {
    /// The profile of kubernetes/enhancements.
    fn default() -> Self {
        Self {
            kind: ProfileKind::Kubernetes,
            origin: Origin::Default,
            layout: Layout::default(),
            has_template: true,
            listed_sigs: Vec::new(),
            has_sigs: true,
            releases: Releases::Kubernetes,
            table_of_contents: TableOfContents::Mdtoc,
            dialect: Arc::default(),
        }
    }
}

impl Profile {
    /// Builds the profile from the configuration, with defaults from the target branch. `approvers` is the name of the
    /// group of production readiness approvers.
    ///
    /// # Errors
    /// [`SourceError`] if the target branch could not be read. Unreadable files never count as absent.
    pub fn resolve(settings: &ProjectSettings, approvers: &str, policy: &dyn Snapshot) -> Result<Self, SourceError> {
        let root = settings.root.clone().unwrap_or_else(|| RepoPath::from(layout::KEPS));
        let (kind, origin) = match settings.profile {
            Some(kind) => (kind, Origin::Configured),
            None if detect::is_plain(policy, &root, approvers)? => (ProfileKind::Plain, Origin::Detected),
            None => (ProfileKind::Kubernetes, Origin::Default),
        };
        let mut profile = match kind {
            ProfileKind::Kubernetes => Self { kind, origin, ..Self::default() },
            ProfileKind::Plain => Self::plain(origin, root.clone(), settings, policy)?,
        };
        profile.apply(settings, root);
        let is_kubernetes = kind == ProfileKind::Kubernetes;
        let mut dialect = Dialect {
            is_kubernetes,
            has_front_matter: matches!(settings.metadata, Some(Metadata::FrontMatter | Metadata::AnyMarkdown)),
            statuses: settings.statuses.clone(),
            stages: settings.stages.clone(),
            has_at: settings.has_at.unwrap_or(true),
            prr_from: profile.prr_from(settings),
            calendar_from: profile.calendar_from(),
            has_kubernetes_releases: profile.releases == Releases::Kubernetes,
            ..Dialect::default()
        };
        if !is_kubernetes {
            dialect.follows_template = true;
            profile.add_template_fields(&mut dialect, policy, &settings.fields)?;
        }
        add_fields(&mut dialect, &settings.fields);
        if !profile.has_sigs {
            dialect.unused.extend(["owning-sig"]);
        }
        profile.dialect = Arc::new(dialect);
        Ok(profile)
    }

    fn plain(
        origin: Origin,
        root: RepoPath,
        settings: &ProjectSettings,
        policy: &dyn Snapshot,
    ) -> Result<Self, SourceError> {
        let has_sig_folders = detect::has_sig_folders(policy, &root)?;
        let has_single_files = settings.metadata == Some(Metadata::AnyMarkdown);
        let (template, other_templates) = detect::templates(policy, &root, has_single_files)?;
        let has_template = template.is_some() || settings.template.is_some();
        let layout = Layout {
            // The first template that a project adds is not a KEP. Later, only folders that are there are templates.
            has_named_templates: has_single_files || !has_template,
            template: template.unwrap_or_else(|| root.join(layout::TEMPLATE)),
            other_templates,
            grouping: if has_sig_folders { Grouping::Sigs } else { Grouping::None },
            has_prefixes: true,
            prr_root: None,
            root,
            ..Layout::default()
        };
        Ok(Self {
            kind: ProfileKind::Plain,
            origin,
            layout,
            has_template,
            has_sigs: has_sig_folders,
            releases: Releases::None,
            ..Self::default()
        })
    }

    fn apply(&mut self, settings: &ProjectSettings, root: RepoPath) {
        let layout = &mut self.layout;
        if layout.root != root {
            // The default paths are in the default root.
            layout.template = root.join(layout::TEMPLATE);
            layout.other_templates = Vec::new();
            layout.prr_root = layout.prr_root.as_ref().map(|_| root.join(layout::PRR_FOLDER));
            layout.root = root;
        }
        if let Some(readme) = &settings.readme {
            layout.readme.clone_from(readme);
        }
        match &settings.metadata {
            None => {}
            Some(Metadata::File(name)) => layout.metadata.clone_from(name),
            Some(Metadata::FrontMatter) => layout.metadata.clone_from(&layout.readme),
            Some(Metadata::AnyMarkdown) => layout::ANY_MARKDOWN.clone_into(&mut layout.metadata),
        }
        if let Some(template) = &settings.template {
            layout.template.clone_from(template);
        }
        if let Some(has_sig_folders) = settings.has_sig_folders {
            layout.grouping = match layout.grouping {
                _ if !has_sig_folders => Grouping::None,
                Grouping::None => Grouping::Areas,
                found => found,
            };
            self.has_sigs = has_sig_folders;
        }
        match settings.production_readiness {
            None => {}
            Some(ProductionReadiness::None) => layout.prr_root = None,
            Some(ProductionReadiness::From(_)) => layout.prr_root = Some(layout.root.join(layout::PRR_FOLDER)),
        }
        match &settings.sigs {
            None => {}
            Some(SigSettings::None) => self.has_sigs = false,
            Some(SigSettings::Folders) => self.has_sigs = true,
            Some(SigSettings::Listed(sigs)) => {
                self.has_sigs = true;
                self.listed_sigs.clone_from(sigs);
            }
        }
        self.releases = settings.releases.unwrap_or(self.releases);
        self.table_of_contents = settings.table_of_contents.unwrap_or(self.table_of_contents);
    }

    fn prr_from(&self, settings: &ProjectSettings) -> Option<Milestone> {
        match settings.production_readiness {
            Some(ProductionReadiness::None) => None,
            Some(ProductionReadiness::From(release)) => Some(release),
            None => self.layout.prr_root.as_ref().and(Dialect::default().prr_from),
        }
    }

    fn calendar_from(&self) -> Milestone {
        match self.releases {
            Releases::Kubernetes => Dialect::default().calendar_from,
            Releases::Own | Releases::None => Milestone::EXEMPT,
        }
    }

    /// Takes the fields from the project's template: its fields are known, and fields that it lacks are unused. Without
    /// a template, only the fields that identify the KEP are used.
    fn add_template_fields(
        &self,
        dialect: &mut Dialect,
        policy: &dyn Snapshot,
        settings: &Fields,
    ) -> Result<(), SourceError> {
        let path = self.layout.template_metadata();
        let template = match policy.read(&path)? {
            Content::Bytes(bytes) => String::from_utf8(bytes).ok(),
            Content::Absent | Content::Irregular(_) => None,
        };
        let template = template.map(|text| {
            let mut files = Files::default();
            let file = files.add(SourceFile::new(Side::Policy, path, &text));
            Kep::decode(file, &dialect.read(files[file].text()))
        });
        match template.filter(|template| template.readable) {
            Some(template) => add_fields_of(&template, dialect),
            None if names_number(settings) => dialect.unused = all_without(&["title", "authors", "status"]),
            None => dialect.unused = all_without(&["title", "kep-number", "authors", "status"]),
        }
        Ok(())
    }

    /// The stage that `word` stands for.
    ///
    /// # Errors
    /// [`Error::Usage`] if the project has no such stage.
    pub fn stage(&self, word: &str) -> Result<Stage, Error> {
        self.dialect.stage(word).ok_or_else(|| {
            let near = self.dialect.nearest_stage(word).map(|near| format!("did you mean `{near}`? "));
            Error::usage(
                format!("{} is not a valid stage", quote(word)),
                format!("{}specify {}", near.unwrap_or_default(), choice(&self.dialect.stage_words())),
            )
        })
    }

    /// Checks that the project has a status with this word.
    ///
    /// # Errors
    /// [`Error::Usage`] if it has no such status.
    pub fn check_status(&self, word: &str) -> Result<(), Error> {
        if self.dialect.status(word).is_some() {
            return Ok(());
        }
        let words = self.dialect.status_words();
        let near = nearest(word, words.iter().copied()).map(|near| format!("did you mean `{near}`? "));
        Err(Error::usage(
            format!("{} is not a valid status", quote(word)),
            format!("{}specify {}", near.unwrap_or_default(), choice(&words)),
        ))
    }

    /// A note that explains the choice of the profile, if it was detected.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let prr_root = self.layout.root.join(layout::PRR_FOLDER);
        (self.origin == Origin::Detected).then(|| {
            format!(
                "profile `{}`, because the target branch has neither {} nor a group of production readiness approvers; \
                 `kepgate rules` lists the rules that are off",
                self.kind.word(),
                quote(&prr_root.to_string())
            )
        })
    }

    /// The URL of the tracking issue of a KEP, or just its number if the URL is unknown.
    #[must_use]
    pub(crate) fn issue(&self, number: KepNumber, web: Option<&Web>) -> String {
        match web {
            Some(web) => format!("{}/{}/issues/{number}", web.server, web.repository),
            None if self.dialect.is_kubernetes => format!("https://kep.k8s.io/{number}"),
            None => format!("issue #{number}"),
        }
    }

    /// True if the project reviews production readiness.
    #[must_use]
    pub fn has_reviews(&self) -> bool {
        self.layout.prr_root.is_some()
    }

    /// The dates of a release that apply to the project's KEPs, in order.
    pub(crate) fn phases(&self) -> impl Iterator<Item = Phase> {
        let (has_dates, has_reviews) = (self.releases != Releases::None, self.has_reviews());
        Phase::ALL.into_iter().filter(move |phase| has_dates && (*phase != Phase::PrrFreeze || has_reviews))
    }

    /// True if no template says what a README needs. A project with production readiness reviews needs one.
    #[must_use]
    pub fn lacks_template(&self) -> bool {
        !self.has_template && !self.has_reviews()
    }

    /// What the project does not have. Rules that need it do not run.
    #[must_use]
    pub fn lacks(&self) -> Vec<Need> {
        let lacks = [
            (self.layout.prr_root.is_none(), Need::ProductionReadiness),
            (self.lacks_template(), Need::Template),
            (!self.has_sigs, Need::Sigs),
            (self.releases == Releases::None, Need::Calendar),
            (self.releases != Releases::Kubernetes, Need::ReleaseTeam),
            (self.releases != Releases::Kubernetes, Need::KubernetesLists),
            (self.table_of_contents == TableOfContents::None, Need::TableOfContents),
        ];
        lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, need)| need).collect()
    }
}

fn add_fields_of(template: &Kep, dialect: &mut Dialect) {
    let is_absent = |key: &str| template.value(key).is_some_and(|value| value.outline().state == State::Absent);
    dialect.unused = fields::keys(fields::KEP).into_iter().filter(|key| is_absent(key)).collect();
    let gates = template.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
    if gates.iter().all(|gate| gate.value.components.state == State::Absent) {
        dialect.unused.push("components");
    }
    for fault in &template.faults {
        if let FaultKind::UnknownKey { key, .. } = &fault.kind
            && fault.route == *key
        {
            dialect.own.push(OwnField { key: key.clone(), is_required: false });
        }
    }
}

/// The fields of Kubernetes' `kep.yaml` except for `used`.
fn all_without(used: &[&str]) -> Vec<&'static str> {
    let keys = fields::keys(fields::KEP).into_iter().chain(["components"]);
    keys.filter(|key| !used.contains(key)).collect()
}

/// True if the project has a field of its own for the number of a KEP.
fn names_number(settings: &Fields) -> bool {
    let mut keys = settings.required.iter().flatten().chain(&settings.optional);
    keys.any(|key| key != "kep-number" && is_number_key(key))
}

fn add_fields(dialect: &mut Dialect, settings: &Fields) {
    let known = fields::keys(fields::KEP);
    if let Some(required) = &settings.required {
        let required: Vec<_> = required.iter().map(String::as_str).collect();
        dialect.unused.retain(|key| !required.contains(key));
        dialect.optional = all_without(&required);
        let is_demanded = |field: &&FieldSpec| field.required == When::Never && required.contains(&field.key);
        dialect.demanded = fields::KEP.iter().filter(is_demanded).map(|field| field.key).collect();
    }
    for key in &settings.optional {
        if let Some(at) = dialect.unused.iter().position(|unused| unused == key) {
            dialect.optional.push(dialect.unused.remove(at));
        }
    }
    let required = settings.required.iter().flatten().map(|key| (key, true));
    for (key, is_required) in required.chain(settings.optional.iter().map(|key| (key, false))) {
        if known.contains(&key.as_str()) || key == "components" {
            continue;
        }
        match dialect.own.iter_mut().find(|field| field.key == *key) {
            Some(field) => field.is_required |= is_required,
            None => dialect.own.push(OwnField { key: key.clone(), is_required }),
        }
    }
}
