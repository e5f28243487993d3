//! What a change is about: the KEPs, production-readiness files and aliases that it touches, read on both sides,
//! lowered, and paired. This is the one place between the trees and the rules that reads.
//!
//! A KEP is known by its directory's number: a directory that keeps its number when it moves is the same KEP, one
//! that changes it is another. What the change leaves alone is not read, save what a touched rule needs.

mod policy;
mod record;
mod survey;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

pub use policy::{Groups, POLICY, Policy};
pub use record::{ApprovalRecord, Metadata, Record, Reference};
pub use survey::{Survey, read_kep};

use crate::error::SourceError;
use crate::kep::{Aliases, List, aliases, owners};
use crate::project::layout::{self, Place};
use crate::questionnaire::template::Outline;
use crate::source::{Change, ChangedPath};
use crate::syntax::yaml;
use crate::text::RepoPath;
use crate::text::{FileId, Files, Side, SourceFile};
use tree::{Claims, Tree};

/// Everything that the rules look at.
#[derive(Debug)]
pub struct Work {
    /// The KEPs that the change touches, in the order of their directories.
    pub keps: Vec<KepPair>,
    /// Production-readiness files that the change touches and no KEP claims on at least one side.
    pub approvals: Vec<ApprovalPair>,
    /// `OWNERS_ALIASES`, when the change touches it.
    pub aliases: Option<AliasesPair>,
    /// kepgate's configuration at head, when the change touches it and leaves it there.
    pub config: Option<(FileId, yaml::Document)>,
    /// What the target branch lays down.
    pub policy: Policy,
    /// The paths that the change touches, on either side.
    pub touched: BTreeSet<RepoPath>,
    /// What could not be read: each makes the check incomplete.
    pub failures: Vec<SourceError>,
}

/// A KEP on both sides of the change.
#[derive(Debug)]
pub struct KepPair {
    /// At base; `None` for a new KEP.
    pub base: Option<Record>,
    /// At head; `None` for a KEP that the change deletes.
    pub head: Option<Record>,
    /// Whether it is gone because its directory moved to another number: another KEP now.
    pub moved: bool,
}

/// A production-readiness file that no KEP claims, on both sides; `None` where it is absent or claimed.
#[derive(Debug)]
pub struct ApprovalPair {
    /// At base.
    pub base: Option<ApprovalRecord>,
    /// At head.
    pub head: Option<ApprovalRecord>,
}

/// `OWNERS_ALIASES` on both sides.
#[derive(Debug)]
pub struct AliasesPair {
    /// At base; `None` where it does not exist.
    pub base: Option<Aliases>,
    /// At head; `None` where it does not exist.
    pub head: Option<Aliases>,
    /// The file at head, there or not.
    pub file: FileId,
    /// Approvers that the change drops and gated KEPs still name for their target stage: the name as written and the
    /// directories of these KEPs.
    pub dropped: BTreeMap<String, Vec<RepoPath>>,
}

impl KepPair {
    /// The side that is there, head first.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        self.head.as_ref().or(self.base.as_ref())
    }
}

/// What to look at.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Look at the whole tree at head, not only at what the change touches.
    pub all: bool,
    /// When not empty: only at KEPs, production-readiness files and aliases that one of these paths names or holds.
    pub only: Vec<RepoPath>,
}

/// What the configuration asks for.
#[derive(Debug, Clone)]
pub struct Needs {
    /// The names of the groups in `OWNERS_ALIASES`.
    pub groups: Groups,
    /// Whether a rule wants the OWNERS files of KEPs.
    pub owners: bool,
    /// Whether what is pre-existing counts, so that it is looked for where the change would not bring it in: twins of
    /// KEPs that stay where they were, READMEs that it does not ask.
    pub old_debt: bool,
    /// Whether a rule wants the READMEs of KEPs.
    pub readmes: bool,
    /// Where the configuration stands in the repository.
    pub config: RepoPath,
}

