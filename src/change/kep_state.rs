//! A KEP and a production-readiness file as they are on one side of a change.

use std::borrow::Cow;
use std::sync::Arc;

use crate::kep::{Kep, KepNumber, Milestone, Owners, PrrFile, Stage};
use crate::project::Layout;
use crate::questionnaire::Readme;
use crate::source::Irregular;
use crate::text::RepoPath;
use crate::text::{FileId, Span};

/// A KEP as it is on one side of a change.
#[derive(Debug)]
pub struct KepState {
    /// Its directory.
    pub dir: RepoPath,
    /// A file that represents the directory in labels.
    pub dir_file: FileId,
    /// The number in the directory's name.
    pub number: Option<KepNumber>,
    /// `kep.yaml`
    pub metadata: Metadata,
    /// `README.md`
    pub readme: ReadmeFile,
    /// The path of the production-readiness file according to the fields of `kep.yaml`; `None` if they are not enough.
    pub expected_prr_path: Option<RepoPath>,
    /// The production-readiness file.
    pub prr: PrrState,
    /// Links, submodules, folders and oversized files in the place of a file.
    pub irregular: Vec<(FileId, Irregular)>,
    /// Other directories with the same number.
    pub twins: Twins,
    /// The directories of other KEPs that claim the same production-readiness file.
    pub sharers: Vec<RepoPath>,
    /// The OWNERS file of its directory.
    pub owners: OwnersFile,
    /// References to other KEPs.
    pub references: Vec<Reference>,
}

/// `kep.yaml` of a KEP.
#[derive(Debug)]
pub enum Metadata {
    /// The file does not exist.
    Absent {
        /// Another YAML file in the directory, which may be the misnamed metadata.
        misnamed: Option<FileId>,
        /// A document in the directory, which may be the text of the KEP; where KEPs are single files, the file itself if
        /// it does not even seem to begin with metadata.
        document: Option<FileId>,
    },
    /// It is not a regular file, or too large, or its whole directory is a link or a submodule.
    Irregular,
    /// It is not valid YAML: only its faults are known.
    Unreadable(Box<Kep>),
    /// It was read.
    Read(Box<Kep>),
}

/// `README.md` of a KEP.
#[derive(Debug)]
pub enum ReadmeFile {
    /// The file does not exist.
    Absent,
    /// The file does not exist, but this README in another format than Markdown, which is not read.
    OtherFormat(FileId),
    /// It exists, but its content is not needed, or it is not a regular file.
    Unread(FileId),
    /// Its text was read (the second file), but not parsed yet.
    Text(FileId, FileId),
    /// It was read.
    Read(FileId, Arc<Readme>),
}

/// The production-readiness file of a KEP.
#[derive(Debug)]
pub enum PrrState {
    /// The KEP's metadata could not be read, so the path is unknown.
    Unknown,
    /// It is not where it belongs.
    Absent {
        /// The first few files with the same number in other places.
        elsewhere: Vec<FileId>,
        /// The content of the only such file.
        stray: Option<Box<PrrFile>>,
    },
    /// It is not a regular file, or too large.
    Irregular(RepoPath),
    /// It is not valid YAML: only its faults are known.
    Unreadable(RepoPath, Box<PrrFile>),
    /// It was read.
    Read(RepoPath, Box<PrrFile>),
}

/// The OWNERS file of a KEP's directory.
#[derive(Debug)]
pub enum OwnersFile {
    /// No rule needs it.
    NotAsked,
    /// The file does not exist.
    Absent,
    /// It was read, but may have faults.
    Read(Owners),
}

/// Other directories with a KEP's number.
#[derive(Debug, Default)]
pub struct Twins {
    /// The first few.
    pub dirs: Vec<RepoPath>,
    /// The number of directories.
    pub count: usize,
}

/// A reference to another KEP (`see-also`, `replaces`, `superseded-by`) that is a path below `keps/`.
#[derive(Debug)]
pub struct Reference {
    /// The field.
    pub field: &'static str,
    /// The value.
    pub value: String,
    /// The value's place in `kep.yaml`.
    pub span: Span,
    /// What is there.
    pub target: Target,
}

