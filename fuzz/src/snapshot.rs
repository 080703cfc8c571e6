//! Snapshots that are not what an engine wrote: refused, or an engine like any other. Nothing in a snapshot is
//! trusted, even if its checksums are right; so the checksums are recomputed after every change.

use crate::input::Input;
use crate::model::Model;
use crate::order::{Order, START};
use crate::rig::{CLIENTS, PHONES, TAGS, answers, view_of};
use crate::world;
use cpc_core::{CommandError, Engine, ExplainRequest, Outcome, Receipt, Target};
use xxhash_rust::xxh3::xxh3_64;

/// The most commands before the snapshot, and after it.
const STEPS: u8 = 16;
/// The most changes of a snapshot.
const CHANGES: u8 = 24;
/// Magic, version, number of sections.
const HEADER: usize = 16;
/// Number, length, checksum.
const SECTION_HEADER: usize = 20;

/// Restores what the bytes stand for: themselves, or the changed snapshot of an engine that was given the commands they
/// stand for. What can be restored is used. Says how many changes made a snapshot that could be restored.
pub fn drive(bytes: &[u8]) -> usize {
    let mut input = Input::new(bytes);
    if input.below(8) == 0 {
        return restore_as_it_stands(input.rest());
    }
    let mut host = Host::new(&mut input);
    let bytes = snapshot(&host.engine);
    let Ok(restored) = Engine::restore(&bytes) else { panic!("an engine's own snapshot is refused") };
    assert!(snapshot(&restored) == bytes, "an engine's own snapshot restores to another");
    let mut parts = Parts::of(&bytes);
    let mut changed = 0;
    for _ in 0..input.below(CHANGES) {
        let before = parts.clone();
        parts.change(&mut input);
        match Engine::restore(&parts.join()) {
            Ok(engine) => {
                host.engine = engine;
                changed += 1;
            }
            // The rest needs a snapshot that can be restored.
            Err(_) => parts = before,
        }
    }
    host.go_on(&mut input);
    changed
}

/// An engine restored from unchanged bytes writes the same bytes as its snapshot.
fn restore_as_it_stands(bytes: &[u8]) -> usize {
    let Ok(engine) = Engine::restore(bytes) else { return 0 };
    assert!(snapshot(&engine) == bytes, "two snapshots of one engine");
    1
}

fn snapshot(engine: &Engine) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.snapshot(&mut bytes);
    bytes
}

struct Host {
    engine: Engine,
    /// The engine's time, and the instants at which something happens; approximate after a change.
    model: Model,
}

impl Host {
    /// An engine that has run some commands.
    fn new(input: &mut Input<'_>) -> Host {
        let policy = world::policy(input);
        let mut host = Host { engine: Engine::new(policy.clone()), model: Model::new(policy) };
        for order in world::first_wallets(input) {
            let _ = host.model.apply(START, &order.command());
            let _ = host.engine.apply(START, &order.command(), &mut Vec::new());
        }
        for _ in 0..input.below(STEPS) {
            let (at, order) = host.next(input);
            let _ = host.engine.apply(at, &order.command(), &mut Vec::new());
        }
        host
    }

    fn next(&mut self, input: &mut Input<'_>) -> (i64, Order) {
        let (at, order) = world::step(input).resolve(&self.model);
        let _ = self.model.apply(at, &order.command());
        (at, order)
    }

    /// Runs the same commands on the engine and on one restored from its snapshot, and compares every answer.
    fn go_on(mut self, input: &mut Input<'_>) {
        let bytes = snapshot(&self.engine);
        let mut other = match Engine::restore(&bytes) {
            Ok(other) => other,
            Err(error) => panic!("a snapshot of what was restored is refused: {error}"),
        };
        assert!(snapshot(&other) == bytes, "a snapshot of what was restored is not the same again");
        let (mut outcomes, mut others) = (Vec::new(), Vec::new());
        for _ in 0..input.below(STEPS) {
            let (at, order) = self.next(input);
            let applied = self.engine.apply(at, &order.command(), &mut outcomes);
            let expected = other.apply(at, &order.command(), &mut others);
            assert_eq!(
                everything(&self.engine, at, &applied, &outcomes),
                everything(&other, at, &expected, &others),
                "after {order:?} at {at}"
            );
        }
        assert!(snapshot(&self.engine) == snapshot(&other), "other snapshots after the same commands");
    }
}

