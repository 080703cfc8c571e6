//! What the benches do to the engine, the same in all of them.
//!
//! One wallet of senders with daily limits, the default policy, and contacts that come in no order: the phones of a
//! campaign are spread over all of Brazil's mobiles, and are written to again in another order. Everything is the same
//! in every run: nothing here is random, it only looks so.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on has failed")]

mod body;
mod contacts;
mod engine;
mod texts;

pub use body::{Members, body, dispatch_line};
pub use contacts::{Posted, Shuffle, phone};
pub use engine::{DAY, START, Tenant};
pub use texts::TAG;
