//! One side of a change: reads its KEPs, production-readiness files and aliases on demand. `index` locates them.

use std::sync::Arc;

use super::index::PathIndex;
use super::kep_state::{KepState, Metadata, OwnersFile, PrrState, ReadmeFile, Twins};
use crate::error::SourceError;
use crate::kep::{Aliases, Kep, Owners, owners};
use crate::project::{Layout, Profile, layout};
use crate::source::{Content, Entry, Irregular, Kind, MAX_FILE_BYTES, Snapshot};
use crate::syntax::yaml;
use crate::syntax::yaml::{Document, FaultKind};
use crate::text::{FileId, Files, RepoPath, Side, SourceFile, files};

/// The maximum number of other files or directories with a KEP's number in a message.
pub(super) const MAX_NAMED: usize = 3;

/// A tree, and cached lists of its paths.
pub(super) struct Tree<'a> {
    pub(super) snapshot: &'a dyn Snapshot,
    side: Side,
    reads_owners: bool,
    profile: Arc<Profile>,
    pub(super) index: PathIndex<'a>,
}

/// A file, and the kind of entry if it is not a regular file.
type Fault = (FileId, Irregular);

/// A requested file.
pub(super) enum Read {
    Absent,
    Document(FileId, Document),
    Irregular(FileId, Irregular),
}

impl<'a> Tree<'a> {
    pub(super) fn new(snapshot: &'a dyn Snapshot, side: Side, profile: &Arc<Profile>) -> Self {
        let index = PathIndex::new(snapshot, Arc::clone(profile));
        Self { snapshot, side, reads_owners: false, profile: Arc::clone(profile), index }
    }

    /// Where the project keeps its KEPs.
    pub(super) fn layout(&self) -> &Layout {
        &self.profile.layout
    }

    /// True if the process is that of kubernetes/enhancements.
    pub(super) fn is_kubernetes(&self) -> bool {
        self.profile.dialect.is_kubernetes
    }

    /// The `kep.yaml` in `document`.
    pub(super) fn decode(&self, file: FileId, document: &Document) -> Kep {
        Kep::decode_in(file, document, &self.profile.dialect)
    }

    /// Reads the OWNERS file of each KEP, too.
    pub(super) fn with_owners(mut self, reads_owners: bool) -> Self {
        self.reads_owners = reads_owners;
        self
    }

    /// See [`Snapshot::is_remote`].
    pub(super) fn is_remote(&self) -> bool {
        self.snapshot.is_remote()
    }

    /// See [`Snapshot::announce`].
    pub(super) fn announce(&self, paths: &[RepoPath]) {
        self.snapshot.announce(paths);
    }

    pub(super) fn exists(&self, path: &RepoPath) -> Result<bool, SourceError> {
        self.snapshot.kind(path).map(|kind| kind.is_some())
    }

    pub(super) fn read_raw(&self, path: &RepoPath) -> Result<Content, SourceError> {
        self.snapshot.read(path)
    }

    pub(super) fn read_up_to(&self, path: &RepoPath, limit: u64) -> Result<Content, SourceError> {
        self.snapshot.read_up_to(path, limit)
    }

