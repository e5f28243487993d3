//! What is known about a field.

use crate::kep::Stage;

/// One key of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct FieldSpec {
    /// The key.
    pub key: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// When the field has to have a value.
    pub required: When,
    /// What it means that the field still holds text of the KEP template.
    pub leftover: Leftover,
    /// What the KEP template has there. A repository's own template adds to these.
    pub examples: &'static [&'static str],
    /// True if the path of the production-readiness file depends on the field.
    pub locates_prr: bool,
    /// What `kepgate new` does with the template's value.
    pub fill: Fill,
    /// What to type when the field is missing or still a placeholder.
    pub help: &'static str,
    /// What the field is for; editors show this.
    pub description: &'static str,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any scalar.
    Text,
    /// A Kubernetes release, such as `v1.36`; any scalar is decoded.
    Release,
    /// A word of [`Status`](crate::kep::Status); any scalar is decoded.
    Status,
    /// A word of [`Stage`]; any scalar is decoded.
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

/// When a field has to have a value. Only what is required always is part of the schema; the rest depends on the KEP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Never.
    Never,
    /// In every document.
    Always,
    /// While the KEP is active.
    Active,
    /// While the KEP is active and targets this stage or a later one on the way to stable.
    From(Stage),
    /// While the KEP is active and targets this stage.
    At(Stage),
}

/// What it means that a field still holds text of the KEP template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftover {
    /// Nothing: the field is not looked at.
    Ignored,
    /// A warning.
    Warning,
    /// An error while the field is required, otherwise a warning.
    ErrorWhenRequired,
    /// An error.
    Error,
}

/// What `kepgate new` does with the template's value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// Leaves it.
    Keep,
    /// Replaces it; a template without a value cannot be used.
    Always,
    /// Replaces it if the template has a value.
    IfPresent,
    /// Empties the list if it holds the template's examples.
    ClearExamples,
}

impl FieldSpec {
    /// The fields of the mapping, or of each mapping, that this field holds.
    #[must_use]
    pub const fn children(&self) -> &'static [Self] {
        match self.shape {
            Shape::Mapping(fields) | Shape::Mappings(fields) => fields,
            Shape::Text | Shape::Release | Shape::Status | Shape::Stage | Shape::Boolean | Shape::List => &[],
        }
    }
}
