//! Who sends how much: equal shares, exact weights, limits that hold in any 24 hours. RULES §5.

use crate::model::answer::Answer;
use crate::order::*;
use crate::rig::answers;
use crate::runner::check;
use cpc_core::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;
use std::time::Duration;

const IDS: [&str; 8] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];

/// An engine with a wallet of these senders.
fn engine(policy: Policy, senders: &[SenderSetup<'_>]) -> Engine {
    let mut engine = Engine::new(policy);
    let wallet = WalletSetup { tag: "w", senders, ..WalletSetup::default() };
    engine.apply(START, &Command::Wallet(wallet), &mut Vec::new()).unwrap();
    engine
}

/// The n-th mobile of an area code.
fn phone(number: u64) -> String {
    format!("5511{}", 960_000_000 + number)
}

fn message(phone: &str) -> Message<'_> {
    let (specialist_code, main_template) = ("ana", "text".into());
    Message { phone, close_ticket: Some(true), specialist_code, main_template, ..Message::default() }
}

/// The sender and the time that a dispatch has.
fn place_of(answer: &Answer) -> (String, u64) {
    (answer.text("sender").unwrap().to_owned(), answer.number("sendAt").unwrap())
}

/// Sends to new phones, and answers who sent, in order.
fn send(engine: &mut Engine, at: i64, first: u64, count: u64) -> Vec<String> {
    let phones: Vec<String> = (first..first + count).map(phone).collect();
    let messages: Vec<Message<'_>> = phones.iter().map(|phone| message(phone)).collect();
    let batch = Batch { campaign: "c", id_account: "", tag: "w", messages: &messages, atomic: false };
    let mut outcomes = Vec::new();
    engine.dispatch(at, &batch, &mut outcomes).unwrap();
    answers(engine, &outcomes)
        .into_iter()
        .map(|answer| answer.text("sender").expect("no limits").to_owned())
        .collect()
}

/// RULES §5.4: with equal weights and no limits, no sender is ever two dispatches ahead of another.
#[test]
fn equal_senders_share_equally_at_all_times() {
    let strategy = (1..=8_usize, vec((0..1_000_i64, 1..40_u64), 1..30));
    check("equal_senders_share_equally_at_all_times", 100, &strategy, |(senders, batches)| {
        let setups: Vec<_> =
            IDS[..senders].iter().map(|id| SenderSetup { id, ..SenderSetup::default() }).collect();
        let mut engine = engine(Policy::default(), &setups);
        let mut counts: BTreeMap<String, u64> =
            IDS[..senders].iter().map(|id| ((*id).to_owned(), 0)).collect();
        let (mut at, mut first) = (START, 0);
        for (pause, size) in batches {
            at += pause;
            for sender in send(&mut engine, at, first, size) {
                *counts.get_mut(&sender).unwrap() += 1;
                let (least, most) = (counts.values().min(), counts.values().max());
                if most.unwrap() - least.unwrap() > 1 {
                    return Err(format!("uneven: {counts:?}"));
                }
            }
            first += size;
        }
        Ok(())
    });
}

/// RULES §5.4: after every round of as many dispatches as all weights together, each has exactly its share.
#[test]
fn weights_are_kept_exactly() {
    let strategy = (vec(1..=9_u32, 1..=8), 1..6_u64);
    check("weights_are_kept_exactly", 200, &strategy, |(weights, rounds)| {
        let setup = |(id, weight): (&&'static str, &u32)| SenderSetup {
            id,
            weight: *weight,
            ..SenderSetup::default()
        };
        let setups: Vec<_> = IDS.iter().zip(&weights).map(setup).collect();
        let mut engine = engine(Policy::default(), &setups);
        let total = u64::from(weights.iter().sum::<u32>());
        for round in 0..rounds {
            let mut sent = send(&mut engine, START + round as i64, round * total, total);
            sent.sort();
            let shares = IDS.iter().zip(&weights);
            let expected: Vec<&str> =
                shares.flat_map(|(id, weight)| std::iter::repeat_n(*id, *weight as usize)).collect();
            if sent != expected {
                return Err(format!("weights {weights:?}, round {round}: {sent:?}"));
            }
        }
        Ok(())
    });
}

/// What can happen between two dispatches.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// So many messages to new phones, with follow-ups.
    Send(u64),
    /// The latest dispatch but so many failed.
    Fail(u64, Fault),
    FollowUps,
    /// The wallet is set up again, without one of its senders; then with all of them.
    Without(usize),
}

fn event() -> impl Strategy<Value = (i64, Event)> {
    let pause = prop_oneof![
        4 => Just(0_i64),
        4 => 1..2_000_i64,
        3 => select(&[HOUR, 6 * HOUR, 12 * HOUR][..]),
        2 => (-2..=2_i64).prop_map(|offset| DAY + offset),
    ];
    let fault = select(&[Fault::Sender, Fault::Sender, Fault::Request, Fault::Contact, Fault::Ambiguous][..]);
    let event = prop_oneof![
        6 => (1..8_u64).prop_map(Event::Send),
        5 => (0..6_u64, fault).prop_map(|(back, fault)| Event::Fail(back, fault)),
        3 => Just(Event::FollowUps),
        1 => (0..4_usize).prop_map(Event::Without),
    ];
    (pause, event)
}

