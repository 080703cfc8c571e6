//! Takes messages from the outbox to the transport, each at its time.
//!
//! A message is sent at least once, always with the same id and content. The result is reported to the engine through
//! the log, and only then does the message leave the outbox; if the process ends in between, it is sent again. Right
//! before it is sent, the engine is asked whether it still may be: the contact may have answered, opted out or been
//! released. Outside the contact hours it waits for them.
//!
//! | the transport | meaning | report |
//! |---|---|---|
//! | answers 2xx | delivered | `sent` |
//! | answers 425, 429 or 503, or cannot be connected to | not delivered; retried with the same id, with growing pauses | in the end `failed`, `request` |
//! | answers 408 or another 5xx, does not answer in time, or breaks off | perhaps delivered; retried | in the end `failed`, `ambiguous` |
//! | answers 4xx | rejected for good | `failed`, `request` |
//!
//! What was perhaps delivered once is `ambiguous` in the end, whatever later attempts are answered, unless one is taken.
//! With `outbox.at_most_once` it is so at once, and not tried again.
//!
//! Retries end when half of the window is over (see [`last_try`]): the contact has the other half to answer before it is
//! followed up. While the receiver fails, whole queues pause; late messages then leave at their sender's pace.

use super::attempt::{DeliveryAttempt, NextStep, ReceiverHealth};
use super::message_texts::MessageTexts;
use super::sender_queue::{FIRST_PAUSE_MS, SenderQueue, pause};
use super::webhook::Webhook;
use crate::engine::clock::{ClockSkew, now, wake_at};
use crate::engine::handle::EngineHandle;
use crate::engine::outbox::OutboxMessage;
use crate::engine::state::GatewayState;
use cpc_core::{Engine, Pace, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tracing::warn;

/// The longest `retry-after` that is respected.
const MAX_RETRY_AFTER_MS: u64 = 600_000;
/// How often the paces of the wallets' senders are read.
const PACES_EVERY: Duration = Duration::from_secs(10);
/// How long attempts in flight may take when the gateway ends.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(30);

/// How many messages may be in flight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeliveryLimits {
    pub(crate) per_sender: usize,
    pub(crate) in_total: usize,
}

/// The failures of a message so far.
#[derive(Clone, Copy, Default)]
struct RetryState {
    failures: u32,
    /// Whether one of the attempts may have reached the contact.
    may_have_arrived: bool,
}

/// See the [module](self).
pub(crate) struct DeliveryWorker {
    handle: EngineHandle,
    texts: Arc<MessageTexts>,
    webhook: Webhook,
    limits: DeliveryLimits,
    stop: watch::Receiver<bool>,
    queues: BTreeMap<Arc<str>, SenderQueue>,
    /// Which queue came first when messages were last started.
    turn: usize,
    /// The last outbox position that has been queued.
    last_queued: u64,
    tried: HashMap<u64, RetryState>,
    /// Until when the receiver asked for a pause, in ms. All queues have the same receiver.
    resting_until: u64,
    /// When the senders' paces were last read.
    paces_at: Option<Instant>,
    /// How many messages are in flight. Not the number of tasks: one may outlive its message for a moment.
    in_flight: usize,
    attempts: JoinSet<()>,
}

struct AttemptResult {
    position: u64,
    /// When retries end, in ms.
    last_try: u64,
    sender: Arc<str>,
    next: NextStep,
    receiver: ReceiverHealth,
}

/// When retries of a message end, in ms: half-way to the end of its window, or to its report deadline if that is
/// earlier.
fn last_try(message: &OutboxMessage, report_deadline: Timestamp) -> u64 {
    let end = message.blocked_until.min(report_deadline.as_millis());
    message.send_at + end.saturating_sub(message.send_at) / 2
}

/// The pace of every sender that has one.
fn paces(engine: &Engine, now: u64) -> HashMap<String, Pace> {
    let wallets = engine.wallet_tags().filter_map(|tag| engine.wallet(now.cast_signed(), tag).ok());
    let senders = wallets.flat_map(|(_, wallet)| wallet.senders);
    senders.filter_map(|sender| Some((sender.id, sender.pace?))).collect()
}

