//! The `kepgate` binary.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::Parser as _;
use kepgate::Cli;
use kepgate::run;
use kepgate::session::Environment;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap returns help and version as errors too, for standard output. A failed write cannot be reported.
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
