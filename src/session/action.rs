//! The inputs and outputs of the GitHub Action. `action.yml` declares both with the texts of these tables.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// An input of the action.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// The name in `action.yml`.
    pub name: &'static str,
    /// Its description in `action.yml`.
    pub help: &'static str,
    /// The default in `action.yml`. Without one, kepgate can tell whether the input is set.
    pub default: Option<&'static str>,
    /// How it is passed to `kepgate check`.
    pub becomes: Argument,
}

/// How an input is passed to `kepgate check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// `--all` for `all`, nothing for `change`.
    Mode,
    /// A flag with the name of the input for `true`, nothing for `false`.
    Flag,
    /// An option with the name of the input, and the input as its value.
    Option,
    /// An option with the name of the input, once for each line.
    Lines,
    /// Not passed: [`crate::github::Settings`] reads the input into a type that does not print it.
    Secret,
}

/// An output of the action.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// The name in `action.yml`.
    pub name: &'static str,
    /// Its description in `action.yml`.
    pub help: &'static str,
}

/// The inputs, in the order of `action.yml`.
pub const INPUTS: [Input; 13] = [
    Input {
        name: "mode",
        help: "What to check: `change` (the change that triggered the event) or `all` (every KEP)",
        default: Some("change"),
        becomes: Argument::Mode,
    },
    option("base", "The target branch, as a revision in the checkout. By default, it comes from the event"),
    option("head", "The commit to check. By default, it comes from the event"),
    option(
        "fail-on",
        "The minimum severity of new findings that fails the step: `error`, `warning` or `never`. By default, the \
         configuration's, or `error`; `never` on schedule and workflow_dispatch",
    ),
    flag("strict", "`true` also fails the step on pre-existing findings"),
    option(
        "config",
        "The configuration, read from the target branch. By default, `.github/kepgate.yaml`, if it exists",
    ),
    option("baseline", "An earlier JSON report, read from the target branch, whose findings count as pre-existing"),
    Input {
        becomes: Argument::Lines,
        ..option(
            "output",
            "More reports to write, one `FORMAT=FILE` per line: `sarif`, `junit`, `json`, `markdown`, `text`",
        )
    },
    Input {
        becomes: Argument::Secret,
        ..option("github-token", "A token that can read pull requests and issues, for the rules that need GitHub")
    },
    flag(
        "comment",
        "`true` writes the findings to a comment on the pull request, which later runs update; needs `pull-requests: write`",
    ),
    flag("check-run", "`true` writes a check run with all annotations; needs `checks: write`"),
    option("timeout", "The longest time that the check may take, such as `90s`. By default, `5m`"),
    flag("suggest", "`true` suggests safe fixes on the changed lines; needs `pull-requests: write`"),
];

const fn option(name: &'static str, help: &'static str) -> Input {
    Input { name, help, default: None, becomes: Argument::Option }
}

const fn flag(name: &'static str, help: &'static str) -> Input {
    Input { name, help, default: Some("false"), becomes: Argument::Flag }
}

/// The outputs, in the order of `action.yml`. All of them are always written.
pub const OUTPUTS: [Output; 6] = [
    Output { name: "verdict", help: "`clean`, `findings`, or `unchecked` if something could not be checked" },
    Output { name: "errors", help: "The number of new errors" },
    Output { name: "warnings", help: "The number of new warnings" },
    Output { name: "pre-existing", help: "The number of findings that the change did not introduce" },
    Output { name: "keps", help: "The numbers of the checked KEPs, as a JSON list" },
    Output {
        name: "report",
        help: "The path of the JSON report, relative to the workspace; empty if none could be written",
    },
];

/// Where the runner mounts the checkout in a container.
const MOUNTED_WORKSPACE: &str = "/github/workspace";

/// What the runner passes to the action.
#[derive(Debug, Clone, Default)]
pub struct Action {
    /// The inputs that are not empty, except the token.
    pub(crate) inputs: BTreeMap<&'static str, String>,
    /// The file for the outputs (`GITHUB_OUTPUT`).
    pub(crate) outputs: Option<PathBuf>,
    /// The directory for files that later steps read (`RUNNER_TEMP`); `None` in a container, whose files they cannot
    /// see.
    pub(crate) temp: Option<PathBuf>,
}

impl Action {
    /// Reads the environment. `set` returns the value of a variable that is set, valid UTF-8 and not empty.
    #[must_use]
    pub fn read(set: impl Fn(&str) -> Option<String>) -> Self {
        // The runner keeps the dashes of a name and converts it to uppercase.
        let input = |name: &'static str| Some((name, set(&format!("INPUT_{}", name.to_uppercase()))?));
        let is_container = set("GITHUB_WORKSPACE").as_deref() == Some(MOUNTED_WORKSPACE);
        Self {
            inputs: INPUTS
                .into_iter()
                .filter(|input| input.becomes != Argument::Secret)
                .filter_map(|entry| input(entry.name))
                .filter(|(_, value)| !value.trim().is_empty())
                .collect(),
            outputs: set("GITHUB_OUTPUT").map(PathBuf::from),
            temp: set("RUNNER_TEMP").filter(|_| !is_container).map(PathBuf::from),
        }
    }

    pub(crate) fn input(&self, name: &str) -> Option<&str> {
        self.inputs.get(name).map(|value| value.trim())
    }
}
