//! Exceptions to the freezes, as the release team records them: in `releases/release-1.N/exceptions.yaml` until v1.36,
//! and on its project board since then.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_yaml::Value;

use super::exception::{Exception, ExceptionsError, Ruling};
use super::{Phase, board};
use crate::kep::{KepNumber, Milestone};
use crate::text::wording::quote;

/// Requests for exceptions to the freezes, and their rulings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions(BTreeMap<(Milestone, KepNumber), Exception>);

impl Exceptions {
    /// Reads the exceptions for `release` from `exceptions.yaml` or from an export of the project board. The caller
    /// must limit the size of the text. Other keys are ignored. If a KEP has several requests, the last one about the
    /// Enhancements Freeze counts; if there are none, the last one counts.
    ///
    /// # Errors
    /// The first error in the file. Unreadable exceptions must not look as if there were none.
    pub fn add(&mut self, release: Milestone, text: &str) -> Result<(), ExceptionsError> {
        if let Some(requests) = board::read(text)? {
            for (kep, exception) in requests {
                self.insert(release, kep, exception);
            }
            return Ok(());
        }
        let file: File = serde_yaml::from_str(text)?;
        for Request { issue, status, date_reviewed } in file.requests.unwrap_or_default() {
            let freeze = Phase::EnhancementsFreeze;
            let exception = Exception { ruling: Ruling::parse(&status), reviewed: date_reviewed, freeze };
            self.insert(release, issue, exception);
        }
        Ok(())
    }

    fn insert(&mut self, release: Milestone, kep: KepNumber, exception: Exception) {
        let key = (release, kep);
        if self.0.get(&key).is_none_or(|known| known.freeze <= exception.freeze) {
            self.0.insert(key, exception);
        }
    }

    /// The request of a KEP for `release`.
    #[must_use]
    pub fn of(&self, release: Milestone, kep: KepNumber) -> Option<&Exception> {
        self.0.get(&(release, kep))
    }

    /// The requests for `release`, by KEP.
    pub fn for_release(&self, release: Milestone) -> impl Iterator<Item = (KepNumber, &Exception)> {
        self.0.iter().filter(move |((of, _), _)| *of == release).map(|((_, kep), exception)| (*kep, exception))
    }
}

/// The part of the file that is used.
#[derive(Deserialize)]
struct File {
    /// Null if there are no requests. Because of `deserialize_with`, serde requires the key.
    #[serde(rename = "enhancementFreeze", deserialize_with = "Option::deserialize")]
    requests: Option<Vec<Request>>,
}

#[derive(Deserialize)]
struct Request {
    #[serde(deserialize_with = "number")]
    issue: KepNumber,
    #[serde(default, deserialize_with = "scalar")]
    status: String,
    #[serde(default, deserialize_with = "scalar")]
    date_reviewed: String,
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KepNumber, D::Error> {
    let text = scalar(deserializer)?;
    KepNumber::parse(&text).ok_or_else(|| D::Error::custom(format!("{} is not the number of a KEP", quote(&text))))
}

/// Converts any scalar to text; null becomes empty.
fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(String::new()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(value) => Ok(value.to_string()),
        Value::String(value) => Ok(value),
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => Err(D::Error::custom("expected one value")),
    }
}

#[cfg(test)]
mod tests {
    use super::Exceptions;
    use crate::kep::{KepNumber, Milestone};
    use crate::release::Ruling;

    const RELEASE: Milestone = Milestone::new(1, 35);

    fn ruling(exceptions: &Exceptions, kep: &str) -> Option<Ruling> {
        exceptions.of(RELEASE, KepNumber::parse(kep).unwrap()).map(|exception| exception.ruling)
    }

    #[test]
    fn only_the_last_enhancements_freeze_ruling_counts() {
        let text = "\
enhancementFreeze:
- name: \"Quiet hours\"
  issue: 1234
  date_reviewed: 2025-10-18
  pull_requests:
    - https://github.com/example/enhancements/pull/1
  status: \"approved\"
- {issue: 1300, status: rejected}
- {issue: 1300, status: approved}
- {issue: 1301, status: denied}
- {issue: 1302, status: removed}
- {issue: 1303}
codeFreeze:
- {issue: 1400, status: approved}
";
        let mut exceptions = Exceptions::default();
        exceptions.add(RELEASE, text).unwrap();
        assert_eq!(ruling(&exceptions, "1234"), Some(Ruling::Approved));
        assert_eq!(ruling(&exceptions, "1300"), Some(Ruling::Approved));
        assert_eq!(ruling(&exceptions, "1301"), Some(Ruling::Refused));
        assert_eq!(ruling(&exceptions, "1302"), Some(Ruling::Removed));
        assert_eq!(ruling(&exceptions, "1303"), Some(Ruling::Open));
        assert_eq!(ruling(&exceptions, "1400"), None);
        assert_eq!(exceptions.for_release(RELEASE).count(), 5);
        assert_eq!(exceptions.of(Milestone::new(1, 36), KepNumber::parse("1234").unwrap()), None);
    }

    #[test]
    fn an_invalid_file_is_an_error() {
        for (text, message) in [
            ("- issue: 1\n", "invalid type: sequence, expected struct File"),
            ("codeFreeze: []\n", "missing field `enhancementFreeze`"),
            ("enhancementFreeze:\n- {name: x}\n", "enhancementFreeze[0]: missing field `issue` at line 2 column 3"),
            (
                "enhancementFreeze:\n- issue: TBD\n",
                "enhancementFreeze[0]: `TBD` is not the number of a KEP at line 2 column 3",
            ),
            ("enhancementFreeze: soon\n", "enhancementFreeze: invalid type: string \"soon\", expected a sequence"),
        ] {
            let error = Exceptions::default().add(RELEASE, text).unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
        }
        Exceptions::default().add(RELEASE, "enhancementFreeze:\n\n# None!\n").unwrap();
    }
}
