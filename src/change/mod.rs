//! What a change touches: KEPs, production-readiness files and aliases, read on both sides, decoded and paired. No
//! other module between the trees and the rules reads files.
//!
//! A KEP is identified by its directory's number: a directory that moves but keeps its number is the same KEP; one that
//! changes its number is another. Directories without a number are paired by their `kep.yaml`. Files that the change does not touch are read only if a rule needs them.
//!
//! [`Changeset::open`] reads the shared files and finds the KEPs; [`Changeset::read`]
//! then reads one of them with its own files, which the caller drops when it is done.

mod aliases;
mod changed_kep;
mod claims;
mod comments;
mod config;
mod index;
mod kep_state;
mod later;
mod location;
mod moves;
mod obstacles;
mod orphans;
mod policy;
mod prr_files;
mod readmes;
mod references;
mod scope;
mod sides;
mod single_files;
mod survey;
mod targets;
mod template;
mod tree;
mod trees;
mod walk;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use aliases::AliasesPair;
pub use changed_kep::ChangedKep;
pub use comments::StandingComments;
pub use config::{ConfigFile, LostConfig, PolicyFile};
pub use index::{dirs_called, dirs_of_number};
pub use kep_state::{
    KepState, Metadata, OrphanContent, OrphanState, OwnersFile, PrrState, ReadmeFile, Reference, Target, Twins,
};
pub use later::Later;
pub use location::KepLocation;
pub use obstacles::{Obstacle, ObstacleKind};
pub use orphans::{Orphan, PrrIndex};
pub use policy::{Groups, Policy, policy_files};
pub use readmes::ReleaseKeps;
pub use scope::Scope;
pub use sides::Sides;
pub(crate) use survey::{
    DECISIVE_FIELDS, lost_fields_of, lost_prr_file, unread_fields, unread_metadata, unread_prr_file, unread_readme,
};
pub use survey::{Survey, read_kep, unlisted};
pub use template::{Requirements, ShrunkReadme, TemplateInChange, TemplateLoss};

use crate::error::SourceError;
use crate::project::Profile;
use crate::source::{Comparison, Kind, MAX_FILE_BYTES};
use crate::text::{Files, RepoPath};
use crate::threads;
use targets::Targets;
use tree::Tree;
use trees::Trees;

/// Selects what to read of each KEP, and the names in the policy.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is an independent switch")]
pub struct Options {
    /// The names of the groups in `OWNERS_ALIASES`.
    pub groups: Groups,
    /// The layout and the process of the project.
    pub profile: Arc<Profile>,
    /// Read the OWNERS files of KEPs.
    pub owners: bool,
    /// Read the READMEs of KEPs.
    pub readmes: bool,
    /// If set, read only the READMEs of its KEPs.
    pub release: Option<ReleaseKeps>,
    /// Also look for pre-existing problems that the change did not cause: twins of KEPs that stay where they
    /// were, READMEs whose answers it does not affect.
    pub pre_existing: bool,
    /// Comments can ignore findings on their line.
    pub inline_ignore: bool,
    /// The path of the configuration in the repository.
    pub config: RepoPath,
    /// A wrong name that is often given to it; `None` if checks fail unless it is at its path.
    pub misnamed_config: Option<RepoPath>,
    /// The digest of Kubernetes' lists, if it is a file of the target branch.
    pub lists: Option<RepoPath>,
    /// The baseline, if it is a file of the target branch.
    pub baseline: Option<RepoPath>,
    /// The maximum size of a baseline in bytes.
    pub max_baseline: u64,
}

/// A value that was read, with the files that its spans point into, and the errors.
#[derive(Debug)]
pub struct Loaded<T> {
    /// The value; `None` if it does not exist or could not be read.
    pub value: Option<T>,
    /// Its files and the shared files.
    pub files: Files,
    /// Read errors. Each one makes the check incomplete.
    pub failures: Vec<SourceError>,
}

/// An opened change: the policy, and the locations of its KEPs.
pub struct Changeset<'a> {
    trees: Trees<'a>,
    scope: Scope,
    options: Options,
    prr_files: BTreeSet<RepoPath>,
    /// The KEPs that the change touches, in the order of their directories.
    pub keps: Vec<KepLocation>,
    /// The policy of the target branch.
    pub policy: Policy,
    /// `OWNERS_ALIASES`, if the change touches it.
    pub aliases: Option<AliasesPair>,
    /// The templates, if the change touches them.
    pub template: Option<TemplateInChange>,
    /// What the change puts in places of KEPs.
    pub obstacles: Vec<Obstacle>,
    /// kepgate's configuration, if the change touches it.
    pub config: Option<ConfigFile>,
    /// The digest of Kubernetes' lists, if the change touches it.
    pub lists: Option<PolicyFile>,
    /// The baseline, if the change touches it.
    pub baseline: Option<PolicyFile>,
    /// The paths that the change touches, on either side.
    pub touched: BTreeSet<RepoPath>,
    /// The directories of the KEPs that the scope names although the change does not touch them. They are checked as
    /// they are.
    pub unchanged: BTreeSet<RepoPath>,
    /// The files of the policy and other shared files.
    pub files: Files,
}

