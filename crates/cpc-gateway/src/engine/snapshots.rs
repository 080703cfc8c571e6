//! Snapshots of the state in files, so that a start need not replay the whole log.
//!
//! A file is written under another name, synced, and renamed once it is complete; the two newest are kept. It holds, in
//! little-endian:
//! the magic `CPCHOST1`; the number of the last entry it includes (u64); the engine's digest (u128); the lengths of the
//! next two parts (2 × u64); the engine's own snapshot; the outbox in JSON; and the XXH3-64 of all before it.

use super::outbox::{Outbox, OutboxMessage};
use super::state::GatewayState;
use crate::localized::Localized;
use crate::storage::log::TextLocation;
use cpc_core::{Engine, RestoreError};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: [u8; 8] = *b"CPCHOST1";
const HEADER: usize = 48;
/// Extension of a complete file.
const EXTENSION: &str = "snapshot";
/// Extension of a file that is not complete yet.
const PARTIAL: &str = "partial";
/// How many snapshots are kept.
const KEPT: usize = 2;

/// Why a snapshot cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    #[error("it is not a snapshot of this version, or not whole")]
    Damaged,
    #[error("its engine cannot be restored: {0}")]
    Engine(#[from] RestoreError),
    #[error("the digest of the restored engine is another")]
    Digest,
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Localized for SnapshotError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            SnapshotError::Damaged => {
                return Cow::Borrowed("não é um snapshot desta versão, ou não está inteiro");
            }
            SnapshotError::Engine(error) => format!("seu motor não pode ser restaurado: {error}"),
            SnapshotError::Digest => return Cow::Borrowed("o digest do motor restaurado é outro"),
            SnapshotError::File(error) => error.to_string(),
        })
    }
}

/// The snapshots of a data folder.
#[derive(Clone, Debug)]
pub(crate) struct SnapshotStore {
    folder: PathBuf,
}

