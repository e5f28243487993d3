use super::wording::quote;
use super::{Context, Family, Findings, Renewal, Rule};
use crate::finding::{Finding, Level};
use crate::model::FaultKind;
use crate::text::yaml::{FaultKind as Yaml, MAX_DEPTH, MAX_VALUES};

pub(super) static RULE: Rule = Rule {
    id: "yaml-syntax",
    family: Family::Yaml,
    level: Level::Error,
    renewal: Renewal::File,
    summary: "A file is not UTF-8, not YAML, empty, not a mapping, or over a bound",
    what: "Reports a `kep.yaml` or production-readiness file that cannot be read as the YAML mapping it has to be: \
           a handle without quotes, a tab, a missing space after a colon, a bracket or quote left open, an alias \
           (`*name`), nothing at all, or collections nested too deep. Entries that stand apart from the broken one \
           are read and checked all the same.",
    why: "A file that does not parse tells the release team nothing, and tools that read the whole tree stop at it.",
    cases: include_str!("../../fixtures/rules/yaml-syntax.md"),
    source: "https://yaml.org/spec/1.2.2/",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for document in context.documents() {
        for fault in document.faults {
            let FaultKind::Yaml(kind) = &fault.kind else { continue };
            let Some((message, help)) = words(kind) else { continue };
            let text = fault.span.map(|span| context.text(document.file, span)).unwrap_or_default();
            let mut finding = Finding::new(&RULE, document.file, fault.span, message).help(help).on("", text);
            if let (Yaml::BareHandle { whole: true }, Some(span)) = (kind, fault.span) {
                finding = finding.fix(span, format!("\"{text}\""));
            }
            findings.push(finding);
        }
    }
}

/// What is wrong and what to do; `None` for what other rules report.
pub(super) fn words(kind: &Yaml) -> Option<(String, String)> {
    let (message, help) = match kind {
        Yaml::NotUtf8 { line, byte } => (
            format!("this file is not UTF-8: line {line} holds a byte that is none (at byte {byte})"),
            "save the file as UTF-8",
        ),
        Yaml::Empty => ("this file holds nothing".to_owned(), "fill it in, or delete it"),
        Yaml::NotAMapping { found } => {
            (format!("this file holds {found} where `key: value` entries belong"), "begin each line with `key: `")
        }
        Yaml::Character(character) => (
            format!("the character U+{:04X} is not allowed here", u32::from(*character)),
            "delete it; it is invisible in most editors, and YAML readers take it for a line break or for an error",
        ),
        Yaml::LongLine(bytes) => {
            (format!("this line is {bytes} bytes long, and upstream's reader stops at 64 KiB"), "break the line")
        }
        Yaml::TooDeep => {
            (format!("collections are nested more than {MAX_DEPTH} deep"), "no field of a KEP needs more than three")
        }
        Yaml::TooMany => {
            (format!("this file holds more than {MAX_VALUES} values, and was not read"), "keep what belongs to the KEP")
        }
        Yaml::Alias => {
            ("an alias (`*name`) is not read here".to_owned(), "write the value out; quote it if it begins with `*`")
        }
        Yaml::BareHandle { whole } => (
            "YAML values cannot begin with `@`".to_owned(),
            if *whole { "put the handle in quotes" } else { "put the value in quotes, from the `@` to its end" },
        ),
        Yaml::Tab => ("a tab stands where YAML wants spaces".to_owned(), "replace the tab with spaces"),
        Yaml::MissingSpace => {
            ("there is no space after the colon, so this is one word to YAML".to_owned(), "write `key: value`")
        }
        Yaml::Unclosed(open) => {
            (format!("this {} is never closed", quote(&open.to_string())), "close it, or write one entry a line")
        }
        Yaml::Syntax(words) => (format!("this is not YAML: {words}"), "correct the entry so that it parses"),
        Yaml::DuplicateKey { .. } | Yaml::Marker | Yaml::SecondDocument => return None,
    };
    Some((message, help.to_owned()))
}
