//! The report for programs: a versioned document with its own types, described in `docs/json.md` and
//! `docs/report.schema.json`.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::rule::Level;

mod render;

pub use render::{render, write};

/// The version of the document. It changes when a reader of the former version could misread the new one.
const SCHEMA: &str = "kepgate/1";

/// The report that `kepgate check --output json` writes.
#[derive(Serialize)]
#[cfg_attr(
    test,
    derive(JsonSchema),
    schemars(title = "kepgate/1", deny_unknown_fields, extend("oneOf" = schema::results()))
)]
pub(crate) struct Document<'a> {
    /// The version of this document. It changes when a reader of the former version could misread the new one.
    #[cfg_attr(test, schemars(extend("const" = SCHEMA)))]
    schema: &'static str,
    /// What wrote the report.
    tool: Tool,
    /// The target branch: a full commit id, or a folder as given. Null if there is none (`--all`) or the check did not
    /// get that far.
    base: Option<&'a str>,
    /// Where the change starts: the difference from here to `head` is the change. Null like `base`.
    merge_base: Option<&'a str>,
    /// What was checked: a full commit id, a folder as given, or `the work tree`. Null if the check did not get that
    /// far.
    head: Option<&'a str>,
    /// Where `OWNERS_ALIASES`, the KEP template and the configuration were read: a full commit id, a folder as given,
    /// or `the work tree`. Null if the check did not get that far.
    policy: Option<&'a str>,
    /// The profile of the project, unless it is that of Kubernetes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(extend("enum" = ["plain"])))]
    profile: Option<&'static str>,
    /// The result. `clean`: checked, without findings that count. `findings`: checked, with findings that count.
    /// `unchecked`: something could not be read, so the report is incomplete. `failed`: the command line, the
    /// configuration or the policy of the target branch is invalid.
    #[cfg_attr(test, schemars(extend("enum" = ["clean", "findings", "unchecked", "failed"])))]
    verdict: &'static str,
    /// The KEPs that were checked, sorted by directory.
    keps: Vec<KepEntry>,
    /// New and pre-existing findings.
    findings: Vec<FindingEntry<'a>>,
    /// Findings that were ignored. They count nowhere else in the report.
    suppressed: Vec<SuppressedEntry<'a>>,
    /// Rules that could not be checked. Without an entry in `findings`, they may still be violated.
    unchecked: Vec<UncheckedEntry<'a>>,
    /// Why the check failed or is incomplete; null if it is complete.
    error: Option<ErrorEntry>,
    /// The number of entries in `findings`.
    counts: CountsEntry,
    /// The exit status of the check. 0: nothing fails the check. 1: a finding fails it. 2: usage, configuration or
    /// policy is invalid. 3: something could not be checked. If a report cannot be written, the process ends with 3
    /// instead.
    #[cfg_attr(test, schemars(range(max = 3)))]
    exit: u8,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct Tool {
    /// The name of the program.
    #[cfg_attr(test, schemars(extend("const" = "kepgate")))]
    name: &'static str,
    /// The release of kepgate, such as `0.1.0`.
    #[cfg_attr(test, schemars(length(min = 1)))]
    version: &'static str,
}

