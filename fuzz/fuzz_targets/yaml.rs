//! Any text is read, and every place in the tree is a place in the text.
#![no_main]

use kepgate::syntax::yaml::read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    kepgate_fuzz::document(text, &read(text));
});
