//! `project` in the configuration: how the project keeps its KEPs and runs its process.

use super::{ConfigFault, NamedPath, among, fault};
use crate::kep::{Entries, Field, List, Milestone, Stage, Status, Text};
use crate::project::{Fields, Metadata, ProductionReadiness, ProfileKind, ProjectSettings, Releases, SigSettings};
use crate::project::{TableOfContents, layout};
use crate::syntax::yaml::{Node, NodeKind};
use crate::text::wording::quote;
use crate::text::{RepoPath, Span, Spanned};

/// The keys of `project`.
pub(super) const KEYS: &[&str] = &[
    "profile",
    "root",
    "metadata",
    "readme",
    "template",
    "directory",
    "sigs",
    "production-readiness",
    "releases",
    "statuses",
    "stages",
    "fields",
    "handles",
    "table-of-contents",
];
const FIELD_KEYS: &[&str] = &["required", "optional"];

/// What to write for a directory pattern, and whether it has a folder for each SIG.
const DIRECTORIES: [(&str, bool); 2] = [("<sig>/<number>-<slug>", true), ("<number>-<slug>", false)];

/// The project's words, with their spans and their meanings.
type Words = Field<Vec<(String, Span, Node)>>;

/// `project` as written.
pub(super) struct Project {
    profile: Text,
    root: Text,
    metadata: Text,
    readme: Text,
    template: Text,
    directory: Text,
    sigs: Option<(Node, Span)>,
    production_readiness: Text,
    releases: Text,
    statuses: Words,
    stages: Words,
    fields: Field<(List, List)>,
    handles: Text,
    table_of_contents: Text,
}

/// Decodes the entries of `project`.
pub(super) fn lower(entries: &mut Entries<'_>) -> Project {
    let project = Project {
        profile: entries.text("profile"),
        root: entries.text("root"),
        metadata: entries.text("metadata"),
        readme: entries.text("readme"),
        template: entries.text("template"),
        directory: entries.text("directory"),
        sigs: entries.node("sigs"),
        production_readiness: entries.text("production-readiness"),
        releases: entries.text("releases"),
        statuses: words(entries, "statuses"),
        stages: words(entries, "stages"),
        fields: entries.mapping("fields", |entries| {
            let fields = (entries.list("required"), entries.list("optional"));
            entries.finish(FIELD_KEYS);
            fields
        }),
        handles: entries.text("handles"),
        table_of_contents: entries.text("table-of-contents"),
    };
    entries.finish(KEYS);
    project
}

fn words(entries: &mut Entries<'_>, key: &'static str) -> Words {
    entries.mapping(key, |entries| {
        entries.rest().into_iter().map(|(name, key, value)| (name.to_owned(), key.span, value.clone())).collect()
    })
}

impl Project {
    /// The valid paths, with their places.
    pub(super) fn paths(&self, settings: &ProjectSettings) -> Vec<NamedPath> {
        let paths =
            [("project.root", &self.root, &settings.root), ("project.template", &self.template, &settings.template)];
        let named = paths.into_iter().filter_map(|(key, field, path)| {
            let (_, span) = field.value()?;
            Some(NamedPath { key, path: path.clone()?, span })
        });
        named.collect()
    }

    /// Where the settings are that decide which KEPs there are, by their key.
    pub(super) fn spans(&self) -> impl Iterator<Item = (&'static str, Span)> {
        let fields = [
            ("root", &self.root),
            ("metadata", &self.metadata),
            ("readme", &self.readme),
            ("template", &self.template),
            ("directory", &self.directory),
        ];
        fields.into_iter().filter_map(|(key, field)| Some((key, field.value()?.1)))
    }

    /// Validates the values.
    pub(super) fn validated(&self, faults: &mut Vec<ConfigFault>) -> ProjectSettings {
        let mut settings = ProjectSettings {
            profile: word(
                ("profile", &self.profile),
                &[ProfileKind::Kubernetes, ProfileKind::Plain].map(|kind| (kind.word(), kind)),
                faults,
            ),
            root: folder(("root", &self.root), faults),
            metadata: self.metadata(faults),
            readme: self.readme(faults),
            template: folder(("template", &self.template), faults),
            has_sig_folders: word(("directory", &self.directory), &DIRECTORIES, faults),
            sigs: self.sigs.as_ref().and_then(|(value, span)| sigs(value, *span, faults)),
            production_readiness: self.production_readiness(faults),
            releases: word(
                ("releases", &self.releases),
                &[("kubernetes", Releases::Kubernetes), ("own", Releases::Own), ("none", Releases::None)],
                faults,
            ),
            has_at: word(("handles", &self.handles), &[("with-at", true), ("any", false)], faults),
            table_of_contents: word(
                ("table-of-contents", &self.table_of_contents),
                &[
                    ("mdtoc", TableOfContents::Mdtoc),
                    ("mdtoc-legacy", TableOfContents::MdtocLegacy),
                    ("none", TableOfContents::None),
                ],
                faults,
            ),
            ..ProjectSettings::default()
        };
        settings.statuses = meanings(("statuses", &self.statuses), &Status::ALL.map(|it| (it.word(), it)), faults);
        settings.stages = meanings(("stages", &self.stages), &Stage::ALL.map(|it| (it.word(), it)), faults);
        check_order(&self.stages, &settings.stages, faults);
        if let Some(((required, optional), _)) = self.fields.value() {
            settings.fields = Fields {
                required: required.value().map(|(entries, _)| keys(entries)),
                optional: keys(optional.entries()),
            };
        }
        settings
    }

