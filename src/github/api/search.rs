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
    collect(|number| {
        client.get(what, &format!("/search/issues?q={}&per_page={PAGE_SIZE}&page={number}", encode(query)))
    })
}

/// Calls `fetch` with the number of each page in turn, until a page is not full.
fn collect(mut fetch: impl FnMut(usize) -> Result<Page, ApiError>) -> Result<Results, ApiError> {
    let mut results = Results::default();
    for number in 1..=MAX_PAGES {
        let page = fetch(number)?;
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
    use super::{Item, MAX_PAGES, PAGE_SIZE, Page, collect, encode};

    /// A page with the items from `from` to `to`.
    fn page(from: usize, to: usize, (total_count, incomplete_results): (usize, bool)) -> Page {
        let item = |number: usize| Item {
            number: number as u64,
            title: String::new(),
            state: "open".to_owned(),
            user: None,
            draft: false,
            pull_request: None,
        };
        Page { total_count, incomplete_results, items: (from..to).map(item).collect() }
    }

    #[test]
    fn pages_are_read_to_the_last_and_missing_results_are_noticed() {
        let limit = MAX_PAGES * PAGE_SIZE;
        // How many results there are, on which page GitHub gave up, and then: pages read, items, incomplete.
        let cases = [
            (0, None, (1, 0, false)),
            (PAGE_SIZE - 1, None, (1, PAGE_SIZE - 1, false)),
            (PAGE_SIZE, None, (2, PAGE_SIZE, false)),
            (PAGE_SIZE + 50, None, (2, PAGE_SIZE + 50, false)),
            (PAGE_SIZE + 50, Some(1), (2, PAGE_SIZE + 50, true)),
            (PAGE_SIZE + 50, Some(2), (2, PAGE_SIZE + 50, true)),
            (limit, None, (MAX_PAGES, limit, false)),
            (limit + 1, None, (MAX_PAGES, limit, true)),
            (limit, Some(MAX_PAGES), (MAX_PAGES, limit, true)),
        ];
        for (total, partial, expected) in cases {
            let mut pages = 0;
            let results = collect(|number| {
                pages += 1;
                assert_eq!(number, pages);
                let from = (number - 1) * PAGE_SIZE;
                Ok(page(from, total.min(from + PAGE_SIZE), (total, partial == Some(number))))
            });
            let results = results.unwrap();
            assert_eq!((pages, results.items.len(), results.incomplete), expected, "{total} {partial:?}");
            assert!(results.items.iter().zip(0..).all(|(item, number)| item.number == number));
        }
    }

    #[test]
    fn no_character_of_a_query_ends_the_parameter() {
        assert_eq!(encode("repo:a/b is:pr \"x y\""), "repo:a/b+is:pr+%22x+y%22");
        assert_eq!(encode("a&b=c#d?e+f%g\n\u{e9}"), "a%26b%3Dc%23d%3Fe%2Bf%25g%0A%C3%A9");
    }
}