impl<'a> Changeset<'a> {
    /// Opens `change`. A read error never hides the next one; all errors are part of the result.
    #[must_use]
    pub fn open(change: &'a Comparison<'_>, scope: &Scope, options: Options) -> (Self, Vec<SourceError>) {
        let profile = &options.profile;
        let trees = Trees::new(change, profile, options.owners);
        let mut files = Files::default();
        let (mut policy, mut failures) =
            Policy::load(change.policy.as_ref(), options.groups.clone(), profile, &mut files);
        let mut named = targets::named(&trees, &scope.only);
        failures.append(&mut named.failures);
        policy.inline_ignore = options.inline_ignore;
        let scope = Scope { all: scope.all, only: named.paths };
        let paths: Vec<_> = change.paths.iter().filter(|path| scope.contains(path)).collect();
        let touched: BTreeSet<_> = paths.iter().flat_map(|path| path.base.iter().chain(&path.head)).cloned().collect();
        let mut targets = Targets::new(&trees, &paths, &scope);
        targets.announce(&trees);
        let mut unchanged = BTreeSet::new();
        if !scope.all {
            targets.add_former_claimants(&trees);
            unchanged = targets.add_unchanged(&trees, named.keps);
        }
        let keps = targets.locations(&trees);
        failures.append(&mut targets.failures);
        let aliases = targets.aliases.then(|| {
            let (pair, unread) = AliasesPair::read(&trees.base, &trees.head, &options.groups, &mut files);
            failures.extend(unread);
            pair
        });
        let config = if scope.names(&options.config) {
            trees.config(&paths, (&options.config, options.misnamed_config.as_ref()), &mut files)
        } else {
            Ok(None)
        };
        let config = or_failure(config, &mut failures);
        let template = TemplateInChange::read(&trees, &paths, &options.groups.approvers, &mut files);
        let template = or_failure(template, &mut failures);
        let policy_files = [(&options.lists, MAX_FILE_BYTES), (&options.baseline, options.max_baseline)];
        let [lists, baseline] = policy_files.map(|(path, limit)| {
            or_failure(trees.policy_file((path.as_ref()?, limit), &touched, &mut files), &mut failures)
        });
        let obstacles = obstacles::placed(targets.obstacles, &mut files);
        let prr_files = targets.prr_files;
        let files = files.into_shared();
        let changeset = Self {
            trees,
            scope,
            options,
            prr_files,
            keps,
            policy,
            aliases,
            template,
            obstacles,
            config,
            lists,
            baseline,
            touched,
            unchanged,
            files,
        };
        (changeset, failures)
    }

    /// What the change leaves at `path`; `None` if nothing.
    ///
    /// # Errors
    ///
    /// If the path cannot be read.
    pub fn kind_after(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        self.trees.head.kind(path)
    }

    /// The text that the change leaves at `path`; `None` if there is no regular file.
    ///
    /// # Errors
    ///
    /// If the path cannot be read.
    pub fn text_after(&self, path: &RepoPath) -> Result<Option<String>, SourceError> {
        let mut files = Files::default();
        Ok(self.trees.head.text(path, &mut files)?.map(|file| files[file].text().to_owned()))
    }

