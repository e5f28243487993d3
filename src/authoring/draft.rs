//! Creates a KEP from the template of the repository: known values are filled in, the template's examples are removed,
//! and everything else stays as in the template.

use std::string::FromUtf8Error;
use std::sync::Arc;

use super::promotion::{below, new_prr_file};
use super::revision::same_but_for;
use super::{Naming, Revision};
use crate::change::KepState;
use crate::error::Error;
use crate::escape::quoted;
use crate::kep::edit;
use crate::kep::edit::Edit;
use crate::kep::fields::{self, FieldSpec, Fill, When};
use crate::kep::kep_yaml::Value;
use crate::kep::placeholder::Placeholders;
use crate::kep::{Kep, List, Milestone, Stage, State, Status, Text};
use crate::project::{Profile, layout};
use crate::syntax::markdown;
use crate::text::RepoPath;
use crate::text::{Files, SourceFile, Span};

/// The longest slug, in bytes.
const MAX_SLUG: usize = 60;

/// The data of a new KEP.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// The number of the tracking issue as the project writes it, which can have a part, as in `12.1`; `None` if the
    /// project does not number its KEPs.
    pub(crate) number: Option<String>,
    /// Its title: one line without `---`.
    pub(crate) title: String,
    /// The layout and the process of the project.
    pub(crate) profile: Arc<Profile>,
    /// How the project names the directories of its KEPs.
    pub(crate) naming: Naming,
    /// The owning SIG: the name of a directory of the project; empty if the project has no SIGs.
    pub(crate) sig: String,
    /// The name of the KEP's directory after the number.
    pub(crate) slug: String,
    /// Handles with their `@`.
    pub(crate) authors: Vec<String>,
    /// Handles with their `@`; if there are none, `TBD` is written.
    pub(crate) reviewers: Vec<String>,
    /// Handles with their `@`; if there are none, `TBD` is written.
    pub(crate) approvers: Vec<String>,
    /// Other groups that take part.
    pub(crate) participating_sigs: Vec<String>,
    /// The creation date, such as `2025-10-17`.
    pub(crate) date: String,
    /// The first stage.
    pub(crate) stage: Stage,
    /// The project's word for the stage.
    pub(crate) stage_word: String,
    /// The planned release of the stage.
    pub(crate) release: Option<Milestone>,
    /// The production-readiness approver, without `@`.
    pub(crate) approver: Option<String>,
}

