//! A check run on the checked commit, with an annotation for each new finding.

use super::Place;
use crate::check::result::Report;
use crate::check::triage::Triaged;
use crate::exit::ExitStatus;
use crate::github::ApiError;
use crate::github::api::checks::{
    self, Annotation, AnnotationLevel, Conclusion, MAX_ANNOTATIONS_PER_REQUEST, NewCheckRun, Output, Status,
};
use crate::report::markdown::{headline, render_within};
use crate::report::{annotation_message, annotation_title};
use crate::rule::Level;
use crate::text::Side;

/// The name of the check run on the pull request.
const NAME: &str = "kepgate";

/// The maximum size of the summary, in bytes. GitHub accepts 65,535 characters.
const MAX_BYTES: usize = 65_000;

/// The maximum number of annotations. Further findings are only in the summary.
const MAX_ANNOTATIONS: usize = 500;

/// Creates the check run.
///
/// # Errors
/// [`ApiError`]
pub(crate) fn write(place: &Place<'_>, report: &Report) -> Result<(), ApiError> {
    let annotations = annotations(report);
    let (title, summary) = (headline(report), render_within(report, MAX_BYTES));
    let output = |annotations| Output { title: &title, summary: &summary, annotations };
    let mut batches = annotations.chunks(MAX_ANNOTATIONS_PER_REQUEST);
    let run = NewCheckRun {
        name: NAME,
        head_sha: place.head,
        status: Status::Completed,
        conclusion: if report.exit() == ExitStatus::Clean { Conclusion::Success } else { Conclusion::Failure },
        output: output(batches.next().unwrap_or_default()),
    };
    let id = checks::create(place.client, place.repository, &run)?;
    for batch in batches {
        checks::update(place.client, place.repository, id, output(batch))?;
    }
    Ok(())
}

/// The annotations for new findings in files of the head.
fn annotations(report: &Report) -> Vec<Annotation> {
    let new = report.findings().iter().filter(|triaged| triaged.is_new);
    let at_head = new.filter(|triaged| triaged.finding.place.side == Side::Head);
    at_head.take(MAX_ANNOTATIONS).map(|triaged| annotation(report, triaged)).collect()
}

fn annotation(report: &Report, triaged: &Triaged) -> Annotation {
    let finding = &triaged.finding;
    let range = finding.place.region.map(|region| (region.start, region.end));
    let (start_line, end_line) = range.map_or((1, 1), |(start, end)| (start.line, end.line));
    // GitHub only accepts columns within a single line.
    let columns = range.filter(|_| start_line == end_line);
    Annotation {
        path: finding.place.path.to_string(),
        start_line,
        end_line,
        start_column: columns.map(|(start, _)| start.column),
        end_column: columns.map(|(_, end)| end.column),
        level: match finding.level {
            Level::Error => AnnotationLevel::Failure,
            Level::Warning => AnnotationLevel::Warning,
            Level::Notice => AnnotationLevel::Notice,
        },
        title: annotation_title(report, finding),
        message: annotation_message(triaged),
    }
}
