//! A change to kepgate's configuration: the faults at head, and what it changes for later checks.

use super::weakened::{Gravity, Weakened};
use super::{Config, ConfigFault, weakened};
use crate::change::{Changeset, PolicyFile};
use crate::error::SourceError;
use crate::kubernetes::{Digest, WRITE_LISTS};
use crate::project::{Profile, ProjectSettings};
use crate::release::Schedule;
use crate::rule::Rule;
use crate::source::{Kind, MAX_FILE_BYTES};
use crate::syntax::yaml::Document;
use crate::text::wording::{count, quote};
use crate::text::{FileId, Files, RepoPath, Span};

/// kepgate's configuration as the change leaves it.
#[derive(Debug)]
pub struct ConfigInChange {
    /// The file at head.
    pub file: FileId,
    /// Its faults.
    pub faults: Vec<ConfigFault>,
    /// The settings that differ from the target branch and may check less, each as a clause, the gravest first.
    pub weakened: Vec<String>,
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

impl ConfigInChange {
    /// Validates the document that the change leaves at `file`, and compares it with the configuration `base` of the
    /// target branch. Paths are looked up in the tree that `changeset` leaves.
    #[must_use]
    pub fn new(
        file: FileId,
        document: &Document,
        rules: &[&'static Rule],
        (base, schedule): (&Config, &Schedule),
        changeset: &Changeset<'_>,
    ) -> Self {
        let (head, mut faults) = Config::lower(document, rules);
        faults.extend(head.named_paths.iter().filter_map(|named| path_fault(named, changeset)));
        let mut weakened = Vec::new();
        // A configuration with faults is not used.
        if faults.is_empty() {
            weakened = weakened::by(&head, base, rules, (&changeset.policy.profile, schedule));
            faults.extend(later_faults(&head, base, changeset, &mut weakened));
        }
        faults.sort_by_key(|fault| fault.span);
        weakened.sort_by_key(|(gravity, _)| *gravity);
        Self { file, faults, weakened: weakened.into_iter().map(|(_, clause)| clause).collect() }
    }

    /// The digest of Kubernetes' lists, to which the configuration points; `None` if it is valid.
    #[must_use]
    pub fn of_lists(lists: PolicyFile, files: &Files) -> Option<Self> {
        let (file, what) = match lists {
            PolicyFile::Gone(file) => (file, "is gone".to_owned()),
            PolicyFile::Irregular(file, irregular) => (file, irregular.describe(MAX_FILE_BYTES)),
            PolicyFile::Kept(file) => (file, format!("is invalid ({})", lists_fault(files[file].text())?)),
        };
        let message = format!("the digest of Kubernetes' lists {what}: no later change could be checked");
        let fault = ConfigFault { span: None, message, help: WRITE_LISTS.to_owned() };
        Some(Self { file, faults: vec![fault], weakened: Vec::new() })
    }

    /// Compares the configuration `base`, which was in `file` and which the change removes, with the defaults.
    #[must_use]
    pub fn removed(file: FileId, base: &Config, changeset: &Changeset<'_>) -> Self {
        let faults = later_faults(&Config::default(), base, changeset, &mut Vec::new());
        Self { file, faults, weakened: Vec::new() }
    }
}

/// A fault about a path that would make later checks fail, or hide a KEP from them.
fn path_fault(NamedPath { key, path, span }: &NamedPath, changeset: &Changeset<'_>) -> Option<ConfigFault> {
    let shown = quote(&path.to_string());
    let (message, help) = match (*key, at_path(changeset, path)) {
        (_, Err(error)) => (format!("`{key}` could not be checked: {}", error.describe()), "try again"),
        ("project.template", Ok(AtPath::Kep)) => (
            format!("`{key}` is {shown}, which is a KEP: it would no longer be checked"),
            "name the folder of the template",
        ),
        ("project.template", Ok(AtPath::Nothing)) => {
            (format!("`{key}` is {shown}, which does not exist: no question would have to be answered"), PATH_HELP)
        }
        ("project.root", Ok(AtPath::Nothing | AtPath::File)) => {
            (format!("`{key}` is {shown}, which is not a folder: no later change could be checked"), PATH_HELP)
        }
        ("kubernetes-lists", Ok(AtPath::Nothing | AtPath::Folder)) => {
            (format!("`{key}` is {shown}, which is not a file: no later change could be checked"), PATH_HELP)
        }
        ("kubernetes-lists", Ok(AtPath::File | AtPath::Kep)) => match changeset.text_after(path) {
            Ok(text) => {
                let error =
                    text.map_or_else(|| Some("it is not a regular file".to_owned()), |text| lists_fault(&text))?;
                let what = "which is not a digest of Kubernetes' lists";
                (format!("`{key}` is {shown}, {what} ({error}): no later change could be checked"), WRITE_LISTS)
            }
            Err(error) => (format!("`{key}` could not be checked: {}", error.describe()), "try again"),
        },
        _ => return None,
    };
    Some(ConfigFault { span: Some(*span), message, help: help.to_owned() })
}

/// What is wrong with a digest of Kubernetes' lists.
fn lists_fault(text: &str) -> Option<String> {
    Digest::new(String::new(), text.to_owned()).lists().err().map(quote)
}

const PATH_HELP: &str = "correct the path, or add what it names in the same change";

/// What is at a path that the configuration names.
enum AtPath {
    Nothing,
    Folder,
    /// A file, a link or a submodule.
    File,
    /// A KEP that the target branch checks.
    Kep,
}

fn at_path(changeset: &Changeset<'_>, path: &RepoPath) -> Result<AtPath, SourceError> {
    if changeset.has_kep_before(path)? {
        return Ok(AtPath::Kep);
    }
    Ok(match changeset.kind_after(path)? {
        None => AtPath::Nothing,
        Some(Kind::Folder) => AtPath::Folder,
        Some(_) => AtPath::File,
    })
}

/// Faults in how later checks would find KEPs and their approvers. Adds the settings of the project that change to
/// `weakened`.
fn later_faults(
    head: &Config,
    base: &Config,
    changeset: &Changeset<'_>,
    weakened: &mut Vec<Weakened>,
) -> Vec<ConfigFault> {
    if base.project == head.project && base.groups.approvers == head.groups.approvers {
        return Vec::new();
    }
    let later = |config: &Config| changeset.later(&config.project, &config.groups.approvers);
    let (before, after) = match (later(base), later(head)) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(error), _) | (_, Err(error)) => {
            let message = format!("its effect on later changes could not be checked: {}", error.describe());
            return vec![ConfigFault { span: None, message, help: "try again".to_owned() }];
        }
    };
    let mut faults = Vec::new();
    let mut changed: Vec<&'static str> = Vec::new();
    if !is_same(&before.profile, &after.profile) {
        // A new configuration may write down what was detected before.
        let matters = |settings: &ProjectSettings| {
            changeset.later(settings, &head.groups.approvers).map_or(true, |it| !is_same(&it.profile, &after.profile))
        };
        let settings = weakened::changed_settings(&base.project, &head.project);
        changed.extend(settings.iter().filter(|(_, without)| matters(without)).map(|(key, _)| *key));
        weakened.extend(changed.iter().map(|key| (Gravity::All, format!("`project.{key}` changes"))));
    }
    let hidden = before.keps.difference(&after.keps).collect::<Vec<_>>();
    if let Some(first) = hidden.first() {
        let span = changed.iter().find_map(|key| head.spans.get(key)).copied();
        let message = format!("later checks would not find {}", listed(first, hidden.len()));
        faults.push(ConfigFault { span, message, help: HIDDEN_HELP.to_owned() });
    }
    // If no KEP is found any more, one fault says so.
    let finds_keps = !after.keps.is_empty() || hidden.is_empty();
    if finds_keps && after.lacks_approvers && !before.lacks_approvers {
        let group = quote(&head.groups.approvers);
        let message = format!("OWNERS_ALIASES has no group {group}: no later change could be checked");
        let help = "name the group of production readiness approvers, or add it in the same change".to_owned();
        faults.push(ConfigFault { span: head.spans.get("approvers").copied(), message, help });
    }
    faults
}

/// True if two profiles check the same, whether they were detected or configured.
fn is_same(one: &Profile, other: &Profile) -> bool {
    *one == Profile { origin: one.origin, ..other.clone() }
}

const HIDDEN_HELP: &str = "describe the layout that the KEPs have, or move them in the same change";

/// A KEP, and how many others there are.
fn listed(first: &RepoPath, number: usize) -> String {
    let others = match number.saturating_sub(1) {
        0 => String::new(),
        others => format!(" and {}", count(others, "other KEP")),
    };
    format!("{}{others}", quote(&first.to_string()))
}
