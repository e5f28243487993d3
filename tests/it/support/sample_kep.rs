//! The KEP that tests start from, with its files.

/// The directory of the sample KEP.
pub(crate) const DIR: &str = "keps/sig-node/1234-quiet-hours";

pub(crate) const KEP: &str = "keps/sig-node/1234-quiet-hours/kep.yaml";

pub(crate) const PRR_FILE: &str = "keps/prod-readiness/sig-node/1234.yaml";

pub(crate) const ALIASES: &str = "\
aliases:
  sig-apps-leads:
    - ines-orrin
  sig-node-leads:
    - corin-hale
  prod-readiness-approvers:
    - petra-solm
    - hedda-rusk
  prod-readiness-approvers-emeritus:
    - quillon-b
";

pub(crate) const SAMPLE_PRR: &str = "kep-number: 1234\nalpha:\n  approver: \"@petra-solm\"\n";

/// The fields of the sample KEP: key, format and value.
pub(crate) const FIELDS: &[(&str, &str, &str)] = &[
    ("title", "title: {}", "Quiet Hours"),
    ("kep-number", "kep-number: {}", "1234"),
    ("authors", "authors:\n  - {}", "\"@sunniva-t\""),
    ("owning-sig", "owning-sig: {}", "sig-node"),
    ("participating-sigs", "participating-sigs:\n  - {}", "sig-apps"),
    ("status", "status: {}", "implementable"),
    ("creation-date", "creation-date: {}", "2025-02-28"),
    ("last-updated", "last-updated: {}", "2025-03-01"),
    ("reviewers", "reviewers:\n  - {}", "\"@odile-varga\""),
    ("approvers", "approvers:\n  - {}", "\"@corin-hale\""),
    ("see-also", "see-also:\n  - {}", "https://example.org/x"),
    ("replaces", "replaces:\n  - {}", "none"),
    ("superseded-by", "superseded-by:\n  - {}", "none"),
    ("stage", "stage: {}", "alpha"),
    ("latest-milestone", "latest-milestone: {}", "v1.36"),
    ("milestone", "milestone:\n  alpha: {}", "v1.36"),
    ("feature-gates", "feature-gates:\n  - name: {}\n    components:\n      - {}", "QuietHours"),
    ("disable-supported", "disable-supported: {}", "true"),
    ("metrics", "metrics:\n  - {}", "kubelet_quiet_hours_total"),
];

/// The `kep.yaml` of the sample KEP with some of its values replaced by these, which are YAML.
pub(crate) fn kep_with(values: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (key, shape, sound) in FIELDS {
        let value = values.iter().find(|(name, _)| name == key).map_or(*sound, |(_, value)| *value);
        text.push_str(&shape.replace("{}", value));
        text.push('\n');
    }
    text
}

/// `text` as a double-quoted YAML scalar.
pub(crate) fn scalar(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            other => quoted.push_str(&format!("\\U{:08X}", u32::from(other))),
        }
    }
    quoted + "\""
}
