//! Starting: the newest good snapshot, and what the log says happened since.

use super::log::{EmbeddedLog, Entry, Kind, Log, LogError, Placed};
use super::machine::Machine;
use super::snapshots::{Snapshots, decode};
use super::stored_line::{read_stored, read_stored_lines};
use cpc_wire::parse_body;
use std::fs;
use std::io;
use std::time::{Duration, Instant};
use tracing::{info, warn};

/// Why the state cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecoveryError {
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log does not go back to any snapshot that can be read, nor to the beginning.
    #[error("the log begins at entry {first}, and no snapshot that reaches there can be read")]
    NoSnapshot { first: u64 },
    /// The log ends before the snapshot does.
    #[error(
        "the log ends at entry {last}, before the snapshot of entry {snapshot}; if what is between them cannot be \
         restored, remove that snapshot and log.mark to go on without it: its contacts may then be written to again"
    )]
    LogBehindSnapshot { last: u64, snapshot: u64 },
    /// The same entries did not lead to the same state.
    #[error(
        "the digest at log entry {index} is another than when it was written: the log is damaged, or this version \
         decides differently from the one that wrote it"
    )]
    Digest { index: u64 },
    #[error("the snapshots: {0}")]
    Snapshots(#[source] io::Error),
}

/// What was found.
pub(crate) struct Recovered {
    pub(crate) machine: Machine,
    /// The last entry up to which nothing has happened since the snapshot.
    pub(crate) settled: u64,
}

/// Between two words about how far it has come.
const PROGRESS: Duration = Duration::from_secs(2);

/// Brings the machine to the end of the log.
pub(crate) fn recover(log: &mut EmbeddedLog, snapshots: &Snapshots) -> Result<Recovered, RecoveryError> {
    let reader = log.reader()?;
    let first = reader.range()?.map_or(1, |(first, _)| first);
    let last = log.last();
    let (mut machine, snapshot) = match newest(snapshots, last)? {
        Some((machine, index)) if first <= index + 1 => (machine, index),
        _ if first == 1 => (Machine::new(), 0),
        _ => return Err(RecoveryError::NoSnapshot { first }),
    };
    let (mut placed, mut replayed) = (Vec::new(), 0_u64);
    let mut said = Instant::now();
    reader.each(snapshot + 1, |entry| {
        placed.extend(replay(&mut machine, &entry)?);
        replayed += u64::from(entry.kind != Kind::Digest);
        if said.elapsed() >= PROGRESS {
            said = Instant::now();
            info!(entry = entry.index, of = last, "replaying the log");
        }
        Ok::<(), RecoveryError>(())
    })?;
    log.found_whole()?;
    snapshots.sweep().map_err(RecoveryError::Snapshots)?;
    // Derived again, because what was noted last may not have reached the disk.
    log.append(&[], &placed)?;
    info!(
        snapshot,
        replayed,
        last,
        outbox = machine.outbox.len(),
        "the state is that of the log's last entry"
    );
    // Behind a snapshot there is its digest, and nothing that would make another one different.
    Ok(Recovered { machine, settled: if replayed == 0 { last } else { snapshot } })
}

/// The newest snapshot that can be read.
fn newest(snapshots: &Snapshots, last: u64) -> Result<Option<(Machine, u64)>, RecoveryError> {
    for (index, path) in snapshots.list().map_err(RecoveryError::Snapshots)? {
        let bytes = fs::read(&path).map_err(RecoveryError::Snapshots)?;
        match decode(&bytes) {
            Ok((_, index)) if index > last => {
                return Err(RecoveryError::LogBehindSnapshot { last, snapshot: index });
            }
            Ok((machine, index)) => return Ok(Some((machine, index))),
            Err(error) => warn!(entry = index, %error, "a snapshot cannot be used; trying the one before"),
        }
    }
    Ok(None)
}

/// Applies an entry that is in the log. What the engine refused then, it refuses again.
fn replay(machine: &mut Machine, entry: &Entry) -> Result<Vec<Placed>, RecoveryError> {
    let damaged = LogError::Damaged { index: entry.index };
    match entry.kind {
        Kind::Batch => {
            let batch = parse_body(&entry.body).map_err(|_| damaged)?;
            let applied = machine.apply_batch(entry.index, entry.at, &batch, &mut Vec::new());
            Ok(applied.ok().and_then(|(_, placed)| placed).into_iter().collect())
        }
        Kind::Line => {
            let line = read_stored(entry.body.clone()).map_err(|_| damaged)?;
            let done = machine.apply_line(entry.index, entry.at, line.op());
            Ok(done.ok().and_then(|done| done.placed).into_iter().collect())
        }
        Kind::Lines => {
            let lines = read_stored_lines(&entry.body).map_err(|_| damaged)?;
            let done = lines.iter().map(|line| machine.apply_line(entry.index, entry.at, line.op()));
            Ok(done.filter_map(|done| done.ok()?.placed).collect())
        }
        Kind::Digest => {
            let digest = <[u8; 16]>::try_from(&*entry.body).map_err(|_| damaged)?;
            match u128::from_le_bytes(digest) == machine.engine.digest() {
                true => Ok(Vec::new()),
                false => Err(RecoveryError::Digest { index: entry.index }),
            }
        }
    }
}
