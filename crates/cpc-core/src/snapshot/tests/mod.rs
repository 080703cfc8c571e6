//! The format, written down a second time: the bytes of an engine that has seen a bit of everything, and what one
//! thing changed in them leads to.

mod damaged;
mod policies;
mod written;

use super::codec::Source;
use super::{RestoreError, policy};
use crate::command::{
    Batch, Command, Delivery, Fault, IdMessage, ImportedContact, Message, Pace, Reply, Report, SenderChange,
    SenderSetup, SenderState, Target, TimedSenderState, WalletSetup,
};
use crate::contacts::hash::keyed_hash;
use crate::engine::state::Engine;
use crate::hours::{ContactHours, Date, Span};
use crate::phone::Countries;
use crate::policy::{EmptyTemplate, GateScope, OperatorAffinity, Policy, Profile, Sticky};
use crate::status::Status;
use crate::time::{DAY, HOUR, Timestamp};
use alloc::vec::Vec;
use core::time::Duration;
use xxhash_rust::xxh3::xxh3_64;

const T: u64 = 1_795_435_200_000;
/// When the engine of these tests did something last.
const NOW: u64 = T + 2 * HOUR + 4;
/// The dispatches and commands of that engine.
const DISPATCHES: u64 = 6;
const COMMANDS: u64 = 20;

/// Parts of a snapshot, one after the other.
#[derive(Clone, Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn raw(mut self, bytes: &[u8]) -> Bytes {
        self.0.extend_from_slice(bytes);
        self
    }

    fn u8(self, value: u8) -> Bytes {
        self.raw(&[value])
    }

    fn u32(self, value: u32) -> Bytes {
        self.raw(&value.to_le_bytes())
    }

    fn u64(self, value: u64) -> Bytes {
        self.raw(&value.to_le_bytes())
    }

    fn u128(self, value: u128) -> Bytes {
        self.raw(&value.to_le_bytes())
    }

    fn option(self, value: Option<u64>) -> Bytes {
        match value {
            None => self.u8(0),
            Some(value) => self.u8(1).u64(value),
        }
    }

    fn text(self, text: &str) -> Bytes {
        self.u32(text.len() as u32).raw(text.as_bytes())
    }

    /// How many there are, then each.
    fn each<T>(self, items: &[T], write: impl Fn(Bytes, &T) -> Bytes) -> Bytes {
        items.iter().fold(self.u64(items.len() as u64), write)
    }
}

fn counters(clock: Option<u64>, dispatches: u64, imports: u64) -> Bytes {
    Bytes::default().option(clock).u64(dispatches).u64(imports)
}

fn groups(rows: &[(&str, Option<u64>)]) -> Bytes {
    Bytes::default().each(rows, |bytes, (name, limit)| bytes.text(name).option(*limit))
}

#[derive(Clone, Copy)]
struct SenderRow<'a> {
    id: &'a str,
    weight: u32,
    limit: Option<u64>,
    pace: Option<u64>,
    operators: &'a [&'a str],
    /// A place among the groups plus one; 0 is none. Other places are given likewise.
    group: u32,
    state: u8,
    until: Option<u64>,
    arrival: u64,
    usage_window: &'a [(u64, u64)],
}

impl SenderRow<'_> {
    const NEW: SenderRow<'static> = SenderRow {
        id: "",
        weight: 1,
        limit: None,
        pace: None,
        operators: &[],
        group: 0,
        state: 0,
        until: None,
        arrival: 0,
        usage_window: &[],
    };
}

fn senders(rows: &[SenderRow<'_>]) -> Bytes {
    Bytes::default().each(rows, |bytes, row| {
        let bytes = bytes.text(row.id).u32(row.weight).option(row.limit).option(row.pace);
        let bytes = bytes.each(row.operators, |bytes, operator| bytes.text(operator)).u32(row.group);
        let bytes = bytes.u8(row.state).option(row.until).u64(row.arrival);
        bytes.each(row.usage_window, |bytes, (t0, count)| bytes.u64(*t0).u64(*count))
    })
}

type WalletRow<'a> = (&'a str, Option<u64>, &'a [&'a str], &'a [u32]);

