//! The order of rows.

use std::cmp::Reverse;

use super::{Cell, Column};
use crate::kep::Milestone;

/// A sort key: a column, and whether to sort in descending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SortKey {
    /// The column's key.
    pub(crate) key: &'static str,
    /// True to sort in descending order. Empty values always come last.
    pub(crate) descending: bool,
}

impl SortKey {
    /// Parses the key or the heading of one of these columns, with `-` in front for descending order.
    pub(crate) fn parse(text: &str, columns: &[Column]) -> Option<Self> {
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        Column::find(columns, name).map(|column| Self { key: column.key, descending })
    }
}

/// The rank of a row with these cells in the columns to sort by. The flag is true to sort in descending order.
pub(crate) fn ranks<'c>(cells: impl Iterator<Item = (&'c Cell, bool)>) -> Vec<Order> {
    cells.map(|(cell, descending)| Order::of(Rank::of(cell), descending)).collect()
}

/// A rank, or its reverse. Empty values always come last.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    Up(Rank),
    Down(Reverse<Rank>),
    Last,
}

impl Order {
    fn of(rank: Rank, descending: bool) -> Self {
        match (rank, descending) {
            (Rank::Nothing, _) => Self::Last,
            (rank, false) => Self::Up(rank),
            (rank, true) => Self::Down(Reverse(rank)),
        }
    }
}

/// The sort key of a value: numbers and releases by value, text ignoring case, empty values last.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
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
