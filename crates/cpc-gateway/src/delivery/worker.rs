//! Takes messages from the outbox to the transport, each at its time.
//!
//! A message is sent at least once, always with the same id and the same content; what became of it is reported to the
//! engine through the log, and only then does it leave the outbox. If the process ends in between, it is sent again.
//! Right before it is sent, the engine is asked whether it still may be: the contact may have answered, opted out or
//! been released since, or the contact hours be over: then it waits for them.
//!
//! | the transport | what that means | what is reported |
//! |---|---|---|
//! | answers 2xx | it has it | `sent` |
//! | answers 425, 429 or 503, or cannot be connected to | it has not got it; tried again with the same id, later and later | in the end `failed`, `request` |
//! | answers 408 or another 5xx | it may have it; tried again | in the end `failed`, `ambiguous` |
//! | answers 4xx | it will never take it | `failed`, `request` |
//! | does not answer in time, or breaks off | nobody knows | `failed`, `ambiguous` |
//!
//! The end comes when half of the window is over (see [`last_try`]): the other half is there for the contact to answer
//! before it is followed up. Behind a receiver that takes nothing, whole lanes rest, and what is late afterwards leaves
//! at its sender's pace.

use super::attempt::{End, Errand, Receiver};
use super::message_texts::Texts;
use super::sender_queue::{FIRST_PAUSE_MS, Lane, pause};
use super::webhook::Webhook;
use crate::engine::clock::{Clocks, now, wake_at};
use crate::engine::handle::Tenant;
use crate::engine::outbox::Send;
use crate::engine::state::Machine;
use cpc_core::{Engine, Pace};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tracing::warn;

/// The longest that a receiver is left alone because it asks for that.
const LONGEST_REST_MS: u64 = 600_000;
/// How long the wallets' paces are taken as they were.
const PACES: Duration = Duration::from_secs(10);
/// How long what is on its way may take when the gateway ends.
const ENDING: Duration = Duration::from_secs(30);

/// How many messages may be on their way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) per_sender: usize,
    pub(crate) in_all: usize,
}

/// How often a message failed.
#[derive(Clone, Copy, Default)]
struct Tried {
    times: u32,
    /// Whether one of the attempts may have reached somebody.
    perhaps: bool,
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
    tried: HashMap<u64, Tried>,
    /// Until when the receiver asked to be left alone. There is one for all lanes.
    resting_until: u64,
    /// When the wallets' paces were last looked at.
    paces_at: Option<Instant>,
    /// How many messages are on their way. A task may outlive its message for a moment, so they do not count.
    under_way: usize,
    errands: JoinSet<()>,
}

struct Attempted {
    position: u64,
    /// When it is given up.
    last_try: u64,
    sender: Arc<str>,
    end: End,
    receiver: Receiver,
}

/// When a message that nobody has taken is given up: half-way to the end of its window, or to when no report of it would
/// be believed if that is sooner.
fn last_try(send: &Send, report_ttl_ms: u64) -> u64 {
    send.send_at + send.blocked_until.saturating_sub(send.send_at).min(report_ttl_ms) / 2
}

