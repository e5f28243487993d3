//! How the template of the README changed.

use std::collections::BTreeSet;

use crate::questionnaire::template::Outline;

/// What a newer template has that an older one did not have, and the other way around.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct TemplateChange {
    /// Headings of sections.
    pub(crate) new_sections: Vec<String>,
    /// Questions.
    pub(crate) new_questions: Vec<String>,
    /// Questions of the older one.
    pub(crate) former_questions: Vec<String>,
}

impl TemplateChange {
    pub(crate) fn new(before: &Outline, after: &Outline) -> Self {
        let sections = |outline: &Outline| -> Vec<(String, String)> {
            outline.sections.iter().map(|section| (section.key.clone(), section.title.clone())).collect()
        };
        let questions = |outline: &Outline| -> Vec<(String, String)> {
            let questions = outline.sections.iter().flat_map(|section| &section.questions);
            questions.map(|question| (question.key.clone(), question.title.clone())).collect()
        };
        Self {
            new_sections: missing(sections(after), &sections(before)),
            new_questions: missing(questions(after), &questions(before)),
            former_questions: missing(questions(before), &questions(after)),
        }
    }
}

/// The titles of those whose keys `others` do not have.
fn missing(titles: Vec<(String, String)>, others: &[(String, String)]) -> Vec<String> {
    let known: BTreeSet<_> = others.iter().map(|(key, _)| key).collect();
    titles.into_iter().filter(|(key, _)| !known.contains(key)).map(|(_, title)| title).collect()
}
