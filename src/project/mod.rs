//! How a project lays out its KEPs, and where it is on the web.

pub mod layout;
mod web;

pub use web::Web;
