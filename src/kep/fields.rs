//! The fields of `kep.yaml` and of production-readiness files, each described in one place.
//!
//! Decoding, the JSON schemas, the rules on missing fields, placeholders and unknown keys, and `kepgate new` and
//! `kepgate promote` all use these tables. To add a field, add a row here and a line to the typed document
//! ([`Kep`](super::Kep) or the PRR file). The build fails if one of the two is missing.

use super::Stage;

mod spec;

pub use spec::{FieldSpec, Fill, Leftover, Shape, When};

/// An optional scalar with default properties. Rows override what differs.
const TEXT: FieldSpec = FieldSpec {
    key: "",
    shape: Shape::Text,
    required: When::Never,
    leftover: Leftover::Ignored,
    examples: &[],
    locates_prr: false,
    fill: Fill::Keep,
    help: "",
    description: "",
};

/// A required scalar that must not be a placeholder.
const REQUIRED: FieldSpec =
    FieldSpec { required: When::Always, leftover: Leftover::ErrorWhenRequired, fill: Fill::Always, ..TEXT };

/// An optional list in which a placeholder is a warning.
const LIST: FieldSpec = FieldSpec { shape: Shape::List, leftover: Leftover::Warning, ..TEXT };

const RELEASE_HELP: &str = "write a release, such as \"v1.36\"";

