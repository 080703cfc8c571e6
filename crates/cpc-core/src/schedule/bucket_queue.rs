//! Which contacts something happens to next, by time.
//!
//! A heap would cost a random walk through memory for every dispatch and for every reply. Here a dispatch appends
//! 4 bytes to the list of the moment (8.2 s) in which its window ends, and a reply does nothing at all: whether
//! an entry still means something is asked of the contact's record when its moment comes. Only the earliest
//! moment is ever sorted.
//!
//! An entry is a hint: "look at this slot around then". What is true is in the record; a caller's `Due` function
//! tells the instant (and the contact key, which orders equal instants), or `None` if nothing is to happen any
//! more.

use crate::contacts::paged_vec::Paged;
use crate::contacts::sharded_table::Slot;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// A moment is 2^13 ms: with the 50 bits of a contact key, an instant in it fits one integer.
const MOMENT_BITS: u32 = 13;
const KEY_BITS: u32 = 50;
const SLOTS: usize = 30;
const NO_CHUNK: u32 = u32::MAX;

/// Some slots of one moment, and where more are.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    slots: [u32; SLOTS],
    count: u32,
    next: u32,
}

/// The chunks of any number of calendars, used again when they are free.
#[derive(Clone, Debug)]
pub(crate) struct Chunks {
    chunks: Paged<Chunk>,
    free: u32,
    /// Sorting buffers that are not in use, whichever calendar they were of.
    spare: Vec<Vec<Sorted>>,
}

impl Chunks {
    pub(crate) const fn new() -> Chunks {
        Chunks { chunks: Paged::new(), free: NO_CHUNK, spare: Vec::new() }
    }

