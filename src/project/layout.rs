//! The layout of a KEP repository.

use crate::kep::{KepNumber, aliases};
use crate::text::RepoPath;
use crate::text::lookalike::{self, looks_like};

/// The folder of all KEPs in kubernetes/enhancements.
pub const KEPS: &str = "keps";
/// The file with a KEP's metadata in kubernetes/enhancements.
pub const METADATA: &str = "kep.yaml";
/// The file with the text of a KEP.
pub const README: &str = "README.md";

/// Stands for the metadata in a project where each Markdown file with front matter is a KEP.
pub const ANY_MARKDOWN: &str = "*.md";

/// The list of Markdown files that need no table of contents.
pub const WITHOUT_TOC: &str = "hack/.notableofcontents";

/// The folder of the production-readiness files, below the folder of all KEPs.
pub(super) const PRR_FOLDER: &str = "prod-readiness";

/// Where a project keeps its KEPs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The folder of all KEPs.
    pub root: RepoPath,
    /// The name of the file with a KEP's metadata; [`ANY_MARKDOWN`] if each KEP is a single Markdown file.
    pub metadata: String,
    /// The folder of the KEP template.
    pub template: RepoPath,
    /// Folders of other templates. Files in them do not belong to a KEP either.
    pub other_templates: Vec<RepoPath>,
    /// True if a folder directly below the root is a template if it is named like one.
    pub has_named_templates: bool,
    /// True if KEPs are in a folder for each SIG instead of directly in the folder of all KEPs.
    pub has_sig_folders: bool,
    /// The folder of the production-readiness files; `None` if the project has none.
    pub prr_root: Option<RepoPath>,
}

