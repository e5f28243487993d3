//! A plan as text, Markdown, JSON, YAML and CSV.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::filling::{DAYS, Filling};
use super::{Amount, Load, Move, Plan, Review};
use crate::error::Error;
use crate::escape::{log_lines, markdown_code};
use crate::kep::{KepNumber, Milestone};
use crate::query::load;
use crate::release::Deadline;
use crate::report::list::{Cell, Column, Holds, Table, wrap};
use crate::report::to_json;
use crate::text::wording::count;

/// The version of the JSON document: it changes when a reader of the former one could misread it.
const SCHEMA: &str = "kepgate-plan/1";

/// A plan with what is around it.
#[derive(Debug)]
pub(crate) struct Planned<'a> {
    /// The release.
    pub(crate) release: Milestone,
    /// True if the release is out.
    pub(crate) is_out: bool,
    /// When its Enhancements Freeze was; `None` if it is still to come.
    pub(crate) frozen: Option<Deadline>,
    /// The plan.
    pub(crate) plan: Plan<'a>,
    /// The number of KEPs for the release that are left out because they are implemented.
    pub(crate) implemented: usize,
    /// How the releases filled up; empty if the history could not be read.
    pub(crate) filling: Vec<Filling>,
}

const WORKLOAD: &str = "The workload counts a KEP once at alpha and for removals, and twice at beta and stable, where all questions are due.";

/// The heading of the table of how the releases filled up.
const FILLING: &str = "KEPs that named an approver, by time before the Enhancements Freeze of their release";

const LOADS: [Column; 5] = [
    Column::new("approver", "Approver", Holds::Word, ""),
    Column::new("keps", "KEPs", Holds::Number, ""),
    Column::new("weight", "Workload", Holds::Number, ""),
    Column::new("keps-after", "KEPs after", Holds::Number, ""),
    Column::new("weight-after", "Workload after", Holds::Number, ""),
];

const MOVES: [Column; 7] = [
    Column::new("kep", "KEP", Holds::Number, ""),
    Column::new("title", "Title", Holds::Text, ""),
    Column::new("stage", "Stage", Holds::Word, ""),
    Column::new("from", "From", Holds::Word, ""),
    Column::new("to", "To", Holds::Word, ""),
    Column::new("why", "Why", Holds::Text, ""),
    Column::new("directory", "Directory", Holds::Link, ""),
];

