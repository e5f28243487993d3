//! JSON Schemas of the documents, for editors. They are generated from the tables of fields and cover only what the
//! YAML rules report: a misspelled status, for example, is left to other rules.

use serde_json::{Map, Value, json};

use super::fields::{self, FieldSpec, Leftover, Shape, When};
use super::{Stage, Status};

const ID: &str = "https://raw.githubusercontent.com/kepgate/kepgate/main/docs";

/// The schema of `kep.yaml`.
#[must_use]
pub fn of_kep() -> Value {
    let mut properties = properties(fields::KEP);
    for key in fields::ACCIDENTAL_KEYS {
        let about = "Not used: upstream accepts it by accident.";
        properties.insert((*key).to_owned(), json!({ "description": about, "deprecated": true }));
    }
    let title = ("Metadata of a KEP", "The metadata of a Kubernetes enhancement proposal (kep.yaml).");
    let schema = document("kep.schema.json", title, &properties, fields::KEP);
    with(schema, "allOf", conditions(fields::KEP))
}

/// The schema of a production-readiness file.
#[must_use]
pub fn of_prr_file() -> Value {
    let about = "The production readiness approvers of a KEP (keps/prod-readiness/<sig>/<number>.yaml).";
    let title = ("Production readiness approval of a KEP", about);
    document("prod-readiness.schema.json", title, &properties(fields::PRR), fields::PRR)
}

fn document(
    name: &str,
    (title, description): (&str, &str),
    properties: &Map<String, Value>,
    fields: &[FieldSpec],
) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{ID}/{name}"),
        "title": title,
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required(fields),
        "additionalProperties": false,
        "$defs": {
            "scalar": {
                "type": ["string", "number", "boolean", "null"],
                "not": { "type": "string", "pattern": "---" },
                "$comment": "Upstream takes any scalar as text, and a line with --- as the end of the document.",
            },
            "filled": {
                "not": { "anyOf": [
                    { "enum": fields::examples(fields::KEP) },
                    { "type": "string", "pattern": "^\\s*[a-z-]+(\\s*\\|\\s*[a-z-]+)+\\s*$" },
                ] },
                "$comment": "Text of the KEP template is not a value.",
            },
            "required": {
                "allOf": [reference("scalar"), reference("filled")],
                "type": ["string", "number", "boolean"],
                "minLength": 1,
            },
        },
    })
}

fn reference(definition: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{definition}") })
}

/// Adds an entry to an object.
fn with(mut object: Value, key: &str, value: Value) -> Value {
    if let Some(entries) = object.as_object_mut() {
        entries.insert(key.to_owned(), value);
    }
    object
}

fn required(fields: &[FieldSpec]) -> Vec<&'static str> {
    fields.iter().filter(|field| field.required == When::Always).map(|field| field.key).collect()
}

fn properties(fields: &[FieldSpec]) -> Map<String, Value> {
    let property =
        |field: &FieldSpec| (field.key.to_owned(), with(of_field(field), "description", field.description.into()));
    fields.iter().map(property).collect()
}

fn of_field(field: &FieldSpec) -> Value {
    let is_required = field.required == When::Always;
    match field.shape {
        Shape::Text | Shape::Release => reference(if is_required { "required" } else { "scalar" }),
        Shape::Status => word(&Status::ALL.map(Status::word), is_required),
        Shape::Stage => word(&Stage::ALL.map(Stage::word), is_required),
        // These are the words that Go's yaml.v3 accepts.
        Shape::Boolean => json!({ "enum": [true, false, null, "y", "Y", "yes", "on", "n", "N", "no", "off"] }),
        Shape::List => list(field, is_required),
        Shape::Mapping(fields) => mapping(fields),
        Shape::Mappings(fields) => json!({ "type": ["array", "null"], "items": mapping(fields) }),
    }
}

/// One of `words`, which editors suggest, or any other scalar, which the rules check.
fn word(words: &[&str], is_required: bool) -> Value {
    if is_required {
        let any = json!({ "type": ["string", "number", "boolean"] });
        return with(reference("required"), "anyOf", json!([{ "enum": words }, any]));
    }
    json!({ "anyOf": [{ "enum": words }, reference("scalar")] })
}

fn list(field: &FieldSpec, is_required: bool) -> Value {
    let is_filled = match field.leftover {
        Leftover::Error => true,
        Leftover::ErrorWhenRequired => is_required,
        Leftover::Ignored | Leftover::Warning => false,
    };
    let items =
        if is_filled { json!({ "allOf": [reference("scalar"), reference("filled")] }) } else { reference("scalar") };
    if is_required {
        return json!({ "type": "array", "minItems": 1, "items": items });
    }
    json!({ "type": ["array", "null"], "items": items })
}

