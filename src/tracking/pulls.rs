//! The open pull requests of a repository, with their changes to KEP metadata and production-readiness files. They are
//! read over the API, without a clone, regardless of their labels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::SourceError;
use crate::github::api::pulls::{self, File, FileStatus, MAX_FILES, Pull};
use crate::github::api::{User, blobs};
use crate::github::{ApiError, Client, List, ObjectId, Repository};
use crate::project::Layout;
use crate::project::layout::Place;
use crate::source::{MAX_FILE_BYTES, blob_id};
use crate::text::RepoPath;

/// The maximum number of open pull requests to read.
const MAX_PULLS: usize = 3_000;
/// The number of pull requests to fetch between two progress reports.
const BATCH_SIZE: usize = 32;

/// An open pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenPull {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// The author's handle, without `@`; empty for a deleted account.
    pub author: String,
    /// True if it is a draft.
    pub draft: bool,
    /// Its files below `keps/`.
    pub files: Vec<PulledFile>,
}

/// A file that a pull request changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PulledFile {
    /// Its path; for a deleted file, its former path.
    pub path: String,
    /// The former path of a moved file.
    pub moved_from: Option<String>,
    /// The content at the merge base; `None` for a new file, and if it cannot be determined.
    pub before: Option<String>,
    /// The content at the head, for metadata and production-readiness files; `None` for other and deleted files.
    pub after: Option<String>,
}

/// The open pull requests that were fetched.
#[derive(Debug, Default)]
pub struct OpenPulls {
    /// Their repository; `None` if none were fetched.
    pub repository: Option<Repository>,
    /// The pull requests that change something below `keps/`, in GitHub's order.
    pub pulls: Vec<OpenPull>,
    /// What could not be fetched. Unless this is empty, the list is incomplete.
    pub failures: Vec<SourceError>,
    /// Where the project keeps its KEPs.
    pub layout: Layout,
}

