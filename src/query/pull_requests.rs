//! KEPs with the open pull requests that touch them. Each KEP is listed once, merged or not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Filter, columns};
use crate::change::{KepState, Policy, Survey, read_kep};
use crate::error::SourceError;
use crate::escape::url_path;
use crate::kep::{Kep, Stage, handle};
use crate::project::layout::{self, Place};
use crate::project::{Profile, Web};
use crate::report::list::{Cell, Column, Table};
use crate::source::memory::Memory;
use crate::text::Files;
use crate::text::RepoPath;
use crate::tracking::pulls::{OpenPull, PulledFile};

/// A KEP with its open pull requests.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// The KEP in the tree or, if it is not merged yet, in the first pull request.
    pub(crate) record: &'a KepState,
    /// The open pull requests, in order.
    pub(crate) open: Vec<&'a Touch<'a>>,
}

/// A pull request as it touches one KEP.
#[derive(Debug)]
pub(crate) struct Touch<'a> {
    /// The pull request.
    pub(crate) pull: &'a OpenPull,
    /// The directory of the KEP that it touches: in the tree, or else in the pull request.
    dir: RepoPath,
    /// The KEP at the merge base of the pull request; `None` if it is new.
    before: Option<KepState>,
    /// The KEP as the pull request leaves it; `None` if its metadata is gone, or cannot be read.
    after: Option<KepState>,
}

/// The fields whose changes are shown: the name in the table, and how to get the value.
const TOLD: [(&str, &str); 4] =
    [("status", "status"), ("stage", "stage"), ("milestone", "latest-milestone"), ("approver", "prr-approver")];

/// Returns the effect of every pull request on each KEP that it touches.
///
/// # Errors
/// [`SourceError`], which cannot happen because everything is in memory.
pub(crate) fn touches<'a>(
    survey: &Survey,
    pulls: &'a [OpenPull],
    files: &mut Files,
) -> Result<Vec<Touch<'a>>, SourceError> {
    let (profile, mut touches) = (&survey.policy.profile, Vec::new());
    for pull in pulls {
        for dir in touched(survey, pull) {
            let record = survey.keps.iter().find(|record| record.dir == dir);
            let merged = merged(profile, record, files);
            let own: Vec<_> = pull.files.iter().filter(|file| is_of(profile, file, &dir, record)).collect();
            let before = before(profile, &own, &dir, merged.clone(), files)?;
            let after = after(profile, &own, &dir, merged, files)?;
            touches.push(Touch { pull, dir, before, after });
        }
    }
    Ok(touches)
}

/// The directories of the KEPs that a pull request touches: in the tree, if they exist there.
fn touched(survey: &Survey, pull: &OpenPull) -> BTreeSet<RepoPath> {
    let mut dirs = BTreeSet::new();
    for file in &pull.files {
        for path in std::iter::once(&file.path).chain(&file.moved_from) {
            let path = RepoPath::from(path.as_str());
            match survey.policy.profile.layout.place(&path) {
                Place::Kep(dir) => {
                    dirs.insert(known(survey, &dir).unwrap_or(dir));
                }
                Place::PrrFile => dirs.extend(claimant(survey, pull, &path)),
                Place::Aliases | Place::Elsewhere => {}
            }
        }
    }
    dirs
}

/// The directory in the tree of the KEP that `dir` is: itself, or the one of the same number.
fn known(survey: &Survey, dir: &RepoPath) -> Option<RepoPath> {
    let dirs = || survey.keps.iter().map(|record| &record.dir);
    let layout = &survey.policy.profile.layout;
    let number = layout.number(dir).filter(|number| !number.is_zero());
    let same = |other: &&RepoPath| number.is_some() && layout.number(other) == number;
    dirs().find(|other| *other == dir).or_else(|| dirs().find(same)).cloned()
}

/// The KEP that a production-readiness file is of: in the tree, or new in the pull request.
fn claimant(survey: &Survey, pull: &OpenPull, path: &RepoPath) -> Option<RepoPath> {
    let claims = |record: &&KepState| record.prr_file_path().or(record.expected_prr_path.as_ref()) == Some(path);
    if let Some(record) = survey.keps.iter().find(claims) {
        return Some(record.dir.clone());
    }
    let number = layout::prr_file_number(path)?;
    let in_tree = survey.keps.iter().find(|record| columns::number(record) == Some(number));
    let in_pull = pull.files.iter().find_map(|file| {
        match survey.policy.profile.layout.place(&RepoPath::from(file.path.as_str())) {
            Place::Kep(dir) if survey.policy.profile.layout.number(&dir) == Some(number) => Some(dir),
            _ => None,
        }
    });
    in_tree.map(|record| record.dir.clone()).or(in_pull)
}

