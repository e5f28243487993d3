//! A file before and after edits, and the diff.

use gix::diff::blob::unified_diff::{ConsumeHunk, ContextSize, DiffLineKind, HunkHeader};
use gix::diff::blob::{Algorithm, InternedInput, UnifiedDiff, diff_with_slider_heuristics};

use crate::kep::{Dialect, edit};
use crate::syntax::yaml;
use crate::syntax::yaml::{Document, Node, NodeKind};
use crate::text::RepoPath;
use crate::text::{Side, SourceFile};

/// A new file with more lines than this is not shown in full.
const MAX_SHOWN: usize = 10;

/// A changed file: its old content, and the edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revision {
    /// Its path.
    pub(crate) path: RepoPath,
    /// Its old bytes; `None` if the file is new.
    pub(crate) old: Option<Vec<u8>>,
    /// Its new bytes.
    pub(crate) new: Vec<u8>,
}

/// Applies edits (first byte, byte after the last, new text) to `bytes`. They must be in order; `None` if they overlap
/// or are out of range.
#[must_use]
pub(crate) fn spliced(bytes: &[u8], edits: &[(usize, usize, &str)]) -> Option<Vec<u8>> {
    let mut new = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for (start, end, text) in edits {
        new.extend_from_slice(bytes.get(from..*start)?);
        new.extend_from_slice(text.as_bytes());
        from = *end;
    }
    new.extend_from_slice(bytes.get(from..)?);
    Some(new)
}

impl Revision {
    /// `file` with these edits, in any order; `None` if there are none, if they overlap or if they are out of range.
    #[must_use]
    pub(crate) fn of(file: &SourceFile, edits: &[edit::Edit]) -> Option<Self> {
        let mut edits: Vec<_> = edits
            .iter()
            .map(|(span, text)| (span.start + file.mark(), span.end + file.mark(), text.as_str()))
            .collect();
        // Insertions at the same place keep their order.
        edits.sort_by_key(|(start, end, _)| (*start, *end));
        let old = file.bytes();
        let new = spliced(&old, &edits).filter(|_| !edits.is_empty())?;
        Some(Self { path: file.path.clone(), old: Some(old), new })
    }

    /// Parses the new text as the metadata of a project.
    #[must_use]
    pub(crate) fn metadata(&self, dialect: &Dialect) -> Document {
        let text = String::from_utf8_lossy(&self.new);
        dialect.read(SourceFile::new(Side::Head, self.path.clone(), text.as_ref()).text())
    }

    /// Parses the new text as YAML.
    #[must_use]
    pub(crate) fn document(&self) -> Document {
        let text = String::from_utf8_lossy(&self.new);
        yaml::read(SourceFile::new(Side::Head, self.path.clone(), text.as_ref()).text())
    }

    /// The diff in the format of `git diff`, with three lines of context; only the name and length of a new file of
    /// more than ten lines. The text is untrusted and not escaped yet.
    #[must_use]
    pub(crate) fn diff(&self) -> String {
        let new = String::from_utf8_lossy(&self.new);
        if self.old.is_none() && new.lines().count() > MAX_SHOWN {
            return format!("new file: {} ({} lines)\n", self.path, new.lines().count());
        }
        let old = String::from_utf8_lossy(self.old.as_deref().unwrap_or_default());
        let former = if self.old.is_some() { format!("a/{}", self.path) } else { "/dev/null".to_owned() };
        let input = InternedInput::new(old.as_ref(), new.as_ref());
        let diff = diff_with_slider_heuristics(Algorithm::Histogram, &input);
        let hunks = UnifiedDiff::new(&diff, &input, Hunks::default(), ContextSize::default()).consume();
        // Writing to memory cannot fail.
        format!("--- {former}\n+++ b/{}\n{}", self.path, hunks.unwrap_or_default())
    }
}

/// True if two documents are the same, including order and comments, except for the values of the root keys `but`. The
/// new one must not have faults.
#[must_use]
pub(crate) fn same_but_for(old: &Document, new: &Document, but: &[&str]) -> bool {
    let rest = |document: &Document| -> Vec<(String, Node)> {
        let entries = document.entries.iter().filter_map(|(key, value)| match &key.kind {
            NodeKind::Scalar { text, .. } if !but.contains(&text.as_str()) => Some((text.clone(), value.clone())),
            _ => None,
        });
        entries.collect()
    };
    let (one, other) = (rest(old), rest(new));
    let comments = |document: &Document| document.comments.iter().map(|it| it.text.clone()).collect::<Vec<_>>();
    new.faults.is_empty()
        && comments(old) == comments(new)
        && one.len() == other.len()
        && one.iter().zip(&other).all(|((key, one), (name, other))| key == name && is_same(one, other))
}

