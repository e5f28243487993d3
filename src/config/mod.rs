//! kepgate's own configuration: read with spans, so that messages can point to faults, and validated as a whole.
//!
//! It is policy: it comes from the tip of the target branch, so that a change cannot soften its own rules. A change
//! that leaves it invalid is the finding `config-invalid`.

mod fault;
mod in_change;
mod kubernetes_lists;
mod project;
pub(crate) mod schema;
mod weakened;

pub use fault::ConfigFault;
pub use in_change::{ConfigInChange, NamedPath};
pub use kubernetes_lists::KubernetesListsPlace;

use std::collections::{BTreeMap, BTreeSet};

use fault::{among, fault, no_such, of_shape};
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::change::Groups;
use crate::kep::{Entries, FaultKind, Field, List, Milestone, Text};
use crate::project::ProjectSettings;
use crate::release::calendar;
use crate::release::calendar::Calendar;
use crate::rule::{FailOn, Level, Need, Rule};
use crate::syntax::yaml;
use crate::syntax::yaml::{Document, Node, NodeKind};
use crate::text::RepoPath;
use crate::text::nearest::nearest;
use crate::text::wording::quote;
use crate::text::{Span, Spanned};

/// Its path in a repository, unless `--config` says otherwise.
pub const PATH: &str = ".github/kepgate.yaml";

/// A path at which the configuration is easily put by mistake.
pub const MISNAMED: &str = ".github/kepgate.yml";

const KEYS: &[&str] = &[
    "fail-on",
    "rules",
    "ignore",
    "inline-ignore",
    "aliases",
    "upcoming-release",
    "calendar",
    "kubernetes-lists",
    "project",
];
const IGNORE_KEYS: &[&str] = &["paths", "rules", "reason"];
const ALIAS_KEYS: &[&str] = &["approvers", "emeritus", "sig-node-tech-leads"];
const LEVELS: &[&str] = &["error", "warning", "notice", "off"];
const THRESHOLDS: &[&str] = &["error", "warning", "never"];

/// How a repository configures kepgate.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `fail-on`; `None` if the configuration does not say.
    pub fail_on: Option<FailOn>,
    /// `kubernetes-lists`: where the feature gates and metrics of Kubernetes are.
    pub kubernetes_lists: Option<KubernetesListsPlace>,
    /// `upcoming-release`
    pub upcoming_release: Option<Milestone>,
    /// `calendar`: additions to the built-in calendar.
    pub calendar: Calendar,
    /// `aliases`
    pub groups: Groups,
    /// `project`
    pub project: ProjectSettings,
    /// `inline-ignore`: comments can ignore findings on their line.
    pub inline_ignore: bool,
    levels: BTreeMap<&'static str, Setting>,
    /// See [`Self::skip_by_default`].
    skipped: BTreeSet<&'static str>,
    ignore: Vec<Ignore>,
    named_paths: Vec<NamedPath>,
    /// Where the settings of the project and of the group of approvers are, by their key.
    spans: BTreeMap<&'static str, Span>,
}

/// The setting of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// It does not run.
    Off,
    /// Its findings are of this level.
    At(Level),
}

/// Findings that do not count, and why.
#[derive(Debug, Clone)]
struct Ignore {
    paths: GlobSet,
    /// `paths` as written.
    globs: Vec<String>,
    rules: Option<Vec<&'static str>>,
    reason: String,
}

impl Ignore {
    /// True if `other` has each of its globs and rules, and gives the same reason.
    fn is_within(&self, other: &Self) -> bool {
        let names = |rules: &Vec<&'static str>| self.rules.iter().flatten().all(|rule| rules.contains(rule));
        self.reason == other.reason
            && self.globs.iter().all(|glob| other.globs.contains(glob))
            && other.rules.as_ref().is_none_or(|rules| self.rules.is_some() && names(rules))
    }
}

