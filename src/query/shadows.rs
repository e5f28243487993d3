//! The columns of the list of shadow reviews.

use crate::report::list::{Column, Holds};

/// The columns of the list of shadow reviews.
pub(crate) const COLUMNS: [Column; 8] = [
    Column::new("date", "Date", Holds::Word, "The day of the first review."),
    Column::new("reviewer", "Reviewer", Holds::Word, "The handle of the reviewer."),
    Column::new("pull-request", "PR", Holds::Number, "The number of the pull request."),
    Column::new("kep-number", "KEP", Holds::Number, "The number of the KEP that the pull request touches."),
    Column::new("step", "Step", Holds::Word, "The step that the pull request takes, such as `alpha → beta`."),
    Column::new("outcome", "Outcome", Holds::Word, "What became of the pull request."),
    Column::new("title", "Pull request", Holds::Text, "The title of the pull request."),
    Column::new("link", "Link", Holds::Link, "The address of the pull request."),
];
