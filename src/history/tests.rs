//! Histories of small repositories.

use jiff::Timestamp;

use super::{History, KepHistory, Line, walk};
use crate::kep::{KepNumber, Milestone, Stage, Status};
use crate::project::Profile;
use crate::source::git::Repository;
use crate::source::git::fixture::Fixture;

const DIR: &str = "keps/sig-node/12-quiet-hours";
const GROUPS: &[&str] = &["prod-readiness-approvers", "prod-readiness-approvers-emeritus"];

fn kep_yaml(status: &str, stage: &str, latest: &str) -> String {
    format!(
        "title: Quiet hours\nkep-number: 12\nowning-sig: sig-node\nstatus: {status}\nstage: {stage}\nlatest-milestone: {latest}\n"
    )
}

fn line<'a>(repository: &'a Repository, fixture: &Fixture, since: Option<Timestamp>) -> Line<'a> {
    Line { repository, head: fixture.head(), since }
}

fn history(fixture: &Fixture) -> History {
    walk(line(&fixture.open(), fixture, None), &Profile::default(), GROUPS, None).unwrap()
}

fn only(history: &History) -> &KepHistory {
    let [kep] = history.keps.as_slice() else { panic!("{:?}", history.keps) };
    kep
}

/// A KEP that was proposed, approved by the PRR team and promoted.
fn promoted() -> Fixture {
    let fixture = Fixture::new();
    fixture.write(&format!("{DIR}/kep.yaml"), kep_yaml("provisional", "alpha", "v1.30"));
    fixture.write(&format!("{DIR}/README.md"), "one\n");
    fixture.commit();
    fixture.write("unrelated", "");
    fixture.commit();
    fixture.write(&format!("{DIR}/kep.yaml"), kep_yaml("implementable", "alpha", "v1.30"));
    fixture.write("keps/prod-readiness/sig-node/12.yaml", "kep-number: 12\nalpha:\n  approver: \"@ehashman\"\n");
    fixture.commit();
    fixture.write(&format!("{DIR}/README.md"), "two\n");
    fixture.commit();
    fixture.write(&format!("{DIR}/kep.yaml"), kep_yaml("implementable", "beta", "v1.31"));
    fixture.commit();
    fixture
}

#[test]
fn each_change_of_a_kep_is_a_version() {
    let fixture = promoted();
    let history = history(&fixture);
    assert_eq!((history.commits, history.unreadable_count), (5, 0));
    let kep = only(&history);
    let shown: Vec<_> = kep
        .versions
        .iter()
        .map(|version| {
            let metadata = version.metadata.as_ref().unwrap();
            let changed = version.changed;
            (metadata.status.as_str(), metadata.stage.unwrap(), changed.metadata, changed.prr, changed.readme)
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("provisional", Stage::Alpha, true, false, true),
            ("implementable", Stage::Alpha, true, true, false),
            ("implementable", Stage::Alpha, false, false, true),
            ("implementable", Stage::Beta, true, false, false),
        ]
    );
    let last = kep.last().unwrap();
    assert_eq!(last.commit, fixture.head());
    assert_eq!(last.metadata.as_ref().unwrap().known_status, Some(Status::Implementable));
    assert_eq!(last.metadata.as_ref().unwrap().latest, Some(Milestone::new(1, 31)));
    assert_ne!(kep.versions[1].readme, kep.versions[2].readme);
}

#[test]
fn the_first_approval_of_a_stage_is_found() {
    let fixture = promoted();
    let approval = fixture.id("HEAD~2");
    fixture.write("keps/prod-readiness/sig-node/12.yaml", "kep-number: 12\nalpha:\n  approver: \"@jpbetz\"\n");
    let other = fixture.commit();
    let history = history(&fixture);
    let kep = only(&history);
    let first = history.first_approval(kep, Stage::Alpha).unwrap();
    assert_eq!((first.commit, first.approver(Stage::Alpha)), (approval, Some("@ehashman")));
    assert_eq!(history.last_approval(kep, Stage::Alpha).unwrap().commit, other);
    assert!(history.first_approval(kep, Stage::Beta).is_none());
}

#[test]
fn a_kep_keeps_its_history_when_it_moves() {
    let fixture = promoted();
    fixture.git(&["mv", "keps/sig-node", "keps/sig-apps"]);
    fixture.commit();
    let history = history(&fixture);
    let kep = only(&history);
    assert_eq!(kep.dir, "keps/sig-apps/12-quiet-hours".into());
    assert_eq!(kep.versions.len(), 5);
    assert_eq!(kep.versions[3].dir, DIR.into());
    assert_eq!(history.moved_to(&DIR.into()), Some(&kep.dir));
    assert_eq!(history.of(KepNumber::parse("12").unwrap()).count(), 1);
    assert!(history.at(&kep.dir).is_some() && history.at(&DIR.into()).is_none());
}

#[test]
fn a_removed_kep_ends_with_a_version_that_says_so() {
    let fixture = promoted();
    fixture.git(&["rm", "-r", "--quiet", "keps/sig-node"]);
    fixture.commit();
    let history = history(&fixture);
    assert!(only(&history).last().unwrap().is_removed);
}

