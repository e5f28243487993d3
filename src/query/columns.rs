//! The columns of a list of KEPs.

use crate::change::KepState;
use crate::escape::url_path;
use crate::kep::{Field, Kep, KepNumber, List, Stage};
use crate::project::{Web, layout};
use crate::report::list::{Cell, Column, Holds, SortKey, ranks};

/// A column and where its values come from.
#[derive(Debug)]
pub(crate) struct KepColumn {
    /// The name and the kind of its values.
    pub(crate) column: Column,
    /// The value.
    value: Value,
}

/// The heading of the column of links.
pub(crate) const LINK: &str = "Link";

/// Every column, in the order in which JSON has them.
pub(crate) static ALL: &[KepColumn] = &[
    number_column("kep-number", "KEP", "The number of the KEP; null if it has none.", |record, _, _| {
        number(record).map_or(Cell::Empty, |number| Cell::Number(number.get().into()))
    }),
    text("title", "Title", "The title.", |_, kep, _| Cell::text(kep.title())),
    word("owning-sig", "SIG", "The owning SIG.", |_, kep, _| Cell::text(kep.owning_sig.text())),
    texts("participating-sigs", "Participating SIGs", "The SIGs that participate.", |_, kep, _| {
        list(&kep.participating_sigs)
    }),
    word("status", "Status", "The status, as written.", |_, kep, _| Cell::text(kep.status.text())),
    word("stage", "Stage", "The stage, as written.", |_, kep, _| Cell::text(kep.stage.text())),
    word("latest-milestone", "Milestone", "The release that the KEP targets, as written.", |_, kep, _| {
        Cell::text(kep.latest_milestone.text())
    }),
    texts("milestones", "Milestones", "The release of each stage, such as `alpha v1.34`.", |_, kep, _| milestones(kep)),
    word("prr-approver", "PRR approver", "The production readiness approver of the stage.", |record, _, _| {
        Cell::text(record.stage_approver().unwrap_or_default())
    }),
    texts("authors", "Authors", "The handles of the authors.", |_, kep, _| list(&kep.authors)),
    texts("reviewers", "Reviewers", "The handles of the reviewers.", |_, kep, _| list(&kep.reviewers)),
    texts("approvers", "Approvers", "The handles of the approvers.", |_, kep, _| list(&kep.approvers)),
    word("creation-date", "Created", "The day of creation, as written.", |_, kep, _| {
        Cell::text(kep.creation_date.text())
    }),
    word("last-updated", "Updated", "The day of the last update, as written.", |_, kep, _| {
        Cell::text(kep.last_updated.text())
    }),
    path("directory", "Directory", "The path of the KEP in the repository.", |record, _, _| {
        Cell::Text(record.dir.to_string())
    }),
    path(
        "link",
        LINK,
        "The address of the KEP on the web; its path if the repository is not known.",
        |record, kep, web| Cell::Link(link(record, kep, web)),
    ),
];

/// The default columns for people, the most important first, because a narrow terminal shows only the first ones.
pub(crate) const USUAL: [&str; 9] =
    ["kep-number", "title", "latest-milestone", "stage", "status", "owning-sig", "prr-approver", "authors", "link"];

type Value = fn(&KepState, &Kep, Option<&Web>) -> Cell;

const fn number_column(key: &'static str, heading: &'static str, about: &'static str, value: Value) -> KepColumn {
    KepColumn { column: Column::new(key, heading, Holds::Number, about), value }
}

const fn word(key: &'static str, heading: &'static str, about: &'static str, value: Value) -> KepColumn {
    KepColumn { column: Column::new(key, heading, Holds::Word, about), value }
}

const fn text(key: &'static str, heading: &'static str, about: &'static str, value: Value) -> KepColumn {
    KepColumn { column: Column::new(key, heading, Holds::Text, about), value }
}

const fn texts(key: &'static str, heading: &'static str, about: &'static str, value: Value) -> KepColumn {
    KepColumn { column: Column::new(key, heading, Holds::List, about), value }
}

