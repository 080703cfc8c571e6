//! Timed work: follow-ups that become due, expired cycles, maintenance.
//!
//! There is no polling: the engine knows when the next follow-up is due, and every change of the state wakes the timer.

use super::clock::{ClockSkew, now, wake_at};
use super::handle::EngineHandle;
use crate::storage::command_json::CommandJson;
use cpc_core::{Command, Timestamp};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{error, info, warn};

/// Takes follow-ups that are due, so many at a time.
const FOLLOW_UPS: Command<'static> = Command::FollowUps { limit: 500 };
/// How many expired cycles are listed at a time.
const EXPIRE_LIMIT: u32 = 10_000;
/// How often expired cycles are listed at most. Listing decides nothing, it frees memory.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
const MAINTENANCE_EVERY: Duration = Duration::from_secs(5);
/// How long to wait after a command that could not be written.
const PAUSE: Duration = Duration::from_secs(1);

/// What follow-ups that are due wait for after a start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FollowUpHold {
    /// Until then, replies from the time when the gateway was down may still arrive.
    pub(crate) until: Instant,
    /// Whether the gateway itself sends messages: no contact is followed up before its message has been reported.
    pub(crate) until_reported: bool,
}

/// Sends follow-ups when they are due.
pub(crate) async fn follow_up(handle: EngineHandle, hold: FollowUpHold, mut stop: watch::Receiver<bool>) {
    let mut changes = handle.changes();
    loop {
        let due = next(&handle, |deadlines| deadlines.follow_up);
        let is_due = due.is_some_and(|due| due <= now());
        if is_due && may_follow_up(&handle, hold) {
            let taken = submit(&handle, &FOLLOW_UPS).await;
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

fn may_follow_up(handle: &EngineHandle, hold: FollowUpHold) -> bool {
    // A contact that never got the message cannot have answered it; the report of a failure cancels its follow-ups.
    let is_reported =
        !hold.until_reported || !handle.shared().read().outbox.has_unreported_past_window(now());
    is_reported && Instant::now() >= hold.until && handle.clock_skew().alert().is_none()
}

/// Lists expired cycles, moves the engine's clock, asks for maintenance, and alerts operators. `dropped` is the number
/// of messages that had left the outbox unsent before the start.
pub(crate) async fn maintain(handle: EngineHandle, dropped: u64, mut stop: watch::Receiver<bool>) {
    let mut next_end = next(&handle, |deadlines| deadlines.expiry);
    let mut listed = Instant::now();
    let mut alerts = AlertState { alert: None, dropped };
    let mut in_sync = ClockSample { at: Instant::now(), clock: now() };
    loop {
        alerts.update(&handle);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(MAINTENANCE_EVERY) => {}
        }
        // Decisions by a wrong clock cannot be undone, so the engine's is moved only if the host's is plausible.
        let skew = handle.clock_skew();
        match skew {
            ClockSkew::None => in_sync = ClockSample { at: Instant::now(), clock: now() },
            ClockSkew::EngineIdle => drop(submit(&handle, &Command::Clock).await),
            ClockSkew::HostAhead if in_sync.is_plausible(in_sync.at.elapsed(), now()) => {
                submit(&handle, &Command::Clock).await;
            }
            ClockSkew::HostAhead | ClockSkew::EngineAhead => {}
        }
        let ended = skew.alert().is_none() && next_end.is_some_and(|end| end <= now());
        if listed.elapsed() >= EXPIRE_EVERY && ended {
            let expire = Command::Expire { limit: EXPIRE_LIMIT };
            while submit(&handle, &expire).await.is_some_and(|listed| listed >= EXPIRE_LIMIT as usize) {}
            listed = Instant::now();
        }
        if next_end.is_none_or(|end| end <= now()) {
            next_end = next(&handle, |deadlines| deadlines.expiry);
        }
        if handle.maintain().await.is_err() {
            return;
        }
    }
}

/// When the clocks last agreed.
struct ClockSample {
    at: Instant,
    /// The host's clock then, in ms.
    clock: u64,
}

impl ClockSample {
    /// Whether the host's clock has advanced no further since than the monotonic one. Then it is right, however far it
    /// is ahead of the engine's: the log could not be written for long, or `maxClockJump` is short.
    fn is_plausible(&self, elapsed: Duration, clock: u64) -> bool {
        let gone = Duration::from_millis(clock.saturating_sub(self.clock));
        gone <= elapsed + MAINTENANCE_EVERY
    }
}

/// What operators have been alerted of.
struct AlertState {
    alert: Option<&'static str>,
    dropped: u64,
}

impl AlertState {
    /// Logs what is new.
    fn update(&mut self, handle: &EngineHandle) {
        let metrics = &handle.shared().metrics;
        let (clock, dropped) = {
            let state = handle.shared().read();
            (state.engine.clock().map_or(0, Timestamp::as_millis), state.outbox.dropped())
        };
        metrics.clock_ahead(clock.saturating_sub(now()));
        let alert = handle.clock_skew().alert();
        match alert {
            Some(alert) if self.alert != Some(alert) => error!("{alert}"),
            None if self.alert.is_some() => info!("the clocks agree again"),
            _ => {}
        }
        self.alert = alert;
        let new = dropped.saturating_sub(self.dropped);
        if new > 0 {
            metrics.dropped(new);
            warn!(messages = new, "messages that were not sent or reported in time have left the outbox");
        }
        self.dropped = dropped;
    }
}

fn next(handle: &EngineHandle, which: impl Fn(cpc_core::Deadlines) -> Option<Timestamp>) -> Option<u64> {
    let deadlines = handle.engine(|engine| engine.deadlines(now().cast_signed()));
    deadlines.ok().and_then(|(_, deadlines)| which(deadlines)).map(Timestamp::as_millis)
}

/// Executes a command; returns the number of its outcomes.
async fn submit(handle: &EngineHandle, command: &Command<'_>) -> Option<usize> {
    match handle.execute(CommandJson::of(command).ok()?).await {
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
        let sample = ClockSample { at: Instant::now(), clock: NOW };
        let hour = Duration::from_secs(3600);
        for (gone_ms, right) in [(0, true), (3_600_000, true), (3_605_000, true), (3_605_001, false)] {
            assert_eq!(sample.is_plausible(hour, NOW + gone_ms), right, "{gone_ms}");
        }
    }
}