/// The fields of `kep.yaml`, in the order of the template.
pub const KEP: &[FieldSpec] = &[
    FieldSpec {
        key: "title",
        examples: &["KEP Template"],
        help: "write the KEP's title",
        description: "A short name for the enhancement.",
        ..REQUIRED
    },
    FieldSpec {
        key: "kep-number",
        examples: &["NNNN", "nnnn"],
        locates_prr: true,
        help: "write the number of the KEP's tracking issue",
        description: "The number of the tracking issue. The name of the KEP's directory starts with it.",
        ..REQUIRED
    },
    FieldSpec {
        key: "authors",
        shape: Shape::List,
        examples: &["@jane.doe"],
        help: "list the authors' GitHub handles, each in quotes: `- \"@handle\"`",
        description: "The GitHub handles of the authors, each with @ and in quotes.",
        ..REQUIRED
    },
    FieldSpec {
        key: "owning-sig",
        examples: &["sig-xyz"],
        locates_prr: true,
        help: "write the SIG whose directory contains the KEP",
        description: "The SIG whose directory contains the KEP.",
        ..REQUIRED
    },
    FieldSpec {
        key: "participating-sigs",
        leftover: Leftover::Error,
        examples: &["sig-aaa", "sig-bbb"],
        fill: Fill::IfPresent,
        help: "list the groups that take part, or delete the entry",
        description: "Other groups that take part.",
        ..LIST
    },
    FieldSpec {
        key: "status",
        shape: Shape::Status,
        help: "use one of: provisional, implementable, implemented, deferred, rejected, withdrawn, replaced",
        description: "The status of the KEP: implementable once its approvers agree, implemented once it is stable and \
                      released.",
        ..REQUIRED
    },
    FieldSpec {
        key: "creation-date",
        leftover: Leftover::Warning,
        examples: &["yyyy-mm-dd"],
        fill: Fill::IfPresent,
        help: "write the date on which the KEP was started, as YYYY-MM-DD",
        description: "The date on which the KEP was started, as YYYY-MM-DD.",
        ..TEXT
    },
    FieldSpec { key: "last-updated", description: "The date of the last change, as YYYY-MM-DD, or a release.", ..TEXT },
    FieldSpec {
        key: "reviewers",
        examples: &["@alice.doe"],
        fill: Fill::IfPresent,
        help: "list the reviewers' GitHub handles, each in quotes: `- \"@handle\"`",
        description: "The GitHub handles of the reviewers, each with @ and in quotes. TBD is allowed while provisional.",
        ..LIST
    },
    FieldSpec {
        key: "approvers",
        required: When::Always,
        examples: &["@oscar.doe"],
        fill: Fill::IfPresent,
        help: "list the approvers' GitHub handles, each in quotes: `- \"@handle\"`; `TBD` is allowed while provisional",
        description: "The GitHub handles of the approvers, each with @ and in quotes. TBD is allowed while provisional.",
        ..LIST
    },
    FieldSpec { key: "editor", description: "No longer used.", ..TEXT },
    FieldSpec {
        key: "see-also",
        examples: &["/keps/sig-aaa/1234-we-heard-you-like-keps", "/keps/sig-bbb/2345-everyone-gets-a-kep"],
        fill: Fill::ClearExamples,
        help: "list related KEPs, or delete the entry",
        description: "Related KEPs, as paths from the root of the repository (/keps/sig-…).",
        ..LIST
    },
    FieldSpec {
        key: "replaces",
        examples: &["/keps/sig-ccc/3456-replaced-kep"],
        fill: Fill::ClearExamples,
        help: "list the KEPs that this one replaces, or delete the entry",
        description: "KEPs that this one replaces.",
        ..LIST
    },
    FieldSpec {
        key: "superseded-by",
        fill: Fill::ClearExamples,
        help: "list the KEPs that replace this one, or delete the entry",
        description: "KEPs that replace this one.",
        ..LIST
    },
    FieldSpec {
        key: "stage",
        shape: Shape::Stage,
        required: When::Active,
        leftover: Leftover::ErrorWhenRequired,
        fill: Fill::IfPresent,
        help: "use one of: alpha, beta, stable, or deprecated, disabled, removed",
        description: "The stage that the KEP targets in the latest milestone. Use deprecated, disabled or removed for a \
                      feature that goes away.",
        ..TEXT
    },
    FieldSpec {
        key: "latest-milestone",
        shape: Shape::Release,
        required: When::Active,
        leftover: Leftover::ErrorWhenRequired,
        fill: Fill::IfPresent,
        help: RELEASE_HELP,
        description: "The release that the KEP targets, such as \"v1.36\". From v1.21 on, the KEP needs a \
                      production-readiness approver for its stage.",
        ..TEXT
    },
    FieldSpec {
        key: "milestone",
        shape: Shape::Mapping(MILESTONE),
        required: When::Active,
        fill: Fill::IfPresent,
        help: RELEASE_HELP,
        description: "The release in which each stage was, or is planned to be, reached.",
        ..TEXT
    },
    FieldSpec {
        key: "feature-gates",
        shape: Shape::Mappings(FEATURE_GATE),
        required: When::From(Stage::Alpha),
        leftover: Leftover::ErrorWhenRequired,
        help: "name the KEP's feature gate and its components, or delete the entry",
        description: "The feature gates. Required starting at alpha.",
        ..TEXT
    },
    FieldSpec {
        key: "disable-supported",
        shape: Shape::Boolean,
        required: When::From(Stage::Alpha),
        description: "True if the feature can be disabled again after it was enabled. Required starting at alpha.",
        ..TEXT
    },
    FieldSpec {
        key: "metrics",
        required: When::From(Stage::Beta),
        leftover: Leftover::ErrorWhenRequired,
        examples: &["my_feature_metric"],
        help: "name a metric that shows operators whether the feature is healthy, or delete the entry",
        description: "Metrics that show operators whether the feature is healthy. Required starting at beta.",
        ..LIST
    },
];

/// The fields of `milestone`, one for each stage.
pub const MILESTONE: &[FieldSpec] = &[
    milestone(Stage::Alpha, "The release that brings alpha."),
    milestone(Stage::Beta, "The release that brings beta."),
    milestone(Stage::Stable, "The release that brings stable."),
    milestone(Stage::Deprecated, "The release that deprecates the feature."),
    milestone(Stage::Disabled, "The release that disables the feature by default."),
    milestone(Stage::Removed, "The release that removes the feature."),
];

