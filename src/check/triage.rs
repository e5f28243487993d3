//! Sorts out findings: new or pre-existing, ignored, order.
//!
//! A finding is *pre-existing* if the base had one with the same fingerprint and the change did not make it due
//! again. The fingerprint is made of the rule, the KEP, the field and the offending value, without any line number, so
//! that it stays pre-existing when text moves; each finding at base covers one at head.

use std::collections::{BTreeMap, BTreeSet};

use gix::hash::Kind;

use super::resolved::ResolvedFinding;
use crate::change::{ChangedKep, KepState, OrphanState};
use crate::check::baseline::Baseline;
use crate::config::Config;
use crate::finding::Finding;
use crate::project::layout;
use crate::rule::Renewal;
use crate::text::RepoPath;
use crate::text::{Files, Side};

/// A finding, and whether it is new.
#[derive(Debug)]
pub struct Triaged {
    /// The finding.
    pub finding: ResolvedFinding,
    /// True if the change introduced it.
    pub is_new: bool,
    /// True if the change made it due, so that no former finding accounts for it.
    is_due: bool,
    /// Its identity across runs: 16 hexadecimal digits.
    pub fingerprint: String,
}

/// A finding that the configuration ignores.
#[derive(Debug)]
pub struct Suppressed {
    /// The finding.
    pub triaged: Triaged,
    /// Why.
    pub reason: String,
}

/// Sorts findings by path, position and rule, and splits off those that the configuration ignores.
#[must_use]
pub(super) fn sort_out(
    mut triaged: Vec<Triaged>,
    config: &Config,
    baseline: &Baseline,
) -> (Vec<Triaged>, Vec<Suppressed>) {
    triaged.sort_by(|one, other| order(one).cmp(&order(other)));
    let mut baseline = baseline.clone();
    let (mut findings, mut suppressed) = (Vec::new(), Vec::new());
    for mut triaged in triaged {
        triaged.is_new = triaged.is_new && (triaged.is_due || !baseline.take(&triaged.fingerprint));
        match config.ignored(triaged.finding.rule, &triaged.finding.place.path) {
            Some(reason) => suppressed.push(Suppressed { triaged, reason: reason.to_owned() }),
            None => findings.push(triaged),
        }
    }
    (findings, suppressed)
}

/// Head before base, then path, position and rule.
fn order(triaged: &Triaged) -> (Side, &RepoPath, Option<usize>, &'static str, &str) {
    let finding = &triaged.finding;
    let start = finding.place.region.map(|region| region.span.start);
    (finding.place.side, &finding.place.path, start, finding.rule.id, &finding.message)
}

/// Separates new findings of one subject from pre-existing ones, while its files are loaded.
pub(super) struct Judge<'a> {
    pub(super) touched: &'a BTreeSet<RepoPath>,
    pub(super) files: &'a Files,
}

impl Judge<'_> {
    /// Findings on a KEP: `now` is the KEP at head, `former` at base.
    pub(super) fn kep(&self, kep: &ChangedKep, now: Vec<Finding>, former: &[Finding]) -> Vec<Triaged> {
        let (base, head) = (kep.sides.base(), kep.sides.head());
        let is_retargeted = match (base, head) {
            (Some(base), Some(head)) => base.target() != head.target(),
            _ => false,
        };
        let touches_approval = head.and_then(KepState::approval_path).is_some_and(|path| self.touched.contains(path));
        let is_due = |finding: &Finding| match finding.renewal {
            Renewal::Never => false,
            Renewal::Target => is_retargeted,
            // An unreadable README counts as affected, so retargeting also makes its findings due.
            Renewal::File => is_retargeted || touches_approval || self.touches(finding),
        };
        let [old, new] = [base, head].map(|state| state.map(key).unwrap_or_default());
        let before = Identity { kep: &old, target: target(base) };
        let after = Identity { kep: &new, target: target(head) };
        self.compare((former, &before), (now, &after), is_due)
    }

    /// Findings on a production-readiness file that no KEP claims.
    pub(super) fn orphan(&self, head: &OrphanState, now: Vec<Finding>, former: &[Finding]) -> Vec<Triaged> {
        let key = head.number.map_or_else(|| head.path.to_string(), |number| number.to_string());
        let identity = Identity { kep: &key, target: ["", "", ""] };
        let is_due = |finding: &Finding| finding.renewal == Renewal::File && self.touches(finding);
        self.compare((former, &identity), (now, &identity), is_due)
    }

    /// Findings on a file that becomes policy once the change is merged. All of them are due if the file changes.
    pub(super) fn policy_file(&self, now: Vec<Finding>, is_whole_tree: bool) -> Vec<Triaged> {
        let identity = Identity { kep: "", target: ["", "", ""] };
        self.compare((&[], &identity), (now, &identity), |_| !is_whole_tree)
    }

    fn touches(&self, finding: &Finding) -> bool {
        self.touched.contains(&self.files[finding.file].path)
    }

    fn compare(
        &self,
        (former, before): (&[Finding], &Identity<'_>),
        (now, after): (Vec<Finding>, &Identity<'_>),
        is_due: impl Fn(&Finding) -> bool,
    ) -> Vec<Triaged> {
        let mut old: BTreeMap<String, usize> = BTreeMap::new();
        for finding in former {
            for value in std::iter::once(&finding.value).chain(&finding.covers) {
                *old.entry(self.fingerprint(finding, value, before)).or_default() += 1;
            }
        }
        let triaged = now.into_iter().map(|finding| {
            let fingerprint = self.fingerprint(&finding, &finding.value, after);
            let is_old = match old.get_mut(&fingerprint) {
                Some(count) if *count > 0 && fingerprint != UNKNOWN => {
                    *count -= 1;
                    true
                }
                _ => false,
            };
            let is_due = is_due(&finding);
            let finding = ResolvedFinding::new(finding, self.files);
            Triaged { finding, is_new: !is_old || is_due, is_due, fingerprint }
        });
        triaged.collect()
    }

    /// Rule, kind of file, KEP, field and value; for findings that depend on the target also its stage and latest
    /// milestone.
    fn fingerprint(&self, finding: &Finding, value: &str, identity: &Identity<'_>) -> String {
        let kind = match layout::place(&self.files[finding.file].path) {
            layout::Place::Approval => "prr",
            layout::Place::Aliases => "aliases",
            layout::Place::Kep(_) | layout::Place::Elsewhere => "kep",
        };
        let [_, stage, latest] = identity.target;
        let target = if finding.renewal == Renewal::Target { [stage, latest] } else { ["", ""] };
        let mut hasher = gix::hash::hasher(Kind::Sha1);
        for part in [finding.rule.id, kind, identity.kep, &finding.route, value, target[0], target[1]] {
            // The length distinguishes `ab` + `c` from `a` + `bc`.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.try_finalize().map_or_else(|_| UNKNOWN.to_owned(), |id| id.to_hex_with_len(16).to_string())
    }
}

/// The part of a fingerprint that comes from its subject.
struct Identity<'a> {
    kep: &'a str,
    target: [&'a str; 3],
}

/// The fingerprint of a finding that was made to collide with another one. It is always new.
const UNKNOWN: &str = "0000000000000000";

fn target(state: Option<&KepState>) -> [&str; 3] {
    state.map_or(["", "", ""], KepState::target)
}

/// Returns a KEP's identity: its directory's number, or the directory if it has none.
fn key(state: &KepState) -> String {
    match state.number.filter(|number| !number.is_zero()) {
        Some(number) => number.to_string(),
        None => state.dir.to_string(),
    }
}
