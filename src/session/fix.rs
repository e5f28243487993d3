//! `kepgate check --fix`: applies the certain fixes to the work tree.
//!
//! Fixes are tried in memory first: all fixes of a KEP together and, if that fails, one at a time. A fix is kept if its
//! finding is gone and there are no new findings. Files are written at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::rc::Rc;
use std::time::Instant;

use super::checkout::Checkout;
use super::revise;
use crate::authoring::Revision;
use crate::authoring::revision::spliced;
use crate::check::resolved::{ResolvedEdit, ResolvedFinding};
use crate::check::result::Report;
use crate::check::{Settings, check};
use crate::error::Error;
use crate::escape::{log_lines, one_line};
use crate::source::directory::Directory;
use crate::source::overlay::{Edits, Overlay};
use crate::source::{Change, Content};
use crate::text::RepoPath;
use crate::text::Side;

/// Identifies a finding while files change: rule, path, field, value.
type Key = (&'static str, RepoPath, String, String);

/// Fixes the head of `change` and reports the remaining findings.
pub(crate) fn fix(
    root: &Checkout,
    mut change: Change,
    settings: &Settings,
    started: Instant,
    log: &mut dyn Write,
) -> Result<Report, Error> {
    let edits = Edits::default();
    change.head = Box::new(Overlay::new(change.head, Rc::clone(&edits)));
    let mut fixer = Fixer { change: &change, settings, started, edits: &edits, originals: BTreeMap::new() };
    let mut messages = Vec::new();
    let first = fixer.check(settings);
    if first.error.is_none() {
        for only in groups(&first, settings.strict) {
            let narrow = Settings { scope: fixer.narrowed(only), ..settings.clone() };
            messages.extend(fixer.fix_group(&narrow));
        }
    }
    let revisions = fixer.revisions();
    revise::write(&Directory::new(root.folder())?, &revisions)?;
    for line in messages {
        // If the log cannot be written either, only the exit status is left.
        let _ = writeln!(log, "{}", log_lines(&one_line(&line)));
    }
    Ok(check(&change, settings, started))
}

struct Fixer<'a> {
    change: &'a Change,
    settings: &'a Settings,
    started: Instant,
    edits: &'a Edits,
    /// The bytes of each file as they were read.
    originals: BTreeMap<RepoPath, Vec<u8>>,
}

/// A fix to try: its finding, its edits, and a description.
struct Attempt {
    key: Key,
    words: String,
    edits: Vec<(RepoPath, usize, usize, String)>,
}

