//! The one thread that changes the state: append, make durable, apply, answer.
//!
//! All jobs that wait when a group is done become the next group: one sync serves all of them, so the busier the
//! gateway, the more commands share a sync (group commit). If the log cannot be written, nothing of the group is applied
//! and all its commands are refused; the next group tries again.

use super::clock::now;
use super::handle::{CommandReply, Job, SharedState, Unavailable};
use super::snapshots::{SnapshotStore, encode};
use super::state::GatewayState;
use crate::config::settings::LogRetention;
use crate::storage::command_json::CommandJson;
use crate::storage::log::{EmbeddedLog, EntryKind, Log, LogError, NewEntry, StoredBytes, TextLocations};
use bytes::Bytes;
use cpc_core::{CommandError, Outcome, Timestamp};
use cpc_wire::write_answer;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tracing::{error, info, warn};

/// The most commands of a group.
const MAX_GROUP_ENTRIES: usize = 512;
/// About the most bytes of a group.
const MAX_GROUP_BYTES: usize = 4 << 20;
/// How long deleting old entries may keep commands waiting.
const MAX_CUT: Duration = Duration::from_millis(100);

/// See the [module](self).
pub(crate) struct Writer {
    shared: Arc<SharedState>,
    log: EmbeddedLog,
    snapshots: SnapshotStore,
    retention: LogRetention,
    /// The last entry that no new snapshot is needed for.
    settled: u64,
    /// When the last snapshot was taken.
    snapshot_at: Instant,
    /// The snapshot that is being written.
    writing: Option<JoinHandle<io::Result<u64>>>,
    /// The last entry that no kept snapshot needs the log for.
    superseded: u64,
    /// The text locations of the last group, stored with the next append.
    placed: Vec<TextLocations>,
}

impl Writer {
    /// A writer of a state that was just recovered; no new snapshot is needed for entries up to `settled`.
    pub(crate) fn new(
        shared: Arc<SharedState>,
        log: EmbeddedLog,
        snapshots: SnapshotStore,
        retention: LogRetention,
        settled: u64,
    ) -> Writer {
        Writer {
            shared,
            log,
            snapshots,
            retention,
            settled,
            snapshot_at: Instant::now(),
            writing: None,
            superseded: 0,
            placed: Vec::new(),
        }
    }

