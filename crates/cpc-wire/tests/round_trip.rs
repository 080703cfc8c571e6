//! Whatever command is written as a line is read again as the same command, field by field.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use cpc_core::{
    Batch, Command, ContactHours, Countries, Date, Delivery, EmptyTemplate, Fault, GateScope, IdMessage,
    ImportedContact, Message, OperatorAffinity, Pace, Policy, Profile, Reply, Report, SenderChange,
    SenderSetup, SenderState, Span, Sticky, Target, TimedSenderState, Timestamp, WalletSetup,
};
use cpc_wire::{
    Arena, Known, OPERATIONS, Op, parse_line, parse_posted, parse_untimed_line, write_command, write_posted,
};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;

/// Texts and numbers, of which commands are made.
#[derive(Debug)]
struct Material {
    /// Some of them empty.
    texts: Vec<String>,
    numbers: Vec<u64>,
}

const OTHER_NUMBERS: [&str; 4] = ["-1", "1.50", "1e3", "18446744073709551616"];

fn material() -> impl Strategy<Value = Material> {
    let text = prop_oneof![
        3 => any::<String>(),
        3 => "[a-z\"\\\\/\n\u{1}é€😀]{0,12}",
        1 => Just(String::new()),
    ];
    (vec(text, 24), vec(any::<u64>(), 24)).prop_map(|(texts, numbers)| Material { texts, numbers })
}

impl Material {
    fn text(&self, place: usize) -> &str {
        &self.texts[place % self.texts.len()]
    }

    /// A text where an empty one would be the same as none.
    fn some_text(&self, place: usize) -> &str {
        Some(self.text(place)).filter(|text| !text.is_empty()).unwrap_or("x")
    }

    fn number(&self, place: usize) -> u64 {
        self.numbers[place % self.numbers.len()]
    }

    fn small(&self, place: usize) -> u32 {
        self.number(place) as u32
    }

    fn yes(&self, place: usize) -> bool {
        self.number(place) & 1 == 1
    }

    fn maybe<T>(&self, place: usize, value: T) -> Option<T> {
        (self.number(place) >> 8 & 1 == 1).then_some(value)
    }

    fn instant(&self, place: usize) -> Option<Timestamp> {
        self.maybe(place, self.number(place + 1) as i64).map(Timestamp::from)
    }

    fn pace(&self, place: usize) -> Pace {
        Pace { per_second: self.small(place), burst: self.small(place + 1) }
    }

    fn operators(&self) -> Vec<&str> {
        self.texts.iter().take(self.number(0) as usize % 4).map(|text| &**text).collect()
    }

