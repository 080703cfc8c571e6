//! Senders in memory: wallets, senders and groups, their limits, their usage and their pace.
//!
//! [RULES §5](crate::rules#5-number-allocation). Which sender a message goes out from is decided in
//! [`crate::rules`]; here is what that decision reads.

pub(crate) mod configure;
pub(crate) mod least_used;
pub(crate) mod pace;
pub(crate) mod pool;
pub(crate) mod usage_window;
