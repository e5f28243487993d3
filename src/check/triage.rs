//! What becomes of findings: level, old or new, order.
//!
//! A finding is *pre-existing* when the base had one of the same fingerprint, and the change did nothing that makes
//! it due again. The fingerprint is made of the rule, the KEP, the field and the offending value, without any line
//! number, so that debt stays debt when text moves; each finding at base accounts for one at head.

use std::collections::BTreeMap;

use gix::hash::Kind;

use super::run_rules::run;
use crate::change::{ApprovalPair, KepPair, Record, Work};
use crate::check::baseline::Baseline;
use crate::config::{Config, ConfigInChange};
use crate::finding::Finding;
use crate::project::layout;
use crate::rule::Renewal;
use crate::rules::{Context, Subject};
use crate::text::RepoPath;
use crate::text::{Files, Side};
use crate::tracking::Facts;

/// A finding and what triage made of it.
#[derive(Debug)]
pub struct Triaged {
    /// The finding.
    pub finding: Finding,
    /// Whether the change brought it in.
    pub is_new: bool,
    /// Whether the change made it due, so that no former finding accounts for it.
    is_due: bool,
    /// What it is known by from run to run: 16 hexadecimal digits.
    pub fingerprint: String,
}

/// A finding that the configuration takes out of the count.
#[derive(Debug)]
pub struct Suppressed {
    /// The finding.
    pub triaged: Triaged,
    /// Why.
    pub reason: String,
}

/// What findings come of.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// What the change touches.
    pub work: &'a Work,
    /// The configuration, when the change touches it.
    pub config_in_change: Option<&'a ConfigInChange>,
    /// What no file of the change tells.
    pub facts: &'a Facts,
    /// The files that were read.
    pub files: &'a Files,
}

/// Runs the rules over all of `work` and sorts out what they found, by path, position and rule; what the configuration
/// ignores comes apart. Under `whole_tree` there is no change, so that everything counts as new and rules about changes
/// have nothing to say.
#[must_use]
pub fn triage(
    sources: &Sources<'_>,
    config: &Config,
    baseline: &Baseline,
    whole_tree: bool,
) -> (Vec<Triaged>, Vec<Suppressed>) {
    let Sources { work, config_in_change, facts, files } = *sources;
    let judge = Judge { work, config_in_change, facts, files, config, whole_tree };
    let mut triaged = judge.all();
    triaged.sort_by(|one, other| order(one, files).cmp(&order(other, files)));
    let mut baseline = baseline.clone();
    for triaged in &mut triaged {
        triaged.is_new = triaged.is_new && (triaged.is_due || !baseline.take(&triaged.fingerprint));
    }
    let mut findings = Vec::new();
    let mut suppressed = Vec::new();
    for triaged in triaged {
        match config.ignored(triaged.finding.rule, &files[triaged.finding.file].path) {
            Some(reason) => suppressed.push(Suppressed { triaged, reason: reason.to_owned() }),
            None => findings.push(triaged),
        }
    }
    (findings, suppressed)
}

/// What findings come of, and are judged by.
struct Judge<'a> {
    work: &'a Work,
    config_in_change: Option<&'a ConfigInChange>,
    facts: &'a Facts,
    files: &'a Files,
    config: &'a Config,
    whole_tree: bool,
}

