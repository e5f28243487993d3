//! What to type instead of an argument that a command does not take.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory as _};

use super::Cli;
use super::spelling::subcommand;
use crate::kep::{KepNumber, Milestone};

/// Adds a tip to an error about the arguments of the process, the program first. clap only knows similar names.
pub fn add_tip(error: &mut clap::Error, arguments: &[OsString]) {
    let rejected = match error.kind() {
        ErrorKind::UnknownArgument => error.get(ContextKind::InvalidArg),
        ErrorKind::InvalidSubcommand => error.get(ContextKind::InvalidSubcommand),
        _ => None,
    };
    let Some(ContextValue::String(text)) = rejected else { return };
    let root = Cli::command();
    if let Some(tip) = tip(&root, subcommand(&root, arguments), text) {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
        error.remove(ContextKind::SuggestedSubcommand);
    }
}

/// The tip for `text`, which `command` does not take. It only repeats what could be parsed.
fn tip(root: &Command, command: &Command, text: &str) -> Option<String> {
    if let Some(release) = Milestone::parse(text).filter(|release| !release.is_exempt()) {
        if has(command, "release") {
            return Some(format!("to choose the release, use '--release {release}'"));
        }
        return owners(root, "release");
    }
    if let Some(number) = KepNumber::parse_name(text) {
        let is_option = has(command, "number");
        let way = if is_option { "to choose the KEP, use '--number" } else { "to see one KEP, use 'kepgate status" };
        return Some(format!("{way} {number}'"));
    }
    owners(root, text.trim_start_matches("--").split('=').next()?)
}

/// Says which commands have the option.
fn owners(root: &Command, option: &str) -> Option<String> {
    let commands: Vec<_> = root.get_subcommands().filter(|command| has(command, option)).collect();
    let names: Vec<_> = commands.iter().map(|command| format!("'kepgate {}'", command.get_name())).collect();
    (!names.is_empty()).then(|| format!("'--{option}' is an option of {}", names.join(", ")))
}

fn has(command: &Command, option: &str) -> bool {
    command.get_arguments().any(|argument| argument.get_long() == Some(option) && !argument.is_hide_set())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::add_tip;
    use crate::cli::Cli;

    fn tip(line: &str) -> Option<String> {
        let arguments: Vec<_> = line.split(' ').map(Into::into).collect();
        let mut error = Cli::try_parse_from(&arguments).unwrap_err();
        add_tip(&mut error, &arguments);
        let text = error.to_string();
        text.lines().find_map(|line| line.trim().strip_prefix("tip: ").map(str::to_owned))
    }

    #[test]
    fn a_release_or_a_number_in_the_wrong_place_gets_its_option() {
        for (line, expected) in [
            ("kepgate readiness v1.36", "to choose the release, use '--release v1.36'"),
            ("kepgate calendar 1.36", "to choose the release, use '--release v1.36'"),
            ("kepgate query --needs-prr v1.36", "to choose the release, use '--release v1.36'"),
            ("kepgate query KEP-5120", "to choose the KEP, use '--number 5120'"),
            ("kepgate readiness 5120", "to see one KEP, use 'kepgate status 5120'"),
        ] {
            assert_eq!(tip(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn an_option_of_another_command_gets_its_command() {
        let owners = "'--release' is an option of 'kepgate query', 'kepgate readiness', 'kepgate site', 'kepgate calendar', \
                      'kepgate new', 'kepgate promote'";
        for line in
            ["kepgate status 5120 --release v1.36", "kepgate status 5120 v1.36", "kepgate review 5120 --release=x"]
        {
            assert_eq!(tip(line).as_deref(), Some(owners), "{line}");
        }
        assert_eq!(tip("kepgate plan v1.36").as_deref(), Some("'--plan' is an option of 'kepgate query'"));
    }

    #[test]
    fn other_mistakes_keep_the_tip_of_clap() {
        assert_eq!(tip("kepgate qery").as_deref(), Some("a similar subcommand exists: 'query'"));
        assert_eq!(tip("kepgate readiness --relese x").as_deref(), Some("a similar argument exists: '--release'"));
        assert_eq!(tip("kepgate readiness --release x"), None);
        assert_eq!(tip("kepgate status"), None);
    }
}
