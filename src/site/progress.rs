//! How far the production readiness questionnaire of a KEP is.

use maud::{Markup, html};

use super::model::Entry;
use super::page::{table, text};
use crate::questionnaire::progress::{Progress, SectionProgress};

/// The section of a KEP's page; empty without a questionnaire.
pub(super) fn progress(entry: &Entry<'_>) -> Markup {
    let Some(progress) = &entry.summary.questionnaire else { return html! {} };
    let sections = rows(progress);
    html! {
        section {
            h2 #questionnaire { "Production readiness questionnaire" }
            p {
                (progress.answered()) " of " (progress.questions()) " questions that are due for " (progress.stage)
                @if progress.is_answered_as_whole() { " are answered as a whole." } @else { " have an answer." }
            }
            (table("Answered questions by section", &["Section", "Due for", "Answered", "Progress"], &html! {
                @for (due, section) in &sections {
                    tr {
                        th scope="row" { (text(&section.title)) }
                        td { (due) }
                        td .number {
                            (section.answered) " of " (section.questions)
                            @if section.is_answered_as_whole { ", as a whole" }
                        }
                        td {
                            progress max=(section.questions) value=(section.answered)
                                aria-label={ "Answered in " (text(&section.title)) } {}
                        }
                    }
                }
            }))
        }
    }
}

fn rows(progress: &Progress) -> Vec<(String, &SectionProgress)> {
    let now = progress.sections.iter().map(|section| (progress.stage.to_string(), section));
    let next =
        progress.next.iter().flat_map(|(stage, sections)| sections.iter().map(|section| (stage.to_string(), section)));
    now.chain(next).collect()
}
