//! When a paced sender may send: GCRA, the generic cell rate algorithm.
//!
//! [RULES §5.2](crate::rules#5-number-allocation). Of a sender, all that must be remembered is its theoretical arrival time:
//! when the next message would be due if messages came at exactly its pace. A message may go before that by what a burst
//! takes. Arrival times are in µs, as a message a millisecond is not the fastest pace.

use crate::command::Pace;
use crate::time::Timestamp;
use core::time::Duration;

impl Pace {
    /// The time a message takes, in µs. A pace is at least one message a second.
    const fn interval(self) -> u64 {
        1_000_000_u64.div_ceil(if self.per_second == 0 { 1 } else { self.per_second as u64 })
    }

    /// How far messages may be ahead of the arrival time, in µs: all of a burst but one.
    const fn credit(self) -> u64 {
        self.burst.saturating_sub(1) as u64 * self.interval()
    }
}

/// When a message asked for at `now` (ms) may go, in µs, if it may be `lead` µs ahead of the pace.
const fn start_at(pace: Pace, now: u64, arrival: u64, lead: u64) -> u64 {
    let (paced, now) = (arrival.saturating_sub(pace.credit() + lead), now.saturating_mul(1_000));
    if paced > now { paced } else { now }
}

/// When a message goes out, in ms, if a sender with this pace is given it at `now`.
pub(crate) fn send_at(pace: Option<Pace>, now: u64, arrival: u64) -> u64 {
    pace.map_or(now, |pace| start_at(pace, now, arrival, 0).div_ceil(1_000))
}

/// The arrival time after a message was given to a sender at `now`.
pub(crate) fn next_arrival(pace: Option<Pace>, now: u64, arrival: u64) -> u64 {
    pace.map_or(arrival, |pace| arrival.max(now.saturating_mul(1_000)) + pace.interval())
}

/// Keeps the messages of one sender to its [`Pace`], as the engine does when it decides `sendAt`. A host that has held
/// messages back, as its transport failed, keeps them to the pace again with this.
///
/// Messages are counted when they go. A meter that is further ahead of the clock than a burst was counted by a clock that
/// has been set back since, and is taken no further than a burst.
///
/// ```
/// use cpc_core::{Pace, PaceMeter, Timestamp};
///
/// let (pace, mut meter) = (Some(Pace { per_second: 2, burst: 2 }), PaceMeter::default());
/// let mut now = Timestamp::from(1_795_435_200_000);
/// let mut sent = Vec::new();
/// for _ in 0..4 {
///     now = meter.send_at(pace, now);
///     meter.count(pace, now);
///     sent.push(now.as_millis() - 1_795_435_200_000);
/// }
/// assert_eq!(sent, [0, 0, 500, 1_000]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaceMeter {
    /// The theoretical arrival time, in µs.
    arrival: u64,
    /// How far messages may be ahead of the pace, in µs.
    lead: u64,
}

/// Ten years, in µs.
const MAX_LEAD: u64 = 315_576_000_000_000;

impl PaceMeter {
    /// A meter that lets messages be so far ahead of their pace: where timers are late, one message that is must not make
    /// the next one late.
    #[must_use]
    pub const fn with_lead(lead: Duration) -> PaceMeter {
        // Ten years are as good as any longer lead, and do not overflow.
        let lead = lead.as_secs().saturating_mul(1_000_000).saturating_add(lead.subsec_micros() as u64);
        PaceMeter { arrival: 0, lead: if lead < MAX_LEAD { lead } else { MAX_LEAD } }
    }

    /// When a message that is ready at `now` may go: `now`, or later. At once without a pace.
    #[must_use]
    pub fn send_at(&self, pace: Option<Pace>, now: impl Into<Timestamp>) -> Timestamp {
        let now = now.into();
        let Some(pace) = pace else { return now };
        let arrival = self.arrival_at(pace, now);
        Timestamp::from_millis(start_at(pace, now.as_millis(), arrival, self.lead).div_ceil(1_000))
    }

    /// Counts a message that goes at `now`.
    pub fn count(&mut self, pace: Option<Pace>, now: impl Into<Timestamp>) {
        let now = now.into();
        if let Some(pace) = pace {
            self.arrival = next_arrival(Some(pace), now.as_millis(), self.arrival_at(pace, now));
        }
    }

    /// The arrival time, unless the clock has been set back behind what was counted.
    fn arrival_at(&self, pace: Pace, now: Timestamp) -> u64 {
        let most = (u64::from(pace.burst) + 1) * pace.interval() + self.lead;
        self.arrival.min(now.as_millis().saturating_mul(1_000).saturating_add(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_435_200_000;

    #[test]
    fn a_meter_paces_as_the_engine_does() {
        for (per_second, burst) in [(1, 1), (1, 3), (3, 1), (80, 5), (1_000_000, 7)] {
            let pace = Some(Pace { per_second, burst });
            let (mut meter, mut arrival, mut now) = (PaceMeter::default(), 0, NOW.cast_unsigned());
            for _ in 0..50 {
                now = send_at(pace, now, arrival);
                assert_eq!(meter.send_at(pace, now.cast_signed()).as_millis(), now);
                arrival = next_arrival(pace, now, arrival);
                meter.count(pace, now.cast_signed());
                assert_eq!(meter.arrival, arrival);
            }
        }
    }

    #[test]
    fn a_lead_is_used_once() {
        let (pace, mut meter) =
            (Some(Pace { per_second: 2, burst: 1 }), PaceMeter::with_lead(Duration::from_millis(100)));
        let mut now = Timestamp::from(NOW);
        let mut sent = std::vec::Vec::new();
        for _ in 0..4 {
            now = meter.send_at(pace, now);
            meter.count(pace, now);
            sent.push(now.as_millis() - NOW.cast_unsigned());
        }
        assert_eq!(sent, [0, 400, 900, 1_400]);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_no_message_waiting() {
        let (pace, mut meter) = (Some(Pace { per_second: 1, burst: 1 }), PaceMeter::default());
        meter.count(pace, NOW + 3_600_000);
        assert!(meter.send_at(pace, NOW).as_millis() <= NOW.cast_unsigned() + 2_000);
        assert_eq!(meter.send_at(None, NOW), Timestamp::from(NOW));
    }
}
