//! What a command needs from its environment: variables, the clock, the files to read, and the destinations of output.

mod action;
pub(crate) mod checkout;
pub(crate) mod clock;
pub(crate) mod deadline;
mod environment;
pub(crate) mod files;
pub(crate) mod fix;
pub(crate) mod gap;
pub(crate) mod history_cache;
pub(crate) mod kep_tree;
pub(crate) mod me;
pub(crate) mod output;
pub(crate) mod page;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod pull_request;
pub(crate) mod pulls;
pub(crate) mod remotes;
pub(crate) mod revise;
pub(crate) mod site_folder;

pub use action::{Action, Argument, INPUTS, Input, OUTPUTS, Output};
pub use environment::Environment;
