//! Promotes a KEP to its next stage: `stage`, `latest-milestone`, `milestone.<stage>`, and the approver of that
//! stage in the production-readiness file. A later stage that was planned for an earlier release is postponed to `TBD`.
//! Fields that the project does not have are not written.

use super::Revision;
use super::revision::same_but_for;
use crate::change::KepState;
use crate::error::Error;
use crate::kep::edit;
use crate::kep::edit::{Edit, Entry};
use crate::kep::{Field, Kep, Milestone, PrrFile, Stage, State, Text, handle};
use crate::release::Schedule;
use crate::syntax::yaml;
use crate::text::RepoPath;
use crate::text::wording::{all_of, choice, quote};
use crate::text::{Files, SourceFile, Span};

/// The fields of `kep.yaml` that a promotion writes.
const FIELDS: [&str; 3] = ["stage", "latest-milestone", "milestone"];

/// Those of them that say when.
const FIELDS_OF_RELEASES: [&str; 2] = ["latest-milestone", "milestone"];

/// The target of a promotion.
#[derive(Debug, Clone)]
pub(crate) struct Promotion<'a> {
    /// The stage.
    pub(crate) stage: Stage,
    /// The project's word for the stage.
    pub(crate) word: String,
    /// The release of the stage. Only KEPs that have no field for it do without.
    pub(crate) release: Option<Milestone>,
    /// The production-readiness approver, without `@`, as `OWNERS_ALIASES` writes it.
    pub(crate) approver: Option<String>,
    /// True to also change the release and the approver of a KEP that is already at the stage. They record what
    /// happened.
    pub(crate) replace: bool,
    /// Knows which releases are still to come. These are plans, not a record.
    pub(crate) schedule: &'a Schedule,
}

