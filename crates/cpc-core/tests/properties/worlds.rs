//! Small worlds to try things in: few phones, clients, wallets and senders, tight limits, short windows.

use crate::order::*;
use cpc_core::*;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::time::Duration;

const LONG: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
    xxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const SENDERS: [&str; 5] = ["s1", "s2", "s3", "s4", "s5"];
const WINDOWS: [u64; 4] = [10_000, 60_000, HOUR as u64, DAY as u64];

/// One of a list, the first ones more often.
fn leaning<T: Copy + std::fmt::Debug + 'static>(list: &'static [(u32, T)]) -> impl Strategy<Value = T> {
    proptest::strategy::Union::new_weighted(
        list.iter().map(|(weight, value)| (*weight, Just(*value))).collect(),
    )
}

fn phone() -> impl Strategy<Value = &'static str> {
    leaning(&[
        (30, "5511988876204"),
        (15, "551188876204"),
        (4, "+55 (11) 98887-6204"),
        (15, "5555999887766"),
        (15, "551132345678"),
        (8, "5511912345678"),
        (1, "14155550100"),
        (1, "123"),
        (1, ""),
    ])
}

fn client() -> impl Strategy<Value = &'static str> {
    leaning(&[(8, ""), (8, "k"), (1, " k "), (3, "m"), (1, "  ")])
}

fn tag() -> impl Strategy<Value = &'static str> {
    leaning(&[(40, "w1"), (16, "w2"), (1, "w3"), (1, "w9")])
}

/// A sender and its wallet: where it was at first, mostly.
fn sender() -> impl Strategy<Value = (&'static str, &'static str)> {
    let first = [("w1", "s1"), ("w1", "s2"), ("w1", "s3"), ("w2", "s4"), ("w2", "s5")];
    prop_oneof![9 => select(first.to_vec()), 1 => (tag(), select(&SENDERS[..]))]
}

fn operator() -> impl Strategy<Value = &'static str> {
    leaning(&[(20, "ana"), (12, "bia"), (4, "cid")])
}

fn operators() -> impl Strategy<Value = &'static [&'static str]> {
    leaning(&[(8, &[] as &[&str]), (3, &["ana"]), (2, &["bia", "ana"]), (1, &["cid", "cid"])])
}

fn message() -> impl Strategy<Value = Message<'static>> {
    let id_message = leaning(&[
        (40, IdMessage::None),
        (20, IdMessage::Number(1)),
        (8, IdMessage::Text("01")),
        (8, IdMessage::Number(2)),
        (1, IdMessage::Text("")),
        (1, IdMessage::Text("1x")),
        (1, IdMessage::OtherNumber("-1")),
        (1, IdMessage::Text("18446744073709551616")),
    ]);
    let client = prop_oneof![80 => client(), 1 => Just(LONG)];
    let contract = leaning(&[
        (30, Text::Is("c")),
        (30, Text::OfLength(1)),
        (20, Text::Is("")),
        (1, Text::Is(LONG)),
        (1, TOO_LONG),
    ]);
    let close_ticket = leaning(&[(80, Some(true)), (1, None), (1, Some(false))]);
    let operator = prop_oneof![100 => operator(), 1 => Just(LONG), 1 => Just(""), 1 => Just(" ")];
    let texts = (
        leaning(&[(20, Text::Is("text")), (20, Text::OfLength(4)), (1, Text::Is("")), (1, Text::Is(" "))]),
        leaning(&[(2, Text::Is("again")), (1, Text::OfLength(0))]),
        leaning(&[(2, Text::OfLength(4)), (1, Text::Is(""))]),
    );
    (phone(), id_message, client, contract, close_ticket, operator, texts).prop_map(
        |(phone, id_message, client_id, contract, close_ticket, specialist_code, texts)| Message {
            id_message,
            client_id,
            contract,
            close_ticket,
            main_template: texts.0,
            retry_template: texts.1,
            last_template: texts.2,
            ..Message::new(phone, specialist_code)
        },
    )
}

/// As long as [`LONG`].
const TOO_LONG: Text<'_> = Text::OfLength(LONG.len());

fn batch() -> impl Strategy<Value = Action> {
    let campaign = leaning(&[(120, "c"), (12, "d"), (1, " ")]);
    let account = leaning(&[(120, "a"), (12, ""), (1, LONG)]);
    let messages = prop_oneof![1 => vec(message(), 0..1), 60 => vec(message(), 1..=4)];
    (campaign, account, tag(), messages, prop::bool::weighted(0.15)).prop_map(
        |(campaign, id_account, tag, messages, atomic)| {
            Action::Order(Order::Dispatch(OwnedBatch { campaign, id_account, tag, messages, atomic }))
        },
    )
}