fn wallets(rows: &[WalletRow<'_>]) -> Bytes {
    Bytes::default().each(rows, |bytes, (tag, window, operators, senders)| {
        let bytes = bytes.text(tag).option(*window).each(operators, |bytes, name| bytes.text(name));
        bytes.each(senders, |bytes, sender| bytes.u32(*sender))
    })
}

fn numbers(numbers: &[u64]) -> Bytes {
    Bytes::default().each(numbers, |bytes, number| bytes.u64(*number))
}

fn origins(rows: &[[&str; 4]]) -> Bytes {
    Bytes::default().each(rows, |bytes, texts| texts.iter().fold(bytes, |bytes, text| bytes.text(text)))
}

#[derive(Clone, Copy, Default)]
struct ClientRow<'a> {
    id: &'a str,
    opted_out: u8,
    phase: u8,
    stage: u8,
    t0: u64,
    window: u32,
    cycle: u64,
    reply: Option<u64>,
    sender: u32,
}

fn clients(rows: &[ClientRow<'_>]) -> Bytes {
    Bytes::default().each(rows, |bytes, row| {
        let bytes = bytes.text(row.id).u8(row.opted_out).u8(row.phase).u8(row.stage);
        bytes.u64(row.t0).u32(row.window).u64(row.cycle).option(row.reply).u32(row.sender)
    })
}

#[derive(Clone, Copy, Default)]
struct PhoneRow {
    key: u64,
    flags: u8,
    phase: u8,
    stage: u8,
    inbound: u8,
    t0: u64,
    window: u32,
    cycle: u64,
    reply: u64,
    sender: u32,
    id_message: u64,
    origin: u32,
    client: u32,
}

const OPTED_OUT: u8 = 1;
const UNDELIVERABLE: u8 = 2;
const DELIVERED: u8 = 4;
const NINTH_DIGIT: u8 = 8;
const ID_MESSAGE: u8 = 16;
const FIRST: u8 = 32;
const LAST: u8 = 64;
const REPLY: u8 = 128;

fn phones(rows: &[PhoneRow]) -> Bytes {
    Bytes::default().each(rows, |bytes, row| {
        let bytes = bytes.u64(row.key).u8(row.flags).u8(row.phase + row.stage * 4 + row.inbound * 16);
        let bytes = bytes.u64(row.t0).u32(row.window).u64(row.cycle).u64(row.reply).u32(row.sender);
        bytes.u64(row.id_message).u32(row.origin).u32(row.client)
    })
}

/// Key, due, origin.
fn overrides(rows: &[(u64, u64, u64)]) -> Bytes {
    Bytes::default().each(rows, |bytes, (key, due, origin)| bytes.u64(*key).u64(*due).u64(*origin))
}

fn failures(rows: &[(u64, &[u32])]) -> Bytes {
    let sender = |bytes: Bytes, sender: &u32| bytes.u32(*sender);
    Bytes::default().each(rows, |bytes, (key, failed)| bytes.u64(*key).each(failed, sender))
}

fn forgotten(hashes: &[u128]) -> Bytes {
    Bytes::default().each(hashes, |bytes, hash| bytes.u128(*hash))
}

fn history(seq: u64, listed: &[u64]) -> Bytes {
    Bytes::default().u64(seq).each(listed, |bytes, key| bytes.u64(*key))
}

/// The section of a number from 1 to 13, in the place before.
type Sections = [Bytes; 13];

fn joined(sections: &Sections) -> Vec<u8> {
    let header = Bytes::default().raw(b"CPCSNAP1").u32(1).u32(13);
    let all = (1..).zip(sections).fold(header, |bytes, (number, Bytes(payload))| {
        bytes.u32(number).u64(payload.len() as u64).u64(xxh3_64(payload)).raw(payload)
    });
    all.0
}

// The phones of the engine.
/// Followed up once, and to be once more.
const FOLLOWED: u64 = 551_188_876_204;
/// Moved to another sender, and expired.
const MOVED: u64 = 551_132_345_678;
const IMPORTED: u64 = 552_197_654_321;
/// Wrote by itself.
const WROTE: u64 = 551_177_776_666;
/// Wrote after its cycle was released.
const RELEASED: u64 = 554_176_543_210;
const UNREACHABLE: u64 = 555_165_432_109;
const ANSWERED: u64 = 557_187_654_321;
const SILENCED: u64 = 551_199_990_000;

/// An engine that has seen a bit of everything.
fn engine() -> Engine {
    let mut engine = Engine::new(Policy::default());
    let mut apply = |at: u64, command: Command<'_>, expected: &[Status]| {
        let mut outcomes = Vec::new();
        engine.apply(at as i64, &command, &mut outcomes).unwrap();
        assert!(outcomes.iter().map(|outcome| outcome.status).eq(expected.iter().copied()), "{outcomes:?}");
    };
    let done = &[Status::Applied];
    apply(T, Command::Group { name: "g", daily_limit: Some(9) }, done);
    let b = SenderSetup { id: "b", group: Some("h"), ..SenderSetup::default() };
    let a = SenderSetup {
        id: "a",
        weight: 2,
        daily_limit: Some(5),
        pace: Some(Pace { per_second: 3, burst: 4 }),
        operators: &["ana"],
        group: Some("g"),
    };
    let (window, operators, of_w) = (Some(Duration::from_millis(2 * HOUR)), &["bia", "ana"][..], [b, a]);
    apply(T, Command::Wallet(WalletSetup { tag: "w", window, operators, senders: &of_w }), done);
    let of_v = [SenderSetup { id: "c", ..SenderSetup::default() }];
    apply(T, Command::Wallet(WalletSetup { tag: "v", senders: &of_v, ..WalletSetup::default() }), done);
    let paused =
        TimedSenderState { state: SenderState::Paused, until: Some(Timestamp::from_millis(T + DAY)) };
    let change = SenderChange { state: Some(paused), ..SenderChange::default() };
    apply(T, Command::Sender { tag: "v", id: "c", change }, done);
    let t0 = Some(Timestamp::from_millis(T - 1_000));
    let imported = [ImportedContact {
        phone: "5521997654321",
        client_id: "k2",
        t0,
        sender: "d",
        ..ImportedContact::default()
    }];
    apply(T, Command::Import(&imported), done);

    let message = Message { close_ticket: Some(true), main_template: "Oi".into(), ..Message::default() };
    let first = Message {
        phone: "5511988876204",
        id_message: IdMessage::Number(7),
        client_id: "k1",
        specialist_code: "ana",
        retry_template: "Oi?".into(),
        last_template: "Oi!".into(),
        ..message
    };
    let second = Message { phone: "551132345678", specialist_code: "ana", ..message };
    let messages = [first, second];
    let batch = Batch { campaign: "camp", id_account: "acc", tag: "w", messages: &messages, atomic: false };
    apply(T, Command::Dispatch(batch), &[Status::Accepted; 2]);
    let report = |dispatch, status| {
        Command::Report(Report { dispatch, status: Delivery::Failed(status), sender: None })
    };
    apply(T + 1, report(2, Fault::Sender), &[Status::Moved]);

    apply(T + 2 * HOUR, Command::FollowUps { limit: 1 }, &[Status::Accepted]);
    let delivered = Report { dispatch: 3, status: Delivery::Delivered, sender: None };
    apply(T + 2 * HOUR, Command::Report(delivered), done);
    apply(T + 2 * HOUR + 1, Command::Expire { limit: 10 }, &[Status::Expired]);
    let reply = |phone| Reply { phone, received_at: None, opt_out: false };
    let wrote = Reply { received_at: Some(Timestamp::from_millis(T)), ..reply("551177776666") };
    apply(T + 2 * HOUR + 2, Command::Reply(wrote), &[Status::Replied]);
    apply(T + 2 * HOUR + 2, Command::OptOut(Target::Client("k3")), done);
    apply(T + 2 * HOUR + 2, Command::OptOut(Target::Phone("5511999990000")), done);
    apply(T + 2 * HOUR + 2, Command::OptOut(Target::Phone("5531987654321")), done);
    apply(T + 2 * HOUR + 2, Command::Forget(Target::Phone("5531987654321")), done);

    let messages = ["5541976543210", "5551965432109", "5571987654321"].map(|phone| Message {
        phone,
        specialist_code: "bia",
        ..message
    });
    let batch = Batch { campaign: "camp", id_account: "", tag: "w", messages: &messages, atomic: false };
    apply(T + 2 * HOUR + 3, Command::Dispatch(batch), &[Status::Accepted; 3]);
    apply(T + 2 * HOUR + 3, report(4, Fault::Request), &[Status::Released]);
    apply(T + 2 * HOUR + 3, report(5, Fault::Contact), &[Status::Released]);
    apply(NOW, Command::Reply(reply("5541976543210")), &[Status::Replied]);
    apply(NOW, Command::Reply(reply("5571987654321")), &[Status::Replied]);
    engine
}