impl Planned<'_> {
    /// Text for a terminal of this width.
    #[must_use]
    pub(crate) fn text(&self, width: usize) -> String {
        let summary: Vec<_> = self.summary().iter().map(|line| wrap(line, width, "")).collect();
        let mut text = format!("{}\n\n{}", summary.join("\n"), self.loads().text(Some(width)));
        if !self.plan.moves.is_empty() {
            text.push_str(&format!("\nMoves:\n{}", self.moves().text(Some(width))));
        }
        text.extend(self.plan.stuck.iter().map(|review| stuck(review, log_lines)));
        if !self.filling.is_empty() {
            let table = self.filling().text(Some(width));
            text.push_str(&format!("\n{FILLING}:\n{table}"));
        }
        text
    }

    /// Markdown for GitHub.
    #[must_use]
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{}\n\n{}", self.summary().join("\n"), self.loads().markdown());
        if !self.plan.moves.is_empty() {
            text.push_str(&format!("\n### Moves\n\n{}", self.moves().markdown()));
        }
        text.extend(self.plan.stuck.iter().map(|review| stuck(review, markdown_code)));
        if !self.filling.is_empty() {
            let table = self.filling().markdown();
            text.push_str(&format!("\n### {FILLING}\n\n{table}"));
        }
        text
    }

    /// The moves for spreadsheets.
    ///
    /// # Errors
    /// Those of [`Table::csv`].
    pub(crate) fn csv(&self) -> Result<String, Error> {
        self.moves().csv()
    }

    /// JSON for other programs.
    #[must_use]
    pub(crate) fn json(&self) -> String {
        to_json(&self.document())
    }

    /// The same as YAML.
    ///
    /// # Errors
    /// Cannot fail in practice: the document has only text as keys.
    pub(crate) fn yaml(&self) -> Result<String, Error> {
        serde_yaml::to_string(&self.document()).map_err(|error| {
            Error::internal("the plan could not be written as YAML", "use --output json").caused_by(error)
        })
    }

    /// Sentences about the plan, each on its own line.
    fn summary(&self) -> Vec<String> {
        let done = count(self.plan.done, "KEP");
        let former = count(self.plan.former, "KEP");
        let notes = [
            (
                if self.is_over() { 0 } else { self.plan.done },
                format!("{done} whose approver was recorded in an earlier release {} not moved.", are(self.plan.done)),
            ),
            (
                self.plan.former,
                format!(
                    "{former} of former approvers {} and {} not counted.",
                    stay(self.plan.former),
                    are(self.plan.former)
                ),
            ),
            (self.implemented, load::left_out(self.implemented)),
        ];
        let notes = notes.into_iter().filter(|(number, _)| *number > 0).map(|(_, note)| note);
        self.headlines().into_iter().chain([WORKLOAD.to_owned()]).chain(notes).collect()
    }

    fn headlines(&self) -> Vec<String> {
        let release = self.release;
        let [before, after] = self.plan.spread();
        let [most, least] = self.plan.extremes();
        let extremes = format!("the busiest approver has a workload of {most}, and the least busy has {least}");
        let reason = match self.frozen {
            _ if self.is_out => Some(format!("{release} is out, so no production readiness reviews are planned.")),
            Some(freeze) => Some(format!(
                "The Enhancements Freeze of {release} was on {freeze}, so no moves are proposed: only KEPs with an exception still need a review."
            )),
            None => None,
        };
        if let Some(reason) = reason {
            return vec![reason, format!("For {release}, {extremes}.")];
        }
        if most == 0 && self.plan.moves.is_empty() {
            return vec![format!("No KEP for {release} names an approver yet.")];
        }
        let moves = match self.plan.moves.len() {
            0 => "no move would narrow the gap".to_owned(),
            number if after == before => format!("{} would leave the gap at {after}", count(number, "move")),
            number => {
                let verb = if after < before { "narrow" } else { "widen" };
                format!("{} would {verb} the gap from {before} to {after}", count(number, "move"))
            }
        };
        vec![format!("Production readiness reviews for {release}: {extremes}; {moves}.")]
    }

    /// True if the Enhancements Freeze has passed, so that nothing moves.
    const fn is_over(&self) -> bool {
        self.is_out || self.frozen.is_some()
    }

    fn loads(&self) -> Table {
        // Nothing changes after the freeze.
        let columns = LOADS.get(..if self.is_over() { 3 } else { LOADS.len() }).unwrap_or(&LOADS);
        let mut table = Table::new(columns);
        let mut loads: Vec<_> = self.plan.loads.iter().collect();
        loads.sort_by_key(|load| (std::cmp::Reverse(load.before.weight), &load.approver));
        for Load { approver, before, after } in loads {
            let number = |value: u32| Cell::Number(value.into());
            let [keps, weight, keps_after, weight_after] =
                [before.keps, before.weight, after.keps, after.weight].map(number);
            let cells = [Cell::Text(approver.clone()), keps, weight, keps_after, weight_after];
            table.push(cells.into_iter().take(columns.len()).collect());
        }
        table
    }

    fn moves(&self) -> Table {
        let mut table = Table::new(MOVES);
        for Move { review, to, why } in &self.plan.moves {
            table.push(vec![
                review.number.map_or(Cell::Empty, |number| Cell::Number(number.get().into())),
                Cell::text(&review.title),
                Cell::text(review.stage.word()),
                review.approver.as_ref().map_or(Cell::Empty, |name| Cell::Text(format!("@{name}"))),
                Cell::Text(to.clone()),
                Cell::text(why.words()),
                Cell::text(&review.dir),
            ]);
        }
        table
    }

    fn filling(&self) -> Table {
        const HEADINGS: [&str; DAYS.len()] =
            ["28 days", "21 days", "14 days", "7 days", "3 days", "2 days", "1 day", "Freeze"];
        let release = Column::new("release", "Release", Holds::Word, "");
        let days = HEADINGS.map(|heading| Column::new(heading, heading, Holds::Number, ""));
        let mut table = Table::new([release].into_iter().chain(days).collect::<Vec<_>>());
        for filling in &self.filling {
            let counts = filling.named.map(|named| named.map_or(Cell::Empty, |named| Cell::Number(named.into())));
            table.push([Cell::Text(filling.release.to_string())].into_iter().chain(counts).collect());
        }
        table
    }

    fn document(&self) -> Document<'_> {
        let [spread_before, spread_after] = self.plan.spread();
        Document {
            schema: SCHEMA,
            release: self.release.to_string(),
            out: self.is_out,
            frozen: self.is_over(),
            spread: Change { before: spread_before, after: spread_after },
            approvers: self.plan.loads.iter().map(approver).collect(),
            moves: self.plan.moves.iter().map(move_entry).collect(),
            stuck: self.plan.stuck.iter().map(|review| kep(review)).collect(),
            former: self.plan.former,
            done: self.plan.done,
            implemented: self.implemented,
            filling: self.filling.iter().map(filling).collect(),
        }
    }
}