impl OpenPulls {
    /// Fetches all open pull requests. `progress` is called with the number of pull requests done and the total.
    ///
    /// # Errors
    /// [`SourceError`] if the pull requests could not be listed, or their files could not be fetched. Errors about a
    /// single pull request or file are in [`OpenPulls::failures`].
    pub fn fetch(
        client: &Client,
        repository: &Repository,
        layout: &Layout,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, SourceError> {
        let list = pulls::list_open(client, repository, MAX_PULLS)?;
        let mut open = Self { repository: Some(repository.clone()), layout: layout.clone(), ..Self::default() };
        if list.truncated {
            open.failures.push(incomplete(format!("{repository} has more than {MAX_PULLS} open pull requests")));
        }
        let total = list.items.len();
        for (index, batch) in list.items.chunks(BATCH_SIZE).enumerate() {
            progress(index * BATCH_SIZE, total);
            open.add(client, repository, batch)?;
        }
        progress(total, total);
        Ok(open)
    }

    /// Fetches the files of these pull requests, open or not.
    ///
    /// # Errors
    /// [`SourceError`] if they could not be fetched.
    pub(super) fn of(
        client: &Client,
        repository: &Repository,
        layout: &Layout,
        pulls: &[Pull],
    ) -> Result<Self, SourceError> {
        let mut found = Self { repository: Some(repository.clone()), layout: layout.clone(), ..Self::default() };
        for batch in pulls.chunks(BATCH_SIZE) {
            found.add(client, repository, batch)?;
        }
        Ok(found)
    }

    fn add(&mut self, client: &Client, repository: &Repository, batch: &[Pull]) -> Result<(), SourceError> {
        let lists = pulls::files_of_each(client, repository, batch.iter().map(|pull| pull.number))?;
        let mut touching = Vec::new();
        for (pull, list) in batch.iter().zip(lists) {
            // A pull request may have been deleted after it was listed.
            let Some(List { items, .. }) = list else { continue };
            if items.len() >= MAX_FILES {
                let number = pull.number;
                let what = format!(
                    "pull request {number} changes at least {MAX_FILES} files, and GitHub lists only that many"
                );
                self.failures.push(incomplete(what));
            }
            let files: Vec<_> = items.into_iter().filter(|file| is_below_keps(file, &self.layout)).collect();
            if !files.is_empty() {
                touching.push((pull, files));
            }
        }
        let ids = touching.iter().flat_map(|(_, files)| files);
        let ids = ids.filter_map(|file| relevant_blob(file, &self.layout)).collect();
        let contents = self.contents(client, repository, ids)?;
        for (pull, files) in touching {
            let files = files.into_iter().map(|file| pulled_file(file, &contents, &self.layout)).collect();
            let Pull { number, title, user, draft } = pull.clone();
            let author = user.map(|User { login }| login).unwrap_or_default();
            self.pulls.push(OpenPull { number, title, author, draft, files });
        }
        Ok(())
    }

    /// Fetches the contents of blobs. Those that are missing or too large are omitted.
    fn contents(
        &mut self,
        client: &Client,
        repository: &Repository,
        mut ids: Vec<ObjectId>,
    ) -> Result<BTreeMap<ObjectId, String>, SourceError> {
        ids.sort_unstable();
        ids.dedup();
        let bodies = self.bodies(client, repository, &ids)?;
        let mut contents = BTreeMap::new();
        for (id, body) in ids.into_iter().zip(bodies) {
            let Some(body) = body else { continue };
            if blob_id(&body).is_some_and(|hash| id.is(&hash)) {
                contents.insert(id, String::from_utf8_lossy(&body).into_owned());
            } else {
                self.failures
                    .push(incomplete(format!("GitHub returned content for {id} that does not match its hash")));
            }
        }
        Ok(contents)
    }

    fn bodies(
        &mut self,
        client: &Client,
        repository: &Repository,
        ids: &[ObjectId],
    ) -> Result<Vec<Option<Vec<u8>>>, ApiError> {
        let limit = usize::try_from(MAX_FILE_BYTES).unwrap_or(usize::MAX);
        match blobs::get(client, repository, ids, limit) {
            Ok(bodies) => return Ok(bodies.into_iter().map(Some).collect()),
            Err(ApiError::TooLarge { .. } | ApiError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        // One missing or too large file must not hide the others, so fetch them one by one.
        let mut bodies = Vec::with_capacity(ids.len());
        for id in ids {
            match blobs::get(client, repository, std::slice::from_ref(id), limit) {
                Ok(body) => bodies.extend(body.into_iter().map(Some)),
                Err(error @ (ApiError::TooLarge { .. } | ApiError::NotFound { .. })) => {
                    self.failures.push(error.into());
                    bodies.push(None);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(bodies)
    }
}

fn is_below_keps(file: &File, layout: &Layout) -> bool {
    let paths = std::iter::once(&file.filename).chain(&file.previous_filename);
    paths.into_iter().any(|path| RepoPath::from(path.as_str()).is_within(&layout.root))
}

/// The blob to read, if the file is a metadata or production-readiness file and not deleted.
fn relevant_blob(file: &File, layout: &Layout) -> Option<ObjectId> {
    let path = RepoPath::from(file.filename.as_str());
    let is_relevant = match layout.place(&path) {
        Place::Kep(_) => layout.is_metadata(path.name()),
        Place::PrrFile => true,
        Place::Aliases | Place::Elsewhere => false,
    };
    let is_read = is_relevant && file.status != FileStatus::Removed;
    file.sha.as_deref().filter(|_| is_read).and_then(ObjectId::parse)
}

fn pulled_file(file: File, contents: &BTreeMap<ObjectId, String>, layout: &Layout) -> PulledFile {
    let after = relevant_blob(&file, layout).and_then(|id| contents.get(&id)).cloned();
    let before = match (file.status, &after, &file.patch) {
        (FileStatus::Added, ..) | (_, None, _) => None,
        (FileStatus::Renamed | FileStatus::Copied | FileStatus::Unchanged, Some(after), None) => Some(after.clone()),
        (_, Some(after), Some(patch)) => reverse_patch(after, patch),
        (_, Some(_), None) => None,
    };
    PulledFile { path: file.filename, moved_from: file.previous_filename, before, after }
}

/// Undoes `patch`: returns the text from before it. Returns `None` if the patch does not result in `after`.
fn reverse_patch(after: &str, patch: &str) -> Option<String> {
    let mut lines = after.split_inclusive('\n');
    let mut before = String::with_capacity(after.len());
    let mut at = 0;
    for line in patch.split('\n') {
        let (sign, text) = (line.chars().next(), line.get(1..).unwrap_or_default());
        let mut next =
            || lines.next().filter(|line| line.trim_end_matches(['\n', '\r']) == text.trim_end_matches('\r'));
        match sign {
            Some('@') => {
                let start: usize = line.split_once('+')?.1.split([',', ' ']).next()?.parse().ok()?;
                // For a hunk without lines on this side, the header names the line before it.
                let is_empty = line.split_once('+')?.1.split(' ').next()?.ends_with(",0");
                let target = if is_empty { start } else { start.checked_sub(1)? };
                while at < target {
                    before.push_str(lines.next()?);
                    at += 1;
                }
            }
            Some('+') => {
                next()?;
                at += 1;
            }
            Some('-') => {
                before.push_str(text);
                before.push('\n');
            }
            Some(' ') => {
                before.push_str(next()?);
                at += 1;
            }
            // "\ No newline at end of file" does not affect any value.
            Some(_) | None => {}
        }
    }
    before.extend(lines);
    Some(before)
}

fn incomplete(message: String) -> SourceError {
    SourceError::unavailable(message, "view the rest on GitHub, or try again")
}

#[cfg(test)]
mod tests {
    use super::reverse_patch;

    #[test]
    fn a_patch_is_reversed() {
        let after = "a\nb\nX\nd\ne\nf\ng\nh\ni\nj\nnew\n";
        let patch = "@@ -1,6 +1,6 @@\n a\n b\n-c\n+X\n d\n e\n f\n@@ -8,3 +8,4 @@ g\n h\n i\n j\n+new";
        assert_eq!(reverse_patch(after, patch).unwrap(), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        assert_eq!(reverse_patch("a\r\nb\r\n", "@@ -1 +1,2 @@\n a\r\n+b\r").unwrap(), "a\r\n");
        assert_eq!(reverse_patch("a\n", "@@ -1,2 +1 @@\n a\n-b\n\\ No newline at end of file").unwrap(), "a\nb\n");
        assert_eq!(reverse_patch("", "@@ -1,2 +0,0 @@\n-a\n-b").unwrap(), "a\nb\n");
    }

    #[test]
    fn a_patch_for_another_text_is_rejected() {
        for patch in
            ["@@ -1 +1 @@\n-a\n+c", "@@ -9,1 +9,1 @@\n x", "@@", "@@ -1 +x @@\n a", "@@ -1 +99999999999999999999 @@"]
        {
            assert_eq!(reverse_patch("a\nb\n", patch), None, "{patch:?}");
        }
    }
}
