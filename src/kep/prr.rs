//! `keps/prod-readiness/<sig>/<number>.yaml`: the production readiness approver for each stage.

use super::Stage;
use super::decode::Entries;
use super::fault::{self, Fault};
use super::field::{Field, State, Text};
use super::fields;
use super::stage::PerStage;
use crate::syntax::yaml::{Comment, Document};
use crate::text::FileId;

/// A production-readiness file.
#[derive(Debug, Clone)]
pub struct PrrFile {
    /// The file that it was read from.
    pub file: FileId,
    /// Its faults, as YAML and as a production-readiness file.
    pub faults: Vec<Fault>,
    /// True if rules can check it. An empty or unreadable file has only its fault.
    pub readable: bool,
    /// The comments of the file.
    pub comments: Vec<Comment>,
    /// `kep-number`, as written.
    pub kep_number: Text,
    stages: PerStage<Field<Entry>>,
}

/// The entry of a stage.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// `approver`, as written.
    pub approver: Text,
}

impl PrrFile {
    /// Decodes a document. Faults are added to [`PrrFile::faults`].
    #[must_use]
    pub fn decode(file: FileId, document: &Document) -> Self {
        let mut faults = Vec::new();
        let mut entries = Entries::of_document(document, &mut faults);
        let kep_number = entries.text("kep-number");
        let stages = PerStage::from_fn(|stage| entries.mapping(stage.word(), Entry::decode));
        entries.finish(&fields::keys(fields::PRR));
        let comments = document.comments.clone();
        Self { file, faults, readable: document.readable, comments, kep_number, stages }
    }

    /// True if an unknown key at the root is probably a misspelling of `key`, which its own finding already reports.
    #[must_use]
    pub fn is_misspelt(&self, key: &str) -> bool {
        fault::misspellings(&self.faults, "", key).next().is_some()
    }

    /// True if an unknown key in the entry of `stage` is probably a misspelling of `key`.
    #[must_use]
    pub fn is_misspelt_below(&self, stage: Stage, key: &str) -> bool {
        fault::misspellings(&self.faults, stage.word(), key).next().is_some()
    }

    /// The entry of `stage`.
    #[must_use]
    pub const fn entry(&self, stage: Stage) -> &Field<Entry> {
        self.stages.of(stage)
    }

    /// The approver of `stage`, if there is one.
    #[must_use]
    pub fn approver(&self, stage: Stage) -> Option<&Text> {
        let (entry, _) = self.entry(stage).value()?;
        entry.approver.value().map(|_| &entry.approver)
    }

    /// True if the file may name an approver that was not decoded: the YAML, the type of a value or a key is wrong, or
    /// a key is duplicated.
    #[must_use]
    pub fn may_hide_approvers(&self) -> bool {
        let is_broken = |stage: Stage| match &self.entry(stage).state {
            State::Broken => true,
            State::Value(entry, _) => {
                entry.approver.state == State::Broken || self.is_misspelt_below(stage, "approver")
            }
            State::Absent | State::Empty(_) => self.is_misspelt(stage.word()),
        };
        self.faults.iter().any(|it| it.loses_content() || it.is_duplicate()) || Stage::ALL.into_iter().any(is_broken)
    }
}

impl Entry {
    fn decode(entries: &mut Entries<'_>) -> Self {
        let entry = Self { approver: entries.text("approver") };
        entries.finish(&fields::keys(fields::PRR_ENTRY));
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::PrrFile;
    use crate::kep::{FaultKind, Stage, fields};
    use crate::syntax::yaml;
    use crate::text::{Files, RepoPath, Side, SourceFile};

    fn decode(text: &str) -> PrrFile {
        let mut files = Files::default();
        let file = files.add(SourceFile::new(Side::Head, RepoPath::from("keps/prod-readiness/sig-node/1.yaml"), text));
        PrrFile::decode(file, &yaml::read(text))
    }

    #[test]
    fn each_field_of_the_table_is_decoded() {
        let entries = fields::PRR.iter().map(|field| {
            let below: Vec<_> = field.children().iter().map(|child| format!("{{{}: word}}", child.key)).collect();
            format!("{}: {}\n", field.key, below.first().map_or("1", String::as_str))
        });
        let prr = decode(&entries.collect::<String>());
        assert_eq!(prr.faults, []);
        assert_eq!(prr.kep_number.text(), "1");
        for stage in Stage::ALL {
            assert_eq!(prr.approver(stage).unwrap().text(), "word", "{stage}");
        }
    }

    #[test]
    fn each_key_of_the_table_is_suggested_for_its_misspelling() {
        for key in fields::keys(fields::PRR) {
            let prr = decode(&format!("{key}x: {{approver: word}}\n"));
            let [fault] = prr.faults.as_slice() else { panic!("{:?}", prr.faults) };
            let FaultKind::UnknownKey { known, near, .. } = &fault.kind else { panic!("{fault:?}") };
            assert!(known.iter().eq(fields::keys(fields::PRR)));
            assert_eq!(near.as_deref(), Some(key));
            assert!(prr.is_misspelt(key));
        }
        assert!(decode("beta: {approvr: word}\n").is_misspelt_below(Stage::Beta, "approver"));
    }
}