impl Config {
    /// Decodes a document and returns its faults, too. A configuration with faults must not be used.
    #[must_use]
    pub fn lower(document: &Document, rules: &[&'static Rule]) -> (Self, Vec<ConfigFault>) {
        let mut shape = Vec::new();
        let mut entries = Entries::of_document(document, &mut shape);
        let fail_on = entries.text("fail-on");
        let upcoming = entries.text("upcoming-release");
        let lists = entries.text("kubernetes-lists");
        let calendar = entries.mapping("calendar", calendar::lower);
        let levels = entries.mapping("rules", lower_levels);
        let ignore = entries.mappings("ignore", lower_ignore);
        let inline_ignore = entries.boolean("inline-ignore");
        let groups = entries.mapping("aliases", lower_groups);
        let project = entries.mapping("project", project::lower);
        entries.finish(KEYS);

        // A file with only comments is valid and configures nothing.
        shape.retain(|fault| fault.kind != FaultKind::Yaml(yaml::FaultKind::Empty));
        let mut faults: Vec<_> = shape.iter().map(of_shape).collect();
        let mut config = Self::default();
        config.set_fail_on(&fail_on, &mut faults);
        config.set_upcoming(&upcoming, &mut faults);
        config.kubernetes_lists = kubernetes_lists::place(&lists, &mut faults);
        config.set_calendar(&calendar, &mut faults);
        for (name, span, setting) in levels.value().map(|(levels, _)| levels.as_slice()).unwrap_or_default() {
            config.set_level((name, *span), setting, rules, &mut faults);
        }
        for entry in ignore.value().map(|(entries, _)| entries.as_slice()).unwrap_or_default() {
            config.ignore.extend(validated(&entry.value, entry.span, rules, &mut faults));
        }
        config.inline_ignore = inline_ignore.value().is_some_and(|(allows, _)| *allows);
        if let Some(((groups, approvers), _)) = groups.value() {
            config.groups = groups.clone();
            config.spans.extend(approvers.map(|span| ("approvers", span)));
        }
        if let Some((project, _)) = project.value() {
            config.project = project.validated(&mut faults);
            config.named_paths = project.paths(&config.project);
            config.spans.extend(project.spans());
        }
        if let (Some(KubernetesListsPlace::File(path)), Some((_, span))) = (&config.kubernetes_lists, lists.value()) {
            config.named_paths.push(NamedPath { key: "kubernetes-lists", path: path.clone(), span });
        }
        faults.sort_by_key(|fault| fault.span);
        (config, faults)
    }

    /// The setting of a rule; `None` if it is not configured.
    #[must_use]
    pub fn setting(&self, rule: &Rule) -> Option<Setting> {
        self.levels.get(rule.id).copied()
    }

    /// The level of a rule's findings, unless a finding is weaker.
    #[must_use]
    pub fn level(&self, rule: &Rule) -> Level {
        match self.setting(rule) {
            Some(Setting::At(level)) => level,
            _ => rule.level,
        }
    }

    /// True if a rule runs.
    #[must_use]
    pub fn runs(&self, rule: &Rule) -> bool {
        self.is_on(rule) && (self.setting(rule).is_some() || !self.skipped.contains(rule.id))
    }

    /// True if a rule is on as far as the configuration says, whether it applies to the repository or not.
    fn is_on(&self, rule: &Rule) -> bool {
        match self.setting(rule) {
            Some(setting) => setting != Setting::Off,
            None => rule.enabled,
        }
    }

    /// Switches off the rules that have `need`, unless the configuration sets their level.
    pub fn skip_by_default(&mut self, rules: &[&'static Rule], need: Need) {
        self.skipped.extend(rules.iter().filter(|rule| rule.needs.contains(&need)).map(|rule| rule.id));
    }

    /// Why findings of `rule` in the file at `path` do not count; `None` if they count.
    #[must_use]
    pub fn ignored(&self, rule: &Rule, path: &RepoPath) -> Option<&str> {
        let path = path.to_string();
        let holds = |ignore: &&Ignore| {
            ignore.rules.as_ref().is_none_or(|rules| rules.contains(&rule.id)) && ignore.paths.is_match(&path)
        };
        self.ignore.iter().find(holds).map(|ignore| ignore.reason.as_str())
    }

    fn set_fail_on(&mut self, field: &Text, faults: &mut Vec<ConfigFault>) {
        let Some((word, span)) = field.value() else { return };
        self.fail_on = match word.as_str() {
            "error" => Some(FailOn::Errors),
            "warning" => Some(FailOn::Warnings),
            "never" => Some(FailOn::Never),
            _ => {
                let message = format!("{} is not a valid value of `fail-on`", quote(word));
                faults.push(fault(Some(span), message, among(word, THRESHOLDS)));
                None
            }
        };
    }

    fn set_upcoming(&mut self, field: &Text, faults: &mut Vec<ConfigFault>) {
        let Some((word, span)) = field.value() else { return };
        self.upcoming_release = Milestone::parse(word);
        if self.upcoming_release.is_none() {
            faults.push(fault(
                Some(span),
                format!("`upcoming-release` is {}, which is not a release", quote(word)),
                "write it as v1.37",
            ));
        }
    }

    fn set_calendar(&mut self, field: &Field<Vec<calendar::Entry>>, faults: &mut Vec<ConfigFault>) {
        let mut wrong = Vec::new();
        let entries = field.value().map(|(entries, _)| entries.as_slice()).unwrap_or_default();
        self.calendar = Calendar::validated(entries, &mut wrong);
        faults.extend(wrong.into_iter().map(|it| fault(Some(it.span), it.message, it.help)));
    }

    fn set_level(
        &mut self,
        (name, span): (&str, Span),
        value: &Node,
        rules: &[&'static Rule],
        faults: &mut Vec<ConfigFault>,
    ) {
        let Some(rule) = rules.iter().find(|rule| rule.id == name) else {
            let ids: Vec<_> = rules.iter().map(|rule| rule.id).collect();
            let help = match nearest(name, ids) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`kepgate rules` lists the rules".to_owned(),
            };
            faults.push(fault(Some(span), format!("unknown rule {}", quote(name)), help));
            return;
        };
        let NodeKind::Scalar { text, .. } = &value.kind else {
            let message = format!("the level of a rule must be a single value, but this is {}", value.what());
            faults.push(fault(Some(value.span), message, among("", LEVELS)));
            return;
        };
        let level = Level::ALL.into_iter().find(|level| level.word() == text);
        match (level, text.as_str()) {
            (Some(level), _) => _ = self.levels.insert(rule.id, Setting::At(level)),
            (None, "off") => _ = self.levels.insert(rule.id, Setting::Off),
            (None, _) => faults.push(no_such("level", text, value.span, LEVELS)),
        }
    }
}

type LevelEntry = (String, Span, Node);

fn lower_levels(entries: &mut Entries<'_>) -> Vec<LevelEntry> {
    entries.rest().into_iter().map(|(name, key, value)| (name.to_owned(), key.span, value.clone())).collect()
}

struct IgnoreEntry {
    paths: List,
    rules: List,
    reason: Text,
}

fn lower_ignore(entries: &mut Entries<'_>) -> IgnoreEntry {
    let entry =
        IgnoreEntry { paths: entries.list("paths"), rules: entries.list("rules"), reason: entries.text("reason") };
    entries.finish(IGNORE_KEYS);
    entry
}

/// The groups, and where that of the approvers is named.
fn lower_groups(entries: &mut Entries<'_>) -> (Groups, Option<Span>) {
    let mut groups = Groups::default();
    let mut set = |key: &'static str, group: &mut String| {
        let field = entries.text(key);
        let (name, span) = field.value()?;
        group.clone_from(name);
        Some(span)
    };
    let approvers = set("approvers", &mut groups.approvers);
    set("emeritus", &mut groups.emeritus);
    set("sig-node-tech-leads", &mut groups.sig_node_tech_leads);
    entries.finish(ALIAS_KEYS);
    (groups, approvers)
}

fn validated(
    entry: &IgnoreEntry,
    span: Span,
    rules: &[&'static Rule],
    faults: &mut Vec<ConfigFault>,
) -> Option<Ignore> {
    let before = faults.len();
    let start = entry.paths.key.or(entry.rules.key).unwrap_or(span);
    if entry.paths.is_missing() {
        let place = entry.paths.missing_span().unwrap_or(start);
        faults.push(fault(Some(place), "`paths` is missing", "list globs relative to the repository's root"));
    }
    if entry.reason.is_missing() || entry.reason.text().trim().is_empty() {
        let place = entry.reason.missing_span().unwrap_or(start);
        faults.push(fault(
            Some(place),
            "`reason` is missing",
            "add a `reason` that explains why these findings are ignored",
        ));
    }
    if let Some(place) = entry.rules.missing_span() {
        faults.push(fault(Some(place), "`rules` is empty", "list rules, or remove it to ignore every rule"));
    }
    let paths = globs(entry.paths.entries(), faults);
    let named = entry.rules.entries().iter().filter_map(|rule| known_rule(rule, rules, faults)).collect();
    let rules = entry.rules.value().map(|_| named);
    let reason = entry.reason.text().to_owned();
    let globs = entry.paths.entries().iter().map(|glob| glob.value.clone()).collect();
    (faults.len() == before).then_some(Ignore { paths: paths?, globs, rules, reason })
}

fn globs(entries: &[Spanned<String>], faults: &mut Vec<ConfigFault>) -> Option<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for entry in entries {
        match glob(&entry.value) {
            Ok(glob) => _ = set.add(glob),
            Err(error) => {
                let message = format!("{} is not a valid glob: {}", quote(&entry.value), error.kind());
                faults.push(fault(Some(entry.span), message, "write it like keps/sig-node/281-*/**"));
            }
        }
    }
    set.build().ok()
}

fn glob(text: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(text.trim_start_matches('/')).literal_separator(true).build()
}

fn known_rule(entry: &Spanned<String>, rules: &[&'static Rule], faults: &mut Vec<ConfigFault>) -> Option<&'static str> {
    let found = rules.iter().find(|rule| rule.id == entry.value).map(|rule| rule.id);
    if found.is_none() {
        let ids: Vec<_> = rules.iter().map(|rule| rule.id).collect();
        faults.push(no_such("rule", &entry.value, entry.span, &ids));
    }
    found
}

#[cfg(test)]
mod tests;
