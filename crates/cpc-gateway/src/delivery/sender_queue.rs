//! The messages that wait for one sender, its pace, and its pause while the receiver fails.

use cpc_core::{Pace, PaceMeter};
use std::collections::BTreeSet;
use std::time::Duration;

/// The pause after a failure, in ms; doubled with each further one, up to the longest.
pub(super) const FIRST_PAUSE_MS: u64 = 500;
const LONGEST_PAUSE_MS: u64 = 60_000;
/// How far messages may be ahead of their pace: tasks do not wake to the microsecond, and one that wakes late must not
/// delay the next.
const LEAD: Duration = Duration::from_millis(100);

/// The pause after a failure that follows so many others, in ms.
pub(super) fn pause(failures: u32) -> u64 {
    (FIRST_PAUSE_MS << failures.min(16)).min(LONGEST_PAUSE_MS)
}

/// See the [module](self). All instants are in ms.
pub(super) struct SenderQueue {
    /// `(due, position)`.
    waiting: BTreeSet<(u64, u64)>,
    in_flight: usize,
    /// The sender's pace. The engine has applied it to each `sendAt`; after an outage this queue applies it again.
    pub(super) pace: Option<Pace>,
    meter: PaceMeter,
    /// Consecutive failures of the receiver, and until when it is left alone, in ms.
    failures: u32,
    resting_until: u64,
}

impl Default for SenderQueue {
    fn default() -> SenderQueue {
        SenderQueue {
            waiting: BTreeSet::new(),
            in_flight: 0,
            pace: None,
            meter: PaceMeter::with_lead(LEAD),
            failures: 0,
            resting_until: 0,
        }
    }
}

impl SenderQueue {
    /// Adds a message that may leave from `at` on.
    pub(super) fn put(&mut self, at: u64, position: u64) {
        self.waiting.insert((at, position));
    }

    /// When the next message is due, and its position.
    pub(super) fn first(&self) -> Option<(u64, u64)> {
        self.waiting.first().copied()
    }

    /// Drops the next message.
    pub(super) fn skip(&mut self) {
        self.waiting.pop_first();
    }

    /// When pace and failures let the next message leave.
    pub(super) fn opens(&self, now: u64) -> u64 {
        // Further away than any pause lasts: the clock was set back.
        let rested = Some(self.resting_until).filter(|until| *until <= now + LONGEST_PAUSE_MS).unwrap_or(0);
        rested.max(self.meter.send_at(self.pace, now.cast_signed()).as_millis())
    }

    /// Whether another message may be in flight. After a failure, a single one probes the receiver.
    pub(super) const fn has_room(&self, most: usize) -> bool {
        self.in_flight < if self.failures > 0 { 1 } else { most }
    }

    /// The next message is sent.
    pub(super) fn start(&mut self, now: u64) {
        self.start_report();
        self.meter.count(self.pace, now.cast_signed());
    }

    /// The next message is only reported, which does not count towards the pace.
    pub(super) fn start_report(&mut self) {
        self.waiting.pop_first();
        self.in_flight += 1;
    }

    /// A message is no longer in flight.
    pub(super) const fn ended(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// The receiver answered for good.
    pub(super) const fn succeeded(&mut self) {
        (self.failures, self.resting_until) = (0, 0);
    }

    /// The receiver failed. Messages that were in flight at the same time count once.
    pub(super) fn failed(&mut self, now: u64) {
        if now >= self.resting_until {
            self.resting_until = now + pause(self.failures);
            self.failures += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_435_200_000;

    /// When each of so many messages leaves that have waited for long, in ms from now.
    fn leaves(pace: Option<Pace>, messages: u64) -> Vec<u64> {
        let mut queue = SenderQueue { pace, ..SenderQueue::default() };
        let mut now = NOW;
        for position in 0..messages {
            queue.put(NOW - 3_600_000, position);
        }
        let mut left = Vec::new();
        while queue.first().is_some() {
            now = now.max(queue.opens(now));
            queue.start(now);
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
        let mut queue =
            SenderQueue { pace: Some(Pace { per_second: 80, burst: 1 }), ..SenderQueue::default() };
        for tick in 0..8_000 {
            // As the engine spaces them, each started 2 ms too late.
            let due = NOW + tick * 25 / 2;
            assert!(queue.opens(due) <= due, "after {tick}");
            queue.start(due + 2);
        }
    }

    #[test]
    fn failures_in_a_row_make_a_queue_rest_longer_and_an_answer_ends_it() {
        let mut queue = SenderQueue::default();
        let mut now = NOW;
        let mut pauses = Vec::new();
        for _ in 0..9 {
            // Messages in flight at the same time count once.
            (0..4).for_each(|_| queue.failed(now));
            pauses.push(queue.opens(now) - now);
            now = queue.opens(now);
        }
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        queue.put(now, 1);
        queue.start(now);
        assert!(!queue.has_room(4));
        queue.succeeded();
        assert!(queue.has_room(4) && queue.opens(now) <= now);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nothing_waiting() {
        let mut queue =
            SenderQueue { pace: Some(Pace { per_second: 1, burst: 1 }), ..SenderQueue::default() };
        queue.failed(NOW + 3_600_000);
        queue.put(NOW, 1);
        queue.start(NOW + 3_600_000);
        assert!(queue.opens(NOW) <= NOW + 2_000);
    }
}
