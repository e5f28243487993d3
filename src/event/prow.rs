//! Prow jobs, from `JOB_SPEC` or else from the separate variables. Both contain the same information, so a
//! contradiction is an error: it would be unclear which of them describes the change.
//! <https://docs.prow.k8s.io/docs/jobs/#job-environment-variables>

use serde::Deserialize;

use super::{Comparison, Event, Prow, commit, unreadable};
use crate::error::Error;
use crate::text::wording::quote;

/// The type of a job that runs on a schedule.
const PERIODIC: &str = "periodic";
/// The type of a job that runs after a merge.
const POSTSUBMIT: &str = "postsubmit";

#[derive(Deserialize)]
struct JobSpec {
    r#type: Option<String>,
    job: Option<String>,
    refs: Option<Refs>,
}

#[derive(Deserialize, Default)]
struct Refs {
    org: Option<String>,
    repo: Option<String>,
    base_ref: Option<String>,
    base_sha: Option<String>,
    #[serde(default)]
    pulls: Vec<Pull>,
}

#[derive(Deserialize)]
struct Pull {
    number: Option<u64>,
    sha: Option<String>,
}

/// Information about a job that more than one variable contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    Kind,
    Job,
    Owner,
    Repository,
    Branch,
    Base,
    Numbers,
    Tips,
}

/// A fact according to one variable.
struct Statement {
    fact: Fact,
    source: &'static str,
    value: String,
}

