//! SARIF 2.1.0 for code scanning: rules with their help, places with columns, fixes, and pre-existing findings as
//! suppressed results.
//!
//! Columns are 1-based and count Unicode scalar values, as `columnKind` says. Lines end at `\n`.

use serde::Serialize;

use crate::check::resolved;
use crate::check::resolved::{Place, ResolvedEdit, ResolvedFinding, ResolvedLabel};
use crate::check::result::{Outcome, Report, Verdict};
use crate::check::triage::Triaged;
use crate::escape::{sarif_message, url_path};
use crate::rule::Level;
use crate::rule::Rule;
use crate::rules;
use crate::rules::page;
use crate::text::RepoPath;
use crate::text::Side;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const VERSION: &str = "2.1.0";
const HOME: &str = env!("CARGO_PKG_REPOSITORY");
/// The maximum number of results that GitHub accepts per run.
const MAX_RESULTS: usize = 25_000;

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    invocations: [Invocation; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    version_control_provenance: Vec<Provenance<'a>>,
    column_kind: &'static str,
    results: Vec<ResultEntry<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Help,
    help_uri: String,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: [&'static str; 1],
    #[serde(rename = "problem.severity")]
    severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    exit_code: u8,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    associated_rule: Option<RuleReference>,
}

#[derive(Serialize)]
struct RuleReference {
    id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Provenance<'a> {
    repository_uri: String,
    revision_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultEntry<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: Fingerprints<'a>,
    baseline_state: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixEntry<'a>>,
}

/// The identity of a finding across runs. The version in the key changes when the meaning does.
#[derive(Serialize)]
struct Fingerprints<'a> {
    #[serde(rename = "kepgate/v1")]
    known_by: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(rename = "physicalLocation")]
    physical: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixEntry<'a> {
    description: Text,
    artifact_changes: Vec<ArtifactChange<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Content<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    text: &'a str,
}

/// The report as SARIF, with a line feed at its end.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut notifications = notifications(report);
    let mut results = report.outcome.as_ref().map(results).unwrap_or_default();
    let more = results.len().saturating_sub(MAX_RESULTS);
    if more > 0 {
        results.truncate(MAX_RESULTS);
        let text =
            format!("{more} results are omitted because GitHub accepts {MAX_RESULTS}; use `--output json` to see them");
        notifications.push(Notification { level: "error", message: Text { text }, associated_rule: None });
    }
    let invocation = Invocation {
        execution_successful: !matches!(report.verdict(), Verdict::Unchecked | Verdict::Failed),
        exit_code: report.exit().code(),
        tool_execution_notifications: notifications,
    };
    let driver = Driver {
        name: env!("CARGO_PKG_NAME"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: HOME,
        rules: rules::ALL.iter().map(|rule| descriptor(rule)).collect(),
    };
    let run = Run {
        tool: Tool { driver },
        invocations: [invocation],
        version_control_provenance: provenance(report).into_iter().collect(),
        column_kind: "unicodeCodePoints",
        results,
    };
    super::to_json(&Log { schema: SCHEMA, version: VERSION, runs: [run] })
}

fn descriptor(rule: &Rule) -> Descriptor {
    let plain = format!("{}\n\n{}\n\n{}", rule.what, rule.why, page::plain_example(rule));
    Descriptor {
        id: rule.id,
        short_description: Text { text: sentence(rule.summary) },
        full_description: Text { text: format!("{} {}", rule.what, rule.why) },
        help: Help { text: plain, markdown: page::markdown(rule) },
        help_uri: super::rule_page(rule),
        default_configuration: Configuration { enabled: rule.enabled, level: level(rule.level) },
        properties: RuleProperties { tags: [rule.family.title()], severity: severity(rule.level) },
    }
}

/// Adds a capital letter and a full stop.
fn sentence(summary: &str) -> String {
    let mut characters = summary.chars();
    let first: String = characters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "note",
    }
}

/// GitHub's word for the severity, by which its list of alerts can be filtered.
const fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "recommendation",
    }
}

