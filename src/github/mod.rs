//! GitHub over its API. This is the only room with anything async in it, and nothing async leaves it: whoever asks
//! waits for the answer.
//!
//! Every request is bounded in time and size, only reading is ever tried again, and the token goes to GitHub's own
//! address and nowhere else. Answers are a stranger's text like everything else from outside.

mod client;
mod error;
mod repository;
mod retry;
mod settings;
mod token;
mod transport;

pub use client::{Answered, Client, Pages, QueryError};
pub use error::ApiError;
pub use repository::Repository;
pub use settings::Settings;
pub use token::Token;
