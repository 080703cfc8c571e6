//! What happens because time passes: follow-ups become due, cycles end, snapshots are taken.
//!
//! Nobody polls: the engine says when the next follow-up is due, and whatever changes that wakes this up.

use super::clock::{Clocks, now, wake_at};
use super::handle::Tenant;
use crate::storage::command_json::Line;
use cpc_core::Timestamp;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{error, info, warn};

/// How many follow-ups are taken at once.
const FOLLOW_UPS: &[u8] = br#"{"op":"followUps","limit":500}"#;
/// How many ended cycles are listed at once.
const EXPIRE: &[u8] = br#"{"op":"expire","limit":10000}"#;
/// How often ended cycles are listed at the most: that decides nothing, it frees memory.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
const CLOCK: &[u8] = br#"{"op":"clock"}"#;
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(5);
/// After a command that could not be written.
const PAUSE: Duration = Duration::from_secs(1);

/// What follow-ups wait for when they are due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Replies that came in while the gateway was down may be on their way until then.
    pub(crate) until: Instant,
    /// Whether messages that were not sent in time will be settled: nobody is followed up before.
    pub(crate) until_settled: bool,
}

/// Sends what is due, when it is due.
pub(crate) async fn follow_up(tenant: Tenant, patience: Patience, mut stop: watch::Receiver<bool>) {
    let mut changes = tenant.changes();
    loop {
        let due = next(&tenant, |deadlines| deadlines.follow_up);
        let is_due = due.is_some_and(|due| due <= now());
        if is_due && may_follow_up(&tenant, patience) {
            let taken = submit(&tenant, FOLLOW_UPS).await;
            match taken {
                Some(0) | None => sleep(PAUSE).await,
                Some(taken) => info!(taken, "follow-ups were due"),
            }
            if *stop.borrow() {
                return;
            }
            continue;
        }
        let again = if is_due { Instant::now() + PAUSE } else { wake_at(due) };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            changed = changes.changed() => if changed.is_err() { return },
            () = sleep_until(again) => {}
        }
    }
}

fn may_follow_up(tenant: &Tenant, patience: Patience) -> bool {
    // Whoever never got a message has nothing to answer: once it is settled, what would follow it up is cancelled.
    let is_settled = !patience.until_settled || !tenant.shared().read().outbox.has_ended(now());
    is_settled && Instant::now() >= patience.until && tenant.clocks().trouble().is_none()
}

/// Lists cycles that have ended unanswered, looks after snapshots, and after what operators have to hear of. So many
/// messages were `dropped` before.
pub(crate) async fn keep_house(tenant: Tenant, dropped: u64, mut stop: watch::Receiver<bool>) {
    let mut next_end = next(&tenant, |deadlines| deadlines.expiry);
    let mut listed = Instant::now();
    let mut heard = Heard { trouble: None, dropped };
    let mut agreed = Agreed { at: Instant::now(), clock: now() };
    loop {
        heard.look(&tenant);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(HOUSEKEEPING_EVERY) => {}
        }
        // What is decided by a wrong clock cannot be taken back.
        let clocks = tenant.clocks();
        match clocks {
            Clocks::Agree => agreed = Agreed { at: Instant::now(), clock: now() },
            Clocks::EngineStoodStill => drop(submit(&tenant, CLOCK).await),
            Clocks::HostAhead if agreed.may_be_right(agreed.at.elapsed(), now()) => {
                submit(&tenant, CLOCK).await;
            }
            Clocks::HostAhead | Clocks::EngineAhead => {}
        }
        let ended = clocks.trouble().is_none() && next_end.is_some_and(|end| end <= now());
        if listed.elapsed() >= EXPIRE_EVERY && ended {
            while submit(&tenant, EXPIRE).await.is_some_and(|listed| listed >= 10_000) {}
            listed = Instant::now();
        }
        if next_end.is_none_or(|end| end <= now()) {
            next_end = next(&tenant, |deadlines| deadlines.expiry);
        }
        if tenant.keep_house().await.is_err() {
            return;
        }
    }
}

/// When the clocks agreed for the last time.
struct Agreed {
    at: Instant,
    /// What the host's said then.
    clock: u64,
}

impl Agreed {
    /// Whether the host's clock has gone no further since than time has. Then it is right however far it is ahead: the
    /// log could not be written for long, or the policy allows only little.
    fn may_be_right(&self, elapsed: Duration, clock: u64) -> bool {
        let gone = Duration::from_millis(clock.saturating_sub(self.clock));
        gone <= elapsed + HOUSEKEEPING_EVERY
    }
}

/// What operators have heard of.
struct Heard {
    trouble: Option<&'static str>,
    dropped: u64,
}

impl Heard {
    /// Says what is new.
    fn look(&mut self, tenant: &Tenant) {
        let metrics = &tenant.shared().metrics;
        let (clock, dropped) = {
            let machine = tenant.shared().read();
            (machine.engine.clock().map_or(0, Timestamp::as_millis), machine.outbox.dropped())
        };
        metrics.clock_ahead(clock.saturating_sub(now()));
        let trouble = tenant.clocks().trouble();
        match trouble {
            Some(trouble) if self.trouble != Some(trouble) => error!("{trouble}"),
            None if self.trouble.is_some() => info!("the clocks agree again"),
            _ => {}
        }
        self.trouble = trouble;
        let new = dropped.saturating_sub(self.dropped);
        if new > 0 {
            metrics.dropped(new);
            warn!(messages = new, "messages that nobody sent or reported in time have left the outbox");
        }
        self.dropped = dropped;
    }
}

fn next(tenant: &Tenant, which: impl Fn(cpc_core::Deadlines) -> Option<Timestamp>) -> Option<u64> {
    let deadlines = tenant.engine(|engine| engine.deadlines(now().cast_signed()));
    deadlines.ok().and_then(|(_, deadlines)| which(deadlines)).map(Timestamp::as_millis)
}

/// Carries out one of the lines above; says how many outcomes it had.
async fn submit(tenant: &Tenant, line: &'static [u8]) -> Option<usize> {
    let line = Line::parse(bytes::Bytes::from_static(line)).ok()?;
    match tenant.line(line).await {
        Ok(Ok(done)) => Some(done.outcomes.len()),
        Ok(Err(refusal)) => {
            warn!(%refusal, "the engine refuses what is due");
            None
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_goes_as_time_does_may_be_right_and_one_that_jumps_may_not() {
        const NOW: u64 = 1_795_435_200_000;
        let agreed = Agreed { at: Instant::now(), clock: NOW };
        let hour = Duration::from_secs(3600);
        for (gone_ms, right) in [(0, true), (3_600_000, true), (3_605_000, true), (3_605_001, false)] {
            assert_eq!(agreed.may_be_right(hour, NOW + gone_ms), right, "{gone_ms}");
        }
    }
}
