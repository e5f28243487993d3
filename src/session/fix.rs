//! `kepgate check --fix`: applies the certain fixes to the work tree.
//!
//! Fixes are tried in memory first: all fixes of a KEP together and, if that fails, one at a time. If a fix
//! uncovers another finding, that one is fixed as well, and so on. A fix is kept if its finding is gone and any new
//! findings are less severe, or were hidden by a wrong value of another field. Files are written at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::rc::Rc;
use std::time::Instant;

use super::checkout::Checkout;
use super::revise;
use crate::authoring::Revision;
use crate::authoring::revision::spliced;
use crate::change::Scope;
use crate::check::resolved::{Identity, ResolvedEdit, ResolvedFinding};
use crate::check::result::{Fixes, Report};
use crate::check::{Progress, Settings, check};
use crate::error::Error;
use crate::escape::{log_lines, one_line};
use crate::rule::{Family, Level, Rule};
use crate::source::directory::Directory;
use crate::source::overlay::{Edits, Overlay};
use crate::source::{Change, Content};
use crate::text::RepoPath;
use crate::text::wording::all_of;
use crate::tracking::Asking;

/// The maximum number of times that fixes may uncover further findings to fix.
const MAX_LAYERS: usize = 8;
/// The maximum number of KEPs for which a check tries fixes.
const MAX_TRIED: usize = 20;

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
    let mut fixer = Fixer::new(&change, settings, started, &edits);
    let first = fixer.check(settings);
    if first.error.is_none() {
        for only in groups(&first, settings.strict) {
            fixer.fix_group(only);
        }
    }
    let revisions = fixer.revisions();
    revise::write(&Directory::new(root.folder())?, &revisions)?;
    let Fixer { mut messages, refused, .. } = fixer;
    let mut last = check(&change, settings, started);
    if !revisions.is_empty() {
        let mut said = BTreeSet::new();
        let uncovered = introduced(&last, &keys(&first)).into_iter().map(in_words);
        let uncovered = uncovered.filter(|words| said.insert(words.clone()));
        messages.extend(uncovered.map(|words| format!("uncovered: {words}")));
    }
    for line in messages {
        // If the log cannot be written either, only the exit status remains.
        let _ = writeln!(log, "{}", log_lines(&one_line(&line)));
    }
    drop_refused(&mut last, &refused);
    last.fixes = Fixes::Applied;
    Ok(last)
}

/// Checks `change` and tries the fixes in memory, so that the report does not offer those that `--fix` would refuse.
/// With many KEPs this would take too long, and the fixes are not tried.
pub(crate) fn check_fixes(mut change: Change, settings: &Settings, started: Instant) -> Report {
    let mut report = check(&change, settings, started);
    // The report suggests `--strict` in this case.
    let strict = settings.strict || report.has_only_unchanged_keps();
    let groups = groups(&report, strict);
    let is_sweep = settings.scope.all && settings.scope.only.is_empty();
    if report.error.is_some() || is_sweep || groups.len() > MAX_TRIED {
        return report;
    }
    if !groups.is_empty() {
        let edits = Edits::default();
        change.head = Box::new(Overlay::new(change.head, Rc::clone(&edits)));
        let quiet = Settings { strict, asking: Asking::Offline, progress: Progress::default(), ..settings.clone() };
        let mut fixer = Fixer::new(&change, &quiet, started, &edits);
        for only in groups {
            fixer.fix_group(only);
        }
        drop_refused(&mut report, &fixer.refused);
    }
    report.fixes = Fixes::Tried;
    report.elapsed = started.elapsed();
    report
}

/// Drops the fixes that were refused, but keeps the reason.
fn drop_refused(report: &mut Report, refused: &BTreeMap<Identity, String>) {
    let triaged = report.outcome.iter_mut().flat_map(|outcome| &mut outcome.findings);
    for finding in triaged.map(|triaged| &mut triaged.finding).filter(|finding| finding.is_fixable()) {
        if let Some(why) = refused.get(&finding.identity()) {
            finding.fix.clear();
            finding.refusal = Some(why.clone());
        }
    }
}

