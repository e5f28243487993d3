//! Comments in `kep.yaml` and production-readiness files that ignore findings or explain a stage.

use super::{Kep, Milestone, Stage};
use crate::text::SourceFile;

/// How a comment for kepgate begins.
const PREFIX: &str = "kepgate:";

/// A comment such as `# kepgate: ignore[status-invalid] kept as a record`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreComment<'a> {
    /// The rules in the brackets; empty if the comment has another form.
    pub rules: Vec<&'a str>,
    /// The text after the brackets.
    pub reason: &'a str,
}

impl<'a> IgnoreComment<'a> {
    /// Reads the text of a comment; `None` if it is not addressed to kepgate.
    #[must_use]
    pub fn parse(comment: &'a str) -> Option<Self> {
        let rest = comment.trim().strip_prefix(PREFIX)?.trim();
        let parts = rest.strip_prefix("ignore").and_then(|rest| rest.trim_start().strip_prefix('['));
        let Some((rules, reason)) = parts.and_then(|rest| rest.split_once(']')) else {
            return Some(Self { rules: Vec::new(), reason: "" });
        };
        let rules = rules.split(',').map(str::trim).filter(|rule| !rule.is_empty()).collect();
        Some(Self { rules, reason: reason.trim() })
    }
}

/// Words, or beginnings of words, in comments about the stage or the release of a KEP.
const ABOUT_STAGES: [&str; 8] = ["stage", "release", "milestone", "graduat", "promot", "cycle", "freeze", "demot"];

/// True if a comment next to `stage` explains it: it mentions a stage or a release, and has other words than just names
/// of stages, which the template lists as choices. In a comment that ignores findings, only the reason counts.
#[must_use]
pub fn explains_stage(comment: &str) -> bool {
    let comment = IgnoreComment::parse(comment).map_or(comment, |ignore| ignore.reason).to_lowercase();
    let words = || comment.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_stage = |word: &str| Stage::parse(word).is_some() || word == "ga";
    let is_about = |word: &str| is_stage(word) || ABOUT_STAGES.iter().any(|beginning| word.starts_with(beginning));
    let mentions_release = || Milestone::mentioned(&comment).next().is_some();
    words().any(|word| !is_stage(word)) && (words().any(is_about) || mentions_release())
}

/// The comment next to `stage`, if it explains something.
#[must_use]
pub fn stage_note(file: &SourceFile, kep: &Kep) -> Option<String> {
    let (_, span) = kep.stage.value()?;
    let line = file.position(span.end).line;
    let mut trailing = kep.comments.iter().filter(|comment| comment.trailing);
    let note = trailing.find(|comment| file.position(comment.span.start).line == line)?;
    explains_stage(&note.text).then(|| note.text.clone())
}

#[cfg(test)]
mod tests {
    use super::{IgnoreComment, explains_stage};

    #[test]
    fn rules_and_reason_are_read() {
        let parse = |text| IgnoreComment::parse(text).map(|comment| (comment.rules, comment.reason));
        assert_eq!(parse("kepgate: ignore[a-b] old one"), Some((vec!["a-b"], "old one")));
        assert_eq!(parse(" kepgate:ignore [a, b]: why "), Some((vec!["a", "b"], ": why")));
        assert_eq!(parse("kepgate: ignore[a]"), Some((vec!["a"], "")));
        for other in ["kepgate: ignore a", "kepgate: ignore[a", "kepgate: ignore[] why", "kepgate: off"] {
            assert_eq!(parse(other).unwrap().0, Vec::<&str>::new(), "{other}");
        }
        for other in ["", "ignore[a] why", "see kepgate: ignore[a] why", "# kepgate"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn choices_of_stages_explain_nothing() {
        for leftover in ["", "alpha|beta|stable", "alpha | beta | stable", "stable", "|"] {
            assert!(!explains_stage(leftover), "{leftover}");
        }
        for note in
            ["beta since v1.30, but off by default", "no change in v1.36", "partly Beta", "one more cycle first"]
        {
            assert!(explains_stage(note), "{note}");
        }
    }

    #[test]
    fn what_is_not_about_the_stage_does_not_explain_it() {
        for other in [
            "hello",
            "see #1234",
            "TODO",
            "do not touch",
            "@someone: ok?",
            "✨",
            "2026",
            "kepgate: ignore[stage-behind]",
        ] {
            assert!(!explains_stage(other), "{other}");
        }
    }
}
