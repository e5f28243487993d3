//! The layout of a KEP repository.

mod names;

pub use names::{
    begins_with_number, has_part_number, is_called, is_document, is_kep_name, is_markdown, is_template_name, is_word,
    looks_like_part, part_number, part_numbers, prr_file_number, prr_name_number, without_prefix, yaml_stem,
};

use names::{accompanies_kep, is_typo};

use crate::kep::{Kep, KepNumber, aliases};
use crate::text::RepoPath;
use crate::text::lookalike::{self, looks_like};
use crate::text::words::words;

/// The folder of all KEPs in kubernetes/enhancements.
pub const KEPS: &str = "keps";
/// The file with a KEP's metadata in kubernetes/enhancements.
pub const METADATA: &str = "kep.yaml";
/// The file with the text of a KEP in kubernetes/enhancements.
pub const README: &str = "README.md";

/// Stands for the metadata in a project where each Markdown file with front matter is a KEP.
pub const ANY_MARKDOWN: &str = "*.md";

/// The folder of the KEP template, below the folder of all KEPs.
pub(super) const TEMPLATE: &str = "NNNN-kep-template";

/// The list of Markdown files that need no table of contents.
pub const WITHOUT_TOC: &str = "hack/.notableofcontents";

/// The folder of the production-readiness files, below the folder of all KEPs.
pub(crate) const PRR_FOLDER: &str = "prod-readiness";

/// Where a project keeps its KEPs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The folder of all KEPs.
    pub root: RepoPath,
    /// The name of the file with a KEP's metadata; [`ANY_MARKDOWN`] if each KEP is a single Markdown file.
    pub metadata: String,
    /// The name of the file with the text of a KEP. It is also `metadata` if this file begins with the metadata.
    pub readme: String,
    /// The folder of the KEP template.
    pub template: RepoPath,
    /// Folders of other templates. Files in them do not belong to a KEP either.
    pub other_templates: Vec<RepoPath>,
    /// True if a folder directly below the root is a template if it is named like one.
    pub has_named_templates: bool,
    /// The folders between the root and the KEPs.
    pub grouping: Grouping,
    /// True if a number may follow a prefix in the name of a KEP directory, as in `gep-12`.
    pub has_prefixes: bool,
    /// The folder of the production-readiness files; `None` if the project has none.
    pub prr_root: Option<RepoPath>,
}

/// The folders between the root and the KEPs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// None: KEPs are directly in the root.
    None,
    /// A folder for each SIG. Its name begins with `sig-`.
    Sigs,
    /// A folder for each area, or for each SIG without `sig-`.
    Areas,
}

impl Default for Layout {
    /// The layout of kubernetes/enhancements.
    fn default() -> Self {
        Self {
            root: RepoPath::from(KEPS),
            metadata: METADATA.to_owned(),
            readme: README.to_owned(),
            template: RepoPath::from(KEPS).join(TEMPLATE),
            other_templates: vec![RepoPath::from("keps/sig-cloud-provider/providers/0000-cloud-provider-template")],
            has_named_templates: false,
            grouping: Grouping::Sigs,
            has_prefixes: false,
            prr_root: Some(RepoPath::from(KEPS).join(PRR_FOLDER)),
        }
    }
}

/// What a path belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The KEP in this directory.
    Kep(RepoPath),
    /// A production-readiness file.
    PrrFile,
    /// `OWNERS_ALIASES`.
    Aliases,
    /// Nothing that kepgate reads.
    Elsewhere,
}

impl Layout {
    /// Determines what the file at `path` belongs to.
    #[must_use]
    pub fn place(&self, path: &RepoPath) -> Place {
        if path.as_bytes() == aliases::PATH.as_bytes() {
            return Place::Aliases;
        }
        if !path.is_within(&self.root) {
            return Place::Elsewhere;
        }
        if self.prr_root.as_ref().is_some_and(|prr_root| path.is_within(prr_root)) {
            return if self.is_prr_file(path) { Place::PrrFile } else { Place::Elsewhere };
        }
        if self.has_single_files() {
            let is_kep = is_markdown(path.name()) && !self.is_template(path);
            return if is_kep { Place::Kep(path.clone()) } else { Place::Elsewhere };
        }
        self.kep_directory(path).map_or(Place::Elsewhere, Place::Kep)
    }

    /// True if each KEP is a single Markdown file, whose path is then also used as the directory of the KEP.
    #[must_use]
    pub fn has_single_files(&self) -> bool {
        self.metadata == ANY_MARKDOWN
    }

    /// The file with the metadata of the KEP in `dir`.
    #[must_use]
    pub fn metadata_of(&self, dir: &RepoPath) -> RepoPath {
        if self.has_single_files() { dir.clone() } else { dir.join(&self.metadata) }
    }

    /// The file with the text of the KEP in `dir`.
    #[must_use]
    pub fn readme_of(&self, dir: &RepoPath) -> RepoPath {
        if self.has_single_files() { dir.clone() } else { dir.join(&self.readme) }
    }

