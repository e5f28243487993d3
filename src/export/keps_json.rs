//! `keps.json`: the list of KEPs that kubernetes/enhancements publishes for websites, as `kepctl query --output json`
//! writes it.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::change::{KepState, Survey};
use crate::kep::kep_yaml::{FeatureGate, Milestones};
use crate::kep::{Entries, FaultKind, Field, Kep, List, Stage, State};
use crate::text::{Files, RepoPath, SourceFile, Spanned};

/// The list, and the KEPs that are not in it.
#[derive(Debug)]
pub(crate) struct KepsJson {
    /// The JSON, with a line feed at its end.
    pub(crate) text: String,
    /// The directories of KEPs whose metadata upstream's types reject.
    pub(crate) rejected: Vec<RepoPath>,
}

/// A KEP with the keys of upstream's struct, in their order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
pub(crate) struct Proposal<'a> {
    /// The key `id`, which upstream accepts by accident.
    id: String,
    /// The key `prnumber`, which upstream accepts by accident.
    #[serde(skip_serializing_if = "String::is_empty")]
    pr_number: String,
    /// The name of the directory.
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    /// The path of the directory below `keps`.
    #[serde(skip_serializing_if = "String::is_empty")]
    path: String,
    title: &'a str,
    kep_number: &'a str,
    authors: Option<Vec<&'a str>>,
    owning_sig: &'a str,
    participating_sigs: Option<Vec<&'a str>>,
    reviewers: Option<Vec<&'a str>>,
    approvers: Option<Vec<&'a str>>,
    editor: &'a str,
    creation_date: &'a str,
    last_updated: &'a str,
    status: &'a str,
    see_also: Option<Vec<&'a str>>,
    replaces: Option<Vec<&'a str>>,
    superseded_by: Option<Vec<&'a str>>,
    stage: &'a str,
    latest_milestone: &'a str,
    milestone: Milestone<'a>,
    feature_gates: Option<Vec<Gate<'a>>>,
    disable_supported: bool,
    metrics: Option<Vec<&'a str>>,
    /// Upstream fills it only from KEPs that are a single Markdown file, which no longer exist.
    markdown: &'static str,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct Milestone<'a> {
    alpha: &'a str,
    beta: &'a str,
    stable: &'a str,
    deprecated: &'a str,
    removed: &'a str,
    disabled: &'a str,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct Gate<'a> {
    name: &'a str,
    components: Option<Vec<&'a str>>,
}

/// Writes every KEP of the survey, in the order in which upstream walks their directories. `files` has their texts.
pub(crate) fn keps_json(survey: &Survey, files: &Files) -> KepsJson {
    let root = &survey.policy.profile.layout.root;
    let mut records: Vec<_> = survey.keps.iter().filter_map(|record| Some((record, record.readable_kep()?))).collect();
    records.sort_by(|(one, _), (other, _)| one.dir.segments().cmp(other.dir.segments()));
    let (mut proposals, mut rejected) = (Vec::new(), Vec::new());
    for (record, kep) in records {
        // Upstream takes unknown keys here, but nothing that does not fit its types.
        if kep.faults.iter().all(|fault| matches!(fault.kind, FaultKind::UnknownKey { .. })) {
            proposals.push(proposal(record, kep, &files[kep.file], root));
        } else {
            rejected.push(record.dir.clone());
        }
    }
    KepsJson { text: encode(&proposals), rejected }
}

/// Encodes like Go's `encoding/json`, which also escapes characters that HTML and JavaScript could misread.
fn encode(proposals: &[Proposal<'_>]) -> String {
    // Maps with keys that are not text are the only values that cannot be serialized.
    let mut text = serde_json::to_string(proposals).unwrap_or_default();
    // Outside strings, JSON has none of these characters.
    for (character, escaped) in
        [('<', r"\u003c"), ('>', r"\u003e"), ('&', r"\u0026"), ('\u{2028}', r"\u2028"), ('\u{2029}', r"\u2029")]
    {
        text = text.replace(character, escaped);
    }
    text.push('\n');
    text
}

fn proposal<'a>(record: &KepState, kep: &'a Kep, file: &'a SourceFile, root: &RepoPath) -> Proposal<'a> {
    let text = file.text();
    let list = |list: &'a List| list_of(list, text);
    Proposal {
        id: accidental(kep, text, "id"),
        pr_number: accidental(kep, text, "prnumber"),
        name: record.dir.name().to_string(),
        path: below(&record.dir, root),
        title: kep.title.text(),
        kep_number: kep.kep_number.text(),
        authors: list(&kep.authors),
        owning_sig: kep.owning_sig.text(),
        participating_sigs: list(&kep.participating_sigs),
        reviewers: list(&kep.reviewers),
        approvers: list(&kep.approvers),
        editor: kep.editor.text(),
        creation_date: kep.creation_date.text(),
        last_updated: kep.last_updated.text(),
        status: kep.status.text(),
        see_also: list(&kep.see_also),
        replaces: list(&kep.replaces),
        superseded_by: list(&kep.superseded_by),
        stage: kep.stage.text(),
        latest_milestone: kep.latest_milestone.text(),
        milestone: milestone(&kep.milestone),
        feature_gates: entries_of(&kep.feature_gates, text)
            .map(|gates| gates.iter().map(|gate| gate_of(&gate.value, text)).collect()),
        disable_supported: kep.disable_supported.value().is_some_and(|(value, _)| *value),
        metrics: list(&kep.metrics),
        markdown: "",
    }
}

/// The path of a directory below the folder of all KEPs.
fn below(dir: &RepoPath, root: &RepoPath) -> String {
    let path = dir.to_string();
    path.strip_prefix(&format!("{root}/")).map_or(path.clone(), str::to_owned)
}

fn milestone(field: &Field<Milestones>) -> Milestone<'_> {
    let of = |stage| field.value().map_or("", |(milestones, _)| milestones.of(stage).text());
    Milestone {
        alpha: of(Stage::Alpha),
        beta: of(Stage::Beta),
        stable: of(Stage::Stable),
        deprecated: of(Stage::Deprecated),
        removed: of(Stage::Removed),
        disabled: of(Stage::Disabled),
    }
}

fn gate_of<'a>(gate: &'a FeatureGate, text: &str) -> Gate<'a> {
    Gate { name: gate.name.text(), components: list_of(&gate.components, text) }
}

