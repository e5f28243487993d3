//! `kepgate action`: runs a check as a step of GitHub Actions, with the inputs and outputs that `action.yml` declares.
//! Inputs arrive as `INPUT_*` variables, outputs go to the file that `GITHUB_OUTPUT` names.

use std::fs::OpenOptions;
use std::io::Write;

use clap::Parser as _;

use super::check;
use crate::check::result::{Report, Verdict};
use crate::cli::{CheckArguments, Cli, Command, Format};
use crate::error::Error;
use crate::escape::output_entry;
use crate::exit::ExitStatus;
use crate::session::output::{Outputs, random_token, say};
use crate::session::plan::rejected;
use crate::session::{Action, Argument, Environment, INPUTS, OUTPUTS};
use crate::text::wording::quote;

impl Action {
    /// Converts the inputs to arguments of `kepgate check`. A value is always a single argument, so it cannot add
    /// others.
    fn arguments(&self) -> Result<CheckArguments, Error> {
        let mut line = vec!["kepgate".to_owned(), "check".to_owned()];
        for input in INPUTS {
            let Some(value) = self.input(input.name) else { continue };
            let name = input.name;
            match (input.becomes, value.to_ascii_lowercase().as_str()) {
                (Argument::Secret, _) | (Argument::Flag, "false") => {}
                (Argument::Flag, "true") => line.push(format!("--{name}")),
                (Argument::Flag, _) => return Err(bad_input(name, &value.to_ascii_lowercase(), "`true` or `false`")),
                (Argument::Option, _) => line.push(format!("--{name}={value}")),
                (Argument::Lines, _) => {
                    let entries = value.lines().map(str::trim).filter(|entry| !entry.is_empty());
                    line.extend(entries.map(|entry| format!("--{name}={entry}")));
                }
                (Argument::Mode, _) if value == "change" => {}
                (Argument::Mode, _) if value == "all" => line.push("--all".to_owned()),
                (Argument::Mode, _) => return Err(bad_input(name, value, "`change` or `all`")),
            }
        }
        match Cli::try_parse_from(line).map(|cli| cli.command) {
            Ok(Command::Check(arguments)) => Ok(*arguments),
            Ok(_) => Err(usage("the inputs do not describe a check".to_owned())),
            Err(error) => {
                let text = error.to_string();
                let first = text.lines().next().unwrap_or_default();
                Err(usage(format!("the inputs are not valid: {}", first.trim_start_matches("error: "))))
            }
        }
    }
}

fn bad_input(name: &str, value: &str, choice: &str) -> Error {
    usage(format!("the input `{name}` is {}, but must be {choice}", quote(value)))
}

fn usage(message: String) -> Error {
    Error::usage(message, "see the inputs in action.yml")
}

pub(super) fn run(environment: &Environment, out: &mut dyn Write, log: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let action = &environment.action;
    let parsed = action.arguments();
    let wanted = parsed.as_ref().map_or(&[][..], |arguments| &arguments.output);
    let mut outputs = match Outputs::for_action(wanted, environment) {
        Ok(outputs) => outputs,
        Err(error) => {
            write_step_outputs(action, None, verdict(None), None, log);
            return Err(error.into());
        }
    };
    let file = format!("{}.json", outputs.token());
    let (report_file, shown) = match &action.temp {
        Some(temp) => (temp.join(&file), temp.join(&file).display().to_string()),
        None => (environment.folder.join(&file), file),
    };
    outputs.add(Format::Json, report_file.clone());
    let report = match parsed {
        Ok(arguments) => check::report(&arguments, environment, log),
        Err(error) => rejected(error, environment),
    };
    let status = outputs.write(&report, out, log);
    let shown = Some(shown).filter(|_| report_file.is_file());
    // If a report could not be written, the findings are not visible.
    let visible = Some(&report).filter(|_| status <= ExitStatus::Findings);
    Ok(status.max(write_step_outputs(action, Some(&report), verdict(visible), shown.as_deref(), log)))
}

/// The value of the `verdict` output; `None` if the check could not start.
fn verdict(report: Option<&Report>) -> &'static str {
    match report.map(Report::verdict) {
        Some(Verdict::Clean) => "clean",
        Some(Verdict::Findings) => "findings",
        Some(Verdict::Unchecked | Verdict::Failed) | None => "unchecked",
    }
}

