//! Messages on their way out: from the outbox to the transport, and the report of how that went.

pub(crate) mod attempt;
pub(crate) mod message_texts;
pub(crate) mod release_stale;
pub(crate) mod sender_queue;
pub(crate) mod signature;
pub(crate) mod webhook;
pub(crate) mod whatsapp;
pub(crate) mod worker;
