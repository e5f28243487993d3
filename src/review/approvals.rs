//! Which commit recorded the production-readiness approver of each stage.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::change::{KepState, lost_prr_file};
use crate::error::SourceError;
use crate::github::api::blame::BlamedLines;
use crate::kep::stage::PerStage;
use crate::kep::{KepNumber, PrrFile, Stage, handle};
use crate::project::{Profile, layout};
use crate::source::Content;
use crate::source::git::{CommitId, FileChange, Repository, Step, Walk};
use crate::syntax::yaml;
use crate::text::{Files, RepoPath, Side, SourceFile};

/// The approver of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Approval {
    pub(crate) stage: Stage,
    /// The handle, as written.
    pub(crate) approver: String,
    /// The commit that recorded this approver; `None` if the history does not have it.
    pub(crate) recorded: Option<Recorded>,
    /// Whether only the pull request names this approver; `None` without one.
    pub(crate) is_proposed: Option<bool>,
}

/// The approvers by stage, and the commits whose version of the file is malformed.
#[derive(Debug, Default)]
pub(crate) struct Approvals {
    pub(crate) stages: Vec<Approval>,
    pub(crate) malformed: Vec<Malformed>,
}

/// A commit whose version of the file is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) commit: CommitId,
    /// The `kep-number` of the version, if it is the number of another KEP.
    pub(crate) other: Option<KepNumber>,
}

impl Approvals {
    /// Adds the last approvers in the history, for the stages without a name.
    fn add_former(&mut self, last: &PerStage<Option<(String, Recorded)>>) {
        for stage in Stage::ALL {
            let is_named = self.stages.iter().any(|approval| approval.stage == stage);
            if let Some((name, _)) = last.of(stage).as_ref().filter(|_| !is_named) {
                let approver = format!("@{name}");
                self.stages.push(Approval { stage, approver, recorded: None, is_proposed: None });
            }
        }
        self.stages.sort_by_key(|approval| approval.stage);
    }
}

/// A commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) commit: CommitId,
    pub(crate) time: Timestamp,
}

/// The approvers that the production-readiness file of `kep` names, without the commits.
pub(crate) fn named(kep: &KepState) -> Approvals {
    let approver = |stage| Some(kep.prr_file()?.approver(stage)?.text().to_owned());
    let named = Stage::ALL.into_iter().filter_map(|stage| Some((stage, approver(stage)?)));
    let stages =
        named.map(|(stage, approver)| Approval { stage, approver, recorded: None, is_proposed: None }).collect();
    Approvals { stages, malformed: Vec::new() }
}

/// Adds the commits of the first-parent line that ends in `tip` to `approvals`. A file that moves to another SIG is
/// followed by its number. If the file of `kep` cannot be read, the last approvers in the history count.
///
/// # Errors
/// [`SourceError::Unavailable`] if a commit or a folder is missing, as in a shallow clone.
pub(crate) fn add_commits(
    approvals: &mut Approvals,
    kep: &KepState,
    repository: &Repository,
    (tip, profile): (CommitId, &Profile),
) -> Result<(), SourceError> {
    let (Some(root), Some(path)) = (&profile.layout.prr_root, kep.prr_file_path()) else { return Ok(()) };
    let is_lost = lost_prr_file(kep).is_some();
    if approvals.stages.is_empty() && !is_lost {
        return Ok(());
    }
    let mut line = Line {
        repository,
        path,
        files: BTreeMap::new(),
        last: PerStage::from_fn(|_| None),
        malformed: Vec::new(),
        missing: None,
    };
    repository.walk(Walk::to(tip, std::slice::from_ref(root)), &mut |step| line.take(&step))?;
    if let Some(error) = line.missing {
        return Err(error);
    }
    approvals.malformed = line.malformed;
    if is_lost {
        approvals.add_former(&line.last);
    }
    for approval in &mut approvals.stages {
        let last = line.last.of(approval.stage).as_ref();
        let is_same = |(name, _): &&(String, Recorded)| *name == handle::folded(&approval.approver);
        approval.recorded = last.filter(is_same).map(|(_, recorded)| *recorded);
    }
    Ok(())
}

/// Says which approvers a pull request proposes. `before` is the KEP on the target branch. Nothing is said if its
/// production-readiness file cannot be read.
pub(crate) fn compare_with_target(approvals: &mut Approvals, before: Option<&KepState>) {
    if before.is_some_and(|before| lost_prr_file(before).is_some()) {
        return;
    }
    for approval in &mut approvals.stages {
        let former = before.and_then(|before| before.prr_file()?.approver(approval.stage));
        let is_kept = former.is_some_and(|former| handle::folded(former.text()) == handle::folded(&approval.approver));
        approval.is_proposed = Some(!is_kept);
    }
}

