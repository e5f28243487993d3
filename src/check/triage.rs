//! Sorts out findings: new or pre-existing, ignored, duplicates, order.
//!
//! A finding is *pre-existing* if the base had one with the same fingerprint and the change did not make it due
//! again (see `due.rs`). The fingerprint consists of the rule, the KEP, the field and the offending value. It does not
//! include the line number, so a finding stays pre-existing when text moves. Each finding at base covers one at head.

use std::collections::{BTreeMap, BTreeSet};

use gix::hash::Kind;

use super::due::{Due, DueByChange};
use super::resolved::{ResolvedFinding, Texts};
use crate::change::{ChangedKep, KepState, OrphanState};
use crate::check::baseline::Baseline;
use crate::config::Config;
use crate::finding::Finding;
use crate::project::layout::{self, Layout};
use crate::release::Schedule;
use crate::rule::{Level, Renewal, Rule};
use crate::rules;
use crate::text::RepoPath;
use crate::text::{Files, Side};

/// A finding, and whether it is new.
#[derive(Debug)]
pub struct Triaged {
    /// The finding.
    pub finding: ResolvedFinding,
    /// True if the change introduced it or made it due.
    pub is_new: bool,
    /// Why the finding counts as new although the base had it; `None` if it is pre-existing or was not in the base.
    pub due: Option<Due>,
    /// True if the change made it due. A baseline does not cover such a finding.
    is_due: bool,
    /// The reason of the comment that ignores it.
    ignored: Option<String>,
    /// Its identity across runs: 16 hexadecimal digits.
    pub fingerprint: String,
}

impl Triaged {
    /// The reason why it is due, and the help, on separate lines, for reports that show plain text below the message.
    #[must_use]
    pub fn notes(&self) -> String {
        let due = self.due.iter().map(|due| format!("\n{due}"));
        let help = self.finding.help.iter().map(|help| format!("\n{help}"));
        due.chain(help).collect()
    }
}

/// A finding that the configuration or a comment ignores.
#[derive(Debug)]
pub struct Suppressed {
    /// The finding.
    pub triaged: Triaged,
    /// Why.
    pub reason: String,
}

/// Splits off the findings that the configuration or a comment ignores, drops duplicates and sorts both lists.
#[must_use]
pub(super) fn sort_out(
    mut triaged: Vec<Triaged>,
    config: &Config,
    baseline: &Baseline,
) -> (Vec<Triaged>, Vec<Suppressed>) {
    triaged.sort_by(|one, other| place_order(one).cmp(&place_order(other)));
    let mut baseline = baseline.clone();
    let (mut findings, mut suppressed) = (Vec::new(), Vec::new());
    for mut triaged in triaged {
        triaged.is_new = triaged.is_new && (triaged.is_due || !baseline.take(&triaged.fingerprint));
        let configured = config.ignored(triaged.finding.rule, &triaged.finding.place.path).map(str::to_owned);
        match configured.or_else(|| triaged.ignored.take()) {
            Some(reason) => suppressed.push(Suppressed { triaged, reason }),
            None => findings.push(triaged),
        }
    }
    let findings = without_duplicates(findings);
    let order = Order::of(&findings);
    (order.sorted(findings), suppressed)
}

/// Path, position and rule, with the head before the base.
fn place_order(triaged: &Triaged) -> (Side, &RepoPath, Option<usize>, &'static str, &str) {
    let finding = &triaged.finding;
    let start = finding.place.region.map(|region| region.span.start);
    (finding.place.side, &finding.place.path, start, finding.rule.id, &finding.message)
}

