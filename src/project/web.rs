//! Where a repository is on the web.

/// Where a repository is on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// `https://github.com`
    pub server: String,
    /// `owner/name`
    pub repository: String,
}
