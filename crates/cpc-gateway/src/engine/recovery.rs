//! Recovery at a start: the newest readable snapshot, and a replay of the log after it.

use super::snapshots::{SnapshotStore, decode};
use super::state::GatewayState;
use crate::localized::Localized;
use crate::storage::log::{EmbeddedLog, EntryKind, Log, LogEntry, LogError, TextLocations};
use crate::storage::stored_command::{read_stored, read_stored_lines};
use cpc_wire::{Arena, parse_body};
use std::borrow::Cow;
use std::fs;
use std::io;
use std::time::{Duration, Instant};
use tracing::{info, warn};

/// Why recovery failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecoveryError {
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log begins after every readable snapshot, and not at entry 1.
    #[error("the log begins at entry {first}, and no snapshot that reaches there can be read")]
    NoSnapshot { first: u64 },
    /// The newest snapshot includes entries that the log does not have.
    #[error(
        "the log ends at entry {last}, before the snapshot of entry {snapshot}; if what is between them cannot be \
         restored, remove that snapshot and log.mark to go on without it: its contacts may then be written to again"
    )]
    LogBehindSnapshot { last: u64, snapshot: u64 },
    /// A replay led to another state than the one whose digest was logged.
    #[error(
        "the digest at log entry {index} is another than when it was written: the log is damaged, or this version \
         decides differently from the one that wrote it"
    )]
    Digest { index: u64 },
    #[error("the snapshots: {0}")]
    Snapshots(#[source] io::Error),
}

impl Localized for RecoveryError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            RecoveryError::Log(error) => return error.portuguese(),
            RecoveryError::NoSnapshot { first } => {
                format!("o log começa na entrada {first}, e nenhum snapshot que chegue até ela pode ser lido")
            }
            RecoveryError::LogBehindSnapshot { last, snapshot } => format!(
                "o log termina na entrada {last}, antes do snapshot da entrada {snapshot}; se o que falta entre eles não \
                 puder ser restaurado, remova esse snapshot e log.mark para seguir sem isso: seus contatos poderão então \
                 ser contatados de novo"
            ),
            RecoveryError::Digest { index } => format!(
                "o digest na entrada {index} do log não é o de quando foi escrito: o log está danificado, ou esta versão \
                 decide de outro modo que a que o escreveu"
            ),
            RecoveryError::Snapshots(error) => format!("os snapshots: {error}"),
        })
    }
}

/// The recovered state.
pub(crate) struct Recovered {
    pub(crate) state: GatewayState,
    /// The last entry that no new snapshot is needed for.
    pub(crate) settled: u64,
}

/// Between two log events about the progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// Recovers the state as of the log's last entry.
pub(crate) fn recover(log: &mut EmbeddedLog, snapshots: &SnapshotStore) -> Result<Recovered, RecoveryError> {
    let reader = log.reader()?;
    let first = reader.range()?.map_or(1, |(first, _)| first);
    let last = log.last();
    let (mut state, snapshot) = match newest(snapshots, last)? {
        Some((state, index)) if first <= index + 1 => (state, index),
        _ if first == 1 => (GatewayState::new(), 0),
        _ => return Err(RecoveryError::NoSnapshot { first }),
    };
    let (mut placed, mut replayed) = (Vec::new(), 0_u64);
    let mut reported = Instant::now();
    reader.each(snapshot + 1, |entry| {
        placed.extend(replay(&mut state, &entry)?);
        replayed += u64::from(entry.kind != EntryKind::Digest);
        if reported.elapsed() >= PROGRESS_EVERY {
            reported = Instant::now();
            info!(entry = entry.index, of = last, "replaying the log");
        }
        Ok::<(), RecoveryError>(())
    })?;
    log.allow_checkpoints()?;
    snapshots.remove_partial().map_err(RecoveryError::Snapshots)?;
    // Stored again: the locations of the last entries may not have reached the disk.
    log.append(&[], &placed)?;
    info!(snapshot, replayed, last, outbox = state.outbox.len(), "the state is that of the log's last entry");
    // Only digests follow the snapshot: a new one would be the same.
    Ok(Recovered { state, settled: if replayed == 0 { last } else { snapshot } })
}

/// The newest readable snapshot.
fn newest(snapshots: &SnapshotStore, last: u64) -> Result<Option<(GatewayState, u64)>, RecoveryError> {
    for (index, path) in snapshots.list().map_err(RecoveryError::Snapshots)? {
        let bytes = fs::read(&path).map_err(RecoveryError::Snapshots)?;
        match decode(&bytes) {
            Ok((_, index)) if index > last => {
                return Err(RecoveryError::LogBehindSnapshot { last, snapshot: index });
            }
            Ok((state, index)) => return Ok(Some((state, index))),
            Err(error) => warn!(entry = index, %error, "a snapshot cannot be used; trying the one before"),
        }
    }
    Ok(None)
}

/// Applies an entry of the log. What the engine refused the first time, it refuses again.
fn replay(state: &mut GatewayState, entry: &LogEntry) -> Result<Vec<TextLocations>, RecoveryError> {
    let damaged = LogError::Damaged { index: entry.index };
    match entry.kind {
        EntryKind::Batch => {
            let arena = Arena::new();
            let batch = parse_body(&entry.body, &arena).map_err(|_| damaged)?;
            let applied = state.apply_batch(entry.index, entry.at, &batch, &mut Vec::new());
            Ok(applied.ok().and_then(|(_, placed)| placed).into_iter().collect())
        }
        EntryKind::Command => {
            let line = read_stored(entry.body.clone()).map_err(|_| damaged)?;
            let done = state.apply_command(entry.index, entry.at, line.op());
            Ok(done.ok().and_then(|done| done.placed).into_iter().collect())
        }
        EntryKind::Lines => {
            let lines = read_stored_lines(&entry.body).map_err(|_| damaged)?;
            let done = lines.iter().map(|line| state.apply_command(entry.index, entry.at, line.op()));
            Ok(done.filter_map(|done| done.ok()?.placed).collect())
        }
        EntryKind::Digest => {
            let digest = <[u8; 16]>::try_from(&*entry.body).map_err(|_| damaged)?;
            match u128::from_le_bytes(digest) == state.engine.digest() {
                true => Ok(Vec::new()),
                false => Err(RecoveryError::Digest { index: entry.index }),
            }
        }
    }
}