const A: SenderRow<'_> = SenderRow {
    id: "a",
    weight: 2,
    limit: Some(5),
    pace: Some(3 << 32 | 4),
    operators: &["ana"],
    group: 1,
    // Four messages, each a third of a second: the last three at once.
    arrival: (T + 2 * HOUR) * 1_000 + 3 * 333_334,
    usage_window: &[(T, 1), (T + 2 * HOUR, 1), (T + 2 * HOUR + 3, 1)],
    ..SenderRow::NEW
};
const B: SenderRow<'_> = SenderRow { id: "b", group: 2, usage_window: &[(T + 1, 1)], ..SenderRow::NEW };
const C: SenderRow<'_> = SenderRow { id: "c", state: 1, until: Some(T + DAY), ..SenderRow::NEW };
/// In no wallet.
const D: SenderRow<'_> = SenderRow { id: "d", usage_window: &[(T - 1_000, 1)], ..SenderRow::NEW };

const V: WalletRow<'_> = ("v", None, &[], &[3]);
const W: WalletRow<'_> = ("w", Some(2 * HOUR), &["ana", "bia"], &[2, 1]);

const ORIGINS: [[&str; 4]; 2] = [["", "camp", "w", "bia"], ["acc", "camp", "w", "ana"]];
/// Windows are places as well, those of cycles.
const WINDOWS: [u64; 2] = [2 * HOUR, 24 * HOUR];
const IMPORT: u64 = 1 << 47;

