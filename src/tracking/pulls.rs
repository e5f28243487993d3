//! The open pull requests of a repository, with what they make of metadata and production-readiness files: over the
//! API, without a clone, whatever their labels, and all of their files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::SourceError;
use crate::github::{ApiError, Client, Repository};
use crate::project::layout;
use crate::project::layout::Place;
use crate::source::{MAX_FILE_BYTES, blob_id};
use crate::text::RepoPath;

/// More open pull requests than this are not gone through.
const MAX_PULLS: usize = 3_000;
/// GitHub lists no more files of a pull request.
const MAX_FILES: usize = 3_000;
/// How many pull requests are asked about before the next word on how far it is.
const A_BATCH: usize = 32;

/// An open pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenPull {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Who opened it, without `@`; empty for somebody who is gone.
    pub author: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Its files below `keps/`.
    pub files: Vec<PulledFile>,
}

/// A file that a pull request changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PulledFile {
    /// Where it stands; for one that is deleted, where it stood.
    pub path: String,
    /// Where it stood, when it moves.
    pub moved_from: Option<String>,
    /// What it held where the pull request began; `None` for a new one, and when that cannot be told.
    pub before: Option<String>,
    /// What it holds, of metadata and production-readiness files; `None` for others and for one that is deleted.
    pub after: Option<String>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct OpenPulls {
    /// Where; `None` when nobody was asked.
    pub repository: Option<Repository>,
    /// The pull requests that touch something below `keps/`, in GitHub's order.
    pub pulls: Vec<OpenPull>,
    /// What could not be had: the list is not complete.
    pub failures: Vec<SourceError>,
}

#[derive(Deserialize)]
struct Listed {
    number: u64,
    title: String,
    user: Option<User>,
    #[serde(default)]
    draft: bool,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) login: String,
}

#[derive(Debug, Deserialize)]
struct File {
    filename: String,
    status: String,
    previous_filename: Option<String>,
    sha: Option<String>,
    patch: Option<String>,
}

