//! The arguments of `kepgate lists`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::values::release;
use crate::github::Repository;
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
    /// Write the same digest from GitHub. It uses `GITHUB_TOKEN` or `GH_TOKEN`, or no token at all
    Fetch(FetchArguments),
    /// Show what a digest contains, and how old it is
    Show {
        /// The digest
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// The arguments of `kepgate lists fetch`.
#[derive(Debug, Args)]
pub(crate) struct FetchArguments {
    /// Branch, tag or commit [default: the newest release branch]
    #[arg(long, value_name = "REV")]
    pub(crate) head: Option<String>,

    /// Release that the lists describe [default: the one in the name of the branch or tag, else the newest release in
    /// which a feature gate changed]
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    pub(crate) release: Option<Milestone>,

    /// Repository on GitHub
    #[arg(long, value_name = "OWNER/NAME", default_value = "kubernetes/kubernetes")]
    pub(crate) repository: Repository,

    /// File with a GitHub token [default: the value of `GITHUB_TOKEN` or `GH_TOKEN`]
    #[arg(long, value_name = "FILE", alias = "gh-token-path")]
    pub(crate) token_file: Option<PathBuf>,

    /// File to write, which stays as it is if it has the lists of the same commit [default: standard output]
    #[arg(long, value_name = "PATH")]
    pub(crate) to: Option<PathBuf>,
}
