//! One side of the change, read on demand.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::record::{ApprovalRecord, Metadata, Record, Reference};
use crate::error::SourceError;
use crate::kep::{Aliases, Approval, Kep, KepNumber, Owners, owners};
use crate::project::layout;
use crate::questionnaire::Readme;
use crate::questionnaire::template::Outline;
use crate::source::{Content, Entry, Irregular, Kind, MAX_FILE_BYTES, Snapshot};
use crate::syntax::yaml;
use crate::syntax::yaml::{Document, FaultKind, NodeKind};
use crate::text::RepoPath;
use crate::text::{FileId, Files, Side, SourceFile, files};

/// How many files or directories of a KEP's number that stand elsewhere are worth naming.
const MAX_NAMED: usize = 3;

/// How deep below a SIG's folder KEP directories are looked for.
pub(super) const MAX_FOLDERS: usize = 32;

/// A tree and what is known of it.
pub(super) struct Tree<'a> {
    snapshot: &'a dyn Snapshot,
    side: Side,
    reads_owners: bool,
    kep_dirs: OnceCell<BTreeSet<RepoPath>>,
    by_number: OnceCell<BTreeMap<KepNumber, Vec<RepoPath>>>,
    claims: OnceCell<BTreeMap<RepoPath, Vec<RepoPath>>>,
    approvals: OnceCell<BTreeMap<KepNumber, Vec<RepoPath>>>,
}

/// A file that was asked for.
enum Read {
    Absent,
    Document(FileId, Document),
    Irregular(FileId, Irregular),
}

impl<'a> Tree<'a> {
    pub(super) fn new(snapshot: &'a dyn Snapshot, side: Side) -> Self {
        Self {
            snapshot,
            side,
            reads_owners: false,
            kep_dirs: OnceCell::new(),
            by_number: OnceCell::new(),
            claims: OnceCell::new(),
            approvals: OnceCell::new(),
        }
    }

    /// Reads the OWNERS file of each KEP, too.
    pub(super) fn with_owners(mut self, reads_owners: bool) -> Self {
        self.reads_owners = reads_owners;
        self
    }

    /// See [`Snapshot::announce`].
    pub(super) fn announce(&self, paths: &[RepoPath]) {
        self.snapshot.announce(paths);
    }

    pub(super) fn exists(&self, path: &RepoPath) -> Result<bool, SourceError> {
        self.snapshot.kind(path).map(|kind| kind.is_some())
    }

    /// Whether a KEP stands at `dir`: a folder with content, or a link or submodule in a KEP folder's place.
    pub(super) fn is_kep(&self, dir: &RepoPath) -> Result<bool, SourceError> {
        self.snapshot.kind(dir).map(|kind| !matches!(kind, None | Some(Kind::File)))
    }

    /// The YAML document at `path`, when a regular file stands there.
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

    /// The same; something that is no regular file is a document with that fault.
    pub(super) fn document_or_fault(
        &self,
        path: &RepoPath,
        files: &mut Files,
    ) -> Result<Option<(FileId, Document)>, SourceError> {
        Ok(match self.read(path, files)? {
            Read::Document(file, document) => Some((file, document)),
            Read::Irregular(file, _) => {
                let kind = FaultKind::Syntax("it is no regular file, or larger than 1 MiB".to_owned());
                Some((file, yaml::unreadable(kind)))
            }
            Read::Absent => None,
        })
    }

    pub(super) fn aliases(&self, path: &RepoPath, files: &mut Files) -> Result<Option<Aliases>, SourceError> {
        let document = self.document_or_fault(path, files)?;
        Ok(document.map(|(file, document)| Aliases::lower(file, &document)))
    }

