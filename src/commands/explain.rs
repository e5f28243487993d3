//! `kepgate explain`: a rule's page.

use std::io::Write;

use crate::error::Error;
use crate::exit::ExitStatus;
use crate::rules::{ALL, find, page};
use crate::session::output::say;
use crate::session::output::written;
use crate::text::nearest::nearest;
use crate::text::wording::quote;

pub(super) fn run(id: &str, out: &mut dyn Write, log: &mut dyn Write) -> ExitStatus {
    if let Some(rule) = find(id) {
        written(out.write_all(page::markdown(rule).as_bytes()), log)
    } else {
        let help = match nearest(id, ALL.iter().map(|rule| rule.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`kepgate rules` lists them".to_owned(),
        };
        say(&Error::Usage { message: format!("unknown rule {}", quote(id)), help }, log)
    }
}