/// The ASCII letters and digits of a title in lowercase, with `-` between words, up to [`MAX_SLUG`] bytes.
#[must_use]
pub(crate) fn slug(title: &str) -> String {
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
    pub(crate) fn dir(&self) -> RepoPath {
        let layout = &self.profile.layout;
        // Without SIGs, single files may still be in a folder with any name.
        let has_folder = layout.is_grouped() || (layout.has_single_files() && !self.sig.is_empty());
        let folder = if has_folder { layout.root.join(&self.sig) } else { layout.root.clone() };
        let extension = if layout.has_single_files() { ".md" } else { "" };
        let name = self.naming.name(self.number.as_deref(), &self.slug, &self.date);
        folder.join(format!("{name}{extension}"))
    }

    fn number_text(&self) -> &str {
        self.number.as_deref().unwrap_or_default()
    }

    /// The files of the KEP. `record` is the template.
    ///
    /// # Errors
    /// [`Error::Usage`] if the template has faults, or cannot be filled in safely.
    pub(crate) fn revisions(
        &self,
        record: &KepState,
        readme: Option<&str>,
        placeholders: &Placeholders,
        files: &Files,
    ) -> Result<Vec<Revision>, Error> {
        let unusable = |why: &str| {
            Error::usage(
                format!("could not fill in the template {}: {why}", self.profile.layout.template_metadata()),
                "fix the template or copy it by hand",
            )
        };
        let kep = record.kep().filter(|kep| kep.readable && kep.faults.is_empty());
        let kep = kep.ok_or_else(|| unusable("it has errors"))?;
        let file = &files[kep.file];
        let edits = self
            .edits(file, kep, placeholders)
            .ok_or_else(|| unusable("a field is missing or has an unusual format"))?;
        let metadata = Revision::of(file, &edits).ok_or_else(|| unusable("it is empty"))?;
        let document = metadata.metadata(&kep.dialect);
        let new = Kep::decode_in(kep.file, &document, &kep.dialect);
        let lacks = |key: &str| !kep.dialect.uses(key);
        let is_meant = (new.title.text() == self.title || lacks("title"))
            && (new.kep_number.text() == self.number_text() || lacks("kep-number"))
            && (!self.profile.has_sigs || new.owning_sig.text() == self.sig || lacks("owning-sig"))
            && (new.known_status() == Some(Status::Provisional) || lacks("status"))
            && (new.authors.entries().iter().map(|entry| &entry.value).eq(&self.authors) || lacks("authors"));
        let mut filled = filled_in();
        filled.extend([kep.dialect.number_key(), kep.dialect.title_key()].into_iter().flatten());
        filled.extend(dates(kep).map(|(key, _)| key));
        if !is_meant || !same_but_for(&kep.dialect.read(file.text()), &document, &filled) {
            return Err(unusable("a field is missing or has an unusual format"));
        }
        let dir = self.dir();
        let has_front_matter = kep.dialect.has_front_matter;
        let new = if has_front_matter { self.with_heading(metadata.new) } else { metadata.new };
        let mut revisions = vec![Revision { path: self.profile.layout.metadata_of(&dir), old: None, new }];
        let readme = readme.filter(|_| !has_front_matter).map(|text| Revision {
            path: self.profile.layout.readme_of(&dir),
            old: None,
            new: self.readme(text).into_bytes(),
        });
        revisions.extend(readme);
        let number = self.number_text();
        let path = self.profile.layout.prr_file_path(&self.sig, number);
        if let (Some(name), Some(path)) = (&self.approver, path) {
            revisions.push(new_prr_file(path, number, self.stage, name));
        }
        Ok(revisions)
    }

    /// The changes to the template's metadata; `None` if a field is missing or cannot be changed.
    fn edits(&self, file: &SourceFile, kep: &Kep, placeholders: &Placeholders) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        for (field, value) in kep.fields() {
            let is_absent = value.outline().state == State::Absent && !kep.dialect.is_kubernetes;
            let is_filled = match field.fill {
                Fill::Keep => false,
                _ if is_absent => {
                    if is_expected(field, kep) {
                        edits.push(below(file, kep, field.key, &self.lines(field.key, kep))?);
                    }
                    false
                }
                Fill::Always if field.key == "owning-sig" => !self.sig.is_empty() && kep.owning_sig.value().is_some(),
                Fill::Always => true,
                Fill::IfPresent => value.outline().value().is_some(),
                Fill::ClearExamples => value.texts().iter().any(|(text, _)| placeholders.contains(text)),
            };
            if !is_filled {
                continue;
            }
            match value {
                Value::Text(text) => edits.push(replace(file, text, self.text(field.key, kep)?)?),
                Value::List(entries) => edits.push(list(file, entries, &self.entries(field.key))?),
                Value::Milestones(_) => edits.extend(self.milestones(file, kep)?),
                Value::Boolean(_) | Value::FeatureGates(_) => return None,
            }
        }
        let number_key = kep.dialect.number_key().filter(|_| self.number.is_some());
        for (key, stands_for) in [(number_key, "kep-number"), (kep.dialect.title_key(), "title")] {
            let Some(own) = kep.own.iter().find(|own| Some(own.key.as_str()) == key) else { continue };
            let value = self.text(stands_for, kep)?;
            let after_key = Span::new(own.key_span.end, own.key_span.end);
            edits.push(match &own.text {
                Some(text) => (text.span, value),
                None => edit::fill(file, after_key, &value)?,
            });
        }
        edits.extend(dates(kep).map(|(_, span)| (span, self.date.clone())));
        Some(edits)
    }

    /// The text of a field, as YAML; `None` for a field that is not filled in.
    fn text(&self, key: &str, template: &Kep) -> Option<String> {
        Some(match key {
            "title" if is_plain(&self.title) => self.title.clone(),
            "title" => quoted(&self.title),
            // YAML takes `12.10` for the number 12.1.
            "kep-number" if self.number_text().contains('.') => quoted(self.number_text()),
            "kep-number" => self.number_text().to_owned(),
            "owning-sig" => self.sig.clone(),
            "status" => self.profile.dialect.status_word(Status::Provisional).to_owned(),
            "creation-date" => self.date.clone(),
            "stage" => self.stage_word.clone(),
            "latest-milestone" => self.release(template),
            _ => return None,
        })
    }

    /// The lines of a field that the template lacks.
    fn lines(&self, key: &str, template: &Kep) -> String {
        match self.text(key, template) {
            Some(text) => format!("{key}: {text}"),
            None => format!("{key}: [{}]", written(&self.entries(key)).join(", ")),
        }
    }

    /// The entries of a list; empty if the template only has examples.
    fn entries(&self, key: &str) -> Vec<String> {
        match key {
            "authors" => self.authors.clone(),
            "participating-sigs" => self.participating_sigs.clone(),
            "reviewers" => people_or_undecided(&self.reviewers),
            "approvers" => people_or_undecided(&self.approvers),
            _ => Vec::new(),
        }
    }

    /// The release of the first stage; the other stages of the template are emptied.
    fn milestones(&self, file: &SourceFile, kep: &Kep) -> Option<Vec<Edit>> {
        let fields = Stage::ALL.into_iter().filter_map(|stage| Some((stage, kep.milestone_field(stage)?)));
        let present = fields.filter(|(_, field)| field.value().is_some());
        let written = |stage| if stage == self.stage { self.release(kep) } else { "\"\"".to_owned() };
        present.map(|(stage, field)| replace(file, field, written(stage))).collect()
    }

    /// The release in quotes, or an empty string in quotes.
    fn release(&self, template: &Kep) -> String {
        format!("\"{}\"", self.release.map_or_else(String::new, |release| super::release_like(release, template)))
    }

    /// The README with the KEP's heading; unchanged if it is not UTF-8.
    fn with_heading(&self, readme: Vec<u8>) -> Vec<u8> {
        String::from_utf8(readme).map_or_else(FromUtf8Error::into_bytes, |text| self.readme(&text).into_bytes())
    }

    /// The README with the KEP's heading. In other projects than Kubernetes, the template's heading need not have a
    /// placeholder for the number.
    fn readme(&self, template: &str) -> String {
        let headings = || markdown::read(template).headings.into_iter().filter(|heading| heading.level == 1);
        let number_in = |text: &str| text.find("NNNN");
        let first = || headings().next().filter(|_| !self.profile.dialect.is_kubernetes);
        let Some(heading) = headings().find(|heading| number_in(&heading.text).is_some()).or_else(first) else {
            return template.to_owned();
        };
        let number = match (number_in(&heading.text), &self.number) {
            (Some(at), Some(number)) => {
                let kind = heading.text.get(..at).filter(|kind| kind.strip_suffix('-').is_some_and(layout::is_word));
                format!("{}{number}: ", kind.unwrap_or("KEP-"))
            }
            _ => String::new(),
        };
        let (before, after) = (Span::new(0, heading.span.start), Span::new(heading.span.end, template.len()));
        format!("{}# {number}{}{}", &template[before], self.title, &template[after])
    }
}

