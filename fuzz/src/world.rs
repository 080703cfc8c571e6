//! Bytes as small worlds: a policy, two wallets, and steps among a few phones, clients and senders, with limits and
//! windows that a few steps meet.

use crate::input::Input;
use crate::order::*;
use cpc_core::*;
use std::time::Duration;

const LONG: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
    xxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const ANA: &str = "5511988876204";
const SENDERS: [&str; 5] = ["s1", "s2", "s3", "s4", "s5"];

fn phone(input: &mut Input<'_>) -> &'static str {
    input.one_of(&[
        ANA,
        ANA,
        ANA,
        "551188876204",
        "551188876204",
        "5555999887766",
        "5555999887766",
        "551132345678",
        "551132345678",
        "5511912345678",
        "+55 (11) 98887-6204",
        "14155550100",
        "123",
    ])
}

fn client(input: &mut Input<'_>) -> &'static str {
    input.one_of(&["", "", "", "", "k", "k", "k", "m", " k ", "  ", LONG])
}

fn tag(input: &mut Input<'_>) -> &'static str {
    input.one_of(&["w1", "w1", "w1", "w1", "w1", "w2", "w2", "w3", "w9"])
}

/// A sender and its wallet: where it was at first, mostly.
fn sender(input: &mut Input<'_>) -> (&'static str, &'static str) {
    match input.below(12) {
        0 => (tag(input), input.one_of(&SENDERS)),
        _ => input.one_of(&[("w1", "s1"), ("w1", "s2"), ("w1", "s3"), ("w2", "s4"), ("w2", "s5")]),
    }
}

fn operators(input: &mut Input<'_>) -> &'static [&'static str] {
    input.one_of(&[&[], &[], &[], &["ana"], &["bia", "ana"], &["cid", "cid"]])
}

fn message(input: &mut Input<'_>) -> Message<'static> {
    let phone = phone(input);
    let choice = input.byte();
    let client_id = if choice & 1 == 0 { "" } else { client(input) };
    let odd = if choice >= 0xf0 { input.byte() } else { 0 };
    Message {
        client_id,
        id_message: match choice >> 1 & 7 {
            0..4 => IdMessage::None,
            4 => IdMessage::Number(1),
            5 => IdMessage::Text("01"),
            6 => IdMessage::Number(2),
            _ => input.one_of(&[
                IdMessage::Text(""),
                IdMessage::Text("1x"),
                IdMessage::Text("18446744073709551616"),
            ]),
        },
        contract: if odd & 1 == 0 { Text::Is("c") } else { input.one_of(&[Text::Is(""), TOO_LONG]) },
        close_ticket: if odd & 2 == 0 { Some(true) } else { input.one_of(&[None, Some(false)]) },
        specialist_code: match odd & 4 {
            0 => input.one_of(&["ana", "ana", "bia", "cid"]),
            _ => input.one_of(&["", " ", LONG]),
        },
        main_template: Text::Is(if odd & 8 == 0 { "text" } else { input.one_of(&["", " "]) }),
        retry_template: Text::Is(if choice & 0x10 == 0 { "again" } else { "" }),
        last_template: Text::OfLength(if choice & 0x20 == 0 { 4 } else { 0 }),
        ..Message::new(phone, "")
    }
}

/// As long as [`LONG`].
const TOO_LONG: Text<'_> = Text::OfLength(LONG.len());

fn batch(input: &mut Input<'_>) -> Order {
    let odd = input.byte();
    let count = if odd == 0xff { 0 } else { 1 + odd % 4 };
    Order::Dispatch(OwnedBatch {
        campaign: if odd & 0xe0 == 0xe0 { input.one_of(&["d", " "]) } else { "c" },
        id_account: if odd & 0x70 == 0x70 { input.one_of(&["", LONG]) } else { "a" },
        tag: tag(input),
        atomic: odd & 0x0c == 0x0c,
        messages: (0..count).map(|_| message(input)).collect(),
    })
}

fn daily_limit(input: &mut Input<'_>) -> Option<u32> {
    input.one_of(&[None, None, None, Some(1), Some(1), Some(2), Some(5), Some(0)])
}

fn group(input: &mut Input<'_>) -> Option<&'static str> {
    input.one_of(&[None, None, Some("g1"), Some("g1"), Some("g2")])
}

fn pace(input: &mut Input<'_>) -> Option<Pace> {
    let pace = |per_second, burst| Some(Pace { per_second, burst });
    input.one_of(&[None, None, None, pace(1, 1), pace(1, 2), pace(3, 1), pace(700, 1)])
}

fn weight(input: &mut Input<'_>) -> u32 {
    input.one_of(&[1, 1, 2, 3, 1_000_000])
}

fn sender_setup(input: &mut Input<'_>, id: &'static str) -> SenderSetup<'static> {
    SenderSetup {
        id,
        weight: weight(input),
        daily_limit: daily_limit(input),
        pace: pace(input),
        operators: operators(input),
        group: group(input),
    }
}

fn wallet(input: &mut Input<'_>) -> Order {
    let window_ms = input.one_of(&[None, None, None, Some(5_000), Some(DAY as u64), Some(20 * DAY as u64)]);
    let (tag, operators, chosen) = (tag(input), operators(input), input.byte());
    let ids = SENDERS.into_iter().enumerate().filter(|(place, _)| chosen >> place & 1 == 1);
    let mut senders: Vec<_> = ids.map(|(_, id)| sender_setup(input, id)).collect();
    if chosen & 0x20 != 0 {
        senders.reverse();
    }
    Order::Wallet { tag, window_ms, operators, senders }
}

/// The two wallets that every world begins with.
pub(crate) fn first_wallets(input: &mut Input<'_>) -> [Order; 2] {
    [("w1", &SENDERS[..3]), ("w2", &SENDERS[3..])].map(|(tag, ids)| {
        let senders = ids.iter().map(|id| sender_setup(input, id)).collect();
        Order::Wallet { tag, window_ms: None, operators: &[], senders }
    })
}

fn sender_change(input: &mut Input<'_>) -> Order {
    let (tag, id) = sender(input);
    let named = input.byte();
    let change = SenderChange {
        state: None,
        weight: (named & 1 != 0).then(|| weight(input)),
        daily_limit: (named & 2 != 0).then(|| daily_limit(input)),
        pace: (named & 4 != 0).then(|| pace(input)),
        operators: (named & 8 != 0).then(|| operators(input)),
        group: (named & 16 != 0).then(|| group(input)),
    };
    Order::Other(Command::Sender { tag, id, change })
}

fn stand(input: &mut Input<'_>) -> Action {
    let (tag, id) = sender(input);
    let mut states = SenderState::ALL.to_vec();
    states.extend([SenderState::Ready, SenderState::ExistingOnly]);
    let lapses_in = input.one_of(&[None, None, Some(5_000), Some(2 * DAY), Some(0), Some(-1)]);
    Action::Stand { tag, id, state: input.one_of(&states), lapses_in }
}

fn reply(input: &mut Input<'_>) -> Action {
    let phone = phone(input);
    let received = match input.below(12) {
        0..5 => Received::Unsaid,
        5 | 6 => Received::Ago(i64::from(input.byte()) * 20 - 1),
        7 => Received::Ago(input.one_of(&[HOUR, 3 * DAY, 40 * DAY])),
        since => Received::SinceCycle(i64::from(since) - 9),
    };
    Action::Reply { phone, received, opt_out: input.below(12) == 1 }
}

fn report(input: &mut Input<'_>) -> Action {
    let failed = |fault| Delivery::Failed(fault);
    let status = input.one_of(&[
        failed(Fault::Sender),
        failed(Fault::Sender),
        failed(Fault::Sender),
        failed(Fault::Request),
        failed(Fault::Contact),
        failed(Fault::Ambiguous),
        Delivery::Sent,
        Delivery::Delivered,
        Delivery::Read,
    ]);
    let back = input.one_of(&[0, 0, 0, 1, 1, 2, 3, 99]);
    let sender = (input.below(8) == 1).then(|| input.one_of(&SENDERS));
    Action::Report { back, status, sender }
}

fn target(input: &mut Input<'_>) -> Target<'static> {
    match input.below(5) {
        0..3 => Target::Phone(phone(input)),
        _ => Target::Client(input.one_of(&["k", "k", "k", "m", " k", " ", LONG])),
    }
}

fn import(input: &mut Input<'_>) -> Action {
    const AGO: [Option<i64>; 9] = [
        None,
        None,
        Some(0),
        Some(3_000),
        Some(23 * HOUR),
        Some(DAY),
        Some(3 * DAY),
        Some(60 * DAY),
        Some(-1),
    ];
    let contact = |input: &mut Input<'_>| {
        let t0 = input.one_of(&AGO);
        // One fault an item at most: which one is named first is not a matter of the rules.
        let replied_at = input.one_of(&AGO).filter(|ago| t0 != Some(-1) || *ago != -1);
        let (phone, client_id) = (phone(input), client(input));
        let sender = input.one_of(&["", "", "s1", "s4", "gone"]);
        let long = client_id.len() > 128 && (t0 == Some(-1) || replied_at == Some(-1));
        let client_id = if long { "" } else { client_id };
        let opted_out = input.below(5) == 1;
        let contact = ImportedContact { phone, client_id, sender, opted_out, ..ImportedContact::default() };
        (contact, [t0, replied_at])
    };
    Action::Import((0..input.below(4)).map(|_| contact(input)).collect())
}

fn other(input: &mut Input<'_>) -> Command<'static> {
    match input.below(32) {
        0..10 => Command::FollowUps { limit: input.one_of(&[100, 100, 1, 2, 0]) },
        10..13 => Command::Expire { limit: input.one_of(&[100, 100, 1, 2, 0]) },
        13 => Command::Clock,
        14 | 15 => Command::OptOut(target(input)),
        16..19 => Command::OptIn(target(input)),
        19..22 => Command::Forget(target(input)),
        22..25 => Command::ForceUnblock { target: target(input), reason: "asked to" },
        25..27 => {
            Command::OperatorMessage { phone: phone(input), specialist_code: input.one_of(&["ana", "bia"]) }
        }
        27 => Command::RemoveWallet { tag: tag(input) },
        28 => {
            let (tag, id) = sender(input);
            Command::RemoveSender { tag, id }
        }
        _ => Command::Group {
            name: input.one_of(&["g1", "g2"]),
            daily_limit: input.one_of(&[None, Some(1), Some(2), Some(4)]),
        },
    }
}

fn hours(input: &mut Input<'_>) -> Option<ContactHours> {
    match input.below(24) {
        1 => Some(ContactHours::br_conservador()),
        2 => {
            let days =
                [(); 7].map(|()| [(0, 18 * 60), (19 * 60, 1440)].map(|(open, close)| Span::new(open, close)));
            let hours = ContactHours::new(days.map(|spans| spans.into_iter().flatten().collect()));
            hours.closed_on(Date::new(2026, 11, 25)?)?.ddd_offset(55, -240)
        }
        3 => Some(ContactHours::new([const { Vec::new() }; 7])),
        _ => None,
    }
}

/// A policy whose bounds are met by a few commands.
pub(crate) fn policy(input: &mut Input<'_>) -> Policy {
    const GATES: [GateScope; 3] = [GateScope::PhoneOrClient, GateScope::Phone, GateScope::Client];
    const STICKY: [Sticky; 3] = [Sticky::Prefer, Sticky::Require, Sticky::Off];
    const AFFINITY: [OperatorAffinity; 3] =
        [OperatorAffinity::Prefer, OperatorAffinity::Require, OperatorAffinity::Ignore];
    let (day, hour) = (DAY as u64, HOUR as u64);
    let country = if input.below(32) == 1 { input.one_of(&["*", "1"]) } else { "55" };
    let policy = Policy::builder()
        .gate(input.one_of(&GATES))
        .sticky(input.one_of(&STICKY))
        .operator_affinity(input.one_of(&AFFINITY))
        .empty_template(input.one_of(&[EmptyTemplate::Warn, EmptyTemplate::Reject]))
        .profile(if input.below(24) == 1 { Profile::Strict } else { Profile::Standard })
        .final_block(input.below(3) == 1)
        .hours(hours(input))
        .window(Duration::from_millis(input.one_of(&[10_000, 60_000, hour, day])))
        .retention(Duration::from_millis(input.one_of(&[2 * day, 3 * day, 30 * day])))
        .max_delay(Duration::from_millis(input.one_of(&[hour, 1_000, 2_500, 0])))
        .follow_up_retry(Duration::from_millis(input.one_of(&[15 * 60_000, 5_000, 1])))
        .report_ttl(Duration::from_millis(input.one_of(&[2 * day, 20_000, 5_000])))
        .sender_hold(Duration::from_millis(input.one_of(&[hour, 5_000, 0])))
        .service_window(Duration::from_millis(input.one_of(&[day, 5_000, 0])))
        .reply_skew(Duration::from_millis(input.one_of(&[1_000, 0, 5_000])))
        .max_contacts(input.one_of(&[50_000_000, 50_000_000, 50_000_000, 2, 3]))
        .max_batch(input.one_of(&[100_000, 100_000, 100_000, 100_000, 2]))
        .max_failover(input.one_of(&[2, 1, 0]))
        .max_clock_jump(Duration::from_millis(input.one_of(&[30 * day, 30 * day, 2 * day])))
        .hash_key(input.one_of(&[0, 0, 1]));
    let countries = Countries::new(&[country]).expect("a prefix of digits, or all");
    policy.countries(countries).build().expect("every choice is within its bounds, with every other")
}

/// The next step, whatever the bytes.
pub(crate) fn step(input: &mut Input<'_>) -> Step {
    let when = match input.below(32) {
        0..10 => When::Now,
        10..14 => When::Later(i64::from(input.byte()) * 12),
        14..27 => {
            let place = input.byte();
            When::Near { nth: usize::from(place >> 2) % 8, offset: i64::from(place % 3) - 1 }
        }
        27 | 28 => When::Later(input.one_of(&[HOUR, DAY, 2 * DAY, 5 * DAY])),
        29 | 30 => When::Earlier(i64::from(input.byte()) * 20),
        _ => When::Later(input.one_of(&[31 * DAY, 200 * 365 * DAY])),
    };
    let action = match input.below(64) {
        0..19 => Action::Order(batch(input)),
        19..28 => reply(input),
        28..38 => report(input),
        38..54 => Action::Order(Order::Other(other(input))),
        54 | 55 => Action::Order(wallet(input)),
        56 | 57 => Action::Order(sender_change(input)),
        58 | 59 => stand(input),
        60 | 61 => import(input),
        _ => Action::Order(Order::Other(Command::Policy(policy(input)))),
    };
    Step { when, action }
}
