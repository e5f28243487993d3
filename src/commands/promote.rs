//! `kepgate promote`: moves a KEP to its next stage, in `kep.yaml` and in its PRR file.

use std::io::Write;
use std::path::Path;

use crate::authoring::Promotion;
use crate::change::KepState;
use crate::cli::PromoteArguments;
use crate::error::Error;
use crate::escape::log_lines;
use crate::exit::ExitStatus;
use crate::kep::KepNumber;
use crate::project::layout;
use crate::query::columns;
use crate::session::Environment;
use crate::session::output::print;
use crate::session::revise::Workplace;
use crate::text::wording::quote;

pub(super) fn run(
    arguments: &PromoteArguments,
    environment: &Environment,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let place = Workplace::open(&arguments.place, environment)?;
    let record = find(&arguments.kep, &place, environment)?;
    let approver = arguments.prr_approver.as_deref().map(|handle| place.approver(handle)).transpose()?;
    let stage = place.policy.profile.stage(&arguments.stage)?;
    let promotion = Promotion { stage, word: arguments.stage.clone(), release: arguments.release, approver };
    let revisions = promotion.revisions(record, &place.files)?;
    if revisions.is_empty() {
        let message = format!("{}: already {} in {}\n", record.dir, arguments.stage, arguments.release);
        return print(&log_lines(&message), out);
    }
    place.finish(&revisions, &record.dir, environment, out)
}

/// Finds a KEP by its number or by a path.
fn find<'a>(name: &str, place: &'a Workplace, environment: &Environment) -> Result<&'a KepState, Error> {
    let digits = name.strip_prefix("KEP-").or(name.strip_prefix('#')).unwrap_or(name);
    let keps = place.survey.keps.iter();
    let mut unread = place.survey.unread.iter();
    let (found, is_unread): (Vec<_>, bool) = if let Some(number) = KepNumber::parse(digits) {
        let found = keps.filter(|record| columns::number(record) == Some(number)).collect();
        (found, unread.any(|dir| layout::directory_number(dir) == Some(number)))
    } else {
        let path = place.path(Path::new(name), environment)?;
        (keps.filter(|record| path.is_within(&record.dir)).collect(), unread.any(|dir| path.is_within(dir)))
    };
    match found.as_slice() {
        [record] => Ok(record),
        [] if is_unread => Err(Error::Usage {
            message: format!("the KEP that matches {} cannot be read", quote(name)),
            help: "fix it first; `kepgate check` lists the errors".to_owned(),
        }),
        [] => Err(Error::Usage {
            message: format!("no KEP matches {}", quote(name)),
            help: "specify its number or its directory; `kepgate query` lists them".to_owned(),
        }),
        several => {
            let dirs: Vec<_> = several.iter().map(|record| record.dir.to_string()).collect();
            Err(Error::Usage {
                message: format!("{} KEPs match {}", several.len(), quote(name)),
                help: format!("specify the directory: {}", dirs.join(", ")),
            })
        }
    }
}
