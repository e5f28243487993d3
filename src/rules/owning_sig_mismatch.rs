use super::wording::{quote, requoted};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::project::Grouping;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "owning-sig-mismatch",
    family: Family::Identity,
    level: Level::Error,
    enabled: true,
    needs: &[Need::Sigs],
    renewal: Renewal::Never,
    summary: "`owning-sig` differs from the directory of the KEP",
    what: "Compares `owning-sig` with the `sig-*` directory that the KEP is in.",
    why: "The production-readiness file is found by `owning-sig`, but people find the KEP by its directory.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    let Some((value, span)) = kep.owning_sig.value() else { return };
    let Some(sig) = context.layout().directory_sig(&record.dir).filter(|sig| sig != value) else { return };
    // A folder without the prefix of a SIG need not be that of one.
    let is_sig = context.layout().grouping == Grouping::Sigs || context.policy.sigs.is_known(sig);
    if context.is_placeholder(value) || !is_sig {
        return;
    }
    let message = format!("`owning-sig` is {}, but the KEP is in {}", quote(value), quote(sig));
    let finding = Finding::new(&RULE, kep.file, Some(span), message)
        .on("owning-sig", format!("{value} under {sig}"))
        .help(format!("write {}, or move the KEP and its production readiness file to the right SIG", quote(sig)))
        .label(record.dir_file, None, "this directory");
    // It decides where the approval is looked up, which matters once the KEP is gated.
    let finding = if kep.is_gated() { finding.renewed_by(Renewal::Target) } else { finding };
    let corrected = context.layout().prr_file_path(sig, kep.kep_number.text());
    let stays = record.prr_file_path().is_none() || record.prr_file_path() == corrected.as_ref();
    findings.push(if stays { finding.fix(span, requoted(context.file(kep.file), span, sig)) } else { finding });
}
