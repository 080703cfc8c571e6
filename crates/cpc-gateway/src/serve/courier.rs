//! Takes messages from the outbox to the transport, each at its time.
//!
//! A message is sent at least once, always with the same id and the same content; what became of it is reported to the
//! engine through the log, and only then does it leave the outbox. If the process ends in between, it is sent again.
//! Right before it is sent, the engine is asked whether it still may be: the contact may have answered, opted out or
//! been released since.
//!
//! | the transport | what that means | what is reported |
//! |---|---|---|
//! | answers 2xx | it has it | `sent` |
//! | answers 408, 425, 429 or 5xx | not now; tried again with the same id, later and later | when the window is nearly over: `ambiguous` |
//! | answers 4xx | it will never take it | `failed`, `request` |
//! | cannot be connected to | it has not got it; tried again | when the window is nearly over: `failed`, `request` |
//! | does not answer in time, or breaks off | nobody knows | `failed`, `ambiguous` |

use super::clock::{now, wake_at};
use super::line::Line;
use super::outbox::Send;
use super::tenant::Tenant;
use super::texts::{Message, Texts};
use super::webhook::{Sent, Webhook};
use cpc_core::Sendable;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tracing::{error, warn};

/// How long after a failure a message is tried again: doubled each time, up to the longest.
const FIRST_PAUSE_MS: u64 = 500;
const LONGEST_PAUSE_MS: u64 = 60_000;
/// How long before the end of its window a message is given up: another could be accepted then.
const MARGIN_MS: u64 = 5_000;
/// How long to wait with a report that could not be written.
const REPORT_AGAIN: Duration = Duration::from_secs(1);
/// How long what is on its way may take when the gateway ends.
const ENDING: Duration = Duration::from_secs(30);

/// How many messages may be on their way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) per_sender: usize,
    pub(crate) in_all: usize,
}

/// What waits for one sender, and how much of it is on its way.
#[derive(Default)]
struct Lane {
    /// Instants and positions.
    waiting: BTreeSet<(u64, u64)>,
    under_way: usize,
}

/// See the [module](self).
pub(crate) struct Courier {
    tenant: Tenant,
    texts: Arc<Texts>,
    webhook: Webhook,
    bounds: Bounds,
    stop: watch::Receiver<bool>,
    lanes: BTreeMap<Arc<str>, Lane>,
    /// Which lane came first when messages were last started.
    turn: usize,
    /// The last position that was taken note of.
    seen: u64,
    /// How often each message failed.
    failures: HashMap<u64, u32>,
    /// How many messages are on their way. A task may outlive its message for a moment, so they do not count.
    under_way: usize,
    errands: JoinSet<()>,
}

/// What became of one attempt.
enum Attempt {
    /// It is settled, and reported.
    Settled,
    /// It is to be tried again, not before so long.
    Again(Option<Duration>),
}

struct Attempted {
    position: u64,
    /// Until when its contact is blocked by it.
    blocked_until: u64,
    sender: Arc<str>,
    attempt: Attempt,
}

impl Courier {
    pub(crate) fn new(
        tenant: Tenant,
        texts: Arc<Texts>,
        webhook: Webhook,
        bounds: Bounds,
        stop: watch::Receiver<bool>,
    ) -> Courier {
        Courier {
            tenant,
            texts,
            webhook,
            bounds,
            stop,
            lanes: BTreeMap::new(),
            turn: 0,
            seen: 0,
            failures: HashMap::new(),
            under_way: 0,
            errands: JoinSet::new(),
        }
    }