/// True if a file is the metadata or the production-readiness file of the KEP in `dir`.
fn is_of(profile: &Profile, file: &PulledFile, dir: &RepoPath, record: Option<&KepState>) -> bool {
    let number = profile.layout.number(dir).filter(|number| !number.is_zero());
    let path = RepoPath::from(file.path.as_str());
    match profile.layout.place(&path) {
        Place::Kep(other) => {
            profile.layout.is_metadata(path.name())
                && (other == *dir || (number.is_some() && profile.layout.number(&other) == number))
        }
        Place::PrrFile => {
            record.is_some_and(|record| record.prr_file_path() == Some(&path))
                || (number.is_some() && layout::prr_file_number(&path) == number)
        }
        Place::Aliases | Place::Elsewhere => false,
    }
}

/// A KEP's files as the tree has them.
fn merged(profile: &Profile, record: Option<&KepState>, files: &Files) -> Memory {
    let Some(record) = record else { return Memory::default() };
    let metadata = record.kep().map(|kep| (profile.layout.metadata_of(&record.dir), kep.file));
    let prr_file = record.prr_file_path().cloned().zip(record.prr_file().map(|prr_file| prr_file.file));
    let both = metadata.into_iter().chain(prr_file);
    both.fold(Memory::default(), |tree, (path, file)| tree.file(path, files[file].text()))
}

/// The KEP at the merge base of the pull request. Unknown parts are taken from the tree.
fn before(
    profile: &Arc<Profile>,
    own: &[&PulledFile],
    dir: &RepoPath,
    mut tree: Memory,
    files: &mut Files,
) -> Result<Option<KepState>, SourceError> {
    for file in own {
        if let Some(text) = &file.before {
            let path = RepoPath::from(file.moved_from.as_deref().unwrap_or(&file.path));
            // A moved KEP is listed under its name in the tree.
            let layout = &profile.layout;
            let path = if layout.is_metadata(path.name()) { layout.metadata_of(dir) } else { path };
            tree = tree.file(path, text.as_str());
        }
    }
    readable(profile, &tree, dir, files)
}

/// The KEP as the pull request leaves it.
fn after(
    profile: &Arc<Profile>,
    own: &[&PulledFile],
    dir: &RepoPath,
    mut tree: Memory,
    files: &mut Files,
) -> Result<Option<KepState>, SourceError> {
    let mut place = dir.clone();
    for file in own {
        let path = RepoPath::from(file.path.as_str());
        tree = file.moved_from.iter().fold(tree, |tree, moved| tree.without(&RepoPath::from(moved.as_str())));
        match &file.after {
            Some(text) => {
                if let Place::Kep(dir) = profile.layout.place(&path)
                    && profile.layout.is_metadata(path.name())
                {
                    place = dir;
                }
                tree = tree.file(path, text.as_str());
            }
            None => tree = tree.without(&path),
        }
    }
    readable(profile, &tree, &place, files)
}

fn readable(
    profile: &Arc<Profile>,
    tree: &Memory,
    dir: &RepoPath,
    files: &mut Files,
) -> Result<Option<KepState>, SourceError> {
    Ok(read_kep(tree, dir, profile, files)?.filter(|record| record.kep().is_some_and(|kep| kep.readable)))
}

impl Touch<'_> {
    /// True if the pull request makes the KEP match. A review is needed for what it newly requests.
    #[must_use]
    pub(crate) fn matches(&self, filter: &Filter, policy: &Policy) -> bool {
        let Some(after) = &self.after else { return false };
        let anywhere = Filter { needs_prr: false, ..filter.clone() };
        anywhere.matches(after, policy) && (!filter.needs_prr || self.asks_for_review())
    }

    /// The KEP as the pull request leaves it.
    #[must_use]
    pub(crate) fn after(&self) -> Option<&KepState> {
        self.after.as_ref()
    }

    /// The KEP's step: `new → alpha`, `alpha → beta`; the stage alone if there is no step, and empty
    /// if the files do not say.
    #[must_use]
    pub(crate) fn step(&self) -> String {
        let stage = |record: &KepState| record.kep().and_then(Kep::target_stage);
        let Some(after) = &self.after else { return String::new() };
        let (old, new) = (self.before.as_ref().and_then(stage), stage(after));
        let gained = |stage: &Stage| {
            let names = |record: &KepState| record.prr_file().is_some_and(|it| it.approver(*stage).is_some());
            names(after) && !self.before.as_ref().is_some_and(names)
        };
        let gained = Stage::ALL.into_iter().rev().find(gained);
        let former = |stage: Stage| Stage::ALL.into_iter().rfind(|other| other.is_before(stage));
        let word = |stage: Stage| after.kep().map_or(stage.word(), |kep| kep.stage_word(stage)).to_owned();
        let (is_other, former) = (old != new, gained.and_then(former).map(word));
        match (old.map(word), new.map(word), gained.map(word)) {
            (None, Some(new), _) => format!("new → {new}"),
            (Some(old), Some(new), _) if is_other => format!("{old} → {new}"),
            (_, _, Some(gained)) => match former {
                Some(former) => format!("{former} → {gained}"),
                None => format!("new → {gained}"),
            },
            (_, Some(stage), None) => stage,
            (_, None, None) => String::new(),
        }
    }

    /// The directory of the KEP: in the tree, or else in the pull request.
    #[must_use]
    pub(crate) fn dir(&self) -> &RepoPath {
        &self.dir
    }

    /// True if it gives a gated KEP another stage or another approver.
    fn asks_for_review(&self) -> bool {
        let Some(after) = self.after.as_ref().filter(|after| after.kep().is_some_and(Kep::is_gated)) else {
            return false;
        };
        let target = |record: &KepState| {
            let stage = record.kep().and_then(Kep::target_stage);
            (stage, record.target_approver().map(handle::folded))
        };
        self.before.as_ref().is_none_or(|before| target(before) != target(after))
    }

    /// Describes each change, such as `stage alpha → beta`.
    fn changes(&self) -> Vec<String> {
        let Some(after) = &self.after else { return vec!["metadata gone or unreadable".to_owned()] };
        let told = TOLD.iter().filter_map(|(word, key)| {
            let value = |record: &KepState| columns::find(key).map(|column| column.plain(record)).unwrap_or_default();
            let (old, new) = (self.before.as_ref().map(value).unwrap_or_default(), value(after));
            match (old.as_str(), new.as_str()) {
                (old, new) if old == new => None,
                ("", new) => Some(format!("{word} {new}")),
                (old, "") => Some(format!("{word} {old} → none")),
                (old, new) => Some(format!("{word} {old} → {new}")),
            }
        });
        let is_new = self.before.is_none().then(|| "new".to_owned());
        is_new.into_iter().chain(told).collect()
    }
}

