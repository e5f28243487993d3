//! The status for machines: a versioned document with its own types, described in `docs/json.md` and
//! `docs/status.schema.json`.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::{KepStatus, Questionnaire};
use crate::kubernetes::{Known, Named};
use crate::report::to_json;

/// The version of the document: it changes when a reader of the former one could misread it.
const SCHEMA: &str = "kepgate-status/1";

/// What `kepgate status --output json` writes.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(title = "kepgate-status/1", deny_unknown_fields))]
pub(crate) struct Document<'a> {
    /// The version of this document. It changes when a reader of the former version could misread the new one.
    #[cfg_attr(test, schemars(extend("const" = SCHEMA)))]
    schema: &'static str,
    /// The number at the start of the name of its directory; null if there is none.
    number: Option<u32>,
    /// Its directory. Bytes that are not UTF-8 are written as `\xNN`.
    path: String,
    /// `title`, as written; empty if there is none. So are `sig`, `status`, `stage` and `latest_milestone`.
    title: &'a str,
    /// `owning-sig`, or else the SIG of its directory.
    sig: &'a str,
    /// `status`.
    status: &'a str,
    /// `stage`.
    stage: &'a str,
    /// `latest-milestone`.
    latest_milestone: &'a str,
    /// The entries of `milestone` that have a value.
    milestones: Vec<MilestoneEntry<'a>>,
    /// The production readiness approvers of the stages that have one, and of the target stage unless the KEP is
    /// closed; null if the project has no production readiness reviews.
    approvers: Option<Vec<ApproverEntry<'a>>>,
    /// The dates of the release in `latest-milestone`; empty if it is not a release.
    dates: Vec<DateEntry<'a>>,
    /// The questionnaire; null if there is no README, the template has no questions, or the KEP targets no stage up to
    /// stable.
    questionnaire: Option<QuestionnaireEntry<'a>>,
    /// The entries of `feature-gates`.
    feature_gates: Vec<NameEntry<'a>>,
    /// The entries of `metrics`.
    metrics: Vec<NameEntry<'a>>,
    /// The release of Kubernetes whose lists of feature gates and metrics were used; null without lists.
    kubernetes: Option<String>,
    /// The freeze of that release that the KEP has missed, as `kepgate readiness` sees it; null if none is known.
    missed: Option<MissedEntry<'a>>,
    /// What is outdated in its metadata, as `kepgate readiness --sweep` sees it.
    outdated: Vec<OutdatedEntry<'a>>,
    /// What the KEP needs, the most severe first.
    needs: Vec<NeedEntry<'a>>,
    /// What comes next besides, such as setting another `status`.
    next_steps: &'a [String],
    /// The rules that could not be checked.
    unchecked: Vec<UncheckedEntry<'a>>,
    /// Why the KEP was not compared with the target branch, so that `needs` lacks findings about the change itself; null
    /// if it was.
    not_compared: Option<&'a str>,
}

/// The release of a stage.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct MilestoneEntry<'a> {
    /// The stage.
    stage: &'static str,
    /// The value, as written.
    release: &'a str,
}

/// The production readiness approver of a stage.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct ApproverEntry<'a> {
    /// The stage.
    stage: &'static str,
    /// The handle, as written; null if nobody is named.
    handle: Option<&'a str>,
    /// What they are in `OWNERS_ALIASES` on the target branch. `unknown`: neither an approver nor an emeritus one.
    #[cfg_attr(test, schemars(extend("enum" = ["approver", "emeritus", "unknown", "nobody"])))]
    role: &'static str,
}

/// A date of the release.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct DateEntry<'a> {
    /// The key of the date in the calendar.
    #[cfg_attr(test, schemars(extend("enum" = ["prr-freeze", "enhancements-freeze", "release"])))]
    phase: &'static str,
    /// The end of it in UTC, such as `2026-02-05T12:00:00Z`; null if it is unknown.
    end: Option<String>,
    /// Whether it has passed; null if that is unknown.
    has_passed: Option<bool>,
    /// How long it is until then or since then, in words; null if that is unknown.
    countdown: Option<&'a str>,
}

/// A freeze that the KEP has missed.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct MissedEntry<'a> {
    /// The key of the freeze in the calendar.
    #[cfg_attr(test, schemars(extend("enum" = ["prr-freeze", "enhancements-freeze"])))]
    freeze: &'static str,
    /// The criteria that it does not meet.
    criteria: &'a [&'static str],
}

/// Metadata that is outdated.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct OutdatedEntry<'a> {
    /// The key of what is outdated, as in `kepgate readiness --sweep`.
    lag: &'static str,
    /// What the metadata says, and what has happened since.
    what: &'a str,
}

/// The questionnaire at the target stage.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct QuestionnaireEntry<'a> {
    /// The target stage.
    stage: &'static str,
    /// The number of questions with an answer, of those that are due.
    answered: usize,
    /// The number of questions that are due.
    questions: usize,
    /// The questions without an answer.
    open: Vec<OpenEntry<'a>>,
}

