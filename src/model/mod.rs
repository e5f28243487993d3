//! The documents of the KEP process, typed. Every field keeps its span, and lowering goes on after a fault.

pub mod aliases;
pub mod amend;
pub mod approval;
pub mod handle;
pub mod kep;
pub mod kep_number;
pub mod lower;
pub mod milestone;
pub mod owners;
pub mod readme;
pub mod schema;
pub mod sig;
pub mod stage;
pub mod status;
pub mod template;

pub use aliases::Aliases;
pub use approval::Approval;
pub use handle::Handle;
pub use kep::Kep;
pub use kep_number::KepNumber;
pub use lower::{Entries, Fault, FaultKind, Field, List, State, Text};
pub use milestone::Milestone;
pub use owners::Owners;
pub use readme::Readme;
pub use stage::Stage;
pub use status::Status;