impl Promotion<'_> {
    /// Returns the changes to the files of `record`; empty if the KEP is already promoted.
    ///
    /// # Errors
    /// [`Error::Usage`] that says what has to be done first or by hand.
    pub(crate) fn revisions(&self, record: &KepState, files: &Files) -> Result<Vec<Revision>, Error> {
        let kep = record.kep().filter(|kep| kep.readable && kep.faults.is_empty()).ok_or_else(|| {
            by_hand(
                &format!("the metadata in {} has errors", quote(&record.dir.to_string())),
                "fix it first; `kepgate check` lists the errors",
            )
        })?;
        let later = kep.target_stage().filter(|current| self.stage.is_before(*current) && !self.replace);
        if let Some(current) = later {
            return Err(Error::usage(
                format!("the KEP is already {}, which comes after {}", kep.stage_word(current), self.word),
                "add --replace to move it back",
            ));
        }
        let absent = absent(kep);
        if absent.len() == FIELDS.len() {
            return Err(nothing_to_promote(&files[kep.file], kep));
        }
        if self.release.is_none() && FIELDS_OF_RELEASES.iter().any(|key| !absent.contains(key)) {
            return Err(Error::usage("--release is required", "add --release with the release of the stage"));
        }
        let metadata = self.metadata(&files[kep.file], kep)?;
        let prr_file = self.prr_file(record, kep, files)?;
        Ok(metadata.into_iter().chain(prr_file).collect())
    }

    /// Lists the values that a KEP that is already at the stage keeps, although others were requested.
    pub(crate) fn kept(&self, record: &KepState) -> Vec<String> {
        let Some(kep) = record.kep() else { return Vec::new() };
        let milestone = self.kept_milestone(kep).filter(|kept| self.release.is_some_and(|release| release != *kept));
        let milestone = milestone.map(|kept| format!("`milestone.{}` stays {kept}", self.word));
        let asked = self.approver.as_deref().map(handle::folded);
        let approver = record.prr_file().and_then(|prr_file| self.kept_approver(kep, prr_file));
        let approver = approver.filter(|kept| asked.is_some_and(|asked| handle::folded(kept) != asked));
        let approver = approver.map(|kept| format!("the approver for {} stays {}", self.word, quote(kept)));
        milestone.into_iter().chain(approver).collect()
    }

    /// Lists the values of the stage that it overwrites.
    pub(crate) fn overwritten(&self, record: &KepState) -> Vec<String> {
        let Some(kep) = record.kep() else { return Vec::new() };
        let release = kep.milestone_of(self.stage).map(|(milestone, _)| milestone);
        let release = release.filter(|former| self.release.is_some_and(|release| release != *former));
        let release = release.filter(|_| self.kept_milestone(kep).is_none());
        let release = release.map(|former| format!("`milestone.{}` was {former}", self.word));
        let asked = self.approver.as_deref().map(handle::folded);
        let prr_file = record.prr_file().filter(|prr_file| self.kept_approver(kep, prr_file).is_none());
        let former = prr_file.and_then(|prr_file| prr_file.approver(self.stage)).map(Field::text);
        let former = former.filter(|name| !name.is_empty() && asked.is_some_and(|asked| handle::folded(name) != asked));
        let approver = former.map(|former| format!("the approver for {} was {}", self.word, quote(former)));
        release.into_iter().chain(approver).collect()
    }

    /// Says which of the requested values it did not write because the project has no field for them.
    pub(crate) fn left_out(&self, record: &KepState) -> Option<String> {
        let is_requested = |key: &&str| self.release.is_some() || !FIELDS_OF_RELEASES.contains(key);
        let absent: Vec<_> = absent(record.kep()?).into_iter().filter(is_requested).collect();
        let [are, them] = if absent.len() == 1 { ["is", "it"] } else { ["are", "them"] };
        (!absent.is_empty())
            .then(|| format!("{} {are} not written, because KEPs of this project do not have {them}", all_of(&absent)))
    }

    fn keeps(&self, kep: &Kep) -> bool {
        !self.replace && kep.target_stage() == Some(self.stage) && kep.stage.text() == self.word
    }

    fn kept_milestone(&self, kep: &Kep) -> Option<Milestone> {
        let kept = kep.milestone_of(self.stage).map(|(milestone, _)| milestone).filter(|_| self.keeps(kep));
        kept.filter(|milestone| self.schedule.is_out(*milestone) != Some(false))
    }

    fn kept_approver<'a>(&self, kep: &Kep, prr_file: &'a PrrFile) -> Option<&'a str> {
        prr_file.approver(self.stage).map(Field::text).filter(|name| !name.is_empty() && self.keeps(kep))
    }

    fn metadata(&self, file: &SourceFile, kep: &Kep) -> Result<Option<Revision>, Error> {
        let release = self.release.map(|release| super::release_like(release, kep)).unwrap_or_default();
        let quoted = format!("\"{release}\"");
        let mut edits = Vec::new();
        let mut make = |what: &str, edit: Option<Edit>| match edit {
            Some(edit) => {
                edits.push(edit);
                Ok(())
            }
            None => Err(unsafe_to_change(file, what)),
        };
        let absent = absent(kep);
        let has = |key: &str| !absent.contains(&key);
        if has("stage") && kep.stage.text() != self.word {
            let line = format!("stage: {}", self.word);
            make(
                &line,
                match kep.stage.state {
                    State::Absent => below(file, kep, "stage", &line),
                    _ => edit::set(file, &kep.stage, &self.word, &self.word),
                },
            )?;
        }
        if has("latest-milestone") && Milestone::parse(kep.latest_milestone.text()) != self.release {
            let line = format!("latest-milestone: {quoted}");
            make(
                &line,
                match kep.latest_milestone.state {
                    State::Absent => below(file, kep, "latest-milestone", &line),
                    _ => edit::set(file, &kep.latest_milestone, &release, &quoted),
                },
            )?;
        }
        let stage_release = self.kept_milestone(kep).or(self.release);
        if has("milestone") && self.kept_milestone(kep).is_none() && !self.is_planned(file, kep) {
            make(&format!("{}: {quoted} below `milestone`", self.word), self.milestone(file, kep, &release))?;
        }
        for stage in self.overtaken(kep) {
            let edit = kep.milestone_field(stage).and_then(|field| edit::set(file, field, "TBD", "TBD"));
            make(&format!("{}: TBD below `milestone`", kep.stage_word(stage)), edit)?;
        }
        let Some(revision) = Revision::of(file, &edits) else { return Ok(None) };
        let document = revision.metadata(&kep.dialect);
        let new = Kep::decode_in(kep.file, &document, &kep.dialect);
        let milestone = |kep: &Kep, stage| kep.milestone_field(stage).map_or("", Field::text).to_owned();
        let new_release = new.milestone_of(self.stage).map(|(milestone, _)| milestone);
        let is_meant = (!has("stage") || new.stage.text() == self.word)
            && (!has("latest-milestone") || new.latest() == self.release)
            && (!has("milestone") || new_release == stage_release)
            && Stage::ALL.into_iter().filter(|stage| *stage != self.stage).all(|stage| {
                let overtaken = self.overtaken(kep).any(|overtaken| overtaken == stage);
                milestone(&new, stage) == if overtaken { "TBD".to_owned() } else { milestone(kep, stage) }
            });
        if !is_meant || !same_but_for(&kep.dialect.read(file.text()), &document, &FIELDS) {
            let and_release = if self.release.is_some() { format!(", and {quoted}") } else { String::new() };
            return Err(unsafe_to_change(file, &format!("stage: {}{and_release}", self.word)));
        }
        Ok(Some(revision))
    }

    /// True if the milestone of the stage is the requested release.
    fn is_planned(&self, file: &SourceFile, kep: &Kep) -> bool {
        let is_release = kep.milestone_of(self.stage).is_some_and(|(milestone, _)| Some(milestone) == self.release);
        is_release && kep.milestone_field(self.stage).is_some_and(|field| self.is_named(file, field))
    }

    /// True if the field of `milestone` has this word for the stage, not a synonym.
    fn is_named(&self, file: &SourceFile, field: &Text) -> bool {
        field.key.is_some_and(|key| file.text()[key].trim_matches(['"', '\'']) == self.word)
    }

    /// Later stages whose release would not come after the release of this stage.
    fn overtaken(&self, kep: &Kep) -> impl Iterator<Item = Stage> {
        let is_kept = self.kept_milestone(kep).is_some();
        let later = Stage::ALL.into_iter().filter(move |stage| !is_kept && self.stage.is_before(*stage));
        later.filter(|stage| kep.milestone_of(*stage).is_some_and(|(milestone, _)| Some(milestone) <= self.release))
    }

    /// `milestone.<stage>`: its value, an entry next to the other stages, or the whole mapping.
    fn milestone(&self, file: &SourceFile, kep: &Kep, release: &str) -> Option<Edit> {
        let quoted = format!("\"{release}\"");
        let entry = format!("{}: {quoted}", self.word);
        match &kep.milestone.state {
            State::Absent => below(file, kep, "milestone", &format!("milestone:\n  {entry}")),
            State::Empty(span) if span.is_empty() => {
                edit::fill(file, *span, &format!("{}  {entry}", edit::line_break(file)))
            }
            State::Empty(span) => edit::fill(file, *span, &format!("{{{entry}}}")),
            State::Broken => None,
            State::Value(milestones, span) => {
                let field = milestones.of(self.stage);
                if self.is_named(file, field) {
                    return edit::set(file, field, release, &quoted);
                }
                let entries = Stage::ALL.map(|stage| (stage, Entry::of(milestones.of(stage))));
                let there = || entries.iter().filter_map(|(stage, entry)| Some((*stage, (*entry)?)));
                if file.text()[*span].starts_with('{') {
                    let comma = if there().next().is_some() { ", " } else { "" };
                    return Some((Span::new(span.end - 1, span.end - 1), format!("{comma}{entry}")));
                }
                let earlier = there().filter(|(stage, _)| *stage <= self.stage).map(|(_, entry)| entry).next_back();
                let last = || there().map(|(_, entry)| entry).max_by_key(|entry| entry.key.start);
                edit::below(file, earlier.or_else(last)?, &entry)
            }
        }
    }

    fn prr_file(&self, record: &KepState, kep: &Kep, files: &Files) -> Result<Option<Revision>, Error> {
        if kep.dialect.prr_from.is_none() {
            return Ok(None);
        }
        let Some(prr_file) = record.prr_file() else { return self.new_prr_file(record, kep, files) };
        let file = &files[prr_file.file];
        if !prr_file.readable || !prr_file.faults.is_empty() {
            let what = format!("the production-readiness file {} has errors", quote(&file.path.to_string()));
            return Err(by_hand(&what, "fix it first; `kepgate check` lists the errors"));
        }
        let named = prr_file.approver(self.stage).map(Field::text);
        let Some(name) = &self.approver else {
            return if named.is_some() { Ok(None) } else { self.without_approver(kep, Some(prr_file)) };
        };
        let is_kept = self.kept_approver(kep, prr_file).is_some();
        if is_kept || named.is_some_and(|named| handle::folded(named) == handle::folded(name)) {
            return Ok(None);
        }
        let quoted = format!("\"@{name}\"");
        let entry = prr_file.entry(self.stage);
        let edit = match &entry.state {
            State::Value(value, _) if value.approver.key.is_some() => {
                edit::set(file, &value.approver, &format!("@{name}"), &quoted)
            }
            State::Empty(span) if span.is_empty() => {
                edit::fill(file, *span, &format!("{}  approver: {quoted}", edit::line_break(file)))
            }
            State::Absent => edit::below(
                file,
                self.entry_above(prr_file).ok_or_else(|| unsafe_to_change(file, "the entry of the stage"))?,
                &format!("{}:\n  approver: {quoted}", self.stage),
            ),
            _ => None,
        };
        let what = format!("{}: {{approver: {quoted}}}", self.stage);
        let revision =
            edit.and_then(|edit| Revision::of(file, &[edit])).ok_or_else(|| unsafe_to_change(file, &what))?;
        let document = revision.document();
        let new = PrrFile::decode(prr_file.file, &document);
        let is_meant = new.approver(self.stage).is_some_and(|text| text.text() == format!("@{name}"));
        if !is_meant || !same_but_for(&yaml::read(file.text()), &document, &[self.stage.word()]) {
            return Err(unsafe_to_change(file, &what));
        }
        Ok(Some(revision))
    }

    /// The entry to insert the stage's entry after: that of the previous stage, or else the last one.
    fn entry_above(&self, prr_file: &PrrFile) -> Option<Entry> {
        let there = || Stage::ALL.into_iter().filter_map(|stage| Some((stage, end_of(prr_file, stage)?)));
        let earlier = there().filter(|(stage, _)| *stage < self.stage).map(|(_, entry)| entry).next_back();
        earlier.or_else(|| Entry::of(&prr_file.kep_number))
    }

    fn new_prr_file(&self, record: &KepState, kep: &Kep, files: &Files) -> Result<Option<Revision>, Error> {
        if let Some(path) = record.prr_file_path() {
            return Err(by_hand(
                &format!("{} is not a regular file", quote(&path.to_string())),
                "replace it with a text file",
            ));
        }
        let Some(path) = &record.expected_prr_path else {
            let what = "`owning-sig` and `kep-number` do not tell where the production-readiness file belongs";
            return Err(by_hand(what, "fix them first; `kepgate check` lists the errors"));
        };
        if let Some(elsewhere) = record.misplaced_prr_file() {
            let elsewhere = files[elsewhere].path.to_string();
            let what = format!("the production-readiness file of this KEP is at {}", quote(&elsewhere));
            return Err(by_hand(&what, &format!("move it to {path} first")));
        }
        let Some(name) = &self.approver else { return self.without_approver(kep, None) };
        Ok(Some(new_prr_file(path.clone(), kep.kep_number.text(), self.stage, name)))
    }

    /// Accepts a missing approver if the gate does not apply.
    fn without_approver(&self, kep: &Kep, prr_file: Option<&PrrFile>) -> Result<Option<Revision>, Error> {
        let Some(release) = self.release.filter(|release| kep.dialect.is_gated(*release)) else { return Ok(None) };
        let mut earlier = Stage::ALL.into_iter().filter(|stage| stage.is_before(self.stage)).rev();
        let former = prr_file
            .and_then(|prr_file| earlier.find_map(|stage| Some((stage, prr_file.approver(stage)?.text().to_owned()))));
        let former = former.map_or_else(String::new, |(stage, name)| format!(" (the approver for {stage} was {name})"));
        Err(Error::usage(
            format!(
                "--prr-approver is required: the production readiness file does not name an approver for {}",
                self.stage
            ),
            format!(
                "add --prr-approver{former}; `kepgate query --by approver --release {release}` shows who has the fewest reviews"
            ),
        ))
    }
}

