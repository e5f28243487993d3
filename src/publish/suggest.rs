//! Suggestions that the author can take with a click: what is certain, on lines of the change, and each of them once.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Place;
use crate::check::resolved::{ResolvedEdit, ResolvedFinding};
use crate::check::result::Report;
use crate::check::triage::Triaged;
use crate::escape::markdown_sentence;
use crate::github::ApiError;
use crate::text::Side;

/// More suggestions than this in one review help nobody; the next run makes the rest.
const MAX_SUGGESTIONS: usize = 30;

/// More files than this GitHub does not list.
const MAX_FILES: usize = 3_000;

/// A file of the pull request.
#[derive(Deserialize)]
struct File {
    filename: String,
    sha: Option<String>,
    patch: Option<String>,
}

/// Lines in the place of lines.
struct Suggestion {
    path: String,
    /// The id of the content that they are lines of.
    id: String,
    first: usize,
    last: usize,
    body: String,
    mark: String,
}

/// Writes a review with what is not suggested yet.
///
/// # Errors
/// [`ApiError`]
pub fn write(place: &Place<'_>, report: &Report) -> Result<(), ApiError> {
    let Some(outcome) = &report.outcome else { return Ok(()) };
    let mut suggestions: Vec<_> = outcome.findings.iter().filter_map(suggestion).collect();
    if suggestions.is_empty() {
        return Ok(());
    }
    let what = &format!("the files of pull request {}", place.number);
    let files = place.repository.path(&format!("pulls/{}/files", place.number));
    let files: Vec<File> = place.client.get_all(what, &files, MAX_FILES)?.items;
    let files: BTreeMap<_, _> = files.iter().map(|file| (file.filename.as_str(), file)).collect();
    let made = made(place)?;
    let mut taken = BTreeSet::new();
    suggestions.retain(|suggestion| {
        let is_in_diff = files.get(suggestion.path.as_str()).is_some_and(|file| holds(file, suggestion));
        let is_new = !made.iter().any(|body| body.contains(&suggestion.mark));
        // Of two for one line the second waits until the first is taken.
        is_in_diff
            && is_new
            && (suggestion.first..=suggestion.last).all(|line| taken.insert((suggestion.path.clone(), line)))
    });
    suggestions.truncate(MAX_SUGGESTIONS);
    if suggestions.is_empty() {
        return Ok(());
    }
    let comments: Vec<_> = suggestions.iter().map(comment).collect();
    let body = json!({ "commit_id": place.head, "event": "COMMENT", "comments": comments });
    let path = place.repository.path(&format!("pulls/{}/reviews", place.number));
    place.client.send::<Value>("the suggestions", Method::POST, &path, body).map(drop)
}

/// What we have suggested before: the text of our comments in the diff.
fn made(place: &Place<'_>) -> Result<Vec<String>, ApiError> {
    let what = &format!("the reviews of pull request {}", place.number);
    let selection = "reviewThreads(first: 100, after: $after) { pageInfo { hasNextPage endCursor } \
                     nodes { comments(first: 1) { nodes { body viewerDidAuthor } } } }";
    let threads = place.nodes(what, "reviewThreads", selection)?;
    let comments = threads.iter().filter_map(|thread| thread.pointer("/comments/nodes/0"));
    let ours = comments.filter(|comment| comment.get("viewerDidAuthor") == Some(&Value::Bool(true)));
    Ok(ours.filter_map(|comment| comment.get("body").and_then(Value::as_str).map(str::to_owned)).collect())
}

/// A new finding with one certain edit of a file that the pull request leads to.
fn suggestion(triaged: &Triaged) -> Option<Suggestion> {
    let ResolvedFinding { rule, message, fix, .. } = &triaged.finding;
    let [ResolvedEdit::Replace(edit)] = fix.as_slice() else { return None };
    if !triaged.is_new || edit.place.side != Side::Head {
        return None;
    }
    // GitHub inserts line feeds alone, which would leave a file with two kinds of line breaks.
    let id = edit.blob.clone()?;
    let (first, last) = (edit.region.start.line, edit.region.end.line);
    let new = format!("{}{}{}", edit.before, edit.new, edit.after);
    let new = new.strip_suffix('\n').unwrap_or(&new);
    let mark = format!("<!-- kepgate:{}:{} -->", rule.id, triaged.fingerprint);
    // A fence longer than any in the text, which is a stranger's.
    let ticks = new.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(ticks.max(2) + 1);
    let body = format!("{mark}\n{} (`{}`)\n{fence}suggestion\n{new}\n{fence}\n", markdown_sentence(message), rule.id);
    Some(Suggestion { path: edit.place.path.to_string(), id, first, last, body, mark })
}

/// Whether the lines stand in the diff of the pull request, and the file there is the one that was checked.
fn holds(file: &File, suggestion: &Suggestion) -> bool {
    let is_same = file.sha.as_ref() == Some(&suggestion.id);
    let is_shown = |(first, last)| first <= suggestion.first && suggestion.last <= last;
    is_same && hunks(file.patch.as_deref().unwrap_or_default()).any(is_shown)
}

/// The lines of the new file, first and last, that each hunk of a patch shows.
fn hunks(patch: &str) -> impl Iterator<Item = (usize, usize)> {
    patch.lines().filter_map(|line| {
        let (_, new) = line.strip_prefix("@@ -")?.split_once(" +")?;
        let (new, _) = new.split_once(" @@")?;
        let (first, count) = new.split_once(',').unwrap_or((new, "1"));
        let (first, count): (usize, usize) = (first.parse().ok()?, count.parse().ok()?);
        Some((first, (first + count).checked_sub(1)?))
    })
}

fn comment(suggestion: &Suggestion) -> Value {
    let Suggestion { path, first, last, body, .. } = suggestion;
    if first == last {
        return json!({ "path": path, "line": last, "side": "RIGHT", "body": body });
    }
    json!({ "path": path, "start_line": first, "start_side": "RIGHT", "line": last, "side": "RIGHT", "body": body })
}

#[cfg(test)]
mod tests {
    use super::hunks;

    #[test]
    fn hunks_tell_which_lines_a_diff_shows() {
        let patch = "@@ -1,3 +1,4 @@ title\n a\n+b\n@@ -10 +12 @@\n-x\n+y\n@@ -20,2 +21,0 @@\n-a\n-b";
        assert_eq!(hunks(patch).collect::<Vec<_>>(), [(1, 4), (12, 12), (21, 20)]);
        assert_eq!(hunks("@@ -a +b @@\nno hunk @@ -1 +1 @@").count(), 0);
    }
}
