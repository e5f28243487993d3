//! What the KEPs of a repository have in common.

use std::collections::{BTreeMap, BTreeSet};

use super::search::text;
use crate::error::SourceError;
use crate::kep::fields::When;
use crate::kep::{Kep, Milestone, Status};
use crate::project::Profile;
use crate::source::Snapshot;
use crate::syntax::toc::{self, Anchors};
use crate::text::{Files, RepoPath, Side, SourceFile};

/// The maximum number of KEPs to read.
const MAX_READ: usize = 500;

/// What the KEPs of a repository have in common.
#[derive(Debug, Default)]
pub(super) struct Traits {
    pub(super) keps: usize,
    /// Handles with and without `@`.
    pub(super) handles: [usize; 2],
    /// The number of READMEs with a table of contents, of tables that only an old `mdtoc` would write, and of tables
    /// that only a current `mdtoc` would write.
    pub(super) tables: [usize; 3],
    pub(super) milestones: BTreeSet<Milestone>,
    /// Values of `status` that Kubernetes does not have, with the number of KEPs.
    pub(super) statuses: BTreeMap<String, usize>,
    /// For each field that the project seems to require: how many KEPs lack it, and how many should have it.
    pub(super) fields: BTreeMap<&'static str, [usize; 2]>,
}

impl Traits {
    pub(super) fn of(tree: &dyn Snapshot, dirs: &[RepoPath], profile: &Profile) -> Result<Self, SourceError> {
        let mut traits = Self { keps: dirs.len(), ..Self::default() };
        for dir in dirs.iter().take(MAX_READ) {
            if let Some(text) = text(tree, &profile.layout.metadata_of(dir))? {
                traits.add_metadata(&text, dir, profile);
            }
            if let Some(text) = text(tree, &profile.layout.readme_of(dir))? {
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
        self.add_fields(&kep);
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

    fn add_fields(&mut self, kep: &Kep) {
        // Other fields are only required with production readiness reviews.
        let is_counted = |when| matches!(when, When::Always | When::Active);
        for (field, value) in kep.fields().filter(|(field, _)| is_counted(field.required)) {
            if kep.dialect.requires(field.key) && kep.requires(field.required) {
                let [missing, all] = self.fields.entry(field.key).or_default();
                *missing += usize::from(value.outline().is_missing());
                *all += 1;
            }
        }
    }

    /// The fields that too many KEPs lack for it to be an oversight, with the number of KEPs that lack the field and
    /// the number that should have it.
    pub(super) fn left_out(&self) -> Vec<(&'static str, usize, usize)> {
        let counts = self.fields.iter().map(|(key, [missing, all])| (*key, *missing, *all));
        counts.filter(|(_, missing, all)| *missing > 1 && missing * 5 > *all).collect()
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
