use super::wording::quote;
use super::{Context, Family, Findings, Renewal, Rule};
use crate::finding::{Finding, Level};
use crate::model::template::outline::Section;
use crate::model::{Kep, Status};

pub(super) static RULE: Rule = Rule {
    id: "readme-section-missing",
    family: Family::Readme,
    level: Level::Warning,
    renewal: Renewal::Target,
    summary: "A section of the template is missing from the README",
    what: "Compares the headings of a KEP's README with those of the template on the target branch, by their words, \
           and reports each that is absent; those marked `(Optional)` may be, and so may all of a KEP that is \
           deferred, rejected, withdrawn or replaced. Where a section is absent with all that stands in it, only the \
           section is reported.",
    why: "Reviewers look for what the template asks; what has no place in the README has not been thought of, above \
          all in old KEPs, which were begun from an older template.",
    example: "## Design Details\n### Test Plan\n## Production Readiness Review Questionnaire",
    instead: "## Design Details\n### Test Plan\n### Graduation Criteria\n## Production Readiness Review Questionnaire",
    source: "https://github.com/kubernetes/enhancements/blob/master/hack/verify-toc-vs-template.sh",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(readme), Some(outline)) = (context.readme(), &context.policy.outline) else { return };
    if context.kep().is_some_and(is_shelved) {
        return;
    }
    let is_missing = |section: &Section, at: usize| {
        !section.is_optional && readme.sections.get(at).is_some_and(|reply| reply.heading.is_none())
    };
    for (at, section) in outline.sections.iter().enumerate().filter(|(at, section)| is_missing(section, *at)) {
        let around = section.parent.and_then(|parent| Some((outline.sections.get(parent)?, parent)));
        if around.is_some_and(|(around, parent)| is_missing(around, parent)) {
            continue;
        }
        let place = section.parent.and_then(|parent| readme.sections.get(parent)?.heading);
        let title = quote(&section.title);
        let marks = "#".repeat(usize::from(section.level));
        let before =
            outline.sections.get(..at).unwrap_or_default().iter().rfind(|before| before.level == section.level);
        let behind = before.filter(|before| before.parent == section.parent);
        let behind = behind.map(|before| format!(", after {}", quote(&before.title))).unwrap_or_default();
        findings.push(
            Finding::new(&RULE, readme.file, place, format!("the section {title} of the template is missing"))
                .on("sections", &section.key)
                .help(format!(
                    "add {} and what the template asks there{behind}",
                    quote(&format!("{marks} {}", section.title))
                )),
        );
    }
}

fn is_shelved(kep: &Kep) -> bool {
    kep.known_status().is_some_and(|status| !status.is_active() && status != Status::Provisional)
}