/// What a reference points to.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// A file or directory.
    Exists,
    /// Nothing, but the only KEP of the same number is in this directory.
    Moved(RepoPath),
    /// Nothing, and no KEP has the number: it may be in a pull request that is not merged yet.
    Unmerged,
    /// Nothing.
    Missing,
}

/// A production-readiness file that no KEP claims, as it is on one side of a change.
#[derive(Debug)]
pub struct OrphanState {
    /// Its path.
    pub path: RepoPath,
    /// The number in its name.
    pub number: Option<KepNumber>,
    /// The file; present even if it could not be read.
    pub file: FileId,
    /// Its content.
    pub content: OrphanContent,
    /// KEP directories with the same number whose fields point elsewhere.
    pub keps: Vec<RepoPath>,
    /// True if one of these KEPs is gated and has no file (`prr-file-missing` then points here), or could not be read.
    pub is_missed: bool,
}

/// The content of a production-readiness file that no KEP claims.
#[derive(Debug)]
pub enum OrphanContent {
    /// It is not a regular file, or too large.
    Irregular(Irregular),
    /// It was read, but may have faults.
    Read(Box<PrrFile>),
}

impl PrrState {
    /// Creates the state of the file at `path` with `content`.
    pub(super) fn new(path: RepoPath, content: PrrFile) -> Self {
        let content = Box::new(content);
        if content.readable { Self::Read(path, content) } else { Self::Unreadable(path, content) }
    }
}

impl Metadata {
    /// The file with `kep`.
    pub(super) fn new(kep: Kep) -> Self {
        let kep = Box::new(kep);
        if kep.readable { Self::Read(kep) } else { Self::Unreadable(kep) }
    }
}

impl OrphanState {
    /// The content, unless the file is irregular.
    #[must_use]
    pub fn prr_file(&self) -> Option<&PrrFile> {
        match &self.content {
            OrphanContent::Read(prr_file) => Some(prr_file),
            OrphanContent::Irregular(_) => None,
        }
    }
}

impl KepState {
    /// The metadata, if there is a file. If `readable` is false, only its faults are known.
    #[must_use]
    pub fn kep(&self) -> Option<&Kep> {
        match &self.metadata {
            Metadata::Read(kep) | Metadata::Unreadable(kep) => Some(kep),
            Metadata::Absent { .. } | Metadata::Irregular => None,
        }
    }

    /// The metadata, if it could be read.
    #[must_use]
    pub fn readable_kep(&self) -> Option<&Kep> {
        match &self.metadata {
            Metadata::Read(kep) => Some(kep),
            _ => None,
        }
    }

