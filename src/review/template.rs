//! How the template of the README changed.

use crate::error::SourceError;
use crate::project::Profile;
use crate::questionnaire::Readme;
use crate::questionnaire::template::Outline;
use crate::source::{Content, Snapshot};
use crate::text::{Files, RepoPath, Side, SourceFile};

/// The template of a README.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) outline: Outline,
    text: String,
}

impl Template {
    /// Reads the template of a tree; `None` if it has no headings.
    ///
    /// # Errors
    /// [`SourceError`] if the tree could not be read.
    pub(crate) fn read(tree: &dyn Snapshot, profile: &Profile) -> Result<Option<Self>, SourceError> {
        let Content::Bytes(bytes) = tree.read(&profile.layout.template_readme())? else { return Ok(None) };
        let text = profile.dialect.markdown(&String::from_utf8_lossy(&bytes)).into_owned();
        let outline = Outline::read(&text);
        Ok(Some(Self { outline, text }).filter(|template| !template.outline.is_empty()))
    }
}

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
    pub(crate) fn is_empty(&self) -> bool {
        self.new_sections.is_empty() && self.new_questions.is_empty() && self.former_questions.is_empty()
    }

    pub(crate) fn new(before: &Template, after: &Template) -> Self {
        let (new_sections, new_questions) = missing(after, before);
        let (_, former_questions) = missing(before, after);
        Self { new_sections, new_questions, former_questions }
    }
}

/// The sections and questions of `template` that `other` does not have, in any wording that a README could have.
fn missing(template: &Template, other: &Template) -> (Vec<String>, Vec<String>) {
    let file = Files::default().add(SourceFile::new(Side::Policy, RepoPath::root(), other.text.as_str()));
    let readme = Readme::read(file, &other.text, Some(&template.outline));
    let (mut sections, mut questions) = (Vec::new(), Vec::new());
    for (section, reply) in template.outline.sections.iter().zip(&readme.sections) {
        if reply.heading.is_none() {
            sections.push(section.title.to_string());
        }
        let missing = section.questions.iter().zip(&reply.answers).filter(|(_, answered)| answered.heading.is_none());
        questions.extend(missing.map(|(question, _)| question.title.clone()));
    }
    (sections, questions)
}
