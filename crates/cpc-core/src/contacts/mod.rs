//! Contacts in memory: what is remembered of phones and clients, and where it is.
//!
//! [RULES §2, §3 and §8](crate::rules#2-identity). Everything else reaches a contact through
//! [`store::Contacts`]; the packed records and the table below it are how ten million of them fit.

pub(crate) mod campaigns;
pub(crate) mod client_record;
pub(crate) mod hash;
pub(crate) mod id_arena;
pub(crate) mod lookup;
pub(crate) mod packed;
pub(crate) mod paged_vec;
pub(crate) mod phone_record;
pub(crate) mod sharded_table;
pub(crate) mod store;
pub(crate) mod sweep;
