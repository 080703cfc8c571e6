//! Counts the bytes of many contacts: `memory SYSTEM CONTACTS` prints them as JSON, each for one contact.
//!
//! A contact has been written to, and its dispatch counts among those of the last 24 h. It is a program of its own
//! because counting replaces the allocator, and because a process never gives all its memory back.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on has failed")]

use allocation_counter::{AllocationInfo, measure, opt_out};
use peers::gate::{Chunk, Gate, Stream, in_chunks};
use peers::gates::{CPC, CPC_CLIENT, HASHBROWN, HASHBROWN_CLIENT, SYSTEMS};
use peers::memory::{Bytes, SYSTEMS as NAMES};
use std::{env, fs};
use workload::{START, Shuffle};

fn main() {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().expect("whose bytes?");
    let contacts: u64 = arguments.next().and_then(|text| text.parse().ok()).expect("of how many contacts?");
    let of = [CPC, CPC_CLIENT, HASHBROWN, HASHBROWN_CLIENT];
    let place = NAMES.iter().position(|known| *known == name).expect("a system that is known");
    let system = SYSTEMS.iter().find(|system| Some(&system.name) == of.get(place)).unwrap();

    let before = resident();
    let mut gate = None;
    let mut counter = Counter::default();
    counter.count(0, || gate = Some((system.make)(contacts)));
    let gate = gate.as_mut().unwrap();
    let shuffle = Shuffle::new(contacts, 1);
    let order = (0..contacts as usize).map(|place| shuffle.at(place as u64));
    let stream = Stream { client: system.client, follow_up: false, renumber: 0 };
    in_chunks(stream, order, |first, chunk| {
        counter.count(first + chunk.phones.len() as u64, || decide(gate.as_mut(), first, chunk));
        if first < contacts / 2 {
            counter.worst = 0.0;
        }
    });
    let each = |bytes: i64| bytes as f64 / contacts as f64;
    let bytes = Bytes {
        counted: each(counter.current),
        worst: counter.worst,
        peak: each(counter.peak),
        resident: each(resident() - before),
    };
    println!("{}", serde_json::to_string(&bytes).unwrap());
}

fn decide(gate: &mut dyn Gate, first: u64, chunk: Chunk<'_>) {
    let accepted = gate.decide(START + first as i64, chunk);
    opt_out(|| assert_eq!(accepted, chunk.phones.len()));
}

/// Adds up what many pieces of work allocate.
#[derive(Default)]
struct Counter {
    current: i64,
    peak: i64,
    worst: f64,
}

impl Counter {
    /// Does a piece of work, after which so many contacts are known.
    fn count(&mut self, contacts: u64, work: impl FnOnce()) {
        let AllocationInfo { bytes_current, bytes_max, .. } = measure(work);
        self.peak = self.peak.max(self.current + bytes_max as i64);
        self.current += bytes_current;
        if contacts > 0 {
            self.worst = self.worst.max(self.current as f64 / contacts as f64);
        }
    }
}

/// What the process has in memory; Linux tells.
fn resident() -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    line.and_then(|kib| kib.parse::<i64>().ok()).unwrap_or_default() * 1024
}