struct Fixer<'a> {
    change: &'a Change,
    settings: &'a Settings,
    started: Instant,
    edits: &'a Edits,
    /// The bytes of each file as they were read.
    originals: BTreeMap<RepoPath, Vec<u8>>,
    /// Describes what was fixed and what was left.
    messages: Vec<String>,
    /// Why a fix was refused.
    refused: BTreeMap<Identity, String>,
}

/// A fix to try: its finding, its edits, and a description.
#[derive(Clone)]
struct Attempt {
    identity: Identity,
    rule: &'static Rule,
    level: Level,
    words: String,
    /// The file and the field whose wrong value is corrected; `None` if the fix adds something that is missing.
    corrects: Option<(RepoPath, String)>,
    edits: Vec<(RepoPath, usize, usize, String)>,
}

impl<'a> Fixer<'a> {
    fn new(change: &'a Change, settings: &'a Settings, started: Instant, edits: &'a Edits) -> Self {
        Self {
            change,
            settings,
            started,
            edits,
            originals: BTreeMap::new(),
            messages: Vec::new(),
            refused: BTreeMap::new(),
        }
    }

    fn check(&self, settings: &Settings) -> Report {
        check(self.change, settings, self.started)
    }

    /// Applies the fixes in the paths `only` until none are left.
    fn fix_group(&mut self, only: Vec<RepoPath>) {
        let scope = Scope { all: self.settings.scope.all, only };
        let narrow = Settings { scope, ..self.settings.clone() };
        loop {
            let report = self.check(&narrow);
            let mut attempts = attempts(&report, self.settings.strict);
            attempts.retain(|attempt| !self.refused.contains_key(&attempt.identity));
            let Some(first) = attempts.first().cloned() else { return };
            let before = keys(&report);
            // If they fail together, try the first one alone. The next round finds the others again.
            let tried = self.try_fixes(&narrow, &before, &attempts);
            match tried.or_else(|_| self.try_fixes(&narrow, &before, std::slice::from_ref(&first))) {
                Ok(done) => self.messages.extend(done.into_iter().map(|words| format!("fixed: {words}"))),
                Err(why) => {
                    self.messages.push(format!("not fixed: {why}: {}", first.words));
                    self.refused.insert(first.identity, why);
                }
            }
        }
    }

    /// Applies the attempts, and the fixes of the findings that they uncover. Reverts them and returns the reason if
    /// one of their findings remains, or if a new one is not acceptable.
    fn try_fixes(
        &mut self,
        settings: &Settings,
        before: &BTreeMap<Identity, usize>,
        first: &[Attempt],
    ) -> Result<Vec<String>, String> {
        let former = self.edits.borrow().clone();
        let applied = self.apply_layers(settings, before, first);
        if applied.is_err() {
            *self.edits.borrow_mut() = former;
        }
        applied
    }

    fn apply_layers(
        &mut self,
        settings: &Settings,
        before: &BTreeMap<Identity, usize>,
        first: &[Attempt],
    ) -> Result<Vec<String>, String> {
        let (mut layer, mut done, mut why) = (first.to_vec(), Vec::new(), String::new());
        for _ in 0..MAX_LAYERS {
            if !self.apply(&layer) {
                return Err("its exact location is uncertain".to_owned());
            }
            done.extend(layer.iter().map(|attempt| attempt.words.clone()));
            let report = self.check(settings);
            let after = keys(&report);
            if first.iter().any(|attempt| after.get(&attempt.identity) >= before.get(&attempt.identity)) {
                return Err("the finding would remain".to_owned());
            }
            let new = introduced(&report, before);
            let harm: Vec<_> = new.iter().filter(|finding| !is_acceptable(finding, first)).collect();
            if harm.is_empty() {
                return Ok(done);
            }
            let mut rules: Vec<_> = harm.iter().map(|finding| finding.rule.id).collect();
            rules.dedup();
            why = format!("it would introduce {}", all_of(&rules));
            let harmful: Vec<_> = harm.into_iter().map(|finding| finding.identity()).collect();
            layer = attempts(&report, self.settings.strict);
            layer.retain(|attempt| harmful.contains(&attempt.identity));
            if layer.is_empty() {
                break;
            }
        }
        Err(why)
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

/// The new findings that are not in `before`. Findings that the target branch has as well are not introduced, even if
/// an error in the file hid them.
fn introduced<'r>(report: &'r Report, before: &BTreeMap<Identity, usize>) -> Vec<&'r ResolvedFinding> {
    let mut left = before.clone();
    let mut introduced = Vec::new();
    for triaged in report.findings() {
        match left.get_mut(&triaged.finding.identity()) {
            Some(count) if *count > 0 => *count -= 1,
            _ if triaged.is_new => introduced.push(&triaged.finding),
            _ => {}
        }
    }
    introduced
}

