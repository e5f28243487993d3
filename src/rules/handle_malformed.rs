use super::wording::{active_reason, quote, requoted};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::Kep;
use crate::kep::handle::{Handle, HandleFault, without_remark};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::Spanned;

pub(super) static RULE: Rule = Rule {
    id: "handle-malformed",
    family: Family::Yaml,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "An author, reviewer or approver is not a GitHub handle with `@`",
    what: "Reports entries of `authors`, `reviewers` and `approvers` that are not a GitHub handle with one leading \
           `@`. `TBD` is allowed until the KEP becomes implementable. Outside of Kubernetes, a remark may follow, as in \
           `@handle, for networking` or `@handle (networking)`.",
    why: "GitHub does not notify people who are named in another way, and a search for their handle does not find them.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    for (name, list) in [("authors", &kep.authors), ("reviewers", &kep.reviewers), ("approvers", &kep.approvers)] {
        for entry in list.entries() {
            if context.is_placeholder(&entry.value) {
                continue;
            }
            let value = if kep.dialect.is_kubernetes { &entry.value } else { without_remark(&entry.value) };
            if let Err(fault) = Handle::parse(value)
                && (kep.dialect.has_at || !matches!(fault, HandleFault::BareHandle(_)))
            {
                findings.extend(finding(context, kep, name, entry, &fault));
            }
        }
    }
}

fn finding(
    context: &Context<'_>,
    kep: &Kep,
    name: &str,
    entry: &Spanned<String>,
    fault: &HandleFault,
) -> Option<Finding> {
    let value = quote(&entry.value);
    let (message, help) = match fault {
        HandleFault::Undecided if !kep.is_active() => return None,
        HandleFault::Undecided => (
            format!("`{name}` still contains {value}, but {}", active_reason(kep)),
            "write the person's GitHub handle".to_owned(),
        ),
        HandleFault::BareHandle(handle) => {
            let fault =
                if entry.value.contains('@') { "has characters around the handle" } else { "is missing its `@`" };
            (format!("{value} in `{name}` {fault}"), format!("write \"@{}\"", handle.name()))
        }
        HandleFault::TrailingText { handle, rest } => (
            format!("unexpected text {} after the handle in `{name}`", quote(rest)),
            format!("write \"@{}\" and move the rest into a `#` comment", handle.name()),
        ),
        HandleFault::Team => {
            (format!("{value} in `{name}` is a team, not a person"), "write a person's GitHub handle".to_owned())
        }
        HandleFault::Mail => {
            (format!("{value} in `{name}` is an email address"), "write the person's GitHub handle with `@`".to_owned())
        }
        HandleFault::Other if entry.value.is_empty() => {
            (format!("an entry of `{name}` is empty"), "write a handle, or delete the entry".to_owned())
        }
        HandleFault::Other => (
            format!("{value} in `{name}` is not a valid GitHub handle"),
            "write `@` and the person's GitHub handle, which contains only letters, digits and single dashes"
                .to_owned(),
        ),
    };
    let finding = Finding::new(&RULE, kep.file, Some(entry.span), message).on(name, &entry.value).help(help);
    Some(match fault {
        HandleFault::Undecided => finding.renewed_by(Renewal::Target),
        HandleFault::BareHandle(handle) if entry.value == handle.name() => {
            finding.fix(entry.span, with_at(context, kep, entry))
        }
        _ => finding,
    })
}

/// Puts `@` before the handle, and quotes around it because YAML values cannot start with `@`.
fn with_at(context: &Context<'_>, kep: &Kep, entry: &Spanned<String>) -> String {
    let file = context.file(kep.file);
    let handle = format!("@{}", entry.value);
    if file.text()[entry.span].starts_with(['"', '\'']) {
        requoted(file, entry.span, &handle)
    } else {
        format!("\"{handle}\"")
    }
}
