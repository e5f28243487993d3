//! Which READMEs are read, and how.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{ChangedKep, Changeset, KepState, Loaded, ReadmeFile, Sides};
use crate::error::SourceError;
use crate::kep::{Kep, KepNumber, Milestone};
use crate::questionnaire::Readme;
use crate::questionnaire::template::Outline;
use crate::text::{FileId, Files};
use crate::threads;

/// The KEPs of a release.
#[derive(Debug, Clone)]
pub struct ReleaseKeps {
    /// The release that they have as their latest milestone.
    pub release: Milestone,
    /// The numbers of others that have requested an exception.
    pub excepted: BTreeSet<KepNumber>,
}

impl ReleaseKeps {
    fn contains(&self, state: &KepState) -> bool {
        state.kep().and_then(Kep::latest) == Some(self.release)
            || state.number.is_some_and(|number| self.excepted.contains(&number))
    }
}

impl Changeset<'_> {
    /// True for new KEPs, and for those whose README, production-readiness file, target or answers in `kep.yaml` the
    /// change touches.
    pub(super) fn asks_for_answers(&self, sides: &Sides<KepState>) -> bool {
        let Some(head) = sides.head() else { return false };
        if self.options.release.as_ref().is_some_and(|release| !release.contains(head)) {
            return false;
        }
        self.scope.all
            || self.looks_for_pre_existing(&head.dir)
            || self.touched.contains(&self.trees.head.layout().readme_of(&head.dir))
            || head.prr_file_path().is_some_and(|path| self.touched.contains(path))
            || sides.base().is_none_or(|base| base.answer_fields() != head.answer_fields())
    }

    /// Reads the text of the READMEs on both sides.
    pub(super) fn read_readmes(&self, sides: &mut Sides<KepState>, files: &mut Files) -> Result<(), SourceError> {
        let (base, Some(head)) = sides.as_mut() else { return Ok(()) };
        let text = self.trees.head.readme_text(head, files);
        let is_same = |base: &KepState| {
            base.dir == head.dir && !self.touched.contains(&self.trees.head.layout().readme_of(&head.dir))
        };
        let former = match &base {
            None => Ok(None),
            // Anything that the change does not touch is the same on both sides.
            Some(base) if is_same(base) => Ok(text.as_ref().ok().copied().flatten()),
            Some(base) => self.trees.base.readme_text(base, files),
        };
        if let (Some(base), Some(former)) = (base, former?) {
            base.readme = ReadmeFile::Text(base.readme_file().unwrap_or(former), former);
        }
        if let Some(text) = text? {
            head.readme = ReadmeFile::Text(head.readme_file().unwrap_or(text), text);
        }
        Ok(())
    }
}

/// A README that was read, but not parsed.
struct Unparsed<'a> {
    /// The file that reports name.
    file: FileId,
    /// The file with the text.
    text: FileId,
    markdown: Cow<'a, str>,
}

impl<'a> Unparsed<'a> {
    fn of(state: &KepState, files: &'a Files) -> Option<Self> {
        let ReadmeFile::Text(file, text) = state.readme else { return None };
        let whole = files[text].text();
        let markdown = state.kep().map_or(Cow::Borrowed(whole), |kep| kep.dialect.markdown(whole));
        Some(Self { file, text, markdown })
    }

    fn parse(&self, outline: Option<&Outline>) -> Arc<Readme> {
        Arc::new(Readme::read(self.text, &self.markdown, outline))
    }
}

impl Loaded<ChangedKep> {
    /// Parses the READMEs that were read, which takes most of the time and needs no tree.
    pub fn parse_readmes(&mut self, outline: Option<&Outline>) {
        let Some(kep) = &mut self.value else { return };
        let (base, head) = kep.sides.as_mut();
        let unparsed = |state: &Option<&mut KepState>| Unparsed::of(state.as_deref()?, &self.files);
        let [of_base, of_head] = [&base, &head].map(unparsed);
        let parse = |unparsed: &Option<Unparsed<'_>>| unparsed.as_ref().map(|unparsed| unparsed.parse(outline));
        let text = |unparsed: &Option<Unparsed<'_>>| unparsed.as_ref().map(|unparsed| unparsed.text);
        let (old, new) = if text(&of_base) == text(&of_head) {
            let readme = parse(&of_head);
            (readme.clone(), readme)
        } else {
            threads::both(of_base.is_some() && of_head.is_some(), || parse(&of_base), || parse(&of_head))
        };
        for (state, unparsed, readme) in [(base, of_base, old), (head, of_head, new)] {
            if let (Some(state), Some(unparsed), Some(readme)) = (state, unparsed, readme) {
                state.readme = ReadmeFile::Read(unparsed.file, readme);
            }
        }
    }
}
