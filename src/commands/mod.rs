//! The subcommands, one file each.

mod action;
mod calendar;
mod check;
mod explain;
mod new;
mod promote;
mod query;
mod readiness;
mod rules;
mod schema;
mod shadows;
mod shell;
mod toc;

use std::io::Write;

use crate::cli::{Cli, Command};
use crate::exit::ExitStatus;
use crate::session::Environment;
use crate::session::output::written;

/// Runs the command. Its result goes to `out`; notices and errors go to `log`.
pub fn run(cli: Cli, environment: &Environment, out: &mut dyn Write, log: &mut dyn Write) -> ExitStatus {
    match cli.command {
        Command::Action => action::run(environment, out, log),
        Command::Check(arguments) => check::run(&arguments, environment, out, log),
        Command::Query(arguments) => query::run(&arguments, environment, out, log),
        Command::Shadows(arguments) => shadows::run(&arguments, environment, out, log),
        Command::Readiness(arguments) => readiness::run(&arguments, environment, out, log),
        Command::Calendar(arguments) => calendar::run(&arguments, environment, out, log),
        Command::New(arguments) => new::run(&arguments, environment, out, log),
        Command::Promote(arguments) => promote::run(&arguments, environment, out, log),
        Command::Schema { document } => written(out.write_all(schema::page(document).as_bytes()), log),
        Command::Completions { shell } => written(shell::completions(shell, out), log),
        Command::Man { write } => written(shell::manual(write.as_deref(), out), log),
        Command::Rules { write_docs: Some(folder), .. } => written(rules::write_docs(&folder), log),
        Command::Rules { json, .. } => written(rules::run(json, out), log),
        Command::Toc(arguments) => toc::run(&arguments, environment, out, log),
        Command::Explain { rule } => explain::run(&rule, out, log),
    }
}