fn pace() -> impl Strategy<Value = Option<Pace>> {
    let pace = |per_second, burst| Some(Pace { per_second, burst });
    prop_oneof![
        8 => Just(None),
        1 => Just(pace(1, 1)),
        1 => Just(pace(1, 2)),
        1 => Just(pace(3, 1)),
        1 => Just(pace(700, 1)),
    ]
}

fn daily_limit() -> impl Strategy<Value = Option<u32>> {
    leaning(&[(16, None), (6, Some(1)), (6, Some(2)), (1, Some(0)), (3, Some(5))])
}

fn group() -> impl Strategy<Value = Option<&'static str>> {
    leaning(&[(3, None), (2, Some("g1")), (1, Some("g2"))])
}

fn weight() -> impl Strategy<Value = u32> {
    leaning(&[(6, 1), (2, 2), (2, 3), (1, 1_000_000)])
}

fn sender_setup(id: &'static str) -> impl Strategy<Value = SenderSetup<'static>> {
    (weight(), daily_limit(), pace(), operators(), group()).prop_map(
        move |(weight, daily_limit, pace, operators, group)| SenderSetup {
            id,
            weight,
            daily_limit,
            pace,
            operators,
            group,
        },
    )
}

/// A wallet with some of these senders, in some order.
fn wallet(
    tag: impl Strategy<Value = &'static str>,
    ids: &'static [&'static str],
) -> impl Strategy<Value = Action> {
    let senders = prop_oneof![1 => 0..1_usize, 12 => 1..=ids.len()]
        .prop_flat_map(move |count| subsequence(ids, count))
        .prop_shuffle()
        .prop_flat_map(|ids| ids.into_iter().map(sender_setup).collect::<Vec<_>>());
    let window = leaning(&[(6, None), (3, Some(5_000)), (1, Some(DAY as u64)), (1, Some(20 * DAY as u64))]);
    (tag, window, operators(), senders).prop_map(|(tag, window_ms, operators, senders)| {
        Action::Order(Order::Wallet { tag, window_ms, operators, senders })
    })
}

/// The two wallets that every world begins with.
fn first_wallets() -> impl Strategy<Value = Vec<Action>> {
    let setups = |ids: &'static [&'static str]| ids.iter().map(|id| sender_setup(id)).collect::<Vec<_>>();
    let first = setups(&SENDERS[..3]).prop_map(|senders| ("w1", senders));
    let second = setups(&SENDERS[3..]).prop_map(|senders| ("w2", senders));
    let order =
        |(tag, senders)| Action::Order(Order::Wallet { tag, window_ms: None, operators: &[], senders });
    (first, second).prop_map(move |(first, second)| vec![order(first), order(second)])
}

fn sender_change() -> impl Strategy<Value = Action> {
    let change = (
        weighted(0.3, weight()),
        weighted(0.5, daily_limit()),
        weighted(0.3, pace()),
        weighted(0.3, operators()),
        weighted(0.3, group()),
    );
    (sender(), change).prop_map(|((tag, id), (weight, daily_limit, pace, operators, group))| {
        let change = SenderChange { state: None, weight, daily_limit, pace, operators, group };
        Action::Order(Order::Other(Command::Sender { tag, id, change }))
    })
}

fn stand() -> impl Strategy<Value = Action> {
    let lapses_in = leaning(&[(4, None), (3, Some(5_000)), (1, Some(2 * DAY)), (1, Some(0)), (1, Some(-1))]);
    let state = leaning(&[
        (4, SenderState::Ready),
        (1, SenderState::Paused),
        (2, SenderState::ExistingOnly),
        (1, SenderState::Quarantined),
        (1, SenderState::Disabled),
    ]);
    (sender(), state, lapses_in).prop_map(|((tag, id), state, lapses_in)| Action::Stand {
        tag,
        id,
        state,
        lapses_in,
    })
}

fn reply() -> impl Strategy<Value = Action> {
    let received = prop_oneof![
        6 => Just(Received::Unsaid),
        2 => (-1..5_000_i64).prop_map(Received::Ago),
        1 => select(&[HOUR, 3 * DAY, 40 * DAY][..]).prop_map(Received::Ago),
        4 => (-1..=2_i64).prop_map(Received::SinceCycle),
    ];
    (phone(), received, prop::bool::weighted(0.07)).prop_map(|(phone, received, opt_out)| Action::Reply {
        phone,
        received,
        opt_out,
    })
}

