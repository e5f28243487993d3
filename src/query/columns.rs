//! The columns of a list of KEPs.

use crate::change::KepState;
use crate::escape::url_path;
use crate::kep::{Field, Kep, KepNumber, List, Milestone, Stage};
use crate::project::Web;
use crate::report::list::{Cell, Column};

/// A column and where its values come from.
#[derive(Debug)]
pub(crate) struct KepColumn {
    /// Key and heading.
    pub(crate) column: Column,
    /// The value.
    value: fn(&KepState, &Kep, Option<&Web>) -> Cell,
}

/// Every column, in the order in which JSON has them.
pub(crate) static ALL: &[KepColumn] = &[
    of("kep-number", "KEP", |record, kep, _| match number(record) {
        Some(number) => Cell::Number(number.get().into()),
        None => Cell::text(kep.kep_number.text()),
    }),
    of("title", "Title", |_, kep, _| Cell::text(kep.title.text())),
    of("owning-sig", "SIG", |_, kep, _| Cell::text(kep.owning_sig.text())),
    of("participating-sigs", "Participating SIGs", |_, kep, _| list(&kep.participating_sigs)),
    of("status", "Status", |_, kep, _| Cell::text(kep.status.text())),
    of("stage", "Stage", |_, kep, _| Cell::text(kep.stage.text())),
    of("latest-milestone", "Milestone", |_, kep, _| Cell::text(kep.latest_milestone.text())),
    of("milestone", "Milestones", |_, kep, _| milestones(kep)),
    of("prr-approver", "PRR approver", |record, _, _| Cell::text(record.stage_approver().unwrap_or_default())),
    of("authors", "Authors", |_, kep, _| list(&kep.authors)),
    of("reviewers", "Reviewers", |_, kep, _| list(&kep.reviewers)),
    of("approvers", "Approvers", |_, kep, _| list(&kep.approvers)),
    of("creation-date", "Created", |_, kep, _| Cell::text(kep.creation_date.text())),
    of("last-updated", "Updated", |_, kep, _| Cell::text(kep.last_updated.text())),
    of("directory", "Directory", |record, _, _| Cell::Text(record.dir.to_string())),
    of("link", "Link", |record, kep, web| Cell::Link(link(record, kep, web))),
];

/// The default columns of a table: those of `kepctl query`.
pub(crate) const USUAL: [&str; 7] = ["last-updated", "stage", "status", "owning-sig", "authors", "title", "link"];

const fn of(key: &'static str, heading: &'static str, value: fn(&KepState, &Kep, Option<&Web>) -> Cell) -> KepColumn {
    KepColumn { column: Column { key, heading }, value }
}

/// The column of this key.
#[must_use]
pub(crate) fn find(key: &str) -> Option<&'static KepColumn> {
    ALL.iter().find(|column| column.column.key == key)
}

impl KepColumn {
    /// The value of `record` in this column. `web` defaults to kubernetes/enhancements.
    #[must_use]
    pub(crate) fn cell(&self, record: &KepState, web: Option<&Web>) -> Cell {
        record.kep().map_or(Cell::Empty, |kep| (self.value)(record, kep, web))
    }
}

impl KepColumn {
    /// The same as plain text.
    #[must_use]
    pub(crate) fn plain(&self, record: &KepState) -> String {
        self.cell(record, None).plain()
    }
}

/// The column of open pull requests on a KEP, which needs more data than the KEP.
pub(crate) const PULL_REQUESTS: Column = Column { key: "pull-requests", heading: "Pull requests" };

/// The number that a KEP is known by: its directory's, or else the one in its metadata.
#[must_use]
pub(crate) fn number(record: &KepState) -> Option<KepNumber> {
    record.number.or_else(|| KepNumber::parse(record.kep()?.kep_number.text()))
}

/// A sort key: a column, and whether to sort in descending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SortKey {
    /// The column's key.
    pub(crate) key: &'static str,
    /// True to sort in descending order. Empty values always come last.
    pub(crate) descending: bool,
}

impl std::str::FromStr for SortKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (descending, key) = text.strip_prefix('-').map_or((false, text), |key| (true, key));
        let column = find(key).ok_or_else(|| format!("the columns are {}", keys().join(", ")))?;
        Ok(Self { key: column.column.key, descending })
    }
}

/// The keys of all columns.
#[must_use]
pub(crate) fn keys() -> Vec<&'static str> {
    ALL.iter().map(|column| column.column.key).collect()
}

/// Sorts by the first key, then by the second where the first is equal, and so on. The sort is stable.
pub(crate) fn sort<T>(entries: &mut [T], keys: &[SortKey], record_of: impl Fn(&T) -> &KepState) {
    let ranks = |record: &KepState| -> Vec<Rank> {
        let columns = keys.iter().filter_map(|key| find(key.key));
        columns.map(|column| Rank::of(&column.cell(record, None))).collect()
    };
    entries.sort_by_cached_key(|entry| {
        ranks(record_of(entry))
            .into_iter()
            .zip(keys)
            .map(|(rank, key)| Order::of(rank, key.descending))
            .collect::<Vec<_>>()
    });
}

/// A rank, or its reverse. Empty values always come last.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Up(Rank),
    Down(std::cmp::Reverse<Rank>),
    Last,
}

impl Order {
    fn of(rank: Rank, descending: bool) -> Self {
        match (rank, descending) {
            (Rank::Nothing, _) => Self::Last,
            (rank, false) => Self::Up(rank),
            (rank, true) => Self::Down(std::cmp::Reverse(rank)),
        }
    }
}

/// The sort key of a value: numbers and releases in their order, text ignoring case, empty values last.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Number(u64),
    Release(Milestone),
    Text(String),
    Nothing,
}

impl Rank {
    fn of(cell: &Cell) -> Self {
        match cell {
            Cell::Number(number) | Cell::Reference { number, .. } => Self::Number(*number),
            Cell::Text(text) => match Milestone::parse(text) {
                Some(milestone) => Self::Release(milestone),
                None => Self::Text(text.to_lowercase()),
            },
            Cell::Link(text) => Self::Text(text.clone()),
            Cell::List(list) => Self::Text(list.join(", ").to_lowercase()),
            Cell::Empty | Cell::Rows(_) => Self::Nothing,
        }
    }
}

fn list(list: &List) -> Cell {
    Cell::List(list.entries().iter().map(|entry| entry.value.clone()).collect())
}

/// `alpha v1.34`, `beta v1.36`, as written.
fn milestones(kep: &Kep) -> Cell {
    let written = Stage::ALL.into_iter().filter_map(|stage| {
        let text = kep.milestone_field(stage).map(Field::text).filter(|text| !text.is_empty())?;
        Some(format!("{} {text}", kep.stage_word(stage)))
    });
    Cell::List(written.collect())
}

/// The URL of the KEP: in the repository of the run, or where Kubernetes links to its own. For another project that is not
/// known, it is the path in its repository.
fn link(record: &KepState, kep: &Kep, web: Option<&Web>) -> String {
    let path = url_path(record.dir.as_bytes());
    match web {
        Some(web) => {
            format!("{}/{}/tree/HEAD/{path}", web.server, url_path(web.repository.as_bytes()))
        }
        None if !kep.dialect.is_kubernetes => path,
        None => format!("https://git.k8s.io/enhancements/{path}"),
    }
}