impl Judge<'_> {
    fn all(&self) -> Vec<Triaged> {
        let mut triaged = Vec::new();
        for pair in &self.work.keps {
            triaged.extend(self.kep(pair));
        }
        for pair in &self.work.approvals {
            triaged.extend(self.approval(pair));
        }
        // Whoever touches these leaves them valid: what was wrong before is no excuse.
        let identity = Identity { kep: "", target: ["", "", ""] };
        let subjects = [self.work.aliases.as_ref().map(Subject::Aliases), self.config_in_change.map(Subject::Config)];
        for subject in subjects.into_iter().flatten() {
            triaged.extend(compare(self.found(subject), &[], self.files, &identity, &identity, |_| !self.whole_tree));
        }
        triaged
    }

    fn approval(&self, pair: &ApprovalPair) -> Vec<Triaged> {
        let (Some(head), base) = (&pair.head, pair.base.as_ref()) else { return Vec::new() };
        let key = head.number.map_or_else(|| head.path.to_string(), |number| number.to_string());
        let identity = Identity { kep: &key, target: ["", "", ""] };
        let former = base.map(|base| self.found(Subject::Approval { base: Some(base), head: base }));
        let before = if self.whole_tree { Some(head) } else { base };
        let now = self.found(Subject::Approval { base: before, head });
        let is_due = |finding: &Finding| finding.renewal == Renewal::File && self.touches(finding);
        compare(now, &former.unwrap_or_default(), self.files, &identity, &identity, is_due)
    }

    fn kep(&self, pair: &KepPair) -> Vec<Triaged> {
        let (base, head) = (pair.base.as_ref(), pair.head.as_ref());
        let former = base.map(|base| self.found(Subject::Kep { base: Some(base), head: Some(base), moved: false }));
        let before = if self.whole_tree { head } else { base };
        let now = self.found(Subject::Kep { base: before, head, moved: pair.moved });
        let is_retargeted = match (base, head) {
            (Some(base), Some(head)) => base.target() != head.target(),
            _ => false,
        };
        let approval = head.and_then(|head| head.approval_path.as_ref());
        let touches_approval = approval.is_some_and(|path| self.work.touched.contains(path));
        let is_due = |finding: &Finding| match finding.renewal {
            Renewal::Never => false,
            Renewal::Target => is_retargeted,
            // What cannot be read cannot be asked for either, so that retargeting makes it due, too.
            Renewal::File => is_retargeted || touches_approval || self.touches(finding),
        };
        let keys = [base, head].map(|record| record.map(key).unwrap_or_default());
        let [old, new] = &keys;
        let before = Identity { kep: old, target: target(base) };
        let after = Identity { kep: new, target: target(head) };
        compare(now, &former.unwrap_or_default(), self.files, &before, &after, is_due)
    }

    fn touches(&self, finding: &Finding) -> bool {
        self.work.touched.contains(&self.files[finding.file].path)
    }

    fn found(&self, subject: Subject<'_>) -> Vec<Finding> {
        let Self { work, facts, files, config, .. } = *self;
        let context = Context { subject, policy: &work.policy, aliases: work.aliases.as_ref(), facts, files };
        run(&context, config)
    }
}

fn target(record: Option<&Record>) -> [&str; 3] {
    record.map_or(["", "", ""], Record::target)
}

/// What a KEP is known by: its directory's number, or the directory where there is none to tell it by.
fn key(record: &Record) -> String {
    match record.number.filter(|number| !number.is_zero()) {
        Some(number) => number.to_string(),
        None => record.dir.to_string(),
    }
}

/// What a fingerprint holds of the subject.
struct Identity<'a> {
    kep: &'a str,
    target: [&'a str; 3],
}

fn compare(
    now: Vec<Finding>,
    former: &[Finding],
    files: &Files,
    before: &Identity<'_>,
    after: &Identity<'_>,
    is_due: impl Fn(&Finding) -> bool,
) -> Vec<Triaged> {
    let mut old: BTreeMap<String, usize> = BTreeMap::new();
    for finding in former {
        for value in std::iter::once(&finding.value).chain(&finding.covers) {
            *old.entry(fingerprint(finding, value, files, before)).or_default() += 1;
        }
    }
    let triaged = now.into_iter().map(|finding| {
        let fingerprint = fingerprint(&finding, &finding.value, files, after);
        let is_old = match old.get_mut(&fingerprint) {
            Some(count) if *count > 0 && fingerprint != UNKNOWN => {
                *count -= 1;
                true
            }
            _ => false,
        };
        let is_due = is_due(&finding);
        Triaged { finding, is_new: !is_old || is_due, is_due, fingerprint }
    });
    triaged.collect()
}

/// Rule, kind of file, KEP, field and value; for what depends on the target also its stage and latest milestone.
fn fingerprint(finding: &Finding, value: &str, files: &Files, identity: &Identity<'_>) -> String {
    let path = &files[finding.file].path;
    let kind = match layout::place(path) {
        layout::Place::Approval => "prr",
        layout::Place::Aliases => "aliases",
        layout::Place::Kep(_) | layout::Place::Elsewhere => "kep",
    };
    let [_, stage, latest] = identity.target;
    let target = if finding.renewal == Renewal::Target { [stage, latest] } else { ["", ""] };
    let mut hasher = gix::hash::hasher(Kind::Sha1);
    for part in [finding.rule.id, kind, identity.kep, &finding.route, value, target[0], target[1]] {
        // The length keeps `ab` + `c` apart from `a` + `bc`.
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.try_finalize().map_or_else(|_| UNKNOWN.to_owned(), |id| id.to_hex_with_len(16).to_string())
}

/// The fingerprint of what was made to collide with something else: it is never old.
const UNKNOWN: &str = "0000000000000000";

/// Head before base, then path, position and rule.
fn order<'a>(triaged: &'a Triaged, files: &'a Files) -> (Side, &'a RepoPath, Option<usize>, &'static str, &'a str) {
    let finding = &triaged.finding;
    let file = &files[finding.file];
    (file.side, &file.path, finding.span.map(|span| span.start), finding.rule.id, &finding.message)
}
