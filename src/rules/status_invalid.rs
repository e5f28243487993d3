use super::wording::{choice, quote, requoted};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::Status;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::nearest::nearest;

pub(crate) static RULE: Rule = Rule {
    id: "status-invalid",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Gate,
    summary: "`status` is not a valid status",
    what: "Requires `status` to be one of provisional, implementable, implemented, deferred, rejected, withdrawn \
           and replaced, exactly as written here. In a project without production readiness reviews that does not list statuses of its \
           own, a word that other projects use for one of them, such as `draft`, is a warning.",
    why: "With an invalid status, upstream silently skips the production-readiness check.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    let Some((value, span)) = kep.status.value() else { return };
    if kep.dialect.status(value).is_some() || context.is_placeholder(value) {
        return;
    }
    let words = kep.dialect.status_words();
    let consequence = match kep.dialect.prr_from {
        Some(_) if kep.dialect.is_kubernetes => " (upstream would silently skip the PRR check)",
        Some(_) | None => "",
    };
    let message = format!("{} is not a valid status{consequence}", quote(value));
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("status", value);
    let meant = Status::meant_by(value);
    let near = if value.trim().eq_ignore_ascii_case("superseded") {
        Some(kep.dialect.status_word(Status::Replaced))
    } else {
        // `implementing` looks like `implemented`, but means something else.
        nearest(value, words.iter().copied())
            .filter(|near| meant.is_none_or(|meant| kep.dialect.status(near) == Some(meant)))
    };
    // Only the gate makes another word for the same thing an error.
    let is_lenient = kep.dialect.prr_from.is_none() && kep.dialect.statuses.is_empty();
    findings.push(match (near, meant.filter(|_| is_lenient)) {
        (Some(near), _) => {
            let finding = finding.help(format!("did you mean `{near}`?"));
            finding.fix(span, requoted(context.file(kep.file), span, near))
        }
        (None, Some(meant)) => finding.at_level(Level::Warning).help(format!(
            "write `{meant}`; if {} is a status of this project, list its statuses in `project.statuses` of \
             .github/kepgate.yaml",
            quote(value)
        )),
        (None, None) => finding.help(format!("write one of {}", choice(&words))),
    });
}
