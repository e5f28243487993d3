use super::wording::{all_of, quote};
use super::{Context, Findings, Subject};
use crate::change::{Requirements, ShrunkReadme, TemplateLoss};
use crate::finding::Finding;
use crate::kep::fields::{ACCIDENTAL_KEYS, When};
use crate::kep::wrong_type::must_be;
use crate::kep::{Fault, FaultKind, Kep, KepNumber};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::source::MAX_FILE_BYTES;
use crate::syntax::yaml::messages::{self, Reader};
use crate::text::FileId;

pub(super) static RULE: Rule = Rule {
    id: "template-invalid",
    family: Family::Identity,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "The change breaks the KEP template",
    what: "Reports a change that leaves the `kep.yaml` of `keps/NNNN-kep-template` (or of the cloud providers' \
           template) unreadable, with a key that upstream rejects or without a required field; that deletes it, the \
           template's README.md or `keps/README.md`; that puts a KEP in its place, makes the README larger than 1 MiB or \
           removes all its sections or questions (a warning for some of them, also if they are renamed, become optional or are due at a later stage); that adds `keps/kep.yaml`; or \
           that removes both `keps/prod-readiness` and the group of production readiness approvers.",
    why: "Upstream checks the template with every pull request, so once this is merged, all of them fail.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Subject::Template(template) = context.subject else { return };
    for (file, loss) in &template.losses {
        findings.push(lost(context, *file, *loss));
    }
    for kep in &template.metadata {
        findings.extend(kep.faults.iter().filter_map(|fault| broken(context, kep, fault)));
        if kep.readable {
            findings.extend(incomplete(kep));
            findings.extend(overwritten(kep));
        }
    }
    findings.extend(template.shrunk.iter().flat_map(shrunk));
}

/// A KEP in the place of the template.
fn overwritten(kep: &Kep) -> Option<Finding> {
    let (value, span) = kep.kep_number.value()?;
    KepNumber::parse(value).filter(|number| !number.is_zero())?;
    let message = format!("the template has the number of a KEP: {}", quote(value));
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("kep-number", value);
    Some(finding.help("restore the template, and put the KEP into a directory of its own"))
}

/// A README template that lost or renamed sections or questions, or wants some of them later. A few at a time add up, so every loss
/// counts. It decides what every KEP has to answer.
fn shrunk(readme: &ShrunkReadme) -> Vec<Finding> {
    let ShrunkReadme { file, questions, sections, later } = readme;
    let lost = [("questions", questions), ("sections", sections)].into_iter().find(|(_, it)| it.lost > 0);
    let lost = lost.map(|(what, &Requirements { before, lost })| {
        let message = if lost == before {
            format!("this change removes all {what} of the template")
        } else {
            format!("this change removes or renames {lost} of {before} {what} of the template, or makes them optional")
        };
        let finding = Finding::new(&RULE, *file, None, message).on(what, "");
        let finding = finding.help("restore them: KEPs are only checked for what the template requires");
        if lost == before { finding } else { finding.at_level(Level::Warning) }
    });
    let titles: Vec<_> = later.iter().map(String::as_str).collect();
    let postponed = (!titles.is_empty()).then(|| {
        let message = format!("after this change, parts of the template are due later or never: {}", all_of(&titles));
        let finding = Finding::new(&RULE, *file, None, message).on("stages", titles.join(", "));
        finding.at_level(Level::Warning).help("check that this is intended: it applies to every KEP")
    });
    lost.into_iter().chain(postponed).collect()
}

fn lost(context: &Context<'_>, file: FileId, loss: TemplateLoss) -> Finding {
    let path = quote(&context.file(file).path.to_string());
    let (message, help) = match loss {
        TemplateLoss::Removed if context.policy.profile.dialect.is_kubernetes => {
            (format!("this change deletes {path}"), "restore the file: upstream needs it")
        }
        TemplateLoss::Removed => {
            (format!("this change deletes {path}"), "restore the file: every new KEP starts as a copy of it")
        }
        TemplateLoss::TooLarge => (
            format!("{path} is larger than {MAX_FILE_BYTES} bytes, so kepgate does not read it"),
            "move large content into separate files",
        ),
        TemplateLoss::ProductionReadiness => (
            format!("this change removes {path} and the group of production readiness approvers"),
            "restore them: without either, production readiness would no longer be checked in this repository",
        ),
        TemplateLoss::StrayMetadata => (
            format!("{path} is not in a KEP directory"),
            if context.policy.profile.dialect.is_kubernetes {
                "move it to `keps/<sig>/<number>-<title>/kep.yaml`"
            } else {
                "move it into the directory of its KEP"
            },
        ),
    };
    Finding::new(&RULE, file, None, message).help(help)
}

fn broken(context: &Context<'_>, kep: &Kep, fault: &Fault) -> Option<Finding> {
    let is_kubernetes = kep.dialect.is_kubernetes;
    let [rejects, cannot_read] = if is_kubernetes {
        ["upstream rejects the template", "upstream cannot read the template"]
    } else {
        ["the template is not valid", "the template cannot be read"]
    };
    let message = match &fault.kind {
        FaultKind::UnknownKey { key, .. } if fault.route == *key && ACCIDENTAL_KEYS.contains(&key.as_str()) => {
            return None;
        }
        // A field that the project adds to its template.
        FaultKind::UnknownKey { key, .. } if fault.route == *key && kep.dialect.follows_template => return None,
        FaultKind::UnknownKey { key, .. } if is_kubernetes => {
            format!("upstream rejects the key {} in the template", quote(key))
        }
        FaultKind::UnknownKey { key, .. } => format!("unknown key {} in the template", quote(key)),
        FaultKind::WrongType { wanted, found } => format!("{rejects}: {}", must_be(&fault.route, wanted, found)),
        FaultKind::Yaml(kind) => match messages::syntax(kind, Reader::of(is_kubernetes)) {
            Some((message, _)) => format!("{cannot_read}: {message}"),
            None if is_kubernetes => "upstream cannot read the template: it ignores or rejects this part".to_owned(),
            None => format!("{cannot_read}: this part would be ignored"),
        },
    };
    let text = fault.span.map(|span| context.text(kep.file, span)).unwrap_or_default();
    let finding = Finding::new(&RULE, kep.file, fault.span, message).on(&fault.route, text);
    Some(finding.help("correct it: every new KEP starts as a copy of this file"))
}

fn incomplete(kep: &Kep) -> impl Iterator<Item = Finding> {
    let required = kep.fields().filter(|(field, _)| field.required == When::Always && kep.dialect.requires(field.key));
    required.filter_map(|(field, value)| {
        let value = value.outline();
        let who = if kep.dialect.is_kubernetes { "upstream requires" } else { "the project requires" };
        let message = format!("the template has no `{}`, which {who}", field.key);
        let finding = Finding::new(&RULE, kep.file, value.missing_span(), message).on(field.key, "");
        value.is_missing().then(|| finding.help(kep.dialect.help(field)))
    })
}