    fn metadata(&self, faults: &mut Vec<ConfigFault>) -> Option<Metadata> {
        let (name, span) = self.metadata.value()?;
        if name == "front-matter" {
            return Some(Metadata::FrontMatter);
        }
        if name == layout::ANY_MARKDOWN {
            return Some(Metadata::AnyMarkdown);
        }
        let is_yaml = [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
        if name.contains('/') || !is_yaml {
            let message = format!("`metadata` is {}, which is not the name of a YAML file", quote(name));
            faults.push(fault(
                Some(span),
                message,
                "write `front-matter`, `*.md` or a name such as kep.yaml, without a folder",
            ));
            return None;
        }
        Some(Metadata::File(name.clone()))
    }

    fn readme(&self, faults: &mut Vec<ConfigFault>) -> Option<String> {
        let (name, span) = self.readme.value()?;
        let is_name = name.len() > ".md".len() && !name.contains(['/', '\\', '*']);
        if is_name && layout::is_markdown(name.as_bytes()) {
            return Some(name.clone());
        }
        let message = format!("`readme` is {}, which is not the name of a Markdown file", quote(name));
        faults.push(fault(Some(span), message, "write a name such as index.md, without a folder"));
        None
    }

    fn production_readiness(&self, faults: &mut Vec<ConfigFault>) -> Option<ProductionReadiness> {
        let (text, span) = self.production_readiness.value()?;
        if text == "none" {
            return Some(ProductionReadiness::None);
        }
        let release = Milestone::parse(text);
        if release.is_none() {
            let message = format!("`production-readiness` is {}, which is not a release", quote(text));
            faults.push(fault(Some(span), message, "write `none`, or the first release for which it is reviewed"));
        }
        release.map(ProductionReadiness::From)
    }
}

/// The value that the word of a key means.
fn word<T: Copy>(
    (key, field): (&str, &Text),
    values: &[(&'static str, T)],
    faults: &mut Vec<ConfigFault>,
) -> Option<T> {
    let (text, span) = field.value()?;
    let found = values.iter().find(|(word, _)| word == text).map(|(_, value)| *value);
    if found.is_none() {
        let words: Vec<_> = values.iter().map(|(word, _)| *word).collect();
        let message = format!("{} is not a valid value of `project.{key}`", quote(text));
        faults.push(fault(Some(span), message, among(text, &words)));
    }
    found
}

/// A folder of the repository, as a path from its root.
fn folder((key, field): (&str, &Text), faults: &mut Vec<ConfigFault>) -> Option<RepoPath> {
    let (text, span) = field.value()?;
    let path = text.strip_suffix('/').unwrap_or(text);
    let is_folder = !path.is_empty()
        && !path.contains(['\\', '\n'])
        && path.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
    if !is_folder {
        let message = format!("`project.{key}` is {}, which is not a folder of the repository", quote(text));
        faults.push(fault(Some(span), message, format!("write a path such as {}", layout::KEPS)));
        return None;
    }
    Some(RepoPath::from(path))
}

fn sigs(value: &Node, span: Span, faults: &mut Vec<ConfigFault>) -> Option<SigSettings> {
    let help = "write `none`, `folders` or a list of names";
    match &value.kind {
        NodeKind::Scalar { text, .. } if text == "none" => Some(SigSettings::None),
        NodeKind::Scalar { text, .. } if text == "folders" => Some(SigSettings::Folders),
        NodeKind::Scalar { text, .. } => {
            faults.push(fault(Some(span), format!("{} is not a valid value of `project.sigs`", quote(text)), help));
            None
        }
        NodeKind::Sequence(items) if !items.is_empty() => {
            let mut names = Vec::new();
            for item in items {
                match &item.kind {
                    NodeKind::Scalar { text, .. } if !item.is_null() => names.push(text.clone()),
                    _ => faults.push(fault(Some(item.span), "an entry of `project.sigs` is not a name", help)),
                }
            }
            Some(SigSettings::Listed(names))
        }
        _ => {
            faults.push(fault(Some(span), "`project.sigs` has the wrong type", help));
            None
        }
    }
}

/// The project's words with their meanings, in order.
fn meanings<T: Copy>(
    (key, field): (&str, &Words),
    valid: &[(&'static str, T)],
    faults: &mut Vec<ConfigFault>,
) -> Vec<(String, T)> {
    let words: Vec<_> = valid.iter().map(|(word, _)| *word).collect();
    let mut meanings = Vec::new();
    for (name, span, value) in field.value().map(|(all, _)| all.as_slice()).unwrap_or_default() {
        let text = match &value.kind {
            NodeKind::Scalar { text, .. } if !value.is_null() => text.as_str(),
            _ => "",
        };
        if let Some((_, meaning)) = valid.iter().find(|(word, _)| *word == text) {
            meanings.push((name.clone(), *meaning));
        } else {
            let message = format!("`project.{key}` does not say what {} means", quote(name));
            let at = if value.span.is_empty() { *span } else { value.span };
            faults.push(fault(Some(at), message, among(text, &words)));
        }
    }
    meanings
}

/// Reports a stage that comes after one with a later meaning.
fn check_order(field: &Words, stages: &[(String, Stage)], faults: &mut Vec<ConfigFault>) {
    let spans = field.value().map(|(all, _)| all.as_slice()).unwrap_or_default();
    for (position, (word, stage)) in stages.iter().enumerate() {
        let mut earlier = stages.iter().take(position);
        let Some((later, meaning)) = earlier.find(|(_, other)| stage.is_before(*other)) else { continue };
        let span = spans.iter().find(|(name, ..)| name == word).map(|(_, span, _)| *span);
        let message = format!("`project.stages` lists {} ({stage}) after {} ({meaning})", quote(word), quote(later));
        faults.push(fault(span, message, "list the stages in the order in which a KEP reaches them"));
    }
}

fn keys(entries: &[Spanned<String>]) -> Vec<String> {
    entries.iter().map(|entry| entry.value.clone()).collect()
}
