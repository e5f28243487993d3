//! Shared by `kepgate new` and `kepgate promote`: shows the changes, checks the result, and writes it to disk.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use super::checkout::normalize;
use super::me::Me;
use super::output::print;
use super::{Environment, clock, gap, kep_tree};
use crate::authoring::{NextSteps, Revision};
use crate::change::{Policy, Scope, Survey};
use crate::check::result::{Counts, Report, Verdict};
use crate::check::{ConfigSource, Settings, check, read_config, read_profile};
use crate::cli::{MeArguments, Place};
use crate::error::Error;
use crate::error::SourceError;
use crate::escape::log_lines;
use crate::exit::ExitStatus;
use crate::kep::{KepNumber, Milestone, aliases};
use crate::project::Releases;
use crate::release::{Schedule, did_you_mean};
use crate::report::tally;
use crate::report::text::{self, Detail};
use crate::rule::FailOn;
use crate::source::directory::{Directory, Rewrite};
use crate::source::git::{CommitId, Repository};
use crate::source::overlay::{Edits, Overlay};
use crate::source::{Change, ChangedPath, Content, Revisions, Snapshot, diff};
use crate::text::Files;
use crate::text::RepoPath;
use crate::text::wording::quote;

/// The work tree to write to, its content, and the policy that applies.
pub(crate) struct Workplace {
    folder: PathBuf,
    target: Option<Repository>,
    pub(crate) disk: Directory,
    pub(crate) survey: Survey,
    pub(crate) policy: Policy,
    pub(crate) files: Files,
    pub(crate) schedule: Schedule,
    now: jiff::Timestamp,
    is_rehearsal: bool,
}

/// The goal of the author: a KEP at a stage.
pub(crate) struct Goal {
    /// Its directory.
    pub(crate) dir: RepoPath,
    pub(crate) number: Option<KepNumber>,
    /// The project's word for the stage.
    pub(crate) stage_word: String,
    /// The status, if it says that the KEP is abandoned or done.
    pub(crate) closed: Option<String>,
    /// The release of the stage, if it is known yet.
    pub(crate) release: Option<Milestone>,
    /// The latest release of the KEP so far.
    pub(crate) former: Option<Milestone>,
    /// True if the stage needs a production readiness approver and has none.
    pub(crate) lacks_approver: bool,
    /// The file with the text of the KEP, if it still has to be written.
    pub(crate) unwritten: Option<RepoPath>,
    /// Lines to show below the names of the files, not escaped yet.
    pub(crate) remarks: String,
}

impl Workplace {
    /// Reads every KEP of the work tree.
    pub(crate) fn open(place: &Place, environment: &Environment) -> Result<Self, Error> {
        let now = clock::now(None, environment)?;
        let folder = kep_tree::work_tree(&kep_tree::folder(place.repo_path.as_deref(), environment))?;
        let target = target(&folder, environment);
        let disk = Directory::new(&folder)?;
        let policy = policy_tree(target.as_ref(), &folder)?;
        let config = read_config(policy.as_ref(), &ConfigSource::Usual)?;
        let profile = read_profile(policy.as_ref(), &config)?;
        let schedule = Settings { now: Some(now), ..Settings::default() }.schedule(&config, &profile);
        let groups = config.groups;
        let mut files = Files::default();
        let mut survey = Survey::read(&disk, groups.clone(), &profile, &mut files);
        let (policy, mut failures) = Policy::load(policy.as_ref(), groups, &profile, &mut files);
        failures.append(&mut survey.failures);
        if let Some(error) = gap::incomplete(&failures) {
            return Err(error);
        }
        Ok(Self { folder, target, disk, survey, policy, files, schedule, now, is_rehearsal: place.dry_run })
    }

