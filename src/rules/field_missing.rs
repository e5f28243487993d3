use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Approval, Field, Kep};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::FileId;

pub(super) static RULE: Rule = Rule {
    id: "field-missing",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "A required field is absent or empty",
    what: "Requires `title`, `kep-number`, `authors`, `owning-sig`, `approvers` and `status` in `kep.yaml`, and \
           `kep-number` in a production-readiness file.",
    why: "Upstream requires them, whatever the KEP's status.",
    example: "title: \"\"",
    instead: "title: Graceful Rollback of Deployments",
    source: "https://github.com/kubernetes/enhancements/blob/master/api/proposal.go",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    if let Some(kep) = context.kep() {
        check_kep(kep, findings);
    }
    if let Some(Approval { file, kep_number, .. }) = context.approval() {
        // Upstream reads this file once the KEP is gated.
        let is_gated = context.kep().is_some_and(Kep::is_gated);
        let renewal = if is_gated { Renewal::Target } else { Renewal::Never };
        findings.extend(required(*file, "kep-number", kep_number).map(|finding| finding.renewed_by(renewal)));
    }
}

fn check_kep(kep: &Kep, findings: &mut Findings) {
    let texts = [
        ("title", &kep.title),
        ("kep-number", &kep.kep_number),
        ("owning-sig", &kep.owning_sig),
        ("status", &kep.status),
    ];
    for (name, field) in texts {
        if !kep.is_misspelt(name) {
            // These two decide where the approval is looked for, which matters once the KEP is gated.
            let is_route = matches!(name, "kep-number" | "owning-sig") && kep.is_gated();
            let renewal = if is_route { Renewal::Target } else { Renewal::Never };
            findings.extend(required(kep.file, name, field).map(|finding| finding.renewed_by(renewal)));
        }
    }
    for (name, field) in [("authors", &kep.authors), ("approvers", &kep.approvers)] {
        if !kep.is_misspelt(name) {
            findings.extend(required(kep.file, name, field));
        }
    }
}

fn required<T>(file: FileId, name: &str, field: &Field<T>) -> Option<Finding> {
    if !field.is_missing() {
        return None;
    }
    let state = if field.key.is_some() { "is empty" } else { "is missing" };
    let finding = Finding::new(&RULE, file, field.missing_span(), format!("the required field `{name}` {state}"));
    Some(finding.on(name, "").help(help(name)))
}

fn help(name: &str) -> &'static str {
    match name {
        "title" => "write the KEP's title",
        "kep-number" => "write the number of the KEP's tracking issue",
        "authors" => "list the authors' GitHub handles, each in quotes: `- \"@handle\"`",
        "approvers" => {
            "list the approvers' GitHub handles, each in quotes: `- \"@handle\"`; `TBD` will do while provisional"
        }
        "owning-sig" => "write the SIG whose directory the KEP stands in",
        _ => "write one of provisional, implementable, implemented, deferred, rejected, withdrawn, replaced",
    }
}
