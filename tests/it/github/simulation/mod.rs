//! A simulation of a hostile GitHub. There are thousands of runs, each with its own seed: answers are reordered,
//! repeated, truncated, changed, delayed, replaced by errors, redirected or mixed with those of other moments.
//!
//! A check may find too much or give up, but it must not pass a change that fails with an honest GitHub.

mod check;
mod faults;
mod random;
mod scenarios;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{FakeGitHub, Reply, Request, State, TestRepo};
use check::{Outcome, TIMEOUT, check};
use faults::{BREAKS, CHANGES};
use random::Random;
use scenarios::{STARTS, Scenario};

/// The number of runs. `KEPGATE_SIMULATIONS` changes it.
const RUNS: usize = 2_000;

/// Most of the time is spent waiting for retries, so there are many more threads than processors.
const THREADS: usize = 32;

/// One run, and what GitHub does in it.
struct Run {
    seed: usize,
    scenario: Arc<Scenario>,
    /// The index of the moment that honest answers come from.
    start: usize,
    /// One in this many answers is faulty; `None` for an honest GitHub.
    rarity: Option<usize>,
    /// How often each request was sent.
    seen: Mutex<BTreeMap<String, usize>>,
    /// The requested paths.
    paths: Mutex<Vec<String>>,
    /// Descriptions of the faults so far.
    faults: Mutex<Vec<String>>,
}

impl Run {
    fn new(seed: usize, scenario: Arc<Scenario>, start: usize, rarity: Option<usize>) -> Self {
        Self {
            seed,
            scenario,
            start,
            rarity,
            seen: Mutex::default(),
            paths: Mutex::default(),
            faults: Mutex::default(),
        }
    }

    /// The answer to a request. It depends on the seed, the request and how often the request was sent, but not on the
    /// order in which requests arrive.
    fn answer(&self, request: &Request, prefix: &str) -> Reply {
        let key = format!("{} {} {} {}", request.method, request.path, request.query, request.body);
        let before = {
            let mut seen = self.seen.lock().unwrap();
            let count = seen.entry(key.clone()).or_default();
            *count += 1;
            *count - 1
        };
        let mut random = Random::new((self.seed, &key, before));
        let is_faulty = self.rarity.is_some_and(|rarity| random.once_in(rarity));
        let reply = if is_faulty {
            let (what, reply) = self.faulty(&mut random, request, prefix);
            self.faults.lock().unwrap().push(format!("{what}: {} {} {}", request.method, request.path, before + 1));
            reply
        } else {
            self.scenario.moments[self.start].answer(request)
        };
        with_next_page_below(reply, request, prefix)
    }

    fn faulty(&self, random: &mut Random, request: &Request, prefix: &str) -> (&'static str, Reply) {
        let honest = self.scenario.moments[self.start].answer(request);
        let Reply::Answer { status, headers, body } = honest.clone() else { unreachable!("it is an answer") };
        match random.below(100) {
            0..60 => {
                let json = serde_json::from_slice::<Value>(&body).unwrap_or_default();
                let mut changes: Vec<_> = CHANGES.iter().collect();
                random.shuffle(&mut changes);
                let altered =
                    changes.into_iter().find_map(|(what, change)| Some((*what, change(random, json.clone())?)));
                let (what, json) = altered.unwrap_or(("is null", Value::Null));
                (what, Reply::Answer { status, headers, body: json.to_string().into_bytes() })
            }
            60..75 => {
                let moment = random.pick(&self.scenario.moments);
                ("is from another moment", moment.answer(request))
            }
            75..95 => {
                let (what, break_up) = random.pick(BREAKS);
                match break_up(random, status, body) {
                    // This would be a valid answer for an issue that does not exist, and no hash could disprove it.
                    Reply::Answer { status: 404 | 410, .. } if request.path.contains("/issues/") => {
                        ("is honest", honest)
                    }
                    reply => (what, reply),
                }
            }
            95..98 if request.method == "GET" => {
                let path = random.pick(&self.paths.lock().unwrap()).clone();
                let host = request.header("host").unwrap();
                let target = *random.pick(&[prefix, "", "/elsewhere"]);
                let location = format!("http://{host}{target}{path}");
                (
                    "redirects",
                    Reply::status(*random.pick(&[301, 302, 307, 308]), &Value::Null).with("location", location),
                )
            }
            98 => {
                thread::sleep(Duration::from_millis(20));
                ("is late", honest)
            }
            _ => {
                thread::sleep(TIMEOUT + Duration::from_millis(500));
                ("is too late", honest)
            }
        }
    }
}

/// Moves the address of the next page below the path of this run's API.
fn with_next_page_below(mut reply: Reply, request: &Request, prefix: &str) -> Reply {
    if let Reply::Answer { headers, .. } = &mut reply {
        let root = format!("http://{}/repos", request.header("host").unwrap());
        let below = root.replace("/repos", &format!("{prefix}/repos"));
        for (_, value) in headers.iter_mut().filter(|(name, _)| name == "link") {
            *value = value.replace(&root, &below);
        }
    }
    reply
}

