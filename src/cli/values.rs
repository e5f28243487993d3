//! Parsers of values that several commands accept.

use std::ffi::OsStr;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Arg, Command};
use jiff::SignedDuration;
use regex::bytes::{Regex, RegexBuilder};

use crate::kep::{Handle, KepNumber, Milestone, Stage};
use crate::project::layout;
use crate::report::list::{Column, SortKey};

/// The number of a KEP, with or without `KEP-` or `#` in front. In other projects than Kubernetes, it can have a part or a
/// prefix, as in `12.1` or `gep-17`.
pub(super) fn number(text: &str) -> Result<String, String> {
    if let Some(number) = KepNumber::parse_name(text) {
        return Ok(number.to_string());
    }
    let bare = text.strip_prefix("KEP-").or(text.strip_prefix('#')).unwrap_or(text);
    if bare.split('.').all(layout::is_word) && bare.ends_with(|last: char| last.is_ascii_digit()) {
        return Ok(bare.to_owned());
    }
    Err("specify the number of a KEP, as in 1287".to_owned())
}

/// A GitHub handle, returned with exactly one `@`.
pub(super) fn handle(text: &str) -> Result<String, String> {
    if text.eq_ignore_ascii_case("me") {
        return Err("write `@me` if you mean yourself".to_owned());
    }
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

/// A regular expression for the name of a SIG, in any case. These names are ASCII, so the Unicode tables of `regex` are not needed.
pub(super) fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .case_insensitive(true)
        .unicode(false)
        .build()
        .map_err(|error| format!("not a valid regular expression: {error}"))
}

/// A time limit: more than nothing, and at most a day.
pub(super) fn time_limit(text: &str) -> Result<Duration, String> {
    const MAX: Duration = Duration::from_hours(24);
    let limit = text.parse::<SignedDuration>().ok().and_then(|limit| Duration::try_from(limit).ok());
    let limit = limit.filter(|limit| !limit.is_zero() && *limit <= MAX);
    limit.ok_or_else(|| "specify a time of at most 24h, such as 90s or 5m".to_owned())
}

/// The word of a stage or a status. A project may have words of its own, which only its configuration lists, so that
/// the command rejects those that are not valid.
#[derive(Debug, Clone)]
pub(super) struct WordParser {
    suggested: Vec<&'static str>,
}

/// A stage; `others` are further words that the command takes.
pub(super) fn stage(others: &[&'static str]) -> WordParser {
    WordParser::new(&[&Stage::ALL.map(Stage::word), others].concat())
}

impl WordParser {
    /// Suggests these words, and takes any.
    pub(super) fn new(suggested: &[&'static str]) -> Self {
        Self { suggested: suggested.to_vec() }
    }
}

impl TypedValueParser for WordParser {
    type Value = String;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.suggested.iter().map(PossibleValue::new)))
    }
}

/// A column, by its key or its heading.
pub(super) fn column(columns: fn() -> Vec<Column>) -> ColumnParser<&'static str> {
    ColumnParser { columns, parse: |text, columns| Column::find(columns, text).map(|column| column.key) }
}

/// A column to sort by, with `-` in front for descending order.
pub(super) fn sort_key(columns: fn() -> Vec<Column>) -> ColumnParser<SortKey> {
    ColumnParser { columns, parse: SortKey::parse }
}

/// Parses the name of a column. The error for another name lists the keys, as does the help.
#[derive(Debug, Clone)]
pub(super) struct ColumnParser<T> {
    columns: fn() -> Vec<Column>,
    parse: fn(&str, &[Column]) -> Option<T>,
}

impl<T> ColumnParser<T> {
    fn keys(&self) -> Vec<&'static str> {
        (self.columns)().iter().map(|column| column.key).collect()
    }
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for ColumnParser<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        if let Some(column) = value.to_str().and_then(|text| (self.parse)(text, &(self.columns)())) {
            return Ok(column);
        }
        let keys = PossibleValuesParser::new(self.keys());
        keys.parse_ref(command, argument, value)?;
        Err(clap::Error::new(clap::error::ErrorKind::InvalidValue).with_cmd(command))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.keys().into_iter().map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::time_limit;

    #[test]
    fn a_time_limit_has_a_unit_and_an_end() {
        assert_eq!(time_limit("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time_limit("1h 30m"), Ok(Duration::from_mins(90)));
        for text in ["", "5", "0s", "-5m", "5m ago", "25h", "99999999999999999999h", "soon"] {
            assert!(time_limit(text).is_err(), "{text:?}");
        }
    }
}
