//! Reads the configuration and the baseline that apply to a check.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::settings::{BaselineSource, ConfigSource, ListsSource};
use crate::check::baseline::Baseline;
use crate::config;
use crate::config::Config;
use crate::error::Error;
use crate::kubernetes::KubernetesLists;
use crate::project::Profile;
use crate::rules;
use crate::source::{Content, MAX_FILE_BYTES, Snapshot};
use crate::syntax::yaml;
use crate::text::RepoPath;
use crate::text::wording::quote;
use crate::text::{Side, SourceFile};

/// The maximum size of a baseline on disk. A tree with thousands of findings has a baseline of several megabytes.
const MAX_BASELINE_BYTES: u64 = 64 << 20;

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
    match from_policy(policy, &path)? {
        Some(text) => validated(&text, &format!("{path} (on the target branch)")),
        None if must_exist => Err(Error::Configuration {
            message: format!("the configuration {} does not exist on the target branch", quote(&path.to_string())),
            help: "specify a file that exists there, or an absolute path outside the repository".to_owned(),
        }),
        None if from_policy(policy, &RepoPath::from(config::MISNAMED))?.is_some() => Err(Error::Configuration {
            message: format!(
                "kepgate does not read {} on the target branch, because it has the wrong name",
                config::MISNAMED
            ),
            help: format!("rename it to {}", config::PATH),
        }),
        None => Ok(Config::default()),
    }
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
    Err(Error::Configuration { message: format!("{name}{place}: {}{more}", fault.message), help: fault.help.clone() })
}

/// Reads the baseline that applies.
///
/// # Errors
/// [`Error::Usage`] if it cannot be read or is not a JSON report.
pub(super) fn read_baseline(policy: &dyn Snapshot, source: &BaselineSource) -> Result<Baseline, Error> {
    let (text, name) = match source {
        BaselineSource::None => return Ok(Baseline::default()),
        BaselineSource::Disk(file) => (from_disk(file, "--baseline", MAX_BASELINE_BYTES)?, file.display().to_string()),
        BaselineSource::Policy(path) => match from_policy(policy, path)? {
            Some(text) => (text, path.to_string()),
            None => {
                return Err(Error::Usage {
                    message: format!("the baseline {} does not exist on the target branch", quote(&path.to_string())),
                    help: "specify a file that exists there, or an absolute path outside the repository".to_owned(),
                });
            }
        },
    };
    Baseline::read(&text).map_err(|what| Error::Usage {
        message: format!("the baseline {} cannot be used: {what}", quote(&name)),
        help: "write one with `kepgate check --all --write-baseline FILE`".to_owned(),
    })
}

/// Reads the feature gates and metrics of Kubernetes. `None` if neither the command line nor the configuration names
/// lists.
///
/// # Errors
/// [`Error::Configuration`] if named lists cannot be read.
pub(crate) fn read_lists(
    policy: &dyn Snapshot,
    source: &ListsSource,
    config: &Config,
) -> Result<Option<KubernetesLists>, Error> {
    let (text, name) = match (source, &config.kubernetes_lists) {
        (ListsSource::Configured, None) => return Ok(None),
        (ListsSource::Disk(file), _) => {
            (Some(from_disk(file, "--kubernetes-lists", MAX_FILE_BYTES)?), file.display().to_string())
        }
        (ListsSource::Policy(path), _) | (ListsSource::Configured, Some(path)) => {
            (from_policy(policy, path)?, path.to_string())
        }
    };
    let Some(text) = text else {
        return Err(Error::Configuration {
            message: format!("the lists of Kubernetes {} do not exist on the target branch", quote(&name)),
            help: "write them there with `kepgate lists import`".to_owned(),
        });
    };
    KubernetesLists::parse(&text).map(Some).map_err(|what| Error::Configuration {
        message: format!("the lists of Kubernetes {} cannot be used: {what}", quote(&name)),
        help: "write them with `kepgate lists import`".to_owned(),
    })
}

/// Reads a local text file of at most `most` bytes. `option` is the argument that named it.
fn from_disk(file: &Path, option: &str, most: u64) -> Result<String, Error> {
    let fault = |what: String| Error::Usage {
        message: format!("{option} {}: {what}", file.display()),
        help: format!("specify a readable UTF-8 text file of at most {} MiB", most >> 20),
    };
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|error| fault(error.to_string()))?;
    if bytes.len() as u64 > most {
        return Err(fault(format!("the file is larger than {} MiB", most >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| fault("the file is not UTF-8".to_owned()))
}

/// Returns the text at `path` on the target branch, or `None` if it does not exist.
fn from_policy(policy: &dyn Snapshot, path: &RepoPath) -> Result<Option<String>, Error> {
    let fault = |what: &str| Error::Configuration {
        message: format!("{} on the target branch {what}", quote(&path.to_string())),
        help: "replace it with a UTF-8 text file of at most 1 MiB".to_owned(),
    };
    match policy.read(path)? {
        Content::Absent => Ok(None),
        Content::Irregular(_) => Err(fault("is not a regular file or is too large")),
        Content::Bytes(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| fault("is not UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::from_disk;

    #[test]
    fn a_local_file_that_is_too_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kepgate.yaml");
        std::fs::write(&file, vec![b' '; 1 << 20]).unwrap();
        assert_eq!(from_disk(&file, "--config", 1 << 20).unwrap().len(), 1 << 20);
        std::fs::write(&file, vec![b' '; (1 << 20) + 1]).unwrap();
        let error = from_disk(&file, "--config", 1 << 20).unwrap_err();
        assert!(error.to_string().ends_with("the file is larger than 1 MiB"), "{error}");
        assert!(from_disk(&file, "--baseline", super::MAX_BASELINE_BYTES).is_ok(), "a baseline may be larger");
    }
}
