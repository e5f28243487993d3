//! Rules' pages, made from the text beside each rule: for `kepgate explain`, and as `docs/rules/`.

use super::ALL;
use super::example::{Example, Excerpt, Sample};
use crate::rule::{Family, Rule};

/// The page of `rule`, in Markdown.
#[must_use]
pub fn markdown(rule: &Rule) -> String {
    format!(
        "# {id}\n\n{summary}.\n\nDefault level: {level}. Table: {family}.\n\n## What it does\n\n{what}\n\n\
         ## Why it matters\n\n{why}\n\n{example}## Source\n\n<{source}>\n",
        id = rule.id,
        summary = rule.summary,
        level = level(rule),
        family = rule.family.title(),
        what = rule.what,
        why = rule.why,
        example = example(rule),
        source = rule.source,
    )
}

fn example(rule: &Rule) -> String {
    let Some(example) = Example::parse(rule.cases) else { return String::new() };
    let part = |title: &str, case: &Sample| {
        let excerpts: String = case.excerpts.iter().map(excerpt).collect();
        format!("## {title}\n\n{}:\n\n{excerpts}", case.heading)
    };
    part("Example", &example.failing) + &part("Use instead", &example.fixed)
}

fn excerpt(excerpt: &Excerpt) -> String {
    match excerpt {
        Excerpt::Lines { place, language, lines } => {
            format!("{place}:\n\n```{language}\n{}\n```\n\n", lines.join("\n"))
        }
        Excerpt::Sentence(sentence) => format!("{sentence}\n\n"),
    }
}

/// The example and its fix as plain text.
#[must_use]
pub(crate) fn plain_example(rule: &Rule) -> String {
    let Some(example) = Example::parse(rule.cases) else { return String::new() };
    let part = |title: &str, case: &Sample| {
        let excerpts = case.excerpts.iter().map(|it| match it {
            Excerpt::Lines { place, lines, .. } => format!("{place}:\n{}\n", lines.join("\n")),
            Excerpt::Sentence(sentence) => format!("{sentence}\n"),
        });
        format!("{title}: {}\n{}", case.heading, excerpts.collect::<String>())
    };
    format!("{}\n{}", part("For example", &example.failing), part("Instead", &example.fixed))
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