    /// Runs until [`Job::Stop`], then takes a last snapshot.
    pub(crate) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut group = Vec::new();
        while let Some(first) = jobs.blocking_recv() {
            let mut next = Some(first);
            let (mut bytes, mut stop, mut is_maintenance_due) = (0, false, false);
            while let Some(job) = next.take() {
                match job {
                    Job::Stop => stop = true,
                    Job::Maintenance => is_maintenance_due = true,
                    Job::Batch(_, ref body, _)
                    | Job::Command(_, ref body, _)
                    | Job::Commands(_, ref body, _) => {
                        bytes += body.len();
                        group.push(job);
                    }
                }
                if !stop && group.len() < MAX_GROUP_ENTRIES && bytes < MAX_GROUP_BYTES {
                    next = jobs.try_recv().ok();
                }
            }
            if !group.is_empty() {
                self.commit(&mut group);
            }
            if stop {
                break;
            }
            self.maintain(is_maintenance_due);
        }
        self.finish();
    }

    /// Makes a group durable, applies it, answers it.
    fn commit(&mut self, group: &mut Vec<Job>) {
        let at = self.effective_time();
        let entries: Vec<NewEntry> = group.iter().filter_map(|job| entry_of(job, at)).collect();
        let first = self.log.last() + 1;
        if let Err(error) = self.append(&entries) {
            error!(%error, commands = group.len(), "nothing can be written to the log; the commands were refused");
            self.shared.set_writable(false);
            group.drain(..).for_each(refuse);
            return;
        }
        self.shared.set_writable(true);
        let shared = Arc::clone(&self.shared);
        let mut state = shared.write();
        let mut answers: Vec<Box<dyn FnOnce()>> = Vec::with_capacity(group.len());
        for (index, job) in (first..).zip(group.drain(..)) {
            match job {
                Job::Batch(request, _, reply) => {
                    let mut outcomes = Vec::with_capacity(request.batch().messages.len());
                    let applied = state.apply_batch(index, at, request.batch(), &mut outcomes);
                    self.count(&outcomes);
                    let decided = applied.map(|(_, placed)| {
                        self.placed.extend(placed);
                        outcomes
                    });
                    // The requester timed out; it will retry.
                    answers.push(Box::new(move || drop(reply.send(Ok(decided)))));
                }
                Job::Command(command, _, reply) => {
                    let done = self.apply(&mut state, index, at, &command);
                    answers.push(Box::new(move || drop(reply.send(Ok(done)))));
                }
                Job::Commands(commands, _, reply) => {
                    let done: Vec<_> =
                        commands.iter().map(|command| self.apply(&mut state, index, at, command)).collect();
                    answers.push(Box::new(move || drop(reply.send(Ok(done)))));
                }
                Job::Maintenance | Job::Stop => {}
            }
        }
        shared.metrics.applied(self.log.last(), state.outbox.len());
        drop(state);
        answers.into_iter().for_each(|answer| answer());
        shared.notify_changed();
    }

    /// Applies a command of entry `index`, and writes its answer.
    fn apply(
        &mut self,
        state: &mut GatewayState,
        index: u64,
        at: u64,
        command: &CommandJson,
    ) -> Result<CommandReply, CommandError> {
        let done = state.apply_command(index, at, command.op())?;
        self.count(&done.outcomes);
        self.placed.extend(done.placed);
        let (mut answer, language) = (Vec::new(), self.shared.language);
        write_answer(&state.engine, command.op(), &done.answer, &done.outcomes, language, &mut answer);
        Ok(CommandReply { answer, outcomes: done.outcomes })
    }

    fn append(&mut self, entries: &[NewEntry]) -> Result<(), LogError> {
        let began = Instant::now();
        self.log.append(entries, &self.placed)?;
        self.placed.clear();
        self.shared.metrics.synced(entries.len(), began.elapsed());
        Ok(())
    }

    /// Now, or the engine's clock if that is later: times in the log never decrease.
    fn effective_time(&self) -> u64 {
        let clock = self.shared.read().engine.clock();
        clock.map_or(0, Timestamp::as_millis).max(now())
    }

    fn count(&self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            self.shared.metrics.outcome(outcome.status.name());
        }
    }

    fn maintain(&mut self, is_due: bool) {
        if is_due && !self.shared.is_writable() {
            self.probe_log();
        }
        self.join_snapshot(false);
        let new = self.log.last() - self.settled;
        let is_snapshot_due = new >= self.retention.snapshot_entries
            || is_due && new > 0 && self.snapshot_at.elapsed() >= self.retention.snapshot_every;
        if is_snapshot_due && self.writing.is_none() {
            self.take_snapshot();
        }
        if is_due && let Err(error) = self.delete_expired() {
            warn!(%error, "old entries cannot be forgotten");
        }
    }

    /// Tries to write to the log again: a gateway that is not ready may get no commands that would. The digest it writes
    /// does no harm, and is checked by replays.
    fn probe_log(&mut self) {
        let digest = self.shared.read().engine.digest();
        if self.append(&[self.digest_entry(digest)]).is_ok() {
            info!("the log can be written to again");
            self.shared.set_writable(true);
        }
    }

    fn digest_entry(&self, digest: u128) -> NewEntry {
        let body = StoredBytes::new(Bytes::copy_from_slice(&digest.to_le_bytes()));
        NewEntry { at: self.effective_time(), kind: EntryKind::Digest, body }
    }

    /// Takes a snapshot; a thread writes it while the next commands are decided.
    fn take_snapshot(&mut self) {
        let began = Instant::now();
        let index = self.log.last();
        let (bytes, digest) = encode(&self.shared.read(), index);
        self.shared.metrics.snapshot(began.elapsed());
        self.snapshot_at = Instant::now();
        // A replay from an earlier snapshot passes here, and is checked.
        if let Err(error) = self.append(&[self.digest_entry(digest)]) {
            // The text locations of the last group are lost with this append: a start from this snapshot would lack them.
            warn!(%error, "the digest cannot be written to the log; no snapshot is taken");
            return;
        }
        // The digest itself changes nothing that would need a new snapshot.
        self.settled = self.log.last();
        let (snapshots, length) = (self.snapshots.clone(), bytes.len());
        self.writing = Some(thread::spawn(move || {
            let superseded = snapshots.write(index, &bytes)?;
            info!(entry = index, bytes = length, "snapshot written");
            Ok(superseded)
        }));
    }

    /// Takes note of a snapshot that has been written; waits for it if asked to.
    fn join_snapshot(&mut self, wait: bool) {
        let Some(writing) = self.writing.take_if(|writing| wait || writing.is_finished()) else { return };
        match writing.join() {
            Ok(Ok(superseded)) => self.superseded = superseded,
            Ok(Err(error)) => warn!(%error, "the snapshot cannot be written; the log is kept"),
            Err(_) => error!("writing the snapshot panicked; the log is kept"),
        }
    }

    /// Deletes entries that no snapshot needs and whose texts have expired, for [`MAX_CUT`] at most.
    fn delete_expired(&mut self) -> Result<(), LogError> {
        // By the engine's clock: the host's may be wrong for a moment, and deleting cannot be undone.
        let clock = self.shared.read().engine.clock().map_or(0, Timestamp::as_millis);
        let expired = self.log.last_before(clock.saturating_sub(self.retention.keep_ms))?;
        let through = self.superseded.min(expired);
        let began = Instant::now();
        while !self.log.cut(through)? && began.elapsed() < MAX_CUT {}
        Ok(())
    }

    fn finish(mut self) {
        self.join_snapshot(true);
        if self.log.last() > self.settled {
            self.take_snapshot();
            self.join_snapshot(true);
        }
        let marked = self.append(&[]).and_then(|()| self.log.mark());
        if let Err(error) = marked {
            warn!(%error, "the end of the log could not be marked");
        }
        info!(entry = self.log.last(), "the log is closed");
    }
}

fn entry_of(job: &Job, at: u64) -> Option<NewEntry> {
    let (kind, body) = match job {
        Job::Batch(_, body, _) => (EntryKind::Batch, body),
        Job::Command(_, body, _) => (EntryKind::Command, body),
        Job::Commands(_, body, _) => (EntryKind::Lines, body),
        Job::Maintenance | Job::Stop => return None,
    };
    Some(NewEntry { at, kind, body: body.clone() })
}

fn refuse(job: Job) {
    match job {
        Job::Batch(_, _, reply) => drop(reply.send(Err(Unavailable))),
        Job::Command(_, _, reply) => drop(reply.send(Err(Unavailable))),
        Job::Commands(_, _, reply) => drop(reply.send(Err(Unavailable))),
        Job::Maintenance | Job::Stop => {}
    }
}
