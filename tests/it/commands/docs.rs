//! The generated documentation is current, and its examples are fixtures.

use std::collections::BTreeSet;

use kepgate::rules::{ALL, page};
use serde_json::Value;

use crate::support::{kepgate, root, run};

#[test]
fn rule_pages_are_current() {
    let folder = root().join("docs/rules");
    let mut names = BTreeSet::new();
    for (name, text) in page::all() {
        if std::env::var_os("KEPGATE_BLESS").is_some() {
            std::fs::write(folder.join(&name), &text).unwrap();
        }
        let written = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
        assert_eq!(written, text, "docs/rules/{name}: run `cargo xtask bless`");
        names.insert(name);
    }
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(files.collect::<BTreeSet<_>>(), names, "a page without a rule");
}

#[test]
fn rule_pages_show_an_example_and_its_fix() {
    for rule in ALL {
        let page = page::markdown(rule);
        let (_, examples) = page.split_once("\n## Example\n").unwrap_or_else(|| panic!("{}: no example", rule.id));
        let (failing, fixed) = examples.split_once("\n## Use instead\n").unwrap();
        let (fixed, _) = fixed.split_once("\n## Source\n").unwrap();
        for part in [failing, fixed] {
            let (heading, excerpts) =
                part.trim().split_once("\n\n").unwrap_or_else(|| panic!("{}: no excerpt", rule.id));
            assert!(heading.ends_with(':') && excerpts.contains('`'), "{}: {part}", rule.id);
        }
        assert_ne!(failing, fixed, "{}", rule.id);
    }
}

#[test]
fn explain_prints_the_rule_page() {
    for rule in ALL {
        let (code, stdout, _) = run(kepgate(root()).args(["explain", rule.id]));
        assert_eq!((code, stdout), (0, page::markdown(rule)));
    }
}

#[test]
fn configuration_schema_lists_every_rule() {
    let text = std::fs::read_to_string(root().join("docs/config.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let ids: Vec<_> =
        schema["$defs"]["rule"]["enum"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let mut rules: Vec<_> = ALL.iter().map(|rule| rule.id).collect();
    rules.sort_unstable();
    assert_eq!(ids, rules);
}
