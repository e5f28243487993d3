//! What commands need from their surroundings: the environment, the clock, the checkout, where output goes.

mod action;
pub(crate) mod clock;
pub(crate) mod commits;
pub(crate) mod compare;
mod environment;
pub(crate) mod fix;
pub(crate) mod output;
pub(crate) mod pulls;
pub(crate) mod remote;
pub(crate) mod revise;
pub(crate) mod whole;

pub use action::{Action, Argument, INPUTS, Input, OUTPUTS, Output};
pub use environment::Environment;