/// True if a fix may lead to `finding`: it is less severe than the fixed finding, or the mistake hid it.
fn is_acceptable(finding: &ResolvedFinding, fixed: &[Attempt]) -> bool {
    fixed.iter().all(|attempt| attempt.level < finding.level || attempt.uncovers(finding))
}

impl Attempt {
    /// True if the mistake may have hidden `finding`: rules need valid YAML, and skip a field with a wrong value.
    fn uncovers(&self, finding: &ResolvedFinding) -> bool {
        let is_elsewhere = |(path, route): &(RepoPath, String)| *path != finding.place.path || *route != finding.route;
        let is_intact = finding.rule.family != Family::Yaml;
        self.rule.family == Family::Yaml || (is_intact && self.corrects.as_ref().is_some_and(is_elsewhere))
    }
}

/// Groups the paths with something to fix by KEP. A file without a KEP is a group of its own.
fn groups(report: &Report, strict: bool) -> Vec<Vec<RepoPath>> {
    let mut groups: BTreeMap<RepoPath, BTreeSet<RepoPath>> = BTreeMap::new();
    for finding in fixable(report, strict) {
        let path = finding.place.path.clone();
        let group = finding.kep.clone().unwrap_or_else(|| path.clone());
        groups.entry(group.clone()).or_default().extend([group, path]);
    }
    groups.into_values().map(|paths| paths.into_iter().collect()).collect()
}

/// Returns the findings that can be fixed: new ones, or all of them with `strict`.
fn fixable(report: &Report, strict: bool) -> impl Iterator<Item = &ResolvedFinding> {
    let triaged = report.findings().iter().filter(move |triaged| triaged.is_new || strict);
    triaged.map(|triaged| &triaged.finding).filter(|finding| finding.is_fixable())
}

fn attempts(report: &Report, strict: bool) -> Vec<Attempt> {
    fixable(report, strict).filter_map(attempt).collect()
}

fn attempt(finding: &ResolvedFinding) -> Option<Attempt> {
    let mut edits = Vec::new();
    let mut words = Vec::new();
    for edit in &finding.fix {
        let ResolvedEdit::Replace(edit) = edit else { return None };
        let (path, region) = (&edit.place.path, edit.region);
        edits.push((path.clone(), region.start.byte, region.end.byte, edit.new.clone()));
        let (line, rule) = (region.start.line, finding.rule.id);
        let what = match (edit.old.as_str(), edit.new.trim()) {
            ("", new) => format!("add `{new}`"),
            (old, "") => format!("remove `{old}`"),
            (old, new) => format!("`{old}` → `{new}`"),
        };
        words.push(format!("{path}:{line}: {rule}: {what}"));
    }
    Some(Attempt {
        identity: finding.identity(),
        rule: finding.rule,
        level: finding.level,
        words: words.join("; "),
        corrects: (!finding.value.is_empty()).then(|| (finding.place.path.clone(), finding.route.clone())),
        edits,
    })
}

/// `keps/sig-node/1234-x/kep.yaml:9: the message (rule)`
fn in_words(finding: &ResolvedFinding) -> String {
    let line = finding.place.line().map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line}: {} ({})", finding.place.path, finding.message, finding.rule.id)
}

fn keys(report: &Report) -> BTreeMap<Identity, usize> {
    let mut keys = BTreeMap::new();
    for triaged in report.findings() {
        *keys.entry(triaged.finding.identity()).or_default() += 1;
    }
    keys
}