/// Appends every output to `GITHUB_OUTPUT`.
fn write_step_outputs(
    action: &Action,
    report: Option<&Report>,
    verdict: &str,
    file: Option<&str>,
    log: &mut dyn Write,
) -> ExitStatus {
    let Some(outputs) = &action.outputs else {
        return say(&unwritten("GITHUB_OUTPUT is not set"), log);
    };
    let counts = report.map(Report::counts).unwrap_or_default();
    let numbers: Vec<_> = report.into_iter().flat_map(Report::kep_numbers).map(|it| it.to_string()).collect();
    let values = [
        verdict.to_owned(),
        counts.error.to_string(),
        counts.warning.to_string(),
        counts.pre_existing.to_string(),
        format!("[{}]", numbers.join(",")),
        file.unwrap_or_default().to_owned(),
    ];
    let written = random_token().and_then(|token| {
        let entries: String =
            OUTPUTS.iter().zip(&values).map(|(output, value)| output_entry(output.name, value, &token)).collect();
        let file = OpenOptions::new().create(true).append(true).open(outputs);
        file.and_then(|mut file| file.write_all(entries.as_bytes()))
            .map_err(|error| unwritten("GITHUB_OUTPUT cannot be written").caused_by(error))
    });
    written.map_or_else(|error| say(&error, log), |()| ExitStatus::Clean)
}

fn unwritten(why: &str) -> Error {
    Error::internal(
        format!("could not write the outputs of the step: {why}"),
        "run `kepgate action` only as a step of GitHub Actions, which sets GITHUB_OUTPUT; use `kepgate check` elsewhere",
    )
}

#[cfg(test)]
mod tests {
    use super::Action;
    use crate::cli::FailOn;

    fn action(inputs: &'static [(&str, &str)]) -> Action {
        Action::read(|name| inputs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn inputs_become_arguments() {
        let arguments = action(&[
            ("INPUT_MODE", "all"),
            ("INPUT_FAIL-ON", " warning\n"),
            ("INPUT_STRICT", "True"),
            ("INPUT_CHECK-RUN", "true"),
            ("INPUT_GITHUB-TOKEN", "secret"),
            ("INPUT_OUTPUT", "sarif=kepgate.sarif\n\n  junit=out/kepgate.xml\n"),
        ])
        .arguments()
        .unwrap();
        assert!(arguments.all && arguments.strict && arguments.check_run && !arguments.comment);
        assert_eq!(arguments.fail_on, Some(FailOn::Warning));
        let files: Vec<_> = arguments.output.iter().map(|it| it.file.as_ref().unwrap().to_str().unwrap()).collect();
        assert_eq!(files, ["kepgate.sarif", "out/kepgate.xml"]);
        let nothing = action(&[("INPUT_MODE", ""), ("INPUT_STRICT", "false")]).arguments().unwrap();
        assert!(!nothing.all && !nothing.strict && nothing.output.is_empty());
    }

    #[test]
    fn the_token_is_not_kept() {
        let action = action(&[("INPUT_GITHUB-TOKEN", "secret"), ("INPUT_MODE", "all")]);
        assert!(!format!("{action:?}").contains("secret"), "{action:?}");
    }

    #[test]
    fn a_value_cannot_add_arguments() {
        let arguments = action(&[("INPUT_BASE", "--all --strict"), ("INPUT_HEAD", "\"x\\\" y")]).arguments().unwrap();
        assert_eq!(arguments.base.as_deref(), Some("--all --strict"));
        assert_eq!(arguments.head.as_deref(), Some("\"x\\\" y"));
        assert!(!arguments.all && !arguments.strict);
    }

    #[test]
    fn invalid_inputs_are_rejected() {
        for (inputs, words) in [
            (&[("INPUT_MODE", "everything")][..], "the input `mode` is `everything`, but must be `change` or `all`"),
            (&[("INPUT_STRICT", "yes")], "the input `strict` is `yes`, but must be `true` or `false`"),
            (
                &[("INPUT_FAIL-ON", "notice")],
                "the inputs are not valid: invalid value 'notice' for '--fail-on <LEVEL>'",
            ),
            (&[("INPUT_OUTPUT", "xml=x")], "the inputs are not valid: invalid value 'xml=x' for '--output"),
            (&[("INPUT_MODE", "all"), ("INPUT_BASE", "main")], "the inputs are not valid: the argument '--all' cannot"),
        ] {
            let error = action(inputs).arguments().unwrap_err();
            assert!(error.to_string().starts_with(words), "{error}");
        }
    }
}
