//! The connection to GitHub: proxies, and TLS with a custom certificate authority.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use serde_json::json;

use crate::support::{REPOSITORY, Reply, Run, Server, TOKEN, TestRepo, kepgate, within_bounds};

/// Checks a nonexistent pull request on the GitHub at `api`.
fn ask(folder: &TestRepo, api: &str, variables: &[(&str, &str)]) -> Run {
    let mut command = kepgate(folder.path());
    command.args(["check", "--pull-request", "7", "--repository", REPOSITORY]).env("GITHUB_API_URL", api);
    within_bounds(command.envs(variables.iter().copied()))
}

#[test]
fn proxy_variables_are_respected() {
    let proxy = Server::start(|_| Reply::status(404, &json!({"message": "Not Found"})));
    let folder = TestRepo::new();
    let asked = || -> Vec<_> { proxy.requests().into_iter().map(|request| request.path).collect() };
    let run = ask(&folder, "http://github.invalid/api", &[("HTTP_PROXY", &proxy.url)]);
    assert!(run.code == 3 && run.stdout.contains("GitHub could not find pull request 7"), "{}", run.stdout);
    assert_eq!(asked(), [format!("http://github.invalid/api/repos/{REPOSITORY}/pulls/7")]);
    let variables = [("HTTP_PROXY", proxy.url.as_str()), ("NO_PROXY", "github.invalid")];
    let run = ask(&folder, "http://github.invalid/api", &variables);
    assert!(run.stdout.contains("could not be fetched from GitHub"), "{}", run.stdout);
    assert_eq!(asked().len(), 1, "NO_PROXY bypasses the proxy");
}

/// Writes a certificate for localhost, its key, and the unknown authority that signed it.
fn certificates(folder: &TestRepo) {
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").current_dir(folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let authority = ["req", "-x509", "-days", "2", "-subj", "/CN=An authority", "-keyout", "ca.key", "-out", "ca.pem"];
    openssl(&[&authority[..], &key].concat());
    openssl(&[&["req", "-subj", "/CN=localhost", "-keyout", "leaf.key", "-out", "leaf.csr"][..], &key].concat());
    folder.write("san", "subjectAltName=DNS:localhost\n");
    let sign =
        ["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"];
    openssl(&[&sign[..], &["-extfile", "san", "-out", "leaf.pem"]].concat());
}

/// Starts a TLS server that answers 404, and returns its address.
fn over_tls(folder: &TestRepo) -> String {
    let chain = CertificateDer::pem_file_iter(folder.place("leaf.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.place("leaf.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut connection) = (stream.unwrap(), ServerConnection::new(Arc::clone(&config)).unwrap());
            let mut tls = Stream::new(&mut connection, &mut stream);
            // A client that does not trust the certificate closes the connection.
            if tls.read(&mut [0; 4096]).is_ok() {
                let answer = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = tls.write_all(answer).and_then(|()| tls.flush());
            }
        }
    });
    format!("https://localhost:{port}")
}

#[test]
#[ignore = "needs openssl"]
fn ssl_cert_file_adds_a_certificate_authority() {
    let folder = TestRepo::new();
    certificates(&folder);
    let api = over_tls(&folder);
    let run = ask(&folder, &api, &[("SSL_CERT_FILE", "ca.pem"), ("GITHUB_TOKEN", TOKEN)]);
    assert!(run.stdout.contains("GitHub could not find pull request 7"), "{}", run.stdout);
    let run = ask(&folder, &api, &[("GITHUB_TOKEN", TOKEN)]);
    assert!(run.code == 3 && run.stdout.contains("could not be fetched from GitHub"), "{}", run.stdout);
    folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n");
    let run = ask(&folder, &api, &[("SSL_CERT_FILE", "ca.pem")]);
    assert!(run.code == 2 && run.stdout.contains("SSL_CERT_FILE ca.pem: "), "{}", run.stdout);
}