impl Prow {
    pub(super) fn read_event(&self) -> Result<Event, Error> {
        let spec = self.spec()?;
        self.require_agreement(spec.as_ref())?;
        let (has_spec, kind, refs) = match spec {
            Some(spec) => (true, spec.r#type.or_else(|| self.job_type.clone()), spec.refs),
            None => (false, self.job_type.clone(), None),
        };
        let refs = match refs {
            None if has_spec && kind.as_deref() != Some(PERIODIC) => {
                return Err(unreadable("JOB_SPEC has no `refs`"));
            }
            None => self.refs(),
            Some(refs) => refs,
        };
        let names_pull = !refs.pulls.is_empty() || self.pull_number.is_some() || self.pull_sha.is_some();
        match kind.as_deref() {
            Some(kind @ (PERIODIC | POSTSUBMIT)) if names_pull => {
                return Err(unreadable(format!("the job is a {kind} job, but has a pull request")));
            }
            Some(PERIODIC) => return Ok(Event::new(Comparison::WholeTree, "a periodic job")),
            _ => {}
        }
        let base = commit(refs.base_sha.as_deref(), "the base of the job (PULL_BASE_SHA, `refs.base_sha`)")?;
        let mut pulls = Vec::new();
        for pull in refs.pulls {
            let number = pull.number.ok_or_else(|| unreadable("a pull request of the job has no number"))?;
            let tip = commit(pull.sha.as_deref(), &format!("the commit of pull request #{number}"))?;
            pulls.push((number, tip));
        }
        let numbers: Vec<_> = pulls.iter().map(|(number, _)| format!("#{number}")).collect();
        Ok(match numbers.as_slice() {
            [] if kind.as_deref() == Some(POSTSUBMIT) => Event::new(Comparison::Landed(base), "a postsubmit job"),
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
            serde_json::from_str(text).map_err(|error| unreadable("JOB_SPEC is not valid").caused_by(error))
        };
        self.job_spec.as_ref().map(parse).transpose()
    }

    /// Reads the separate variables. Only `PULL_REFS` lists all pull requests of a batch.
    fn refs(&self) -> Refs {
        let Some(text) = &self.pull_refs else {
            let number = self.pull_number.as_deref().and_then(|number| number.parse().ok());
            let pulls = self.pull_sha.iter().map(|sha| Pull { number, sha: Some(sha.clone()) }).collect();
            return Refs { base_sha: self.base_sha.clone(), pulls, ..Refs::default() };
        };
        let refs = listed(text);
        Refs { base_sha: refs.base_sha.or_else(|| self.base_sha.clone()), ..refs }
    }

    /// Fails if two variables contradict each other.
    fn require_agreement(&self, spec: Option<&JobSpec>) -> Result<(), Error> {
        let mut statements = self.statements();
        statements.extend(self.pull_refs.as_deref().map(listed).iter().flat_map(|refs| refs.statements(&IN_PULL_REFS)));
        if let Some(spec) = spec {
            let own = [(Fact::Kind, "`type` in JOB_SPEC", &spec.r#type), (Fact::Job, "`job` in JOB_SPEC", &spec.job)];
            statements
                .extend(own.into_iter().filter_map(|(fact, source, value)| statement(fact, source, value.as_ref())));
            statements.extend(spec.refs.iter().flat_map(|refs| refs.statements(&IN_JOB_SPEC)));
        }
        for (index, later) in statements.iter().enumerate() {
            let earlier = statements.iter().take(index).find(|earlier| earlier.fact == later.fact);
            let Some(earlier) = earlier.filter(|earlier| !earlier.value.eq_ignore_ascii_case(&later.value)) else {
                continue;
            };
            return Err(unreadable(format!(
                "the job's environment contradicts itself: {} is {}, but {} is {}",
                earlier.source,
                quote(&earlier.value),
                later.source,
                quote(&later.value)
            )));
        }
        Ok(())
    }

    fn statements(&self) -> Vec<Statement> {
        let variables = [
            (Fact::Kind, "JOB_TYPE", &self.job_type),
            (Fact::Job, "JOB_NAME", &self.job_name),
            (Fact::Owner, "REPO_OWNER", &self.repo_owner),
            (Fact::Repository, "REPO_NAME", &self.repo_name),
            (Fact::Branch, "PULL_BASE_REF", &self.base_ref),
            (Fact::Base, "PULL_BASE_SHA", &self.base_sha),
            (Fact::Numbers, "PULL_NUMBER", &self.pull_number),
            (Fact::Tips, "PULL_PULL_SHA", &self.pull_sha),
        ];
        variables.into_iter().filter_map(|(fact, source, value)| statement(fact, source, value.as_ref())).collect()
    }
}

/// How messages name the facts in [`Refs`], in the order of [`Refs::statements`].
type Names = [&'static str; 6];

const IN_JOB_SPEC: Names = [
    "`refs.org` in JOB_SPEC",
    "`refs.repo` in JOB_SPEC",
    "`refs.base_ref` in JOB_SPEC",
    "`refs.base_sha` in JOB_SPEC",
    "the pull request in JOB_SPEC",
    "the pull request's commit in JOB_SPEC",
];

const IN_PULL_REFS: Names = [
    "the owner in PULL_REFS",
    "the repository in PULL_REFS",
    "the branch in PULL_REFS",
    "the base in PULL_REFS",
    "the pull request in PULL_REFS",
    "the pull request's commit in PULL_REFS",
];

impl Refs {
    fn statements(&self, [org, repo, branch, base, numbers, tips]: &Names) -> Vec<Statement> {
        let joined = |texts: Vec<String>| (!texts.is_empty()).then(|| texts.join(", "));
        let number = |pull: &Pull| pull.number.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
        let stated = [
            (Fact::Owner, *org, self.org.clone()),
            (Fact::Repository, *repo, self.repo.clone()),
            (Fact::Branch, *branch, self.base_ref.clone()),
            (Fact::Base, *base, self.base_sha.clone()),
            (Fact::Numbers, *numbers, joined(self.pulls.iter().map(number).collect())),
            (Fact::Tips, *tips, joined(self.pulls.iter().map(|pull| pull.sha.clone().unwrap_or_default()).collect())),
        ];
        stated.into_iter().filter_map(|(fact, source, value)| statement(fact, source, value.as_ref())).collect()
    }
}

/// Parses `PULL_REFS`: `master:<commit>,<number>:<commit>,…`.
fn listed(text: &str) -> Refs {
    let mut parts = text.split(',').map(|part| part.split(':'));
    let mut base = parts.next().into_iter().flatten().map(str::to_owned).filter(|text| !text.is_empty());
    let pull = |mut part: std::str::Split<'_, char>| Pull {
        number: part.next().and_then(|number| number.parse().ok()),
        sha: part.next().map(str::to_owned),
    };
    Refs { base_ref: base.next(), base_sha: base.next(), pulls: parts.map(pull).collect(), ..Refs::default() }
}

fn statement(fact: Fact, source: &'static str, value: Option<&String>) -> Option<Statement> {
    let value = value.filter(|value| !value.is_empty())?.clone();
    Some(Statement { fact, source, value })
}
