//! Runs steps in parallel, as far as cores, Cargo's lock and the steps' needs allow.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::job::{Job, log_path};
use super::{Context, Cost, Outcome, Step};

/// The number of lines to print from the end of a failed step's log.
const TAIL_LINES: usize = 80;

/// The result of a run.
pub(super) struct Report {
    pub(super) failed: usize,
    passed: usize,
    /// The names of steps that did not run, and why.
    not_run: Vec<(&'static str, String)>,
    took: Duration,
}

impl Report {
    pub(super) fn print(&self) {
        for (name, why) in &self.not_run {
            println!("not run: {name}: {why}");
        }
        println!("check: {:.0} s", self.took.as_secs_f64());
        println!("check: {} passed, {} failed, {} skipped", self.passed, self.failed, self.not_run.len());
    }
}

/// The result of a step that has ended.
enum End {
    Passed,
    Failed,
    NotRun(String),
}

#[derive(Default)]
struct State {
    started: Vec<&'static str>,
    ended: BTreeMap<&'static str, End>,
    computing: usize,
    /// The step that holds Cargo's lock on the target directory.
    cargo: Option<&'static str>,
}

struct Scheduler<'a> {
    steps: &'a [&'static Step],
    context: &'a Context,
    /// The maximum number of computing steps that run in parallel.
    slots: usize,
    state: Mutex<State>,
    changed: Condvar,
}

/// Runs the steps. Each prints a line to standard output at its end, and a failed one also the end of its log.
pub(super) fn run(steps: &[&'static Step], context: &Context) -> Report {
    let started = Instant::now();
    // One more than there are cores: the end of a release build and many tests keep only one core busy.
    let slots = thread::available_parallelism().map_or(1, NonZero::get) + 1;
    let scheduler = Scheduler { steps, context, slots, state: Mutex::new(State::default()), changed: Condvar::new() };
    scheduler.run();
    let state = scheduler.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut report = Report { failed: 0, passed: 0, not_run: Vec::new(), took: started.elapsed() };
    for step in steps {
        match state.ended.get(step.name) {
            Some(End::Passed) => report.passed += 1,
            Some(End::NotRun(why)) => report.not_run.push((step.name, why.clone())),
            Some(End::Failed) | None => report.failed += 1,
        }
    }
    report
}

impl Scheduler<'_> {
    fn run(&self) {
        thread::scope(|scope| {
            let mut state = self.lock();
            while state.ended.len() < self.steps.len() {
                if self.skip_one(&mut state) {
                    continue;
                }
                let Some(step) = self.next(&state) else {
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                    continue;
                };
                state.started.push(step.name);
                state.computing += usize::from(step.cost != Cost::Download);
                if step.cost == Cost::Cargo {
                    state.cargo = Some(step.name);
                }
                scope.spawn(|| self.run_step(step));
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first step that can start now.
    fn next(&self, state: &State) -> Option<&'static Step> {
        let is_ready = |step: &&&'static Step| {
            !state.started.contains(&step.name)
                && step.needs.iter().all(|need| matches!(state.ended.get(need), Some(End::Passed)))
                && (step.cost == Cost::Download || state.computing < self.slots)
                && (step.cost != Cost::Cargo || state.cargo.is_none())
        };
        self.steps.iter().find(is_ready).copied()
    }

    /// Skips a step whose needs were not met. Returns false if there is none.
    fn skip_one(&self, state: &mut State) -> bool {
        let unmet = |step: &Step| {
            let failed = |need: &&&str| matches!(state.ended.get(**need), Some(End::Failed | End::NotRun(_)));
            step.needs.iter().find(failed).copied()
        };
        let mut waiting = self.steps.iter().filter(|step| !state.started.contains(&step.name));
        let Some((step, need)) = waiting.find_map(|step| Some((step, unmet(step)?))) else { return false };
        println!("not run  {:<12} it needs `{need}`", step.name);
        state.started.push(step.name);
        state.ended.insert(step.name, End::NotRun(format!("it needs `{need}`")));
        true
    }

    fn run_step(&self, step: &'static Step) {
        let started = Instant::now();
        let release_cargo = || {
            let mut state = self.lock();
            if state.cargo == Some(step.name) {
                state.cargo = None;
                self.changed.notify_all();
            }
        };
        let (highlights, result) = match Job::new(self.context, step.name, &release_cargo) {
            Ok(mut job) => {
                let result = (step.run)(&mut job);
                (job.highlights, result)
            }
            Err(error) => (Vec::new(), Err(error)),
        };
        let result = match result {
            Ok(Outcome::NotRun(why)) if self.context.in_ci => Err(anyhow::Error::msg(why)),
            result => result,
        };
        // In one go: a step that needs this one and Cargo's lock must not lose the lock to another one.
        let mut state = self.lock();
        if state.cargo == Some(step.name) {
            state.cargo = None;
        }
        let seconds = started.elapsed().as_secs_f64();
        let end = match result {
            Ok(Outcome::Passed) => {
                println!("ok       {:<12} {seconds:>6.1} s", step.name);
                End::Passed
            }
            Ok(Outcome::NotRun(why)) => {
                println!("not run  {:<12} {why}", step.name);
                End::NotRun(why)
            }
            Err(error) => {
                println!("FAILED   {:<12} {seconds:>6.1} s", step.name);
                print_tail(self.context, step.name);
                println!("{}: {error:#}", step.name);
                End::Failed
            }
        };
        for line in &highlights {
            println!("{line}");
        }
        state.ended.insert(step.name, end);
        state.computing -= usize::from(step.cost != Cost::Download);
        self.changed.notify_all();
    }
}

fn print_tail(context: &Context, name: &str) {
    let text = fs::read(log_path(context, name)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    for line in lines.iter().skip(lines.len().saturating_sub(TAIL_LINES)) {
        println!("  | {line}");
    }
}
