//! Projects with a folder for each area, numbers with a prefix or a part, and words of their own.

use super::adoption::{adds, found, init, kep, one, page, repository};
use super::says;
use crate::support::TestRepo;

/// Production readiness in folders of areas, whose KEPs have no `owning-sig`.
const AREAS: &str = "project:\n  profile: plain\n  root: enhancements\n  metadata: metadata.yaml\n  \
                     directory: \"<sig>/<number>-<slug>\"\n  sigs: [network, storage]\n  production-readiness: v2025.4\n  \
                     releases: own\n  fields:\n    optional: [area]\naliases:\n  approvers: release-approvers\n";

fn area_kep(number: &str, area: &str) -> String {
    format!(
        "title: Quotas\nkep-number: {number}\nauthors:\n  - \"@ada\"\narea: {area}\nstatus: implementable\nstage: alpha\n\
         latest-milestone: \"2026.1\"\nmilestone:\n  alpha: \"2026.1\"\napprovers:\n  - \"@pia\"\n"
    )
}

fn areas() -> TestRepo {
    repository(&[
        (".github/kepgate.yaml", AREAS),
        ("OWNERS_ALIASES", "aliases:\n  release-approvers:\n    - bob\n"),
        ("enhancements/network/2-quotas/metadata.yaml", &area_kep("2", "network")),
        ("enhancements/prod-readiness/network/2.yaml", "kep-number: 2\nalpha:\n  approver: \"@bob\"\n"),
        ("enhancements/storage/OWNERS", ""),
    ])
}

#[test]
fn the_folder_of_an_area_leads_to_the_production_readiness_file() {
    let repo = areas();
    let (code, report) = repo.check(&["--all", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![]), "{report:#}");
    let path = "enhancements/storage/3-late/metadata.yaml";
    assert_eq!(adds(&repo, path, &area_kep("3", "storage")), one("prr-file-missing", path));
    let prr_file = "enhancements/prod-readiness/network/2.yaml";
    let unknown = "kep-number: 2\nalpha:\n  approver: \"@mallory\"\n";
    assert_eq!(adds(&repo, prr_file, unknown), one("prr-approver-unknown", prr_file));
    repo.remove(prr_file);
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    let path = "enhancements/network/2-quotas/metadata.yaml".to_owned();
    assert_eq!((code, found(&report)), (1, vec![("prr-file-missing".to_owned(), path)]), "{report:#}");
}

#[test]
fn the_folder_of_an_area_is_known() {
    let repo = areas();
    let path = "enhancements/netwrok/4-late";
    let text = area_kep("4", "network").replace("implementable", "provisional");
    let unknown = vec![("sig-unknown".to_owned(), path.to_owned())];
    assert_eq!(adds(&repo, &format!("{path}/metadata.yaml"), &text), (0, unknown));
    let path = "enhancements/network/4-late/metadata.yaml";
    assert_eq!(adds(&repo, path, &text), (0, vec![]));
    let new = ["new", "--number", "5", "--title", "Late", "--author", "@ada", "--sig", "netwrok"];
    let run = says(&repo, &new);
    assert!(run.code == 2 && run.stderr.contains("did you mean `network`?"), "{}", run.stderr);
}

#[test]
fn without_other_groups_the_folders_of_areas_are_the_groups() {
    let metadata = |number: u32, area: &str| format!("{}owning-sig: {area}\n", area_kep(&number.to_string(), area));
    let configuration = "project:\n  profile: plain\n  root: enhancements\n  directory: \"<sig>/<number>-<slug>\"\n  \
                         sigs: folders\n  fields:\n    optional: [area]\n";
    let repo = repository(&[
        (".github/kepgate.yaml", configuration),
        ("enhancements/network/2-quotas/kep.yaml", &metadata(2, "network")),
        ("enhancements/storage/OWNERS", ""),
        ("enhancements/template/kep.yaml", &metadata(0, "area").replace("Quotas", "Title").replace("2026.1", "YYYY.N")),
    ]);
    let path = "enhancements/storage/3-late/kep.yaml";
    assert_eq!(adds(&repo, path, &metadata(3, "storage")), (0, vec![]));
    assert_eq!(adds(&repo, path, &metadata(3, "network")), one("owning-sig-mismatch", path));
    let new =
        |sig| says(&repo, &["new", "--number", "5", "--title", "Late", "--author", "@ada", "--dry-run", "--sig", sig]);
    assert_eq!(new("storage").code, 0, "{}", new("storage").stderr);
    let run = new("template");
    assert!(run.code == 2 && run.stderr.contains("known SIGs: network, storage"), "{}", run.stderr);
}

