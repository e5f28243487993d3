//! How far the KEPs of a release are: as text, Markdown, JSON and CSV.
//!
//! The text of a KEP is untrusted. Each format escapes it with its own function.

mod comment;
mod markdown;
mod overview;
mod text;

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::project::Releases;
use crate::readiness::{Candidate, FREEZES, OpenQuestions, Readiness, State, Unmerged, Verdict, criteria_of};
use crate::release::Phase;
use crate::report::list::{Cell, Column, Holds, Table};
use crate::text::wording::count as plural;

pub(crate) use markdown::render as markdown;
pub(crate) use text::render as text;

/// The version of the JSON document: it changes when a reader of the former one could misread it.
const SCHEMA: &str = "kepgate-readiness/3";

/// Says that the list has no KEPs that are not merged yet, or introduces them.
fn unmerged_heading(readiness: &Readiness) -> String {
    match readiness.unmerged.as_ref().map(Vec::len) {
        None => "KEPs that are not merged yet are not in this list (--online lists them)".to_owned(),
        Some(0) => "No open pull request targets another KEP at this release".to_owned(),
        Some(number) => format!("{} not in the tree, but in open pull requests:", plural(number, "KEP")),
    }
}

/// `#7, #8`.
fn pull_numbers(pulls: &[u64]) -> String {
    pulls.iter().map(|number| format!("#{number}")).collect::<Vec<_>>().join(", ")
}

/// `on 2025-10-17 23:59 UTC, at bb40ba1632eb`.
fn when(readiness: &Readiness, commit: Option<&str>) -> String {
    let at = commit.map(|commit| format!(", at {}", commit.get(..12).unwrap_or(commit))).unwrap_or_default();
    format!("on {}{at}", readiness.now.strftime("%Y-%m-%d %H:%M UTC"))
}

/// Says whether a phase is over, beside its date or `date unknown`.
const fn has_passed(has_date: bool, passed: Option<bool>) -> &'static str {
    match (passed, has_date) {
        (Some(true), true) => ", passed",
        (Some(true), false) => ", but over",
        (Some(false), _) => ", upcoming",
        (None, _) => "",
    }
}

/// `80 KEPs: 30 alpha, 33 beta, 17 stable`.
fn headline(readiness: &Readiness) -> String {
    let of = |word: &str| readiness.keps.iter().filter(|kep| kep.stage_word == word).count();
    let stages = readiness.profile.dialect.stage_words().into_iter().map(|word| (of(word), word));
    let counts: Vec<_> = stages
        .chain([(of(""), "without a stage")])
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if readiness.keps.is_empty() {
        let of_sigs = if readiness.is_filtered { " of these SIGs" } else { "" };
        return format!("No KEP{of_sigs} targets {}", readiness.release);
    }
    let rest = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    format!("{}{rest}", plural(readiness.keps.len(), "KEP"))
}

/// What follows for the KEPs that missed the Enhancements Freeze.
fn missed_note(readiness: &Readiness) -> String {
    let release = readiness.release;
    match readiness.profile.releases {
        _ if readiness.is_out => format!(
            "{release} is out, and these KEPs still name it. `kepgate readiness --sweep` lists the metadata that is worth \
             correcting."
        ),
        Releases::Kubernetes => {
            "A KEP that missed the freeze leaves the milestone unless it has an approved exception.".to_owned()
        }
        Releases::Own | Releases::None => "They wait for another release.".to_owned(),
    }
}

/// Says what decides, and what was not checked.
fn legend(readiness: &Readiness) -> String {
    let of_api = criteria_of(&readiness.profile).filter(|criterion| criterion.needs_api());
    let keys: Vec<_> = of_api.map(|criterion| criterion.key).collect();
    let is_offline = readiness.unmerged.is_none();
    let are = if keys.len() == 1 { "is" } else { "are" };
    let unchecked = format!(" Without --online, {} {are} not checked.", keys.join(" and "));
    let decides = match readiness.profile.releases {
        Releases::Kubernetes => "Only the release team's criteria count; kepgate's remarks are advice.",
        Releases::Own | Releases::None => "Only the criteria count; kepgate's remarks are advice.",
    };
    format!("{decides}{}", if is_offline { unchecked.as_str() } else { "" })
}

