//! The JSON schema of a list, from its columns.

use schemars::{Schema, json_schema};
use serde_json::{Map, Value, json};

use super::{Column, Holds};

/// Which columns a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// All of them.
    Complete,
    /// The ones that the user selected.
    Selected,
}

/// The schema of a list with these columns.
#[must_use]
pub(crate) fn of_list(columns: &[Column], rows: Rows) -> Schema {
    json_schema!({ "type": "array", "items": row(columns, rows) })
}

fn row(columns: &[Column], rows: Rows) -> Value {
    let properties: Map<_, _> = columns.iter().map(|column| (column.key.to_owned(), value(column))).collect();
    let required: Vec<_> = columns.iter().filter(|_| rows == Rows::Complete).map(|column| column.key).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// The schema of a value. It allows null for a KEP without the value.
fn value(column: &Column) -> Value {
    let mut schema = match column.holds {
        Holds::Word | Holds::Text | Holds::Sentence | Holds::Link => json!({ "type": ["string", "null"] }),
        Holds::Number => json!({ "type": ["integer", "null"], "minimum": 0 }),
        Holds::List => json!({ "type": ["array", "null"], "items": { "type": "string" } }),
        Holds::Rows(columns) => json!({ "type": ["array", "null"], "items": row(columns, Rows::Complete) }),
    };
    if let (Some(schema), false) = (schema.as_object_mut(), column.about.is_empty()) {
        schema.insert("description".to_owned(), column.about.into());
    }
    schema
}
