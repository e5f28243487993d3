//! The vocabulary of options: one meaning has one name in every command.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Arg, Command, CommandFactory as _};
use kepgate::Cli;

use crate::support::{TestRepo, kepgate, root, within_bounds};

/// Values that stand for one thing, and the only options that take them. An option for such a value has one of these
/// names; if it needs another one, it means something else, and so does its value.
const VALUES: &[(&str, &[&str])] = &[
    ("OWNER/NAME", &["repository"]),
    ("FORMAT[=FILE]", &["output"]),
    ("RELEASE", &["release"]),
    ("STAGE", &["stage"]),
    ("STATUS", &["status"]),
    ("REV", &["base", "head"]),
    ("LEVEL", &["fail-on"]),
    ("[RELEASE=]FILE", &["exceptions"]),
    ("SIG", &["sig", "participating-sig"]),
    ("HANDLE", &["as", "author", "reviewer", "approver", "prr-approver"]),
    ("PATH", &["repo", "to", "config", "sigs", "kubernetes-lists"]),
];

/// Old names of options that mean something else in other commands. Nothing new may come here.
const REUSED: &[(&str, &str)] =
    &[("kepgate lists import", "output"), ("kepgate man", "write"), ("kepgate site", "output")];

/// Every option of every command, with the name of its command.
fn options() -> Vec<(String, Arg)> {
    fn collect(command: &Command, path: &str, found: &mut Vec<(String, Arg)>) {
        let options = command.get_arguments().filter(|option| option.get_long().is_some());
        found.extend(options.map(|option| (path.to_owned(), option.clone())));
        for subcommand in command.get_subcommands() {
            collect(subcommand, &format!("{path} {}", subcommand.get_name()), found);
        }
    }
    let mut command = Cli::command();
    command.build();
    let mut found = Vec::new();
    collect(&command, "kepgate", &mut found);
    found
        .retain(|(path, option)| !path.contains(" help") && !["help", "version"].contains(&option.get_long().unwrap()));
    assert!(found.len() > 80, "{}", found.len());
    found
}

fn value_of(option: &Arg) -> String {
    let takes_value = option.get_action().takes_values();
    let names = option.get_value_names().filter(|_| takes_value).unwrap_or_default();
    names.iter().map(clap::builder::Str::as_str).collect::<Vec<_>>().join(" ")
}

fn aliases(option: &Arg) -> Vec<String> {
    option.get_all_aliases().unwrap_or_default().into_iter().map(str::to_owned).collect()
}

#[test]
fn one_name_has_one_kind_of_value() {
    let mut kinds: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (command, option) in options() {
        let name = option.get_long().unwrap().to_owned();
        kinds.entry(name).or_default().insert(value_of(&option), command);
    }
    let several: Vec<_> = kinds.iter().filter(|(_, kinds)| kinds.len() > 1).collect();
    assert!(several.is_empty(), "{several:#?}");
}

#[test]
fn one_kind_of_value_has_one_name() {
    for (command, option) in options() {
        let (name, value) = (option.get_long().unwrap(), value_of(&option));
        if let Some((_, names)) = VALUES.iter().find(|(known, _)| *known == value) {
            assert!(names.contains(&name), "{command} --{name} {value}: only {names:?} take {value}");
        }
    }
}

/// Options with the same help mean the same.
#[test]
fn one_help_has_one_name() {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, option) in options().iter().filter(|(_, option)| !option.is_hide_set()) {
        let help = option.get_help().map(ToString::to_string).unwrap_or_default();
        let about = help.split(['[', '.', ',', ':']).next().unwrap().trim().to_lowercase();
        names.entry(about).or_default().insert(option.get_long().unwrap().to_owned());
    }
    let several: Vec<_> = names.iter().filter(|(_, names)| names.len() > 1).collect();
    assert!(several.is_empty(), "{several:#?}");
}

#[test]
fn another_name_means_nothing_else() {
    let options = options();
    for (command, option) in &options {
        for alias in aliases(option) {
            let others = options.iter().filter(|(_, other)| other.get_long() == Some(&alias));
            let others: Vec<_> = others.map(|(other, _)| other).collect();
            let is_reused = REUSED.contains(&(command.as_str(), alias.as_str()));
            assert_eq!(!others.is_empty(), is_reused, "{command} --{alias} is another option in {others:?}");
        }
    }
}

/// The options of every command that reads a repository or GitHub have these names everywhere, and those of `kepctl`.
#[test]
fn names_of_kepctl_work_everywhere() {
    let mut count = 0;
    for (name, alias) in [("repo", "repo-path"), ("token-file", "gh-token-path"), ("output", "format")] {
        for (command, option) in options().iter().filter(|(_, option)| option.get_long() == Some(name)) {
            assert!(aliases(option).iter().any(|other| other == alias), "{command} --{name}");
            count += 1;
        }
    }
    assert!(count > 12, "{count}");
}

/// The table of the changelog says what was renamed. Each old name still works.
#[test]
fn old_names_in_the_changelog_work() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let (_, table) = changelog.split_once("| command | before | now |\n").expect("a table of renamed options");
    let options = options();
    let mut count = 0;
    for row in table.lines().skip(1).take_while(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
        let [commands, before, now] = cells.as_slice() else { panic!("{row}") };
        for name in commands.split(", ") {
            let command = format!("kepgate {name}");
            let now = now.strip_prefix("--").unwrap().split(' ').next();
            let option = options.iter().find(|(of, option)| *of == command && option.get_long() == now);
            let (_, option) = option.unwrap_or_else(|| panic!("{command} has no {now:?}"));
            let before = before.strip_prefix("--").unwrap().split(' ').next().unwrap();
            let is_flag = options.iter().any(|(of, old)| *of == command && old.get_long() == Some(before));
            assert!(is_flag || aliases(option).iter().any(|alias| alias == before), "{command} --{before}");
            count += 1;
        }
    }
    assert!(count >= 15, "{count}");
}

#[test]
fn errors_name_the_option_that_was_typed() {
    let repo = TestRepo::repository();
    let says = |arguments: &[&str]| {
        let run = within_bounds(kepgate(repo.path()).args(arguments));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.stderr);
        run.stderr
    };
    for (arguments, expected) in [
        (&["query", "--include-prs", "--gh-token-path", "missing"][..], "kepgate: --gh-token-path "),
        (&["query", "--include-prs", "--token-file", "missing"], "kepgate: --token-file "),
        (&["query", "--prr", "nobody"], "kepgate: --prr: `nobody`"),
        (&["query", "--prr-approver", "nobody"], "kepgate: --prr-approver: `nobody`"),
        (&["query", "--repo-path"], "'--repo-path <PATH>'"),
        (&["query", "--repo"], "'--repo <PATH>'"),
        (&["query", "--milestone", "x"], "'--milestone <RELEASE>'"),
        (&["query", "--format=xml"], "'--format <FORMAT[=FILE]>'"),
    ] {
        let said = says(arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}
