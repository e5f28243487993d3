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
    summary: "The change breaks kepgate's configuration",
    what: "Reports a change to kepgate's configuration that leaves it unparsable, names a key, rule or level that \
           does not exist, contains an invalid glob, or has an `ignore` entry without a reason.",
    why: "Once merged, this file is the policy that every other pull request is checked against, so all of them \
          would fail.",
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
