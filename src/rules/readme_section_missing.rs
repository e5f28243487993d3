use super::wording::{all_of, quote};
use super::{Context, Findings, Missing};
use crate::change::{KepState, ReadmeFile};
use crate::finding::Finding;
use crate::kep::{Kep, Stage, Status};
use crate::project::{ProfileKind, layout};
use crate::questionnaire::Readme;
use crate::questionnaire::template::{Outline, Section};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;

pub(crate) static RULE: Rule = Rule {
    id: "readme-section-missing",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Target,
    summary: "A section of the template is missing from the README",
    what: "Compares the headings of a KEP's README with the template on the target branch, ignoring punctuation, \
           and reports each missing section that the release team looks for: Graduation Criteria, Test Plan, and \
           the sections of the production-readiness questionnaire that are due at the KEP's stage. In Kubernetes, Graduation Criteria and \
           Test Plan also count as missing if they only have the template's text, which is a notice while the KEP is \
           provisional. All other \
           sections that a new KEP lacks are one notice. Sections marked `(Optional)` may be missing. KEPs that \
           are deferred, rejected, withdrawn or replaced are not checked, nor is a change that targets a release \
           that is out. A missing section is reported once together with its subsections, and so is a \
           questionnaire in which all sections are missing. A deleted README is also one finding.",
    why: "Reviewers look for what the template asks for. If the README has no section for it, it may never \
          have been considered, especially in old KEPs that started from an earlier template.",
    source: "https://github.com/kubernetes/enhancements/blob/master/hack/verify-toc-vs-template.sh",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.extend(without_readme(context));
    findings.skip_other_format(&RULE, context);
    let Some(readme) = context.due_readme().filter(|_| !context.policy.profile.lacks_template()) else { return };
    let Some(outline) = context.policy.outline() else {
        findings.cannot_tell(&RULE, Missing::Template);
        return;
    };
    if context.kep().is_some_and(is_shelved) {
        return;
    }
    let stage = context.kep().and_then(Kep::target_stage);
    let text = context.file(readme.file).text();
    let is_provisional = context.kep().and_then(Kep::known_status) == Some(Status::Provisional);
    // Other projects have nobody who checks that these sections are filled in.
    let has_release_team = context.policy.profile.kind == ProfileKind::Kubernetes;
    let outlined = Outlined { readme, text, outline, stage };
    let mut others = Vec::new();
    for (at, section) in outline.sections.iter().enumerate() {
        if section.parent.is_some_and(|parent| outlined.is_explained(parent)) {
            continue;
        }
        let is_missing = outlined.is_missing(at);
        if is_missing && outlined.is_checked(at, section) {
            findings.push(outlined.without(at, section));
        } else if let Some(finding) = outlined.without_text(at, section).filter(|_| has_release_team) {
            findings.push(if is_provisional { finding.at_level(Level::Notice) } else { finding });
        } else if !is_missing && outlined.is_explained(at) {
            findings.extend(outlined.without_any(at, section));
        } else if is_missing && !section.parent.is_some_and(|parent| outlined.stands_for_parts(parent)) {
            others.push(section);
        }
    }
    // Nobody adds these to an old README.
    if context.base_record().is_none() {
        findings.extend(outlined.without_others(&others));
    }
}

/// Reports a README that the change deletes, and all sections with it.
fn without_readme(context: &Context<'_>) -> Option<Finding> {
    let is_due = context.affects_answers() && !context.targets_shipped_release();
    let kep = context.kep().filter(|kep| is_due && !is_shelved(kep))?;
    let record = context.record().filter(|record| lacks_readme(record))?;
    context.base_record().filter(|base| !lacks_readme(base))?;
    let message = format!("the change deletes the KEP's {}", quote(&context.layout().readme));
    let help = format!("restore {}", quote(&context.layout().readme_of(&record.dir).to_string()));
    Some(Finding::new(&RULE, kep.file, None, message).on("sections", layout::README).help(help))
}

fn lacks_readme(record: &KepState) -> bool {
    matches!(record.readme, ReadmeFile::Absent)
}

/// True if a finding of this rule with this value is about a section that the release team looks for.
pub(crate) fn is_about_checked_section(value: &str) -> bool {
    !value.is_empty()
}

/// The sections that the release team looks for, in addition to the questionnaire.
const CHECKED: [&str; 2] = ["graduation criteria", "test plan"];

/// A README together with the template's sections.
struct Outlined<'a> {
    readme: &'a Readme,
    /// The README.
    text: &'a str,
    outline: &'a Outline,
    stage: Option<Stage>,
}

