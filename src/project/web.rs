//! The location of a repository on the web.

/// The location of a repository on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// `https://github.com`
    pub server: String,
    /// `owner/name`
    pub repository: String,
}