/// A GitHub for all runs. Each run has its own API path, so a late request cannot reach another run.
struct HostileGitHub {
    fake: FakeGitHub,
    runs: Arc<Mutex<BTreeMap<usize, Arc<Run>>>>,
    next: AtomicUsize,
    _empty: TestRepo,
}

impl HostileGitHub {
    fn start() -> Self {
        let runs: Arc<Mutex<BTreeMap<usize, Arc<Run>>>> = Arc::default();
        let shared = Arc::clone(&runs);
        let empty = TestRepo::new();
        let fake = FakeGitHub::with_override(empty.path(), State::default(), move |request, _| {
            let (number, path) = request.path.strip_prefix("/run-")?.split_once('/')?;
            let Some(run) = shared.lock().unwrap().get(&number.parse().ok()?).cloned() else {
                return Some(Reply::status(503, &json!({"message": "this run has ended"})));
            };
            let request = Request { path: format!("/{path}"), ..request.clone() };
            let target = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
            if request.method == "GET" {
                run.paths.lock().unwrap().push(format!("{}{target}", request.path));
            }
            Some(run.answer(&request, &format!("/run-{number}")))
        });
        Self { fake, runs, next: AtomicUsize::new(0), _empty: empty }
    }

    fn check(&self, run: &Arc<Run>, with_token: bool) -> Outcome {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.runs.lock().unwrap().insert(number, Arc::clone(run));
        let outcome = check(format!("{}/run-{number}", self.fake.server.url), run.scenario.options, with_token);
        self.runs.lock().unwrap().remove(&number);
        outcome
    }
}

/// The number of runs for each exit status, the number of occurrences of each fault, and the runs that failed.
#[derive(Default)]
struct Tally {
    codes: BTreeMap<i32, usize>,
    faults: BTreeMap<String, usize>,
    violations: Vec<String>,
}

fn simulate(hub: &HostileGitHub, scenarios: &[Arc<Scenario>], seed: usize, tally: &Mutex<Tally>) {
    let mut random = Random::new(seed);
    let scenario = random.pick(scenarios);
    let rarity = Some(*random.pick(&[1, 2, 4, 8]));
    let run = Arc::new(Run::new(seed, Arc::clone(scenario), random.below(STARTS), rarity));
    let with_token = !random.once_in(3);
    let outcome = catch_unwind(AssertUnwindSafe(|| hub.check(&run, with_token)));
    let faults = run.faults.lock().unwrap();
    let mut tally = tally.lock().unwrap();
    for fault in faults.iter() {
        let what = fault.split(':').next().unwrap();
        *tally.faults.entry(what.to_owned()).or_default() += 1;
    }
    let problem = match &outcome {
        Err(_) => "panicked".to_owned(),
        Ok(outcome) => {
            *tally.codes.entry(outcome.code).or_default() += 1;
            if outcome.code != 0 || scenario.clean_heads.contains(outcome.head()) {
                return;
            }
            format!("passed: {}", outcome.report)
        }
    };
    let list = faults.join("\n    ");
    tally.violations.push(format!("seed {seed}, {}, token {with_token}\n    {list}\n  {problem}", scenario.name));
}

#[test]
fn hostile_github_never_makes_a_check_pass() {
    let hub = &HostileGitHub::start();
    let honest = |scenario: Scenario| {
        let scenario = Arc::new(scenario);
        let outcomes = |start: usize, with_token: bool| {
            hub.check(&Arc::new(Run::new(0, Arc::clone(&scenario), start, None)), with_token)
        };
        let clean_heads = scenario.verify(outcomes);
        let scenario = Arc::into_inner(scenario).unwrap();
        Arc::new(Scenario { clean_heads, ..scenario })
    };
    let scenarios = &scenarios::all().into_iter().map(honest).collect::<Vec<_>>();
    let runs = std::env::var("KEPGATE_SIMULATIONS").map_or(RUNS, |runs| runs.parse().unwrap());
    let tally = &Mutex::new(Tally::default());
    let next = &AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= runs {
                        return;
                    }
                    simulate(hub, scenarios, seed, tally);
                }
            });
        }
    });
    let Tally { codes, faults, violations } = std::mem::take(&mut *tally.lock().unwrap());
    assert!(violations.is_empty(), "{} of {runs} runs:\n{}", violations.len(), violations.join("\n"));
    // Each fault must have occurred, many checks must have had findings, and many must have given up.
    let names = CHANGES.iter().map(|(what, _)| what).chain(BREAKS.iter().map(|(what, _)| what));
    let missing: Vec<_> = names.filter(|what| !faults.contains_key(**what)).collect();
    assert!(missing.is_empty(), "{missing:?} of {faults:?}");
    for code in [1, 3] {
        assert!(codes.get(&code).is_some_and(|count| *count > runs / 10), "{codes:?}");
    }
    if std::env::var_os("KEPGATE_SIMULATIONS").is_some() {
        eprintln!("{codes:?}\n{faults:#?}");
    }
}