/// Drops a finding with a fix if an earlier rule has one with the same place and fix that counts at least as much.
/// Findings that start at the same place must be next to each other.
fn without_duplicates(findings: Vec<Triaged>) -> Vec<Triaged> {
    let is_covered = |triaged: &Triaged, other: &Triaged| {
        is_earlier(other.finding.rule, triaged.finding.rule)
            && other.finding.level <= triaged.finding.level
            && other.is_new >= triaged.is_new
            && other.finding.place == triaged.finding.place
            && other.finding.fix == triaged.finding.fix
    };
    let starts_same = |one: &Triaged, other: &Triaged| {
        let start = |triaged: &Triaged| triaged.finding.place.region.map(|region| region.span.start);
        one.finding.place.path == other.finding.place.path && start(one) == start(other)
    };
    // Groups only limit what is compared: a finding of another group is never at the same place.
    let mut keeps = Vec::with_capacity(findings.len());
    for group in findings.chunk_by(starts_same) {
        keeps.extend(
            group
                .iter()
                .map(|triaged| triaged.finding.fix.is_empty() || !group.iter().any(|other| is_covered(triaged, other))),
        );
    }
    findings.into_iter().zip(keeps).filter(|(_, keeps)| *keeps).map(|(triaged, _)| triaged).collect()
}

/// True if `one` comes before `other` in the catalog.
fn is_earlier(one: &Rule, other: &Rule) -> bool {
    let position = |rule: &Rule| rules::ALL.iter().position(|it| it.id == rule.id);
    position(one) < position(other)
}

/// The order of KEPs in reports: by their worst finding, then by path. Findings without a KEP are ordered by file.
#[derive(Debug, Default)]
pub(super) struct Order(BTreeMap<RepoPath, Worst>);

/// The worst finding of a KEP: its level, and false if it is new (new findings come first).
type Worst = (Level, bool);

impl Order {
    pub(super) fn of(findings: &[Triaged]) -> Self {
        let mut worst: BTreeMap<RepoPath, Worst> = BTreeMap::new();
        for triaged in findings {
            let rank = (triaged.finding.level, !triaged.is_new);
            let of_group = worst.entry(group(triaged).clone()).or_insert(rank);
            *of_group = rank.min(*of_group);
        }
        Self(worst)
    }

    /// The sort key of the KEP in `dir`. KEPs without findings come last.
    pub(super) fn rank<'a>(&self, dir: &'a RepoPath) -> (bool, Option<Worst>, &'a RepoPath) {
        let worst = self.0.get(dir).copied();
        (worst.is_none(), worst, dir)
    }

    /// Sorts by KEP, then by level, file and line.
    fn sorted(&self, mut findings: Vec<Triaged>) -> Vec<Triaged> {
        // The sort is stable, so findings of the same level keep the order of their places.
        findings.sort_by(|one, other| {
            let by_kep = self.rank(group(one)).cmp(&self.rank(group(other)));
            by_kep.then(one.finding.level.cmp(&other.finding.level))
        });
        findings
    }
}

/// The directory of the KEP that a finding is about, or its file if it is not about a KEP.
fn group(triaged: &Triaged) -> &RepoPath {
    triaged.finding.kep.as_ref().unwrap_or(&triaged.finding.place.path)
}

/// Separates new findings of one subject from pre-existing ones, while its files are loaded.
pub(super) struct Judge<'a> {
    pub(super) touched: &'a BTreeSet<RepoPath>,
    pub(super) schedule: &'a Schedule,
    pub(super) layout: &'a Layout,
    pub(super) files: &'a Files,
}