/// True if the project expects this field of a new KEP.
fn is_expected(field: &FieldSpec, kep: &Kep) -> bool {
    let is_always = field.required == When::Always && kep.dialect.requires(field.key);
    is_always || (field.fill == Fill::Always && field.key != "owning-sig" && kep.dialect.uses(field.key))
}

/// Other fields of the template in which the date of the draft belongs.
fn dates(template: &Kep) -> impl Iterator<Item = (&str, Span)> {
    let updated = template.last_updated.value().map(|(text, span)| ("last-updated", text.as_str(), span));
    let own = template.own.iter().filter_map(|own| own.text.as_ref().map(|text| (own, text)));
    let own = own.map(|(own, text)| (own.key.as_str(), text.value.as_str(), text.span));
    let all = updated.into_iter().chain(own);
    all.filter(|(_, text, _)| text.eq_ignore_ascii_case("yyyy-mm-dd")).map(|(key, _, span)| (key, span))
}

/// The keys whose values come from the draft; all others stay as in the template.
fn filled_in() -> Vec<&'static str> {
    fields::KEP.iter().filter(|field| field.fill != Fill::Keep).map(|field| field.key).collect()
}

fn people_or_undecided(people: &[String]) -> Vec<String> {
    if people.is_empty() { vec!["TBD".to_owned()] } else { people.to_vec() }
}