    /// The text at `path`, when a regular file stands there. Bytes that are not UTF-8 become question marks, one each, so
    /// that places still hold.
    pub(super) fn text(&self, path: &RepoPath, files: &mut Files) -> Result<Option<FileId>, SourceError> {
        let Content::Bytes(bytes) = self.snapshot.read(path)? else { return Ok(None) };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => files::lossy(error.as_bytes()),
        };
        Ok(Some(files.add(SourceFile::new(self.side, path.clone(), &text))))
    }

    /// What README.md of `record` holds, held against the policy's template.
    pub(super) fn proposal(
        &self,
        record: &Record,
        outline: Option<&Outline>,
        files: &mut Files,
    ) -> Result<Option<Rc<Readme>>, SourceError> {
        let Some(path) = record.readme.map(|readme| files[readme].path.clone()) else { return Ok(None) };
        let file = self.text(&path, files)?;
        Ok(file.map(|file| Rc::new(Readme::read(file, files[file].text(), outline))))
    }

    fn read(&self, path: &RepoPath, files: &mut Files) -> Result<Read, SourceError> {
        let bytes = match self.snapshot.read(path)? {
            Content::Absent => return Ok(Read::Absent),
            Content::Irregular(irregular) => return Ok(Read::Irregular(self.placeholder(path, files), irregular)),
            Content::Bytes(bytes) => bytes,
        };
        match std::str::from_utf8(&bytes) {
            Ok(text) => {
                let file = files.add(SourceFile::new(self.side, path.clone(), text));
                // Only a `kep.yaml` has a front matter's fences.
                let is_kep = path.name() == layout::METADATA;
                let read = if is_kep { yaml::read } else { yaml::read_without_fences };
                let document = read(files[file].text());
                Ok(Read::Document(file, document))
            }
            Err(error) => {
                let byte = error.valid_up_to();
                let before = bytes.get(..byte).unwrap_or_default();
                let line = before.split(|byte| *byte == b'\n').count();
                let document = yaml::unreadable(FaultKind::NotUtf8 { line, byte });
                Ok(Read::Document(self.placeholder(path, files), document))
            }
        }
    }

    /// A file that is pointed at as a whole.
    fn placeholder(&self, path: &RepoPath, files: &mut Files) -> FileId {
        files.add(SourceFile::new(self.side, path.clone(), ""))
    }

    /// Every KEP directory.
    pub(super) fn kep_dirs(&self) -> Result<&BTreeSet<RepoPath>, SourceError> {
        kept(&self.kep_dirs, || {
            let mut dirs = BTreeSet::new();
            for sig in self.snapshot.list(&RepoPath::from(layout::KEPS))? {
                let is_kep_folder = sig.path != RepoPath::from(layout::APPROVALS) && !layout::is_template(&sig.path);
                if sig.kind == Kind::Folder && is_kep_folder {
                    self.add_kep_dirs(&sig.path, MAX_FOLDERS, &mut dirs)?;
                }
            }
            Ok(dirs)
        })
    }

    /// The KEP directories of a number.
    fn dirs_of(&self, number: KepNumber) -> Result<&[RepoPath], SourceError> {
        let by_number = kept(&self.by_number, || Ok(numbered(self.kep_dirs()?, layout::directory_number)))?;
        Ok(by_number.get(&number).map_or(&[], Vec::as_slice))
    }

    fn add_kep_dirs(&self, folder: &RepoPath, depth: usize, dirs: &mut BTreeSet<RepoPath>) -> Result<(), SourceError> {
        for entry in self.snapshot.list(folder)? {
            let name = entry.path.name();
            if layout::is_template(&entry.path) {
                continue;
            }
            if entry.kind != Kind::File && layout::is_kep_name(name) {
                dirs.insert(entry.path);
            } else if entry.kind == Kind::Folder {
                let Some(depth) = depth.checked_sub(1) else { return Err(too_deep(&entry.path)) };
                self.add_kep_dirs(&entry.path, depth, dirs)?;
            } else if entry.kind != Kind::Folder && name == layout::METADATA {
                dirs.insert(folder.clone());
            }
        }
        Ok(())
    }

    /// The folders below KEP directories that have a `kep.yaml` of their own.
    pub(super) fn nested_keps(&self) -> Result<BTreeSet<RepoPath>, SourceError> {
        let mut nested = BTreeSet::new();
        for dir in self.kep_dirs()? {
            self.add_nested(dir, MAX_FOLDERS, &mut nested)?;
        }
        Ok(nested)
    }

    fn add_nested(&self, folder: &RepoPath, depth: usize, nested: &mut BTreeSet<RepoPath>) -> Result<(), SourceError> {
        for entry in self.snapshot.list(folder)? {
            if entry.kind == Kind::Folder {
                let Some(depth) = depth.checked_sub(1) else { return Err(too_deep(&entry.path)) };
                if self.exists(&entry.path.join(layout::METADATA))? {
                    nested.insert(entry.path.clone());
                }
                self.add_nested(&entry.path, depth, nested)?;
            }
        }
        Ok(())
    }

    /// Every production-readiness file.
    pub(super) fn approval_paths(&self) -> Result<Vec<RepoPath>, SourceError> {
        let mut paths = Vec::new();
        for entry in self.snapshot.list(&RepoPath::from(layout::APPROVALS))? {
            let entries = match entry.kind {
                Kind::Folder => self.snapshot.list(&entry.path)?,
                _ => vec![entry],
            };
            let entries = entries.into_iter().filter(|entry| entry.kind != Kind::Folder);
            paths.extend(entries.map(|entry| entry.path).filter(|path| layout::place(path) == layout::Place::Approval));
        }
        Ok(paths)
    }

    /// The production-readiness files of a number, wherever they stand.
    pub(super) fn approvals_of(&self, number: KepNumber) -> Result<&[RepoPath], SourceError> {
        let approvals = kept(&self.approvals, || Ok(numbered(&self.approval_paths()?, layout::approval_number)))?;
        Ok(approvals.get(&number).map_or(&[], Vec::as_slice))
    }

    /// The directories of the KEPs that the production-readiness file at `path` may belong to: those of its number,
    /// else those that claim it by their fields.
    pub(super) fn claimants(&self, path: &RepoPath) -> Result<Vec<RepoPath>, SourceError> {
        let Some(number) = layout::approval_number(path) else { return Ok(Vec::new()) };
        let same = self.dirs_of(number)?;
        let dirs = if same.is_empty() { self.claims()?.get(path) } else { None };
        Ok(dirs.map_or(same, Vec::as_slice).to_vec())
    }

    /// The KEP directories by the production-readiness file that their fields point at.
    fn claims(&self) -> Result<&BTreeMap<RepoPath, Vec<RepoPath>>, SourceError> {
        kept(&self.claims, || {
            let mut claims: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for dir in self.kep_dirs()? {
                let Content::Bytes(bytes) = self.snapshot.read(&dir.join(layout::METADATA))? else { continue };
                let Ok(text) = std::str::from_utf8(&bytes) else { continue };
                if let Some(path) = claimed(&yaml::read(text)) {
                    claims.entry(path).or_default().push(dir.clone());
                }
            }
            Ok(claims)
        })
    }

    /// The KEP in `dir`; `None` when there is none. What cannot be read becomes a failure.
    pub(super) fn record(&self, dir: &RepoPath, files: &mut Files, failures: &mut Vec<SourceError>) -> Option<Record> {
        match self.try_record(dir, files) {
            Ok(record) => record,
            Err(failure) => {
                failures.push(failure);
                None
            }
        }
    }

    /// The KEP in `dir`, which is a folder, as far as its metadata and its production-readiness file tell.
    pub(super) fn essentials(&self, dir: &RepoPath, files: &mut Files) -> Result<Record, SourceError> {
        let mut record = self.blank(dir, files);
        self.read_metadata(&mut record, &[], files)?;
        self.read_approval(&mut record, files)?;
        Ok(record)
    }

    /// A KEP of which nothing is known but where it stands.
    fn blank(&self, dir: &RepoPath, files: &mut Files) -> Record {
        Record {
            dir: dir.clone(),
            dir_file: self.placeholder(dir, files),
            number: layout::directory_number(dir),
            metadata: Metadata::Unread,
            readme: None,
            proposal: None,
            is_asked: false,
            irregular: Vec::new(),
            approval_path: None,
            approval: None,
            approval_wanted: None,
            approval_elsewhere: Vec::new(),
            stray: None,
            twins: Vec::new(),
            twin_count: 0,
            owners: None,
            references: Vec::new(),
        }
    }

    fn try_record(&self, dir: &RepoPath, files: &mut Files) -> Result<Option<Record>, SourceError> {
        let mut record = self.blank(dir, files);
        match self.snapshot.kind(dir)? {
            None | Some(Kind::File) => return Ok(None),
            Some(Kind::Symlink) => record.irregular.push((record.dir_file, Irregular::Symlink)),
            Some(Kind::Submodule) => record.irregular.push((record.dir_file, Irregular::Submodule)),
            Some(Kind::Folder) => {
                let entries = self.snapshot.list(dir)?;
                self.read_readme(&mut record, &entries, files)?;
                self.read_metadata(&mut record, &entries, files)?;
                self.read_approval(&mut record, files)?;
                self.resolve_references(&mut record)?;
                if self.reads_owners {
                    let owners = self.document_or_fault(&dir.join(owners::NAME), files)?;
                    record.owners = owners.map(|(file, document)| Owners::lower(file, &document));
                }
            }
        }
        Ok(Some(record))
    }

    fn read_readme(&self, record: &mut Record, entries: &[Entry], files: &mut Files) -> Result<(), SourceError> {
        let Some(entry) = entries.iter().find(|entry| entry.path.name() == layout::README) else {
            return Ok(());
        };
        let file = self.placeholder(&entry.path, files);
        record.readme = Some(file);
        let irregular = match entry.kind {
            Kind::File => match self.snapshot.size(&entry.path)? {
                Some(size) if size > MAX_FILE_BYTES => Some(Irregular::TooLarge(size)),
                _ => None,
            },
            Kind::Folder => Some(Irregular::Folder),
            Kind::Symlink => Some(Irregular::Symlink),
            Kind::Submodule => Some(Irregular::Submodule),
        };
        record.irregular.extend(irregular.map(|irregular| (file, irregular)));
        Ok(())
    }

    fn read_metadata(&self, record: &mut Record, entries: &[Entry], files: &mut Files) -> Result<(), SourceError> {
        record.metadata = match self.read(&record.dir.join(layout::METADATA), files)? {
            Read::Document(file, document) => Metadata::Present(Box::new(Kep::lower(file, &document))),
            Read::Irregular(file, irregular) => {
                record.irregular.push((file, irregular));
                Metadata::Unread
            }
            Read::Absent => {
                let is_yaml = |name: &[u8]| name.ends_with(b".yaml") || name.ends_with(b".yml");
                let misnamed = entries.iter().find(|entry| entry.kind == Kind::File && is_yaml(entry.path.name()));
                Metadata::Absent { misnamed: misnamed.map(|entry| self.placeholder(&entry.path, files)) }
            }
        };
        Ok(())
    }

    /// Reads the production-readiness file from where upstream looks for it. Where the fields disagree with the
    /// directory, which has its own finding, the file that the directory points at will do.
    fn read_approval(&self, record: &mut Record, files: &mut Files) -> Result<(), SourceError> {
        let Some(kep) = record.kep() else { return Ok(()) };
        let wanted = layout::approval_path(kep.owning_sig.text(), kep.kep_number.text());
        let by_directory = layout::directory_sig(&record.dir)
            .zip(layout::directory_digits(&record.dir))
            .and_then(|(sig, digits)| layout::approval_path(sig, digits));
        let disagree = layout::directory_sig(&record.dir).is_some_and(|sig| sig != kep.owning_sig.text())
            || KepNumber::parse(kep.kep_number.text()) != record.number;
        record.approval_wanted.clone_from(&wanted);
        for path in wanted.into_iter().chain(by_directory.filter(|_| disagree)) {
            match self.read(&path, files)? {
                Read::Absent => continue,
                Read::Document(file, document) => record.approval = Some(Approval::lower(file, &document)),
                Read::Irregular(file, irregular) => record.irregular.push((file, irregular)),
            }
            record.approval_path = Some(path);
            return Ok(());
        }
        let Some(number) = record.number else { return Ok(()) };
        let elsewhere = self.approvals_of(number)?;
        record.approval_elsewhere =
            elsewhere.iter().take(MAX_NAMED).map(|path| self.placeholder(path, files)).collect();
        if let [only] = elsewhere
            && let Some((file, document)) = self.document(only, files)?
        {
            record.stray = Some(Approval::lower(file, &document));
        }
        Ok(())
    }

    fn resolve_references(&self, record: &mut Record) -> Result<(), SourceError> {
        let Some(kep) = record.kep() else { return Ok(()) };
        let fields = [("see-also", &kep.see_also), ("replaces", &kep.replaces), ("superseded-by", &kep.superseded_by)];
        let mut references = Vec::new();
        for (field, list) in fields {
            for entry in list.entries() {
                let value = entry.value.trim();
                let path = value.strip_prefix('/').unwrap_or(value);
                if path.starts_with("keps/") {
                    let path = path.split(['#', '?']).next().unwrap_or_default();
                    let exists = self.exists(&RepoPath::from(path))?;
                    references.push(Reference { field, value: entry.value.clone(), span: entry.span, exists });
                }
            }
        }
        record.references = references;
        Ok(())
    }

    /// Notes the other directories of the record's number, and tells whether there are any. A KEP whose directory has
    /// no number goes by its `kep-number`; 0000 is shared by KEPs that never had an issue.
    pub(super) fn add_twins(&self, record: Option<&mut Record>) -> Result<bool, SourceError> {
        let Some(record) = record else { return Ok(true) };
        let claimed = || KepNumber::parse(record.kep()?.kep_number.text());
        let Some(number) = record.number.or_else(claimed).filter(|number| !number.is_zero()) else { return Ok(false) };
        let same = self.dirs_of(number)?;
        let others = same.iter().filter(|dir| **dir != record.dir);
        record.twin_count = same.len() - usize::from(same.contains(&record.dir));
        record.twins = others.take(MAX_NAMED).cloned().collect();
        Ok(!record.twins.is_empty())
    }

    /// The production-readiness file at `path`, when it is there and none of `keps` claims it.
    pub(super) fn orphan(
        &self,
        path: &RepoPath,
        keps: &Claims<'_>,
        files: &mut Files,
    ) -> Result<Option<ApprovalRecord>, SourceError> {
        if keps.paths.contains(path) {
            return Ok(None);
        }
        let number = layout::approval_number(path);
        let same_number = number.and_then(|number| keps.by_number.get(&number)).map_or(&[][..], Vec::as_slice);
        // A KEP that could not be read may well claim it.
        let misses = |record: &Record| match &record.metadata {
            Metadata::Present(kep) if kep.readable => record.approval_path.is_none() && kep.is_gated(),
            Metadata::Absent { .. } => record.readme.is_some(),
            Metadata::Present(_) | Metadata::Unread => true,
        };
        let is_missed = same_number.iter().any(|record| misses(record));
        let keps = same_number.iter().map(|record| record.dir.clone()).collect();
        let (file, approval, irregular) = match self.read(path, files)? {
            Read::Absent => return Ok(None),
            Read::Document(file, document) => (file, Some(Approval::lower(file, &document)), None),
            Read::Irregular(file, irregular) => (file, None, Some(irregular)),
        };
        Ok(Some(ApprovalRecord { path: path.clone(), number, file, approval, irregular, keps, is_missed }))
    }
}

