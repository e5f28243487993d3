//! The production-readiness files of one side of a change, and the KEPs that they belong to.

use super::claims::Claims;
use super::index::PathIndex;
use super::kep_state::{KepState, OrphanContent, OrphanState, PrrState};
use super::tree::{MAX_NAMED, Read, Tree};
use crate::error::SourceError;
use crate::kep::{KepNumber, PrrFile};
use crate::project::layout;
use crate::text::{Files, RepoPath};

impl Tree<'_> {
    /// Reads the production-readiness file from where upstream looks for it. If the fields disagree with the directory,
    /// which has its own finding, the file that the directory points to is used instead.
    pub(super) fn add_prr_file(&self, state: &mut KepState, files: &mut Files) -> Result<(), SourceError> {
        let Some(kep) = state.kep() else { return Ok(()) };
        let layout = self.layout();
        let expected = layout.prr_file_of(&state.dir, kep);
        let by_directory = layout
            .directory_sig(&state.dir)
            .zip(layout.digits(&state.dir))
            .and_then(|(sig, digits)| layout.prr_file_path(sig, digits));
        let disagree = self.layout().directory_sig(&state.dir).is_some_and(|sig| sig != kep.owning_sig.text())
            || KepNumber::parse(kep.kep_number.text()) != state.number;
        state.expected_prr_path.clone_from(&expected);
        for path in expected.into_iter().chain(by_directory.filter(|_| disagree)) {
            state.prr = match self.read(&path, files)? {
                Read::Absent => continue,
                Read::Document(file, document) => PrrState::new(path, PrrFile::decode(file, &document)),
                Read::Irregular(file, irregular) => {
                    state.irregular.push((file, irregular));
                    PrrState::Irregular(path)
                }
            };
            return Ok(());
        }
        state.prr = match state.number {
            None => PrrState::Absent { elsewhere: Vec::new(), stray: None },
            Some(number) => self.misplaced_prr_files(number, files)?,
        };
        Ok(())
    }

    fn misplaced_prr_files(&self, number: KepNumber, files: &mut Files) -> Result<PrrState, SourceError> {
        let paths = self.index.prr_files_of(number)?;
        let elsewhere = paths.iter().take(MAX_NAMED).map(|path| self.placeholder(path, files)).collect();
        let stray = match paths.as_slice() {
            [only] => self.document(only, files)?.map(|(file, document)| Box::new(PrrFile::decode(file, &document))),
            _ => None,
        };
        Ok(PrrState::Absent { elsewhere, stray })
    }

    /// Other KEPs that claim the production-readiness file that `state` uses. With `thorough`, every `kep.yaml` is read.
    pub(super) fn sharers(&self, state: &KepState, thorough: bool) -> Result<Vec<RepoPath>, SourceError> {
        let path = state.prr_file_path().filter(|path| state.expected_prr_path.as_ref() == Some(*path));
        path.map_or(Ok(Vec::new()), |path| self.index.others_that_claim(path, &state.dir, thorough))
    }

    /// True if a KEP claims the production-readiness file at `path`, whether the change touches that KEP or not.
    pub(super) fn is_claimed(&self, path: &RepoPath) -> Result<bool, SourceError> {
        for dirs in [PathIndex::likely_claimants, PathIndex::unlikely_claimants] {
            for dir in dirs(&self.index, path)? {
                if self.essentials(&dir, &mut Files::default())?.prr_file_path() == Some(path) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The production-readiness file at `path`, if it exists and no KEP claims it. `claims` are those that are known, which may be
    /// all of them.
    pub(super) fn orphan(
        &self,
        path: &RepoPath,
        (claims, is_complete): (&Claims, bool),
        files: &mut Files,
    ) -> Result<Option<OrphanState>, SourceError> {
        if claims.paths.contains(path) || !self.exists(path)? || (!is_complete && self.is_claimed(path)?) {
            return Ok(None);
        }
        let number = layout::prr_file_number(path);
        let same_number = number.and_then(|number| claims.by_number.get(&number)).map_or(&[][..], Vec::as_slice);
        let (file, content) = match self.read(path, files)? {
            Read::Absent => return Ok(None),
            Read::Document(file, document) => (file, OrphanContent::Read(Box::new(PrrFile::decode(file, &document)))),
            Read::Irregular(file, irregular) => (file, OrphanContent::Irregular(irregular)),
        };
        Ok(Some(OrphanState {
            path: path.clone(),
            number,
            file,
            content,
            keps: same_number.iter().map(|(dir, _)| dir.clone()).collect(),
            is_missed: same_number.iter().any(|(_, misses)| *misses),
        }))
    }
}
