//! Reads the configuration and the baseline that apply to a check.

use std::path::Path;
use std::sync::Arc;

use super::settings::{BaselineSource, ConfigSource, ListsSource};
use crate::check::baseline::{self, Baseline, WRITE_BASELINE};
use crate::config;
use crate::config::{Config, KubernetesListsPlace};
use crate::error::Error;
use crate::kubernetes::{self, Digest, KubernetesLists};
use crate::project::Profile;
use crate::rules;
use crate::source::{Content, MAX_FILE_BYTES, Snapshot};
use crate::syntax::yaml;
use crate::text::RepoPath;
use crate::text::local_file::read_local;
use crate::text::wording::quote;
use crate::text::{Side, SourceFile};

/// Reads the configuration that applies.
///
/// # Errors
/// [`Error::Configuration`] if it is invalid, or if a required one is missing.
pub fn read_config(policy: &dyn Snapshot, source: &ConfigSource) -> Result<Config, Error> {
    let (path, must_exist) = match source {
        ConfigSource::Usual => (RepoPath::from(config::PATH), false),
        ConfigSource::Policy(path) => (path.clone(), true),
        ConfigSource::Disk(file) => {
            let text = from_disk(file, "--config", MAX_FILE_BYTES)?;
            return validated(&text, &file.display().to_string());
        }
    };
    match from_policy(policy, &path, MAX_FILE_BYTES)? {
        Some(text) => validated(&text, &format!("{path} (on the target branch)")),
        None if must_exist => Err(Error::configuration(
            format!("the configuration {} does not exist on the target branch", quote(&path.to_string())),
            "specify a file that exists there, or an absolute path outside the repository",
        )),
        None => match misnamed_config(policy)? {
            Some(path) => Err(Error::configuration(
                format!(
                    "kepgate does not read {} on the target branch, because it has the wrong name",
                    quote(&path.to_string())
                ),
                format!("rename it to {}", config::PATH),
            )),
            None => Ok(Config::default()),
        },
    }
}

/// A file on the target branch that could be taken for the configuration, which does not exist.
fn misnamed_config(policy: &dyn Snapshot) -> Result<Option<RepoPath>, Error> {
    let names = [config::PATH, config::MISNAMED].map(RepoPath::from);
    let is_meant = |path: &RepoPath| names.iter().any(|known| path == known || path.looks_like(known));
    let Some(folder) = names.first().and_then(RepoPath::parent) else { return Ok(None) };
    let folders = policy.list(&RepoPath::root())?.into_iter().map(|entry| entry.path);
    for path in folders.filter(|path| *path == folder || path.looks_like(&folder)) {
        let found = policy.list(&path)?.into_iter().find(|entry| is_meant(&entry.path));
        if let Some(found) = found {
            return Ok(Some(found.path));
        }
    }
    Ok(None)
}

/// Determines the layout and the process of the project from its configuration and the target branch.
///
/// # Errors
/// [`Error`] if the target branch could not be read.
pub fn read_profile(policy: &dyn Snapshot, config: &Config) -> Result<Arc<Profile>, Error> {
    Ok(Arc::new(Profile::resolve(&config.project, &config.groups.approvers, policy)?))
}

fn validated(text: &str, name: &str) -> Result<Config, Error> {
    let file = SourceFile::new(Side::Policy, RepoPath::root(), text);
    let (config, faults) = Config::lower(&yaml::read(file.text()), rules::ALL);
    let Some(fault) = faults.first() else { return Ok(config) };
    let place = fault.span.map(|span| format!(":{}", file.position(span.start).line)).unwrap_or_default();
    let more = if faults.len() > 1 { format!(" (and {} more)", faults.len() - 1) } else { String::new() };
    Err(Error::configuration(format!("{name}{place}: {}{more}", fault.message), fault.help.clone()))
}

/// Reads the baseline that applies.
///
/// # Errors
/// [`Error::Usage`] if it cannot be read or is not a JSON report.
pub(super) fn read_baseline(policy: &dyn Snapshot, source: &BaselineSource) -> Result<Baseline, Error> {
    let (text, name) = match source {
        BaselineSource::None => return Ok(Baseline::default()),
        BaselineSource::Disk(file) => (from_disk(file, "--baseline", baseline::MAX_BYTES)?, file.display().to_string()),
        BaselineSource::Policy(path) => match from_policy(policy, path, baseline::MAX_BYTES)? {
            Some(text) => (text, path.to_string()),
            None => {
                return Err(Error::usage(
                    format!("the baseline {} does not exist on the target branch", quote(&path.to_string())),
                    "specify a file that exists there, or an absolute path outside the repository",
                ));
            }
        },
    };
    Baseline::read(&text)
        .map_err(|what| Error::usage(format!("the baseline {} cannot be used: {what}", quote(&name)), WRITE_BASELINE))
}

