//! The decisions: whether one message may go out, and from which sender.
//!
//! [RULES §4](crate#4-dispatch) and [§5](crate#5-number-allocation). Pure functions over contacts and senders:
//! the engine and a preview decide with the same code.

pub(crate) mod decide;
pub(crate) mod sender_choice;
