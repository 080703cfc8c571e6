//! Snapshots, restoring, and replaying command lines.

use crate::json::Plain;
use crate::report::{Key, Report};
use crate::scale::Scale;
use cpc_core::Engine;
use cpc_wire::{Runner, Session};
use cpu_time::ThreadTime;
use std::hint::black_box;
use std::io::sink;
use workload::{START, TAG, Tenant, dispatch_line, phone};

/// The group of these figures.
pub const GROUP: &str = "keeping";
/// Phones only.
pub const CPC: &str = "cpc";
/// With client ids.
pub const CPC_CLIENT: &str = "cpc, client ids";
/// Inserting into a table of the right capacity: the lower bound of restoring.
pub const FLOOR: &str = "hashbrown + foldhash, inserting";
/// To bytes.
pub const SNAPSHOT: &str = "snapshot";
/// And back.
pub const RESTORE: &str = "restore";
/// Bytes a contact.
pub const BYTES: &str = "bytes";
/// Lines that dispatch one message each.
pub const DISPATCH: &str = "replay of dispatches";
/// Lines of replies.
pub const REPLY: &str = "replay of replies";
/// A peer that only parses the lines that dispatch.
pub const SERDE: &str = "serde_json into &str, parsing only";

/// Measures all.
pub fn measure(scale: &Scale, report: &mut Report) {
    for contacts in &scale.kept {
        for (what, client) in [(CPC, false), (CPC_CLIENT, true)] {
            eprintln!("keeping: {what}, {contacts} contacts");
            let mut tenant = Tenant::new(50, *contacts);
            tenant.write_to(0..*contacts, client, false);
            for _ in 0..scale.rounds_of(*contacts) {
                keep(&tenant, *contacts, what, report);
            }
        }
    }
    for round in 0..scale.rounds {
        replay(scale.messages, round, report);
    }
}

fn keep(tenant: &Tenant, contacts: u64, what: &'static str, report: &mut Report) {
    let key = |what, phase| Key { group: GROUP, what, phase, size: contacts };
    let mut timed = |key: Key, start: ThreadTime| {
        report.add(key, start.elapsed().as_nanos() as f64 / contacts as f64);
    };
    let (start, mut bytes) = (ThreadTime::now(), Vec::new());
    tenant.engine.snapshot(&mut bytes);
    timed(key(what, SNAPSHOT), start);
    let start = ThreadTime::now();
    let engine = black_box(Engine::restore(&bytes).unwrap());
    timed(key(what, RESTORE), start);
    assert_eq!(engine.seq(), tenant.engine.seq());
    drop(engine);
    if what == CPC {
        let phones: Vec<u64> = (0..contacts).map(phone).collect();
        let start = ThreadTime::now();
        let hasher = foldhash::fast::RandomState::default();
        let mut map = hashbrown::HashMap::with_capacity_and_hasher(phones.len(), hasher);
        map.extend(phones.into_iter().map(|phone| (phone, START)));
        timed(key(FLOOR, RESTORE), start);
        black_box(map);
    }
    report.add(key(what, BYTES), bytes.len() as f64 / contacts as f64);
}

/// Lines of one message each, then as many replies.
fn replay(lines: u64, round: u64, report: &mut Report) {
    let contacts = round * lines..(round + 1) * lines;
    let at = |contact: u64| START + (contact - round * lines) as i64;
    let dispatches: Vec<String> =
        contacts.clone().map(|contact| dispatch_line(at(contact), contact..contact + 1)).collect();
    let replies: Vec<String> = contacts
        .map(|contact| {
            format!("{{\"op\":\"reply\",\"at\":{},\"phone\":\"{}\"}}\n", START + lines as i64, phone(contact))
        })
        .collect();
    let mut runner = Runner::new(Session::default());
    let wallet =
        format!(r#"{{"op":"wallet","at":{START},"tag":"{TAG}","senders":[{{"id":"5514990000001"}}]}}"#);
    runner.run(&mut wallet.as_bytes(), &mut sink()).unwrap();
    let mut add = |what, phase, start: ThreadTime| {
        let key = Key { group: GROUP, what, phase, size: lines };
        report.add(key, start.elapsed().as_nanos() as f64 / lines as f64);
    };
    for (phase, text) in [(DISPATCH, dispatches.concat()), (REPLY, replies.concat())] {
        let start = ThreadTime::now();
        runner.run(&mut text.as_bytes(), &mut sink()).unwrap();
        add(CPC, phase, start);
    }
    assert_eq!((runner.lines(), runner.refused()), (2 * lines + 1, 0));
    let start = ThreadTime::now();
    for line in &dispatches {
        black_box(serde_json::from_slice::<Plain<'_>>(line.trim_end().as_bytes()).unwrap());
    }
    add(SERDE, DISPATCH, start);
}
