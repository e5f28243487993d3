//! The release team's project board, as exported by GitHub: the view "Exception Requests", where the team has recorded
//! exceptions since v1.37. GitHub exports a view with tabs between the columns; `gh project item-list` writes JSON.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Phase;
use super::exception::{Exception, ExceptionsError, Ruling};
use crate::kep::KepNumber;
use crate::text::wording::quote;

/// The field with the freeze that a request is about.
const FREEZE: &str = "Exception Request Type";
/// The field with the ruling.
const RULING: &str = "Exception Status";

/// The fields of an item. Names consist of lowercase letters and digits.
type Item = BTreeMap<String, String>;

/// Reads the requests in an export; `None` if the text is not an export.
///
/// # Errors
/// [`ExceptionsError`] if the export is malformed or lacks a field, or if the KEP of a request is unknown.
pub(super) fn read(text: &str) -> Result<Option<Vec<(KepNumber, Exception)>>, ExceptionsError> {
    let text = text.trim_start_matches('\u{feff}');
    let (items, has_fields) = if text.trim_start().starts_with(['{', '[']) {
        let items = of_json(text)?;
        // gh leaves out empty fields.
        let has_fields = items.is_empty() || items.iter().any(|item| item.contains_key(&normalized(FREEZE)));
        (items, has_fields)
    } else {
        let header = text.lines().next().unwrap_or_default();
        let Some(delimiter) = delimiter(header) else { return Ok(None) };
        let items = of_table(text, delimiter)?;
        let columns: Vec<_> = header.split(char::from(delimiter)).map(normalized).collect();
        (items, [FREEZE, RULING].iter().all(|name| columns.contains(&normalized(name))))
    };
    if !has_fields {
        let message = format!("the export has no fields {} and {}", quote(FREEZE), quote(RULING));
        return Err(ExceptionsError::Board(message));
    }
    let requests = items.iter().enumerate().map(|(index, item)| request(index + 1, item));
    Ok(Some(requests.filter_map(Result::transpose).collect::<Result<_, _>>()?))
}

/// The delimiter between the columns, if the line is the header of an export.
fn delimiter(header: &str) -> Option<u8> {
    let is_header = |delimiter: &u8| header.split(char::from(*delimiter)).any(|name| normalized(name) == "title");
    [b'\t', b','].into_iter().filter(|delimiter| header.contains(char::from(*delimiter))).find(is_header)
}

/// `Exception Status`, `exception status` and `exception-status` are the same field.
fn normalized(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn of_table(text: &str, delimiter: u8) -> Result<Vec<Item>, ExceptionsError> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let malformed = |error: csv::Error| ExceptionsError::Board(error.to_string());
    let names: Vec<_> = reader.headers().map_err(malformed)?.iter().map(normalized).collect();
    let item = |record: csv::StringRecord| names.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| record.map(item).map_err(malformed)).collect()
}

fn of_json(text: &str) -> Result<Vec<Item>, ExceptionsError> {
    let malformed = |message: String| ExceptionsError::Board(message);
    let document: Value = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
    let items = document.get("items").unwrap_or(&document);
    let items = items.as_array().ok_or_else(|| malformed("the JSON has no list `items`".to_owned()))?;
    Ok(items.iter().map(item_of_json).collect())
}