fn notifications(report: &Report) -> Vec<Notification> {
    let unchecked = report.unchecked.iter().map(|unchecked| Notification {
        level: "warning",
        message: Text { text: sarif_message(&format!("not checked: {}", unchecked.reason)) },
        associated_rule: Some(RuleReference { id: unchecked.rule }),
    });
    let error = report.error.iter().map(|error| Notification {
        level: "error",
        message: Text { text: sarif_message(&format!("{}: {}", error.describe(), error.help())) },
        associated_rule: None,
    });
    error.chain(unchecked).collect()
}

fn provenance(report: &Report) -> Option<Provenance<'_>> {
    let web = report.web.as_ref()?;
    let revision_id = report.revisions.head.as_deref().filter(|head| super::is_commit_id(head))?;
    Some(Provenance { repository_uri: format!("{}/{}", web.server, web.repository), revision_id })
}

fn results(outcome: &Outcome) -> Vec<ResultEntry<'_>> {
    let found = outcome.findings.iter().map(|triaged| {
        let old = "pre-existing: the change did not bring it in";
        let suppressions = if triaged.is_new { Vec::new() } else { vec![suppression(old)] };
        result(triaged, suppressions)
    });
    let ignored = outcome.suppressed.iter().map(|it| result(&it.triaged, vec![suppression(&it.reason)]));
    found.chain(ignored).collect()
}

fn suppression(why: &str) -> Suppression {
    Suppression { kind: "external", status: "accepted", justification: why.to_owned() }
}

fn result(triaged: &Triaged, suppressions: Vec<Suppression>) -> ResultEntry<'_> {
    let finding = &triaged.finding;
    let rule_index = rules::ALL.iter().position(|rule| rule.id == finding.rule.id).unwrap_or_default();
    ResultEntry {
        rule_id: finding.rule.id,
        rule_index,
        level: level(finding.level),
        message: Text { text: sarif_message(&format!("{}{}", finding.message, triaged.notes())) },
        locations: [location(&finding.place)],
        related_locations: finding.labels.iter().enumerate().map(|(id, it)| related(id, it)).collect(),
        partial_fingerprints: Fingerprints { known_by: &triaged.fingerprint },
        baseline_state: if triaged.is_new { "new" } else { "unchanged" },
        suppressions,
        fixes: fix(finding).into_iter().collect(),
    }
}

fn related(id: usize, label: &ResolvedLabel) -> Location {
    let side = match label.place.side {
        Side::Head => "",
        Side::Base => " (before the change)",
        Side::Policy => " (on the target branch)",
    };
    let message = Text { text: sarif_message(&format!("{}{side}", label.text)) };
    Location { id: Some(id), message: Some(message), ..location(&label.place) }
}

fn location(place: &Place) -> Location {
    let region = place.region.map(region);
    let artifact_location = artifact(&place.path);
    Location { id: None, physical: PhysicalLocation { artifact_location, region }, message: None }
}

fn artifact(path: &RepoPath) -> ArtifactLocation {
    ArtifactLocation { uri: url_path(path.as_bytes()), uri_base_id: "%SRCROOT%" }
}

fn region(region: resolved::Region) -> Region {
    let resolved::Region { start, end, .. } = region;
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

fn fix(finding: &ResolvedFinding) -> Option<FixEntry<'_>> {
    let description = finding.help.as_deref().unwrap_or(&finding.message);
    let mut artifact_changes: Vec<ArtifactChange<'_>> = Vec::new();
    for edit in &finding.fix {
        let (artifact_location, replacement) = replacement(edit);
        match artifact_changes.iter_mut().find(|change| change.artifact_location == artifact_location) {
            Some(change) => change.replacements.push(replacement),
            None => artifact_changes.push(ArtifactChange { artifact_location, replacements: vec![replacement] }),
        }
    }
    let description = Text { text: sarif_message(description) };
    (!artifact_changes.is_empty()).then_some(FixEntry { description, artifact_changes })
}

fn replacement(edit: &ResolvedEdit) -> (ArtifactLocation, Replacement<'_>) {
    let (path, deleted_region, text) = match edit {
        ResolvedEdit::Replace(edit) => (&edit.place.path, region(edit.region), &edit.new),
        ResolvedEdit::Create { path, text } => {
            (path, Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1 }, text)
        }
    };
    (artifact(path), Replacement { deleted_region, inserted_content: Content { text } })
}
