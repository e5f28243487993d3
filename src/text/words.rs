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

/// Each ASCII letter in lower case and each digit by its own value; 0 for what is between words.
const IN_WORDS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            #[allow(clippy::indexing_slicing, reason = "every byte is an index, and the table is constant")]
            {
                table[byte as usize] = byte.to_ascii_lowercase();
            }
        }
        byte += 1;
    }
    table
};

/// The same for ASCII, which is nearly all text, in a fraction of the time.
fn ascii_words(text: &str) -> String {
    let mut words = Vec::with_capacity(text.len());
    let mut is_apart = false;
    for byte in text.bytes() {
        match IN_WORDS.get(usize::from(byte)) {
            None | Some(0) => is_apart = true,
            Some(byte) if is_apart && !words.is_empty() => {
                words.extend([b' ', *byte]);
                is_apart = false;
            }
            Some(byte) => {
                words.push(*byte);
                is_apart = false;
            }
        }
    }
    String::from_utf8(words).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn ascii_and_other_text_are_normalized_alike() {
        for text in ["", " - ", "A  b-C_d", "### End-to-end (e2e)?", "n/a.", "\tX\n1"] {
            // A letter that is not ASCII takes the other path.
            assert_eq!(format!("{} \u{e9}", words(text)).trim_start(), words(&format!("{text} \u{c9}")), "{text:?}");
        }
    }
}
