//! The review for machines: a versioned document with its own types, described in `docs/prr-team.md` and
//! `docs/review.schema.json`.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::{Origin, Point, Review, State, TemplateChange, title};
use crate::kep::Stage;
use crate::questionnaire::answers::Answer;
use crate::questionnaire::comparison::{Change, Comparison, Place, Segment};
use crate::report::to_json;

/// The version of the document: it changes when a reader of the former one could misread it.
const SCHEMA: &str = "kepgate-review/1";

/// What `kepgate review --output json` writes.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(title = "kepgate-review/1", deny_unknown_fields))]
pub(crate) struct Document<'a> {
    /// The version of this document. It changes when a reader of the former version could misread the new one.
    #[cfg_attr(test, schemars(extend("const" = SCHEMA)))]
    schema: &'static str,
    /// The number at the start of the name of its directory; null if there is none.
    number: Option<u32>,
    /// Its directory. Bytes that are not UTF-8 are written as `\xNN`.
    path: String,
    /// `title`, as written; empty if there is none.
    title: &'a str,
    /// The target stage; null if there is no valid one.
    stage: Option<&'static str>,
    /// The older version.
    since: PointEntry<'a>,
    /// The newer version.
    until: PointEntry<'a>,
    /// True if the KEP did not exist in the older version.
    is_new: bool,
    /// The production readiness approvers, by stage.
    approvals: Vec<ApprovalEntry<'a>>,
    /// The full ids of the commits whose version of the production-readiness file is malformed. An approval that such a version
    /// lacks still counts.
    malformed_approvals: Vec<String>,
    /// The fields of `kep.yaml` that changed.
    fields: Vec<FieldEntry<'a>>,
    /// How the template changed.
    template: TemplateEntry<'a>,
    /// The questions of both templates, and the text of sections that they are in.
    questions: Vec<QuestionEntry<'a>>,
    /// What could not be compared.
    not_compared: NotComparedEntry<'a>,
}

/// Why something was not compared, so that its list is empty; null if it was.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct NotComparedEntry<'a> {
    /// Why `questions` is empty.
    answers: Option<&'a str>,
    /// Why `fields` is empty.
    fields: Option<&'a str>,
}

/// A version of the repository.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct PointEntry<'a> {
    /// The full id of the commit; null for the work tree.
    commit: Option<&'a str>,
    /// When it was committed, such as `2026-02-05T12:00:00Z`; null if that is unknown.
    time: Option<String>,
    /// What it is, in words.
    what: &'a str,
}

/// The production readiness approver of a stage.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct ApprovalEntry<'a> {
    /// The stage.
    stage: &'static str,
    /// The handle, as written.
    approver: &'a str,
    /// The full id of the commit that recorded this approver; null if it is unknown.
    commit: Option<String>,
    /// When it was committed; null like `commit`.
    time: Option<String>,
    /// Whether only the pull request names this approver; null without `--pull-request`.
    proposed: Option<bool>,
}

/// A field with another value than before.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct FieldEntry<'a> {
    /// Its name, such as `milestone.beta`.
    field: &'a str,
    /// The value, or the entries of the list, as written; empty if there is none.
    before: &'a [String],
    /// The same now.
    after: &'a [String],
}

/// What the newer template has and the older one does not have, and the other way around.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct TemplateEntry<'a> {
    /// The headings of new sections.
    new_sections: &'a [String],
    /// New questions.
    new_questions: &'a [String],
    /// Questions that only the older template has.
    former_questions: &'a [String],
}

/// A question, or the text of a section above its first question.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct QuestionEntry<'a> {
    /// The heading of its section in the template.
    section: &'a str,
    /// The question in the template; null for the text of a section above its first question.
    question: Option<&'a str>,
    /// Which template has the question: `both`, only the `new` one, or only the `former` one.
    #[cfg_attr(test, schemars(extend("enum" = ["both", "new", "former"])))]
    template: &'static str,
    /// The stage from which an answer is due; null if none is.
    required_from: Option<&'static str>,
    /// What happened to the answer. `open`: there was and is none. `new`: there was none. `gone`: there is none any more.
    #[cfg_attr(test, schemars(extend("enum" = ["unchanged", "open", "moved", "changed", "new", "gone"])))]
    state: &'static str,
    /// The older answer.
    #[cfg_attr(test, schemars(extend("enum" = ["given", "not-applicable", "missing", "absent"])))]
    before: &'static str,
    /// The newer answer. `absent`: the README does not have the question.
    #[cfg_attr(test, schemars(extend("enum" = ["given", "not-applicable", "missing", "absent"])))]
    after: &'static str,
    /// True if the newer README has one text that answers all questions of the section.
    as_a_whole: bool,
    /// The number of the author's own words in the older answer.
    words_before: usize,
    /// The number of words that are new or gone. Words that only moved do not count.
    words_changed: usize,
    /// The differences, in the order of the newer answer.
    changes: Vec<ChangeEntry<'a>>,
}

