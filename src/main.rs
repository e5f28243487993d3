//! The `kepgate` binary.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use kepgate::escape::log_lines;
use kepgate::run;
use kepgate::session::Environment;
use kepgate::{Cli, Spelling, add_tip};

/// Prints clap's message, with options as they were typed. It repeats arguments: in a workflow, they can come from the
/// change.
fn print(error: &clap::Error, spelling: &Spelling) -> io::Result<()> {
    let text = error.to_string();
    // The help names every option as it is.
    let safe = log_lines(&if error.use_stderr() { spelling.apply(&text) } else { text.clone() });
    if safe == text { error.print() } else { write!(io::stderr(), "{safe}") }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let spelling = Spelling::of(&arguments);
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(mut error) => {
            add_tip(&mut error, &arguments);
            // clap returns help and version as errors too, for standard output. A failed write cannot be reported.
            let _ = print(&error, &spelling);
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let folder = std::env::current_dir().unwrap_or_default();
    let read = Environment::read(folder, io::stdout().is_terminal(), |name| std::env::var(name).ok());
    let measured = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    let environment = Environment {
        columns: read.columns.or_else(measured),
        shows_progress: io::stderr().is_terminal(),
        spelling,
        ..read
    };
    run(cli, &environment, &mut io::stdout().lock(), &mut io::stderr().lock()).into()
}
