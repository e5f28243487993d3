//! A change to kepgate's configuration: the faults at head, and what it takes away from later checks.

use super::{Config, ConfigFault};
use crate::project::{ProductionReadiness, ProfileKind};
use crate::rule::{FailOn, Level, Rule};
use crate::syntax::yaml::Document;
use crate::text::wording::quote;
use crate::text::{FileId, RepoPath, Span};

/// kepgate's configuration as the change leaves it.
#[derive(Debug)]
pub struct ConfigInChange {
    /// The file at head.
    pub file: FileId,
    /// Its faults.
    pub faults: Vec<ConfigFault>,
    /// What it checks less than the configuration of the target branch, each as a clause.
    pub weakened: Vec<String>,
    paths: Vec<NamedPath>,
}

/// A path that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    /// The key, such as `project.root`.
    pub key: &'static str,
    /// The path.
    pub path: RepoPath,
    /// Its place in the configuration.
    pub span: Span,
}

/// What the change leaves at a path that the configuration names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtPath {
    /// Nothing.
    Nothing,
    /// A folder.
    Folder,
    /// A file, a link or a submodule.
    File,
    /// A KEP that the target branch checks.
    Kep,
}

impl ConfigInChange {
    /// Validates the document that the change leaves at `file`, and compares it with the configuration `base`,
    /// under which the target branch has `profile`.
    #[must_use]
    pub fn new(
        file: FileId,
        document: &Document,
        rules: &[&'static Rule],
        base: &Config,
        profile: ProfileKind,
    ) -> Self {
        let (head, faults) = Config::lower(document, rules);
        // A configuration with faults is not used.
        let weakened = if faults.is_empty() { weakened((base, profile), &head, rules) } else { Vec::new() };
        Self { file, faults, weakened, paths: head.named_paths }
    }

    /// Adds faults about paths that would make later checks fail, or hide a KEP from them. `at` tells what is at a path, or
    /// why that is unknown.
    #[must_use]
    pub fn with_paths(mut self, at: impl Fn(&RepoPath) -> Result<AtPath, String>) -> Self {
        for NamedPath { key, path, span } in &self.paths {
            let shown = quote(&path.to_string());
            let fault = match (*key, at(path)) {
                (_, Err(error)) => Some((format!("`{key}` could not be checked: {error}"), "try again")),
                ("project.template", Ok(AtPath::Kep)) => {
                    Some((format!("`{key}` is {shown}, which is a KEP: it would no longer be checked"), TEMPLATE_HELP))
                }
                ("project.root", Ok(AtPath::Nothing | AtPath::File)) => Some((
                    format!("`{key}` is {shown}, which is not a folder: no later change could be checked"),
                    PATH_HELP,
                )),
                ("kubernetes-lists", Ok(AtPath::Nothing | AtPath::Folder)) => Some((
                    format!("`{key}` is {shown}, which is not a file: no later change could be checked"),
                    PATH_HELP,
                )),
                _ => None,
            };
            let fault = fault.map(|(message, help)| ConfigFault { span: Some(*span), message, help: help.to_owned() });
            self.faults.extend(fault);
        }
        self.faults.sort_by_key(|fault| fault.span);
        self
    }
}

const TEMPLATE_HELP: &str = "name the folder of the template";
const PATH_HELP: &str = "correct the path, or add what it names in the same change";

/// What `head` checks less than `base`, under which a repository has the profile.
fn weakened((base, profile): (&Config, ProfileKind), head: &Config, rules: &[&'static Rule]) -> Vec<String> {
    let mut weakened = Vec::new();
    let strictness = |fail_on: Option<FailOn>| match fail_on {
        Some(FailOn::Notices) => 3,
        Some(FailOn::Warnings) => 2,
        Some(FailOn::Errors) | None => 1,
        Some(FailOn::Never) => 0,
    };
    if strictness(head.fail_on) < strictness(base.fail_on) {
        let word = if head.fail_on == Some(FailOn::Never) { "never" } else { "error" };
        weakened.push(format!("`fail-on` becomes `{word}`"));
    }
    let level = |config: &Config, rule: &Rule| config.runs(rule).then(|| config.level(rule));
    let is_weaker = |old: Option<Level>, new: Option<Level>| match (old, new) {
        (Some(_), None) => true,
        // Levels are in the order of their severity, the most serious first.
        (Some(old), Some(new)) => new > old,
        (None, _) => false,
    };
    for rule in rules {
        let (old, new) = (level(base, rule), level(head, rule));
        if is_weaker(old, new) {
            weakened.push(format!("`{}` becomes `{}`", rule.id, new.map_or("off", Level::word)));
        }
    }
    if head.ignore.iter().any(|ignore| !base.ignore.iter().any(|old| old.reason == ignore.reason)) {
        weakened.push("`ignore` has a new entry".to_owned());
    }
    if head.inline_ignore && !base.inline_ignore {
        weakened.push("`inline-ignore` is turned on".to_owned());
    }
    let (old, new) = (&base.project, &head.project);
    if new.profile == Some(ProfileKind::Plain) && profile != ProfileKind::Plain {
        weakened.push("`project.profile` becomes `plain`".to_owned());
    }
    let requires = |readiness: Option<ProductionReadiness>| readiness != Some(ProductionReadiness::None);
    if new.production_readiness != old.production_readiness && requires(old.production_readiness) {
        weakened.push("`project.production-readiness` changes".to_owned());
    }
    if new.statuses != old.statuses && !new.statuses.is_empty() {
        weakened.push("`project.statuses` changes".to_owned());
    }
    if new.root.is_some() && new.root != old.root {
        weakened.push("`project.root` changes".to_owned());
    }
    weakened
}
