//! Snapshots: an engine as bytes, and back.
//!
//! [RULES §10](crate::rules#10-determinism). A snapshot is what later commands can tell, and no more: what has lapsed is
//! left out, and everything stands in an order that does not depend on how it came to be. So two engines that
//! were given the same commands have the same bytes, on every platform.
//!
//! Layout, all integers little-endian: the magic `CPCSNAP1`, the format's version (u32), the number of sections
//! (u32); then each section: its number (u32), the length of its payload (u64), XXH3-64 of the payload (u64), the
//! payload. Sections stand in the order of [`Section`]. Records refer to each other by their places in the
//! sections before them.

mod codec;
mod policy;
mod read;
mod section;
#[cfg(test)]
mod tests;
mod write;

use crate::engine::state::Engine;
use crate::error::CommandError;
use crate::time::Timestamp;
use alloc::vec::Vec;
use codec::{Invalid, Sink, Source};
use read::Reader;
use section::Section;
use write::Writer;
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: [u8; 8] = *b"CPCSNAP1";
/// Changes whenever the payload of a section does.
const VERSION: u32 = 1;
const HEADER: usize = 16;
const SECTION_HEADER: usize = 20;

/// Why bytes are not a snapshot that this version can restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The bytes do not begin as a snapshot does.
    #[error("not a snapshot")]
    NotASnapshot,
    /// A snapshot of another version.
    #[error("snapshot format {found}, this version reads {expected}")]
    Version {
        /// Its version.
        found: u32,
        /// The version this engine reads.
        expected: u32,
    },
    /// The bytes end too early.
    #[error("the snapshot is truncated")]
    Truncated,
    /// The checksum of a section does not fit its bytes.
    #[error("the snapshot is damaged: checksum of section {section}")]
    Checksum {
        /// The section's number.
        section: u32,
    },
    /// A section holds what no engine can hold.
    #[error("the snapshot is damaged: section {section}")]
    Invalid {
        /// The section's number.
        section: u32,
    },
    /// There is more after the last section.
    #[error("the snapshot is followed by other bytes")]
    TrailingBytes,
}

impl Engine {
    /// Appends a snapshot of the engine to `out`. Takes time and some memory in proportion to the contacts.
    pub fn snapshot(&self, out: &mut Vec<u8>) {
        let writer = Writer::new(self, self.clock.map_or(0, Timestamp::as_millis));
        let mut sink = Sink::keeping(core::mem::take(out));
        sink.bytes(&MAGIC);
        sink.u32(VERSION);
        sink.u32(Section::ALL.len() as u32);
        for section in Section::ALL {
            let start = sink.kept().len();
            sink.u32(section.number());
            sink.u64(0);
            sink.u64(0);
            writer.section(section, &mut sink);
            let bytes = sink.kept();
            let payload = bytes.get(start + SECTION_HEADER..).unwrap_or_default();
            let (length, checksum) = (payload.len() as u64, xxh3_64(payload));
            let header = bytes.get_mut(start + 4..start + SECTION_HEADER).unwrap_or_default();
            let known = length.to_le_bytes().into_iter().chain(checksum.to_le_bytes());
            header.iter_mut().zip(known).for_each(|(place, byte)| *place = byte);
        }
        *out = sink.into_bytes();
    }

    /// An engine that no later command can tell from the one the snapshot was taken of.
    ///
    /// # Errors
    /// [`RestoreError`] for anything but a whole, undamaged snapshot of this version. Memory is used in
    /// proportion to the bytes, whatever they claim.
    ///
    /// ```
    /// # use cpc_core::*;
    /// # let mut engine = Engine::new(Policy::default());
    /// # let now = Timestamp::from(1_795_436_400_000);
    /// # let senders = [SenderSetup::new("5514990000001")];
    /// # engine.apply_to_vec(now, &Command::Wallet(WalletSetup::new("emp1", &senders)))?;
    /// # let messages = [Message::new("5511988876204", "admin").main_template("Olá!").retry_template("Oi?")];
    /// # let batch = Batch::new("teste", "emp1", &messages);
    /// # engine.dispatch(now, &batch, &mut Vec::new())?;
    /// let mut bytes = Vec::new();
    /// engine.snapshot(&mut bytes);
    /// let restored = Engine::restore(&bytes)?;
    /// assert_eq!(restored.digest(), engine.digest());
    /// assert_eq!(Engine::restore(b"CPCS").unwrap_err(), RestoreError::Truncated);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn restore(bytes: &[u8]) -> Result<Engine, RestoreError> {
        restore(bytes)
    }

    /// What the engine is, in 128 bits: the same for two engines that will decide alike. It does not depend on
    /// how often `expire` was called, nor on how many commands were applied.
    #[must_use]
    pub fn digest(&self) -> u128 {
        self.digest_as_of(self.clock.map_or(0, Timestamp::as_millis))
    }

    /// The digest as it will be at `at`, if nothing happens until then.
    ///
    /// # Errors
    /// [`CommandError::TimestampOutOfRange`].
    pub fn digest_at(&self, at: impl Into<Timestamp>) -> Result<(Timestamp, u128), CommandError> {
        let now = self.effective_time(at)?;
        Ok((Timestamp::from_millis(now), self.digest_as_of(now)))
    }

    fn digest_as_of(&self, now: u64) -> u128 {
        let writer = Writer::new(self, now);
        let mut hasher = Sink::hashing();
        for section in Section::ALL.into_iter().filter(|section| *section != Section::History) {
            hasher.u32(section.number());
            writer.section(section, &mut hasher);
        }
        hasher.into_digest()
    }
}

fn restore(bytes: &[u8]) -> Result<Engine, RestoreError> {
    let (magic, rest) = bytes.split_at_checked(MAGIC.len()).ok_or(RestoreError::Truncated)?;
    if magic != MAGIC {
        return Err(RestoreError::NotASnapshot);
    }
    let mut header = Source(rest);
    let truncated = |Invalid| RestoreError::Truncated;
    let found = header.u32().map_err(truncated)?;
    if found != VERSION {
        return Err(RestoreError::Version { found, expected: VERSION });
    }
    if header.u32().map_err(truncated)? != Section::ALL.len() as u32 {
        return Err(RestoreError::NotASnapshot);
    }
    debug_assert_eq!(bytes.len() - header.0.len(), HEADER);
    let mut source = header;
    let mut reader = Reader::default();
    for section in Section::ALL {
        let payload = payload(&mut source, section)?;
        let invalid = |Invalid| RestoreError::Invalid { section: section.number() };
        reader.section(section, payload).map_err(invalid)?;
    }
    source.end().map_err(|Invalid| RestoreError::TrailingBytes)?;
    reader.finish().map_err(|Invalid| RestoreError::Invalid { section: Section::Phones.number() })
}

fn payload<'a>(source: &mut Source<'a>, section: Section) -> Result<Source<'a>, RestoreError> {
    let truncated = |Invalid| RestoreError::Truncated;
    let mut header = Source(source.bytes(SECTION_HEADER).map_err(truncated)?);
    let number = header.u32().map_err(truncated)?;
    let length = header.u64().map_err(truncated)?;
    let checksum = header.u64().map_err(truncated)?;
    if number != section.number() {
        return Err(RestoreError::Invalid { section: number });
    }
    let length = usize::try_from(length).map_err(|_| RestoreError::Truncated)?;
    let payload = source.bytes(length).map_err(truncated)?;
    if xxh3_64(payload) != checksum {
        return Err(RestoreError::Checksum { section: number });
    }
    Ok(Source(payload))
}
