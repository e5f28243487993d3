//! Proposes a configuration for a repository based on its KEPs, with a reason for each key.

mod search;
mod traits;

use crate::change::Groups;
use crate::error::SourceError;
use crate::kep::fields;
use crate::project::search::search;
use crate::project::{Metadata, Profile, ProfileKind, ProjectSettings, layout};
use crate::source::Snapshot;
use crate::text::wording::{self, count};
use search::{Folders, Root, template_of_sig};
use traits::Traits;

/// A proposed configuration.
#[derive(Debug)]
pub(crate) struct Proposal {
    keys: Vec<Key>,
    notes: Vec<String>,
}

/// A key of `project`, its value as YAML, and the reason.
#[derive(Debug)]
struct Key {
    name: &'static str,
    value: Value,
    reason: String,
}

#[derive(Debug)]
enum Value {
    Text(String),
    /// The required fields.
    Fields(Vec<&'static str>),
}

impl Proposal {
    /// Looks at the files of `tree`; `None` if there is no KEP.
    ///
    /// # Errors
    /// [`SourceError`] if the tree could not be read.
    pub(crate) fn of(tree: &dyn Snapshot) -> Result<Option<Self>, SourceError> {
        let found = search(tree, layout::METADATA)?;
        let Some(root) = Root::of(&found) else { return Ok(None) };
        let is_single = root.metadata == layout::ANY_MARKDOWN;
        let template = if is_single { found.templates.first().cloned() } else { template_of_sig(tree, &root.folder)? };
        let settings = ProjectSettings {
            root: Some(root.folder.clone()),
            metadata: Some(metadata(root.metadata)),
            template,
            ..ProjectSettings::default()
        };
        let profile = Profile::resolve(&settings, &Groups::default().approvers, tree)?;
        let traits = Traits::of(tree, &root.keps, &profile)?;
        let mut proposal = Self { keys: Vec::new(), notes: Vec::new() };
        let folders = Folders::of(tree, &profile.layout)?;
        proposal.add_layout(&profile, root.metadata, &folders, traits.keps);
        proposal.add_process(&profile, &traits);
        Ok(Some(proposal))
    }

    fn add_layout(&mut self, profile: &Profile, name: &str, folders: &Folders, keps: usize) {
        let root = &profile.layout.root;
        let is_plain = profile.kind == ProfileKind::Plain;
        let traces = if is_plain {
            format!("no {root}/prod-readiness folder and no group of production readiness approvers")
        } else {
            format!("there is a {root}/prod-readiness folder or a group of production readiness approvers")
        };
        self.add("profile", profile.kind.word(), traces);
        self.add("root", root.to_string(), format!("{} below it", count(keps, "KEP")));
        if name == layout::README {
            self.add("metadata", "front-matter", "README.md begins with front matter");
        } else if name == layout::ANY_MARKDOWN {
            self.add("metadata", name, "each KEP is a Markdown file that begins with front matter");
        } else {
            self.add("metadata", name, "the metadata file in each of these folders");
        }
        if let Some(template) = &folders.template {
            let reason = if is_plain { "; its fields are those of a KEP" } else { "" };
            let what = if name == layout::ANY_MARKDOWN { "file" } else { "folder" };
            self.add("template", template.to_string(), format!("the {what} named like a template{reason}"));
        }
        let [directory, there, sigs, whose] = if folders.has_sigs {
            ["<sig>/<number>-<slug>", "there are", "folders", "each SIG has a folder or an alias"]
        } else {
            ["<number>-<slug>", "no", "none", "no SIG has a folder"]
        };
        self.add("directory", directory, format!("{there} folders named `sig-*`"));
        self.add("sigs", sigs, whose);
    }

