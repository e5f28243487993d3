//! The cases of a fixture file: a change to a KEP, and what kepgate reports.
//!
//! `fixtures/README.md` describes the format. This module depends on the standard library alone, so that the
//! maintainers' tasks can include it without building kepgate.

use std::collections::BTreeMap;
use std::fmt;

// The paths are explicit so that tasks that include this file can find them too.
#[path = "case/apply.rs"]
mod apply;
#[path = "case/expected.rs"]
mod expected;

pub use expected::{Expected, ExpectedFinding};

/// A fixture file: a title and its cases.
#[derive(Debug)]
pub struct Document {
    /// The title, without the backticks around a rule's id.
    pub title: String,
    /// What an author does about the first case, if that is not a change of files.
    pub remedy: Option<Remedy>,
    /// The cases, in the order of the file.
    pub cases: Vec<Case>,
}

/// What an author does.
#[derive(Debug, PartialEq, Eq)]
pub struct Remedy {
    /// What it is, in a few words.
    pub heading: String,
    /// Where the author writes something.
    pub place: String,
    /// What the author writes.
    pub lines: Vec<String>,
}

/// One change and what is expected of it.
#[derive(Debug)]
pub struct Case {
    /// The situation in plain English.
    pub heading: String,
    /// The line of the heading, counted from 1.
    pub line: usize,
    /// The folder below `fixtures/repositories/` that both sides start from.
    pub repository: String,
    /// How the sides differ from the repository, in order.
    pub steps: Vec<Step>,
    /// Arguments for `kepgate check`.
    pub options: Vec<String>,
    /// GitHub's response, as JSON.
    pub github: Option<String>,
    /// What kepgate is expected to report.
    pub expected: Expected,
}

/// The sides of a change that a step applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The target branch and the change.
    Both,
    /// The target branch.
    Before,
    /// The change.
    After,
    /// The folder that kepgate runs in.
    Outside,
}

/// One difference from the repository.
#[derive(Debug)]
pub struct Step {
    /// The sides that it applies to.
    pub side: Side,
    /// Its line in the fixture file, counted from 1.
    pub line: usize,
    /// The path of the file or, with a slash at the end, of the folder.
    pub path: String,
    /// What the step does.
    pub action: Action,
}

/// What a step does to its path.
#[derive(Debug)]
pub enum Action {
    /// Replaces lines of a file.
    Edit(Vec<Vec<HunkLine>>),
    /// Writes a whole file.
    Write(Vec<u8>),
    /// Deletes a file, or a folder and everything in it.
    Delete,
    /// Moves a file or a folder to this path.
    Move(String),
    /// Makes a symbolic link to this target.
    Link(String),
    /// Makes a submodule.
    Submodule,
}

/// A line of a diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HunkLine {
    /// A line that stays.
    Keep(String),
    /// A line that goes.
    Remove(String),
    /// A line that is new.
    Add(String),
}

/// An entry in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A regular file.
    File(Vec<u8>),
    /// A symbolic link.
    Link(String),
    /// A submodule.
    Submodule,
}

/// The files of a tree by their paths.
pub type Tree = BTreeMap<String, Entry>;

/// The trees of a case.
#[derive(Debug)]
pub struct Trees {
    /// The target branch.
    pub base: Tree,
    /// The change.
    pub head: Tree,
    /// Files in the folder that kepgate runs in.
    pub outside: Tree,
}

/// A mistake in a fixture file.
#[derive(Debug, PartialEq, Eq)]
pub struct CaseError {
    /// The line, counted from 1.
    pub line: usize,
    /// The message.
    pub message: String,
}

impl fmt::Display for CaseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for CaseError {}

fn fail<T>(line: usize, message: impl Into<String>) -> Result<T, CaseError> {
    Err(CaseError { line, message: message.into() })
}

/// Reads a fixture file.
///
/// # Errors
///
/// Fails at the first line that the format does not allow.
pub fn parse(text: &str) -> Result<Document, CaseError> {
    let mut lines = Lines { lines: text.lines().collect(), next: 0 };
    let Some(title) = lines.next_filled().and_then(|line| line.strip_prefix("# ")) else {
        return fail(1, "the file must start with `# ` and a title");
    };
    let (mut cases, mut remedy) = (Vec::new(), None);
    while let Some(line) = lines.next_filled() {
        match line.strip_prefix("## ") {
            Some(heading) => cases.push(case(heading, &mut lines)?),
            None if cases.is_empty() && line.starts_with("Instead: ") => remedy = Some(self::remedy(line, &mut lines)?),
            None if cases.is_empty() && !line.starts_with("```") => {}
            None => return fail(lines.next, "expected a `## ` heading after the expected output"),
        }
    }
    Ok(Document { title: title.trim_matches('`').to_owned(), remedy, cases })
}

