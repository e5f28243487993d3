//! The program as its users see it: one binary of tests, a module for each way in.

#![allow(missing_docs, reason = "tests read as examples")]

mod corpus;
mod fixtures;
mod replay;
mod support;
mod verdicts;
mod whole_tree;
