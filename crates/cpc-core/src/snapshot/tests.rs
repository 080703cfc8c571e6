//! The format, written down a second time: the bytes of an engine that has seen a bit of everything, and what one
//! thing changed in them leads to.

use super::codec::Source;
use super::{RestoreError, policy};
use crate::command::{
    Batch, Command, Delivery, Fault, IdMessage, Imported, Message, Pace, Reply, Report, SenderChange,
    SenderSetup, SenderStanding, SenderState, Target, WalletSetup,
};
use crate::engine::Engine;
use crate::hashing::keyed_hash;
use crate::hours::{ContactHours, Date, Span};
use crate::phone::Countries;
use crate::policy::{EmptyTemplate, GateScope, OperatorAffinity, Policy, Profile, Sticky};
use crate::status::Status;
use crate::time::{DAY, HOUR, Timestamp};
use alloc::vec::Vec;
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
    ring: &'a [(u64, u64)],
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
        ring: &[],
    };
}

fn senders(rows: &[SenderRow<'_>]) -> Bytes {
    Bytes::default().each(rows, |bytes, row| {
        let bytes = bytes.text(row.id).u32(row.weight).option(row.limit).option(row.pace);
        let bytes = bytes.each(row.operators, |bytes, operator| bytes.text(operator)).u32(row.group);
        let bytes = bytes.u8(row.state).option(row.until).u64(row.arrival);
        bytes.each(row.ring, |bytes, (t0, count)| bytes.u64(*t0).u64(*count))
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
fn detours(rows: &[(u64, u64, u64)]) -> Bytes {
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
    let (window_ms, operators, of_w) = (Some(2 * HOUR), &["bia", "ana"][..], [b, a]);
    apply(T, Command::Wallet(WalletSetup { tag: "w", window_ms, operators, senders: &of_w }), done);
    let of_v = [SenderSetup { id: "c", ..SenderSetup::default() }];
    apply(T, Command::Wallet(WalletSetup { tag: "v", senders: &of_v, ..WalletSetup::default() }), done);
    let paused = SenderStanding { state: SenderState::Paused, until: Some((T + DAY) as i64) };
    let change = SenderChange { state: Some(paused), ..SenderChange::default() };
    apply(T, Command::Sender { tag: "v", id: "c", change }, done);
    let t0 = Some(T as i64 - 1_000);
    let imported =
        [Imported { phone: "5521997654321", client_id: "k2", t0, sender: "d", ..Imported::default() }];
    apply(T, Command::Import(&imported), done);

    let message = Message { close_ticket: Some(true), main_template: "Oi", ..Message::default() };
    let first = Message {
        phone: "5511988876204",
        id_message: IdMessage::Number(7),
        client_id: "k1",
        specialist_code: "ana",
        retry_template: "Oi?",
        last_template: "Oi!",
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
    let wrote = Reply { received_at: Some(T as i64), ..reply("551177776666") };
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
    ring: &[(T, 1), (T + 2 * HOUR, 1), (T + 2 * HOUR + 3, 1)],
    ..SenderRow::NEW
};
const B: SenderRow<'_> = SenderRow { id: "b", group: 2, ring: &[(T + 1, 1)], ..SenderRow::NEW };
const C: SenderRow<'_> = SenderRow { id: "c", state: 1, until: Some(T + DAY), ..SenderRow::NEW };
/// In no wallet.
const D: SenderRow<'_> = SenderRow { id: "d", ring: &[(T - 1_000, 1)], ..SenderRow::NEW };

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
const NOBODY: PhoneRow = PhoneRow {
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
    PhoneRow { key: MOVED, phase: 1, t0: T + 1, cycle: 2, sender: 2, origin: 2, ..NOBODY },
    PhoneRow { key: WROTE, flags: REPLY, inbound: 1, reply: T, ..NOBODY },
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
    PhoneRow { key: SILENCED, flags: OPTED_OUT, ..NOBODY },
    PhoneRow {
        key: IMPORTED,
        flags: NINTH_DIGIT,
        phase: 1,
        t0: T - 1_000,
        window: 1,
        cycle: IMPORT | 1,
        sender: 4,
        client: 2,
        ..NOBODY
    },
    PhoneRow {
        key: RELEASED,
        flags: NINTH_DIGIT | REPLY,
        inbound: 2,
        t0: T + 2 * HOUR + 3,
        reply: NOW,
        sender: 2,
        ..NOBODY
    },
    PhoneRow {
        key: UNREACHABLE,
        flags: NINTH_DIGIT | UNDELIVERABLE,
        phase: 3,
        t0: T + 2 * HOUR + 3,
        cycle: 5,
        sender: 1,
        origin: 1,
        ..NOBODY
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
        ..NOBODY
    },
];
const DETOUR: (u64, u64, u64) = (FOLLOWED, T + 4 * HOUR, 1);

/// What the snapshot of that engine has to be.
fn sections() -> Sections {
    let mut policy = Vec::new();
    policy::write(&Policy::default(), &mut policy);
    let hash = keyed_hash(0, "phone", &553_187_654_321_u64.to_le_bytes());
    [
        Bytes(policy),
        counters(Some(NOW), DISPATCHES, 1),
        groups(&[("g", Some(9)), ("h", None)]),
        senders(&[A, B, C, D]),
        wallets(&[V, W]),
        numbers(&WINDOWS),
        origins(&ORIGINS),
        clients(&[K1, K2, K3]),
        phones(&PHONES),
        detours(&[DETOUR]),
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

/// RULES §10.1, §10.2
#[test]
fn a_snapshot_is_what_its_layout_says_and_comes_back() {
    let (engine, expected) = (engine(), sections());
    let bytes = snapshot(&engine);
    let mut place = 16;
    for (number, Bytes(payload)) in (1_u32..).zip(&expected) {
        let header = Bytes::default().u32(number).u64(payload.len() as u64).u64(xxh3_64(payload)).0;
        assert_eq!(bytes.get(place + 20..place + 20 + payload.len()), Some(&**payload), "section {number}");
        assert_eq!(bytes[place..place + 20], header, "header of section {number}");
        place += 20 + payload.len();
    }
    assert!(bytes == joined(&expected));
    let restored = Engine::restore(&bytes).unwrap();
    assert!(snapshot(&restored) == bytes);
    assert_eq!(restored.digest(), engine.digest());
}

/// RULES §3.7: opt-outs and `undeliverable` never lapse, all else does.
#[test]
fn of_who_has_lapsed_only_what_suppresses_is_written() {
    let mut engine = engine();
    engine.apply((T + 40 * DAY) as i64, &Command::Clock, &mut Vec::new()).unwrap();
    let mut expected = sections();
    expected[1] = counters(Some(T + 40 * DAY), DISPATCHES, 1);
    let bare = |row| SenderRow { arrival: 0, ring: &[], ..row };
    expected[3] = senders(&[bare(A), bare(B), SenderRow { state: 0, until: None, ..C }]);
    expected[5] = numbers(&[]);
    expected[6] = origins(&[]);
    expected[7] = clients(&[K3]);
    let silenced = PhoneRow { key: SILENCED, flags: OPTED_OUT, ..NOBODY };
    let unreachable = PhoneRow { key: UNREACHABLE, flags: UNDELIVERABLE, ..NOBODY };
    expected[8] = phones(&[silenced, unreachable]);
    expected[9] = detours(&[]);
    expected[10] = failures(&[]);
    expected[12] = history(COMMANDS + 1, &[]);
    assert!(snapshot(&engine) == joined(&expected));
}

const MESSAGE: Message<'_> = Message {
    phone: "5511988876204",
    id_message: IdMessage::None,
    client_id: "k",
    contract: "",
    close_ticket: Some(true),
    specialist_code: "ana",
    main_template: "Oi",
    retry_template: "",
    last_template: "",
};
const BATCH: Command<'_> = Command::Dispatch(Batch {
    campaign: "camp",
    id_account: "",
    tag: "w",
    messages: &[MESSAGE],
    atomic: false,
});
/// A message a millisecond.
const PACED: SenderSetup<'_> = SenderSetup {
    id: "a",
    weight: 1,
    daily_limit: None,
    pace: Some(Pace { per_second: 1_000, burst: 1 }),
    operators: &[],
    group: None,
};
const UNPACED: SenderSetup<'_> = SenderSetup { pace: None, ..PACED };

const fn wallet<'a>(senders: &'a [SenderSetup<'a>]) -> Command<'a> {
    Command::Wallet(WalletSetup { tag: "w", window_ms: None, operators: &[], senders })
}

const fn failed(dispatch: u64, fault: Fault) -> Command<'static> {
    Command::Report(Report { dispatch, status: Delivery::Failed(fault), sender: None })
}

fn told(commands: &[(u64, Command<'_>)]) -> Engine {
    let mut engine = Engine::new(Policy::default());
    for (at, command) in commands {
        engine.apply(*at as i64, command, &mut Vec::new()).unwrap();
    }
    engine
}

/// RULES §10.2: an engine is what later commands can tell of it, not how it came to be.
#[test]
fn what_no_later_command_can_tell_is_left_out() {
    let opted = |target| [(T, Command::OptOut(target)), (T, Command::OptIn(target))];
    let nothing = told(&[(T, Command::Clock)]).digest();
    assert_eq!(
        told(&opted(Target::Phone("5511988876204"))).digest(),
        nothing,
        "a phone that nothing suppresses"
    );
    assert_eq!(told(&opted(Target::Client("k"))).digest(), nothing, "a client that nothing suppresses");
    let removed = told(&[(T, wallet(&[UNPACED])), (T, Command::RemoveSender { tag: "w", id: "a" })]);
    assert_eq!(removed.digest(), told(&[(T, wallet(&[]))]).digest(), "a sender that was never used");

    let sent = |sender| told(&[(T, wallet(&[sender])), (T, BATCH), (T + 1, wallet(&[UNPACED]))]).digest();
    assert_eq!(sent(PACED), sent(UNPACED), "a message that is over");
    // Its message was given back and its contact forgotten: all that is left of the sender is its pace.
    let left = |sender, now| {
        let (senders, phone, client) = ([sender], Target::Phone("5511988876204"), Target::Client("k"));
        let commands = [
            (T, wallet(&senders)),
            (T, BATCH),
            (T, failed(1, Fault::Request)),
            (T, Command::Forget(phone)),
            (T, Command::Forget(client)),
            (now, Command::RemoveSender { tag: "w", id: "a" }),
        ];
        told(&commands).digest()
    };
    assert_ne!(left(PACED, T), left(UNPACED, T));
    assert_eq!(left(PACED, T + 1), left(UNPACED, T + 1));
}

/// RULES §5: a sender that comes back finds its usage again, also if nobody remembers it but the sender itself.
#[test]
fn what_a_sender_has_used_outlives_its_place_and_its_contacts() {
    let engine = told(&[
        (T, wallet(&[UNPACED])),
        (T, BATCH),
        (T, Command::Forget(Target::Phone("5511988876204"))),
        (T, Command::Forget(Target::Client("k"))),
        (T, Command::RemoveSender { tag: "w", id: "a" }),
    ]);
    let restored = Engine::restore(&snapshot(&engine)).unwrap();
    for mut engine in [engine, restored] {
        engine.apply(T as i64, &wallet(&[UNPACED]), &mut Vec::new()).unwrap();
        assert_eq!(engine.wallet(T as i64, "w").unwrap().1.senders[0].usage, 1);
    }
}

/// RULES §10.2
#[test]
fn what_is_no_more_is_not_written() {
    let two = [UNPACED, SenderSetup { id: "b", ..UNPACED }];
    let before = [(T, wallet(&two)), (T, BATCH)];
    let reply = Reply { phone: "5511988876204", received_at: None, opt_out: false };
    let histories: [&[(u64, Command<'_>)]; 3] = [
        // A shell of it is kept, for the phone whose cycle names it.
        &[(T, Command::Forget(Target::Client("k")))],
        // Its dispatch had failed, and has been answered since.
        &[(T, failed(1, Fault::Sender)), (T, Command::Reply(reply))],
        &[
            (T, failed(1, Fault::Sender)),
            (T, Command::ForceUnblock { target: Target::Phone("5511988876204"), reason: "" }),
        ],
    ];
    for history in histories {
        let engine = told(&[&before[..], history].concat());
        let bytes = snapshot(&engine);
        let restored = Engine::restore(&bytes).unwrap();
        assert!(snapshot(&restored) == bytes, "{history:?}");
    }
}

/// RULES §9.1: the next opening is the latest that an engine can tell, here from the last instant that can be named.
#[test]
fn what_is_put_off_at_the_end_of_time_comes_back() {
    let mut week = [const { Vec::new() }; 7];
    week[0].extend(Span::new(0, 1_440));
    // From Monday, 2100-01-04, on.
    let mondays = (0..4_000).map(|week| Date::from_days((MAX / DAY) as i32 + 3 + 7 * week));
    let hours = mondays.fold(ContactHours::new(week), |hours, monday| hours.closed_on(monday).unwrap());
    let policy = Policy::builder().hours(Some(hours)).build().unwrap();
    let mut engine = Engine::new(policy);
    let mut apply = |at: u64, command: &Command<'_>, expected: Status| {
        let mut outcomes = Vec::new();
        engine.apply(at as i64, command, &mut outcomes).unwrap();
        assert_eq!(outcomes[0].status, expected);
        outcomes[0].retry_at
    };
    let monday = MAX - 4 * DAY + 12 * HOUR;
    let messages = [Message { retry_template: "Oi?", ..MESSAGE }];
    apply(monday, &wallet(&[UNPACED]), Status::Applied);
    let batch = Batch { campaign: "camp", id_account: "", tag: "w", messages: &messages, atomic: false };
    apply(monday, &Command::Dispatch(batch), Status::Accepted);
    let retry_at = apply(MAX, &Command::FollowUps { limit: 1 }, Status::OutOfHours).unwrap();
    assert!(retry_at.as_millis() > MAX + 28_000 * DAY);
    let bytes = snapshot(&engine);
    assert!(snapshot(&Engine::restore(&bytes).unwrap()) == bytes);
}

/// More of them than a place holds are kept in several.
#[test]
fn dispatches_of_one_millisecond_are_written_as_one() {
    let many = SenderRow { ring: &[(NOW - 1, 1 << 26), (NOW, 5_000_000)], ..B };
    let mut expected = sections();
    expected[3] = senders(&[A, many, C, D]);
    assert!(snapshot(&Engine::restore(&joined(&expected)).unwrap()) == joined(&expected));
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

#[test]
fn bytes_that_are_no_snapshot_are_told_from_damaged_ones() {
    let bytes = snapshot(&engine());
    let changed = |place: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[place] = byte;
        Engine::restore(&bytes).err()
    };
    assert_eq!(changed(0, b'c'), Some(RestoreError::NotASnapshot));
    assert_eq!(changed(8, 2), Some(RestoreError::Version { found: 2, expected: 1 }));
    assert_eq!(changed(12, 12), Some(RestoreError::NotASnapshot));
    assert_eq!(changed(16, 2), Some(RestoreError::Invalid { section: 2 }), "another section first");
    assert_eq!(changed(28, !bytes[28]), Some(RestoreError::Checksum { section: 1 }));
    assert_eq!(changed(36, !bytes[36]), Some(RestoreError::Checksum { section: 1 }));
    assert_eq!(changed(27, 0xff), Some(RestoreError::Truncated));
    for length in [0, 7, 11, 15, 16, 35, 36, bytes.len() - 1] {
        let cut = &bytes[..length];
        assert_eq!(Engine::restore(cut).err(), Some(RestoreError::Truncated), "{length} bytes");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Engine::restore(&longer).err(), Some(RestoreError::TrailingBytes));
}

#[test]
fn a_section_is_read_to_its_end_and_no_further() {
    for (number, Bytes(payload)) in (1..).zip(sections()) {
        let expected = Some(RestoreError::Invalid { section: number as u32 });
        for length in 0..payload.len() {
            assert_eq!(with(number, &Bytes(payload[..length].to_vec())).err(), expected, "{length} bytes");
        }
        assert_eq!(with(number, &Bytes(payload).u8(0)).err(), expected);
    }
}

/// RULES §10.3
#[test]
fn the_digest_is_that_of_all_but_the_history() {
    let digest = engine().digest();
    assert_eq!(with(13, &history(COMMANDS + 1, &[])).unwrap().digest(), digest);
    let others = [
        with(2, &counters(Some(NOW), DISPATCHES + 1, 1)),
        with(3, &groups(&[("g", Some(8)), ("h", None)])),
        with(12, &forgotten(&[])),
    ];
    assert!(others.into_iter().all(|other| other.unwrap().digest() != digest));
    let (at, later) = engine().digest_at(NOW as i64 + 1).unwrap();
    assert_eq!(at.as_millis(), NOW + 1);
    assert_eq!(with(2, &counters(Some(NOW + 1), DISPATCHES, 1)).unwrap().digest(), later);
}

#[test]
fn counters_are_believed_as_far_as_they_can_go() {
    let most = (1 << 46) - 1;
    accepted(
        2,
        &[
            ("the first instant", counters(Some(MIN), DISPATCHES, 1)),
            ("the last instant", counters(Some(MAX), DISPATCHES, 1)),
            ("the most dispatches", counters(Some(NOW), most, 1)),
            ("the most imports", counters(Some(NOW), DISPATCHES, most)),
        ],
    );
    refused(
        2,
        &[
            ("before the first instant", counters(Some(MIN - 1), DISPATCHES, 1)),
            ("after the last instant", counters(Some(MAX + 1), DISPATCHES, 1)),
            ("a dispatch too many", counters(Some(NOW), most + 1, 1)),
            ("an import too many", counters(Some(NOW), DISPATCHES, most + 1)),
            ("a clock that is neither there nor not", Bytes::default().u8(2).u64(NOW).u64(6).u64(1)),
        ],
    );
}

#[test]
fn groups_have_names_in_order() {
    let (longest, too_long) = (long(128), long(129));
    accepted(
        3,
        &[
            ("a long name", groups(&[("g", Some(9)), (&longest, None)])),
            ("the highest limit", groups(&[("g", Some(u64::from(u32::MAX))), ("h", None)])),
        ],
    );
    refused(
        3,
        &[
            ("no name", groups(&[("", None), ("h", None)])),
            ("a blank name", groups(&[(" ", None), ("h", None)])),
            ("too long a name", groups(&[("g", None), (&too_long, None)])),
            ("a name twice", groups(&[("g", None), ("g", None)])),
            ("out of order", groups(&[("h", None), ("g", None)])),
            ("too high a limit", groups(&[("g", Some(1 << 32)), ("h", None)])),
        ],
    );
}

#[test]
fn senders_are_as_they_can_be_set() {
    let (longest, too_long) = (long(128), long(129));
    let row = |what, row: SenderRow<'_>| (what, senders(&[row, B, C, D]));
    let last = |what, row: SenderRow<'_>| (what, senders(&[A, B, C, row]));
    accepted(
        4,
        &[
            row("a long id", SenderRow { id: &longest, ..A }),
            row("the greatest weight", SenderRow { weight: 1_000_000, ..A }),
            row("the highest limit", SenderRow { limit: Some(u64::from(u32::MAX)), ..A }),
            row("the quickest pace", SenderRow { pace: Some(1_000_000 << 32 | 1_000_000), ..A }),
            row("a long name", SenderRow { operators: &[&longest], ..A }),
            row("the last instant", SenderRow { state: 4, until: Some(LATEST), ..A }),
            row("without an end", SenderRow { state: 3, until: None, ..A }),
            row("the last arrival", SenderRow { arrival: LATEST * 1_000, ..A }),
            row("the first and the last dispatch", SenderRow { ring: &[(MIN, 1), (LATEST, 1)], ..A }),
            row("the most at once", SenderRow { ring: &[(NOW, 1 << 26)], ..A }),
            last("of no wallet, and ready again", SenderRow { state: 1, until: Some(NOW), ..D }),
        ],
    );
    refused(
        4,
        &[
            row("no id", SenderRow { id: "", ..A }),
            row("a blank id", SenderRow { id: " ", ..A }),
            row("too long an id", SenderRow { id: &too_long, ..A }),
            row("an id twice", SenderRow { id: "b", ..A }),
            row("no weight", SenderRow { weight: 0, ..A }),
            row("too great a weight", SenderRow { weight: 1_000_001, ..A }),
            row("too high a limit", SenderRow { limit: Some(1 << 32), ..A }),
            row("no pace at all", SenderRow { pace: Some(4), ..A }),
            row("too quick a pace", SenderRow { pace: Some(1_000_001 << 32 | 4), ..A }),
            row("no burst", SenderRow { pace: Some(3 << 32), ..A }),
            row("too many at once", SenderRow { pace: Some(3 << 32 | 1_000_001), ..A }),
            row("an operator without a name", SenderRow { operators: &[""], ..A }),
            row("too long a name", SenderRow { operators: &[&too_long], ..A }),
            row("an operator twice", SenderRow { operators: &["ana", "ana"], ..A }),
            row("operators out of order", SenderRow { operators: &["bia", "ana"], ..A }),
            row("no such group", SenderRow { group: 3, ..A }),
            row("no such state", SenderRow { state: 5, ..A }),
            row("ready until", SenderRow { until: Some(NOW + 1), ..A }),
            row("too late", SenderRow { state: 1, until: Some(LATEST + 1), ..A }),
            row("too late an arrival", SenderRow { arrival: LATEST * 1_000 + 1, ..A }),
            row("a dispatch twice", SenderRow { ring: &[(NOW, 1), (NOW, 1)], ..A }),
            row("dispatches out of order", SenderRow { ring: &[(NOW, 1), (NOW - 1, 1)], ..A }),
            row("too early a dispatch", SenderRow { ring: &[(MIN - 1, 1)], ..A }),
            row("too late a dispatch", SenderRow { ring: &[(LATEST + 1, 1)], ..A }),
            row("a dispatch too many", SenderRow { ring: &[(NOW, (1 << 26) + 1)], ..A }),
        ],
    );
}

/// RULES §5: a sender that was removed is ready when it comes back, and has no settings.
#[test]
fn only_senders_of_wallets_are_set_up() {
    let expected = Some(RestoreError::Invalid { section: 9 });
    for row in [SenderRow { weight: 2, ..D }, SenderRow { state: 1, ..D }, SenderRow { group: 1, ..D }] {
        assert_eq!(with(4, &senders(&[A, B, C, row])).err(), expected);
    }
    assert_eq!(with(5, &wallets(&[V, ("w", None, &[], &[2])])).err(), expected);
}

#[test]
fn wallets_are_as_they_can_be_set() {
    let (longest, too_long) = (long(128), long(129));
    accepted(
        5,
        &[
            ("a long tag", wallets(&[V, (&longest, None, &[], &[1, 2])])),
            ("the longest window for the retention", wallets(&[V, ("w", Some(15 * DAY), &[], &[1, 2])])),
            ("nobody's", wallets(&[("u", None, &[], &[]), V, W])),
        ],
    );
    refused(
        5,
        &[
            ("no tag", wallets(&[("", None, &[], &[3]), W])),
            ("a blank tag", wallets(&[(" ", None, &[], &[3]), W])),
            ("too long a tag", wallets(&[V, (&too_long, None, &[], &[1, 2])])),
            ("a tag twice", wallets(&[("w", None, &[], &[3]), W])),
            ("out of order", wallets(&[W, V])),
            ("no window", wallets(&[V, ("w", Some(0), &[], &[1, 2])])),
            ("too long a window", wallets(&[V, ("w", Some(15 * DAY + 1), &[], &[1, 2])])),
            ("an operator twice", wallets(&[V, ("w", None, &["ana", "ana"], &[1, 2])])),
            ("no sender", wallets(&[V, ("w", None, &[], &[0, 1, 2])])),
            ("no such sender", wallets(&[V, ("w", None, &[], &[1, 2, 5])])),
            ("a sender twice", wallets(&[V, ("w", None, &[], &[1, 2, 1])])),
            ("another's sender", wallets(&[V, ("w", None, &[], &[1, 2, 3])])),
        ],
    );
    // Where contacts are remembered for years, a window is still bounded.
    let mut sections = sections();
    sections[0] = Bytes::default();
    policy::write(&Policy::builder().retention_ms(3_660 * DAY).build().unwrap(), &mut sections[0].0);
    for (window, expected) in [(30 * DAY, None), (30 * DAY + 1, Some(RestoreError::Invalid { section: 5 }))] {
        sections[4] = wallets(&[V, ("w", Some(window), &[], &[1, 2])]);
        assert_eq!(Engine::restore(&joined(&sections)).err(), expected);
    }
}

#[test]
fn windows_are_in_order() {
    accepted(6, &[("the shortest and the longest", numbers(&[1, 30 * DAY]))]);
    refused(
        6,
        &[
            ("no window", numbers(&[0, DAY])),
            ("too long a window", numbers(&[DAY, 30 * DAY + 1])),
            ("a window twice", numbers(&[DAY, DAY])),
            ("out of order", numbers(&[DAY, HOUR])),
        ],
    );
}

#[test]
fn origins_are_in_order() {
    let (longest, too_long) = (long(128), long(129));
    let (longest_name, too_long_name) = (long(256), long(257));
    let last = |what, origin: [&str; 4]| (what, origins(&[ORIGINS[0], origin]));
    accepted(
        7,
        &[
            last("long texts", [&longest, &longest_name, &longest, &longest]),
            last("another operator", ["", "camp", "w", "caio"]),
        ],
    );
    refused(
        7,
        &[
            last("too long an account", [&too_long, "camp", "w", "ana"]),
            last("a blank campaign", ["acc", " ", "w", "ana"]),
            last("too long a campaign", ["acc", &too_long_name, "w", "ana"]),
            last("a blank tag", ["acc", "camp", "", "ana"]),
            last("too long a tag", ["acc", "camp", &too_long, "ana"]),
            last("a blank operator", ["acc", "camp", "w", " "]),
            last("too long an operator", ["acc", "camp", "w", &too_long]),
            last("an origin twice", ORIGINS[0]),
            last("out of order", ["", "camp", "w", "ana"]),
        ],
    );
}

#[test]
fn clients_have_ids_in_order_and_cycles_that_can_be() {
    let (longest, too_long) = (long(128), long(129));
    let row = |what, row: ClientRow<'_>| (what, clients(&[row, K2, K3]));
    let last = |what, row: ClientRow<'_>| (what, clients(&[K1, K2, row]));
    accepted(
        8,
        &[
            last("a long id", ClientRow { id: &longest, ..K3 }),
            row("the last stage", ClientRow { stage: 2, ..K1 }),
            row("the first instant", ClientRow { t0: MIN, ..K1 }),
            row("the last instant", ClientRow { t0: LATEST, ..K1 }),
            row("the last dispatch", ClientRow { cycle: DISPATCHES, ..K1 }),
            row("the first reply", ClientRow { phase: 2, reply: Some(MIN), ..K1 }),
            row("the last reply", ClientRow { phase: 2, reply: Some(MAX), ..K1 }),
            row("no sender", ClientRow { sender: 0, ..K1 }),
        ],
    );
    refused(
        8,
        &[
            row("no id", ClientRow { id: "", ..K1 }),
            last("too long an id", ClientRow { id: &too_long, ..K3 }),
            row("an id twice", ClientRow { id: "k2", ..K1 }),
            last("out of order", ClientRow { id: "k", ..K3 }),
            row("neither opted out nor not", ClientRow { opted_out: 2, ..K1 }),
            row("no such phase", ClientRow { phase: 4, ..K1 }),
            last("a stage without a cycle", ClientRow { stage: 1, ..K3 }),
            last("a beginning without a cycle", ClientRow { t0: T, ..K3 }),
            last("a window without a cycle", ClientRow { window: 1, ..K3 }),
            last("the number of no cycle", ClientRow { cycle: 1, ..K3 }),
            row("no such stage", ClientRow { stage: 3, ..K1 }),
            row("too early", ClientRow { t0: MIN - 1, ..K1 }),
            row("too late", ClientRow { t0: LATEST + 1, ..K1 }),
            row("no such window", ClientRow { window: 2, ..K1 }),
            row("no dispatch", ClientRow { cycle: 0, ..K1 }),
            row("no such dispatch", ClientRow { cycle: DISPATCHES + 1, ..K1 }),
            row("no import", ClientRow { cycle: IMPORT, ..K1 }),
            row("no such import", ClientRow { cycle: IMPORT | 2, ..K1 }),
            row("more than the number of a dispatch", ClientRow { cycle: 1 << 48 | 3, ..K1 }),
            row("more than the number of an import", ClientRow { cycle: 1 << 48 | IMPORT | 1, ..K1 }),
            row("too early a reply", ClientRow { reply: Some(MIN - 1), ..K1 }),
            row("too late a reply", ClientRow { reply: Some(MAX + 1), ..K1 }),
            row("no such sender", ClientRow { sender: 5, ..K1 }),
        ],
    );
}

#[test]
fn phones_have_keys_in_order_and_cycles_that_can_be() {
    let [moved, wrote, followed, silenced, imported, ..] = PHONES;
    let all = |rows: [PhoneRow; 3]| phones(&[&rows[..], &PHONES[3..]].concat());
    let cycle = |what, row: PhoneRow| (what, all([moved, wrote, row]));
    let bare = |what, row: PhoneRow| (what, all([moved, row, followed]));
    accepted(
        9,
        &[
            cycle("the least number of a message", PhoneRow { id_message: 0, ..followed }),
            cycle("the greatest number of a message", PhoneRow { id_message: u64::MAX, ..followed }),
            cycle("the last stage", PhoneRow { stage: 2, ..followed }),
            cycle("the first instant", PhoneRow { t0: MIN, ..followed }),
            cycle("the last instant", PhoneRow { t0: LATEST, ..followed }),
            cycle("no sender, client or origin", PhoneRow { sender: 0, client: 0, origin: 0, ..followed }),
            cycle("both stages", PhoneRow { flags: followed.flags | FIRST, ..followed }),
            bare("the first reply", PhoneRow { reply: MIN, ..wrote }),
            bare("the last reply", PhoneRow { reply: MAX, ..wrote }),
            bare("the first dropped cycle", PhoneRow { t0: MIN, ..wrote }),
            bare("the last dropped cycle", PhoneRow { t0: LATEST, ..wrote }),
        ],
    );
    let not_a_key = 5_511_988_876_204;
    refused(
        9,
        &[
            ("no phone", all([PhoneRow { key: 0, ..moved }, wrote, followed])),
            ("not a phone", all([PhoneRow { key: 5_511, ..moved }, wrote, followed])),
            ("a phone twice", all([moved, wrote, PhoneRow { key: WROTE, ..followed }])),
            ("out of order", all([wrote, moved, followed])),
            ("not the key of a phone", phones(&[PhoneRow { key: not_a_key, ..silenced }])),
            bare("a stage without a cycle", PhoneRow { stage: 1, ..wrote }),
            bare("a window without a cycle", PhoneRow { window: 1, ..wrote }),
            bare("the number of no cycle", PhoneRow { cycle: 1, ..wrote }),
            bare("a dropped cycle too early", PhoneRow { t0: MIN - 1, ..wrote }),
            bare("a dropped cycle too late", PhoneRow { t0: LATEST + 1, ..wrote }),
            bare("no such form", PhoneRow { inbound: 3, ..wrote }),
            bare("no reply", PhoneRow { reply: 0, ..wrote }),
            bare("too early a reply", PhoneRow { reply: MIN - 1, ..wrote }),
            bare("too late a reply", PhoneRow { reply: MAX + 1, ..wrote }),
            bare("a reply that is none", PhoneRow { flags: 0, ..wrote }),
            bare("an origin without a cycle", PhoneRow { origin: 1, ..wrote }),
            bare("a client without a cycle", PhoneRow { client: 1, ..wrote }),
            bare("a message without a cycle", PhoneRow { flags: REPLY | ID_MESSAGE, ..wrote }),
            bare("a first stage without a cycle", PhoneRow { flags: REPLY | FIRST, ..wrote }),
            bare("a last stage without a cycle", PhoneRow { flags: REPLY | LAST, ..wrote }),
            cycle("no such stage", PhoneRow { stage: 3, ..followed }),
            cycle("too early", PhoneRow { t0: MIN - 1, ..followed }),
            cycle("too late", PhoneRow { t0: LATEST + 1, ..followed }),
            cycle("no such window", PhoneRow { window: 2, ..followed }),
            cycle("no such dispatch", PhoneRow { cycle: DISPATCHES + 1, ..followed }),
            cycle("the number of no message", PhoneRow { flags: LAST, ..followed }),
            cycle("no such sender", PhoneRow { sender: 5, ..followed }),
            cycle("no such origin", PhoneRow { origin: 3, ..followed }),
            cycle("no such client", PhoneRow { client: 4, ..followed }),
            ("no such import", phones(&[PhoneRow { cycle: IMPORT | 2, ..imported }])),
        ],
    );
}

#[test]
fn detours_are_those_of_phones_with_something_pending() {
    let (_, due, origin) = DETOUR;
    // A calendar may close every day for as long as it has dates to close.
    let latest = LATEST + 7 * 4_003 * DAY;
    accepted(
        10,
        &[
            ("the last instant", detours(&[(FOLLOWED, latest, origin)])),
            ("the last dispatch", detours(&[(FOLLOWED, due, DISPATCHES)])),
        ],
    );
    refused(
        10,
        &[
            ("too late", detours(&[(FOLLOWED, latest + 1, origin)])),
            ("no dispatch", detours(&[(FOLLOWED, due, 0)])),
            ("no such dispatch", detours(&[(FOLLOWED, due, DISPATCHES + 1)])),
            ("nothing pending", detours(&[(MOVED, due, origin)])),
            ("no such phone", detours(&[(551_132_345_679, due, origin)])),
            ("not a phone", detours(&[(0, due, origin)])),
            ("a phone twice", detours(&[DETOUR, DETOUR])),
        ],
    );
}

#[test]
fn failures_are_those_of_open_cycles() {
    accepted(11, &[("of two senders", failures(&[(MOVED, &[1, 3]), (FOLLOWED, &[4])]))]);
    refused(
        11,
        &[
            ("of no sender", failures(&[(MOVED, &[])])),
            ("no sender", failures(&[(MOVED, &[0])])),
            ("no such sender", failures(&[(MOVED, &[5])])),
            ("no such phone", failures(&[(551_132_345_679, &[1])])),
            ("no cycle", failures(&[(WROTE, &[1])])),
            ("no open cycle", failures(&[(ANSWERED, &[1])])),
            ("a phone twice", failures(&[(MOVED, &[1]), (MOVED, &[1])])),
            ("out of order", failures(&[(FOLLOWED, &[1]), (MOVED, &[1])])),
        ],
    );
}

#[test]
fn forgotten_opt_outs_and_listed_phones_are_in_order() {
    accepted(12, &[("two", forgotten(&[0, u128::MAX]))]);
    refused(12, &[("one twice", forgotten(&[1, 1])), ("out of order", forgotten(&[1 << 64, 1]))]);
    let most = (1 << 62) - 1;
    accepted(13, &[("the most commands", history(most, &[MOVED, FOLLOWED]))]);
    refused(
        13,
        &[
            ("a command too many", history(most + 1, &[])),
            ("no such phone", history(COMMANDS, &[551_132_345_679])),
            ("a phone twice", history(COMMANDS, &[MOVED, MOVED])),
            ("out of order", history(COMMANDS, &[FOLLOWED, MOVED])),
        ],
    );
}

/// Choices, numbers, key, countries, and hours if there are any.
fn policy_row(choices: [u8; 6], numbers: [u64; 12], countries: &[&str], hours: Option<Bytes>) -> Bytes {
    let bytes = numbers.iter().fold(Bytes::default().raw(&choices), |bytes, number| bytes.u64(*number));
    let bytes = bytes.u128(5 << 64 | 6).each(countries, |bytes, prefix| bytes.text(prefix));
    match hours {
        None => bytes.u8(0),
        Some(hours) => bytes.u8(1).raw(&hours.0),
    }
}

const CHOICES: [u8; 6] = [1, 2, 1, 1, 1, 1];
const NUMBERS: [u64; 12] = [3 * HOUR, 4 * DAY, 5, 40 * DAY, 6, 7, 8, 9, 10 * HOUR, 11, 12 * HOUR, 13 * HOUR];

type Spans<'a> = [&'a [(u32, u32)]; 7];
const WEEK: Spans<'_> = [&[(0, 60), (540, 1_080)], &[(1, 1_440)], &[], &[], &[], &[], &[(600, 720)]];
const OFFSETS: [(u8, i32); 2] = [(11, 60), (68, -300)];

fn hours(offset: i32, offsets: &[(u8, i32)], week: Spans<'_>, closed: &[i32]) -> Bytes {
    let raw = |bytes: Bytes, number: i32| bytes.raw(&number.to_le_bytes());
    let bytes = raw(Bytes::default(), offset);
    let bytes = bytes.each(offsets, |bytes, (ddd, minutes)| raw(bytes.u8(*ddd), *minutes));
    let span = |bytes: Bytes, (open, close): &(u32, u32)| bytes.u32(open * 65_536 + close);
    let bytes = week.iter().fold(bytes, |bytes, day| bytes.each(day, span));
    bytes.each(closed, |bytes, day| raw(bytes, *day))
}

#[test]
fn a_policy_is_what_its_layout_says_and_comes_back() {
    let day =
        |spans: &[(u16, u16)]| spans.iter().map(|(open, close)| Span::new(*open, *close).unwrap()).collect();
    let week = [&[(0, 60), (540, 1_080)][..], &[(1, 1_440)], &[], &[], &[], &[], &[(600, 720)]].map(day);
    let open = ContactHours::new(week).utc_offset_minutes(-240);
    let open = open.and_then(|hours| hours.ddd_offset(68, -300)?.ddd_offset(11, 60));
    let open =
        open.and_then(|hours| hours.closed_on(Date::new(1970, 1, 3)?)?.closed_on(Date::new(1970, 1, 2)?));
    let [window, jump, skew, retention, batch, contacts, delay, retry, ttl, failover, hold, service] =
        NUMBERS;
    let policy = Policy::builder()
        .gate(GateScope::Phone)
        .sticky(Sticky::Off)
        .operator_affinity(OperatorAffinity::Require)
        .empty_template(EmptyTemplate::Reject)
        .profile(Profile::Strict)
        .final_block(true)
        .window_ms(window)
        .max_clock_jump_ms(jump)
        .reply_skew_ms(skew)
        .retention_ms(retention)
        .max_batch(batch)
        .max_contacts(contacts)
        .max_delay_ms(delay)
        .follow_up_retry_ms(retry)
        .report_ttl_ms(ttl)
        .max_failover(failover)
        .sender_hold_ms(hold)
        .service_window_ms(service)
        .hash_key(5 << 64 | 6)
        .countries(Countries::new(&["1", "55"]).unwrap())
        .hours(open)
        .build()
        .unwrap();
    let expected = policy_row(CHOICES, NUMBERS, &["1", "55"], Some(hours(-240, &OFFSETS, WEEK, &[1, 2])));
    let mut bytes = Vec::new();
    policy::write(&policy, &mut bytes);
    assert_eq!(bytes, expected.0);
    assert_eq!(policy::read(&mut Source(&bytes)).unwrap(), policy);
}

#[test]
fn a_policy_is_as_it_can_be_chosen() {
    let closed = |days: i32| (0..days).collect::<Vec<_>>();
    let all_day: Spans<'_> = [&[(0, 1_440)]; 7];
    let with_hours = |what, hours| (what, policy_row(CHOICES, NUMBERS, &["55"], Some(hours)));
    let choices = |choices| policy_row(choices, NUMBERS, &["55"], None);
    let countries = |countries: &[&str]| policy_row(CHOICES, NUMBERS, countries, None);
    let mut no_window = NUMBERS;
    no_window[0] = 0;
    accepted(
        1,
        &[
            ("the first choices", choices([0; 6])),
            ("the last choices", choices([2, 2, 2, 1, 1, 1])),
            ("all countries", countries(&["*"])),
            with_hours("the most closed dates", hours(-180, &[], all_day, &closed(4_000))),
            with_hours("the least and the greatest offset", hours(-840, &[(11, 840)], all_day, &[])),
        ],
    );
    refused(
        1,
        &[
            ("no such scope", choices([3, 0, 0, 0, 0, 0])),
            ("no such stickiness", choices([0, 3, 0, 0, 0, 0])),
            ("no such affinity", choices([0, 0, 3, 0, 0, 0])),
            ("no such treatment of empty templates", choices([0, 0, 0, 2, 0, 0])),
            ("no such profile", choices([0, 0, 0, 0, 2, 0])),
            ("neither a final block nor none", choices([0, 0, 0, 0, 0, 2])),
            ("no window", policy_row(CHOICES, no_window, &["55"], None)),
            ("no countries", countries(&[])),
            ("no prefix", countries(&["0"])),
            with_hours("too great an offset", hours(841, &[], all_day, &[])),
            with_hours("more than an offset", hours(65_536, &[], all_day, &[])),
            with_hours("no such area code", hours(-180, &[(10, -180)], all_day, &[])),
            with_hours("too great an offset of an area code", hours(-180, &[(11, 841)], all_day, &[])),
            with_hours("open for no time", hours(-180, &[], [&[(60, 60)]; 7], &[])),
            with_hours("open after midnight", hours(-180, &[], [&[(60, 1_441)]; 7], &[])),
            with_hours("a closed date too many", hours(-180, &[], all_day, &closed(4_001))),
        ],
    );
}

/// Memory is asked for by what is there, whatever is claimed.
#[test]
fn no_more_is_counted_than_there_are_bytes_for() {
    let bytes = |count: u64, following: usize| Bytes::default().u64(count).raw(&[0; 40][..following]).0;
    for (count, following, size, fits) in [
        (0, 0, 8, true),
        (5, 40, 8, true),
        (6, 40, 8, false),
        (5, 39, 8, false),
        (3, 40, 13, true),
        (u64::MAX, 40, 1, false),
    ] {
        let counted = Source(&bytes(count, following)).count(size).ok();
        assert_eq!(counted, fits.then_some(count as usize), "{count} of {size} in {following}");
    }
}
