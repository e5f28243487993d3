//! Names that a person takes for another name.

use crate::escape::is_unsafe;

/// True if `name` is not `known`, but could be taken for it: it differs only in case, in the kind of hyphens, in spaces,
/// dots and tildes at its ends, in invisible characters, or in characters that look alike. In a name that otherwise
/// agrees, any character outside of ASCII may look like the one that is expected in its place.
#[must_use]
pub fn looks_like(name: &[u8], known: &[u8]) -> bool {
    if name == known {
        return false;
    }
    if name.iter().chain(known).all(|byte| matches!(byte, b' '..=b'~')) {
        return visible(name).eq(visible(known));
    }
    // A character has at most four bytes; a name that is much longer does not look like the other one.
    let is_similar_length = name.len() <= 4 * (known.len() + MAX_EXTRA) && name.len() >= known.len().div_ceil(2);
    is_similar_length && agree(&folded(&plain(name)), &folded(&plain(known)))
}

/// True if both names have the same characters, of which some of `name` may be outside of ASCII instead.
fn agree(name: &str, known: &str) -> bool {
    let mut others = 0;
    let mut wanted = known.chars();
    for character in name.chars() {
        match wanted.next() {
            Some(wanted) if wanted == character => {}
            Some(_) if !character.is_ascii() && character != char::REPLACEMENT_CHARACTER => others += 1,
            _ => return false,
        }
    }
    wanted.next().is_none() && 2 * others <= known.len()
}

/// The bytes of [`folded`] and [`plain`] for a name in ASCII without control characters. Nearly all names are.
fn visible(name: &[u8]) -> impl Iterator<Item = u8> {
    let start = name.iter().take_while(|byte| **byte == b' ').count();
    let end = name.iter().rev().take_while(|byte| matches!(byte, b' ' | b'.' | b'~')).count();
    let bytes = name.iter().take(name.len() - end).skip(start);
    bytes.map(|byte| match byte.to_ascii_lowercase() {
        b'i' | b'1' | b'|' => b'l',
        b'0' => b'o',
        b'_' | b' ' => b'-',
        other => other,
    })
}

/// How many characters more a name may have that nobody notices.
const MAX_EXTRA: usize = 16;

/// The name without what nobody notices: in lower case, without invisible characters and what is at its ends, and in ASCII
/// as far as the characters look like it.
#[must_use]
pub fn plain(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let seen = name.chars().filter(|it| !is_unsafe(*it) && !is_combining(*it)).flat_map(char::to_lowercase);
    let plain: String = seen.map(in_ascii).collect();
    plain.trim_start_matches(' ').trim_end_matches([' ', '.', '~']).to_owned()
}

/// True for an accent that is added to the character before it.
const fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// The ASCII character that a lower-case letter, a digit or a mark looks like.
fn in_ascii(character: char) -> char {
    match character {
        '\u{430}' | '\u{3b1}' | '\u{251}' | '\u{1d00}' => 'a',
        '\u{299}' => 'b',
        '\u{441}' | '\u{3f2}' | '\u{1d04}' => 'c',
        '\u{501}' | '\u{1d05}' => 'd',
        '\u{435}' | '\u{454}' | '\u{3b5}' | '\u{1d07}' => 'e',
        '\u{261}' => 'g',
        '\u{43d}' => 'h',
        '\u{456}' | '\u{3b9}' | '\u{131}' => 'i',
        '\u{458}' => 'j',
        '\u{43a}' | '\u{3ba}' | '\u{1d0b}' => 'k',
        '\u{4cf}' | '\u{2113}' | '\u{29f}' => 'l',
        '\u{43c}' | '\u{3bc}' | '\u{1d0d}' => 'm',
        '\u{274}' | '\u{43f}' => 'n',
        '\u{43e}' | '\u{3bf}' | '\u{1d0f}' => 'o',
        '\u{440}' | '\u{3c1}' | '\u{1d18}' => 'p',
        '\u{433}' | '\u{280}' => 'r',
        '\u{455}' | '\u{a731}' => 's',
        '\u{442}' | '\u{3c4}' | '\u{1d1b}' => 't',
        '\u{3bd}' => 'v',
        '\u{445}' | '\u{3c7}' => 'x',
        '\u{443}' | '\u{3c5}' | '\u{28f}' => 'y',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2024}' | '\u{3002}' => '.',
        '\u{437}' => '3',
        '\u{431}' => '6',
        // Mathematical letters and digits are in the order of ASCII, in several styles.
        '\u{1d400}'..='\u{1d6a3}' => ascii_at(b'a', (u32::from(character) - 0x1d400) % 26),
        '\u{1d7ce}'..='\u{1d7ff}' => ascii_at(b'0', (u32::from(character) - 0x1d7ce) % 10),
        // Full-width forms are in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        _ => character,
    }
}

/// The character of ASCII that is `offset` after `first`.
fn ascii_at(first: u8, offset: u32) -> char {
    char::from_u32(u32::from(first) + offset).unwrap_or_default()
}

/// The name with one character for those of ASCII that look alike.
fn folded(plain: &str) -> String {
    plain.replace(['i', '1', '|'], "l").replace('0', "o").replace(['_', ' '], "-")
}

#[cfg(test)]
mod tests {
    use super::{folded, looks_like, plain, visible};

    #[test]
    fn names_that_look_alike_are_recognized() {
        for name in [
            "Kep.YAML",
            "kep.yaml ",
            " kep.yaml",
            "kep.yaml.",
            "kep.yaml~",
            "kep.yam\u{6c}\u{200b}",
            "k\u{435}p.yaml",
            "\u{43a}\u{435}\u{440}.y\u{430}ml",
            "kep\u{2024}yaml",
            "kep.yamI",
            "\u{ff4b}ep.yaml",
            "\u{1d0b}ep.yaml",
            "\u{1d55c}ep.yaml",
            "k\u{e9}p.yaml",
            "ke\u{301}p.yaml",
        ] {
            assert!(looks_like(name.as_bytes(), b"kep.yaml"), "{name:?}");
        }
        for name in ["prod_readiness", "Prod readiness", "p\u{433}od-readiness", "prod\u{2011}readiness"] {
            assert!(looks_like(name.as_bytes(), b"prod-readiness"), "{name:?}");
        }
        // Too little of the name agrees.
        assert!(!looks_like("\u{e9}\u{e8}\u{ea}s".as_bytes(), b"keps"));
        assert!(!looks_like("kep\u{e9}".as_bytes(), b"keps.md"));
        for name in ["kep.yaml", "kep.yml", "kep2.yaml", "yaml.kep", "kep.yaml.md", "", "\u{fffd}"] {
            assert!(!looks_like(name.as_bytes(), b"kep.yaml"), "{name:?}");
        }
        // Names in ASCII are compared without allocations, with the same result.
        for name in ["  .~", "~a.1I|0O. ", "a b", "a_b-c ", "..", "KEP.yaml~", ""] {
            assert_eq!(
                String::from_utf8(visible(name.as_bytes()).collect()).unwrap(),
                folded(&plain(name.as_bytes())),
                "{name:?}"
            );
        }
        assert!(!looks_like(b"kep.y\xffml", b"kep.yaml"));
        assert!(looks_like("\u{41a}\u{415}PS".as_bytes(), b"keps"));
        assert_eq!(plain("\u{ff15}681.yaml. ".as_bytes()), "5681.yaml");
        assert_eq!(plain("\u{1d7d3}\u{431}81.yaml".as_bytes()), "5681.yaml");
    }
}
