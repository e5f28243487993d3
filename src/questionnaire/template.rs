//! The template's README: which sections a KEP's README has, which questions it answers, and from which stage on.
//!
//! Nothing of it is known beforehand. A heading of level 6 is a question, one of level 2 to 5 a section; the comments
//! below a section's heading say from which stage it "must be completed", is "required" or "encouraged".

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

pub use super::question::{AnsweredField, Question};

use crate::kep::{Stage, stage};
use crate::syntax::markdown;
use crate::syntax::markdown::Heading;
use crate::syntax::markdown::Markdown;
use crate::text::Span;
use crate::text::words::words;

/// The level of the headings that are questions.
pub(super) const QUESTION_LEVEL: u8 = 6;
/// The maximum number of questions with a word for the word to distinguish them.
const MAX_SHARED: usize = 2;

/// The requirements of a template's README.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// The sections, in order.
    pub sections: Vec<Section>,
    /// Its lines as words, including comments: text that is not an answer. True for a line that a reader of the template
    /// sees, and false for one that is only in comments.
    lines: HashMap<String, bool>,
    /// The fields to fill in (`Metric name:`), as words.
    fields: HashSet<String>,
    /// How its comments begin, as words.
    comments: HashSet<String>,
    /// Lines that are there to be replaced, trimmed. Every line of a README is looked up here.
    placeholders: HashSet<String>,
    /// True for the length of a placeholder, so that most lines need not be hashed.
    placeholder_lengths: Vec<bool>,
    /// Words that are in too many questions to distinguish them.
    common: HashSet<String>,
}

/// A section of the template.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its heading, without `(Optional)`.
    pub title: Arc<str>,
    /// The title as words, which identifies it.
    pub key: String,
    /// The level of its heading: 2 to 5.
    pub level: u8,
    /// True if it, or a section around it, is marked `(Optional)`.
    pub is_optional: bool,
    /// The index of the section around it.
    pub parent: Option<usize>,
    /// From which stage on it must be completed.
    pub required_from: Option<Stage>,
    /// From which stage on it is encouraged.
    pub encouraged_from: Option<Stage>,
    /// Its questions, in order.
    pub questions: Vec<Question>,
}

impl Section {
    /// True if it must be completed by a KEP that targets `stage`.
    #[must_use]
    pub fn is_required_at(&self, stage: Stage) -> bool {
        self.required_from.is_some_and(|from| from == stage || from.is_before(stage))
    }
}

