//! Names that a person takes for another name.

use crate::escape::is_unsafe;

/// True if `name` is not `known`, but could be taken for it: it differs only in case, in spaces, dots and tildes at its
/// ends, in invisible characters, or in characters that look alike.
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
    is_similar_length && folded(&plain(name)) == folded(&plain(known))
}

/// The bytes of [`folded`] and [`plain`] for a name in ASCII without control characters. Nearly all names are.
fn visible(name: &[u8]) -> impl Iterator<Item = u8> {
    let start = name.iter().take_while(|byte| **byte == b' ').count();
    let end = name.iter().rev().take_while(|byte| matches!(byte, b' ' | b'.' | b'~')).count();
    let bytes = name.iter().take(name.len() - end).skip(start);
    bytes.map(|byte| match byte.to_ascii_lowercase() {
        b'i' | b'1' | b'|' => b'l',
        b'0' => b'o',
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
    let seen = name.chars().filter(|character| !is_unsafe(*character)).flat_map(char::to_lowercase);
    let plain: String = seen.map(in_ascii).collect();
    plain.trim_start_matches(' ').trim_end_matches([' ', '.', '~']).to_owned()
}

/// The ASCII character that a lower-case letter, a digit or a mark looks like.
fn in_ascii(character: char) -> char {
    match character {
        '\u{430}' | '\u{3b1}' | '\u{251}' => 'a',
        '\u{441}' | '\u{3f2}' => 'c',
        '\u{501}' => 'd',
        '\u{435}' | '\u{454}' | '\u{3b5}' => 'e',
        '\u{261}' => 'g',
        '\u{43d}' => 'h',
        '\u{456}' | '\u{3b9}' | '\u{131}' => 'i',
        '\u{458}' => 'j',
        '\u{43a}' | '\u{3ba}' => 'k',
        '\u{4cf}' | '\u{2113}' => 'l',
        '\u{43c}' | '\u{3bc}' => 'm',
        '\u{3bd}' => 'v',
        '\u{43e}' | '\u{3bf}' => 'o',
        '\u{440}' | '\u{3c1}' => 'p',
        '\u{455}' => 's',
        '\u{442}' | '\u{3c4}' => 't',
        '\u{443}' | '\u{3c5}' => 'y',
        '\u{445}' | '\u{3c7}' => 'x',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2024}' | '\u{3002}' => '.',
        // Full-width forms are in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        _ => character,
    }
}

/// The name with one character for those of ASCII that look alike.
fn folded(plain: &str) -> String {
    plain.replace(['i', '1', '|'], "l").replace('0', "o")
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
        ] {
            assert!(looks_like(name.as_bytes(), b"kep.yaml"), "{name:?}");
        }
        for name in ["kep.yaml", "kep.yml", "kep2.yaml", "yaml.kep", "kep.yaml.md", "", "\u{fffd}"] {
            assert!(!looks_like(name.as_bytes(), b"kep.yaml"), "{name:?}");
        }
        // Names in ASCII are compared without allocations, with the same result.
        for name in ["  .~", "~a.1I|0O. ", "a b", "..", "KEP.yaml~", ""] {
            assert_eq!(
                String::from_utf8(visible(name.as_bytes()).collect()).unwrap(),
                folded(&plain(name.as_bytes())),
                "{name:?}"
            );
        }
        assert!(!looks_like(b"kep.y\xffml", b"kep.yaml"));
        assert!(looks_like("\u{41a}\u{415}PS".as_bytes(), b"keps"));
        assert_eq!(plain("\u{ff15}681.yaml. ".as_bytes()), "5681.yaml");
    }
}
