use super::wording::quote;
use super::{Context, Findings, Subject};
use crate::change::{Obstacle, ObstacleKind, OrphanContent};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::source::{Irregular, MAX_FILE_BYTES};
use crate::text::FileId;

pub(super) static RULE: Rule = Rule {
    id: "file-not-regular",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "A KEP file is a symbolic link, a submodule or too large",
    what: "Reports a `kep.yaml`, README.md, production-readiness file or KEP directory that is a symbolic link or a \
           submodule, a folder where a file is expected, or a file larger than 1 MiB. Links are never followed. It also reports a change that adds another link or submodule in `keps` that could be a folder of KEPs, gives one a different target, or adds a folder that is nested more than 32 levels below its SIG's folder or whose name only looks like one that kepgate reads, such as `Keps` or `4711.yaml.`; `4711.yaml~` next to `4711.yaml` is only a warning. A link that is named like a document or picture is only a warning, and inside a KEP it is allowed.",
    why: "A link can point to anything, and its target can change without the link changing. kepgate does not read \
          such files, so it cannot pass them.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    match context.subject {
        Subject::Kep { head: Some(record), .. } => {
            for (file, irregular) in &record.irregular {
                let finding = finding(*file, *irregular);
                // No other check depends on the README.
                let is_readme = record.readme_file() == Some(*file);
                findings.push(if is_readme { finding.renewed_by(Renewal::Never) } else { finding });
            }
        }
        Subject::PrrFile { head, .. } => {
            if let OrphanContent::Irregular(irregular) = head.content {
                findings.push(finding(head.file, irregular));
            }
        }
        Subject::Obstacle(obstacle) => findings.push(blocked(context, obstacle)),
        _ => {}
    }
}

/// A finding about something that is not the file of a known KEP.
fn blocked(context: &Context<'_>, obstacle: &Obstacle) -> Finding {
    let rename;
    let (message, help) = match obstacle.kind {
        ObstacleKind::Symlink => {
            ("this is a symbolic link where a KEP could be, so it was not read", "replace it with the files themselves")
        }
        ObstacleKind::DocumentLink => (
            "this is a symbolic link next to KEPs, so it was not read",
            "replace it with the document, or with a text that says where the document is",
        ),
        ObstacleKind::Submodule => {
            ("this is a submodule where a KEP could be, so it was not read", "replace it with the files themselves")
        }
        ObstacleKind::TooDeep => (
            "this folder is nested too deeply, so it was not read",
            "move it up: KEP directories can be at most 32 levels below the SIG's folder",
        ),
        ObstacleKind::Copy => ("this looks like a copy of the file next to it, so it was not read", "delete it"),
        ObstacleKind::Misspelled => {
            let known = context.layout().misspelled(&context.file(obstacle.file).path);
            rename = known.map(|(_, known)| format!("rename it to {}", quote(&known.to_string()))).unwrap_or_default();
            ("this name only looks like one that kepgate reads, so it was not read", rename.as_str())
        }
    };
    let finding = Finding::new(&RULE, obstacle.file, None, message).on("", message).help(help);
    match obstacle.kind {
        ObstacleKind::DocumentLink | ObstacleKind::Copy => finding.at_level(Level::Warning),
        _ => finding,
    }
}

fn finding(file: FileId, irregular: Irregular) -> Finding {
    let (what, help) = match irregular {
        Irregular::Symlink => {
            ("a symbolic link".to_owned(), "replace the link with a copy of the file that it points to")
        }
        Irregular::Submodule => ("a submodule".to_owned(), "replace it with the files themselves"),
        Irregular::Folder => ("a folder".to_owned(), "rename the folder and create the file here"),
        Irregular::TooLarge(bytes) => (
            format!("a file of {bytes} bytes, which exceeds the limit of {MAX_FILE_BYTES} bytes"),
            "move large content into separate files",
        ),
    };
    Finding::new(&RULE, file, None, format!("this is {what}, so it was not read")).on("", what).help(help)
}
