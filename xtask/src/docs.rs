//! Regenerates the documentation that comes from the code. Tests fail if it is out of date.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// The tests that rewrite documentation if `KEPGATE_BLESS` is set. Each entry needs the output of the previous one.
const STEPS: &[(&[&str], &[&str])] = &[
    (UNIT, &["commands::schema::tests::schemas_of_reports_are_current"]),
    (INTEGRATION, &["commands::docs::embedded_examples_are_current"]),
    (
        INTEGRATION,
        &[
            "commands::docs::rule_pages_are_current",
            "commands::generated::schema_command_prints_the_checked_in_schemas",
        ],
    ),
];

const UNIT: &[&str] = &["--lib"];
const INTEGRATION: &[&str] = &["--test", "it"];

pub(crate) fn run() -> Result<()> {
    let root = crate::root()?;
    for (target, tests) in STEPS {
        let mut command = Command::new("cargo");
        command.current_dir(&root).env("KEPGATE_BLESS", "1");
        command.args(["test", "--locked", "--package", "kepgate"]).args(*target).args(["--", "--exact"]).args(*tests);
        let output = command.output().context("could not start cargo")?;
        let log = String::from_utf8_lossy(&output.stdout);
        let passed = format!("test result: ok. {} passed", tests.len());
        ensure!(output.status.success() && log.contains(&passed), "{log}{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
