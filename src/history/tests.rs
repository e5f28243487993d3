//! Histories of small repositories.

use super::{History, KepHistory, walk};
use crate::kep::{KepNumber, Milestone, Stage, Status};
use crate::project::Profile;
use crate::source::git::fixture::Fixture;

const DIR: &str = "keps/sig-node/12-quiet-hours";

fn kep_yaml(status: &str, stage: &str, latest: &str) -> String {
    format!(
        "title: Quiet hours\nkep-number: 12\nowning-sig: sig-node\nstatus: {status}\nstage: {stage}\nlatest-milestone: {latest}\n"
    )
}

fn history(fixture: &Fixture) -> History {
    walk(&fixture.open(), fixture.head(), &Profile::default(), None).unwrap()
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
    let first = kep.first_approval(Stage::Alpha).unwrap();
    assert_eq!((first.commit, first.approver(Stage::Alpha)), (approval, Some("@ehashman")));
    assert_eq!(kep.last_approval(Stage::Alpha).unwrap().commit, other);
    assert!(kep.first_approval(Stage::Beta).is_none());
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
    assert!(only(&history).last().unwrap().is_removed());
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
    let since = jiff::Timestamp::from_second(repository.time(fixture.id("HEAD~1")).unwrap()).unwrap();
    let history = walk(&repository, fixture.head(), &Profile::default(), Some(since)).unwrap();
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
    let error = walk(&clone.open(), fixture.head(), &Profile::default(), None).unwrap_err();
    assert!(error.help().contains("git fetch --unshallow"), "{}", error.help());
}
