//! The log: every command in the order in which it was decided, durable before the engine sees it.
//!
//! The log is what one machine has and many could share. Whoever applies the same entries in the same order to the
//! same deterministic engine has the same state, so an ordered log that is replicated is all that distribution
//! needs; hence [`Log`] is a trait. An entry is a command and its effective time, nothing of its answer.
//!
//! # Why SQLite
//!
//! The embedded default is a table in SQLite ([`EmbeddedLog`]). What counts here is one small durable append a group
//! of requests, and what happens when the disk misbehaves. Measured in one run, medians as ratios to `write` and
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
//! Entries are numbered without gaps, and each has a checksum over its number, time, kind and bytes. Where the log
//! ends is noted in a file of its own, at every append, after it is durable and before it is acknowledged: if the log
//! ever ends before that, acknowledged entries are missing, and that is an error, not a torn tail.

mod embedded;

pub(crate) use embedded::{EmbeddedLog, LogReader};

use bytes::Bytes;
use std::io;

/// What an entry's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The body of a massivocpc request, as it was posted.
    Batch = 1,
    /// A command line without its time.
    Line = 2,
    /// The digest of the state as it is here, to check replays by.
    Digest = 3,
}

impl Kind {
    const fn from_number(number: i64) -> Option<Kind> {
        match number {
            1 => Some(Kind::Batch),
            2 => Some(Kind::Line),
            3 => Some(Kind::Digest),
            _ => None,
        }
    }
}

/// Bytes as they are stored: compressed where that helps.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    bytes: Bytes,
    /// How long they are unpacked, if they were packed.
    plain_length: Option<u32>,
}

/// Less is not worth the work.
const WORTH_PACKING: usize = 1024;

impl Packed {
    /// Packs bytes. Takes about a microsecond a kilobyte, so whoever has a large body does it off the runtime.
    pub(crate) fn new(bytes: Bytes) -> Packed {
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() >= WORTH_PACKING);
        let packed = length.map(|_| lz4_flex::block::compress(&bytes)).filter(|it| it.len() < bytes.len());
        match packed {
            Some(packed) => Packed { bytes: Bytes::from(packed), plain_length: length },
            None => Packed { bytes, plain_length: None },
        }
    }

    /// How many bytes are stored.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes as they were; `None` if they cannot have been packed by [`new`](Self::new).
    fn unpack(self) -> Option<Bytes> {
        match self.plain_length {
            None => Some(self.bytes),
            Some(length) => {
                let length = usize::try_from(length).ok()?;
                let plain = lz4_flex::block::decompress(&self.bytes, length).ok()?;
                (plain.len() == length).then(|| Bytes::from(plain))
            }
        }
    }
}

/// An entry to be appended.
#[derive(Clone, Debug)]
pub(crate) struct NewEntry {
    /// Its effective time, in ms.
    pub(crate) at: u64,
    pub(crate) kind: Kind,
    pub(crate) body: Packed,
}

/// An entry that is in the log.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its number; the first is 1.
    pub(crate) index: u64,
    /// Its effective time, in ms.
    pub(crate) at: u64,
    pub(crate) kind: Kind,
    pub(crate) body: Bytes,
}

/// Where the texts of some dispatches are: those that one entry led to, numbered one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// The first of these dispatches.
    pub(crate) first: u64,
    /// The entry.
    pub(crate) index: u64,
    pub(crate) items: Items,
}

/// What of its entry each of some dispatches is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Items {
    /// The entry's first message, its second, and so on.
    InOrder,
    /// These messages of the entry.
    Messages(Vec<u32>),
    /// Follow-ups: of which dispatch, and which stage.
    FollowUps(Vec<(u64, u8)>),
}

/// Where the text of one dispatch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A message of an entry.
    Message {
        /// The entry.
        index: u64,
        /// Which of its messages, from 0.
        item: u32,
    },
    /// A stage of another dispatch.
    FollowUp {
        /// That dispatch.
        origin: u64,
        /// 1 or 2.
        stage: u8,
    },
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
    #[error("the log ends at entry {last}, but entries up to {acknowledged} were acknowledged")]
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

/// An ordered, durable log. See the [module](self).
pub(crate) trait Log: Send {
    /// Appends entries, numbered on from the last. When this returns they are durable; if it fails, none of them is
    /// in the log. `placed` may be stored any time later: it can be derived again from the entries it names.
    fn append(&mut self, entries: &[NewEntry], placed: &[Placed]) -> Result<(), LogError>;

    /// The number of the last entry; 0 if there is none.
    fn last(&self) -> u64;

    /// Forgets the entries up to `through`, a few thousand at a time; says whether that was all.
    fn cut(&mut self, through: u64) -> Result<bool, LogError>;

    /// The last entry that is older than an instant; 0 if none is.
    fn last_before(&self, instant: u64) -> Result<u64, LogError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were_and_texts_take_less_room() {
        let text = r#"{"phone":"5511988876204","mainTemplate":"Olá, seu contrato"}"#.repeat(100);
        for bytes in [Bytes::new(), Bytes::from_static(b"x"), Bytes::from(text.clone())] {
            assert_eq!(Packed::new(bytes.clone()).unpack().unwrap(), bytes);
        }
        assert!(Packed::new(Bytes::from(text.clone())).len() * 5 < text.len());
    }

    #[test]
    fn what_was_never_packed_is_not_unpacked() {
        for bytes in [&b""[..], b"\xff\xff\xff\xff", b"\x00"] {
            let packed = Packed { bytes: Bytes::from_static(bytes), plain_length: Some(u32::MAX >> 8) };
            assert_eq!(packed.unpack().map(|bytes| bytes.len()), None);
        }
    }
}
