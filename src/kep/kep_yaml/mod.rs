//! `kep.yaml`: the metadata of a KEP.

mod lost;
mod value;

use std::sync::Arc;

pub use value::{FeatureGate, FeatureGates, Milestones, Value};

use super::decode::Entries;
use super::dialect::{self, Dialect};
use super::fault::Fault;
use super::field::{Field, List, OwnValue, State, Text};
use super::fields::{self, FieldSpec, When};
use super::{Milestone, Stage, Status};
use crate::syntax::yaml::{Comment, Document};
use crate::text::{FileId, Span, Spanned};
use value::Typed;

/// Declares [`Kep`] from a single list of fields, so that each of them is decoded and can be found by its key.
macro_rules! kep {
    ($($field:ident: $type:ty = $key:literal,)*) => {
        const _: () = assert!(fields::has_keys(fields::KEP, &[$($key),*]), "`Kep` and `fields::KEP` have other keys");

        /// The metadata of a KEP. Every field has its span in the file.
        #[derive(Debug, Clone)]
        pub struct Kep {
            /// The file that it was read from.
            pub file: FileId,
            /// Its faults, as YAML and as a `kep.yaml`.
            pub faults: Vec<Fault>,
            /// True if rules can check it. An empty or unreadable file has only its fault.
            pub readable: bool,
            /// The comments of the file.
            pub comments: Vec<Comment>,
            /// See [`Document::has_stray_text`].
            pub has_stray_text: bool,
            /// See [`Document::has_conflict`].
            pub has_conflict: bool,
            /// The project's own fields that are present.
            pub own: Vec<OwnValue>,
            /// How the metadata of the project differs from that of Kubernetes.
            pub dialect: Arc<Dialect>,
            $(#[doc = concat!("`", $key, "`, as written.")] pub $field: $type,)*
        }

        impl Kep {
            /// Decodes a KEP of Kubernetes. Faults are added to [`Kep::faults`].
            #[must_use]
            pub fn decode(file: FileId, document: &Document) -> Self {
                Self::decode_in(file, document, &Arc::default())
            }

            /// Decodes a KEP of any project.
            #[must_use]
            pub fn decode_in(file: FileId, document: &Document, dialect: &Arc<Dialect>) -> Self {
                let mut faults = Vec::new();
                let mut entries = Entries::of_project(document, dialect, &mut faults);
                $(let $field = <$type as Typed>::decode(&mut entries, $key);)*
                // Upstream's types also check the keys that they accept by accident.
                for key in fields::ACCIDENTAL_KEYS {
                    entries.expect_text(key);
                }
                let own = entries.take_present(dialect.own.iter().map(|field| field.key.as_str()));
                entries.finish(&fields::keys(fields::KEP));
                let dialect = Arc::clone(dialect);
                let comments = document.comments.clone();
                let Document { readable, has_stray_text, has_conflict, .. } = *document;
                Self { file, faults, readable, comments, has_stray_text, has_conflict, own, dialect, $($field,)* }
            }

            /// The field with this key.
            #[must_use]
            pub fn value(&self, key: &str) -> Option<Value<'_>> {
                match key {
                    $($key => Some(self.$field.value_of_any_type()),)*
                    _ => None,
                }
            }
        }
    };
}

kep! {
    title: Text = "title",
    kep_number: Text = "kep-number",
    authors: List = "authors",
    owning_sig: Text = "owning-sig",
    participating_sigs: List = "participating-sigs",
    status: Text = "status",
    creation_date: Text = "creation-date",
    last_updated: Text = "last-updated",
    reviewers: List = "reviewers",
    approvers: List = "approvers",
    editor: Text = "editor",
    see_also: List = "see-also",
    replaces: List = "replaces",
    superseded_by: List = "superseded-by",
    stage: Text = "stage",
    latest_milestone: Text = "latest-milestone",
    milestone: Field<Milestones> = "milestone",
    feature_gates: Field<FeatureGates> = "feature-gates",
    disable_supported: Field<bool> = "disable-supported",
    metrics: List = "metrics",
}

impl Kep {
    /// Every field with its row in the table, in the order of the template.
    pub fn fields(&self) -> impl Iterator<Item = (&'static FieldSpec, Value<'_>)> {
        fields::KEP.iter().filter_map(|field| Some((field, self.value(field.key)?)))
    }

    /// True if this KEP needs a value in a field that is required `when`.
    #[must_use]
    pub fn requires(&self, when: When) -> bool {
        match when {
            When::Never => false,
            When::Always => true,
            When::Active => self.is_active(),
            When::From(first) => {
                let is_due = |stage| stage == first || first.is_before(stage);
                self.is_active() && self.target_stage().is_some_and(is_due)
            }
            When::At(stage) => self.is_active() && self.target_stage() == Some(stage),
        }
    }

