//! Proposes a configuration for a repository: what its KEPs look like decides, and each key says why.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::change::Groups;
use crate::error::SourceError;
use crate::kep::{Kep, Milestone, Status};
use crate::project::layout::{self, Layout, is_kep_name, is_template_name};
use crate::project::{Metadata, Profile, ProfileKind, ProjectSettings};
use crate::source::{Content, Entry, Kind, Snapshot};
use crate::syntax::toc::{self, Anchors};
use crate::syntax::yaml::front_matter;
use crate::text::wording::{self, count};
use crate::text::{Files, RepoPath, Side, SourceFile};

/// The maximum number of folders to search. The ones near the root come first.
const MAX_SEARCHED: usize = 20_000;

/// The maximum number of KEPs to read.
const MAX_READ: usize = 500;

/// Folders that hold files of other projects.
const FOREIGN: [&str; 2] = ["node_modules", "vendor"];

/// The names that metadata of KEPs has, the usual one first.
const METADATA_NAMES: [&str; 3] = [layout::README, "metadata.yaml", layout::METADATA];

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
    value: String,
    reason: String,
}

/// The folders directly below the root that are not KEPs.
#[derive(Debug, Default)]
struct Folders {
    template: Option<RepoPath>,
    has_sigs: bool,
}

/// What the KEPs of a repository have in common.
#[derive(Debug, Default)]
struct Traits {
    keps: usize,
    /// Handles with and without `@`.
    handles: [usize; 2],
    /// READMEs with a table of contents, those whose table is as an old `mdtoc` made it, and those where only a current
    /// one made it.
    tables: [usize; 3],
    milestones: BTreeSet<Milestone>,
    /// Words of `status` that Kubernetes does not have, with the number of KEPs.
    statuses: BTreeMap<String, usize>,
}

impl Proposal {
    /// Looks at the files of `tree`; `None` if there is no KEP.
    ///
    /// # Errors
    /// [`SourceError`] if the tree could not be read.
    pub(crate) fn of(tree: &dyn Snapshot) -> Result<Option<Self>, SourceError> {
        let found = metadata_files(tree)?;
        let Some((root, name)) = root(&found) else { return Ok(None) };
        let settings =
            ProjectSettings { root: Some(root.clone()), metadata: Some(metadata(name)), ..ProjectSettings::default() };
        let profile = Profile::resolve(&settings, &Groups::default().approvers, tree)?;
        let dirs: Vec<_> = found
            .iter()
            .filter(|path| path.name() == name && path.is_within(&root))
            .filter_map(RepoPath::parent)
            .collect();
        let traits = Traits::of(tree, &dirs, &profile)?;
        let mut proposal = Self { keys: Vec::new(), notes: Vec::new() };
        let folders = Folders::of(tree, &profile.layout)?;
        proposal.add_layout(&profile, name, &folders, traits.keps);
        proposal.add_process(&profile, &traits);
        Ok(Some(proposal))
    }

    fn add_layout(&mut self, profile: &Profile, name: &str, folders: &Folders, keps: usize) {
        let root = &profile.layout.root;
        let is_plain = profile.kind == ProfileKind::Plain;
        let verb = if is_plain { "neither" } else { "either" };
        let or = if is_plain { "nor" } else { "or" };
        let traces = format!("there is {verb} {root}/prod-readiness {or} a group of production readiness approvers");
        self.add("profile", profile.kind.word(), traces);
        self.add("root", root.to_string(), format!("{} below it", count(keps, "KEP")));
        if name == layout::README {
            self.add("metadata", "front-matter", "README.md begins with front matter");
        } else {
            self.add("metadata", name, "the file in each of these folders");
        }
        if let Some(template) = &folders.template {
            let reason = if is_plain { "; its fields are those of a KEP" } else { "" };
            self.add("template", template.to_string(), format!("the folder that is named like a template{reason}"));
        }
        let [directory, there, sigs, whose] = if folders.has_sigs {
            ["<sig>/<number>-<slug>", "there are", "folders", "each SIG has a folder or an alias"]
        } else {
            ["<number>-<slug>", "there are no", "none", "there is no folder of a SIG"]
        };
        self.add("directory", directory, format!("{there} folders named `sig-*`"));
        self.add("sigs", sigs, whose);
    }

