//! A check run on the pull request's last commit, with an annotation for each new finding.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Place;
use crate::check::resolved::ResolvedFinding;
use crate::check::result::{Outcome, Report};
use crate::escape::terminal;
use crate::exit::ExitStatus;
use crate::github::ApiError;
use crate::report::markdown::{headline, render_within};
use crate::rule::Level;
use crate::text::Side;

/// How it is called on the pull request.
const NAME: &str = "kepgate";

/// How many annotations GitHub takes in one request.
const A_REQUEST: usize = 50;

/// GitHub takes 65,535 characters for a summary.
const MAX_BYTES: usize = 65_000;

/// More annotations than this are not written: the summary has room for the rest.
const MAX_ANNOTATIONS: usize = 500;

/// Writes the check run.
///
/// # Errors
/// [`ApiError`]
pub fn write(place: &Place<'_>, report: &Report) -> Result<(), ApiError> {
    #[derive(Deserialize)]
    struct Made {
        id: u64,
    }
    let what = "the check run";
    let annotations = report.outcome.as_ref().map(annotations).unwrap_or_default();
    let (title, summary) = (headline(report), render_within(report, MAX_BYTES));
    let output = |annotations: &[Value]| json!({ "title": title, "summary": summary, "annotations": annotations });
    let mut batches = annotations.chunks(A_REQUEST);
    let first = json!({
        "name": NAME,
        "head_sha": place.head,
        "status": "completed",
        "conclusion": if report.exit() == ExitStatus::Clean { "success" } else { "failure" },
        "output": output(batches.next().unwrap_or_default()),
    });
    let made: Made = place.client.send(what, Method::POST, &place.repository.path("check-runs"), first)?;
    for batch in batches {
        let path = place.repository.path(&format!("check-runs/{}", made.id));
        place.client.send::<Value>(what, Method::PATCH, &path, json!({ "output": output(batch) }))?;
    }
    Ok(())
}

/// What is new, in files that the pull request leads to.
fn annotations(outcome: &Outcome) -> Vec<Value> {
    let new = outcome.findings.iter().filter(|triaged| triaged.is_new).map(|triaged| &triaged.finding);
    let there = new.filter(|finding| finding.place.side == Side::Head);
    there.take(MAX_ANNOTATIONS).map(annotation).collect()
}

fn annotation(finding: &ResolvedFinding) -> Value {
    let help = finding.help.as_deref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let place = finding.place.region.map(|region| (region.start, region.end));
    let (first, last) = place.map_or((1, 1), |(start, end)| (start.line, end.line));
    // Columns are for places within a line.
    let columns = place.filter(|_| first == last).map(|(start, end)| (start.column, end.column));
    let mut annotation = json!({
        "path": finding.place.path.to_string(),
        "start_line": first,
        "end_line": last,
        "annotation_level": match finding.level {
            Level::Error => "failure",
            Level::Warning => "warning",
            Level::Notice => "notice",
        },
        "title": finding.rule.id,
        "message": terminal(&format!("{}{help}", finding.message)),
    });
    if let (Some(object), Some((start, end))) = (annotation.as_object_mut(), columns) {
        object.insert("start_column".to_owned(), start.into());
        object.insert("end_column".to_owned(), end.into());
    }
    annotation
}
