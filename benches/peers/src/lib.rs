//! The engine beside what a developer would write or take instead of it.
//!
//! | module | what it measures, or does |
//! |---|---|
//! | [`gate`], [`gates`] | "may this phone be contacted?", by the engine and by peers |
//! | [`json`] | a request body to an answer, beside parsers that only parse it |
//! | [`keeping`] | snapshots, restoring, and replaying command lines |
//! | [`senders`] | whether the choice among many senders costs more than among few |
//! | [`memory`] | bytes a contact, by the program of that name |
//! | [`rules`] | general rule engines, with feature `heavy` |
//! | [`report`], [`tables`], [`goals`], [`picture`] | tables, goals and the curve |
//!
//! Everything that is compared is measured in one process, in turns, and each ratio is the median of the ratios of the
//! turns: machines differ and are busy, and both sides of a turn were busy alike.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on has failed")]

pub mod gate;
pub mod gates;
pub mod goals;
pub mod json;
pub mod keeping;
pub mod machine;
pub mod memory;
pub mod picture;
pub mod report;
#[cfg(feature = "heavy")]
pub mod rules;
pub mod scale;
pub mod senders;
pub mod tables;
