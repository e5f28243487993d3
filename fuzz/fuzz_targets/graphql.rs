//! An answer to a GraphQL query is accepted only if it has data and no error that the query does not allow.
#![no_main]

use kepgate::github::{AllowedError, query_data};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use serde_json::Value;

fuzz_target!(|answer: &[u8]| {
    let path = ["repository", "i1"];
    let strict = query_data(answer, &[]);
    let lenient = query_data(answer, &[AllowedError::not_found(&path)]);
    if serde_json::from_slice::<IgnoredAny>(answer).is_err() {
        assert_eq!((strict, lenient), (None, None), "something that is not JSON");
        return;
    }
    // Fields that are not read may contain text that is not Unicode, and numbers of any size.
    let Ok(parsed) = serde_json::from_slice::<Value>(answer) else { return };
    let errors = parsed.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if strict.is_some() {
        assert!(errors.is_empty(), "an answer with errors");
        assert_eq!(strict, lenient);
    }
    if let Some(data) = &lenient {
        assert!(!data.is_null(), "an answer without data");
        // Serde also accepts a struct as the list of its fields.
        for error in errors {
            assert_eq!((&error["type"], &error["path"]), (&"NOT_FOUND".into(), &path[..].into()));
        }
    }
});
