//! Whether the choice among many senders costs more than among few.

use crate::gate::{Stream, in_chunks};
use crate::report::{Key, Report};
use crate::scale::Scale;
use cpu_time::ThreadTime;
use std::hint::black_box;
use std::time::Duration;
use workload::{START, Shuffle, Tenant};

/// The group of these figures.
pub const GROUP: &str = "senders";
/// Few, many, and more than any real wallet has.
pub const SIZES: [u64; 4] = [10, 50, 1_000, 10_000];

/// What is known of a number of senders.
#[must_use]
pub const fn key(senders: u64) -> Key {
    Key { group: GROUP, what: "cpc", phase: "accepted", size: senders }
}

/// Measures first contacts, with senders that share them.
pub fn measure(scale: &Scale, report: &mut Report) {
    for round in 0..scale.rounds {
        eprintln!("senders: round {}", round + 1);
        for senders in SIZES {
            let mut tenant = Tenant::new(senders, scale.known);
            let shuffle = Shuffle::new(scale.known, round);
            let contacts = (0..scale.known as usize).map(|place| shuffle.at(place as u64));
            let stream = Stream { client: false, follow_up: false, renumber: 0 };
            let mut time = Duration::ZERO;
            in_chunks(stream, contacts, |before, chunk| {
                let start = ThreadTime::now();
                tenant.dispatch(START + before as i64, black_box(chunk.messages)).unwrap();
                time += start.elapsed();
                assert_eq!(tenant.accepted(), chunk.messages.len());
            });
            report.add(key(senders), time.as_nanos() as f64 / scale.known as f64);
        }
    }
}
