use super::{Context, Family, Findings, Renewal, Rule};
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "{id}",
    family: Family::Identity,
    level: Level::Warning,
    renewal: Renewal::Never,
    summary: "TODO: when the rule reports a finding, without a full stop",
    what: "TODO: what the rule requires.",
    why: "TODO: what goes wrong without it.",
    example: "title: TODO",
    instead: "title: A title",
    source: "https://TODO",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    let Some((value, span)) = kep.title.value() else { return };
    if value != "TODO" {
        return;
    }
    let message = "TODO: what is wrong with this value".to_owned();
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("title", value);
    findings.push(finding.help("TODO: what to write instead".to_owned()));
}
