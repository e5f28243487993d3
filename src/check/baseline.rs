//! A baseline: the findings of an earlier report, which count as pre-existing.

use std::collections::BTreeMap;

use serde::Deserialize;

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

impl Baseline {
    /// Reads a JSON report.
    ///
    /// # Errors
    /// A message if the text is not a report of a known version.
    pub fn read(text: &str) -> Result<Self, String> {
        let report: Report =
            serde_json::from_str(text).map_err(|error| format!("it is not a kepgate JSON report ({error})"))?;
        if report.schema != "kepgate/1" {
            return Err(format!("its schema is {}, not `kepgate/1`", crate::text::wording::quote(&report.schema)));
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