const K1: ClientRow<'_> = ClientRow {
    id: "k1",
    opted_out: 0,
    phase: 1,
    stage: 1,
    t0: T + 2 * HOUR,
    window: 0,
    cycle: 3,
    reply: None,
    sender: 1,
};
const K2: ClientRow<'_> =
    ClientRow { id: "k2", stage: 0, t0: T - 1_000, window: 1, cycle: IMPORT | 1, sender: 4, ..K1 };
const K3: ClientRow<'_> =
    ClientRow { id: "k3", opted_out: 1, phase: 0, t0: 0, window: 0, cycle: 0, sender: 0, ..K2 };

/// What is known of a phone that nothing is known of.
const UNKNOWN: PhoneRow = PhoneRow {
    key: 0,
    flags: 0,
    phase: 0,
    stage: 0,
    inbound: 0,
    t0: 0,
    window: 0,
    cycle: 0,
    reply: 0,
    sender: 0,
    id_message: 0,
    origin: 0,
    client: 0,
};
const PHONES: [PhoneRow; 8] = [
    PhoneRow { key: MOVED, phase: 1, t0: T + 1, cycle: 2, sender: 2, origin: 2, ..UNKNOWN },
    PhoneRow { key: WROTE, flags: REPLY, inbound: 1, reply: T, ..UNKNOWN },
    PhoneRow {
        key: FOLLOWED,
        flags: NINTH_DIGIT | DELIVERED | ID_MESSAGE | LAST,
        phase: 1,
        stage: 1,
        inbound: 0,
        t0: T + 2 * HOUR,
        window: 0,
        cycle: 3,
        reply: 0,
        sender: 1,
        id_message: 7,
        origin: 2,
        client: 1,
    },
    PhoneRow { key: SILENCED, flags: OPTED_OUT, ..UNKNOWN },
    PhoneRow {
        key: IMPORTED,
        flags: NINTH_DIGIT,
        phase: 1,
        t0: T - 1_000,
        window: 1,
        cycle: IMPORT | 1,
        sender: 4,
        client: 2,
        ..UNKNOWN
    },
    PhoneRow {
        key: RELEASED,
        flags: NINTH_DIGIT | REPLY,
        inbound: 2,
        t0: T + 2 * HOUR + 3,
        reply: NOW,
        sender: 2,
        ..UNKNOWN
    },
    PhoneRow {
        key: UNREACHABLE,
        flags: NINTH_DIGIT | UNDELIVERABLE,
        phase: 3,
        t0: T + 2 * HOUR + 3,
        cycle: 5,
        sender: 1,
        origin: 1,
        ..UNKNOWN
    },
    PhoneRow {
        key: ANSWERED,
        flags: NINTH_DIGIT | REPLY,
        phase: 2,
        inbound: 2,
        t0: T + 2 * HOUR + 3,
        cycle: 6,
        reply: NOW,
        sender: 1,
        origin: 1,
        ..UNKNOWN
    },
];
const OVERRIDE: (u64, u64, u64) = (FOLLOWED, T + 4 * HOUR, 1);

