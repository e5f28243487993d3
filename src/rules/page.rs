//! A rule's page, for `kepgate explain`: made from the text beside the rule.

use super::Rule;

/// The page of `rule`, in Markdown.
#[must_use]
pub fn markdown(rule: &Rule) -> String {
    format!(
        "# {id}\n\n{summary}.\n\nDefault level: {level}. Table: {family}.\n\n## What it does\n\n{what}\n\n\
         ## Why it matters\n\n{why}\n\n## Example\n\n```yaml\n{example}\n```\n\n## Use instead\n\n```yaml\n{instead}\n```\n\n\
         ## Source\n\n<{source}>\n",
        id = rule.id,
        summary = rule.summary,
        level = rule.level,
        family = rule.family.title(),
        what = rule.what,
        why = rule.why,
        example = rule.example,
        instead = rule.instead,
        source = rule.source,
    )
}