impl Outline {
    /// Reads the requirements of a template's README.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let markdown = markdown::read(text);
        let mut outline = Self::default();
        for (index, heading) in markdown.headings.iter().enumerate() {
            let end = markdown.headings.get(index + 1).map_or(text.len(), |next| next.span.start);
            outline.add(text, &markdown, heading, Span::new(heading.span.end, end));
        }
        outline.add_lines(text, &markdown);
        outline.comments = markdown.comments.iter().map(|comment| beginning(&text[*comment])).collect();
        outline.comments.remove("");
        outline.comments.retain(|comment| !is_for_tool(comment));
        outline.common = common(outline.questions());
        outline
    }

    /// True if it has any requirements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// True if it says for any question at which stage it is due.
    #[must_use]
    pub fn has_due_stages(&self) -> bool {
        self.sections.iter().any(|section| section.required_from.is_some() && !section.questions.is_empty())
    }

    /// The required sections directly in the section at `at`, each with its index.
    pub fn parts(&self, at: usize) -> impl Iterator<Item = (usize, &Section)> {
        self.sections.iter().enumerate().filter(move |(_, section)| section.parent == Some(at) && !section.is_optional)
    }

    /// Its questions, in order.
    pub(super) fn questions(&self) -> impl Iterator<Item = &Question> {
        self.sections.iter().flat_map(|section| &section.questions)
    }

    /// The question whose answer goes into `field`: the index of its section, and its own index in there.
    #[must_use]
    pub fn question_of(&self, field: AnsweredField) -> Option<(usize, usize)> {
        let mut sections = self.sections.iter().enumerate();
        sections.find_map(|(at, section)| {
            let asked = section.questions.iter().position(|question| question.field == Some(field))?;
            Some((at, asked))
        })
    }

    /// The question whose answer `question` takes for granted, like [`Self::question_of`].
    #[must_use]
    pub fn presupposed_by(&self, question: &Question) -> Option<(usize, usize)> {
        let presupposed = question.presupposes?;
        let mut sections = self.sections.iter().enumerate();
        sections.find_map(|(at, section)| {
            Some((at, section.questions.iter().position(|other| other.key.contains(presupposed))?))
        })
    }

    /// True if a line, as words, is from the template.
    pub(super) fn has_line(&self, words: &str) -> bool {
        self.lines.contains_key(words)
    }

    /// The same, but not for a line that is only in comments.
    pub(super) fn has_visible_line(&self, words: &str) -> bool {
        self.lines.get(words).is_some_and(|is_visible| *is_visible)
    }

    /// True if these words are the name of a field to fill in.
    pub(super) fn has_field(&self, words: &str) -> bool {
        self.fields.contains(words)
    }

    /// True if a comment, marks included, is one of the template's.
    pub(super) fn has_comment(&self, comment: &str) -> bool {
        self.comments.contains(&beginning(comment))
    }

    /// True if a trimmed line is a placeholder.
    pub(super) fn has_placeholder(&self, line: &str) -> bool {
        self.placeholder_lengths.get(line.len()).is_some_and(|is_length| *is_length) && self.placeholders.contains(line)
    }

    /// The beginnings of the words that tell a heading from others.
    pub(super) fn core<'k>(&self, key: &'k str) -> Core<'k> {
        let words = key.split(' ').filter(|word| !self.common.contains(*word));
        let mut beginnings: Vec<_> = words
            .map(|word| word.char_indices().nth(4).map_or(word, |(end, _)| word.get(..end).unwrap_or(word)))
            .collect();
        beginnings.sort_unstable();
        beginnings.dedup();
        Core(beginnings)
    }

    fn add(&mut self, text: &str, markdown: &Markdown, heading: &Heading, content: Span) {
        let title = heading.text.replace("(Optional)", "").trim().to_owned();
        let key = key(&title);
        if heading.level == QUESTION_LEVEL {
            if let Some(section) = self.sections.last_mut() {
                section.questions.push(Question::new(title, key, &words(&text[content])));
            }
        } else if heading.level > 1 {
            let parent = self.sections.iter().rposition(|section| section.level < heading.level);
            let is_below_optional = parent.and_then(|at| self.sections.get(at)).is_some_and(|it| it.is_optional);
            let mut section = Section {
                is_optional: is_below_optional || title.len() < heading.text.len(),
                title: title.into(),
                key,
                level: heading.level,
                parent,
                required_from: None,
                encouraged_from: None,
                questions: Vec::new(),
            };
            let is_below = |comment: &&Span| comment.start >= content.start && comment.end <= content.end;
            for comment in markdown.comments.iter().filter(is_below) {
                section.add_demands(&words(&text[*comment]));
            }
            self.sections.push(section);
        }
    }

    fn add_lines(&mut self, text: &str, markdown: &Markdown) {
        let questions: Vec<_> = questions(markdown, text.len()).collect();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let (start, trimmed) = (at, line.trim());
            at += line.len();
            let stands_in = |spans: &[Span]| contains_offset(spans, start);
            let words = words(line_text(line));
            if words.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            if stands_in(&markdown.comments) {
                self.lines.entry(words).or_insert(false);
                continue;
            }
            let is_question = stands_in(&questions);
            if is_question && trimmed.ends_with(':') {
                self.fields.insert(words.clone());
            }
            self.lines.insert(words, true);
            if (is_question || is_blank_to_fill(trimmed)) && !trimmed.starts_with("<!--") {
                self.placeholders.insert(trimmed.to_owned());
                let length = trimmed.len();
                self.placeholder_lengths.resize(self.placeholder_lengths.len().max(length + 1), false);
                self.placeholder_lengths.get_mut(length).into_iter().for_each(|is_length| *is_length = true);
            }
        }
    }
}