/// A policy as the engine writes it.
fn written(policy: &Policy) -> Bytes {
    let mut sink = super::codec::Sink::keeping(Vec::new());
    policy::write(policy, &mut sink);
    Bytes(sink.into_bytes())
}

/// What the snapshot of that engine has to be.
fn sections() -> Sections {
    let hash = keyed_hash(0, "phone", &553_187_654_321_u64.to_le_bytes());
    [
        written(&Policy::default()),
        counters(Some(NOW), DISPATCHES, 1),
        groups(&[("g", Some(9)), ("h", None)]),
        senders(&[A, B, C, D]),
        wallets(&[V, W]),
        numbers(&WINDOWS),
        origins(&ORIGINS),
        clients(&[K1, K2, K3]),
        phones(&PHONES),
        overrides(&[OVERRIDE]),
        failures(&[(MOVED, &[1])]),
        forgotten(&[hash]),
        history(COMMANDS, &[MOVED]),
    ]
}

fn snapshot(engine: &Engine) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.snapshot(&mut bytes);
    bytes
}

/// The snapshot of that engine with another section, restored.
fn with(section: usize, bytes: &Bytes) -> Result<Engine, RestoreError> {
    let mut sections = sections();
    sections[section - 1] = bytes.clone();
    Engine::restore(&joined(&sections))
}

fn refused(section: usize, cases: &[(&str, Bytes)]) {
    let expected = RestoreError::Invalid { section: section as u32 };
    for (what, bytes) in cases {
        assert_eq!(with(section, bytes).err(), Some(expected), "{what}");
    }
}

fn accepted(section: usize, cases: &[(&str, Bytes)]) {
    for (what, bytes) in cases {
        assert_eq!(with(section, bytes).err(), None, "{what}");
    }
}

const MIN: u64 = Timestamp::MIN.as_millis();
const MAX: u64 = Timestamp::MAX.as_millis();
/// The last instant that is believed.
const LATEST: u64 = MAX + 8_000 * DAY;

fn long(length: usize) -> alloc::string::String {
    "z".repeat(length)
}