impl Judge<'_> {
    /// Findings on a KEP: `now` is the KEP at head, `former` at base.
    pub(super) fn kep(&self, kep: &ChangedKep, now: Vec<Finding>, former: &[Finding]) -> Vec<Triaged> {
        let due = DueByChange::of_kep(kep, self.touched, self.schedule, self.layout);
        let [old, new] = [kep.sides.base(), kep.sides.head()];
        // A KEP that moves is still the same KEP, even if its directory has no number.
        let key = new.or(old).map(key).unwrap_or_default();
        let [_, stage, latest] = new.map(KepState::target).unwrap_or_default();
        let before = Identity { kep: &key, target: ["", ""] };
        let after = Identity { kep: &key, target: [&stage, &latest] };
        self.compare(
            (former, &before),
            (now, &after),
            |finding| due.of(finding, self.path(finding)),
            |finding| kep.comments.ignores(finding, self.files).map(str::to_owned),
        )
    }

    /// Findings on a production-readiness file that no KEP claims.
    pub(super) fn orphan(&self, head: &OrphanState, now: Vec<Finding>, former: &[Finding]) -> Vec<Triaged> {
        let key = head.number.map_or_else(|| head.path.to_string(), |number| number.to_string());
        let identity = Identity { kep: &key, target: ["", ""] };
        let due = DueByChange::of_file(self.touched);
        self.compare((former, &identity), (now, &identity), |finding| due.of(finding, self.path(finding)), |_| None)
    }

    /// Findings on a file that becomes policy once the change is merged. All of them are due if the file changes.
    pub(super) fn policy_file(&self, now: Vec<Finding>, is_whole_tree: bool) -> Vec<Triaged> {
        let identity = Identity { kep: "", target: ["", ""] };
        let due = |finding: &Finding| (!is_whole_tree).then(|| Due::File(self.path(finding).clone()));
        self.compare((&[], &identity), (now, &identity), due, |_| None)
    }

    fn path(&self, finding: &Finding) -> &RepoPath {
        &self.files[finding.file].path
    }

    fn compare(
        &self,
        (former, before): (&[Finding], &Identity<'_>),
        (now, after): (Vec<Finding>, &Identity<'_>),
        due: impl Fn(&Finding) -> Option<Due>,
        ignored: impl Fn(&Finding) -> Option<String>,
    ) -> Vec<Triaged> {
        let mut old: BTreeMap<String, usize> = BTreeMap::new();
        for finding in former {
            for value in std::iter::once(&finding.value).chain(&finding.covers) {
                *old.entry(self.fingerprint(finding, value, &before.for_any_target())).or_default() += 1;
            }
        }
        let mut texts = Texts::default();
        let triaged = now.into_iter().map(|finding| {
            let is_old = match old.get_mut(&self.fingerprint(&finding, &finding.value, &after.for_any_target())) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    true
                }
                _ => false,
            };
            let fingerprint = self.fingerprint(&finding, &finding.value, after);
            let is_old = is_old && fingerprint != UNKNOWN;
            let due = due(&finding);
            let ignored = ignored(&finding);
            let finding = ResolvedFinding::new(finding, self.files, &mut texts);
            let is_due = due.is_some();
            Triaged { finding, is_new: !is_old || is_due, due: due.filter(|_| is_old), is_due, ignored, fingerprint }
        });
        triaged.collect()
    }

    /// Hashes rule, kind of file, KEP, field and value, and for findings that depend on the target also its stage and
    /// latest milestone.
    fn fingerprint(&self, finding: &Finding, value: &str, identity: &Identity<'_>) -> String {
        let kind = match self.layout.place(self.path(finding)) {
            layout::Place::PrrFile => "prr",
            layout::Place::Aliases => "aliases",
            layout::Place::Kep(_) | layout::Place::Elsewhere => "kep",
        };
        let depends_on_target = matches!(finding.renewal, Renewal::Target | Renewal::Stage | Renewal::Gate);
        let [stage, latest] = if depends_on_target { identity.target } else { ["", ""] };
        let mut hasher = gix::hash::hasher(Kind::Sha1);
        for part in [finding.rule.id, kind, identity.kep, &finding.route, value, stage, latest] {
            // With the lengths, `ab` + `c` differs from `a` + `bc`.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.try_finalize().map_or_else(|_| UNKNOWN.to_owned(), |id| id.to_hex_with_len(16).to_string())
    }
}

/// The part of a fingerprint that depends on the subject.
struct Identity<'a> {
    kep: &'a str,
    /// Stage and latest milestone.
    target: [&'a str; 2],
}

impl Identity<'_> {
    /// For comparing the two sides of a change: whether another target makes findings due is decided separately.
    fn for_any_target(&self) -> Identity<'_> {
        Identity { kep: self.kep, target: ["", ""] }
    }
}

