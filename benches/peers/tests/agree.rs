//! All peers decide every message alike; otherwise their times could not be compared.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use peers::gate::{Gate, Stream, in_chunks};
use peers::gates::{GOVERNOR, SYSTEMS};
use std::collections::BTreeMap;
use workload::{DAY, START};

/// 1000 contacts, most of them several times, in no order.
fn contacts(seed: u64) -> Vec<u64> {
    let mut state = seed;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % 1_000
    };
    (0..3_000).map(|_| next()).collect()
}

/// What a gate says to each message: `true` is accepted.
fn decisions(gate: &mut dyn Gate, at: i64, client: bool, seed: u64) -> Vec<bool> {
    let mut said = Vec::new();
    let stream = Stream { client, follow_up: false, renumber: seed << 40 };
    in_chunks(stream, contacts(seed).into_iter(), |before, chunk| {
        for (place, (message, phone)) in chunk.messages.iter().zip(chunk.phones).enumerate() {
            // Each with a number of its own, so that none is the same message again.
            let id_message = cpc_core::IdMessage::Number(seed << 40 | before << 20 | place as u64);
            let messages = [cpc_core::Message { id_message, ..*message }];
            let one = peers::gate::Chunk { messages: &messages, phones: &[*phone] };
            said.push(gate.decide(at, one) == 1);
        }
    });
    said
}

#[test]
fn first_contacts_and_blocked_ones_are_the_same_to_all() {
    let mut said = BTreeMap::new();
    for system in &SYSTEMS {
        let mut gate = (system.make)(10_000);
        let mut decisions = decisions(gate.as_mut(), START, system.client, 1);
        decisions.extend(self::decisions(gate.as_mut(), START + DAY - 1, system.client, 2));
        said.insert(system.name, decisions);
    }
    let expected = said.values().next().unwrap();
    assert_eq!(expected.iter().filter(|accepted| **accepted).count(), distinct());
    for (name, decisions) in &said {
        assert_eq!(decisions, expected, "{name}");
    }
}

/// How many contacts there are in both seeds.
fn distinct() -> usize {
    let mut all: Vec<u64> = [contacts(1), contacts(2)].concat();
    all.sort_unstable();
    all.dedup();
    all.len()
}

#[test]
fn after_answers_and_after_the_window_all_that_know_of_them_agree() {
    let mut said = BTreeMap::new();
    // governor has a clock of its own.
    for system in SYSTEMS.iter().filter(|system| !system.name.starts_with(GOVERNOR)) {
        let mut gate = (system.make)(10_000);
        let mut all = decisions(gate.as_mut(), START, system.client, 1);
        let stream = Stream { client: system.client, follow_up: false, renumber: 0 };
        in_chunks(stream, (0..300_usize).map(|contact| contact as u64), |_, chunk| {
            assert!(gate.reply(START + 1, chunk));
        });
        all.extend(decisions(gate.as_mut(), START + 2, system.client, 2));
        all.extend(decisions(gate.as_mut(), START + DAY, system.client, 3));
        assert!(gate.expire(START + 3 * DAY) > Some(900));
        all.extend(decisions(gate.as_mut(), START + 3 * DAY, system.client, 4));
        said.insert(system.name, all);
    }
    let expected = said.values().next().unwrap();
    for (name, decisions) in &said {
        assert_eq!(decisions, expected, "{name}");
    }
}
