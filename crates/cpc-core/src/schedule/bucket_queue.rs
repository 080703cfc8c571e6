//! Which contacts something happens to next, by time.
//!
//! A heap would cost a random walk through memory for every dispatch and for every reply. Here a dispatch appends
//! 4 bytes to the list of the bucket (8.2 s) in which its window ends, and a reply does nothing at all: whether
//! an entry still means something is asked of the contact's record when its bucket comes. Only the earliest
//! bucket is ever sorted.
//!
//! An entry is a hint: "look at this slot around then". What is true is in the record; a caller's `Due` function
//! tells the instant (and the contact key, which orders equal instants), or `None` if nothing is to happen any
//! more.

use crate::contacts::paged_vec::PagedVec;
use crate::contacts::sharded_table::Slot;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// A bucket is 2^13 ms: with the 50 bits of a contact key, an instant in it fits one integer.
const BUCKET_BITS: u32 = 13;
const KEY_BITS: u32 = 50;
const SLOTS: usize = 30;
const NO_LIST: u32 = u32::MAX;

/// Some slots of one bucket, and where more are.
#[derive(Clone, Copy, Debug)]
struct SlotChunk {
    slots: [u32; SLOTS],
    count: u32,
    next: u32,
}

/// The chunks of any number of calendars, used again when they are free.
#[derive(Clone, Debug)]
pub(crate) struct SlotLists {
    chunks: PagedVec<SlotChunk>,
    free: u32,
    /// Sorting buffers that are not in use, whichever queue they were of.
    spare: Vec<Vec<Sorted>>,
}

impl SlotLists {
    pub(crate) const fn new() -> SlotLists {
        SlotLists { chunks: PagedVec::new(), free: NO_LIST, spare: Vec::new() }
    }

    /// A list that begins with `slot` and goes on with the list `next`.
    fn take(&mut self, slot: u32, next: u32) -> u32 {
        let mut slots = [0; SLOTS];
        if let Some(first) = slots.first_mut() {
            *first = slot;
        }
        let chunk = SlotChunk { slots, count: 1, next };
        if self.free == NO_LIST {
            return self.chunks.push(chunk);
        }
        let taken = self.free;
        self.free = self.chunks.at(taken).next;
        *self.chunks.at_mut(taken) = chunk;
        taken
    }

    /// Adds a slot to a list and returns the list.
    #[inline]
    fn push(&mut self, list: u32, slot: u32) -> u32 {
        if list != NO_LIST {
            let chunk = self.chunks.at_mut(list);
            if let Some(place) = chunk.slots.get_mut(chunk.count as usize) {
                *place = slot;
                chunk.count += 1;
                return list;
            }
        }
        self.take(slot, list)
    }

    fn iter(&self, list: u32) -> impl Iterator<Item = Slot> {
        let chunk = |at: u32| (at != NO_LIST).then(|| self.chunks.at(at));
        core::iter::successors(chunk(list), move |last| chunk(last.next))
            .flat_map(|chunk| chunk.slots.iter().take(chunk.count as usize))
            .map(|slot| Slot::from_u32(*slot))
    }

