//! Drivers: each turns arbitrary bytes into arbitrary use of one thing, and panics if that thing breaks a promise.
//! A fuzz target of the same name hands it what the fuzzing engine finds; `tests/replay.rs` hands it fixed bytes.

pub mod capi;
pub mod input;
