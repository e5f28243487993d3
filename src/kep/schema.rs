//! JSON Schemas of the documents, for editors: the keys are those of the model, what they may hold is what lowering
//! takes. They say what the rules of the YAML table say, and no more: a misspelt status is a matter of the gate.

use serde_json::{Map, Value, json};

use super::placeholder::KNOWN;
use super::{Stage, Status, kep_yaml as kep, prr as approval};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Any scalar.
    Text,
    /// Any scalar, never empty, never a placeholder.
    Required,
    /// A list of scalars.
    List,
    /// The same, none of the entries a placeholder.
    FilledList,
    /// The same with an entry at least.
    SomeList,
    /// Both.
    RequiredList,
    /// One of these words, or another: which ones hold is a matter of the gate.
    Word(&'static [&'static str]),
    /// True or false.
    Boolean,
    /// A release for each stage.
    Milestones,
    /// Names and components.
    Gates,
}

const STAGES: &[&str] = &["alpha", "beta", "stable", "deprecated", "disabled", "removed"];
const STATUSES: &[&str] =
    &["provisional", "implementable", "implemented", "deferred", "rejected", "withdrawn", "replaced"];

/// The fields of `kep.yaml`: key, shape, and what an author has to know.
const KEP: &[(&str, Shape, &str)] = &[
    ("title", Shape::Required, "What the enhancement is, in a few words."),
    ("kep-number", Shape::Required, "The number of the tracking issue, which the directory begins with."),
    ("authors", Shape::RequiredList, "The GitHub handles of the authors, each with @ and in quotes."),
    ("owning-sig", Shape::Required, "The SIG whose directory the KEP stands in."),
    ("participating-sigs", Shape::FilledList, "Other groups that take part."),
    (
        "status",
        Shape::Word(STATUSES),
        "Where the KEP stands: implementable once its approvers agree, implemented once it is stable and released.",
    ),
    ("creation-date", Shape::Text, "The day on which the KEP was begun, as YYYY-MM-DD."),
    ("last-updated", Shape::Text, "The day of the last change, as YYYY-MM-DD, or a release."),
    (
        "reviewers",
        Shape::List,
        "The GitHub handles of the reviewers, each with @ and in quotes; TBD while provisional.",
    ),
    (
        "approvers",
        Shape::SomeList,
        "The GitHub handles of the approvers, each with @ and in quotes; TBD while provisional.",
    ),
    ("editor", Shape::Text, "Nobody reads it any more."),
    ("see-also", Shape::List, "Other KEPs, as paths from the root of the repository (/keps/sig-…)."),
    ("replaces", Shape::List, "KEPs that this one replaces."),
    ("superseded-by", Shape::List, "KEPs that replace this one."),
    (
        "stage",
        Shape::Word(STAGES),
        "The stage that is worked on in the latest milestone; deprecated, disabled and removed for what goes away.",
    ),
    (
        "latest-milestone",
        Shape::Text,
        "The release that is worked on, such as \"v1.36\". From v1.21 on the KEP needs a production-readiness approver for its stage.",
    ),
    ("milestone", Shape::Milestones, "The release that brings, or is to bring, each stage."),
    ("feature-gates", Shape::Gates, "The feature gates, from alpha on."),
    (
        "disable-supported",
        Shape::Boolean,
        "Whether the feature can be switched off again once it was on; from alpha on.",
    ),
    ("metrics", Shape::List, "Metrics that tell an operator of the feature's health, from beta on."),
];

/// The fields of a production-readiness file beside the stages.
const APPROVAL: &[(&str, Shape, &str)] =
    &[("kep-number", Shape::Required, "The number of the KEP, which the file is named after.")];

const ID: &str = "https://raw.githubusercontent.com/kepgate/kepgate/main/docs";

/// The schema of `kep.yaml`.
#[must_use]
pub fn of_kep() -> Value {
    let mut properties = properties(KEP);
    for key in kep::ACCIDENTAL_KEYS {
        let about = "Nothing reads it: upstream lets it through by accident.";
        properties.insert((*key).to_owned(), json!({ "description": about, "deprecated": true }));
    }
    let schema = document("kep.schema.json", "The metadata of a KEP (kep.yaml)", &properties, KEP);
    let conditions = json!([
        { "if": active(&[]), "then": { "properties": {
            "stage": { "$ref": "#/$defs/filled" }, "latest-milestone": { "$ref": "#/$defs/filled" } } } },
        { "if": active(&["alpha", "beta", "stable"]), "then": { "properties": {
            "feature-gates": { "items": { "properties": { "name": { "$ref": "#/$defs/filled" } } } } } } },
        { "if": active(&["beta", "stable"]), "then": { "properties": {
            "metrics": { "items": { "$ref": "#/$defs/filled" } } } } },
    ]);
    with(schema, "allOf", conditions)
}

/// The schema of a production-readiness file.
#[must_use]
pub fn of_approval() -> Value {
    let mut properties = properties(APPROVAL);
    for stage in Stage::ALL {
        let about = format!("Who approves production readiness for {stage}.");
        let approver = json!({
            "$ref": "#/$defs/required",
            "description": "One of the prod-readiness-approvers of OWNERS_ALIASES, with @ and in quotes; `kepgate query --by approver` shows who has least to do.",
        });
        let entry = json!({
            "description": about,
            "type": "object",
            "properties": { "approver": approver },
            "required": approval::ENTRY_KEYS,
            "additionalProperties": false,
        });
        properties.insert(stage.word().to_owned(), entry);
    }
    let title = "Production-readiness approval of a KEP (keps/prod-readiness/<sig>/<number>.yaml)";
    document("prod-readiness.schema.json", title, &properties, APPROVAL)
}

