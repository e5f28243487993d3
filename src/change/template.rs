//! A change to the templates, whose own files are not those of a KEP.

use std::collections::BTreeMap;

use super::trees::Trees;
use crate::error::SourceError;
use crate::kep::{Kep, Stage, aliases};
use crate::project::layout;
use crate::questionnaire::template::Outline;
use crate::source::{ChangedPath, Content, Irregular, Kind};
use crate::syntax::yaml::front_matter;
use crate::text::{FileId, Files, RepoPath, Side, SourceFile};

/// The files at the KEP root that belong to no KEP, if the change touches one of them.
#[derive(Debug, Default)]
pub struct TemplateInChange {
    /// The `kep.yaml` of the touched templates at head.
    pub metadata: Vec<Kep>,
    /// The files that the change must not leave as they are.
    pub losses: Vec<(FileId, TemplateLoss)>,
    /// The README of the main template at head, if the change touches it.
    pub shrunk: Option<ShrunkReadme>,
}

/// How much less a README template requires than before.
#[derive(Debug, Clone)]
pub struct ShrunkReadme {
    /// The file at head.
    pub file: FileId,
    /// The questions.
    pub questions: Requirements,
    /// The sections that are not optional.
    pub sections: Requirements,
    /// The titles of the sections and questions that are due at a later stage than before, or at none.
    pub later: Vec<String>,
}

/// What a README template required before the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirements {
    /// The number.
    pub before: usize,
    /// How many of them are not required under the same title any more.
    pub lost: usize,
}

/// What a change does to a file that upstream relies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateLoss {
    /// The file is gone, or something else is in its place.
    Removed,
    /// The file is too large to be read.
    TooLarge,
    /// A `kep.yaml` in the KEP root.
    StrayMetadata,
    /// The folder of production-readiness files is gone, and so is the group of approvers.
    ProductionReadiness,
}

impl TemplateInChange {
    /// Reads the touched files; `None` if there are none.
    pub(super) fn read(
        trees: &Trees<'_>,
        paths: &[&ChangedPath],
        approvers: &str,
        files: &mut Files,
    ) -> Result<Option<Self>, SourceError> {
        let mut found = Self::default();
        let is_touched = |path: &RepoPath| {
            paths.iter().any(|changed| changed.base.as_ref() == Some(path) || changed.head.as_ref() == Some(path))
        };
        let is_file = |kind: Option<Kind>| kind == Some(Kind::File);
        let is_removed = |path: &RepoPath| -> Result<bool, SourceError> {
            Ok(is_touched(path) && is_file(trees.base.kind(path)?) && !is_file(trees.head.kind(path)?))
        };
        let layout = trees.head.layout();
        for (number, template) in layout.templates().enumerate() {
            let (metadata, readme) = (layout.metadata_of(template), layout.readme_of(template));
            let (is_main, is_single) = (number == 0, metadata == readme);
            // Upstream needs the files of the main template. Another template may go, but not only its metadata.
            if is_removed(&metadata)? && (is_main || trees.head.exists(&readme)?) {
                found.add(metadata, TemplateLoss::Removed, files);
            } else if is_touched(&metadata)
                && let Some((file, document)) = trees.head.document_or_fault(&metadata, files)?
            {
                found.metadata.push(trees.head.decode(file, &document));
            }
            if is_main && !is_single && is_removed(&readme)? {
                found.add(readme, TemplateLoss::Removed, files);
            } else if is_main && is_touched(&readme) {
                found.compare_readmes(trees, readme, files)?;
            }
        }
        let root = &layout.root;
        let (metadata, readme) = (layout.metadata_of(root), root.join(layout::README));
        // If the whole root is gone, the KEPs are what matters. Only upstream needs a README in it.
        if trees.head.is_kubernetes() && is_removed(&readme)? && trees.head.exists(root)? {
            found.add(readme, TemplateLoss::Removed, files);
        }
        // A page about the KEPs is not metadata, whatever its name.
        let is_metadata = |content| !layout.is_readme(metadata.name()) || begins_with_metadata(&content);
        if metadata != *root
            && is_touched(&metadata)
            && is_metadata(trees.head.read_raw(&metadata)?)
            && trees.head.exists(&metadata)?
        {
            found.add(metadata, TemplateLoss::StrayMetadata, files);
        }
        if let Some(prr_root) = trees.lost_prr_root(paths, approvers)? {
            found.add(prr_root, TemplateLoss::ProductionReadiness, files);
        }
        let is_found = !found.metadata.is_empty() || !found.losses.is_empty() || found.shrunk.is_some();
        Ok(is_found.then_some(found))
    }

