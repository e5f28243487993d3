use super::{Context, Findings, Subject};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "config-invalid",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "The change leaves kepgate's configuration invalid",
    what: "Reports a change that touches kepgate's configuration and leaves it unparsable, with a key, rule or level \
           that does not exist, with a glob that is none, or with an `ignore` entry that gives no reason.",
    why: "Once merged it is the policy that every other pull request is held to: all of them would fail.",
    example: "prr-exempt: error",
    instead: "prr-exempted: error",
    source: "https://github.com/kepgate/kepgate/blob/main/docs/configuration.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Subject::Config(pair) = context.subject else { return };
    for fault in &pair.faults {
        let text = fault.span.map(|span| context.text(pair.file, span)).unwrap_or_default();
        let finding = Finding::new(&RULE, pair.file, fault.span, &fault.message).on("", text);
        findings.push(finding.help(&fault.help));
    }
}
