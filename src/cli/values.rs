//! Parsers of values that several commands accept.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::kep::{Handle, KepNumber, Milestone, Stage};

/// A KEP number, with or without `KEP-` or `#` in front.
pub(super) fn number(text: &str) -> Result<KepNumber, String> {
    let digits = text.strip_prefix("KEP-").or(text.strip_prefix('#')).unwrap_or(text);
    KepNumber::parse(digits).ok_or_else(|| "specify the number of a KEP, as in 1287".to_owned())
}

/// A GitHub handle, returned with exactly one `@`.
pub(super) fn handle(text: &str) -> Result<String, String> {
    let name = text.strip_prefix('@').unwrap_or(text);
    let handle =
        Handle::from_name(name).ok_or("a handle has only letters, digits and `-`, with or without an `@` in front")?;
    Ok(format!("@{}", handle.name()))
}

/// A release, but not an exempt milestone such as `v0.0`.
pub(super) fn release(text: &str) -> Result<Milestone, String> {
    let release = Milestone::parse(text).filter(|release| !release.is_exempt());
    release.ok_or_else(|| "specify a release, as in v1.36".to_owned())
}

/// A stage.
pub(super) fn stage() -> impl TypedValueParser<Value = Stage> {
    PossibleValuesParser::new(Stage::ALL.map(Stage::word))
        .try_map(|word| Stage::parse(&word).ok_or("not a valid stage"))
}
