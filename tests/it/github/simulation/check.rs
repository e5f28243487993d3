//! A check in this process, which is much faster than in a separate one.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser as _;
use kepgate::Cli;
use kepgate::github::{Settings, Token};
use kepgate::session::Environment;
use serde_json::Value;

use crate::support::{NOW, REPOSITORY, TOKEN};

/// How long a check waits for an answer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(2);

/// The result of a check.
pub(super) struct Outcome {
    pub(super) code: i32,
    pub(super) report: Value,
}

impl Outcome {
    /// The commit that was checked.
    pub(super) fn head(&self) -> &str {
        self.report["head"].as_str().unwrap_or_default()
    }
}

/// Checks pull request 7 of the GitHub whose API is at `api`.
pub(super) fn check(api: String, options: &[&str], with_token: bool) -> Outcome {
    let arguments = ["kepgate", "check", "--pull-request", "7", "--repository", REPOSITORY, "--output", "json"];
    let cli = Cli::try_parse_from(arguments.iter().chain(options)).unwrap();
    let token = with_token.then(|| Token::new(TOKEN).unwrap());
    let environment = Environment {
        folder: PathBuf::from("/nonexistent"),
        now: Some(NOW.to_owned()),
        github: Settings { api, token, timeout: TIMEOUT, ..Settings::default() },
        ..Environment::default()
    };
    let (mut out, mut log) = (Vec::new(), Vec::new());
    let status = kepgate::run(cli, &environment, &mut out, &mut log);
    let report = serde_json::from_slice(&out).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&log)));
    Outcome { code: status.code().into(), report }
}
