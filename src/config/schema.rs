//! The JSON Schema of the configuration, for editors.

use serde_json::Value;

use crate::rule::Rule;

/// The schema without the ids of the rules. Its descriptions are what editors show.
const WITHOUT_RULES: &str = include_str!("schema.json");

/// The schema, with the ids of these rules.
#[must_use]
pub(crate) fn of_config(rules: &[&Rule]) -> Value {
    let mut ids: Vec<_> = rules.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    // Cannot fail: a test reads the schema.
    let mut schema: Value = serde_json::from_str(WITHOUT_RULES).unwrap_or_default();
    if let Some(place) = schema.pointer_mut("/$defs/rule/enum") {
        *place = ids.into();
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::super::KEYS;
    use super::of_config;

    #[test]
    fn the_schema_has_the_keys_of_the_configuration() {
        let schema = of_config(&[]);
        let mut keys: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected = KEYS.to_vec();
        keys.sort_unstable();
        expected.sort_unstable();
        assert_eq!(keys, expected);
    }
}
