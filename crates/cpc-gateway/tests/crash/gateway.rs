//! The gateway as a process that can be killed.

use crate::client::Client;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

const START: Duration = Duration::from_secs(30);

pub(crate) struct Gateway {
    child: Child,
    address: SocketAddr,
    token: String,
}

impl Gateway {
    /// A new one, with a wallet of a few senders.
    pub(crate) fn start(data: &Path, transport: &str) -> Gateway {
        // A port that is free now, and that the next process can have as well.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (child, mut lines) = spawn(data, transport, address);
        let gateway = Gateway { child, address, token: read_token(&mut lines) };
        let senders: Vec<String> = (1..=5).map(|n| format!(r#"{{"id":"551499000000{n}"}}"#)).collect();
        let wallet = format!(r#"{{"senders":[{}]}}"#, senders.join(","));
        let (status, answer) = gateway.client().send("PUT", "/api/wallets/emp1", &wallet).unwrap();
        assert_eq!(status, 200, "{answer}");
        gateway
    }

    /// Ends it without a warning, and starts the next on what it left.
    pub(crate) fn kill_and_start(mut self, data: &Path, transport: &str) -> Gateway {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let (child, _) = spawn(data, transport, self.address);
        Gateway { child, address: self.address, token: self.token.clone() }
    }

    /// Ends it in order.
    pub(crate) fn end(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = self.client().send("GET", path, "").unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// How many messages wait to be sent.
    pub(crate) fn outbox(&self) -> u64 {
        let (_, text) = self.client().send("GET", "/metrics", "").unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("cpc_outbox_messages "));
        line.map_or(0, |count| count.parse().unwrap())
    }

    fn client(&self) -> Client {
        Client::connect(self.address, &self.token).unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Whatever made a test fail, no process is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts one, and waits until it serves; what else it prints is still to be read.
fn spawn(data: &Path, transport: &str, address: SocketAddr) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cpc"))
        .args(["serve", "--listen", &address.to_string(), "--data"])
        .arg(data)
        // Small, so that kills hit snapshots as well; a time-out that is never reached, as it would mean "unknown".
        .args(["--set", "log.snapshot_entries=60", "--set", "outbox.timeout_ms=60000"])
        .args(["--set", "outbox.transport=webhook", "--set", &format!("outbox.url={transport}")])
        .args(["--set", "logs.level=error"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    assert!(first.starts_with("http://"), "the gateway did not start: {first:?}");
    let deadline = Instant::now() + START;
    while Client::connect(address, "").is_err() {
        assert!(Instant::now() < deadline, "the gateway does not listen");
    }
    (child, lines)
}

/// The token in the request that a new gateway proposes.
fn read_token(lines: &mut BufReader<ChildStdout>) -> String {
    for _ in 0..10 {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        if let Some((_, token)) = line.split_once("Bearer ") {
            return token.split('\'').next().unwrap().to_owned();
        }
    }
    panic!("no token was printed")
}
