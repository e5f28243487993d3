//! One request and its answer, within bounds of time and size.

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

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What asks GitHub: octocrab for what a request to GitHub looks like and for the token, which it hands to GitHub's
/// own addresses alone; reqwest below it for proxies and TLS. Neither follows a redirect or tries anything twice.
pub(super) struct Transport {
    octocrab: Octocrab,
    timeout: Duration,
}

/// What to ask for.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    /// The whole address.
    pub(super) url: Uri,
    /// The media type that is wanted.
    pub(super) accept: &'static str,
    /// JSON to send.
    pub(super) body: Option<serde_json::Value>,
    /// The largest answer that is read, in bytes.
    pub(super) limit: usize,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Why nothing came back that could be used.
#[derive(Debug)]
pub(super) enum Fault {
    /// The connection could not be made, or broke.
    Broken(String),
    /// It took longer than the timeout.
    Late,
    /// The answer is over the limit.
    TooLarge,
}

impl Answer {
    /// A header, when it is visible ASCII.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }
}

impl Transport {
    /// Has to be called inside a runtime.
    pub(super) fn new(settings: &Settings, api: &Uri, graphql: &Uri) -> Result<Self, ApiError> {
        let unusable = |error: &dyn std::fmt::Display| ApiError::Unusable(format!("no client could be made: {error}"));
        let reqwest = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(settings.certificates.as_deref())?)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map_err(|error| unusable(&error))?;
        // octocrab would put the path of its base address in front of ours, so that it gets none.
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

    /// Asks, and reads the whole answer.
    pub(super) async fn exchange(&self, request: &Request) -> Result<Answer, Fault> {
        match tokio::time::timeout(self.timeout, self.within_time(request)).await {
            Ok(result) => result,
            Err(_) => Err(Fault::Late),
        }
    }

    async fn within_time(&self, request: &Request) -> Result<Answer, Fault> {
        let builder = http::Request::builder()
            .method(request.method.clone())
            .uri(request.url.clone())
            .header(header::ACCEPT, request.accept);
        let asked = self.octocrab.build_request(builder, request.body.as_ref()).map_err(|error| broken(&error))?;
        let answer = self.octocrab.execute(asked).await.map_err(|error| broken(&error))?;
        let (parts, mut body) = answer.into_parts();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| broken(&error))?;
            let Some(piece) = frame.data_ref() else { continue };
            if bytes.len() + piece.len() > request.limit {
                return Err(Fault::TooLarge);
            }
            bytes.extend_from_slice(piece);
        }
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: bytes })
    }
}

/// The innermost cause, which says in a few words what happened; what is around it says where in the layers.
fn broken(error: &octocrab::Error) -> Fault {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    // Some of octocrab's own errors end in a backtrace.
    let first = cause.to_string().lines().next().unwrap_or_default().to_owned();
    Fault::Broken(first)
}

/// Scheme, host and port.
fn root_of(address: &Uri) -> String {
    let scheme = address.scheme_str().unwrap_or("https");
    let authority = address.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    format!("{scheme}://{authority}")
}

/// The certificates of Mozilla's programme, which are in the binary, and those of `file`, if one is named: an image
/// without any files has to do, and so has a company's own proxy.
fn tls(file: Option<&Path>) -> Result<ClientConfig, ApiError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = file {
        let fault = |cause: String| ApiError::Unusable(format!("SSL_CERT_FILE {}: {cause}", file.display()));
        let certificates = CertificateDer::pem_file_iter(file).map_err(|error| fault(error.to_string()))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| fault(error.to_string()))?;
            roots.add(certificate).map_err(|error| fault(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ApiError::Unusable(format!("TLS could not be set up: {error}")))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
