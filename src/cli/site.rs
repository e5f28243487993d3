//! The arguments of `kepgate site`.

use std::path::PathBuf;

use clap::Args;

use super::release::{ExceptionsArgument, Moment};
use super::values::release;
use crate::github::Repository;
use crate::kep::Milestone;

/// Arguments of `kepgate site`.
#[derive(Debug, Args)]
pub(crate) struct SiteArguments {
    /// Folder to write the pages to. It has to be empty, or the site of an earlier run
    #[arg(long, value_name = "PATH", alias = "output")]
    pub(crate) to: PathBuf,

    /// The current release, which has a page about its freezes [default: the first release that is not out]
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    pub(crate) release: Option<Milestone>,

    /// The exceptions.yaml of the release
    #[arg(long, value_name = "[RELEASE=]FILE")]
    pub(crate) exceptions: Vec<ExceptionsArgument>,

    /// Address at which the site will be, for the links in the feed. Without it, there is no feed
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// Directory that contains `keps`
    /// [default: `ENHANCEMENTS_PATH`, else the repository around the current directory]
    #[arg(long = "repo", visible_alias = "repo-path", value_name = "PATH")]
    pub(crate) repo_path: Option<PathBuf>,

    /// Commit to read, with its history [default: HEAD]
    #[arg(long, value_name = "REV")]
    pub(crate) head: Option<String>,

    /// File in which to keep what each commit changed, so that the next run compares only newer commits. It may be
    /// deleted at any time
    #[arg(long, value_name = "FILE")]
    pub(crate) cache: Option<PathBuf>,

    /// Time to use instead of the current time: a day, which means its end in UTC, or a time such as 2025-10-17T12:00Z
    /// [default: `KEPGATE_NOW`, else the system's clock]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,

    /// Digest of Kubernetes' feature gates and metrics, written by `kepgate lists import`
    /// [default: `kubernetes-lists` of the configuration]
    #[arg(long, value_name = "PATH")]
    pub(crate) kubernetes_lists: Option<PathBuf>,

    /// Repository on GitHub that links point to [default: `GITHUB_REPOSITORY`, else the remote `upstream` or `origin`]
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) repository: Option<Repository>,
}
