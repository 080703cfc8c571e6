//! A transport that takes everything, and remembers it.

use crate::client::read_message;
use serde_json::Value;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// One message that arrived.
#[derive(Clone)]
pub(crate) struct Delivery {
    /// Its idempotency key.
    pub(crate) key: String,
    pub(crate) phone: String,
    pub(crate) id_message: u64,
    pub(crate) body: String,
}

pub(crate) struct Transport {
    address: SocketAddr,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
}

impl Transport {
    pub(crate) fn start() -> Transport {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let deliveries: Arc<Mutex<Vec<Delivery>>> = Arc::default();
        let shared = Arc::clone(&deliveries);
        // It ends with the test.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared) = (stream.unwrap(), Arc::clone(&shared));
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Transport { address, deliveries }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/messages", self.address)
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.lock().unwrap().clone()
    }
}

/// Takes what comes over one connection, until the other side is gone.
fn serve(stream: TcpStream, deliveries: &Mutex<Vec<Delivery>>) {
    let mut stream = BufReader::new(stream);
    while let Ok((head, body)) = read_message(&mut stream) {
        let message: Value = serde_json::from_str(&body).unwrap();
        let header = |line: &str| {
            line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        };
        let key = head.lines().filter_map(header).find(|(name, _)| name == "idempotency-key").unwrap().1;
        assert_eq!(message["messageId"], *key);
        let phone = message["phone"].as_str().unwrap().to_owned();
        let id_message = message["idMessage"].as_u64().unwrap();
        assert_eq!(message["text"], format!("Olá, esta é a mensagem {id_message}"));
        deliveries.lock().unwrap().push(Delivery { key, phone, id_message, body });
        if stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}
