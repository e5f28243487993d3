use super::wording::quote;
use super::{Context, Findings};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::Kep;
use crate::project::Layout;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "prr-file-missing",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Gate,
    summary: "A gated KEP has no production-readiness file",
    what: "Requires `keps/prod-readiness/<owning-sig>/<kep-number>.yaml` for an active KEP whose `latest-milestone` \
           is v1.21 or later. If a file with the KEP's number exists elsewhere (under another SIG, under none, or \
           with different leading zeros), the finding points to it.",
    why: "Without the file, no approver has agreed to the KEP's production readiness, and the KEP cannot enter the \
          release.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(record) = context.record().filter(|record| record.prr_file_path().is_none()) else { return };
    let Some(kep) = context.kep().filter(|kep| kep.is_gated()) else { return };
    let needs = |key: &str| kep.dialect.uses(key);
    if (context.layout().is_grouped() && needs("owning-sig") && kep.owning_sig.value().is_none())
        || (needs("kep-number") && kep.kep_number.value().is_none())
    {
        return;
    }
    let path = wanted_path(context.layout(), record, kep);
    let span = kep.stage.value().or(kep.latest_milestone.value()).map(|(_, span)| span);
    let is_deleted = context.base_record().and_then(KepState::prr_file_path).is_some_and(|old| old.to_string() == path);
    let name = quote(&path);
    let what = if is_deleted { format!("this change deletes {name}") } else { format!("{name} is missing") };
    let message = format!("the KEP needs production-readiness approval, but {what}");
    let finding = Finding::new(&RULE, kep.file, span, message).on("prod-readiness", path);
    findings.push(if let Some(file) = record.misplaced_prr_file() {
        let elsewhere = quote(&context.file(file).path.to_string());
        finding.help(format!("move {elsewhere} to that path")).label(file, None, "this file has the KEP's number")
    } else if is_deleted {
        finding.help("restore it, because it records who approved which stage")
    } else {
        let lines = skeleton(kep);
        let finding = finding.help(format!("create it with an approver for the stage:\n{}", lines.trim_end()));
        match &record.expected_prr_path {
            Some(path) => finding.create(path.clone(), skeleton(kep)),
            None => finding,
        }
    });
}

/// Returns where the file belongs once the fields are correct.
fn wanted_path(layout: &Layout, record: &KepState, kep: &Kep) -> String {
    let sig = layout.directory_sig(&record.dir).unwrap_or(kep.owning_sig.text());
    let is_wrong = kep.dialect.uses("owning-sig") && sig != kep.owning_sig.text();
    match &record.expected_prr_path {
        Some(path) if !is_wrong => path.to_string(),
        _ => format!("{}/prod-readiness/{sig}/{}.yaml", layout.root, kep.kep_number.text()),
    }
}

fn skeleton(kep: &Kep) -> String {
    let stage = kep.target_stage().map_or("<stage>", crate::kep::Stage::word);
    format!("kep-number: {}\n{stage}:\n  approver: \"\"\n", kep.kep_number.text())
}
