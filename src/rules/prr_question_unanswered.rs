use super::wording::{all_of, count, quote};
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::kep::Stage;
use crate::questionnaire::Readme;
use crate::questionnaire::readme::{Answer, Answered, Reply};
use crate::questionnaire::template::{Outline, Question, Section};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;
use crate::text::words::words;

pub(crate) static RULE: Rule = Rule {
    id: "prr-question-unanswered",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme, Need::Template, Need::ProductionReadiness],
    renewal: Renewal::Target,
    summary: "A question that is due at the target stage has no answer",
    what: "Reads the questions (headings of level 6) from the template on the target branch, and the stage from \
           which each section must be completed. Reports the questions that a gated KEP leaves unanswered at its \
           target stage. Comments, template text, unticked checkboxes and `TBD` do not count as answers. `N/A` \
           does, but a section of several questions with no other answer is reported. Text below the heading of a \
           section answers all of its questions. A section with no answers at all is reported once, and so are the \
           questions that a section lacks. If it lacks only one, that is a notice: the question may be newer than the \
           README. If the KEP stays in its stage for another release, everything is a notice. The question about missing metrics is always a notice, and the one about missed SLOs is a notice if the README defines no SLOs of its own.",
    why: "The production-readiness review is a review of these answers. It cannot start without them.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(readme) = context.due_readme() else { return };
    let Some(outline) = context.policy.outline() else {
        findings.cannot_tell(&RULE, Missing::Template);
        return;
    };
    if !outline.has_due_stages() {
        findings.cannot_tell(&RULE, Missing::TemplateStages);
    }
    let Some(kep) = context.kep().filter(|kep| kep.is_gated()) else { return };
    let Some(stage) = kep.target_stage() else { return };
    let word = kep.stage_word(stage);
    let text = context.file(readme.file).text();
    let mut found = Vec::new();
    for (section, reply) in outline.sections.iter().zip(&readme.sections) {
        // `readme-section-missing` reports sections that are absent.
        if !section.is_required_at(stage) || section.questions.is_empty() || reply.is_absent() {
            continue;
        }
        let asked = Asked { readme, text, outline, section, reply, word };
        match reply.answered() {
            0 if reply.is_answered_as_whole && !asked.is_not_applicable() => {}
            0 if reply.answers.iter().all(|it| it.answer == Answer::Absent) && !asked.is_not_applicable() => {
                found.extend(asked.missing_questions());
            }
            0 if !asked.is_not_applicable() => found.push(asked.without_answers()),
            _ if asked.is_not_applicable() => found.push(asked.not_applicable()),
            _ => {
                found.extend(asked.missing_answers());
                found.extend(asked.missing_questions());
            }
        }
    }
    // The stage was approved with these answers, so they are a reminder.
    let stays = context.keeps_stage();
    findings.extend(found.into_iter().map(|it| if stays { it.at_level(Level::Notice) } else { it }));
}

/// A section that is due, and its part of the README.
struct Asked<'a> {
    readme: &'a Readme,
    /// The README.
    text: &'a str,
    outline: &'a Outline,
    section: &'a Section,
    reply: &'a Reply,
    /// The project's word for the stage.
    word: &'a str,
}

impl Asked<'_> {
    fn finding(&self, place: Option<Span>, message: String, value: &str) -> Finding {
        Finding::new(&RULE, self.readme.file, place, message).on("questionnaire", value)
    }

    fn title(&self) -> String {
        quote(&self.section.title)
    }

    /// The section's heading, or else that of its first question.
    fn heading(&self) -> Option<Span> {
        self.reply.heading.or_else(|| self.reply.answers.iter().find_map(|answered| answered.heading))
    }

    fn questions(&self) -> impl Iterator<Item = (&Question, &Answered)> {
        self.section.questions.iter().zip(&self.reply.answers)
    }

    fn without_answers(&self) -> Finding {
        let questions = count(self.section.questions.len(), "question");
        let message = format!("{} has no answers ({questions}), but they are due at {}", self.title(), self.word);
        let mut finding = self
            .finding(self.heading(), message, &self.section.key)
            .help("write an answer below each question, or `N/A` with a reason");
        // Answering only some of them must not create new findings.
        finding.covers = self.section.questions.iter().map(|question| question.key.clone()).collect();
        finding.covers.push(absent_value(self.section));
        finding
    }

    /// True if `N/A` is all that the section says. A single question can be answered by it.
    fn is_not_applicable(&self) -> bool {
        let Reply { text, answers, .. } = self.reply;
        let is_stated = matches!(text, Answer::NotApplicable(_)) && self.reply.answered() == 0;
        is_stated || (answers.len() > 1 && answers.iter().all(|it| matches!(it.answer, Answer::NotApplicable(_))))
    }

    fn not_applicable(&self) -> Finding {
        let message = format!("`N/A` is the only answer in {}, without a reason", self.title());
        self.finding(self.heading(), message, &format!("{}{NOT_APPLICABLE}", self.section.key))
            .help("add a few words about why the section does not apply")
    }

    /// The questions with nothing below them.
    fn missing_answers(&self) -> impl Iterator<Item = Finding> {
        let missing = self.questions().filter(|(_, answered)| answered.answer == Answer::Missing);
        missing.map(|(question, answered)| {
            let from = self.section.required_from.map_or("alpha", Stage::word);
            let message = format!("{} is unanswered; an answer is required starting at {from}", quote(&question.title));
            let finding = self.finding(answered.heading, message, &question.key);
            let finding =
                if self.is_moot(question) || means_none(question) { finding.at_level(Level::Notice) } else { finding };
            finding.help("write an answer below the question, or `N/A` with a reason")
        })
    }

    /// True if the question takes for granted that another answer sets a measurable value, but that one does not.
    fn is_moot(&self, question: &Question) -> bool {
        let Some(presupposed) = self.outline.presupposed_by(question) else { return false };
        let Some(answered) = self.readme.answer_at(presupposed).filter(|it| it.answer == Answer::Given) else {
            return true;
        };
        let said = self.readme.without_comments(self.text, answered.content);
        !has_measurement(&said) && keeps_what_exists(&said)
    }

    /// The questions that are not in the README. One alone in a section with answers is probably younger than the README, and only a notice.
    fn missing_questions(&self) -> Option<Finding> {
        let absent: Vec<_> = self.questions().filter(|(_, answered)| answered.answer == Answer::Absent).collect();
        let titles: Vec<_> = absent.iter().map(|(question, _)| question.title.as_str()).collect();
        let help = |what: &str| format!("copy {what} from the template to {} and answer", self.title());
        let from = self.section.required_from.map_or("alpha", Stage::word);
        match absent.as_slice() {
            [] => None,
            [(question, _)] => {
                let title = quote(&question.title);
                let message = format!("the question {title} is missing; an answer is required starting at {from}");
                let mut finding = self.finding(self.heading(), message, &question.key);
                finding.covers.push(self.section.key.clone());
                let has_answers = self.reply.answered() > 0;
                let finding = if has_answers { finding.at_level(Level::Notice) } else { finding };
                Some(finding.help(format!("{} it", help("the question"))))
            }
            _ => {
                let number = absent.len();
                let message = format!(
                    "{number} questions of {} are missing; answers are required starting at {from}: {}",
                    self.title(),
                    all_of(&titles)
                );
                let mut finding = self.finding(self.heading(), message, &absent_value(self.section));
                finding.covers = absent.iter().map(|(question, _)| question.key.clone()).collect();
                finding.covers.push(self.section.key.clone());
                let or_as_whole =
                    if self.reply.text.is_given() { ", or write a sentence that answers them all" } else { "" };
                Some(finding.help(format!("{} them{or_as_whole}", help("the questions"))))
            }
        }
    }
}