#[test]
fn two_directories_with_one_number_are_two_keps() {
    let fixture = promoted();
    fixture.write("keps/sig-apps/12-other/kep.yaml", kep_yaml("provisional", "alpha", "v1.30"));
    fixture.commit();
    let history = history(&fixture);
    assert_eq!(history.keps.len(), 2);
    assert_eq!(history.of(KepNumber::parse("12").unwrap()).count(), 2);
}

#[test]
fn another_kep_of_the_number_inherits_nothing() {
    for sig in ["sig-apps", "sig-node"] {
        let fixture = promoted();
        let other = kep_yaml("provisional", "alpha", "v1.30").replace("sig-node", sig);
        fixture.write("keps/sig-apps/12-other/kep.yaml", other);
        fixture.commit();
        let history = history(&fixture);
        let [other, kep] = history.keps.as_slice() else { panic!("{:?}", history.keps) };
        assert_eq!((other.versions.len(), kep.versions.len()), (1, 4));
        assert!(history.last_approval(other, Stage::Alpha).is_none(), "{sig}");
        assert_eq!(history.last_approval(kep, Stage::Alpha).unwrap().commit, fixture.id("HEAD~3"));
    }
}

#[test]
fn a_kep_that_appears_after_the_removal_of_its_namesake_is_new() {
    let fixture = promoted();
    fixture.git(&["rm", "-r", "--quiet", "keps/sig-node"]);
    fixture.commit();
    fixture.write("keps/sig-apps/12-other/kep.yaml", kep_yaml("provisional", "alpha", "v1.30").replace("node", "apps"));
    fixture.commit();
    let history = history(&fixture);
    let [other, kep] = history.keps.as_slice() else { panic!("{:?}", history.keps) };
    assert_eq!((other.versions.len(), kep.versions.len()), (1, 5));
    assert!(history.last_approval(other, Stage::Alpha).is_none());
}

#[test]
fn a_kep_that_takes_the_place_of_one_that_moves_is_new() {
    let fixture = promoted();
    fixture.git(&["mv", "keps/sig-node", "keps/sig-storage"]);
    fixture.write("keps/sig-apps/12-other/kep.yaml", kep_yaml("provisional", "alpha", "v1.30").replace("node", "apps"));
    fixture.commit();
    let history = history(&fixture);
    let versions: Vec<_> = history.keps.iter().map(|kep| (kep.dir.to_string(), kep.versions.len())).collect();
    let [other, moved] = ["keps/sig-apps/12-other", "keps/sig-storage/12-quiet-hours"].map(str::to_owned);
    assert_eq!(versions, [(other, 1), (moved, 5)]);
}

#[test]
fn the_approvals_of_a_kep_survive_while_its_file_is_elsewhere() {
    let fixture = promoted();
    fixture.git(&["mv", "keps/sig-node", "keps/sig-apps"]);
    let moved = kep_yaml("implementable", "beta", "v1.31").replace("sig-node", "sig-apps");
    fixture.write("keps/sig-apps/12-quiet-hours/kep.yaml", moved);
    fixture.commit();
    fixture.git(&["mv", "keps/prod-readiness/sig-node", "keps/prod-readiness/sig-apps"]);
    fixture.commit();
    let history = history(&fixture);
    let kep = only(&history);
    assert_eq!(history.last_approval(kep, Stage::Alpha).unwrap().commit, fixture.id("HEAD~4"));
}

#[test]
fn only_members_of_the_groups_approve() {
    let prr = |name: &str| format!("kep-number: 12\nalpha:\n  approver: \"{name}\"\n");
    let aliases = "aliases:\n  prod-readiness-approvers: [ehashman]\n  prod-readiness-approvers-emeritus: [jpbetz]\n";
    let author = "authors: [\"@dawn\"]\n";
    for (aliases, refused) in [
        (
            Some(aliases),
            ["TBD", "N/A", "", "@pick-one-from-prod-readiness-approvers", "@Dawn", "@EHashman", "@@jpbetz"],
        ),
        // Without the group, it is unknown who may approve.
        (None, ["TBD", "N/A", "", "<approver>", "@dawn", "@todo", "@@jpbetz"]),
    ] {
        let fixture = Fixture::new();
        if let Some(aliases) = aliases {
            fixture.write("OWNERS_ALIASES", aliases);
        }
        fixture.write(&format!("{DIR}/kep.yaml"), kep_yaml("implementable", "alpha", "v1.30") + author);
        fixture.commit();
        for name in refused.into_iter().chain(["@jpbetz"]) {
            fixture.write("keps/prod-readiness/sig-node/12.yaml", prr(name));
            fixture.commit();
        }
        let history = history(&fixture);
        let kep = only(&history);
        let approvals = kep.versions.iter().filter(|version| history.approval(version, Stage::Alpha).is_some());
        assert_eq!(approvals.map(|version| version.commit).collect::<Vec<_>>(), [fixture.head()], "{aliases:?}");
    }
}

