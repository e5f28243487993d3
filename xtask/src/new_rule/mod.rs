//! Scaffolds a rule: everything that has to exist before its logic.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

/// The files of a new rule. `{id}` and `{module}` in paths and texts are replaced.
const FILES: &[(&str, &str)] = &[
    ("src/rules/{module}.rs", include_str!("template/rule.rs")),
    ("fixtures/rules/{id}.md", include_str!("template/fixture.md")),
    ("docs/rules/{id}.md", include_str!("template/page.md")),
];

pub(crate) fn run(id: &str) -> Result<()> {
    let module = create(&crate::root()?, id)?;
    println!("created {} and its entries; what is left:", module.display());
    println!("1. Fill in each TODO in the module and in fixtures/rules/{id}.md.");
    println!("2. Run `cargo xtask docs` for the rule's page and the list of rules.");
    println!("3. Run `cargo test`.");
    Ok(())
}

/// Adds a rule to a checkout and returns its module.
pub(crate) fn create(root: &Path, id: &str) -> Result<PathBuf> {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    ensure!(id.split('-').all(is_word), "`{id}` is not an id: write words in lower case with dashes between them");
    let module = id.replace('-', "_");
    let fill = |text: &str| text.replace("{id}", id).replace("{module}", &module);
    for (path, _) in FILES {
        let path = fill(path);
        ensure!(!root.join(&path).exists(), "{path} already exists");
    }
    for (path, text) in FILES {
        let path = root.join(fill(path));
        fs::write(&path, fill(text)).with_context(|| format!("could not write {}", path.display()))?;
    }
    edit(&root.join("src/rules/mod.rs"), |text| registered(text, &module))?;
    edit(&root.join("docs/config.schema.json"), |text| listed(text, id))?;
    Ok(root.join(format!("src/rules/{module}.rs")))
}

fn edit(path: &Path, change: impl Fn(&str) -> Option<String>) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let text = change(&text).with_context(|| format!("{} has no place for the rule", path.display()))?;
    fs::write(path, text).with_context(|| format!("could not write {}", path.display()))
}

/// Adds a module to the list of rules: declared in the sorted block, and last in the registry.
fn registered(text: &str, module: &str) -> Option<String> {
    let start = text.find("\n\nmod ")? + "\n\n".len();
    let end = start + text.get(start..)?.find("\n\n")?;
    let declaration = format!("mod {module};");
    let mut modules: Vec<_> = text.get(start..end)?.lines().collect();
    modules.push(&declaration);
    // Some modules are `pub(crate) mod …`.
    modules.sort_by_key(|line| line.split("mod ").last());
    let text = format!("{}{}{}", text.get(..start)?, modules.join("\n"), text.get(end..)?);

    let start = text.find("\nregistry! {\n")?;
    let end = start + text.get(start..)?.find("\n}\n")?;
    Some(format!("{}\n    {module},{}", text.get(..end)?, text.get(end..)?))
}

/// Adds an id to the sorted list of rules in the configuration's schema.
fn listed(text: &str, id: &str) -> Option<String> {
    let start = text.find("\"rule\": {")?;
    let start = start + text.get(start..)?.find("\"enum\": [\n")? + "\"enum\": [\n".len();
    let end = start + text.get(start..)?.find("\n      ]")?;
    let mut ids: Vec<_> = text.get(start..end)?.lines().map(|line| line.trim().trim_matches(['"', ','])).collect();
    ids.push(id);
    ids.sort_unstable();
    let lines: Vec<_> = ids.iter().map(|id| format!("        \"{id}\"")).collect();
    Some(format!("{}{}{}", text.get(..start)?, lines.join(",\n"), text.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_declared_in_order_and_listed_last() {
        let text = "mod a;\n\nmod one;\npub(crate) mod two;\n\nregistry! {\n    one,\n    two,\n}\n\nfn a() {\n}\n";
        let expected = "mod a;\n\nmod one;\nmod three;\npub(crate) mod two;\n\nregistry! {\n    one,\n    two,\n    three,\n}\n\nfn a() {\n}\n";
        assert_eq!(registered(text, "three").unwrap(), expected);
    }

    #[test]
    fn an_id_goes_into_the_sorted_list() {
        let text = "{\"rule\": {\n      \"enum\": [\n        \"a-b\",\n        \"c-d\"\n      ]\n}}\n";
        let expected =
            "{\"rule\": {\n      \"enum\": [\n        \"a-b\",\n        \"b-c\",\n        \"c-d\"\n      ]\n}}\n";
        assert_eq!(listed(text, "b-c").unwrap(), expected);
    }

    #[test]
    fn an_id_is_words_with_dashes() {
        for id in ["", "A", "a_b", "a--b", "../a", "a1"] {
            let error = create(Path::new("/nonexistent"), id).unwrap_err().to_string();
            assert!(error.contains("is not an id"), "{error}");
        }
    }
}