impl Default for Layout {
    /// The layout of kubernetes/enhancements.
    fn default() -> Self {
        Self {
            root: RepoPath::from(KEPS),
            metadata: METADATA.to_owned(),
            template: RepoPath::from("keps/NNNN-kep-template"),
            other_templates: vec![RepoPath::from("keps/sig-cloud-provider/providers/0000-cloud-provider-template")],
            has_named_templates: false,
            has_sig_folders: true,
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
        if self.has_single_files() { dir.clone() } else { dir.join(README) }
    }

    /// True if a file with this name contains the metadata of a KEP, provided that it is in the right place.
    #[must_use]
    pub fn is_metadata(&self, name: &[u8]) -> bool {
        if self.has_single_files() { is_markdown(name) } else { name == self.metadata.as_bytes() }
    }

    /// The KEP directory that contains `path`: the folder of the metadata or README.md, or else the topmost folder that
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

    /// The number of folders above a KEP directory.
    fn kep_depth(&self) -> usize {
        self.root.segments().count() + usize::from(self.has_sig_folders)
    }

    /// True if a file with this name makes its folder a KEP directory, whatever the name of the folder.
    #[must_use]
    pub fn makes_kep(&self, name: &[u8]) -> bool {
        self.is_metadata(name) || name == README.as_bytes()
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
        let is_readme = looks_like(path.name(), README.as_bytes()) && !self.has_single_files();
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

    /// True if a file of this name is in the place of the folder of a SIG.
    #[must_use]
    pub(crate) fn hides_sig_folder(&self, name: &[u8]) -> bool {
        self.has_sig_folders && name.starts_with(b"sig-") && !name.contains(&b'.')
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

    /// The SIG of a KEP directory, if it is in the folder of a SIG.
    #[must_use]
    pub fn directory_sig<'p>(&self, dir: &'p RepoPath) -> Option<&'p str> {
        let sig = dir.segments().nth(self.root.segments().count());
        let sig = sig.filter(|_| self.has_sig_folders).and_then(|sig| std::str::from_utf8(sig).ok())?;
        sig.starts_with("sig-").then_some(sig)
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
        if !self.has_sig_folders {
            return Some(prr_root.join(file));
        }
        is_word(owning_sig).then(|| prr_root.join(owning_sig).join(file))
    }
}

/// True if a text contains only letters, digits, `-` and `_`, so that it can become part of a path.
#[must_use]
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The number of digits in a date such as `20190711`.
const DATE_DIGITS: usize = 8;

/// True if an entry with this name that is not a regular file could hide a folder or a file of a KEP. Links to
/// documents and pictures are common, but nothing reads them.
#[must_use]
pub fn could_hold_kep(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let is_document = DOCUMENTS.iter().any(|extension| name.ends_with(extension.as_bytes()));
    !is_document || name == README.as_bytes().to_ascii_lowercase()
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

/// True if a folder or Markdown file with this name is a template, such as `NNNN-template` or `kep-template.md`. Case
/// is ignored.
#[must_use]
pub fn is_template_name(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    name.strip_suffix(b".md").unwrap_or(&name).ends_with(b"template")
}

/// True if this is the name of a Markdown file.
#[must_use]
pub fn is_markdown(name: &[u8]) -> bool {
    name.ends_with(b".md")
}

/// The digits at the beginning of the name of a KEP directory, as written; `None` for `12.1-title`, which has a part
/// number.
#[must_use]
pub fn directory_digits(dir: &RepoPath) -> Option<&str> {
    digits(dir.name())
}

fn digits(name: &[u8]) -> Option<&str> {
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

/// True if the name of the directory begins with this part number, such as `12.1` or `12-1`. Some projects use these.
#[must_use]
pub fn has_part_number(dir: &RepoPath, number: &str) -> bool {
    let are_numbers = number.split(['.', '-']).all(|part| KepNumber::parse(part).is_some());
    let is_part = are_numbers && number.contains(['.', '-']);
    is_part && dir.name().strip_prefix(number.as_bytes()).is_some_and(|rest| rest.starts_with(b"-"))
}

/// True if the name of a directory seems to begin with a part number, such as `12-1-title`.
#[must_use]
pub fn looks_like_part(dir: &RepoPath) -> bool {
    let name = String::from_utf8_lossy(dir.name());
    name.split('-').take(2).filter(|part| KepNumber::parse(part).is_some()).count() == 2
}

/// True if the name of `path` differs from that of `known`, which is in the same folder, by one or two typing errors.
fn is_typo(path: &RepoPath, known: &RepoPath) -> bool {
    const MAX_ERRORS: usize = 2;
    let [name, wanted] = [path, known].map(|it| lookalike::plain(it.name()));
    path != known
        && path.parent() == known.parent()
        && name.len() <= wanted.len() + MAX_ERRORS
        && strsim::damerau_levenshtein(&name, &wanted) <= MAX_ERRORS
}

/// The number at the beginning of the name of a KEP directory.
#[must_use]
pub fn directory_number(dir: &RepoPath) -> Option<KepNumber> {
    name_number(dir.name())
}

/// The number at the beginning of this name of a KEP directory.
#[must_use]
pub fn name_number(name: &[u8]) -> Option<KepNumber> {
    KepNumber::parse(digits(name)?)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kep(dir: &str) -> Place {
        Place::Kep(RepoPath::from(dir))
    }

    #[test]
    fn a_file_belongs_to_the_kep_of_its_folder() {
        for (path, expected) in [
            ("keps/sig-node/1234-swap/kep.yaml", kep("keps/sig-node/1234-swap")),
            ("keps/sig-node/1234-swap/img/2-a/x.png", kep("keps/sig-node/1234-swap")),
            ("keps/sig-cluster-lifecycle/kubeadm/4471-x/README.md", kep("keps/sig-cluster-lifecycle/kubeadm/4471-x")),
            ("keps/provider-aws/aws-lb/kep.yaml", kep("keps/provider-aws/aws-lb")),
            ("keps/sig-node/NNNN-mine/README.md", kep("keps/sig-node/NNNN-mine")),
            ("keps/prod-readiness/sig-node/1234.yaml", Place::PrrFile),
            ("keps/prod-readiness/1234.yaml", Place::PrrFile),
            ("keps/prod-readiness/sig-node/1234.YAML", Place::PrrFile),
            ("keps/sig-node/swap/Kep.YAML", kep("keps/sig-node/swap")),
            ("keps/sig-node/swap/kep.yaml~", kep("keps/sig-node/swap")),
            ("keps/prod-readiness/template/nnnn.yaml", Place::Elsewhere),
            ("keps/prod-readiness/OWNERS", Place::Elsewhere),
            ("keps/sig-node/1234-swap/extra/kep.yaml", kep("keps/sig-node/1234-swap/extra")),
            ("keps/sig-node/0000-my-template/kep.yaml", kep("keps/sig-node/0000-my-template")),
            ("keps/NNNN-kep-template/kep.yaml", Place::Elsewhere),
            ("keps/sig-cloud-provider/providers/0000-cloud-provider-template/README.md", Place::Elsewhere),
            ("keps/sig-auth/20190711-external-credential-providers.md", Place::Elsewhere),
            ("keps/NNNN-kep-template/picture.svg", Place::Elsewhere),
            ("keps/NNNN-kep-template/1234-swap/kep.yaml", kep("keps/NNNN-kep-template/1234-swap")),
            ("keps/NNNN-kep-template/1234-swap/x.svg", kep("keps/NNNN-kep-template/1234-swap")),
            ("keps/NNNN-kep-template/notes/README.md", kep("keps/NNNN-kep-template/notes")),
            (
                "keps/sig-cloud-provider/providers/0000-cloud-provider-template/7-a/kep.yaml",
                kep("keps/sig-cloud-provider/providers/0000-cloud-provider-template/7-a"),
            ),
            ("keps/sig-node/README.md", kep("keps/sig-node")),
            ("keps/sig-node/notes/README.md", kep("keps/sig-node/notes")),
            ("keps/sig-node/1234-swap/img/README.md", kep("keps/sig-node/1234-swap/img")),
            ("keps/sig-node/readme.md", Place::Elsewhere),
            ("keps/310-quota/README.md", kep("keps/310-quota")),
            ("keps/README.md", Place::Elsewhere),
            ("keps/kep.yaml", Place::Elsewhere),
            ("keps/prod-readiness/README.md", Place::Elsewhere),
            ("keps/prod-readiness/template/1234.yaml", Place::PrrFile),
            ("OWNERS_ALIASES", Place::Aliases),
            ("hack/OWNERS_ALIASES", Place::Elsewhere),
        ] {
            assert_eq!(Layout::default().place(&RepoPath::from(path)), expected, "{path}");
        }
    }

    #[test]
    fn only_documents_and_pictures_may_be_links() {
        for name in ["sig-node", "1234-swap", "kep.yaml", "README.md", "readme.MD", "1234.yaml", "OWNERS", "v1.36"] {
            assert!(could_hold_kep(name.as_bytes()), "{name}");
        }
        for name in ["states.svg", "20190711-old-name.md", "Chart.PNG"] {
            assert!(!could_hold_kep(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn untrusted_fields_never_leave_the_folder() {
        assert_eq!(
            Layout::default().prr_file_path("sig-node", "0752"),
            Some(RepoPath::from("keps/prod-readiness/sig-node/0752.yaml"))
        );
        assert_eq!(Layout::default().prr_file_path("../../etc", "1"), None);
        assert_eq!(Layout::default().prr_file_path("sig-node", "1/2"), None);
        assert_eq!(Layout::default().prr_file_path("", "1"), None);
    }

    #[test]
    fn the_directory_gives_number_and_sig() {
        let dir = RepoPath::from("keps/sig-network/0752-endpointslices");
        assert_eq!(directory_digits(&dir), Some("0752"));
        assert_eq!(directory_number(&dir).unwrap().get(), 752);
        assert_eq!(directory_number(&RepoPath::from("keps/0012.1-part")), None, "it is not KEP 12");
        assert_eq!(Layout::default().directory_sig(&dir), Some("sig-network"));
        assert_eq!(Layout::default().directory_sig(&RepoPath::from("keps/provider-aws/1-x")), None);
    }
}
