//! A sender's dispatches in the last 24 hours: exact usage without buckets and without timers.
//!
//! [RULES §5.1](crate::rules#5-number-allocation). Dispatches leave in the order of their time, so a queue is enough:
//! its length is the usage, its head the next to leave. Dispatches of one millisecond (a batch, usually) share an
//! entry of 8 bytes: 42 bits of time, 22 bits of count.

use crate::contacts::packed::EPOCH;
use crate::time::DAY;
use alloc::collections::VecDeque;

const COUNT_BITS: u32 = 22;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;

/// See the [module](self). Entries are sorted by time; one whose count is 0 was given back.
#[derive(Clone, Debug, Default)]
pub(crate) struct UsageWindow {
    entries: VecDeque<u64>,
    total: u64,
}

const fn pack(t0: u64, count: u64) -> u64 {
    (t0.saturating_sub(EPOCH) << COUNT_BITS) | count
}

const fn time(entry: u64) -> u64 {
    (entry >> COUNT_BITS) + EPOCH
}

const fn count(entry: u64) -> u64 {
    entry & COUNT_MASK
}

impl UsageWindow {
    /// Counts a dispatch at `t0`.
    #[inline]
    pub(crate) fn add(&mut self, t0: u64) {
        self.total += 1;
        match self.entries.back_mut() {
            Some(last) if time(*last) == t0 && count(*last) < COUNT_MASK => *last += 1,
            Some(last) if time(*last) > t0 => self.insert(t0),
            _ => self.entries.push_back(pack(t0, 1)),
        }
    }

    /// Counts dispatches at `t0`, which is later than any before.
    pub(crate) fn add_many(&mut self, t0: u64, count: u64) {
        let mut left = count;
        while left > 0 {
            let part = left.min(COUNT_MASK);
            self.entries.push_back(pack(t0, part));
            left -= part;
        }
        self.total += count;
    }

    /// A dispatch that goes out before one that was made earlier: the sender's pace was quickened.
    fn insert(&mut self, t0: u64) {
        let place = self.entries.partition_point(|entry| time(*entry) <= t0);
        match place.checked_sub(1).and_then(|before| self.entries.get_mut(before)) {
            Some(entry) if time(*entry) == t0 && count(*entry) < COUNT_MASK => *entry += 1,
            _ => self.entries.insert(place, pack(t0, 1)),
        }
    }

    /// Takes back a dispatch at `t0`; false if none is counted.
    pub(crate) fn give_back(&mut self, t0: u64) -> bool {
        let mut place = self.entries.partition_point(|entry| time(*entry) < t0);
        while let Some(entry) = self.entries.get_mut(place).filter(|entry| time(**entry) == t0) {
            if count(*entry) > 0 {
                *entry -= 1;
                self.total -= 1;
                return true;
            }
            place += 1;
        }
        false
    }

    /// Drops what is over at `now` and returns how many dispatches that was.
    pub(crate) fn prune(&mut self, now: u64) -> u64 {
        let mut gone = 0;
        while let Some(entry) = self.entries.front().copied().filter(|entry| time(*entry) + DAY <= now) {
            gone += count(entry);
            self.entries.pop_front();
        }
        self.total -= gone;
        gone
    }

    /// When the first entry leaves.
    pub(crate) fn next_departure(&self) -> Option<u64> {
        self.entries.front().map(|entry| time(*entry) + DAY)
    }

    /// The dispatches counted since the last `prune`.
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// The dispatches counted at `now`.
    pub(crate) fn usage(&self, now: u64) -> u64 {
        let over = self.entries.iter().take_while(|entry| time(**entry) + DAY <= now);
        self.total - over.map(|entry| count(*entry)).sum::<u64>()
    }

    /// What leaves first after an instant: when, and how many.
    pub(crate) fn departure_after(&self, after: u64) -> Option<(u64, u64)> {
        let first = self.entries.partition_point(|entry| time(*entry) + DAY <= after);
        let mut left = self.entries.range(first..).filter(|entry| count(**entry) > 0).peekable();
        let t0 = time(**left.peek()?);
        let together = left.take_while(|entry| time(**entry) == t0);
        Some((t0 + DAY, together.map(|entry| count(*entry)).sum()))
    }

