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

pub(crate) use coding::{EntryKind, LocatedItems, StoredBytes, TextLocation};
pub(crate) use embedded::{EmbeddedLog, LogReader};

use crate::localized::Localized;
use bytes::Bytes;
use std::borrow::Cow;
use std::io;

/// An entry to be appended.
#[derive(Clone, Debug)]
pub(crate) struct NewEntry {
    /// Its effective time, in ms.
    pub(crate) at: u64,
    pub(crate) kind: EntryKind,
    pub(crate) body: StoredBytes,
}

/// An entry that is in the log.
#[derive(Clone, Debug)]
pub(crate) struct LogEntry {
    /// Its number; the first is 1.
    pub(crate) index: u64,
    /// Its effective time, in ms.
    pub(crate) at: u64,
    pub(crate) kind: EntryKind,
    pub(crate) body: Bytes,
}

/// Where the texts of the dispatches of one entry are. Their numbers have no gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextLocations {
    /// The first of these dispatches.
    pub(crate) first: u64,
    /// The entry.
    pub(crate) index: u64,
    pub(crate) items: LocatedItems,
}

/// Why the log could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogError {
    /// There is no room; nothing was written.
    #[error("the disk is full")]
    DiskFull,
    /// It may not be written to.
    #[error("the data folder is read-only")]
    ReadOnly,
    /// An entry is not what was written.
    #[error("log entry {index} is damaged")]
    Damaged {
        /// Its number.
        index: u64,
    },
    /// An entry is missing.
    #[error("log entry {index} is missing")]
    Missing {
        /// Its number.
        index: u64,
    },
    /// Entries that were acknowledged are not there.
    #[error(
        "the log ends at entry {last}, but entries up to {acknowledged} were acknowledged; if they cannot be restored, \
         remove log.mark to go on without them: their contacts may then be written to again"
    )]
    Shortened {
        /// Its last entry.
        last: u64,
        /// The last one known to have been acknowledged.
        acknowledged: u64,
    },
    /// The log is not one, or of another version.
    #[error("not a log of this version")]
    Foreign,
    /// The database failed otherwise.
    #[error("the log's database: {0}")]
    Database(#[source] rusqlite::Error),
    /// A file beside it failed.
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Localized for LogError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            LogError::DiskFull => return Cow::Borrowed("o disco está cheio"),
            LogError::ReadOnly => return Cow::Borrowed("a pasta de dados é só para leitura"),
            LogError::Damaged { index } => format!("a entrada {index} do log está danificada"),
            LogError::Missing { index } => format!("falta a entrada {index} do log"),
            LogError::Shortened { last, acknowledged } => format!(
                "o log termina na entrada {last}, mas entradas até {acknowledged} já tinham sido confirmadas; se não \
                 puderem ser restauradas, remova log.mark para seguir sem elas: seus contatos poderão então ser \
                 contatados de novo"
            ),
            LogError::Foreign => return Cow::Borrowed("não é um log desta versão"),
            LogError::Database(error) => format!("o banco de dados do log: {error}"),
            LogError::File(error) => error.to_string(),
        })
    }
}

/// An ordered, durable log. See the [module](self).
pub(crate) trait Log: Send {
    /// Appends entries after the last. When this returns they are durable; if it fails, none of them is in the log.
    /// `placed` may be stored any time later: it can be derived from the entries it names.
    fn append(&mut self, entries: &[NewEntry], placed: &[TextLocations]) -> Result<(), LogError>;

    /// The number of the last entry; 0 if there is none.
    fn last(&self) -> u64;

    /// Deletes entries up to `through`, a few thousand at a time; returns whether that was all.
    fn cut(&mut self, through: u64) -> Result<bool, LogError>;

    /// The last entry before an instant, in ms; 0 if there is none.
    fn last_before(&self, instant: u64) -> Result<u64, LogError>;
}
