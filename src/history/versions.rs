//! Reads and decodes each version of a file once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{Approvers, MAX_UNREADABLE, Metadata, Unreadable};
use crate::error::SourceError;
use crate::kep::comment::stage_note;
use crate::kep::fault::{Fault, FaultKind};
use crate::kep::stage::PerStage;
use crate::kep::{Aliases, Kep, List, Milestone, PrrFile, handle};
use crate::project::Profile;
use crate::source::Content;
use crate::source::git::{BlobId, CommitId, Repository};
use crate::syntax::yaml;
use crate::text::{Files, RepoPath, Side, SourceFile};

/// The decoded versions of files, and the unreadable ones.
pub(super) struct Versions<'a> {
    repository: &'a Repository,
    profile: &'a Profile,
    metadata: HashMap<BlobId, Option<Arc<Metadata>>>,
    approvers: HashMap<BlobId, Option<Named>>,
    pub(super) unreadable: Vec<Unreadable>,
    pub(super) unreadable_count: usize,
    /// The error for the first object that is missing from the repository, as in a clone without blobs.
    pub(super) missing: Option<SourceError>,
}

/// The approvers in a production-readiness file.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) approvers: Arc<Approvers>,
    /// False if the file is broken and may name other approvers.
    pub(super) is_complete: bool,
}

/// A version of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) commit: CommitId,
    pub(super) path: &'a RepoPath,
    pub(super) blob: BlobId,
}

impl<'a> Versions<'a> {
    pub(super) fn new(repository: &'a Repository, profile: &'a Profile) -> Self {
        Self {
            repository,
            profile,
            metadata: HashMap::new(),
            approvers: HashMap::new(),
            unreadable: Vec::new(),
            unreadable_count: 0,
            missing: None,
        }
    }

    /// The metadata in this version of a file.
    pub(super) fn metadata(&mut self, at: At<'_>) -> Option<Arc<Metadata>> {
        if let Some(known) = self.metadata.get(&at.blob) {
            return known.clone();
        }
        let read = self.text(at).and_then(|text| decode_metadata(text, at.path, self.profile)).map(Arc::new);
        self.note_unless(read.is_some(), at);
        self.metadata.insert(at.blob, read.clone());
        read
    }

    /// The approvers in this version of a production-readiness file.
    pub(super) fn approvers(&mut self, at: At<'_>) -> Option<Named> {
        if let Some(known) = self.approvers.get(&at.blob) {
            return known.clone();
        }
        let read = self.text(at).and_then(|text| decode_approvers(text, at.path));
        self.note_unless(read.is_some(), at);
        self.approvers.insert(at.blob, read.clone());
        read
    }

    /// The members of `groups` in this version of `OWNERS_ALIASES`, without `@`; empty if the first group is.
    pub(super) fn members(&mut self, at: At<'_>, groups: &[&str]) -> Option<BTreeSet<String>> {
        let read = self.text(at).and_then(|text| decode_members(&text, at.path, groups));
        self.note_unless(read.is_some(), at);
        read
    }

    fn text(&mut self, at: At<'_>) -> Option<String> {
        match self.repository.read_blob(at.blob, at.path) {
            Ok(Content::Bytes(bytes)) => String::from_utf8(bytes).ok(),
            Ok(Content::Absent | Content::Irregular(_)) => None,
            Err(error) => {
                self.missing.get_or_insert(error);
                None
            }
        }
    }

    fn note_unless(&mut self, is_readable: bool, at: At<'_>) {
        if is_readable {
            return;
        }
        self.unreadable_count += 1;
        if self.unreadable.len() < MAX_UNREADABLE {
            self.unreadable.push(Unreadable { path: at.path.clone(), commit: at.commit });
        }
    }
}

fn decode_metadata(text: String, path: &RepoPath, profile: &Profile) -> Option<Metadata> {
    let document = profile.dialect.read(&text);
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Head, path.clone(), text));
    let kep = Kep::decode_in(file, &document, &profile.dialect);
    if !kep.readable {
        return None;
    }
    let metadata = Metadata::of(&kep);
    let is_behind = metadata.is_behind && stage_note(&files[file], &kep).is_none();
    Some(Metadata { is_behind, ..metadata })
}

impl Metadata {
    /// The part of `kep` that changes over time.
    #[must_use]
    pub fn of(kep: &Kep) -> Self {
        let milestones = kep.milestone.value().map(|(milestones, _)| milestones);
        let milestone = |stage| {
            let milestone = Milestone::parse(milestones?.of(stage).text())?;
            (!milestone.is_exempt()).then_some(milestone)
        };
        Self {
            title: kep.title().to_owned(),
            owning_sig: kep.owning_sig.text().to_owned(),
            kep_number: kep.kep_number.text().to_owned(),
            status: kep.status.text().to_owned(),
            known_status: kep.known_status(),
            stage: kep.target_stage(),
            latest: kep.latest(),
            milestones: PerStage::from_fn(milestone),
            is_behind: kep.is_active() && kep.overtaken_by().is_some(),
            authors: kep.authors.entries().iter().map(|author| handle::folded(&author.value)).collect(),
        }
    }
}

/// The approver that `prr` names for each stage.
pub(super) fn named(prr: &PrrFile) -> Approvers {
    let approver =
        |stage| prr.approver(stage).map(|approver| approver.text().to_owned()).filter(|text| !text.is_empty());
    PerStage::from_fn(approver)
}

fn decode_approvers(text: String, path: &RepoPath) -> Option<Named> {
    let document = yaml::read_without_fences(&text);
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Head, path.clone(), text));
    let prr = PrrFile::decode(file, &document);
    let is_break = |fault: &Fault| match &fault.kind {
        FaultKind::Yaml(kind) => !matches!(kind, yaml::FaultKind::DuplicateKey { .. } | yaml::FaultKind::Marker),
        _ => false,
    };
    let is_complete = !prr.faults.iter().any(is_break);
    prr.readable.then(|| Named { approvers: Arc::new(named(&prr)), is_complete })
}

fn decode_members(text: &str, path: &RepoPath, groups: &[&str]) -> Option<BTreeSet<String>> {
    let document = yaml::read(text);
    let file = Files::default().add(SourceFile::new(Side::Head, path.clone(), text));
    let aliases = Aliases::decode(file, &document);
    let members = |group: &&str| {
        let members = aliases.group(group).map(List::entries).unwrap_or_default();
        members.iter().map(|member| member.value.strip_prefix('@').unwrap_or(&member.value).to_owned())
    };
    let has_approvers = groups.first().is_some_and(|group| members(group).next().is_some());
    document.readable.then(|| groups.iter().filter(|_| has_approvers).flat_map(members).collect())
}
