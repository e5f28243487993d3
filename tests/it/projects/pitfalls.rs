//! What projects of other shapes ran into.

use super::adoption::{adds, found, init, kep, one, page, repository, template};
use super::says;
use crate::support::TestRepo;

const CONFIG: &str = ".github/kepgate.yaml";

/// Files with these texts, committed, with the configuration that `kepgate init` proposes.
fn adopted(files: &[(&str, String)]) -> TestRepo {
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let repo = repository(&files);
    let run = says(&repo, &["init", "--write"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    repo.commit();
    repo
}

/// The findings of a check against `main`: rule and help of each.
fn helps(repo: &TestRepo) -> Vec<[String; 2]> {
    let (_, report) = repo.check(&["--base", "main", "--offline"]);
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|it| ["rule", "help"].map(|key| it[key].as_str().unwrap_or_default().to_owned())).collect()
}

#[test]
fn a_page_about_the_keps_is_not_metadata() {
    let kep = |number: &str| page("provisional").replace("title:", &format!("kep-number: {number}\ntitle:"));
    let repo = adopted(&[
        ("beps/12-queue/README.md", kep("12")),
        ("beps/13-quota/README.md", kep("13")),
        ("beps/README.md", "# BEPs\n\nThe list.\n".to_owned()),
    ]);
    assert!(repo.read(CONFIG).contains("\n  metadata: front-matter\n"), "{}", repo.read(CONFIG));
    let (code, report) = repo.check(&["--all", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![]), "{report:#}");
    assert_eq!(adds(&repo, "beps/README.md", "# BEPs\n\nThe new list.\n"), (0, vec![]));
    assert_eq!(adds(&repo, "beps/README.md", &kep("14")), one("template-invalid", "beps/README.md"));
}

#[test]
fn a_field_of_the_project_is_suggested_before_one_of_kubernetes() {
    let metadata = |number: u32| {
        format!("name: Quotas\nnumber: {number}\nstatus: provisional\nauthors: [ada]\nfeatureNames: [A]\n")
    };
    let path = "geps/gep-40/metadata.yaml";
    let repo = adopted(&[("geps/gep-17/metadata.yaml", metadata(17)), (path, metadata(40))]);
    repo.write(path, metadata(40).replace("featureNames", "featurNames"));
    let said = |help: &str| vec![["yaml-unknown-key".to_owned(), help.to_owned()]];
    assert_eq!(helps(&repo), said("did you mean `featureNames`?"));
    // If no field of the project is similar, one of Kubernetes is only a suggestion, not a fix.
    let written = metadata(40) + "feature_gate: A\n";
    repo.write(path, &written);
    assert_eq!(helps(&repo), said("did you mean `feature-gates`?"));
    says(&repo, &["check", "--base", "main", "--offline", "--fix"]);
    assert_eq!(repo.read(path), written);
}

#[test]
fn a_key_that_is_repeated_with_a_syntax_error_is_known() {
    let path = "keps/10-queue/kep.yaml";
    let repo = repository(&[(path, &kep("10", "provisional"))]);
    repo.write(path, kep("10", "provisional") + "authors: [\n");
    let rules: Vec<_> = helps(&repo).into_iter().map(|[rule, _]| rule).collect();
    assert_eq!(rules, ["yaml-syntax"]);
}

#[test]
fn the_folder_of_a_sig_says_whose_a_kep_is() {
    let metadata = "title: Quotas\nauthors:\n  - \"@ada\"\nstatus: provisional\n";
    let template = metadata.replace("Quotas", "Your title").replace("@ada", "@your-handle");
    let repo = adopted(&[
        ("enhancements/sig-policy/12-quotas/metadata.yaml", metadata.to_owned()),
        ("enhancements/sig-policy/12-quotas/README.md", "# Quotas\n".to_owned()),
        ("enhancements/sig-net/13-routes/metadata.yaml", metadata.to_owned()),
        ("enhancements/0000-template/metadata.yaml", template),
        ("enhancements/0000-template/README.md", "# Title\n\n## Summary\n".to_owned()),
    ]);
    let run = says(&repo, &["query", "--sig", "sig-policy", "--output", "json"]);
    let list: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, list.as_array().unwrap().len()), (0, 1), "{}", run.stdout);
    assert_eq!(list[0]["directory"], "enhancements/sig-policy/12-quotas");
    assert_eq!(says(&repo, &["query", "--sig", "sig-other"]).code, 2);
    let new = ["new", "--number", "100", "--sig", "sig-policy", "--title", "Late", "--author", "@ada"];
    let run = says(&repo, &new);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let text = repo.read("enhancements/sig-policy/100-late/metadata.yaml");
    assert_eq!(text, metadata.replace("Quotas", "Late"));
}

