use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "{id}",
    family: Family::Identity,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "TODO: when the rule reports a finding, without a full stop",
    what: "TODO: what the rule requires.",
    why: "TODO: what goes wrong without it.",
    source: "https://TODO",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    let Some((value, span)) = kep.title.value() else { return };
    if value != "TODO" {
        return;
    }
    let finding = Finding::new(&RULE, kep.file, Some(span), "TODO: what is wrong with this value").on("title", value);
    findings.push(finding.help("TODO: what to write instead"));
}
