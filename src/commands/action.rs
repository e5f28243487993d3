//! `kepgate action`: a check as a step of GitHub Actions, which passes inputs as `INPUT_*` and reads outputs from
//! `GITHUB_OUTPUT`. `session::action` has the tables of both.

use std::fs::OpenOptions;
use std::io::Write;

use clap::Parser as _;

use super::check;
use crate::check::result::{Report, Verdict};
use crate::cli::{CheckArguments, Cli, Command, Format};
use crate::error::Error;
use crate::escape::output_entry;
use crate::exit::ExitStatus;
use crate::session::{Action, Argument, Environment, INPUTS, OUTPUTS, output};

impl Action {
    /// The inputs as arguments of `kepgate check`; each value is one argument, whatever it holds.
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
            Ok(_) => Err(usage("the inputs are no check".to_owned())),
            Err(error) => {
                let text = error.to_string();
                let first = text.lines().next().unwrap_or_default();
                Err(usage(format!("the inputs do not fit: {}", first.trim_start_matches("error: "))))
            }
        }
    }
}

fn bad_input(name: &str, value: &str, choice: &str) -> Error {
    usage(format!("the input `{name}` is {value:?}, and takes {choice}"))
}

fn usage(message: String) -> Error {
    Error::Usage { message, help: "see the inputs in action.yml".to_owned() }
}

pub(super) fn run(environment: &Environment, out: &mut dyn Write, log: &mut dyn Write) -> ExitStatus {
    let action = &environment.action;
    let parsed = action.arguments();
    let wanted = parsed.as_ref().map_or(&[][..], |arguments| &arguments.output);
    let mut plan = match output::beside_the_usual(wanted, environment) {
        Ok(plan) => plan,
        Err(error) => {
            answer(action, verdict(None), None, None, log);
            return output::say(&error, log);
        }
    };
    let file = format!("{}.json", plan.token());
    let (report_file, shown) = match &action.temp {
        Some(temp) => (temp.join(&file), temp.join(&file).display().to_string()),
        None => (environment.folder.join(&file), file),
    };
    plan.add(Format::Json, report_file.clone());
    let report = match parsed {
        Ok(arguments) => check::report(&arguments, environment, log),
        Err(error) => check::without(error, environment),
    };
    let status = output::write(&plan, &report, out, log);
    let shown = Some(shown).filter(|_| report_file.is_file());
    // What could not be told is as good as unchecked.
    let told = Some(&report).filter(|_| status <= ExitStatus::Findings);
    status.max(answer(action, verdict(told), Some(&report), shown.as_deref(), log))
}

/// The word for it; what could not even be begun was not checked.
fn verdict(report: Option<&Report>) -> &'static str {
    match report.map(Report::verdict) {
        Some(Verdict::Clean) => "clean",
        Some(Verdict::Findings) => "findings",
        Some(Verdict::Unchecked | Verdict::Failed) | None => "unchecked",
    }
}

/// Writes every output.
fn answer(
    action: &Action,
    verdict: &str,
    report: Option<&Report>,
    file: Option<&str>,
    log: &mut dyn Write,
) -> ExitStatus {
    let Some(outputs) = &action.outputs else {
        return output::say(&unwritten("GITHUB_OUTPUT is not set"), log);
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
    let written = output::random_token().and_then(|token| {
        let entries: String =
            OUTPUTS.iter().zip(&values).map(|(output, value)| output_entry(output.name, value, &token)).collect();
        let file = OpenOptions::new().create(true).append(true).open(outputs);
        file.and_then(|mut file| file.write_all(entries.as_bytes())).map_err(|error| unwritten(&error.to_string()))
    });
    written.map_or_else(|error| output::say(&error, log), |()| ExitStatus::Clean)
}

fn unwritten(why: &str) -> Error {
    Error::Internal {
        message: format!("could not write the outputs of the step: {why}"),
        help: "run `kepgate action` as a step, which GITHUB_OUTPUT names a file for; elsewhere `kepgate check`"
            .to_owned(),
    }
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
    fn the_token_is_not_kept_here() {
        let action = action(&[("INPUT_GITHUB-TOKEN", "secret"), ("INPUT_MODE", "all")]);
        assert!(!format!("{action:?}").contains("secret"), "{action:?}");
    }

    #[test]
    fn a_value_is_one_argument_whatever_stands_in_it() {
        let arguments = action(&[("INPUT_BASE", "--all --strict"), ("INPUT_HEAD", "\"x\\\" y")]).arguments().unwrap();
        assert_eq!(arguments.base.as_deref(), Some("--all --strict"));
        assert_eq!(arguments.head.as_deref(), Some("\"x\\\" y"));
        assert!(!arguments.all && !arguments.strict);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        for (inputs, words) in [
            (&[("INPUT_MODE", "everything")][..], "the input `mode` is \"everything\", and takes `change` or `all`"),
            (&[("INPUT_STRICT", "yes")], "the input `strict` is \"yes\", and takes `true` or `false`"),
            (&[("INPUT_FAIL-ON", "notice")], "the inputs do not fit: invalid value 'notice' for '--fail-on <LEVEL>'"),
            (&[("INPUT_OUTPUT", "xml=x")], "the inputs do not fit: invalid value 'xml=x' for '--output"),
            (&[("INPUT_MODE", "all"), ("INPUT_BASE", "main")], "the inputs do not fit: the argument '--all' cannot"),
        ] {
            let error = action(inputs).arguments().unwrap_err();
            assert!(error.to_string().starts_with(words), "{error}");
        }
    }
}
