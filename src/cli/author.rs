//! The arguments of the author's commands.

#![allow(clippy::doc_markdown, reason = "these comments are the help, which is no Markdown")]

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::query::number;
use crate::kep::{Handle, KepNumber, Milestone, Stage};

const PLACE: &str = "Where";

/// A new KEP.
#[derive(Debug, Args)]
pub struct NewArguments {
    /// The SIG that owns it
    #[arg(long, value_name = "SIG")]
    pub sig: String,

    /// The number of its tracking issue
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    pub number: KepNumber,

    /// Its title
    #[arg(long, value_name = "TEXT", value_parser = title)]
    pub title: String,

    /// Who writes it
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', required = true, value_parser = handle)]
    pub author: Vec<String>,

    /// Who reviews it [default: TBD]
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', value_parser = handle)]
    pub reviewer: Vec<String>,

    /// Who approves it [default: TBD]
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', value_parser = handle)]
    pub approver: Vec<String>,

    /// A SIG that takes part
    #[arg(long, value_name = "SIG", value_delimiter = ',')]
    pub participating_sig: Vec<String>,

    /// The name of its directory, behind the number [default: made of the title]
    #[arg(long, value_name = "WORDS", value_parser = slug)]
    pub slug: Option<String>,

    /// Its first stage
    #[arg(long, value_name = "STAGE", default_value = "alpha", value_parser = stage())]
    pub stage: Stage,

    /// The release that is to bring that stage [default: left open]
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    pub release: Option<Milestone>,

    /// Who is to approve its production readiness; without them there is no production-readiness file yet
    #[arg(long, value_name = "HANDLE", value_parser = handle)]
    pub prr_approver: Option<String>,

    /// The day that it is begun on [default: today, UTC]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub date: Option<String>,

    /// The files that are written.
    #[command(flatten)]
    pub place: Place,
}

/// A KEP's next stage.
#[derive(Debug, Args)]
pub struct PromoteArguments {
    /// The KEP: its number, its directory, or a file in that
    #[arg(value_name = "KEP")]
    pub kep: String,

    /// The stage that it is promoted to
    #[arg(long, value_name = "STAGE", value_parser = stage())]
    pub stage: Stage,

    /// The release that brings it
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    pub release: Milestone,

    /// Who is to approve its production readiness [default: who is named for the stage already]
    #[arg(long, value_name = "HANDLE", value_parser = handle)]
    pub prr_approver: Option<String>,

    /// The files that are written.
    #[command(flatten)]
    pub place: Place,
}

/// The files that are written.
#[derive(Debug, Args)]
pub struct Place {
    /// The folder that `keps` stands in
    /// [default: $ENHANCEMENTS_PATH, else the repository around the current folder]
    #[arg(long, value_name = "PATH", help_heading = PLACE)]
    pub repo_path: Option<PathBuf>,

    /// Write nothing, and show what would be written
    #[arg(long, help_heading = PLACE)]
    pub dry_run: bool,
}

/// The documents that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Document {
    /// `kep.yaml`
    Kep,
    /// `keps/prod-readiness/<sig>/<number>.yaml`
    ProdReadiness,
}

/// A handle with one `@`.
pub(super) fn handle(text: &str) -> Result<String, String> {
    let name = text.strip_prefix('@').unwrap_or(text);
    let handle = Handle::from_name(name).ok_or("a handle is letters, digits and `-`, with or without its `@`")?;
    Ok(format!("@{}", handle.name()))
}

/// One line that no reader of the file takes for something else.
fn title(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_control) || text.contains("---") {
        return Err("a title is a line of text, without `---`".to_owned());
    }
    Ok(text.to_owned())
}

fn slug(text: &str) -> Result<String, String> {
    let is_slug = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    if is_slug && is_plain {
        Ok(text.to_owned())
    } else {
        Err("write words of letters and digits, with `-`".to_owned())
    }
}

fn release(text: &str) -> Result<Milestone, String> {
    let milestone = Milestone::parse(text).filter(|milestone| !milestone.is_exempt());
    milestone.ok_or_else(|| "write a release as v1.36".to_owned())
}

fn day(text: &str) -> Result<String, String> {
    let is_day = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    if is_day { Ok(text.to_owned()) } else { Err("write a day as 2025-10-17".to_owned()) }
}

fn stage() -> impl TypedValueParser<Value = Stage> {
    PossibleValuesParser::new(Stage::ALL.map(Stage::word)).try_map(|word| Stage::parse(&word).ok_or("no stage"))
}
