//! How many KEPs each production-readiness approver has.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::number;
use crate::change::{KepState, Policy};
use crate::kep::{Handle, Kep, Stage, Status, handle};
use crate::report::list::{Cell, Column, Holds, Table};
use crate::text::wording::count;

/// An approver and the KEPs that name them for their stage.
#[derive(Debug)]
pub(crate) struct Load<'a> {
    /// The handle with its `@`, as `OWNERS_ALIASES` or else the first KEP writes it; `None` for the gated KEPs that
    /// name nobody.
    pub(crate) approver: Option<String>,
    /// True if they take new KEPs.
    pub(crate) role: Role,
    /// The KEPs.
    pub(crate) keps: Vec<&'a KepState>,
}

/// The role of an approver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// One of the approvers: they may take new KEPs.
    Approver,
    /// Once an approver.
    Emeritus,
    /// Neither.
    Unknown,
    /// Nobody is named.
    Nobody,
}

impl Role {
    /// The word for it.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Approver => "approver",
            Self::Emeritus => "emeritus",
            Self::Unknown => "no approver",
            Self::Nobody => "unassigned",
        }
    }
}

/// The columns of the list.
pub(crate) const COLUMNS: [Column; 5] = [
    Column::new("approver", "Approver", Holds::Word, "The handle; null for the KEPs that name nobody."),
    Column::new("role", "Role", Holds::Word, "Whether they may take new KEPs, according to OWNERS_ALIASES."),
    Column::new("keps", "KEPs", Holds::Number, "The number of KEPs that are not closed."),
    Column::new("stages", "Stages", Holds::Rows(&STAGES), "The number of KEPs by stage."),
    Column::new("numbers", "Numbers", Holds::List, "The numbers of the KEPs."),
];

/// The columns of a stage.
const STAGES: [Column; 2] = [
    Column::new("stage", "Stage", Holds::Word, "The stage."),
    Column::new("keps", "KEPs", Holds::Number, "The number of KEPs at that stage."),
];

/// The columns for people.
const FOR_PEOPLE: [Column; 5] = {
    let [approver, role, keps, stages, numbers] = COLUMNS;
    [approver, role, keps, Column { holds: Holds::List, ..stages }, numbers]
};

/// The load of every approver of `policy`, and of everybody else named in `keps` for its stage. Each KEP is there
/// as it is merged, and as each pull request leaves it, and counts once for whomever any of these names: who may
/// take new KEPs first, lightest first, then by name; then who once could, and who never; gated KEPs without an
/// approver at the end.
#[must_use]
pub(crate) fn by_approver<'a>(keps: &[Vec<&'a KepState>], policy: &Policy) -> Vec<Load<'a>> {
    let mut loads: BTreeMap<String, Load<'a>> = BTreeMap::new();
    let emeritus = policy.emeritus().into_iter().map(|name| (name, Role::Emeritus));
    let approvers = policy.approvers().unwrap_or_default().into_iter().map(|name| (name, Role::Approver));
    for (name, role) in emeritus.chain(approvers) {
        let load = Load { approver: Some(format!("@{name}")), role, keps: Vec::new() };
        loads.insert(handle::folded(name), load);
    }
    let mut nobody = Vec::new();
    for sides in keps {
        let mut counted = BTreeSet::new();
        for record in sides {
            let approver = record.stage_approver();
            if !counted.insert(approver.map(handle::folded)) {
                continue;
            }
            match approver {
                Some(approver) => {
                    let written = || format!("@{}", approver.trim().trim_start_matches('@'));
                    let load = || Load { approver: Some(written()), role: Role::Unknown, keps: Vec::new() };
                    loads.entry(handle::folded(approver)).or_insert_with(load).keps.push(record);
                }
                None if record.kep().is_some_and(Kep::is_gated) => nobody.push(*record),
                None => {}
            }
        }
    }
    let mut loads: Vec<_> = loads.into_values().collect();
    loads.push(Load { approver: None, role: Role::Nobody, keps: nobody });
    loads.retain(|load| load.role == Role::Approver || !load.keps.is_empty());
    loads.sort_by_key(|load| (load.role, load.keps.len()));
    loads
}

/// The number of implemented KEPs among these. They are for the release, but nobody has to review them anymore.
#[must_use]
pub(crate) fn implemented(keps: &[&KepState]) -> usize {
    let is_implemented = |kep: &Kep| kep.known_status() == Some(Status::Implemented);
    keps.iter().filter(|record| record.readable_kep().is_some_and(is_implemented)).count()
}

/// Says that implemented KEPs are not counted, and how to list them.
#[must_use]
pub(crate) fn left_out(implemented: usize) -> String {
    let are = if implemented == 1 { "is" } else { "are" };
    format!(
        "{} {are} left out; `kepgate query --status implemented` lists them.",
        count(implemented, "implemented KEP")
    )
}

/// The loads as a table; for machines, the stages are a table of their own.
#[must_use]
pub(crate) fn table(loads: &[Load<'_>], is_for_machines: bool) -> Table {
    let mut table = Table::new(if is_for_machines { COLUMNS } else { FOR_PEOPLE });
    for load in loads {
        table.push(vec![
            load.approver.as_ref().map_or(Cell::Empty, |approver| Cell::Text(approver.clone())),
            Cell::Text(load.role.word().to_owned()),
            Cell::Number(load.keps.len() as u64),
            stages(load, is_for_machines),
            Cell::List(load.keps.iter().filter_map(|record| Some(number(record)?.to_string())).collect()),
        ]);
    }
    table
}

/// `2 alpha`, `1 beta`.
fn stages(load: &Load<'_>, is_for_machines: bool) -> Cell {
    let of = |stage: Stage| load.keps.iter().filter(|record| target(record) == Some(stage)).count();
    let kep = load.keps.iter().find_map(|record| record.kep());
    let word = |stage: Stage| kep.map_or(stage.word(), |kep| kep.dialect.stage_word(stage));
    let counts = Stage::ALL.into_iter().map(|stage| (word(stage), of(stage))).filter(|(_, count)| *count > 0);
    if !is_for_machines {
        return Cell::List(counts.map(|(stage, count)| format!("{count} {stage}")).collect());
    }
    let mut table = Table::new(STAGES);
    counts.for_each(|(stage, count)| table.push(vec![Cell::text(stage), Cell::Number(count as u64)]));
    Cell::Rows(table)
}

fn target(record: &KepState) -> Option<Stage> {
    record.kep()?.target_stage()
}

/// A bar chart of Mermaid, which GitHub draws, of those who may take new KEPs; `None` if there are none.
#[must_use]
pub(crate) fn chart(loads: &[Load<'_>]) -> Option<String> {
    // A chart cannot escape text, so it only includes valid handles.
    let bars: Vec<_> = loads
        .iter()
        .filter(|load| load.role == Role::Approver)
        .filter_map(|load| Some((Handle::parse(load.approver.as_deref()?).ok()?, load.keps.len())))
        .collect();
    let most = bars.iter().map(|(_, count)| *count).max()?.max(1);
    let names: Vec<_> = bars.iter().map(|(handle, _)| format!("\"{}\"", handle.name())).collect();
    let counts: Vec<_> = bars.iter().map(|(_, count)| count.to_string()).collect();
    Some(format!(
        "```mermaid\nxychart-beta horizontal\n    title \"KEPs per approver\"\n    x-axis [{}]\n    y-axis \"KEPs\" 0 --> {most}\n    bar [{}]\n```\n",
        names.join(", "),
        counts.join(", ")
    ))
}
