//! Reads any text as a kepgate configuration. Every fault has a message and a help, and points into the text.
#![no_main]

use kepgate::config::Config;
use kepgate::rules;
use kepgate::syntax::yaml::read;
use kepgate::text::RepoPath;
use kepgate_fuzz::{KEP, holds};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (config, faults) = Config::lower(&read(text), rules::ALL);
    for fault in &faults {
        if let Some(span) = fault.span {
            holds(text, span, &fault.message);
        }
        assert!(!fault.message.trim().is_empty() && !fault.help.trim().is_empty(), "{fault:?}");
    }
    assert!(faults.is_sorted_by_key(|fault| fault.span), "faults stand in order");
    for rule in rules::ALL {
        let _ = config.runs(rule);
        let _ = config.ignored(rule, &RepoPath::from(KEP));
    }
});
