//! Lists that GitHub returns page by page.

use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{ApiError, CONCURRENCY, Client, parse};

/// The maximum number of entries that GitHub puts on a page.
pub(crate) const PAGE_SIZE: usize = 100;

/// The maximum number of pages of one list to read. Without it, empty pages that link to each other would never end.
pub(crate) const MAX_PAGES: usize = 50;

/// The entries of a list, from all of its pages.
#[derive(Debug)]
pub struct List<T> {
    /// The entries in GitHub's order.
    pub items: Vec<T>,
    /// True if there are more entries than the caller asked for.
    pub truncated: bool,
}

/// One page of a GraphQL list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection<T> {
    pub(crate) page_info: PageInfo,
    pub(crate) nodes: Vec<T>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    pub(crate) has_next_page: bool,
    pub(crate) end_cursor: Option<String>,
}

impl Client {
    /// Fetches the list at `path`, following the links from page to page. Entries after the first `limit` are dropped.
    ///
    /// # Errors
    /// [`ApiError`] if any page fails: a part of the list never counts as the whole list.
    pub fn get_list<T: DeserializeOwned>(&self, what: &str, path: &str, limit: usize) -> Result<List<T>, ApiError> {
        self.runtime.block_on(self.read_pages(what, path, limit))
    }

    /// Fetches the list at each path, several at a time; `None` for paths that do not exist.
    ///
    /// # Errors
    /// [`ApiError`] of the first list that fails.
    pub(crate) fn get_lists<T: DeserializeOwned>(
        &self,
        what: &str,
        paths: &[String],
        limit: usize,
    ) -> Result<Vec<Option<List<T>>>, ApiError> {
        self.runtime.block_on(async {
            let requests = stream::iter(paths).map(|path| self.read_pages(what, path, limit));
            let mut answers = requests.buffered(CONCURRENCY);
            let mut lists = Vec::with_capacity(paths.len());
            while let Some(answer) = answers.next().await {
                lists.push(found(answer)?);
            }
            Ok(lists)
        })
    }

    async fn read_pages<T: DeserializeOwned>(&self, what: &str, path: &str, limit: usize) -> Result<List<T>, ApiError> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut request = self.read_request(&format!("{path}{separator}per_page={PAGE_SIZE}"))?;
        let mut items = Vec::new();
        for _ in 0..MAX_PAGES {
            let answer = self.read(what, &request).await?;
            items.extend(parse::<Vec<T>>(what, &answer.body)?);
            let next = answer.header("link").and_then(|link| next_page(&link));
            let truncated = items.len() > limit || (items.len() == limit && next.is_some());
            items.truncate(limit);
            match next {
                Some(next) if !truncated => request.url = self.api_address(what, &next)?,
                _ => return Ok(List { items, truncated }),
            }
        }
        Err(ApiError::TooManyPages { what: what.to_owned(), limit: MAX_PAGES })
    }
}

/// Calls `fetch` with the cursor of each page in turn and collects the nodes of all pages.
///
/// # Errors
/// The error of `fetch`, or [`ApiError::TooManyPages`].
pub(crate) fn collect_nodes<T>(
    what: &str,
    mut fetch: impl FnMut(Option<&str>) -> Result<Connection<T>, ApiError>,
) -> Result<Vec<T>, ApiError> {
    let mut nodes = Vec::new();
    let mut cursor = None;
    for _ in 0..MAX_PAGES {
        let page = fetch(cursor.as_deref())?;
        nodes.extend(page.nodes);
        if !page.page_info.has_next_page {
            return Ok(nodes);
        }
        cursor = page.page_info.end_cursor;
    }
    Err(ApiError::TooManyPages { what: what.to_owned(), limit: MAX_PAGES })
}

/// Turns "not found" into `None`.
pub(crate) fn found<T>(result: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The address of the next page from a `Link` header (RFC 8288).
fn next_page(link: &str) -> Option<String> {
    link.split(',').find_map(|entry| {
        let (address, parameters) = entry.split_once(';')?;
        let is_next = parameters.split(';').any(|parameter| parameter.trim() == "rel=\"next\"");
        let address = address.trim().strip_prefix('<')?.strip_suffix('>')?;
        is_next.then(|| address.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::{ApiError, Connection, MAX_PAGES, PageInfo, collect_nodes, next_page};

    fn page(number: usize, has_next_page: bool) -> Connection<usize> {
        Connection { page_info: PageInfo { has_next_page, end_cursor: Some(number.to_string()) }, nodes: vec![number] }
    }

    #[test]
    fn the_next_page_is_the_one_with_that_relation() {
        let link = "<https://a/x?page=1>; rel=\"prev\", <https://a/x?page=3>; rel=\"next\"";
        assert_eq!(next_page(link).as_deref(), Some("https://a/x?page=3"));
        for link in ["", "<https://a/x?page=1>; rel=\"last\"", "https://a; rel=\"next\"", "<https://a>"] {
            assert_eq!(next_page(link), None, "{link:?}");
        }
    }

    #[test]
    fn nodes_of_all_pages_are_collected_by_cursor() {
        let fetch = |cursor: Option<&str>| {
            let number = cursor.map_or(1, |cursor| cursor.parse::<usize>().unwrap() + 1);
            Ok(page(number, number < 3))
        };
        assert_eq!(collect_nodes("comments", fetch).unwrap(), [1, 2, 3]);
    }

    #[test]
    fn pages_without_end_are_an_error() {
        let mut calls = 0;
        let endless = |_: Option<&str>| {
            calls += 1;
            Ok(page(calls, true))
        };
        let error = collect_nodes("comments", endless).unwrap_err();
        assert_eq!(error, ApiError::TooManyPages { what: "comments".to_owned(), limit: MAX_PAGES });
        assert_eq!(calls, MAX_PAGES);
    }
}