    fn add_process(&mut self, profile: &Profile, traits: &Traits) {
        let (first, reason) = match profile.dialect.prr_from {
            Some(release) => (release.to_string(), "Kubernetes has reviewed production readiness since this release"),
            None => ("none".to_owned(), "no production readiness files"),
        };
        self.add("production-readiness", first, reason);
        let range = traits.milestones.first().zip(traits.milestones.last());
        let (releases, reason) = match (profile.kind, range) {
            (ProfileKind::Kubernetes, _) => ("kubernetes", "this is the profile of Kubernetes".to_owned()),
            (ProfileKind::Plain, None) => ("none", "no KEP names a release".to_owned()),
            (ProfileKind::Plain, Some((first, last))) => {
                ("none", format!("milestones are {first} to {last}; with `own`, add their dates to `calendar`"))
            }
        };
        self.add("releases", releases, reason);
        let [with, without] = traits.handles;
        let handles = if with >= without { "with-at" } else { "any" };
        self.add("handles", handles, handle_counts(with, without));
        self.add_table(traits.tables);
        self.add_fields(profile, traits);
        for (word, count) in &traits.statuses {
            let keps = wording::count(*count, "KEP");
            self.notes.push(format!(
                "`{word}` ({keps}) is not a status of Kubernetes. If the project has it, list all words in `statuses`."
            ));
        }
    }

    fn add_table(&mut self, [all, old, current]: [usize; 3]) {
        let (value, reason) = match all {
            0 => ("none", "no README has a table of contents between `<!-- toc -->` marks".to_owned()),
            _ if old > current => {
                let with = count(old, "README");
                ("mdtoc-legacy", format!("{with} with anchors of mdtoc before v1.1, and {current} with current ones"))
            }
            _ => ("mdtoc", format!("{} with a table of contents", count(all, "README"))),
        };
        self.add("table-of-contents", value, reason);
    }

    /// The project does not require a field that the template has, but that KEPs often leave out.
    fn add_fields(&mut self, profile: &Profile, traits: &Traits) {
        let left_out = traits.left_out();
        if profile.kind == ProfileKind::Kubernetes || left_out.is_empty() {
            return;
        }
        let is_left_out = |key: &str| left_out.iter().any(|(other, ..)| *other == key);
        let mut required = fields::keys(fields::KEP);
        required.retain(|key| traits.fields.contains_key(key) && !is_left_out(key));
        let counts: Vec<_> =
            left_out.iter().map(|(key, missing, all)| format!("`{key}` ({missing} of {all})")).collect();
        let reason = format!("KEPs often leave out {}; delete this if they should not", counts.join(", "));
        self.keys.push(Key { name: "fields", value: Value::Fields(required), reason });
    }

    fn add(&mut self, name: &'static str, value: impl Into<String>, reason: impl Into<String>) {
        self.keys.push(Key { name, value: Value::Text(value.into()), reason: reason.into() });
    }

    /// Renders the configuration file.
    pub(crate) fn render(&self) -> String {
        let mut text = "# Proposed by `kepgate init`. Check each value, and delete what you do not need.\n\
                        # All keys: https://github.com/kepgate/kepgate/blob/main/docs/projects.md\n\
                        project:\n"
            .to_owned();
        for Key { name, value, reason } in &self.keys {
            let value = match value {
                Value::Text(value) if is_plain(value) => format!(" {value}"),
                Value::Text(value) => format!(" {}", crate::escape::quoted(value)),
                Value::Fields(required) => format!("\n    required: [{}]", required.join(", ")),
            };
            text.push_str(&format!("  # {}\n  {name}:{value}\n", comment(reason)));
        }
        for note in &self.notes {
            text.push_str(&format!("  # {}\n", comment(note)));
        }
        text
    }
}

/// `12 handles have an @, 1 does not`.
fn handle_counts(with: usize, without: usize) -> String {
    let has = if with == 1 { "has" } else { "have" };
    let do_not = if without == 1 { "does not" } else { "do not" };
    match (with, without) {
        (0, 0) => "no KEP names anybody".to_owned(),
        (_, 0) => format!("{} {has} an @", count(with, "handle")),
        (0, _) => format!("{} {do_not} have an @", count(without, "handle")),
        _ => format!("{} {has} an @, {without} {do_not}", count(with, "handle")),
    }
}

/// The setting for metadata in files of this name.
fn metadata(name: &str) -> Metadata {
    match name {
        layout::README => Metadata::FrontMatter,
        layout::ANY_MARKDOWN => Metadata::AnyMarkdown,
        _ => Metadata::File(name.to_owned()),
    }
}

/// Text from the repository for a comment: on one line, without anything that ends the document.
fn comment(text: &str) -> String {
    let line: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    line.replace("---", "- - -")
}

fn is_plain(value: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.');
    value.starts_with(|first: char| first.is_ascii_alphabetic()) && value.bytes().all(is_safe)
}
