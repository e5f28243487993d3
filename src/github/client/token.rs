//! The access token.

use std::fmt;

use octocrab::secrecy::{ExposeSecret as _, SecretString};

/// The maximum length of a token, in bytes.
const MAX_BYTES: usize = 4096;

/// A GitHub token. `Debug` does not show it, and it is wiped from memory when dropped.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// Validates a token. White space around it is removed.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it: it is empty, too long, or not visible ASCII.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("is empty");
        }
        if text.len() > MAX_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("is not a GitHub token: it is too long or contains white space or other invalid characters");
        }
        Ok(Self(SecretString::from(text.to_owned())))
    }

    /// Returns the secret itself for the transport.
    pub(super) fn secret(&self) -> SecretString {
        self.0.clone()
    }

    /// Replaces the token in `text` with `***`, in case a server sends it back.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        text.replace(self.0.expose_secret(), "***")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn a_token_does_not_print_itself() {
        let token = Token::new(" ghp_secret\n").unwrap();
        assert_eq!(format!("{token:?}"), "Token(***)");
        assert_eq!(token.redact("Bad credentials: Bearer ghp_secret."), "Bad credentials: Bearer ***.");
    }

    #[test]
    fn text_that_is_invalid_in_a_header_is_rejected() {
        for text in ["", " \n", "two words", "line\nfeed", "gr\u{fc}n", "nul\0", &"x".repeat(5000)] {
            assert!(Token::new(text).is_err(), "{text:?}");
        }
    }
}
