//! The addresses of GitHub's API, and the token to use.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::Uri;

use super::{ApiError, Token};
use crate::text::wording::quote;

/// The API of github.com.
const PUBLIC_API: &str = "https://api.github.com";

/// The maximum number of bytes to read from a token file.
const MAX_TOKEN_FILE: u64 = 8 * 1024;

/// The time limit of a request, including the answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How to reach GitHub. The HTTP client itself reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address of the REST API, without a trailing slash.
    pub api: String,
    /// The address of the GraphQL API; `None` to derive it from `api`.
    pub graphql: Option<String>,
    /// The token; `None` for anonymous requests.
    pub token: Option<Token>,
    /// A PEM file of additional certificates to trust.
    pub certificates: Option<PathBuf>,
    /// The time limit of a request, including the answer.
    pub timeout: Duration,
    /// An error in the environment. It is reported when a client is created, so offline runs do not fail.
    pub fault: Option<ApiError>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api: PUBLIC_API.to_owned(),
            graphql: None,
            token: None,
            certificates: None,
            timeout: TIMEOUT,
            fault: None,
        }
    }
}

impl Settings {
    /// Reads `GITHUB_API_URL`, `GITHUB_GRAPHQL_URL`, `SSL_CERT_FILE`, and the token from the action's input
    /// `github-token`, `GITHUB_TOKEN` or `GH_TOKEN`, in this order. `variable` returns the value of an environment
    /// variable that is set and UTF-8.
    #[must_use]
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let mut settings = Self { graphql: set("GITHUB_GRAPHQL_URL"), ..Self::default() };
        if let Some(api) = set("GITHUB_API_URL") {
            api.trim_end_matches('/').clone_into(&mut settings.api);
        }
        settings.certificates = set("SSL_CERT_FILE").map(PathBuf::from);
        let names = ["INPUT_GITHUB-TOKEN", "GITHUB_TOKEN", "GH_TOKEN"];
        if let Some((name, text)) = names.into_iter().find_map(|name| Some((name, set(name)?))) {
            match Token::new(&text) {
                Ok(token) => settings.token = Some(token),
                Err(what) => settings.fault = Some(ApiError::unusable(format!("{name} {what}"))),
            }
        }
        settings
    }

    /// Replaces the token with the one in `file`.
    ///
    /// # Errors
    /// [`ApiError::Unusable`] if the file cannot be read or does not contain a token.
    pub fn with_token_file(mut self, file: &Path) -> Result<Self, ApiError> {
        let name = format!("--token-file {}", file.display());
        // Limit the read, because the file may be an endless device.
        let mut text = String::new();
        let opened = File::open(file).map(|file| file.take(MAX_TOKEN_FILE));
        opened
            .and_then(|mut file| file.read_to_string(&mut text))
            .map_err(|error| ApiError::unusable_because(name.as_str(), &error))?;
        self.token = Some(Token::new(&text).map_err(|what| ApiError::unusable(format!("{name} {what}")))?);
        self.fault = None;
        Ok(self)
    }

    /// Validates the addresses of the REST and the GraphQL API.
    pub(super) fn addresses(&self) -> Result<(Uri, Uri), ApiError> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let api = self.address("GITHUB_API_URL", &self.api)?;
        let derived = match self.api.strip_suffix("/api/v3") {
            Some(enterprise) => format!("{enterprise}/api/graphql"),
            None => format!("{}/graphql", self.api),
        };
        let graphql = self.address("GITHUB_GRAPHQL_URL", self.graphql.as_deref().unwrap_or(&derived))?;
        Ok((api, graphql))
    }

    /// Parses an address to which the token may be sent: one with TLS, or one on this machine.
    fn address(&self, name: &str, text: &str) -> Result<Uri, ApiError> {
        let fault = |what: &str| ApiError::unusable(format!("{name} {} {what}", quote(text)));
        let address: Uri = text.parse().map_err(|_| fault("is not a valid URL"))?;
        let host = address.host().unwrap_or_default();
        let is_here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        if address.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(fault("must not contain a user name or password"));
        }
        match address.scheme_str() {
            _ if host.is_empty() || address.query().is_some() => {
                Err(fault("is not an API URL such as https://github.example.com/api/v3"))
            }
            Some("https") => Ok(address),
            Some("http") if is_here || self.token.is_none() => Ok(address),
            Some("http") => Err(fault("does not use TLS, so the token cannot be sent there")),
            _ => Err(fault("is not an API URL such as https://github.example.com/api/v3")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, Token};

    fn addresses(api: &str, graphql: Option<&str>, token: Option<&str>) -> Result<[String; 2], String> {
        let settings = Settings {
            api: api.to_owned(),
            graphql: graphql.map(str::to_owned),
            token: token.map(|token| Token::new(token).unwrap()),
            ..Settings::default()
        };
        let addresses = settings.addresses().map_err(|error| error.to_string())?;
        Ok([addresses.0.to_string(), addresses.1.to_string()])
    }

    #[test]
    fn the_graphql_address_is_derived_from_the_rest_address() {
        for (api, graphql) in [
            ("https://api.github.com", "https://api.github.com/graphql"),
            ("https://git.example.org/api/v3", "https://git.example.org/api/graphql"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/graphql"),
        ] {
            assert_eq!(addresses(api, None, Some("t")).unwrap()[1], graphql);
        }
    }

    #[test]
    fn a_token_is_only_sent_over_tls() {
        let error = addresses("http://git.example.org/api/v3", None, Some("t")).unwrap_err();
        assert!(error.ends_with("does not use TLS, so the token cannot be sent there"), "{error}");
        assert!(addresses("http://git.example.org/api/v3", None, None).is_ok());
        assert!(addresses("https://git.example.org", Some("http://elsewhere.example.org"), Some("t")).is_err());
        for api in [
            "",
            "git.example.org",
            "ftp://git.example.org",
            "https://u:p@git.example.org",
            "https://",
            "https://git.example.org?page=2",
        ] {
            assert!(addresses(api, None, None).is_err(), "{api:?}");
        }
        for api in ["http://localhost:8080", "http://[::1]:8080", "http://127.0.0.1:8080"] {
            assert!(addresses(api, None, Some("t")).is_ok(), "{api:?}");
        }
    }

    #[test]
    fn the_first_token_that_is_set_wins() {
        let read = |pairs: &'static [(&str, &str)]| {
            Settings::from_environment(|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let settings = read(&[("GH_TOKEN", "second"), ("GITHUB_TOKEN", "first"), ("INPUT_GITHUB-TOKEN", "")]);
        assert_eq!(settings.token.unwrap().redact("first second"), "*** second");
        assert!(read(&[]).token.is_none());
        let settings = read(&[("GITHUB_GRAPHQL_URL", "https://git.example.org/graphql")]);
        assert_eq!(settings.graphql.as_deref(), Some("https://git.example.org/graphql"));
        let error = read(&[("GITHUB_TOKEN", "two words")]).fault.unwrap().to_string();
        assert!(error.starts_with("GITHUB_TOKEN ") && !error.contains("two words"), "{error}");
    }

    #[test]
    fn a_long_token_is_read_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let (file, token) = (folder.path().join("token"), "t".repeat(4096));
        std::fs::write(&file, format!("{token}\n")).unwrap();
        let settings = Settings::default().with_token_file(&file).unwrap();
        assert_eq!(settings.token.unwrap().redact(&token), "***");
    }
}
