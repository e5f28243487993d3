//! The KEP template: placeholder text that has to be replaced before a KEP means anything, and, in [`outline`], what a
//! README has to hold.

use std::collections::BTreeSet;

use super::Kep;
use super::sigs::Sigs;

/// Where the template's metadata stands in a repository.
pub const PATH: &str = "keps/NNNN-kep-template/kep.yaml";

/// The placeholders of `kep.yaml`.
#[derive(Debug, Clone)]
pub struct Placeholders(BTreeSet<String>);

/// The placeholders that every template has had; a repository's own template adds to them.
pub(super) const KNOWN: &[&str] = &[
    "NNNN",
    "nnnn",
    "KEP Template",
    "sig-xyz",
    "sig-aaa",
    "sig-bbb",
    "@jane.doe",
    "@alice.doe",
    "@oscar.doe",
    "yyyy-mm-dd",
    "MyFeature",
    "my_feature_metric",
    "/keps/sig-aaa/1234-we-heard-you-like-keps",
    "/keps/sig-bbb/2345-everyone-gets-a-kep",
    "/keps/sig-ccc/3456-replaced-kep",
];

impl Default for Placeholders {
    fn default() -> Self {
        Self(KNOWN.iter().map(|&word| word.to_owned()).collect())
    }
}

impl Placeholders {
    /// Takes in the placeholders of a repository's own template. Its milestones are left out: they are releases like
    /// any other, and so are `TBD`, which stands for somebody
    /// yet to be found, and the groups that there are.
    pub fn add_template(&mut self, template: &Kep, sigs: &Sigs) {
        let texts = [
            &template.title,
            &template.kep_number,
            &template.owning_sig,
            &template.status,
            &template.creation_date,
            &template.stage,
        ];
        let lists = [
            &template.authors,
            &template.participating_sigs,
            &template.reviewers,
            &template.approvers,
            &template.see_also,
            &template.replaces,
            &template.metrics,
        ];
        let gates = template.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
        let words = texts
            .into_iter()
            .map(super::decode::Field::text)
            .chain(lists.into_iter().flat_map(super::decode::Field::entries).map(|entry| entry.value.as_str()))
            .chain(gates.iter().map(|gate| gate.value.name.text()));
        for word in words {
            let is_real = super::handle::is_undecided(word)
                || super::Status::parse(word).is_some()
                || super::Stage::parse(word).is_some()
                || sigs.is_known(word);
            if !word.is_empty() && !is_real {
                self.0.insert(word.to_owned());
            }
        }
    }

    /// Whether `value` is template text: a placeholder, or a line of choices (`alpha|beta|stable`).
    #[must_use]
    pub fn contains(&self, value: &str) -> bool {
        self.0.contains(value.trim()) || is_choice(value)
    }
}

/// A line of choices, each a bare word.
fn is_choice(value: &str) -> bool {
    let mut words = value.split('|').map(str::trim);
    value.contains('|')
        && words.all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
}
