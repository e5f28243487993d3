//! Reads a KEP, its README and the template from a tree.

use std::path::Path;
use std::sync::Arc;

use super::{Approvals, FieldChange, NotCompared, Point, Review, Template, TemplateChange, fields};
use crate::change::{KepState, dirs_called, dirs_of_number, read_kep};
use crate::error::{Error, SourceError};
use crate::kep::{KepNumber, Milestone, Stage};
use crate::project::Profile;
use crate::project::layout::Place;
use crate::questionnaire::Readme;
use crate::questionnaire::comparison::{Comparison, Version, Versions};
use crate::questionnaire::template::Outline;
use crate::source::{Content, Irregular, MAX_FILE_BYTES, Snapshot};
use crate::text::wording::quote;
use crate::text::{FileId, Files, RepoPath, Side, SourceFile};

/// A KEP in a tree, with the template of that tree.
#[derive(Debug)]
pub(crate) struct KepVersion {
    pub(crate) state: KepState,
    files: Files,
    /// The README; `None` if there is none, or if it was not read.
    readme: Option<FileId>,
    /// Why the README was not read, as a sentence about it.
    unread: Option<String>,
}

impl KepVersion {
    /// Reads the KEP in `dir`; `None` if there is none.
    ///
    /// # Errors
    /// [`SourceError`] if the tree could not be read.
    pub(crate) fn read(
        tree: &dyn Snapshot,
        dir: &RepoPath,
        profile: &Arc<Profile>,
    ) -> Result<Option<Self>, SourceError> {
        let mut files = Files::default();
        let Some(state) = read_kep(tree, dir, profile, &mut files)? else { return Ok(None) };
        let path = profile.layout.readme_of(dir);
        let (readme, unread) = match tree.read(&path)? {
            Content::Bytes(bytes) => match String::from_utf8(bytes) {
                Ok(text) => {
                    let text = profile.dialect.markdown(&text);
                    (Some(files.add(SourceFile::new(Side::Head, path, text.as_ref()))), None)
                }
                Err(_) => (None, Some(format!("{} is not UTF-8", quote(&path.to_string())))),
            },
            Content::Absent => (None, None),
            Content::Irregular(irregular) => (None, Some(format!("{} {}", quote(&path.to_string()), what(irregular)))),
        };
        Ok(Some(Self { state, files, readme, unread }))
    }

    /// Reads the former version of `now`, wherever it was.
    ///
    /// # Errors
    /// [`SourceError`] if the tree could not be read.
    pub(crate) fn read_former(
        tree: &dyn Snapshot,
        now: &Self,
        profile: &Arc<Profile>,
    ) -> Result<Option<Self>, SourceError> {
        if let Some(former) = Self::read(tree, &now.state.dir, profile)? {
            return Ok(Some(former));
        }
        let Some(number) = now.state.number else { return Ok(None) };
        match dirs_of_number(tree, profile, number)?.as_slice() {
            [dir] => Self::read(tree, dir, profile),
            _ => Ok(None),
        }
    }

    /// Why the answers cannot be compared with those of the older version `before`: one of the READMEs was not read.
    pub(crate) fn unread_answers(&self, before: Option<&Self>) -> Option<String> {
        let is_before = |what: &String| format!("in the older version, {what}");
        self.unread.clone().or_else(|| before?.unread.as_ref().map(is_before))
    }

    /// True if `kep.yaml` is valid YAML, so that no field of it is lost.
    pub(crate) fn has_all_fields(&self) -> bool {
        self.state.kep().is_some_and(|kep| kep.readable && !kep.has_lost_content())
    }

    /// The 1-based line of the production-readiness file that names the approver of `stage`.
    pub(crate) fn approver_line(&self, stage: Stage) -> Option<usize> {
        let prr_file = self.state.prr_file()?;
        let (_, span) = prr_file.approver(stage)?.value()?;
        Some(self.files[prr_file.file].position(span.start).line)
    }

    fn text(&self) -> &str {
        self.readme.map_or("", |readme| self.files[readme].text())
    }

    fn readme(&self, outline: &Outline) -> Readme {
        Readme::read(self.readme.unwrap_or(self.state.dir_file), self.text(), Some(outline))
    }
}

