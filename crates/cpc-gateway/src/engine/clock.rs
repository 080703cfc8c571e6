//! The host's clock. The engine has none of its own: it knows when its last command took effect. Where the two are
//! too far apart, one of them was wrong at some time, and an operator must look.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The longest sleep of a task that waits for an instant: the clock may be set in the meantime.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// When a task that waits for an instant, in ms, should look again.
pub(crate) fn wake_at(instant: Option<u64>) -> Instant {
    let wait = instant.map_or(LONGEST_SLEEP, |instant| Duration::from_millis(instant.saturating_sub(now())));
    Instant::now() + wait.min(LONGEST_SLEEP)
}

/// How long the engine's clock may stand still before it is moved, in ms: the engine refuses commands that are too far
/// ahead of it (`maxClockJump`).
const IDLE_MS: u64 = 24 * 60 * 60 * 1000;
/// How far the engine's clock may be ahead of the host's, in ms: an accepted message is sent no earlier than the
/// engine's clock.
const AHEAD_MS: u64 = 60_000;

/// The difference between the host's clock and the engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClockSkew {
    /// None that matters.
    None,
    /// No command has come for long: the engine's clock must be moved.
    EngineIdle,
    /// The host's clock is further ahead than `maxClockJump`. Decisions by a wrong clock cannot be undone, so the
    /// engine's clock is not moved.
    HostAhead,
    /// The engine's clock is in the future: what it accepts now would be sent only then.
    EngineAhead,
}

impl ClockSkew {
    /// Compares the engine's clock with the host's, both in ms; `max_jump` is the policy's `maxClockJump`.
    pub(crate) fn compare(engine: Option<u64>, host: u64, max_jump: u64) -> ClockSkew {
        let Some(engine) = engine else { return ClockSkew::None };
        if engine > host.saturating_add(AHEAD_MS) {
            return ClockSkew::EngineAhead;
        }
        match host.saturating_sub(engine) {
            gap if gap > max_jump => ClockSkew::HostAhead,
            gap if gap >= IDLE_MS.min(max_jump / 2) => ClockSkew::EngineIdle,
            _ => ClockSkew::None,
        }
    }

    /// What to alert an operator of, if anything.
    pub(crate) const fn alert(self) -> Option<&'static str> {
        match self {
            ClockSkew::None | ClockSkew::EngineIdle => None,
            ClockSkew::HostAhead => Some(
                "the clock is further ahead of the last command than maxClockJump; if it is right, start again with \
                 log.accept_gap",
            ),
            ClockSkew::EngineAhead => Some(
                "the last command is ahead of the clock: messages are not accepted, and follow-ups not sent, before \
                 the clock is there",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_435_200_000;
    const DAY: u64 = IDLE_MS;

    #[test]
    fn clocks_agree_unless_one_has_stood_still_or_was_wrong() {
        let ahead = |ms: u64| ClockSkew::compare(Some(NOW + ms), NOW, 30 * DAY);
        let behind = |ms: u64, most: u64| ClockSkew::compare(Some(NOW - ms), NOW, most);
        for (clocks, expected) in [
            (ClockSkew::compare(None, NOW, 0), ClockSkew::None),
            (behind(0, 30 * DAY), ClockSkew::None),
            (behind(DAY - 1, 30 * DAY), ClockSkew::None),
            (behind(DAY, 30 * DAY), ClockSkew::EngineIdle),
            (behind(30 * DAY, 30 * DAY), ClockSkew::EngineIdle),
            (behind(30 * DAY + 1, 30 * DAY), ClockSkew::HostAhead),
            // At half of `maxClockJump` at the latest.
            (behind(1_799_999, 3_600_000), ClockSkew::None),
            (behind(1_800_000, 3_600_000), ClockSkew::EngineIdle),
            (behind(3_600_001, 3_600_000), ClockSkew::HostAhead),
            (ahead(60_000), ClockSkew::None),
            (ahead(60_001), ClockSkew::EngineAhead),
        ] {
            assert_eq!(clocks, expected);
        }
    }

    #[test]
    fn operators_are_alerted_of_skew_that_stops_the_gateway_and_of_no_other() {
        for (skew, alerts) in [
            (ClockSkew::None, false),
            (ClockSkew::EngineIdle, false),
            (ClockSkew::HostAhead, true),
            (ClockSkew::EngineAhead, true),
        ] {
            assert_eq!(skew.alert().is_some(), alerts, "{skew:?}");
        }
    }
}
