//! The pull requests of the simulation. With an honest GitHub, each of them fails the check.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use serde_json::{Value, json};

use super::check::Outcome;
use crate::support::pull_request::{Topic, topic};
use crate::support::{
    ALIASES, DIR, FakeGitHub, KEP, PRR_FILE, Pull, Reply, Request, SAMPLE_PRR, State, TestRepo, kep_with,
};

/// A pull request as an honest GitHub shows it at different moments.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) options: &'static [&'static str],
    /// Honest answers: with and without a merge commit, after a push, with an outdated merge commit, and for a head
    /// that passes.
    pub(super) moments: Vec<Honest>,
    /// The heads for which an honest GitHub gives exit status 0.
    pub(super) clean_heads: BTreeSet<String>,
    /// Keeps the objects that the answers come from.
    pub(super) _repo: TestRepo,
}

/// The number of moments at which a run can start. The others are only mixed in.
pub(super) const STARTS: usize = 2;

type Answers = dyn Fn(&Request) -> Reply + Send + Sync;

/// Honest answers, each computed once.
pub(super) struct Honest {
    compute: Box<Answers>,
    known: Mutex<BTreeMap<String, Reply>>,
}

impl Honest {
    fn new(repo: &TestRepo, state: State) -> Self {
        Self { compute: Box::new(FakeGitHub::honest_answers(repo.path(), state)), known: Mutex::default() }
    }

    pub(super) fn answer(&self, request: &Request) -> Reply {
        let Request { method, path, query, body, .. } = request;
        let key = format!("{method} {path} {query} {body} {}", request.header("authorization").is_some());
        if let Some(reply) = self.known.lock().unwrap().get(&key) {
            return reply.clone();
        }
        let reply = (self.compute)(request);
        self.known.lock().unwrap().insert(key, reply.clone());
        reply
    }
}

/// Adds what a topic needs on GitHub apart from files.
type Extra = fn(&Topic, &mut State);

fn nothing(_: &Topic, _: &mut State) {}

