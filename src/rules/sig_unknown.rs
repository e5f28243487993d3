use super::wording::{choice, quote};
use super::{Context, Findings};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::Kep;
use crate::kep::sigs::Sigs;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "sig-unknown",
    family: Family::Identity,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Sigs],
    renewal: Renewal::Never,
    summary: "`owning-sig` or an entry of `participating-sigs` is not a known group",
    what: "Compares the groups that a KEP names with those of the target branch (the `sig-*` directories in `keps/` \
           and the `<group>-leads` aliases, or else the folders of areas) and, with `--sigs`, with the community's \
           `sigs.yaml`. `wg-*`, `ug-*` and `committee-*` are always known. In a project whose KEPs have no `owning-sig`, \
           the folder that a KEP is in is compared.",
    why: "People who search for a group's KEPs do not find one that misspells the group.",
    source: "https://github.com/kubernetes/community/blob/master/sigs.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    if let Some((value, span)) = kep.owning_sig.value() {
        // If it differs from the directory, another rule reports it.
        if context.layout().directory_sig(&record.dir).is_none_or(|sig| sig == value) {
            findings.extend(unknown_group(context, kep, "owning-sig", value, span));
        }
    }
    findings.extend(unknown_folder(context, record, kep));
    for entry in kep.participating_sigs.entries() {
        findings.extend(unknown_group(context, kep, "participating-sigs", &entry.value, entry.span));
    }
}

fn unknown_group(context: &Context<'_>, kep: &Kep, field: &str, value: &str, span: Span) -> Option<Finding> {
    let sigs = &context.policy.sigs;
    if super::wording::is_nothing(value) || sigs.is_known(value) || context.is_placeholder(value) {
        return None;
    }
    let finding =
        Finding::new(&RULE, kep.file, Some(span), format!("{} in `{field}` is not a known group", quote(value)));
    let finding = finding.on(field, value);
    Some(match Sigs::near(value, sigs.names()) {
        // Not a fix: the names of groups are so short that another group can be nearest (`sig-arch`, `sig-auth`).
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding
            .help("write the name of a group, such as `sig-node`; most directories in `keps/` are named after one"),
    })
}

/// Reports the folder of a SIG that is not known, if no field says whose the KEP is. Folders that the target branch has are
/// known.
fn unknown_folder(context: &Context<'_>, record: &KepState, kep: &Kep) -> Option<Finding> {
    let sigs = &context.policy.sigs;
    let sig = context.layout().directory_sig(&record.dir).filter(|_| !kep.dialect.uses("owning-sig"))?;
    if sigs.is_known(sig) || sigs.names().next().is_none() {
        return None;
    }
    let message = format!("the KEP is in the folder {}, which is not that of a known group", quote(sig));
    let finding = Finding::new(&RULE, record.dir_file, None, message).on("owning-sig", sig);
    Some(match Sigs::near(sig, sigs.names()) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => {
            finding.help(format!("move it to the folder of a group: {}", choice(&sigs.names().collect::<Vec<_>>())))
        }
    })
}
