//! The input of a rule.

use std::collections::BTreeMap;

use super::Missing;
use crate::change::{
    AliasesPair, KepState, LostConfig, Obstacle, OrphanState, Policy, StandingComments, TemplateInChange,
};
use crate::config::ConfigInChange;
use crate::kep::{Kep, KepNumber, PrrFile, Stage, handle};
use crate::kubernetes::{Digest, KubernetesLists};
use crate::project::Layout;
use crate::questionnaire::Readme;
use crate::release::Schedule;
use crate::source::Opened;
use crate::text::RepoPath;
use crate::text::{FileId, Files, SourceFile, Span};
use crate::tracking::{Reviews, Tracking};

/// One subject on both sides of the change, and the policy that applies.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What the rule checks.
    pub subject: Subject<'a>,
    /// The policy of the target branch.
    pub policy: &'a Policy,
    /// `OWNERS_ALIASES`, if the change touches it.
    pub aliases: Option<&'a AliasesPair>,
    /// Data from outside the repository.
    pub external: &'a External,
    /// The files that were read.
    pub files: &'a Files,
}

/// Data from outside the repository, fetched before the rules run.
#[derive(Debug, Clone, Default)]
pub struct External {
    /// When releases freeze and ship, and the current time.
    pub schedule: Schedule,
    /// When the change was proposed.
    pub opened: Opened,
    /// The tracking issues of the KEPs, by number; `None` if they are unknown.
    pub issues: Option<BTreeMap<KepNumber, Tracking>>,
    /// The reviews of the pull request; `None` if they are unknown.
    pub reviews: Option<Reviews>,
    /// The feature gates and metrics of Kubernetes; `None` if no lists are configured.
    pub kubernetes: Option<Digest>,
    /// True if pre-existing findings count, too, so that rules may look at closed KEPs.
    pub is_strict: bool,
}

