//! What the names of files and folders say.

use crate::kep::KepNumber;
use crate::kep::dialect::is_proposal;
use crate::text::{RepoPath, lookalike};

/// True if a text contains only letters, digits, `-` and `_`, so that it can become part of a path.
#[must_use]
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The number of digits in a date such as `20190711`.
const DATE_DIGITS: usize = 8;

/// True if this is the name of a document or a picture that can accompany a KEP.
pub(super) fn accompanies_kep(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    DOCUMENTS.iter().any(|extension| name.ends_with(extension.as_bytes()))
}

/// The extensions of documents and pictures that accompany a KEP.
const DOCUMENTS: [&str; 14] = [
    ".csv", ".dot", ".drawio", ".gif", ".jpeg", ".jpg", ".md", ".mmd", ".pdf", ".png", ".puml", ".svg", ".txt", ".webp",
];

/// True if this is the name of a KEP directory: a number (or the template's `NNNN`), optionally followed by `-` and
/// more text.
#[must_use]
pub fn is_kep_name(name: &[u8]) -> bool {
    let digits = name.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let placeholder = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"NNNN"));
    let rest = name.get(if placeholder { 4 } else { digits }..).unwrap_or_default();
    (digits > 0 || placeholder) && (rest.is_empty() || rest.starts_with(b"-")) && !name.ends_with(b".md")
}

/// True if a name begins with a number, with or without a prefix: `12-title`, `0012-title.rst`, `gep-12`.
#[must_use]
pub fn begins_with_number(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_digit) || without_prefix(name).is_some()
}

/// Words in the names of templates. A name with another word may be that of a KEP about templates.
const TEMPLATE_WORDS: [&[u8]; 19] = [
    b"",
    b"adr",
    b"caep",
    b"cep",
    b"design",
    b"doc",
    b"enhancement",
    b"enhancements",
    b"ep",
    b"feature",
    b"gep",
    b"kep",
    b"keps",
    b"oep",
    b"proposal",
    b"proposals",
    b"rfc",
    b"tep",
    b"vep",
];

/// Placeholders for a number or a date in the names of templates. Zeros are another one.
const NUMBER_PLACEHOLDERS: [&[u8]; 7] = [b"nnn", b"nnnn", b"nnnnn", b"xxx", b"xxxx", b"yyyy", b"yyyymmdd"];

/// True if a folder or Markdown file with this name is a template, such as `NNNN-template`, `0000-any-template` or
/// `kep-template.md`, but not `30-pod-template`. Case is ignored.
#[must_use]
pub fn is_template_name(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let Some(before) = name.strip_suffix(b".md").unwrap_or(&name).strip_suffix(b"template") else { return false };
    let mut words = before.split(|byte| matches!(byte, b'-' | b'_' | b'.'));
    let is_numberless = |word: &[u8]| {
        NUMBER_PLACEHOLDERS.contains(&word) || (!word.is_empty() && word.iter().all(|byte| *byte == b'0'))
    };
    words.clone().next().is_some_and(is_numberless) || words.all(|word| TEMPLATE_WORDS.contains(&word))
}

/// True if this is the name of a file with text for readers.
#[must_use]
pub fn is_document(name: &[u8]) -> bool {
    const EXTENSIONS: [&[u8]; 6] = [b".adoc", b".asciidoc", b".md", b".org", b".rst", b".txt"];
    let name = name.to_ascii_lowercase();
    EXTENSIONS.iter().any(|extension| name.ends_with(extension))
}

/// True if this is the name of a Markdown file.
#[must_use]
pub fn is_markdown(name: &[u8]) -> bool {
    name.ends_with(b".md")
}

/// The digits at the beginning of the name of a KEP directory, as written; `None` for `12.1-title`, which has a part
/// number. If `has_prefix`, they may follow a prefix: `gep-12`.
pub(super) fn digits(name: &[u8], has_prefix: bool) -> Option<&str> {
    let name = if has_prefix { after_prefix(name).unwrap_or(name) } else { name };
    let digits = name.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if matches!(name.get(digits..), Some([b'.', next, ..]) if next.is_ascii_digit()) {
        return None;
    }
    // The name of a file may begin with a date instead.
    if is_markdown(name) && digits == DATE_DIGITS {
        return None;
    }
    let digits = name.get(..digits).filter(|digits| !digits.is_empty())?;
    std::str::from_utf8(digits).ok()
}

