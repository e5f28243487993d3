//! The arguments of `kepgate lists`.

use std::path::PathBuf;

use clap::Subcommand;

use super::values::release;
use crate::kep::Milestone;

/// The subcommands of `kepgate lists`.
#[derive(Debug, Subcommand)]
pub(crate) enum ListsCommand {
    /// Write a digest of Kubernetes' lists of feature gates and metrics
    Import {
        /// A clone of kubernetes/kubernetes, or its files `versioned_feature_list.yaml` and `documentation-list.yaml`
        #[arg(value_name = "PATH", required = true, num_args = 1..=2)]
        paths: Vec<PathBuf>,

        /// Commit, tag or branch of the clone [default: HEAD]
        #[arg(long, value_name = "REV", alias = "revision")]
        head: Option<String>,

        /// Release that the lists describe [default: the newest release in which a feature gate changed]
        #[arg(long, value_name = "RELEASE", value_parser = release)]
        release: Option<Milestone>,

        /// File to write [default: standard output]
        #[arg(long, value_name = "PATH", alias = "output")]
        to: Option<PathBuf>,
    },
    /// Show what a digest contains, and how old it is
    Show {
        /// The digest
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