    /// What counts at `now`: when each dispatch was, and how many there were.
    pub(crate) fn entries(&self, now: u64) -> impl Iterator<Item = (u64, u64)> {
        let left = self.entries.iter().map(|entry| (time(*entry), count(*entry)));
        left.skip_while(move |(t0, _)| *t0 + DAY <= now).filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    const T: u64 = EPOCH + 1_000_000;

    /// RULES §5.1: `now - 24h < t0`.
    #[test]
    fn usage_is_what_the_last_24_hours_hold() {
        let mut usage_window = UsageWindow::default();
        for t0 in [T, T, T + 1, T + 5] {
            usage_window.add(t0);
        }
        for (now, expected) in [(T, 4), (T + DAY - 1, 4), (T + DAY, 2), (T + DAY + 1, 1), (T + DAY + 5, 0)] {
            assert_eq!(usage_window.usage(now), expected);
        }
        assert_eq!(usage_window.prune(T + DAY), 2);
        assert_eq!((usage_window.total(), usage_window.next_departure()), (2, Some(T + DAY + 1)));
    }

    /// RULES §7: usage is given back.
    #[test]
    fn what_is_given_back_is_not_counted() {
        let mut usage_window = UsageWindow::default();
        for t0 in [T + 5, T, T + 5, T + 3, T] {
            usage_window.add(t0);
        }
        assert!(
            usage_window.give_back(T + 3) && !usage_window.give_back(T + 3) && !usage_window.give_back(T + 4)
        );
        assert!(usage_window.give_back(T) && usage_window.total() == 3);
        assert_eq!(usage_window.departure_after(T), Some((T + DAY, 1)));
        assert_eq!(usage_window.departure_after(T + DAY), Some((T + 5 + DAY, 2)));
        assert_eq!(usage_window.departure_after(T + 5 + DAY), None);
        assert!(usage_window.entries(T).eq([(T, 1), (T + 5, 2)]));
    }

    /// Compared with a list of all dispatches, whatever the order of their times.
    #[test]
    fn a_ring_counts_what_a_list_of_its_dispatches_does() {
        let (mut usage_window, mut truth, mut now, mut state) =
            (UsageWindow::default(), Vec::<u64>::new(), T, 11_u64);
        for _ in 0..5_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            now += (state >> 20) % 4 * DAY / 40;
            let (dice, t0) = (state >> 61, now + (state >> 40) % 3);
            match dice {
                0 => {
                    let place = truth.iter().position(|other| *other == t0);
                    assert_eq!(usage_window.give_back(t0), place.is_some());
                    place.map(|place| truth.remove(place));
                }
                1 => {
                    let gone = truth.extract_if(.., |t0| *t0 + DAY <= now).count() as u64;
                    assert_eq!(usage_window.prune(now), gone);
                }
                _ => {
                    usage_window.add(t0);
                    truth.push(t0);
                }
            }
            let left = |now: u64| truth.iter().copied().filter(move |t0| *t0 + DAY > now);
            assert_eq!(usage_window.total(), truth.len() as u64);
            let mut counts = BTreeMap::new();
            left(now).for_each(|t0| *counts.entry(t0).or_insert(0) += 1);
            assert!(usage_window.entries(now).eq(counts));
            for later in [now, now + DAY - 1, now + DAY, now + DAY + 1] {
                assert_eq!(usage_window.usage(later), left(later).count() as u64);
                let next = left(later)
                    .min()
                    .map(|t0| (t0 + DAY, left(later).filter(|other| *other == t0).count() as u64));
                assert_eq!(usage_window.departure_after(later), next);
            }
        }
    }

    /// An entry counts up to four million dispatches; there may be more of one millisecond.
    #[test]
    fn what_does_not_fit_an_entry_is_counted_in_the_next() {
        let (many, full) = (COUNT_MASK + 5, COUNT_MASK);
        let mut usage_window = UsageWindow::default();
        usage_window.add_many(T, many);
        usage_window.add_many(T + 1, full);
        assert!(usage_window.entries(T).eq([(T, full), (T, 5), (T + 1, full)]));
        usage_window.add(T + 1);
        usage_window.add(T);
        assert!(usage_window.entries(T).eq([(T, full), (T, 6), (T + 1, full), (T + 1, 1)]));
        assert_eq!((usage_window.total(), usage_window.usage(T)), (2 * full + 7, 2 * full + 7));
        assert_eq!(usage_window.departure_after(T), Some((T + DAY, full + 6)));
        assert_eq!(usage_window.departure_after(T + DAY), Some((T + 1 + DAY, full + 1)));
        assert!((0..full + 6).all(|_| usage_window.give_back(T)) && !usage_window.give_back(T));
        assert!(usage_window.entries(T).eq([(T + 1, full), (T + 1, 1)]));
        assert_eq!(
            (usage_window.prune(T + DAY), usage_window.prune(T + DAY + 1), usage_window.total()),
            (0, full + 1, 0)
        );
        // A full entry that is not the last.
        usage_window.add_many(T, full);
        usage_window.add(T + 2);
        usage_window.add(T);
        assert!(usage_window.entries(T).eq([(T, full), (T, 1), (T + 2, 1)]));
    }
}
