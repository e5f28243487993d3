//! The properties of a field.

use crate::kep::Stage;

/// One key of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct FieldSpec {
    /// The key.
    pub key: &'static str,
    /// The type of its value.
    pub shape: Shape,
    /// When the field needs a value.
    pub required: When,
    /// The severity if the field still contains text from the KEP template.
    pub leftover: Leftover,
    /// The values in the KEP template. A repository's own template can add more.
    pub examples: &'static [&'static str],
    /// True if the path of the production-readiness file depends on the field.
    pub locates_prr: bool,
    /// How `kepgate new` changes the template's value.
    pub fill: Fill,
    /// What to type if the field is missing or still has a placeholder.
    pub help: &'static str,
    /// The purpose of the field, which editors show.
    pub description: &'static str,
}

/// The type of a field's value.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any scalar.
    Text,
    /// A Kubernetes release, such as `v1.36`. Decoding accepts any scalar.
    Release,
    /// A word for a [`Status`](crate::kep::Status). Decoding accepts any scalar.
    Status,
    /// A word for a [`Stage`]. Decoding accepts any scalar.
    Stage,
    /// True or false.
    Boolean,
    /// A list of scalars.
    List,
    /// A mapping with these fields.
    Mapping(&'static [FieldSpec]),
    /// A list of mappings with these fields.
    Mappings(&'static [FieldSpec]),
}

/// When a field needs a value. Only [`When::Always`] is part of the schema; the rest depends on the KEP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Never.
    Never,
    /// In every document.
    Always,
    /// While the KEP is active.
    Active,
    /// While the KEP is active and targets this stage or a later one on the same path.
    From(Stage),
    /// While the KEP is active and targets this stage.
    At(Stage),
}

/// The severity of text from the KEP template that is left in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftover {
    /// The field is not checked.
    Ignored,
    /// A warning.
    Warning,
    /// An error if the field is required, otherwise a warning.
    ErrorWhenRequired,
    /// An error.
    Error,
}

/// How `kepgate new` changes the template's value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// Keeps it.
    Keep,
    /// Replaces it. A template without a value cannot be used.
    Always,
    /// Replaces it if the template has a value.
    IfPresent,
    /// Empties the list if it contains the template's examples.
    ClearExamples,
}

impl FieldSpec {
    /// The fields of the mapping, or of each mapping in the list.
    #[must_use]
    pub const fn children(&self) -> &'static [Self] {
        match self.shape {
            Shape::Mapping(fields) | Shape::Mappings(fields) => fields,
            Shape::Text | Shape::Release | Shape::Status | Shape::Stage | Shape::Boolean | Shape::List => &[],
        }
    }
}