/// The fields of an item, including those of its issue in `content`.
fn item_of_json(value: &Value) -> Item {
    let fields = |value: &Value| -> Vec<(String, String)> {
        let entries = value.as_object().into_iter().flatten();
        entries.filter_map(|(name, value)| Some((normalized(name), scalar(value)?))).collect()
    };
    let content = value.get("content").map(fields).unwrap_or_default();
    content.into_iter().chain(fields(value)).collect()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The request in an item; `None` if there is none, or if it is about another freeze.
fn request(row: usize, item: &Item) -> Result<Option<(KepNumber, Exception)>, ExceptionsError> {
    let field = |name: &str| item.get(&normalized(name)).map_or("", |text| text.trim());
    let freeze = match normalized(field(FREEZE)).as_str() {
        "prrfreeze" | "kepreadiness" | "kepreadinessdeadline" => Phase::PrrFreeze,
        "enhancementsfreeze" | "enhancementfreeze" => Phase::EnhancementsFreeze,
        _ => return Ok(None),
    };
    let Some(number) = number(item) else {
        let title = quote(field("Title"));
        return Err(ExceptionsError::Board(format!("item {row}, {title}, does not name its KEP")));
    };
    let ruling = Ruling::parse(&field(RULING).to_lowercase());
    Ok(Some((number, Exception { ruling, reviewed: String::new(), freeze })))
}

/// The KEP of an item, which is the number of its issue. A second request for a KEP is a draft without an issue, which
/// may have the number in its title, as `#1234` or `KEP-1234`.
fn number(item: &Item) -> Option<KepNumber> {
    let field = |name: &str| item.get(name).map_or("", String::as_str);
    let of_url = || field("url").rsplit_once("/issues/").and_then(|(_, number)| KepNumber::parse(number));
    let words = field("title").split(|letter: char| !letter.is_ascii_alphanumeric() && !"#-".contains(letter));
    let mut named = words.filter_map(|word| word.strip_prefix('#').or_else(|| word.strip_prefix("KEP-")));
    KepNumber::parse(field("number")).or_else(of_url).or_else(|| named.find_map(KepNumber::parse))
}

#[cfg(test)]
mod tests {
    use crate::kep::{KepNumber, Milestone};
    use crate::release::{Exceptions, Phase};

    const RELEASE: Milestone = Milestone::new(1, 38);

    const TABLE: &str = "\
Title\tURL\tStatus\tException Request Type\tException Status
Quiet hours\thttps://github.com/kubernetes/enhancements/issues/1234\tTracked\tEnhancements Freeze\tApproved
Quiet hours\thttps://github.com/kubernetes/enhancements/issues/1234\tTracked\tPRR Freeze\tRejected
Other\thttps://github.com/kubernetes/enhancements/issues/5\t\tKEP Readiness\tApproved
Second request of KEP-6\t\t\tEnhancements Freeze\t
Late code\thttps://github.com/kubernetes/enhancements/issues/7\t\tCode and Test Freeze\tApproved
No request\thttps://github.com/kubernetes/enhancements/issues/8\tTracked\t\t
";

    /// The requests: KEP, ruling and freeze.
    fn requests(text: &str) -> Vec<(KepNumber, &'static str, Phase)> {
        let mut exceptions = Exceptions::default();
        exceptions.add(RELEASE, text).unwrap();
        let found = exceptions.for_release(RELEASE);
        found.map(|(kep, exception)| (kep, exception.ruling.word(), exception.freeze)).collect()
    }

    fn expected() -> Vec<(KepNumber, &'static str, Phase)> {
        let kep = |number: &str| KepNumber::parse(number).unwrap();
        vec![
            (kep("5"), "approved", Phase::PrrFreeze),
            (kep("6"), "open", Phase::EnhancementsFreeze),
            (kep("1234"), "approved", Phase::EnhancementsFreeze),
        ]
    }

    #[test]
    fn a_view_has_requests() {
        assert_eq!(requests(TABLE), expected());
        assert_eq!(requests(&TABLE.replace('\t', ",")), expected());
        assert_eq!(requests(&format!("\u{feff}{}", TABLE.replace('\n', "\r\n"))), expected());
    }

    #[test]
    fn json_has_requests() {
        let item = |content: &str, freeze: &str, ruling: &str| {
            format!(
                r#"{{"content": {content}, "labels": [], "exception Request Type": "{freeze}", "exception Status": "{ruling}"}}"#
            )
        };
        let issue = |number: u32| format!(r#"{{"number": {number}, "type": "Issue", "title": "x"}}"#);
        let items = [
            item(&issue(1234), "Enhancements Freeze", "Approved"),
            item(&issue(5), "KEP Readiness", "Approved"),
            item(r#"{"type": "DraftIssue", "title": "Second request of #6"}"#, "Enhancements Freeze", ""),
            r#"{"content": {"number": 8}, "status": "Tracked"}"#.to_owned(),
        ];
        assert_eq!(requests(&format!(r#"{{"items": [{}]}}"#, items.join(","))), expected());
    }

    #[test]
    fn an_export_without_the_fields_is_an_error() {
        let no_fields = "the export has no fields `Exception Request Type` and `Exception Status`";
        for (text, message) in [
            ("Title\tURL\tStatus\nx\ty\tz\n", no_fields),
            (r#"{"items": [{"status": "Tracked"}]}"#, no_fields),
            ("{}", "the JSON has no list `items`"),
            ("[", "EOF while parsing a list at line 1 column 1"),
            (
                "Title,Exception Request Type,Exception Status\nLate,Enhancements Freeze,Approved\n",
                "item 1, `Late`, does not name its KEP",
            ),
        ] {
            let error = Exceptions::default().add(RELEASE, text).unwrap_err();
            assert_eq!(error.to_string(), message, "{text}");
        }
    }
}
