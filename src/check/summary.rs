//! Summaries of checked KEPs for reports and readiness, without their text.

use crate::change::{DECISIVE_FIELDS, KepState, Policy, ReadmeFile, lost_fields_of, lost_prr_file};
use crate::kep::{Kep, KepNumber, Milestone, Stage, Status, Text};
use crate::kubernetes::{KubernetesLists, NamesInKubernetes};
use crate::questionnaire::progress::Progress;
use crate::text::RepoPath;

/// A KEP on one side of a change.
#[derive(Debug, Clone)]
pub struct KepSummary {
    /// Its directory.
    pub dir: RepoPath,
    /// The number in the directory's name.
    pub number: Option<KepNumber>,
    /// `owning-sig`, or else the SIG in whose folder it is; empty if neither is known.
    pub sig: String,
    /// `README.md`
    pub readme: ReadmeSummary,
    /// The metadata, if there is a file.
    pub metadata: Option<MetadataSummary>,
    /// The fields of the metadata that lists depend on and that could not be read.
    pub lost_fields: Vec<&'static str>,
    /// True if the metadata is not valid YAML, so that more may be lost.
    pub has_lost_content: bool,
    /// The path of the production-readiness file, if something exists there.
    pub prr_path: Option<RepoPath>,
    /// True if something exists there that could not be read, or not completely.
    pub has_unread_prr_file: bool,
    /// The approver named for the KEP's stage, as written.
    pub stage_approver: Option<String>,
    /// The progress of its questionnaire, if the README was read and the template has questions.
    pub questionnaire: Option<Progress>,
    /// Its feature gates and metrics in Kubernetes, if there are lists.
    pub kubernetes: Option<NamesInKubernetes>,
}

/// `README.md` of a KEP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadmeSummary {
    /// It does not exist.
    Absent,
    /// It exists, but is not a regular file or is too large.
    Unread,
    /// It is a file that can be read.
    Readable,
}

/// The metadata of a KEP. Texts are as written, and `None` if the field has no value.
#[derive(Debug, Clone)]
pub struct MetadataSummary {
    /// False if it is not valid YAML; then it has no values.
    pub is_readable: bool,
    /// `title`
    pub title: Option<String>,
    /// `owning-sig`
    pub owning_sig: Option<String>,
    /// `status`
    pub status: Option<String>,
    /// `stage`
    pub stage: Option<String>,
    /// `latest-milestone`
    pub latest_milestone: Option<String>,
    /// `milestone.<stage>` of the KEP's stage
    pub stage_milestone: Option<String>,
    /// The status, if it is a valid one.
    pub known_status: Option<Status>,
    /// The stage, if it is a valid one.
    pub target_stage: Option<Stage>,
    /// The latest milestone, if it is a release.
    pub latest: Option<Milestone>,
    /// The milestone of the KEP's stage, if it is a release.
    pub stage_release: Option<Milestone>,
    /// True if the production-readiness gate applies.
    pub is_gated: bool,
}

impl KepSummary {
    /// Summarizes `state`.
    #[must_use]
    pub(crate) fn new(state: &KepState, policy: &Policy, lists: Option<&KubernetesLists>) -> Self {
        let progress = || Progress::new(state.proposal()?, policy.outline()?, state.kep().and_then(Kep::target_stage)?);
        Self {
            dir: state.dir.clone(),
            number: state.number,
            sig: state.owning_sig(&policy.profile.layout).to_owned(),
            readme: match state.readme {
                ReadmeFile::Absent | ReadmeFile::OtherFormat(_) => ReadmeSummary::Absent,
                _ if state.has_unread_readme() => ReadmeSummary::Unread,
                _ => ReadmeSummary::Readable,
            },
            metadata: state.kep().map(MetadataSummary::new),
            lost_fields: lost_fields_of(state, &DECISIVE_FIELDS),
            has_lost_content: state.kep().is_some_and(Kep::has_lost_content),
            prr_path: state.prr_file_path().cloned(),
            has_unread_prr_file: lost_prr_file(state).is_some(),
            stage_approver: state.stage_approver().map(str::to_owned),
            questionnaire: progress(),
            kubernetes: state.kep().zip(lists).map(|(kep, lists)| NamesInKubernetes::new(kep, lists)),
        }
    }

    /// True if `README.md` exists, but cannot be read.
    #[must_use]
    pub fn has_unread_readme(&self) -> bool {
        self.readme == ReadmeSummary::Unread
    }

    /// The metadata, if it could be read.
    #[must_use]
    pub fn readable_metadata(&self) -> Option<&MetadataSummary> {
        self.metadata.as_ref().filter(|metadata| metadata.is_readable)
    }

    /// A text of the metadata; `None` if there is no metadata or the field has no value.
    #[must_use]
    pub fn text(&self, field: fn(&MetadataSummary) -> &Option<String>) -> Option<&str> {
        field(self.metadata.as_ref()?).as_deref()
    }
}

impl MetadataSummary {
    fn new(kep: &Kep) -> Self {
        let text = |field: &Text| field.value().map(|(text, _)| text.clone());
        let stage = kep.target_stage();
        Self {
            is_readable: kep.readable,
            title: Some(kep.title()).filter(|title| !title.is_empty()).map(str::to_owned),
            owning_sig: text(&kep.owning_sig),
            status: text(&kep.status),
            stage: text(&kep.stage),
            latest_milestone: text(&kep.latest_milestone),
            stage_milestone: stage.and_then(|stage| kep.milestone_field(stage)).and_then(text),
            known_status: kep.known_status(),
            target_stage: stage,
            latest: kep.latest(),
            stage_release: stage.and_then(|stage| kep.milestone_of(stage)).map(|(milestone, _)| milestone),
            is_gated: kep.is_gated(),
        }
    }
}