    fn add_process(&mut self, profile: &Profile, traits: &Traits) {
        let (first, reason) = match profile.dialect.prr_from {
            Some(release) => (release.to_string(), "the first release that Kubernetes reviews"),
            None => ("none".to_owned(), "there are no files of reviews"),
        };
        self.add("production-readiness", first, reason);
        let range = traits.milestones.first().zip(traits.milestones.last());
        let (releases, reason) = match (profile.kind, range) {
            (ProfileKind::Kubernetes, _) => ("kubernetes", "the profile is that of Kubernetes".to_owned()),
            (ProfileKind::Plain, None) => ("none", "no KEP names a release".to_owned()),
            (ProfileKind::Plain, Some((first, last))) => {
                ("none", format!("milestones are {first} to {last}; with `own`, add their dates to `calendar`"))
            }
        };
        self.add("releases", releases, reason);
        let [with, without] = traits.handles;
        let handles = if with >= without { "with-at" } else { "any" };
        self.add("handles", handles, format!("{with} handles have an @, and {without} do not"));
        self.add_table(traits.tables);
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

    fn add(&mut self, name: &'static str, value: impl Into<String>, reason: impl Into<String>) {
        self.keys.push(Key { name, value: value.into(), reason: reason.into() });
    }

    /// The file.
    pub(crate) fn render(&self) -> String {
        let mut text = "# Proposed by `kepgate init`. Check each value, and delete what is not worth keeping.\n\
                        # All keys: https://github.com/kepgate/kepgate/blob/main/docs/projects.md\n\
                        project:\n"
            .to_owned();
        for Key { name, value, reason } in &self.keys {
            let value = if is_plain(value) { value.clone() } else { crate::escape::quoted(value) };
            text.push_str(&format!("  # {}\n  {name}: {value}\n", comment(reason)));
        }
        for note in &self.notes {
            text.push_str(&format!("  # {}\n", comment(note)));
        }
        text
    }
}

/// The setting for metadata in files of this name.
fn metadata(name: &str) -> Metadata {
    if name == layout::README { Metadata::FrontMatter } else { Metadata::File(name.to_owned()) }
}

/// Text from the repository in a comment: one line, and nothing that ends the document.
fn comment(text: &str) -> String {
    let line: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    line.replace("---", "- - -")
}

fn is_plain(value: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.');
    value.starts_with(|first: char| first.is_ascii_alphabetic()) && value.bytes().all(is_safe)
}

/// The files that look like the metadata of KEPs, except for those of templates.
fn metadata_files(tree: &dyn Snapshot) -> Result<Vec<RepoPath>, SourceError> {
    let (mut found, mut searched) = (Vec::new(), 0);
    let mut folders = VecDeque::from([RepoPath::root()]);
    while let Some(folder) = folders.pop_front().filter(|_| searched < MAX_SEARCHED) {
        searched += 1;
        let entries = tree.list(&folder)?;
        for entry in entries.iter().filter(|entry| is_metadata(entry, &folder)) {
            if entry.path.name() != layout::README || has_front_matter(tree, &entry.path)? {
                found.push(entry.path.clone());
            }
        }
        let inner = entries.into_iter().filter(|entry| entry.kind == Kind::Folder && !is_foreign(&entry.path));
        folders.extend(inner.map(|entry| entry.path));
    }
    Ok(found)
}

fn is_metadata(entry: &Entry, folder: &RepoPath) -> bool {
    let name = entry.path.name();
    let is_named = name == layout::METADATA
        || (["metadata.yaml", layout::README].iter().any(|other| name == *other) && is_kep_name(folder.name()));
    entry.kind == Kind::File && is_named && !is_template_name(folder.name()) && *folder != RepoPath::root()
}

fn has_front_matter(tree: &dyn Snapshot, path: &RepoPath) -> Result<bool, SourceError> {
    Ok(text(tree, path)?.is_some_and(|text| front_matter::place(&text).is_some()))
}

fn is_foreign(folder: &RepoPath) -> bool {
    let name = folder.name();
    name.starts_with(b".") || FOREIGN.iter().any(|foreign| name == *foreign)
}

/// The folder that contains most KEPs, and the name of their metadata.
fn root(found: &[RepoPath]) -> Option<(RepoPath, &'static str)> {
    let of = |name: &'static str| found.iter().filter(move |path| path.name() == name);
    let name = METADATA_NAMES.into_iter().max_by_key(|name| (of(name).count(), *name == layout::METADATA))?;
    let mut counts: BTreeMap<RepoPath, usize> = BTreeMap::new();
    for dir in of(name).filter_map(RepoPath::parent) {
        let above = dir.parent()?;
        let is_sig = above.name().starts_with(b"sig-");
        *counts.entry(if is_sig { above.parent()? } else { above }).or_default() += 1;
    }
    // Of folders with as many KEPs, the upper one.
    let root = counts.into_iter().max_by_key(|(folder, count)| (*count, std::cmp::Reverse(folder.segments().count())));
    root.map(|(folder, _)| (folder, name)).filter(|(folder, _)| *folder != RepoPath::root())
}

impl Folders {
    fn of(tree: &dyn Snapshot, layout: &Layout) -> Result<Self, SourceError> {
        let mut folders = Self::default();
        for entry in tree.list(&layout.root)?.into_iter().filter(|entry| entry.kind == Kind::Folder) {
            folders.has_sigs |= entry.path.name().starts_with(b"sig-");
            let is_first = folders.template.is_none() || entry.path == layout.template;
            if is_first && is_template_name(entry.path.name()) {
                folders.template = Some(entry.path);
            }
        }
        Ok(folders)
    }
}

impl Traits {
    fn of(tree: &dyn Snapshot, dirs: &[RepoPath], profile: &Profile) -> Result<Self, SourceError> {
        let mut traits = Self { keps: dirs.len(), ..Self::default() };
        for dir in dirs.iter().take(MAX_READ) {
            if let Some(text) = text(tree, &dir.join(&profile.layout.metadata))? {
                traits.add_metadata(&text, dir, profile);
            }
            if let Some(text) = text(tree, &dir.join(layout::README))? {
                traits.add_table(&text);
            }
        }
        Ok(traits)
    }