/// True if readers understand no answer as `No`: the question asks what else is missing.
fn means_none(question: &Question) -> bool {
    question.key.starts_with("are there any missing metrics")
}

/// True if a text begins by saying that there is nothing new.
fn keeps_what_exists(text: &str) -> bool {
    const NOTHING_NEW: [&str; 8] =
        ["existing", "status quo", "unchanged", "not change", "not modify", "no new", "none", "same"];
    const MAX_WORDS: usize = 40;
    let said = words(text).split(' ').take(MAX_WORDS).fold(" ".to_owned(), |said, word| said + word + " ");
    NOTHING_NEW.iter().any(|phrase| said.contains(&format!(" {phrase} ")))
}

/// How the value of a finding ends that is about a section with `N/A` alone.
const NOT_APPLICABLE: &str = " n/a";

/// True if a finding of this rule with this value is about questions without an answer.
pub(crate) fn is_about_open_questions(value: &str) -> bool {
    !value.ends_with(NOT_APPLICABLE)
}

/// True if a text has a number with a unit.
fn has_measurement(text: &str) -> bool {
    const UNITS: [&str; 9] = ["%", "ms", "s", "sec", "second", "seconds", "minute", "minutes", "percentile"];
    let mut after_number = false;
    text.split(|it: char| !it.is_ascii_alphanumeric() && it != '%').any(|word| {
        if word.is_empty() {
            return false;
        }
        let unit = word.trim_start_matches(|it: char| it.is_ascii_digit());
        let is_measurement = UNITS.contains(&unit) && (unit.len() < word.len() || after_number);
        after_number = unit.is_empty() || (after_number && unit == "th") || (unit == "th" && unit.len() < word.len());
        is_measurement
    })
}

/// Identifies the finding about questions of `section` that are missing.
fn absent_value(section: &Section) -> String {
    format!("{} ?", section.key)
}

#[cfg(test)]
mod tests {
    use super::{has_measurement, is_about_open_questions, keeps_what_exists};

    #[test]
    fn a_section_with_a_bare_not_applicable_has_no_open_question() {
        assert!(!is_about_open_questions("troubleshooting n/a"));
        for value in ["troubleshooting", "troubleshooting ?", "what are other known failure modes"] {
            assert!(is_about_open_questions(value), "{value}");
        }
    }

    #[test]
    fn a_measurement_is_a_number_with_a_unit() {
        for text in
            ["99.9% of requests", "within 5 s", "200ms", "in 30 seconds", "99th percentile", "the 95 th percentile"]
        {
            assert!(has_measurement(text), "{text}");
        }
        for text in ["", "as before", "the percentile", "the th percentile", "3 pods, in seconds", "v1 s", "5th pod s"]
        {
            assert!(!has_measurement(text), "{text}");
        }
    }

    #[test]
    fn only_the_beginning_of_an_answer_says_that_nothing_is_new() {
        for text in ["The existing SLOs apply.", "None", "It does not change them.", "There is no new SLO"] {
            assert!(keeps_what_exists(text), "{text}");
        }
        let late = format!("{}existing", "word ".repeat(40));
        for text in ["Nonexistent", "A new objective", late.as_str()] {
            assert!(!keeps_what_exists(text), "{text}");
        }
    }
}