    pub(super) fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        self.snapshot.kind(path)
    }

    /// True if a KEP is at `dir`: a folder with content, or a link or submodule in a KEP folder's place.
    pub(super) fn is_kep(&self, dir: &RepoPath) -> Result<bool, SourceError> {
        if self.layout().has_single_files() {
            return self.is_single_file(dir);
        }
        self.snapshot.kind(dir).map(|kind| !matches!(kind, None | Some(Kind::File)))
    }

    /// The YAML document at `path`, if it is a regular file.
    pub(super) fn document(
        &self,
        path: &RepoPath,
        files: &mut Files,
    ) -> Result<Option<(FileId, Document)>, SourceError> {
        match self.read(path, files)? {
            Read::Document(file, document) => Ok(Some((file, document))),
            Read::Absent | Read::Irregular(..) => Ok(None),
        }
    }

    /// The same, but something that is not a regular file becomes a document with that fault.
    pub(super) fn document_or_fault(
        &self,
        path: &RepoPath,
        files: &mut Files,
    ) -> Result<Option<(FileId, Document)>, SourceError> {
        Ok(match self.read(path, files)? {
            Read::Document(file, document) => Some((file, document)),
            Read::Irregular(file, _) => {
                let kind = FaultKind::Syntax("it is not a regular file or is larger than 1 MiB".to_owned());
                Some((file, yaml::unreadable(kind)))
            }
            Read::Absent => None,
        })
    }

    pub(super) fn aliases(&self, path: &RepoPath, files: &mut Files) -> Result<Option<Aliases>, SourceError> {
        let document = self.document_or_fault(path, files)?;
        Ok(document.map(|(file, document)| Aliases::decode(file, &document)))
    }

    /// The text at `path`, if it is a regular file. Each byte that is not UTF-8 becomes one question mark, so that
    /// offsets stay correct.
    pub(super) fn text(&self, path: &RepoPath, files: &mut Files) -> Result<Option<FileId>, SourceError> {
        let Content::Bytes(bytes) = self.snapshot.read(path)? else { return Ok(None) };
        Ok(Some(files.add(SourceFile::new(self.side, path.clone(), files::text_of(bytes)))))
    }

    /// The text of `README.md` of `state`.
    pub(super) fn readme_text(&self, state: &KepState, files: &mut Files) -> Result<Option<FileId>, SourceError> {
        let Some(placeholder) = state.readme_file() else { return Ok(None) };
        let path = files[placeholder].path.clone();
        self.text(&path, files)
    }

    pub(super) fn read(&self, path: &RepoPath, files: &mut Files) -> Result<Read, SourceError> {
        let bytes = match self.snapshot.read(path)? {
            Content::Absent => return Ok(Read::Absent),
            Content::Irregular(irregular) => return Ok(Read::Irregular(self.placeholder(path, files), irregular)),
            Content::Bytes(bytes) => bytes,
        };
        match String::from_utf8(bytes) {
            Ok(text) => {
                let file = files.add(SourceFile::new(self.side, path.clone(), text));
                // Only the metadata of a KEP has a front matter's fences.
                let is_kep = self.layout().is_metadata(path.name());
                let text = files[file].text();
                let dialect = &self.profile.dialect;
                if is_kep && dialect.has_front_matter && yaml::front_matter::place(text).is_none() {
                    return Ok(Read::Absent);
                }
                let document = if is_kep { dialect.read(text) } else { yaml::read_without_fences(text) };
                Ok(Read::Document(file, document))
            }
            Err(error) => {
                let byte = error.utf8_error().valid_up_to();
                let before = error.as_bytes().get(..byte).unwrap_or_default();
                let line = before.split(|byte| *byte == b'\n').count();
                let document = yaml::unreadable(FaultKind::NotUtf8 { line, byte });
                Ok(Read::Document(self.placeholder(path, files), document))
            }
        }
    }

    /// A file that is pointed at as a whole.
    pub(super) fn placeholder(&self, path: &RepoPath, files: &mut Files) -> FileId {
        files.add(SourceFile::new(self.side, path.clone(), ""))
    }

    /// The KEP in the folder `dir`, as far as its metadata and its production-readiness file tell.
    pub(super) fn essentials(&self, dir: &RepoPath, files: &mut Files) -> Result<KepState, SourceError> {
        let mut irregular = Vec::new();
        let (metadata, fault) = self.read_metadata(dir, &[], files)?;
        irregular.extend(fault);
        let dir_file = self.placeholder(dir, files);
        let mut state = KepState {
            dir: dir.clone(),
            dir_file,
            number: self.layout().number(dir),
            metadata,
            readme: ReadmeFile::Absent,
            expected_prr_path: None,
            prr: PrrState::Unknown,
            irregular,
            twins: Twins::default(),
            sharers: Vec::new(),
            owners: OwnersFile::NotAsked,
            references: Vec::new(),
        };
        self.add_prr_file(&mut state, files)?;
        Ok(state)
    }

    /// The KEP in `dir`; `None` if there is none.
    pub(super) fn kep_state(&self, dir: &RepoPath, files: &mut Files) -> Result<Option<KepState>, SourceError> {
        let has_single_files = self.layout().has_single_files();
        let irregular = match self.snapshot.kind(dir)? {
            Some(Kind::File) if has_single_files => return self.kep_in_file(dir, files).map(Some),
            Some(Kind::Folder) if has_single_files => return Ok(None),
            None | Some(Kind::File) => return Ok(None),
            Some(Kind::Symlink) => Irregular::Symlink,
            Some(Kind::Submodule) => Irregular::Submodule,
            Some(Kind::Folder) => return self.kep_in_folder(dir, files).map(Some),
        };
        let dir_file = self.placeholder(dir, files);
        Ok(Some(KepState {
            dir: dir.clone(),
            dir_file,
            number: self.layout().number(dir),
            metadata: Metadata::Irregular,
            readme: ReadmeFile::Absent,
            expected_prr_path: None,
            prr: PrrState::Unknown,
            irregular: vec![(dir_file, irregular)],
            twins: Twins::default(),
            sharers: Vec::new(),
            owners: OwnersFile::NotAsked,
            references: Vec::new(),
        }))
    }

    fn kep_in_folder(&self, dir: &RepoPath, files: &mut Files) -> Result<KepState, SourceError> {
        let entries = self.snapshot.list(dir)?;
        let dir_file = self.placeholder(dir, files);
        let (readme, of_readme) = self.find_readme(&entries, files)?;
        let (metadata, of_metadata) = self.read_metadata(dir, &entries, files)?;
        let mut state = KepState {
            dir: dir.clone(),
            dir_file,
            number: self.layout().number(dir),
            references: self.resolve_references(&metadata)?,
            metadata,
            readme,
            expected_prr_path: None,
            prr: PrrState::Unknown,
            irregular: of_readme.into_iter().chain(of_metadata).collect(),
            twins: Twins::default(),
            sharers: Vec::new(),
            owners: OwnersFile::NotAsked,
        };
        self.add_prr_file(&mut state, files)?;
        if self.reads_owners {
            let owners = self.document_or_fault(&dir.join(owners::NAME), files)?;
            state.owners =
                owners.map_or(OwnersFile::Absent, |(file, document)| OwnersFile::Read(Owners::decode(file, &document)));
        }
        Ok(state)
    }

    fn find_readme(&self, entries: &[Entry], files: &mut Files) -> Result<(ReadmeFile, Option<Fault>), SourceError> {
        let Some(entry) = entries.iter().find(|entry| self.layout().is_readme(entry.path.name())) else {
            let other = entries.iter().find(|entry| self.layout().is_other_readme(entry.path.name()));
            let readme = other.map(|entry| ReadmeFile::OtherFormat(self.placeholder(&entry.path, files)));
            return Ok((readme.unwrap_or(ReadmeFile::Absent), None));
        };
        let file = self.placeholder(&entry.path, files);
        let irregular = match entry.kind {
            Kind::File => match self.snapshot.size(&entry.path)? {
                Some(size) if size > MAX_FILE_BYTES => Some(Irregular::TooLarge(size)),
                _ => None,
            },
            Kind::Folder => Some(Irregular::Folder),
            Kind::Symlink => Some(Irregular::Symlink),
            Kind::Submodule => Some(Irregular::Submodule),
        };
        Ok((ReadmeFile::Unread(file), irregular.map(|irregular| (file, irregular))))
    }

    fn read_metadata(
        &self,
        dir: &RepoPath,
        entries: &[Entry],
        files: &mut Files,
    ) -> Result<(Metadata, Option<Fault>), SourceError> {
        Ok(match self.read(&self.layout().metadata_of(dir), files)? {
            Read::Document(file, document) => (Metadata::new(self.decode(file, &document)), None),
            Read::Irregular(file, irregular) => (Metadata::Irregular, Some((file, irregular))),
            Read::Absent => {
                let files_named = |is_wanted: &dyn Fn(&[u8]) -> bool| {
                    entries.iter().find(|entry| entry.kind == Kind::File && is_wanted(entry.path.name()))
                };
                let misnamed = files_named(&|name| self.layout().is_misspelled_metadata(name))
                    .or_else(|| files_named(&|name| layout::yaml_stem(name).is_some()));
                let [misnamed, document] = [misnamed, files_named(&layout::is_document)]
                    .map(|entry| Some(self.placeholder(&entry?.path, files)));
                (Metadata::Absent { misnamed, document }, None)
            }
        })
    }

    /// Other directories of the KEP's number. A KEP whose directory has no number goes by its `kep-number`; 0000 is
    /// shared by KEPs that never had an issue.
    pub(super) fn twins(&self, state: &KepState) -> Result<Twins, SourceError> {
        let Some(number) = state.issue_number() else { return Ok(Twins::default()) };
        let same = self.index.dirs_of(number)?;
        let others = same.iter().filter(|dir| **dir != state.dir);
        let count = same.len() - usize::from(same.contains(&state.dir));
        Ok(Twins { dirs: others.take(MAX_NAMED).cloned().collect(), count })
    }

    /// True if another folder next to `dir` has its number.
    pub(super) fn has_namesake(&self, dir: &RepoPath) -> Result<bool, SourceError> {
        self.index.has_namesake(dir)
    }
}