    /// Fails if `release` is so far away that it must be a typo.
    pub(crate) fn check_release(&self, release: Milestone) -> Result<(), Error> {
        if self.policy.profile.releases != Releases::Kubernetes {
            return Ok(());
        }
        let Some(newest) = self.schedule.newest_long_before(release) else { return Ok(()) };
        let known = self.schedule.calendar.releases();
        let near = did_you_mean(release, &known);
        let open = known.into_iter();
        let open: Vec<_> = open.filter(|it| self.schedule.is_out(*it) != Some(true)).map(|it| it.to_string()).collect();
        let open = if open.is_empty() { String::new() } else { format!("; not out yet: {}", open.join(", ")) };
        Err(Error::usage(
            format!("--release: {release} is not a known release"),
            format!("{near}the newest release in the calendar is {newest}{open}"),
        ))
    }

    /// An approver as `OWNERS_ALIASES` writes them, without `@`.
    pub(crate) fn approver(&self, handle: &str) -> Result<String, Error> {
        let name = handle.trim_start_matches('@');
        if !self.policy.profile.has_reviews() {
            return Err(Error::usage(
                "--prr-approver: this project does not review production readiness",
                "remove --prr-approver; `production-readiness` in .github/kepgate.yaml turns reviews on",
            ));
        }
        if self.policy.approvers().is_none_or(|approvers| approvers.is_empty()) {
            let group = &self.policy.groups.approvers;
            return Err(Error::usage(
                format!("--prr-approver: {} has no group `{group}` on the target branch", aliases::PATH),
                "add the group with its members, or set `groups.approvers` in .github/kepgate.yaml",
            ));
        }
        let approvers = self.policy.approvers().unwrap_or_default();
        if let Some(known) = approvers.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            return Ok((*known).to_owned());
        }
        let near = crate::text::nearest::nearest(name, approvers.iter().copied());
        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        Err(Error::usage(
            format!("{} is not a production-readiness approver on the target branch", quote(handle)),
            format!("{near}the approvers are {}", approvers.join(", ")),
        ))
    }

    /// Determines who `@me` is in this repository.
    pub(crate) fn me<'a>(&self, arguments: &'a MeArguments, environment: &'a Environment) -> Me<'a> {
        Me::new(arguments, &self.folder, environment)
    }

    /// Today's date in UTC, as `2026-02-14`.
    pub(crate) fn today(&self) -> String {
        self.now.strftime("%Y-%m-%d").to_string()
    }

    /// Resolves a path from the caller to a path in the tree.
    pub(crate) fn path(&self, path: &Path, environment: &Environment) -> Result<RepoPath, Error> {
        super::checkout::Checkout::at(&self.folder, &environment.folder).path(path)
    }

    /// Shows the revisions, checks the result, writes it, and prints the next steps.
    pub(crate) fn finish(
        &self,
        revisions: &[Revision],
        goal: &Goal,
        environment: &Environment,
        out: &mut dyn Write,
    ) -> anyhow::Result<ExitStatus> {
        let report = self.check(revisions, goal)?;
        if !self.is_rehearsal {
            write(&self.disk, revisions)?;
        }
        let mut page: String = revisions.iter().map(|revision| log_lines(&revision.diff())).collect();
        page.push('\n');
        let guarded = environment.runner.is_github();
        let options = text::Options { color: environment.shows_color, detail: Detail::Findings, guarded };
        page.push_str(&text::render(&report, options));
        page.push_str(&log_lines(&self.outcome(revisions, &goal.remarks, &report)));
        let next = NextSteps {
            number: goal.number,
            dir: &goal.dir,
            stage_word: &goal.stage_word,
            closed: goal.closed.as_deref(),
            release: goal.release,
            former: goal.former,
            lacks_approver: goal.lacks_approver,
            unwritten: goal.unwritten.as_ref(),
            schedule: &self.schedule,
            profile: &self.policy.profile,
            web: environment.web.as_ref(),
        };
        page.push_str(&log_lines(&format!("\n{}", next.render(&report))));
        let unread = || gap::of_readmes(report.outcome.as_ref()?, &self.policy.profile.layout);
        let gap = gap::incomplete(&self.survey.obstacles).or_else(unread);
        if let Some(error) = &gap {
            page.push_str(&log_lines(&format!("\n{}\n  help: {}\n", error.describe(), error.help())));
        }
        let status = gap.map_or(ExitStatus::Clean, |error| error.status());
        Ok(print(&page, out)?.max(report.exit()).max(status))
    }

    /// What was written, and what keeps the KEP from passing `kepgate check`.
    fn outcome(&self, revisions: &[Revision], remarks: &str, report: &Report) -> String {
        let written = if self.is_rehearsal { "Not written, because of --dry-run:" } else { "Written:" };
        let mut paths = String::new();
        paths.extend(revisions.iter().map(|revision| format!("  {}\n", revision.path)));
        let blocking = match report.verdict() {
            Verdict::Clean => "nothing, `kepgate check` passes".to_owned(),
            Verdict::Findings => {
                tally(Counts::by_level(report.findings().iter().filter(|it| report.threshold.counts(it))))
            }
            Verdict::Unchecked | Verdict::Failed => "unknown: not everything could be checked".to_owned(),
        };
        format!("\n{written}\n{paths}{remarks}\nBlocking: {blocking}\n{}", text::advice(report, Detail::Findings))
    }

    /// The findings of `kepgate check` for this KEP.
    fn check(&self, revisions: &[Revision], goal: &Goal) -> Result<Report, Error> {
        let (base, work_tree, mut paths) = self.compared()?;
        let edits = Edits::default();
        for Revision { path, new, .. } in revisions {
            edits.borrow_mut().insert(path.clone(), new.clone());
            if !paths.iter().any(|changed| changed.head.as_ref() == Some(path)) {
                let former = base.kind(path)?.map(|_| path.clone());
                paths.push(ChangedPath { base: former, head: Some(path.clone()) });
            }
        }
        paths.sort_unstable();
        let head = Box::new(Overlay::new(work_tree, Rc::clone(&edits)));
        let policy = policy_tree(self.target.as_ref(), &self.folder)?;
        // With a target branch, `kepgate check` only checks the change.
        let tip = target_tip(self.target.as_ref())?.map(|(_, tip)| tip.to_string());
        let change = Change { base, head, policy, paths, revisions: Revisions { base: tip, ..Revisions::default() } };
        let scope = Scope { all: false, only: vec![goal.dir.clone()] };
        // KEPs are promoted to a release that is out only to correct the record.
        let is_out = goal.release.is_some_and(|release| self.schedule.is_out(release) == Some(true));
        let fail_on = is_out.then_some(FailOn::Warnings);
        let settings = Settings { scope, fail_on, now: Some(self.now), ..Settings::default() };
        Ok(check(&change, &settings, Instant::now()))
    }
}

