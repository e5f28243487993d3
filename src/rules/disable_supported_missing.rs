use super::feature_gates_missing::{due, labeled, missing};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::questionnaire::template::AnsweredField;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "disable-supported-missing",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Target,
    summary: "A gated KEP does not say whether its feature can be disabled",
    what: "Requires a gated KEP to set `disable-supported` to `true` or `false`, starting at alpha. If the README selects \
           `Other` as the way to enable the feature, and no feature gate, the KEP does not need the field.",
    why: "The template requires it at alpha: cluster operators must know whether they can turn the feature off \
          again.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some((kep, stage)) = due(context).filter(|(kep, _)| kep.dialect.requires("disable-supported")) else { return };
    if context.readme().is_some_and(|readme| readme.enabled_otherwise.is_some()) || kep.is_misspelt("disable-supported")
    {
        return;
    }
    let Some(place) = missing(kep, &kep.disable_supported) else { return };
    let message = format!("`disable-supported` is missing, but {} requires it", kep.stage_word(stage));
    findings.push(labeled(
        context,
        Finding::new(&RULE, kep.file, place.0, message).on("disable-supported", "").help(
            "write `disable-supported: true` if the feature can be disabled after it was enabled, otherwise `false`",
        ),
        AnsweredField::DisableSupported,
    ));
}