fn mapping(fields: &[FieldSpec]) -> Value {
    let mapping = json!({ "properties": properties(fields), "additionalProperties": false });
    let required = required(fields);
    if required.is_empty() {
        return with(mapping, "type", json!(["object", "null"]));
    }
    with(with(mapping, "type", json!("object")), "required", json!(required))
}

/// Conditions under which fields must not contain a placeholder, depending on the status and stage of the KEP.
fn conditions(fields: &'static [FieldSpec]) -> Value {
    let mut conditions: Vec<(When, Map<String, Value>)> = Vec::new();
    let fields = fields.iter().filter(|field| field.leftover == Leftover::ErrorWhenRequired);
    for field in fields.filter(|field| matches!(field.required, When::Active | When::From(_))) {
        let entry = (field.key.to_owned(), filled(field));
        match conditions.iter_mut().find(|(when, _)| *when == field.required) {
            Some((_, properties)) => properties.extend([entry]),
            None => conditions.push((field.required, Map::from_iter([entry]))),
        }
    }
    let condition = |(when, properties)| json!({ "if": holds(when), "then": { "properties": properties } });
    conditions.into_iter().map(condition).collect()
}

/// Requires that a field contains no placeholder.
fn filled(field: &FieldSpec) -> Value {
    match field.shape {
        Shape::List => json!({ "items": reference("filled") }),
        Shape::Mappings(fields) => {
            let checked = fields.iter().filter(|field| field.leftover != Leftover::Ignored);
            let properties: Map<_, _> = checked.map(|field| (field.key.to_owned(), filled(field))).collect();
            json!({ "items": { "properties": properties } })
        }
        _ => reference("filled"),
    }
}

/// A schema that matches a KEP if a value is required `when`.
fn holds(when: When) -> Value {
    let passive: Vec<_> = Status::ALL.into_iter().filter(|status| !status.is_active()).map(Status::word).collect();
    let active = json!({ "not": { "properties": { "status": { "enum": passive } }, "required": ["status"] } });
    let stages: Vec<_> = match when {
        When::Never => return json!(false),
        When::Always => return json!(true),
        When::Active => return active,
        When::At(stage) => vec![stage.word()],
        When::From(first) => {
            Stage::ALL.into_iter().filter(|stage| *stage == first || first.is_before(*stage)).map(Stage::word).collect()
        }
    };
    json!({ "allOf": [active, { "properties": { "stage": { "enum": stages } }, "required": ["stage"] }] })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::{of_kep, of_prr_file};
    use crate::kep::fields::{self, FieldSpec, Shape};

    /// Compares the schema of a mapping, and of the mappings below it, with the table of fields.
    fn assert_has_the_keys_of(fields: &'static [FieldSpec], schema: &Value, more: &[&str]) {
        let properties = schema["properties"].as_object().unwrap();
        let wanted: BTreeSet<_> = fields::keys(fields).into_iter().chain(more.iter().copied()).collect();
        assert_eq!(properties.keys().map(String::as_str).collect::<BTreeSet<_>>(), wanted);
        assert_eq!(schema["additionalProperties"], false);
        for field in fields {
            match field.shape {
                Shape::Mapping(children) => assert_has_the_keys_of(children, &properties[field.key], &[]),
                Shape::Mappings(children) => assert_has_the_keys_of(children, &properties[field.key]["items"], &[]),
                _ => {}
            }
        }
    }

    #[test]
    fn the_schemas_have_the_keys_of_the_tables() {
        assert_has_the_keys_of(fields::KEP, &of_kep(), fields::ACCIDENTAL_KEYS);
        assert_has_the_keys_of(fields::PRR, &of_prr_file(), &[]);
        assert_eq!(of_prr_file()["properties"]["beta"]["required"], serde_json::json!(["approver"]));
    }

    #[test]
    fn each_property_has_a_description() {
        for schema in [of_kep(), of_prr_file()] {
            for (key, property) in schema["properties"].as_object().unwrap() {
                assert!(property["description"].as_str().is_some_and(|about| about.ends_with('.')), "{key}");
            }
        }
    }

    #[test]
    fn a_condition_names_each_field_whose_placeholder_depends_on_the_kep() {
        let schema = of_kep();
        let conditions = schema["allOf"].as_array().unwrap().iter();
        let keys = conditions.flat_map(|it| it["then"]["properties"].as_object().unwrap().keys().map(String::as_str));
        assert_eq!(keys.collect::<Vec<_>>(), ["latest-milestone", "stage", "feature-gates", "metrics"]);
    }
}