/// Reads `Instead: …`, the place below it, and the block that follows.
fn remedy(line: &str, lines: &mut Lines<'_>) -> Result<Remedy, CaseError> {
    let heading = line.trim_start_matches("Instead: ").to_owned();
    let Some(place) = lines.next_filled().and_then(|place| place.strip_suffix(':')) else {
        return fail(lines.next, "a place such as `A comment on the pull request:` must follow `Instead:`");
    };
    let lines = lines.block()?.lines.into_iter().map(str::to_owned).collect();
    Ok(Remedy { heading, place: place.to_owned(), lines })
}

fn case(heading: &str, lines: &mut Lines<'_>) -> Result<Case, CaseError> {
    let start = lines.next;
    let (mut repository, mut steps, mut options, mut github) = (None, Vec::new(), Vec::new(), None);
    loop {
        let Some(line) = lines.next_filled() else {
            return fail(start, format!("the case `{heading}` has no expected output"));
        };
        let number = lines.next;
        match line.split_once(':').map(|(word, rest)| (word, rest.trim())) {
            _ if line.starts_with('>') => {}
            Some(("Repository", name)) => repository = Some(unquote(name, number)?),
            Some(("Options", words)) => options.extend(unquote(words, number)?.split_whitespace().map(str::to_owned)),
            Some(("GitHub", "")) => github = Some(lines.block()?.text()),
            Some(("Expected", "")) => {
                let Some(repository) = repository else { return fail(start, "`Repository:` is missing") };
                let block = lines.block()?;
                let expected = Expected { text: block.text(), line: block.line };
                let heading = heading.to_owned();
                return Ok(Case { heading, line: start, repository, steps, options, github, expected });
            }
            Some((word, rest)) if Side::parse(word).is_some() => {
                let side = Side::parse(word).unwrap_or(Side::Both);
                steps.push(step(side, rest, lines)?);
            }
            _ => return fail(number, format!("`{line}` is not a line of a case")),
        }
    }
}

/// Reads the rest of a line such as ``After: move `a` to `b` ``, and the block below it if there is one.
fn step(side: Side, rest: &str, lines: &mut Lines<'_>) -> Result<Step, CaseError> {
    let line = lines.next;
    let parts: Vec<_> = rest.split('`').collect();
    let (path, action) = match parts.as_slice() {
        ["edit ", path, ""] => (path, Action::Edit(hunks(&lines.block()?)?)),
        ["write ", path, notes] => (path, Action::Write(content(notes.trim(), &lines.block()?)?)),
        ["delete ", path, ""] => (path, Action::Delete),
        ["move ", path, " to ", to, ""] if path.ends_with('/') == to.ends_with('/') => {
            (path, Action::Move(relative(to, line)?))
        }
        ["link ", path, " to ", target, ""] => (path, Action::Link((*target).to_owned())),
        ["submodule ", path, ""] => (path, Action::Submodule),
        _ => return fail(line, format!("`{rest}` is not a step")),
    };
    Ok(Step { side, line, path: relative(path, line)?, action })
}

fn relative(path: &str, line: usize) -> Result<String, CaseError> {
    let is_relative = path.trim_end_matches('/').split('/').all(|segment| !matches!(segment, "" | "." | ".."));
    if is_relative { Ok(path.to_owned()) } else { fail(line, format!("`{path}` is not a path inside the repository")) }
}

fn unquote(text: &str, line: usize) -> Result<String, CaseError> {
    match text.strip_prefix('`').and_then(|text| text.strip_suffix('`')) {
        Some(inner) => Ok(inner.to_owned()),
        None => fail(line, format!("`{text}` must be in backticks")),
    }
}

