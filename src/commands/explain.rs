//! `kepgate explain`: a rule's page.

use crate::error::Error;
use crate::rules::{ALL, find, page};
use crate::text::nearest::nearest;
use crate::text::wording::quote;

pub(super) fn page(id: &str) -> Result<String, Error> {
    if let Some(rule) = find(id) {
        return Ok(page::markdown(rule));
    }
    let help = match nearest(id, ALL.iter().map(|rule| rule.id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`kepgate rules` lists them".to_owned(),
    };
    Err(Error::Usage { message: format!("unknown rule {}", quote(id)), help })
}
