//! How much the gateway takes over loopback, beside what it cannot be faster than: an HTTP handler that always says the
//! same, and the disk's syncs.
//!
//! `cargo xtask bench gateway`. Every row is measured several times, the rows in turn, and its median is shown: machines
//! differ and are busy, so only ratios of one run mean something. All loops are bounded.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::float_arithmetic,
    missing_docs,
    reason = "a measurement that cannot go on has failed"
)]

use axum::routing::post;
use axum::{Router, serve};
use bytes::Bytes;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const ANSWER: &str =
    r#"{"status":"success","message":"Mensagens enviadas com sucesso","processed":1,"errors":0}"#;

/// What one kind of load is.
#[derive(Clone, Copy)]
struct Shape {
    messages: u64,
    connections: u64,
    /// Requests a connection and round.
    requests: u64,
}

const SHAPES: [Shape; 2] = [
    Shape { messages: 1, connections: 32, requests: 60 },
    Shape { messages: 1000, connections: 4, requests: 12 },
];

/// What one round measured.
#[derive(Clone, Copy)]
struct Round {
    messages_per_second: f64,
    p50: Duration,
    p99: Duration,
}

fn main() {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-gateway");
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).unwrap();
    let constant = constant_handler();
    let durable = Gateway::start(&scratch.join("durable"), true);
    let unsynced = Gateway::start(&scratch.join("unsynced"), false);
    println!("{:>8}  {:<28} {:>12} {:>10} {:>10}", "messages", "", "messages/s", "p50", "p99");
    println!("{:>8}  {:<28} {:>12} {:>10} {:>10}", "/request", "", "", "", "");
    for shape in SHAPES {
        let mut rows: [Vec<Round>; 3] = Default::default();
        for _ in 0..ROUNDS {
            let targets =
                [(constant, ""), (durable.address, &*durable.token), (unsynced.address, &*unsynced.token)];
            for (row, (address, token)) in rows.iter_mut().zip(targets) {
                row.push(load(address, token, shape));
            }
        }
        let names = ["a handler that says nothing", "cpc serve", "cpc serve, syncing off"];
        let medians = rows.map(median);
        for (name, round) in names.iter().zip(&medians) {
            let Round { messages_per_second, p50, p99 } = round;
            println!(
                "{:>8}  {name:<28} {messages_per_second:>12.0} {p50:>10.2?} {p99:>10.2?}",
                shape.messages
            );
        }
        let [_, durable, unsynced] = medians;
        println!(
            "{:>8}  durable / syncing off {:>24.2}",
            "",
            durable.messages_per_second / unsynced.messages_per_second
        );
    }
    for bytes in [300, 60_000] {
        let (rate, took) = syncs(&scratch, bytes);
        println!("{:>8}  append {bytes} bytes and sync {rate:>15.0}/s {took:>10.2?}", "disk");
    }
    drop((durable, unsynced));
    fs::remove_dir_all(scratch).unwrap();
}

fn median(mut rounds: Vec<Round>) -> Round {
    rounds.sort_by(|one, other| one.messages_per_second.total_cmp(&other.messages_per_second));
    rounds.swap_remove(rounds.len() / 2)
}

/// A server that reads every body and says the same to all.
fn constant_handler() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let app = Router::new()
                .route(cpc_http::MASSIVOCPC_PATH, post(async |_: Bytes| ANSWER))
                .layer(axum::extract::DefaultBodyLimit::max(64 << 20));
            serve(tokio::net::TcpListener::from_std(listener).unwrap(), app).await.unwrap();
        });
    });
    address
}

/// The release gateway, ended when it is dropped.
struct Gateway {
    child: Child,
    address: SocketAddr,
    token: String,
}

impl Gateway {
    fn start(data: &Path, sync: bool) -> Gateway {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cpc"))
            .args(["serve", "--listen", "127.0.0.1:0", "--set", "logs.level=error", "--data"])
            .arg(data)
            .args(["--set", &format!("log.sync={sync}")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let lines: Vec<String> = lines.map_while(|line| line.ok().filter(|line| line != "}'")).collect();
        let found = |mark: &str, end: char| {
            let line = lines.iter().find_map(|line| line.split_once(mark)).unwrap();
            line.1.split(end).next().unwrap().to_owned()
        };
        let address = found("http://", ' ').trim().parse().unwrap();
        Gateway { child, address, token: found("Bearer ", '\'') }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Phones, each used once, so that no message is blocked.
static NEXT: AtomicU64 = AtomicU64::new(0);

fn request(token: &str, messages: u64) -> Vec<u8> {
    let first = NEXT.fetch_add(messages, Ordering::Relaxed);
    let message = |number: u64| {
        format!(
            r#"{{"phone":"55{}9{:08}","idMessage":{number},"clientId":"","contract":"1091757","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá, seu contrato BV está disponível para negociação. Inicie seu atendimento"}}"#,
            11 + number / 30_000_000,
            60_000_000 + number % 30_000_000
        )
    };
    let messages: Vec<String> = (first..first + messages).map(message).collect();
    let body = format!(
        r#"{{"campaign":"Campanha teste","idAccount":"1234","tag":"emp1","messages":[{}]}}"#,
        messages.join(",")
    );
    let path = cpc_http::MASSIVOCPC_PATH;
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: \
         application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One round of a load.
fn load(address: SocketAddr, token: &str, shape: Shape) -> Round {
    let mut clients = Vec::new();
    for _ in 0..shape.connections {
        // Made beforehand: writing bodies is not what is measured.
        let requests: Vec<Vec<u8>> = (0..shape.requests).map(|_| request(token, shape.messages)).collect();
        clients.push(requests);
    }
    let began = Instant::now();
    let threads: Vec<_> =
        clients.into_iter().map(|requests| thread::spawn(move || client(address, &requests))).collect();
    let mut waits: Vec<Duration> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let took = began.elapsed();
    waits.sort_unstable();
    let at = |part: usize| *waits.get((waits.len() - 1) * part / 100).unwrap();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let messages = (waits.len() as u64 * shape.messages) as f64;
    Round { messages_per_second: messages / took.as_secs_f64(), p50: at(50), p99: at(99) }
}

/// Sends requests over one connection, each after the answer to the one before; how long each took.
fn client(address: SocketAddr, requests: &[Vec<u8>]) -> Vec<Duration> {
    let mut stream = BufReader::new(TcpStream::connect(address).unwrap());
    stream.get_ref().set_nodelay(true).unwrap();
    stream.get_ref().set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut one = |request: &Vec<u8>| {
        let began = Instant::now();
        stream.get_mut().write_all(request).unwrap();
        let (mut length, mut line) = (0, String::new());
        stream.read_line(&mut line).unwrap();
        assert!(line.contains(" 200 "), "{line}");
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        assert!(body.starts_with(br#"{"status":"success""#), "{}", String::from_utf8_lossy(&body));
        began.elapsed()
    };
    requests.iter().map(&mut one).collect()
}

/// How often a second so many bytes can be appended to a file and synced, and how long one takes.
fn syncs(scratch: &Path, bytes: usize) -> (f64, Duration) {
    let mut file = File::create(scratch.join("syncs")).unwrap();
    let (block, mut waits) = (vec![0x5a; bytes], Vec::new());
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(1) {
        let one = Instant::now();
        file.write_all(&block).unwrap();
        file.sync_data().unwrap();
        waits.push(one.elapsed());
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let rate = waits.len() as f64 / began.elapsed().as_secs_f64();
    waits.sort_unstable();
    (rate, *waits.get(waits.len() / 2).unwrap())
}