    fn message(&self, place: usize) -> Message<'_> {
        Message {
            id_message: match self.number(place) % 4 {
                0 => IdMessage::None,
                1 => IdMessage::Number(self.number(place + 1)),
                2 => IdMessage::OtherNumber(OTHER_NUMBERS[self.number(place + 1) as usize % 4]),
                _ => IdMessage::Text(self.some_text(place + 1)),
            },
            client_id: self.text(place + 2),
            contract: self.text(place + 3).into(),
            close_ticket: self.maybe(place + 2, self.yes(place + 3)),
            main_template: self.text(place + 5).into(),
            retry_template: self.text(place + 6).into(),
            last_template: self.text(place + 7).into(),
            ..Message::new(self.text(place), self.text(place + 4))
        }
    }

    fn contact(&self, place: usize) -> ImportedContact<'_> {
        ImportedContact {
            phone: self.text(place),
            client_id: self.text(place + 1),
            t0: self.instant(place),
            replied_at: self.instant(place + 2),
            sender: self.text(place + 2),
            opted_out: self.yes(place + 4),
        }
    }

    fn sender<'a>(&'a self, place: usize, operators: &'a [&'a str]) -> SenderSetup<'a> {
        SenderSetup {
            id: self.text(place),
            weight: self.small(place),
            daily_limit: self.maybe(place + 1, self.small(place + 2)),
            pace: self.maybe(place + 3, self.pace(place + 4)),
            operators,
            group: self.maybe(place + 5, self.some_text(place + 1)),
        }
    }

    fn change<'a>(&'a self, operators: &'a [&'a str]) -> SenderChange<'a> {
        let state = SenderState::ALL[self.number(0) as usize % SenderState::ALL.len()];
        SenderChange {
            state: self.maybe(1, TimedSenderState { state, until: self.instant(2) }),
            weight: self.maybe(3, self.small(4)),
            daily_limit: self.maybe(5, self.maybe(6, self.small(7))),
            pace: self.maybe(8, self.maybe(9, self.pace(10))),
            operators: self.maybe(11, operators),
            group: self.maybe(12, self.maybe(13, self.some_text(0))),
        }
    }

    fn within(&self, place: usize, least: u64, most: u64) -> u64 {
        least + self.number(place) % (most - least + 1)
    }

    fn hours(&self) -> ContactHours {
        let week = std::array::from_fn(|day| {
            let spans = (0..self.number(day) % 3).filter_map(|span| {
                let open = self.within(day + span as usize, 0, 1439) as u16;
                Span::new(open, self.within(day + 1, u64::from(open) + 1, 1440) as u16)
            });
            spans.collect()
        });
        let offset = |place| self.within(place, 0, 1680) as i16 - 840;
        let mut hours = ContactHours::new(week).utc_offset_minutes(offset(3)).unwrap();
        for ddd in [11, 68, 92] {
            if self.yes(ddd) {
                hours = hours.ddd_offset(ddd as u8, offset(ddd)).unwrap();
            }
        }
        for place in 0..self.number(1) as usize % 4 {
            let date = Date::new(self.within(place, 1970, 2200) as i32, 12, self.within(place, 1, 31) as u32);
            hours = hours.closed_on(date.unwrap()).unwrap();
        }
        hours
    }

    fn policy(&self) -> Policy {
        const DAY: u64 = 86_400_000;
        let one = |place, count: usize| self.number(place) as usize % count;
        let countries = [&["*"][..], &["55"], &["1", "351", "55"]][one(0, 3)];
        let window = self.within(0, 1, 30 * DAY);
        let retention = self.within(1, (2 * window).max(2 * DAY), 3_660 * DAY);
        Policy::builder()
            .window(Duration::from_millis(window))
            .gate([GateScope::PhoneOrClient, GateScope::Phone, GateScope::Client][one(2, 3)])
            .sticky([Sticky::Prefer, Sticky::Require, Sticky::Off][one(3, 3)])
            .operator_affinity(
                [OperatorAffinity::Prefer, OperatorAffinity::Require, OperatorAffinity::Ignore][one(4, 3)],
            )
            .empty_template([EmptyTemplate::Warn, EmptyTemplate::Reject][one(5, 2)])
            .profile([Profile::Standard, Profile::Strict][one(6, 2)])
            .countries(Countries::new(countries).unwrap())
            .max_clock_jump(Duration::from_millis(self.within(7, 1, 36_525 * DAY)))
            .reply_skew(Duration::from_millis(self.within(8, 0, 3_600_000)))
            .retention(Duration::from_millis(retention))
            .max_batch(self.within(9, 1, 1_000_000))
            .max_contacts(self.within(10, 1, 500_000_000))
            .max_delay(Duration::from_millis(self.within(11, 0, 7 * DAY)))
            .follow_up_retry(Duration::from_millis(self.within(12, 1, 30 * DAY)))
            .final_block(self.yes(13))
            .report_ttl(Duration::from_millis(self.within(14, 1, retention)))
            .max_failover(self.within(15, 0, 16))
            .sender_hold(Duration::from_millis(self.within(16, 0, 30 * DAY)))
            .service_window(Duration::from_millis(self.within(17, 0, 30 * DAY)))
            .hours(self.maybe(18, self.hours()))
            .hash_key(u128::from(self.number(19)) << 64 | u128::from(self.number(20)))
            .build()
            .unwrap()
    }
}

