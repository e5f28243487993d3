//! What changed in the answers of a KEP since its production readiness approver was named.

use std::collections::BTreeMap;
use std::sync::Arc;

use maud::{Markup, html};

use super::answers::{self, Answer};
use super::model::{Entry, Site};
use super::timeline::day;
use crate::error::SourceError;
use crate::history::{History, KepHistory, Version};
use crate::kep::{Stage, Status};
use crate::project::Profile;
use crate::review::{Approvals, KepVersion, NotCompared, Point, Question, Template};
use crate::source::git::{CommitId, Repository};
use crate::text::RepoPath;
use crate::text::wording::count;

/// The changes of each open KEP whose README changed after its approval.
pub(crate) type Reviews = BTreeMap<RepoPath, Changes>;

/// What changed in a KEP, as `kepgate review` finds it.
#[derive(Debug)]
pub(crate) struct Changes {
    /// How many answers changed, are new, and so on.
    summary: String,
    /// The answers with a difference.
    answers: Vec<Answer>,
}

/// Where to read KEPs and their templates.
#[derive(Clone, Copy)]
pub(crate) struct Trees<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) profile: &'a Arc<Profile>,
    pub(crate) head: CommitId,
}

/// Compares each open KEP with its version at the last approval of its stage. The error is the first of those that kept a
/// KEP from being compared.
pub(crate) fn read(trees: Trees<'_>, history: &History) -> (Reviews, Option<SourceError>) {
    let mut reviews = Reviews::new();
    let mut failure = None;
    let template = trees.repository.tree(trees.head).and_then(|tree| Template::read(&tree, trees.profile));
    let template = template.unwrap_or_else(|error| {
        failure.get_or_insert(error);
        None
    });
    let Some(template) = template else { return (reviews, failure) };
    for kep in &history.keps {
        // Nobody reviews a closed KEP again.
        let status = kep.last().and_then(|version| version.metadata.as_deref()?.known_status);
        let approval = target_approval(history, kep).filter(|_| !status.is_some_and(Status::is_closed));
        let Some((_, approval)) = approval.filter(|(_, approval)| edits(kep, approval) > 0) else { continue };
        match changes(trees, kep, approval, &template) {
            Ok(found) => reviews.extend(found.map(|changes| (kep.dir.clone(), changes))),
            Err(error) => _ = failure.get_or_insert(error),
        }
    }
    (reviews, failure)
}

fn changes(
    trees: Trees<'_>,
    kep: &KepHistory,
    approval: &Version,
    template: &Template,
) -> Result<Option<Changes>, SourceError> {
    let [before_tree, tree] = [trees.repository.tree(approval.commit)?, trees.repository.tree(trees.head)?];
    let Some(now) = KepVersion::read(&tree, &kep.dir, trees.profile)? else { return Ok(None) };
    let before = KepVersion::read(&before_tree, &approval.dir, trees.profile)?;
    let former = Template::read(&before_tree, trees.profile)?;
    let point = || Point { commit: None, time: None, what: String::new() };
    let answers = now.unread_answers(before.as_ref());
    let question = Question {
        before: before.as_ref(),
        after: &now,
        templates: (former.as_ref(), Some(template)),
        approvals: Approvals::default(),
        points: (point(), point()),
        not_compared: NotCompared { answers, ..NotCompared::default() },
    };
    let review = question.review();
    Ok(Some(Changes { summary: review.outcome(), answers: answers::of(&review) }))
}

/// The last approval for the stage that a KEP targets now.
fn target_approval<'k>(history: &History, kep: &'k KepHistory) -> Option<(Stage, &'k Version)> {
    let stage = kep.last()?.metadata.as_deref()?.stage?;
    Some((stage, history.last_approval(kep, stage)?))
}

/// How many commits changed the README after `approval`.
fn edits(kep: &KepHistory, approval: &Version) -> usize {
    kep.versions.iter().filter(|version| version.position > approval.position && version.changed.readme).count()
}

/// The section of a KEP's page; empty without an approval.
pub(super) fn section(site: &Site<'_>, entry: &Entry<'_>) -> Markup {
    let history = entry.history.filter(|_| site.has_prr());
    let Some((history, (stage, approval))) =
        history.and_then(|history| Some((history, target_approval(site.sources.history, history)?)))
    else {
        return html! {};
    };
    let edits = edits(history, approval);
    let readme = site.profile().layout.readme_of(&entry.summary.dir);
    let changes = site.sources.reviews.get(&entry.summary.dir);
    html! {
        section {
            h2 #since-approval { "Since the approver was named" }
            p {
                "Since the production readiness approver for " (stage) " was named on " (day(approval.time)) ", the README "
                @if edits == 0 { "has not changed" } @else { "changed in " (count(edits, "commit")) }
                "."
                @if edits > 0 {
                    @if let Some(url) = site.history_url(&readme) { " " a href=(url) { "Its history" } }
                    @if let Some(url) = site.compare_url(approval.commit) { ", " a href=(url) { "all changes since then" } }
                }
            }
            @if let Some(changes) = changes { (answers(changes)) }
        }
    }
}

fn answers(changes: &Changes) -> Markup {
    html! {
        @if !changes.summary.is_empty() { p { "Answers of the questionnaire: " (changes.summary) "." } }
        (answers::list(&changes.answers))
    }
}