/// A sender's limit, pace (per second, burst), and whether it is in the group.
type Limits = (u32, Option<(u32, u32)>, bool);

/// RULES §5.1: "never above `dailyLimit` at any instant", with pacing, failover, follow-ups and senders that
/// leave and come back. Checked on what went out, not on what the engine says is used.
#[test]
fn limits_hold_in_every_24_hours() {
    let sender = (1..6_u32, prop::option::of((1..3_u32, 1..4_u32)), prop::bool::ANY);
    let strategy = (vec(sender, 4), 1..8_u32, vec(event(), 1..60));
    check("limits_hold_in_every_24_hours", 300, &strategy, |(senders, group_limit, events)| {
        let setup = |(id, (limit, pace, grouped)): (&&'static str, &Limits)| {
            let pace = pace.map(|(per_second, burst)| Pace { per_second, burst });
            let group = grouped.then_some("g");
            SenderSetup { id, daily_limit: Some(*limit), pace, group, ..SenderSetup::default() }
        };
        let setups: Vec<SenderSetup<'static>> = IDS.iter().zip(&senders).map(setup).collect();
        let policy = Policy::builder()
            .window(Duration::from_millis(10_000))
            .max_delay(Duration::from_millis(5_000))
            .sender_hold(Duration::from_millis(1_000))
            .build();
        let mut engine = engine(policy.unwrap(), &setups);
        let group = Command::Group { name: "g", daily_limit: Some(group_limit) };
        engine.apply(START, &group, &mut Vec::new()).unwrap();

        // What stands: the sender and the time of each dispatch that was not given back.
        let mut standing: BTreeMap<u64, (String, u64)> = BTreeMap::new();
        let (mut at, mut phones) = (START, 0);
        for (pause, event) in events {
            at += pause;
            happen(&mut engine, at, event, &setups, &mut phones, &mut standing);
            for setup in &setups {
                let limit = setup.daily_limit.unwrap();
                let times = standing.values().filter(|(id, _)| id == setup.id).map(|(_, t0)| *t0);
                at_most(limit, times.collect()).map_err(|most| format!("{}: {most} of {limit}", setup.id))?;
            }
            let grouped = |id: &str| setups.iter().any(|setup| setup.id == id && setup.group.is_some());
            let times = standing.values().filter(|(id, _)| grouped(id)).map(|(_, t0)| *t0);
            at_most(group_limit, times.collect())
                .map_err(|most| format!("group: {most} of {group_limit}"))?;
        }
        Ok(())
    });
}

/// Lets one event happen, and keeps track of what went out.
fn happen(
    engine: &mut Engine,
    at: i64,
    event: Event,
    setups: &[SenderSetup<'static>],
    phones: &mut u64,
    standing: &mut BTreeMap<u64, (String, u64)>,
) {
    let mut outcomes = Vec::new();
    let dispatches = engine.stats(at).unwrap().1.dispatches;
    match event {
        Event::Send(count) => {
            let numbers: Vec<String> = (*phones..*phones + count).map(phone).collect();
            *phones += count;
            let with_follow_up = |phone| Message { retry_template: "again".into(), ..message(phone) };
            let messages: Vec<Message<'_>> = numbers.iter().map(|phone| with_follow_up(phone)).collect();
            let batch = Batch { campaign: "c", id_account: "", tag: "w", messages: &messages, atomic: false };
            engine.dispatch(at, &batch, &mut outcomes).unwrap();
        }
        Event::FollowUps => {
            engine.apply(at, &Command::FollowUps { limit: 100 }, &mut outcomes).unwrap();
        }
        Event::Fail(back, fault) => {
            let dispatch = dispatches.saturating_sub(back);
            let report = Report { dispatch, status: Delivery::Failed(fault), sender: None };
            engine.apply(at, &Command::Report(report), &mut outcomes).unwrap();
            let answer = answers(engine, &outcomes).remove(0);
            match answer.status {
                Status::Released => {
                    standing.remove(&dispatch);
                }
                Status::Moved => {
                    standing.insert(dispatch, place_of(&answer));
                }
                _ => {}
            }
        }
        Event::Without(index) => {
            for left_out in [Some(index), None] {
                let kept = setups.iter().enumerate().filter(|(other, _)| Some(*other) != left_out);
                let senders: Vec<_> = kept.map(|(_, setup)| *setup).collect();
                let wallet = WalletSetup { tag: "w", senders: &senders, ..WalletSetup::default() };
                engine.apply(at, &Command::Wallet(wallet), &mut outcomes).unwrap();
            }
        }
    }
    let accepted = answers(engine, &outcomes).into_iter().filter(|answer| answer.status == Status::Accepted);
    for answer in accepted {
        standing.insert(answer.number("dispatch").unwrap(), place_of(&answer));
    }
}

/// Slides a window of 24 hours over all these times; `Err` has the most that were in it.
fn at_most(limit: u32, mut times: Vec<u64>) -> Result<(), usize> {
    times.sort_unstable();
    let inside = |end: u64| times.iter().filter(|t0| **t0 <= end && end < **t0 + DAY as u64).count();
    match times.iter().map(|end| inside(*end)).max() {
        Some(most) if most > limit as usize => Err(most),
        _ => Ok(()),
    }
}
