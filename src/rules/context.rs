//! What a rule may look at.

use std::collections::BTreeMap;

use crate::change::{AliasesPair, KepState, OrphanState, Policy};
use crate::config::ConfigInChange;
use crate::kep::{Approval, Kep, KepNumber, Stage, handle};
use crate::questionnaire::Readme;
use crate::release::Schedule;
use crate::text::RepoPath;
use crate::text::{FileId, Files, SourceFile, Span};
use crate::tracking::{Reviews, Tracking};

/// One subject, on both sides of the change, and the policy that holds.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What is looked at.
    pub subject: Subject<'a>,
    /// What the target branch prescribes.
    pub policy: &'a Policy,
    /// `OWNERS_ALIASES`, if the change touches it.
    pub aliases: Option<&'a AliasesPair>,
    /// What comes from outside the repository.
    pub external: &'a External,
    /// The files that were read.
    pub files: &'a Files,
}

/// What comes from outside the repository, fetched before the rules run.
#[derive(Debug, Clone, Default)]
pub struct External {
    /// When releases freeze and ship, and the current time.
    pub schedule: Schedule,
    /// The tracking issues of the KEPs, by number; `None` if they are unknown.
    pub issues: Option<BTreeMap<KepNumber, Tracking>>,
    /// The reviews of the pull request; `None` if they are unknown.
    pub reviews: Option<Reviews>,
}

/// What rules look at.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// A KEP, on the sides of the change that have it.
    Kep {
        /// Before.
        base: Option<&'a KepState>,
        /// After.
        head: Option<&'a KepState>,
        /// True if it is gone because it became another KEP: its directory moved to another number.
        moved: bool,
        /// True if the change affects which answers of the README are due, or the answers themselves.
        asks_for_answers: bool,
    },
    /// A production-readiness file that no KEP claims.
    Approval {
        /// Before.
        base: Option<&'a OrphanState>,
        /// After.
        head: &'a OrphanState,
    },
    /// `OWNERS_ALIASES`.
    Aliases(&'a AliasesPair),
    /// kepgate's configuration.
    Config(&'a ConfigInChange),
}

impl<'a> Context<'a> {
    /// The KEP after the change.
    #[must_use]
    pub fn record(&self) -> Option<&'a KepState> {
        match self.subject {
            Subject::Kep { head, .. } => head,
            _ => None,
        }
    }

    /// The KEP before the change.
    #[must_use]
    pub fn base_record(&self) -> Option<&'a KepState> {
        match self.subject {
            Subject::Kep { base, .. } => base,
            _ => None,
        }
    }

    /// The KEP's metadata, if it could be read.
    #[must_use]
    pub fn kep(&self) -> Option<&'a Kep> {
        self.record()?.readable_kep()
    }

    /// The same before the change.
    #[must_use]
    pub fn base_kep(&self) -> Option<&'a Kep> {
        self.base_record()?.readable_kep()
    }

    /// The production-readiness file, a KEP's or one that no KEP claims, if it could be read.
    #[must_use]
    pub fn approval(&self) -> Option<&'a Approval> {
        let approval = match self.subject {
            Subject::Kep { head, .. } => head?.approval(),
            Subject::Approval { head, .. } => head.approval(),
            Subject::Aliases(_) | Subject::Config(_) => None,
        };
        approval.filter(|approval| approval.readable)
    }

    /// The same before the change.
    #[must_use]
    pub fn base_approval(&self) -> Option<&'a Approval> {
        let approval = match self.subject {
            Subject::Kep { base, .. } => base?.approval(),
            Subject::Approval { base, .. } => base?.approval(),
            Subject::Aliases(_) | Subject::Config(_) => None,
        };
        approval.filter(|approval| approval.readable)
    }

    /// The KEP's README after the change, if it was read.
    #[must_use]
    pub fn readme(&self) -> Option<&'a Readme> {
        self.record()?.proposal().map(std::rc::Rc::as_ref)
    }

    /// True if the change affects which answers of the README are due, or the answers themselves.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        matches!(self.subject, Subject::Kep { asks_for_answers: true, .. }) && self.record().is_some()
    }

    /// The documents after the change, readable or not: their faults are what `yaml-*` reports.
    #[must_use]
    pub fn documents(&self) -> Vec<Document<'a>> {
        let kep = self.record().and_then(KepState::kep);
        let kep = kep.map(|kep| Document { file: kep.file, faults: &kep.faults, is_kep: true });
        let approval = match self.subject {
            Subject::Kep { head, .. } => head.and_then(|head| head.approval()),
            Subject::Approval { head, .. } => head.approval(),
            Subject::Aliases(_) | Subject::Config(_) => None,
        };
        let approval = approval.map(|it| Document { file: it.file, faults: &it.faults, is_kep: false });
        kep.into_iter().chain(approval).collect()
    }

    /// The directory of the KEP that it is about.
    #[must_use]
    pub fn kep_dir(&self) -> Option<&'a RepoPath> {
        match self.subject {
            Subject::Kep { base, head, .. } => head.or(base).map(|record| &record.dir),
            Subject::Approval { .. } | Subject::Aliases(_) | Subject::Config(_) => None,
        }
    }

    /// The file of this id.
    #[must_use]
    pub fn file(&self, file: FileId) -> &'a SourceFile {
        &self.files[file]
    }

    /// The text at a place.
    #[must_use]
    pub fn text(&self, file: FileId, span: Span) -> &'a str {
        &self.files[file].text()[span]
    }

    /// True if `value` is template text.
    #[must_use]
    pub fn is_placeholder(&self, value: &str) -> bool {
        self.policy.placeholders.contains(value)
    }

    /// True if the change names this approver for `stage`: the base did not name the same one.
    #[must_use]
    pub fn is_named_anew(&self, stage: Stage, approver: &str) -> bool {
        let base = self.base_approval().and_then(|approval| approval.approver(stage));
        base.is_none_or(|base| handle::folded(base.text()) != handle::folded(approver))
    }

    /// The approvers that a production-readiness file names: stage, text as written, place.
    #[must_use]
    pub fn approvers(&self) -> Vec<(Stage, &'a str, Span)> {
        let Some(approval) = self.approval() else {
            return Vec::new();
        };
        let named = Stage::ALL.into_iter().filter_map(|stage| {
            let (text, span) = approval.approver(stage)?.value()?;
            Some((stage, text.as_str(), span))
        });
        named.collect()
    }
}

/// A document and what is wrong with it.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    /// The file.
    pub file: FileId,
    /// What is wrong.
    pub faults: &'a [crate::kep::Fault],
    /// Whether it is a `kep.yaml`; else it is a production-readiness file.
    pub is_kep: bool,
}

/// `name` as upstream compares approvers: exactly one leading `@` stripped, nothing trimmed, case kept.
#[must_use]
pub(super) fn approver_name(approver: &str) -> &str {
    approver.strip_prefix('@').unwrap_or(approver)
}

/// True if two texts name the same person, `@` and case aside.
#[must_use]
pub(super) fn same_person(one: &str, other: &str) -> bool {
    handle::folded(one) == handle::folded(other)
}