/// The trees to compare, before and after the change, and the paths that differ.
type Compared = (Box<dyn Snapshot>, Box<dyn Snapshot>, Vec<ChangedPath>);

impl Workplace {
    /// The same as `kepgate check` compares here: the merge base with the target branch and the work tree. Without a
    /// target branch or a common history, the work tree is compared with itself.
    fn compared(&self) -> Result<Compared, Error> {
        let merge_base = |target: &Repository, tip| target.merge_base(tip, target.head_commit()?);
        let target = match target_tip(self.target.as_ref())? {
            Some((target, tip)) => match merge_base(target, tip) {
                Ok(merge_base) => Some((target, merge_base)),
                Err(SourceError::Usage { .. }) => None,
                Err(error @ SourceError::Unavailable { .. }) => return Err(error.into()),
            },
            None => None,
        };
        let Some((target, merge_base)) = target else {
            return Ok((Box::new(Directory::new(&self.folder)?), Box::new(Directory::new(&self.folder)?), Vec::new()));
        };
        let (base, head) = (target.tree(merge_base)?, target.work_tree()?);
        let paths = diff(&base, head.as_ref())?;
        Ok((Box::new(base), head, paths))
    }
}

/// The repository with `folder` as its work tree, if it has a target branch.
pub(crate) fn target(folder: &Path, environment: &Environment) -> Option<Repository> {
    let found = Repository::discover(folder).ok()?;
    let root = normalize(&environment.folder.join(found.workdir()?));
    // A target branch that cannot be read leads to an error when it is used.
    let has_target = !matches!(found.default_base(), Ok(None));
    (root == normalize(folder) && has_target).then_some(found)
}

