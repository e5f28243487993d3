//! Normalizes text: ignores case, punctuation and markup.

/// The letters and digits of `text` in lower case, with one space between words.
///
/// ```
/// # use kepgate::text::words::words;
/// assert_eq!(words("### Notes/Constraints/Caveats (Optional)"), "notes constraints caveats optional");
/// ```
#[must_use]
pub fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut is_apart = false;
    for character in text.chars() {
        if !character.is_alphanumeric() {
            is_apart = true;
            continue;
        }
        if is_apart && !words.is_empty() {
            words.push(' ');
        }
        is_apart = false;
        if character.is_ascii() {
            words.push(character.to_ascii_lowercase());
        } else {
            words.extend(character.to_lowercase());
        }
    }
    words
}