    /// True if no more work on the KEP is planned, according to its status.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.readable_kep().is_some_and(Kep::is_closed)
    }

    /// `README.md`, if it exists.
    #[must_use]
    pub fn readme_file(&self) -> Option<FileId> {
        match self.readme {
            ReadmeFile::Absent | ReadmeFile::OtherFormat(_) => None,
            ReadmeFile::Unread(file) | ReadmeFile::Text(file, _) | ReadmeFile::Read(file, _) => Some(file),
        }
    }

    /// The content of `README.md`, if it was read.
    #[must_use]
    pub fn proposal(&self) -> Option<&Arc<Readme>> {
        match &self.readme {
            ReadmeFile::Read(_, readme) => Some(readme),
            ReadmeFile::Absent | ReadmeFile::OtherFormat(_) | ReadmeFile::Unread(_) | ReadmeFile::Text(..) => None,
        }
    }

    /// True if `README.md` exists, but cannot be read: it is not a regular file, or too large.
    #[must_use]
    pub fn has_unread_readme(&self) -> bool {
        self.readme_file().is_some_and(|readme| self.irregular.iter().any(|(file, _)| *file == readme))
    }

    /// The production-readiness file, if there is one. If `readable` is false, only its faults are known.
    #[must_use]
    pub fn prr_file(&self) -> Option<&PrrFile> {
        match &self.prr {
            PrrState::Read(_, prr_file) | PrrState::Unreadable(_, prr_file) => Some(prr_file),
            PrrState::Unknown | PrrState::Absent { .. } | PrrState::Irregular(_) => None,
        }
    }

    /// The path of the production-readiness file, if something exists there.
    #[must_use]
    pub fn prr_file_path(&self) -> Option<&RepoPath> {
        match &self.prr {
            PrrState::Read(path, _) | PrrState::Unreadable(path, _) | PrrState::Irregular(path) => Some(path),
            PrrState::Unknown | PrrState::Absent { .. } => None,
        }
    }

    /// A file with the KEP's number in another place, if the production-readiness file is not where it belongs.
    #[must_use]
    pub fn misplaced_prr_file(&self) -> Option<FileId> {
        match &self.prr {
            PrrState::Absent { elsewhere, .. } => elsewhere.first().copied(),
            _ => None,
        }
    }

    /// The content of the only such file.
    #[must_use]
    pub fn stray_prr_file(&self) -> Option<&PrrFile> {
        match &self.prr {
            PrrState::Absent { stray, .. } => stray.as_deref(),
            _ => None,
        }
    }

    /// The OWNERS file, if it was read.
    #[must_use]
    pub fn owners(&self) -> Option<&Owners> {
        match &self.owners {
            OwnersFile::Read(owners) => Some(owners),
            OwnersFile::NotAsked | OwnersFile::Absent => None,
        }
    }

    /// The number of the issue that should track the KEP: the directory's, or else the one in `kep.yaml`. 0000 belongs
    /// to no issue.
    #[must_use]
    pub fn issue_number(&self) -> Option<KepNumber> {
        let own = || KepNumber::parse(self.kep()?.kep_number.text());
        self.number.or_else(own).filter(|number| !number.is_zero())
    }

    /// The approver named for the KEP's stage, as written.
    #[must_use]
    pub fn stage_approver(&self) -> Option<&str> {
        let stage = self.kep()?.target_stage()?;
        Some(self.prr_file()?.approver(stage)?.text())
    }

    /// `owning-sig`, or else the SIG in whose folder the KEP is; empty if neither is known.
    #[must_use]
    pub fn owning_sig(&self, layout: &Layout) -> &str {
        let written = self.kep().map(|kep| kep.owning_sig.text()).filter(|sig| !sig.is_empty());
        written.or_else(|| layout.directory_sig(&self.dir)).unwrap_or_default()
    }

    /// The approver named for the KEP's stage, if the KEP is gated.
    #[must_use]
    pub fn target_approver(&self) -> Option<&str> {
        self.stage_approver().filter(|_| self.kep().is_some_and(Kep::is_gated))
    }

    /// The fields that decide which README answers are due, and the fields that contain some of the answers.
    pub(super) fn answer_fields(&self) -> Vec<Cow<'_, str>> {
        let mut fields = self.target().to_vec();
        let Some(kep) = self.kep() else { return fields };
        let milestones = Stage::ALL.into_iter().filter_map(|stage| kep.milestone_field(stage));
        fields.extend(milestones.map(|milestone| Milestone::canonical(milestone.text())));
        let gates = kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
        for gate in gates {
            fields.push(gate.value.name.text().into());
            fields.extend(gate.value.components.entries().iter().map(|entry| entry.value.as_str().into()));
        }
        let disable_supported = match kep.disable_supported.value() {
            None => "none",
            Some((true, _)) => "true",
            Some((false, _)) => "false",
        };
        fields.push(disable_supported.into());
        fields.extend(kep.metrics.entries().iter().map(|entry| entry.value.as_str().into()));
        fields
    }

    /// Status, stage and latest milestone. If one changes, findings that depend on the target count as new. Two forms
    /// of the same release are equal.
    #[must_use]
    pub fn target(&self) -> [Cow<'_, str>; 3] {
        self.kep().map_or_else(Default::default, |kep| {
            [kep.status.text().into(), kep.stage.text().into(), Milestone::canonical(kep.latest_milestone.text())]
        })
    }
}
