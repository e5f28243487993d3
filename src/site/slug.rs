//! Names of pages: lowercase letters, digits and `-`, each only once.

use std::collections::BTreeSet;

/// Gives out names.
#[derive(Debug, Default)]
pub(super) struct Slugs(BTreeSet<String>);

impl Slugs {
    /// True if nothing has this name yet.
    pub(super) fn is_free(&self, name: &str) -> bool {
        !self.0.contains(name)
    }

    /// A name like `wanted` that nothing else has yet.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let plain = plain(wanted);
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        let free = std::iter::once(plain.clone()).chain(numbered).find(|name| !self.0.contains(name));
        let name = free.unwrap_or_default();
        self.0.insert(name.clone());
        name
    }
}

/// The text with `-` in place of everything else, at most 60 characters.
pub(super) fn plain(text: &str) -> String {
    const MAX_LENGTH: usize = 60;
    let mut plain = String::new();
    for character in text.chars().take(MAX_LENGTH) {
        match character.to_ascii_lowercase() {
            word @ ('a'..='z' | '0'..='9' | '.') if word != '.' || !plain.is_empty() => plain.push(word),
            _ if plain.is_empty() || plain.ends_with('-') => {}
            _ => plain.push('-'),
        }
    }
    let plain = plain.trim_end_matches(['-', '.']);
    if plain.is_empty() { "none".to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Slugs, plain};

    #[test]
    fn a_name_is_safe_in_a_path() {
        for (text, name) in [
            ("sig-node", "sig-node"),
            ("SIG Node", "sig-node"),
            ("../../etc/passwd", "etc-passwd"),
            ("<script>", "script"),
            ("v1.36", "v1.36"),
            ("..", "none"),
            ("", "none"),
            ("ä", "none"),
        ] {
            assert_eq!(plain(text), name, "{text:?}");
        }
    }

    #[test]
    fn two_things_never_get_one_name() {
        let mut slugs = Slugs::default();
        assert_eq!(["A b", "a-b", "a-b"].map(|text| slugs.take(text)), ["a-b", "a-b-2", "a-b-3"]);
        assert_eq!(slugs.take("a-b-2"), "a-b-2-2");
    }
}
