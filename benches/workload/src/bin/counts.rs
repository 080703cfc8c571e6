//! One scenario, for callgrind to count the instructions of: `counts NAME`. It prints how many operations it did.
//!
//! Only what happens in [`measured`] counts: `cargo xtask test instructions` has callgrind look at nothing else, so
//! neither the process's start nor what a scenario needs beforehand is part of the figure. Included are the growth of
//! the tables where contacts are new, from an empty engine on; allocation; and copying by the C library.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a measurement that cannot go on has failed")]

use cpc_core::{Command, Engine, Message};
use cpc_wire::{Language, ResponseProfile, respond};
use std::env;
use std::hint::black_box;
use std::process::ExitCode;
use workload::{DAY, Members, Posted, START, Shuffle, Tenant, body};

/// The contacts of a scenario: enough for tables to grow many times.
const CONTACTS: u64 = 20_000;
const BATCH: usize = 1_000;

/// A scenario: its name, and what does it. The value is the number of operations.
type Scenario = (&'static str, fn() -> u64);

const SCENARIOS: [Scenario; 15] = [
    ("accepted", || accepted(false, BATCH)),
    ("accepted_again", || accepted_again(false)),
    ("accepted_client", || accepted(true, BATCH)),
    ("accepted_one", || accepted(false, 1)),
    ("follow_up", follow_up),
    ("json", || json(false, BATCH)),
    ("json_one", || json(false, 1)),
    ("json_refused", || json(true, BATCH)),
    ("json_refused_one", || json(true, 1)),
    ("refused", || refused(false, BATCH)),
    ("refused_client", || refused(true, BATCH)),
    ("refused_one", || refused(false, 1)),
    ("reply", reply),
    ("restore", restore),
    ("snapshot", snapshot),
];

fn main() -> ExitCode {
    let name = env::args().nth(1).unwrap_or_default();
    if let Some((_, run)) = SCENARIOS.iter().find(|(known, _)| *known == name) {
        println!("{}", run());
        return ExitCode::SUCCESS;
    }
    // Without an argument, it lists the scenarios.
    SCENARIOS.iter().for_each(|(known, _)| println!("{known}"));
    if name.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is counted: callgrind knows it by its name.
#[inline(never)]
fn measured<T>(work: impl FnOnce() -> T) -> T {
    black_box(work())
}

/// All contacts, in an order of its own.
fn everybody(client: bool) -> Vec<Posted> {
    let order = Shuffle::new(CONTACTS, 1);
    (0..CONTACTS).map(|place| Posted::to(order.at(place), client)).collect()
}

/// Dispatches to all contacts in batches of that size; how many messages were accepted.
fn dispatch(tenant: &mut Tenant, at: i64, posted: &[Posted], batch: usize) -> usize {
    let messages: Vec<Message<'_>> = posted.iter().map(Posted::message).collect();
    measured(|| {
        let mut accepted = 0;
        for batch in messages.chunks(batch) {
            tenant.dispatch(at, batch).unwrap();
            accepted += tenant.accepted();
        }
        accepted
    })
}

fn accepted(client: bool, batch: usize) -> u64 {
    let mut tenant = Tenant::new(50, CONTACTS);
    let accepted = dispatch(&mut tenant, START, &everybody(client), batch);
    assert_eq!(accepted as u64, CONTACTS);
    CONTACTS
}

/// Contacts that are known, after their window: no table grows.
fn accepted_again(client: bool) -> u64 {
    let mut tenant = known(client, false);
    let accepted = dispatch(&mut tenant, START + 2 * DAY, &everybody(client), BATCH);
    assert_eq!(accepted as u64, CONTACTS);
    CONTACTS
}

fn refused(client: bool, batch: usize) -> u64 {
    let mut tenant = known(client, false);
    // Other numbers than at first: the same message again would be accepted already.
    let mut again = everybody(client);
    again.iter_mut().for_each(|posted| posted.number += CONTACTS);
    assert_eq!(dispatch(&mut tenant, START + CONTACTS as i64, &again, batch), 0);
    CONTACTS
}

/// An engine that has written to all contacts.
fn known(client: bool, follow_up: bool) -> Tenant {
    let mut tenant = Tenant::new(50, CONTACTS);
    tenant.write_to(0..CONTACTS, client, follow_up);
    tenant
}

fn reply() -> u64 {
    let (mut tenant, everybody) = (known(false, false), everybody(false));
    measured(|| everybody.iter().for_each(|posted| tenant.reply(START + DAY / 2, &posted.phone)));
    CONTACTS
}

fn follow_up() -> u64 {
    let mut tenant = known(false, true);
    let limit = u32::try_from(BATCH).unwrap();
    let sent = measured(|| {
        let mut sent = 0;
        loop {
            tenant.apply(START + DAY + CONTACTS as i64, &Command::FollowUps { limit });
            sent += tenant.accepted();
            if tenant.outcomes.len() < BATCH {
                return sent;
            }
        }
    });
    assert_eq!(sent as u64, CONTACTS);
    CONTACTS
}

/// Bodies of that many messages, to answers; the second time, all are refused.
fn json(refused: bool, batch: usize) -> u64 {
    let mut tenant = Tenant::new(50, CONTACTS);
    let firsts = (0..CONTACTS).step_by(batch);
    let bodies: Vec<String> =
        firsts.map(|first| body(first..first + batch as u64, Members::Mandatory)).collect();
    let mut answer = Vec::new();
    let (profile, language) = (ResponseProfile::Full, Language::PtBr);
    let mut answer_all = |engine: &mut Engine, at, bodies: &[String]| {
        for body in bodies {
            answer.clear();
            let status = respond(engine, body.as_bytes(), at, profile, language, &mut answer);
            assert_eq!(status, if at == START { 200 } else { 422 });
        }
    };
    if refused {
        answer_all(&mut tenant.engine, START, &bodies);
        let renumbered = |body: &String| body.replace("\"idMessage\":", "\"idMessage\":1");
        let bodies: Vec<String> = bodies.iter().map(renumbered).collect();
        measured(|| answer_all(&mut tenant.engine, START + 1, &bodies));
    } else {
        measured(|| answer_all(&mut tenant.engine, START, &bodies));
    }
    CONTACTS
}

fn snapshot() -> u64 {
    let (tenant, mut bytes) = (known(true, false), Vec::new());
    measured(|| tenant.engine.snapshot(&mut bytes));
    assert!(!bytes.is_empty());
    CONTACTS
}

fn restore() -> u64 {
    let (tenant, mut bytes) = (known(true, false), Vec::new());
    tenant.engine.snapshot(&mut bytes);
    let restored = measured(|| Engine::restore(&bytes)).unwrap();
    assert_eq!(restored.digest(), tenant.engine.digest());
    CONTACTS
}