impl OpenPulls {
    /// Asks for all of them; `progress` is told how many of how many are done.
    ///
    /// # Errors
    /// [`SourceError`] when not even the list could be had. What is missing of one of them is in
    /// [`OpenPulls::failures`].
    pub fn ask(
        client: &Client,
        repository: &Repository,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, SourceError> {
        let what = format!("the open pull requests of {repository}");
        let listed = client.get_all::<Listed>(&what, &repository.path("pulls?state=open"), MAX_PULLS)?;
        let mut found = Self { repository: Some(repository.clone()), ..Self::default() };
        if listed.truncated {
            found.failures.push(partial(&format!("{repository} has more than {MAX_PULLS} open pull requests")));
        }
        let total = listed.items.len();
        for (index, batch) in listed.items.chunks(A_BATCH).enumerate() {
            progress(index * A_BATCH, total);
            found.add(client, repository, batch)?;
        }
        progress(total, total);
        Ok(found)
    }

    /// Asks for the files of these pull requests, open or not: number, title, who opened it, whether it is a draft.
    ///
    /// # Errors
    /// [`SourceError`] when they could not be had.
    pub(super) fn of<'u>(
        client: &Client,
        repository: &Repository,
        pulls: impl Iterator<Item = (u64, String, Option<&'u User>, bool)>,
    ) -> Result<Self, SourceError> {
        let listed: Vec<_> = pulls
            .map(|(number, title, user, draft)| {
                let user = user.map(|user| User { login: user.login.clone() });
                Listed { number, title, user, draft }
            })
            .collect();
        let mut found = Self { repository: Some(repository.clone()), ..Self::default() };
        for batch in listed.chunks(A_BATCH) {
            found.add(client, repository, batch)?;
        }
        Ok(found)
    }

    fn add(&mut self, client: &Client, repository: &Repository, batch: &[Listed]) -> Result<(), SourceError> {
        let paths: Vec<_> =
            batch.iter().map(|pull| repository.path(&format!("pulls/{}/files?per_page=100", pull.number))).collect();
        let answers = client.get_each::<Vec<File>>("the files of pull requests", &paths)?;
        let mut touching = Vec::new();
        for (pull, files) in batch.iter().zip(answers) {
            // One that was closed and deleted meanwhile is not there any more.
            let Some(files) = files else { continue };
            let files = if files.len() < 100 { files } else { self.all_files(client, repository, pull.number)? };
            let files: Vec<_> = files.into_iter().filter(File::is_below_keps).collect();
            if !files.is_empty() {
                touching.push((pull, files));
            }
        }
        let ids = touching.iter().flat_map(|(_, files)| files).filter_map(File::wanted);
        let contents = self.contents(client, repository, ids)?;
        for (pull, files) in touching {
            let files = files.into_iter().map(|file| file.read(&contents)).collect();
            let author = pull.user.as_ref().map(|user| user.login.clone()).unwrap_or_default();
            let (number, title) = (pull.number, pull.title.clone());
            self.pulls.push(OpenPull { number, title, author, draft: pull.draft, files });
        }
        Ok(())
    }

    fn all_files(&mut self, client: &Client, repository: &Repository, number: u64) -> Result<Vec<File>, SourceError> {
        let what = format!("the files of pull request {number}");
        let files = client.get_all::<File>(&what, &repository.path(&format!("pulls/{number}/files")), MAX_FILES)?;
        if files.items.len() >= MAX_FILES {
            let what = format!("pull request {number} has {MAX_FILES} files or more, of which GitHub lists no more");
            self.failures.push(partial(&what));
        }
        Ok(files.items)
    }

    /// What these blobs hold, those aside that cannot be had.
    fn contents<'f>(
        &mut self,
        client: &Client,
        repository: &Repository,
        ids: impl Iterator<Item = &'f str>,
    ) -> Result<BTreeMap<String, String>, SourceError> {
        let mut ids: Vec<_> = ids.map(str::to_owned).collect();
        ids.sort_unstable();
        ids.dedup();
        let limit = usize::try_from(MAX_FILE_BYTES).unwrap_or(usize::MAX);
        let ask = |ids: &[String]| {
            let paths: Vec<_> = ids.iter().map(|id| repository.path(&format!("git/blobs/{id}"))).collect();
            client.get_raw("the content of a file", &paths, limit)
        };
        let bodies = match ask(&ids) {
            Ok(bodies) => bodies.into_iter().map(Some).collect(),
            // One file that is too large, or gone, must not hide the others.
            Err(ApiError::TooLarge { .. } | ApiError::NotFound { .. }) => {
                let mut bodies = Vec::with_capacity(ids.len());
                for id in &ids {
                    match ask(std::slice::from_ref(id)) {
                        Ok(body) => bodies.extend(body.into_iter().map(Some)),
                        Err(error @ (ApiError::TooLarge { .. } | ApiError::NotFound { .. })) => {
                            self.failures.push(error.into());
                            bodies.push(None);
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
                bodies
            }
            Err(error) => return Err(error.into()),
        };
        let mut contents = BTreeMap::new();
        for (id, body) in ids.into_iter().zip(bodies) {
            let Some(body) = body else { continue };
            if blob_id(&body).map(|hash| hash.to_string()).as_ref() == Some(&id) {
                contents.insert(id, String::from_utf8_lossy(&body).into_owned());
            } else {
                self.failures.push(partial(&format!("GitHub gave something else for the content {id}")));
            }
        }
        Ok(contents)
    }
}

impl File {
    fn is_below_keps(&self) -> bool {
        let keps = RepoPath::from(layout::KEPS);
        let paths = std::iter::once(&self.filename).chain(&self.previous_filename);
        paths.into_iter().any(|path| RepoPath::from(path.as_str()).is_within(&keps))
    }

    /// The blob that is worth reading: that of a file of metadata, or of production readiness.
    fn wanted(&self) -> Option<&str> {
        let path = RepoPath::from(self.filename.as_str());
        let is_read = match layout::place(&path) {
            Place::Kep(_) => path.name() == layout::METADATA,
            Place::Approval => true,
            Place::Aliases | Place::Elsewhere => false,
        };
        let is_id = |id: &&str| id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.sha.as_deref().filter(is_id).filter(|_| is_read && self.status != "removed")
    }

    fn read(self, contents: &BTreeMap<String, String>) -> PulledFile {
        let after = self.wanted().and_then(|id| contents.get(id)).cloned();
        let before = match (self.status.as_str(), &after, &self.patch) {
            ("added", ..) | (_, None, _) => None,
            ("renamed" | "copied" | "unchanged", Some(after), None) => Some(after.clone()),
            (_, Some(after), Some(patch)) => undone(after, patch),
            (_, Some(_), None) => None,
        };
        PulledFile { path: self.filename, moved_from: self.previous_filename, before, after }
    }
}

/// The text from which `patch` leads to `after`; `None` when it leads elsewhere.
fn undone(after: &str, patch: &str) -> Option<String> {
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
                // A hunk without lines on this side begins behind the line that it names.
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
            // "\ No newline at end of file": whether there is one changes no value.
            Some(_) | None => {}
        }
    }
    before.extend(lines);
    Some(before)
}

fn partial(what: &str) -> SourceError {
    SourceError::Unavailable { message: what.to_owned(), help: "look at the rest on GitHub, or ask again".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::undone;

    #[test]
    fn a_patch_is_undone() {
        let after = "a\nb\nX\nd\ne\nf\ng\nh\ni\nj\nnew\n";
        let patch = "@@ -1,6 +1,6 @@\n a\n b\n-c\n+X\n d\n e\n f\n@@ -8,3 +8,4 @@ g\n h\n i\n j\n+new";
        assert_eq!(undone(after, patch).unwrap(), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        assert_eq!(undone("a\r\nb\r\n", "@@ -1 +1,2 @@\n a\r\n+b\r").unwrap(), "a\r\n");
        assert_eq!(undone("a\n", "@@ -1,2 +1 @@\n a\n-b\n\\ No newline at end of file").unwrap(), "a\nb\n");
        assert_eq!(undone("", "@@ -1,2 +0,0 @@\n-a\n-b").unwrap(), "a\nb\n");
    }

    #[test]
    fn a_patch_of_another_text_is_refused() {
        for patch in
            ["@@ -1 +1 @@\n-a\n+c", "@@ -9,1 +9,1 @@\n x", "@@", "@@ -1 +x @@\n a", "@@ -1 +99999999999999999999 @@"]
        {
            assert_eq!(undone("a\nb\n", patch), None, "{patch:?}");
        }
    }
}
