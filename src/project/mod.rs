//! The layout of a project's KEPs, and its location on the web.

pub mod layout;
mod web;

pub use web::Web;
