//! The engine: its state, and one module for each command or query that changes or reads it.

pub(crate) mod contact_events;
pub(crate) mod cycles;
pub(crate) mod dispatch;
pub(crate) mod expire;
pub(crate) mod follow_up;
pub(crate) mod import;
pub(crate) mod preview;
pub(crate) mod query;
pub(crate) mod report;
#[cfg(feature = "serde")]
pub(crate) mod serialize;
pub(crate) mod state;
