//! The types of fields, and fields of any type.

use crate::kep::decode::{Entries, Project};
use crate::kep::field::{Field, List, State, Text};
use crate::kep::fields;
use crate::kep::stage::{PerStage, Stage};
use crate::text::{Span, Spanned};

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

/// A type that a field of [`Kep`](super::Kep) can have.
pub(super) trait Typed {
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

/// The release of the stage with these `words`. If several of them have one, the KEP's target word decides if it is among
/// them, and otherwise the last one.
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