/// The part of a name such as `gep-17-title` that begins with the number, if a project calls its KEPs by the prefix.
fn after_prefix(name: &[u8]) -> Option<&[u8]> {
    let rest = without_prefix(name)?;
    let prefix = name.get(..name.len() - rest.len() - 1)?;
    let is_known = is_proposal(std::str::from_utf8(prefix).ok()?);
    let after = rest.iter().find(|byte| !byte.is_ascii_digit());
    (is_known && after.is_none_or(|byte| matches!(byte, b'-' | b'.'))).then_some(rest)
}

/// True if the name of the directory begins with this part number, such as `12.1` or `12-1`. Some projects use these.
#[must_use]
pub fn has_part_number(dir: &RepoPath, number: &str) -> bool {
    let is_part = part_numbers(number).is_some() && number.contains(['.', '-']);
    is_part && dir.name().strip_prefix(number.as_bytes()).is_some_and(|rest| rest.starts_with(b"-"))
}

/// The number with a part at the beginning of the name of the directory, such as `0012.1`.
#[must_use]
pub fn part_number(dir: &RepoPath) -> Option<&str> {
    let name = dir.name();
    let length = name.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let number = std::str::from_utf8(name.get(..length)?).ok()?.trim_end_matches('.');
    (number.contains('.') && part_numbers(number).is_some()).then_some(number)
}

/// The numbers of `0012.1` or `12-1`.
#[must_use]
pub fn part_numbers(number: &str) -> Option<Vec<KepNumber>> {
    number.split(['.', '-']).map(KepNumber::parse).collect()
}

/// True if people call the KEP in this directory `name`: the name of the directory, or the number at the beginning of it,
/// which can have a part or a prefix, as in `12.1` and `gep-17`. The prefix can be left out, and case is ignored.
#[must_use]
pub fn is_called(dir: &RepoPath, name: &str) -> bool {
    let own = dir.name().strip_suffix(b".md").unwrap_or(dir.name());
    let begins = |own: &[u8], name: &str| {
        own.split_at_checked(name.len()).is_some_and(|(start, rest)| {
            let is_number = name.ends_with(|last: char| last.is_ascii_digit()) && rest.starts_with(b"-");
            (rest.is_empty() || is_number) && start.eq_ignore_ascii_case(name.as_bytes())
        })
    };
    let after_prefix = without_prefix(name.as_bytes()).and_then(|bare| std::str::from_utf8(bare).ok());
    let bare = name.strip_prefix('#').or(after_prefix).unwrap_or(name);
    let is_called = |own| begins(own, name) || begins(own, bare);
    is_called(own) || without_prefix(own).is_some_and(is_called)
}

/// The part of a name such as `gep-17-title` that begins with the number.
#[must_use]
pub fn without_prefix(name: &[u8]) -> Option<&[u8]> {
    let letters = name.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let rest = name.get(letters..).filter(|_| letters > 0)?.strip_prefix(b"-")?;
    rest.first().is_some_and(u8::is_ascii_digit).then_some(rest)
}

/// True if the name of a directory seems to begin with a part number, such as `12-1-title`.
#[must_use]
pub fn looks_like_part(dir: &RepoPath) -> bool {
    let name = String::from_utf8_lossy(dir.name());
    name.split('-').take(2).filter(|part| KepNumber::parse(part).is_some()).count() == 2
}

/// True if the name of `path` differs from that of `known`, which is in the same folder, by one or two typing errors.
pub(super) fn is_typo(path: &RepoPath, known: &RepoPath) -> bool {
    const MAX_ERRORS: usize = 2;
    let [name, wanted] = [path, known].map(|it| lookalike::plain(it.name()));
    path != known
        && path.parent() == known.parent()
        && name.len() <= wanted.len() + MAX_ERRORS
        && strsim::damerau_levenshtein(&name, &wanted) <= MAX_ERRORS
}

/// The number of the KEP that a production-readiness file belongs to, from its name.
#[must_use]
pub fn prr_file_number(path: &RepoPath) -> Option<KepNumber> {
    prr_name_number(path.name())
}

/// The number of the KEP in this name of a production-readiness file.
#[must_use]
pub fn prr_name_number(name: &[u8]) -> Option<KepNumber> {
    KepNumber::parse(std::str::from_utf8(yaml_stem(name)?).ok()?)
}

/// The name of a YAML file without its extension. The case of the extension is ignored.
#[must_use]
pub fn yaml_stem(name: &[u8]) -> Option<&[u8]> {
    [".yaml", ".yml"].iter().find_map(|extension| {
        let (stem, end) = name.split_at_checked(name.len().checked_sub(extension.len())?)?;
        end.eq_ignore_ascii_case(extension.as_bytes()).then_some(stem)
    })
}
