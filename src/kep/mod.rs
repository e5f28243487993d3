//! Typed documents of the KEP process. Every field keeps its span, and decoding continues after a fault.

pub mod aliases;
pub mod comment;
pub mod decode;
pub mod dialect;
pub mod edit;
pub mod fault;
pub mod field;
pub mod fields;
pub mod handle;
pub mod kep_yaml;
pub mod milestone;
pub mod number;
pub mod owners;
pub mod placeholder;
pub mod prr;
pub mod schema;
pub mod sigs;
pub mod stage;
pub mod status;
pub(crate) mod wrong_type;

pub use aliases::Aliases;
pub use decode::Entries;
pub use dialect::Dialect;
pub use fault::{Fault, FaultKind};
pub use field::{Field, List, State, Text};
pub use handle::Handle;
pub use kep_yaml::Kep;
pub use milestone::Milestone;
pub use number::KepNumber;
pub use owners::Owners;
pub use prr::PrrFile;
pub use stage::Stage;
pub use status::Status;