#[test]
fn init_sees_production_readiness_in_folders_of_areas() {
    let repo = areas();
    repo.write("enhancements/storage/3-late/metadata.yaml", area_kep("3", "storage"));
    repo.write("enhancements/prod-readiness/storage/3.yaml", "kep-number: 3\nalpha:\n  approver: \"@bob\"\n");
    repo.write("OWNERS_ALIASES", "aliases:\n  admins: [eve]\n  release-approvers: [bob, eve]\n");
    repo.remove(".github/kepgate.yaml");
    repo.commit();
    let text = init(&repo);
    for part in [
        "\n  profile: plain\n",
        "\n  directory: \"<sig>/<number>-<slug>\"\n",
        "\n  production-readiness: v2026.1\n",
        "\naliases:\n  # the group that has all approvers\n  approvers: release-approvers\n",
        "\nkepgate: 2 KEPs passed",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // If two groups have all approvers, either could be meant.
    repo.write("OWNERS_ALIASES", "aliases:\n  admins: [bob, eve]\n  release-approvers: [bob]\n");
    assert!(!says(&repo, &["init"]).stdout.contains("\naliases:"));
}

#[test]
fn without_its_configuration_no_kep_is_found() {
    let repo = areas();
    repo.remove(".github/kepgate.yaml");
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    let said: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|it| it["message"].as_str().unwrap()).collect();
    // The group of approvers is missing for the same reason, so it is not reported.
    let hidden = "later checks would not find `enhancements/network/2-quotas`";
    assert_eq!((code, said), (1, vec![hidden, "this change removes kepgate's configuration: the defaults will apply"]));
}

#[test]
fn freezes_of_own_releases_are_not_renamed() {
    let repo = areas();
    let calendar = "calendar:\n  v2026.1:\n    prr-freeze: 2026-01-15\n    enhancements-freeze: 2026-02-15\n";
    repo.write(".github/kepgate.yaml", format!("{AREAS}{calendar}"));
    let run = says(&repo, &["calendar", "--now", "2026-01-01"]);
    assert!(run.code == 0 && run.stdout.contains("2026-01-15") && !run.stdout.contains("Deadline"), "{}", run.stdout);
}

#[test]
fn a_number_after_a_prefix_is_unique() {
    let metadata = |number: u32| format!("name: Quotas\nnumber: {number}\nstatus: provisional\nauthors: [ada]\n");
    let repo = repository(&[
        ("geps/gep-3/metadata.yaml", &metadata(3)),
        ("geps/gep-17/metadata.yaml", &metadata(17).replace("Quotas", "Queues")),
    ]);
    assert_eq!(says(&repo, &["init", "--write"]).code, 0);
    repo.commit();
    let path = "geps/gep-03-other/metadata.yaml";
    assert_eq!(adds(&repo, path, &metadata(3)), one("kep-number-duplicate", path));
    assert_eq!(says(&repo, &["status", "17"]).stdout.lines().next(), Some("KEP-17: Queues"));
    // It keeps its number or its name when it moves.
    repo.git(&["mv", "geps/gep-17", "geps/gep-17-queues"]);
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![]), "{report:#}");
}

#[test]
fn a_number_with_a_part_is_that_of_the_directory() {
    let repo = repository(&[("docs/keps/0012.1-pools/kep.yaml", &kep("0012.1", "provisional"))]);
    assert_eq!(says(&repo, &["init", "--write"]).code, 0);
    repo.commit();
    let path = "docs/keps/0012.4-quotas/kep.yaml";
    for number in ["0012.4", "12.4", "12"] {
        assert_eq!(adds(&repo, path, &kep(number, "provisional")), (0, vec![]), "{number}");
    }
    for number in ["0012.9", "77", "12.4.1"] {
        assert_eq!(adds(&repo, path, &kep(number, "provisional")), one("kep-number-mismatch", path), "{number}");
    }
}

#[test]
fn leading_zeros_only_matter_to_production_readiness_files() {
    let repo = repository(&[("keps/0012-quotas/kep.yaml", &kep("12", "provisional"))]);
    let (code, report) = repo.check(&["--all", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![]), "{report:#}");
}