    /// True if a file with this name contains the metadata of a KEP, provided that it is in the right place.
    #[must_use]
    pub fn is_metadata(&self, name: &[u8]) -> bool {
        if self.has_single_files() { is_markdown(name) } else { name == self.metadata.as_bytes() }
    }

    /// The KEP directory that contains `path`: the folder of the metadata or the README, or else the topmost folder that
    /// is named after a number. Files of templates, and files directly in the KEP root, do not belong to a KEP.
    fn kep_directory(&self, path: &RepoPath) -> Option<RepoPath> {
        let parent = path.parent().filter(|parent| *parent != self.root)?;
        if self.makes_kep(path.name()) || self.is_misspelled_metadata(path.name()) {
            return (!self.is_template(&parent)).then_some(parent);
        }
        let mut folder = RepoPath::root();
        for (depth, segment) in path.segments().enumerate() {
            folder = folder.join(segment);
            if depth >= self.kep_depth() && is_kep_name(segment) && !self.is_template(&folder) {
                return Some(folder);
            }
        }
        None
    }

    /// True if KEPs are in a folder for each group.
    #[must_use]
    pub fn is_grouped(&self) -> bool {
        self.grouping != Grouping::None
    }

    /// The number of folders above a KEP directory.
    fn kep_depth(&self) -> usize {
        self.root.segments().count() + usize::from(self.is_grouped())
    }

    /// True if a file with this name makes its folder a KEP directory, whatever the name of the folder.
    #[must_use]
    pub fn makes_kep(&self, name: &[u8]) -> bool {
        self.is_metadata(name) || self.is_readme(name)
    }

    /// True if this is the name of the file with the text of a KEP.
    #[must_use]
    pub fn is_readme(&self, name: &[u8]) -> bool {
        name == self.readme.as_bytes()
    }