/// One message of the outbox: position, dispatch, stage, sender, to, `send_at`, `blocked_until`, location of its text.
#[derive(Serialize, Deserialize)]
struct StoredMessage(u64, u64, u8, String, u64, u64, u64, Option<StoredLocation>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredLocation {
    Message { entry: u64, item: u32 },
    FollowUp { origin: u64, stage: u8 },
}

#[derive(Serialize, Deserialize)]
struct StoredOutbox {
    last: u64,
    sends: Vec<StoredMessage>,
    /// Dispatch, position and `send_at` of [`Outbox::moves`].
    moved: Vec<(u64, u64, u64)>,
}

impl SnapshotStore {
    /// The snapshots of a data folder.
    pub(crate) fn of(data: &Path) -> SnapshotStore {
        SnapshotStore { folder: data.join("snapshots") }
    }

    /// The files, each with the last entry it includes, newest first.
    pub(crate) fn list(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for file in files {
            let path = file?.path();
            let is_one = path.extension().is_some_and(|ending| ending == EXTENSION);
            let index = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            found.extend(index.filter(|_| is_one).map(|index| (index, path)));
        }
        found.sort_unstable_by(|one, other| other.cmp(one));
        Ok(found)
    }

    /// Writes a snapshot and removes the oldest; returns [`superseded`](Self::superseded).
    pub(crate) fn write(&self, index: u64, bytes: &[u8]) -> io::Result<u64> {
        fs::create_dir_all(&self.folder)?;
        let name = self.folder.join(format!("{index:020}.{EXTENSION}"));
        let partial = name.with_extension(PARTIAL);
        let written = write_synced(&partial, bytes).and_then(|()| fs::rename(&partial, &name));
        if let Err(error) = written {
            // It would do no harm, but may take the very space that is lacking.
            let _ = fs::remove_file(&partial);
            return Err(error);
        }
        File::open(&self.folder)?.sync_all()?;
        for (_, path) in self.list()?.iter().skip(KEPT) {
            fs::remove_file(path)?;
        }
        self.superseded()
    }

    /// The last entry that no kept snapshot needs the log for.
    pub(crate) fn superseded(&self) -> io::Result<u64> {
        // With fewer snapshots than are kept, a recovery may need the log from its beginning.
        Ok(self.list()?.get(KEPT - 1).map_or(0, |(oldest, _)| *oldest))
    }

    /// Removes incomplete files of a process that was killed.
    pub(crate) fn remove_partial(&self) -> io::Result<()> {
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for file in files {
            let path = file?.path();
            if path.extension().is_some_and(|ending| ending == PARTIAL) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The state after entry `index` as a file's bytes, and the engine's digest.
pub(crate) fn encode(state: &GatewayState, index: u64) -> (Vec<u8>, u128) {
    let digest = state.engine.digest();
    let mut engine = Vec::new();
    state.engine.snapshot(&mut engine);
    // Serializing strings, numbers and lists does not fail.
    let outbox = serde_json::to_vec(&stored(&state.outbox)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(HEADER + engine.len() + outbox.len() + 8);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&index.to_le_bytes());
    bytes.extend_from_slice(&digest.to_le_bytes());
    bytes.extend_from_slice(&(engine.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&(outbox.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&engine);
    bytes.extend_from_slice(&outbox);
    let sum = xxh3_64(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    (bytes, digest)
}

/// The state in a file's bytes, and the last entry it includes.
pub(crate) fn decode(bytes: &[u8]) -> Result<(GatewayState, u64), SnapshotError> {
    let (content, sum) = bytes.split_last_chunk::<8>().ok_or(SnapshotError::Damaged)?;
    if xxh3_64(content) != u64::from_le_bytes(*sum) {
        return Err(SnapshotError::Damaged);
    }
    let mut rest = content;
    if take::<8>(&mut rest)? != MAGIC {
        return Err(SnapshotError::Damaged);
    }
    let index = u64::from_le_bytes(take(&mut rest)?);
    let digest = u128::from_le_bytes(take(&mut rest)?);
    let engine_length = u64::from_le_bytes(take(&mut rest)?);
    let outbox_length = u64::from_le_bytes(take(&mut rest)?);
    let length = usize::try_from(engine_length).map_err(|_| SnapshotError::Damaged)?;
    let (engine, outbox) = rest.split_at_checked(length).ok_or(SnapshotError::Damaged)?;
    if outbox.len() as u64 != outbox_length {
        return Err(SnapshotError::Damaged);
    }
    let engine = Engine::restore(engine)?;
    if engine.digest() != digest {
        return Err(SnapshotError::Digest);
    }
    let outbox: StoredOutbox = serde_json::from_slice(outbox).map_err(|_| SnapshotError::Damaged)?;
    Ok((GatewayState { engine, outbox: restored(outbox) }, index))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], SnapshotError> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(SnapshotError::Damaged)?;
    *rest = tail;
    Ok(*head)
}

fn stored(outbox: &Outbox) -> StoredOutbox {
    let sends = outbox.after(0).map(|message| {
        let place = message.place.map(|place| match place {
            TextLocation::Message { index, item } => StoredLocation::Message { entry: index, item },
            TextLocation::FollowUp { origin, stage } => StoredLocation::FollowUp { origin, stage },
        });
        let sender = message.sender.to_string();
        let OutboxMessage { position, dispatch, stage, to, send_at, blocked_until, .. } = *message;
        StoredMessage(position, dispatch, stage, sender, to, send_at, blocked_until, place)
    });
    StoredOutbox { last: outbox.last_position(), sends: sends.collect(), moved: outbox.moves().collect() }
}

fn restored(stored: StoredOutbox) -> Outbox {
    let mut outbox = Outbox::default();
    outbox.set_last_position(stored.last);
    for (dispatch, position, send_at) in stored.moved {
        outbox.set_moved(dispatch, position, send_at);
    }
    for StoredMessage(position, dispatch, stage, sender, to, send_at, blocked_until, place) in stored.sends {
        let place = place.map(|place| match place {
            StoredLocation::Message { entry, item } => TextLocation::Message { index: entry, item },
            StoredLocation::FollowUp { origin, stage } => TextLocation::FollowUp { origin, stage },
        });
        let sender = Arc::from(sender);
        outbox.insert(OutboxMessage { position, dispatch, stage, sender, to, send_at, blocked_until, place });
    }
    outbox
}