/// The KEPs of the tree and of the pull requests that are meant, each once, in the order of their directories.
#[must_use]
pub(crate) fn entries<'a>(survey: &'a Survey, touches: &'a [Touch<'a>], filter: &Filter) -> Vec<Entry<'a>> {
    let mut open: BTreeMap<&RepoPath, Vec<&Touch<'_>>> = BTreeMap::new();
    for touch in touches {
        open.entry(&touch.dir).or_default().push(touch);
    }
    let mut entries = BTreeMap::new();
    for record in &survey.keps {
        let open = open.remove(&record.dir).unwrap_or_default();
        entries.insert(&record.dir, Entry { record, open });
    }
    for (dir, open) in open {
        // New KEPs; those that cannot be read are in `unreadable`.
        if let Some(record) = open.iter().find_map(|touch| touch.after.as_ref()) {
            entries.insert(dir, Entry { record, open });
        }
    }
    let is_meant = |entry: &Entry<'_>| {
        let is_merged = survey.keps.iter().any(|record| std::ptr::eq(record, entry.record));
        (is_merged && filter.matches(entry.record, &survey.policy))
            || entry.open.iter().any(|touch| touch.matches(filter, &survey.policy))
    };
    entries.into_values().filter(is_meant).collect()
}

/// The pull requests with a KEP that cannot be read, so it is unknown whether it matches.
#[must_use]
pub(crate) fn unreadable(touches: &[Touch<'_>]) -> Vec<u64> {
    let is_broken = |touch: &&Touch<'_>| {
        let own = |file: &&PulledFile| file.path.ends_with("/kep.yaml") && file.after.is_some();
        touch.after.is_none() && touch.pull.files.iter().any(|file| own(&file))
    };
    let mut numbers: Vec<_> = touches.iter().filter(is_broken).map(|touch| touch.pull.number).collect();
    numbers.dedup();
    numbers
}

const FOR_PEOPLE: [Column; 2] = [columns::PULL_NUMBER, columns::PULL_CHANGES];

/// The open pull requests on a KEP: with full data for machines, short for people.
#[must_use]
pub(crate) fn cell(open: &[&Touch<'_>], web: &Web, is_for_machines: bool) -> Cell {
    if !is_for_machines {
        let mut table = Table::new(FOR_PEOPLE);
        for touch in open {
            let number = touch.pull.number;
            let url = format!("{}/{}/pull/{number}", web.server, url_path(web.repository.as_bytes()));
            let reference = Cell::Reference { number, url };
            table.push(vec![reference, Cell::List(touch.changes())]);
        }
        return Cell::Rows(table);
    }
    let mut table = Table::new(columns::OF_PULL_REQUESTS);
    for touch in open {
        let left = |key: &str| match (&touch.after, columns::find(key)) {
            (Some(after), Some(column)) => Cell::text(column.plain(after)),
            _ => Cell::Empty,
        };
        let pull = touch.pull;
        table.push(vec![
            Cell::Number(pull.number),
            Cell::text(pull.title.clone()),
            Cell::text(pull.author.clone()),
            Cell::List(touch.changes()),
            left("status"),
            left("stage"),
            left("latest-milestone"),
            left("prr-approver"),
        ]);
    }
    Cell::Rows(table)
}