    /// True if this is the name of such a file in a format other than Markdown.
    #[must_use]
    pub fn is_other_readme(&self, name: &[u8]) -> bool {
        let stem = self.readme.as_bytes().strip_suffix(b"md").unwrap_or_default();
        is_document(name)
            && !is_markdown(name)
            && name.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem))
    }

    /// True if an entry with this name that is not a regular file could hide a folder or a file of a KEP. Links to
    /// documents and pictures are common, but nothing reads them.
    #[must_use]
    pub fn could_hold_kep(&self, name: &[u8]) -> bool {
        !accompanies_kep(name) || name.eq_ignore_ascii_case(self.readme.as_bytes())
    }

    /// True if this name could be taken for that of the metadata.
    #[must_use]
    pub fn is_misspelled_metadata(&self, name: &[u8]) -> bool {
        !self.has_single_files() && looks_like(name, self.metadata.as_bytes())
    }

    /// The part of `path` that could be taken for a path that kepgate reads, and the correct path: the folder of all KEPs or
    /// of the production-readiness files, `OWNERS_ALIASES`, a production-readiness file, or the README of a KEP.
    #[must_use]
    pub fn misspelled(&self, path: &RepoPath) -> Option<(RepoPath, RepoPath)> {
        let known = [Some(self.root.clone()), self.prr_root.clone(), Some(RepoPath::from(aliases::PATH))];
        // Only a README directly in the folder of a KEP counts.
        let is_readme = looks_like(path.name(), self.readme.as_bytes()) && !self.has_single_files();
        let dir = path.parent().filter(|dir| is_readme && self.place(path) == Place::Kep(dir.clone()));
        let readme = dir.map(|dir| self.readme_of(&dir));
        known.into_iter().chain([readme, self.probable_prr_file(path)]).flatten().find_map(|known| {
            let start = path.segments().take(known.segments().count()).fold(RepoPath::root(), |at, name| at.join(name));
            let is_meant =
                start.looks_like(&known) || (self.prr_root.as_ref() == Some(&known) && is_typo(&start, &known));
            is_meant.then_some((start, known))
        })
    }

    /// The production-readiness file that `path` could be taken for.
    fn probable_prr_file(&self, path: &RepoPath) -> Option<RepoPath> {
        let is_below = self.prr_root.as_ref().is_some_and(|prr_root| path.is_within(prr_root));
        let name = lookalike::plain(path.name());
        let is_probable = is_below && !self.is_prr_file(path) && prr_name_number(name.as_bytes()).is_some();
        is_probable.then(|| path.parent().map(|folder| folder.join(&name))).flatten()
    }

    /// True if a folder of this name directly below the root can be that of an area, which takes the place of a SIG.
    #[must_use]
    pub(crate) fn is_area(&self, name: &[u8]) -> bool {
        let is_other = |folder| self.is_template(&folder) || self.prr_root.as_ref() == Some(&folder);
        self.grouping == Grouping::Areas && str::from_utf8(name).is_ok_and(is_word) && !is_other(self.root.join(name))
    }

    /// True if a file of this name is in the place of the folder of a SIG.
    #[must_use]
    pub(crate) fn hides_sig_folder(&self, name: &[u8]) -> bool {
        self.is_grouped() && name.starts_with(b"sig-") && !name.contains(&b'.')
    }

    /// True if the name and depth of this folder are those of a KEP directory. It is one, unless a folder above it is.
    #[must_use]
    pub fn is_kep_folder(&self, folder: &RepoPath) -> bool {
        folder.segments().count() > self.kep_depth() && is_kep_name(folder.name()) && !self.is_template(folder)
    }

    /// True if this KEP directory is inside another one that is named after a number.
    #[must_use]
    pub fn is_nested(&self, dir: &RepoPath) -> bool {
        let above = dir.segments().count().saturating_sub(1);
        dir.segments().take(above).skip(self.kep_depth()).any(|name| is_kep_name(name))
    }

    /// True if this folder is a template.
    #[must_use]
    pub fn is_template(&self, folder: &RepoPath) -> bool {
        let is_at_root = || folder.parent().is_some_and(|parent| parent == self.root);
        let is_named = || is_template_name(folder.name()) && (self.has_single_files() || is_at_root());
        *folder == self.template || self.other_templates.contains(folder) || (self.has_named_templates && is_named())
    }

    /// The folders of the templates. The first one is that of the KEP template.
    pub fn templates(&self) -> impl Iterator<Item = &RepoPath> {
        std::iter::once(&self.template).chain(&self.other_templates)
    }

    /// The metadata of the KEP template.
    #[must_use]
    pub fn template_metadata(&self) -> RepoPath {
        self.metadata_of(&self.template)
    }

    /// The README of the KEP template.
    #[must_use]
    pub fn template_readme(&self) -> RepoPath {
        self.readme_of(&self.template)
    }

    fn is_prr_file(&self, path: &RepoPath) -> bool {
        let template = self.prr_root.as_ref().map(|prr_root| prr_root.join("template").join("nnnn.yaml"));
        yaml_stem(path.name()).is_some() && template.as_ref() != Some(path)
    }

    /// The digits at the beginning of the name of a KEP directory, as written; `None` for `12.1-title`, which has a part
    /// number.
    #[must_use]
    pub fn digits<'p>(&self, dir: &'p RepoPath) -> Option<&'p str> {
        names::digits(dir.name(), self.has_prefixes)
    }

    /// The number at the beginning of the name of a KEP directory.
    #[must_use]
    pub fn number(&self, dir: &RepoPath) -> Option<KepNumber> {
        self.number_in(dir.name())
    }

    /// The number at the beginning of this name of a KEP directory.
    #[must_use]
    pub fn number_in(&self, name: &[u8]) -> Option<KepNumber> {
        KepNumber::parse(names::digits(name, self.has_prefixes)?)
    }

    /// The words in the name of a KEP directory, without its number: they stay when the KEP gets another number.
    #[must_use]
    pub fn words(&self, dir: &RepoPath) -> String {
        let name = String::from_utf8_lossy(dir.name());
        let after = self.digits(dir).and_then(|digits| name.get(name.find(digits)? + digits.len()..));
        words(after.unwrap_or(&name))
    }

    /// The SIG of a KEP directory, if it is in the folder of a SIG.
    #[must_use]
    pub fn directory_sig<'p>(&self, dir: &'p RepoPath) -> Option<&'p str> {
        let mut below = dir.segments().skip(self.root.segments().count());
        let sig = below.next().filter(|_| self.is_grouped()).and_then(|sig| std::str::from_utf8(sig).ok())?;
        if self.grouping == Grouping::Sigs {
            return sig.starts_with("sig-").then_some(sig);
        }
        (below.next().is_some() && is_word(sig)).then_some(sig)
    }

    /// The path of the production-readiness file of the KEP in `dir` according to its fields. In a project whose KEPs lack
    /// one of these fields, the directory says the same.
    #[must_use]
    pub fn prr_file_of(&self, dir: &RepoPath, kep: &Kep) -> Option<RepoPath> {
        let (mut sig, mut number) = (kep.owning_sig.text(), kep.kep_number.text());
        if !kep.dialect.uses("owning-sig") {
            sig = self.directory_sig(dir).unwrap_or(sig);
        }
        if !kep.dialect.uses("kep-number") {
            number = self.digits(dir).unwrap_or(number);
        }
        self.prr_file_path(sig, number)
    }

    /// The path of the production-readiness file of a KEP with these fields: in the folder of its SIG, if the project
    /// has such folders. `None` if the project has no such files, or if a field is not a plain word. The fields are
    /// untrusted, so other text must not become part of a path.
    #[must_use]
    pub fn prr_file_path(&self, owning_sig: &str, kep_number: &str) -> Option<RepoPath> {
        let prr_root = self.prr_root.as_ref()?;
        if !is_word(kep_number) {
            return None;
        }
        let file = format!("{kep_number}.yaml");
        if !self.is_grouped() {
            return Some(prr_root.join(file));
        }
        is_word(owning_sig).then(|| prr_root.join(owning_sig).join(file))
    }
}

#[cfg(test)]
mod tests;