/// The fingerprint of a finding whose text was crafted to collide with another one. Such a finding is always new.
const UNKNOWN: &str = "0000000000000000";

/// Returns a KEP's identity: its directory's number, or the directory if it has none.
fn key(state: &KepState) -> String {
    match state.number.filter(|number| !number.is_zero()) {
        Some(number) => number.to_string(),
        None => state.dir.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Due, Triaged, sort_out};
    use crate::check::baseline::Baseline;
    use crate::check::resolved::{ResolvedFinding, Texts};
    use crate::config::Config;
    use crate::finding::Finding;
    use crate::rule::Level;
    use crate::rules::find;
    use crate::text::{Files, RepoPath, Side, SourceFile, Span};

    /// A finding of `rule` on the word `alfa` with the fix `new`.
    fn finding(rule: &str, level: Level, new: &str, is_new: bool) -> Triaged {
        let mut files = Files::default();
        let path = RepoPath::from("keps/sig-a/1-b/kep.yaml");
        let file = files.add(SourceFile::new(Side::Head, path, "stage: alfa\n"));
        let span = Span::new(7, 11);
        let found = Finding::new(find(rule).unwrap(), file, Some(span), rule).at_level(level).fix(span, new);
        Triaged {
            finding: ResolvedFinding::new(found, &files, &mut Texts::default()),
            is_new,
            due: None,
            is_due: false,
            ignored: None,
            fingerprint: rule.to_owned(),
        }
    }

    fn left(findings: Vec<Triaged>) -> Vec<&'static str> {
        let (findings, _) = sort_out(findings, &Config::default(), &Baseline::default());
        findings.iter().map(|triaged| triaged.finding.rule.id).collect()
    }

    #[test]
    fn labels_in_one_file_share_a_source() {
        let mut files = Files::default();
        let [one, other] = ["kep.yaml", "README.md"]
            .map(|path| files.add(SourceFile::new(Side::Head, RepoPath::from(path), "stage: alfa\n")));
        let found = Finding::new(find("stage-invalid").unwrap(), one, Some(Span::new(7, 11)), "wrong")
            .label(one, Some(Span::new(0, 5)), "the field")
            .label(other, None, "the README");
        let resolved = ResolvedFinding::new(found, &files, &mut Texts::default());
        let paths: Vec<_> = resolved.sources.iter().map(|source| source.path.to_string()).collect();
        assert_eq!(paths, ["kep.yaml", "README.md"]);
    }

    #[test]
    fn notes_are_the_reason_and_the_help() {
        let mut triaged = finding("stage-invalid", Level::Error, "alpha", true);
        assert_eq!(triaged.notes(), "");
        triaged.due = Some(Due::File(RepoPath::from("keps/prod-readiness/sig-a/1.yaml")));
        triaged.finding.help = Some("did you mean `alpha`?".to_owned());
        let due = "due because `keps/prod-readiness/sig-a/1.yaml` changed";
        assert_eq!(triaged.notes(), format!("\n{due}\ndid you mean `alpha`?"));
    }

    #[test]
    fn the_earlier_of_two_rules_with_the_same_fix_wins() {
        let [early, late] = ["stage-invalid", "stage-regressed"];
        let error = |rule, new| finding(rule, Level::Error, new, true);
        assert_eq!(left(vec![error(late, "alpha"), error(early, "alpha")]), [early]);
        assert_eq!(left(vec![error(late, "alpha"), error(early, "beta")]), [early, late], "another fix");
    }

    #[test]
    fn a_finding_that_counts_for_more_is_not_dropped() {
        let [early, late] = ["stage-invalid", "stage-regressed"];
        let warning = finding(early, Level::Warning, "alpha", true);
        assert_eq!(left(vec![warning, finding(late, Level::Error, "alpha", true)]), [late, early]);
        let old = finding(early, Level::Error, "alpha", false);
        assert_eq!(left(vec![old, finding(late, Level::Error, "alpha", true)]), [early, late]);
    }
}