/// Returns the bytes of a whole-file block after applying the notes in parentheses.
fn content(notes: &str, block: &Block<'_>) -> Result<Vec<u8>, CaseError> {
    let mut text = block.text();
    let notes = notes.trim_start_matches('(').trim_end_matches(')').split(", ").filter(|note| !note.is_empty());
    for note in notes {
        match note {
            "base64" => return base64(&text).map_or_else(|| fail(block.line, "this is not base64"), Ok),
            "no newline at the end" => text.truncate(text.trim_end_matches('\n').len()),
            "CRLF line endings" => text = text.replace('\n', "\r\n"),
            "byte order mark" => text.insert(0, '\u{feff}'),
            other => return fail(block.line, format!("`{other}` is not a known note")),
        }
    }
    Ok(text.into_bytes())
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text
        .bytes()
        .filter(|byte| !matches!(byte, b'\n' | b'='))
        .map(|byte| match byte {
            b'A'..=b'Z' => Some(u32::from(byte - b'A')),
            b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
            b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
            b'+' => Some(62),
            b'/' => Some(63),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let decode = |chunk: &[u32]| {
        let bits = chunk.iter().chain(std::iter::repeat(&0)).take(4).fold(0, |bits, digit| bits * 64 + digit);
        let [_, bytes @ ..] = bits.to_be_bytes();
        bytes.into_iter().take(chunk.len().saturating_sub(1)).collect::<Vec<_>>()
    };
    Some(digits.chunks(4).flat_map(decode).collect())
}

fn hunks(block: &Block<'_>) -> Result<Vec<Vec<HunkLine>>, CaseError> {
    let mut hunks = vec![Vec::new()];
    for (index, line) in block.lines.iter().enumerate() {
        let (sign, rest) = line.split_at_checked(1).unwrap_or((" ", ""));
        let line = match sign {
            "@" if *line == "@@" => {
                hunks.push(Vec::new());
                continue;
            }
            " " => HunkLine::Keep(rest.to_owned()),
            "-" => HunkLine::Remove(rest.to_owned()),
            "+" => HunkLine::Add(rest.to_owned()),
            _ => return fail(block.line + index, "a line of a diff starts with a space, `-`, `+` or is `@@`"),
        };
        if let Some(hunk) = hunks.last_mut() {
            hunk.push(line);
        }
    }
    let is_edit = |hunk: &Vec<HunkLine>| hunk.iter().any(|line| !matches!(line, HunkLine::Keep(_)));
    if hunks.iter().all(is_edit) { Ok(hunks) } else { fail(block.line, "a part of this diff changes nothing") }
}

struct Lines<'a> {
    lines: Vec<&'a str>,
    /// The index of the next line, and so the number of the last one.
    next: usize,
}

/// A fenced block.
struct Block<'a> {
    lines: Vec<&'a str>,
    line: usize,
}

impl Block<'_> {
    fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line, "\n"]).collect()
    }
}

impl<'a> Lines<'a> {
    fn next_line(&mut self) -> Option<&'a str> {
        let line = self.lines.get(self.next).copied();
        self.next += usize::from(line.is_some());
        line
    }

    fn next_filled(&mut self) -> Option<&'a str> {
        loop {
            match self.next_line() {
                Some("") => {}
                line => return line,
            }
        }
    }

    fn block(&mut self) -> Result<Block<'a>, CaseError> {
        let above = self.next;
        let opening = self.next_filled().unwrap_or_default();
        let fence = &opening[..opening.len() - opening.trim_start_matches('`').len()];
        if fence.len() < 3 {
            return fail(above, "a fenced block must follow this line");
        }
        let mut block = Block { lines: Vec::new(), line: self.next + 1 };
        loop {
            match self.next_line() {
                None => return fail(block.line - 1, "this block is not closed"),
                Some(line) if line == fence => return Ok(block),
                Some(line) => block.lines.push(line),
            }
        }
    }
}

impl Side {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "Both" => Some(Self::Both),
            "Before" => Some(Self::Before),
            "After" => Some(Self::After),
            "Outside" => Some(Self::Outside),
            _ => None,
        }
    }
}

/// The lines of a hunk before the edit.
pub fn old_lines(hunk: &[HunkLine]) -> impl Iterator<Item = &str> {
    hunk.iter().filter_map(|line| match line {
        HunkLine::Keep(text) | HunkLine::Remove(text) => Some(text.as_str()),
        HunkLine::Add(_) => None,
    })
}

/// The lines of a hunk after the edit.
pub fn new_lines(hunk: &[HunkLine]) -> impl Iterator<Item = &str> {
    hunk.iter().filter_map(|line| match line {
        HunkLine::Keep(text) | HunkLine::Add(text) => Some(text.as_str()),
        HunkLine::Remove(_) => None,
    })
}

#[cfg(test)]
#[path = "case/tests.rs"]
mod tests;
