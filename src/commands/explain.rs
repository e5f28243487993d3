//! `kepgate explain`: a rule's page.

use crate::error::Error;
use crate::report::list::wrap;
use crate::rules::{ALL, find, page};
use crate::text::nearest::nearest;
use crate::text::wording::quote;

/// The page; on a terminal, no line of its text is wider than `columns`.
pub(super) fn page(id: &str, columns: Option<usize>) -> Result<String, Error> {
    if let Some(rule) = find(id) {
        let page = page::markdown(rule);
        return Ok(columns.map_or_else(|| page.clone(), |width| wrapped(&page, width)));
    }
    let help = match nearest(id, ALL.iter().map(|rule| rule.id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`kepgate rules` lists them".to_owned(),
    };
    Err(Error::usage(format!("unknown rule {}", quote(id)), help))
}

/// The Markdown with wrapped paragraphs. Headings, code and addresses keep their lines.
fn wrapped(markdown: &str, width: usize) -> String {
    let mut is_code = false;
    let lines = markdown.lines().map(|line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        let keeps = is_code || is_fence || line.starts_with('#');
        if keeps { format!("{line}\n") } else { format!("{}\n", wrap(line, width, "")) }
    });
    lines.collect()
}