/// The rest of a sentence about something that is not a file that can be read.
fn what(irregular: Irregular) -> String {
    match irregular {
        Irregular::Folder => "is a directory".to_owned(),
        Irregular::Symlink => "is a symbolic link, which is not followed".to_owned(),
        Irregular::Submodule => "is a submodule".to_owned(),
        Irregular::TooLarge(size) => format!("has {size} bytes, more than {MAX_FILE_BYTES}"),
    }
}

/// The error if no KEP matches what the user typed.
pub(crate) fn no_match(name: &str) -> Error {
    let help = match Milestone::parse(name) {
        Some(release) => format!(
            "{release} is a release: specify the number or the directory of a KEP; `kepgate query --release {release}` lists them"
        ),
        None => "specify its number or its directory; `kepgate query` lists them".to_owned(),
    };
    Error::usage(format!("no KEP matches {}", quote(name)), help)
}

/// Finds the directory of a KEP by its number or name, or by a path that `resolve` makes relative to the root.
///
/// # Errors
/// [`Error::Usage`] if there is none or more than one.
pub(crate) fn directory(
    tree: &dyn Snapshot,
    profile: &Arc<Profile>,
    name: &str,
    resolve: impl Fn(&Path) -> Result<RepoPath, Error>,
) -> Result<RepoPath, Error> {
    let none = || no_match(name);
    match dirs_called(tree, profile, name)?.as_slice() {
        [dir] => Ok(dir.clone()),
        [] if KepNumber::parse_name(name).is_some() => Err(none()),
        [] => {
            let path = resolve(Path::new(name))?;
            match profile.layout.place(&path) {
                Place::Kep(dir) => Ok(dir),
                _ if tree.kind(&profile.layout.metadata_of(&path))?.is_some() => Ok(path),
                _ => Err(none()),
            }
        }
        several => {
            let dirs: Vec<_> = several.iter().map(ToString::to_string).collect();
            Err(Error::usage(
                format!("{} KEPs match {}", several.len(), quote(name)),
                format!("specify the directory: {}", dirs.join(", ")),
            ))
        }
    }
}

/// What to compare.
pub(crate) struct Question<'a> {
    pub(crate) before: Option<&'a KepVersion>,
    pub(crate) after: &'a KepVersion,
    /// The older and the newer template.
    pub(crate) templates: (Option<&'a Template>, Option<&'a Template>),
    pub(crate) approvals: Approvals,
    /// The older and the newer version.
    pub(crate) points: (Point, Point),
    pub(crate) not_compared: NotCompared,
}

impl Question<'_> {
    /// Compares the two versions.
    pub(crate) fn review(self) -> Review {
        let Self { before, after, templates, approvals, points, not_compared } = self;
        let (title, stage) = after.state.kep().map_or_else(Default::default, |kep| (kep.title(), kep.target_stage()));
        let fields: Vec<FieldChange> = match not_compared.fields {
            None => fields::changes(before.map(|before| &before.state), &after.state),
            Some(_) => Vec::new(),
        };
        let template = match templates {
            (Some(before), Some(after)) => TemplateChange::new(before, after),
            _ => TemplateChange::default(),
        };
        Review {
            number: after.state.number,
            dir: after.state.dir.clone(),
            title: title.to_owned(),
            stage,
            since: points.0,
            until: points.1,
            is_new: before.is_none(),
            approvals: approvals.stages,
            malformed_approvals: approvals.malformed,
            fields,
            template,
            answers: if not_compared.answers.is_none() { answers(before, after, templates) } else { Vec::new() },
            not_compared,
        }
    }
}

fn answers(
    before: Option<&KepVersion>,
    after: &KepVersion,
    (former, now): (Option<&Template>, Option<&Template>),
) -> Vec<Comparison> {
    let Some(Template { outline: now, .. }) = now else { return Vec::new() };
    let text = before.map_or("", KepVersion::text);
    let read = |outline: &Outline| {
        let empty = || Readme::read(after.state.dir_file, "", Some(outline));
        (before.map_or_else(empty, |before| before.readme(outline)), after.readme(outline))
    };
    let (old, new) = read(now);
    let versions = Versions {
        before: Version { readme: &old, text },
        after: Version { readme: &new, text: after.text() },
        outline: now,
    };
    match former {
        Some(Template { outline, .. }) => {
            let (old, new) = read(outline);
            let former = Versions {
                before: Version { readme: &old, text },
                after: Version { readme: &new, text: after.text() },
                outline,
            };
            versions.compare_with_former(&former)
        }
        None => versions.compare(),
    }
}
