//! The `kepgate` binary.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use kepgate::Cli;
use kepgate::escape::log_lines;
use kepgate::run;
use kepgate::session::Environment;

/// Prints clap's message, which repeats arguments: in a workflow, they can come from the change.
fn print(error: &clap::Error) -> io::Result<()> {
    let text = error.to_string();
    let safe = log_lines(&text);
    if safe == text { error.print() } else { write!(io::stderr(), "{safe}") }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap returns help and version as errors too, for standard output. A failed write cannot be reported.
            let _ = print(&error);
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