#[test]
fn who_stops_approving_leaves_their_approvals() {
    let fixture = Fixture::new();
    fixture.write("OWNERS_ALIASES", "aliases:\n  prod-readiness-approvers: [ehashman, jpbetz]\n");
    fixture.write(&format!("{DIR}/kep.yaml"), kep_yaml("implementable", "alpha", "v1.30"));
    fixture.write("keps/prod-readiness/sig-node/12.yaml", "kep-number: 12\nalpha:\n  approver: \"@ehashman\"\n");
    let approval = fixture.commit();
    fixture.write("OWNERS_ALIASES", "aliases:\n  prod-readiness-approvers: [jpbetz]\n");
    fixture.commit();
    let history = history(&fixture);
    let kep = only(&history);
    assert_eq!(history.last_approval(kep, Stage::Alpha).unwrap().commit, approval);
    let version = kep.last().unwrap();
    let is_approved_at = |time| history.is_approved_at(version, Stage::Alpha, time);
    assert_eq!([version.time, history.end].map(is_approved_at), [true, false]);
}

#[test]
fn a_version_that_cannot_be_read_does_not_move_an_approval() {
    let fixture = promoted();
    let approval = fixture.id("HEAD~2");
    let prr = "keps/prod-readiness/sig-node/12.yaml";
    let kep_file = format!("{DIR}/kep.yaml");
    for (path, good) in [(prr, None), (kep_file.as_str(), Some(kep_yaml("implementable", "beta", "v1.31")))] {
        let good = good.unwrap_or_else(|| std::fs::read_to_string(fixture.path().join(path)).unwrap());
        for bad in ["alpha: [\n", "\tx: y: z"] {
            fixture.write(path, bad);
            fixture.commit();
            fixture.write(path, format!("{good}\n"));
            fixture.commit();
        }
    }
    let history = history(&fixture);
    let kep = only(&history);
    assert!(history.unreadable_count >= 2);
    assert_eq!(history.last_approval(kep, Stage::Alpha).unwrap().commit, approval);
    assert!(kep.versions.iter().skip(1).all(|version| history.approval(version, Stage::Alpha).is_some()));
    assert!(kep.versions.iter().all(|version| !version.is_removed));
}

#[test]
fn order_comes_from_the_commits_and_not_from_their_dates() {
    const YEAR_20_000: i64 = 568_971_820_800;
    let fixture = promoted();
    let mut commits = Vec::new();
    for (text, date) in [("a", -1_000), ("b", YEAR_20_000), ("c", 1_000), ("d", 253_402_300_799), ("e", 1_900_000_000)]
    {
        fixture.write(&format!("{DIR}/README.md"), text);
        commits.push(fixture.commit_dated(date));
    }
    let mut history = history(&fixture);
    let versions = &only(&history).versions;
    assert_eq!(versions.iter().skip(4).map(|version| version.commit).collect::<Vec<_>>(), commits);
    assert!(versions.is_sorted_by_key(|version| version.time) && versions.is_sorted_by_key(|version| version.position));
    assert_eq!(history.end.as_second(), 1_900_000_000);
    // If the clock says 2024, the later commits are impossible.
    let before = versions.iter().map(|version| version.time.as_second()).filter(|time| *time < 1_800_000_000).max();
    assert_eq!(history.end_by("2024-06-01T00:00Z".parse().unwrap()), 4);
    let last = only(&history).last().unwrap();
    assert_eq!((last.commit, Some(last.time.as_second())), (fixture.head(), before));
}

#[test]
fn an_unreadable_version_is_counted_and_does_not_end_the_walk() {
    let fixture = promoted();
    fixture.write(&format!("{DIR}/kep.yaml"), b"title: \xff\n");
    let broken = fixture.commit();
    fixture.write(&format!("{DIR}/kep.yaml"), kep_yaml("implemented", "stable", "v1.32"));
    fixture.commit();
    let history = history(&fixture);
    assert_eq!(history.unreadable_count, 1);
    assert_eq!(history.unreadable[0].commit, broken);
    let kep = only(&history);
    assert!(kep.versions[4].metadata.is_none());
    assert_eq!(kep.last().unwrap().metadata.as_ref().unwrap().status, "implemented");
}

#[test]
fn with_since_the_history_starts_with_the_state_of_then() {
    let fixture = promoted();
    let repository = fixture.open();
    let since = Timestamp::from_second(repository.time(fixture.id("HEAD~1")).unwrap()).unwrap();
    let history = walk(line(&repository, &fixture, Some(since)), &Profile::default(), GROUPS, None).unwrap();
    let kep = only(&history);
    assert_eq!(kep.versions.len(), 2);
    assert_eq!(kep.versions[0].approver(Stage::Alpha), Some("@ehashman"));
    assert_eq!(kep.version_at(since).unwrap().commit, fixture.id("HEAD~1"));
    assert_eq!(history.start, since);
}

#[test]
fn a_shallow_clone_is_an_error_with_a_remedy() {
    let fixture = promoted();
    let clone = fixture.clone_with(&["--depth=1"]);
    let error = walk(line(&clone.open(), &fixture, None), &Profile::default(), GROUPS, None).unwrap_err();
    assert!(error.help().contains("git fetch --unshallow"), "{}", error.help());
}
