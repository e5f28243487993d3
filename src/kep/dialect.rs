//! How the metadata of a project's KEPs differs from that of Kubernetes.

use std::borrow::Cow;

use super::fields::{FieldSpec, Shape};
use super::{Milestone, Stage, Status};
use crate::syntax::yaml;
use crate::syntax::yaml::Document;
use crate::text::nearest::nearest;

/// How the metadata of a project's KEPs differs from that of Kubernetes. The default is Kubernetes' own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is an independent switch")]
pub struct Dialect {
    /// True if the metadata is the front matter of the README.
    pub has_front_matter: bool,
    /// The first release for which production readiness is reviewed; `None` if it never is.
    pub prr_from: Option<Milestone>,
    /// The fields of Kubernetes' `kep.yaml` that the project does not use, including those below `feature-gates`.
    pub unused: Vec<&'static str>,
    /// The fields that the project uses, but does not require.
    pub optional: Vec<&'static str>,
    /// The fields that only the project requires, of those that Kubernetes has.
    pub demanded: Vec<&'static str>,
    /// True if the process is that of kubernetes/enhancements, even if some fields differ.
    pub is_kubernetes: bool,
    /// True if the template determines which fields exist.
    pub follows_template: bool,
    /// The project's own fields.
    pub own: Vec<OwnField>,
    /// The project's words for the statuses; empty if it uses those of Kubernetes.
    pub statuses: Vec<(String, Status)>,
    /// The project's words for the stages, in order; empty if it uses those of Kubernetes.
    pub stages: Vec<(String, Stage)>,
    /// True if handles need an `@`.
    pub has_at: bool,
    /// The first release that the calendar covers.
    pub calendar_from: Milestone,
    /// True if milestones are releases of Kubernetes.
    pub has_kubernetes_releases: bool,
}

/// A field of `kep.yaml` that Kubernetes does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnField {
    /// Its key.
    pub key: String,
    /// True if each KEP needs a value.
    pub is_required: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            has_front_matter: false,
            prr_from: Some(Milestone::PRR_REQUIRED),
            unused: Vec::new(),
            optional: Vec::new(),
            demanded: Vec::new(),
            is_kubernetes: true,
            follows_template: false,
            own: Vec::new(),
            statuses: Vec::new(),
            stages: Vec::new(),
            has_at: true,
            calendar_from: Milestone::PRR_REQUIRED,
            has_kubernetes_releases: true,
        }
    }
}

impl Dialect {
    /// Parses the metadata of a KEP.
    #[must_use]
    pub fn read(&self, text: &str) -> Document {
        match (self.has_front_matter, self.is_kubernetes) {
            (true, _) => yaml::front_matter::read(text),
            (false, true) => yaml::read(text),
            // Only upstream treats `---` lines as fences.
            (false, false) => yaml::read_without_fences(text),
        }
    }

