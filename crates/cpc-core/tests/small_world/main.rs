//! A small world, explored whole: every sequence of commands among two phones, a client and two senders with tiny
//! limits, breadth first, and what the rules promise checked at every step.
//!
//! What is promised is checked from outside: a [`shadow::Shadow`] remembers what the answers said, and knows nothing of
//! how the engine decides. Sequences that lead to the same state (by the engine's digest, and in the shadow) have the
//! same future, so each state is followed once.
//!
//! `cargo test` goes as far as takes seconds; `cargo xtask small-world` goes further.
// Tests may panic; that is how they fail. (Clippy's own exemption stops at functions marked as tests.)
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod commands;
mod explore;
mod promises;
mod shadow;

use cpc_core::{GateScope, OperatorAffinity, Policy, PolicyBuilder, Status, Sticky};
use explore::explore;
use std::time::Duration;

const HOUR: u64 = 60 * 60 * 1000;
/// The window of the small world, half the time that a sender's usage counts; everything else is about as long, so that
/// few steps of time meet every bound.
const WINDOW: u64 = 12 * HOUR;

fn policy() -> PolicyBuilder {
    Policy::builder()
        .window(Duration::from_millis(WINDOW))
        .retention(Duration::from_millis(48 * HOUR))
        .follow_up_retry(Duration::from_millis(6 * HOUR))
        .report_ttl(Duration::from_millis(24 * HOUR))
        .sender_hold(Duration::from_millis(WINDOW))
        .service_window(Duration::from_millis(WINDOW))
        .max_failover(1)
}

/// The gates of phone and client, both; a contact keeps its sender if it can.
fn by_phone_and_client() -> Policy {
    policy().build().unwrap()
}

/// The gate of the client alone, a contact must keep its sender, and a last follow-up blocks for good.
fn by_client() -> Policy {
    let strict = policy().gate(GateScope::Client).sticky(Sticky::Require).final_block(true);
    strict.operator_affinity(OperatorAffinity::Ignore).build().unwrap()
}

/// How many steps a sequence has at most: in any test run, and at leisure.
const SHORT: usize = 3;
const LONG: usize = 5;

/// What a world must have answered, or it would show little.
const MET: [Status; 20] = [
    Status::Accepted,
    Status::OptedOut,
    Status::Undeliverable,
    Status::DuplicateInBatch,
    Status::AlreadyAccepted,
    Status::ContactBlocked,
    Status::NoSenderAvailable,
    Status::NotAttempted,
    Status::Applied,
    Status::Unchanged,
    Status::Replied,
    Status::StaleReply,
    Status::Moved,
    Status::Released,
    Status::Kept,
    Status::StaleReport,
    Status::UnknownDispatch,
    Status::Allowed,
    Status::ManualStartDenied,
    Status::Expired,
];

/// RULES §3.1, §3.2, §4.3, §5.1, §5.6, §6.6, §8.1, §10.2
fn every_sequence_keeps_the_promises(policy: &Policy, depth: usize) {
    let explored = explore(policy, depth);
    assert!(explored.states > 2_000, "only {} states", explored.states);
    let missing: Vec<_> = MET.into_iter().filter(|status| !explored.statuses.contains(status)).collect();
    assert!(missing.is_empty(), "never answered: {missing:?}");
}

#[test]
fn by_phone_and_client_no_short_sequence_breaks_a_promise() {
    every_sequence_keeps_the_promises(&by_phone_and_client(), SHORT);
}

#[test]
fn by_client_no_short_sequence_breaks_a_promise() {
    every_sequence_keeps_the_promises(&by_client(), SHORT);
}

#[test]
#[ignore = "takes a minute when optimised: cargo xtask small-world"]
fn by_phone_and_client_no_sequence_breaks_a_promise() {
    every_sequence_keeps_the_promises(&by_phone_and_client(), LONG);
}

#[test]
#[ignore = "takes a minute when optimised: cargo xtask small-world"]
fn by_client_no_sequence_breaks_a_promise() {
    every_sequence_keeps_the_promises(&by_client(), LONG);
}
