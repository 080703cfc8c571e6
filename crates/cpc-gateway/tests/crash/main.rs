//! The gateway is killed while it works, again and again, and must never forget what it has answered, never accept a
//! contact twice, and never say two things with one message id.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod client;
mod gateway;
mod load;
mod transport;

use gateway::Gateway;
use load::{Load, Said};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use transport::{Delivery, Transport};

/// How often it is killed.
const KILLS: u32 = 32;
/// How long everything that was accepted may take to be delivered in the end.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn nothing_that_was_answered_is_lost_and_nobody_is_written_to_twice_however_often_it_is_killed() {
    let data = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("crash-{}", std::process::id()));
    let transport = Transport::start();
    let mut gateway = Gateway::start(&data, &transport.url());
    let mut random = load::Random(0x5eed_0001);
    let load = Load::start(gateway.address(), gateway.token());
    for kill in 0..KILLS {
        thread::sleep(Duration::from_millis(100 + random.below(400)));
        gateway = gateway.kill_and_start(&data, &transport.url());
        assert!(gateway.is_alive(), "after kill {kill}");
    }
    let said = load.stop();
    assert!(
        said.accepted.len() > 500,
        "only {} messages were accepted: that is no load",
        said.accepted.len()
    );

    let deliveries = delivered(&transport, &gateway);
    every_block_is_there(&gateway, &said);
    every_accepted_message_was_delivered(&said, &deliveries);
    no_message_id_says_two_things(&deliveries);
    nobody_was_written_to_twice(&said, &deliveries);
    gateway.end();
    the_log_says_the_same(&data, &said);
    std::fs::remove_dir_all(&data).unwrap();
}

/// All that the transport got, once nothing is left to be sent.
fn delivered(transport: &Transport, gateway: &Gateway) -> Vec<Delivery> {
    let deadline = Instant::now() + PATIENCE;
    while gateway.outbox() > 0 {
        assert!(Instant::now() < deadline, "{} messages are still in the outbox", gateway.outbox());
        thread::sleep(Duration::from_millis(50));
    }
    transport.deliveries()
}

/// Contacts whose message was accepted, and that have not answered, are blocked.
fn every_block_is_there(gateway: &Gateway, said: &Said) {
    for phone in said.accepted.keys().filter(|phone| !said.replied.contains_key(*phone)) {
        let answer = gateway.get(&format!("/api/contacts/{phone}"));
        let state = answer["contact"]["state"].as_str();
        assert_eq!(state, Some("blocked"), "{answer}");
    }
}

/// But for contacts that wrote: a message that they got ahead of is not sent any more.
fn every_accepted_message_was_delivered(said: &Said, deliveries: &[Delivery]) {
    let delivered: BTreeSet<u64> = deliveries.iter().map(|delivery| delivery.id_message).collect();
    let silent = said.accepted.iter().filter(|(phone, _)| !said.replied.contains_key(*phone));
    let missing: Vec<_> = silent.flat_map(|(_, ids)| ids).filter(|id| !delivered.contains(id)).collect();
    assert!(missing.is_empty(), "{} accepted messages were never delivered: {missing:?}", missing.len());
}

fn no_message_id_says_two_things(deliveries: &[Delivery]) {
    let mut bodies: BTreeMap<&str, &str> = BTreeMap::new();
    for Delivery { key, body, .. } in deliveries {
        let first = bodies.entry(key).or_insert(body);
        assert_eq!(first, body, "{key}");
    }
}

/// Of every contact at most one message more than it answered, all within one window.
fn nobody_was_written_to_twice(said: &Said, deliveries: &[Delivery]) {
    let mut messages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for delivery in deliveries {
        messages.entry(&delivery.phone).or_default().insert(&delivery.key);
    }
    for (phone, keys) in messages {
        let most = 1 + said.replied.get(phone).copied().unwrap_or(0);
        assert!(keys.len() <= most, "{phone} got {keys:?} and answered {} times", most - 1);
    }
}

/// Replaying the log from its beginning leads to the state that the gateway ended with, and to outcomes that keep the
/// rule.
fn the_log_says_the_same(data: &std::path::Path, said: &Said) {
    let cpc = || Command::new(env!("CARGO_BIN_EXE_cpc"));
    let verified = cpc().args(["log", "verify", "--lang", "en", "--data"]).arg(data).output().unwrap();
    let found = String::from_utf8(verified.stdout).unwrap();
    assert!(verified.status.success(), "{found}");
    let newest = found.lines().find(|line| line.starts_with("snapshot")).unwrap();
    let mut dump = cpc().args(["log", "dump", "--data"]).arg(data).stdout(Stdio::piped()).spawn().unwrap();
    let lines = dump.stdout.take().unwrap();
    let replayed = cpc().args(["replay", "--digest", "-"]).stdin(lines).output().unwrap();
    assert!(dump.wait().unwrap().success());
    let answers = String::from_utf8(replayed.stdout).unwrap();
    let last: Value = serde_json::from_str(answers.lines().last().unwrap()).unwrap();
    assert_eq!(last["digest"].as_str(), newest.split(": ").nth(1));
    let mut accepted: BTreeMap<String, usize> = BTreeMap::new();
    for answer in answers.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        for outcome in answer["outcomes"].as_array().into_iter().flatten() {
            if outcome["status"] == "accepted" {
                *accepted.entry(outcome["phone"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
    }
    for (phone, times) in accepted {
        let most = 1 + said.replied.get(&phone).copied().unwrap_or(0);
        assert!(times <= most, "{phone} was accepted {times} times and answered {} times", most - 1);
    }
}