    /// True if the target branch has a KEP in the folder `path`.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn has_kep_before(&self, path: &RepoPath) -> Result<bool, SourceError> {
        let layout = self.trees.base.layout();
        Ok(*path != layout.template
            && path.is_within(&layout.root)
            && *path != layout.root
            && self.trees.base.is_kep(path)?)
    }

    /// Reads the KEP at `location`, except that [`Loaded::parse_readmes`] still has to parse the READMEs.
    #[must_use]
    pub fn read(&self, location: &KepLocation) -> Loaded<ChangedKep> {
        let mut loaded = self.read_without_readme(location);
        let Some(kep) = loaded.value.as_mut().filter(|_| self.options.readmes) else { return loaded };
        kep.asks_for_answers = self.asks_for_answers(&kep.sides);
        let has_readme =
            [kep.sides.base(), kep.sides.head()].into_iter().flatten().any(|side| side.readme_file().is_some());
        if kep.asks_for_answers && has_readme {
            let (texts, failures) = self.policy.read_readme_rules(&self.trees.target);
            loaded.failures.extend(failures);
            let policy = &self.policy;
            let parse = || texts.iter().for_each(|texts| policy.parse_readme_rules(texts));
            let read = || self.read_readmes(&mut kep.sides, &mut loaded.files).err();
            loaded.failures.extend(threads::both(texts.is_some(), parse, read).1);
        }
        loaded
    }

    /// Reads the KEP at `location` without its README, if the metadata is enough.
    #[must_use]
    pub fn read_without_readme(&self, location: &KepLocation) -> Loaded<ChangedKep> {
        let mut loaded = Loaded { value: None, files: self.files.fork(), failures: Vec::new() };
        let head = location.head().map(|dir| loaded.side(&self.trees.head, dir));
        if let Some(None) = head {
            return loaded;
        }
        let base = location.base().and_then(|dir| loaded.side(&self.trees.base, dir));
        let Some(mut sides) = Sides::new(base, head.flatten()) else { return loaded };
        for added in [self.add_twins(&mut sides), self.add_sharers(&mut sides)] {
            loaded.failures.extend(added.err());
        }
        let comments = sides.head().map(|head| {
            StandingComments::read(head, self.options.inline_ignore, &self.trees.target, &mut loaded.files)
        });
        let comments = comments.unwrap_or_else(|| Ok(StandingComments::default())).unwrap_or_else(|failure| {
            loaded.failures.push(failure);
            StandingComments::default()
        });
        let leaves_prr_file = self.leaves_prr_file(&sides).unwrap_or_else(|failure| {
            loaded.failures.push(failure);
            false
        });
        loaded.value = Some(ChangedKep { sides, asks_for_answers: false, leaves_prr_file, comments });
        loaded
    }

    /// True if problems of the KEP in `dir` are wanted that the change did not cause.
    fn looks_for_pre_existing(&self, dir: &RepoPath) -> bool {
        self.options.pre_existing || self.unchanged.contains(dir)
    }

    /// If a directory does not move, only a new KEP can become its twin, and that KEP is checked itself. So the list of
    /// all directories is read only for a KEP that is new or moves.
    fn add_twins(&self, sides: &mut Sides<KepState>) -> Result<(), SourceError> {
        if let Sides::Kept { base, head } = sides
            && base.dir == head.dir
            && !self.looks_for_pre_existing(&head.dir)
        {
            return Ok(());
        }
        let (base, head) = sides.as_mut();
        let mut asks_base = true;
        if let Some(head) = head {
            head.twins = self.trees.head.twins(head)?;
            asks_base = !head.twins.dirs.is_empty();
        }
        if let Some(base) = base.filter(|_| asks_base) {
            base.twins = self.trees.base.twins(base)?;
        }
        Ok(())
    }

    /// True if every KEP of the tree is read, so that [`PrrIndex::sharers`] tells which KEPs share a file.
    #[must_use]
    pub fn reads_every_kep(&self) -> bool {
        self.scope.all && self.scope.only.is_empty()
    }

    /// A KEP comes to share its file if its claim changes and the file was there before, or if its directory does not
    /// tell its claim. Otherwise the other KEP is the one that comes to it, and is checked itself. So the claims of other
    /// KEPs are rarely read. If the target of a KEP changes, it needs an approval, which may be that of a KEP of the same
    /// number beside it.
    fn add_sharers(&self, sides: &mut Sides<KepState>) -> Result<(), SourceError> {
        if self.reads_every_kep() {
            return Ok(());
        }
        let (base, Some(head)) = sides.as_mut() else { return Ok(()) };
        let Some(path) = head.prr_file_path() else { return Ok(()) };
        let is_claimed_anew =
            !base.as_ref().is_some_and(|base| base.dir == head.dir && base.expected_prr_path == head.expected_prr_path);
        let is_late = is_claimed_anew && (self.scope.all || self.trees.base.exists(path)?);
        let is_regular =
            head.number.is_some_and(|number| !number.is_zero()) && !self.trees.head.layout().is_nested(&head.dir);
        if is_regular && !is_late && !self.looks_for_pre_existing(&head.dir) {
            let is_retargeted = base.as_ref().is_some_and(|base| base.target() != head.target());
            if !is_retargeted || !self.trees.head.has_namesake(&head.dir)? {
                return Ok(());
            }
        }
        head.sharers = self.trees.head.sharers(head, is_late)?;
        if let Some(base) = base.filter(|_| !head.sharers.is_empty()) {
            base.sharers = self.trees.base.sharers(base, true)?;
        }
        Ok(())
    }
}

/// The value, or nothing if it could not be read. Then the error is added to `failures`.
fn or_failure<T>(read: Result<Option<T>, SourceError>, failures: &mut Vec<SourceError>) -> Option<T> {
    read.unwrap_or_else(|failure| {
        failures.push(failure);
        None
    })
}

impl Loaded<ChangedKep> {
    fn side(&mut self, tree: &Tree<'_>, dir: &RepoPath) -> Option<KepState> {
        tree.kep_state(dir, &mut self.files).unwrap_or_else(|failure| {
            self.failures.push(failure);
            None
        })
    }
}
