//! Text and where things stand in it: files with a line index, spans, the YAML tree, Markdown and its table of contents, likely words.

pub mod files;
pub mod markdown;
pub mod nearest;
pub mod toc;
pub mod words;
pub mod yaml;

pub use files::{FileId, Files, Position, Side, SourceFile, Span, Spanned};
