//! The gate that Kubernetes enhancement proposals pass through.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::Parser as _;
use kepgate::cli::Cli;
use kepgate::commands::run;
use kepgate::session::Environment;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error; where neither can be written, nothing helps.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let folder = std::env::current_dir().unwrap_or_default();
    let environment = Environment {
        shows_progress: io::stderr().is_terminal(),
        ..Environment::read(folder, io::stdout().is_terminal(), |name| std::env::var(name).ok())
    };
    run(cli, &environment, &mut io::stdout().lock(), &mut io::stderr().lock()).into()
}
