//! A baseline: the findings of an earlier report, which count as pre-existing.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::change::PolicyFile;
use crate::config::{ConfigFault, ConfigInChange};
use crate::text::Files;
use crate::text::wording::{count, quote};

/// How to write a baseline.
pub(super) const WRITE_BASELINE: &str = "write one with `kepgate check --all --write-baseline FILE`";

/// The maximum size of a baseline in bytes. That of a tree with thousands of findings has several megabytes.
pub(super) const MAX_BYTES: u64 = 16 << 20;

/// The fingerprints of an earlier report, and how often each occurs there.
#[derive(Debug, Clone, Default)]
pub struct Baseline(BTreeMap<String, usize>);

#[derive(Deserialize)]
struct Report {
    schema: String,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    fingerprint: String,
}

/// Why a text is not a baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is not a JSON report.
    #[error("it is not a kepgate JSON report ({0})")]
    Json(#[from] serde_json::Error),
    /// Its version is not known.
    #[error("its schema is {}, not `kepgate/1`", quote(.0))]
    Schema(String),
}

impl Baseline {
    /// The number of findings that it covers and `other` does not.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> usize {
        let known = |fingerprint| other.0.get(fingerprint).copied().unwrap_or_default();
        self.0.iter().map(|(fingerprint, count)| count.saturating_sub(known(fingerprint))).sum()
    }

    /// Reads a JSON report.
    ///
    /// # Errors
    /// [`BaselineError`] if the text is not a report of a known version.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let report: Report = serde_json::from_str(text)?;
        if report.schema != "kepgate/1" {
            return Err(BaselineError::Schema(report.schema));
        }
        let mut counts = BTreeMap::new();
        for finding in report.findings {
            *counts.entry(finding.fingerprint).or_default() += 1;
        }
        Ok(Self(counts))
    }

    /// True if the baseline covers a finding with this fingerprint. Each entry covers one finding.
    pub fn take(&mut self, fingerprint: &str) -> bool {
        match self.0.get_mut(fingerprint) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

/// The baseline, which the change touches, compared with `base` of the target branch.
pub(super) fn in_change(baseline: PolicyFile, files: &Files, base: &Baseline) -> ConfigInChange {
    let (file, read) = match baseline {
        PolicyFile::Gone(file) => (file, Err("is gone".to_owned())),
        PolicyFile::Irregular(file, irregular) => (file, Err(irregular.describe(MAX_BYTES))),
        PolicyFile::Kept(file) => {
            (file, Baseline::read(files[file].text()).map_err(|error| format!("is invalid ({error})")))
        }
    };
    let mut in_change = ConfigInChange { file, faults: Vec::new(), weakened: Vec::new() };
    match read {
        Ok(read) => {
            let more = read.beyond(base);
            in_change
                .weakened
                .extend((more > 0).then(|| format!("the baseline covers {}", count(more, "more finding"))));
        }
        Err(what) => {
            let message = format!("the baseline {what}: no later change could be checked");
            in_change.faults.push(ConfigFault { span: None, message, help: WRITE_BASELINE.to_owned() });
        }
    }
    in_change
}

#[cfg(test)]
mod tests {
    use super::Baseline;

    #[test]
    fn each_baseline_entry_covers_one_finding() {
        let text = r#"{"schema":"kepgate/1","findings":[{"fingerprint":"a"},{"fingerprint":"a"}]}"#;
        let mut baseline = Baseline::read(text).unwrap();
        assert_eq!(
            [baseline.take("a"), baseline.take("a"), baseline.take("a"), baseline.take("b")],
            [true, true, false, false]
        );
    }

    #[test]
    fn a_baseline_that_grows_covers_more_findings() {
        let baseline = |fingerprints: &[&str]| {
            let findings: Vec<_> = fingerprints.iter().map(|it| format!(r#"{{"fingerprint":"{it}"}}"#)).collect();
            Baseline::read(&format!(r#"{{"schema":"kepgate/1","findings":[{}]}}"#, findings.join(","))).unwrap()
        };
        let [small, large] = [baseline(&["a", "b"]), baseline(&["a", "a", "c"])];
        assert_eq!([large.beyond(&small), small.beyond(&large), small.beyond(&small)], [2, 1, 0]);
    }

    #[test]
    fn something_else_is_not_a_baseline() {
        for text in ["", "[]", r#"{"findings":[]}"#, r#"{"schema":"kepgate/2","findings":[]}"#] {
            assert!(Baseline::read(text).is_err(), "{text}");
        }
    }
}