impl DeliveryWorker {
    pub(crate) fn new(
        handle: EngineHandle,
        texts: Arc<MessageTexts>,
        webhook: Webhook,
        limits: DeliveryLimits,
        stop: watch::Receiver<bool>,
    ) -> DeliveryWorker {
        DeliveryWorker {
            handle,
            texts,
            webhook,
            limits,
            stop,
            queues: BTreeMap::new(),
            turn: 0,
            last_queued: 0,
            tried: HashMap::new(),
            resting_until: 0,
            paces_at: None,
            in_flight: 0,
            attempts: JoinSet::new(),
        }
    }

    /// Delivers until `stop` is set, then waits for messages in flight.
    pub(crate) async fn run(mut self) {
        let mut stop = self.stop.clone();
        let mut changes = self.handle.changes();
        let (results, mut finished) = mpsc::unbounded_channel();
        loop {
            self.queue_new();
            let next = self.start_due(&results);
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                changed = changes.changed() => if changed.is_err() { break },
                Some(result) = finished.recv() => {
                    self.finish(result);
                    while let Ok(result) = finished.try_recv() { self.finish(result); }
                }
                () = tokio::time::sleep_until(wake_at(next)) => {}
            }
            // Frees what ended tasks hold.
            while self.attempts.try_join_next().is_some() {}
        }
        // Bounded, as a report that cannot be written must not block the shutdown: its message is sent again with the
        // same id.
        let ended = async { while self.attempts.join_next().await.is_some() {} };
        if tokio::time::timeout(SHUTDOWN_GRACE, ended).await.is_err() {
            warn!("messages were on their way when the gateway ended; they will be sent again");
        }
    }

    /// Queues messages that are new in the outbox.
    fn queue_new(&mut self) {
        let state = self.handle.shared().read();
        for message in state.outbox.after(self.last_queued) {
            let queue = self.queues.entry(Arc::clone(&message.sender)).or_insert_with(|| {
                self.paces_at = None;
                SenderQueue::default()
            });
            queue.put(message.send_at, message.position);
        }
        self.last_queued = state.outbox.last_position();
    }

    /// Starts all messages that are due and have room; returns when the next is due.
    fn start_due(&mut self, results: &mpsc::UnboundedSender<AttemptResult>) -> Option<u64> {
        let (now, mut next) = (now(), None::<u64>);
        // By a wrong clock every window would be over.
        if self.handle.clock_skew() == ClockSkew::HostAhead {
            return Some(now + FIRST_PAUSE_MS);
        }
        let shared = Arc::clone(self.handle.shared());
        let state = shared.read();
        self.read_paces(&state.engine, now);
        // Further away than any pause lasts: the clock was set back.
        if self.resting_until > now + MAX_RETRY_AFTER_MS {
            self.resting_until = 0;
        }
        // Round-robin, so that no queue starves while there is room for few.
        let mut order: Vec<Arc<str>> = self.queues.keys().cloned().collect();
        self.turn = (self.turn + 1) % order.len().max(1);
        order.rotate_left(self.turn);
        for sender in order {
            while let Some(at) = self.start_first(&state, &sender, now, results) {
                if at > now {
                    next = Some(next.map_or(at, |next| next.min(at)));
                    break;
                }
            }
        }
        next
    }

    fn read_paces(&mut self, engine: &Engine, now: u64) {
        if self.paces_at.is_some_and(|at| at.elapsed() < PACES_EVERY) {
            return;
        }
        let paces = paces(engine, now);
        for (sender, queue) in &mut self.queues {
            queue.pace = paces.get(&**sender).copied();
        }
        self.paces_at = Some(Instant::now());
    }

    /// Starts the first message of a queue, if it is due and has room. Returns when to look at the queue again, `now` if a
    /// message was started; `None` if nothing waits, or if the end of an attempt will wake this.
    fn start_first(
        &mut self,
        state: &GatewayState,
        sender: &Arc<str>,
        now: u64,
        results: &mpsc::UnboundedSender<AttemptResult>,
    ) -> Option<u64> {
        let queue = self.queues.get_mut(sender)?;
        let (due, position) = queue.first()?;
        let Some(message) = state.outbox.at(position) else {
            queue.skip();
            self.tried.remove(&position);
            return Some(now);
        };
        let last_try = last_try(message, state.engine.report_deadline(message.send_at.cast_signed()));
        let is_late = now >= last_try;
        // A late message is only reported, so neither the receiver's pause nor the sender's pace applies.
        let opens = if is_late { due } else { due.max(queue.opens(now)).max(self.resting_until) };
        if opens > now {
            return Some(opens.min(last_try.max(due)));
        }
        let has_room = is_late || queue.has_room(self.limits.per_sender);
        if !has_room || self.in_flight >= self.limits.in_total {
            return None;
        }
        if is_late {
            queue.start_report();
        } else {
            queue.start(now);
        }
        self.in_flight += 1;
        let may_have_arrived = self.tried.get(&position).is_some_and(|tried| tried.may_have_arrived);
        let attempt = DeliveryAttempt {
            handle: self.handle.clone(),
            texts: Arc::clone(&self.texts),
            webhook: self.webhook.clone(),
            stop: self.stop.clone(),
            message: message.clone(),
            may_have_arrived,
            is_late,
        };
        let (results, sender) = (results.clone(), Arc::clone(sender));
        self.attempts.spawn(async move {
            let (next, receiver) = attempt.run().await;
            // Fails only when the worker has ended.
            let _ = results.send(AttemptResult { position, last_try, sender, next, receiver });
        });
        Some(now)
    }

    /// Schedules what is left to do after an attempt.
    fn finish(&mut self, result: AttemptResult) {
        let AttemptResult { position, last_try, sender, next, receiver } = result;
        let Some(queue) = self.queues.get_mut(&sender) else { return };
        queue.ended();
        self.in_flight = self.in_flight.saturating_sub(1);
        let (now, mut retry_after, mut may_have_arrived) = (now(), 0, false);
        match receiver {
            ReceiverHealth::NotContacted => {}
            ReceiverHealth::Healthy => queue.succeeded(),
            ReceiverHealth::Failing { retry_after: asked, may_have_arrived: may_have } => {
                queue.failed(now);
                retry_after = asked.map_or(0, |asked| u64::try_from(asked.as_millis()).unwrap_or(u64::MAX));
                self.resting_until = self.resting_until.max(now + retry_after.min(MAX_RETRY_AFTER_MS));
                may_have_arrived = may_have;
            }
        }
        match next {
            NextStep::Settled => {
                self.tried.remove(&position);
            }
            NextStep::NotBefore(opening) => {
                queue.put(opening.min(last_try.max(now + FIRST_PAUSE_MS)), position)
            }
            NextStep::Retry => {
                let tried = self.tried.entry(position).or_default();
                let retry_at = now.saturating_add(pause(tried.failures).max(retry_after));
                tried.failures += 1;
                tried.may_have_arrived |= may_have_arrived;
                // No later than the end of retries, which must be reported in time.
                queue.put(retry_at.min(last_try.max(now + FIRST_PAUSE_MS)), position);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_end_half_way_to_the_end_of_the_window_or_the_report_deadline() {
        const HOUR: u64 = 3_600_000;
        for (window, hours) in [(24, 12), (72, 24), (2, 1)] {
            let message = OutboxMessage {
                position: 1,
                dispatch: 1,
                stage: 0,
                sender: Arc::from("s1"),
                to: 5_511_988_876_204,
                send_at: HOUR,
                blocked_until: HOUR + window * HOUR,
                place: None,
            };
            let report_deadline = Timestamp::from((49 * HOUR).cast_signed());
            assert_eq!(last_try(&message, report_deadline), HOUR + hours * HOUR, "{window}");
        }
    }
}
