//! An HTTP server on the loopback interface with programmable answers.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path without the query.
    pub(crate) path: String,
    /// The query, without `?`.
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A reply.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A complete answer.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// These bytes, then the connection is closed.
    Bytes(Vec<u8>),
    /// The start of an answer, then one byte after each pause of this length.
    Drip(Duration),
    /// The connection is closed without an answer.
    Nothing,
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// A server that runs until the tests end.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "the header {name} is sent once");
        Some(value)
    }

    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, it)| it)
    }

    fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, it)| it.parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        Some(Self { method, path, query, headers, body: String::from_utf8(body).unwrap() })
    }
}

impl Reply {
    pub(crate) fn status(status: u16, body: &Value) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    pub(crate) fn json(body: &Value) -> Self {
        Self::status(200, body)
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            let value = value.into();
            headers.push((name.to_owned(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
        }
        self
    }

    /// Writes the reply. Returns true if the connection stays open.
    fn write(self, stream: &mut TcpStream) -> bool {
        match self {
            Self::Answer { status, headers, body } => {
                let mut head = format!("HTTP/1.1 {status} .\r\ncontent-length: {}\r\n", body.len());
                if !headers.iter().any(|(name, _)| name == "content-type") {
                    head.push_str("content-type: application/json; charset=utf-8\r\n");
                }
                for (name, value) in headers {
                    write!(head, "{name}: {value}\r\n").unwrap();
                }
                head.push_str("\r\n");
                // In one piece, because the system would delay a second small one by 40 ms.
                stream.write_all(&[head.into_bytes(), body].concat()).is_ok()
            }
            Self::Bytes(bytes) => {
                // The client may have closed the connection.
                let _ = stream.write_all(&bytes);
                false
            }
            Self::Drip(pause) => {
                let mut bytes: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
                while stream.write_all(bytes).is_ok() {
                    bytes = b" ";
                    thread::sleep(pause);
                }
                false
            }
            Self::Nothing => false,
        }
    }
}

impl Server {
    pub(crate) fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (handler, log): (Arc<Handler>, _) = (Arc::new(handler), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (handler, log, stream) = (Arc::clone(&handler), Arc::clone(&log), stream.unwrap());
                thread::spawn(move || serve(&stream, handler.as_ref(), &log));
            }
        });
        Self { url, requests }
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, handler: &Handler, log: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream.try_clone().unwrap();
    while let Some(request) = Request::read(&mut reader) {
        log.lock().unwrap().push(request.clone());
        if !handler(&request).write(&mut writer) {
            return;
        }
    }
}
