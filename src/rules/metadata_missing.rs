use super::wording::quote;
use super::{Context, Findings};
use crate::change::Metadata;
use crate::finding::Finding;
use crate::project::layout;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::FileId;

pub(super) static RULE: Rule = Rule {
    id: "metadata-missing",
    family: Family::Identity,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "A README has no `kep.yaml` next to it",
    what: "Reports a README.md below `keps` without a `kep.yaml` next to it, and any other document in a folder that is \
           named after a number. Upstream takes every folder with a README.md for a KEP, whatever the folder's name; \
           only the README.md of `keps` itself, of \
           `keps/prod-readiness` and of the templates are not KEPs. If another file in the folder looks like the \
           metadata under the wrong name, the finding points to it.",
    why: "A KEP without metadata is not checked at all, and upstream rejects the whole tree.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(record) = context.record() else { return };
    let Metadata::Absent { misnamed, document } = &record.metadata else { return };
    // Without a README, a misnamed metadata file still marks the folder as a KEP if the folder is named like one.
    let name = record.dir.name();
    let has_prefix = || layout::without_prefix(name).is_some_and(layout::is_kep_name);
    let is_named = layout::is_kep_name(name) || (!context.policy.profile.dialect.is_kubernetes && has_prefix());
    let is_misspelled = |file: &FileId| context.layout().is_misspelled_metadata(context.file(*file).path.name());
    let misspelled = misnamed.filter(|file| is_named || is_misspelled(file));
    // A numbered folder with some other text is a KEP that cannot be checked.
    let written = document.filter(|_| is_named && !context.layout().has_single_files());
    let Some(place) = record.readme_file().or(misspelled).or(written) else { return };
    let metadata = quote(&context.layout().metadata);
    let message = if context.layout().has_single_files() {
        "this file does not begin with metadata between `---` lines".to_owned()
    } else if context.policy.profile.dialect.has_front_matter && record.readme_file().is_some() {
        "this README has no metadata between `---` lines at its top".to_owned()
    } else if record.readme_file().is_some() {
        format!("this README has no {metadata} next to it")
    } else {
        format!("this KEP directory has no {metadata}")
    };
    let finding = Finding::new(&RULE, place, None, message);
    // A new file whose name begins with a number is only probably a KEP.
    let is_page = context.layout().has_single_files() && document.is_some();
    let is_certain = !is_page || context.base_record().is_some();
    let finding = if is_certain { finding } else { finding.at_level(Level::Warning) };
    findings.push(match misnamed {
        Some(file) => {
            let name = quote(&context.file(*file).path.name().to_string());
            finding.help(format!("rename {name} to {metadata}")).label(*file, None, "this looks like the metadata file")
        }
        None if !context.policy.profile.has_template && (is_named || context.layout().has_single_files()) => {
            finding.help("write its metadata, as in other KEPs")
        }
        None if context.layout().has_single_files() => {
            let template = context.layout().template_metadata();
            finding.help(format!("begin it with the metadata that {} begins with", quote(&template.to_string())))
        }
        None if is_named => {
            let template = context.layout().template_metadata();
            finding.help(format!("copy {} here and fill it in", quote(&template.to_string())))
        }
        None => finding.help(format!(
            "a file named {} makes its folder a KEP: if this is not one, give the file another name, such as \
             `overview.md`",
            context.layout().readme
        )),
    });
}