/// True if two values are equal; their positions may differ.
fn is_same(one: &Node, other: &Node) -> bool {
    let all = |ones: &[Node], others: &[Node]| {
        ones.len() == others.len() && ones.iter().zip(others).all(|(one, other)| is_same(one, other))
    };
    one.tag == other.tag
        && match (&one.kind, &other.kind) {
            (NodeKind::Sequence(ones), NodeKind::Sequence(others)) => all(ones, others),
            (NodeKind::Mapping(ones), NodeKind::Mapping(others)) => {
                let flat = |entries: &[(Node, Node)]| -> Vec<Node> {
                    entries.iter().flat_map(|(key, value)| [key.clone(), value.clone()]).collect()
                };
                all(&flat(ones), &flat(others))
            }
            (one, other) => one == other,
        }
}

/// The hunks as text. Each line ends with a plain line feed.
#[derive(Default)]
struct Hunks(String);

impl ConsumeHunk for Hunks {
    type Out = String;

    fn consume_hunk(&mut self, header: HunkHeader, lines: &[(DiffLineKind, &[u8])]) -> std::io::Result<()> {
        // If a side has no lines, git gives the number of the line before.
        let side =
            |start: u32, length: u32| format!("{},{length}", if length == 0 { start.saturating_sub(1) } else { start });
        let old = side(header.before_hunk_start, header.before_hunk_len);
        let new = side(header.after_hunk_start, header.after_hunk_len);
        self.0.push_str(&format!("@@ -{old} +{new} @@\n"));
        for (kind, line) in lines {
            let sign = match kind {
                DiffLineKind::Context => ' ',
                DiffLineKind::Add => '+',
                DiffLineKind::Remove => '-',
            };
            let line = String::from_utf8_lossy(line);
            self.0.push_str(&format!("{sign}{}\n", line.trim_end_matches(['\n', '\r'])));
            if !line.ends_with('\n') {
                self.0.push_str("\\ No newline at end of file\n");
            }
        }
        Ok(())
    }

    fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Revision, spliced};
    use crate::text::RepoPath;

    #[test]
    fn edits_are_ordered_and_must_not_overlap() {
        assert_eq!(spliced(b"a: b\nc: d", &[(3, 4, "x"), (8, 9, "yy")]).unwrap(), b"a: x\nc: yy");
        assert_eq!(spliced(b"a:", &[(2, 2, " b")]).unwrap(), b"a: b");
        assert_eq!(spliced(b"abc", &[(0, 2, "x"), (1, 3, "y")]), None);
        assert_eq!(spliced(b"abc", &[(2, 9, "x")]), None);
    }

    #[test]
    fn a_diff_looks_like_git() {
        let revision = |old: &str, new: &str| Revision {
            path: RepoPath::from("keps/sig-node/1-a/kep.yaml"),
            old: Some(old.as_bytes().to_vec()),
            new: new.as_bytes().to_vec(),
        };
        let head = "--- a/keps/sig-node/1-a/kep.yaml\n+++ b/keps/sig-node/1-a/kep.yaml\n";
        let diff = revision("a: 1\r\nb: 2\r\n", "a: 1\r\nb: 3\r\n").diff();
        assert_eq!(diff, format!("{head}@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3\n"));
        let diff = revision("a: 1\nb: 2", "a: 1\nb: 3").diff();
        let mark = "\\ No newline at end of file\n";
        assert_eq!(diff, format!("{head}@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n{mark}+b: 3\n{mark}"));
        let new = |text: &str| Revision { old: None, ..revision("", text) }.diff();
        assert_eq!(new("a\nb\n"), "--- /dev/null\n+++ b/keps/sig-node/1-a/kep.yaml\n@@ -0,0 +1,2 @@\n+a\n+b\n");
        assert_eq!(new(&"a\n".repeat(11)), "new file: keps/sig-node/1-a/kep.yaml (11 lines)\n");
    }
}
