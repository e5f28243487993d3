//! Writes every fixture to folders, for checks that run kepgate themselves.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::{Value, json};

use crate::case::{Case, Document};
use crate::case_files::{self, folder_name, lay_out, repositories};

/// Writes each case to `<to>/<file>/<case>/`: `base/`, `head/` and `expected.json`.
pub(crate) fn run(to: &Path) -> Result<()> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let repositories = repositories(&fixtures).map_err(|error| anyhow!(error))?;
    let mut count = 0;
    for file in case_files::read_all(&fixtures).map_err(|error| anyhow!(error))? {
        let Document { cases, .. } = &file.document;
        for case in cases {
            let folder = to.join(file.path.with_extension("")).join(folder_name(&case.heading));
            let place = || format!("{}:{}", file.path.display(), case.line);
            ensure!(!folder.exists(), "{} exists already", folder.display());
            fs::create_dir_all(&folder)?;
            lay_out(case, &repositories, &folder).map_err(|error| anyhow!(error)).with_context(place)?;
            let expected = expected(case).with_context(place)?;
            fs::write(folder.join("expected.json"), serde_json::to_string_pretty(&expected)?)?;
            count += 1;
        }
    }
    println!("{count} cases in {}", to.display());
    Ok(())
}

/// What a check needs to know about a case: its heading, arguments, findings and exit status.
fn expected(case: &Case) -> Result<Value> {
    let findings = case
        .expected
        .findings()
        .map(|it| json!({"rule": it.rule, "level": it.level, "new": it.is_new, "side": it.side, "path": it.path}));
    Ok(json!({
        "about": case.heading,
        "args": case.options,
        "findings": findings.collect::<Vec<_>>(),
        "exit": case.expected.exit().context("the expected output has no exit status")?,
    }))
}
