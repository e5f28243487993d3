//! What commits did to KEPs: proposed, promoted, approved and so on.

use super::model::{Entry, Site};
use crate::history::{History, KepHistory, Metadata, Version};
use crate::kep::{Milestone, Stage, handle};
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
    Named(Stage, &'a str),
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
            Self::Named(stage, approver) => {
                format!("{} named as the production readiness approver for {stage}", quote(approver))
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

/// The changes between two versions. `known` is the last metadata before `after` that could be read.
fn changes<'a>(
    history: &History,
    (before, known): (Option<&'a Version>, Option<&'a Metadata>),
    after: &'a Version,
) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    let was_there = before.is_some_and(|before| !before.is_removed);
    if after.is_removed {
        changes.extend(was_there.then_some(Change::Removed));
        return changes;
    }
    if before.is_some_and(|before| before.dir != after.dir) {
        changes.push(Change::Moved);
    }
    if let Some(new) = after.metadata.as_deref() {
        metadata_changes(known, new, &mut changes);
    }
    for stage in Stage::ALL {
        let was = before.and_then(|version| history.approval(version, stage)).map(handle::folded);
        let now = history.approval(after, stage);
        if let Some(approver) = now.filter(|approver| was != Some(handle::folded(approver))) {
            changes.push(Change::Named(stage, approver));
        }
    }
    changes
}

fn metadata_changes<'a>(known: Option<&'a Metadata>, new: &'a Metadata, changes: &mut Vec<Change<'a>>) {
    match known {
        None => changes.insert(0, Change::Proposed(&new.status)),
        Some(old) if old.status != new.status => changes.insert(0, Change::Status(&old.status, &new.status)),
        Some(_) => {}
    }
    if let Some(stage) = new.stage.filter(|stage| known.and_then(|old| old.stage) != Some(*stage)) {
        changes.push(Change::Stage(known.and_then(|old| old.stage), stage));
    }
    if let Some(release) = new.latest.filter(|latest| known.and_then(|old| old.latest) != Some(*latest)) {
        changes.push(Change::Target(release));
    }
}

/// The events of a KEP, oldest first.
pub(super) fn of<'a>(site: &'a Site<'_>, entry: Option<&'a Entry<'a>>, kep: &'a KepHistory) -> Vec<Event<'a>> {
    let mut known = None;
    let events = kep.steps().map(|(before, version)| {
        let changes = changes(site.sources.history, (before, known), version);
        // A KEP that comes back is new. One whose metadata cannot be read for a while is not.
        known = if version.is_removed { None } else { version.metadata.as_deref().or(known) };
        Event { entry, version, changes }
    });
    events.filter(|event| !event.changes.is_empty()).collect()
}

/// The newest events of all KEPs, newest first.
pub(super) fn newest<'a>(site: &'a Site<'a>, maximum: usize) -> Vec<Event<'a>> {
    let histories = site.sources.history.keps.iter();
    let mut events: Vec<_> = histories.flat_map(|history| of(site, site.at(&history.dir), history)).collect();
    events.sort_by_key(|event| (std::cmp::Reverse(event.version.position), &event.version.dir));
    events.truncate(maximum);
    events
}