/// The pace of every sender that has one.
fn paces(engine: &Engine, now: u64) -> HashMap<String, Pace> {
    let wallets = engine.wallet_tags().filter_map(|tag| engine.wallet(now.cast_signed(), tag).ok());
    let senders = wallets.flat_map(|(_, wallet)| wallet.senders);
    senders.filter_map(|sender| Some((sender.id, sender.pace?))).collect()
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
            tried: HashMap::new(),
            resting_until: 0,
            paces_at: None,
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
            let lane = self.lanes.entry(Arc::clone(&send.sender)).or_insert_with(|| {
                self.paces_at = None;
                Lane::default()
            });
            lane.put(send.send_at, send.position);
        }
        self.seen = machine.outbox.last_position();
    }

    /// Starts all that is due and has room; says when the next is due.
    fn start_due(&mut self, attempted: &mpsc::UnboundedSender<Attempted>) -> Option<u64> {
        let (now, mut next) = (now(), None::<u64>);
        // By a clock that is wrong every window would be over.
        if self.tenant.clocks() == Clocks::HostAhead {
            return Some(now + FIRST_PAUSE_MS);
        }
        let shared = Arc::clone(self.tenant.shared());
        let machine = shared.read();
        self.look_at_paces(&machine.engine, now);
        // Longer than any rest, and it is the clock that was set back.
        if self.resting_until > now + LONGEST_REST_MS {
            self.resting_until = 0;
        }
        // Each time another lane comes first, so that none waits for ever where there is room for few.
        let mut order: Vec<Arc<str>> = self.lanes.keys().cloned().collect();
        self.turn = (self.turn + 1) % order.len().max(1);
        order.rotate_left(self.turn);
        for sender in order {
            while let Some(at) = self.start_first(&machine, &sender, now, attempted) {
                if at > now {
                    next = Some(next.map_or(at, |next| next.min(at)));
                    break;
                }
            }
        }
        next
    }

    fn look_at_paces(&mut self, engine: &Engine, now: u64) {
        if self.paces_at.is_some_and(|at| at.elapsed() < PACES) {
            return;
        }
        let paces = paces(engine, now);
        for (sender, lane) in &mut self.lanes {
            lane.pace = paces.get(&**sender).copied();
        }
        self.paces_at = Some(Instant::now());
    }

    /// Starts the first message of a lane, if it is due and has room. Says when to look at the lane again, now if it was
    /// started; `None` if nothing waits, or if whoever ends wakes this.
    fn start_first(
        &mut self,
        machine: &Machine,
        sender: &Arc<str>,
        now: u64,
        attempted: &mpsc::UnboundedSender<Attempted>,
    ) -> Option<u64> {
        let lane = self.lanes.get_mut(sender)?;
        let (due, position) = lane.first()?;
        let Some(send) = machine.outbox.at(position) else {
            lane.skip();
            self.tried.remove(&position);
            return Some(now);
        };
        let last_try = last_try(send, machine.engine.policy().report_ttl_ms());
        let is_late = now >= last_try;
        // What is only to be settled waits for no receiver, and takes no time of its sender.
        let opens = if is_late { due } else { due.max(lane.opens(now)).max(self.resting_until) };
        if opens > now {
            return Some(opens.min(last_try.max(due)));
        }
        let has_room = is_late || lane.has_room(self.bounds.per_sender);
        if !has_room || self.under_way >= self.bounds.in_all {
            return None;
        }
        if is_late {
            lane.settle_next();
        } else {
            lane.start(now);
        }
        self.under_way += 1;
        let perhaps = self.tried.get(&position).is_some_and(|tried| tried.perhaps);
        let errand = Errand {
            tenant: self.tenant.clone(),
            texts: Arc::clone(&self.texts),
            webhook: self.webhook.clone(),
            stop: self.stop.clone(),
            send: send.clone(),
            perhaps,
            is_late,
        };
        let (attempted, sender) = (attempted.clone(), Arc::clone(sender));
        self.errands.spawn(async move {
            let (end, receiver) = errand.run().await;
            // Nobody listens any more when the gateway ends.
            let _ = attempted.send(Attempted { position, last_try, sender, end, receiver });
        });
        Some(now)
    }

    fn ended(&mut self, attempted: Attempted) {
        let Attempted { position, last_try, sender, end, receiver } = attempted;
        let Some(lane) = self.lanes.get_mut(&sender) else { return };
        lane.ended();
        self.under_way = self.under_way.saturating_sub(1);
        let (now, mut asked, mut perhaps) = (now(), 0, false);
        match receiver {
            Receiver::NotAsked => {}
            Receiver::Well => lane.succeeded(),
            Receiver::Unwell { rest, perhaps: may_have } => {
                lane.failed(now);
                asked = rest.map_or(0, |rest| u64::try_from(rest.as_millis()).unwrap_or(u64::MAX));
                self.resting_until = self.resting_until.max(now + asked.min(LONGEST_REST_MS));
                perhaps = may_have;
            }
        }
        match end {
            End::Settled => {
                self.tried.remove(&position);
            }
            End::From(opening) => lane.put(opening.min(last_try.max(now + FIRST_PAUSE_MS)), position),
            End::Again => {
                let tried = self.tried.entry(position).or_default();
                let next = now.saturating_add(pause(tried.times).max(asked));
                tried.times += 1;
                tried.perhaps |= perhaps;
                // When it is given up, that is not put off.
                lane.put(next.min(last_try.max(now + FIRST_PAUSE_MS)), position);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_given_up_half_way_to_where_it_or_its_report_would_be_too_late() {
        const HOUR: u64 = 3_600_000;
        for (window, hours) in [(24, 12), (72, 24), (2, 1)] {
            let send = Send {
                position: 1,
                dispatch: 1,
                stage: 0,
                sender: Arc::from("s1"),
                to: 5_511_988_876_204,
                send_at: HOUR,
                blocked_until: HOUR + window * HOUR,
                place: None,
            };
            assert_eq!(last_try(&send, 48 * HOUR), HOUR + hours * HOUR, "{window}");
        }
    }
}
