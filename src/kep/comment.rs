//! Comments in `kep.yaml` and production-readiness files that excuse something.

use super::{Kep, Stage};
use crate::text::SourceFile;

/// How a comment that ignores findings begins.
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

/// True if a comment next to `stage` explains it: it has words that are not the names of stages, which the template's
/// choices are.
#[must_use]
pub fn explains_stage(comment: &str) -> bool {
    let mut words = comment.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.any(|word| Stage::parse(word).is_none())
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
        for note in ["beta since v1.30, but off by default", "see #1234", "partly beta"] {
            assert!(explains_stage(note), "{note}");
        }
    }
}
