//! What the KEPs of a repository have in common.

use std::collections::{BTreeMap, BTreeSet};

use super::search::text;
use crate::error::SourceError;
use crate::kep::fields::{self, When};
use crate::kep::{Dialect, FaultKind, Kep, Milestone, State};
use crate::project::{Layout, Profile, layout};
use crate::source::Snapshot;
use crate::syntax::toc::{self, Anchors};
use crate::syntax::yaml::{Document, Node, NodeKind};
use crate::text::{Files, RepoPath, Side, SourceFile};

const CREATION_DATE: &str = "creation-date";

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
    /// Values of `status`, with the number of KEPs.
    pub(super) statuses: BTreeMap<String, usize>,
    /// True if the project has a template with metadata.
    pub(super) has_template: bool,
    /// The choices for `status` that the template offers.
    pub(super) offered_statuses: Vec<String>,
    /// The choices for `stage` that the template offers.
    pub(super) offered_stages: Vec<String>,
    /// For each field that the project seems to require: how many KEPs lack it, and how many should have it.
    pub(super) fields: BTreeMap<&'static str, [usize; 2]>,
    /// The number of KEPs that have a key which the project does not seem to have.
    pub(super) other_keys: BTreeMap<String, usize>,
    /// The number of KEPs in which a key has a value.
    filled_keys: BTreeMap<String, usize>,
    /// The words for `stage`.
    pub(super) stages: BTreeSet<String>,
    /// The number of KEPs whose `latest-milestone` is not a version, such as `2026Q1`.
    unversioned: usize,
    /// The number of KEPs whose `latest-milestone` is one.
    versioned: usize,
    /// The number of KEPs whose number begins with a zero, so that it is not that of an issue.
    padded: usize,
    /// The number of other KEPs with a number.
    numbered: usize,
    /// The highest number of these.
    highest: u64,
}

impl Traits {
    pub(super) fn of(tree: &dyn Snapshot, dirs: &[RepoPath], profile: &Profile) -> Result<Self, SourceError> {
        let template = text(tree, &profile.layout.template_metadata())?;
        let template = template.map(|text| decode(&text, &profile.layout.template, profile).0);
        let mut traits = Self { keps: dirs.len(), has_template: template.is_some(), ..Self::default() };
        if let Some(template) = &template {
            traits.offered_statuses = choices(template.status.text());
            traits.offered_stages = choices(template.stage.text());
        }
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
        let (kep, document) = decode(text, dir, profile);
        self.add_number(dir, &profile.layout);
        self.add_filled_keys(&document);
        self.milestones.extend(kep.latest());
        let latest = kep.latest_milestone.text();
        let is_placeholder = latest.contains(['|', '<', '{']);
        self.unversioned += usize::from(!latest.is_empty() && !is_placeholder && Milestone::parse(latest).is_none());
        self.versioned += usize::from(Milestone::parse(latest).is_some());
        self.add_fields(&kep);
        self.add_other_keys(&kep);
        let [with, without] = &mut self.handles;
        for list in [&kep.authors, &kep.reviewers, &kep.approvers] {
            for entry in list.entries().iter().filter(|entry| !crate::kep::handle::is_undecided(&entry.value)) {
                *(if entry.value.trim().starts_with('@') { &mut *with } else { &mut *without }) += 1;
            }
        }
        let stage = kep.stage.text();
        if !stage.is_empty() && !stage.contains('|') {
            self.stages.insert(stage.to_owned());
        }
        let status = kep.status.text();
        if !status.is_empty() && !status.contains('|') {
            *self.statuses.entry(status.to_owned()).or_default() += 1;
        }
    }

    fn add_number(&mut self, dir: &RepoPath, layout: &Layout) {
        let name = dir.name();
        let digits = layout.digits(dir).or_else(|| {
            let bare = std::str::from_utf8(layout::without_prefix(name)?).ok()?;
            bare.split(|byte: char| !byte.is_ascii_digit()).next()
        });
        match digits.and_then(|digits| Some((digits, digits.parse::<u64>().ok()?))) {
            Some((digits, number)) if digits.starts_with('0') && number > 0 => self.padded += 1,
            Some((_, number)) => {
                self.numbered += 1;
                self.highest = self.highest.max(number);
            }
            None => {}
        }
    }

