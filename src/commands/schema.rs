//! `kepgate schema`: the JSON schema for validation and completion in editors.

use crate::cli::Document;
use crate::kep::schema;

/// The schema as JSON, with a line feed at its end.
pub(super) fn page(document: Document) -> String {
    let schema = match document {
        Document::Kep => schema::of_kep(),
        Document::ProdReadiness => schema::of_approval(),
    };
    format!("{schema:#}\n")
}
