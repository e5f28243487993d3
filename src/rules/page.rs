//! The documentation pages of the rules, for `kepgate explain` and `docs/rules/`.

use super::ALL;
use super::example::{Example, Excerpt, Sample};
use crate::rule::{Family, Rule};

/// Returns the page of `rule` in Markdown.
#[must_use]
pub fn markdown(rule: &Rule) -> String {
    format!(
        "# {id}\n\n{summary}.\n\nDefault level: {level}. Family: {family}.\n\n## What it does\n\n{what}\n\n\
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
    Example::of(rule.id).map(|example| example.to_markdown()).unwrap_or_default()
}

/// Returns the example of a rule in Markdown, from the text of its fixture file. `None` if the fixture cannot be parsed
/// or the example would not be read as it is.
#[must_use]
pub fn example_of_fixture(fixture: &str) -> Option<String> {
    let example = Example::parse(fixture)?;
    let text = example.to_markdown();
    (Example::read(&text).as_ref() == Some(&example)).then_some(text)
}

/// Returns the example and its fix as plain text.
#[must_use]
pub(crate) fn plain_example(rule: &Rule) -> String {
    let Some(example) = Example::of(rule.id) else { return String::new() };
    let part = |title: &str, case: &Sample| {
        let excerpts = case.excerpts.iter().map(|it| match it {
            Excerpt::Lines { place, lines, .. } => format!("{place}:\n{}\n", lines.join("\n")),
            Excerpt::Sentence(sentence) => format!("{sentence}\n"),
        });
        format!("{title}: {}\n{}", case.heading, excerpts.collect::<String>())
    };
    format!("{}\n{}", part("For example", &example.failing), part("Instead", &example.fixed))
}

/// Returns the index of all pages in Markdown, with one table for each family of rules.
#[must_use]
pub fn index() -> String {
    let mut index = "# Rules\n\nGenerated with `kepgate rules --to docs/rules`. By default, only errors \
                     fail the check; `--fail-on` changes that. The configuration can change the level of each rule.\n\n\
                     [For KEP authors](../authors.md#check-your-change) explains terms such as *active*, *gated* and \
                     *due*.\n"
        .to_owned();
    let mut family: Option<Family> = None;
    for rule in ALL {
        if family != Some(rule.family) {
            index.push_str(&format!(
                "\n## {}\n\n| Rule | Level | Reported when |\n|---|---|---|\n",
                rule.family.title()
            ));
            family = Some(rule.family);
        }
        index.push_str(&format!("| [{id}]({id}.md) | {} | {} |\n", level(rule), rule.summary, id = rule.id));
    }
    index
}

/// Returns every page with its file name, including the index.
pub fn all() -> impl Iterator<Item = (String, String)> {
    let pages = ALL.iter().map(|rule| (format!("{}.md", rule.id), markdown(rule)));
    pages.chain([("README.md".to_owned(), index())])
}

fn level(rule: &Rule) -> String {
    let off = if rule.enabled { "" } else { ", off by default" };
    format!("{}{off}", rule.level)
}

#[cfg(test)]
mod tests {
    use super::plain_example;
    use crate::rules::find;

    #[test]
    fn an_example_shows_the_mistake_and_its_fix() {
        let text = plain_example(find("stage-invalid").unwrap());
        let (mistake, fix) = text.split_once("\nInstead: ").unwrap();
        assert!(mistake.starts_with("For example: ") && mistake.contains("\nstage: GA\n"), "{text}");
        assert!(fix.contains("\nstage: stable\n"), "{text}");
    }
}
