//! What commits did to KEPs: proposed, promoted, approved and so on.

use super::model::{Entry, Site};
use crate::history::{KepHistory, Version};
use crate::kep::{Milestone, Stage};
use crate::text::wording::quote;

/// A commit that changed more than the text of a KEP.
pub(super) struct Event<'a> {
    /// The KEP, if it still exists.
    pub(super) entry: Option<&'a Entry<'a>>,
    pub(super) version: &'a Version,
    pub(super) changes: Vec<Change<'a>>,
}

/// What happened to a KEP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change<'a> {
    /// It is new, with this status.
    Proposed(&'a str),
    /// It was removed.
    Removed,
    /// It moved to another directory.
    Moved,
    /// It has another status now.
    Status(&'a str, &'a str),
    /// It targets another stage now.
    Stage(Option<Stage>, Stage),
    /// It targets another release now.
    Target(Milestone),
    /// An approver of production readiness is named for a stage.
    Approved(Stage, &'a str),
}

impl Change<'_> {
    /// A few words, with untrusted text in backticks.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Proposed(status) => format!("proposed as {}", quote(status)),
            Self::Removed => "removed".to_owned(),
            Self::Moved => "moved to another directory".to_owned(),
            Self::Status(old, new) => format!("status {} → {}", quote(old), quote(new)),
            Self::Stage(Some(old), new) => format!("stage {old} → {new}"),
            Self::Stage(None, new) => format!("stage {new}"),
            Self::Target(release) => format!("targets {release}"),
            Self::Approved(stage, approver) => {
                format!("production readiness for {stage} approved by {}", quote(approver))
            }
        }
    }
}

impl Event<'_> {
    /// All changes in one sentence.
    pub(super) fn words(&self) -> String {
        self.changes.iter().map(Change::words).collect::<Vec<_>>().join(", ")
    }
}

/// The changes between two versions.
pub(super) fn changes<'a>(before: Option<&'a Version>, after: &'a Version) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    let old = before.and_then(|version| version.metadata.as_deref());
    let Some(new) = after.metadata.as_deref() else {
        if after.is_removed() && before.is_some_and(|before| !before.is_removed()) {
            changes.push(Change::Removed);
        }
        return changes;
    };
    match old {
        None if before.is_none_or(Version::is_removed) => changes.push(Change::Proposed(&new.status)),
        Some(old) if old.status != new.status => changes.push(Change::Status(&old.status, &new.status)),
        None | Some(_) => {}
    }
    if before.is_some_and(|before| before.dir != after.dir) {
        changes.push(Change::Moved);
    }
    if let Some(stage) = new.stage.filter(|stage| old.and_then(|old| old.stage) != Some(*stage)) {
        changes.push(Change::Stage(old.and_then(|old| old.stage), stage));
    }
    if let Some(release) = new.latest.filter(|latest| old.and_then(|old| old.latest) != Some(*latest)) {
        changes.push(Change::Target(release));
    }
    for stage in Stage::ALL {
        let was = before.and_then(|version| version.approver(stage));
        if let Some(approver) = after.approver(stage).filter(|approver| was != Some(*approver)) {
            changes.push(Change::Approved(stage, approver));
        }
    }
    changes
}

/// The events of a KEP, oldest first.
pub(super) fn of<'a>(entry: Option<&'a Entry<'a>>, history: &'a KepHistory) -> impl Iterator<Item = Event<'a>> {
    let steps =
        history.steps().map(move |(before, version)| Event { entry, version, changes: changes(before, version) });
    steps.filter(|event| !event.changes.is_empty())
}

/// The newest events of all KEPs, newest first.
pub(super) fn newest<'a>(site: &'a Site<'a>, maximum: usize) -> Vec<Event<'a>> {
    let histories = site.sources.history.keps.iter();
    let mut events: Vec<_> = histories
        .flat_map(|history| {
            let all: Vec<_> = of(site.at(&history.dir), history).collect();
            all
        })
        .collect();
    events.sort_by(|one, other| {
        (other.version.time, &one.version.dir, one.version.commit).cmp(&(
            one.version.time,
            &other.version.dir,
            other.version.commit,
        ))
    });
    events.truncate(maximum);
    events
}
