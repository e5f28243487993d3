//! `kep.yaml`: a KEP's metadata.

use super::decode::{self, Entries, Fault, Field, List, State, Text};
use super::{Milestone, Stage, Status};
use crate::syntax::yaml::{Comment, Document};
use crate::text::{FileId, Span, Spanned};

/// The keys of `kep.yaml`, in the template's order.
pub const KEYS: &[&str] = &[
    "title",
    "kep-number",
    "authors",
    "owning-sig",
    "participating-sigs",
    "status",
    "creation-date",
    "last-updated",
    "reviewers",
    "approvers",
    "editor",
    "see-also",
    "replaces",
    "superseded-by",
    "stage",
    "latest-milestone",
    "milestone",
    "feature-gates",
    "disable-supported",
    "metrics",
];

/// Keys that upstream lets through by accident of its types: nothing reads them.
pub const ACCIDENTAL_KEYS: &[&str] = &["id", "name", "path", "prnumber"];

pub(super) const MILESTONE_KEYS: &[&str] = &["alpha", "beta", "stable", "deprecated", "disabled", "removed"];
pub(super) const FEATURE_GATE_KEYS: &[&str] = &["name", "components"];

/// A KEP's metadata, every field with its place in the file.
#[derive(Debug, Clone)]
pub struct Kep {
    /// The file it was read from.
    pub file: FileId,
    /// What is wrong with it as YAML and as a `kep.yaml`.
    pub faults: Vec<Fault>,
    /// Whether there is anything to hold rules against; an empty or unreadable file has its fault and nothing else.
    pub readable: bool,
    /// The comments of the file.
    pub comments: Vec<Comment>,
    /// `title`
    pub title: Text,
    /// `kep-number`, as written.
    pub kep_number: Text,
    /// `authors`
    pub authors: List,
    /// `owning-sig`
    pub owning_sig: Text,
    /// `participating-sigs`
    pub participating_sigs: List,
    /// `status`, as written.
    pub status: Text,
    /// `creation-date`
    pub creation_date: Text,
    /// `last-updated`
    pub last_updated: Text,
    /// `reviewers`
    pub reviewers: List,
    /// `approvers`
    pub approvers: List,
    /// `see-also`
    pub see_also: List,
    /// `replaces`
    pub replaces: List,
    /// `superseded-by`
    pub superseded_by: List,
    /// `stage`, as written.
    pub stage: Text,
    /// `latest-milestone`, as written.
    pub latest_milestone: Text,
    /// `milestone`
    pub milestone: Field<Milestones>,
    /// `feature-gates`
    pub feature_gates: Field<Vec<Spanned<FeatureGate>>>,
    /// `disable-supported`
    pub disable_supported: Field<bool>,
    /// `metrics`
    pub metrics: List,
}

/// `milestone`: the release of each stage, as written.
#[derive(Debug, Clone, Default)]
pub struct Milestones([Text; 6]);

impl Milestones {
    /// The field of `stage`.
    #[must_use]
    pub fn of(&self, stage: Stage) -> &Text {
        let [alpha, beta, stable, deprecated, disabled, removed] = &self.0;
        match stage {
            Stage::Alpha => alpha,
            Stage::Beta => beta,
            Stage::Stable => stable,
            Stage::Deprecated => deprecated,
            Stage::Disabled => disabled,
            Stage::Removed => removed,
        }
    }
}

/// One entry of `feature-gates`.
#[derive(Debug, Clone)]
pub struct FeatureGate {
    /// `name`
    pub name: Text,
    /// `components`
    pub components: List,
}

