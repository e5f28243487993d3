//! A new KEP, from the template of the repository: what is known is filled in, what would be wrong is taken out, and
//! what only the author can say stays as the template has it.

use super::Revision;
use super::promotion::new_approval;
use super::revision::same_but_for;
use crate::change::KepState;
use crate::error::Error;
use crate::escape::quoted;
use crate::kep::edit;
use crate::kep::edit::Edit;
use crate::kep::placeholder::Placeholders;
use crate::kep::{Kep, KepNumber, List, Milestone, Stage, Status, Text, placeholder};
use crate::project::layout;
use crate::syntax::yaml;
use crate::text::RepoPath;
use crate::text::{Files, SourceFile, Span};

/// The longest slug, in bytes.
const MAX_SLUG: usize = 60;

/// The fields that are filled in; all others stay as the template has them.
const FILLED_IN: &[&str] = &[
    "title",
    "kep-number",
    "authors",
    "owning-sig",
    "participating-sigs",
    "status",
    "creation-date",
    "reviewers",
    "approvers",
    "see-also",
    "replaces",
    "superseded-by",
    "stage",
    "latest-milestone",
    "milestone",
];

/// What is known of a new KEP.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its number: that of the tracking issue.
    pub number: KepNumber,
    /// Its title: one line without `---`.
    pub title: String,
    /// The group that owns it: the name of a folder below `keps`.
    pub sig: String,
    /// The name of its directory behind the number.
    pub slug: String,
    /// Handles with their `@`.
    pub authors: Vec<String>,
    /// Handles with their `@`; with none it is `TBD`.
    pub reviewers: Vec<String>,
    /// Handles with their `@`; with none it is `TBD`.
    pub approvers: Vec<String>,
    /// Groups that take part.
    pub participating_sigs: Vec<String>,
    /// The day, as `2025-10-17`.
    pub date: String,
    /// The first stage.
    pub stage: Stage,
    /// The release that is to bring it.
    pub release: Option<Milestone>,
    /// Who is to approve production readiness, without `@`.
    pub approver: Option<String>,
}

/// Letters and digits of a title in lower case, with `-` between words, of at most 60 bytes.
#[must_use]
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for word in title.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if slug.len() + word.len() >= MAX_SLUG {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_ascii_lowercase());
    }
    slug
}

impl Draft {
    /// The directory of the KEP.
    #[must_use]
    pub fn dir(&self) -> RepoPath {
        RepoPath::from(layout::KEPS).join(&self.sig).join(format!("{}-{}", self.number, self.slug))
    }

    /// The files of the KEP, from the template that `record` is.
    ///
    /// # Errors
    /// [`Error::Usage`] when the template has faults, or is written in a way that cannot be filled in.
    pub fn revisions(
        &self,
        record: &KepState,
        readme: Option<&str>,
        placeholders: &Placeholders,
        files: &Files,
    ) -> Result<Vec<Revision>, Error> {
        let unusable = |why: &str| Error::Usage {
            message: format!("the template {} cannot be filled in: {why}", placeholder::PATH),
            help: "mend the template, or copy it by hand".to_owned(),
        };
        let kep = record.kep().filter(|kep| kep.readable && kep.faults.is_empty());
        let kep = kep.ok_or_else(|| unusable("it has faults of its own"))?;
        let file = &files[kep.file];
        let edits = self.edits(file, kep, placeholders).ok_or_else(|| unusable("a field stands in no usual way"))?;
        let metadata = Revision::of(file, &edits).ok_or_else(|| unusable("it is empty"))?;
        let document = metadata.document();
        let new = Kep::lower(kep.file, &document);
        let is_meant = new.title.text() == self.title
            && new.kep_number.text() == self.number.to_string()
            && new.owning_sig.text() == self.sig
            && new.known_status() == Some(Status::Provisional)
            && new.authors.entries().iter().map(|entry| &entry.value).eq(&self.authors);
        if !is_meant || !same_but_for(&yaml::read(file.text()), &document, FILLED_IN) {
            return Err(unusable("a field stands in no usual way"));
        }
        let dir = self.dir();
        let mut revisions = vec![Revision { path: dir.join(layout::METADATA), old: None, new: metadata.new }];
        let readme = readme.map(|text| Revision {
            path: dir.join(layout::README),
            old: None,
            new: self.readme(text).into_bytes(),
        });
        revisions.extend(readme);
        if let (Some(name), Some(path)) = (&self.approver, layout::approval_path(&self.sig, &self.number.to_string())) {
            revisions.push(new_approval(path, &self.number.to_string(), self.stage, name));
        }
        Ok(revisions)
    }