    fn add_metadata(&mut self, text: &str, dir: &RepoPath, profile: &Profile) {
        let mut files = Files::default();
        let file = files.add(SourceFile::new(Side::Head, dir.clone(), text));
        let kep = Kep::decode_in(file, &profile.dialect.read(files[file].text()), &profile.dialect);
        self.milestones.extend(kep.latest());
        let [with, without] = &mut self.handles;
        for list in [&kep.authors, &kep.reviewers, &kep.approvers] {
            for entry in list.entries().iter().filter(|entry| !crate::kep::handle::is_undecided(&entry.value)) {
                *(if entry.value.trim().starts_with('@') { &mut *with } else { &mut *without }) += 1;
            }
        }
        let status = kep.status.text();
        if !status.is_empty() && Status::parse(status).is_none() && !status.contains('|') {
            *self.statuses.entry(status.to_owned()).or_default() += 1;
        }
    }

    fn add_table(&mut self, text: &str) {
        let toc::Place::Table(table) = toc::place(text) else { return };
        let is_current = |anchors| toc::is_current(&text[table], &toc::entries_with(text, table.end, anchors));
        let (old, current) = (is_current(Anchors::WithoutCode), is_current(Anchors::Current));
        let [all, by_old, by_current] = &mut self.tables;
        *all += 1;
        *by_old += usize::from(old && !current);
        *by_current += usize::from(current && !old);
    }
}

fn text(tree: &dyn Snapshot, path: &RepoPath) -> Result<Option<String>, SourceError> {
    Ok(match tree.read(path)? {
        Content::Bytes(bytes) => String::from_utf8(bytes).ok(),
        Content::Absent | Content::Irregular(_) => None,
    })
}
