//! `kepgate export`.

use serde_json::Value;

use crate::support::{KEP, TestRepo, kep_with, kepgate, run};

const DIR: &str = "keps/sig-node/1234-quiet-hours";

/// A repository with one KEP.
fn repository() -> TestRepo {
    let repo = TestRepo::new();
    repo.write(KEP, kep_with(&[("title", "Pods & <quiet> hours")]));
    repo
}

#[test]
fn keps_json_has_what_websites_read() {
    let repo = repository();
    let (code, stdout, stderr) = run(kepgate(repo.path()).args(["export", "keps.json"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains(r#""title":"Pods \u0026 \u003cquiet\u003e hours""#) && stdout.ends_with("]\n"), "{stdout}");
    let list: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(list[0]["title"], "Pods & <quiet> hours");
    assert_eq!(format!("keps/{}", list[0]["path"].as_str().unwrap()), DIR);
    assert_eq!(list[0]["name"], "1234-quiet-hours");
    let (code, nothing, _) = run(kepgate(repo.path()).args(["export", "keps.json", "--to", "out.json"]));
    assert_eq!((code, nothing.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(repo.path().join("out.json")).unwrap(), stdout);
}

/// A website must not lose a KEP because of one that cannot be read, nor silently.
#[test]
fn unreadable_keps_are_named() {
    let repo = repository();
    repo.write("keps/sig-node/1-broken/kep.yaml", "title: A\nauthors: \"@me\"\n");
    let (code, stdout, stderr) = run(kepgate(repo.path()).args(["export", "keps.json"]));
    assert_eq!(code, 3);
    assert_eq!(
        stderr,
        "kepgate: the list is incomplete: `keps/sig-node/1-broken` cannot be read\n  help: run `kepgate check --all` to \
         see what is wrong\n"
    );
    assert_eq!(serde_json::from_str::<Vec<Value>>(&stdout).unwrap().len(), 1);
}

#[test]
fn unknown_formats_are_usage_errors() {
    let repo = repository();
    let (code, _, stderr) = run(kepgate(repo.path()).args(["export", "keps"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("[possible values: keps.json]"), "{stderr}");
}
