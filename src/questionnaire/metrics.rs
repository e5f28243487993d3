//! Whether a README's answers name metrics, or state that there are none.

use std::collections::BTreeSet;

use super::answers::{Answer, denial, lines};
use super::names::{is_metric, is_shared_metric};
use super::readme::{Answered, Readme, Reply};
use super::template::{AnsweredField, Outline};
use crate::text::Span;

/// Among this many first words, an answer about something else than `metrics` itself has to speak of metrics.
const MAX_OPENING: usize = 6;

impl Readme {
    /// True if the answer that `metrics` repeats names a metric: in the template's field, or as code.
    #[must_use]
    pub fn names_metric(&self, text: &str, outline: &Outline) -> bool {
        let answered = self.answer_to(AnsweredField::Metrics, outline);
        let content = answered.map_or(Span::new(0, 0), |answered| answered.content);
        let next = self.markdown.inline_code.partition_point(|code| code.start < content.start);
        let mut code = self.markdown.inline_code.iter().skip(next).take_while(|code| code.end <= content.end);
        !self.metrics.is_empty() || code.any(|code| has_metric(&text[*code]))
    }

    /// The metrics that the README names, each once: those in the template's field, else those in the answer that `metrics`
    /// repeats, else those in other answers about metrics.
    #[must_use]
    pub fn metric_names<'t>(&self, text: &'t str, outline: &Outline) -> Vec<&'t str> {
        let in_answers = |is_wanted: bool| -> Vec<(usize, &'t str)> {
            let answers = self.metric_answers(outline).filter(|(is_field, _)| *is_field == is_wanted);
            let lines = answers.flat_map(|(_, answered)| lines(text, answered.content, &self.markdown));
            lines.flat_map(|line| metrics_in(text, line)).collect()
        };
        let mut names: Vec<_> = self.metrics.iter().map(|name| (name.span.start, &text[name.span])).collect();
        for is_field in [true, false] {
            if names.is_empty() {
                names = in_answers(is_field);
            }
        }
        names.sort_unstable();
        let mut seen = BTreeSet::new();
        names.into_iter().map(|(_, name)| name).filter(|name| seen.insert(*name)).collect()
    }

    /// True if the README states that the feature has no metrics, and no answer names one of its own: in the answer that
    /// `metrics` repeats, in another answer about metrics that is explicit, or once for all questions of its section or of
    /// the questionnaire.
    #[must_use]
    pub fn states_no_metric(&self, text: &str, outline: &Outline) -> bool {
        let Some((section, question)) = outline.question_of(AnsweredField::Metrics) else { return false };
        let Some(answered) = self.answer_at((section, question)) else { return false };
        let is_denial = |answer, content| {
            matches!(answer, Answer::Given | Answer::NotApplicable(_)) && self.denial(text, content, outline).is_some()
        };
        let is_stated = match answered.answer {
            Answer::NotApplicable(_) => true,
            Answer::Given => is_denial(Answer::Given, answered.content) || self.denies_explicitly(text, outline),
            Answer::Missing | Answer::Absent => false,
        };
        // Text of a section around it stands for the answer only if the question is not there.
        let around = self.sections_around(section, outline, answered.answer == Answer::Absent);
        (is_stated || around.into_iter().any(|reply| is_denial(reply.text, reply.content)))
            && self.metrics.is_empty()
            && !self.metric_answers(outline).any(|(_, it)| has_own_metric(&self.without_comments(text, it.content)))
    }

    /// The parts for the questions that ask for metrics, with true for the one whose answer goes into `metrics`.
    fn metric_answers<'a>(&'a self, outline: &'a Outline) -> impl Iterator<Item = (bool, &'a Answered)> {
        let questions = outline.sections.iter().flat_map(|section| &section.questions);
        let answers = self.sections.iter().flat_map(|reply| &reply.answers);
        let asked = questions.zip(answers).filter(|(question, _)| question.asks_for_metrics);
        asked.map(|(question, answered)| (question.field == Some(AnsweredField::Metrics), answered))
    }

    /// True if an answer about other metrics begins by saying that there are no metrics. A bare `No` or `N/A` there says
    /// nothing about `metrics`.
    fn denies_explicitly(&self, text: &str, outline: &Outline) -> bool {
        let others = self.metric_answers(outline).filter(|(is_field, _)| !is_field);
        others
            .filter_map(|(_, answered)| self.denial(text, answered.content, outline))
            .any(|said| said.iter().take(MAX_OPENING).any(|word| matches!(word.as_str(), "metric" | "metrics")))
    }

    /// The section, and if `all` the ones around it.
    fn sections_around(&self, section: usize, outline: &Outline, all: bool) -> Vec<&Reply> {
        let parent = |at: &usize| outline.sections.get(*at)?.parent.filter(|_| all);
        std::iter::successors(Some(section), parent).filter_map(|at| self.sections.get(at)).collect()
    }

    fn denial(&self, text: &str, content: Span, outline: &Outline) -> Option<Vec<String>> {
        denial(text, content, &self.markdown, outline)
    }
}

/// True if a word of `text` is surely a metric.
fn has_metric(text: &str) -> bool {
    metrics_in(text, Span::new(0, text.len())).next().is_some()
}

/// True if a word of `text` is surely a metric, and not one that many components share.
fn has_own_metric(text: &str) -> bool {
    metrics_in(text, Span::new(0, text.len())).any(|(_, name)| !is_shared_metric(name))
}

/// The words of a line of `text` that are surely metrics, each with its offset in bytes. With only one underscore they could
/// be a label, a file or a configuration key.
fn metrics_in(text: &str, line: Span) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | ':');
    let mut start = line.start;
    text[line].split_inclusive(move |it| !is_part(it)).filter_map(move |word| {
        let at = start;
        start += word.len();
        let is_in_address = text[..at].ends_with(['/', '#']) || word.ends_with(['/', '#']);
        let word = word.trim_end_matches(|it| !is_part(it));
        (!is_in_address && is_metric(word) && word.matches('_').count() > 1).then_some((at, word))
    })
}
