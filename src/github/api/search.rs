//! The search for pull requests.

use serde::Deserialize;

use super::User;
use crate::github::client::PAGE_SIZE;
use crate::github::{ApiError, Client};

/// GitHub returns only the first 1,000 results.
const MAX_PAGES: usize = 10;

/// What a search found.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) items: Vec<Item>,
    /// True if GitHub found, or may have found, more than it returned.
    pub(crate) incomplete: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) number: u64,
    pub(crate) title: String,
    /// `open` or `closed`.
    pub(crate) state: String,
    pub(crate) user: Option<User>,
    #[serde(default)]
    pub(crate) draft: bool,
    pub(crate) pull_request: Option<Merge>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Merge {
    pub(crate) merged_at: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Page {
    total_count: usize,
    incomplete_results: bool,
    items: Vec<Item>,
}

/// Searches for issues and pull requests with a query in GitHub's search syntax.
pub(crate) fn issues(client: &Client, what: &str, query: &str) -> Result<Results, ApiError> {
    let mut results = Results::default();
    for number in 1..=MAX_PAGES {
        let path = format!("/search/issues?q={}&per_page={PAGE_SIZE}&page={number}", encode(query));
        let page: Page = client.get(what, &path)?;
        let is_last = page.items.len() < PAGE_SIZE;
        results.items.extend(page.items);
        results.incomplete |= page.incomplete_results;
        if is_last {
            return Ok(results);
        }
        results.incomplete |= number == MAX_PAGES && page.total_count > results.items.len();
    }
    Ok(results)
}

/// Encodes the value of a query parameter: a space becomes `+`, and a special character `%NN`.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'-' | b'_' | b'.' | b':' | b'/' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn no_character_of_a_query_ends_the_parameter() {
        assert_eq!(encode("repo:a/b is:pr \"x y\""), "repo:a/b+is:pr+%22x+y%22");
        assert_eq!(encode("a&b=c#d?e+f%g\n\u{e9}"), "a%26b%3Dc%23d%3Fe%2Bf%25g%0A%C3%A9");
    }
}
