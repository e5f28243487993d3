//! Tests of the fields of `kep.yaml`.

use super::{Kep, Value};
use crate::kep::FaultKind;
use crate::kep::fields::{self, FieldSpec, Shape};
use crate::syntax::yaml;
use crate::text::{Files, RepoPath, Side, SourceFile};

fn decode(text: &str) -> Kep {
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Head, RepoPath::from("keps/sig-node/1-x/kep.yaml"), text));
    Kep::decode(file, &yaml::read(text))
}

fn sample(field: &FieldSpec) -> String {
    match field.shape {
        Shape::Text | Shape::Release | Shape::Status | Shape::Stage => "word".to_owned(),
        Shape::Boolean => "true".to_owned(),
        Shape::List => "[word]".to_owned(),
        Shape::Mapping(fields) => mapping(fields),
        Shape::Mappings(fields) => format!("[{}]", mapping(fields)),
    }
}

fn mapping(fields: &[FieldSpec]) -> String {
    let entries: Vec<_> = fields.iter().map(|field| format!("{}: {}", field.key, sample(field))).collect();
    format!("{{{}}}", entries.join(", "))
}

#[test]
fn each_field_of_the_table_is_decoded_to_the_shape_that_the_table_gives() {
    let lines: Vec<_> = fields::KEP.iter().map(|field| format!("{}: {}\n", field.key, sample(field))).collect();
    let kep = decode(&lines.concat());
    assert_eq!(kep.faults, []);
    assert_eq!(kep.fields().count(), fields::KEP.len());
    for (field, value) in kep.fields() {
        assert!(value.outline().value().is_some(), "{}", field.key);
        let fits = match field.shape {
            Shape::Text | Shape::Release | Shape::Status | Shape::Stage => matches!(value, Value::Text(_)),
            Shape::Boolean => matches!(value, Value::Boolean(_)),
            Shape::List => matches!(value, Value::List(_)),
            Shape::Mapping(_) => matches!(value, Value::Milestones(_)),
            Shape::Mappings(_) => matches!(value, Value::FeatureGates(_)),
        };
        assert!(fits, "{}: {value:?}", field.key);
    }
}

#[test]
fn each_key_of_the_table_is_suggested_for_its_misspelling() {
    for key in fields::keys(fields::KEP) {
        let misspelled = format!("{key}x");
        let kep = decode(&format!("{misspelled}: word\n"));
        let [fault] = kep.faults.as_slice() else { panic!("{:?}", kep.faults) };
        let FaultKind::UnknownKey { known, near, .. } = &fault.kind else { panic!("{fault:?}") };
        assert!(known.iter().eq(fields::keys(fields::KEP)));
        assert_eq!(near.as_deref(), Some(key));
        assert!(kep.is_misspelt(key));
    }
}

#[test]
fn an_accidental_key_is_not_taken_for_a_misspelling() {
    for key in fields::ACCIDENTAL_KEYS {
        let kep = decode(&format!("{key}: word\n"));
        assert_eq!(kep.faults.len(), 1);
        assert!(!fields::keys(fields::KEP).into_iter().any(|field| kep.is_misspelt(field)), "{key}");
    }
}
