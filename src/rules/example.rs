//! A rule's example: lines that the rule reports, and the same lines corrected.
//!
//! Both come from the rule's fixture file, where the second case fixes the first. The program contains them in
//! `examples.md` as they are shown, and not the fixtures.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{self, Action, Case, HunkLine, Remedy, Side, Step};

/// The part of a file that an example shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Excerpt {
    /// Lines of text, and the language for highlighting.
    Lines { place: String, language: &'static str, lines: Vec<String> },
    /// A sentence about a file that has no lines to show.
    Sentence(String),
}

/// The parts of a case that an example shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) heading: String,
    pub(super) excerpts: Vec<Excerpt>,
}

/// The first case of a fixture file, and its fix.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) failing: Sample,
    pub(super) fixed: Sample,
    /// True if `fixed` is what an author does, rather than the same lines corrected.
    pub(super) is_remedy: bool,
}

/// A difference from the repository: the content with and without it.
struct Difference {
    with: Content,
    without: Content,
}

#[derive(Clone, PartialEq, Eq)]
enum Content {
    Lines(Vec<String>),
    Sentence(String),
    Nothing,
}

/// The name of GitHub's response among the paths of files.
const GITHUB: &str = "GitHub";

/// The lines of context before lines that are missing.
const LONG_CONTEXT: usize = 4;

type Differences = BTreeMap<String, Difference>;

/// The example of each rule. A test compares them with the fixtures, and `cargo xtask docs` rewrites them.
const EXAMPLES: &str = include_str!("examples.md");

/// The titles of the corrected lines, and of what an author does instead.
const FIXED: &str = "Use instead";
const REMEDY: &str = "What to do";

/// The part of [`EXAMPLES`] with this title.
fn written(id: &str) -> Option<&'static str> {
    let (_, section) = EXAMPLES.split_once(&format!("\n# `{id}`\n"))?;
    section.split("\n# `").next()
}

impl Example {
    /// The example of a rule; `None` if [`EXAMPLES`] does not have it.
    pub(super) fn of(id: &str) -> Option<Self> {
        Self::read(written(id)?)
    }

    /// Reads what [`Self::to_markdown`] writes.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (_, text) = text.split_once("## Example\n")?;
        let at = |title: &str| text.split_once(&format!("\n## {title}\n"));
        let (is_remedy, (failing, fixed)) = at(REMEDY).map(|it| (true, it)).or_else(|| Some((false, at(FIXED)?)))?;
        Some(Self { failing: Sample::read(failing)?, fixed: Sample::read(fixed)?, is_remedy })
    }

    /// The example as two sections of a page in Markdown.
    pub(super) fn to_markdown(&self) -> String {
        let part = |title: &str, case: &Sample| {
            let excerpts: String = case.excerpts.iter().map(Excerpt::to_markdown).collect();
            format!("## {title}\n\n{}:\n\n{excerpts}", case.heading)
        };
        part("Example", &self.failing) + &part(if self.is_remedy { REMEDY } else { FIXED }, &self.fixed)
    }

    /// Reads the first two cases of a fixture file.
    pub(super) fn parse(fixture: &str) -> Option<Self> {
        let document = case::parse(fixture).ok()?;
        let [failing, fixed, ..] = document.cases.as_slice() else { return None };
        let sample = |case: &Case| Sample { heading: case.heading.clone(), excerpts: Vec::new() };
        let is_file = |place: &str| place.starts_with('`');
        let remedy = document.remedy.map(|Remedy { heading, place, lines }| {
            let language = if is_file(&place) { language_of(place.trim_matches('`')) } else { "text" };
            Sample { heading, excerpts: vec![Excerpt::Lines { place, language, lines }] }
        });
        let mut example = Self { failing: sample(failing), fixed: sample(fixed), is_remedy: remedy.is_some() };
        let (failing, fixed) = (differences(failing), differences(fixed));
        let places: BTreeSet<_> = failing.keys().chain(fixed.keys()).collect();
        for place in places {
            let (wrong, right) = (content(place, &failing, &fixed), content(place, &fixed, &failing));
            if wrong != right {
                let (wrong, right) = trimmed(wrong, right);
                example.failing.excerpts.extend(excerpt(place, wrong));
                example.fixed.excerpts.extend(excerpt(place, right));
            }
        }
        example.fixed = remedy.unwrap_or(example.fixed);
        Some(example)
    }
}

impl Sample {
    /// Reads a heading and excerpts, with a blank line after each.
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines().skip_while(|line| line.is_empty());
        let heading = lines.next()?.strip_suffix(':')?.to_owned();
        let mut excerpts = Vec::new();
        while let Some(line) = lines.by_ref().find(|line| !line.is_empty()) {
            let Some(place) = line.strip_suffix(':') else {
                excerpts.push(Excerpt::Sentence(line.to_owned()));
                continue;
            };
            let language = language(lines.by_ref().find_map(|line| line.strip_prefix("```"))?)?;
            let lines = lines.by_ref().take_while(|line| *line != "```").map(str::to_owned).collect();
            excerpts.push(Excerpt::Lines { place: place.to_owned(), language, lines });
        }
        Some(Self { heading, excerpts })
    }
}

