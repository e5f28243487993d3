//! The generated documentation is current, and its examples are fixtures.

use std::collections::BTreeSet;
use std::path::Path;

use kepgate::rules::{ALL, page};
use serde_json::Value;

use crate::support::{kepgate, root, run};

/// `kepgate explain` shows what the first two cases of a rule differ in, so the program contains only that.
#[test]
fn embedded_examples_are_current() {
    let mut examples =
        String::from("<!-- Generated with `cargo xtask docs` from the first two cases of each rule. -->\n");
    for rule in ALL {
        let file = root().join("fixtures/rules").join(rule.id).with_extension("md");
        let example = page::example_of_fixture(&std::fs::read_to_string(file).unwrap());
        examples.push_str(&format!("\n# `{}`\n\n{}\n", rule.id, example.expect(rule.id).trim_end()));
    }
    let path = root().join("src/rules/examples.md");
    if std::env::var_os("KEPGATE_BLESS").is_some() {
        std::fs::write(&path, &examples).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), examples, "src/rules/examples.md: run `cargo xtask docs`");
}

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
        let titles = ["\n## Use instead\n", "\n## What to do\n"];
        let (failing, fixed) = titles.iter().find_map(|title| examples.split_once(title)).unwrap();
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

/// The documentation is published as a book, which contains only what its summary names.
#[test]
fn the_book_names_every_page() {
    let docs = root().join("docs");
    let mut summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    if std::env::var_os("KEPGATE_BLESS").is_some() {
        let is_rule = |line: &str| line.starts_with("  - [");
        let (before, after): (Vec<_>, Vec<_>) = (
            summary.lines().take_while(|line| !is_rule(line)).collect(),
            summary.lines().rev().take_while(|line| !is_rule(line)).collect(),
        );
        let rules = ALL.iter().map(|rule| format!("  - [{0}](rules/{0}.md)", rule.id));
        let mut lines: Vec<_> = before.into_iter().map(str::to_owned).chain(rules).collect();
        lines.extend(after.into_iter().rev().map(str::to_owned));
        summary = format!("{}\n", lines.join("\n"));
        std::fs::write(docs.join("SUMMARY.md"), &summary).unwrap();
    }
    let link = regex::Regex::new(r"\]\(([^)]+)\)").unwrap();
    let named: Vec<_> = link.captures_iter(&summary).map(|link| link[1].to_owned()).collect();
    let mut pages = BTreeSet::new();
    for folder in ["", "rules/"] {
        for entry in std::fs::read_dir(docs.join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name).extension().is_some_and(|it| it == "md") && name != "SUMMARY.md" {
                pages.insert(format!("{folder}{name}"));
            }
        }
    }
    assert_eq!(named.iter().cloned().collect::<BTreeSet<_>>(), pages, "docs/SUMMARY.md");
    assert_eq!(named.len(), pages.len(), "docs/SUMMARY.md names a page twice");
}

/// A link to a file outside of `docs` works in the repository, but not in the book. Nor does one to a README, which is the
/// index of its folder there.
#[test]
fn pages_of_the_book_link_to_each_other_only() {
    let docs = root().join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let link = regex::Regex::new(r"\]\(([^)]+)\)").unwrap();
    let mut links = 0;
    for page in link.captures_iter(&summary) {
        let page = docs.join(&page[1]);
        let text = std::fs::read_to_string(&page).unwrap();
        for target in link.captures_iter(&text).map(|link| link.get(1).unwrap().as_str()) {
            let path = target.split('#').next().unwrap();
            if path.is_empty() || path.contains("://") || path.contains(' ') || path.contains('`') {
                continue;
            }
            assert!(!path.ends_with("README.md"), "{}: {target}: link to the folder", page.display());
            let file = page.parent().unwrap().join(path);
            let Ok(file) = file.canonicalize() else { panic!("{}: {target}", page.display()) };
            assert!(file.starts_with(docs.canonicalize().unwrap()), "{}: {target}", page.display());
            links += 1;
        }
    }
    assert!(links > 100, "{links}");
}