/// A KEP that was checked, before (`base`, at `merge_base`) and after the change (`head`). Values are as written in
/// `kep.yaml`, valid or not.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct KepEntry {
    /// Its directory: at head, or at base if the change deletes the KEP. Bytes that are not UTF-8 are written as
    /// `\xNN`.
    path: String,
    /// The number at the start of the name of its directory; null if there is none.
    number: Option<u32>,
    /// `title`, from the same side as `path`.
    title: Option<String>,
    /// `owning-sig`, from the same side as `path`.
    sig: Option<String>,
    /// `status` on both sides. Null if the field is absent or empty, `kep.yaml` cannot be read, or the KEP does not
    /// exist there.
    status: Sides<Option<String>>,
    /// `stage` on both sides; null like `status`.
    stage: Sides<Option<String>>,
    /// `latest-milestone` on both sides; null like `status`.
    latest_milestone: Sides<Option<String>>,
    /// Production readiness on both sides; null where the KEP does not exist.
    prr: Sides<Option<PrrEntry>>,
    /// The progress of its questionnaire at head; null if the README was not read, the template on the target branch
    /// has no questions, or the KEP targets no stage up to stable.
    questionnaire: Option<QuestionnaireEntry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct QuestionnaireEntry {
    /// The stage that the KEP targets.
    #[cfg_attr(test, schemars(extend("enum" = ["alpha", "beta", "stable"])))]
    stage: &'static str,
    /// The number of due questions with an answer.
    answered: usize,
    /// The number of due questions.
    questions: usize,
    /// The sections that must be completed at that stage, in the order of the template.
    sections: Vec<SectionEntry>,
    /// What the next stage requires in addition; null if nothing.
    next: Option<NextEntry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct NextEntry {
    /// The next stage.
    #[cfg_attr(test, schemars(extend("enum" = ["beta", "stable"])))]
    stage: &'static str,
    /// The sections that must be completed then, but not yet.
    sections: Vec<SectionEntry>,
}

/// A section of the questionnaire.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct SectionEntry {
    /// Its heading in the template.
    title: String,
    /// The number of its questions with an answer.
    answered: usize,
    /// The number of its questions.
    questions: usize,
    /// True if one text answers all of them.
    as_a_whole: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(inline, deny_unknown_fields))]
struct Sides<T> {
    base: T,
    head: T,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct PrrEntry {
    /// True if the KEP requires production readiness: it is implementable, implemented or has an unknown status, and
    /// `latest-milestone` is v1.21 or later.
    gated: bool,
    /// The production readiness file; null if there is none.
    file: Option<String>,
    /// The approver for the stage of the KEP, as written; null if there is none.
    approver: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(
    test,
    derive(JsonSchema),
    schemars(deny_unknown_fields, extend("oneOf" = schema::start_with_end()))
)]
struct FindingEntry<'a> {
    /// The id of the rule, as `kepgate rules` lists it. Its meaning never changes.
    #[cfg_attr(test, schemars(regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")))]
    rule: &'static str,
    /// How serious it is. `error`: certainly wrong. `warning`: probably wrong. `notice`: a hint.
    level: Level,
    /// True if the change introduces the finding or makes it due. Only new findings fail the check, unless it is
    /// strict.
    new: bool,
    /// Why the finding counts as new although the base had it; null for all others.
    due: Option<DueEntry<'a>>,
    /// The directory of the KEP; null if the finding belongs to no KEP.
    kep: Option<String>,
    /// The tree that has `path`. `head`: after the change. `base`: before the change, at `merge_base`.
    #[cfg_attr(test, schemars(extend("enum" = ["head", "base"])))]
    side: &'static str,
    /// The file, or in some cases a directory or a missing file.
    path: String,
    /// Where it starts; null if it applies to the whole file.
    start: Option<PositionEntry>,
    /// Where it ends (exclusive); null together with `start`.
    end: Option<PositionEntry>,
    /// What is wrong, for people.
    #[cfg_attr(test, schemars(length(min = 1)))]
    message: &'a str,
    /// What to do about it, for people.
    help: Option<&'a str>,
    /// Other places that explain the finding.
    labels: Vec<LabelEntry<'a>>,
    /// How to fix it; null unless the fix is certain.
    fix: Option<FixEntry<'a>>,
    /// Identifies the finding in other runs. It does not depend on line numbers. Two findings can have the same.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9a-f]{16}$")))]
    fingerprint: &'a str,
}

/// Why an old finding counts as new.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct DueEntry<'a> {
    /// The reason, for people.
    #[cfg_attr(test, schemars(length(min = 1)))]
    reason: String,
    /// The field that the change changes; null if it is not about a field.
    field: Option<&'a str>,
    /// The field before the change.
    old: Option<&'a str>,
    /// The field after the change.
    new: Option<&'a str>,
    /// The file that the change changes; null if it is about a field.
    path: Option<String>,
}

/// A finding that was ignored.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(extend("additionalProperties" = false)))]
struct SuppressedEntry<'a> {
    #[serde(flatten)]
    finding: FindingEntry<'a>,
    /// Why it was ignored.
    #[cfg_attr(test, schemars(length(min = 1)))]
    reason: &'a str,
}