/// Hands every kind of command to `check`.
fn each_command(material: &Material, mut check: impl FnMut(&Command<'_>)) {
    let operators = material.operators();
    let many = material.number(1) as usize % 4;
    let messages: Vec<Message<'_>> = (0..many).map(|place| material.message(place * 5)).collect();
    let contacts: Vec<ImportedContact<'_>> = (0..many).map(|place| material.contact(place * 3)).collect();
    let senders: Vec<SenderSetup<'_>> =
        (0..many).map(|place| material.sender(place * 7, &operators)).collect();
    let (tag, id) = (material.text(0), material.text(1));
    let limit = material.small(2);
    check(&Command::Policy(material.policy()));
    check(&Command::Wallet(WalletSetup {
        tag,
        window: material.maybe(3, Duration::from_millis(material.number(4))),
        operators: &operators,
        senders: &senders,
    }));
    check(&Command::RemoveWallet { tag });
    check(&Command::Sender { tag, id, change: material.change(&operators) });
    check(&Command::RemoveSender { tag, id });
    check(&Command::Group { name: tag, daily_limit: material.maybe(3, limit) });
    check(&Command::Dispatch(Batch {
        campaign: material.text(2),
        id_account: material.text(3),
        tag,
        messages: &messages,
        atomic: material.yes(5),
    }));
    check(&Command::Reply(Reply { phone: tag, received_at: material.instant(6), opt_out: material.yes(7) }));
    let faults = [Fault::Contact, Fault::Sender, Fault::Request, Fault::Ambiguous].map(Delivery::Failed);
    for status in [Delivery::Sent, Delivery::Delivered, Delivery::Read].into_iter().chain(faults) {
        let sender = material.maybe(8, material.some_text(4));
        check(&Command::Report(Report { dispatch: material.number(9), status, sender }));
    }
    check(&Command::OperatorMessage { phone: tag, specialist_code: id });
    check(&Command::FollowUps { limit });
    check(&Command::Expire { limit });
    check(&Command::Clock);
    let text = material.some_text(5);
    for target in [Target::Phone(text), Target::Client(text)] {
        check(&Command::OptOut(target));
        check(&Command::OptIn(target));
        check(&Command::Forget(target));
        check(&Command::ForceUnblock { target, reason: id });
    }
    check(&Command::Import(&contacts));
}

fn assert_same(read: &Op<'_>, written: &Command<'_>, line: &[u8]) {
    let Op::Command(read) = read else { panic!("a query: {}", String::from_utf8_lossy(line)) };
    // `Debug` of commands shows all their fields, but for a policy's key.
    assert_eq!(format!("{read:?}"), format!("{written:?}"), "{}", String::from_utf8_lossy(line));
    if let (Command::Policy(read), Command::Policy(written)) = (read, written) {
        assert!(read == written, "{}", String::from_utf8_lossy(line));
    }
}

/// A line without its operation.
fn object_of(line: &[u8], command: &Command<'_>) -> Vec<u8> {
    let members = line.strip_prefix(format!(r#"{{"op":"{}""#, command.name()).as_bytes()).unwrap();
    [b"{", members.strip_prefix(b",").unwrap_or(members)].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_command_comes_back_from_its_line_as_it_was(material in material(), at in any::<i64>()) {
        let (mut line, mut arena) = (Vec::new(), Arena::new());
        each_command(&material, |command| {
            arena.clear();
            line.clear();
            write_command(command, Some(at.into()), &mut line);
            let request = parse_line(&line, &arena).unwrap();
            assert_eq!(request.at, at.into());
            assert_same(&request.op, command, &line);
            line.clear();
            write_command(command, None, &mut line);
            assert_same(&parse_untimed_line(&line, &arena).unwrap(), command, &line);
            let object = object_of(&line, command);
            let posted = parse_posted(&object, &Known::op(command.name()), &mut [], &arena);
            let mut logged = Vec::new();
            write_posted(&posted.unwrap(), &mut logged);
            assert!(logged == line, "{}", String::from_utf8_lossy(&logged));
        });
    }
}

#[test]
fn every_command_that_lines_have_is_tried_here() {
    let queries =
        ["preview", "contact", "explain", "dueFollowUps", "sendable", "deadline", "digest", "stats"];
    let known = OPERATIONS.iter().map(|operation| operation.name).filter(|name| !queries.contains(name));
    let mut tried = BTreeSet::new();
    let material = Material { texts: vec![String::from("x")], numbers: vec![1] };
    each_command(&material, |command| {
        tried.insert(command.name());
    });
    assert_eq!(tried, known.collect());
}

#[test]
fn what_can_be_absent_is_left_out() {
    let written = |command: &Command<'_>| {
        let mut line = Vec::new();
        write_command(command, None, &mut line);
        String::from_utf8(line).unwrap()
    };
    let change = SenderChange { pace: Some(None), group: Some(None), ..SenderChange::default() };
    let senders = [SenderSetup { id: "s", ..SenderSetup::default() }];
    let messages = [Message { id_message: IdMessage::OtherNumber("1e999"), ..Message::default() }];
    let batch = Batch { campaign: "c \"1\"", id_account: "", tag: "w", messages: &messages, atomic: false };
    for (command, line) in [
        (Command::Clock, r#"{"op":"clock"}"#),
        (
            Command::Sender { tag: "w", id: "s", change },
            r#"{"op":"sender","tag":"w","id":"s","perSecond":null,"group":null}"#,
        ),
        (
            Command::Wallet(WalletSetup { tag: "w", senders: &senders, ..WalletSetup::default() }),
            r#"{"op":"wallet","tag":"w","senders":[{"id":"s","weight":1}]}"#,
        ),
        (
            Command::Dispatch(batch),
            r#"{"op":"dispatch","campaign":"c \"1\"","tag":"w","messages":[{"idMessage":"1e999"}]}"#,
        ),
        (Command::RemoveWallet { tag: "w" }, r#"{"op":"wallet","tag":"w","remove":true}"#),
    ] {
        assert_eq!(written(&command), line);
    }
}
