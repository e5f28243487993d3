//! Schemas, shell completions and manual pages.

use std::process::Command;

use crate::authoring::files;
use crate::support::{kepgate, root, run};

#[test]
fn schema_command_prints_the_checked_in_schemas() {
    for document in ["kep", "prod-readiness", "config"] {
        let file = format!("docs/{document}.schema.json");
        let (code, schema, _) = run(kepgate(root()).args(["schema", document]));
        if std::env::var_os("KEPGATE_BLESS").is_some() {
            std::fs::write(root().join(&file), &schema).unwrap();
        }
        let written = std::fs::read_to_string(root().join(&file)).unwrap_or_default();
        assert_eq!((code, schema), (0, written), "{file}: run `cargo xtask docs`");
    }
}

/// What `SchemaStore` requires of a schema that it lists.
#[test]
fn schemas_say_what_they_are() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap()) {
        let name = entry.file_name().into_string().unwrap();
        if !name.ends_with(".schema.json") {
            continue;
        }
        let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(entry.path()).unwrap()).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        let id = format!("https://raw.githubusercontent.com/kepgate/kepgate/main/docs/{name}");
        assert_eq!(schema["$id"], *id, "{name}");
        assert!(["title", "description", "type"].iter().all(|key| schema[key].is_string()), "{name}");
        count += 1;
    }
    assert!(count >= 11, "{count}");
}

#[test]
fn completions_and_manual_pages_cover_every_subcommand() {
    let (_, help, _) = run(kepgate(root()).arg("--help"));
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands = commands.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let names: Vec<_> = names.collect();
    assert!(names.contains(&"query") && names.len() >= 9, "{names:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script, _) = run(kepgate(root()).args(["completions", shell]));
        assert_eq!(code, 0);
        assert!(names.iter().all(|name| script.contains(name)), "{shell}");
        assert!(script.contains("needs-prr"), "{shell}");
    }
    let syntax = Command::new("bash").arg("-nc").arg(run(kepgate(root()).args(["completions", "bash"])).1).status();
    assert!(syntax.unwrap().success(), "bash can parse it");
    let folder = tempfile::tempdir().unwrap();
    let (code, _, _) = run(kepgate(folder.path()).args(["man", "--write", "pages"]));
    assert_eq!(code, 0);
    let pages = files(&folder.path().join("pages"));
    for name in names {
        assert!(pages[&format!("kepgate-{name}.1")].contains(&format!(".TH kepgate-{name} 1")), "{name}");
    }
    let (code, page, _) = run(kepgate(root()).arg("man"));
    assert_eq!((code, page.as_str()), (0, pages["kepgate.1"].as_str()));
}
