//! The way to the engine for the rest of the gateway: commands are queued for the writer and answered once they are
//! durable and applied; queries are answered at once, under a read lock.

use super::clock::{ClockSkew, now};
use super::metrics::Metrics;
use super::state::GatewayState;
use crate::storage::command_json::CommandJson;
use crate::storage::log::StoredBytes;
use cpc_core::{Command, CommandError, Engine, Outcome, Timestamp};
use cpc_http::DispatchRequest;
use cpc_wire::{Language, Op, query, write_answer};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::{mpsc, oneshot, watch};

/// How many commands may wait to be written.
const QUEUE: usize = 4096;

/// The log cannot be written, the clocks are too far apart, or the gateway is ending. The command may have been applied
/// all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// The answer to a command or query.
pub(crate) struct CommandReply {
    /// In JSON.
    pub(crate) answer: Vec<u8>,
    pub(crate) outcomes: Vec<Outcome>,
}

/// What the writer is asked to do.
pub(crate) enum Job {
    Batch(
        DispatchRequest,
        StoredBytes,
        oneshot::Sender<Result<Result<Vec<Outcome>, CommandError>, Unavailable>>,
    ),
    Command(
        CommandJson,
        StoredBytes,
        oneshot::Sender<Result<Result<CommandReply, CommandError>, Unavailable>>,
    ),
    /// Commands that are one entry of the log.
    Commands(
        Vec<CommandJson>,
        StoredBytes,
        oneshot::Sender<Result<Vec<Result<CommandReply, CommandError>>, Unavailable>>,
    ),
    /// Take a snapshot and delete expired entries, if they are due.
    Maintenance,
    /// End after the jobs before this one.
    Stop,
}

/// What the writer shares with everything else.
pub(crate) struct SharedState {
    state: RwLock<GatewayState>,
    /// Whether the last append succeeded.
    writable: AtomicBool,
    /// Notified whenever the state has changed.
    changed: watch::Sender<()>,
    pub(crate) metrics: Metrics,
    pub(crate) language: Language,
}

impl SharedState {
    /// The state, to read. A panic of the writer ends the process, so the state is never half changed.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, GatewayState> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for the writer alone.
    pub(super) fn write(&self) -> RwLockWriteGuard<'_, GatewayState> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes all that wait for a change.
    pub(super) fn notify_changed(&self) {
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

/// See the [module](self). Clones reach the same engine.
#[derive(Clone)]
pub(crate) struct EngineHandle {
    shared: Arc<SharedState>,
    queue: mpsc::Sender<Job>,
}

impl EngineHandle {
    /// A handle to a state that includes log entry `entry`, and the queue that its writer reads.
    pub(crate) fn new(
        state: GatewayState,
        entry: u64,
        metrics: Metrics,
        language: Language,
    ) -> (EngineHandle, mpsc::Receiver<Job>) {
        let (queue, jobs) = mpsc::channel(QUEUE);
        metrics.applied(entry, state.outbox.len());
        let shared = SharedState {
            state: RwLock::new(state),
            writable: AtomicBool::new(true),
            changed: watch::Sender::new(()),
            metrics,
            language,
        };
        (EngineHandle { shared: Arc::new(shared), queue }, jobs)
    }

    /// The state, metrics and health.
    pub(crate) const fn shared(&self) -> &Arc<SharedState> {
        &self.shared
    }

    /// Dispatches a batch. When this returns its outcomes, they are durable.
    pub(crate) async fn dispatch(
        &self,
        request: DispatchRequest,
        body: StoredBytes,
    ) -> Result<Result<Vec<Outcome>, CommandError>, Unavailable> {
        self.check_clocks()?;
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Batch(request, body, reply)).await?;
        answer.await.map_err(|_| Unavailable)?
    }

    /// Executes a command durably, or answers a query at once.
    pub(crate) async fn execute(
        &self,
        command: CommandJson,
    ) -> Result<Result<CommandReply, CommandError>, Unavailable> {
        if let Some(answered) = self.query(command.op()) {
            return Ok(answered);
        }
        if matches!(command.op(), Op::Command(Command::Dispatch(_))) {
            self.check_clocks()?;
        }
        let (reply, answer) = oneshot::channel();
        let body = StoredBytes::new(command.line().clone());
        self.submit(Job::Command(command, body, reply)).await?;
        answer.await.map_err(|_| Unavailable)?
    }

    /// Executes commands that are durable together or not at all, with nothing between them. Each has a reply; one that
    /// the engine refuses does not stop the others.
    pub(crate) async fn execute_all(
        &self,
        mut commands: Vec<CommandJson>,
    ) -> Result<Vec<Result<CommandReply, CommandError>>, Unavailable> {
        if commands.len() <= 1 {
            // It is logged like any other command.
            return match commands.pop() {
                Some(command) => Ok(vec![self.execute(command).await?]),
                None => Ok(Vec::new()),
            };
        }
        let (reply, answer) = oneshot::channel();
        let body = StoredBytes::new(CommandJson::joined(&commands));
        self.submit(Job::Commands(commands, body, reply)).await?;
        answer.await.map_err(|_| Unavailable)?
    }

    /// Answers a query; `None` if it is a command.
    pub(crate) fn query(&self, op: &Op<'_>) -> Option<Result<CommandReply, CommandError>> {
        let Op::Query(asked) = op else { return None };
        let state = self.shared.read();
        let answered = query(&state.engine, now().cast_signed(), asked);
        Some(answered.map(|answer| {
            let mut text = Vec::new();
            write_answer(&state.engine, op, &answer, &[], self.shared.language, &mut text);
            CommandReply { answer: text, outcomes: Vec::new() }
        }))
    }

    /// Reads the engine.
    pub(crate) fn engine<R>(&self, look: impl FnOnce(&Engine) -> R) -> R {
        look(&self.shared.read().engine)
    }

    /// The difference between the engine's clock and the host's.
    pub(crate) fn clock_skew(&self) -> ClockSkew {
        self.engine(|engine| {
            let clock = engine.clock().map(Timestamp::as_millis);
            ClockSkew::compare(clock, now(), engine.policy().max_clock_jump().as_millis() as u64)
        })
    }

    /// Refuses messages while the engine's clock is ahead: they would wait until the host's gets there.
    fn check_clocks(&self) -> Result<(), Unavailable> {
        match self.clock_skew() {
            ClockSkew::EngineAhead => Err(Unavailable),
            // If the host is ahead, the engine itself refuses, and says why.
            ClockSkew::None | ClockSkew::EngineIdle | ClockSkew::HostAhead => Ok(()),
        }
    }

    /// A receiver that is notified of every change of the state.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.shared.changed.subscribe()
    }

    /// Asks the writer to do the maintenance that is due.
    pub(crate) async fn maintain(&self) -> Result<(), Unavailable> {
        self.submit(Job::Maintenance).await
    }

    /// Whether the writer has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Ends the writer after all jobs that were submitted before.
    pub(crate) async fn stop(&self) -> Result<(), Unavailable> {
        self.submit(Job::Stop).await
    }

    async fn submit(&self, job: Job) -> Result<(), Unavailable> {
        self.queue.send(job).await.map_err(|_| Unavailable)
    }
}