const fn path(key: &'static str, heading: &'static str, about: &'static str, value: Value) -> KepColumn {
    KepColumn { column: Column::new(key, heading, Holds::Link, about), value }
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

/// The number of a pull request.
pub(super) const PULL_NUMBER: Column =
    Column::new("number", "Number", Holds::Number, "The number of the pull request.");
/// The changes of a pull request.
pub(super) const PULL_CHANGES: Column =
    Column::new("changes", "Changes", Holds::List, "What it changes in the KEP, such as `stage alpha → beta`.");

/// The columns of a pull request for machines.
pub(super) const OF_PULL_REQUESTS: [Column; 8] = [
    PULL_NUMBER,
    Column::new("title", "Title", Holds::Text, "The title of the pull request."),
    Column::new("author", "Author", Holds::Word, "The author's handle without `@`; null for a deleted account."),
    PULL_CHANGES,
    Column::new("status", "Status", Holds::Word, "The status that the pull request gives the KEP."),
    Column::new("stage", "Stage", Holds::Word, "The stage that the pull request gives the KEP."),
    Column::new("latest-milestone", "Milestone", Holds::Word, "The release that the pull request gives the KEP."),
    Column::new("prr-approver", "PRR approver", Holds::Word, "The approver of the stage in the pull request."),
];

/// The column of open pull requests on a KEP, which needs more data than the KEP.
pub(crate) const PULL_REQUESTS: Column = Column::new(
    "pull-requests",
    "Pull requests",
    Holds::Rows(&OF_PULL_REQUESTS),
    "The open pull requests that touch the KEP; null if they could not be read.",
);

/// The number that a KEP is known by: its directory's, or else the one in its metadata.
#[must_use]
pub(crate) fn number(record: &KepState) -> Option<KepNumber> {
    record.number.or_else(|| KepNumber::parse(record.kep()?.kep_number.text()))
}

/// True if people call the KEP `name`: by its number, or in other projects than Kubernetes also by the name of its
/// directory or a number with a part or a prefix.
#[must_use]
pub(crate) fn is_called(record: &KepState, name: &str) -> bool {
    let has_number = |number_of: Option<KepNumber>| number_of.is_some() && number(record) == number_of;
    let bare = || std::str::from_utf8(layout::without_prefix(name.as_bytes())?).ok();
    let is_called = || has_number(bare().and_then(KepNumber::parse)) || layout::is_called(&record.dir, name);
    has_number(KepNumber::parse_name(name)) || record.kep().is_some_and(|kep| !kep.dialect.is_kubernetes && is_called())
}

/// The keys of all columns of a KEP.
#[must_use]
pub(crate) fn keys() -> Vec<&'static str> {
    ALL.iter().map(|column| column.column.key).collect()
}

/// The columns that a list can be sorted by.
#[must_use]
pub(crate) fn sortable() -> Vec<Column> {
    ALL.iter().map(|column| column.column).collect()
}

/// The columns that a list can have.
#[must_use]
pub(crate) fn selectable() -> Vec<Column> {
    sortable().into_iter().chain([PULL_REQUESTS]).collect()
}

/// Sorts by the first key, then by the second where the first is equal, and so on. The sort is stable.
pub(crate) fn sort<T>(entries: &mut [T], keys: &[SortKey], record_of: impl Fn(&T) -> &KepState) {
    entries.sort_by_cached_key(|entry| {
        let record = record_of(entry);
        let columns = keys.iter().filter_map(|key| Some((find(key.key)?, key.descending)));
        let cells: Vec<_> = columns.map(|(column, descending)| (column.cell(record, None), descending)).collect();
        ranks(cells.iter().map(|(cell, descending)| (cell, *descending)))
    });
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

/// The URL of the KEP: in its repository, or where Kubernetes links to its own. If the repository of another project is
/// not known, it is the path in the repository.
fn link(record: &KepState, kep: &Kep, web: Option<&Web>) -> String {
    let path = url_path(record.dir.as_bytes());
    match web {
        Some(web) if !(kep.dialect.is_kubernetes && web.is_kubernetes()) => {
            format!("{}/{}/tree/HEAD/{path}", web.server, url_path(web.repository.as_bytes()))
        }
        None if !kep.dialect.is_kubernetes => path,
        _ => format!("https://git.k8s.io/enhancements/{path}"),
    }
}
