//! `kep.yaml`: the metadata of a KEP.

use std::sync::Arc;

use super::decode::{Entries, Field, List, Project, State, Text};
use super::dialect::Dialect;
use super::fault::{self, Fault, FaultKind};
use super::fields::{self, FieldSpec, When};
use super::stage::PerStage;
use super::{Milestone, Stage, Status};
use crate::syntax::yaml::{self, Comment, Document};
use crate::text::{FileId, Span, Spanned};

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
            /// The project's own fields that are present: the key, its span, and true if it has a value.
            pub own: Vec<(String, Span, bool)>,
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

/// `milestone`: the release for each stage, as written.
pub type Milestones = PerStage<Text>;
/// The entries of `feature-gates`.
pub type FeatureGates = Vec<Spanned<FeatureGate>>;

/// An entry of `feature-gates`.
#[derive(Debug, Clone)]
pub struct FeatureGate {
    /// `name`
    pub name: Text,
    /// `components`
    pub components: List,
}

/// A field of any type, for code that treats all fields the same way.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// A scalar.
    Text(&'a Text),
    /// A list of scalars.
    List(&'a List),
    /// A boolean.
    Boolean(&'a Field<bool>),
    /// `milestone`.
    Milestones(&'a Field<Milestones>),
    /// `feature-gates`.
    FeatureGates(&'a Field<FeatureGates>),
}

impl<'a> Value<'a> {
    /// The field without its value, for code that only needs its location.
    #[must_use]
    pub fn outline(self) -> Field<()> {
        match self {
            Self::Text(field) => field.outline(),
            Self::List(field) => field.outline(),
            Self::Boolean(field) => field.outline(),
            Self::Milestones(field) => field.outline(),
            Self::FeatureGates(field) => field.outline(),
        }
    }

    /// True if the field, or the release of a stage in it, is present but unreadable.
    #[must_use]
    pub fn is_broken(self) -> bool {
        let has_broken_stage =
            |milestones: &Milestones| Stage::ALL.into_iter().any(|stage| milestones.of(stage).state == State::Broken);
        self.outline().state == State::Broken
            || matches!(self, Self::Milestones(field) if field.value().is_some_and(|(it, _)| has_broken_stage(it)))
    }

    /// The texts in the field and their spans: a scalar, the entries of a list, or the names of feature gates. The
    /// releases in `milestone` are not included, because each of them is a separate field.
    #[must_use]
    pub fn texts(self) -> Vec<(&'a str, Span)> {
        match self {
            Self::Text(field) => text_of(field).into_iter().collect(),
            Self::List(field) => field.entries().iter().map(|entry| (entry.value.as_str(), entry.span)).collect(),
            Self::FeatureGates(field) => {
                let gates = field.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
                gates.iter().filter_map(|gate| text_of(&gate.value.name)).collect()
            }
            Self::Boolean(_) | Self::Milestones(_) => Vec::new(),
        }
    }
}

fn text_of(field: &Text) -> Option<(&str, Span)> {
    field.value().map(|(text, span)| (text.as_str(), span))
}

/// A type that a field of [`Kep`] can have.
trait Typed {
    fn decode(entries: &mut Entries<'_>, key: &'static str) -> Self;
    fn value_of_any_type(&self) -> Value<'_>;
}

impl Typed for Text {
    fn decode(entries: &mut Entries<'_>, key: &'static str) -> Self {
        entries.text(key)
    }

    fn value_of_any_type(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Typed for List {
    fn decode(entries: &mut Entries<'_>, key: &'static str) -> Self {
        entries.list(key)
    }

    fn value_of_any_type(&self) -> Value<'_> {
        Value::List(self)
    }
}

impl Typed for Field<bool> {
    fn decode(entries: &mut Entries<'_>, key: &'static str) -> Self {
        entries.boolean(key)
    }

    fn value_of_any_type(&self) -> Value<'_> {
        Value::Boolean(self)
    }
}

impl Typed for Field<Milestones> {
    fn decode(entries: &mut Entries<'_>, key: &'static str) -> Self {
        entries.mapping(key, |entries| {
            let Some(Project { dialect, stage: target }) = entries.project else {
                return PerStage::from_fn(|stage| entries.text(stage.word()));
            };
            let milestones = PerStage::from_fn(|stage| milestone(entries, &dialect.words_of(stage), target));
            entries.finish(&dialect.stage_words());
            milestones
        })
    }

    fn value_of_any_type(&self) -> Value<'_> {
        Value::Milestones(self)
    }
}

/// The release of the stage that `words` stand for: that of the KEP's target word if it is one of them, otherwise the
/// last.
fn milestone(entries: &mut Entries<'_>, words: &[&str], target: &str) -> Text {
    let mut found = Text::default();
    for word in words {
        let field = entries.text(word);
        if field.key.is_some() && (found.key.is_none() || !words.contains(&target) || *word == target) {
            found = field;
        }
    }
    found
}

impl Typed for Field<FeatureGates> {
    fn decode(entries: &mut Entries<'_>, key: &'static str) -> Self {
        entries.mappings(key, |entries| {
            let gate = FeatureGate { name: entries.text("name"), components: entries.list("components") };
            entries.finish(&fields::keys(fields::FEATURE_GATE));
            gate
        })
    }

    fn value_of_any_type(&self) -> Value<'_> {
        Value::FeatureGates(self)
    }
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

    /// True if an unknown key at the root is probably a misspelling of `key`, which its own finding already reports.
    /// Keys that upstream accepts by accident do not count, because their findings do not mention `key`.
    #[must_use]
    pub fn is_misspelt(&self, key: &str) -> bool {
        fault::misspellings(&self.faults, "", key).any(|unknown| !fields::ACCIDENTAL_KEYS.contains(&unknown))
    }

    /// True if an unknown key in `mapping` is probably a misspelling of `key`.
    #[must_use]
    pub fn is_misspelt_below(&self, mapping: &str, key: &str) -> bool {
        fault::misspellings(&self.faults, mapping, key).next().is_some()
    }

    /// True if the value of the field `key` is unknown although the file may have one: it is unreadable, duplicated or
    /// in a merge conflict, a part of it has the wrong type, it mentions a release without being one, or the key is
    /// misspelled, in text that is not an entry, or in a part of the file that is not valid YAML.
    #[must_use]
    pub fn is_lost(&self, key: &str) -> bool {
        let Some(value) = self.value(key) else { return false };
        let field = value.outline();
        // Invalid YAML does not hide a field that the project does not have.
        let is_swallowed = || self.has_lost_content() && self.dialect.uses(key);
        let is_absent = field.key.is_none() && (self.has_stray_text || is_swallowed() || self.is_misspelt(key));
        value.is_broken()
            || is_absent
            || self.has_conflict
            || self.has_twice(key, &field)
            || self.has_unread_part(&field)
            || self.has_unclear_release(key)
    }

    /// True if it is not valid YAML, so that something of it is lost.
    #[must_use]
    pub fn has_lost_content(&self) -> bool {
        self.faults.iter().any(fault::Fault::loses_content)
    }

    /// True if `latest-milestone` mentions a release, but is not one.
    fn has_unclear_release(&self, key: &str) -> bool {
        let text = self.latest_milestone.text();
        key == "latest-milestone" && Milestone::parse(text).is_none() && Milestone::mentioned(text).next().is_some()
    }

    /// True if a part of the field has the wrong type, such as a mapping in a list of handles.
    fn has_unread_part(&self, field: &Field<()>) -> bool {
        let Some(((), content)) = field.value() else { return false };
        let is_inside = |span: Span| content.start <= span.start && span.end <= content.end;
        let mut faults = self.faults.iter().filter(|fault| fault.span.is_some_and(is_inside));
        faults.any(|fault| fault.loses_content() || matches!(fault.kind, FaultKind::WrongType { .. }))
    }

    /// True if the field, or a key in it, is duplicated.
    fn has_twice(&self, key: &str, field: &Field<()>) -> bool {
        let content = field.value().map(|((), span)| span);
        self.faults.iter().any(|fault| match &fault.kind {
            FaultKind::Yaml(yaml::FaultKind::DuplicateKey { key: twice, first }) => {
                let is_inside = content.is_some_and(|content| content.start <= first.start && first.end <= content.end);
                is_inside || (twice == key && Some(*first) == field.key)
            }
            _ => false,
        })
    }

    /// The status, if it is valid.
    #[must_use]
    pub fn known_status(&self) -> Option<Status> {
        self.dialect.status(self.status.text())
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
    /// the project reviews it (v1.21 or later in Kubernetes).
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
