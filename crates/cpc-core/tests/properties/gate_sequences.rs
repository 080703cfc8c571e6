//! Every sequence of gate commands up to a length, before, at and after each deadline: engine and model compared
//! after each of them.
//!
//! Sequences that lead to the same state have the same future, so of each state only one is followed further:
//! the same snapshot of the engine, and the same facts in the model.

use crate::order::*;
use crate::rig::Rig;
use crate::runner::trace;
use cpc_core::*;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

const PHONE: &str = "5511988876204";

/// When a command comes, seen from the next instant at which something changes by itself.
#[derive(Clone, Copy, Debug)]
enum Beside {
    Before,
    At,
    After,
}

/// The commands that do something to a gate, at any time beside the next deadline.
fn alphabet(actions: &[Action]) -> Vec<(Beside, Action)> {
    let times = [Beside::Before, Beside::At, Beside::After];
    times.into_iter().flat_map(|when| actions.iter().map(move |action| (when, action.clone()))).collect()
}

/// What happens to one phone, of a client, with both follow-ups.
fn phone_actions() -> Vec<Action> {
    let other = |command| Action::Order(Order::Other(command));
    let report = |status| Action::Report { back: 0, status, sender: None };
    let message = Message {
        phone: PHONE,
        client_id: "k",
        close_ticket: Some(true),
        specialist_code: "ana",
        main_template: "text".into(),
        retry_template: "again".into(),
        last_template: "last".into(),
        ..Message::default()
    };
    let (messages, target) = (vec![message], Target::Phone(PHONE));
    let batch = OwnedBatch { campaign: "c", id_account: "", tag: "w1", messages, atomic: false };
    vec![
        Action::Order(Order::Dispatch(batch)),
        Action::Reply { phone: PHONE, received: Received::Unsaid, opt_out: false },
        other(Command::OptOut(target)),
        other(Command::OptIn(target)),
        report(Delivery::Failed(Fault::Contact)),
        report(Delivery::Failed(Fault::Sender)),
        report(Delivery::Failed(Fault::Request)),
        report(Delivery::Failed(Fault::Ambiguous)),
        report(Delivery::Delivered),
        other(Command::ForceUnblock { target, reason: "" }),
        other(Command::Forget(target)),
        other(Command::FollowUps { limit: 10 }),
        other(Command::Expire { limit: 10 }),
    ]
}

/// What happens to its client, to its other phone, and at the edges.
fn client_actions() -> Vec<Action> {
    let other = |command| Action::Order(Order::Other(command));
    let message = Message {
        phone: "551132345678",
        client_id: "k",
        close_ticket: Some(true),
        specialist_code: "ana",
        main_template: "text".into(),
        ..Message::default()
    };
    let (messages, target) = (vec![message], Target::Client("k"));
    let batch = OwnedBatch { campaign: "c", id_account: "", tag: "w1", messages, atomic: false };
    vec![
        Action::Order(Order::Dispatch(batch)),
        Action::Reply { phone: "551132345678", received: Received::Unsaid, opt_out: false },
        Action::Reply { phone: PHONE, received: Received::SinceCycle(0), opt_out: false },
        Action::Reply { phone: PHONE, received: Received::Unsaid, opt_out: true },
        Action::Report { back: 1, status: Delivery::Failed(Fault::Sender), sender: None },
        other(Command::OptOut(target)),
        other(Command::OptIn(target)),
        other(Command::ForceUnblock { target, reason: "" }),
        other(Command::Forget(target)),
    ]
}

/// One state, and how it came about.
#[derive(Clone)]
struct Place {
    rig: Rig,
    path: Vec<(i64, Order)>,
}

impl Place {
    /// The state after one more command; `None` if there is no deadline for it to be beside.
    fn next(&self, policy: &Policy, beside: Beside, action: &Action) -> Option<Place> {
        let clock = self.rig.model.clock().map_or(START, |clock| clock as i64);
        let ends = self.rig.model.deadlines(clock);
        let ends = ends.follow_up.into_iter().chain(ends.expiry).map(|end| end as i64);
        let at = match (beside, ends.filter(|end| *end > clock).min()) {
            (Beside::Before, None) => clock,
            (Beside::At | Beside::After, None) => return None,
            (Beside::Before, Some(end)) => end - 1,
            (Beside::At, Some(end)) => end,
            (Beside::After, Some(end)) => end + 1,
        };
        let mut next = self.clone();
        let step = Step { when: When::Later(at - clock), action: action.clone() };
        let (at, order) = step.resolve(&next.rig.model);
        next.path.push((at, order.clone()));
        if let Err(difference) = next.rig.step(at, &order) {
            panic!("{}", trace(policy, &next.path, &difference));
        }
        Some(next)
    }

    fn fingerprint(&self) -> u64 {
        let mut snapshot = Vec::new();
        self.rig.engine.snapshot(&mut snapshot);
        let mut hasher = DefaultHasher::new();
        (snapshot, self.rig.model.facts()).hash(&mut hasher);
        hasher.finish()
    }
}

/// Follows every sequence up to a length; answers how many states it came by.
fn explore(policy: &Policy, actions: &[Action], length: usize) -> usize {
    let wallet = Order::Wallet {
        tag: "w1",
        window_ms: None,
        operators: &[],
        senders: ["s1", "s2"].map(|id| SenderSetup { id, ..SenderSetup::default() }).to_vec(),
    };
    let mut start = Place { rig: Rig::new(policy), path: vec![(START, wallet.clone())] };
    start.rig.step(START, &wallet).unwrap();
    let alphabet = alphabet(actions);
    let (mut places, mut count) = (vec![start], 1);
    for _ in 0..length {
        let mut seen = BTreeSet::new();
        let mut reached = Vec::new();
        for place in &places {
            let nexts = alphabet.iter().filter_map(|(beside, action)| place.next(policy, *beside, action));
            reached.extend(nexts.filter(|next| seen.insert(next.fingerprint())));
        }
        count += reached.len();
        places = reached;
    }
    count
}

fn policy() -> PolicyBuilder {
    Policy::builder()
        .window(Duration::from_millis(10_000))
        .sender_hold(Duration::from_millis(5_000))
        .follow_up_retry(Duration::from_millis(5_000))
        .max_failover(1)
}

/// RULES §3, §6, §7, §8
#[test]
fn all_sequences_of_five_gate_commands() {
    let states = explore(&policy().build().unwrap(), &phone_actions(), 5);
    assert!(states > 1_000, "only {states} states");
}

/// RULES §6.5, with the gate of the client alone.
#[test]
fn all_sequences_of_four_gate_commands_with_final_block_by_client() {
    let policy = policy().final_block(true).gate(GateScope::Client).build().unwrap();
    assert!(explore(&policy, &phone_actions(), 4) > 500);
}

/// RULES §2.6, §3.6, §8: a client, its two phones, and every gate command.
#[test]
fn all_sequences_of_four_commands_to_a_client_and_its_phones() {
    let actions = [phone_actions(), client_actions()].concat();
    for gate in [GateScope::PhoneOrClient, GateScope::Phone, GateScope::Client] {
        let states = explore(&policy().gate(gate).build().unwrap(), &actions, 4);
        assert!(states > 1_000, "only {states} states");
    }
}