    /// A list that begins with `slot` and goes on with the list `next`.
    fn take(&mut self, slot: u32, next: u32) -> u32 {
        let mut slots = [0; SLOTS];
        if let Some(first) = slots.first_mut() {
            *first = slot;
        }
        let chunk = Chunk { slots, count: 1, next };
        if self.free == NO_CHUNK {
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
        if list != NO_CHUNK {
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
        let chunk = |at: u32| (at != NO_CHUNK).then(|| self.chunks.at(at));
        core::iter::successors(chunk(list), move |last| chunk(last.next))
            .flat_map(|chunk| chunk.slots.iter().take(chunk.count as usize))
            .map(|slot| Slot::from_u32(*slot))
    }

    /// Keeps a sorting buffer for a later moment. Few moments are sorted at a time.
    fn keep_buffer(&mut self, mut buffer: Vec<Sorted>) {
        if self.spare.len() < 8 && buffer.capacity() > 0 {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    fn release(&mut self, list: u32) {
        let mut at = list;
        while at != NO_CHUNK {
            let next = self.chunks.at(at).next;
            self.chunks.at_mut(at).next = self.free;
            self.free = at;
            at = next;
        }
    }
}

/// An instant, the key of the contact it concerns, and where that contact is.
pub(crate) type Entry = (u64, u64, Slot);

/// What is sorted: the instant within its moment and the contact key, and the slot.
type Sorted = (u64, Slot);

#[derive(Clone, Debug)]
struct Moment {
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
pub(crate) struct Calendar {
    moments: VecDeque<Moment>,
}

const fn moment_of(instant: u64) -> u64 {
    instant >> MOMENT_BITS
}

impl Calendar {
    pub(crate) const fn new() -> Calendar {
        Calendar { moments: VecDeque::new() }
    }

    /// Notes that something happens to a slot at an instant.
    #[inline]
    pub(crate) fn push(&mut self, chunks: &mut Chunks, instant: u64, slot: Slot) {
        let number = moment_of(instant);
        match self.moments.back_mut() {
            Some(last) if last.number == number => last.push(chunks, instant, slot),
            _ => self.push_apart(chunks, instant, slot),
        }
    }

    /// The same, at a moment that is not the last.
    fn push_apart(&mut self, chunks: &mut Chunks, instant: u64, slot: Slot) {
        let number = moment_of(instant);
        let place = self.moments.partition_point(|moment| moment.number < number);
        if self.moments.get(place).is_none_or(|moment| moment.number != number) {
            let sorted = Vec::new();
            self.moments.insert(place, Moment { number, list: NO_CHUNK, list_from: u64::MAX, sorted });
        }
        if let Some(moment) = self.moments.get_mut(place) {
            moment.push(chunks, instant, slot);
        }
    }

    /// The earliest entry that still means something. Drops what comes before it and does not.
    pub(crate) fn first(
        &mut self,
        chunks: &mut Chunks,
        due: impl Fn(Slot) -> Option<(u64, u64)>,
    ) -> Option<Entry> {
        self.find_first(chunks, due, |entry, list_from| entry.0 < list_from)
    }

    /// An entry at the earliest instant at which something is to happen. Sorts less than [`first`](Self::first):
    /// while a moment fills up, its first entry stays the first.
    pub(crate) fn settle(&mut self, chunks: &mut Chunks, due: impl Fn(Slot) -> Option<(u64, u64)>) {
        self.find_first(chunks, due, |entry, list_from| entry.0 <= list_from);
    }

    fn find_first(
        &mut self,
        chunks: &mut Chunks,
        due: impl Fn(Slot) -> Option<(u64, u64)>,
        is_first: impl Fn(&Entry, u64) -> bool,
    ) -> Option<Entry> {
        loop {
            let moment = self.moments.front_mut()?;
            while moment.last().is_some_and(|entry| due(entry.2) != Some((entry.0, entry.1))) {
                moment.sorted.pop();
            }
            match moment.last() {
                Some(entry) if is_first(&entry, moment.list_from) => return Some(entry),
                _ if moment.list != NO_CHUNK => moment.sort(chunks, &due),
                _ => self.pop_moment(chunks),
            }
        }
    }

    /// Drops the entry that [`first`](Self::first) returned.
    pub(crate) fn pop(&mut self) {
        if let Some(moment) = self.moments.front_mut() {
            moment.sorted.pop();
        }
    }

    fn pop_moment(&mut self, chunks: &mut Chunks) {
        if let Some(moment) = self.moments.pop_front() {
            chunks.release(moment.list);
            chunks.keep_buffer(moment.sorted);
        }
    }

    /// Moves all that is over at `now` into another calendar: whole moments at once, so that a long pause costs
    /// no more than the moments in it.
    pub(crate) fn pass(
        &mut self,
        chunks: &mut Chunks,
        now: u64,
        past: &mut Calendar,
        due: impl Fn(Slot) -> Option<(u64, u64)>,
    ) {
        while self.moments.front().is_some_and(|moment| moment.number < moment_of(now)) {
            if let Some(moment) = self.moments.pop_front() {
                past.append(chunks, moment);
            }
        }
        while self.moments.front().is_some_and(|moment| moment.number == moment_of(now)) {
            let Some((instant, _, slot)) = self.first(chunks, &due).filter(|entry| entry.0 <= now) else {
                break;
            };
            past.push(chunks, instant, slot);
            self.pop();
        }
        self.settle(chunks, due);
    }

    /// Takes a moment over, of which there may be a part here.
    fn append(&mut self, chunks: &mut Chunks, mut moment: Moment) {
        if moment.sorted.is_empty() {
            chunks.keep_buffer(core::mem::take(&mut moment.sorted));
        }
        let place = self.moments.partition_point(|other| other.number < moment.number);
        match self.moments.get_mut(place).filter(|other| other.number == moment.number) {
            None => self.moments.insert(place, moment),
            Some(part) => {
                // The part that is here is the smaller one, usually.
                let slots = chunks.iter(part.list).map(Slot::to_u32).collect::<Vec<_>>();
                chunks.release(part.list);
                for slot in slots {
                    moment.list = chunks.push(moment.list, slot);
                }
                moment.list_from = moment.list_from.min(part.list_from);
                moment.sorted.append(&mut part.sorted);
                moment.sorted.sort_unstable_by_key(|sorted| core::cmp::Reverse(sorted.0));
                *part = moment;
            }
        }
    }

    /// The earliest instant after `after` at which something is to happen, without changing anything.
    pub(crate) fn next_after(
        &self,
        chunks: &Chunks,
        after: Option<u64>,
        due: impl Fn(Slot) -> Option<(u64, u64)>,
    ) -> Option<u64> {
        let later = |instant: &u64| after.is_none_or(|after| *instant > after);
        let from = after.map_or(0, moment_of);
        self.moments.iter().filter(|moment| moment.number >= from).find_map(|moment| {
            let valid = |slot: Slot| {
                due(slot).map(|(instant, _)| instant).filter(|instant| moment_of(*instant) == moment.number)
            };
            // One that happens at another time by now is on the list as well.
            let sorted = moment.sorted.iter().rev().map(|sorted| moment.entry(*sorted));
            let sorted = sorted.filter(|entry| due(entry.2) == Some((entry.0, entry.1)));
            let first = sorted.map(|entry| entry.0).find(later);
            if first.is_some_and(|first| first <= moment.list_from) {
                return first;
            }
            let listed = chunks.iter(moment.list).filter_map(valid).filter(later).min();
            first.into_iter().chain(listed).min()
        })
    }

    /// Drops the moments before an instant, and returns what in them still means something.
    pub(crate) fn drain_before(
        &mut self,
        chunks: &mut Chunks,
        instant: u64,
        due: impl Fn(Slot) -> Option<(u64, u64)>,
    ) -> Vec<Entry> {
        let mut left = Vec::new();
        while let Some(moment) = self.moments.front_mut().filter(|moment| moment.number < moment_of(instant))
        {
            moment.sort(chunks, &due);
            let entries = moment.sorted.iter().map(|sorted| moment.entry(*sorted));
            left.extend(entries.filter(|entry| due(entry.2) == Some((entry.0, entry.1))));
            self.pop_moment(chunks);
        }
        left
    }
}

impl Moment {
    #[inline]
    fn push(&mut self, chunks: &mut Chunks, instant: u64, slot: Slot) {
        self.list = chunks.push(self.list, slot.to_u32());
        self.list_from = self.list_from.min(instant);
    }

    fn entry(&self, (packed, slot): Sorted) -> Entry {
        let instant = self.number << MOMENT_BITS | packed >> KEY_BITS;
        (instant, packed & ((1 << KEY_BITS) - 1), slot)
    }

    /// The earliest of those that are sorted.
    fn last(&self) -> Option<Entry> {
        self.sorted.last().map(|sorted| self.entry(*sorted))
    }

    /// Sorts what was added since the last time, the earliest last. What does not mean anything, or happens in
    /// another moment by now, is dropped.
    fn sort(&mut self, chunks: &mut Chunks, due: impl Fn(Slot) -> Option<(u64, u64)>) {
        if self.list == NO_CHUNK {
            return;
        }
        if self.sorted.capacity() == 0 {
            self.sorted = chunks.spare.pop().unwrap_or_default();
        }
        let number = self.number;
        let added = chunks.iter(self.list).filter_map(|slot| {
            let (instant, key) = due(slot).filter(|(instant, _)| moment_of(*instant) == number)?;
            Some((instant << (64 - MOMENT_BITS) >> (64 - MOMENT_BITS - KEY_BITS) | key, slot))
        });
        self.sorted.extend(added);
        chunks.release(self.list);
        self.list = NO_CHUNK;
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

    /// Compared with a sorted map, over windows shorter and longer than a moment.
    #[test]
    fn entries_come_out_in_order_and_only_while_they_are_true() {
        let (mut chunks, mut calendar, mut past) = (Chunks::new(), Calendar::default(), Calendar::default());
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
                calendar.push(&mut chunks, instant, Slot::from_u32(slot));
            }
            now += (state >> 10) % 3_000;
            let due = |slot: Slot| truth.get(&slot.to_u32()).map(|at| (*at, u64::from(slot.to_u32())));
            calendar.pass(&mut chunks, now, &mut past, due);
            let expected = truth.values().copied().filter(|at| *at > now).min();
            assert_eq!(calendar.next_after(&chunks, Some(now), due), expected);
            assert_eq!(calendar.first(&mut chunks, due).map(|entry| entry.0), expected);
            if dice == 5 {
                let mut over: Vec<_> = truth.iter().map(|(slot, at)| (*at, *slot)).collect();
                over.retain(|(at, _)| *at <= now);
                over.sort_unstable();
                for (at, slot) in over {
                    let due =
                        |slot: Slot| truth.get(&slot.to_u32()).map(|at| (*at, u64::from(slot.to_u32())));
                    let entry = past.first(&mut chunks, due);
                    assert_eq!(entry, Some((at, u64::from(slot), Slot::from_u32(slot))));
                    past.pop();
                    truth.remove(&slot);
                }
                let due = |slot: Slot| truth.get(&slot.to_u32()).map(|at| (*at, u64::from(slot.to_u32())));
                assert_eq!(past.first(&mut chunks, due).filter(|entry| entry.0 <= now), None);
            }
        }
    }

    #[test]
    fn what_is_drained_is_what_was_before() {
        let (mut chunks, mut calendar) = (Chunks::new(), Calendar::default());
        let instant = |slot: u32| (10 << MOMENT_BITS) + (u64::from(slot) << 12);
        (0..8).for_each(|slot| calendar.push(&mut chunks, instant(slot), Slot::from_u32(slot)));
        // The second means nothing any more.
        let due = |slot: Slot| (slot.to_u32() != 1).then(|| (instant(slot.to_u32()), 7));
        // Whole moments, of two each.
        let mut drained = calendar.drain_before(&mut chunks, instant(5), due);
        drained.sort_unstable();
        assert!(drained.into_iter().eq([0, 2, 3].map(|slot| (instant(slot), 7, Slot::from_u32(slot)))));
        assert_eq!(calendar.first(&mut chunks, due), Some((instant(4), 7, Slot::from_u32(4))));
    }

    /// What means nothing any more is dropped when the calendar is settled, and its memory is used again.
    #[test]
    fn a_calendar_takes_no_more_memory_than_it_needs() {
        let (mut chunks, mut calendar) = (Chunks::new(), Calendar::default());
        for number in 1..1_000 {
            for slot in 0..2 * SLOTS as u32 {
                calendar.push(&mut chunks, number << MOMENT_BITS, Slot::from_u32(slot));
            }
            calendar.settle(&mut chunks, |_| None);
            assert!(calendar.moments.is_empty());
        }
        assert_eq!(chunks.chunks.len(), 2);
    }
}
