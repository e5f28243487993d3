//! `kepgate schema`: the JSON schema for validation and completion in editors.

use crate::cli::Document;
use crate::config;
use crate::kep::schema;
use crate::rules::ALL;

/// The schema as JSON, with a line feed at its end.
pub(super) fn page(document: Document) -> String {
    let schema = match document {
        Document::Kep => schema::of_kep(),
        Document::ProdReadiness => schema::of_prr_file(),
        Document::Config => config::schema::of_config(ALL),
    };
    format!("{schema:#}\n")
}

/// Derives the schemas of the reports and compares them with those in `docs/`. `cargo xtask docs` rewrites them.
#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::query::{columns, load, shadows};
    use crate::readiness::sweep;
    use crate::report::list::{Column, Rows};

    #[test]
    fn schemas_of_reports_are_current() {
        for (path, schema) in of_reports() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            if std::env::var_os("KEPGATE_BLESS").is_some() {
                std::fs::write(&path, &schema).unwrap();
            }
            let written = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(written, schema, "{}: run `cargo xtask docs`", path.display());
        }
    }

    /// The schemas of the reports and lists, derived from their types and columns, by their path in the repository.
    fn of_reports() -> Vec<(&'static str, String)> {
        vec![
            ("docs/report.schema.json", of::<crate::report::json::Document<'_>>("report.schema.json")),
            ("docs/readiness.schema.json", of::<crate::readiness::report::Document<'_>>("readiness.schema.json")),
            ("docs/review.schema.json", of::<crate::review::Document<'_>>("review.schema.json")),
            ("docs/status.schema.json", of::<crate::status::Document<'_>>("status.schema.json")),
            ("docs/rules.schema.json", of::<Vec<crate::commands::rules::Entry>>("rules.schema.json")),
            (
                "docs/query.schema.json",
                of_list("query", "KEPs", "kepgate query --output json", (&columns::selectable(), Rows::Selected)),
            ),
            (
                "docs/query-by-approver.schema.json",
                of_list(
                    "query-by-approver",
                    "Workload of approvers",
                    "kepgate query --by approver --output json",
                    (&load::COLUMNS, Rows::Complete),
                ),
            ),
            ("docs/keps.schema.json", of::<Vec<crate::export::Proposal<'_>>>("keps.schema.json")),
            ("docs/plan.schema.json", of::<crate::query::plan::report::Document<'_>>("plan.schema.json")),
            (
                "docs/shadows.schema.json",
                of_list(
                    "shadows",
                    "Shadow reviews",
                    "kepgate shadows --output json",
                    (&shadows::COLUMNS, Rows::Complete),
                ),
            ),
            (
                "docs/sweep.schema.json",
                of_list(
                    "sweep",
                    "Outdated metadata",
                    "kepgate readiness --sweep --output json",
                    (&sweep::COLUMNS, Rows::Complete),
                ),
            ),
            (
                "docs/calendar.schema.json",
                of_list(
                    "calendar",
                    "Releases",
                    "kepgate calendar --output json",
                    (&crate::commands::calendar::COLUMNS, Rows::Complete),
                ),
            ),
        ]
    }

    /// The folder of the schemas on the web.
    const FOLDER: &str = "https://raw.githubusercontent.com/kepgate/kepgate/main/docs";

    /// The schema of a list, which a command writes with these columns.
    fn of_list(name: &str, title: &str, command: &str, (columns, rows): (&[Column], Rows)) -> String {
        let mut schema = crate::report::list::of_list(columns, rows);
        schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("$id".to_owned(), format!("{FOLDER}/{name}.schema.json").into());
        schema.insert("title".to_owned(), title.into());
        schema.insert("description".to_owned(), format!("The list that `{command}` writes.").into());
        format!("{:#}\n", schema.as_value())
    }

    /// The schema of what `T` is written as.
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
        schema.insert("$id".to_owned(), format!("{FOLDER}/{name}").into());
        if schema.get("type").is_some_and(|kind| kind == "array") {
            let (title, command) = match name {
                "keps.schema.json" => ("KEPs for websites", "kepgate export keps.json"),
                _ => ("Rules", "kepgate rules --output json"),
            };
            schema.insert("title".to_owned(), title.into());
            schema.insert("description".to_owned(), format!("The list that `{command}` writes.").into());
        }
        format!("{:#}\n", schema.as_value())
    }
}
