//! Runs the rules on one KEP at a time, from reading it to resolved findings. The text of a KEP is dropped afterwards,
//! so memory use depends on the number of findings, not on the size of the tree. `threads` checks several KEPs at once.

use std::collections::{BTreeMap, BTreeSet};

use super::Settings;
use super::baseline::{self, Baseline};
use super::summary::KepSummary;
use super::triage::{Judge, Triaged};
use crate::change::{
    AliasesPair, ChangedKep, Changeset, ConfigFile, KepState, Loaded, LostConfig, Orphan, Policy, PrrIndex, Sides,
};
use crate::config::{Config, ConfigInChange, Setting};
use crate::error::SourceError;
use crate::finding::Finding;
use crate::rule::Rule;
use crate::rules;
use crate::rules::{CHECKS, Check, Context, External, Findings, Missing, Subject};
use crate::text::{Files, RepoPath};
use crate::threads;

/// The results of all rules for a change.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// The KEPs, in the order of their directories.
    pub(super) keps: Vec<Sides<KepSummary>>,
    /// In no particular order.
    pub(super) findings: Vec<Triaged>,
    /// What the rules lacked to check the KEPs at head.
    pub(super) missing: Vec<(&'static Rule, Missing)>,
    /// Read errors.
    pub(super) failures: Vec<SourceError>,
}

/// The inputs that are the same for every KEP. None of them reads a tree.
pub(super) struct Runner<'a> {
    policy: &'a Policy,
    aliases: Option<&'a AliasesPair>,
    touched: &'a BTreeSet<RepoPath>,
    config: &'a Config,
    baseline: &'a Baseline,
    external: &'a External,
    checks: Vec<&'a Check>,
    is_whole_tree: bool,
}

/// The results of the rules for a KEP.
pub(super) struct CheckedKep {
    summary: Sides<KepSummary>,
    found: Judged,
}

