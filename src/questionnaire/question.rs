//! A question of the template, and what is known about it from its words.

/// A question of the template.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its heading.
    pub title: String,
    /// The title as words, which identifies it.
    pub key: String,
    /// The field of `kep.yaml` that wants the same answer.
    pub field: Option<AnsweredField>,
    /// True if it asks which metrics there are: an answer names some, or says that there are none.
    pub asks_for_metrics: bool,
    /// Words of the question that must set a measurable value for this one to make sense.
    pub(super) presupposes: Option<&'static str>,
}

/// A field of `kep.yaml` that a question's answer goes into, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnsweredField {
    /// `feature-gates`
    FeatureGates,
    /// `disable-supported`
    DisableSupported,
    /// `metrics`
    Metrics,
}

/// A question that makes sense only if the answer to another one sets a measurable value. Both are identified by words of
/// their titles, normalized like [`Question::key`].
struct Presupposition {
    question: &'static str,
    other: &'static str,
}

/// Add a row when the template gets another question of this kind.
const PRESUPPOSITIONS: &[Presupposition] = &[
    // "What steps should be taken if SLOs are not being met …?" and "What are the reasonable SLOs (Service Level
    // Objectives) …?"
    Presupposition { question: "slos are not being met", other: "service level objectives" },
];

impl Question {
    /// `content` is the text below the question in the template, as words.
    pub(super) fn new(title: String, key: String, content: &str) -> Self {
        let field = AnsweredField::of(content);
        let has_word = |wanted: &str| key.split(' ').any(|word| word == wanted);
        // What is said about missing metrics is not about metrics that there are.
        let is_open = (key.starts_with("what ") || key.starts_with("which ")) && !has_word("missing");
        let asks_for_metrics = field == Some(AnsweredField::Metrics) || (is_open && has_word("metrics"));
        let presupposition = PRESUPPOSITIONS.iter().find(|it| key.contains(it.question));
        Self { title, field, asks_for_metrics, presupposes: presupposition.map(|it| it.other), key }
    }
}

impl AnsweredField {
    /// By the text below the question in the template, as words.
    fn of(content: &str) -> Option<Self> {
        let marks = [
            ("feature gate name", Self::FeatureGates),
            ("metric name", Self::Metrics),
            ("disable supported", Self::DisableSupported),
        ];
        marks.into_iter().find(|(mark, _)| content.contains(mark)).map(|(_, field)| field)
    }
}

#[cfg(test)]
mod tests {
    use super::{PRESUPPOSITIONS, Question};
    use crate::questionnaire::template::Outline;

    #[test]
    fn questions_that_ask_which_metrics_there_are() {
        let asks = |key: &str, content: &str| Question::new(String::new(), key.to_owned(), content).asks_for_metrics;
        assert!(asks("what specific metrics should inform a rollback", ""));
        assert!(asks("what are the slis", "metrics metric name"));
        assert!(!asks("are there any missing metrics", ""));
        assert!(!asks("which metrics are still missing", ""));
        assert!(!asks("what happens on rollback", "feature gate name"));
    }

    #[test]
    fn a_question_may_take_the_answer_to_another_one_for_granted() {
        let outline = Outline::read(
            "## A\n###### What are the SLOs (Service Level Objectives)?\n###### Why?\n## B\n###### What if SLOs are not being met?\n",
        );
        let [objectives, why] = &outline.sections[0].questions[..] else { panic!() };
        assert_eq!(outline.presupposed_by(&outline.sections[1].questions[0]), Some((0, 0)));
        assert!(outline.presupposed_by(objectives).is_none() && outline.presupposed_by(why).is_none());
        for row in PRESUPPOSITIONS {
            assert!(!row.other.contains(row.question), "a question cannot presuppose itself");
        }
    }
}
