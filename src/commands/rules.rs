//! `kepgate rules`: the rules, one a line, as JSON, or as pages.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::rule::Rule;
use crate::rules::{ALL, page};

/// Writes every rule's page and the index to `folder`.
pub(super) fn write_docs(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    page::all().try_for_each(|(name, text)| std::fs::write(folder.join(name), text))
}

/// The level by default: `off` for rules that a configuration has to turn on.
fn level(rule: &Rule) -> &'static str {
    if rule.enabled { rule.level.word() } else { "off" }
}

#[derive(Serialize)]
struct Entry {
    id: &'static str,
    level: &'static str,
    family: &'static str,
    summary: &'static str,
}

pub(super) fn run(json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        let entries: Vec<_> = ALL
            .iter()
            .map(|rule| Entry { id: rule.id, level: level(rule), family: rule.family.title(), summary: rule.summary })
            .collect();
        serde_json::to_writer_pretty(&mut *out, &entries)?;
        return writeln!(out);
    }
    let width = ALL.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut family = None;
    for rule in ALL {
        if family != Some(rule.family) {
            let gap = if family.is_some() { "\n" } else { "" };
            writeln!(out, "{gap}{}", rule.family.title())?;
            family = Some(rule.family);
        }
        writeln!(out, "  {:width$}  {:7}  {}", rule.id, level(rule), rule.summary)?;
    }
    Ok(())
}
