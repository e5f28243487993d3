//! The secret that says who asks.

use std::fmt;

use octocrab::secrecy::{ExposeSecret as _, SecretString};

/// The longest token that is taken, in bytes.
const MAX_BYTES: usize = 4096;

/// A token of GitHub's. It never prints itself, and is wiped from memory when dropped.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// Takes a token, white space around it dropped.
    ///
    /// # Errors
    /// A few words on what is wrong, which do not repeat it: it is empty, too long, or no visible ASCII.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("is empty");
        }
        if text.len() > MAX_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("is no token of GitHub's: it has white space or other odd characters in it, or is too long");
        }
        Ok(Self(SecretString::from(text.to_owned())))
    }

    /// The secret, for the one who hands it to GitHub.
    pub(super) fn secret(&self) -> SecretString {
        self.0.clone()
    }

    /// `text` without the secret, should somebody have sent it back.
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
    fn it_never_prints_itself() {
        let token = Token::new(" ghp_secret\n").unwrap();
        assert_eq!(format!("{token:?}"), "Token(***)");
        assert_eq!(token.redact("Bad credentials: Bearer ghp_secret."), "Bad credentials: Bearer ***.");
    }

    #[test]
    fn what_would_break_a_header_is_no_token() {
        for text in ["", " \n", "two words", "line\nfeed", "gr\u{fc}n", "nul\0", &"x".repeat(5000)] {
            assert!(Token::new(text).is_err(), "{text:?}");
        }
    }
}
