//! `kepgate check --fix`: mends in the work tree what is certain.
//!
//! Fixes are tried on a tree in memory first, the fixes of one KEP together and, where that will not do, one by one. A
//! fix stays when its finding is gone and nothing else has come up; only then is anything written.

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
use crate::escape::log_lines;
use crate::source::directory::Directory;
use crate::source::overlay::{Edits, Overlay};
use crate::source::{Change, Content};
use crate::text::RepoPath;
use crate::text::Side;

/// What a finding is known by while files change: rule, path, field, value.
type Key = (&'static str, RepoPath, String, String);

/// Mends what `change` leads to, and reports what is left.
pub(crate) fn mend(
    root: &Checkout,
    mut change: Change,
    settings: &Settings,
    started: Instant,
    log: &mut dyn Write,
) -> Result<Report, Error> {
    let edits = Edits::default();
    change.head = Box::new(Overlay::new(change.head, Rc::clone(&edits)));
    let mut mender = Mender { change: &change, settings, started, edits: &edits, originals: BTreeMap::new() };
    let mut said = Vec::new();
    let first = mender.check(settings);
    if first.error.is_none() {
        for only in groups(&first, settings.strict) {
            let narrow = Settings { scope: mender.narrowed(only), ..settings.clone() };
            said.extend(mender.mend_group(&narrow));
        }
    }
    let revisions = mender.revisions();
    revise::write(&Directory::new(root.folder())?, &revisions)?;
    for line in said {
        // Where not even the log can be written, the exit status has to do.
        let _ = writeln!(log, "{}", log_lines(&line.replace('\n', "\u{240a}")));
    }
    Ok(check(&change, settings, started))
}

struct Mender<'a> {
    change: &'a Change,
    settings: &'a Settings,
    started: Instant,
    edits: &'a Edits,
    /// The bytes of each file as they were read.
    originals: BTreeMap<RepoPath, Vec<u8>>,
}

/// A fix that can be tried: its finding, the new text of its files, and what to say of it.
struct Attempt {
    key: Key,
    words: String,
    edits: Vec<(RepoPath, usize, usize, String)>,
}

impl Mender<'_> {
    fn check(&self, settings: &Settings) -> Report {
        check(self.change, settings, self.started)
    }

    fn narrowed(&self, only: Vec<RepoPath>) -> crate::change::Scope {
        crate::change::Scope { all: self.settings.scope.all, only }
    }

    /// Mends until nothing more can be mended; fixes that bring something else up are left alone, and said so.
    fn mend_group(&mut self, settings: &Settings) -> Vec<String> {
        let mut said = Vec::new();
        let mut refused = BTreeSet::new();
        loop {
            let report = self.check(settings);
            let mut attempts = attempts(&report, self.settings.strict);
            attempts.retain(|attempt| !refused.contains(&attempt.key));
            if attempts.is_empty() {
                return said;
            }
            let before = keys(&report);
            if self.holds(settings, &before, &attempts) {
                said.extend(attempts.into_iter().map(|attempt| format!("fixed: {}", attempt.words)));
                continue;
            }
            // Together they will not do: the first alone, and then whatever the next look at the files finds.
            attempts.truncate(1);
            let holds = self.holds(settings, &before, &attempts);
            for attempt in attempts {
                if holds {
                    said.push(format!("fixed: {}", attempt.words));
                } else {
                    said.push(format!("not fixed, because something else would come up: {}", attempt.words));
                    refused.insert(attempt.key);
                }
            }
        }
    }

    /// Applies the attempts; takes them back when a finding stays or another comes up.
    fn holds(&mut self, settings: &Settings, before: &BTreeMap<Key, usize>, attempts: &[Attempt]) -> bool {
        let former = self.edits.borrow().clone();
        if !self.apply(attempts) {
            *self.edits.borrow_mut() = former;
            return false;
        }
        let after = keys(&self.check(settings));
        let is_gone = |attempt: &Attempt| after.get(&attempt.key) < before.get(&attempt.key);
        let is_known = |(key, count): (&Key, &usize)| before.get(key) >= Some(count);
        let holds = attempts.iter().all(is_gone) && after.iter().all(is_known);
        if !holds {
            *self.edits.borrow_mut() = former;
        }
        holds
    }

    /// What has come of it, file by file.
    fn revisions(&self) -> Vec<Revision> {
        let edits = self.edits.borrow();
        let mended = edits.iter().filter_map(|(path, new)| Some((path, self.originals.get(path)?, new)));
        mended
            .map(|(path, old, new)| Revision { path: path.clone(), old: Some(old.clone()), new: new.clone() })
            .collect()
    }

    /// Puts the new text in place; `false` when edits overlap or a file is not what it was.
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

/// The paths of each KEP, or of each file that is none's, that has something to mend.
fn groups(report: &Report, strict: bool) -> Vec<Vec<RepoPath>> {
    let mut groups: BTreeMap<RepoPath, BTreeSet<RepoPath>> = BTreeMap::new();
    for finding in fixable(report, strict) {
        let path = finding.place.path.clone();
        let group = finding.kep.clone().unwrap_or_else(|| path.clone());
        groups.entry(group.clone()).or_default().extend([group, path]);
    }
    groups.into_values().map(|paths| paths.into_iter().collect()).collect()
}

/// Findings at head that carry edits of files that are there: new ones, with `strict` all.
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