const fn milestone(stage: Stage, description: &'static str) -> FieldSpec {
    FieldSpec {
        key: stage.word(),
        shape: Shape::Release,
        required: When::At(stage),
        leftover: Leftover::ErrorWhenRequired,
        help: RELEASE_HELP,
        description,
        ..TEXT
    }
}

/// The fields of an entry in `feature-gates`.
pub const FEATURE_GATE: &[FieldSpec] = &[
    FieldSpec {
        key: "name",
        leftover: Leftover::ErrorWhenRequired,
        examples: &["MyFeature"],
        description: "The name of the feature gate, in CamelCase.",
        ..TEXT
    },
    FieldSpec {
        key: "components",
        leftover: Leftover::Ignored,
        description: "The components that read the feature gate.",
        ..LIST
    },
];

/// The fields of a production-readiness file: the KEP's number, and an entry for each stage.
pub const PRR: &[FieldSpec] = &[
    FieldSpec {
        key: "kep-number",
        help: "write the number of the KEP's tracking issue",
        description: "The number of the KEP. The file is named after it.",
        ..REQUIRED
    },
    prr_stage(Stage::Alpha, "The production-readiness approver for alpha."),
    prr_stage(Stage::Beta, "The production-readiness approver for beta."),
    prr_stage(Stage::Stable, "The production-readiness approver for stable."),
    prr_stage(Stage::Deprecated, "The production-readiness approver for deprecated."),
    prr_stage(Stage::Disabled, "The production-readiness approver for disabled."),
    prr_stage(Stage::Removed, "The production-readiness approver for removed."),
];

const fn prr_stage(stage: Stage, description: &'static str) -> FieldSpec {
    FieldSpec { key: stage.word(), shape: Shape::Mapping(PRR_ENTRY), description, ..TEXT }
}

/// The fields of a stage's entry in a production-readiness file.
pub const PRR_ENTRY: &[FieldSpec] = &[FieldSpec {
    key: "approver",
    description: "One of the prod-readiness-approvers of OWNERS_ALIASES, with @ and in quotes. \
                  `kepgate query --by approver` shows how many KEPs each of them has.",
    ..REQUIRED
}];

/// Keys that upstream's types accept at the root of `kep.yaml` by accident. Nothing uses them.
pub const ACCIDENTAL_KEYS: &[&str] = &["id", "name", "path", "prnumber"];

/// Former keys of `kep.yaml`, each with advice on what to do instead.
pub const RETIRED_KEYS: &[(&str, &str)] = &[
    ("prr-approvers", "name the approver in keps/prod-readiness/<sig>/<number>.yaml, under the stage"),
    ("feature-gate", "use `feature-gates`, a list of `name` and `components`"),
    ("rollback-supported", "use `disable-supported`"),
    ("kep-type", "delete it; the type of a KEP is no longer recorded"),
];

/// The keys of a table, in order.
#[must_use]
pub fn keys(fields: &'static [FieldSpec]) -> Vec<&'static str> {
    fields.iter().map(|field| field.key).collect()
}

/// The template's values for these fields and the fields below them.
#[must_use]
pub fn examples(fields: &'static [FieldSpec]) -> Vec<&'static str> {
    let mut found = Vec::new();
    for field in fields {
        found.extend(field.examples);
        found.extend(examples(field.children()));
    }
    found
}

/// True if `fields` has exactly these keys, in this order. It runs at compile time, when strings cannot be compared.
pub(super) const fn has_keys(fields: &[FieldSpec], keys: &[&str]) -> bool {
    match (fields, keys) {
        ([], []) => true,
        ([field, fields @ ..], [key, keys @ ..]) => {
            is_same(field.key.as_bytes(), key.as_bytes()) && has_keys(fields, keys)
        }
        _ => false,
    }
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([], []) => true,
        ([first, one @ ..], [second, other @ ..]) => *first == *second && is_same(one, other),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