const fn stay(number: usize) -> &'static str {
    if number == 1 { "stays where it is" } else { "stay where they are" }
}

const fn are(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

/// Says that nobody may take a KEP. `escape` makes untrusted text safe.
fn stuck(review: &Review, escape: impl Fn(&str) -> String) -> String {
    let name = review.number.map_or_else(|| escape(&review.dir), |number| format!("KEP {number}"));
    let title = escape(&review.title);
    format!("\n{name}: nobody may take it, because every approver is an author: {title}\n")
}

/// The plan that `kepgate query --by approver --plan --output json` writes.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(title = "kepgate-plan/1", deny_unknown_fields))]
pub(crate) struct Document<'a> {
    /// The version of this document. It changes when a reader of the former version could misread the new one.
    #[cfg_attr(test, schemars(extend("const" = SCHEMA)))]
    schema: &'static str,
    /// The release whose reviews are planned.
    release: String,
    /// True if the release is out. Then nothing is proposed.
    out: bool,
    /// True if the Enhancements Freeze of the release has passed. Then nothing is proposed.
    frozen: bool,
    /// The difference between the weights of the most and the least loaded approver.
    spread: Change,
    /// The active approvers.
    approvers: Vec<ApproverEntry<'a>>,
    /// The KEPs that would get another approver, the most helpful first.
    moves: Vec<MoveEntry<'a>>,
    /// The KEPs that need an approver, but whose authors are all the approvers there are.
    stuck: Vec<KepEntry<'a>>,
    /// The number of KEPs that stay with a former approver.
    former: usize,
    /// The number of KEPs whose approver was recorded for an earlier release. They count, but do not move.
    done: usize,
    /// The number of KEPs for the release that are left out because they are implemented.
    implemented: usize,
    /// How the last releases filled up; empty if the history could not be read.
    filling: Vec<FillingEntry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct Change {
    before: u32,
    after: u32,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct ApproverEntry<'a> {
    approver: &'a str,
    before: AmountEntry,
    after: AmountEntry,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct AmountEntry {
    keps: u32,
    weight: u32,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct KepEntry<'a> {
    number: Option<u32>,
    path: &'a str,
    title: &'a str,
    stage: &'static str,
    weight: u32,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct MoveEntry<'a> {
    kep: KepEntry<'a>,
    /// The approver that the KEP names now; null if there is none.
    from: Option<String>,
    to: &'a str,
    /// `evens`, `continues` or `unassigned`.
    why: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct FillingEntry {
    release: String,
    /// The Enhancements Freeze, in UTC.
    freeze: String,
    days: Vec<DayEntry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(deny_unknown_fields))]
struct DayEntry {
    /// The number of days before the freeze.
    before: i64,
    /// The number of KEPs that named an approver; null for a day that is still to come.
    keps: Option<u32>,
}

fn approver(load: &Load) -> ApproverEntry<'_> {
    let amount = |Amount { keps, weight }: Amount| AmountEntry { keps, weight };
    ApproverEntry { approver: &load.approver, before: amount(load.before), after: amount(load.after) }
}

fn kep(review: &Review) -> KepEntry<'_> {
    KepEntry {
        number: review.number.map(KepNumber::get),
        path: &review.dir,
        title: &review.title,
        stage: review.stage.word(),
        weight: review.weight(),
    }
}

fn move_entry<'a>(entry: &'a Move<'_>) -> MoveEntry<'a> {
    MoveEntry {
        kep: kep(entry.review),
        from: entry.review.approver.as_ref().map(|name| format!("@{name}")),
        to: &entry.to,
        why: entry.why.key(),
    }
}

fn filling(filling: &Filling) -> FillingEntry {
    let days = DAYS.into_iter().zip(filling.named).map(|(before, keps)| DayEntry { before, keps });
    FillingEntry { release: filling.release.to_string(), freeze: filling.freeze.to_string(), days: days.collect() }
}
