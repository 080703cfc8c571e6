//! The engine beside a reference model, and properties that hold whatever happens.
// Tests may panic; that is how they fail. (Clippy's own exemption stops at functions marked as tests.)
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod against_model;
mod fairness;
mod gate_sequences;
mod model;
mod model_cases;
mod order;
mod rig;
mod runner;
mod snapshots;
mod worlds;
