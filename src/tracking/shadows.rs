//! Who has reviewed whose production readiness in the shadow of an approver: the pull requests in which somebody wrote
//! so, as the community asks of those who want to become approvers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::pulls::{OpenPulls, User};
use crate::error::SourceError;
use crate::github::{Client, Repository};
use crate::kep::handle;

/// What they write.
const PHRASE: &str = "shadow prod readiness review";
/// GitHub's search gives no more than this, a hundred a page.
const MAX_PAGES: usize = 10;
/// More words than this on one pull request are not read through.
const MAX_WORDS: usize = 3_000;
/// How many pull requests are asked about before the next word on how far it is.
const A_BATCH: usize = 16;

/// A pull request that somebody reviewed in an approver's shadow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shadow {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Who reviewed it, without `@`.
    pub reviewer: String,
    /// When they first wrote so: a day, UTC.
    pub date: String,
    /// What became of the pull request: `open`, `closed`, or `merged` and the day.
    pub outcome: String,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Shadows {
    /// The reviews, the oldest first.
    pub shadows: Vec<Shadow>,
    /// The pull requests that they are of, with their files.
    pub pulls: OpenPulls,
    /// What could not be had: the list is not complete.
    pub failures: Vec<SourceError>,
}

#[derive(Deserialize)]
struct Found {
    total_count: usize,
    incomplete_results: bool,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    number: u64,
    title: String,
    state: String,
    user: Option<User>,
    #[serde(default)]
    draft: bool,
    pull_request: Option<Merge>,
}

#[derive(Deserialize)]
struct Merge {
    merged_at: Option<String>,
}

/// A comment, a comment in the diff, or a review.
#[derive(Deserialize)]
struct Word {
    user: Option<User>,
    body: Option<String>,
    created_at: Option<String>,
    submitted_at: Option<String>,
}

impl Shadows {
    /// Asks for the reviews of `reviewer` (a plain handle without `@`), or of everybody. For one reviewer, all that they
    /// reviewed is read, as GitHub does not promise to find the words of a review.
    ///
    /// # Errors
    /// [`SourceError`] when the search, or what was said on a pull request, could not be had.
    pub fn ask(
        client: &Client,
        repository: &Repository,
        reviewer: Option<&str>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, SourceError> {
        let mut all = Self::default();
        let phrase = format!("%22{}%22", PHRASE.replace(' ', "+"));
        let criteria = match reviewer {
            Some(name) => vec![format!("{phrase}+commenter:{name}"), format!("reviewed-by:{name}")],
            None => vec![phrase],
        };
        let mut items = BTreeMap::new();
        for criterion in criteria {
            let found = all.search(client, &format!("repo:{repository}+is:pr+{criterion}"))?;
            items.extend(found.into_iter().map(|item| (item.number, item)));
        }
        let items: Vec<_> = items.into_values().collect();
        let mut evident = Vec::new();
        for (index, batch) in items.chunks(A_BATCH).enumerate() {
            progress(index * A_BATCH, items.len());
            evident.extend(all.look(client, repository, batch, reviewer)?);
        }
        progress(items.len(), items.len());
        let listed = evident.iter().map(|item| (item.number, item.title.clone(), item.user.as_ref(), item.draft));
        all.pulls = OpenPulls::of(client, repository, listed)?;
        all.failures.append(&mut all.pulls.failures);
        all.shadows.sort_by(|one, other| (&one.date, one.number).cmp(&(&other.date, other.number)));
        Ok(all)
    }

    fn search(&mut self, client: &Client, criteria: &str) -> Result<Vec<Item>, SourceError> {
        let mut items = Vec::new();
        for page in 1..=MAX_PAGES {
            let path = format!("/search/issues?q={criteria}&per_page=100&page={page}");
            let found: Found = client.get("the search for shadow reviews", &path)?;
            let is_last = found.items.len() < 100;
            items.extend(found.items);
            if found.incomplete_results || (page == MAX_PAGES && found.total_count > items.len()) {
                self.failures.push(SourceError::Unavailable {
                    message: "GitHub's search gave a part of what it found".to_owned(),
                    help: "ask again, or name a --reviewer".to_owned(),
                });
            }
            if is_last {
                break;
            }
        }
        Ok(items)
    }

    /// Reads what was said on these pull requests, and gives those on which somebody wrote so.
    fn look<'i>(
        &mut self,
        client: &Client,
        repository: &Repository,
        items: &'i [Item],
        reviewer: Option<&str>,
    ) -> Result<Vec<&'i Item>, SourceError> {
        let kinds = ["pulls/{}/reviews", "issues/{}/comments", "pulls/{}/comments"];
        let mut words: Vec<Vec<Word>> = items.iter().map(|_| Vec::new()).collect();
        for kind in kinds {
            let paths: Vec<_> = items.iter().map(|item| kind.replace("{}", &item.number.to_string())).collect();
            for (words, said) in words.iter_mut().zip(lists(client, repository, &paths)?) {
                words.extend(said);
            }
        }
        let mut evident = Vec::new();
        for (item, words) in items.iter().zip(words) {
            let mut first: BTreeMap<String, (String, String)> = BTreeMap::new();
            for word in words.iter().filter(|word| word.body.as_deref().is_some_and(says_so)) {
                let at = word.submitted_at.as_ref().or(word.created_at.as_ref());
                let (Some(user), Some(at)) = (&word.user, at) else { continue };
                let name = handle::folded(&user.login);
                if reviewer.is_some_and(|reviewer| reviewer != name) {
                    continue;
                }
                let said = (at.clone(), user.login.clone());
                let earliest = first.entry(name).or_insert_with(|| said.clone());
                if said < *earliest {
                    *earliest = said;
                }
            }
            if !first.is_empty() {
                evident.push(item);
            }
            self.shadows.extend(first.into_values().map(|(at, login)| Shadow {
                number: item.number,
                title: item.title.clone(),
                reviewer: login,
                date: day(&at),
                outcome: item.outcome(),
            }));
        }
        Ok(evident)
    }
}