/// All that a host can see after a command, senders by their ids.
fn everything(
    engine: &Engine,
    at: i64,
    applied: &Result<Receipt, CommandError>,
    outcomes: &[Outcome],
) -> String {
    let answers = applied.map(|applied| (applied, answers(engine, outcomes)));
    let targets = PHONES.into_iter().map(Target::Phone).chain(CLIENTS.into_iter().map(Target::Client));
    let views: Vec<_> =
        targets.map(|target| engine.contact(at, target).map(|(_, view)| view_of(engine, &view))).collect();
    let wallets = TAGS.map(|tag| engine.wallet(at, tag));
    let question = ExplainRequest { phone: PHONES[0], client_id: "k", tag: "w1", specialist_code: "ana" };
    let explained = engine
        .explain(at, &question)
        .map(|(now, explanation)| (now, answers_of(engine, explanation.outcome), explanation.senders.len()));
    let times = (engine.deadlines(at), engine.next_deadline(), engine.due_follow_ups(at, 10));
    let digests = (engine.digest(), engine.digest_at(at.saturating_add(86_400_000)));
    format!(
        "{answers:?}\n{views:?}\n{wallets:?}\n{explained:?}\n{times:?}\n{:?}\n{digests:?}",
        engine.stats(at)
    )
}

fn answers_of(engine: &Engine, outcome: Outcome) -> Vec<crate::model::answer::Answer> {
    answers(engine, &[outcome])
}

/// The sections of a snapshot, to be changed.
#[derive(Clone)]
struct Parts {
    header: Vec<u8>,
    sections: Vec<(u32, Vec<u8>)>,
}

impl Parts {
    fn of(bytes: &[u8]) -> Parts {
        let (header, mut rest) = bytes.split_at(HEADER);
        let mut sections = Vec::new();
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(SECTION_HEADER);
            let number = u32::from_le_bytes(head[..4].try_into().expect("four bytes"));
            let length = u64::from_le_bytes(head[4..12].try_into().expect("eight bytes"));
            let (payload, tail) = tail.split_at(length as usize);
            sections.push((number, payload.to_vec()));
            rest = tail;
        }
        Parts { header: header.to_vec(), sections }
    }

    /// Makes one change; length and checksum are corrected afterwards.
    fn change(&mut self, input: &mut Input<'_>) {
        let count = self.sections.len();
        let payload = &mut self.sections[usize::from(input.byte()) % count].1;
        let places = payload.len().max(1);
        let place =
            |input: &mut Input<'_>| (usize::from(input.byte()) << 8 | usize::from(input.byte())) % places;
        let at = place(input);
        match input.below(8) {
            0 | 1 => payload.iter_mut().skip(at).take(1).for_each(|byte| *byte = input.byte()),
            2 => payload.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << input.below(8)),
            3 => {
                let number = interesting(input).to_le_bytes();
                payload.iter_mut().skip(at).zip(number).for_each(|(byte, new)| *byte = new);
            }
            4 => {
                let end = (at + usize::from(input.byte())).min(payload.len());
                payload.drain(at.min(end)..end);
            }
            5 => {
                let new = input.bytes().to_vec();
                payload.splice(at.min(payload.len())..at.min(payload.len()), new);
            }
            6 => {
                let (from, length) = (place(input), usize::from(input.byte()));
                let copied: Vec<u8> = payload.iter().skip(from).take(length).copied().collect();
                payload.iter_mut().skip(at).zip(copied).for_each(|(byte, new)| *byte = new);
            }
            // A record more or less, where records have one size, and the number of them put right.
            _ => {
                let (size, more) = (1 + usize::from(input.byte()), input.below(2) == 0);
                let record: Vec<u8> = payload.iter().skip(at).take(size).copied().collect();
                let end = (at + size).min(payload.len());
                if more {
                    payload.splice(end..end, record);
                } else {
                    payload.drain(at.min(end)..end);
                }
                if let Some(count) = payload.first_mut() {
                    *count = if more { count.wrapping_add(1) } else { count.wrapping_sub(1) };
                }
            }
        }
    }

    fn join(&self) -> Vec<u8> {
        let mut bytes = self.header.clone();
        for (number, payload) in &self.sections {
            bytes.extend(number.to_le_bytes());
            bytes.extend((payload.len() as u64).to_le_bytes());
            bytes.extend(xxh3_64(payload).to_le_bytes());
            bytes.extend(payload);
        }
        bytes
    }
}

/// A number at an edge of something: of its type, of what a field may hold, of time.
fn interesting(input: &mut Input<'_>) -> u64 {
    let edge = input.one_of(&[
        0,
        1,
        u64::from(u32::MAX),
        u64::MAX,
        1 << 46,
        1 << 47,
        1 << 63,
        946_684_800_000,
        START as u64,
        4_102_444_800_000,
        5_511_988_876_204,
    ]);
    edge.wrapping_add(u64::from(input.below(5))).wrapping_sub(2)
}
