//! Prow jobs: `JOB_SPEC`, or else the separate variables.
//! <https://docs.prow.k8s.io/docs/jobs/#job-environment-variables>

use serde::Deserialize;

use super::{Comparison, Event, Prow, commit, unreadable};
use crate::error::Error;

/// The type of a job that runs on a schedule.
const PERIODIC: &str = "periodic";

#[derive(Deserialize)]
struct JobSpec {
    r#type: Option<String>,
    refs: Option<Refs>,
}

#[derive(Deserialize)]
struct Refs {
    base_sha: Option<String>,
    #[serde(default)]
    pulls: Vec<Pull>,
}

#[derive(Deserialize)]
struct Pull {
    number: Option<u64>,
    sha: Option<String>,
}

impl Prow {
    pub(super) fn read_event(&self) -> Result<Event, Error> {
        // A periodic job needs nothing else, so that even a broken JOB_SPEC does not matter.
        if self.job_type.as_deref() == Some(PERIODIC) {
            return Ok(periodic());
        }
        let (kind, refs) = match self.spec()? {
            Some(spec) if spec.r#type.as_deref() == Some(PERIODIC) => return Ok(periodic()),
            Some(spec) => (spec.r#type, spec.refs.ok_or_else(|| unreadable("JOB_SPEC has no `refs`"))?),
            None => (self.job_type.clone(), self.refs()),
        };
        let base = commit(refs.base_sha.as_deref(), "the base of the job (PULL_BASE_SHA, `refs.base_sha`)")?;
        let mut pulls = Vec::new();
        for pull in refs.pulls {
            let number = pull.number.ok_or_else(|| unreadable("a pull request of the job has no number"))?;
            let tip = commit(pull.sha.as_deref(), &format!("the commit of pull request #{number}"))?;
            pulls.push((number, tip));
        }
        let numbers: Vec<_> = pulls.iter().map(|(number, _)| format!("#{number}")).collect();
        Ok(match numbers.as_slice() {
            [] if kind.as_deref() == Some("postsubmit") => Event::new(Comparison::Landed(base), "a postsubmit job"),
            [] => return Err(unreadable("the job is not a postsubmit, but has no pull request")),
            [one] => Event::new(Comparison::Merged { base, pulls }, format!("pull request {one}")),
            many => {
                let description = format!("a batch of pull requests {}", many.join(", "));
                Event::new(Comparison::Merged { base, pulls }, description)
            }
        })
    }

    fn spec(&self) -> Result<Option<JobSpec>, Error> {
        let parse = |text: &String| {
            serde_json::from_str(text).map_err(|error| unreadable(format!("JOB_SPEC is not valid: {error}")))
        };
        self.job_spec.as_ref().map(parse).transpose()
    }

    /// Reads the separate variables. Of these, only `PULL_REFS` lists all pull requests of a batch.
    fn refs(&self) -> Refs {
        let Some(text) = &self.pull_refs else {
            let number = self.pull_number.as_deref().and_then(|number| number.parse().ok());
            let pulls = self.pull_sha.iter().map(|sha| Pull { number, sha: Some(sha.clone()) }).collect();
            return Refs { base_sha: self.base_sha.clone(), pulls };
        };
        let mut parts = text.split(',').map(|part| part.split(':'));
        let base_sha = parts.next().and_then(|mut base| base.nth(1)).map(str::to_owned);
        let pull = |mut part: std::str::Split<'_, char>| Pull {
            number: part.next().and_then(|number| number.parse().ok()),
            sha: part.next().map(str::to_owned),
        };
        Refs { base_sha: base_sha.or_else(|| self.base_sha.clone()), pulls: parts.map(pull).collect() }
    }
}

fn periodic() -> Event {
    Event::new(Comparison::WholeTree, "a periodic job")
}
