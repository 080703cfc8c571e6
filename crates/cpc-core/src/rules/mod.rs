#![doc = include_str!("../../RULES.md")]

// The decisions of §4 and §5 are pure functions over contacts and senders: the engine and a preview decide with the
// same code.

pub(crate) mod decide;
pub(crate) mod sender_choice;
