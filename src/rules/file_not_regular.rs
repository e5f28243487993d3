use super::{Context, Findings, Subject};
use crate::change::OrphanContent;
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
    summary: "A symbolic link, a submodule or an oversized file stands where a KEP's file belongs",
    what: "Reports a `kep.yaml`, README.md, production-readiness file or KEP directory that is a symbolic link or a \
           submodule, a folder in a file's place, or a file of more than 1 MiB. Links are never followed.",
    why: "What a link points at can be anything, and can change without the link; so it is not read, and what was \
          not read is not passed.",
    example: "kep.yaml -> ../../../metadata/4711.yaml",
    instead: "kep.yaml, a regular file",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    match context.subject {
        Subject::Kep { head: Some(record), .. } => {
            for (file, irregular) in &record.irregular {
                let finding = finding(*file, *irregular);
                // Nothing rests on the README but itself.
                let is_readme = record.readme_file() == Some(*file);
                findings.push(if is_readme { finding.renewed_by(Renewal::Never) } else { finding });
            }
        }
        Subject::Approval { head, .. } => {
            if let OrphanContent::Irregular(irregular) = head.content {
                findings.push(finding(head.file, irregular));
            }
        }
        Subject::Kep { .. } | Subject::Aliases(_) | Subject::Config(_) => {}
    }
}

fn finding(file: FileId, irregular: Irregular) -> Finding {
    let (what, help) = match irregular {
        Irregular::Symlink => ("a symbolic link".to_owned(), "put the file itself here"),
        Irregular::Submodule => ("a submodule".to_owned(), "put the files themselves here"),
        Irregular::Folder => ("a folder".to_owned(), "rename the folder and put the file here"),
        Irregular::TooLarge(bytes) => {
            (format!("a file of {bytes} bytes, more than {MAX_FILE_BYTES}"), "move what is large into files of its own")
        }
    };
    Finding::new(&RULE, file, None, format!("this is {what}, and so was not read")).on("", what).help(help)
}
