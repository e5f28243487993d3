//! Placeholders from the KEP template, which authors have to replace.

use std::collections::BTreeSet;

use super::fields::{self, Leftover, Shape};
use super::sigs::Sigs;
use super::{Dialect, Handle, Kep, Stage, Status, handle};

/// The placeholders in `kep.yaml`: those of Kubernetes' template, and those of the repository's own template.
#[derive(Debug, Clone)]
pub struct Placeholders(BTreeSet<String>);

impl Default for Placeholders {
    fn default() -> Self {
        Self(fields::examples(fields::KEP).into_iter().map(str::to_owned).collect())
    }
}

impl Placeholders {
    /// Adds the placeholders of a repository's own template, except for real values such as releases, `TBD`, the names
    /// of existing groups and of people.
    pub fn add_template(&mut self, template: &Kep, sigs: &Sigs) {
        let is_checked = |field: &fields::FieldSpec| {
            field.leftover != Leftover::Ignored && !matches!(field.shape, Shape::Release | Shape::Mapping(_))
        };
        for (field, value) in template.fields().filter(|(field, _)| is_checked(field)) {
            for (word, _) in value.texts() {
                let is_real = handle::is_undecided(word)
                    || is_word_of_project(field, word, &template.dialect)
                    || is_person(word)
                    || Status::parse(word).is_some()
                    || Stage::parse(word).is_some()
                    || sigs.is_known(word);
                if !word.is_empty() && !is_real {
                    self.0.insert(word.to_owned());
                }
            }
        }
        let own = template.own.iter().filter_map(|own| own.text.as_ref());
        self.0.extend(own.map(|text| text.value.trim()).filter(|text| describes_value(text)).map(str::to_owned));
    }

    /// True if `value` comes from a template: a placeholder, or a list of choices (`alpha|beta|stable`).
    #[must_use]
    pub fn contains(&self, value: &str) -> bool {
        self.0.contains(value.trim()) || is_choice(value)
    }
}

/// True for a status or stage with which KEPs may begin.
fn is_word_of_project(field: &fields::FieldSpec, word: &str, dialect: &Dialect) -> bool {
    match field.shape {
        Shape::Status => dialect.status(word).is_some() || Status::meant_by(word).is_some(),
        Shape::Stage => dialect.stage(word).is_some(),
        _ => false,
    }
}

/// True if a handle is probably that of a real person: it can be one on GitHub, and does not describe itself.
fn is_person(word: &str) -> bool {
    const DESCRIPTIONS: [&str; 14] = [
        "alice", "approver", "author", "bob", "doe", "example", "foo", "github", "handle", "name", "person",
        "reviewer", "user", "your",
    ];
    let name = word.to_ascii_lowercase();
    Handle::parse(word).is_ok() && !DESCRIPTIONS.iter().any(|description| name.contains(description))
}

/// True for a text that only says what to write: `<link>`, `YYYY-MM-DD`.
fn describes_value(text: &str) -> bool {
    let is_in_brackets = text.len() > 2 && text.starts_with('<') && text.ends_with('>') && !text.contains("://");
    is_in_brackets || text.eq_ignore_ascii_case("yyyy-mm-dd")
}

/// True for a list of choices separated by `|`, each of them a lowercase word.
fn is_choice(value: &str) -> bool {
    let mut words = value.split('|').map(str::trim);
    value.contains('|')
        && words.all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
}
