//! The arguments of `kepgate export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Arguments of `kepgate export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// What to write
    #[arg(value_name = "FORMAT")]
    pub(crate) format: ExportFormat,

    /// File to write [default: standard output]
    #[arg(long, value_name = "PATH")]
    pub(crate) to: Option<PathBuf>,

    /// Directory that contains `keps`
    /// [default: `ENHANCEMENTS_PATH`, else the repository around the current directory]
    #[arg(long = "repo", visible_alias = "repo-path", value_name = "PATH")]
    pub(crate) repo_path: Option<PathBuf>,

    /// Commit to read instead of the work tree
    #[arg(long, value_name = "REV")]
    pub(crate) head: Option<String>,
}

/// The formats of `kepgate export`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// All KEPs as `kepctl query --output json` writes them
    #[value(name = "keps.json")]
    KepsJson,
}