    /// What changes in the template's metadata; `None` when a field is not there, or cannot be changed.
    fn edits(&self, file: &SourceFile, kep: &Kep, placeholders: &Placeholders) -> Option<Vec<Edit>> {
        let number = self.number.to_string();
        let title = if is_plain(&self.title) { self.title.clone() } else { quoted(&self.title) };
        let mut edits = vec![
            replace(&kep.title, title)?,
            replace(&kep.kep_number, number)?,
            list(file, &kep.authors, &self.authors)?,
            replace(&kep.owning_sig, self.sig.clone())?,
            replace(&kep.status, Status::Provisional.word().to_owned())?,
        ];
        let mut optional = Vec::new();
        optional.push(
            kep.participating_sigs.value().map(|_| list(file, &kep.participating_sigs, &self.participating_sigs)),
        );
        optional.push(kep.creation_date.value().map(|_| replace(&kep.creation_date, self.date.clone())));
        optional.push(kep.stage.value().map(|_| replace(&kep.stage, self.stage.word().to_owned())));
        for (field, people) in [(&kep.reviewers, &self.reviewers), (&kep.approvers, &self.approvers)] {
            optional.push(field.value().map(|_| list(file, field, &people_or_undecided(people))));
        }
        for field in [&kep.see_also, &kep.replaces, &kep.superseded_by] {
            let is_template = field.entries().iter().any(|entry| placeholders.contains(&entry.value));
            optional.push(is_template.then(|| list(file, field, &[])));
        }
        let release = self.release.map_or_else(String::new, |release| release.to_string());
        let when = |is_now: bool| format!("\"{}\"", if is_now { release.as_str() } else { "" });
        optional.push(kep.latest_milestone.value().map(|_| replace(&kep.latest_milestone, when(true))));
        for stage in Stage::ALL {
            let field = kep.milestone_field(stage).filter(|field| field.value().is_some());
            optional.push(field.map(|field| replace(field, when(stage == self.stage))));
        }
        for edit in optional.into_iter().flatten() {
            edits.push(edit?);
        }
        Some(edits)
    }

    /// The proposal, with its heading.
    fn readme(&self, template: &str) -> String {
        let is_heading = |line: &&str| line.starts_with("# ") && line.contains("NNNN");
        match template.lines().find(is_heading) {
            Some(heading) => template.replacen(heading, &format!("# KEP-{}: {}", self.number, self.title), 1),
            None => template.to_owned(),
        }
    }
}

fn people_or_undecided(people: &[String]) -> Vec<String> {
    if people.is_empty() { vec!["TBD".to_owned()] } else { people.to_vec() }
}

/// Whether a text means itself in YAML without quotes.
fn is_plain(text: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || " -_./()".contains(character);
    text.starts_with(|first: char| first.is_alphabetic())
        && text.chars().all(is_word)
        && !text.ends_with(' ')
        && !matches!(text.to_lowercase().as_str(), "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n")
}

/// Another value, as it is to be written.
fn replace(field: &Text, written: String) -> Option<Edit> {
    field.value().filter(|(old, _)| !old.contains('\n')).map(|(_, span)| (span, written))
}

/// Other entries for a list that has some.
fn list(file: &SourceFile, field: &List, entries: &[String]) -> Option<Edit> {
    let (key, (_, span)) = (field.key?, field.value()?);
    let (first, last) = (field.entries().first()?, field.entries().last()?);
    let written: Vec<_> =
        entries.iter().map(|entry| if entry.starts_with('@') { quoted(entry) } else { entry.clone() }).collect();
    if entries.is_empty() {
        let end = if is_flow(file, span) { span.end } else { last.span.end };
        return Some((Span::new(key.end + 1, end), " []".to_owned()));
    }
    let between = if is_flow(file, span) {
        ", ".to_owned()
    } else {
        let line = file.line(file.position(first.span.start).line);
        let lead = &file.text()[Span::new(line.start, first.span.start)];
        format!("{}{lead}", edit::line_break(file))
    };
    Some((first.span.to(last.span), written.join(&between)))
}

fn is_flow(file: &SourceFile, span: Span) -> bool {
    file.text()[span].starts_with('[')
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_slug_is_made_of_whole_words() {
        assert_eq!(slug("In-place Update of Pod Resources"), "in-place-update-of-pod-resources");
        assert_eq!(slug("  CRD v2: \"x\"/../é "), "crd-v2-x");
        assert_eq!(slug(&"word ".repeat(40)).len(), 59);
        assert_eq!(slug("…"), "");
    }
}
