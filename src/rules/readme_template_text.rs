use super::wording::count;
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::kep::Kep;
use crate::questionnaire::Readme;
use crate::questionnaire::template::Outline;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "readme-template-text",
    family: Family::Readme,
    level: Level::Notice,
    enabled: true,
    needs: &[Need::Readme, Need::Template],
    renewal: Renewal::Never,
    summary: "The README of an active KEP still has text from the template",
    what: "Counts the template's comments and placeholder lines (choices, fields of questions, `NNNN`, and text in \
           `<…>`) that are left in the README of a KEP that is implementable or implemented, or that has an unknown \
           status. The marks of the table of contents are not counted. Each README gets one finding, at the first \
           of them, and only the change that brings it in or makes the KEP active counts as new. In projects other \
           than Kubernetes it is a warning if the README has no other text.",
    why: "The template says to remove all of its comments once the KEP is complete. Until then, readers cannot tell \
          them from the author's text.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(readme) = context.readme() else { return };
    let outline = context.policy.outline();
    if outline.is_none() {
        findings.cannot_tell(&RULE, Missing::Template);
    }
    if !context.kep().is_some_and(Kep::is_active) {
        return;
    }
    if let Some(finding) = outline.and_then(|outline| without_own_text(context, readme, outline)) {
        findings.push(finding);
        return;
    }
    let (comments, lines) = (&readme.template_comments, &readme.template_lines);
    let Some(first) = comments.iter().chain(lines).min().copied() else { return };
    let parts = [(comments.len(), "comment"), (lines.len(), "line")];
    let parts: Vec<_> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| count(*number, noun)).collect();
    let message = format!("the README still contains {} of the template", parts.join(" and "));
    // A comment of many lines would fill the report.
    let file = context.file(readme.file);
    let place = Span::new(first.start, first.end.min(file.line(file.position(first.start).line).end));
    findings.push(
        Finding::new(&RULE, readme.file, Some(place), message)
            .on("template", "")
            .help("delete the template's comments and the choices that do not apply"),
    );
}

/// Reports a README without text of its own below the headings. In KEPs of Kubernetes, the release team notices that.
fn without_own_text(context: &Context<'_>, readme: &Readme, outline: &Outline) -> Option<Finding> {
    let text = context.file(readme.file).text();
    let first = readme.markdown.headings.first().filter(|_| !context.policy.profile.dialect.is_kubernetes)?;
    if readme.markdown.headings.iter().any(|heading| readme.has_own_text(text, heading.span, outline)) {
        return None;
    }
    let message = "the README has no text other than that of the template";
    let finding = Finding::new(&RULE, readme.file, Some(first.span), message).on("template", "all");
    Some(finding.at_level(Level::Warning).help("describe the proposal, or leave the status as it was until then"))
}