/// Which production-readiness files the KEPs of one side claim.
#[derive(Default)]
pub(super) struct Claims<'r> {
    paths: BTreeSet<&'r RepoPath>,
    by_number: BTreeMap<KepNumber, Vec<&'r Record>>,
}

impl<'r> FromIterator<&'r Record> for Claims<'r> {
    fn from_iter<T: IntoIterator<Item = &'r Record>>(records: T) -> Self {
        let mut claims = Self::default();
        for record in records {
            claims.paths.extend(&record.approval_path);
            if let Some(number) = record.number {
                claims.by_number.entry(number).or_default().push(record);
            }
        }
        claims
    }
}

/// What `cell` holds, made once; a failure is not kept.
fn kept<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T, SourceError>) -> Result<&T, SourceError> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}

/// Paths by the number that they are named after, those without one left out.
fn numbered<'p>(
    paths: impl IntoIterator<Item = &'p RepoPath>,
    number: fn(&RepoPath) -> Option<KepNumber>,
) -> BTreeMap<KepNumber, Vec<RepoPath>> {
    let mut by_number: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for path in paths {
        if let Some(number) = number(path) {
            by_number.entry(number).or_default().push(path.clone());
        }
    }
    by_number
}

/// Where the fields of a `kep.yaml` point for its production-readiness file.
fn claimed(document: &Document) -> Option<RepoPath> {
    let text = |wanted: &str| {
        document.entries.iter().find_map(|(key, value)| match (&key.kind, &value.kind) {
            (NodeKind::Scalar { text: key, .. }, NodeKind::Scalar { text, .. }) if key == wanted => Some(text.as_str()),
            _ => None,
        })
    };
    layout::approval_path(text("owning-sig")?, text("kep-number")?)
}

pub(super) fn too_deep(folder: &RepoPath) -> SourceError {
    SourceError::Unavailable {
        message: format!("{:?} is nested too deep to be looked into", folder.to_string()),
        help: format!("KEP directories stand at most {MAX_FOLDERS} folders below a SIG's"),
    }
}
