//! A baseline: the findings of an earlier report, which count as pre-existing.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::text::wording::quote;

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
    fn something_else_is_not_a_baseline() {
        for text in ["", "[]", r#"{"findings":[]}"#, r#"{"schema":"kepgate/2","findings":[]}"#] {
            assert!(Baseline::read(text).is_err(), "{text}");
        }
    }
}
