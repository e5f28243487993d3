//! Suggestions that the author can apply with a click: certain fixes to lines of the diff. Each is suggested once.

use std::collections::{BTreeMap, BTreeSet};

use super::Place;
use crate::check::resolved::{ResolvedEdit, ResolvedFinding};
use crate::check::result::Report;
use crate::check::triage::Triaged;
use crate::escape::{markdown_fence, markdown_sentence, terminal};
use crate::github::ApiError;
use crate::github::api::pulls::{self, File};
use crate::github::api::reviews::{self, DiffComment, DiffSide, Event, NewReview};
use crate::text::Side;

/// The maximum number of suggestions per review. The next run makes the rest.
const MAX_SUGGESTIONS: usize = 30;

/// A replacement of whole lines.
struct Suggestion {
    path: String,
    /// The blob that the lines are in.
    id: String,
    first: usize,
    last: usize,
    body: String,
    mark: String,
}

/// Creates a review with the suggestions that were not made before.
///
/// # Errors
/// [`ApiError`]
pub(crate) fn write(place: &Place<'_>, report: &Report) -> Result<(), ApiError> {
    let Some(outcome) = &report.outcome else { return Ok(()) };
    let Place { client, repository, number, head } = place;
    let mut suggestions: Vec<_> = outcome.findings.iter().filter_map(suggestion).collect();
    if suggestions.is_empty() {
        return Ok(());
    }
    let files = pulls::files(client, repository, *number)?.items;
    let files: BTreeMap<_, _> = files.iter().map(|file| (file.filename.as_str(), file)).collect();
    let earlier = reviews::own_threads(client, repository, *number)?;
    let mut taken = BTreeSet::new();
    suggestions.retain(|suggestion| {
        let is_in_diff = files.get(suggestion.path.as_str()).is_some_and(|file| shows(file, suggestion));
        let is_new = !earlier.iter().any(|body| body.contains(&suggestion.mark));
        // If two suggestions share a line, the second one has to wait until the first is applied.
        is_in_diff
            && is_new
            && (suggestion.first..=suggestion.last).all(|line| taken.insert((suggestion.path.clone(), line)))
    });
    suggestions.truncate(MAX_SUGGESTIONS);
    if suggestions.is_empty() {
        return Ok(());
    }
    let comments = suggestions.iter().map(comment).collect();
    let review = NewReview { commit_id: head, event: Event::Comment, comments };
    reviews::create(client, repository, *number, &review)
}

/// The suggestion for a new finding whose fix is a single replacement in a file at head.
fn suggestion(triaged: &Triaged) -> Option<Suggestion> {
    let ResolvedFinding { rule, message, fix, .. } = &triaged.finding;
    let [ResolvedEdit::Replace(edit)] = fix.as_slice() else { return None };
    if !triaged.is_new || edit.place.side != Side::Head {
        return None;
    }
    // GitHub inserts line feeds, so a file with other line breaks would end up with both kinds.
    let id = edit.blob.clone()?;
    let (first, last) = (edit.region.start.line, edit.region.end.line);
    let new = edit.new_lines();
    let new = new.strip_suffix('\n').unwrap_or(&new);
    if is_misleading(new) {
        return None;
    }
    let mark = format!("<!-- kepgate:{}:{} -->", rule.id, triaged.fingerprint);
    let fence = markdown_fence(new);
    let body = format!("{mark}\n{} (`{}`)\n{fence}suggestion\n{new}\n{fence}\n", markdown_sentence(message), rule.id);
    Some(Suggestion { path: edit.place.path.to_string(), id, first, last, body, mark })
}

/// True if the lines contain characters that a reader would not see before applying them, or if bots would read a line
/// as a command from the owner of the token. Nothing can be escaped inside a suggestion.
fn is_misleading(lines: &str) -> bool {
    terminal(lines) != lines || lines.lines().any(|line| line.trim_start().starts_with('/'))
}

/// True if the diff of the pull request shows the lines, and the file is the version that was checked.
fn shows(file: &File, suggestion: &Suggestion) -> bool {
    let is_same = file.sha.as_ref() == Some(&suggestion.id);
    let is_shown = |(first, last)| first <= suggestion.first && suggestion.last <= last;
    is_same && hunks(file.patch.as_deref().unwrap_or_default()).any(is_shown)
}

/// The first and last line of the new file that each hunk of a patch shows.
fn hunks(patch: &str) -> impl Iterator<Item = (usize, usize)> {
    patch.lines().filter_map(|line| {
        let (_, new) = line.strip_prefix("@@ -")?.split_once(" +")?;
        let (new, _) = new.split_once(" @@")?;
        let (first, count) = new.split_once(',').unwrap_or((new, "1"));
        let (first, count): (usize, usize) = (first.parse().ok()?, count.parse().ok()?);
        Some((first, (first + count).checked_sub(1)?))
    })
}

fn comment(suggestion: &Suggestion) -> DiffComment<'_> {
    let Suggestion { path, first, last, body, .. } = suggestion;
    // GitHub rejects a range of a single line.
    let is_range = first != last;
    DiffComment {
        path,
        start_line: is_range.then_some(*first),
        start_side: is_range.then_some(DiffSide::Right),
        line: *last,
        side: DiffSide::Right,
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::{hunks, is_misleading};

    #[test]
    fn a_suggestion_has_no_invisible_characters_and_no_commands() {
        assert!(!is_misleading("status: implemented\n# a/b\n\tc"));
        for lines in ["a\u{202e}b", "a\u{1b}[31m", "a\n/approve", "  /hold"] {
            assert!(is_misleading(lines), "{lines:?}");
        }
    }

    #[test]
    fn hunks_name_the_lines_that_a_diff_shows() {
        let patch = "@@ -1,3 +1,4 @@ title\n a\n+b\n@@ -10 +12 @@\n-x\n+y\n@@ -20,2 +21,0 @@\n-a\n-b";
        assert_eq!(hunks(patch).collect::<Vec<_>>(), [(1, 4), (12, 12), (21, 20)]);
        assert_eq!(hunks("@@ -a +b @@\nno hunk @@ -1 +1 @@").count(), 0);
    }
}