    /// The status, if it is valid.
    #[must_use]
    pub fn known_status(&self) -> Option<Status> {
        self.dialect.status(self.status.text())
    }

    /// The number of the KEP with its key: `kep-number`, or the project's own field in its place.
    #[must_use]
    pub fn number(&self) -> Option<(&str, &str, Span)> {
        let usual = self.kep_number.value().map(|(value, span)| ("kep-number", value.as_str(), span));
        usual.or_else(|| {
            let key = self.dialect.number_key()?;
            let text = self.own_text(key)?;
            Some((key, text.value.as_str(), text.span))
        })
    }

    /// The title, or the project's own field in its place; empty if there is none.
    #[must_use]
    pub fn title(&self) -> &str {
        let own = || self.own_text(dialect::TITLE).map(|text| text.value.as_str());
        self.title.value().map_or_else(|| own().unwrap_or_default(), |(title, _)| title)
    }

    /// The text of a field that only the project has.
    fn own_text(&self, key: &str) -> Option<&Spanned<String>> {
        self.own.iter().find(|own| own.key == key)?.text.as_ref()
    }

    /// True if the KEP is implementable or implemented, or if its status is missing or invalid: a typo must not turn
    /// off rules.
    #[must_use]
    pub fn is_active(&self) -> bool {
        match &self.status.state {
            State::Value(status, _) => self.dialect.status(status).is_none_or(Status::is_active),
            State::Absent | State::Empty(_) | State::Broken => true,
        }
    }

    /// True if the status is valid, and no more work on the KEP is planned.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.known_status().is_some_and(Status::is_closed)
    }

    /// The target stage, if it is valid.
    #[must_use]
    pub fn target_stage(&self) -> Option<Stage> {
        self.dialect.stage(self.stage.text())
    }

    /// The project's word for `stage`. If there are several, the one that the KEP uses is preferred.
    #[must_use]
    pub fn stage_word(&self, stage: Stage) -> &str {
        let target = self.stage.text();
        if self.dialect.stage(target) == Some(stage) { target } else { self.dialect.stage_word(stage) }
    }

    /// `latest-milestone`, if it is a release other than `0.0`.
    #[must_use]
    pub fn latest(&self) -> Option<Milestone> {
        Milestone::parse(self.latest_milestone.text()).filter(|milestone| !milestone.is_exempt())
    }

    /// True if `latest-milestone` is `0.0`.
    #[must_use]
    pub fn is_exempt(&self) -> bool {
        Milestone::parse(self.latest_milestone.text()).is_some_and(Milestone::is_exempt)
    }

    /// True if the KEP needs production-readiness approval: it is active, and `latest-milestone` is a release for which
    /// the project reviews it (in Kubernetes v1.21 or later, and any that is not one of its own, such as `v0.35`).
    #[must_use]
    pub fn is_gated(&self) -> bool {
        self.is_active() && self.latest().is_some_and(|latest| self.dialect.is_gated(latest))
    }

    /// The field `milestone.<stage>`, if `milestone` is a mapping.
    #[must_use]
    pub fn milestone_field(&self, stage: Stage) -> Option<&Text> {
        self.milestone.value().map(|(milestones, _)| milestones.of(stage))
    }

    /// `milestone.<stage>` with its span, if it is a release other than `0.0`.
    #[must_use]
    pub fn milestone_of(&self, stage: Stage) -> Option<(Milestone, Span)> {
        let (text, span) = self.milestone_field(stage)?.value()?;
        let milestone = Milestone::parse(text).filter(|milestone| !milestone.is_exempt())?;
        Some((milestone, span))
    }

    /// The span of `milestone.<stage>`, if it is `release` or mentions it. A malformed value must not hide the intended
    /// release.
    #[must_use]
    pub fn milestone_mentioning(&self, stage: Stage, release: Milestone) -> Option<Span> {
        let (text, span) = self.milestone_field(stage)?.value()?;
        let is_meant = match Milestone::parse(text) {
            Some(milestone) => milestone == release,
            None => Milestone::mentioned(text).any(|milestone| milestone == release),
        };
        is_meant.then_some(span)
    }

    /// The first stage after the target stage whose release is `latest-milestone`, with its span. If there is one,
    /// `stage` is out of date.
    #[must_use]
    pub fn overtaken_by(&self) -> Option<(Stage, Span)> {
        let (stage, latest) = (self.target_stage()?, self.latest()?);
        let mut later = Stage::ALL.into_iter().filter(|later| stage.is_before(*later));
        later.find_map(|later| Some((later, self.milestone_mentioning(later, latest)?)))
    }
}

#[cfg(test)]
mod tests;