/// True if a line has a gap that an author fills. Looking for one character first is much faster.
fn is_blank_to_fill(line: &str) -> bool {
    [('<', "<"), ('N', "NNNN"), ('.', "...")].iter().any(|(first, mark)| line.contains(*first) && line.contains(mark))
}

/// The beginnings of a heading's distinctive words, sorted.
pub(super) struct Core<'k>(Vec<&'k str>);

impl Core<'_> {
    /// True if the other heading has all of these words.
    pub(super) fn is_subset(&self, other: &Core<'_>) -> bool {
        self.0.iter().all(|word| other.0.binary_search(word).is_ok())
    }

    /// How alike two headings are that do not read the same: from 0.0 to 1.0.
    pub(super) fn likeness(&self, other: &Core<'_>) -> f64 {
        let shared = self.0.iter().filter(|word| other.0.binary_search(word).is_ok()).count();
        // Headings have few words, so nothing is lost.
        #[allow(clippy::cast_precision_loss, reason = "a heading has few words")]
        let likeness = 2.0 * shared as f64 / (self.0.len() + other.0.len()).max(1) as f64;
        likeness
    }
}

impl Section {
    /// The stage at which the section is due, according to a comment as words.
    fn add_demands(&mut self, comment: &str) {
        let words: Vec<_> = comment.split(' ').collect();
        for start in 0..words.len() {
            match words.get(start..).unwrap_or_default() {
                ["must", "be", "completed", "when", "targeting", stage, ..]
                | ["for", stage, "this", "section" | "question", "is", "required", ..] => {
                    earlier(&mut self.required_from, stage);
                }
                ["for", stage, "this", "section" | "question", "is", "encouraged", ..] => {
                    earlier(&mut self.encouraged_from, stage);
                }
                _ => {}
            }
        }
    }
}

/// True if one of the sorted spans contains the byte at `offset`.
pub(super) fn contains_offset(spans: &[Span], offset: usize) -> bool {
    let next = spans.partition_point(|span| span.start <= offset);
    next.checked_sub(1).and_then(|at| spans.get(at)).is_some_and(|span| offset < span.end)
}

fn earlier(from: &mut Option<Stage>, word: &str) {
    let stage = if word == "ga" { Some(Stage::Stable) } else { Stage::parse(word) };
    if let Some(stage) = stage.filter(|stage| stage.family() == stage::Family::Maturing)
        && from.is_none_or(|from| stage.is_before(from))
    {
        *from = Some(stage);
    }
}

/// The content below the questions, each up to the next heading.
fn questions(markdown: &Markdown, end: usize) -> impl Iterator<Item = Span> {
    let ends = markdown.headings.iter().skip(1).map(|next| next.span.start).chain([end]);
    let asked = markdown.headings.iter().zip(ends).filter(|(heading, _)| heading.level == QUESTION_LEVEL);
    asked.map(|(heading, end)| Span::new(heading.span.end, end))
}

/// The identity of a heading: its words, without `(Optional)` and with one spelling for end-to-end.
pub(super) fn key(title: &str) -> String {
    words(&title.replace("(Optional)", "")).replace("end to end", "e2e")
}

/// A line without the marks of a list and without a checkbox.
pub(super) fn line_text(line: &str) -> &str {
    let text = line.trim().trim_start_matches(['-', '*', '+']).trim_start();
    ["[ ]", "[x]", "[X]"].iter().find_map(|checkbox| text.strip_prefix(checkbox)).unwrap_or(text)
}

/// The first words of a comment.
fn beginning(comment: &str) -> String {
    let text = comment.trim_start_matches("<!--").trim_end_matches("-->");
    words(text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default())
}

