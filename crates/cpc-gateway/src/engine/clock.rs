//! The host's clock: the only one there is. The engine's says when its last command took effect; where the two are too
//! far apart, one of them was wrong at some time, and people have to hear of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// How long a task may rest at the most: the clock may be set meanwhile.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// When a task that waits for an instant, in ms, should look again.
pub(crate) fn wake_at(instant: Option<u64>) -> Instant {
    let wait = instant.map_or(LONGEST_REST, |instant| Duration::from_millis(instant.saturating_sub(now())));
    Instant::now() + wait.min(LONGEST_REST)
}

/// How long the engine's clock may stand still: it takes no command from too far ahead of it.
const STILL_MS: u64 = 24 * 60 * 60 * 1000;
/// How far the engine's clock may be ahead: what it accepts is sent no earlier than its clock says.
const AHEAD_MS: u64 = 60_000;

/// How the host's clock and the engine's stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clocks {
    /// As they should.
    Agree,
    /// Nothing has happened for long: the engine's is to be moved.
    EngineStoodStill,
    /// The host's is further ahead than `maxClockJump`. What is decided by a wrong clock cannot be taken back, so the
    /// engine's is not moved.
    HostAhead,
    /// The engine has been told a time that is yet to come: what it accepts now would be sent only then.
    EngineAhead,
}

impl Clocks {
    /// Compares the engine's clock with the host's; the first may move by `most` at once. All in ms.
    pub(crate) fn compare(engine: Option<u64>, host: u64, most: u64) -> Clocks {
        let Some(engine) = engine else { return Clocks::Agree };
        if engine > host.saturating_add(AHEAD_MS) {
            return Clocks::EngineAhead;
        }
        match host.saturating_sub(engine) {
            gap if gap > most => Clocks::HostAhead,
            gap if gap >= STILL_MS.min(most / 2) => Clocks::EngineStoodStill,
            _ => Clocks::Agree,
        }
    }

    /// What an operator has to hear, if anything.
    pub(crate) const fn trouble(self) -> Option<&'static str> {
        match self {
            Clocks::Agree | Clocks::EngineStoodStill => None,
            Clocks::HostAhead => Some(
                "the clock is further ahead of the last command than maxClockJump; if it is right, start again with \
                 log.accept_gap",
            ),
            Clocks::EngineAhead => Some(
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
    const DAY: u64 = STILL_MS;

    #[test]
    fn clocks_agree_unless_one_has_stood_still_or_was_wrong() {
        let ahead = |ms: u64| Clocks::compare(Some(NOW + ms), NOW, 30 * DAY);
        let behind = |ms: u64, most: u64| Clocks::compare(Some(NOW - ms), NOW, most);
        for (clocks, expected) in [
            (Clocks::compare(None, NOW, 0), Clocks::Agree),
            (behind(0, 30 * DAY), Clocks::Agree),
            (behind(DAY - 1, 30 * DAY), Clocks::Agree),
            (behind(DAY, 30 * DAY), Clocks::EngineStoodStill),
            (behind(30 * DAY, 30 * DAY), Clocks::EngineStoodStill),
            (behind(30 * DAY + 1, 30 * DAY), Clocks::HostAhead),
            // Moved before it is too late, whatever the policy allows.
            (behind(1_799_999, 3_600_000), Clocks::Agree),
            (behind(1_800_000, 3_600_000), Clocks::EngineStoodStill),
            (behind(3_600_001, 3_600_000), Clocks::HostAhead),
            (ahead(60_000), Clocks::Agree),
            (ahead(60_001), Clocks::EngineAhead),
        ] {
            assert_eq!(clocks, expected);
        }
    }

    #[test]
    fn people_hear_of_clocks_that_stop_the_gateway_and_of_no_others() {
        for (clocks, heard) in [
            (Clocks::Agree, false),
            (Clocks::EngineStoodStill, false),
            (Clocks::HostAhead, true),
            (Clocks::EngineAhead, true),
        ] {
            assert_eq!(clocks.trouble().is_some(), heard, "{clocks:?}");
        }
    }
}
