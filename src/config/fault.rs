//! What is wrong with a configuration.

use crate::kep::wrong_type::{how_to_write, must_be};
use crate::kep::{Fault, FaultKind};
use crate::syntax::yaml;
use crate::text::Span;
use crate::text::nearest::nearest;
use crate::text::wording::{choice, quote, valid_keys};

/// Something wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// Where; `None` for the file as a whole.
    pub span: Option<Span>,
    /// What.
    pub message: String,
    /// The help.
    pub help: String,
}

/// Converts a YAML or type fault to a configuration fault, with the same wording as for KEPs.
pub(super) fn of_shape(shape: &Fault) -> ConfigFault {
    match &shape.kind {
        FaultKind::Yaml(kind) => {
            let (message, help) = yaml::messages::of(kind);
            fault(shape.span, message, help)
        }
        FaultKind::UnknownKey { key, known, .. } => {
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            let help = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => valid_keys(&known),
            };
            fault(shape.span, format!("unknown key {}", quote(key)), help)
        }
        FaultKind::WrongType { wanted, found } => {
            fault(shape.span, must_be(&shape.route, wanted, found), how_to_write(wanted))
        }
    }
}

pub(super) fn no_such(what: &str, word: &str, span: Span, words: &[&str]) -> ConfigFault {
    fault(Some(span), format!("unknown {what} {}", quote(word)), among(word, words))
}

/// Says which of the valid words to write.
pub(super) fn among(word: &str, words: &[&str]) -> String {
    match nearest(word, words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if words.len() > 10 => "`kepgate rules` lists the rules".to_owned(),
        None => format!("write {}", choice(words)),
    }
}

pub(super) fn fault(span: Option<Span>, message: impl Into<String>, help: impl Into<String>) -> ConfigFault {
    ConfigFault { span, message: message.into(), help: help.into() }
}
