//! Reads any text as YAML. Every span in the tree is a span of the text.
#![no_main]

use kepgate::syntax::yaml::read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    kepgate_fuzz::document(text, &read(text));
});
