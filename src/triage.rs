//! What becomes of findings: level, old or new, order.
//!
//! A finding is *pre-existing* when the base had one of the same fingerprint, and the change did nothing that makes
//! it due again. The fingerprint is made of the rule, the KEP, the field and the offending value, without any line
//! number, so that debt stays debt when text moves; each finding at base accounts for one at head.

use std::collections::BTreeMap;

use gix::hash::Kind;

use crate::finding::Finding;
use crate::rules::{Context, Renewal, Subject, check};
use crate::source::RepoPath;
use crate::text::{Files, Side};
use crate::work::{KepPair, Record, Work, layout};

/// A finding and what triage made of it.
#[derive(Debug)]
pub struct Triaged {
    /// The finding.
    pub finding: Finding,
    /// Whether the change brought it in.
    pub is_new: bool,
    /// What it is known by from run to run: 16 hexadecimal digits.
    pub fingerprint: String,
}

/// Runs the rules over all of `work` and sorts out what they found: path, position, rule. Under `whole_tree` there is
/// no change, so that everything counts as new and rules about changes have nothing to say.
#[must_use]
pub fn triage(work: &Work, files: &Files, whole_tree: bool) -> Vec<Triaged> {
    let mut triaged = Vec::new();
    for pair in &work.keps {
        triaged.extend(triage_kep(work, files, pair, whole_tree));
    }
    for pair in &work.approvals {
        let Some(head) = &pair.head else { continue };
        let key = head.number.map_or_else(|| head.path.to_string(), |number| number.to_string());
        let identity = Identity { kep: &key, target: ["", "", ""] };
        let base = pair.base.as_ref();
        let former = base.map(|base| found(work, files, Subject::Approval { base: Some(base), head: base }));
        let base = if whole_tree { Some(head) } else { base };
        let now = found(work, files, Subject::Approval { base, head });
        let is_due =
            |finding: &Finding| finding.renewal == Renewal::File && work.touched.contains(&files[finding.file].path);
        triaged.extend(compare(now, &former.unwrap_or_default(), files, &identity, &identity, is_due));
    }
    if let Some(pair) = &work.aliases {
        let identity = Identity { kep: "", target: ["", "", ""] };
        let now = found(work, files, Subject::Aliases(pair));
        triaged.extend(compare(now, &[], files, &identity, &identity, |_| true));
    }
    triaged.sort_by(|one, other| order(one, files).cmp(&order(other, files)));
    triaged
}

fn triage_kep(work: &Work, files: &Files, pair: &KepPair, whole_tree: bool) -> Vec<Triaged> {
    let (base, head) = (pair.base.as_ref(), pair.head.as_ref());
    let former = base.map(|base| found(work, files, Subject::Kep { base: Some(base), head: Some(base) }));
    let before = if whole_tree { head } else { base };
    let now = found(work, files, Subject::Kep { base: before, head });
    let is_retargeted = match (base, head) {
        (Some(base), Some(head)) => base.target() != head.target(),
        _ => true,
    };
    let approval = head.and_then(|head| head.approval_path.as_ref());
    let touches_approval = approval.is_some_and(|path| work.touched.contains(path));
    let is_due = |finding: &Finding| match finding.renewal {
        Renewal::Never => false,
        Renewal::Target => is_retargeted,
        Renewal::File => touches_approval || work.touched.contains(&files[finding.file].path),
    };
    let keys = [base, head].map(|record| record.map(key).unwrap_or_default());
    let identities = [(base, &keys[0]), (head, &keys[1])]
        .map(|(record, key)| Identity { kep: key, target: record.map_or(["", "", ""], Record::target) });
    let [before, after] = identities;
    compare(now, &former.unwrap_or_default(), files, &before, &after, is_due)
}

/// What a KEP is known by: its directory's number, or the directory where there is none to tell it by.
fn key(record: &Record) -> String {
    match record.number.filter(|number| !number.is_zero()) {
        Some(number) => number.to_string(),
        None => record.dir.to_string(),
    }
}

fn found(work: &Work, files: &Files, subject: Subject<'_>) -> Vec<Finding> {
    check(&Context { subject, policy: &work.policy, aliases: work.aliases.as_ref(), files })
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
        *old.entry(fingerprint(finding, files, before)).or_default() += 1;
    }
    let triaged = now.into_iter().map(|finding| {
        let fingerprint = fingerprint(&finding, files, after);
        let is_old = match old.get_mut(&fingerprint) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        };
        let is_new = !is_old || is_due(&finding);
        Triaged { finding, is_new, fingerprint }
    });
    triaged.collect()
}

/// Rule, kind of file, KEP, field and value; for what depends on the target also its stage and latest milestone.
fn fingerprint(finding: &Finding, files: &Files, identity: &Identity<'_>) -> String {
    let path = &files[finding.file].path;
    let kind = match layout::place(path) {
        layout::Place::Approval => "prr",
        layout::Place::Aliases => "aliases",
        layout::Place::Kep(_) | layout::Place::Elsewhere => "kep",
    };
    let [_, stage, latest] = identity.target;
    let target = if finding.renewal == Renewal::Target { [stage, latest] } else { ["", ""] };
    let mut hasher = gix::hash::hasher(Kind::Sha1);
    for part in [finding.rule.id, kind, identity.kep, &finding.route, &finding.value, target[0], target[1]] {
        // The length keeps `ab` + `c` apart from `a` + `bc`.
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.try_finalize().map(|id| id.to_hex_with_len(16).to_string()).unwrap_or_default()
}

/// Head before base, then path, position and rule.
fn order<'a>(triaged: &'a Triaged, files: &'a Files) -> (Side, &'a RepoPath, Option<usize>, &'static str, &'a str) {
    let finding = &triaged.finding;
    let file = &files[finding.file];
    (file.side, &file.path, finding.span.map(|span| span.start), finding.rule.id, &finding.message)
}
