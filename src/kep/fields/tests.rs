use std::collections::BTreeSet;

use super::{ACCIDENTAL_KEYS, FEATURE_GATE, Fill, KEP, Leftover, MILESTONE, PRR, PRR_ENTRY, RETIRED_KEYS, keys};
use crate::kep::{Stage, Status};

#[test]
fn no_key_is_in_a_table_twice() {
    for table in [KEP, MILESTONE, FEATURE_GATE, PRR, PRR_ENTRY] {
        assert_eq!(keys(table).len(), keys(table).into_iter().collect::<BTreeSet<_>>().len(), "{:?}", keys(table));
    }
    for key in ACCIDENTAL_KEYS.iter().chain(RETIRED_KEYS.iter().map(|(key, _)| key)) {
        assert!(!keys(KEP).contains(key), "`{key}` is both a field and not a field");
    }
}

#[test]
fn each_stage_has_a_milestone_and_a_production_readiness_entry() {
    let stages = Stage::ALL.map(Stage::word);
    assert_eq!(keys(MILESTONE), stages);
    assert_eq!(keys(PRR).split_first(), Some((&"kep-number", &stages[..])));
}

#[test]
fn help_and_description_are_there_where_they_are_shown() {
    for field in [KEP, MILESTONE, FEATURE_GATE, PRR, PRR_ENTRY].concat() {
        assert!(field.description.ends_with('.'), "{}", field.key);
    }
    for field in [KEP, MILESTONE].concat() {
        assert_eq!(
            field.help.is_empty(),
            field.leftover == Leftover::Ignored && field.fill == Fill::Keep,
            "{}",
            field.key
        );
    }
}

#[test]
fn the_help_of_a_word_lists_every_word() {
    let help = |key| KEP.iter().find(|field| field.key == key).unwrap().help;
    for status in Status::ALL {
        assert!(help("status").contains(status.word()), "{status}");
    }
    for stage in Stage::ALL {
        assert!(help("stage").contains(stage.word()), "{stage}");
    }
}
