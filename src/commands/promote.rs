//! `kepgate promote`: moves a KEP to its next stage, in `kep.yaml` and in its PRR file.

use std::io::Write;

use crate::authoring::Promotion;
use crate::change::KepState;
use crate::cli::PromoteArguments;
use crate::escape::log_lines;
use crate::exit::ExitStatus;
use crate::kep::Kep;
use crate::query::columns;
use crate::session::output::print;
use crate::session::revise::{Goal, Workplace};
use crate::session::{Environment, kep_tree};

pub(super) fn run(
    arguments: &PromoteArguments,
    environment: &Environment,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let place = Workplace::open(&arguments.place, environment)?;
    let record = kep_tree::find(&place.survey, &arguments.kep, |path| place.path(path, environment))?;
    if let Some(release) = arguments.release {
        place.check_release(release)?;
    }
    let me = place.me(&arguments.me, environment);
    let approver = arguments.prr_approver.as_deref().map(|handle| place.approver(&me.resolve(handle)?)).transpose()?;
    let stage = place.policy.profile.stage(&arguments.stage)?;
    let PromoteArguments { release, replace, .. } = *arguments;
    let schedule = &place.schedule;
    let promotion = Promotion { stage, word: arguments.stage.clone(), release, approver, replace, schedule };
    let revisions = promotion.revisions(record, &place.files)?;
    let kept = kept(&promotion, record);
    if revisions.is_empty() {
        let unchanged = if kept.is_empty() {
            let in_release = release.map(|release| format!(" in {release}")).unwrap_or_default();
            format!("already {}{in_release}", promotion.word)
        } else {
            "nothing changed".to_owned()
        };
        return print(&log_lines(&format!("{}: {unchanged}\n{kept}", record.dir)), out);
    }
    let number = columns::number(record);
    let kep = record.kep();
    let goal = Goal {
        dir: record.dir.clone(),
        number,
        stage_word: promotion.word.clone(),
        closed: kep.filter(|kep| kep.is_closed()).map(|kep| kep.status.text().to_owned()),
        release,
        former: kep.and_then(Kep::latest),
        // Where the stage needs an approver, `promote` requires one.
        lacks_approver: false,
        unwritten: None,
        remarks: format!("{kept}{}{}", overwritten(&promotion, record), left_out(&promotion, record)),
    };
    place.finish(&revisions, &goal, environment, out)
}

/// Lines about what a KEP that is already at the stage keeps.
fn kept(promotion: &Promotion<'_>, record: &KepState) -> String {
    let kept = promotion.kept(record);
    if kept.is_empty() {
        return String::new();
    }
    let lines = kept.iter().map(|line| format!("note: {line}\n"));
    format!("{}help: the KEP is already {}; add --replace to change this\n", lines.collect::<String>(), promotion.word)
}

/// Lines about what is overwritten.
fn overwritten(promotion: &Promotion<'_>, record: &KepState) -> String {
    let mut lines = String::new();
    lines.extend(promotion.overwritten(record).iter().map(|line| format!("note: overwritten: {line}\n")));
    lines
}

/// A line about the fields that the project does not have.
fn left_out(promotion: &Promotion<'_>, record: &KepState) -> String {
    promotion.left_out(record).map(|line| format!("note: {line}\n")).unwrap_or_default()
}
