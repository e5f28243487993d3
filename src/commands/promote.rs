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
    let promotion = Promotion { stage: arguments.stage, release: arguments.release, approver };
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
    let found: Vec<_> = if let Some(number) = KepNumber::parse(digits) {
        keps.filter(|record| columns::number(record) == Some(number)).collect()
    } else {
        let path = place.path(Path::new(name), environment)?;
        keps.filter(|record| path.is_within(&record.dir)).collect()
    };
    match found.as_slice() {
        [record] => Ok(record),
        [] => Err(Error::Usage {
            message: format!("no readable KEP matches {}", quote(name)),
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
