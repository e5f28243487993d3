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
    summary: "A KEP's README has no `kep.yaml` beside it",
    what: "Reports a KEP directory with a README.md and without a `kep.yaml`, and points at a file there that seems \
           to be meant for it.",
    why: "Nothing of a KEP without metadata is ever checked.",
    example: "keps/sig-auth/4988-audit-sampling/4988.yaml",
    instead: "keps/sig-auth/4988-audit-sampling/kep.yaml",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(record) = context.record() else { return };
    let Metadata::Absent { misnamed } = &record.metadata else { return };
    // Without a README a file that seems to be meant for it tells as much.
    let Some(place) = record.readme_file().or(*misnamed) else { return };
    if !layout::is_kep_name(record.dir.name()) {
        return;
    }
    let message = if record.readme_file().is_some() {
        "there is no `kep.yaml` beside this README"
    } else {
        "there is no `kep.yaml` in this KEP's directory"
    };
    let finding = Finding::new(&RULE, place, None, message);
    findings.push(match misnamed {
        Some(file) => {
            let name = quote(&context.file(*file).path.name().to_string());
            finding.help(format!("rename {name} to `kep.yaml`")).label(
                *file,
                None,
                "this file seems to be meant for it",
            )
        }
        None => finding.help("copy keps/NNNN-kep-template/kep.yaml here and fill it in"),
    });
}