impl Kep {
    /// Lowers a document; what is wrong with it becomes [`Kep::faults`].
    #[must_use]
    pub fn lower(file: FileId, document: &Document) -> Self {
        let mut faults = Vec::new();
        let mut entries = Entries::of_document(document, &mut faults);
        let mut kep = Self {
            file,
            faults: Vec::new(),
            readable: document.readable,
            comments: document.comments.clone(),
            title: entries.text("title"),
            kep_number: entries.text("kep-number"),
            authors: entries.list("authors"),
            owning_sig: entries.text("owning-sig"),
            participating_sigs: entries.list("participating-sigs"),
            status: entries.text("status"),
            creation_date: entries.text("creation-date"),
            last_updated: entries.text("last-updated"),
            reviewers: entries.list("reviewers"),
            approvers: entries.list("approvers"),
            see_also: entries.list("see-also"),
            replaces: entries.list("replaces"),
            superseded_by: entries.list("superseded-by"),
            stage: entries.text("stage"),
            latest_milestone: entries.text("latest-milestone"),
            milestone: entries.mapping("milestone", lower_milestones),
            feature_gates: entries.mappings("feature-gates", lower_feature_gate),
            disable_supported: entries.boolean("disable-supported"),
            metrics: entries.list("metrics"),
        };
        // Nothing reads `editor`, but its type is part of the schema.
        let _: Text = entries.text("editor");
        // So is the type of the accidental keys.
        for key in ACCIDENTAL_KEYS {
            entries.expect_text(key);
        }
        entries.finish(KEYS);
        kep.faults = faults;
        kep
    }

    /// Whether a key outside the schema is likely `key` misspelt: its finding says all there is to say.
    #[must_use]
    pub fn is_misspelt(&self, key: &str) -> bool {
        decode::is_misspelt(&self.faults, "", key)
    }

    /// The same for a key of the mapping `mapping`.
    #[must_use]
    pub fn is_misspelt_below(&self, mapping: &str, key: &str) -> bool {
        decode::is_misspelt(&self.faults, mapping, key)
    }

    /// The status, when it is a known one.
    #[must_use]
    pub fn known_status(&self) -> Option<Status> {
        Status::parse(self.status.text())
    }

    /// Whether it is implementable, implemented, or of no known status: a misspelling must not switch rules off.
    #[must_use]
    pub fn is_active(&self) -> bool {
        match &self.status.state {
            State::Value(status, _) => Status::parse(status).is_none_or(Status::is_active),
            State::Absent | State::Empty(_) | State::Broken => true,
        }
    }

    /// The target stage, when it is a known one.
    #[must_use]
    pub fn target_stage(&self) -> Option<Stage> {
        Stage::parse(self.stage.text())
    }

    /// `latest-milestone`, when it is a release; `0.0` counts as none.
    #[must_use]
    pub fn latest(&self) -> Option<Milestone> {
        Milestone::parse(self.latest_milestone.text()).filter(|milestone| !milestone.is_exempt())
    }

    /// Whether the production-readiness gate holds for it: active, and `latest-milestone` v1.21 or later.
    #[must_use]
    pub fn is_gated(&self) -> bool {
        self.is_active() && self.latest().is_some_and(|latest| latest >= Milestone::PRR_REQUIRED)
    }

    /// The field `milestone.<stage>`, when `milestone` is a mapping.
    #[must_use]
    pub fn milestone_field(&self, stage: Stage) -> Option<&Text> {
        self.milestone.value().map(|(milestones, _)| milestones.of(stage))
    }

    /// `milestone.<stage>`, when it is a release other than `0.0`, and where it stands.
    #[must_use]
    pub fn milestone_of(&self, stage: Stage) -> Option<(Milestone, Span)> {
        let (text, span) = self.milestone_field(stage)?.value()?;
        let milestone = Milestone::parse(text).filter(|milestone| !milestone.is_exempt())?;
        Some((milestone, span))
    }
}

fn lower_milestones(entries: &mut Entries<'_>) -> Milestones {
    let milestones = Milestones(Stage::ALL.map(|stage| entries.text(stage.word())));
    entries.finish(MILESTONE_KEYS);
    milestones
}

fn lower_feature_gate(entries: &mut Entries<'_>) -> FeatureGate {
    let gate = FeatureGate { name: entries.text("name"), components: entries.list("components") };
    entries.finish(FEATURE_GATE_KEYS);
    gate
}
