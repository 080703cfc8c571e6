//! The log: every command in the order in which it was decided, durable before the engine sees it.
//!
//! Every replica that applies the same entries in the same order to the same deterministic engine has the same state, so
//! a replicated ordered log is all that distribution needs; hence [`Log`] is a trait. An entry is a command and its
//! effective time, and nothing of its answer.
//!
//! # Why SQLite
//!
//! The embedded default is a table in SQLite ([`EmbeddedLog`]). What matters is one small durable append for each group
//! of requests, and how the store behaves when the disk fails. Measured in one run, medians as ratios to `write` and
//! `fdatasync` on a bare file (`benches/stores` has the program; other runs on a busier machine had all four within
//! 10 % of each other, as then the sync is all there is):
//!
//! | | SQLite | fjall | redb |
//! |---|---|---|---|
//! | an entry of 300 bytes, synced | 1.0 | 0.7 | 1.7 |
//! | an entry of 50 kB, synced | 0.6 | 3.1 | 1.4 |
//! | opening it again, with 120 MB of log | 0.4 ms | 73 ms | 0.6 ms |
//! | after a full disk | the next append may succeed | must be opened again | must be opened again |
//! | damage in what was not yet checkpointed | ends there, and the rest is kept | cuts off the rest | is not noticed |
//! | tools that read it when nothing else does | everywhere | none | none |
//!
//! # What is checked
//!
//! Entries are numbered without gaps, and each has a checksum over its number, time, kind and bytes. Every append, once
//! durable and before it is acknowledged, writes the number of the last entry to a file beside the database, the end
//! mark: a log that ends before its mark has lost acknowledged entries, which is an error, not a torn tail.

mod coding;
mod embedded;
mod entry;

pub(crate) use coding::{EntryKind, LocatedItems, StoredBytes, TextLocation};
pub(crate) use embedded::{EmbeddedLog, LogReader};
pub(crate) use entry::{Log, LogEntry, LogError, NewEntry, TextLocations};