    /// True if the numbers of KEPs are not those of issues: they begin with zeros, or nearly all numbers are used.
    pub(super) fn counts_keps(&self) -> bool {
        const FEWEST: usize = 3;
        let is_dense = || u64::try_from(self.numbered).is_ok_and(|numbered| self.highest < 2 * numbered);
        self.padded > self.numbered || (self.numbered >= FEWEST && is_dense())
    }

    /// True if most milestones are not versions.
    pub(super) fn is_unversioned(&self) -> bool {
        self.unversioned > 1 && self.unversioned > self.versioned
    }

    fn add_filled_keys(&mut self, document: &Document) {
        for (key, value) in &document.entries {
            if let NodeKind::Scalar { text, .. } = &key.kind
                && is_filled(value)
            {
                *self.filled_keys.entry(text.clone()).or_default() += 1;
            }
        }
    }

    /// The keys that have a value in every KEP, and that Kubernetes or the template does not have or does not require, if
    /// there are enough KEPs to tell: `creation-date`, and those of the template or of [`Traits::own_keys`].
    pub(super) fn own_required<'s>(&'s self, dialect: &'s Dialect) -> Vec<&'s str> {
        const FEWEST: usize = 3;
        let read = self.keps.min(MAX_READ);
        let is_everywhere = |key: &&str| self.filled_keys.get(*key).is_some_and(|count| *count == read);
        let known = fields::keys(fields::KEP);
        let is_own = |key: &str| !known.contains(&key) || key == CREATION_DATE || self.other_keys.contains_key(key);
        let is_required = |key: &&str| is_own(key) && is_everywhere(key);
        let of_template = dialect.own.iter().map(|own| own.key.as_str()).chain([CREATION_DATE]);
        let mut keys = self.own_keys();
        keys.extend(of_template.filter(|key| layout::is_word(key)));
        let mut seen = BTreeSet::new();
        keys.into_iter().filter(|key| read >= FEWEST && is_required(key) && seen.insert(*key)).collect()
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

    fn add_other_keys(&mut self, kep: &Kep) {
        let unused = kep.fields().filter(|(field, value)| {
            !kep.dialect.uses(field.key) && value.outline().state != State::Absent && field.key != "owning-sig"
        });
        let unknown = kep.faults.iter().filter_map(|fault| match &fault.kind {
            FaultKind::UnknownKey { key, .. } if fault.route == *key => Some(key.as_str()),
            _ => None,
        });
        for key in unused.map(|(field, _)| field.key).chain(unknown) {
            *self.other_keys.entry(key.to_owned()).or_default() += 1;
        }
    }

    /// The keys that too many KEPs have for it to be a mistake.
    pub(super) fn own_keys(&self) -> Vec<&str> {
        let is_own = |key: &str, count: usize| count > 1 && count * 5 >= self.keps && layout::is_word(key);
        self.other_keys.iter().filter(|(key, count)| is_own(key, **count)).map(|(key, _)| key.as_str()).collect()
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

/// True if a value holds any text.
fn is_filled(value: &Node) -> bool {
    match &value.kind {
        NodeKind::Scalar { text, .. } => !value.is_null() && !text.is_empty(),
        NodeKind::Sequence(items) => items.iter().any(is_filled),
        NodeKind::Mapping(entries) => entries.iter().any(|(_, value)| is_filled(value)),
        NodeKind::Alias => true,
    }
}

fn decode(text: &str, path: &RepoPath, profile: &Profile) -> (Kep, Document) {
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Head, path.clone(), text));
    let document = profile.dialect.read(files[file].text());
    (Kep::decode_in(file, &document, &profile.dialect), document)
}

/// The words that the template offers for a field: `draft|accepted|implemented`.
fn choices(text: &str) -> Vec<String> {
    let is_plain = |word: &&str| word.split(' ').all(layout::is_word);
    let words: Vec<_> = text.split('|').map(str::trim).filter(is_plain).collect();
    if words.len() > 1 { words.into_iter().map(str::to_owned).collect() } else { Vec::new() }
}
