use super::wording::standing;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "readme-unresolved",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Target,
    summary: "The README of an active KEP holds something unresolved",
    what: "Reports `<<[UNRESOLVED` in the README of a KEP that is implementable or implemented, or of no known status, \
           wherever it stands but in a comment.",
    why: "The mark is for sections that are still argued about. An implementable KEP is agreed on.",
    cases: include_str!("../../fixtures/rules/readme-unresolved.md"),
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/README.md",
};

/// How much of a line tells it from others, in characters.
const MAX_VALUE: usize = 200;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(readme) = context.readme() else { return };
    let Some(kep) = context.kep().filter(|kep| kep.is_active()) else { return };
    let file = context.file(readme.file);
    for span in &readme.unresolved {
        let line = file.line(file.position(span.start).line);
        // What the line says tells one from the next; a line has no bound of its own.
        let what: String = file.text()[Span::new(span.start, line.end)].chars().take(MAX_VALUE).collect();
        findings.push(
            Finding::new(
                &RULE,
                readme.file,
                Some(*span),
                format!("something here is unresolved, and {}", standing(kep)),
            )
            .on("unresolved", what)
            .help("settle it and delete the marks, or leave the KEP provisional until it is settled"),
        );
    }
}
