//! The gateway's one tenant, as everybody else sees it: commands go in and come back decided and durable; questions
//! are answered at once.

use super::clock::{Clocks, now};
use super::line::Line;
use super::log::Packed;
use super::machine::Machine;
use super::metrics::Metrics;
use cpc_core::{Engine, Outcome, Refusal, Timestamp};
use cpc_http::DispatchRequest;
use cpc_wire::{CommandText, Language, Op, ask, write_answer};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::{mpsc, oneshot, watch};

/// How many commands may wait to be written.
const QUEUE: usize = 4096;

/// The log cannot be written, the clocks are too far apart, or the gateway is ending. The command may have been applied all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// What came of a line.
pub(crate) struct LineDone {
    /// The answer, in JSON.
    pub(crate) answer: Vec<u8>,
    pub(crate) outcomes: Vec<Outcome>,
}

/// What waits to be decided.
pub(crate) enum Submission {
    Batch(DispatchRequest, Packed, oneshot::Sender<Result<Result<Vec<Outcome>, Refusal>, Unavailable>>),
    Line(Line, Packed, oneshot::Sender<Result<Result<LineDone, Refusal>, Unavailable>>),
    /// Commands of one piece: one entry of the log.
    Lines(Vec<Line>, Packed, oneshot::Sender<Result<Vec<Result<LineDone, Refusal>>, Unavailable>>),
    /// Time has passed: is a snapshot due, is there something to forget?
    Housekeeping,
    /// Nothing more will come.
    Stop,
}

/// What the writer and all others look at.
pub(crate) struct Shared {
    machine: RwLock<Machine>,
    /// Whether the log could be written to when it last was.
    writable: AtomicBool,
    /// Sent whenever the machine has changed.
    changed: watch::Sender<()>,
    pub(crate) metrics: Metrics,
    pub(crate) language: Language,
}

impl Shared {
    /// The machine, to look at. A panic while it changed ends the process, so it is never half changed.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Machine> {
        self.machine.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The machine, for the writer.
    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Machine> {
        self.machine.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everybody that waits for a change.
    pub(super) fn has_changed(&self) {
        self.changed.send_replace(());
    }

    pub(super) fn set_writable(&self, writable: bool) {
        self.writable.store(writable, Ordering::Relaxed);
    }

    /// Whether the log can be written to.
    pub(crate) fn is_writable(&self) -> bool {
        self.writable.load(Ordering::Relaxed)
    }
}

/// See the [module](self). Clones are the same tenant.
#[derive(Clone)]
pub(crate) struct Tenant {
    shared: Arc<Shared>,
    queue: mpsc::Sender<Submission>,
}

impl Tenant {
    /// A tenant whose machine is after log entry `entry`, and what is submitted to it.
    pub(crate) fn new(
        machine: Machine,
        entry: u64,
        metrics: Metrics,
        language: Language,
    ) -> (Tenant, mpsc::Receiver<Submission>) {
        let (queue, submissions) = mpsc::channel(QUEUE);
        metrics.applied(entry, machine.outbox.len());
        let shared = Shared {
            machine: RwLock::new(machine),
            writable: AtomicBool::new(true),
            changed: watch::Sender::new(()),
            metrics,
            language,
        };
        (Tenant { shared: Arc::new(shared), queue }, submissions)
    }

    /// What it shares with its writer.
    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Decides about a batch. Its outcomes are durable.
    pub(crate) async fn batch(
        &self,
        request: DispatchRequest,
        body: Packed,
    ) -> Result<Result<Vec<Outcome>, Refusal>, Unavailable> {
        self.check_clocks()?;
        let (reply, answer) = oneshot::channel();
        self.submit(Submission::Batch(request, body, reply)).await?;
        answer.await.map_err(|_| Unavailable)?
    }

    /// Carries out a line: a command durably, a query at once.
    pub(crate) async fn line(&self, line: Line) -> Result<Result<LineDone, Refusal>, Unavailable> {
        if let Some(answered) = self.ask(line.op()) {
            return Ok(answered);
        }
        if matches!(line.op(), Op::Command(CommandText::Dispatch(_))) {
            self.check_clocks()?;
        }
        let (reply, answer) = oneshot::channel();
        let body = Packed::new(line.text().clone());
        self.submit(Submission::Line(line, body, reply)).await?;
        answer.await.map_err(|_| Unavailable)?
    }

    /// Carries out commands that are durable together or not at all, with nothing between them. Each is answered; one
    /// that the engine refuses does not stop the others.
    pub(crate) async fn lines(
        &self,
        mut lines: Vec<Line>,
    ) -> Result<Vec<Result<LineDone, Refusal>>, Unavailable> {
        if lines.len() <= 1 {
            // The log says it as it says any other line.
            return match lines.pop() {
                Some(line) => Ok(vec![self.line(line).await?]),
                None => Ok(Vec::new()),
            };
        }
        let (reply, answer) = oneshot::channel();
        let body = Packed::new(Line::joined(&lines));
        self.submit(Submission::Lines(lines, body, reply)).await?;
        answer.await.map_err(|_| Unavailable)?
    }

    /// Answers a query; a command is no question.
    pub(crate) fn ask(&self, op: &Op<'_>) -> Option<Result<LineDone, Refusal>> {
        let Op::Query(query) = op else { return None };
        let machine = self.shared.read();
        let mut outcomes = Vec::new();
        let answered = ask(&machine.engine, now().cast_signed(), query, &mut outcomes);
        Some(answered.map(|answer| {
            let mut text = Vec::new();
            write_answer(&machine.engine, op, &answer, &outcomes, self.shared.language, &mut text);
            LineDone { answer: text, outcomes }
        }))
    }

    /// Looks at the engine.
    pub(crate) fn engine<R>(&self, look: impl FnOnce(&Engine) -> R) -> R {
        look(&self.shared.read().engine)
    }

    /// How the engine's clock and the host's stand to each other.
    pub(crate) fn clocks(&self) -> Clocks {
        self.engine(|engine| {
            let clock = engine.clock().map(Timestamp::as_millis);
            Clocks::compare(clock, now(), engine.policy().max_clock_jump_ms())
        })
    }

    /// No message is accepted that would wait for a time which is only the engine's.
    fn check_clocks(&self) -> Result<(), Unavailable> {
        match self.clocks() {
            Clocks::EngineAhead => Err(Unavailable),
            // Of a host that is ahead, the engine refuses commands itself, and says why.
            Clocks::Agree | Clocks::EngineStoodStill | Clocks::HostAhead => Ok(()),
        }
    }

    /// A receiver that is told of every change.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.shared.changed.subscribe()
    }

    /// Lets the writer look whether there is something to be done because time has passed.
    pub(crate) async fn keep_house(&self) -> Result<(), Unavailable> {
        self.submit(Submission::Housekeeping).await
    }

    /// Whether nothing can be submitted any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Ends the writer once it has decided all that was submitted before.
    pub(crate) async fn stop(&self) -> Result<(), Unavailable> {
        self.submit(Submission::Stop).await
    }

    async fn submit(&self, submission: Submission) -> Result<(), Unavailable> {
        self.queue.send(submission).await.map_err(|_| Unavailable)
    }
}