/// True for a comment that stays because a tool needs it: a mark of a table of contents, such as `<!-- toc -->` and those
/// of doctoc, or what a linter should ignore.
fn is_for_tool(beginning: &str) -> bool {
    const MARKS: [&str; 4] = ["toc", "tocstop", "omit in toc", "omit from toc"];
    const STARTS: [&str; 4] = ["toc start", "toc end", "markdownlint", "prettier ignore"];
    MARKS.contains(&beginning)
        || STARTS.iter().any(|start| beginning.starts_with(start))
        || beginning.split(' ').any(|word| word == "doctoc")
}

fn common<'q>(questions: impl Iterator<Item = &'q Question>) -> HashSet<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for question in questions {
        for word in question.key.split(' ').collect::<BTreeSet<_>>() {
            *counts.entry(word).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count > MAX_SHARED).map(|(word, _)| word.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::AnsweredField::{DisableSupported, FeatureGates, Metrics};
    use super::Outline;
    use crate::kep::Stage;

    fn outline(text: &str) -> Outline {
        Outline::read(text)
    }

    #[test]
    fn the_heading_level_distinguishes_sections_and_questions() {
        let outline = outline("# T\n## A\n### B (Optional)\n#### C\n###### Q?\n## D\n###### R?\n```\n## no\n```\n");
        let sections: Vec<_> =
            outline.sections.iter().map(|it| (&*it.title, it.level, it.is_optional, it.parent)).collect();
        assert_eq!(
            sections,
            [("A", 2, false, None), ("B", 3, true, Some(0)), ("C", 4, true, Some(1)), ("D", 2, false, None)]
        );
        let questions: Vec<_> = outline.sections.iter().map(|section| section.questions.len()).collect();
        assert_eq!(questions, [0, 0, 1, 1]);
    }

    #[test]
    fn comments_give_the_stage_at_which_a_section_is_due() {
        let demands = |comment: &str| {
            let outline = outline(&format!(
                "## A\n<!--\n{comment}\n-->\n###### Q?\n<!-- For alpha, this section is required -->\n"
            ));
            (outline.sections[0].required_from, outline.sections[0].encouraged_from, outline.has_due_stages())
        };
        assert_eq!(
            demands("This section must be completed when targeting alpha to a release."),
            (Some(Stage::Alpha), None, true)
        );
        assert_eq!(
            demands(
                "For alpha, this section is encouraged: x.\n\nFor beta, this section is\nrequired: y.\n\nFor GA, this section is required."
            ),
            (Some(Stage::Beta), Some(Stage::Alpha), true)
        );
        assert_eq!(demands("For GA, this section is required."), (Some(Stage::Stable), None, true));
        assert_eq!(demands("Not required until targeted at a release."), (None, None, false));
        assert!(!outline("text\n").has_due_stages() && outline("# T\n").is_empty());
    }

    #[test]
    fn questions_are_linked_to_their_fields() {
        let outline = outline(
            "## A\n###### One?\n- [ ] Gate\n  - Feature gate name:\n###### Two?\n<!-- set `disable-supported` -->\n###### Three?\n  - Metric name:\n###### Four?\n",
        );
        let fields: Vec<_> = outline.sections[0].questions.iter().map(|question| question.field).collect();
        assert_eq!(fields, [Some(FeatureGates), Some(DisableSupported), Some(Metrics), None]);
        assert_eq!(outline.question_of(Metrics), Some((0, 2)));
    }

    #[test]
    fn questions_with_different_key_words_do_not_match() {
        let outline = outline(
            "## A\n###### Will enabling this feature result in any new API calls?\n###### Will enabling this feature result in new API types?\n###### Will enabling this feature result in new calls to the cloud provider?\n###### Can this feature be rolled back?\n",
        );
        let keys: Vec<_> = outline.sections[0].questions.iter().map(|question| question.key.as_str()).collect();
        let likeness = |one, other| outline.core(one).likeness(&outline.core(other));
        assert!(likeness(keys[0], keys[1]) < 0.7);
        assert!(likeness(keys[0], keys[2]) < 0.7);
        assert!(likeness(keys[3], "can the feature be roll back") >= 0.7);
    }
}
