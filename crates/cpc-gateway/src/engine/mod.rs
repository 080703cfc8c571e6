//! The engine as a service: the state, the one thread that changes it, and the handle by which others reach it.

pub(crate) mod clock;
pub(crate) mod handle;
pub(crate) mod metrics;
pub(crate) mod outbox;
pub(crate) mod recovery;
pub(crate) mod snapshots;
pub(crate) mod state;
pub(crate) mod timers;
pub(crate) mod writer;
