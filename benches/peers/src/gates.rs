//! The peers, and how they are measured.

use crate::gate::{Chunk, Gate, Ours, Stream, in_chunks};
use crate::report::{Key, Report};
use crate::scale::Scale;
use cpu_time::ThreadTime;
use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::hash::BuildHasher;
use std::hint::black_box;
use std::time::Duration;
use workload::{DAY, START, Shuffle};

type Fold = foldhash::fast::RandomState;

/// The least a developer would write: a hash table from the phone, as a number, to the time of the last contact.
struct Hashbrown(hashbrown::HashMap<u64, i64, Fold>);

impl Hashbrown {
    fn may(&mut self, at: i64, phone: u64) -> bool {
        match self.0.entry(phone) {
            hashbrown::hash_map::Entry::Occupied(entry) if at - entry.get() < DAY => false,
            entry => {
                entry.insert(at);
                true
            }
        }
    }
}

impl Gate for Hashbrown {
    fn decide(&mut self, at: i64, chunk: Chunk<'_>) -> usize {
        chunk.phones.iter().filter(|phone| self.may(at, **phone)).count()
    }

    fn reply(&mut self, _at: i64, chunk: Chunk<'_>) -> bool {
        for phone in chunk.phones {
            self.0.remove(phone);
        }
        true
    }

    fn expire(&mut self, at: i64) -> Option<u64> {
        let before = self.0.len();
        self.0.retain(|_, t0| at - *t0 < DAY);
        Some((before - self.0.len()) as u64)
    }
}

/// The same, from the text that a request has.
struct FromText(Hashbrown);

impl Gate for FromText {
    fn decide(&mut self, at: i64, chunk: Chunk<'_>) -> usize {
        let phones = chunk.messages.iter().filter_map(|message| message.phone.parse().ok());
        phones.filter(|phone| self.0.may(at, *phone)).count()
    }

    fn reply(&mut self, at: i64, chunk: Chunk<'_>) -> bool {
        self.0.reply(at, chunk)
    }

    fn expire(&mut self, at: i64) -> Option<u64> {
        self.0.expire(at)
    }
}

/// Two tables: one by phone, one by client.
struct WithClients {
    phones: Hashbrown,
    clients: hashbrown::HashMap<Box<str>, i64, Fold>,
}

impl Gate for WithClients {
    fn decide(&mut self, at: i64, chunk: Chunk<'_>) -> usize {
        let mut accepted = 0;
        for (message, phone) in chunk.messages.iter().zip(chunk.phones) {
            let free = |t0: Option<&i64>| t0.is_none_or(|t0| at - t0 >= DAY);
            let client = self.clients.get(message.client_id);
            if free(client) && self.phones.may(at, *phone) {
                self.clients.insert(message.client_id.into(), at);
                accepted += 1;
            }
        }
        accepted
    }

    fn reply(&mut self, at: i64, chunk: Chunk<'_>) -> bool {
        for message in chunk.messages {
            self.clients.remove(message.client_id);
        }
        self.phones.reply(at, chunk)
    }

    fn expire(&mut self, at: i64) -> Option<u64> {
        self.clients.retain(|_, t0| at - *t0 < DAY);
        self.phones.expire(at)
    }
}

/// The standard library's table with its defaults.
struct Standard(std::collections::HashMap<u64, i64>);

impl Gate for Standard {
    fn decide(&mut self, at: i64, chunk: Chunk<'_>) -> usize {
        let mut accepted = 0;
        for phone in chunk.phones {
            match self.0.entry(*phone) {
                std::collections::hash_map::Entry::Occupied(entry) if at - entry.get() < DAY => {}
                entry => {
                    entry.insert_entry(at);
                    accepted += 1;
                }
            }
        }
        accepted
    }

    fn reply(&mut self, _at: i64, chunk: Chunk<'_>) -> bool {
        for phone in chunk.phones {
            self.0.remove(phone);
        }
        true
    }

    fn expire(&mut self, at: i64) -> Option<u64> {
        let before = self.0.len();
        self.0.retain(|_, t0| at - *t0 < DAY);
        Some((before - self.0.len()) as u64)
    }
}