/// True if a text is a YAML string without quotes.
fn is_plain(text: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || " -_./()".contains(character);
    text.starts_with(|first: char| first.is_alphabetic())
        && text.chars().all(is_word)
        && !text.ends_with(' ')
        && !matches!(text.to_lowercase().as_str(), "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n")
}

/// Replaces the value of a field with `written`.
fn replace(file: &SourceFile, field: &Text, written: String) -> Option<Edit> {
    match &field.state {
        State::Value(old, span) => (!old.contains('\n')).then_some((*span, written)),
        State::Empty(span) => edit::fill(file, *span, &written),
        State::Absent | State::Broken => None,
    }
}

/// The entries of a list, in YAML.
fn written(entries: &[String]) -> Vec<String> {
    entries.iter().map(|entry| if entry.starts_with('@') { quoted(entry) } else { entry.clone() }).collect()
}

/// Replaces the entries of a list.
fn list(file: &SourceFile, field: &List, entries: &[String]) -> Option<Edit> {
    let written = written(entries);
    if let State::Empty(span) = field.state {
        return edit::fill(file, span, &format!("[{}]", written.join(", ")));
    }
    let (key, (_, span)) = (field.key?, field.value()?);
    let (first, last) = (field.entries().first()?, field.entries().last()?);
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
    use std::sync::Arc;

    use super::{Draft, Naming, slug};
    use crate::kep::fields::{self, Fill, Shape};
    use crate::kep::{Kep, Stage};
    use crate::syntax::yaml::Document;
    use crate::text::{Files, RepoPath, Side, SourceFile};

    #[test]
    fn a_slug_is_made_of_whole_words() {
        assert_eq!(slug("In-place Update of Pod Resources"), "in-place-update-of-pod-resources");
        assert_eq!(slug("  CRD v2: \"x\"/../é "), "crd-v2-x");
        assert_eq!(slug(&"word ".repeat(40)).len(), 59);
        assert_eq!(slug("…"), "");
    }

    #[test]
    fn each_draft_field_has_a_value() {
        let person = vec!["@marta-k".to_owned()];
        let draft = Draft {
            number: Some("1234".to_owned()),
            title: "Quiet hours".to_owned(),
            profile: Arc::default(),
            naming: Naming::default(),
            sig: "sig-node".to_owned(),
            slug: "quiet-hours".to_owned(),
            authors: person.clone(),
            reviewers: person.clone(),
            approvers: person.clone(),
            participating_sigs: person,
            date: "2025-10-17".to_owned(),
            stage: Stage::Alpha,
            stage_word: "alpha".to_owned(),
            release: None,
            approver: None,
        };
        let mut files = Files::default();
        let file = files.add(SourceFile::new(Side::Policy, RepoPath::from("kep.yaml"), ""));
        let template = Kep::decode(file, &Document::default());
        for field in fields::KEP {
            let has_value = match field.shape {
                Shape::List => !draft.entries(field.key).is_empty(),
                Shape::Mapping(_) => field.key == "milestone",
                _ => draft.text(field.key, &template).is_some(),
            };
            let is_filled = matches!(field.fill, Fill::Always | Fill::IfPresent);
            assert_eq!(has_value, is_filled, "{}", field.key);
        }
    }
}
