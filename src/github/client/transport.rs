//! Sends one request and reads its answer, with limits on time and size.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, Uri, header};
use http_body_util::BodyExt as _;
use octocrab::Octocrab;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::{ApiError, Settings};

/// The time limit for connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// octocrab builds requests and adds the token, which it sends only to its configured addresses. reqwest, which it
/// uses, handles proxies and TLS. Neither follows redirects or retries; the client does that.
pub(super) struct Transport {
    octocrab: Octocrab,
    timeout: Duration,
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    /// The full address.
    pub(super) url: Uri,
    /// The media type of the answer.
    pub(super) accept: &'static str,
    /// The JSON body.
    pub(super) body: Option<serde_json::Value>,
    /// The maximum size of the answer, in bytes.
    pub(super) limit: usize,
}

/// An answer with any status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum TransportError {
    /// Connecting failed, or the connection broke.
    Broken(Box<octocrab::Error>),
    /// The request took longer than the time limit.
    Timeout,
    /// The answer is larger than the limit.
    TooLarge,
}

impl Answer {
    /// The value of a header, if it is visible ASCII.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }
}

impl Transport {
    /// Must be called inside a runtime.
    pub(super) fn new(settings: &Settings, api: &Uri, graphql: &Uri) -> Result<Self, ApiError> {
        let unusable = |error: &(dyn std::error::Error + 'static)| {
            ApiError::unusable_because("could not set up the HTTP client", error)
        };
        let reqwest = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(settings.certificates.as_deref())?)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map_err(|error| unusable(&error))?;
        // Only the roots, because octocrab would prepend the path of its base address.
        let mut builder = Octocrab::builder()
            .base_uri(root_of(api))
            .and_then(|builder| builder.upload_uri(root_of(graphql)))
            .map_err(|error| unusable(&error))?;
        if let Some(token) = &settings.token {
            builder = builder.personal_token(token.secret());
        }
        let octocrab = builder.build_with_reqwest(reqwest).map_err(|error| unusable(&error))?;
        Ok(Self { octocrab, timeout: settings.timeout })
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn exchange(&self, request: &Request) -> Result<Answer, TransportError> {
        match tokio::time::timeout(self.timeout, self.exchange_untimed(request)).await {
            Ok(result) => result,
            Err(_) => Err(TransportError::Timeout),
        }
    }

    async fn exchange_untimed(&self, request: &Request) -> Result<Answer, TransportError> {
        let builder = http::Request::builder()
            .method(request.method.clone())
            .uri(request.url.clone())
            .header(header::ACCEPT, request.accept);
        let outgoing = self.octocrab.build_request(builder, request.body.as_ref()).map_err(broken)?;
        let answer = self.octocrab.execute(outgoing).await.map_err(broken)?;
        let (parts, mut body) = answer.into_parts();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(broken)?;
            let Some(chunk) = frame.data_ref() else { continue };
            if bytes.len() + chunk.len() > request.limit {
                return Err(TransportError::TooLarge);
            }
            bytes.extend_from_slice(chunk);
        }
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: bytes })
    }
}

fn broken(error: octocrab::Error) -> TransportError {
    TransportError::Broken(Box::new(error))
}

/// Scheme, host and port of an address.
fn root_of(address: &Uri) -> String {
    let scheme = address.scheme_str().unwrap_or("https");
    let authority = address.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    format!("{scheme}://{authority}")
}

/// Trusts Mozilla's root certificates, which are compiled in because the container image has no files, and the
/// certificates in `file`, for a proxy with its own certificate.
fn tls(file: Option<&Path>) -> Result<ClientConfig, ApiError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = file {
        let unusable = |error: &(dyn std::error::Error + 'static)| {
            ApiError::unusable_because(format!("SSL_CERT_FILE {}", file.display()), error)
        };
        let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unusable(&error))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| unusable(&error))?;
            roots.add(certificate).map_err(|error| unusable(&error))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ApiError::unusable_because("could not set up TLS", &error))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
