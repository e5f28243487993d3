//! Options by the names that the user typed. An option can have several names; messages use the one from the command line.

use std::borrow::Cow;
use std::ffi::OsString;

use clap::{Command, CommandFactory as _};

use super::Cli;

/// The arguments of the process, from which messages take the names of options.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spelling(Vec<OsString>);

impl Spelling {
    /// Keeps the arguments of the process, the program first.
    #[must_use]
    pub fn of(arguments: &[OsString]) -> Self {
        Self(arguments.to_vec())
    }

    /// The message with the options as the user typed them. Only here, because it takes all options of kepgate, which most
    /// runs do not need twice.
    #[must_use]
    pub fn apply(&self, message: &str) -> String {
        let root = Cli::command();
        let options = words(&self.0).filter_map(|word| Some(word.strip_prefix("--")?.split('=').next()?.to_owned()));
        let typed: Vec<_> = options.collect();
        let command = subcommand(&root, &self.0);
        let options =
            command.get_arguments().filter_map(|option| Some((option.get_long()?, option.get_all_aliases()?)));
        let pairs = options.flat_map(|(name, aliases)| aliases.into_iter().map(move |alias| (name, alias)));
        let used = pairs.filter(|(_, alias)| typed.iter().any(|option| option == alias));
        used.fold(message.to_owned(), |message, (name, alias)| {
            replace(&message, &format!("--{name}"), &format!("--{alias}"))
        })
    }
}

/// The arguments up to `--`, without the program.
fn words(arguments: &[OsString]) -> impl Iterator<Item = Cow<'_, str>> {
    arguments.iter().skip(1).map(|argument| argument.to_string_lossy()).take_while(|word| word != "--")
}

/// The subcommand that the arguments of the process name.
pub(super) fn subcommand<'a>(root: &'a Command, arguments: &[OsString]) -> &'a Command {
    words(arguments).fold(root, |command, word| command.find_subcommand(word.as_ref()).unwrap_or(command))
}

/// Replaces an option, but not one whose name only begins with its name.
fn replace(message: &str, name: &str, alias: &str) -> String {
    let mut parts = message.split(name);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let goes_on = part.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '-');
        replaced.push_str(if goes_on { name } else { alias });
        replaced.push_str(part);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::Spelling;

    fn of(line: &str) -> Spelling {
        Spelling::of(&line.split(' ').map(Into::into).collect::<Vec<_>>())
    }

    #[test]
    fn messages_use_the_name_that_was_typed() {
        let spelling = of("kepgate query --gh-token-path=x --include-prs");
        assert_eq!(spelling.apply("--token-file x is empty"), "--gh-token-path x is empty");
        assert_eq!(spelling.apply("--token-files"), "--token-files");
        assert_eq!(of("kepgate query --token-file x").apply("--token-file x"), "--token-file x");
        assert_eq!(of("kepgate query -- --gh-token-path").apply("--token-file x"), "--token-file x");
    }

    #[test]
    fn names_depend_on_the_command() {
        assert_eq!(of("kepgate query --prr x").apply("--prr-approver: x"), "--prr: x");
        assert_eq!(of("kepgate new --prr x").apply("--prr-approver: x"), "--prr-approver: x");
    }
}