/// A production-readiness file with one stage.
pub(super) fn new_prr_file(path: RepoPath, number: &str, stage: Stage, approver: &str) -> Revision {
    let new = format!("kep-number: {number}\n{stage}:\n  approver: \"@{approver}\"\n").into_bytes();
    Revision { path, old: None, new }
}

/// The entry of a stage, with its end.
fn end_of(prr_file: &PrrFile, stage: Stage) -> Option<Entry> {
    Entry::of(prr_file.entry(stage))
}

/// Inserts a root key below the nearest key that comes before it in the template.
pub(super) fn below(file: &SourceFile, kep: &Kep, key: &str, lines: &str) -> Option<Edit> {
    let before = kep.fields().take_while(|(field, _)| field.key != key);
    edit::below(file, before.filter_map(|(_, value)| Entry::of(&value.outline())).last()?, lines)
}

/// The fields of a promotion that neither the project nor this KEP has. Reviews depend on all of them.
fn absent(kep: &Kep) -> Vec<&'static str> {
    let dialect = &kep.dialect;
    let is_used = |key: &str| dialect.uses(key) || dialect.prr_from.is_some() || key == "stage" && dialect.has_stages();
    let is_absent = |key: &str| kep.value(key).is_some_and(|value| value.outline().state == State::Absent);
    FIELDS.into_iter().filter(|key| !is_used(key) && is_absent(key)).collect()
}

fn nothing_to_promote(file: &SourceFile, kep: &Kep) -> Error {
    let path = quote(&file.path.to_string());
    let status = match kep.status.value() {
        Some((status, _)) => {
            let others: Vec<_> = kep.dialect.status_words().into_iter().filter(|word| word != status).collect();
            format!("edit `status` in {path}, which is {}, if you mean {}", quote(status), choice(&others))
        }
        None => format!("edit {path} by hand"),
    };
    by_hand(
        &format!("there is nothing to promote: KEPs of this project have no {}", choice(&FIELDS)),
        &format!(
            "{status}; if some KEPs have these fields, add them to the template or to `fields` in .github/kepgate.yaml"
        ),
    )
}

fn unsafe_to_change(file: &SourceFile, what: &str) -> Error {
    by_hand(
        &format!("{} has an unusual format that cannot be edited automatically", quote(&file.path.to_string())),
        &format!("edit it by hand: {what}"),
    )
}

fn by_hand(message: &str, help: &str) -> Error {
    Error::usage(message.to_owned(), help.to_owned())
}
