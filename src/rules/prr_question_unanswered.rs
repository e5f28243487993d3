use super::wording::{count, quote};
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::kep::{Kep, Stage};
use crate::questionnaire::Readme;
use crate::questionnaire::readme::{Answer, Answered, Reply};
use crate::questionnaire::template::{Question, Section};
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "prr-question-unanswered",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme, Need::Template],
    renewal: Renewal::Target,
    summary: "A question that is due at the target stage has no answer",
    what: "Reads the questions (headings of level 6) from the template on the target branch, and the stage from \
           which each section must be completed. Reports the questions that a gated KEP leaves unanswered at its \
           target stage. Comments, template text, unticked checkboxes and `TBD` do not count as answers. `N/A` \
           does, but should come with a reason. A section with no answers at all is reported once.",
    why: "The production-readiness review is a review of these answers. It cannot start without them.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(readme) = context.readme() else { return };
    let Some(outline) = &context.policy.outline else {
        findings.cannot_tell(&RULE, Missing::Template);
        return;
    };
    if !outline.has_due_stages() {
        findings.cannot_tell(&RULE, Missing::TemplateStages);
    }
    let Some(stage) = context.kep().filter(|kep| kep.is_gated()).and_then(Kep::target_stage) else { return };
    for (section, reply) in outline.sections.iter().zip(&readme.sections) {
        let is_absent = reply.heading.is_none() && reply.answers.iter().all(|it| it.answer == Answer::Absent);
        // `readme-section-missing` reports it.
        if section.required_from.is_none_or(|from| from != stage && !from.is_before(stage)) || is_absent {
            continue;
        }
        if reply.answered() == 0 {
            findings.push(whole_section(readme, section, reply, stage));
            continue;
        }
        for (question, answered) in section.questions.iter().zip(&reply.answers) {
            findings.extend(one_question(readme, section, reply, (question, *answered)));
        }
    }
}

fn whole_section(readme: &Readme, section: &Section, reply: &Reply, stage: Stage) -> Finding {
    let place = reply.heading.or_else(|| reply.answers.iter().find_map(|answered| answered.heading));
    let questions = count(section.questions.len(), "question");
    let message = format!("{} has no answers ({questions}), but they are due at {stage}", quote(&section.title));
    let mut finding = Finding::new(&RULE, readme.file, place, message)
        .on("questionnaire", &section.key)
        .help("write an answer below each question; `N/A` counts if a reason follows it");
    // Answering only some of them must not create new findings.
    finding.covers = section.questions.iter().map(|question| question.key.clone()).collect();
    finding
}

fn one_question(
    readme: &Readme,
    section: &Section,
    reply: &Reply,
    (question, answered): (&Question, Answered),
) -> Option<Finding> {
    let title = quote(&question.title);
    let from = section.required_from.map_or("alpha", Stage::word);
    let finding =
        |place, message: String| Finding::new(&RULE, readme.file, place, message).on("questionnaire", &question.key);
    match answered.answer {
        Answer::Given => None,
        Answer::Missing => Some(
            finding(answered.heading, format!("{title} has no answer, but one is due from {from} on"))
                .help("write an answer below the question; `N/A` counts if a reason follows it"),
        ),
        Answer::Absent => {
            let place = reply.heading.or_else(|| reply.answers.iter().find_map(|answered| answered.heading));
            Some(
                finding(place, format!("the question {title} is missing, but an answer is due from {from} on"))
                    .help(format!("copy the question from the template to {} and answer it", quote(&section.title))),
            )
        }
        Answer::NotApplicable(place) => Some(
            finding(Some(place), format!("{title} is answered `N/A` without a reason"))
                .at_level(Level::Notice)
                .help("add a few words about why it does not apply"),
        ),
    }
}
