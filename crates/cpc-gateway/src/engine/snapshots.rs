//! Snapshots of the machine in files of their own, so that a start need not replay the whole log.
//!
//! A file is written aside, synced, and renamed when it is whole; the two newest are kept. It holds, little-endian:
//! the magic `CPCHOST1`; the number of the last entry it includes (u64); the engine's digest (u128); the lengths of
//! what follows (2 × u64): the engine's own snapshot, and the outbox in JSON; and the XXH3-64 of all before it.

use super::outbox::{Outbox, Send};
use super::state::Machine;
use crate::storage::log::Place;
use cpc_core::{Engine, RestoreError};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: [u8; 8] = *b"CPCHOST1";
const HEADER: usize = 48;
const ENDING: &str = "snapshot";
/// Of one that is not whole yet.
const ASIDE: &str = "partial";
/// How many are kept.
const KEPT: usize = 2;

/// Why a snapshot is of no use.
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

/// The snapshots of a data folder.
#[derive(Clone, Debug)]
pub(crate) struct Snapshots {
    folder: PathBuf,
}

/// One message of the outbox, as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored(u64, u64, u8, String, u64, u64, u64, Option<StoredPlace>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredPlace {
    Message { entry: u64, item: u32 },
    FollowUp { origin: u64, stage: u8 },
}

#[derive(Serialize, Deserialize)]
struct StoredOutbox {
    last: u64,
    sends: Vec<Stored>,
    /// Dispatches that moved, each with the position and time of the message that counts.
    moved: Vec<(u64, u64, u64)>,
}

impl Snapshots {
    /// Those of a data folder.
    pub(crate) fn of(data: &Path) -> Snapshots {
        Snapshots { folder: data.join("snapshots") }
    }

    /// Their files with the entries they include, newest first.
    pub(crate) fn list(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for file in files {
            let path = file?.path();
            let is_one = path.extension().is_some_and(|ending| ending == ENDING);
            let index = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            found.extend(index.filter(|_| is_one).map(|index| (index, path)));
        }
        found.sort_unstable_by(|one, other| other.cmp(one));
        Ok(found)
    }

    /// Writes one and drops those that are too many; says up to which entry the log is no longer needed for them.
    pub(crate) fn write(&self, index: u64, bytes: &[u8]) -> io::Result<u64> {
        fs::create_dir_all(&self.folder)?;
        let name = self.folder.join(format!("{index:020}.{ENDING}"));
        let aside = name.with_extension(ASIDE);
        let written = write_synced(&aside, bytes).and_then(|()| fs::rename(&aside, &name));
        if let Err(error) = written {
            // What is there of it is in nobody's way, but takes room that may be what is lacking.
            let _ = fs::remove_file(&aside);
            return Err(error);
        }
        File::open(&self.folder)?.sync_all()?;
        for (_, path) in self.list()?.iter().skip(KEPT) {
            fs::remove_file(path)?;
        }
        self.superseded()
    }

    /// Up to which entry the log is no longer needed for them.
    pub(crate) fn superseded(&self) -> io::Result<u64> {
        // As long as there are fewer, the beginning of the log stands for the one that is missing.
        Ok(self.list()?.get(KEPT - 1).map_or(0, |(oldest, _)| *oldest))
    }

    /// Removes what a process that was killed has left of one.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for file in files {
            let path = file?.path();
            if path.extension().is_some_and(|ending| ending == ASIDE) {
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

/// The machine after entry `index`, as bytes, and its engine's digest.
pub(crate) fn encode(machine: &Machine, index: u64) -> (Vec<u8>, u128) {
    let digest = machine.engine.digest();
    let mut engine = Vec::new();
    machine.engine.snapshot(&mut engine);
    // Texts, numbers and lists are always written.
    let outbox = serde_json::to_vec(&stored(&machine.outbox)).unwrap_or_default();
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

/// The machine that bytes hold, and the last entry it includes.
pub(crate) fn decode(bytes: &[u8]) -> Result<(Machine, u64), SnapshotError> {
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
    Ok((Machine { engine, outbox: restored(outbox) }, index))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], SnapshotError> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(SnapshotError::Damaged)?;
    *rest = tail;
    Ok(*head)
}

fn stored(outbox: &Outbox) -> StoredOutbox {
    let sends = outbox.after(0).map(|send| {
        let place = send.place.map(|place| match place {
            Place::Message { index, item } => StoredPlace::Message { entry: index, item },
            Place::FollowUp { origin, stage } => StoredPlace::FollowUp { origin, stage },
        });
        let sender = send.sender.to_string();
        let Send { position, dispatch, stage, to, send_at, blocked_until, .. } = *send;
        Stored(position, dispatch, stage, sender, to, send_at, blocked_until, place)
    });
    StoredOutbox { last: outbox.last_position(), sends: sends.collect(), moved: outbox.moves().collect() }
}

fn restored(stored: StoredOutbox) -> Outbox {
    let mut outbox = Outbox::default();
    outbox.set_last_position(stored.last);
    for (dispatch, position, send_at) in stored.moved {
        outbox.set_moved(dispatch, position, send_at);
    }
    for Stored(position, dispatch, stage, sender, to, send_at, blocked_until, place) in stored.sends {
        let place = place.map(|place| match place {
            StoredPlace::Message { entry, item } => Place::Message { index: entry, item },
            StoredPlace::FollowUp { origin, stage } => Place::FollowUp { origin, stage },
        });
        let sender = Arc::from(sender);
        outbox.insert(Send { position, dispatch, stage, sender, to, send_at, blocked_until, place });
    }
    outbox
}
