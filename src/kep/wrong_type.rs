//! Messages about values of the wrong type.

use crate::text::wording::quote;

pub(crate) const LIST: &str = "a list";
pub(super) const MAPPING: &str = "a mapping";
pub(super) const ENTRY_MAPPING: &str = "a mapping in each entry";
pub(super) const TEXT: &str = "a single value";
pub(super) const ENTRY_TEXT: &str = "a single value in each entry";
pub(crate) const BOOLEAN: &str = "`true` or `false`";
pub(super) const UNTAGGED: &str = "a value without a YAML tag";
pub(super) const KEY: &str = "a plain word as the key";

/// Says that the value of `field`, or each of its entries, must be `wanted` but is `found`.
pub(crate) fn must_be(field: &str, wanted: &str, found: &str) -> String {
    if wanted == KEY {
        let place = if field.is_empty() { String::new() } else { format!(" of {}", quote(field)) };
        return format!("each key{place} must be a plain word, but this is {found}");
    }
    let field = quote(field);
    match wanted.strip_suffix(" in each entry") {
        Some(wanted) => format!("each entry of {field} must be {wanted}, but this is {found}"),
        None => format!("{field} must be {wanted}, but this is {found}"),
    }
}

/// Says how to write a value of type `wanted`.
pub(crate) fn how_to_write(wanted: &str) -> &'static str {
    match wanted {
        LIST => "write each entry on its own line, after `- `",
        MAPPING | ENTRY_MAPPING => "write `key: value` lines, indented below it",
        BOOLEAN => "write `true` or `false`, without quotes",
        UNTAGGED => "delete the tag (`!…`)",
        KEY => "write `key: value`; put a key that begins with `[` or `{` in quotes",
        _ => "write a single value; quote it if it contains `: ` or starts with `@`, `*`, `&`, `[` or `{`",
    }
}