/// A difference between two answers.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct ChangeEntry<'a> {
    /// What happened to a passage.
    #[cfg_attr(
        test,
        schemars(extend("enum" = ["reworded", "added", "removed", "moved-here", "moved-away"]))
    )]
    kind: &'static str,
    /// The words, with a line for each passage. For `reworded`, these are all words of both versions, in order.
    words: Vec<WordsEntry<'a>>,
    /// For a passage that moved: `here` if it is still in the same answer, `answer` if it came from or went to another
    /// one, `elsewhere` for other parts of the README. Otherwise null.
    #[cfg_attr(test, schemars(extend("enum" = ["here", "answer", "elsewhere", null])))]
    place: Option<&'static str>,
    /// The question of that other answer; null unless `place` is `answer`.
    other_question: Option<&'a str>,
}

/// Words of one version or of both.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct WordsEntry<'a> {
    /// Which version has them.
    #[cfg_attr(test, schemars(extend("enum" = ["same", "removed", "added"])))]
    kind: &'static str,
    /// The words.
    text: &'a str,
}

/// The document.
pub(crate) fn render(review: &Review) -> String {
    let TemplateChange { new_sections, new_questions, former_questions } = &review.template;
    to_json(&Document {
        schema: SCHEMA,
        number: review.number.map(crate::kep::KepNumber::get),
        path: review.dir.to_string(),
        title: &review.title,
        stage: review.stage.map(Stage::word),
        since: point(&review.since),
        until: point(&review.until),
        is_new: review.is_new,
        approvals: approvals(review),
        malformed_approvals: review.malformed_approvals.iter().map(|it| it.commit.to_string()).collect(),
        fields: fields(review),
        template: TemplateEntry { new_sections, new_questions, former_questions },
        questions: review.answers.iter().filter(|it| !is_blank(it)).map(|it| question(review, it)).collect(),
        not_compared: NotComparedEntry {
            answers: review.not_compared.answers.as_deref(),
            fields: review.not_compared.fields.as_deref(),
        },
    })
}

/// True for the start of a section that has no text of its own, and needs none.
fn is_blank(comparison: &Comparison) -> bool {
    comparison.question.question.is_none() && State::of(comparison) == State::Open
}

fn point(point: &Point) -> PointEntry<'_> {
    let time = point.time.map(|time| time.to_string());
    PointEntry { commit: point.commit.as_deref(), time, what: &point.what }
}

fn approvals(review: &Review) -> Vec<ApprovalEntry<'_>> {
    let entries = review.approvals.iter().map(|it| ApprovalEntry {
        stage: it.stage.word(),
        approver: &it.approver,
        commit: it.recorded.map(|recorded| recorded.commit.to_string()),
        time: it.recorded.map(|recorded| recorded.time.to_string()),
        proposed: it.is_proposed,
    });
    entries.collect()
}

fn fields(review: &Review) -> Vec<FieldEntry<'_>> {
    review.fields.iter().map(|it| FieldEntry { field: &it.field, before: &it.before, after: &it.after }).collect()
}

fn question<'a>(review: &'a Review, comparison: &'a Comparison) -> QuestionEntry<'a> {
    let asked = &comparison.question;
    let template = match review.origin(comparison) {
        Origin::Both => "both",
        Origin::New => "new",
        Origin::Former => "former",
    };
    QuestionEntry {
        section: &asked.section,
        question: asked.question.as_deref(),
        template,
        required_from: asked.required_from.map(Stage::word),
        state: State::of(comparison).key(),
        before: answer(comparison.before),
        after: answer(comparison.after),
        as_a_whole: comparison.is_answered_as_whole,
        words_before: comparison.words_before,
        words_changed: comparison.changed_words(),
        changes: comparison.changes.iter().map(|it| change(review, it)).collect(),
    }
}

const fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Given => "given",
        Answer::NotApplicable(_) => "not-applicable",
        Answer::Missing => "missing",
        Answer::Absent => "absent",
    }
}

fn change<'a>(review: &'a Review, change: &'a Change) -> ChangeEntry<'a> {
    let one = |kind, text| vec![WordsEntry { kind, text }];
    let (kind, words, place) = match change {
        Change::Reworded(segments) => ("reworded", segments.iter().map(words).collect(), None),
        Change::Added(text) => ("added", one("added", text), None),
        Change::Removed(text) => ("removed", one("removed", text), None),
        Change::MovedHere(text, place) => ("moved-here", one("same", text), Some(*place)),
        Change::MovedAway(text, place) => ("moved-away", one("same", text), Some(*place)),
    };
    let (place, other_question) = match place {
        None => (None, None),
        Some(Place::Here) => (Some("here"), None),
        Some(Place::Elsewhere) => (Some("elsewhere"), None),
        Some(Place::Answer(index)) => (Some("answer"), review.answers.get(index).map(title)),
    };
    ChangeEntry { kind, words, place, other_question }
}

fn words(segment: &Segment) -> WordsEntry<'_> {
    let kind = match segment {
        Segment::Same(_) => "same",
        Segment::Removed(_) => "removed",
        Segment::Added(_) => "added",
    };
    WordsEntry { kind, text: segment.text() }
}
