//! Rules' pages, made from the text beside each rule: for `kepgate explain`, and as `docs/rules/`.

use super::ALL;
use crate::rule::{Family, Rule};

/// The page of `rule`, in Markdown.
#[must_use]
pub fn markdown(rule: &Rule) -> String {
    format!(
        "# {id}\n\n{summary}.\n\nDefault level: {level}. Table: {family}.\n\n## What it does\n\n{what}\n\n\
         ## Why it matters\n\n{why}\n\n## Example\n\n```{language}\n{example}\n```\n\n## Use instead\n\n```{language}\n{instead}\n```\n\n\
         ## Source\n\n<{source}>\n",
        id = rule.id,
        summary = rule.summary,
        level = level(rule),
        family = rule.family.title(),
        language = if rule.family == Family::Readme { "text" } else { "yaml" },
        what = rule.what,
        why = rule.why,
        example = rule.example,
        instead = rule.instead,
        source = rule.source,
    )
}

/// The index of all pages, in Markdown: a table for each table of the catalogue.
#[must_use]
pub fn index() -> String {
    let mut index = "# Rules\n\nGenerated with `kepgate rules --write-docs docs/rules`. An error fails the check, a \
                     warning and a notice do not, unless `--fail-on` says so; a configuration can change each level.\n"
        .to_owned();
    let mut family: Option<Family> = None;
    for rule in ALL {
        if family != Some(rule.family) {
            index.push_str(&format!("\n## {}\n\n| rule | level | holds when |\n|---|---|---|\n", rule.family.title()));
            family = Some(rule.family);
        }
        index.push_str(&format!("| [{id}]({id}.md) | {} | {} |\n", level(rule), rule.summary, id = rule.id));
    }
    index
}

/// Every page by its file name, the index among them.
pub fn all() -> impl Iterator<Item = (String, String)> {
    let pages = ALL.iter().map(|rule| (format!("{}.md", rule.id), markdown(rule)));
    pages.chain([("README.md".to_owned(), index())])
}

fn level(rule: &Rule) -> String {
    let off = if rule.enabled { "" } else { ", off unless turned on" };
    format!("{}{off}", rule.level)
}
