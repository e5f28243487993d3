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

impl Loaded<ChangedKep> {
    /// Parses the READMEs that were read, which takes most of the time and needs no tree.
    pub fn parse_readmes(&mut self, outline: Option<&Outline>) {
        let Some(kep) = &mut self.value else { return };
        let (base, head) = kep.sides.as_mut();
        let mut parsed: Option<(FileId, Arc<Readme>)> = None;
        for state in head.into_iter().chain(base) {
            let ReadmeFile::Text(file, text) = state.readme else { continue };
            let known = parsed.as_ref().filter(|(known, _)| *known == text).map(|(_, readme)| Arc::clone(readme));
            let whole = self.files[text].text();
            let markdown = state.kep().map_or(Cow::Borrowed(whole), |kep| kep.dialect.markdown(whole));
            let readme = known.unwrap_or_else(|| Arc::new(Readme::read(text, &markdown, outline)));
            parsed = Some((text, Arc::clone(&readme)));
            state.readme = ReadmeFile::Read(file, readme);
        }
    }
}