    /// Keeps a sorting buffer for a later bucket. Few buckets are sorted at a time.
    fn keep_buffer(&mut self, mut buffer: Vec<Sorted>) {
        if self.spare.len() < 8 && buffer.capacity() > 0 {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    fn release(&mut self, list: u32) {
        let mut at = list;
        while at != NO_LIST {
            let next = self.chunks.at(at).next;
            self.chunks.at_mut(at).next = self.free;
            self.free = at;
            at = next;
        }
    }
}

/// An instant, the key of the contact it concerns, and where that contact is.
pub(crate) type TimerEntry = (u64, u64, Slot);

/// What is sorted: the instant within its bucket and the contact key, and the slot.
type Sorted = (u64, Slot);

#[derive(Clone, Debug)]
struct Bucket {
    number: u64,
    /// What has not been sorted yet.
    list: u32,
    /// No instant on the list is earlier.
    list_from: u64,
    /// What has, the earliest last.
    sorted: Vec<Sorted>,
}

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub(crate) struct BucketQueue {
    buckets: VecDeque<Bucket>,
}

const fn bucket_of(instant: u64) -> u64 {
    instant >> BUCKET_BITS
}

impl BucketQueue {
    pub(crate) const fn new() -> BucketQueue {
        BucketQueue { buckets: VecDeque::new() }
    }

    /// Notes that something happens to a slot at an instant.
    #[inline]
    pub(crate) fn push(&mut self, slot_lists: &mut SlotLists, instant: u64, slot: Slot) {
        let number = bucket_of(instant);
        match self.buckets.back_mut() {
            Some(last) if last.number == number => last.push(slot_lists, instant, slot),
            _ => self.push_elsewhere(slot_lists, instant, slot),
        }
    }

    /// The same, at a bucket that is not the last.
    fn push_elsewhere(&mut self, slot_lists: &mut SlotLists, instant: u64, slot: Slot) {
        let number = bucket_of(instant);
        let place = self.buckets.partition_point(|bucket| bucket.number < number);
        if self.buckets.get(place).is_none_or(|bucket| bucket.number != number) {
            let sorted = Vec::new();
            self.buckets.insert(place, Bucket { number, list: NO_LIST, list_from: u64::MAX, sorted });
        }
        if let Some(bucket) = self.buckets.get_mut(place) {
            bucket.push(slot_lists, instant, slot);
        }
    }

    /// The earliest entry that still means something. Drops what comes before it and does not.
    pub(crate) fn first(
        &mut self,
        slot_lists: &mut SlotLists,
        due: impl Fn(Slot) -> Option<(u64, u64)>,
    ) -> Option<TimerEntry> {
        self.find_first(slot_lists, due, |entry, list_from| entry.0 < list_from)
    }

    /// An entry at the earliest instant at which something is to happen. Sorts less than [`first`](Self::first):
    /// while a bucket fills up, its first entry stays the first.
    pub(crate) fn settle(&mut self, slot_lists: &mut SlotLists, due: impl Fn(Slot) -> Option<(u64, u64)>) {
        self.find_first(slot_lists, due, |entry, list_from| entry.0 <= list_from);
    }

    fn find_first(
        &mut self,
        slot_lists: &mut SlotLists,
        due: impl Fn(Slot) -> Option<(u64, u64)>,
        is_first: impl Fn(&TimerEntry, u64) -> bool,
    ) -> Option<TimerEntry> {
        loop {
            let bucket = self.buckets.front_mut()?;
            while bucket.last().is_some_and(|entry| due(entry.2) != Some((entry.0, entry.1))) {
                bucket.sorted.pop();
            }
            match bucket.last() {
                Some(entry) if is_first(&entry, bucket.list_from) => return Some(entry),
                _ if bucket.list != NO_LIST => bucket.sort(slot_lists, &due),
                _ => self.pop_bucket(slot_lists),
            }
        }
    }

    /// Drops the entry that [`first`](Self::first) returned.
    pub(crate) fn pop(&mut self) {
        if let Some(bucket) = self.buckets.front_mut() {
            bucket.sorted.pop();
        }
    }

    fn pop_bucket(&mut self, slot_lists: &mut SlotLists) {
        if let Some(bucket) = self.buckets.pop_front() {
            slot_lists.release(bucket.list);
            slot_lists.keep_buffer(bucket.sorted);
        }
    }

    /// Moves all that is over at `now` into another queue: whole buckets at once, so that a long pause costs
    /// no more than the buckets in it.
    pub(crate) fn pass(
        &mut self,
        slot_lists: &mut SlotLists,
        now: u64,
        past: &mut BucketQueue,
        due: impl Fn(Slot) -> Option<(u64, u64)>,
    ) {
        while self.buckets.front().is_some_and(|bucket| bucket.number < bucket_of(now)) {
            if let Some(bucket) = self.buckets.pop_front() {
                past.append(slot_lists, bucket);
            }
        }
        while self.buckets.front().is_some_and(|bucket| bucket.number == bucket_of(now)) {
            let Some((instant, _, slot)) = self.first(slot_lists, &due).filter(|entry| entry.0 <= now) else {
                break;
            };
            past.push(slot_lists, instant, slot);
            self.pop();
        }
        self.settle(slot_lists, due);
    }

    /// Takes a bucket over, of which there may be a part here.
    fn append(&mut self, slot_lists: &mut SlotLists, mut bucket: Bucket) {
        if bucket.sorted.is_empty() {
            slot_lists.keep_buffer(core::mem::take(&mut bucket.sorted));
        }
        let place = self.buckets.partition_point(|other| other.number < bucket.number);
        match self.buckets.get_mut(place).filter(|other| other.number == bucket.number) {
            None => self.buckets.insert(place, bucket),
            Some(part) => {
                // The part that is here is the smaller one, usually.
                let slots = slot_lists.iter(part.list).map(Slot::to_u32).collect::<Vec<_>>();
                slot_lists.release(part.list);
                for slot in slots {
                    bucket.list = slot_lists.push(bucket.list, slot);
                }
                bucket.list_from = bucket.list_from.min(part.list_from);
                bucket.sorted.append(&mut part.sorted);
                bucket.sorted.sort_unstable_by_key(|sorted| core::cmp::Reverse(sorted.0));
                *part = bucket;
            }
        }
    }

    /// The earliest instant after `after` at which something is to happen, without changing anything.
    pub(crate) fn next_after(
        &self,
        slot_lists: &SlotLists,
        after: Option<u64>,
        due: impl Fn(Slot) -> Option<(u64, u64)>,
    ) -> Option<u64> {
        let later = |instant: &u64| after.is_none_or(|after| *instant > after);
        let from = after.map_or(0, bucket_of);
        self.buckets.iter().filter(|bucket| bucket.number >= from).find_map(|bucket| {
            let valid = |slot: Slot| {
                due(slot).map(|(instant, _)| instant).filter(|instant| bucket_of(*instant) == bucket.number)
            };
            // One that happens at another time by now is on the list as well.
            let sorted = bucket.sorted.iter().rev().map(|sorted| bucket.entry(*sorted));
            let sorted = sorted.filter(|entry| due(entry.2) == Some((entry.0, entry.1)));
            let first = sorted.map(|entry| entry.0).find(later);
            if first.is_some_and(|first| first <= bucket.list_from) {
                return first;
            }
            let listed = slot_lists.iter(bucket.list).filter_map(valid).filter(later).min();
            first.into_iter().chain(listed).min()
        })
    }

    /// Drops the buckets before an instant, and returns what in them still means something.
    pub(crate) fn drain_before(
        &mut self,
        slot_lists: &mut SlotLists,
        instant: u64,
        due: impl Fn(Slot) -> Option<(u64, u64)>,
    ) -> Vec<TimerEntry> {
        let mut left = Vec::new();
        while let Some(bucket) = self.buckets.front_mut().filter(|bucket| bucket.number < bucket_of(instant))
        {
            bucket.sort(slot_lists, &due);
            let entries = bucket.sorted.iter().map(|sorted| bucket.entry(*sorted));
            left.extend(entries.filter(|entry| due(entry.2) == Some((entry.0, entry.1))));
            self.pop_bucket(slot_lists);
        }
        left
    }
}

impl Bucket {
    #[inline]
    fn push(&mut self, slot_lists: &mut SlotLists, instant: u64, slot: Slot) {
        self.list = slot_lists.push(self.list, slot.to_u32());
        self.list_from = self.list_from.min(instant);
    }

    fn entry(&self, (packed, slot): Sorted) -> TimerEntry {
        let instant = self.number << BUCKET_BITS | packed >> KEY_BITS;
        (instant, packed & ((1 << KEY_BITS) - 1), slot)
    }

    /// The earliest of those that are sorted.
    fn last(&self) -> Option<TimerEntry> {
        self.sorted.last().map(|sorted| self.entry(*sorted))
    }

    /// Sorts what was added since the last time, the earliest last. What does not mean anything, or happens in
    /// another bucket by now, is dropped.
    fn sort(&mut self, slot_lists: &mut SlotLists, due: impl Fn(Slot) -> Option<(u64, u64)>) {
        if self.list == NO_LIST {
            return;
        }
        if self.sorted.capacity() == 0 {
            self.sorted = slot_lists.spare.pop().unwrap_or_default();
        }
        let number = self.number;
        let added = slot_lists.iter(self.list).filter_map(|slot| {
            let (instant, key) = due(slot).filter(|(instant, _)| bucket_of(*instant) == number)?;
            Some((instant << (64 - BUCKET_BITS) >> (64 - BUCKET_BITS - KEY_BITS) | key, slot))
        });
        self.sorted.extend(added);
        slot_lists.release(self.list);
        self.list = NO_LIST;
        self.list_from = u64::MAX;
        // A contact is there once: no two that are different are equal in this.
        self.sorted.sort_unstable_by_key(|sorted| core::cmp::Reverse(sorted.0));
        self.sorted.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;

    /// Compared with a sorted map, over windows shorter and longer than a bucket.
    #[test]
    fn entries_come_out_in_order_and_only_while_they_are_true() {
        let (mut slot_lists, mut queue, mut past) =
            (SlotLists::new(), BucketQueue::default(), BucketQueue::default());
        let mut truth = BTreeMap::<u32, u64>::new();
        let mut state = 7_u64;
        let mut now = 1 << 30;
        for _ in 0..4_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (slot, dice) = ((state >> 40) as u32 % 50, state >> 60);
            if dice < 4 {
                truth.remove(&slot);
            } else {
                let window = if dice < 10 { 500_000 } else { 900 };
                let instant = now + 1 + (state >> 20) % window;
                truth.insert(slot, instant);
                queue.push(&mut slot_lists, instant, Slot::from_u32(slot));
            }
            now += (state >> 10) % 3_000;
            let due = |slot: Slot| truth.get(&slot.to_u32()).map(|at| (*at, u64::from(slot.to_u32())));
            queue.pass(&mut slot_lists, now, &mut past, due);
            let expected = truth.values().copied().filter(|at| *at > now).min();
            assert_eq!(queue.next_after(&slot_lists, Some(now), due), expected);
            assert_eq!(queue.first(&mut slot_lists, due).map(|entry| entry.0), expected);
            if dice == 5 {
                let mut over: Vec<_> = truth.iter().map(|(slot, at)| (*at, *slot)).collect();
                over.retain(|(at, _)| *at <= now);
                over.sort_unstable();
                for (at, slot) in over {
                    let due =
                        |slot: Slot| truth.get(&slot.to_u32()).map(|at| (*at, u64::from(slot.to_u32())));
                    let entry = past.first(&mut slot_lists, due);
                    assert_eq!(entry, Some((at, u64::from(slot), Slot::from_u32(slot))));
                    past.pop();
                    truth.remove(&slot);
                }
                let due = |slot: Slot| truth.get(&slot.to_u32()).map(|at| (*at, u64::from(slot.to_u32())));
                assert_eq!(past.first(&mut slot_lists, due).filter(|entry| entry.0 <= now), None);
            }
        }
    }

    #[test]
    fn what_is_drained_is_what_was_before() {
        let (mut slot_lists, mut queue) = (SlotLists::new(), BucketQueue::default());
        let instant = |slot: u32| (10 << BUCKET_BITS) + (u64::from(slot) << 12);
        (0..8).for_each(|slot| queue.push(&mut slot_lists, instant(slot), Slot::from_u32(slot)));
        // The second means nothing any more.
        let due = |slot: Slot| (slot.to_u32() != 1).then(|| (instant(slot.to_u32()), 7));
        // Whole buckets, of two each.
        let mut drained = queue.drain_before(&mut slot_lists, instant(5), due);
        drained.sort_unstable();
        assert!(drained.into_iter().eq([0, 2, 3].map(|slot| (instant(slot), 7, Slot::from_u32(slot)))));
        assert_eq!(queue.first(&mut slot_lists, due), Some((instant(4), 7, Slot::from_u32(4))));
    }

    /// What means nothing any more is dropped when the queue is settled, and its memory is used again.
    #[test]
    fn a_calendar_takes_no_more_memory_than_it_needs() {
        let (mut slot_lists, mut queue) = (SlotLists::new(), BucketQueue::default());
        for number in 1..1_000 {
            for slot in 0..2 * SLOTS as u32 {
                queue.push(&mut slot_lists, number << BUCKET_BITS, Slot::from_u32(slot));
            }
            queue.settle(&mut slot_lists, |_| None);
            assert!(queue.buckets.is_empty());
        }
        assert_eq!(slot_lists.chunks.len(), 2);
    }
}
