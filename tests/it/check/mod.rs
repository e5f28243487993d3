//! `kepgate check` on repositories, folders and fixtures, and as a step of GitHub Actions or Prow.

pub(crate) mod action;
mod action_mode_all;
mod action_outputs;
mod checkouts;
mod fixes;
mod fixtures;
pub(crate) mod hostile;
mod hostile_readmes;
mod hostile_text;
mod policy;
mod prow;
mod readmes;
mod renames;
pub(crate) mod repositories;
mod unchanged;
mod unstable_reads;