fn report() -> impl Strategy<Value = Action> {
    let status = leaning(&[
        (1, Delivery::Sent),
        (1, Delivery::Delivered),
        (1, Delivery::Read),
        (2, Delivery::Failed(Fault::Contact)),
        (9, Delivery::Failed(Fault::Sender)),
        (3, Delivery::Failed(Fault::Request)),
        (1, Delivery::Failed(Fault::Ambiguous)),
    ]);
    let back = leaning(&[(10, 0_u64), (5, 1), (3, 2), (1, 3), (1, 99)]);
    (back, status, weighted(0.15, select(&SENDERS[..]))).prop_map(|(back, status, sender)| Action::Report {
        back,
        status,
        sender,
    })
}

fn target() -> impl Strategy<Value = Target<'static>> {
    prop_oneof![
        3 => phone().prop_map(Target::Phone),
        2 => leaning(&[(6, "k"), (3, "m"), (1, " k"), (1, " "), (1, LONG)]).prop_map(Target::Client),
    ]
}

fn import() -> impl Strategy<Value = Action> {
    let ago = || {
        weighted(
            0.7,
            leaning(&[
                (4, 0_i64),
                (4, 3_000),
                (2, 23 * HOUR),
                (1, DAY),
                (2, 3 * DAY),
                (1, 60 * DAY),
                (1, -1),
            ]),
        )
    };
    let sender = leaning(&[(4, ""), (4, "s1"), (2, "s4"), (1, "gone")]);
    let contact = (phone(), client(), ago(), ago(), sender, prop::bool::weighted(0.2)).prop_map(
        |(phone, client_id, t0, replied_at, sender, opted_out)| {
            // One fault an item at most: which one is named first is not a matter of the rules.
            let replied_at = replied_at.filter(|ago| t0 != Some(-1) || *ago != -1);
            let contact =
                ImportedContact { phone, client_id, sender, opted_out, ..ImportedContact::default() };
            (contact, [t0, replied_at])
        },
    );
    vec(contact, 0..=3).prop_map(Action::Import)
}

fn other() -> impl Strategy<Value = Action> {
    let limit = || leaning(&[(6, 100_u32), (2, 1), (1, 2), (1, 0)]);
    let group_limit = leaning(&[(2, None), (2, Some(1)), (2, Some(2)), (1, Some(4))]);
    let command = prop_oneof![
        24 => limit().prop_map(|limit| Command::FollowUps { limit }),
        8 => limit().prop_map(|limit| Command::Expire { limit }),
        4 => Just(Command::Clock),
        4 => target().prop_map(Command::OptOut),
        8 => target().prop_map(Command::OptIn),
        5 => target().prop_map(Command::Forget),
        6 => target().prop_map(|target| Command::ForceUnblock { target, reason: "asked to" }),
        5 => (phone(), operator()).prop_map(|(phone, specialist_code)| {
            Command::OperatorMessage { phone, specialist_code }
        }),
        1 => tag().prop_map(|tag| Command::RemoveWallet { tag }),
        2 => sender().prop_map(|(tag, id)| Command::RemoveSender { tag, id }),
        4 => (select(&["g1", "g2"][..]), group_limit)
            .prop_map(|(name, daily_limit)| Command::Group { name, daily_limit }),
    ];
    command.prop_map(|command| Action::Order(Order::Other(command)))
}

fn hours() -> impl Strategy<Value = Option<ContactHours>> {
    let span = |open, close| Span::new(open, close).unwrap();
    let daily = ContactHours::new([(); 7].map(|()| vec![span(0, 18 * 60), span(19 * 60, 1440)]));
    let closed = Date::new(2026, 11, 25).unwrap();
    let odd = daily.closed_on(closed).unwrap().ddd_offset(55, -240).unwrap();
    prop_oneof![
        30 => Just(None),
        1 => Just(Some(ContactHours::br_conservador())),
        1 => Just(Some(odd)),
        1 => Just(Some(ContactHours::new([const { Vec::new() }; 7]))),
    ]
}

