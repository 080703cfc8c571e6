//! What waits for one sender: how fast it may leave, and how long it rests while the receiver takes nothing.

use cpc_core::Pace;
use std::collections::BTreeSet;

/// How long after a failure it is tried again: doubled each time, up to the longest.
pub(super) const FIRST_PAUSE_MS: u64 = 500;
const LONGEST_PAUSE_MS: u64 = 60_000;
/// How far messages may be ahead of their pace, in µs: tasks do not wake to the microsecond, and what one is late the
/// next must not be.
const SLACK: u64 = 100_000;

/// How long to wait after so many failures before, in ms.
pub(super) fn pause(failures: u32) -> u64 {
    (FIRST_PAUSE_MS << failures.min(16)).min(LONGEST_PAUSE_MS)
}

/// See the [module](self). All instants are in ms but for `arrival`.
#[derive(Default)]
pub(super) struct Lane {
    /// Instants and positions.
    waiting: BTreeSet<(u64, u64)>,
    under_way: usize,
    /// The sender's, as its wallet has it. The engine keeps it in each `sendAt`; after an outage, this lane does.
    pub(super) pace: Option<Pace>,
    /// When the next message would leave, if each took its time, in µs.
    arrival: u64,
    /// How often in a row the receiver took nothing, and until when it is left alone.
    failures: u32,
    resting_until: u64,
}

impl Lane {
    /// A message is to leave, not before an instant.
    pub(super) fn put(&mut self, at: u64, position: u64) {
        self.waiting.insert((at, position));
    }

    /// The next message, and when it is due.
    pub(super) fn first(&self) -> Option<(u64, u64)> {
        self.waiting.first().copied()
    }

    /// The next message is no longer to be sent.
    pub(super) fn skip(&mut self) {
        self.waiting.pop_first();
    }

    /// When the next message may leave, as far as the pace and failures go.
    pub(super) fn opens(&self, now: u64) -> u64 {
        // Longer than any pause, and it is the clock that was set back.
        let rested = Some(self.resting_until).filter(|until| *until <= now + LONGEST_PAUSE_MS).unwrap_or(0);
        let paced = self.pace.map_or(0, |pace| {
            let (interval, burst) = (interval(pace), u64::from(pace.burst));
            let arrival = self.arrival.min(now * 1_000 + (burst + 1) * interval + SLACK);
            arrival.saturating_sub((burst - burst.min(1)) * interval + SLACK).div_ceil(1_000)
        });
        rested.max(paced)
    }

    /// Whether another message may be on its way. One alone finds out whether the receiver takes something again.
    pub(super) const fn has_room(&self, most: usize) -> bool {
        self.under_way < if self.failures > 0 { 1 } else { most }
    }

    /// The next message leaves.
    pub(super) fn start(&mut self, now: u64) {
        self.settle_next();
        if let Some(pace) = self.pace {
            let most = now * 1_000 + (u64::from(pace.burst) + 1) * interval(pace) + SLACK;
            self.arrival = self.arrival.min(most).max(now * 1_000) + interval(pace);
        }
    }

    /// The next message is looked after, but not sent: it takes no time of the sender's.
    pub(super) fn settle_next(&mut self) {
        self.waiting.pop_first();
        self.under_way += 1;
    }

    /// A message is no longer on its way.
    pub(super) const fn ended(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// The receiver answered as it should.
    pub(super) const fn succeeded(&mut self) {
        (self.failures, self.resting_until) = (0, 0);
    }

    /// The receiver took nothing. Those that were on their way at the same time count once.
    pub(super) fn failed(&mut self, now: u64) {
        if now >= self.resting_until {
            self.resting_until = now + pause(self.failures);
            self.failures += 1;
        }
    }
}

/// The time a message takes, in µs.
const fn interval(pace: Pace) -> u64 {
    // A pace is at least one message a second.
    1_000_000_u64.div_ceil(if pace.per_second == 0 { 1 } else { pace.per_second as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_435_200_000;

    /// When each of so many messages leaves that have waited for long, in ms from now.
    fn leaves(pace: Option<Pace>, messages: u64) -> Vec<u64> {
        let mut lane = Lane { pace, ..Lane::default() };
        let mut now = NOW;
        for position in 0..messages {
            lane.put(NOW - 3_600_000, position);
        }
        let mut left = Vec::new();
        while lane.first().is_some() {
            now = now.max(lane.opens(now));
            lane.start(now);
            left.push(now - NOW);
        }
        left
    }

    #[test]
    fn what_is_late_leaves_at_the_pace_of_its_sender() {
        assert_eq!(leaves(None, 5), [0; 5]);
        let pace = |per_second, burst| Some(Pace { per_second, burst });
        assert_eq!(leaves(pace(2, 1), 4), [0, 400, 900, 1400]);
        assert_eq!(leaves(pace(1, 3), 5), [0, 0, 0, 900, 1900]);
        let fast = leaves(pace(80, 1), 800);
        assert!((9_800..=10_000).contains(fast.last().unwrap()), "{:?}", fast.last());
    }

    #[test]
    fn what_wakes_late_does_not_make_the_next_late() {
        let mut lane = Lane { pace: Some(Pace { per_second: 80, burst: 1 }), ..Lane::default() };
        for tick in 0..8_000 {
            // As the engine spaces them, each started 2 ms too late.
            let due = NOW + tick * 25 / 2;
            assert!(lane.opens(due) <= due, "after {tick}");
            lane.start(due + 2);
        }
    }

    #[test]
    fn failures_in_a_row_make_a_lane_rest_longer_and_an_answer_ends_it() {
        let mut lane = Lane::default();
        let mut now = NOW;
        let mut pauses = Vec::new();
        for _ in 0..9 {
            // What was on its way at the same time counts once.
            (0..4).for_each(|_| lane.failed(now));
            pauses.push(lane.opens(now) - now);
            now = lane.opens(now);
        }
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        lane.put(now, 1);
        lane.start(now);
        assert!(!lane.has_room(4));
        lane.succeeded();
        assert!(lane.has_room(4) && lane.opens(now) <= now);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nothing_waiting() {
        let mut lane = Lane { pace: Some(Pace { per_second: 1, burst: 1 }), ..Lane::default() };
        lane.failed(NOW + 3_600_000);
        lane.put(NOW, 1);
        lane.start(NOW + 3_600_000);
        assert!(lane.opens(NOW) <= NOW + 2_000);
    }
}
