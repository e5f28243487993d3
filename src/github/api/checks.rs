//! Check runs.

use http::Method;
use serde::{Deserialize, Serialize};

use super::Ignored;
use crate::github::{ApiError, Client, Repository};

/// The maximum number of annotations that GitHub accepts per request.
pub(crate) const MAX_ANNOTATIONS_PER_REQUEST: usize = 50;

#[derive(Debug, Serialize)]
pub(crate) struct NewCheckRun<'a> {
    pub(crate) name: &'a str,
    pub(crate) head_sha: &'a str,
    pub(crate) status: Status,
    pub(crate) conclusion: Conclusion,
    pub(crate) output: Output<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Completed,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Conclusion {
    Success,
    Failure,
}

#[derive(Debug, Serialize)]
pub(crate) struct Output<'a> {
    pub(crate) title: &'a str,
    pub(crate) summary: &'a str,
    pub(crate) annotations: &'a [Annotation],
}

/// Lines and columns count from 1. Columns are only allowed within a single line.
#[derive(Debug, Serialize)]
pub(crate) struct Annotation {
    pub(crate) path: String,
    pub(crate) start_line: usize,
    pub(crate) end_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_column: Option<usize>,
    #[serde(rename = "annotation_level")]
    pub(crate) level: AnnotationLevel,
    pub(crate) title: String,
    pub(crate) message: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnnotationLevel {
    Failure,
    Warning,
    Notice,
}

const WHAT: &str = "the check run";

/// Creates a check run and returns its id.
pub(crate) fn create(client: &Client, repository: &Repository, run: &NewCheckRun<'_>) -> Result<u64, ApiError> {
    #[derive(Deserialize)]
    struct Created {
        id: u64,
    }
    let created: Created = client.send(WHAT, Method::POST, &repository.path("check-runs"), run)?;
    Ok(created.id)
}

/// Adds annotations to a check run.
pub(crate) fn update(client: &Client, repository: &Repository, id: u64, output: Output<'_>) -> Result<(), ApiError> {
    #[derive(Serialize)]
    struct Update<'a> {
        output: Output<'a>,
    }
    let path = repository.path(&format!("check-runs/{id}"));
    client.send::<_, Ignored>(WHAT, Method::PATCH, &path, &Update { output }).map(drop)
}
