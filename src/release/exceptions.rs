//! Exceptions from the Enhancements Freeze, as the release team records them in `releases/release-1.N/exceptions.yaml`.

use std::collections::BTreeMap;

use crate::kep::{Entries, Fault, KepNumber, Milestone, Text};
use crate::syntax::yaml;
use crate::text::Span;
use crate::text::wording::quote;

/// Requests for exceptions from the Enhancements Freeze, and the rulings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions(BTreeMap<(Milestone, KepNumber), Exception>);

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The ruling.
    pub ruling: Ruling,
    /// The day of the ruling, as written; empty when none is.
    pub reviewed: String,
}

/// The ruling on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The KEP may come later.
    Approved,
    /// It may not.
    Refused,
    /// It was approved, but the KEP was removed from the release anyway.
    Removed,
    /// Nothing that is known here: not yet ruled on.
    Open,
}

impl Ruling {
    fn parse(status: &str) -> Self {
        match status {
            "approved" => Self::Approved,
            "rejected" | "denied" => Self::Refused,
            "removed" => Self::Removed,
            _ => Self::Open,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Removed => "removed",
            Self::Open => "open",
        }
    }
}

/// A fault in a file of exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionsFault {
    /// Where; `None` for the file as a whole.
    pub span: Option<Span>,
    /// What, a sentence without a full stop.
    pub message: String,
}

impl Exceptions {
    /// Reads the exceptions of `release`. Other keys are ignored. Of several requests for one KEP the
    /// last counts.
    ///
    /// # Errors
    /// The first fault in the file. Unreadable exceptions must not look like no exceptions.
    pub fn add(&mut self, release: Milestone, text: &str) -> Result<(), ExceptionsFault> {
        let document = yaml::read(text);
        let mut faults = Vec::new();
        let mut entries = Entries::of_document(&document, &mut faults);
        let requests = entries.mappings("enhancementFreeze", |entries| {
            let request = Request {
                issue: entries.text("issue"),
                status: entries.text("status"),
                reviewed: entries.text("date_reviewed"),
            };
            _ = entries.rest();
            request
        });
        if let Some(fault) = faults.first() {
            return Err(of_shape(fault));
        }
        if requests.key.is_none() {
            return Err(ExceptionsFault { span: None, message: "the `enhancementFreeze` list is missing".to_owned() });
        }
        for request in requests.value().map(|(requests, _)| requests.as_slice()).unwrap_or_default() {
            let Request { issue, status, reviewed } = &request.value;
            let Some(number) = KepNumber::parse(issue.text()) else {
                let message = "a request has no `issue` (the KEP's number)".to_owned();
                return Err(ExceptionsFault { span: Some(request.span), message });
            };
            let exception = Exception { ruling: Ruling::parse(status.text()), reviewed: reviewed.text().to_owned() };
            self.0.insert((release, number), exception);
        }
        Ok(())
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

struct Request {
    issue: Text,
    status: Text,
    reviewed: Text,
}

fn of_shape(fault: &Fault) -> ExceptionsFault {
    use crate::kep::FaultKind;
    let message = match &fault.kind {
        FaultKind::Yaml(kind) => crate::syntax::yaml::messages::of(kind).0,
        FaultKind::WrongType { wanted, found } => format!("`{}` must be {wanted}, not {found}", fault.route),
        FaultKind::UnknownKey { key, .. } => format!("unknown key {}", quote(key)),
    };
    ExceptionsFault { span: fault.span, message }
}

#[cfg(test)]
mod tests {
    use super::{Exceptions, Ruling};
    use crate::kep::{KepNumber, Milestone};

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
        for (text, span, message) in [
            ("- issue: 1\n", None, "this file contains a list instead of `key: value` entries"),
            ("codeFreeze: []\n", None, "the `enhancementFreeze` list is missing"),
            ("enhancementFreeze:\n- {name: x}\n", Some("{name: x}"), "a request has no `issue` (the KEP's number)"),
            ("enhancementFreeze: soon\n", Some("soon"), "`enhancementFreeze` must be a list, not a plain value"),
        ] {
            let fault = Exceptions::default().add(RELEASE, text).unwrap_err();
            assert_eq!((fault.span.map(|span| &text[span]), fault.message.as_str()), (span, message), "{text}");
        }
        Exceptions::default().add(RELEASE, "enhancementFreeze:\n\n# None!\n").unwrap();
    }
}
