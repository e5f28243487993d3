//! `kepgate export`: all KEPs in the format of another program.

use crate::change::Survey;
use crate::check::{ConfigSource, read_config, read_profile};
use crate::cli::{ExportArguments, ExportFormat, OutputArgument};
use crate::error::Error;
use crate::export::{KepsJson, keps_json};
use crate::session::page::Page;
use crate::session::{Environment, gap, kep_tree};
use crate::text::Files;

/// The export, and which KEPs are not in it.
pub(super) fn page(arguments: &ExportArguments, environment: &Environment) -> Result<Page, Error> {
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let tree = kep_tree::open(&folder, arguments.head.as_deref())?;
    let config = read_config(tree.as_ref(), &ConfigSource::Usual)?;
    let profile = read_profile(tree.as_ref(), &config)?;
    let mut files = Files::default();
    let mut survey = Survey::read(tree.as_ref(), config.groups, &profile, &mut files);
    let KepsJson { text, rejected } = keps_json(&survey, &files);
    survey.unread.extend(rejected);
    // The export rejects KEPs with lost fields, and has no production readiness approvers.
    survey.lost_fields.clear();
    survey.lost_approvals.clear();
    survey.unread.sort_unstable();
    let output = [OutputArgument { format: arguments.format, file: arguments.to.clone() }];
    let page = Page::new(&output, arguments.format, environment, |format| match format {
        ExportFormat::KepsJson => Ok(text.clone()),
    })?;
    Ok(page.with_gap(gap::of_survey(&survey)))
}