/// Another place that explains a finding.
#[derive(Serialize)]
#[cfg_attr(
    test,
    derive(JsonSchema),
    schemars(deny_unknown_fields, extend("oneOf" = schema::start_with_end()))
)]
struct LabelEntry<'a> {
    /// The tree that has `path`. `head`: after the change. `base`: before the change, at `merge_base`. `policy`: the
    /// tip of the target branch.
    #[cfg_attr(test, schemars(extend("enum" = ["head", "base", "policy"])))]
    side: &'static str,
    /// The file.
    path: String,
    /// Where it starts; null for the whole file.
    start: Option<PositionEntry>,
    /// Where it ends (exclusive); null together with `start`.
    end: Option<PositionEntry>,
    /// The explanation, for people.
    #[cfg_attr(test, schemars(length(min = 1)))]
    message: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct FixEntry<'a> {
    /// Edits that belong together: apply all of them or none. They do not overlap.
    #[cfg_attr(test, schemars(length(min = 1)))]
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct EditEntry<'a> {
    /// The file to edit, at head.
    path: String,
    /// True if the file does not exist and must be created with `text` as its content.
    create: bool,
    /// The first byte to replace: a 0-based offset in the stored file.
    start_byte: usize,
    /// The byte after the last one to replace; equal to `start_byte` for an insertion.
    end_byte: usize,
    /// The new text.
    text: &'a str,
}

/// A position in a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct PositionEntry {
    /// 1-based. Lines end at a line feed.
    #[cfg_attr(test, schemars(range(min = 1)))]
    line: usize,
    /// 1-based, in Unicode scalar values. A byte order mark does not count.
    #[cfg_attr(test, schemars(range(min = 1)))]
    column: usize,
    /// 0-based offset in the stored file. A byte order mark counts.
    byte: usize,
}

/// A rule that could not be checked.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct UncheckedEntry<'a> {
    /// The id of the rule.
    #[cfg_attr(test, schemars(regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")))]
    rule: &'static str,
    /// Why it could not be checked, for people.
    #[cfg_attr(test, schemars(length(min = 1)))]
    reason: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct ErrorEntry {
    /// The cause. `usage`: the command line. `configuration`: kepgate's configuration or the policy of the target
    /// branch. `fetch`: something could not be read. `internal`: the machine, or kepgate itself.
    #[cfg_attr(test, schemars(extend("enum" = ["usage", "configuration", "fetch", "internal"])))]
    kind: &'static str,
    /// What is wrong and what to do about it, for people.
    #[cfg_attr(test, schemars(length(min = 1)))]
    message: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct CountsEntry {
    /// New errors.
    error: usize,
    /// New warnings.
    warning: usize,
    /// New notices.
    notice: usize,
    /// Pre-existing findings of any level.
    pre_existing: usize,
}

/// Parts of the schema that do not follow from the types.
#[cfg(test)]
mod schema {
    use serde_json::{Value, json};

    /// The combinations of verdict, error and exit status that can occur.
    pub(super) fn results() -> Value {
        let failure = |kinds: [&str; 2]| json!({"type": "object", "properties": {"kind": {"enum": kinds}}});
        let result = |title: &str, verdict: &str, error: Value, exits: &[u8]| {
            let properties = json!({"verdict": {"const": verdict}, "error": error, "exit": {"enum": exits}});
            json!({"title": title, "properties": properties})
        };
        let none = || json!({"type": "null"});
        json!([
            result("Checked, without findings that count", "clean", none(), &[0]),
            result("Checked, with findings that count; 0 with `--fail-on never`", "findings", none(), &[0, 1]),
            result("Not everything could be checked", "unchecked", failure(["fetch", "internal"]), &[3]),
            result("Invalid usage, configuration or policy", "failed", failure(["usage", "configuration"]), &[2]),
        ])
    }

    /// A place has both a start and an end, or neither.
    pub(super) fn start_with_end() -> Value {
        let both = |kind: &str| json!({"properties": {"start": {"type": kind}, "end": {"type": kind}}});
        json!([both("null"), both("object")])
    }
}