/// Adds the commits of the target branch, where `line` says in which line of the file an approver is and `blame` which
/// commit wrote it.
pub(crate) fn add_blame(approvals: &mut Approvals, line: impl Fn(Stage) -> Option<usize>, blame: &[BlamedLines]) {
    for approval in approvals.stages.iter_mut().filter(|approval| approval.is_proposed == Some(false)) {
        let Some(line) = line(approval.stage) else { continue };
        let blamed = blame.iter().find(|blamed| blamed.lines.contains(&line));
        approval.recorded = blamed.and_then(|BlamedLines { commit, time, .. }| {
            Some(Recorded { commit: CommitId::from_hex(commit.as_str())?, time: *time })
        });
    }
}

/// The state of a production-readiness file as of the current commit.
struct Line<'a> {
    repository: &'a Repository,
    path: &'a RepoPath,
    /// The files of the KEP's number. There are several for a moment if it moves.
    files: BTreeMap<RepoPath, PerStage<Option<String>>>,
    /// The approver of each stage, and since when.
    last: PerStage<Option<(String, Recorded)>>,
    /// The commits with a malformed version.
    malformed: Vec<Malformed>,
    /// The first object that the repository lacks, as in a clone without blobs.
    missing: Option<SourceError>,
}

impl Line<'_> {
    fn take(&mut self, step: &Step) {
        let number = layout::prr_file_number(self.path);
        let is_of_kep = |change: &&FileChange| {
            change.path == *self.path || (number.is_some() && layout::prr_file_number(&change.path) == number)
        };
        let changes: Vec<_> = step.changes.iter().filter(is_of_kep).collect();
        if changes.is_empty() {
            return;
        }
        for change in changes {
            match change.blob.map(|blob| self.repository.read_blob(blob, &change.path)) {
                None => _ = self.files.remove(&change.path),
                // A version that cannot be read does not change who is on record.
                Some(Err(error)) => _ = self.missing.get_or_insert(error),
                Some(Ok(content)) => {
                    let version = text(content).map(|text| Version::read(&text, &change.path)).unwrap_or_default();
                    if version.is_malformed {
                        self.malformed.push(Malformed { commit: step.commit, other: version.other });
                    }
                    let known = self.files.get(&change.path).filter(|_| version.is_malformed);
                    let approvers = version.over(known);
                    self.files.insert(change.path.clone(), approvers);
                }
            }
        }
        let current = self.files.get(self.path).or_else(|| self.files.values().next());
        let Ok(time) = Timestamp::from_second(step.time) else { return };
        let recorded = Recorded { commit: step.commit, time };
        let last = PerStage::from_fn(|stage| {
            let name = current.and_then(|approvers| approvers.of(stage).clone())?;
            let known = self.last.of(stage).clone().filter(|(known, _)| *known == name);
            Some(known.unwrap_or((name, recorded)))
        });
        self.last = last;
    }
}

fn text(content: Content) -> Option<String> {
    match content {
        Content::Bytes(bytes) => String::from_utf8(bytes).ok(),
        Content::Absent | Content::Irregular(_) => None,
    }
}

/// A version of the file.
struct Version {
    /// The approvers, in the form for comparing people.
    approvers: PerStage<Option<String>>,
    /// True if upstream would reject the file, so that what it lacks may only be lost.
    is_malformed: bool,
    /// True if it is the file of another KEP by its `kep-number`.
    is_foreign: bool,
    /// The number of that KEP, if it is one.
    other: Option<KepNumber>,
}

impl Default for Version {
    fn default() -> Self {
        Self { approvers: PerStage::from_fn(|_| None), is_malformed: true, is_foreign: false, other: None }
    }
}

impl Version {
    fn read(text: &str, path: &RepoPath) -> Self {
        let file = Files::default().add(SourceFile::new(Side::Head, path.clone(), text));
        let prr_file = PrrFile::decode(file, &yaml::read_without_fences(text));
        let number = KepNumber::parse(prr_file.kep_number.text());
        let is_foreign = number.is_none() || number != layout::prr_file_number(path);
        let approver = |stage| prr_file.approver(stage).map(|approver| handle::folded(approver.text()));
        Self {
            approvers: PerStage::from_fn(|stage| approver(stage).filter(|_| prr_file.readable)),
            is_malformed: !prr_file.readable || !prr_file.faults.is_empty() || is_foreign,
            is_foreign,
            other: number.filter(|_| is_foreign),
        }
    }

    /// The approvers, with those that are `known` from the version before if this one is malformed: an approver that it lacks
    /// was not removed, and one for another KEP replaces nobody.
    fn over(self, known: Option<&PerStage<Option<String>>>) -> PerStage<Option<String>> {
        let Some(known) = known else { return self.approvers };
        PerStage::from_fn(|stage| {
            let (own, known) = (self.approvers.of(stage), known.of(stage));
            let [first, second] = if self.is_foreign { [known, own] } else { [own, known] };
            first.clone().or_else(|| second.clone())
        })
    }
}
