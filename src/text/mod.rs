//! Text and where things stand in it: files with a line index, spans, the YAML tree, likely words.

pub mod files;
pub mod nearest;
pub mod yaml;

pub use files::{FileId, Files, Position, Side, SourceFile, Span, Spanned};