/// Findings, and what the rules lacked.
type Judged = (Vec<Triaged>, Vec<(&'static Rule, Missing)>);

/// The results of the rules for one subject.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) findings: Vec<Finding>,
    pub(super) missing: Vec<(&'static Rule, Missing)>,
}

impl Run {
    /// Runs the rules on everything that the change touches. A check of the whole tree has no change: everything counts
    /// as new, and rules about changes report nothing.
    pub(super) fn over(
        changeset: &Changeset<'_>,
        (config, baseline): (&Config, &Baseline),
        external: &External,
        settings: &Settings,
    ) -> Self {
        let is_whole_tree = settings.scope.all;
        let progress = |done| {
            if is_whole_tree {
                settings.progress.report(done, changeset.keps.len());
            }
        };
        let checks = CHECKS.iter().filter(|check| config.runs(check.rule)).collect();
        let Changeset { policy, aliases, touched, .. } = changeset;
        let aliases = aliases.as_ref();
        let runner = Runner { policy, aliases, touched, config, baseline, external, checks, is_whole_tree };
        let (mut run, mut index) = (Self::default(), PrrIndex::default());
        let locations = changeset.keps.iter().enumerate();
        let keps = locations.filter_map(|(number, location)| {
            progress(number);
            let mut loaded = changeset.read(location);
            run.failures.append(&mut loaded.failures);
            index.add(&loaded.value.as_ref()?.sides);
            Some((number, loaded))
        });
        let checked = threads::map(keps, changeset.keps.len(), |(number, loaded)| (number, runner.checked(loaded)));
        progress(changeset.keps.len());
        let mut checked: BTreeMap<_, _> = checked.into_iter().collect();
        if changeset.reads_every_kep() {
            run.check_sharers(changeset, &index, |number, loaded| _ = checked.insert(number, runner.checked(loaded)));
        }
        for kep in checked.into_values().flatten() {
            run.add(kep.found);
            run.keps.push(kep.summary);
        }
        for path in changeset.prr_file_paths(&index) {
            let loaded = changeset.read_orphan(&path, &index);
            run.failures.extend(loaded.failures);
            if let Some(orphan) = loaded.value {
                run.add(runner.orphan(&orphan, &loaded.files));
            }
        }
        run.add(runner.policy_files(changeset));
        run
    }

    /// Checks KEPs again that share their production-readiness file with another one. This is known only after all of
    /// them have been read.
    fn check_sharers(
        &mut self,
        changeset: &Changeset<'_>,
        index: &PrrIndex,
        mut check: impl FnMut(usize, Loaded<ChangedKep>),
    ) {
        for (dir, mut sharers) in index.sharers() {
            let found = changeset.keps.binary_search_by(|location| location.dir().cmp(dir));
            let Some((number, location)) = found.ok().and_then(|at| Some((at, changeset.keps.get(at)?))) else {
                continue;
            };
            let mut loaded = changeset.read(location);
            self.failures.append(&mut loaded.failures);
            sharers.sort_unstable();
            if loaded.value.as_mut().is_some_and(|kep| kep.share_prr_file(sharers)) {
                check(number, loaded);
            }
        }
    }

    fn add(&mut self, (findings, missing): Judged) {
        self.findings.extend(findings);
        self.missing.extend(missing);
    }
}

impl Runner<'_> {
    /// Checks a KEP, from its text to resolved findings.
    fn checked(&self, mut loaded: Loaded<ChangedKep>) -> Option<CheckedKep> {
        loaded.parse_readmes(self.policy.outline());
        let kep = loaded.value?;
        let found = self.kep(&kep, &loaded.files);
        let lists = self.external.kubernetes.as_ref().and_then(|digest| digest.lists().ok());
        Some(CheckedKep { found, summary: kep.sides.map(|state| KepSummary::new(state, self.policy, lists)) })
    }

    fn kep(&self, kep: &ChangedKep, files: &Files) -> Judged {
        // A KEP that gets another number is judged like a new one, although rules still know what it was.
        let base = kep.sides.base().filter(|_| kep.keeps_its_number());
        let former = || base.map(|base| self.run(former_subject(kep, base), files).findings);
        let now = || self.run(subject(kep, self.is_whole_tree), files);
        let compares_readmes = base.is_some_and(|base| base.proposal().is_some());
        let (former, now) = threads::both(compares_readmes, former, now);
        let judge = self.judge(files);
        (judge.kep(kep, now.findings, &former.unwrap_or_default()), now.missing)
    }

    fn orphan(&self, orphan: &Orphan, files: &Files) -> Judged {
        let head = &orphan.head;
        let former = orphan.base.as_ref().map(|base| {
            let subject = Subject::PrrFile { base: Some(base), head: base };
            self.run(subject, files).findings
        });
        let base = if self.is_whole_tree { Some(head) } else { orphan.base.as_ref() };
        let now = self.run(Subject::PrrFile { base, head }, files);
        let judge = self.judge(files);
        (judge.orphan(head, now.findings, &former.unwrap_or_default()), now.missing)
    }

    /// Checks `OWNERS_ALIASES`, the configuration and the templates. A change that touches them must leave them valid,
    /// even if they were invalid before. Obstacles are only those that the change adds.
    fn policy_files(&self, changeset: &Changeset<'_>) -> Judged {
        let (config, lost) = match &changeset.config {
            Some(ConfigFile::Kept(file, document)) => (
                Some(ConfigInChange::new(
                    *file,
                    document,
                    rules::ALL,
                    (self.config, &self.external.schedule),
                    changeset,
                )),
                None,
            ),
            Some(ConfigFile::Lost(lost)) => {
                let removed = match lost {
                    LostConfig::Removed(file) => Some(ConfigInChange::removed(*file, self.config, changeset)),
                    _ => None,
                };
                (removed, Some(lost))
            }
            None => (None, None),
        };
        let aliases = changeset.aliases.as_ref().map(Subject::Aliases);
        // A changed configuration names the lists itself.
        let lists = changeset.lists.filter(|_| config.is_none());
        let lists = lists.and_then(|lists| ConfigInChange::of_lists(lists, &changeset.files));
        let baseline =
            changeset.baseline.map(|baseline| baseline::in_change(baseline, &changeset.files, self.baseline));
        let configs =
            config.iter().chain(&lists).chain(&baseline).map(Subject::Config).chain(lost.map(Subject::LostConfig));
        let subjects = aliases.into_iter().chain(configs);
        let subjects = subjects.chain(changeset.template.as_ref().map(Subject::Template));
        let judge = self.judge(&changeset.files);
        let (mut findings, mut missing) = (Vec::new(), Vec::new());
        for subject in subjects.chain(changeset.obstacles.iter().map(Subject::Obstacle)) {
            let found = self.run(subject, &changeset.files);
            findings.extend(judge.policy_file(found.findings, self.is_whole_tree));
            missing.extend(found.missing);
        }
        (findings, missing)
    }

    fn judge<'a>(&'a self, files: &'a Files) -> Judge<'a> {
        let layout = &self.policy.profile.layout;
        Judge { touched: self.touched, schedule: &self.external.schedule, layout, files }
    }

    fn run(&self, subject: Subject<'_>, files: &Files) -> Found {
        let Self { policy, aliases, external, .. } = *self;
        run(&Context { subject, policy, aliases, external, files }, self.config, &self.checks)
    }
}

/// A KEP at base, as if nothing changed.
fn former_subject<'a>(kep: &'a ChangedKep, base: &'a KepState) -> Subject<'a> {
    Subject::Kep {
        base: Some(base),
        head: Some(base),
        asks_for_answers: kep.asks_for_answers,
        // If the change reopens the KEP, its old findings are not new; they only become due again.
        is_closed: kep.is_closed(),
        leaves_prr_file: false,
        comments: &kep.comments,
    }
}

/// A KEP at head. In a whole tree, nothing changed.
pub(super) fn subject(kep: &ChangedKep, is_whole_tree: bool) -> Subject<'_> {
    let head = kep.sides.head();
    let is_closed = if is_whole_tree { head.is_some_and(KepState::is_closed) } else { kep.is_closed() };
    Subject::Kep {
        base: if is_whole_tree { head } else { kep.sides.base() },
        head,
        asks_for_answers: kep.asks_for_answers,
        is_closed,
        leaves_prr_file: kep.leaves_prr_file,
        comments: &kep.comments,
    }
}

/// Runs `checks` on `context`, with the levels that `config` gives them; each finding is about the context's KEP.
pub(super) fn run(context: &Context<'_>, config: &Config, checks: &[&Check]) -> Found {
    let mut findings = Findings::default();
    for check in checks {
        (check.run)(context, &mut findings);
    }
    let kep = context.kep_dir();
    let (mut findings, missing) = findings.into_parts();
    for finding in &mut findings {
        finding.kep = kep.cloned();
        // A multi-line value (a block scalar) ends with a line break, so a fix for a one-line value does not fit.
        if finding.value.contains('\n') {
            finding.fix = None;
        }
        if let Some(Setting::At(level)) = config.setting(finding.rule) {
            finding.level = level;
        }
    }
    Found { findings, missing }
}
