//! How a project keeps its KEPs and runs its process, and where it is on the web.

mod detect;
pub mod layout;
mod profile;
pub mod search;
mod settings;
mod web;

pub use layout::{Grouping, Layout};
pub use profile::{Origin, Profile};
pub use settings::{
    Fields, Metadata, ProductionReadiness, ProfileKind, ProjectSettings, Releases, SigSettings, TableOfContents,
};
pub use web::Web;
