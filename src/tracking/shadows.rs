//! Shadow reviews: production-readiness reviews by people who want to become approvers. The PRR process asks them to
//! announce each one with a fixed phrase, by which kepgate finds them.

use std::collections::BTreeMap;

use super::pulls::OpenPulls;
use crate::error::SourceError;
use crate::github::api::pulls::Pull;
use crate::github::api::reviews::{self, Remark};
use crate::github::api::search::{self, Item};
use crate::github::{Client, Repository};
use crate::kep::handle;
use crate::project::Layout;

/// The phrase that announces a shadow review.
const PHRASE: &str = "shadow prod readiness review";
/// The number of pull requests to read between two progress reports.
const BATCH_SIZE: usize = 16;

/// A shadow review of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shadow {
    /// The number of the pull request.
    pub number: u64,
    /// The title of the pull request.
    pub title: String,
    /// The reviewer's handle, without `@`.
    pub reviewer: String,
    /// The day of the reviewer's first announcement, in UTC.
    pub date: String,
    /// The state of the pull request: `open`, `closed`, or `merged` with the day.
    pub outcome: String,
}

/// The shadow reviews that were found.
#[derive(Debug, Default)]
pub struct Shadows {
    /// The reviews, oldest first.
    pub shadows: Vec<Shadow>,
    /// The reviewed pull requests with their files.
    pub pulls: OpenPulls,
    /// Fetch errors. If there are any, the list is incomplete.
    pub failures: Vec<SourceError>,
}

impl Shadows {
    /// Finds the shadow reviews of `reviewer` (a folded handle without `@`) or of everyone. `layout` is where the KEPs
    /// are. For a single reviewer, everything that they reviewed is read, because GitHub's search may not find the text
    /// of a review.
    ///
    /// # Errors
    /// [`SourceError`] if the search failed, or the reviews or files could not be fetched.
    pub fn fetch(
        client: &Client,
        repository: &Repository,
        layout: &Layout,
        reviewer: Option<&str>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, SourceError> {
        let mut all = Self::default();
        let items = all.search(client, repository, reviewer)?;
        let mut seen = Vec::new();
        for (index, batch) in items.chunks(BATCH_SIZE).enumerate() {
            progress(index * BATCH_SIZE, items.len());
            let numbers: Vec<_> = batch.iter().map(|item| item.number).collect();
            let remarks = reviews::fetch_each(client, repository, &numbers)?;
            for (item, remarks) in batch.iter().zip(remarks) {
                let before = all.shadows.len();
                all.shadows.extend(shadows(item, &remarks, reviewer));
                if all.shadows.len() > before {
                    seen.push(pull(item));
                }
            }
        }
        progress(items.len(), items.len());
        all.pulls = OpenPulls::of(client, repository, layout, &seen)?;
        all.failures.append(&mut all.pulls.failures);
        all.shadows.sort_by(|one, other| (&one.date, one.number).cmp(&(&other.date, other.number)));
        Ok(all)
    }

    /// Searches for pull requests that may have shadow reviews. The result is sorted by number.
    fn search(
        &mut self,
        client: &Client,
        repository: &Repository,
        reviewer: Option<&str>,
    ) -> Result<Vec<Item>, SourceError> {
        let phrase = format!("\"{PHRASE}\"");
        let criteria = match reviewer {
            Some(name) => vec![format!("{phrase} commenter:{name}"), format!("reviewed-by:{name}")],
            None => vec![phrase],
        };
        let mut items = BTreeMap::new();
        for criterion in criteria {
            let query = format!("repo:{repository} is:pr {criterion}");
            let results = search::issues(client, "the search for shadow reviews", &query)?;
            if results.incomplete {
                self.failures.push(SourceError::unavailable(
                    "GitHub's search returned only some of the results",
                    "try again, or specify --reviewer",
                ));
            }
            items.extend(results.items.into_iter().map(|item| (item.number, item)));
        }
        Ok(items.into_values().collect())
    }
}

/// The shadow reviews in the remarks on a pull request, one per reviewer.
fn shadows(item: &Item, remarks: &[Remark], reviewer: Option<&str>) -> Vec<Shadow> {
    let mut first: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for Remark { author, created_at, body, .. } in remarks {
        let name = handle::folded(author);
        let is_wanted = reviewer.is_none_or(|reviewer| reviewer == name);
        if author.is_empty() || created_at.is_empty() || !is_wanted || !announces_shadow_review(body) {
            continue;
        }
        let this = (created_at.as_str(), author.as_str());
        let earliest = first.entry(name).or_insert(this);
        *earliest = this.min(*earliest);
    }
    let shadow = |(at, login): (&str, &str)| Shadow {
        number: item.number,
        title: item.title.clone(),
        reviewer: login.to_owned(),
        date: day(at),
        outcome: outcome(item),
    };
    first.into_values().map(shadow).collect()
}

fn pull(item: &Item) -> Pull {
    Pull { number: item.number, title: item.title.clone(), user: item.user.clone(), draft: item.draft }
}

fn outcome(item: &Item) -> String {
    match item.pull_request.as_ref().and_then(|pull| pull.merged_at.as_deref()) {
        Some(at) => format!("merged {}", day(at)),
        None if item.state == "open" => "open".to_owned(),
        None => "closed".to_owned(),
    }
}

/// True if the text contains the phrase outside quotes.
fn announces_shadow_review(text: &str) -> bool {
    let own = text.lines().filter(|line| !line.trim_start().starts_with('>'));
    let own = own.collect::<Vec<_>>().join(" ").to_lowercase().replace('-', " ");
    own.split_whitespace().collect::<Vec<_>>().join(" ").contains(PHRASE)
}

/// The day of a time in GitHub's format (`2026-02-01T12:00:00Z`).
fn day(at: &str) -> String {
    at.chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::announces_shadow_review;

    #[test]
    fn quotes_are_not_announcements() {
        assert!(announces_shadow_review("Shadow prod-readiness\nreview: looks good."));
        assert!(announces_shadow_review("> old\n\nThis is a SHADOW PROD READINESS REVIEW."));
        assert!(!announces_shadow_review("> Shadow prod readiness review\n\nThanks!"));
        assert!(!announces_shadow_review("prod readiness review"));
    }
}