    /// Delivers until told to stop, then waits for what is on its way.
    pub(crate) async fn run(mut self) {
        let mut stop = self.stop.clone();
        let mut changes = self.tenant.changes();
        let (attempted, mut attempts) = mpsc::unbounded_channel();
        loop {
            self.take_note();
            let next = self.start_due(&attempted);
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                changed = changes.changed() => if changed.is_err() { break },
                Some(attempted) = attempts.recv() => {
                    self.ended(attempted);
                    while let Ok(attempted) = attempts.try_recv() { self.ended(attempted); }
                }
                () = tokio::time::sleep_until(wake_at(next)) => {}
            }
            // Those that have ended take no room.
            while self.errands.try_join_next().is_some() {}
        }
        // Reports that cannot be written must not keep the gateway from ending: without one, a message is sent again,
        // as the same message.
        let ended = async { while self.errands.join_next().await.is_some() {} };
        if tokio::time::timeout(ENDING, ended).await.is_err() {
            warn!("messages were on their way when the gateway ended; they will be sent again");
        }
    }

    /// Notes what has come into the outbox.
    fn take_note(&mut self) {
        let machine = self.tenant.shared().read();
        for send in machine.outbox.after(self.seen) {
            let lane = self.lanes.entry(Arc::clone(&send.sender)).or_default();
            lane.waiting.insert((send.send_at, send.position));
        }
        self.seen = machine.outbox.last_position();
    }

    /// Starts all that is due and has room; says when the next is due.
    fn start_due(&mut self, attempted: &mpsc::UnboundedSender<Attempted>) -> Option<u64> {
        let (now, mut next) = (now(), None::<u64>);
        let shared = Arc::clone(self.tenant.shared());
        let machine = shared.read();
        // Each time another lane comes first, so that none waits for ever where there is room for few.
        let mut order: Vec<Arc<str>> = self.lanes.keys().cloned().collect();
        self.turn = (self.turn + 1) % order.len().max(1);
        order.rotate_left(self.turn);
        for sender in order {
            let Some(lane) = self.lanes.get_mut(&sender) else { continue };
            while let Some(&(due, position)) = lane.waiting.first() {
                if due > now {
                    next = Some(next.map_or(due, |next| next.min(due)));
                    break;
                }
                // Whoever ends wakes this again.
                if lane.under_way >= self.bounds.per_sender || self.under_way >= self.bounds.in_all {
                    break;
                }
                lane.waiting.pop_first();
                let Some(send) = machine.outbox.at(position).cloned() else {
                    self.failures.remove(&position);
                    continue;
                };
                lane.under_way += 1;
                self.under_way += 1;
                let errand = Errand {
                    tenant: self.tenant.clone(),
                    texts: Arc::clone(&self.texts),
                    webhook: self.webhook.clone(),
                    stop: self.stop.clone(),
                    send,
                };
                let (attempted, sender) = (attempted.clone(), Arc::clone(&sender));
                let blocked_until = errand.send.blocked_until;
                self.errands.spawn(async move {
                    let attempt = errand.run().await;
                    // Nobody listens any more when the gateway ends.
                    let _ = attempted.send(Attempted { position, blocked_until, sender, attempt });
                });
            }
        }
        next
    }

    fn ended(&mut self, attempted: Attempted) {
        let Attempted { position, blocked_until, sender, attempt } = attempted;
        let Some(lane) = self.lanes.get_mut(&sender) else { return };
        lane.under_way = lane.under_way.saturating_sub(1);
        self.under_way = self.under_way.saturating_sub(1);
        match attempt {
            Attempt::Settled => {
                self.failures.remove(&position);
            }
            Attempt::Again(at_least) => {
                let failures = self.failures.entry(position).or_default();
                let pause = (FIRST_PAUSE_MS << (*failures).min(16)).min(LONGEST_PAUSE_MS);
                *failures += 1;
                let asked = at_least.map_or(0, |wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
                let now = now();
                let next = now.saturating_add(pause.max(asked));
                // The last attempt is made before the window is over: then the message is settled, whatever comes of it.
                let last = blocked_until.saturating_sub(MARGIN_MS).max(now + FIRST_PAUSE_MS);
                lane.waiting.insert((next.min(last), position));
            }
        }
    }
}

/// One attempt to deliver one message.
struct Errand {
    tenant: Tenant,
    texts: Arc<Texts>,
    webhook: Webhook,
    stop: watch::Receiver<bool>,
    send: Send,
}

