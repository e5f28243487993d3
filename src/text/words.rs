//! Normalizes text: ignores case, punctuation and markup.

/// The letters and digits of `text` in lower case, with one space between words.
///
/// ```
/// # use kepgate::text::words::words;
/// assert_eq!(words("### Notes/Constraints/Caveats (Optional)"), "notes constraints caveats optional");
/// ```
#[must_use]
pub fn words(text: &str) -> String {
    if text.is_ascii() {
        return ascii_words(text);
    }
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

/// Like [`words`], but only for ASCII. Nearly all text is ASCII, and this takes a fraction of the time.
fn ascii_words(text: &str) -> String {
    let mut words = Vec::with_capacity(text.len());
    for word in text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if !words.is_empty() {
            words.push(b' ');
        }
        words.extend_from_slice(word);
    }
    words.make_ascii_lowercase();
    String::from_utf8(words).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn ascii_and_other_text_are_normalized_alike() {
        for text in ["", " - ", "A  b-C_d", "### End-to-end (e2e)?", "n/a.", "\tX\n1"] {
            // A letter that is not ASCII selects the other code path.
            assert_eq!(format!("{} \u{e9}", words(text)).trim_start(), words(&format!("{text} \u{c9}")), "{text:?}");
        }
    }
}