#[test]
fn init_takes_the_words_for_stages_from_the_template() {
    let staged = |stage: &str, status: &str| format!("{}stage: {stage}\n", kep("10", status));
    let template = |stages: &str| {
        let text = staged(stages, "draft|accepted|shipped|rejected");
        text.replace("10", "NNNN").replace("Quotas", "Your title").replace("@ada", "@your-handle")
    };
    let said = |stages: &str| {
        let files =
            [("keps/NNNN-template/kep.yaml", template(stages)), ("keps/10-a/kep.yaml", staged("preview", "accepted"))];
        init(&repository(&files.each_ref().map(|(path, text)| (*path, text.as_str()))))
    };
    let text = said("experimental|preview|ga");
    assert!(text.contains("\n  stages:\n    experimental: alpha\n    preview: beta\n    ga: stable\n"), "{text}");
    let statuses = "\n  statuses:\n    draft: provisional\n    accepted: implementable\n    shipped: implemented\n    rejected: rejected\n";
    assert!(text.contains(statuses), "{text}");
    assert!(text.contains("kepgate: 1 KEP passed"), "{text}");
    for stages in ["red|green|blue", "ga|preview"] {
        let text = said(stages);
        assert!(text.contains("# The template offers other stages than Kubernetes: list them"), "{stages}: {text}");
        assert!(!text.contains("\n  stages:\n"), "{stages}: {text}");
    }
    assert!(!said("alpha|beta|stable").contains("stages"));
}

#[test]
fn init_requires_what_the_template_and_all_keps_have() {
    let with = |number: &str, more: &str| format!("{}creation-date: 2026-01-02\n{more}", kep(number, "provisional"));
    let template = template() + "creation-date: yyyy-mm-dd\nowners: []\nlinks: []\n";
    let files = [
        ("keps/NNNN-template/kep.yaml", template),
        ("keps/10-a/kep.yaml", with("10", "owners: [ada]\n")),
        ("keps/40-b/kep.yaml", with("40", "owners: [pia]\nlinks: [x]\n")),
        ("keps/99-c/kep.yaml", with("99", "owners: [zoe]\n")),
    ];
    let repo = adopted(&files);
    let config = repo.read(CONFIG);
    assert!(config.contains("    required: [title, kep-number, authors, status, owners, creation-date]\n"), "{config}");
    for line in ["owners: [ada]\n", "creation-date: 2026-01-02\n"] {
        let text = with("10", "owners: [ada]\n").replace(line, "");
        assert_eq!(adds(&repo, "keps/10-a/kep.yaml", &text), one("field-missing", "keps/10-a/kep.yaml"), "{line}");
    }
}

#[test]
fn init_says_what_it_did_not_find() {
    let note = "  # No template was found, so that sections and template text are not checked. If there is one, set `template`.\n";
    assert!(init(&repository(&[("keps/10-a/kep.yaml", &kep("10", "provisional"))])).contains(note));
    let files = [("keps/10-a/kep.yaml", &*kep("10", "provisional")), ("keps/NNNN-template/kep.yaml", &template())];
    assert!(!init(&repository(&files)).contains("No template"));
    let files =
        [("text/0001-a.md", &*page("provisional")), ("text/0002-b.md", "# B\n"), ("text/notes.md", "# Notes\n")];
    let said = init(&repository(&files));
    assert!(said.contains("# Attention: `text/0002-b.md` looks like a KEP, but is not checked"), "{said}");
}

#[test]
fn a_new_page_among_keps_is_probably_one() {
    let text = page("provisional");
    let repo = adopted(&[
        ("teps/0012-a.md", text.clone()),
        ("teps/areas/dns.md", text.clone()),
        ("teps/areas/tls.md", text.clone()),
        ("teps/areas/quic.md", text),
    ]);
    let warned = |path: &str| {
        let (code, found) = adds(&repo, path, "# Late\n");
        assert_eq!(code, 0, "{path}");
        found == [("metadata-missing".to_owned(), path.to_owned())]
    };
    for path in ["teps/0130-new/README.md", "teps/0130-new.md", "teps/areas/late.md"] {
        assert!(warned(path), "{path}");
    }
    for path in ["teps/README.md", "teps/areas/README.md", "teps/notes.md", "teps/other/notes.md", "docs/0130-new.md"] {
        assert!(!warned(path), "{path}");
    }
}