/// What a rule checks.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// A KEP, on the sides of the change that have it.
    Kep {
        /// Before.
        base: Option<&'a KepState>,
        /// After.
        head: Option<&'a KepState>,
        /// True if the change affects which answers of the README are due, or the answers themselves.
        asks_for_answers: bool,
        /// True if the KEP is closed on both sides of the change, or if the change closes it.
        is_closed: bool,
        /// True if the change deletes the KEP, but not its production-readiness file.
        leaves_prr_file: bool,
        /// Its comments that excuse findings.
        comments: &'a StandingComments,
    },
    /// A production-readiness file that no KEP claims.
    PrrFile {
        /// Before.
        base: Option<&'a OrphanState>,
        /// After.
        head: &'a OrphanState,
    },
    /// `OWNERS_ALIASES`.
    Aliases(&'a AliasesPair),
    /// kepgate's configuration.
    Config(&'a ConfigInChange),
    /// kepgate's configuration that is not found any more.
    LostConfig(&'a LostConfig),
    /// The templates.
    Template(&'a TemplateInChange),
    /// Something where a folder or a file of a KEP could be.
    Obstacle(&'a Obstacle),
}

impl<'a> Context<'a> {
    /// Where the project keeps its KEPs.
    #[must_use]
    pub fn layout(&self) -> &'a Layout {
        &self.policy.profile.layout
    }

    /// The feature gates and metrics of Kubernetes.
    ///
    /// # Errors
    /// What is missing, if there are none that can be used.
    pub(super) fn kubernetes(&self) -> Result<&'a KubernetesLists, Missing> {
        let digest = self.external.kubernetes.as_ref().ok_or(Missing::KubernetesLists)?;
        let invalid = |fault: &str| Missing::ValidLists { name: digest.name().to_owned(), fault: fault.to_owned() };
        digest.lists().map_err(invalid)
    }

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

    /// The KEP's metadata before the change, if it could be read.
    #[must_use]
    pub fn base_kep(&self) -> Option<&'a Kep> {
        self.base_record()?.readable_kep()
    }

    /// The production-readiness file, a KEP's or one that no KEP claims, if it could be read.
    #[must_use]
    pub fn prr_file(&self) -> Option<&'a PrrFile> {
        let prr_file = match self.subject {
            Subject::Kep { head, .. } => head?.prr_file(),
            Subject::PrrFile { head, .. } => head.prr_file(),
            _ => None,
        };
        prr_file.filter(|prr_file| prr_file.readable)
    }

    /// The production-readiness file before the change, if it could be read.
    #[must_use]
    pub fn base_prr_file(&self) -> Option<&'a PrrFile> {
        let prr_file = match self.subject {
            Subject::Kep { base, .. } => base?.prr_file(),
            Subject::PrrFile { base, .. } => base?.prr_file(),
            _ => None,
        };
        prr_file.filter(|prr_file| prr_file.readable)
    }

    /// True if a comment next to `stage`, which the target branch already has, explains why the KEP has that stage.
    #[must_use]
    pub fn explains_stage(&self) -> bool {
        matches!(self.subject, Subject::Kep { comments, .. } if comments.explains_stage)
    }

    /// The KEP's README after the change, if it was read and the KEP is not closed: closed KEPs owe no answers.
    #[must_use]
    pub fn readme(&self) -> Option<&'a Readme> {
        self.readme_of_any_kep().filter(|_| !self.is_closed())
    }

    /// The KEP's README after the change, if it was read, for rules that also apply to closed KEPs.
    #[must_use]
    pub fn readme_of_any_kep(&self) -> Option<&'a Readme> {
        self.record()?.proposal().map(AsRef::as_ref)
    }

    /// The KEP's README after the change, if it was read and its answers can be due.
    #[must_use]
    pub fn due_readme(&self) -> Option<&'a Readme> {
        self.readme().filter(|_| !self.targets_shipped_release())
    }

    /// True if the change gives the KEP a target whose release is known to be out. Answers for it would come too late.
    #[must_use]
    pub fn targets_shipped_release(&self) -> bool {
        let is_retargeted = self.base_record().map(KepState::target) != self.record().map(KepState::target);
        let latest = || self.kep().and_then(Kep::latest);
        is_retargeted && latest().is_some_and(|latest| self.external.schedule.is_out(latest) == Some(true))
    }

    /// True if the change moves an active KEP to another release in the same stage.
    #[must_use]
    pub fn keeps_stage(&self) -> bool {
        let (Some(before), Some(now)) = (self.base_kep(), self.kep()) else { return false };
        before.latest() != now.latest() && before.is_active() && before.target_stage() == now.target_stage()
    }

    /// True if the change affects which answers of the README are due, or the answers themselves. Closed KEPs owe no
    /// answers.
    #[must_use]
    pub fn affects_answers(&self) -> bool {
        let asks = matches!(self.subject, Subject::Kep { asks_for_answers: true, .. });
        asks && self.record().is_some() && !self.is_closed()
    }

    /// True if the KEP is closed on both sides of the change, or if the change closes it. Rules about the README, its
    /// questionnaire and the fields that contain its answers do not check such a KEP.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.subject, Subject::Kep { is_closed: true, .. })
    }

    /// The documents after the change, readable or not. The `yaml-*` rules report their faults.
    #[must_use]
    pub fn documents(&self) -> Vec<Document<'a>> {
        let kep = self.record().and_then(KepState::kep);
        let kep = kep.map(|kep| Document { file: kep.file, faults: &kep.faults, is_kep: true });
        let prr_file = match self.subject {
            Subject::Kep { head, .. } => head.and_then(|head| head.prr_file()),
            Subject::PrrFile { head, .. } => head.prr_file(),
            _ => None,
        };
        let prr_file = prr_file.map(|it| Document { file: it.file, faults: &it.faults, is_kep: false });
        kep.into_iter().chain(prr_file).collect()
    }

    /// The directory of the KEP.
    #[must_use]
    pub fn kep_dir(&self) -> Option<&'a RepoPath> {
        match self.subject {
            Subject::Kep { base, head, .. } => head.or(base).map(|record| &record.dir),
            _ => None,
        }
    }

    /// The file of this id.
    #[must_use]
    pub fn file(&self, file: FileId) -> &'a SourceFile {
        &self.files[file]
    }

    /// The text of a span in a file.
    #[must_use]
    pub fn text(&self, file: FileId, span: Span) -> &'a str {
        &self.files[file].text()[span]
    }

    /// True if `value` is template text.
    #[must_use]
    pub fn is_placeholder(&self, value: &str) -> bool {
        self.policy.placeholders.contains(value)
    }

    /// True if the change names this approver for `stage` and the base did not.
    #[must_use]
    pub fn is_newly_named(&self, stage: Stage, approver: &str) -> bool {
        let base = self.base_prr_file().and_then(|prr_file| prr_file.approver(stage));
        base.is_none_or(|base| handle::folded(base.text()) != handle::folded(approver))
    }

    /// The approvers in the production-readiness file: stage, text as written, location.
    #[must_use]
    pub fn approvers(&self) -> Vec<(Stage, &'a str, Span)> {
        let Some(prr_file) = self.prr_file() else {
            return Vec::new();
        };
        let named = Stage::ALL.into_iter().filter_map(|stage| {
            let (text, span) = prr_file.approver(stage)?.value()?;
            Some((stage, text.as_str(), span))
        });
        named.collect()
    }
}

/// A YAML document and its faults.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    /// The file.
    pub file: FileId,
    /// The faults in it.
    pub faults: &'a [crate::kep::Fault],
    /// True if it is a `kep.yaml`, false if it is a production-readiness file.
    pub is_kep: bool,
}

/// Returns the handle the way upstream compares approvers: with one leading `@` removed, and nothing trimmed or folded.
#[must_use]
pub(super) fn approver_name(approver: &str) -> &str {
    approver.strip_prefix('@').unwrap_or(approver)
}

/// True if two texts name the same person, ignoring `@` and case.
#[must_use]
pub(super) fn same_person(one: &str, other: &str) -> bool {
    handle::folded(one) == handle::folded(other)
}
