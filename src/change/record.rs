//! A KEP and a production-readiness file as one side of the change has them.

use std::rc::Rc;

use crate::kep::{Approval, Field, Kep, KepNumber, Owners, Stage};
use crate::questionnaire::Readme;
use crate::source::Irregular;
use crate::text::RepoPath;
use crate::text::{FileId, Span};

/// A KEP as one side of the change has it.
#[derive(Debug)]
pub struct Record {
    /// Its directory.
    pub dir: RepoPath,
    /// A file that stands for the directory in labels.
    pub dir_file: FileId,
    /// The number that the directory is named after.
    pub number: Option<KepNumber>,
    /// `kep.yaml`
    pub metadata: Metadata,
    /// README.md, when it is there.
    pub readme: Option<FileId>,
    /// What README.md holds, when it was looked at.
    pub proposal: Option<Rc<Readme>>,
    /// Whether the change touches what the README answers: itself, or what decides which answers are due.
    pub is_asked: bool,
    /// What stands in the place of a file and is none.
    pub irregular: Vec<(FileId, Irregular)>,
    /// Where its production-readiness file was found.
    pub approval_path: Option<RepoPath>,
    /// Its production-readiness file.
    pub approval: Option<Approval>,
    /// Where its production-readiness file has to be, when the fields tell.
    pub approval_wanted: Option<RepoPath>,
    /// Files of its number that stand elsewhere, when there is none where it has to be.
    pub approval_elsewhere: Vec<FileId>,
    /// What the only one of these holds.
    pub stray: Option<Approval>,
    /// Other directories of the same number, the first few.
    pub twins: Vec<RepoPath>,
    /// How many there are.
    pub twin_count: usize,
    /// The OWNERS file of its directory, where a rule asks for it.
    pub owners: Option<Owners>,
    /// References to other KEPs, and whether they are there.
    pub references: Vec<Reference>,
}

/// What stands where `kep.yaml` belongs.
#[derive(Debug)]
pub enum Metadata {
    /// The file.
    Present(Box<Kep>),
    /// Nothing; perhaps a file that seems to be meant for it.
    Absent {
        /// A YAML file in the directory.
        misnamed: Option<FileId>,
    },
    /// No regular file, or one that could not be read: said elsewhere.
    Unread,
}

/// A reference to another KEP (`see-also`, `replaces`, `superseded-by`) that is a path below `keps/`.
#[derive(Debug)]
pub struct Reference {
    /// The field.
    pub field: &'static str,
    /// The value.
    pub value: String,
    /// Where it stands in `kep.yaml`.
    pub span: Span,
    /// Whether something stands at that path.
    pub exists: bool,
}

/// A production-readiness file that no KEP claims, as one side of the change has it.
#[derive(Debug)]
pub struct ApprovalRecord {
    /// Where it stands.
    pub path: RepoPath,
    /// The number that it is named after.
    pub number: Option<KepNumber>,
    /// The file, there even when it could not be read.
    pub file: FileId,
    /// What it holds; `None` when it is no regular file.
    pub approval: Option<Approval>,
    /// Why it was not read.
    pub irregular: Option<Irregular>,
    /// KEP directories of the same number, whose fields point elsewhere.
    pub keps: Vec<RepoPath>,
    /// Whether one of these KEPs is gated and has no file (`prr-file-missing` points here then), or could not be read.
    pub is_missed: bool,
}

impl Record {
    /// The metadata, when it could be read.
    #[must_use]
    pub fn kep(&self) -> Option<&Kep> {
        match &self.metadata {
            Metadata::Present(kep) => Some(kep),
            _ => None,
        }
    }

    /// Whether neither metadata nor proposal is left, only other files.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self.metadata, Metadata::Absent { misnamed: None })
            && self.readme.is_none()
            && self.irregular.is_empty()
    }

    /// The approver named for the KEP's stage, as written.
    #[must_use]
    pub fn stage_approver(&self) -> Option<&str> {
        let stage = self.kep()?.target_stage()?;
        Some(self.approval.as_ref()?.approver(stage)?.text())
    }

    /// The same, when the KEP is gated.
    #[must_use]
    pub fn target_approver(&self) -> Option<&str> {
        self.stage_approver().filter(|_| self.kep().is_some_and(Kep::is_gated))
    }

    /// What decides which answers of the README are due, and the fields that hold some of them.
    pub(super) fn asked(&self) -> Vec<&str> {
        let mut asked = self.target().to_vec();
        let Some(kep) = self.kep() else { return asked };
        asked.extend(Stage::ALL.into_iter().filter_map(|stage| kep.milestone_field(stage)).map(Field::text));
        let gates = kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
        for gate in gates {
            asked.push(gate.value.name.text());
            asked.extend(gate.value.components.entries().iter().map(|entry| entry.value.as_str()));
        }
        asked.push(match kep.disable_supported.value() {
            None => "none",
            Some((true, _)) => "true",
            Some((false, _)) => "false",
        });
        asked.extend(kep.metrics.entries().iter().map(|entry| entry.value.as_str()));
        asked
    }

    /// What makes findings of this KEP those of another target: its status, stage and latest milestone.
    #[must_use]
    pub fn target(&self) -> [&str; 3] {
        self.kep().map_or(["", "", ""], |kep| [kep.status.text(), kep.stage.text(), kep.latest_milestone.text()])
    }
}
