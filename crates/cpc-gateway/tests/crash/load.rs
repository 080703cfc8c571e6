//! Clients that post batches and replies, and remember what they were answered.

use crate::client::Client;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const CLIENTS: u64 = 4;
/// How many phones each client writes to, none of them another's.
const PHONES: u64 = 4000;

/// What the clients know.
#[derive(Default)]
pub(crate) struct Said {
    /// The `idMessage` of every message that was answered as accepted, by phone.
    pub(crate) accepted: BTreeMap<String, Vec<u64>>,
    /// How often each phone answered, as far as that may have been heard.
    pub(crate) replied: BTreeMap<String, usize>,
}

pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Said>>,
}

impl Load {
    pub(crate) fn start(address: SocketAddr, token: &str) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let ids = Arc::new(AtomicU64::new(1));
        let clients = (0..CLIENTS)
            .map(|number| {
                let (stop, ids, token) = (Arc::clone(&stop), Arc::clone(&ids), token.to_owned());
                thread::spawn(move || run(number, address, &token, &ids, &stop))
            })
            .collect();
        Load { stop, clients }
    }

    pub(crate) fn stop(self) -> Said {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Said::default();
        for client in self.clients {
            let said = client.join().unwrap();
            all.accepted.extend(said.accepted);
            all.replied.extend(said.replied);
        }
        all
    }
}

fn run(number: u64, address: SocketAddr, token: &str, ids: &AtomicU64, stop: &AtomicBool) -> Said {
    let mut random = Random(0x5eed_1000 + number);
    let mut said = Said::default();
    while !stop.load(Ordering::Relaxed) {
        let Ok(mut client) = Client::connect(address, token) else {
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        while !stop.load(Ordering::Relaxed) {
            let went_on = match random.below(5) {
                0 => reply(&mut client, &mut random, number, &mut said),
                _ => batch(&mut client, &mut random, number, ids, &mut said),
            };
            if !went_on {
                break;
            }
        }
    }
    said
}

fn phone(client: u64, random: &mut Random) -> String {
    format!("55119{:08}", 80_000_000 + client * PHONES + random.below(PHONES))
}

/// Posts a batch; whether the connection is still there.
fn batch(client: &mut Client, random: &mut Random, number: u64, ids: &AtomicU64, said: &mut Said) -> bool {
    let phones: BTreeSet<String> = (0..=random.below(20)).map(|_| phone(number, random)).collect();
    let posted: Vec<(String, u64)> =
        phones.into_iter().map(|phone| (phone, ids.fetch_add(1, Ordering::Relaxed))).collect();
    let messages: Vec<String> = posted
        .iter()
        .map(|(phone, id)| {
            format!(
                r#"{{"phone":"{phone}","idMessage":{id},"closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá, esta é a mensagem {id}","retryTemplate":"De novo"}}"#
            )
        })
        .collect();
    let body = format!(r#"{{"campaign":"queda","tag":"emp1","messages":[{}]}}"#, messages.join(","));
    let Ok((status, answer)) = client.send("POST", "/api/messages/massivocpc", &body) else { return false };
    assert!(matches!(status, 200 | 422 | 503), "{status}: {answer}");
    if status == 503 {
        return true;
    }
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let refused: BTreeSet<&str> = answer["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| error["phone"].as_str().unwrap())
        .collect();
    for (phone, id) in &posted {
        if !refused.contains(phone.as_str()) {
            said.accepted.entry(phone.clone()).or_default().push(*id);
        }
    }
    true
}

/// A contact that was written to answers.
fn reply(client: &mut Client, random: &mut Random, number: u64, said: &mut Said) -> bool {
    let phone = phone(number, random);
    if !said.accepted.contains_key(&phone) {
        return true;
    }
    // Before the answer: it may be heard and the answer lost.
    *said.replied.entry(phone.clone()).or_default() += 1;
    client.send("POST", "/api/replies", &format!(r#"{{"phone":"{phone}"}}"#)).is_ok()
}

/// Numbers that look random, the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
