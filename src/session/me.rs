//! Determines the handle of `@me`, the person who runs kepgate.

use std::path::{Path, PathBuf};

use super::Environment;
use crate::cli::MeArguments;
use crate::error::Error;
use crate::github::Client;
use crate::github::api::users;
use crate::kep::Handle;
use crate::source::MAX_FILE_BYTES;
use crate::source::git::{Repository, github_user_in};
use crate::text::local_file::read_local;
use crate::text::wording::quote;

/// The placeholder for the user's own handle.
const ME: &str = "@me";

/// True for `@me`, which [`Me`] replaces. `me` without an `@` is somebody's handle.
pub(crate) fn is_me(text: &str) -> bool {
    text.eq_ignore_ascii_case(ME)
}

/// Finds the handle of the user: `--as`, else `KEPGATE_HANDLE`, else `github.user` of git, else the user of the token.
/// Nothing is read or requested until it is needed.
pub(crate) struct Me<'a> {
    named: Option<&'a str>,
    /// A folder in the repository whose git configuration applies.
    folder: PathBuf,
    /// The file with the token, instead of the one in the environment.
    pub(crate) token_file: Option<&'a Path>,
    environment: &'a Environment,
}

impl<'a> Me<'a> {
    /// The user of the repository around `folder`.
    pub(crate) fn new(arguments: &'a MeArguments, folder: &Path, environment: &'a Environment) -> Self {
        let named = arguments.as_handle.as_deref();
        Self { named, folder: folder.to_owned(), token_file: None, environment }
    }

    /// Replaces `@me` with the handle of the user, including the `@`. Returns any other text unchanged.
    ///
    /// # Errors
    /// See [`Me::handle`].
    pub(crate) fn resolve(&self, text: &str) -> Result<String, Error> {
        if is_me(text) { Ok(format!("@{}", self.handle()?.name())) } else { Ok(text.to_owned()) }
    }

    /// The handle of the user.
    ///
    /// # Errors
    /// [`Error::Usage`] if it is not set anywhere, or not a handle. [`Error::Fetch`] if GitHub could not provide it.
    pub(crate) fn handle(&self) -> Result<Handle, Error> {
        if let Some(named) = self.named {
            return parse(named, "--as");
        }
        if let Some(set) = &self.environment.handle {
            return parse(set, "KEPGATE_HANDLE");
        }
        if let Some(user) = self.user_of_git() {
            return parse(&user, "`github.user` of git");
        }
        self.user_of_token()?.ok_or_else(|| Error::usage(format!("cannot tell who `{ME}` is"), HELP))
    }

    /// The configuration of the repository takes precedence over the user's own.
    fn user_of_git(&self) -> Option<String> {
        let of_repository = Repository::discover(&self.folder).ok().and_then(|repository| repository.github_user());
        let of_user = || {
            let files = self.environment.git_configurations.iter().rev();
            files.filter_map(|file| read_local(file, MAX_FILE_BYTES).ok()).find_map(|text| github_user_in(&text))
        };
        of_repository.or_else(of_user)
    }

    /// Returns `None` without a token.
    fn user_of_token(&self) -> Result<Option<Handle>, Error> {
        let mut settings = self.environment.github.clone();
        if let Some(file) = self.token_file {
            settings = settings.with_token_file(&self.environment.folder.join(file))?;
        }
        let (None, None) = (&settings.token, &settings.fault) else {
            let login = Client::new(&settings)
                .and_then(|client| users::login(&client))
                .map_err(|error| Error::fetch(format!("cannot tell who `{ME}` is: {}", error.message()), HELP))?;
            return parse(&login, "the user of the GitHub token").map(Some);
        };
        Ok(None)
    }
}

const HELP: &str = "add --as HANDLE, set KEPGATE_HANDLE, or run `git config --global github.user HANDLE`";

fn parse(text: &str, source: &str) -> Result<Handle, Error> {
    let name = text.trim().trim_start_matches('@');
    Handle::from_name(name)
        .filter(|_| !is_me(text))
        .ok_or_else(|| Error::usage(format!("{source} is {}, which is not a GitHub handle", quote(text)), HELP))
}

#[cfg(test)]
mod tests {
    use super::is_me;

    #[test]
    fn only_the_word_with_its_at_sign_is_the_user() {
        assert!(is_me("@me") && is_me("@Me"));
        assert!(!is_me("me") && !is_me("@meg") && !is_me(""));
    }
}