/// How to see who was complete at a freeze, if that is not what is shown.
fn states_at_freezes(readiness: &Readiness) -> Option<String> {
    let past = readiness.freezes.iter().filter_map(|(phase, date, _)| {
        let end = date.filter(|date| date.end() < readiness.now)?.end().strftime("%Y-%m-%dT%H:%MZ");
        Some(format!("--at {end} ({})", phase.name(readiness.release)))
    });
    let past: Vec<_> = past.collect();
    let how = past.join(" or ");
    let note = format!(
        "KEPs that were completed after a freeze count as complete here, and KEPs that have moved to another release are \
         not listed. For the state at a freeze, add {how}."
    );
    (!past.is_empty()).then_some(note)
}

/// For spreadsheets: a KEP on each row.
///
/// # Errors
/// Those of [`Table::csv`].
pub(crate) fn csv(readiness: &Readiness) -> Result<String, Error> {
    let column = |key, heading| Column::new(key, heading, Holds::Text, "");
    let kep = [
        ("kep", "KEP"),
        ("sig", "SIG"),
        ("title", "Title"),
        ("stage", "Stage"),
        ("status", "Status"),
        ("approver", "PRR approver"),
        ("prr-freeze", "PRR freeze"),
        ("enhancements-freeze", "Enhancements freeze"),
        ("exception", "Exception"),
    ];
    let criteria = criteria_of(&readiness.profile).map(|criterion| (criterion.key, criterion.key));
    let columns = kep.into_iter().chain(criteria).chain([("missing", "Missing"), ("remarks", "Remarks")]);
    let mut table = Table::new(columns.map(|(key, heading)| column(key, heading)).collect::<Vec<_>>());
    for kep in &readiness.keps {
        let mut row = vec![
            kep.number.map_or(Cell::Empty, |number| Cell::Number(number.get().into())),
            Cell::text(&kep.sig),
            Cell::text(&kep.title),
            Cell::text(&kep.stage_word),
            Cell::text(&kep.status),
            Cell::text(&kep.approver),
        ];
        row.extend(FREEZES.map(|phase| Cell::text(readiness.words(phase, kep.state(phase)))));
        row.push(Cell::text(kep.exception.as_ref().map_or("", |exception| exception.ruling.word())));
        row.extend(kep.answers().map(|(_, verdict)| Cell::text(verdict.words())));
        row.push(Cell::text(missing(kep).join("; ")));
        let remarks: Vec<_> = kep.remarks.iter().map(|remark| format!("{}: {}", remark.rule, remark.what)).collect();
        row.push(Cell::text(remarks.join("; ")));
        table.push(row);
    }
    table.csv()
}

/// The unmet criteria and the reasons.
fn missing(kep: &Candidate) -> Vec<String> {
    let not_met = kep.answers().filter_map(|(criterion, verdict)| match verdict {
        Verdict::NotMet(why) => Some(format!("{}: {why}", criterion.key)),
        Verdict::Met | Verdict::Unknown(_) => None,
    });
    not_met.collect()
}

