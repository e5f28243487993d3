//! Events of GitHub and Prow: any file and any variables give either something to compare, or an error with a help.
#![no_main]

use kepgate::event::{GitHubActions, Prow, Runner};
use kepgate_fuzz::parts;
use libfuzzer_sys::fuzz_target;

/// GitHub events with a change, events without one, and an unknown event.
const NAMES: [&str; 7] =
    ["pull_request", "pull_request_target", "merge_group", "push", "schedule", "workflow_dispatch", "unknown"];

fuzz_target!(|bytes: &[u8]| {
    github(bytes);
    let [spec, variables] = parts::<2>(bytes);
    prow(spec.unwrap_or_default(), variables.unwrap_or_default());
});

fn github(bytes: &[u8]) {
    let file = std::env::temp_dir().join(format!("kepgate-fuzz-event-{}.json", std::process::id()));
    std::fs::write(&file, bytes).expect("the folder for temporary files can be written");
    for name in NAMES {
        judge(&Runner::GitHubActions(GitHubActions {
            event_name: Some(name.to_owned()),
            event_path: Some(file.clone()),
            commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
            is_act: false,
            has_prow_variables: false,
        }));
    }
}

/// The first part of the input is the job specification. The lines of the second part are the other variables.
fn prow(spec: &[u8], variables: &[u8]) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let variables = text(variables);
    let mut lines = variables.lines();
    let mut next = || lines.next().filter(|line| !line.is_empty()).map(str::to_owned);
    judge(&Runner::Prow(Prow {
        job_spec: (!spec.is_empty()).then(|| text(spec)),
        job_type: next(),
        pull_refs: next(),
        base_sha: next(),
        pull_number: next(),
        pull_sha: next(),
        job_name: next(),
        repo_owner: next(),
        repo_name: next(),
        base_ref: next(),
    }));
}

fn judge(runner: &Runner) {
    match runner.read_event() {
        Ok(event) => assert!(event.is_some_and(|event| !event.description.trim().is_empty())),
        Err(error) => assert!(!error.to_string().trim().is_empty() && !error.help().trim().is_empty(), "{error:?}"),
    }
}
