//! What happens because time passes: follow-ups become due, cycles end, snapshots are taken.
//!
//! Nobody polls: the engine says when the next follow-up is due, and whatever changes that wakes this up.

use super::clock::{now, wake_at};
use super::line::Line;
use super::tenant::Tenant;
use cpc_core::Timestamp;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{info, warn};

/// How many follow-ups are taken at once.
const FOLLOW_UPS: &[u8] = br#"{"op":"followUps","limit":500}"#;
/// How many ended cycles are listed at once.
const EXPIRE: &[u8] = br#"{"op":"expire","limit":10000}"#;
/// How often ended cycles are listed at the most: that decides nothing, it frees memory.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
/// How long the engine's clock may stand still.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const CLOCK: &[u8] = br#"{"op":"clock"}"#;
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(5);
/// After a command that could not be written.
const PAUSE: Duration = Duration::from_secs(1);

/// Sends what is due, when it is due.
pub(crate) async fn follow_up(tenant: Tenant, mut stop: watch::Receiver<bool>) {
    let mut changes = tenant.changes();
    loop {
        let due = next(&tenant, |deadlines| deadlines.follow_up);
        if due.is_some_and(|due| due <= now()) {
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
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            changed = changes.changed() => if changed.is_err() { return },
            () = sleep_until(wake_at(due)) => {}
        }
    }
}

/// Lists cycles that have ended unanswered, and looks after snapshots.
pub(crate) async fn keep_house(tenant: Tenant, mut stop: watch::Receiver<bool>) {
    let mut next_end = next(&tenant, |deadlines| deadlines.expiry);
    let mut listed = Instant::now();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(HOUSEKEEPING_EVERY) => {}
        }
        if listed.elapsed() >= EXPIRE_EVERY && next_end.is_some_and(|end| end <= now()) {
            while submit(&tenant, EXPIRE).await.is_some_and(|listed| listed >= 10_000) {}
            listed = Instant::now();
        }
        if next_end.is_none_or(|end| end <= now()) {
            next_end = next(&tenant, |deadlines| deadlines.expiry);
        }
        if stands_still(&tenant) {
            submit(&tenant, CLOCK).await;
        }
        if tenant.keep_house().await.is_err() {
            return;
        }
    }
}

/// Whether the engine's clock has stood still for long: it takes no command from too far ahead of it.
pub(crate) fn stands_still(tenant: &Tenant) -> bool {
    let clock = tenant.engine(cpc_core::Engine::clock).map_or(0, Timestamp::as_millis);
    now().saturating_sub(clock) >= DAY_MS
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
