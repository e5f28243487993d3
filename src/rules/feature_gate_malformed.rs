use super::wording::{is_nothing, quote};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::kep_yaml::FeatureGate;
use crate::kep::{Kep, State};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::{Span, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "feature-gate-malformed",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Never,
    summary: "An entry of `feature-gates` has no valid name or lists no components",
    what: "Requires each entry of `feature-gates` to have a name in CamelCase, or one that starts with `KUBECTL_`, \
           and to list the components that use the gate.",
    why: "People look up a gate by its name in the components that use it. A malformed entry leads nowhere.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|_| !context.is_closed()) else { return };
    for gate in kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default() {
        findings.extend(fault(context, kep, gate));
    }
}

fn fault(context: &Context<'_>, kep: &Kep, gate: &Spanned<FeatureGate>) -> Option<Finding> {
    let name = &gate.value.name;
    if matches!(name.state, State::Broken) || context.is_placeholder(name.text()) {
        return None;
    }
    let Some((text, span)) = name.value() else {
        let at = name.missing_span().unwrap_or(gate.span);
        return Some(
            finding(kep, at, "this feature gate has no `name`".to_owned(), "")
                .help("add `name:` with the name from the code"),
        );
    };
    if is_nothing(text) {
        return None;
    }
    if !is_gate(text) {
        return Some(
            finding(kep, span, format!("{} is not a feature gate name", quote(text)), text)
                .help("write the name as it appears in the code, in CamelCase"),
        );
    }
    let components = &gate.value.components;
    let lists_none = components.is_missing()
        || components.value().is_some_and(|(entries, _)| entries.iter().all(|entry| is_nothing(&entry.value)));
    (lists_none && kep.dialect.requires("components")).then(|| {
        let at = components.missing_span().unwrap_or(span);
        finding(kep, at, format!("the feature gate {} lists no components", quote(text)), text)
            .help("list the components that use the gate, such as `kube-apiserver`")
    })
}

fn finding(kep: &Kep, at: Span, message: String, value: &str) -> Finding {
    Finding::new(&RULE, kep.file, Some(at), message).on("feature-gates", value)
}

/// True if `name` can be the name of a feature gate.
pub(super) fn is_gate(name: &str) -> bool {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_camel_case = is_word
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_kubectls = name.starts_with("KUBECTL_")
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    is_camel_case || is_kubectls
}

#[cfg(test)]
mod tests {
    use super::is_gate;

    #[test]
    fn a_gate_is_in_camel_case_or_a_variable_of_kubectl() {
        for name in ["QuietHours", "HPAScaleToZero", "X86Pods", "KUBECTL_QUIET_HOURS2"] {
            assert!(is_gate(name), "{name}");
        }
        for name in ["quietHours", "QUIETHOURS", "Quiet-Hours", "Quiet_Hours", "KUBECTL_quiet", "QUIET_HOURS", ""] {
            assert!(!is_gate(name), "{name}");
        }
    }
}
