//! GitHub's list of a commit's paths is accepted only if its hash is that of the commit's tree.
#![no_main]

use kepgate::source::Kind;
use kepgate::source::github::verified_paths;
use libfuzzer_sys::fuzz_target;

/// The tree of the seeds, and everything in it.
const ROOT: &str = "b3939a0ab65874f0da10bb47952cfee323fd689f";
const PATHS: [(&str, Kind); 8] = [
    ("keps", Kind::Folder),
    ("keps/a", Kind::Folder),
    ("keps/a-b", Kind::Folder),
    ("keps/a-b/y", Kind::File),
    ("keps/a.txt", Kind::File),
    ("keps/a/x", Kind::File),
    ("keps/link", Kind::Symlink),
    ("top", Kind::File),
];

fuzz_target!(|answer: &[u8]| {
    let Some(mut paths) = verified_paths(answer, ROOT) else { return };
    paths.sort_by_key(|(path, _)| path.to_string());
    let paths: Vec<_> = paths.iter().map(|(path, kind)| (path.to_string(), *kind)).collect();
    let expected = PATHS.map(|(path, kind)| (path.to_owned(), kind));
    assert_eq!(paths, expected, "another list with the same hash");
});