/// A line `report`.
#[derive(Serialize)]
struct Report<'a> {
    op: &'static str,
    dispatch: u64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
    sender: &'a str,
}

impl Errand {
    async fn run(self) -> Attempt {
        let message = match self.read().await {
            Ok(Some(message)) => message,
            Ok(None) => {
                error!(
                    dispatch = self.send.dispatch,
                    "the text of a message is no longer kept; it is not sent"
                );
                return self.settle("text_missing", "failed", Some("request")).await;
            }
            Err(problem) => {
                error!(dispatch = self.send.dispatch, problem, "the text of a message cannot be read");
                return Attempt::Again(None);
            }
        };
        let (dispatch, client_id) = (self.send.dispatch, &message.client_id);
        let (there, sendable) = {
            let machine = self.tenant.shared().read();
            let sendable = machine.engine.sendable(now().cast_signed(), dispatch, client_id);
            (machine.outbox.at(self.send.position).is_some(), sendable)
        };
        if !there {
            // It has moved to another sender, or somebody else has reported it.
            return Attempt::Settled;
        }
        match sendable {
            Ok((_, Sendable::Now)) => {}
            Ok((_, Sendable::No)) => return self.settle("withdrawn", "failed", Some("request")).await,
            Ok((now, Sendable::From(opening))) => {
                let wait = opening.as_millis() - now.as_millis();
                return self.again("out_of_hours", Some(Duration::from_millis(wait)));
            }
            // The host's clock is wrong: nothing can be said now.
            Err(_) => return self.again("later", None),
        }
        let id = self.texts.message_id(&self.send);
        let last_try = now() + MARGIN_MS >= self.send.blocked_until;
        match self.webhook.post(&id, message.json).await {
            Sent::Taken => self.settle("sent", "sent", None).await,
            Sent::Refused(status) => {
                warn!(dispatch = self.send.dispatch, status, "the transport refused a message");
                self.settle("refused", "failed", Some("request")).await
            }
            Sent::Unknown => self.settle("ambiguous", "failed", Some("ambiguous")).await,
            Sent::NotNow(_) if last_try => self.settle("ambiguous", "failed", Some("ambiguous")).await,
            Sent::Unreachable if last_try => self.settle("unreachable", "failed", Some("request")).await,
            Sent::NotNow(wait) => self.again("later", wait),
            Sent::Unreachable => self.again("unreachable", None),
        }
    }

    async fn read(&self) -> Result<Option<Message>, String> {
        let (texts, send) = (Arc::clone(&self.texts), self.send.clone());
        let read = tokio::task::spawn_blocking(move || texts.message(&send)).await;
        read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    fn again(&self, result: &'static str, wait: Option<Duration>) -> Attempt {
        self.tenant.shared().metrics.delivery(result);
        Attempt::Again(wait)
    }

    /// Reports what became of it, until that is durable.
    async fn settle(
        &self,
        result: &'static str,
        status: &'static str,
        fault: Option<&'static str>,
    ) -> Attempt {
        self.tenant.shared().metrics.delivery(result);
        let (dispatch, sender) = (self.send.dispatch, &*self.send.sender);
        loop {
            let report = Report { op: "report", dispatch, status, fault, sender };
            let reported = match Line::of(&report) {
                Ok(line) => self.tenant.line(line).await,
                Err(error) => {
                    error!(dispatch, %error, "a report cannot be made");
                    return Attempt::Settled;
                }
            };
            match reported {
                Ok(Ok(_)) => return Attempt::Settled,
                // What holds now may not hold when it is no longer refused.
                Ok(Err(_)) if result == "withdrawn" => return Attempt::Again(None),
                Ok(Err(refusal)) => warn!(dispatch, %refusal, "a report was refused; it is made again"),
                Err(_) => warn!(dispatch, "a report cannot be written; it is made again"),
            }
            // The next start sends it again: better twice the same than not to end.
            if *self.stop.borrow() {
                return Attempt::Settled;
            }
            tokio::time::sleep(REPORT_AGAIN).await;
        }
    }
}
