//! The layout of a KEP repository.

use crate::kep::{KepNumber, aliases};
use crate::text::RepoPath;

/// The folder of all KEPs.
pub const KEPS: &str = "keps";
/// The folder of the production-readiness files.
pub const APPROVALS: &str = "keps/prod-readiness";
/// The file with a KEP's metadata.
pub const METADATA: &str = "kep.yaml";
/// The file with the proposal.
pub const README: &str = "README.md";

/// The list of Markdown files that need no table of contents.
pub const WITHOUT_TOC: &str = "hack/.notableofcontents";

/// The subject of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The KEP in this directory.
    Kep(RepoPath),
    /// A production-readiness file.
    PrrFile,
    /// `OWNERS_ALIASES`.
    Aliases,
    /// Nothing that kepgate looks at.
    Elsewhere,
}

/// Returns the subject of the file at `path`.
#[must_use]
pub fn place(path: &RepoPath) -> Place {
    if path.as_bytes() == aliases::PATH.as_bytes() {
        return Place::Aliases;
    }
    if !path.is_within(&RepoPath::from(KEPS)) {
        return Place::Elsewhere;
    }
    if path.is_within(&RepoPath::from(APPROVALS)) {
        return if is_prr_file(path) { Place::PrrFile } else { Place::Elsewhere };
    }
    kep_directory(path).map_or(Place::Elsewhere, Place::Kep)
}

/// The KEP directory that contains `path`: the folder of a `kep.yaml` or README.md, or else the topmost folder below a
/// SIG's that is named after a number. The files of the templates, and those of the KEP root itself, belong to no KEP.
fn kep_directory(path: &RepoPath) -> Option<RepoPath> {
    let parent = path.parent().filter(|parent| *parent != RepoPath::from(KEPS))?;
    if makes_kep(path.name()) {
        return (!is_template(&parent)).then_some(parent);
    }
    let mut folder = RepoPath::root();
    for (depth, segment) in path.segments().enumerate() {
        folder = folder.join(segment);
        if depth >= 2 && is_kep_name(segment) && !is_template(&folder) {
            return Some(folder);
        }
    }
    None
}

/// True if a file of this name makes its folder a KEP directory, whatever the folder's name.
#[must_use]
pub fn makes_kep(name: &[u8]) -> bool {
    name == METADATA.as_bytes() || name == README.as_bytes()
}

/// True if this KEP directory is inside another one that is named after a number.
#[must_use]
pub fn is_nested(dir: &RepoPath) -> bool {
    let above = dir.segments().count().saturating_sub(1);
    dir.segments().take(above).skip(2).any(|name| is_kep_name(name))
}

/// True if something of this name that is not a regular file could hide a folder of KEPs or a file of one. Links to
/// documents and pictures are common, and nothing reads them.
#[must_use]
pub fn could_hold_kep(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let is_document = DOCUMENTS.iter().any(|extension| name.ends_with(extension.as_bytes()));
    !is_document || name == README.as_bytes().to_ascii_lowercase()
}

/// The extensions of files that belong to a KEP's text.
const DOCUMENTS: [&str; 14] = [
    ".csv", ".dot", ".drawio", ".gif", ".jpeg", ".jpg", ".md", ".mmd", ".pdf", ".png", ".puml", ".svg", ".txt", ".webp",
];

/// True if this is the name of a KEP directory: a number (or the template's `NNNN`) and a slug.
#[must_use]
pub fn is_kep_name(name: &[u8]) -> bool {
    let digits = name.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let placeholder = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"NNNN"));
    let rest = name.get(if placeholder { 4 } else { digits }..).unwrap_or_default();
    (digits > 0 || placeholder) && (rest.is_empty() || rest.starts_with(b"-")) && !name.ends_with(b".md")
}

/// The folders of the KEP template and of the cloud providers' template. Their own files are not those of a KEP, but
/// what is below them may be one.
pub const TEMPLATES: [&str; 2] =
    ["keps/NNNN-kep-template", "keps/sig-cloud-provider/providers/0000-cloud-provider-template"];

/// The template of the production-readiness files.
const APPROVAL_TEMPLATE: &str = "keps/prod-readiness/template/nnnn.yaml";

/// True if this folder is a template.
#[must_use]
pub fn is_template(folder: &RepoPath) -> bool {
    TEMPLATES.iter().any(|template| folder.as_bytes() == template.as_bytes())
}

fn is_prr_file(path: &RepoPath) -> bool {
    let is_yaml = path.name().ends_with(b".yaml") || path.name().ends_with(b".yml");
    is_yaml && path.as_bytes() != APPROVAL_TEMPLATE.as_bytes()
}

/// The digits that a KEP directory's name begins with, as written.
#[must_use]
pub fn directory_digits(dir: &RepoPath) -> Option<&str> {
    digits(dir.name())
}

fn digits(name: &[u8]) -> Option<&str> {
    let digits = name.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = name.get(..digits).filter(|digits| !digits.is_empty())?;
    std::str::from_utf8(digits).ok()
}

/// The number that a KEP directory is named after.
#[must_use]
pub fn directory_number(dir: &RepoPath) -> Option<KepNumber> {
    name_number(dir.name())
}

/// The number that a KEP directory of this name is named after.
#[must_use]
pub fn name_number(name: &[u8]) -> Option<KepNumber> {
    KepNumber::parse(digits(name)?)
}

/// The number that a production-readiness file is named after.
#[must_use]
pub fn prr_file_number(path: &RepoPath) -> Option<KepNumber> {
    prr_name_number(path.name())
}

/// The number in this name of a production-readiness file.
#[must_use]
pub fn prr_name_number(name: &[u8]) -> Option<KepNumber> {
    let stem = name.strip_suffix(b".yaml").or_else(|| name.strip_suffix(b".yml"))?;
    KepNumber::parse(std::str::from_utf8(stem).ok()?)
}

/// The SIG of a KEP directory, if its folder belongs to a SIG.
#[must_use]
pub fn directory_sig(dir: &RepoPath) -> Option<&str> {
    let sig = dir.segments().nth(1).and_then(|sig| std::str::from_utf8(sig).ok())?;
    sig.starts_with("sig-").then_some(sig)
}

/// Where upstream looks for the production-readiness file; `None` if the fields, which are untrusted text, are
/// not plain words and must not become part of a path.
#[must_use]
pub fn prr_file_path(owning_sig: &str, kep_number: &str) -> Option<RepoPath> {
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    (is_word(owning_sig) && is_word(kep_number))
        .then(|| RepoPath::from(APPROVALS).join(owning_sig).join(format!("{kep_number}.yaml")))
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
            assert_eq!(place(&RepoPath::from(path)), expected, "{path}");
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
        assert_eq!(prr_file_path("sig-node", "0752"), Some(RepoPath::from("keps/prod-readiness/sig-node/0752.yaml")));
        assert_eq!(prr_file_path("../../etc", "1"), None);
        assert_eq!(prr_file_path("sig-node", "1/2"), None);
        assert_eq!(prr_file_path("", "1"), None);
    }

    #[test]
    fn the_directory_gives_number_and_sig() {
        let dir = RepoPath::from("keps/sig-network/0752-endpointslices");
        assert_eq!(directory_digits(&dir), Some("0752"));
        assert_eq!(directory_number(&dir).unwrap().get(), 752);
        assert_eq!(directory_sig(&dir), Some("sig-network"));
        assert_eq!(directory_sig(&RepoPath::from("keps/provider-aws/1-x")), None);
    }
}