/// One message a day and phone, by its own clock.
struct Governor<S: BuildHasher + Clone>(RateLimiter<u64, DashMapStateStore<u64, S>, DefaultClock>);

fn quota() -> Quota {
    Quota::with_period(Duration::from_millis(DAY.unsigned_abs())).expect("a day is not nothing")
}

impl<S: BuildHasher + Clone> Gate for Governor<S> {
    fn decide(&mut self, _at: i64, chunk: Chunk<'_>) -> usize {
        chunk.phones.iter().filter(|phone| self.0.check_key(phone).is_ok()).count()
    }
}

/// One of those that are compared.
pub struct System {
    /// Its name in the tables.
    pub name: &'static str,
    /// Whether it looks at clients as well.
    pub client: bool,
    /// A new one, for that many contacts.
    pub make: fn(u64) -> Box<dyn Gate>,
}

/// The engine, with phones only, in batches of a thousand.
pub const CPC: &str = "cpc";
/// The engine, with client ids.
pub const CPC_CLIENT: &str = "cpc, client ids";
/// The baseline of the engine's figures.
pub const HASHBROWN: &str = "hashbrown + foldhash";
/// The same from text.
pub const FROM_TEXT: &str = "hashbrown + foldhash, from the text";
/// With client ids.
pub const HASHBROWN_CLIENT: &str = "hashbrown + foldhash, client ids";
/// governor with its defaults.
pub const GOVERNOR: &str = "governor";

/// All that are compared. Neighbours are measured right after each other.
pub const SYSTEMS: [System; 10] = [
    System { name: HASHBROWN, client: false, make: |_| Box::new(Hashbrown(Default::default())) },
    System { name: CPC, client: false, make: |contacts| Box::new(Ours::new(contacts, 1_000)) },
    System { name: FROM_TEXT, client: false, make: |_| Box::new(FromText(Hashbrown(Default::default()))) },
    System { name: "cpc, one by one", client: false, make: |contacts| Box::new(Ours::new(contacts, 1)) },
    System { name: "std HashMap", client: false, make: |_| Box::new(Standard(Default::default())) },
    System {
        name: GOVERNOR,
        client: false,
        make: |_| Box::new(Governor(DefaultKeyedRateLimiter::keyed(quota()))),
    },
    System {
        name: "governor + foldhash",
        client: false,
        make: |_| Box::new(Governor(RateLimiter::dashmap_with_hasher(quota(), Fold::default()))),
    },
    System {
        name: HASHBROWN_CLIENT,
        client: true,
        make: |_| {
            Box::new(WithClients { phones: Hashbrown(Default::default()), clients: Default::default() })
        },
    },
    System { name: CPC_CLIENT, client: true, make: |contacts| Box::new(Ours::new(contacts, 1_000)) },
    System {
        name: "cpc, client ids, one by one",
        client: true,
        make: |contacts| Box::new(Ours::new(contacts, 1)),
    },
];

/// The operations, in this order.
pub const ACCEPTED: &str = "accepted";
/// All again, while all are blocked.
pub const REFUSED: &str = "refused";
/// A tenth answer.
pub const REPLY: &str = "reply";
/// All again, after a tenth answered.
pub const MIXED: &str = "mixed";
/// Cycles that are over are removed.
pub const EXPIRY: &str = "expiry";
/// Follow-ups go out, and messages that have one.
pub const FOLLOW_UP: &str = "follow-up";

/// The group of these figures.
pub const GROUP: &str = "gate";

/// The most contacts for which messages are also dispatched one by one.
const MOST_ONE_BY_ONE: u64 = 3_000_000;

