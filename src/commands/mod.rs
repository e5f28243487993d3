//! The subcommands, one file each.

mod action;
mod calendar;
mod check;
mod explain;
mod export;
mod init;
mod lists;
mod new;
mod plan;
mod promote;
mod query;
mod readiness;
mod review;
mod rules;
mod schema;
mod shadows;
mod shell;
mod site;
mod status;
mod toc;

use std::io::Write;

use crate::cli::{Cli, Command};
use crate::exit::ExitStatus;
use crate::session::Environment;
use crate::session::output::{fail, print};

/// Runs the command. Its result goes to `out`; notices and errors go to `log`.
pub fn run(cli: Cli, environment: &Environment, out: &mut dyn Write, log: &mut dyn Write) -> ExitStatus {
    try_run(cli, environment, out, log).unwrap_or_else(|error| fail(&error, environment, log))
}

fn try_run(
    cli: Cli,
    environment: &Environment,
    out: &mut dyn Write,
    log: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    match cli.command {
        Command::Action => action::run(environment, out, log),
        Command::Check(arguments) => check::run(&arguments, environment, out, log),
        Command::Status(arguments) => status::page(&arguments, environment)?.print(out, log),
        Command::Query(arguments) if arguments.plan => plan::page(&arguments, environment)?.print(out, log),
        Command::Review(arguments) => review::page(&arguments, environment)?.print(out, log),
        Command::Query(arguments) => query::page(&arguments, environment, log)?.print(out, log),
        Command::Shadows(arguments) => shadows::page(&arguments, environment, log)?.print(out, log),
        Command::Readiness(arguments) => readiness::page(&arguments, environment, log)?.print(out, log),
        Command::Site(arguments) => site::run(&arguments, environment, out, log),
        Command::Calendar(arguments) => calendar::page(&arguments, environment)?.print(out, log),
        Command::Export(arguments) => export::page(&arguments, environment)?.print(out, log),
        Command::Lists { command } => lists::run(&command, environment, out),
        Command::New(arguments) => new::run(&arguments, environment, out),
        Command::Promote(arguments) => promote::run(&arguments, environment, out),
        Command::Init(arguments) => init::run(&arguments, environment, out),
        Command::Schema { document } => print(&schema::page(document), out),
        Command::Completions { shell } => print(&shell::completions(shell)?, out),
        Command::Man { to: Some(folder) } => shell::write_manual(&folder),
        Command::Man { to: None } => print(&shell::manual()?, out),
        Command::Rules(arguments) => rules::run(&arguments, environment, out, log),
        Command::Toc(arguments) => toc::run(&arguments, environment, out, log),
        Command::Explain { rule } => print(&explain::page(&rule, environment.columns)?, out),
    }
}