/// The list that `kepgate readiness --release R --output json` writes. Explained in docs/release-team.md.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(title = "kepgate-readiness/3", deny_unknown_fields))]
pub(crate) struct Document<'a> {
    /// The version of this document. It changes when a reader of the former version could misread the new one.
    #[cfg_attr(test, schemars(extend("const" = SCHEMA)))]
    schema: &'static str,
    release: String,
    at: String,
    commit: Option<&'a str>,
    freezes: Vec<FreezeEntry>,
    keps: Vec<KepEntry<'a>>,
    unread: Vec<String>,
    unmerged: Option<Vec<UnmergedEntry<'a>>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct UnmergedEntry<'a> {
    number: Option<u32>,
    path: String,
    title: &'a str,
    pull_requests: &'a [u64],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct RemarkEntry<'a> {
    rule: &'static str,
    what: &'a str,
}

/// The questions that are due at the stage and have no answer.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct OpenQuestionsEntry {
    /// Their number.
    open: usize,
    /// The number of questions that are due.
    due: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct FreezeEntry {
    key: &'static str,
    name: &'static str,
    ends: Option<String>,
    passed: Option<bool>,
    met: usize,
    unchecked: usize,
    unknown: usize,
    excepted: usize,
    not_met: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct KepEntry<'a> {
    number: Option<u32>,
    path: Option<String>,
    title: &'a str,
    sig: &'a str,
    status: &'a str,
    stage: Option<&'a str>,
    prr_approver: &'a str,
    prr_freeze: &'static str,
    enhancements_freeze: &'static str,
    exception: Option<ExceptionEntry<'a>>,
    criteria: Vec<CriterionEntry<'a>>,
    open_questions: Option<OpenQuestionsEntry>,
    remarks: Vec<RemarkEntry<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct ExceptionEntry<'a> {
    ruling: &'static str,
    reviewed: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct CriterionEntry<'a> {
    key: &'static str,
    freeze: &'static str,
    verdict: &'static str,
    why: Option<&'a str>,
}

/// For machines, as `docs/release-team.md` describes it.
#[must_use]
pub(crate) fn json(readiness: &Readiness, commit: Option<&str>) -> String {
    let freeze = |(phase, date, passed): (Phase, Option<crate::release::Deadline>, Option<bool>)| FreezeEntry {
        key: phase.key(),
        name: phase.name(readiness.release),
        ends: date.map(|date| date.end().to_string()),
        passed,
        met: readiness.count(phase, State::Met),
        unchecked: readiness.count(phase, State::Unchecked),
        unknown: readiness.count(phase, State::Unknown),
        excepted: readiness.count(phase, State::Excepted),
        not_met: readiness.count(phase, State::NotMet),
    };
    crate::report::to_json(&Document {
        schema: SCHEMA,
        release: readiness.release.to_string(),
        at: readiness.now.to_string(),
        commit,
        freezes: readiness.freezes.iter().copied().map(freeze).collect(),
        keps: readiness.keps.iter().map(kep_entry).collect(),
        unread: readiness.unread.iter().map(ToString::to_string).collect(),
        unmerged: readiness.unmerged.as_ref().map(|keps| keps.iter().map(unmerged_entry).collect()),
    })
}

fn unmerged_entry(kep: &Unmerged) -> UnmergedEntry<'_> {
    UnmergedEntry {
        number: kep.number.map(crate::kep::KepNumber::get),
        path: kep.dir.to_string(),
        title: &kep.title,
        pull_requests: &kep.pulls,
    }
}

fn kep_entry(kep: &Candidate) -> KepEntry<'_> {
    let criteria = kep.answers().map(|(criterion, verdict)| CriterionEntry {
        key: criterion.key,
        freeze: criterion.freeze.key(),
        verdict: verdict.key(),
        why: verdict.why(),
    });
    KepEntry {
        number: kep.number.map(crate::kep::KepNumber::get),
        path: kep.dir.as_ref().map(ToString::to_string),
        title: &kep.title,
        sig: &kep.sig,
        status: &kep.status,
        stage: kep.stage.map(|_| kep.stage_word.as_str()),
        prr_approver: &kep.approver,
        prr_freeze: kep.state(Phase::PrrFreeze).key(),
        enhancements_freeze: kep.state(Phase::EnhancementsFreeze).key(),
        exception: kep
            .exception
            .as_ref()
            .map(|exception| ExceptionEntry { ruling: exception.ruling.word(), reviewed: &exception.reviewed }),
        criteria: criteria.collect(),
        open_questions: kep.open_questions.map(|OpenQuestions { open, due }| OpenQuestionsEntry { open, due }),
        remarks: kep.remarks.iter().map(|remark| RemarkEntry { rule: remark.rule, what: &remark.what }).collect(),
    }
}