#[test]
fn keps_in_another_form_below_the_root_are_named() {
    let repo = repository(&[
        ("keps/10-quotas/kep.yaml", &kep("10", "provisional")),
        ("keps/10-quotas/design.md", &page("provisional")),
        ("keps/20190101-queues.md", &page("provisional")),
    ]);
    let note = "`keps/20190101-queues.md` looks like a KEP, but is not checked, because the metadata of each KEP is in \
                `kep.yaml` below `keps`\n";
    let run = says(&repo, &["check", "--all", "--offline"]);
    assert!(run.code == 0 && run.stdout.contains(note), "{}", run.stdout);
    repo.write("keps/20200202-late.md", page("provisional"));
    let run = says(&repo, &["check", "--base", "main", "--offline"]);
    assert!(run.code == 0 && run.stdout.contains(&note.replace("20190101-queues", "20200202-late")), "{}", run.stdout);
    let run = says(&repo, &["check", "--base", "main", "--offline", "keps/10-quotas"]);
    assert!(run.code == 0 && !run.stdout.contains("looks like a KEP"), "only a part is checked: {}", run.stdout);
}

#[test]
fn init_takes_the_words_for_stages_from_keps() {
    let staged = |stage: &str| format!("{}stage: {stage}\n", kep("10", "implementable"));
    let said = |one: &str, other: &str| {
        init(&repository(&[
            ("keps/10-a/kep.yaml", &staged(one)),
            ("keps/40-b/kep.yaml", &staged(other).replace("10", "40")),
        ]))
    };
    let text = said("ga", "preview");
    assert!(text.contains("\n  # KEPs use these words; check what each means in terms of Kubernetes\n  stages:\n    preview: beta\n    ga: stable\n"), "{text}");
    let text = said("red", "alpha");
    assert!(
        text.contains("# KEPs have stages that Kubernetes does not have, such as `red`: list all in `stages`"),
        "{text}"
    );
    assert!(!said("alpha", "beta").contains("stages"));
}

#[test]
fn init_sees_milestones_that_are_not_versions() {
    let dated = |number: &str| format!("{}latest-milestone: 2026Q1\n", kep(number, "provisional"));
    let repo = repository(&[("keps/10-a/kep.yaml", &dated("10")), ("keps/40-b/kep.yaml", &dated("40"))]);
    let text = init(&repo);
    assert!(text.contains("\n  # milestones are not versions such as v1.2 or 2026.1\n  releases: none\n"), "{text}");
    assert!(text.contains("  # milestones are not versions\n  milestone-malformed: off\n"), "{text}");
    assert!(text.contains("kepgate: 2 KEPs passed"), "{text}");
}

#[test]
fn init_requires_what_all_keps_have_without_a_template() {
    let with = |number: &str| format!("{}approvers:\n  - \"@pia\"\nstage: alpha\n", kep(number, "provisional"));
    let repo = repository(&[
        ("keps/10-a/kep.yaml", &with("10")),
        ("keps/40-b/kep.yaml", &with("40")),
        ("keps/99-c/kep.yaml", &with("99")),
    ]);
    let text = init(&repo);
    assert!(text.contains("    required: [title, kep-number, authors, status, approvers, stage]\n"), "{text}");
}

#[test]
fn the_next_status_is_named_in_the_projects_words() {
    let repo = repository(&[
        (
            ".github/kepgate.yaml",
            "project:\n  profile: plain\n  statuses:\n    provisional: provisional\n    experimental: implementable\n    \
             implementable: implementable\n",
        ),
        ("keps/10-a/kep.yaml", &kep("10", "provisional")),
    ]);
    let run = says(&repo, &["status", "10"]);
    assert!(run.stdout.contains("set `status: implementable`"), "{}", run.stdout);
}

#[test]
fn only_the_folder_of_a_known_group_contradicts_owning_sig() {
    let config = "project:\n  profile: plain\n  directory: \"<sig>/<number>-<slug>\"\n  sigs: [network, storage]\n  \
                  fields:\n    optional: [owning-sig]\n";
    let owned = |number: &str| format!("{}owning-sig: network\n", kep(number, "provisional"));
    let repo = repository(&[(".github/kepgate.yaml", config), ("keps/network/10-a/kep.yaml", &owned("10"))]);
    assert_eq!(adds(&repo, "keps/archive/11-b/kep.yaml", &owned("11")), (0, vec![]));
    let path = "keps/storage/12-c/kep.yaml";
    assert_eq!(adds(&repo, path, &owned("12")), one("owning-sig-mismatch", path));
}
