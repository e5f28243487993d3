//! `kepgate schema`: the JSON schema for validation and completion in editors.

use crate::cli::Document;
use crate::kep::schema;

/// The schema as JSON, with a line feed at its end.
pub(super) fn page(document: Document) -> String {
    let schema = match document {
        Document::Kep => schema::of_kep(),
        Document::ProdReadiness => schema::of_prr_file(),
    };
    format!("{schema:#}\n")
}

/// The schemas of the reports, derived from their types, by their path in the repository.
#[cfg(feature = "schema")]
#[must_use]
pub fn of_reports() -> [(&'static str, String); 4] {
    [
        ("docs/report.schema.json", of::<crate::report::json::Document<'_>>("report.schema.json")),
        ("docs/readiness.schema.json", of::<crate::readiness::report::Document<'_>>("readiness.schema.json")),
        ("docs/status.schema.json", of::<crate::status::Document<'_>>("status.schema.json")),
        ("docs/rules.schema.json", of::<Vec<super::rules::Entry>>("rules.schema.json")),
    ]
}

/// The schema of what `T` is written as.
#[cfg(feature = "schema")]
fn of<T: schemars::JsonSchema>(name: &str) -> String {
    // Comments in the code are wrapped, descriptions are not.
    let unwrap_lines = |schema: &mut schemars::Schema| {
        if let Some(serde_json::Value::String(description)) = schema.get_mut("description") {
            *description = description.replace('\n', " ");
        }
    };
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let settings = settings.with_transform(schemars::transform::RecursiveTransform(unwrap_lines));
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    let address = format!("https://raw.githubusercontent.com/kepgate/kepgate/main/docs/{name}");
    schema.insert("$id".to_owned(), address.into());
    format!("{:#}\n", schema.as_value())
}
