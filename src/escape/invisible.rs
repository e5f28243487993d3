//! Characters that are invisible, or that change how the text around them is displayed.

use std::borrow::Cow;
use std::ops::Range;

/// True for characters that must never be printed as they are: control characters, marks that change the direction of
/// text, spaces that look like an ordinary space, and everything that Unicode ignores by default
/// (`Default_Ignorable_Code_Point` in DerivedCoreProperties.txt), which no font shows.
#[must_use]
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{1680}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Replaces every unsafe character, except those in `kept`, with its code point: `\u{202e}`.
pub(super) fn show<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    let is_replaced = |character: char| is_unsafe(character) && !kept.contains(&character);
    if !text.contains(is_replaced) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_replaced(character) { shown.push_str(&number(character)) } else { shown.push(character) }
    }
    Cow::Owned(shown)
}

/// How an unsafe character is shown.
pub(super) fn number(character: char) -> String {
    format!("\\u{{{:x}}}", u32::from(character))
}

/// Source text with its unsafe characters made visible, and a map from byte offsets in the original to offsets in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleSource {
    /// The text to show.
    pub text: String,
    /// The offset of each replaced character in the original, and how many bytes were added up to and including it.
    replaced: Vec<(usize, usize)>,
}

impl VisibleSource {
    /// Makes `text` visible. Line breaks and tabs stay, because the terminal shows them as such.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut source = Self { text: String::with_capacity(text.len()), replaced: Vec::new() };
        let mut characters = text.char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            let is_line_break = character == '\r' && characters.peek().is_some_and(|(_, next)| *next == '\n');
            if matches!(character, '\n' | '\t') || is_line_break || !is_unsafe(character) {
                source.text.push(character);
                continue;
            }
            source.text.push_str(&number(character));
            let added = source.text.len() - offset - character.len_utf8();
            source.replaced.push((offset, added));
        }
        source
    }

    /// True if nothing had to be replaced.
    #[must_use]
    pub const fn is_unchanged(&self) -> bool {
        self.replaced.is_empty()
    }

    /// Converts a byte range of the original to one of the visible text.
    #[must_use]
    pub fn range(&self, range: &Range<usize>) -> Range<usize> {
        self.offset(range.start)..self.offset(range.end)
    }

    fn offset(&self, original: usize) -> usize {
        let before = self.replaced.partition_point(|(offset, _)| *offset < original);
        let added = before.checked_sub(1).and_then(|last| self.replaced.get(last)).map_or(0, |(_, added)| *added);
        original + added
    }
}

#[cfg(test)]
mod tests {
    use super::{VisibleSource, is_unsafe, show};

    #[test]
    fn invisible_characters_are_unsafe_and_visible_ones_are_not() {
        for character in "\0\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{a0}\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b5}\u{180e}\u{2003}\u{200b}\
                          \u{200d}\u{200f}\u{2028}\u{202e}\u{202f}\u{2060}\u{2066}\u{206f}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\
                          \u{fff9}\u{1bca3}\u{1d17a}\u{e0001}\u{e007f}\u{e0100}\u{e0fff}"
            .chars()
        {
            assert!(is_unsafe(character), "U+{:04X}", u32::from(character));
        }
        for character in " a~é\u{300}한ا\u{2010}\u{2027}\u{2070}\u{3000}\u{fffc}\u{fffd}😀\u{e1000}".chars() {
            assert!(!is_unsafe(character), "U+{:04X}", u32::from(character));
        }
    }

    #[test]
    fn unsafe_characters_are_shown_by_their_numbers() {
        assert_eq!(show("a\u{202e}b\u{e0001}\n", &['\n']), "a\\u{202e}b\\u{e0001}\n");
        assert_eq!(show("a\n", &[]), "a\\u{a}");
    }

    #[test]
    fn a_range_of_the_source_is_found_in_the_visible_text() {
        let text = "\u{feff}ab\u{200b}\u{202e}c\td\r\ne\rf";
        let source = VisibleSource::new(text);
        assert_eq!(source.text, "\\u{feff}ab\\u{200b}\\u{202e}c\td\r\ne\\u{d}f");
        for word in ["ab", "c", "d", "e", "f", "\u{200b}\u{202e}", "\u{feff}", "b\u{200b}"] {
            let start = text.find(word).unwrap();
            let shown = show(word, &[]);
            assert_eq!(source.text[source.range(&(start..start + word.len()))], *shown, "{word:?}");
        }
        let end = source.range(&(text.len()..text.len()));
        assert_eq!(end, source.text.len()..source.text.len());
        assert!(VisibleSource::new("a\tb\r\n").is_unchanged() && !source.is_unchanged());
    }
}
