//! The dates of the commits of a change.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use gix::ObjectId;
use jiff::Timestamp;

use super::{CommitId, Repository, options};

/// The maximum number of commits to read. No pull request has more.
const MAX_COMMITS: usize = 10_000;

/// The author dates of the commits of a change. They are read when they are first needed, because that requires a walk
/// through the history.
#[derive(Clone)]
pub struct CommitDates(Arc<LazyLock<Dates, Box<dyn FnOnce() -> Dates + Send>>>);

#[derive(Debug, Clone, Copy, Default)]
struct Dates {
    oldest: Option<Timestamp>,
    is_complete: bool,
}

impl CommitDates {
    /// The dates of the commits that lead from `target` to `head`.
    pub(super) fn between(repository: &Repository, target: CommitId, head: CommitId) -> Self {
        // The repository is opened again, because it cannot be shared between threads.
        let folder = repository.store.git_dir().to_owned();
        Self(Arc::new(LazyLock::new(Box::new(move || read(&folder, target.0, head.0).unwrap_or_default()))))
    }

    /// The earliest author date; `None` if there are no commits.
    #[must_use]
    pub fn oldest(&self) -> Option<Timestamp> {
        self.0.oldest
    }

    /// False if the clone may lack commits of the change.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.0.is_complete
    }
}

impl fmt::Debug for CommitDates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CommitDates")
    }
}

impl PartialEq for CommitDates {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for CommitDates {}

fn read(git_dir: &Path, target: ObjectId, head: ObjectId) -> Option<Dates> {
    let repository = gix::ThreadSafeRepository::open_opts(git_dir, options()).ok()?.to_thread_local();
    let commits = repository.rev_walk([head]).with_hidden([target]).all().ok()?;
    let mut dates = Dates { oldest: None, is_complete: !repository.is_shallow().unwrap_or(true) };
    for (number, commit) in commits.enumerate() {
        let date = commit.ok().and_then(|commit| author_date(&repository, commit.id));
        let Some(date) = date.filter(|_| number < MAX_COMMITS) else {
            dates.is_complete = false;
            break;
        };
        dates.oldest = Some(dates.oldest.map_or(date, |oldest| oldest.min(date)));
    }
    Some(dates)
}

fn author_date(repository: &gix::Repository, commit: ObjectId) -> Option<Timestamp> {
    let commit = repository.find_commit(commit).ok()?;
    let seconds = commit.author().ok()?.time().ok()?.seconds;
    Timestamp::from_second(seconds).ok()
}
