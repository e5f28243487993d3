//! Jobs of Prow: `JOB_SPEC`, or the variables beside it. From Prow's documentation, "Job Environment Variables".

use serde::Deserialize;

use super::{Comparison, Prow, commit, unreadable};
use crate::error::Error;

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
    /// Whether it runs by the clock.
    pub(super) fn is_periodic(&self) -> bool {
        self.job_type.as_deref() == Some("periodic")
            || self.spec().ok().flatten().is_some_and(|spec| spec.r#type.as_deref() == Some("periodic"))
    }

    pub(super) fn comparison(&self) -> Result<(Comparison, String), Error> {
        if self.is_periodic() {
            return Ok((Comparison::WholeTree, "a periodic job".to_owned()));
        }
        let (kind, refs) = match self.spec()? {
            Some(spec) => (spec.r#type, spec.refs.ok_or_else(|| unreadable("JOB_SPEC holds no `refs`"))?),
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
            [] if kind.as_deref() == Some("postsubmit") => (Comparison::Landed(base), "a landed commit".to_owned()),
            [] => return Err(unreadable("the job names no pull request, and is no postsubmit")),
            [one] => (Comparison::Merged { base, pulls }, format!("pull request {one}")),
            many => (Comparison::Merged { base, pulls }, format!("a batch of pull requests {}", many.join(", "))),
        })
    }

    fn spec(&self) -> Result<Option<JobSpec>, Error> {
        let parse = |text: &String| {
            serde_json::from_str(text)
                .map_err(|error| unreadable(format!("JOB_SPEC is no JSON that Prow writes: {error}")))
        };
        self.job_spec.as_ref().map(parse).transpose()
    }

    /// What the plain variables say: `PULL_REFS` knows all of a batch.
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
