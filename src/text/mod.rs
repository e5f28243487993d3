//! Text and positions in it: files with a line index, spans, paths in a repository, suggestions of words, wording of
//! messages, and temporary files.

pub mod files;
pub(crate) mod local_file;
pub mod lookalike;
pub mod nearest;
mod repo_path;
pub(crate) mod temporary;
pub mod wording;
pub mod words;

pub use files::{FileId, Files, Position, Side, SourceFile, Span, Spanned};
pub use repo_path::RepoPath;
