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
    what: "Reads from the template on the target branch which questions there are (its headings of level 6) and from \
           which stage on their section must be completed, and reports those that a gated KEP leaves unanswered at its \
           target stage. Comments, the template's own lines, checkboxes that nobody ticked, and `TBD` are no answer; \
           `N/A` is one, and wants a reason. A section without any answer is one finding.",
    why: "The answers are what a production-readiness review reviews; without them it does not begin.",
    cases: include_str!("../../fixtures/rules/prr-question-unanswered.md"),
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(readme) = context.readme() else { return };
    let Some(outline) = &context.policy.outline else {
        findings.cannot_tell(&RULE, Missing::Template);
        return;
    };
    if !outline.asks() {
        findings.cannot_tell(&RULE, Missing::TemplateStages);
    }
    let Some(stage) = context.kep().filter(|kep| kep.is_gated()).and_then(Kep::target_stage) else { return };
    for (section, reply) in outline.sections.iter().zip(&readme.sections) {
        let is_absent = reply.heading.is_none() && reply.answers.iter().all(|it| it.answer == Answer::Absent);
        // `readme-section-missing` says so.
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
    let message =
        format!("{} is not answered: {questions} that a KEP has to answer for {stage}", quote(&section.title));
    let mut finding = Finding::new(&RULE, readme.file, place, message)
        .on("questionnaire", &section.key)
        .help("answer below each question; `N/A` is an answer where it is followed by the reason");
    // Answering some of them is no fault.
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
            finding(answered.heading, format!("{title} has no answer, which is due from {from} on"))
                .help("answer below the question; `N/A` is an answer where it is followed by the reason"),
        ),
        Answer::Absent => {
            let place = reply.heading.or_else(|| reply.answers.iter().find_map(|answered| answered.heading));
            Some(
                finding(place, format!("the question {title} is missing, and its answer is due from {from} on")).help(
                    format!("add the question to {} as the template has it, and answer it", quote(&section.title)),
                ),
            )
        }
        Answer::NotApplicable(place) => Some(
            finding(Some(place), format!("{title} is said not to apply, without a reason"))
                .at_level(Level::Notice)
                .help("say in a few words why it does not apply"),
        ),
    }
}
