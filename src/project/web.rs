//! The location of a repository on the web.

/// The location of a repository on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// `https://github.com`
    pub server: String,
    /// `owner/name`
    pub repository: String,
}

impl Web {
    /// True if this is kubernetes/enhancements.
    #[must_use]
    pub fn is_kubernetes(&self) -> bool {
        self.server == "https://github.com" && self.repository == "kubernetes/enhancements"
    }

    /// Parses the URL of a git remote on github.com or on another GitHub server whose name begins with `github.`. Other
    /// servers use other URLs for files, so kepgate does not link to them.
    #[must_use]
    pub fn of_remote(url: &str) -> Option<Self> {
        let rest = ["https://", "http://", "ssh://", "git://"].iter().find_map(|scheme| url.strip_prefix(scheme));
        let (host, path) = match rest {
            Some(rest) => rest.split_once('/')?,
            None => url.split_once(':')?,
        };
        let host = host.rsplit('@').next()?;
        let host = host.split(':').next()?;
        let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        let path = path.trim_matches('/');
        let (owner, name) = path.strip_suffix(".git").unwrap_or(path).split_once('/')?;
        let is_word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        };
        let is_github = is_host && host.to_ascii_lowercase().starts_with("github.");
        (is_github && is_word(owner) && is_word(name))
            .then(|| Self { server: format!("https://{host}"), repository: format!("{owner}/{name}") })
    }
}

#[cfg(test)]
mod tests {
    use super::Web;

    #[test]
    fn remotes_of_github_have_an_address() {
        let read = |url: &str| Web::of_remote(url).map(|web| format!("{}/{}", web.server, web.repository));
        for url in [
            "https://github.com/kubernetes/enhancements",
            "https://github.com/kubernetes/enhancements.git",
            "https://user:word@github.com/kubernetes/enhancements/",
            "git@github.com:kubernetes/enhancements.git",
            "ssh://git@github.com:22/kubernetes/enhancements.git",
        ] {
            assert_eq!(read(url).as_deref(), Some("https://github.com/kubernetes/enhancements"), "{url}");
        }
        assert_eq!(read("git@github.example.org:o/n.git").as_deref(), Some("https://github.example.org/o/n"));
        for url in
            ["/srv/keps", "../keps", "https://gitlab.com/o/n", "https://github.com/o", "git@github.com:o/n/m", ""]
        {
            assert_eq!(read(url), None, "{url}");
        }
    }
}