/// Reads the digest of Kubernetes' feature gates and metrics without parsing it. Returns `None` if neither the command
/// line nor the configuration names one.
///
/// # Errors
/// [`Error::Configuration`] if named lists cannot be read.
pub(crate) fn read_lists(
    policy: &dyn Snapshot,
    source: &ListsSource,
    config: &Config,
) -> Result<Option<Digest>, Error> {
    let (text, name) = match (source, &config.kubernetes_lists) {
        (ListsSource::Configured, None | Some(KubernetesListsPlace::GitHub(_))) => return Ok(None),
        (ListsSource::Disk(file), _) => {
            (Some(from_disk(file, "--kubernetes-lists", MAX_FILE_BYTES)?), file.display().to_string())
        }
        (ListsSource::Policy(path), _) | (ListsSource::Configured, Some(KubernetesListsPlace::File(path))) => {
            (from_policy(policy, path, MAX_FILE_BYTES)?, path.to_string())
        }
    };
    match text {
        Some(text) => Ok(Some(Digest::new(name, text))),
        None => Err(Error::configuration(
            format!("the lists of Kubernetes {} do not exist on the target branch", quote(&name)),
            kubernetes::WRITE_LISTS,
        )),
    }
}

/// Parses the lists in a digest.
///
/// # Errors
/// [`Error::Configuration`] if it is not valid.
pub(crate) fn lists_of(digest: &Digest) -> Result<&KubernetesLists, Error> {
    digest.lists().map_err(|fault| invalid_lists(digest.name(), fault))
}

/// The error for lists of Kubernetes that cannot be used.
pub(super) fn invalid_lists(name: &str, fault: &str) -> Error {
    Error::configuration(
        format!("the lists of Kubernetes {} cannot be used: {fault}", quote(name)),
        kubernetes::WRITE_LISTS,
    )
}

/// Reads a local text file of at most `limit` bytes. `option` is the argument that named it.
fn from_disk(file: &Path, option: &str, limit: u64) -> Result<String, Error> {
    read_local(file, limit).map_err(|error| {
        Error::usage(
            format!("{option} {}", file.display()),
            format!("specify a UTF-8 text file of at most {} MiB", limit >> 20),
        )
        .caused_by(error)
    })
}

/// Returns the text of at most `limit` bytes at `path` on the target branch, or `None` if it does not exist.
fn from_policy(policy: &dyn Snapshot, path: &RepoPath, limit: u64) -> Result<Option<String>, Error> {
    let fault = |what: &str| {
        Error::configuration(
            format!("{} on the target branch {what}", quote(&path.to_string())),
            format!("replace it with a UTF-8 text file of at most {} MiB", limit >> 20),
        )
    };
    match policy.read_up_to(path, limit)? {
        Content::Absent => Ok(None),
        Content::Irregular(irregular) => Err(fault(&irregular.describe(limit))),
        Content::Bytes(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| fault("is not UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::{from_disk, read_config, validated};
    use crate::check::settings::ConfigSource;
    use crate::source::memory::Memory;
    use crate::text::RepoPath;

    #[test]
    fn a_configuration_that_was_named_must_exist() {
        let empty = Memory::default();
        assert!(read_config(&empty, &ConfigSource::Usual).is_ok());
        let error = read_config(&empty, &ConfigSource::Policy(RepoPath::from("ci/kepgate.yaml"))).unwrap_err();
        assert_eq!(error.to_string(), "the configuration `ci/kepgate.yaml` does not exist on the target branch");
    }

    #[test]
    fn an_invalid_configuration_shows_its_first_fault_and_counts_the_others() {
        let error = |text| validated(text, "kepgate.yaml").unwrap_err().describe();
        let first = error("fail-on: never-ever\n");
        assert!(first.starts_with("kepgate.yaml:1: ") && !first.contains("more)"), "{first}");
        let three = error("rules: {}\nfail-on: never-ever\nfail-of: error\nfail-or: error\n");
        assert!(three.starts_with("kepgate.yaml:2: ") && three.ends_with(" (and 2 more)"), "{three}");
        assert!(validated("fail-on: warning\n", "kepgate.yaml").is_ok());
    }

    #[test]
    fn a_local_file_that_is_too_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kepgate.yaml");
        std::fs::write(&file, vec![b' '; 1 << 20]).unwrap();
        assert_eq!(from_disk(&file, "--config", 1 << 20).unwrap().len(), 1 << 20);
        std::fs::write(&file, vec![b' '; (1 << 20) + 1]).unwrap();
        let error = from_disk(&file, "--config", 1 << 20).unwrap_err();
        assert!(error.describe().ends_with("it is larger than 1 MiB"), "{}", error.describe());
        assert!(from_disk(&file, "--baseline", crate::check::baseline::MAX_BYTES).is_ok(), "a baseline may be larger");
    }
}
