//! The cases of the fixture files, written to folders in which kepgate can run.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::case::Case;
use crate::support::case_files::{FixtureFile, folder_name, lay_out, read, read_all, repositories};
use crate::support::root;

/// A case, and the folder that contains its `base` and `head`.
pub(crate) struct Fixture {
    /// The fixture file and the heading.
    pub(crate) name: String,
    /// The path of the fixture file below `fixtures/`.
    pub(crate) file: PathBuf,
    /// The title of the file, which is the rule's id in `fixtures/rules/`.
    pub(crate) title: String,
    pub(crate) case: Case,
    pub(crate) folder: PathBuf,
}

/// Some cases in a temporary folder.
pub(crate) struct Fixtures {
    pub(crate) all: Vec<Fixture>,
    _scratch: TempDir,
}

pub(crate) fn fixtures_folder() -> PathBuf {
    root().join("fixtures")
}

/// Every case of every fixture file.
pub(crate) fn all() -> Fixtures {
    lay(read_all(&fixtures_folder()).unwrap(), |_| true)
}

/// The cases of every rule.
pub(crate) fn of_rules() -> Fixtures {
    let mut files = read_all(&fixtures_folder()).unwrap();
    files.retain(|file| file.path.starts_with("rules"));
    lay(files, |_| true)
}

/// The case with this heading in `fixtures/<file>`.
pub(crate) fn one(file: &str, heading: &str) -> Fixtures {
    let file = read(&fixtures_folder(), file.into()).unwrap();
    let fixtures = lay(vec![file], |case| case.heading == heading);
    assert_eq!(fixtures.all.len(), 1, "exactly one case has the heading {heading:?}");
    fixtures
}

impl Fixtures {
    /// The folder of the only case.
    pub(crate) fn folder(&self) -> &Path {
        &self.all[0].folder
    }
}

fn lay(files: Vec<FixtureFile>, is_wanted: impl Fn(&Case) -> bool) -> Fixtures {
    let scratch = tempfile::tempdir().unwrap();
    let repositories = repositories(&fixtures_folder()).unwrap();
    let mut all = Vec::new();
    for FixtureFile { path: file, document } in files {
        for case in document.cases.into_iter().filter(&is_wanted) {
            let name = format!("fixtures/{}:{}: {}", file.display(), case.line, case.heading);
            let folder = scratch.path().join(file.with_extension("")).join(folder_name(&case.heading));
            assert!(!folder.exists(), "{name}: another heading of this file has the same words");
            std::fs::create_dir_all(&folder).unwrap();
            lay_out(&case, &repositories, &folder).unwrap_or_else(|error| panic!("{name}: {error}"));
            all.push(Fixture { name, file: file.clone(), title: document.title.clone(), case, folder });
        }
    }
    Fixtures { all, _scratch: scratch }
}
