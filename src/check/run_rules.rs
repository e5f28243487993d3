//! Runs the rules on one subject, as the configuration tunes them.

use crate::config::{Config, Setting};
use crate::finding::Finding;
use crate::rules::{CHECKS, Context, Findings};

/// Runs the rules on `context` as `config` tunes them; each finding is about the context's KEP.
#[must_use]
pub(super) fn run(context: &Context<'_>, config: &Config) -> Vec<Finding> {
    let mut findings = Findings::default();
    for check in CHECKS.iter().filter(|check| config.runs(check.rule)) {
        (check.run)(context, &mut findings);
    }
    let kep = context.kep_dir();
    let mut findings = findings.into_vec();
    for finding in &mut findings {
        finding.kep = kep.cloned();
        // A value of several lines (a block scalar) ends with a line break that no right text has room for.
        if finding.value.contains('\n') {
            finding.fix = None;
        }
        if let Some(Setting::At(level)) = config.setting(finding.rule) {
            finding.level = level;
        }
    }
    findings
}