#[test]
fn advice_does_not_name_what_the_project_lacks() {
    let path = "geps/gep-17/metadata.yaml";
    let metadata =
        |number: u32| format!("title: Quotas\nkep-number: {number}\nstatus: implementable\nauthors: [ada]\n");
    let repo = adopted(&[
        (path, metadata(17)),
        ("geps/gep-17/index.md", "# Quotas\n".to_owned()),
        ("geps/gep-40/metadata.yaml", metadata(40)),
        ("geps/gep-40/index.md", "# Quotas\n".to_owned()),
    ]);
    repo.remove(path);
    let expected = [
        ["metadata-missing", "write its metadata, as in other KEPs"],
        ["kep-removed", "restore `metadata.yaml`; if the KEP is abandoned, set `status: withdrawn` in it"],
    ];
    let said = helps(&repo);
    assert_eq!(said, expected.map(|it| it.map(str::to_owned)));
    repo.write(path, metadata(18));
    assert_eq!(helps(&repo)[0][1], "use the KEP's number in `kep-number` and in the name of the directory");
}

#[test]
fn the_change_that_adopts_kepgate_is_told_so() {
    let repo = repository(&[("docs/keps/10-a/kep.yaml", &kep("10", "provisional"))]);
    repo.branch("topic");
    let run = says(&repo, &["check", "--base", "main", "--offline"]);
    assert!(run.code == 2 && run.stdout.contains("`kepgate init` proposes that file"), "{}", run.stdout);
    assert_eq!(says(&repo, &["init", "--write"]).code, 0);
    repo.commit();
    let run = says(&repo, &["check", "--base", "main", "--offline"]);
    let help = "this change adds .github/kepgate.yaml, which applies once it is on the target branch";
    assert!(run.code == 2 && run.stdout.contains(help), "{}", run.stdout);
    // Later, the folder moves together with its configuration.
    repo.git(&["branch", "--force", "main", "topic"]);
    repo.git(&["mv", "docs/keps", "docs/caeps"]);
    repo.write(CONFIG, repo.read(CONFIG).replace("docs/keps", "docs/caeps"));
    repo.commit();
    let run = says(&repo, &["check", "--base", "main", "--offline"]);
    let help = "this change also changes .github/kepgate.yaml, which applies once it is on the target branch";
    assert!(run.code == 2 && run.stdout.contains(help), "{}", run.stdout);
    assert_eq!(says(&repo, &["check", "--all", "--offline"]).code, 0);
}

#[test]
fn keps_outside_the_folder_of_keps_are_named() {
    let sound = kep("10", "provisional");
    let config = "project:\n  profile: plain\n  root: net/keps\n";
    let old = ("core/keps/12-quotas/kep.yaml", &*sound);
    let repo = repository(&[
        (CONFIG, config),
        ("net/keps/10-a/kep.yaml", &sound),
        ("core/keps/NNNN-template/kep.yaml", &sound),
        old,
    ]);
    let note =
        "`core/keps/12-quotas/kep.yaml` looks like a KEP, but is not checked, because the KEPs are in `net/keps`\n";
    let run = says(&repo, &["check", "--all", "--offline"]);
    assert!(run.code == 0 && run.stdout.contains(note), "{}", run.stdout);
    repo.write("net/keps/10-a/kep.yaml", sound.replace("Quotas", "Queues"));
    let run = says(&repo, &["check", "--base", "main", "--offline"]);
    assert!(run.code == 0 && !run.stdout.contains("looks like"), "{}", run.stdout);
    // A change is told of those that it adds.
    repo.write("core/keps/13-queues/kep.yaml", &sound);
    let run = says(&repo, &["check", "--base", "main", "--offline"]);
    assert!(run.code == 0 && run.stdout.contains(&note.replace("12-quotas", "13-queues")), "{}", run.stdout);
    repo.commit();
    let run = says(&repo, &["check", "--base", "HEAD~1", "--head", "HEAD", "--offline"]);
    assert!(run.code == 0 && run.stdout.contains(&note.replace("12-quotas", "13-queues")), "{}", run.stdout);
}
