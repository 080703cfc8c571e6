//! The one thread that changes anything: append, durable, apply, answer.
//!
//! Whatever waits when the last group is done becomes the next group: one sync serves all of it, so the busier the
//! gateway, the more commands share one. If the log cannot be written, nothing of the group is applied and everybody
//! is told so; the next group is tried again.

use super::clock::now;
use super::line::Line;
use super::log::{EmbeddedLog, Kind, Log, LogError, NewEntry, Packed, Placed};
use super::machine::Machine;
use super::snapshots::{Snapshots, encode};
use super::tenant::{LineDone, Shared, Submission, Unavailable};
use bytes::Bytes;
use cpc_core::{Outcome, Refusal, Timestamp};
use cpc_wire::write_answer;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tracing::{error, info, warn};

/// The most commands, and about the most bytes, of a group.
const MOST_ENTRIES: usize = 512;
const MOST_BYTES: usize = 4 << 20;
/// How long forgetting old entries may keep others waiting.
const CUTTING: Duration = Duration::from_millis(100);

/// When snapshots are taken, and how long entries are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    /// After so many entries…
    pub(crate) snapshot_entries: u64,
    /// …or so long after the last, if there are any.
    pub(crate) snapshot_every: Duration,
    /// Entries, and the texts in them, are kept for so long at least, in ms.
    pub(crate) keep_ms: u64,
}

/// See the [module](self).
pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: EmbeddedLog,
    pub(crate) snapshots: Snapshots,
    pub(crate) retention: Retention,
    /// The last entry up to which nothing has happened since the last snapshot, and when that was taken.
    pub(crate) settled: u64,
    pub(crate) snapshot_at: Instant,
    /// A snapshot that is being written.
    pub(crate) writing: Option<JoinHandle<io::Result<u64>>>,
    /// Up to where no snapshot needs the log.
    pub(crate) superseded: u64,
    /// Where the texts of the last group's dispatches are.
    pub(crate) placed: Vec<Placed>,
}

impl Writer {
    /// Serves until told to stop, then takes a last snapshot.
    pub(crate) fn run(mut self, mut submissions: mpsc::Receiver<Submission>) {
        let mut group = Vec::new();
        while let Some(first) = submissions.blocking_recv() {
            let mut next = Some(first);
            let (mut bytes, mut stop, mut house) = (0, false, false);
            while let Some(submission) = next.take() {
                match submission {
                    Submission::Stop => stop = true,
                    Submission::Housekeeping => house = true,
                    Submission::Batch(_, ref body, _)
                    | Submission::Line(_, ref body, _)
                    | Submission::Lines(_, ref body, _) => {
                        bytes += body.len();
                        group.push(submission);
                    }
                }
                if !stop && group.len() < MOST_ENTRIES && bytes < MOST_BYTES {
                    next = submissions.try_recv().ok();
                }
            }
            if !group.is_empty() {
                self.decide(&mut group);
            }
            if stop {
                break;
            }
            self.keep_house(house);
        }
        self.finish();
    }

    /// Makes a group durable, applies it, answers it.
    fn decide(&mut self, group: &mut Vec<Submission>) {
        let at = self.effective_time();
        let entries: Vec<NewEntry> = group.iter().filter_map(|submission| entry_of(submission, at)).collect();
        let first = self.log.last() + 1;
        if let Err(error) = self.append(&entries) {
            error!(%error, commands = group.len(), "nothing can be written to the log; the commands were refused");
            self.shared.set_writable(false);
            group.drain(..).for_each(refuse);
            return;
        }
        self.shared.set_writable(true);
        let shared = Arc::clone(&self.shared);
        let mut machine = shared.write();
        let mut answers: Vec<Box<dyn FnOnce()>> = Vec::with_capacity(group.len());
        for (index, submission) in (first..).zip(group.drain(..)) {
            match submission {
                Submission::Batch(request, _, reply) => {
                    let mut outcomes = Vec::with_capacity(request.batch().messages.len());
                    let applied = machine.apply_batch(index, at, request.batch(), &mut outcomes);
                    self.count(&outcomes);
                    let decided = applied.map(|(_, placed)| {
                        self.placed.extend(placed);
                        outcomes
                    });
                    // Whoever does not wait any more asks again.
                    answers.push(Box::new(move || drop(reply.send(Ok(decided)))));
                }
                Submission::Line(line, _, reply) => {
                    let done = self.apply_line(&mut machine, index, at, &line);
                    answers.push(Box::new(move || drop(reply.send(Ok(done)))));
                }
                Submission::Lines(lines, _, reply) => {
                    let done: Vec<_> =
                        lines.iter().map(|line| self.apply_line(&mut machine, index, at, line)).collect();
                    answers.push(Box::new(move || drop(reply.send(Ok(done)))));
                }
                Submission::Housekeeping | Submission::Stop => {}
            }
        }
        shared.metrics.applied(self.log.last(), machine.outbox.len());
        drop(machine);
        answers.into_iter().for_each(|answer| answer());
        shared.has_changed();
    }

    /// Applies a line of entry `index`, and writes its answer.
    fn apply_line(
        &mut self,
        machine: &mut Machine,
        index: u64,
        at: u64,
        line: &Line,
    ) -> Result<LineDone, Refusal> {
        let done = machine.apply_line(index, at, line.op())?;
        self.count(&done.outcomes);
        self.placed.extend(done.placed);
        let (mut answer, language) = (Vec::new(), self.shared.language);
        write_answer(&machine.engine, line.op(), &done.answer, &done.outcomes, language, &mut answer);
        Ok(LineDone { answer, outcomes: done.outcomes })
    }

