//! What happens by itself as time passes, and where a dispatch went.
//!
//! [RULES §1.4, §6 and §7](crate::rules#1-time). Entries here are hints where to look; what is true stands in the
//! contact's record.

pub(crate) mod bucket_queue;
pub(crate) mod dispatch_index;
pub(crate) mod timers;