/// Reads what `change` touches within `scope`. A failure to read one thing never hides the next: it is put into
/// [`Work::failures`].
pub fn load(change: &Change, scope: &Scope, needs: &Needs, files: &mut Files) -> Work {
    let mut loader = Loader {
        base: Tree::new(change.base.as_ref(), Side::Base).with_owners(needs.owners),
        head: Tree::new(change.head.as_ref(), Side::Head).with_owners(needs.owners),
        failures: Vec::new(),
        files,
        shows_old_debt: needs.old_debt,
    };
    let mut policy = Policy::load(change.policy.as_ref(), needs.groups.clone(), loader.files, &mut loader.failures);
    let scope = &Scope { all: scope.all, only: loader.widened(&scope.only) };
    let paths: Vec<_> = change.paths.iter().filter(|path| scope.holds(path)).collect();
    let touched: BTreeSet<_> = paths.iter().flat_map(|path| path.base.iter().chain(&path.head)).cloned().collect();
    let mut targets = loader.targets(&paths);
    if scope.all {
        loader.add_all(&mut targets, scope);
    }
    loader.announce(&targets);
    let mut keps = loader.keps(&targets);
    mark_moved(&mut keps, &paths);
    if needs.readmes {
        loader.ask(&mut keps, &touched, scope.all);
        if keps.iter().any(|pair| pair.head.as_ref().is_some_and(|head| head.is_asked)) {
            policy.load_readme_rules(change.policy.as_ref(), loader.files, &mut loader.failures);
        }
        loader.read_readmes(&mut keps, &touched, policy.outline.as_ref());
    }
    let approvals = loader.approvals(&mut targets, &keps);
    let aliases = targets.aliases.then(|| loader.aliases(&policy));
    let config = loader.config(&paths, &needs.config);
    let failures = loader.failures;
    Work { keps, approvals, aliases, config, policy, touched, failures }
}

/// A KEP that is gone and whose metadata git finds again in another KEP's directory has become that KEP.
fn mark_moved(keps: &mut [KepPair], paths: &[&ChangedPath]) {
    for pair in keps.iter_mut().filter(|pair| pair.head.is_none()) {
        let Some(record) = &pair.base else { continue };
        let metadata = record.dir.join(layout::METADATA);
        let is_kep = |head: &RepoPath| head.name() == layout::METADATA && matches!(layout::place(head), Place::Kep(_));
        let became =
            |path: &&ChangedPath| path.base.as_ref() == Some(&metadata) && path.head.as_ref().is_some_and(is_kep);
        pair.moved = paths.iter().any(became);
    }
}

impl Scope {
    fn holds(&self, path: &ChangedPath) -> bool {
        self.only.is_empty() || path.base.iter().chain(&path.head).any(|path| self.names(path))
    }

    fn names(&self, path: &RepoPath) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| path.is_within(only) || only.is_within(path))
    }
}

/// What the changed paths are about.
#[derive(Debug, Default)]
struct Targets {
    base_dirs: BTreeSet<RepoPath>,
    head_dirs: BTreeSet<RepoPath>,
    approvals: BTreeSet<RepoPath>,
    aliases: bool,
}

struct Loader<'a> {
    base: Tree<'a>,
    head: Tree<'a>,
    files: &'a mut Files,
    failures: Vec<SourceError>,
    shows_old_debt: bool,
}