    fn compare_readmes(&mut self, trees: &Trees<'_>, path: RepoPath, files: &mut Files) -> Result<(), SourceError> {
        if matches!(trees.head.read_raw(&path)?, Content::Irregular(Irregular::TooLarge(_))) {
            self.add(path, TemplateLoss::TooLarge, files);
            return Ok(());
        }
        let (base, head) = (trees.base.text(&path, files)?, trees.head.text(&path, files)?);
        if let (Some(base), Some(file)) = (base, head) {
            let [base, head] = [base, file].map(|file| Asked::by(&Outline::read(files[file].text())));
            self.shrunk = Some(base.shrunk(&head, file));
        }
        Ok(())
    }

    fn add(&mut self, path: RepoPath, loss: TemplateLoss, files: &mut Files) {
        let side = if loss == TemplateLoss::StrayMetadata { Side::Head } else { Side::Base };
        self.losses.push((files.add(SourceFile::new(side, path, "")), loss));
    }
}

impl Trees<'_> {
    /// The folder of production-readiness files, if the change removes the last trace of production readiness reviews.
    fn lost_prr_root(&self, paths: &[&ChangedPath], approvers: &str) -> Result<Option<RepoPath>, SourceError> {
        let layout = self.head.layout();
        let Some(prr_root) = &layout.prr_root else { return Ok(None) };
        let is_touched = paths.iter().any(|path| path.base.as_ref().is_some_and(|path| path.is_within(prr_root)));
        if !is_touched || self.head.exists(prr_root)? || !self.head.exists(&layout.root)? {
            return Ok(None);
        }
        let aliases = self.head.aliases(&RepoPath::from(aliases::PATH), &mut Files::default())?;
        let has_group = aliases.is_some_and(|aliases| aliases.group(approvers).is_some());
        Ok((!has_group).then(|| prr_root.clone()))
    }
}

/// Titles, and the stages from which they are due, by the words of the title.
type Titles = BTreeMap<String, (String, Option<Stage>)>;

/// What a template asks for.
#[derive(Default)]
struct Asked {
    sections: Titles,
    questions: Titles,
}

impl Asked {
    fn by(outline: &Outline) -> Self {
        let mut asked = Self::default();
        for section in outline.sections.iter().filter(|section| !section.is_optional) {
            asked.sections.insert(section.key.clone(), (section.title.to_string(), section.required_from));
        }
        for section in &outline.sections {
            for question in &section.questions {
                asked.questions.insert(question.key.clone(), (question.title.clone(), section.required_from));
            }
        }
        asked
    }

    /// How much less `head` asks for.
    fn shrunk(&self, head: &Self, file: FileId) -> ShrunkReadme {
        let [questions, sections] =
            [(&self.questions, &head.questions), (&self.sections, &head.sections)].map(Requirements::of);
        let mut later = later(&self.sections, &head.sections);
        if later.is_empty() {
            // They moved to another section.
            later = self::later(&self.questions, &head.questions);
        }
        ShrunkReadme { file, questions, sections, later }
    }
}

impl Requirements {
    fn of((before, after): (&Titles, &Titles)) -> Self {
        let lost = before.keys().filter(|key| !after.contains_key(*key)).count();
        Self { before: before.len(), lost }
    }
}

fn begins_with_metadata(content: &Content) -> bool {
    matches!(content, Content::Bytes(bytes) if front_matter::begins(bytes))
}

/// The titles that are still there, but due later or never.
fn later(before: &Titles, after: &Titles) -> Vec<String> {
    let is_later = |due: Stage, now: Option<Stage>| now.is_none_or(|now| due.is_before(now));
    let kept = before.iter().filter_map(|(key, (_, due))| Some(((*due)?, after.get(key)?)));
    kept.filter(|(due, (_, now))| is_later(*due, *now)).map(|(_, (title, _))| title.clone()).collect()
}
