use super::wording::quote;
use super::{Context, Findings, Subject};
use crate::change::LostConfig;
use crate::config;
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
           does not exist, contains an invalid glob, or has an `ignore` entry without a reason; or that \
           makes it a link, hides it behind one or renames it so that kepgate does not find it. It also reports a path or a \
           group of approvers that does not exist, a template that is a KEP, and a layout under which later checks would \
           not find some KEPs. Removing the configuration, or a setting with which it may check less, is a warning.",
    why: "Once merged, this file is the policy that every other pull request is checked against, so all of them \
          would fail.",
    source: "https://github.com/kepgate/kepgate/blob/main/docs/configuration.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let pair = match context.subject {
        Subject::Config(pair) => pair,
        Subject::LostConfig(config) => {
            findings.push(lost(context, config));
            return;
        }
        _ => return,
    };
    for fault in &pair.faults {
        let text = fault.span.map(|span| context.text(pair.file, span)).unwrap_or_default();
        let finding = Finding::new(&RULE, pair.file, fault.span, &fault.message).on("", text);
        findings.push(finding.help(&fault.help));
    }
    if pair.faults.is_empty() && !pair.weakened.is_empty() {
        let message =
            format!("this configuration may check less than the one on the target branch: {}", clauses(&pair.weakened));
        let finding = Finding::new(&RULE, pair.file, None, message).on("weakened", pair.weakened.join(", "));
        findings.push(
            finding.at_level(Level::Warning).help("check that this is intended: it applies to every later change"),
        );
    }
}

/// The first clauses, and how many more there are.
fn clauses(clauses: &[String]) -> String {
    const MAX_CLAUSES: usize = 8;
    let named = clauses.iter().take(MAX_CLAUSES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match clauses.len().saturating_sub(MAX_CLAUSES) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// A configuration that kepgate does not find any more.
fn lost(context: &Context<'_>, config: &LostConfig) -> Finding {
    let path = |file| quote(&context.file(file).path.to_string());
    match *config {
        LostConfig::Removed(file) => {
            Finding::new(&RULE, file, None, "this change removes kepgate's configuration: the defaults will apply")
                .at_level(Level::Warning)
                .help("restore the file, unless every pull request should be checked with the defaults")
        }
        LostConfig::RequiredRemoved(file) => {
            let message = format!("this change removes {}: no later change could be checked", path(file));
            let finding = Finding::new(&RULE, file, None, message);
            finding.help("restore the file, or first remove the `--config` or the `config` input that names it")
        }
        LostConfig::Misnamed(file) => {
            let message = format!("kepgate does not read {}, because it has the wrong name", path(file));
            Finding::new(&RULE, file, None, message).help(format!("rename it to {}", config::PATH))
        }
        LostConfig::Irregular(file) => {
            let message = format!("{} is not a regular file of at most 1 MiB, so kepgate does not read it", path(file));
            Finding::new(&RULE, file, None, message)
                .help("replace it with a regular file: kepgate does not follow links")
        }
        LostConfig::Covered(file) => {
            let message = format!("{} is not a folder, so kepgate's configuration in it is lost", path(file));
            Finding::new(&RULE, file, None, message).help("restore the folder with the configuration")
        }
    }
}