    /// The Markdown of a README at the same offsets, without the front matter if that is the metadata.
    #[must_use]
    pub fn markdown<'t>(&self, readme: &'t str) -> Cow<'t, str> {
        if self.has_front_matter { yaml::front_matter::without(readme) } else { Cow::Borrowed(readme) }
    }

    /// True if the project uses this field of Kubernetes' `kep.yaml`.
    #[must_use]
    pub fn uses(&self, key: &str) -> bool {
        !self.unused.contains(&key)
    }

    /// True if the project requires this field of Kubernetes' `kep.yaml` where Kubernetes does.
    #[must_use]
    pub fn requires(&self, key: &str) -> bool {
        self.uses(key) && !self.optional.contains(&key)
    }

    /// The project's own field with the number of the KEP, such as `number` or `gep-number`, if it does not use
    /// `kep-number`.
    #[must_use]
    pub fn number_key(&self) -> Option<&str> {
        let keys = self.own.iter().map(|field| field.key.as_str());
        keys.filter(|_| !self.is_kubernetes && !self.uses("kep-number")).find(|key| is_number_key(key))
    }

    /// The project's own field with the title of the KEP, if it does not use `title`.
    #[must_use]
    pub fn title_key(&self) -> Option<&'static str> {
        let has_own = || self.own.iter().any(|field| field.key == TITLE);
        (!self.is_kubernetes && !self.uses("title") && has_own()).then_some(TITLE)
    }

    /// What to write into the field, in the project's words for statuses and stages.
    #[must_use]
    pub fn help(&self, field: &FieldSpec) -> Cow<'static, str> {
        let words = match field.shape {
            Shape::Status if !self.statuses.is_empty() => self.status_words(),
            Shape::Stage if !self.stages.is_empty() => self.stage_words(),
            _ => return field.help.into(),
        };
        format!("use one of: {}", words.join(", ")).into()
    }

    /// The status that `word` stands for in this project.
    #[must_use]
    pub fn status(&self, word: &str) -> Option<Status> {
        if self.statuses.is_empty() {
            return Status::parse(word);
        }
        self.statuses.iter().find(|(own, _)| own == word).map(|(_, status)| *status)
    }

    /// The words for the statuses.
    #[must_use]
    pub fn status_words(&self) -> Vec<&str> {
        if self.statuses.is_empty() {
            return Status::ALL.map(Status::word).to_vec();
        }
        self.statuses.iter().map(|(word, _)| word.as_str()).collect()
    }

    /// The word for `status` in text that kepgate writes: that of Kubernetes, if the project has it.
    #[must_use]
    pub fn status_word(&self, status: Status) -> &str {
        if self.statuses.iter().any(|(word, own)| *own == status && word == status.word()) {
            return status.word();
        }
        self.statuses.iter().find(|(_, own)| *own == status).map_or(status.word(), |(word, _)| word)
    }

    /// True if KEPs have stages.
    #[must_use]
    pub fn has_stages(&self) -> bool {
        self.uses("stage") || !self.stages.is_empty()
    }

    /// The project's words among those of `statuses`, in this order.
    #[must_use]
    pub fn words_for(&self, statuses: &[Status]) -> Vec<&str> {
        let has = |status: Status| self.statuses.is_empty() || self.statuses.iter().any(|(_, own)| *own == status);
        statuses.iter().filter(|status| has(**status)).map(|status| self.status_word(*status)).collect()
    }

    /// The stage that `word` stands for in this project.
    #[must_use]
    pub fn stage(&self, word: &str) -> Option<Stage> {
        if self.stages.is_empty() {
            return Stage::parse(word);
        }
        self.stages.iter().find(|(own, _)| own == word).map(|(_, stage)| *stage)
    }

    /// The words for the stages, in order.
    #[must_use]
    pub fn stage_words(&self) -> Vec<&str> {
        if self.stages.is_empty() {
            return Stage::ALL.map(Stage::word).to_vec();
        }
        self.stages.iter().map(|(word, _)| word.as_str()).collect()
    }

    /// The project's word that `word` most likely means, if there is one. Many people write `ga` for stable.
    #[must_use]
    pub fn nearest_stage(&self, word: &str) -> Option<&str> {
        if matches!(word.trim().to_lowercase().as_str(), "ga" | "general availability" | "generally available") {
            return Some(self.stage_word(Stage::Stable));
        }
        nearest(word, self.stage_words())
    }

    /// The words for `stage`, in order.
    #[must_use]
    pub fn words_of(&self, stage: Stage) -> Vec<&str> {
        if self.stages.is_empty() {
            return vec![stage.word()];
        }
        self.stages.iter().filter(|(_, own)| *own == stage).map(|(word, _)| word.as_str()).collect()
    }

    /// The word for `stage` in text that kepgate writes.
    #[must_use]
    pub fn stage_word(&self, stage: Stage) -> &str {
        self.stages.iter().find(|(_, own)| *own == stage).map_or(stage.word(), |(word, _)| word)
    }

    /// True if `word` and `other` stand for the same stage, and `word` comes first.
    #[must_use]
    pub fn is_earlier(&self, word: &str, other: &str) -> bool {
        let position = |word: &str| self.stages.iter().position(|(own, _)| own == word);
        self.stage(word) == self.stage(other) && position(word) < position(other)
    }

    /// True if the calendar covers this release. It does not cover older ones.
    #[must_use]
    pub fn has_calendar_for(&self, release: Milestone) -> bool {
        release >= self.calendar_from
    }

    /// True if a KEP that targets `release` needs a production-readiness review. Only releases of Kubernetes can be older
    /// than its first review.
    #[must_use]
    pub fn is_gated(&self, release: Milestone) -> bool {
        let is_foreign = self.has_kubernetes_releases && !release.may_be_kubernetes();
        self.prr_from.is_some_and(|first| release >= first || (is_foreign && first.may_be_kubernetes()))
    }
}

/// The field with the title of a KEP in projects that do not use `title`.
pub const TITLE: &str = "name";

/// What projects call their KEPs, in their fields and the names of directories.
const PROPOSALS: [&str; 13] =
    ["adr", "aep", "caep", "cep", "enhancement", "ep", "gep", "kep", "oep", "proposal", "rfc", "tep", "vep"];

/// True for the key of a proposal's own number, but not for that of an issue.
#[must_use]
pub fn is_number_key(key: &str) -> bool {
    let what = key.strip_suffix("number").map_or(key, |what| what.trim_end_matches(['-', '_']));
    what.is_empty() || is_proposal(what)
}

/// True for a word such as `kep` or `gep`, in any case.
#[must_use]
pub fn is_proposal(word: &str) -> bool {
    PROPOSALS.iter().any(|proposal| word.eq_ignore_ascii_case(proposal))
}
