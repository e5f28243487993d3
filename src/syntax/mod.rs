//! Syntax trees with spans: YAML, Markdown and its table of contents. Nothing here knows what a KEP is.

pub mod markdown;
pub mod mdtoc;
pub mod toc;
pub mod yaml;
