//! The clock. For a check, no other module reads the system's time.

use jiff::Timestamp;

use super::Environment;
use crate::cli::Moment;
use crate::error::Error;
use crate::text::wording::quote;

/// The current time: the argument, else `KEPGATE_NOW`, else the system's clock.
pub(crate) fn now(argument: Option<Moment>, environment: &Environment) -> Result<Timestamp, Error> {
    match (argument, &environment.now) {
        (Some(moment), _) => Ok(moment.0),
        (None, Some(text)) => text
            .parse()
            .map(|moment: Moment| moment.0)
            .map_err(|help| Error::usage(format!("KEPGATE_NOW is {}, which is not a time", quote(text)), help)),
        (None, None) => Ok(Timestamp::now()),
    }
}
