//! Git object ids as GitHub writes them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The id of a commit, tree or blob: 40 lowercase hexadecimal digits.
///
/// Ids come from answers and end up in addresses and expressions, so nothing else is accepted as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ObjectId(String);

impl ObjectId {
    /// Returns `None` unless `text` is a full object id.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 40 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// True if `id` is the same id.
    pub(crate) fn is(&self, id: &gix::oid) -> bool {
        gix::ObjectId::from_hex(self.0.as_bytes()).is_ok_and(|own| own == id)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ObjectId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a full object id")
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectId;

    #[test]
    fn only_full_lowercase_hexadecimal_ids_are_accepted() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(ObjectId::parse(id).unwrap().as_str(), id);
        assert_eq!(serde_json::from_str::<ObjectId>(&format!("{id:?}")).unwrap().as_str(), id);
        for text in ["", "0123456", &id[1..], &format!("{id}0"), &id.to_uppercase(), &id.replace('a', "/"), "main"] {
            assert_eq!(ObjectId::parse(text), None, "{text:?}");
            assert!(serde_json::from_str::<ObjectId>(&format!("{text:?}")).is_err(), "{text:?}");
        }
    }
}