/// Measures all systems at the usual sizes, and two of them at more.
pub fn measure(scale: &Scale, report: &mut Report) {
    for contacts in &scale.gate {
        for round in 0..scale.rounds_of(*contacts) {
            eprintln!("gate: {contacts} contacts, round {}", round + 1);
            // The gain of batches shows with fewer contacts as well.
            let skipped =
                |system: &&System| *contacts > MOST_ONE_BY_ONE && system.name.ends_with("one by one");
            for system in SYSTEMS.iter().filter(|system| !skipped(system)) {
                let rounds = Rounds { system, contacts: *contacts, round };
                rounds.all(report);
                rounds.follow_ups(report);
            }
        }
    }
    for contacts in &scale.curve {
        for round in 0..scale.rounds_of(*contacts) {
            eprintln!("curve: {contacts} contacts, round {}", round + 1);
            for system in SYSTEMS.iter().filter(|system| [CPC, HASHBROWN].contains(&system.name)) {
                let rounds = Rounds { system, contacts: *contacts, round };
                rounds.accept_and_refuse(report);
            }
        }
    }
}

/// One system, one number of contacts, one turn.
struct Rounds<'a> {
    system: &'a System,
    contacts: u64,
    round: u64,
}

impl Rounds<'_> {
    fn key(&self, phase: &'static str) -> Key {
        Key { group: GROUP, what: self.system.name, phase, size: self.contacts }
    }

    fn all(&self, report: &mut Report) {
        let mut gate = self.accept_and_refuse(report);
        let gate = gate.as_mut();
        let end = START + self.contacts as i64;
        let some = self.contacts.div_ceil(10);
        let mut knows = true;
        let time = self.time(some, 3, false, |_, chunk| knows &= gate.reply(end, chunk));
        if knows {
            report.add(self.key(REPLY), time / some as f64);
            let mut accepted = 0;
            let time = self.time(self.contacts, 4, false, |_, chunk| accepted += gate.decide(end, chunk));
            assert_eq!(accepted as u64, some, "{}", self.system.name);
            report.add(self.key(MIXED), time / self.contacts as f64);
        }
        let start = ThreadTime::now();
        if let Some(expired) = gate.expire(end + 2 * DAY) {
            report.add(self.key(EXPIRY), nanoseconds(start) / expired.max(1) as f64);
        }
    }

    fn accept_and_refuse(&self, report: &mut Report) -> Box<dyn Gate> {
        let mut gate = (self.system.make)(self.contacts);
        let mut accepted = 0;
        let time = self.time(self.contacts, 1, false, |before, chunk| {
            accepted += gate.decide(START + before as i64, chunk);
        });
        assert_eq!(accepted as u64, self.contacts, "{}", self.system.name);
        report.add(self.key(ACCEPTED), time / self.contacts as f64);
        let end = START + self.contacts as i64;
        let mut accepted = 0;
        let time = self.time(self.contacts, 2, false, |_, chunk| accepted += gate.decide(end, chunk));
        assert_eq!(accepted, 0, "{}", self.system.name);
        report.add(self.key(REFUSED), time / self.contacts as f64);
        gate
    }

    fn follow_ups(&self, report: &mut Report) {
        let mut gate = (self.system.make)(self.contacts);
        // Skips peers without follow-ups before any work is done.
        if gate.follow_ups(START).is_none() {
            return;
        }
        self.time(self.contacts, 1, true, |before, chunk| {
            gate.decide(START + before as i64, chunk);
        });
        let start = ThreadTime::now();
        let sent = gate.follow_ups(START + self.contacts as i64 + DAY);
        assert_eq!(sent, Some(self.contacts), "{}", self.system.name);
        report.add(self.key(FOLLOW_UP), nanoseconds(start) / self.contacts as f64);
    }

    /// How long it takes to work on so many contacts, in nanoseconds; making messages is not part of it.
    fn time(&self, count: u64, order: u64, follow_up: bool, mut work: impl FnMut(u64, Chunk<'_>)) -> f64 {
        let shuffle = Shuffle::new(self.contacts, self.round * 8 + order);
        let stream = Stream { client: self.system.client, follow_up, renumber: order << 40 };
        let mut time = Duration::ZERO;
        let contacts = (0..count as usize).map(|place| shuffle.at(place as u64));
        in_chunks(stream, contacts, |before, chunk| {
            let start = ThreadTime::now();
            work(before, black_box(chunk));
            time += start.elapsed();
        });
        time.as_nanos() as f64
    }
}

fn nanoseconds(start: ThreadTime) -> f64 {
    start.elapsed().as_nanos() as f64
}
