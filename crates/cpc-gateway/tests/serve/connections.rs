//! Misbehaving connections: they hold the gateway's resources only for a short time, and delay no other client.

use crate::http::Request;
use crate::support::{Folder, Gateway, LONG, eventually, start};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

fn connect(gateway: &Gateway, said: &[u8]) -> TcpStream {
    let mut connection = TcpStream::connect_timeout(&gateway.address(), LONG).unwrap();
    connection.set_read_timeout(Some(LONG)).unwrap();
    connection.write_all(said).unwrap();
    connection
}

/// Waits until the other side closes a connection.
fn is_closed(connection: &mut TcpStream) -> bool {
    // Whether it says something before, or resets it, does not matter.
    match connection.read_to_end(&mut Vec::new()) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

fn is_healthy(gateway: &Gateway) -> bool {
    Request::new(gateway.address(), "GET", "/healthz").send().ok().text() == "ok\n"
}

#[test]
fn who_says_nothing_or_too_little_is_not_waited_for() {
    let folder = Folder::new();
    let gateway = folder.serve(&["limits.timeout_ms=1000"]);
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    let said: [&[u8]; 6] = [
        b"",
        b"P",
        b"PRI * HTTP/2.0\r\n",
        preface,
        b"GET /healthz HT",
        b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
    ];
    let connections: Vec<TcpStream> = said.iter().map(|said| connect(&gateway, said)).collect();
    for (said, mut connection) in said.iter().zip(connections) {
        assert!(is_closed(&mut connection), "{}", String::from_utf8_lossy(said));
    }
    assert!(is_healthy(&gateway));
}

#[test]
fn more_connections_than_may_be_are_closed_at_once() {
    let folder = Folder::new();
    let gateway = folder.serve(&["limits.max_connections=3"]);
    // A connection has its place once it was answered.
    let mut held: Vec<TcpStream> = (0..3)
        .map(|_| {
            let mut connection = connect(&gateway, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
            assert_ne!(connection.read(&mut [0; 1000]).unwrap(), 0);
            connection
        })
        .collect();
    let begun = Instant::now();
    assert!(is_closed(&mut connect(&gateway, b"")));
    assert!(begun.elapsed() < LONG / 2);
    assert!(gateway.stderr().contains("limits.max_connections are open"));
    let asked = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = |connection: &mut TcpStream| {
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer);
        answer.ends_with(b"ok\n")
    };
    // Those that were there before are served as ever, and when they go there is room again.
    held[0].write_all(asked).unwrap();
    assert!(answer(&mut held[0]));
    eventually("there is room again", || answer(&mut connect(&gateway, asked)));
}

#[test]
fn who_never_finishes_does_not_keep_it_from_ending() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    let _held = ["", "P", "GET /healthz HT"].map(|said| connect(&gateway, said.as_bytes()));
    assert!(is_healthy(&gateway));
    let begun = Instant::now();
    gateway.stop();
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
}

#[test]
fn as_many_files_may_be_open_as_connections_need_or_it_is_said() {
    for (limit, is_said) in [("ulimit -Sn 100", false), ("ulimit -n 300", true)] {
        let folder = Folder::new();
        let mut command = Command::new("sh");
        let script = format!(r#"{limit}; exec "$0" serve --listen 127.0.0.1:0 --data "$1""#);
        command.args(["-c", &script, env!("CARGO_BIN_EXE_cpc")]).arg(folder.path());
        let gateway = start(command).unwrap();
        assert!(is_healthy(&gateway));
        let said = gateway.stop().contains("fewer files may be open than limits.max_connections needs");
        assert_eq!(said, is_said, "{limit}");
    }
}
