//! The settings of a check.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::change::{Scope, policy_files};
use crate::config;
use crate::config::Config;
use crate::kep::Milestone;
use crate::kep::sigs::Sigs;
use crate::project::{Layout, Profile, Releases, Web};
use crate::release::{Calendar, Exceptions, Schedule};
use crate::rule::FailOn;
use crate::source::Opened;
use crate::text::RepoPath;
use crate::tracking::Asking;

/// The settings of a check.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What to check.
    pub scope: Scope,
    /// Which new findings fail the check; `None` for the configured level, which defaults to errors.
    pub fail_on: Option<FailOn>,
    /// True if pre-existing findings count, too.
    pub strict: bool,
    /// Where the configuration is.
    pub config: ConfigSource,
    /// Findings that count as pre-existing.
    pub baseline: BaselineSource,
    /// Groups of the project that are known in addition to those of the repository.
    pub sigs: Sigs,
    /// The current time; if `None`, rules about releases are unchecked.
    pub now: Option<jiff::Timestamp>,
    /// When the change was proposed.
    pub opened: Opened,
    /// Exceptions from the Enhancements Freeze.
    pub exceptions: Exceptions,
    /// If set, only the READMEs of this release's KEPs are read.
    pub release: Option<Milestone>,
    /// The repository on the web.
    pub web: Option<Web>,
    /// The options that `--fix` needs to see the same change, quoted for a shell and each preceded by a space.
    pub fix_options: String,
    /// Where the feature gates and metrics of Kubernetes are.
    pub lists: ListsSource,
    /// The source of tracking issues and reviews.
    pub asking: Asking,
    /// Receives the progress of a check of every KEP.
    pub progress: Progress,
}

/// A function that is called with the number of KEPs that have been read, and with the total.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(usize, usize) + Send + Sync>>);

impl Progress {
    /// Calls `report`.
    #[must_use]
    pub fn new(report: impl Fn(usize, usize) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(report)))
    }

    /// Reports that `done` of `total` are done.
    pub(super) fn report(&self, done: usize, total: usize) {
        if let Some(report) = &self.0 {
            report(done, total);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Progress(reported)" } else { "Progress(silent)" })
    }
}

/// Where the configuration is.
#[derive(Debug, Clone, Default)]
pub enum ConfigSource {
    /// On the target branch at its usual path, if it exists.
    #[default]
    Usual,
    /// On the target branch at this path, where it has to exist.
    Policy(RepoPath),
    /// On disk, outside the repository.
    Disk(PathBuf),
}

/// Where a baseline is.
#[derive(Debug, Clone, Default)]
pub enum BaselineSource {
    /// No baseline.
    #[default]
    None,
    /// On the target branch at this path, where it has to exist.
    Policy(RepoPath),
    /// On disk.
    Disk(PathBuf),
}

/// Where the digest of Kubernetes' lists is.
#[derive(Debug, Clone, Default)]
pub enum ListsSource {
    /// Where `kubernetes-lists` of the configuration says, if it is set.
    #[default]
    Configured,
    /// On the target branch at this path, where it has to exist.
    Policy(RepoPath),
    /// On disk.
    Disk(PathBuf),
}

impl Settings {
    /// The calendar of the project's releases with the additions of the configuration, and the clock.
    #[must_use]
    pub fn schedule(&self, config: &Config, profile: &Profile) -> Schedule {
        let mut calendar = match profile.releases {
            Releases::Kubernetes => Calendar::built_in(),
            Releases::Own | Releases::None => Calendar::default(),
        };
        calendar.extend(&config.calendar);
        Schedule {
            calendar,
            now: self.now,
            upcoming: config.upcoming_release,
            exceptions: self.exceptions.clone(),
            is_of_kubernetes: profile.releases == Releases::Kubernetes,
        }
    }

    /// The files of the target branch that every check reads.
    #[must_use]
    pub fn policy_files(&self) -> Vec<RepoPath> {
        let mut files = policy_files(&Layout::default()).to_vec();
        match &self.config {
            ConfigSource::Usual => files.extend([config::PATH, config::MISNAMED].map(RepoPath::from)),
            ConfigSource::Policy(path) => files.push(path.clone()),
            ConfigSource::Disk(_) => {}
        }
        if let BaselineSource::Policy(path) = &self.baseline {
            files.push(path.clone());
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Instant;

    use super::{Progress, Settings};
    use crate::change::Scope;
    use crate::check::check;
    use crate::source::memory::Memory;
    use crate::source::{Change, Revisions};

    #[test]
    fn progress_counts_the_keps_of_a_whole_tree() {
        let tree = || {
            let tree = Memory::default().file("keps/sig-node/1-nap/kep.yaml", "title: Nap\n");
            Box::new(tree.file("keps/sig-node/2-dusk/kep.yaml", "title: Dusk\n"))
        };
        let (head, policy, revisions) = (tree(), tree(), Revisions::default());
        let change = Change { base: Box::new(Memory::default()), head, policy, paths: Vec::new(), revisions };
        let told = |all: bool| {
            let told = Arc::new(Mutex::new(Vec::new()));
            let list = Arc::clone(&told);
            let progress = Progress::new(move |done, total| list.lock().unwrap().push((done, total)));
            let settings = Settings { scope: Scope { all, only: Vec::new() }, progress, ..Settings::default() };
            assert!(check(&change, &settings, Instant::now()).error.is_none());
            told.lock().unwrap().clone()
        };
        assert_eq!(told(true), [(0, 2), (1, 2), (2, 2)]);
        assert_eq!(told(false), [], "a change is checked too fast to wait for");
        assert_eq!(format!("{:?}", Progress::new(|_, _| ())), "Progress(reported)");
        assert_eq!(format!("{:?}", Progress::default()), "Progress(silent)");
    }
}
