//! What GitHub Actions hands to an action, and where it takes the answers from. `action.yml` declares both.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The inputs.
pub const INPUTS: [&str; 12] = [
    "mode",
    "base",
    "head",
    "fail-on",
    "strict",
    "config",
    "baseline",
    "output",
    TOKEN,
    "comment",
    "check-run",
    "suggest",
];

/// The input that is nobody's here: [`crate::github::Settings`] reads it into a type that does not print it.
pub(crate) const TOKEN: &str = "github-token";

/// The outputs, every one always written.
pub const OUTPUTS: [&str; 6] = ["verdict", "errors", "warnings", "pre-existing", "keps", "report"];

/// The folder that the runner mounts the checkout at in a container.
const MOUNTED_WORKSPACE: &str = "/github/workspace";

/// What the runner hands to an action.
#[derive(Debug, Clone, Default)]
pub struct Action {
    /// The inputs that are not empty, but for the token.
    pub(crate) inputs: BTreeMap<&'static str, String>,
    /// Where the outputs go (`GITHUB_OUTPUT`).
    pub(crate) outputs: Option<PathBuf>,
    /// Where files may be left for later steps (`RUNNER_TEMP`); none in a container, where later steps do not see it.
    pub(crate) temp: Option<PathBuf>,
}

impl Action {
    /// Reads it from the environment: `set` gives a variable that is set, UTF-8 and not empty.
    #[must_use]
    pub fn read(set: impl Fn(&str) -> Option<String>) -> Self {
        // The runner keeps the dashes of a name and makes it upper case.
        let input = |name: &'static str| Some((name, set(&format!("INPUT_{}", name.to_uppercase()))?));
        let is_container = set("GITHUB_WORKSPACE").as_deref() == Some(MOUNTED_WORKSPACE);
        Self {
            inputs: INPUTS
                .into_iter()
                .filter(|name| *name != TOKEN)
                .filter_map(input)
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
