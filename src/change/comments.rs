//! Comments of a KEP that excuse findings. They count only once the target branch has them, too: a change cannot excuse
//! itself.

use std::collections::BTreeMap;

use super::kep_state::KepState;
use super::tree::Tree;
use crate::error::SourceError;
use crate::finding::Finding;
use crate::kep::PrrFile;
use crate::kep::comment::{IgnoreComment, stage_note};
use crate::syntax::yaml::Comment;
use crate::text::{FileId, Files, SourceFile};

/// The comments of a KEP at head that the target branch has, too.
#[derive(Debug, Default)]
pub struct StandingComments {
    /// True if one explains why the KEP has its stage.
    pub explains_stage: bool,
    ignores: Vec<Ignore>,
}

/// A comment that ignores findings on its line.
#[derive(Debug)]
struct Ignore {
    file: FileId,
    line: usize,
    rules: Vec<String>,
    reason: String,
}

impl StandingComments {
    /// Reads the target branch's version of a file of `head` only if the file has a comment that matters.
    pub(super) fn read(
        head: &KepState,
        allows_ignores: bool,
        target: &Tree<'_>,
        files: &mut Files,
    ) -> Result<Self, SourceError> {
        let mut standing = Self::default();
        if let Some(kep) = head.readable_kep() {
            let note = stage_note(&files[kep.file], kep);
            let ignores = if allows_ignores { ignores(kep.file, &files[kep.file], &kep.comments) } else { Vec::new() };
            if (note.is_some() || !ignores.is_empty())
                && let Some((file, document)) = target.document(&files[kep.file].path.clone(), files)?
            {
                let former = target.decode(file, &document);
                let is_same = former.stage.text() == kep.stage.text() && stage_note(&files[file], &former) == note;
                standing.explains_stage = note.is_some() && is_same;
                standing.add(ignores, &files[kep.file], (&files[file], &former.comments));
            }
        }
        if let Some(prr) = head.prr_file().filter(|prr| prr.readable && allows_ignores) {
            let ignores = ignores(prr.file, &files[prr.file], &prr.comments);
            if !ignores.is_empty()
                && let Some((file, document)) = target.document(&files[prr.file].path.clone(), files)?
            {
                let former = PrrFile::decode(file, &document);
                standing.add(ignores, &files[prr.file], (&files[file], &former.comments));
            }
        }
        Ok(standing)
    }

    /// Adds those of `ignores` whose whole line, below the same keys, is on the target branch. Each line there accounts
    /// for one.
    fn add(&mut self, ignores: Vec<Ignore>, head: &SourceFile, (file, comments): (&SourceFile, &[Comment])) {
        let mut known: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        for comment in comments.iter().filter(|comment| comment.trailing) {
            *known.entry(line_with_parents(file, file.position(comment.span.start).line)).or_default() += 1;
        }
        self.ignores.extend(ignores.into_iter().filter(|ignore| {
            let count = known.get_mut(&line_with_parents(head, ignore.line));
            count.is_some_and(|count| {
                let is_there = *count > 0;
                *count = count.saturating_sub(1);
                is_there
            })
        }));
    }

    /// The reason of the comment that ignores `finding`.
    #[must_use]
    pub fn ignores(&self, finding: &Finding, files: &Files) -> Option<&str> {
        let line = files[finding.file].position(finding.span?.start).line;
        let on_line = self.ignores.iter().filter(|ignore| (ignore.file, ignore.line) == (finding.file, line));
        let mut named = on_line.filter(|ignore| ignore.rules.iter().any(|rule| rule == finding.rule.id));
        named.next().map(|ignore| ignore.reason.as_str())
    }
}

/// The comments with a reason that ignore findings on their line.
fn ignores(id: FileId, file: &SourceFile, comments: &[Comment]) -> Vec<Ignore> {
    let trailing = comments.iter().filter(|comment| comment.trailing);
    let found = trailing.filter_map(|comment| {
        let IgnoreComment { rules, reason } = IgnoreComment::parse(&comment.text)?;
        let rules: Vec<_> = rules.into_iter().map(str::to_owned).collect();
        let line = file.position(comment.span.start).line;
        (!reason.is_empty()).then(|| Ignore { file: id, line, rules, reason: reason.to_owned() })
    });
    found.collect()
}

/// A line and the less indented lines that it is below, from the inside out, trimmed. It tells `approver` of alpha from
/// `approver` of beta.
fn line_with_parents(file: &SourceFile, line: usize) -> Vec<&str> {
    let text = |line: usize| &file.text()[file.line(line)];
    let indent = |text: &str| text.len() - text.trim_start().len();
    let mut lines = vec![text(line).trim()];
    let mut depth = indent(text(line));
    for above in (1..line).rev().map(text) {
        let is_content = !above.trim().is_empty() && !above.trim_start().starts_with('#');
        if depth == 0 {
            break;
        }
        if is_content && indent(above) < depth {
            depth = indent(above);
            lines.push(above.trim());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::line_with_parents;
    use crate::text::{RepoPath, Side, SourceFile};

    #[test]
    fn a_line_is_identified_by_the_lines_above_that_contain_it() {
        let text = "beta:\n  approver: a\n# alpha\nalpha:\n\n    # who\n  nested:\n    deep:\n      more: b\n    approver: c\n    other: d\n";
        let file = SourceFile::new(Side::Head, RepoPath::from("x.yaml"), text);
        assert_eq!(line_with_parents(&file, 2), ["approver: a", "beta:"]);
        assert_eq!(line_with_parents(&file, 4), ["alpha:"]);
        assert_eq!(line_with_parents(&file, 11), ["other: d", "nested:", "alpha:"]);
    }

    #[test]
    fn blank_lines_and_comments_are_not_parents() {
        let file = SourceFile::new(Side::Head, RepoPath::from("x.yaml"), "alpha:\n# note\n\n  approver: a\n");
        assert_eq!(line_with_parents(&file, 4), ["approver: a", "alpha:"]);
    }
}