/// The value of a key that upstream's struct takes by accident.
fn accidental(kep: &Kep, text: &str, key: &str) -> String {
    if !text.contains(key) {
        return String::new();
    }
    let document = kep.dialect.read(text);
    Entries::of_document(&document, &mut Vec::new()).text(key).text().to_owned()
}

/// The entries of a list; `None` for null, as in Go. Go drops entries that are null, but keeps empty strings.
fn list_of<'a>(list: &'a List, text: &str) -> Option<Vec<&'a str>> {
    let is_kept = |entry: &&Spanned<String>| !entry.value.is_empty() || text[entry.span].starts_with(['"', '\'']);
    Some(entries_of(list, text)?.iter().filter(is_kept).map(|entry| entry.value.as_str()).collect())
}

/// The entries of a field; empty for `[]`, and `None` for null and if the field is absent.
fn entries_of<'a, T>(field: &'a Field<Vec<Spanned<T>>>, text: &str) -> Option<&'a [Spanned<T>]> {
    match &field.state {
        State::Value(entries, _) => Some(entries),
        State::Empty(span) if text[*span].starts_with('[') => Some(&[]),
        State::Empty(_) | State::Absent | State::Broken => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Files, keps_json};
    use crate::change::{Groups, Survey};
    use crate::source::memory::Memory;

    /// The list of a tree with these KEPs: directory and `kep.yaml`.
    fn export(keps: &[(&str, &str)]) -> String {
        let tree = keps
            .iter()
            .fold(Memory::default(), |tree, (dir, text)| tree.file(format!("keps/{dir}/kep.yaml").as_str(), *text));
        let mut files = Files::default();
        let survey = Survey::read(&tree, Groups::default(), &std::sync::Arc::default(), &mut files);
        keps_json(&survey, &files).text
    }

    #[test]
    fn absent_values_are_null_or_empty() {
        let text =
            export(&[("sig-node/1-a", "title: A\nauthors: []\nreviewers: [null, '']\napprovers:\nmilestone:\n")]);
        let expected = r#"[{"id":"","name":"1-a","path":"sig-node/1-a","title":"A","kepNumber":"","authors":[],"owningSig":"","participatingSigs":null,"reviewers":[""],"approvers":null,"editor":"","creationDate":"","lastUpdated":"","status":"","seeAlso":null,"replaces":null,"supersededBy":null,"stage":"","latestMilestone":"","milestone":{"alpha":"","beta":"","stable":"","deprecated":"","removed":"","disabled":""},"featureGates":null,"disableSupported":false,"metrics":null,"markdown":""}]"#;
        assert_eq!(text, format!("{expected}\n"));
    }

    #[test]
    fn scalars_are_text_as_written() {
        let kep = "id: 0o7\nprnumber: 12\nname: other\nkep-number: 0123\ncreation-date: 2020-01-02\nlatest-milestone: 1.30\n\
                   milestone: {beta: 1.30}\nfeature-gates: [{name: Gate}, {name: Other, components: [kubelet]}]\n\
                   disable-supported: yes\n";
        let list: Value = serde_json::from_str(&export(&[("sig-node/1-a", kep)])).unwrap();
        for (key, value) in [
            ("id", json!("0o7")),
            ("prNumber", json!("12")),
            ("name", json!("1-a")),
            ("kepNumber", json!("0123")),
            ("creationDate", json!("2020-01-02")),
            ("latestMilestone", json!("1.30")),
            ("disableSupported", json!(true)),
            (
                "featureGates",
                json!([{"name": "Gate", "components": null}, {"name": "Other", "components": ["kubelet"]}]),
            ),
        ] {
            assert_eq!(list[0][key], value, "{key}");
        }
        assert_eq!(list[0]["milestone"]["beta"], "1.30");
    }

    #[test]
    fn what_html_could_misread_is_escaped() {
        let text = export(&[("sig-node/1-a", "title: \"<a> & \\u2028\\u2029 é \\t\\x01\"\n")]);
        assert!(text.contains(r#""title":"\u003ca\u003e \u0026 \u2028\u2029 é \t\u0001""#), "{text}");
    }

    #[test]
    fn directories_are_in_the_order_of_a_walk() {
        let kep = "title: A\n";
        let list = export(&[("sig-a-b/1-a", kep), ("sig-a/b/2-a", kep), ("sig-a/10-a", kep), ("sig-a/b-c/3-a", kep)]);
        let list: Vec<Value> = serde_json::from_str(&list).unwrap();
        let paths: Vec<_> = list.iter().map(|kep| kep["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["sig-a/10-a", "sig-a/b/2-a", "sig-a/b-c/3-a", "sig-a-b/1-a"]);
    }

    #[test]
    fn values_of_a_wrong_type_are_rejected() {
        assert_eq!(export(&[("sig-a/1-a", "title: A\nauthors: me\n"), ("sig-a/2-a", "title: [A]\n")]), "[]\n");
    }
}