impl Excerpt {
    fn to_markdown(&self) -> String {
        match self {
            Self::Lines { place, language, lines } => {
                format!("{place}:\n\n```{language}\n{}\n```\n\n", lines.join("\n"))
            }
            Self::Sentence(sentence) => format!("{sentence}\n\n"),
        }
    }
}

/// The languages of excerpts.
const LANGUAGES: [&str; 4] = ["json", "yaml", "markdown", "text"];

fn language(name: &str) -> Option<&'static str> {
    LANGUAGES.into_iter().find(|language| *language == name)
}

/// Returns the content of a file in a case. If the case does not change it, it is as before the `other` case.
fn content(place: &str, case: &Differences, other: &Differences) -> Content {
    let is_inside = |folder: &String| folder.ends_with('/') && place.starts_with(folder.as_str());
    if let Some(difference) = case.get(place) {
        difference.with.clone()
    } else if case.keys().any(is_inside) {
        Content::Nothing
    } else {
        other.get(place).map_or(Content::Nothing, |it| it.without.clone())
    }
}

/// Returns how the change differs from the repository, and GitHub's response. The last step for a file wins.
fn differences(case: &Case) -> Differences {
    let mut differences = Differences::new();
    for side in [Side::Both, Side::After] {
        let steps = case.steps.iter().filter(|step| step.side == side);
        differences.extend(steps.map(|step| (step.path.clone(), difference(step))));
    }
    if let Some(github) = &case.github {
        let with = Content::Lines(github.lines().map(str::to_owned).collect());
        differences.insert(GITHUB.to_owned(), Difference { with, without: Content::Nothing });
    }
    differences
}

fn difference(step: &Step) -> Difference {
    let path = &step.path;
    let sentence = |rest: &str| Content::Sentence(format!("`{path}` {rest}."));
    match &step.action {
        Action::Edit(hunks) => Difference {
            with: joined(hunks, |hunk| case::new_lines(hunk).map(str::to_owned).collect()),
            without: joined(hunks, |hunk| case::old_lines(hunk).map(str::to_owned).collect()),
        },
        Action::Write(content) => {
            let text = String::from_utf8_lossy(content);
            let with = Content::Lines(text.lines().map(str::to_owned).collect());
            Difference { with, without: sentence("does not exist") }
        }
        Action::Delete => Difference { with: sentence("does not exist"), without: sentence("exists") },
        Action::Move(_) => Difference { with: Content::Nothing, without: Content::Nothing },
        Action::Link(target) => Difference {
            with: sentence(&format!("is a symbolic link to `{target}`")),
            without: sentence("is a regular file"),
        },
        Action::Submodule => Difference { with: sentence("is a submodule"), without: sentence("does not exist") },
    }
}

fn joined(hunks: &[Vec<HunkLine>], lines: fn(&[HunkLine]) -> Vec<String>) -> Content {
    let parts: Vec<_> = hunks.iter().map(|hunk| lines(hunk)).collect();
    Content::Lines(parts.join(&"…".to_owned()))
}

/// Removes the common lines at the start and end, except for one line of context, or a few if the first content lacks what
/// the second has.
fn trimmed(first: Content, second: Content) -> (Content, Content) {
    let (Content::Lines(mut first), Content::Lines(mut second)) = (first.clone(), second.clone()) else {
        return (first, second);
    };
    let common = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
    let context = if common == first.len() { LONG_CONTEXT } else { 1 };
    for lines in [&mut first, &mut second] {
        lines.drain(..common.saturating_sub(context));
    }
    let most = first.len().min(second.len()).saturating_sub(usize::from(common > 0));
    let common = first.iter().rev().zip(second.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    for lines in [&mut first, &mut second] {
        lines.truncate(lines.len() - common.saturating_sub(1));
    }
    (Content::Lines(first), Content::Lines(second))
}

/// The language of a file, for highlighting.
fn language_of(place: &str) -> &'static str {
    match place.rsplit_once('.') {
        _ if place == GITHUB => "json",
        _ if place.contains("OWNERS") => "yaml",
        Some((_, "yaml" | "yml")) => "yaml",
        Some((_, "md")) => "markdown",
        _ => "text",
    }
}

fn excerpt(place: &str, content: Content) -> Option<Excerpt> {
    let language = language_of(place);
    let place = if place == GITHUB { "On GitHub".to_owned() } else { format!("`{place}`") };
    match content {
        Content::Lines(lines) => Some(Excerpt::Lines { place, language, lines }),
        Content::Sentence(sentence) => Some(Excerpt::Sentence(sentence)),
        Content::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, trimmed};

    fn lines(text: &str) -> Content {
        Content::Lines(text.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn one_common_line_is_left_at_each_end() {
        for (first, second, wanted) in [
            ("a b x c d", "a b y c d", ["b x c", "b y c"]),
            ("b c", "a b c", ["b", "a b"]),
            ("a b c", "b c", ["a b", "b"]),
            ("a b c d e x", "a b c d e", ["e x", "e"]),
            ("a b c d e", "a b c d e x", ["b c d e", "b c d e x"]),
        ] {
            assert!(trimmed(lines(first), lines(second)) == wanted.map(lines).into(), "{first}, {second}");
        }
    }
}
