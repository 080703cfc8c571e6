//! The least of HTTP/1.1 that a client needs: one request a connection, everything within a time.

use crate::support::LONG;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// A request that has not been sent.
pub(crate) struct Request {
    address: SocketAddr,
    head: String,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(address: SocketAddr, method: &str, path: &str) -> Request {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
        Request { address, head, body: Vec::new() }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Request {
        self.head += &format!("{name}: {value}\r\n");
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Request {
        self.body = body.into();
        self
    }

    pub(crate) fn json(self, body: &str) -> Request {
        self.header("content-type", "application/json").body(body)
    }

    /// Sends it and reads the answer.
    pub(crate) fn send(self) -> Answer {
        self.begin(usize::MAX).finish()
    }

    /// Sends its head and the first bytes of its body.
    pub(crate) fn begin(self, bytes: usize) -> Begun {
        let mut connection = TcpStream::connect_timeout(&self.address, LONG).unwrap();
        connection.set_read_timeout(Some(LONG)).unwrap();
        connection.set_write_timeout(Some(LONG)).unwrap();
        let head = format!("{}content-length: {}\r\n\r\n", self.head, self.body.len());
        connection.write_all(head.as_bytes()).unwrap();
        let (first, rest) = self.body.split_at(bytes.min(self.body.len()));
        // A server that refuses a body may close the connection early; the response says why.
        let _ = connection.write_all(first);
        Begun { connection, rest: rest.to_vec() }
    }
}

/// A request of which something has yet to be sent.
pub(crate) struct Begun {
    connection: TcpStream,
    rest: Vec<u8>,
}

impl Begun {
    pub(crate) fn finish(mut self) -> Answer {
        let _ = self.connection.write_all(&self.rest);
        self.answer()
    }

    /// The answer, although the rest is never sent.
    pub(crate) fn answer(mut self) -> Answer {
        let mut bytes = Vec::new();
        // What came before the connection was reset is an answer too.
        let _ = self.connection.read_to_end(&mut bytes);
        Answer::read(&bytes)
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    /// Reads one that is followed by the end of the connection.
    pub(crate) fn read(bytes: &[u8]) -> Answer {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer, but {:?}", String::from_utf8_lossy(bytes)));
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let (status, headers) = head.split_once("\r\n").unwrap();
        let headers = headers.lines().map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, headers: headers.collect(), body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The status of the first outcome.
    pub(crate) fn outcome(&self) -> String {
        self.json()["outcomes"][0]["status"].as_str().unwrap_or_else(|| panic!("{}", self.text())).to_owned()
    }

    /// It, when all went well.
    pub(crate) fn ok(self) -> Answer {
        assert_eq!(self.status, 200, "{}", self.text());
        self
    }
}
