//! References from one KEP to others.

use super::kep_state::{Metadata, Reference, Target};
use super::tree::Tree;
use crate::error::SourceError;
use crate::text::RepoPath;

impl Tree<'_> {
    /// The references of a KEP that are paths below the folder of all KEPs.
    pub(super) fn resolve_references(&self, metadata: &Metadata) -> Result<Vec<Reference>, SourceError> {
        let (Metadata::Read(kep) | Metadata::Unreadable(kep)) = metadata else { return Ok(Vec::new()) };
        let fields = [("see-also", &kep.see_also), ("replaces", &kep.replaces), ("superseded-by", &kep.superseded_by)];
        let root = [self.layout().root.as_bytes(), b"/"].concat();
        let mut references = Vec::new();
        for (field, list) in fields {
            for entry in list.entries() {
                let value = entry.value.trim();
                let path = value.strip_prefix('/').unwrap_or(value);
                if path.as_bytes().starts_with(&root) {
                    let path = path.split(['#', '?']).next().unwrap_or_default();
                    let path = RepoPath::from(path);
                    let target = self.target(&path)?;
                    references.push(Reference { field, value: entry.value.clone(), span: entry.span, target });
                }
            }
        }
        Ok(references)
    }

    fn target(&self, path: &RepoPath) -> Result<Target, SourceError> {
        if self.exists(path)? {
            return Ok(Target::Exists);
        }
        let Some(number) = path.segments().find_map(|name| self.layout().number_in(name)) else {
            return Ok(Target::Missing);
        };
        let dirs = self.index.dirs_of(number)?;
        Ok(match dirs.as_slice() {
            [] => Target::Unmerged,
            [dir] => Target::Moved(dir.clone()),
            _ => Target::Missing,
        })
    }
}