    fn append(&mut self, entries: &[NewEntry]) -> Result<(), LogError> {
        let began = Instant::now();
        self.log.append(entries, &self.placed)?;
        self.placed.clear();
        self.shared.metrics.synced(entries.len(), began.elapsed());
        Ok(())
    }

    /// Now, or the engine's clock if that is later: what the log stores is never before what it stored last.
    fn effective_time(&self) -> u64 {
        let clock = self.shared.read().engine.clock();
        clock.map_or(0, Timestamp::as_millis).max(now())
    }

    fn count(&self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            self.shared.metrics.outcome(outcome.status.name());
        }
    }

    fn keep_house(&mut self, time_has_passed: bool) {
        if time_has_passed && !self.shared.is_writable() {
            self.try_again();
        }
        self.look_after_snapshot(false);
        let new = self.log.last() - self.settled;
        let is_due = new >= self.retention.snapshot_entries
            || time_has_passed && new > 0 && self.snapshot_at.elapsed() >= self.retention.snapshot_every;
        if is_due && self.writing.is_none() {
            self.take_snapshot();
        }
        if time_has_passed && let Err(error) = self.forget() {
            warn!(%error, "old entries cannot be forgotten");
        }
    }

    /// Sees whether the log can be written to again: a gateway that is not ready may be sent no commands by which it
    /// would find out. What it writes does no harm, and will be checked by replays.
    fn try_again(&mut self) {
        let digest = self.shared.read().engine.digest();
        if self.append(&[self.digest_entry(digest)]).is_ok() {
            info!("the log can be written to again");
            self.shared.set_writable(true);
        }
    }

    fn digest_entry(&self, digest: u128) -> NewEntry {
        let body = Packed::new(Bytes::copy_from_slice(&digest.to_le_bytes()));
        NewEntry { at: self.effective_time(), kind: Kind::Digest, body }
    }

    /// Takes a snapshot; it is written while the next commands are decided.
    fn take_snapshot(&mut self) {
        let began = Instant::now();
        let index = self.log.last();
        let (bytes, digest) = encode(&self.shared.read(), index);
        self.shared.metrics.snapshot(began.elapsed());
        self.snapshot_at = Instant::now();
        // Replays that begin earlier come past here, and can be checked.
        if let Err(error) = self.append(&[self.digest_entry(digest)]) {
            // Where the last group's texts are was to be written with it: a start from this snapshot would not know.
            warn!(%error, "the digest cannot be written to the log; no snapshot is taken");
            return;
        }
        // The digest changes nothing: for its sake alone no other snapshot is taken.
        self.settled = self.log.last();
        let (snapshots, length) = (self.snapshots.clone(), bytes.len());
        self.writing = Some(thread::spawn(move || {
            let superseded = snapshots.write(index, &bytes)?;
            info!(entry = index, bytes = length, "snapshot written");
            Ok(superseded)
        }));
    }

    /// Notes whether the snapshot that was being written is there now.
    fn look_after_snapshot(&mut self, wait: bool) {
        let Some(writing) = self.writing.take_if(|writing| wait || writing.is_finished()) else { return };
        match writing.join() {
            Ok(Ok(superseded)) => self.superseded = superseded,
            Ok(Err(error)) => warn!(%error, "the snapshot cannot be written; the log is kept"),
            Err(_) => error!("writing the snapshot panicked; the log is kept"),
        }
    }

    /// Forgets entries that no snapshot needs and whose texts have expired, for a moment.
    fn forget(&mut self) -> Result<(), LogError> {
        // By the engine's clock: it is not moved by a host's that is wrong for a moment.
        let clock = self.shared.read().engine.clock().map_or(0, Timestamp::as_millis);
        let expired = self.log.last_before(clock.saturating_sub(self.retention.keep_ms))?;
        let through = self.superseded.min(expired);
        let began = Instant::now();
        while !self.log.cut(through)? && began.elapsed() < CUTTING {}
        Ok(())
    }

    fn finish(mut self) {
        self.look_after_snapshot(true);
        if self.log.last() > self.settled {
            self.take_snapshot();
            self.look_after_snapshot(true);
        }
        let marked = self.append(&[]).and_then(|()| self.log.mark());
        if let Err(error) = marked {
            warn!(%error, "the end of the log could not be marked");
        }
        info!(entry = self.log.last(), "the log is closed");
    }
}

fn entry_of(submission: &Submission, at: u64) -> Option<NewEntry> {
    let (kind, body) = match submission {
        Submission::Batch(_, body, _) => (Kind::Batch, body),
        Submission::Line(_, body, _) => (Kind::Line, body),
        Submission::Lines(_, body, _) => (Kind::Lines, body),
        Submission::Housekeeping | Submission::Stop => return None,
    };
    Some(NewEntry { at, kind, body: body.clone() })
}

fn refuse(submission: Submission) {
    match submission {
        Submission::Batch(_, _, reply) => drop(reply.send(Err(Unavailable))),
        Submission::Line(_, _, reply) => drop(reply.send(Err(Unavailable))),
        Submission::Lines(_, _, reply) => drop(reply.send(Err(Unavailable))),
        Submission::Housekeeping | Submission::Stop => {}
    }
}