impl Loader<'_> {
    /// The paths, and with each file of a KEP the whole KEP: its directory and its production-readiness file.
    fn widened(&mut self, only: &[RepoPath]) -> Vec<RepoPath> {
        let mut widened = only.to_vec();
        for path in only {
            let dirs = match layout::place(path) {
                Place::Kep(dir) => vec![dir],
                Place::Approval => {
                    let base = self.base.claimants(path);
                    let head = self.head.claimants(path);
                    [self.kept(base), self.kept(head)].concat()
                }
                Place::Aliases | Place::Elsewhere => Vec::new(),
            };
            for number in dirs.iter().filter_map(layout::directory_number) {
                for tree in [&self.base, &self.head] {
                    match tree.approvals_of(number) {
                        Ok(approvals) => widened.extend_from_slice(approvals),
                        Err(failure) => self.failures.push(failure),
                    }
                }
            }
            widened.extend(dirs);
        }
        widened
    }

    fn targets(&mut self, paths: &[&ChangedPath]) -> Targets {
        let mut targets = Targets::default();
        for path in paths {
            for (path, side) in [(&path.base, Side::Base), (&path.head, Side::Head)] {
                let Some(path) = path else { continue };
                match layout::place(path) {
                    Place::Kep(dir) if side == Side::Base => {
                        targets.base_dirs.insert(dir);
                    }
                    Place::Kep(dir) => {
                        targets.head_dirs.insert(dir);
                    }
                    Place::Approval => {
                        targets.approvals.insert(path.clone());
                    }
                    Place::Aliases => targets.aliases = true,
                    Place::Elsewhere => {}
                }
            }
        }
        self.add_keps_of_approvals(&mut targets);
        targets
    }

    /// A change to a production-readiness file is a change to its KEP, on each side on which the file stands.
    fn add_keps_of_approvals(&mut self, targets: &mut Targets) {
        for path in &targets.approvals {
            for (tree, dirs) in [(&self.base, &mut targets.base_dirs), (&self.head, &mut targets.head_dirs)] {
                let stands = tree.exists(path);
                match stands.and_then(|stands| if stands { tree.claimants(path) } else { Ok(Vec::new()) }) {
                    Ok(claimants) => dirs.extend(claimants),
                    Err(failure) => self.failures.push(failure),
                }
            }
        }
    }

    /// Says what is going to be read, so that a tree that is far away brings it in one go.
    fn announce(&self, targets: &Targets) {
        let sides = [(&self.base, &targets.base_dirs), (&self.head, &targets.head_dirs)];
        for (tree, dirs) in sides {
            let mut paths: Vec<_> = targets.approvals.iter().cloned().collect();
            if targets.aliases {
                paths.push(RepoPath::from(aliases::PATH));
            }
            for dir in dirs {
                paths.extend([layout::METADATA, layout::README, owners::NAME].map(|name| dir.join(name)));
                // What cannot be listed is said when it is read.
                let numbered = layout::directory_number(dir).and_then(|number| tree.approvals_of(number).ok());
                paths.extend_from_slice(numbered.unwrap_or_default());
            }
            tree.announce(&paths);
        }
    }

    fn add_all(&mut self, targets: &mut Targets, scope: &Scope) {
        let dirs = self.head.kep_dirs().cloned();
        let mut dirs = self.kept(dirs);
        let nested = self.head.nested_keps();
        dirs.extend(self.kept(nested));
        let approvals = self.head.approval_paths();
        let approvals = self.kept(approvals);
        let aliases = RepoPath::from(aliases::PATH);
        let has_aliases = self.head.exists(&aliases);
        targets.aliases |= self.kept(has_aliases) && scope.names(&aliases);
        targets.head_dirs.extend(dirs.into_iter().filter(|dir| scope.names(dir)));
        targets.approvals.extend(approvals.into_iter().filter(|path| scope.names(path)));
        if !scope.only.is_empty() {
            self.add_keps_of_approvals(targets);
        }
    }

    fn keps(&mut self, targets: &Targets) -> Vec<KepPair> {
        let mut vanished = Vec::new();
        for dir in &targets.base_dirs {
            let stays = self.head.is_kep(dir);
            if !self.kept(stays) {
                vanished.push(dir);
            }
        }
        let mut pairs = Vec::new();
        for dir in targets.head_dirs.iter().chain(targets.base_dirs.difference(&targets.head_dirs)) {
            let head = self.head.record(dir, self.files, &mut self.failures);
            let Some(head) = head else { continue };
            let base = self.former_dir(dir, &mut vanished);
            let base = base.and_then(|dir| self.base.record(&dir, self.files, &mut self.failures));
            pairs.push(KepPair { base, head: Some(head), moved: false });
        }
        for dir in vanished {
            if let Some(base) = self.base.record(dir, self.files, &mut self.failures) {
                pairs.push(KepPair { base: Some(base), head: None, moved: false });
            }
        }
        for pair in &mut pairs {
            // A directory that stays where it was has no twin that this change could have brought it, except a new one
            // that is looked at itself; so that the list of all directories is read only for one that is new or moves.
            let is_settled = match (&pair.base, &pair.head) {
                (Some(base), Some(head)) => base.dir == head.dir && !self.shows_old_debt,
                _ => false,
            };
            if is_settled {
                continue;
            }
            let has_twins = self.head.add_twins(pair.head.as_mut());
            if self.kept(has_twins) {
                let added = self.base.add_twins(pair.base.as_mut());
                self.kept(added);
            }
        }
        pairs.sort_by(|one, other| {
            one.record().map(|record| &record.dir).cmp(&other.record().map(|record| &record.dir))
        });
        pairs
    }

    /// Where the KEP of the head's `dir` stood at base: there too, or in a directory of the same number that is gone.
    fn former_dir(&mut self, dir: &RepoPath, vanished: &mut Vec<&RepoPath>) -> Option<RepoPath> {
        let stood = self.base.is_kep(dir);
        if self.kept(stood) {
            return Some(dir.clone());
        }
        let number = layout::directory_number(dir)?;
        // 0000 is shared by KEPs that have nothing to do with each other.
        let same = |old: &&RepoPath| {
            layout::directory_number(old) == Some(number) && (!number.is_zero() || old.name() == dir.name())
        };
        let at = vanished.iter().position(|old| same(old) && old.name() == dir.name());
        let at = at.or_else(|| vanished.iter().position(same))?;
        Some(vanished.remove(at).clone())
    }

    /// Marks the KEPs whose answers the change asks for: new ones, and those whose README, production-readiness file,
    /// target or answers in `kep.yaml` it touches.
    fn ask(&self, keps: &mut [KepPair], touched: &BTreeSet<RepoPath>, whole_tree: bool) {
        for pair in keps {
            let (Some(head), base) = (&mut pair.head, &mut pair.base) else { continue };
            let is_touched = touched.contains(&head.dir.join(layout::README))
                || head.approval_path.as_ref().is_some_and(|path| touched.contains(path));
            head.is_asked = whole_tree
                || self.shows_old_debt
                || is_touched
                || base.as_ref().is_none_or(|base| base.asked() != head.asked());
            if let Some(base) = base {
                base.is_asked = head.is_asked;
            }
        }
    }

    fn read_readmes(&mut self, keps: &mut [KepPair], touched: &BTreeSet<RepoPath>, outline: Option<&Outline>) {
        for pair in keps {
            let Some(head) = pair.head.as_mut().filter(|head| head.is_asked) else { continue };
            let proposal = self.head.proposal(head, outline, self.files);
            head.proposal = self.kept(proposal);
            let Some(base) = &mut pair.base else { continue };
            // What the change leaves alone reads the same on both sides.
            if base.dir == head.dir && !touched.contains(&head.dir.join(layout::README)) {
                base.proposal.clone_from(&head.proposal);
            } else {
                let proposal = self.base.proposal(base, outline, self.files);
                base.proposal = self.kept(proposal);
            }
        }
    }

    fn approvals(&mut self, targets: &mut Targets, keps: &[KepPair]) -> Vec<ApprovalPair> {
        // A KEP that moved or went may have left its file behind.
        targets.approvals.extend(keps.iter().filter_map(|pair| {
            let old = pair.base.as_ref()?.approval_path.as_ref()?;
            let new = pair.head.as_ref().and_then(|head| head.approval_path.as_ref());
            (Some(old) != new).then(|| old.clone())
        }));
        let before: Claims<'_> = keps.iter().filter_map(|pair| pair.base.as_ref()).collect();
        let after: Claims<'_> = keps.iter().filter_map(|pair| pair.head.as_ref()).collect();
        let mut pairs = Vec::new();
        for path in &targets.approvals {
            let base = self.base.orphan(path, &before, self.files);
            let base = self.kept(base);
            let head = self.head.orphan(path, &after, self.files);
            let head = self.kept(head);
            if head.is_some() {
                pairs.push(ApprovalPair { base, head });
            }
        }
        pairs
    }

    fn aliases(&mut self, policy: &Policy) -> AliasesPair {
        let path = RepoPath::from(aliases::PATH);
        let base = self.base.aliases(&path, self.files);
        let base = self.kept(base);
        let head = self.head.aliases(&path, self.files);
        let head = self.kept(head);
        let file = match &head {
            Some(head) => head.file,
            None => self.files.add(SourceFile::new(Side::Head, path, "")),
        };
        let dropped = match (&base, &head) {
            (Some(base), Some(head)) => self.dropped(base, head, policy),
            _ => BTreeMap::new(),
        };
        AliasesPair { base, head, file, dropped }
    }

    /// The configuration at head, if the change touches it and leaves it there.
    fn config(&mut self, paths: &[&ChangedPath], path: &RepoPath) -> Option<(FileId, yaml::Document)> {
        let is_touched = paths.iter().any(|changed| changed.head.as_ref() == Some(path));
        let document = if is_touched { self.head.document_or_fault(path, self.files) } else { Ok(None) };
        self.kept(document)
    }

    /// Approvers of `base` who are in neither group of `head`, with the gated KEPs at head that name them.
    fn dropped(&mut self, base: &Aliases, head: &Aliases, policy: &Policy) -> BTreeMap<String, Vec<RepoPath>> {
        let members = |aliases: &Aliases| -> BTreeSet<String> {
            let groups = [&policy.groups.approvers, &policy.groups.emeritus];
            let lists = groups.into_iter().filter_map(|group| aliases.group(group));
            lists.flat_map(List::entries).map(|entry| entry.value.clone()).collect()
        };
        let gone: BTreeSet<_> = members(base).difference(&members(head)).cloned().collect();
        let mut dropped = BTreeMap::new();
        if gone.is_empty() {
            return dropped;
        }
        let dirs = self.head.kep_dirs().cloned();
        for dir in self.kept(dirs) {
            let Some(record) = self.head.record(&dir, self.files, &mut self.failures) else {
                continue;
            };
            let Some(approver) = record.target_approver() else {
                continue;
            };
            let name = approver.strip_prefix('@').unwrap_or(approver);
            if gone.contains(name) {
                dropped.entry(name.to_owned()).or_insert_with(Vec::new).push(dir);
            }
        }
        dropped
    }

    /// The value, or its default and one failure more.
    fn kept<T: Default>(&mut self, result: Result<T, SourceError>) -> T {
        result.unwrap_or_else(|failure| {
            self.failures.push(failure);
            T::default()
        })
    }
}
