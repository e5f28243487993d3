use super::wording::{all_of, quote};
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::kep::{Kep, Status};
use crate::questionnaire::Readme;
use crate::questionnaire::template::Section;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;

pub(crate) static RULE: Rule = Rule {
    id: "readme-section-missing",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme, Need::Template],
    renewal: Renewal::Target,
    summary: "A section of the template is missing from the README",
    what: "Compares the headings of a KEP's README with the template on the target branch, ignoring punctuation, \
           and reports each missing section. Sections marked `(Optional)` may be missing. KEPs that are deferred, \
           rejected, withdrawn or replaced are not checked. A missing section is reported once together with its \
           subsections, and so is a section in which all subsections are missing.",
    why: "Reviewers look for what the template asks for. If the README has no section for it, nobody has thought \
          about it, especially in old KEPs that started from an earlier template.",
    source: "https://github.com/kubernetes/enhancements/blob/master/hack/verify-toc-vs-template.sh",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(readme) = context.readme() else { return };
    let Some(outline) = &context.policy.outline else {
        findings.cannot_tell(&RULE, Missing::Template);
        return;
    };
    if context.kep().is_some_and(is_shelved) {
        return;
    }
    let outlined = Outlined { readme, sections: &outline.sections };
    for (at, section) in outline.sections.iter().enumerate() {
        if !outlined.is_missing(at) {
            findings.extend(outlined.without_any(at, section));
        } else if !section.parent.is_some_and(|parent| outlined.is_missing(parent) || outlined.has_none(parent)) {
            findings.push(outlined.without(at, section));
        }
    }
}

/// A README together with the template's sections.
struct Outlined<'a> {
    readme: &'a Readme,
    sections: &'a [Section],
}

impl Outlined<'_> {
    fn heading(&self, at: usize) -> Option<Span> {
        self.readme.sections.get(at)?.heading
    }

    fn is_missing(&self, at: usize) -> bool {
        self.sections.get(at).is_some_and(|section| !section.is_optional) && self.heading(at).is_none()
    }

    /// Returns the required subsections of the section at `at`.
    fn parts(&self, at: usize) -> impl Iterator<Item = (usize, &Section)> {
        self.sections.iter().enumerate().filter(move |(_, section)| section.parent == Some(at) && !section.is_optional)
    }

    /// True if the section has at least two required subsections and the README has none of them.
    fn has_none(&self, at: usize) -> bool {
        self.parts(at).nth(1).is_some() && self.parts(at).all(|(part, _)| self.is_missing(part))
    }

    /// Reports a section that lacks all of its subsections. They have one cause, so this is one finding.
    fn without_any(&self, at: usize, section: &Section) -> Option<Finding> {
        let place = self.heading(at).filter(|_| self.has_none(at))?;
        let titles: Vec<_> = self.parts(at).map(|(_, part)| part.title.as_str()).collect();
        let title = quote(&section.title);
        let message = format!("{title} is missing all of its subsections: {}", all_of(&titles));
        let mut finding = Finding::new(&RULE, self.readme.file, Some(place), message)
            .on("sections", format!("{} *", section.key))
            .help("add them from the template and fill them in");
        finding.covers = self.parts(at).map(|(_, part)| part.key.clone()).collect();
        Some(finding)
    }

    fn without(&self, at: usize, section: &Section) -> Finding {
        let place = section.parent.and_then(|parent| self.heading(parent));
        let heading = quote(&format!("{} {}", "#".repeat(usize::from(section.level)), section.title));
        let before = self.sections.get(..at).unwrap_or_default().iter().rfind(|it| it.level <= section.level);
        let after = before.filter(|before| before.parent == section.parent);
        let after = after.map(|before| format!(" after {}", quote(&before.title))).unwrap_or_default();
        let message = format!("the section {} is missing", quote(&section.title));
        Finding::new(&RULE, self.readme.file, place, message)
            .on("sections", &section.key)
            .help(format!("add {heading}{after} and fill it in"))
    }
}

fn is_shelved(kep: &Kep) -> bool {
    kep.known_status().is_some_and(|status| !status.is_active() && status != Status::Provisional)
}
