//! Parses any text as each kind of document. Every field points into the text.
#![no_main]

use kepgate::kep::handle::folded;
use kepgate::kep::{Aliases, Field, Handle, Kep, KepNumber, List, Milestone, Owners, PrrFile, Stage, State, Status};
use kepgate::syntax::yaml::read;
use kepgate::text::RepoPath;
use kepgate::text::{FileId, Files, Side, SourceFile};
use kepgate_fuzz::{faults, holds};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Head, RepoPath::from("kep.yaml"), text));
    let text = files[file].text();
    let document = read(text);
    kep(text, &Kep::decode(file, &document));
    prr_file(text, &PrrFile::decode(file, &document));
    aliases(text, &Aliases::decode(file, &document));
    owners(text, file, &Owners::decode(file, &document));
});

fn kep(text: &str, kep: &Kep) {
    faults(text, &kep.faults);
    for field in [
        &kep.title,
        &kep.kep_number,
        &kep.owning_sig,
        &kep.status,
        &kep.creation_date,
        &kep.last_updated,
        &kep.stage,
        &kep.latest_milestone,
    ] {
        word(text, field);
    }
    for field in [
        &kep.authors,
        &kep.participating_sigs,
        &kep.reviewers,
        &kep.approvers,
        &kep.see_also,
        &kep.replaces,
        &kep.superseded_by,
        &kep.metrics,
    ] {
        list(text, field);
    }
    field(text, &kep.milestone);
    field(text, &kep.disable_supported);
    field(text, &kep.feature_gates);
    for gate in kep.feature_gates.value().into_iter().flat_map(|(gates, _)| gates) {
        holds(text, gate.span, "a feature gate");
        word(text, &gate.value.name);
        list(text, &gate.value.components);
    }
    for stage in Stage::ALL {
        if let Some(milestone) = kep.milestone_field(stage) {
            word(text, milestone);
        }
        if let Some((milestone, span)) = kep.milestone_of(stage) {
            holds(text, span, "a milestone");
            assert!(!milestone.is_exempt());
        }
        let _ = kep.is_misspelt_below("milestone", stage.word());
    }
    let _ = kep.is_misspelt("stage");
    // The gate applies to active KEPs with a milestone; an exempt milestone does not count as one. Only releases of
    // Kubernetes can be older than the first review.
    let is_reviewed = |release: Milestone| release >= Milestone::PRR_REQUIRED || !release.may_be_kubernetes();
    assert_eq!(kep.is_gated(), kep.is_active() && kep.latest().is_some_and(is_reviewed));
    assert!(kep.latest().is_none_or(|latest| !latest.is_exempt()));
    assert_eq!(kep.known_status(), Status::parse(kep.status.text()));
    assert_eq!(kep.target_stage(), Stage::parse(kep.stage.text()));
}

fn prr_file(text: &str, prr_file: &PrrFile) {
    faults(text, &prr_file.faults);
    word(text, &prr_file.kep_number);
    for stage in Stage::ALL {
        field(text, prr_file.entry(stage));
        if let Some((entry, _)) = prr_file.entry(stage).value() {
            word(text, &entry.approver);
        }
        if let Some(approver) = prr_file.approver(stage) {
            assert!(!approver.text().is_empty(), "an approver who is named has a name");
        }
        let _ = prr_file.is_misspelt_below(stage, "approver");
    }
    let _ = prr_file.is_misspelt("kep-number");
}

fn aliases(text: &str, aliases: &Aliases) {
    faults(text, &aliases.faults);
    if let Some(key) = aliases.key {
        holds(text, key, "aliases");
    }
    for name in aliases.names() {
        list(text, aliases.group(name).expect("a group that is named is there"));
    }
}

fn owners(text: &str, file: FileId, owners: &Owners) {
    assert_eq!(owners.file, file);
    list(text, &owners.reviewers);
    list(text, &owners.approvers);
}

fn word(text: &str, field: &Field<String>) {
    self::field(text, field);
    value(field.text());
}

fn list(text: &str, list: &List) {
    field(text, list);
    for entry in list.entries() {
        holds(text, entry.span, "an entry");
        value(&entry.value);
    }
}

fn field<T>(text: &str, field: &Field<T>) {
    if let Some(key) = field.key {
        holds(text, key, "a key");
    }
    if let State::Empty(span) | State::Value(_, span) = &field.state {
        holds(text, *span, "a value");
        assert!(field.key.is_some(), "what has a value has a key");
    }
    if let Some(span) = field.missing_span() {
        holds(text, span, "what is missing");
    }
}

/// Tries to parse any value as a milestone, a handle and a KEP number.
fn value(value: &str) {
    if let Some(milestone) = Milestone::parse(value) {
        assert_eq!(Milestone::parse(&milestone.to_string()), Some(milestone));
    }
    if let Ok(handle) = Handle::parse(value) {
        assert_eq!(value, format!("@{}", handle.name()));
        assert_eq!(folded(value), folded(handle.name()));
    }
    if let Some(number) = KepNumber::parse(value) {
        assert_eq!(KepNumber::parse(&number.to_string()), Some(number));
    }
}
