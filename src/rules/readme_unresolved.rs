use super::wording::active_reason;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::Stage;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;
use crate::text::wording::quote;
use crate::text::words::words;

pub(super) static RULE: Rule = Rule {
    id: "readme-unresolved",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Target,
    summary: "The README of an active KEP has an unresolved section",
    what: "Reports `<<[UNRESOLVED` outside of comments in the README of a KEP that is implementable or implemented, \
           or that has an unknown status. If the line says `non-blocking` or names a later stage, that is a notice.",
    why: "The mark is for sections that are still under discussion. Once a KEP is implementable, its design \
          has been agreed on.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/README.md",
};

/// How much of a line identifies it, in characters.
const MAX_VALUE: usize = 200;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.skip_other_format(&RULE, context);
    let Some(readme) = context.due_readme() else { return };
    let Some(kep) = context.kep().filter(|kep| kep.is_active()) else { return };
    let file = context.file(readme.file);
    let stage = kep.target_stage();
    for span in &readme.unresolved {
        let line = file.line(file.position(span.start).line);
        // The text of the line identifies the finding. Lines can be of any length, so it is cut.
        let what: String = file.text()[Span::new(span.start, line.end)].chars().take(MAX_VALUE).collect();
        let is_for_later = puts_off(&what, stage);
        let heading = readme.markdown.headings.iter().rfind(|heading| heading.span.start < span.start);
        let section = heading.map_or_else(|| "this section".to_owned(), |heading| quote(&heading.text));
        let message = format!("{section} is marked as unresolved, but {}", active_reason(kep));
        let finding = Finding::new(&RULE, readme.file, Some(*span), message)
            .on("unresolved", what)
            .help("resolve the discussion and delete the `UNRESOLVED` markers");
        findings.push(if is_for_later { finding.at_level(Level::Notice) } else { finding });
    }
}

/// True if the words after the mark say that the discussion does not block the stage: `non blocking`, or the name of a
/// later stage.
fn puts_off(line: &str, stage: Option<Stage>) -> bool {
    let said = words(line);
    let later: &[&str] = match stage {
        Some(Stage::Alpha) => &["beta", "stable", "ga"],
        Some(Stage::Beta) => &["stable", "ga"],
        _ => &[],
    };
    said.contains("non blocking") || said.split(' ').any(|word| later.contains(&word))
}
