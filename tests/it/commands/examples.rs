//! The examples of the documentation are valid command lines.

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use kepgate::Cli;

use crate::support::root;

/// The README and every page below `docs`.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md"), root().join("CHANGELOG.md"), root().join("CONTRIBUTING.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "md") {
                pages.push(entry);
            }
        }
    }
    pages.sort();
    pages
}

/// The command lines of a page's code blocks: after `$ ` in `console`, every line in `bash` and `sh`. Continued lines are
/// joined.
fn command_lines(text: &str) -> Vec<String> {
    let (mut lines, mut block, mut unfinished) = (Vec::new(), None, String::new());
    for line in text.lines() {
        let line = line.trim();
        if let Some(language) = line.strip_prefix("```") {
            block = block.is_none().then(|| language.to_owned());
            continue;
        }
        let is_continued = !unfinished.is_empty();
        let command = match block.as_deref() {
            Some("console") if is_continued => line,
            Some("console") => match line.strip_prefix("$ ") {
                Some(command) => command,
                None => continue,
            },
            Some("bash" | "sh" | "shell") => line,
            _ => continue,
        };
        match command.strip_suffix('\\') {
            Some(start) => unfinished.push_str(start),
            None => lines.push(std::mem::take(&mut unfinished) + command),
        }
    }
    lines
}

/// The arguments of each `kepgate` in a command line, without redirections and what follows in a pipe.
fn runs_of_kepgate(line: &str) -> Vec<Vec<String>> {
    // The README runs the demo with cargo.
    let line = line.replace("cargo run --locked --", "kepgate");
    let words = shlex::split(&line).unwrap_or_else(|| panic!("{line}: not closed"));
    let starts = words.iter().enumerate().filter(|(index, word)| {
        let is_called = *word == "kepgate" || word.ends_with("/kepgate");
        // As an argument, as in `cargo install kepgate`, it is not called.
        let before = index.checked_sub(1).map(|before| words[before].as_str());
        is_called
            && before.is_none_or(|word| {
                ["|", "||", "&&", ";", "{", "do", "then", "--"].contains(&word) || word.contains('=')
            })
    });
    let ends =
        |word: &&String| !["|", "||", "&&", ";", "}", "#"].contains(&word.as_str()) && !word.starts_with(['>', '<']);
    starts.map(|(start, _)| words[start..].iter().take_while(ends).cloned().collect()).collect()
}

#[test]
fn examples_in_code_blocks_are_valid() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages() {
        for line in command_lines(&std::fs::read_to_string(&page).unwrap()) {
            for words in runs_of_kepgate(&line) {
                count += 1;
                match Cli::try_parse_from(&words) {
                    Ok(_) => {}
                    Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {}
                    Err(error) => wrong.push(format!("{}: {line}\n{error}", page.display())),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 40, "{count}");
}

/// Prose can leave out arguments, but every option that it names exists.
#[test]
fn options_in_prose_exist() {
    let code = regex::Regex::new(r"`(kepgate [a-z][^`]*)`").unwrap();
    let option = regex::Regex::new(r"--([a-z][a-z-]*)").unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for span in code.captures_iter(&text) {
            let mut command = &Cli::command();
            for word in span[1].split_whitespace().skip(1).take_while(|word| !word.starts_with('-')) {
                command = command.find_subcommand(word).unwrap_or(command);
            }
            if command.get_name() == "kepgate" {
                wrong.push(format!("{}: {}", page.display(), &span[1]));
            }
            for name in option.captures_iter(&span[1]).map(|name| name[1].to_owned()) {
                count += 1;
                let is_name = |option: &clap::Arg| {
                    let aliases = option.get_all_aliases().unwrap_or_default();
                    option.get_long() == Some(&name) || aliases.contains(&name.as_str())
                };
                if name != "help" && name != "version" && !command.get_arguments().any(is_name) {
                    wrong.push(format!("{}: {}", page.display(), &span[1]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 10, "{count}");
}

#[test]
fn command_lines_are_found() {
    let page = "```console\n$ kepgate query --prr @me | head # mine\nKEP  Title\n$ kepgate check \\\n    --all\n```\n\
                ```yaml\nrun: kepgate nonsense\n```\n```bash\ncargo install kepgate && X=1 ./target/kepgate man >man.1\n```\n";
    let runs: Vec<_> = command_lines(page).iter().flat_map(|line| runs_of_kepgate(line)).collect();
    assert_eq!(runs.len(), 3);
    assert_eq!(runs[0], ["kepgate", "query", "--prr", "@me"]);
    assert_eq!(runs[1], ["kepgate", "check", "--all"]);
    assert_eq!(runs[2], ["./target/kepgate", "man"]);
    assert!(Path::new(&runs[2][0]).ends_with("kepgate"));
}
