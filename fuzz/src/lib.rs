//! Drivers: each turns arbitrary bytes into arbitrary use of one thing, and panics if that thing breaks a promise.
//! A fuzz target of the same name hands it what the fuzzing engine finds; `tests/replay.rs` hands it fixed bytes.

pub mod capi;
pub mod engine;
pub mod input;
pub mod line;
pub mod log;
pub mod massivocpc;
pub mod snapshot;
mod world;

// The reference model, and the engine beside it, are those of the engine's own tests.
#[allow(dead_code, reason = "those tests use more of it")]
#[path = "../../crates/cpc-core/tests/properties/model/mod.rs"]
mod model;
#[allow(dead_code, reason = "those tests use more of it")]
#[path = "../../crates/cpc-core/tests/properties/order.rs"]
mod order;
#[allow(dead_code, reason = "those tests use more of it")]
#[path = "../../crates/cpc-core/tests/properties/rig.rs"]
mod rig;

// So is the coding of the gateway's log; the gateway itself is a program.
#[allow(dead_code, reason = "its database uses more of it")]
#[path = "../../crates/cpc-gateway/src/storage/log/coding.rs"]
mod coding;