/// A question without an answer.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct OpenEntry<'a> {
    /// The heading of its section in the template.
    section: &'a str,
    /// Its heading in the template.
    question: &'a str,
}

/// A feature gate or a metric.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct NameEntry<'a> {
    /// The name, as written.
    name: &'a str,
    /// Whether Kubernetes has it; null without lists, and for names that the lists do not cover.
    in_kubernetes: Option<bool>,
    /// The stage of a feature gate in Kubernetes, such as `Beta`; null if it is unknown, and for metrics.
    stage: Option<&'static str>,
    /// The release since which it has that stage; null like `stage`.
    since: Option<String>,
}

/// Something that is missing or wrong.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct NeedEntry<'a> {
    /// How serious it is.
    #[cfg_attr(test, schemars(extend("enum" = ["error", "warning", "notice"])))]
    level: &'static str,
    /// The id of the rule.
    rule: &'static str,
    /// What is wrong.
    message: &'a str,
    /// What to do about it; null if there is nothing to say.
    help: Option<&'a str>,
    /// The file.
    path: String,
    /// The 1-based line; null for the file as a whole.
    line: Option<usize>,
}

/// A rule that could not be checked.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct UncheckedEntry<'a> {
    /// The id of the rule.
    rule: &'static str,
    /// Why.
    reason: &'a str,
}

/// The document.
pub(crate) fn render(status: &KepStatus) -> String {
    to_json(&Document {
        schema: SCHEMA,
        number: status.number.map(crate::kep::KepNumber::get),
        path: status.dir.to_string(),
        title: &status.title,
        sig: &status.sig,
        status: &status.status,
        stage: &status.stage,
        latest_milestone: &status.latest_milestone,
        milestones: milestones(status),
        approvers: approvers(status),
        dates: dates(status),
        questionnaire: status.questionnaire.as_ref().map(questionnaire),
        feature_gates: status.feature_gates.iter().map(name).collect(),
        metrics: status.metrics.iter().map(name).collect(),
        kubernetes: status.lists.map(|release| release.to_string()),
        missed: status.missed.as_ref().map(|it| MissedEntry { freeze: it.freeze.key(), criteria: &it.criteria }),
        outdated: status.outdated.iter().map(|it| OutdatedEntry { lag: it.lag, what: &it.what }).collect(),
        needs: needs(status),
        next_steps: &status.next_steps,
        unchecked: status.unchecked.iter().map(|it| UncheckedEntry { rule: it.rule, reason: &it.reason }).collect(),
        not_compared: status.not_compared.as_deref(),
    })
}

fn milestones(status: &KepStatus) -> Vec<MilestoneEntry<'_>> {
    status.milestones.iter().map(|(stage, release)| MilestoneEntry { stage: stage.word(), release }).collect()
}

fn approvers(status: &KepStatus) -> Option<Vec<ApproverEntry<'_>>> {
    let entries = status.approvers.as_ref()?.iter().map(|it| ApproverEntry {
        stage: it.stage.word(),
        handle: it.handle.as_deref(),
        role: it.role.key(),
    });
    Some(entries.collect())
}

fn dates(status: &KepStatus) -> Vec<DateEntry<'_>> {
    let dates = status.dates.iter().map(|it| DateEntry {
        phase: it.phase.key(),
        end: it.date.map(|date| date.end().to_string()),
        has_passed: it.has_passed,
        countdown: it.countdown.as_deref(),
    });
    dates.collect()
}

fn questionnaire(questionnaire: &Questionnaire) -> QuestionnaireEntry<'_> {
    let Questionnaire { progress, open } = questionnaire;
    let entries = open
        .iter()
        .flat_map(|(section, questions)| questions.iter().map(move |question| OpenEntry { section, question }));
    QuestionnaireEntry {
        stage: progress.stage.word(),
        answered: progress.answered(),
        questions: progress.questions(),
        open: entries.collect(),
    }
}

fn name(named: &Named) -> NameEntry<'_> {
    let (in_kubernetes, gate) = match &named.known {
        Known::Unknown => (None, None),
        Known::Gate(stage, since) => (Some(true), Some((stage.word(), since.to_string()))),
        Known::Defined | Known::DefinedAs(_) => (Some(true), None),
        Known::Absent => (Some(false), None),
    };
    let (stage, since) = gate.unzip();
    NameEntry { name: &named.name, in_kubernetes, stage, since }
}

fn needs(status: &KepStatus) -> Vec<NeedEntry<'_>> {
    let needs = status.needs.iter().map(|finding| NeedEntry {
        level: finding.level.word(),
        rule: finding.rule.id,
        message: &finding.message,
        help: finding.help.as_deref(),
        path: finding.place.path.to_string(),
        line: finding.place.line(),
    });
    needs.collect()
}
