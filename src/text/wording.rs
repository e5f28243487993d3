//! Helpers for the text of messages.

use crate::escape::one_line;

/// The maximum length of untrusted text in a message, in characters.
const MAX_QUOTED: usize = 80;

/// Quotes untrusted text for a message: in backticks, on one line, and bounded.
pub(crate) fn quote(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_QUOTED).collect();
    if text.chars().nth(MAX_QUOTED).is_some() {
        shown.push('…');
    }
    let shown = one_line(&shown);
    format!("`{}`", shown.replace('`', "'"))
}

/// Joins words as `a`, `b` or `c`, each in backticks.
pub(crate) fn choice<T: AsRef<str>>(words: &[T]) -> String {
    join(words, "or")
}

/// Joins words as `a`, `b` and `c`, each in backticks.
pub(crate) fn all_of<T: AsRef<str>>(words: &[T]) -> String {
    join(words, "and")
}

/// Names the first of these, at most `limit`, and says how many more there are: `a`, `b` and `c` (and 2 more).
pub(crate) fn first_of<T: ToString>(all: &[T], limit: usize) -> String {
    let named: Vec<_> = all.iter().take(limit).map(ToString::to_string).collect();
    match all.len().saturating_sub(limit) {
        0 => all_of(&named),
        more => format!("{} (and {more} more)", all_of(&named)),
    }
}

fn join<T: AsRef<str>>(words: &[T], last: &str) -> String {
    let quoted: Vec<_> = words.iter().map(|word| quote(word.as_ref())).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// Says which keys are valid.
pub(crate) fn valid_keys<T: AsRef<str>>(keys: &[T]) -> String {
    match keys {
        [only] => format!("the only valid key is {}", quote(only.as_ref())),
        several => format!("the valid keys are {}", all_of(several)),
    }
}

/// `1 KEP`, `2 KEPs`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{choice, quote, valid_keys};

    #[test]
    fn quoted_text_stays_on_one_line_and_is_bounded() {
        assert_eq!(quote("a\nb`c"), "`a\\u{a}b'c`");
        assert_eq!(quote(&"x".repeat(100)).chars().count(), 83);
    }

    #[test]
    fn choices_read_as_a_sentence() {
        assert_eq!(choice(&["alpha", "beta", "stable"]), "`alpha`, `beta` or `stable`");
        assert_eq!(choice(&["alpha"]), "`alpha`");
    }

    #[test]
    fn keys_agree_with_their_number() {
        assert_eq!(valid_keys(&["approver"]), "the only valid key is `approver`");
        assert_eq!(valid_keys(&["name", "components"]), "the valid keys are `name` and `components`");
    }
}
