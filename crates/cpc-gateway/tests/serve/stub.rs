//! A transport that answers as configured, and records its requests.

use crate::support::LONG;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A request that it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) at: Instant,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

/// What it answers.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: String,
    /// How long it takes.
    pub(crate) after: Duration,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Reply {
        Reply { status, headers: String::new(), after: Duration::ZERO }
    }

    /// The connection ends without an answer.
    pub(crate) fn none() -> Reply {
        Reply::status(0)
    }
}

type Answering = dyn Fn(usize) -> Reply + Send + Sync;

struct Inner {
    answering: Box<Answering>,
    received: Mutex<Vec<Received>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    ended: AtomicBool,
}

pub(crate) struct Stub {
    address: SocketAddr,
    inner: Arc<Inner>,
    accepting: Option<JoinHandle<()>>,
}

impl Stub {
    /// One that answers according to how many requests there were before.
    pub(crate) fn new(answering: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Stub {
        Stub::at(SocketAddr::from(([127, 0, 0, 1], 0)), answering)
    }

    /// The same at an address.
    pub(crate) fn at(
        address: SocketAddr,
        answering: impl Fn(usize) -> Reply + Send + Sync + 'static,
    ) -> Stub {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            answering: Box::new(answering),
            received: Mutex::default(),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        let shared = Arc::clone(&inner);
        let accepting = thread::spawn(move || {
            for connection in listener.incoming() {
                if shared.ended.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.serve(connection.unwrap()));
            }
        });
        Stub { address, inner, accepting: Some(accepting) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    /// How many requests it had at the same time at the most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.inner.most_at_once.load(Ordering::SeqCst)
    }
}

impl Inner {
    fn serve(&self, mut connection: TcpStream) {
        connection.set_read_timeout(Some(LONG)).unwrap();
        let Some(received) = read(&connection) else { return };
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        let before = {
            let mut all = self.received.lock().unwrap();
            all.push(received);
            all.len() - 1
        };
        let Reply { status, headers, after } = (self.answering)(before);
        thread::sleep(after);
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        if status == 0 {
            return;
        }
        let answer =
            format!("HTTP/1.1 {status} Answered\r\nconnection: close\r\ncontent-length: 0\r\n{headers}\r\n");
        // The client may have gone.
        let _ = connection.write_all(answer.as_bytes());
    }
}

fn read(connection: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(connection);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ") {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Received { headers, body, at: Instant::now() })
}

impl Drop for Stub {
    /// Its address is free again.
    fn drop(&mut self) {
        self.inner.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.accepting.take().map(JoinHandle::join);
    }
}