/// Policies whose bounds are met by a few commands.
pub(crate) fn policy() -> impl Strategy<Value = Policy> {
    let choices = (
        leaning(&[(3, GateScope::PhoneOrClient), (1, GateScope::Phone), (2, GateScope::Client)]),
        leaning(&[(2, Sticky::Prefer), (1, Sticky::Require), (1, Sticky::Off)]),
        leaning(&[
            (4, OperatorAffinity::Prefer),
            (1, OperatorAffinity::Require),
            (1, OperatorAffinity::Ignore),
        ]),
        leaning(&[(2, EmptyTemplate::Warn), (1, EmptyTemplate::Reject)]),
        leaning(&[(24, Profile::Standard), (1, Profile::Strict)]),
        prop::bool::weighted(0.4),
        hours(),
    );
    let times = (
        select(&WINDOWS[..]),
        leaning(&[(2, 2 * DAY as u64), (1, 3 * DAY as u64), (1, 30 * DAY as u64)]),
        leaning(&[(2, 0_u64), (2, 1_000), (2, 2_500), (2, HOUR as u64)]),
        leaning(&[(1, 1_u64), (2, 5_000), (2, 15 * 60_000)]),
        leaning(&[(1, 5_000_u64), (2, 20_000), (3, 2 * DAY as u64)]),
        leaning(&[(1, 0_u64), (2, 5_000), (2, HOUR as u64)]),
        leaning(&[(1, 0_u64), (2, 5_000), (2, DAY as u64)]),
        leaning(&[(3, 1_000_u64), (1, 0), (1, 5_000)]),
    );
    let bounds = (
        leaning(&[(6, 50_000_000_u64), (1, 2), (1, 3)]),
        leaning(&[(10, 100_000_u64), (1, 2)]),
        leaning(&[(2, 2_u64), (1, 1), (1, 0)]),
        leaning(&[(12, 30 * DAY as u64), (1, 2 * DAY as u64)]),
        leaning(&[(40, "55"), (3, "*"), (1, "1")]),
        leaning(&[(8, 0_u128), (1, 1)]),
    );
    (choices, times, bounds).prop_map(|(choices, times, bounds)| {
        let (gate, sticky, affinity, empty_template, profile, final_block, hours) = choices;
        let (window, retention, delay, retry, ttl, hold, service, skew) = times;
        let (max_contacts, max_batch, max_failover, max_jump, country, hash_key) = bounds;
        let policy = Policy::builder()
            .gate(gate)
            .sticky(sticky)
            .operator_affinity(affinity)
            .empty_template(empty_template)
            .profile(profile)
            .final_block(final_block)
            .hours(hours)
            .window(Duration::from_millis(window))
            .retention(Duration::from_millis(retention))
            .max_delay(Duration::from_millis(delay))
            .follow_up_retry(Duration::from_millis(retry))
            .report_ttl(Duration::from_millis(ttl))
            .sender_hold(Duration::from_millis(hold))
            .service_window(Duration::from_millis(service))
            .reply_skew(Duration::from_millis(skew))
            .max_contacts(max_contacts)
            .max_batch(max_batch)
            .max_failover(max_failover)
            .max_clock_jump(Duration::from_millis(max_jump))
            .countries(Countries::new(&[country]).unwrap())
            .hash_key(hash_key);
        policy.build().unwrap()
    })
}

fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        14 => Just(When::Now),
        8 => (1..3_000_i64).prop_map(When::Later),
        14 => (0..6_usize, -1..=1_i64).prop_map(|(nth, offset)| When::Near { nth, offset }),
        2 => select(&[HOUR, DAY, 2 * DAY, 5 * DAY][..]).prop_map(When::Later),
        2 => (1..5_000_i64).prop_map(When::Earlier),
        1 => select(&[31 * DAY, 200 * 365 * DAY][..]).prop_map(When::Later),
    ]
}

/// Any step at all.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    let action = prop_oneof![
        30 => batch(),
        14 => reply(),
        14 => report(),
        24 => other(),
        1 => wallet(Just("w1"), &SENDERS[..4]),
        1 => wallet(tag(), &SENDERS[2..]),
        3 => sender_change(),
        4 => stand(),
        3 => import(),
        2 => policy().prop_map(|policy| Action::Order(Order::Other(Command::Policy(policy)))),
    ];
    (when(), action).prop_map(|(when, action)| Step { when, action })
}

/// A policy, two wallets, and up to so many steps after that.
pub(crate) fn world(steps: usize) -> impl Strategy<Value = (Policy, Vec<Step>)> {
    (policy(), first_wallets(), vec(step(), 1..=steps)).prop_map(|(policy, wallets, steps)| {
        let first = wallets.into_iter().map(|action| Step { when: When::Now, action });
        (policy, first.chain(steps).collect())
    })
}