impl Fixer<'_> {
    fn check(&self, settings: &Settings) -> Report {
        check(self.change, settings, self.started)
    }

    fn narrowed(&self, only: Vec<RepoPath>) -> crate::change::Scope {
        crate::change::Scope { all: self.settings.scope.all, only }
    }

    /// Applies fixes until none is left. Fixes that introduce other findings are not applied, and are reported.
    fn fix_group(&mut self, settings: &Settings) -> Vec<String> {
        let mut messages = Vec::new();
        let mut refused = BTreeSet::new();
        loop {
            let report = self.check(settings);
            let mut attempts = attempts(&report, self.settings.strict);
            attempts.retain(|attempt| !refused.contains(&attempt.key));
            if attempts.is_empty() {
                return messages;
            }
            let before = keys(&report);
            if self.try_fixes(settings, &before, &attempts) {
                messages.extend(attempts.into_iter().map(|attempt| format!("fixed: {}", attempt.words)));
                continue;
            }
            // Together they fail, so try the first one alone. The next round finds the others again.
            attempts.truncate(1);
            let kept = self.try_fixes(settings, &before, &attempts);
            for attempt in attempts {
                if kept {
                    messages.push(format!("fixed: {}", attempt.words));
                } else {
                    messages.push(format!("not fixed, because it would introduce other findings: {}", attempt.words));
                    refused.insert(attempt.key);
                }
            }
        }
    }

    /// Applies the attempts. Reverts them if a finding remains or a new one appears.
    fn try_fixes(&mut self, settings: &Settings, before: &BTreeMap<Key, usize>, attempts: &[Attempt]) -> bool {
        let former = self.edits.borrow().clone();
        if !self.apply(attempts) {
            *self.edits.borrow_mut() = former;
            return false;
        }
        let after = keys(&self.check(settings));
        let is_gone = |attempt: &Attempt| after.get(&attempt.key) < before.get(&attempt.key);
        let is_known = |(key, count): (&Key, &usize)| before.get(key) >= Some(count);
        let kept = attempts.iter().all(is_gone) && after.iter().all(is_known);
        if !kept {
            *self.edits.borrow_mut() = former;
        }
        kept
    }

    /// Returns the changed files.
    fn revisions(&self) -> Vec<Revision> {
        let edits = self.edits.borrow();
        let changed = edits.iter().filter_map(|(path, new)| Some((path, self.originals.get(path)?, new)));
        changed
            .map(|(path, old, new)| Revision { path: path.clone(), old: Some(old.clone()), new: new.clone() })
            .collect()
    }

    /// Applies the edits. Returns false if they overlap or a file has changed.
    fn apply(&mut self, attempts: &[Attempt]) -> bool {
        let mut by_file: BTreeMap<&RepoPath, Vec<(usize, usize, &str)>> = BTreeMap::new();
        for (path, start, end, text) in attempts.iter().flat_map(|attempt| &attempt.edits) {
            by_file.entry(path).or_default().push((*start, *end, text));
        }
        for (path, mut edits) in by_file {
            edits.sort_unstable();
            let Ok(Content::Bytes(bytes)) = self.change.head.read(path) else { return false };
            let Some(new) = spliced(&bytes, &edits) else { return false };
            self.originals.entry(path.clone()).or_insert(bytes);
            self.edits.borrow_mut().insert(path.clone(), new);
        }
        true
    }
}

/// Groups the paths with something to fix by KEP. A file that belongs to no KEP is its own group.
fn groups(report: &Report, strict: bool) -> Vec<Vec<RepoPath>> {
    let mut groups: BTreeMap<RepoPath, BTreeSet<RepoPath>> = BTreeMap::new();
    for finding in fixable(report, strict) {
        let path = finding.place.path.clone();
        let group = finding.kep.clone().unwrap_or_else(|| path.clone());
        groups.entry(group.clone()).or_default().extend([group, path]);
    }
    groups.into_values().map(|paths| paths.into_iter().collect()).collect()
}

/// Returns the findings at head with edits of existing files: new ones, or all of them with `strict`.
fn fixable(report: &Report, strict: bool) -> impl Iterator<Item = &ResolvedFinding> {
    let triaged = report.findings().iter().filter(move |triaged| triaged.is_new || strict);
    triaged.map(|triaged| &triaged.finding).filter(|finding| {
        !finding.fix.is_empty() && finding.fix.iter().all(|edit| matches!(edit, ResolvedEdit::Replace(_)))
    })
}

fn attempts(report: &Report, strict: bool) -> Vec<Attempt> {
    fixable(report, strict).filter_map(attempt).collect()
}

fn attempt(finding: &ResolvedFinding) -> Option<Attempt> {
    let mut edits = Vec::new();
    let mut words = Vec::new();
    for edit in &finding.fix {
        let ResolvedEdit::Replace(edit) = edit else { return None };
        if edit.place.side != Side::Head {
            return None;
        }
        let (path, region) = (&edit.place.path, edit.region);
        edits.push((path.clone(), region.start.byte, region.end.byte, edit.new.clone()));
        let (line, rule) = (region.start.line, finding.rule.id);
        words.push(format!("{path}:{line}: {rule}: `{}` → `{}`", edit.old, edit.new.trim()));
    }
    Some(Attempt { key: key(finding), words: words.join("; "), edits })
}

fn keys(report: &Report) -> BTreeMap<Key, usize> {
    let mut keys = BTreeMap::new();
    for triaged in report.findings() {
        *keys.entry(key(&triaged.finding)).or_default() += 1;
    }
    keys
}

fn key(finding: &ResolvedFinding) -> Key {
    (finding.rule.id, finding.place.path.clone(), finding.route.clone(), finding.value.clone())
}