impl Outlined<'_> {
    fn heading(&self, at: usize) -> Option<Span> {
        self.readme.sections.get(at)?.heading
    }

    fn is_missing(&self, at: usize) -> bool {
        self.outline.sections.get(at).is_some_and(|section| !section.is_optional) && self.heading(at).is_none()
    }

    /// Returns the required subsections of the section at `at`.
    fn parts(&self, at: usize) -> impl Iterator<Item = (usize, &Section)> {
        self.outline.parts(at)
    }

    /// True if the section has at least two required subsections and the README has none of them.
    fn has_none(&self, at: usize) -> bool {
        self.parts(at).nth(1).is_some()
            && self.parts(at).all(|(part, _)| self.is_missing(part))
            && !self.is_answered_as_whole(at)
    }

    fn is_answered_as_whole(&self, at: usize) -> bool {
        self.readme.sections.get(at).is_some_and(|reply| reply.is_answered_as_whole)
    }

    /// True if the section is the whole questionnaire.
    fn has_questions_below(&self, at: usize) -> bool {
        self.parts(at).any(|(_, part)| !part.questions.is_empty())
    }

    /// True if the release team looks for the section. If the README has one of its subsections, they find its content
    /// anyway.
    fn is_checked(&self, at: usize, section: &Section) -> bool {
        let is_due = |stage| section.required_from.is_none() || section.is_required_at(stage);
        let is_answered = section.parent.is_some_and(|parent| self.is_answered_as_whole(parent));
        let is_due_part = !section.questions.is_empty() && self.stage.is_none_or(is_due) && !is_answered;
        let is_named = CHECKED.contains(&section.key.as_str()) || self.has_questions_below(at);
        let has_part = self.parts(at).any(|(part, _)| !self.is_missing(part));
        is_due_part || (is_named && !has_part)
    }

    /// True if a finding about the section explains why its subsections are missing.
    fn is_explained(&self, at: usize) -> bool {
        let Some(section) = self.outline.sections.get(at) else { return false };
        let is_checked = if self.is_missing(at) {
            self.is_checked(at, section)
        } else {
            self.has_none(at) && self.parts(at).any(|(part, section)| self.is_checked(part, section))
        };
        is_checked || section.parent.is_some_and(|parent| self.is_explained(parent))
    }

    /// True if the section says it all about its subsections: it is missing, too, or answered as a whole.
    fn stands_for_parts(&self, at: usize) -> bool {
        self.is_missing(at) || self.is_answered_as_whole(at)
    }

    /// Reports a section that lacks all of its subsections. They have one cause, so this is one finding.
    fn without_any(&self, at: usize, section: &Section) -> Option<Finding> {
        let place = self.heading(at)?;
        let titles: Vec<_> = self.parts(at).map(|(_, part)| &*part.title).collect();
        let title = quote(&section.title);
        let message = format!("the section {title} has none of the template's subsections: {}", all_of(&titles));
        let mut finding = Finding::new(&RULE, self.readme.file, Some(place), message)
            .on("sections", format!("{} *", section.key))
            .help("add them from the template and fill them in");
        finding.covers = self.parts(at).map(|(_, part)| part.key.clone()).collect();
        Some(finding)
    }

    /// Reports a section that the release team looks for, but that nobody has filled in.
    fn without_text(&self, at: usize, section: &Section) -> Option<Finding> {
        let heading = self.heading(at).filter(|_| CHECKED.contains(&section.key.as_str()))?;
        if self.readme.has_own_text(self.text, heading, self.outline) {
            return None;
        }
        let message = format!("the section {} has not been filled in", quote(&section.title));
        let finding = Finding::new(&RULE, self.readme.file, Some(heading), message);
        Some(finding.on("sections", &section.key).help("write it, or say why it does not apply"))
    }

    fn without(&self, at: usize, section: &Section) -> Finding {
        let place = section.parent.and_then(|parent| self.heading(parent));
        let heading = quote(&format!("{} {}", "#".repeat(usize::from(section.level)), section.title));
        let before = self.outline.sections.get(..at).unwrap_or_default().iter().rfind(|it| it.level <= section.level);
        let after = before.filter(|before| before.parent == section.parent);
        let after = after.map(|before| format!(" after {}", quote(&before.title))).unwrap_or_default();
        let message = format!("the section {} is missing", quote(&section.title));
        Finding::new(&RULE, self.readme.file, place, message)
            .on("sections", &section.key)
            .help(format!("add {heading}{after} and fill it in"))
    }

    /// One notice for the sections that only the template's readers miss.
    fn without_others(&self, others: &[&Section]) -> Option<Finding> {
        let titles: Vec<_> = others.iter().map(|section| &*section.title).collect();
        let sections = match titles.as_slice() {
            [] => return None,
            [title] => format!("the section {} of the template is missing", quote(title)),
            _ => format!("{} sections of the template are missing: {}", titles.len(), all_of(&titles)),
        };
        let finding = Finding::new(&RULE, self.readme.file, None, sections).at_level(Level::Notice);
        Some(finding.on("sections", "").help("add what applies to this KEP"))
    }
}

fn is_shelved(kep: &Kep) -> bool {
    kep.known_status().is_some_and(|status| !status.is_active() && status != Status::Provisional)
}

#[cfg(test)]
mod tests {
    use super::is_about_checked_section;

    #[test]
    fn the_release_team_looks_for_named_sections() {
        assert!(is_about_checked_section("test plan"));
        assert!(!is_about_checked_section(""));
    }
}
