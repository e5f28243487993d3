//! Schemas, shell completions and manual pages.

use std::process::Command;

use crate::authoring::files;
use crate::support::{kepgate, root, run};

#[test]
fn schema_command_prints_the_checked_in_schemas() {
    for (document, file) in [("kep", "docs/kep.schema.json"), ("prod-readiness", "docs/prod-readiness.schema.json")] {
        let (code, schema, _) = run(kepgate(root()).args(["schema", document]));
        let written = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        assert_eq!((code, schema), (0, written), "{file}: run `cargo run -- schema {document} > {file}`");
    }
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