impl Item {
    fn outcome(&self) -> String {
        match self.pull_request.as_ref().and_then(|pull| pull.merged_at.as_deref()) {
            Some(at) => format!("merged {}", day(at)),
            None if self.state == "open" => "open".to_owned(),
            None => "closed".to_owned(),
        }
    }
}

/// The lists at `paths`, each from its first page to its last; of what is not there an empty one.
fn lists<T: DeserializeOwned>(
    client: &Client,
    repository: &Repository,
    paths: &[String],
) -> Result<Vec<Vec<T>>, SourceError> {
    let first: Vec<_> = paths.iter().map(|path| repository.path(&format!("{path}?per_page=100"))).collect();
    let what = "what was said on pull requests";
    let mut lists = Vec::with_capacity(paths.len());
    for (path, page) in paths.iter().zip(client.get_each::<Vec<T>>(what, &first)?) {
        let page = page.unwrap_or_default();
        let is_whole = page.len() < 100;
        lists.push(if is_whole { page } else { client.get_all(what, &repository.path(path), MAX_WORDS)?.items });
    }
    Ok(lists)
}

/// Whether somebody writes so themselves, and does not quote another.
fn says_so(text: &str) -> bool {
    let own = text.lines().filter(|line| !line.trim_start().starts_with('>'));
    let own = own.collect::<Vec<_>>().join(" ").to_lowercase().replace('-', " ");
    own.split_whitespace().collect::<Vec<_>>().join(" ").contains(PHRASE)
}

/// The day of a moment that GitHub writes (`2026-02-01T12:00:00Z`).
fn day(at: &str) -> String {
    at.chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::says_so;

    #[test]
    fn whoever_quotes_has_not_said_it() {
        assert!(says_so("Shadow prod-readiness\nreview: looks good."));
        assert!(says_so("> old\n\nThis is a SHADOW PROD READINESS REVIEW."));
        assert!(!says_so("> Shadow prod readiness review\n\nThanks!"));
        assert!(!says_so("prod readiness review"));
    }
}