fn document(name: &str, title: &str, properties: &Map<String, Value>, fields: &[(&str, Shape, &str)]) -> Value {
    let is_required = |shape: &Shape| {
        matches!(shape, Shape::Required | Shape::SomeList | Shape::RequiredList) || *shape == Shape::Word(STATUSES)
    };
    let required: Vec<_> = fields.iter().filter(|(_, shape, _)| is_required(shape)).map(|(key, ..)| *key).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{ID}/{name}"),
        "title": title,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
        "$defs": {
            "scalar": {
                "type": ["string", "number", "boolean", "null"],
                "not": { "type": "string", "pattern": "---" },
                "$comment": "Upstream takes any scalar for text, and a line with --- for the end of the document.",
            },
            "filled": {
                "not": { "anyOf": [{ "enum": KNOWN }, { "type": "string", "pattern": "^\\s*[a-z-]+(\\s*\\|\\s*[a-z-]+)+\\s*$" }] },
                "$comment": "Text of the KEP template is no answer.",
            },
            "required": {
                "allOf": [{ "$ref": "#/$defs/scalar" }, { "$ref": "#/$defs/filled" }],
                "type": ["string", "number", "boolean"],
                "minLength": 1,
            },
        },
    })
}

/// An object with one entry more.
fn with(mut object: Value, key: &str, value: Value) -> Value {
    if let Some(entries) = object.as_object_mut() {
        entries.insert(key.to_owned(), value);
    }
    object
}

fn properties(fields: &[(&str, Shape, &str)]) -> Map<String, Value> {
    let property = |(key, shape, about): &(&str, Shape, &str)| {
        ((*key).to_owned(), with(shape.schema(), "description", Value::from(*about)))
    };
    fields.iter().map(property).collect()
}

impl Shape {
    fn schema(self) -> Value {
        let scalar = json!({ "$ref": "#/$defs/scalar" });
        let filled = json!({ "$ref": "#/$defs/filled" });
        match self {
            Self::Text => scalar,
            Self::Required => json!({ "$ref": "#/$defs/required" }),
            Self::List => json!({ "type": ["array", "null"], "items": scalar }),
            Self::SomeList => json!({ "type": "array", "minItems": 1, "items": scalar }),
            Self::FilledList => json!({ "type": ["array", "null"], "items": { "allOf": [scalar, filled] } }),
            Self::RequiredList => {
                json!({ "type": "array", "minItems": 1, "items": { "allOf": [scalar, filled] } })
            }
            Self::Word(words) if words == STATUSES => json!({
                "$ref": "#/$defs/required", "anyOf": [{ "enum": words }, { "type": ["string", "number", "boolean"] }],
            }),
            Self::Word(words) => json!({ "anyOf": [{ "enum": words }, scalar] }),
            Self::Boolean => {
                json!({ "enum": [true, false, null, "y", "Y", "yes", "on", "n", "N", "no", "off"] })
            }
            Self::Milestones => {
                let stage = |key: &&str| ((*key).to_owned(), scalar.clone());
                json!({
                    "type": ["object", "null"],
                    "properties": kep::MILESTONE_KEYS.iter().map(stage).collect::<Map<_, _>>(),
                    "additionalProperties": false,
                })
            }
            Self::Gates => json!({
                "type": ["array", "null"],
                "items": {
                    "type": ["object", "null"],
                    "properties": {
                        "name": { "$ref": "#/$defs/scalar", "description": "The gate, in CamelCase." },
                        "components": { "type": ["array", "null"], "items": scalar },
                    },
                    "additionalProperties": false,
                },
            }),
        }
    }
}

/// A KEP that is worked on or done, or of no known status; at one of `stages`, if there are any.
fn active(stages: &[&str]) -> Value {
    let passive: Vec<_> = Status::ALL.into_iter().filter(|status| !status.is_active()).map(Status::word).collect();
    let status = json!({ "not": { "properties": { "status": { "enum": passive } }, "required": ["status"] } });
    if stages.is_empty() {
        return status;
    }
    json!({ "allOf": [status, { "properties": { "stage": { "enum": stages } }, "required": ["stage"] }] })
}

#[cfg(test)]
mod tests {
    use super::{APPROVAL, KEP, STAGES, STATUSES, of_approval, of_kep};
    use crate::kep::{Stage, Status, kep_yaml as kep, prr as approval};

    #[test]
    fn the_schemas_have_the_keys_of_the_model() {
        let keys: Vec<_> = KEP.iter().map(|(key, ..)| *key).collect();
        assert_eq!(keys, kep::KEYS);
        let keys: Vec<_> = APPROVAL.iter().map(|(key, ..)| *key).chain(Stage::ALL.map(Stage::word)).collect();
        assert_eq!(keys, approval::KEYS);
        assert_eq!(STATUSES, Status::ALL.map(Status::word));
        assert_eq!(STAGES, Stage::ALL.map(Stage::word));
        let gate = &of_kep()["properties"]["feature-gates"]["items"]["properties"];
        let mut names: Vec<_> = kep::FEATURE_GATE_KEYS.to_vec();
        names.sort_unstable();
        assert_eq!(gate.as_object().unwrap().keys().collect::<Vec<_>>(), names);
        assert_eq!(of_approval()["properties"]["beta"]["required"], serde_json::json!(approval::ENTRY_KEYS));
    }

    #[test]
    fn every_key_is_explained() {
        for schema in [of_kep(), of_approval()] {
            for (key, property) in schema["properties"].as_object().unwrap() {
                assert!(property["description"].as_str().is_some_and(|about| about.ends_with('.')), "{key}");
            }
        }
    }
}
