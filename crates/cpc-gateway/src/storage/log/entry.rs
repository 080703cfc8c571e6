//! The entries of a log, its errors, and the trait.

use super::coding::{EntryKind, LocatedItems, StoredBytes};
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

/// An ordered, durable log. See the [module](super).
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
