use super::wording::quote;
use super::{Context, Findings};
use crate::change::Metadata;
use crate::finding::Finding;
use crate::project::layout;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "metadata-missing",
    family: Family::Identity,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "A README has no `kep.yaml` next to it",
    what: "Reports a KEP directory that has a README.md but no `kep.yaml`. If another file in the directory looks \
           like the metadata under the wrong name, the finding points to it.",
    why: "A KEP without metadata is not checked at all.",
    cases: include_str!("../../fixtures/rules/metadata-missing.md"),
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(record) = context.record() else { return };
    let Metadata::Absent { misnamed } = &record.metadata else { return };
    // Without a README, a misnamed metadata file still marks the folder as a KEP.
    let Some(place) = record.readme_file().or(*misnamed) else { return };
    if !layout::is_kep_name(record.dir.name()) {
        return;
    }
    let message = if record.readme_file().is_some() {
        "this README has no `kep.yaml` next to it"
    } else {
        "this KEP directory has no `kep.yaml`"
    };
    let finding = Finding::new(&RULE, place, None, message);
    findings.push(match misnamed {
        Some(file) => {
            let name = quote(&context.file(*file).path.name().to_string());
            finding.help(format!("rename {name} to `kep.yaml`")).label(*file, None, "this looks like the metadata file")
        }
        None => finding.help("copy `keps/NNNN-kep-template/kep.yaml` here and fill it in"),
    });
}