impl Scenario {
    fn new(name: &'static str, options: &'static [&'static str], topic: Topic, extra: Extra) -> Self {
        let state = |pull: Pull| {
            let mut state = topic.state();
            extra(&topic, &mut state);
            state.pulls.insert(7, pull);
            state
        };
        let without_merge = Pull { merge: None, ..topic.pull.clone() };
        topic.repo.git(&["switch", "--quiet", "topic"]);
        topic.repo.write("README.md", "# Pushed\n");
        let pushed = Pull { head: topic.repo.commit(), ..without_merge.clone() };
        topic.repo.git(&["switch", "--quiet", "--detach", "main"]);
        topic.repo.write("docs.md", "# Harmless\n");
        let clean = Pull { head: topic.repo.commit(), ..without_merge.clone() };
        // The head has moved on, but the merge commit is still that of the former head.
        let outdated = Pull { merge: topic.pull.merge.clone(), ..pushed.clone() };
        let pulls = [topic.pull.clone(), without_merge, pushed, outdated, clean];
        let moments = pulls.map(|pull| Honest::new(&topic.repo, state(pull))).into();
        Self { name, options, moments, clean_heads: BTreeSet::new(), _repo: topic.repo }
    }

    /// Verifies the result with an honest GitHub at each moment, with and without a token. Returns the heads for which
    /// the exit status is 0.
    pub(super) fn verify(&self, check: impl Fn(usize, bool) -> Outcome) -> BTreeSet<String> {
        let mut clean_heads = BTreeSet::new();
        for start in 0..self.moments.len() {
            for with_token in [true, false] {
                let outcome = check(start, with_token);
                let is_clean = start == self.moments.len() - 1;
                assert_eq!(outcome.code, i32::from(!is_clean), "{} at moment {start}: {}", self.name, outcome.report);
                if is_clean {
                    clean_heads.insert(outcome.head().to_owned());
                }
            }
        }
        clean_heads
    }
}

const WARNINGS_FAIL: &[&str] = &["--fail-on", "warning"];

pub(super) fn all() -> Vec<Scenario> {
    vec![
        Scenario::new("an invalid status", &[], invalid_status(), nothing),
        Scenario::new("an approver whom the target branch does not know", &[], unknown_approver(), nothing),
        Scenario::new("a removed production-readiness file", &[], removed_prr_file(), nothing),
        Scenario::new("a renamed KEP with an invalid status", &[], renamed_kep(), nothing),
        Scenario::new("a number that another KEP has", &[], duplicate_number(), nothing),
        Scenario::new("many files, one of them invalid", &[], many_files(), nothing),
        Scenario::new(
            "a rule that the configuration makes an error",
            &[],
            configured("issue-milestone-mismatch"),
            nothing,
        ),
        Scenario::new("an issue of another milestone", WARNINGS_FAIL, new_stage("beta"), other_milestone),
        Scenario::new("an issue with the label of another stage", WARNINGS_FAIL, new_stage("beta"), other_stage),
        Scenario::new("an approval that was withdrawn", &[], configured("prr-not-approved"), withdrawn_prr_file),
    ]
}

fn invalid_status() -> Topic {
    topic(|repo| {
        repo.write(KEP, kep_with(&[("status", "implementeable")]));
    })
}

fn unknown_approver() -> Topic {
    topic(|repo| {
        repo.write(PRR_FILE, SAMPLE_PRR.replace("petra-solm", "tove-lind"));
        repo.write("OWNERS_ALIASES", ALIASES.replace("petra-solm", "tove-lind"));
    })
}

fn removed_prr_file() -> Topic {
    topic(|repo| repo.remove(PRR_FILE))
}

fn renamed_kep() -> Topic {
    topic(|repo| {
        let new = DIR.replace("quiet-hours", "silent-hours");
        repo.git(&["mv", DIR, &new]);
        repo.write(format!("{new}/kep.yaml"), kep_with(&[("status", "implementeable")]));
    })
}

fn duplicate_number() -> Topic {
    topic(|repo| {
        repo.write("keps/sig-apps/1234-loud-hours/README.md", "# KEP-1234\n");
        repo.write("keps/sig-apps/1234-loud-hours/kep.yaml", kep_with(&[("owning-sig", "sig-apps")]));
    })
}

fn many_files() -> Topic {
    topic(|repo| {
        for number in 3000..3015 {
            let folder = format!("keps/sig-node/{number}-hours");
            let number = number.to_string();
            // Only the last one is invalid.
            let status = if number == "3014" { "implementeable" } else { "implementable" };
            repo.write(format!("{folder}/README.md"), format!("# KEP-{number}\n"));
            repo.write(format!("{folder}/kep.yaml"), kep_with(&[("kep-number", &number), ("status", status)]));
            repo.write(format!("keps/prod-readiness/sig-node/{number}.yaml"), SAMPLE_PRR.replace("1234", &number));
        }
    })
}

/// A topic in which the configuration of the target branch makes `rule` an error.
fn configured(rule: &str) -> Topic {
    let mut topic = new_stage("beta");
    topic.repo.write(".github/kepgate.yaml", format!("rules:\n  {rule}: error\n"));
    topic.pull.tip = topic.repo.commit();
    topic
}

fn new_stage(stage: &str) -> Topic {
    topic(|repo| {
        let milestone = format!("v1.36\n  {stage}: v1.36");
        repo.write(KEP, kep_with(&[("stage", stage), ("milestone", &milestone)]));
        repo.write(PRR_FILE, format!("{SAMPLE_PRR}{stage}:\n  approver: \"@hedda-rusk\"\n"));
    })
}

fn issue(milestone: &str, stage: &str) -> Value {
    let labels = json!([{"name": format!("stage/{stage}")}, {"name": "lead-opted-in"}]);
    json!({"milestone": {"title": milestone}, "labels": labels})
}

fn prr_file(at: &str, state: &str) -> Value {
    json!({"user": "hedda-rusk", "state": state, "at": format!("2025-09-01T10:00:{at}Z")})
}

fn other_milestone(_: &Topic, state: &mut State) {
    state.issues.insert(1234, issue("v1.35", "beta"));
    state.reviews.push(prr_file("00", "APPROVED"));
}

fn other_stage(_: &Topic, state: &mut State) {
    state.issues.insert(1234, issue("v1.36", "alpha"));
    state.reviews.push(prr_file("00", "APPROVED"));
}

fn withdrawn_prr_file(_: &Topic, state: &mut State) {
    state.issues.insert(1234, issue("v1.36", "beta"));
    state.reviews.extend([prr_file("00", "APPROVED"), prr_file("30", "CHANGES_REQUESTED")]);
    let comment = |at: u32, body: &str| json!({"id": at, "user": "hedda-rusk", "body": body, "at": format!("2025-09-01T11:{:02}:{:02}Z", at / 60, at % 60)});
    state.comments.extend((0..120).map(|at| comment(at, if at % 2 == 0 { "/approve" } else { "/approve cancel" })));
}