/// The tip of the target branch in `target`.
pub(crate) fn target_tip(target: Option<&Repository>) -> Result<Option<(&Repository, CommitId)>, SourceError> {
    let Some(target) = target else { return Ok(None) };
    Ok(target.default_base()?.map(|(_, tip)| (target, tip)))
}

/// The tip of the target branch, or the folder itself if it is not a repository.
fn policy_tree(target: Option<&Repository>, folder: &Path) -> Result<Box<dyn Snapshot>, SourceError> {
    match target_tip(target)? {
        Some((target, tip)) => Ok(Box::new(target.tree(tip)?)),
        None => Ok(Box::new(Directory::new(folder)?)),
    }
}

/// Writes every file, or none if one of them has changed in the meantime or cannot be written.
pub(crate) fn write(disk: &Directory, revisions: &[Revision]) -> Result<(), Error> {
    for revision in revisions {
        require_unchanged(disk, revision)?;
    }
    let files = revisions.iter().map(|Revision { path, old, new }| Rewrite { path, old: old.as_deref(), new });
    Ok(disk.write(&files.collect::<Vec<_>>())?)
}

fn require_unchanged(disk: &Directory, revision: &Revision) -> Result<(), Error> {
    let path = quote(&revision.path.to_string());
    match disk.read(&revision.path)? {
        Content::Irregular(_) => {
            Err(Error::usage(format!("{path} is not a regular file"), "replace it with a regular file, or remove it"))
        }
        content if content == revision.old.as_ref().map_or(Content::Absent, |old| Content::Bytes(old.clone())) => {
            Ok(())
        }
        _ => Err(Error::fetch(
            format!("{path} changed while kepgate was running, so nothing was written"),
            "run kepgate again",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::authoring::Revision;
    use crate::source::directory::Directory;
    use crate::text::RepoPath;

    #[test]
    fn a_file_that_changed_in_the_meantime_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("kep.yaml");
        std::fs::write(&place, "somebody's\n").unwrap();
        let disk = Directory::new(folder.path()).unwrap();
        let revision = |old: Option<&str>| Revision {
            path: RepoPath::from("kep.yaml"),
            old: old.map(|text| text.as_bytes().to_vec()),
            new: b"ours\n".to_vec(),
        };
        for old in [Some("as it was\n"), None] {
            let error = write(&disk, &[revision(old)]).unwrap_err();
            assert_eq!(error.to_string(), "`kep.yaml` changed while kepgate was running, so nothing was written");
            assert_eq!(std::fs::read_to_string(&place).unwrap(), "somebody's\n");
        }
        write(&disk, &[revision(Some("somebody's\n"))]).unwrap();
        assert_eq!(std::fs::read_to_string(&place).unwrap(), "ours\n");
    }

    #[test]
    fn a_file_that_cannot_be_written_stops_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let kep = folder.path().join("kep.yaml");
        std::fs::write(&kep, "old\n").unwrap();
        let revision = |path: &str, old: Option<&str>| Revision {
            path: RepoPath::from(path),
            old: old.map(|text| text.as_bytes().to_vec()),
            new: b"new\n".to_vec(),
        };
        let revisions = [revision("kep.yaml", Some("old\n")), revision("prr.yaml", None)];
        let disk = Directory::new(folder.path()).unwrap();
        let refused = |what: &str| {
            let error = write(&disk, &revisions).unwrap_err();
            assert_eq!(std::fs::read_to_string(&kep).unwrap(), "old\n", "{what}");
            error.to_string()
        };
        let other = folder.path().join("prr.yaml");
        std::fs::create_dir(&other).unwrap();
        assert_eq!(refused("a folder"), "`prr.yaml` is not a regular file");
        std::fs::remove_dir(&other).unwrap();
        #[cfg(unix)]
        {
            let _socket = std::os::unix::net::UnixListener::bind(&other).unwrap();
            assert!(refused("a socket").contains("prr.yaml"));
            std::fs::remove_file(&other).unwrap();
        }
        write(&disk, &revisions).unwrap();
        assert_eq!(std::fs::read_to_string(&kep).unwrap(), "new\n");
    }
}
