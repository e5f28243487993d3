//! `kepgate rules`: the rules, one a line, as JSON, or as pages.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;

use crate::check::{ConfigSource, read_config, read_profile};
use crate::cli::{RulesArguments, RulesFormat};
use crate::exit::ExitStatus;
use crate::project::Profile;
use crate::report::list::wrap;
use crate::rule::{Need, Rule};
use crate::rules::{ALL, page};
use crate::session::page::Page;
use crate::session::{Environment, kep_tree};

/// Writes every rule's page and the index to `folder`.
fn write_docs(folder: &Path) -> anyhow::Result<ExitStatus> {
    let write = || {
        std::fs::create_dir_all(folder)?;
        page::all().try_for_each(|(name, text)| std::fs::write(folder.join(name), text))
    };
    write().with_context(|| format!("could not write to {}", folder.display()))?;
    Ok(ExitStatus::Clean)
}

/// The level by default: `off` for rules that a configuration has to turn on.
fn level(rule: &Rule) -> &'static str {
    if rule.enabled { rule.level.word() } else { "off" }
}

/// A rule in the list that `kepgate rules --output json` writes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Rule", deny_unknown_fields))]
pub(crate) struct Entry {
    /// What users see. It never changes.
    id: &'static str,
    /// The level by default; `off` for rules that only a configuration enables.
    #[cfg_attr(test, schemars(extend("enum" = ["error", "warning", "notice", "off"])))]
    level: &'static str,
    /// The group of rules that it belongs to.
    family: &'static str,
    /// What it reports.
    summary: &'static str,
}

pub(super) fn run(
    arguments: &RulesArguments,
    environment: &Environment,
    out: &mut dyn std::io::Write,
    log: &mut dyn std::io::Write,
) -> anyhow::Result<ExitStatus> {
    if let Some(folder) = &arguments.to {
        return write_docs(folder);
    }
    let usual = if arguments.json { RulesFormat::Json } else { RulesFormat::Text };
    let page = Page::new(&arguments.output, usual, environment, |format| {
        Ok(match format {
            RulesFormat::Text => text(environment),
            RulesFormat::Json => json(),
        })
    })?;
    page.print(out, log)
}

fn json() -> String {
    let entry =
        |rule: &&Rule| Entry { id: rule.id, level: level(rule), family: rule.family.title(), summary: rule.summary };
    // Cannot fail: an entry has only texts.
    serde_json::to_string_pretty(&ALL.iter().map(entry).collect::<Vec<_>>()).unwrap_or_default() + "\n"
}

/// The rules by family.
fn text(environment: &Environment) -> String {
    let mut text = String::new();
    let width = ALL.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut family = None;
    for rule in ALL {
        if family != Some(rule.family) {
            let gap = if family.is_some() { "\n" } else { "" };
            text.push_str(&format!("{gap}{}\n", rule.family.title()));
            family = Some(rule.family);
        }
        text.push_str(&format!("  {:width$}  {:7}  {}\n", rule.id, level(rule), rule.summary));
    }
    if let Some(profile) = profile(environment) {
        text.push_str(&off(&profile, environment.width()));
    }
    text
}

/// The profile of the project around the current folder, if there is one. The rules can be listed anywhere.
fn profile(environment: &Environment) -> Option<Arc<Profile>> {
    let tree = kep_tree::open(&kep_tree::folder(None, environment), None).ok()?;
    let config = read_config(tree.as_ref(), &ConfigSource::Usual).ok()?;
    read_profile(tree.as_ref(), &config).ok()
}

/// The rules that the profile of the project switches off, with the reason.
fn off(profile: &Profile, width: usize) -> String {
    let mut text = String::new();
    for need in profile.lacks() {
        let rules: Vec<_> = ALL.iter().filter(|rule| rule.needs.contains(&need)).map(|rule| rule.id).collect();
        if text.is_empty() {
            text = format!("\nOff in this project (profile `{}`)\n", profile.kind.word());
        }
        let line = format!("  {}: {}", reason(need), rules.join(", "));
        text.push_str(&format!("{}\n", wrap(&line, width, "    ")));
    }
    text
}

/// Why rules with this need are off.
const fn reason(need: Need) -> &'static str {
    match need {
        Need::ProductionReadiness => "production readiness is not reviewed",
        Need::Sigs => "the project has no SIGs",
        Need::Calendar => "the dates of its releases are unknown",
        Need::ReleaseTeam => "the Kubernetes release team does not track its KEPs",
        Need::KubernetesLists => "its features are not part of Kubernetes",
        Need::Template => "the project has no template",
        Need::TableOfContents => "tables of contents are not checked",
        Need::TrackingIssues
        | Need::Reviews
        | Need::Group
        | Need::Readme
        | Need::Owners
        | Need::TechLeads
        | Need::WholeTree => "something else is missing",
    }
}
