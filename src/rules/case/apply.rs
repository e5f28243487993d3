//! Applies the steps of a case to its repository.

use super::{Action, Case, CaseError, Entry, HunkLine, Side, Step, Tree, Trees, fail, new_lines, old_lines};

impl Case {
    /// Applies the steps to the repository.
    ///
    /// # Errors
    ///
    /// Fails at the first step that does not fit the files.
    pub fn trees(&self, repository: &Tree) -> Result<Trees, CaseError> {
        let mut shared = repository.clone();
        self.apply(Side::Both, &mut shared)?;
        let mut trees = Trees { base: shared.clone(), head: shared, outside: Tree::new() };
        self.apply(Side::Before, &mut trees.base)?;
        self.apply(Side::After, &mut trees.head)?;
        self.apply(Side::Outside, &mut trees.outside)?;
        Ok(trees)
    }

    fn apply(&self, side: Side, tree: &mut Tree) -> Result<(), CaseError> {
        self.steps.iter().filter(|step| step.side == side).try_for_each(|step| step.apply(tree))
    }
}

impl Step {
    fn apply(&self, tree: &mut Tree) -> Result<(), CaseError> {
        let path = &self.path;
        let entry = match &self.action {
            Action::Edit(hunks) => {
                let Some(Entry::File(content)) = tree.get(path) else {
                    return fail(self.line, format!("`{path}` is not a file that can be edited"));
                };
                match edited(content, hunks) {
                    Ok(content) => Entry::File(content),
                    Err(message) => return fail(self.line, format!("`{path}`: {message}")),
                }
            }
            Action::Write(content) => Entry::File(content.clone()),
            Action::Link(target) => Entry::Link(target.clone()),
            Action::Submodule => Entry::Submodule,
            Action::Delete => return self.take(tree).map(drop),
            Action::Move(to) => {
                let moved = self.take(tree)?;
                tree.extend(moved.into_iter().map(|(below, entry)| (format!("{to}{below}"), entry)));
                return Ok(());
            }
        };
        if tree.get(path) == Some(&entry) {
            return fail(self.line, format!("`{path}` is so already"));
        }
        tree.insert(path.clone(), entry);
        Ok(())
    }

    /// Takes out the file, or everything below the folder; the paths are what follows the step's own.
    fn take(&self, tree: &mut Tree) -> Result<Vec<(String, Entry)>, CaseError> {
        let is_there = |path: &str| path == self.path || (self.path.ends_with('/') && path.starts_with(&self.path));
        let paths: Vec<_> = tree.keys().filter(|path| is_there(path)).cloned().collect();
        if paths.is_empty() {
            return fail(self.line, format!("`{}` does not exist", self.path));
        }
        let taken = paths.into_iter().filter_map(|path| {
            let entry = tree.remove(&path)?;
            Some((path.strip_prefix(&self.path)?.to_owned(), entry))
        });
        Ok(taken.collect())
    }
}

/// Replaces in `content` the old lines of each hunk, which must occur exactly once, with the new ones.
fn edited(content: &[u8], hunks: &[Vec<HunkLine>]) -> Result<Vec<u8>, String> {
    let Ok(text) = str::from_utf8(content) else { return Err("only UTF-8 can be edited".to_owned()) };
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let (mut edited, mut done) = (String::new(), 0);
    for hunk in hunks {
        let old: Vec<_> = old_lines(hunk).map(|line| format!("{line}\n")).collect();
        let first = old.first().map_or("", |line| line.trim_end_matches('\n'));
        let starts: Vec<_> = lines.windows(old.len().max(1)).enumerate().filter(|(_, it)| **it == *old).collect();
        let start = match starts.as_slice() {
            [(start, _)] if *start >= done => *start,
            [] => return Err(format!("the lines from `{first}` on are not in the file")),
            [_] => return Err(format!("the lines from `{first}` on come before the part above them")),
            _ => return Err(format!("the lines from `{first}` on occur more than once; add lines around them")),
        };
        edited.extend(lines.iter().take(start).skip(done).copied());
        edited.extend(new_lines(hunk).flat_map(|line| [line, "\n"]));
        done = start + old.len();
    }
    edited.extend(lines.iter().skip(done).copied());
    Ok(edited.into_bytes())
}
