//! The user's GitHub handle, from git's configuration.

use super::Repository;

const KEY: &str = "github.user";

impl Repository {
    /// `github.user` from the configuration of this repository, ignoring that of the user and the system.
    #[must_use]
    pub fn github_user(&self) -> Option<String> {
        self.store.config_snapshot().string(KEY).map(|user| user.to_string()).filter(|user| !user.is_empty())
    }
}

/// `github.user` from the text of a configuration file. Files that it includes are not read.
#[must_use]
pub(crate) fn github_user_in(text: &str) -> Option<String> {
    let file = gix::config::File::try_from(text).ok()?;
    file.string(KEY).map(|user| user.to_string()).filter(|user| !user.is_empty())
}

#[cfg(test)]
mod tests {
    use super::github_user_in;

    #[test]
    fn the_last_setting_counts() {
        let text = "[user]\n\tname = Ida R\n[github]\n\tuser = ida-r ; at work\n[github]\n\tuser = \"ida-r2\"\n";
        assert_eq!(github_user_in(text).as_deref(), Some("ida-r2"));
        for text in ["", "[github]\n\tuser =\n", "[user]\n\tuser = x\n", "[broken\n"] {
            assert_eq!(github_user_in(text), None, "{text:?}");
        }
    }
}
