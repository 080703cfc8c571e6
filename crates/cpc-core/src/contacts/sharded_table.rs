//! The table from a key to its record: a small open-addressing index over records that never move.
//!
//! Replaces a `HashMap<Key, Record>`, which would double (and rehash) everything in one step, and whose look-ups
//! cannot be overlapped. Here the table is 64 shards. Each doubles its index when it is three quarters full, and
//! no two at the same time: the longest pause is a 64th of the whole, and memory follows the number of contacts
//! without a cliff. An index entry is 4 bytes, 8 bits of hash and the record's place in its shard: a wrong record
//! is read once in 256 probes. The index costs 5 to 11 bytes a record in a shard, 8 in the table as a whole.
//!
//! [`ShardedTable::touch_index`] and [`ShardedTable::touch_record`] read what a later look-up will read. Before messages are
//! decided, those of some are touched one after the other, and their memory look-ups overlap.
//!
//! The order of records in the table depends on the history of insertions and on the seed; nothing that leaves
//! the engine may depend on it.

use crate::contacts::paged_vec::PagedVec;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hint::black_box;

const SHARD_BITS: u32 = 6;
const SHARDS: usize = 1 << SHARD_BITS;
const LOCAL_BITS: u32 = 24;
const LOCAL_MASK: u32 = (1 << LOCAL_BITS) - 1;
/// An index entry is `tag << 24 | place + 1`; this one says that nothing is there.
const EMPTY: u32 = 0;

/// What a table holds: a small value with a state that stands for an empty slot.
pub(crate) trait Record: Copy {
    /// A record that stands for none.
    const VACANT: Self;
    /// Whether this is no record.
    fn is_vacant(&self) -> bool;
    /// What is looked at first.
    fn first_word(&self) -> u64;
    /// Whether this record was [detached](ShardedTable::detach): it is in its slot, but no key leads to it.
    fn is_detached(&self) -> bool {
        false
    }
}

/// Where a record is. Stable until the record is removed; then it may be given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot(u32);

impl Slot {
    /// The slot as an integer that fits where a record keeps it.
    pub(crate) const fn to_u32(self) -> u32 {
        self.0
    }

    pub(crate) const fn from_u32(value: u32) -> Slot {
        Slot(value)
    }

    const fn shard(self) -> usize {
        (self.0 >> LOCAL_BITS) as usize % SHARDS
    }

    const fn local(self) -> u32 {
        self.0 & LOCAL_MASK
    }
}

#[derive(Clone, Debug)]
struct Shard<T> {
    index: Vec<u32>,
    records: PagedVec<T>,
    free: Vec<u32>,
    live: u32,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(crate) struct ShardedTable<T> {
    shards: Box<[Shard<T>; SHARDS]>,
}

const fn tag(hash: u64) -> u32 {
    (hash as u32 & 0xff) << LOCAL_BITS
}

const fn shard_of(hash: u64) -> usize {
    (hash >> (64 - SHARD_BITS)) as usize
}

/// Where the search for a hash begins, in an index of any size: 32 bits of hash, those after the shard's, scaled.
const fn home(hash: u64, size: usize) -> usize {
    (((hash << SHARD_BITS >> 32) * size as u64) >> 32) as usize
}

impl<T: Record> Shard<T> {
    const fn new() -> Shard<T> {
        Shard { index: Vec::new(), records: PagedVec::new(), free: Vec::new(), live: 0 }
    }

    const fn next(&self, position: usize) -> usize {
        if position + 1 == self.index.len() { 0 } else { position + 1 }
    }

    #[expect(clippy::indexing_slicing, reason = "`home` and `next` stay below the length of the index")]
    fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.index.is_empty() {
            return None;
        }
        let tag = tag(hash);
        let mut position = home(hash, self.index.len());
        // Ends: the index is never full.
        loop {
            let entry = self.index[position];
            if entry == EMPTY {
                return None;
            }
            if entry & !LOCAL_MASK == tag {
                let local = (entry & LOCAL_MASK) - 1;
                if is_it(local) {
                    return Some(local);
                }
            }
            position = self.next(position);
        }
    }

    #[expect(clippy::indexing_slicing, reason = "`home` and `next` stay below the length of the index")]
    fn place(&mut self, hash: u64, local: u32) {
        let mut position = home(hash, self.index.len());
        while self.index[position] != EMPTY {
            position = self.next(position);
        }
        self.index[position] = tag(hash) | (local + 1);
    }

    /// Makes the index fit for one more record.
    #[inline]
    fn make_room(&mut self, number: usize, hash_of: impl Fn(&T) -> u64) {
        if (self.live as usize + 1) * 4 > self.index.len() * 3 {
            self.grow(number, hash_of);
        }
    }

    /// Makes the index fit for some more records.
    fn reserve(&mut self, more: usize, number: usize, hash_of: impl Fn(&T) -> u64) {
        while (self.live as usize + more) * 4 > self.index.len() * 3 {
            self.grow(number, &hash_of);
        }
    }

    /// Doubles the index. Shards begin with 16 to 31 entries, each with another size, so that they grow in turn.
    #[cold]
    fn grow(&mut self, number: usize, hash_of: impl Fn(&T) -> u64) {
        let size = if self.index.is_empty() { 16 + number * 16 / SHARDS } else { self.index.len() * 2 };
        self.index = alloc::vec![EMPTY; size];
        for local in 0..self.records.len() {
            let record = *self.records.at(local);
            if !record.is_vacant() && !record.is_detached() {
                self.place(hash_of(&record), local);
            }
        }
    }

    /// Takes a record out of the index and closes the gap, so that later searches still end at the first empty
    /// entry.
    #[expect(clippy::indexing_slicing, reason = "`home` and `next` stay below the length of the index")]
    fn unplace(&mut self, hash: u64, local: u32, hash_of: impl Fn(&T) -> u64) {
        let size = self.index.len();
        let mut gap = home(hash, size);
        while self.index[gap] & LOCAL_MASK != local + 1 {
            assert!(self.index[gap] != EMPTY, "only what was placed is taken out");
            gap = self.next(gap);
        }
        let mut position = self.next(gap);
        while self.index[position] != EMPTY {
            let entry = self.index[position];
            let wanted = home(hash_of(self.records.at((entry & LOCAL_MASK) - 1)), size);
            // An entry may move into the gap unless its home lies between the gap and where it is.
            let from_home = (position + size - wanted) % size;
            if from_home >= (position + size - gap) % size {
                self.index[gap] = entry;
                gap = position;
            }
            position = self.next(position);
        }
        self.index[gap] = EMPTY;
    }
}

impl<T: Record> ShardedTable<T> {
    pub(crate) fn new() -> ShardedTable<T> {
        ShardedTable { shards: Box::new([const { Shard::new() }; SHARDS]) }
    }

    #[expect(clippy::indexing_slicing, reason = "a hash has 6 bits of shard, and there are 64 shards")]
    fn shard(&self, hash: u64) -> &Shard<T> {
        &self.shards[shard_of(hash)]
    }

    /// The slot of the record with this hash that `is_it`.
    #[inline]
    pub(crate) fn find(&self, hash: u64, mut is_it: impl FnMut(&T) -> bool) -> Option<Slot> {
        let shard = self.shard(hash);
        let local = shard.find(hash, |local| is_it(shard.records.at(local)))?;
        Some(Slot(((shard_of(hash) as u32) << LOCAL_BITS) | local))
    }

    /// Adds a record that is not there yet. `hash_of` must agree with `hash`.
    #[expect(clippy::indexing_slicing, reason = "a hash has 6 bits of shard, and there are 64 shards")]
    pub(crate) fn insert(&mut self, hash: u64, record: T, hash_of: impl Fn(&T) -> u64) -> Slot {
        let number = shard_of(hash);
        let shard = &mut self.shards[number];
        assert!(shard.live < LOCAL_MASK - 1, "the policy bounds contacts far below this");
        shard.make_room(number, hash_of);
        let local = match shard.free.pop() {
            Some(local) => {
                *shard.records.at_mut(local) = record;
                local
            }
            None => shard.records.push(record),
        };
        shard.live += 1;
        shard.place(hash, local);
        Slot(((number as u32) << LOCAL_BITS) | local)
    }

    /// Makes room for so many more records, as far as their hashes are spread evenly.
    pub(crate) fn reserve(&mut self, more: usize, hash_of: impl Fn(&T) -> u64) {
        for (number, shard) in self.shards.iter_mut().enumerate() {
            shard.reserve(more / SHARDS, number, &hash_of);
        }
    }

    /// Removes the record in a slot; the slot may be used again.
    pub(crate) fn remove(&mut self, slot: Slot, hash: u64, hash_of: impl Fn(&T) -> u64) {
        self.detach(slot, hash, hash_of);
        self.vacate(slot);
    }

    /// Takes a record out of the index. It stays in its slot, and must call itself detached from now on.
    #[expect(clippy::indexing_slicing, reason = "a slot has a shard below 64")]
    pub(crate) fn detach(&mut self, slot: Slot, hash: u64, hash_of: impl Fn(&T) -> u64) {
        self.shards[slot.shard()].unplace(hash, slot.local(), hash_of);
    }

    /// Frees the slot of a detached record.
    #[expect(clippy::indexing_slicing, reason = "a slot has a shard below 64")]
    pub(crate) fn vacate(&mut self, slot: Slot) {
        let shard = &mut self.shards[slot.shard()];
        *shard.records.at_mut(slot.local()) = T::VACANT;
        shard.free.push(slot.local());
        shard.live -= 1;
    }

    /// The record in a slot that this table gave out.
    #[expect(clippy::indexing_slicing, reason = "a slot has a shard below 64")]
    #[inline]
    pub(crate) fn at(&self, slot: Slot) -> &T {
        self.shards[slot.shard()].records.at(slot.local())
    }

    /// The record in a slot that this table gave out.
    #[expect(clippy::indexing_slicing, reason = "a slot has a shard below 64")]
    #[inline]
    pub(crate) fn at_mut(&mut self, slot: Slot) -> &mut T {
        self.shards[slot.shard()].records.at_mut(slot.local())
    }

    /// All records, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Slot, &T)> {
        self.shards.iter().zip(0_u32..).flat_map(|(shard, number)| {
            let slots = (0_u32..).map(move |local| Slot((number << LOCAL_BITS) | local));
            slots.zip(shard.records.iter()).filter(|(_, record)| !record.is_vacant())
        })
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> u64 {
        self.shards.iter().map(|shard| u64::from(shard.live)).sum()
    }

    /// The next places to look at when going round the table: up to `most` slots from a cursor on, used or not,
    /// and the cursor for the next time. Going on until the cursor is 0 again passes every record.
    pub(crate) fn round(&self, cursor: u32, most: u32) -> (impl Iterator<Item = Slot> + use<T>, u32) {
        let number = Slot(cursor).shard();
        let in_shard = self.shards.get(number).map_or(0, |shard| shard.records.len());
        let end = Slot(cursor).local().saturating_add(most).min(in_shard);
        let next = if end < in_shard {
            cursor - Slot(cursor).local() + end
        } else {
            (((number + 1) % SHARDS) as u32) << LOCAL_BITS
        };
        let first = cursor - Slot(cursor).local();
        ((Slot(cursor).local()..end).map(move |local| Slot(first | local)), next)
    }

    /// Reads the part of the index that a look-up of this hash will start at.
    #[inline]
    pub(crate) fn touch_index(&self, hash: u64) {
        let index = &self.shard(hash).index;
        black_box(index.get(home(hash, index.len())).copied());
    }

    /// Where a look-up of this hash will most likely end: at the first record whose tag fits, in 255 of 256 cases.
    #[inline]
    pub(crate) fn guess(&self, hash: u64) -> Option<Slot> {
        let local = self.shard(hash).find(hash, |_| true)?;
        Some(Slot(((shard_of(hash) as u32) << LOCAL_BITS) | local))
    }

    /// Reads the record in a slot that this table gave out.
    #[inline]
    pub(crate) fn touch_record(&self, slot: Slot) {
        black_box(self.at(slot).first_word());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;

    #[derive(Clone, Copy)]
    struct TimerEntry(u64, u64);

    impl Record for TimerEntry {
        const VACANT: TimerEntry = TimerEntry(0, 0);
        fn is_vacant(&self) -> bool {
            self.0 == 0
        }
        fn first_word(&self) -> u64 {
            self.0
        }
    }

    fn mix(key: u64) -> u64 {
        (key ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(29)
    }

    /// Compared with a `BTreeMap` under a hash that spreads, and under one that collides as much as it can.
    #[test]
    fn a_table_is_a_map() {
        for hash_of in [mix as fn(u64) -> u64, |_| u64::MAX, |key| key << 50] {
            let mut table = ShardedTable::<TimerEntry>::new();
            let mut map = BTreeMap::new();
            let mut state = 12345_u64;
            for step in 0..6000_u64 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let key = (state >> 33) % 700 + 1;
                let hash = hash_of(key);
                let found = table.find(hash, |entry| entry.0 == key);
                assert_eq!(found.map(|slot| table.at(slot).1), map.get(&key).copied());
                if let (Some(slot), 0) = (found, step % 3) {
                    table.remove(slot, hash, |entry| hash_of(entry.0));
                    map.remove(&key);
                    continue;
                }
                match found {
                    Some(slot) => table.at_mut(slot).1 = step,
                    None => {
                        table.insert(hash, TimerEntry(key, step), |entry| hash_of(entry.0));
                    }
                }
                map.insert(key, step);
            }
            let mut all: Vec<_> = table.iter().map(|(_, entry)| (entry.0, entry.1)).collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(map.into_iter()));
        }
    }

    /// Where the second number is 1, it calls itself detached.
    #[derive(Clone, Copy)]
    struct Detachable(u64, u64);

    impl Record for Detachable {
        const VACANT: Detachable = Detachable(0, 0);
        fn is_vacant(&self) -> bool {
            self.0 == 0
        }
        fn first_word(&self) -> u64 {
            self.0
        }
        fn is_detached(&self) -> bool {
            self.1 == 1
        }
    }

    #[test]
    fn a_detached_record_stays_in_its_slot_until_it_is_vacated() {
        let hash_of = |entry: &Detachable| mix(entry.0);
        let mut table = ShardedTable::<Detachable>::new();
        let insert = |table: &mut ShardedTable<Detachable>, key: u64| {
            table.insert(mix(key), Detachable(key, 0), hash_of)
        };
        let found = |table: &ShardedTable<Detachable>, key: u64| table.find(mix(key), |entry| entry.0 == key);
        let detached = insert(&mut table, 1);
        table.detach(detached, mix(1), hash_of);
        table.at_mut(detached).1 = 1;
        for key in 2..=10_000 {
            insert(&mut table, key);
        }
        assert_eq!((found(&table, 1), table.at(detached).0, table.len()), (None, 1, 10_000));
        table.vacate(detached);
        assert_eq!((table.iter().count(), table.len()), (9_999, 9_999));
        assert_eq!(insert(&mut table, 1), detached, "the free place is used again");
        assert_eq!(found(&table, 1), Some(detached));
    }

    /// What the module promises of memory: no index is more than three quarters full, or less than half of that,
    /// and they do not grow together.
    #[test]
    fn an_index_doubles_when_it_is_three_quarters_full() {
        let mut table = ShardedTable::<TimerEntry>::new();
        let mut sizes = [0; SHARDS];
        for key in 1..=20_000_u64 {
            let number = table.insert(mix(key), TimerEntry(key, key), |entry| mix(entry.0)).shard();
            let Shard { index, live, .. } = &table.shards[number];
            let (size, live) = (index.len(), *live as usize);
            assert!(live * 4 <= size * 3, "{live} of {size}");
            match sizes[number] {
                0 => assert_eq!(size, 16 + number / 4),
                before if before == size => {}
                before => assert!(size == before * 2 && live * 4 > before * 3, "{live} of {before}"),
            }
            sizes[number] = size;
        }
        assert!(
            table.shards.iter().all(|shard| (200..500).contains(&shard.live)),
            "hashes spread over the shards"
        );
    }

    #[test]
    fn a_search_begins_where_the_bits_after_the_shard_s_say() {
        let cases = [(0, 0), (u64::MAX, 99), (1 << 57, 50), (1 << 56, 25), (u64::MAX << 58, 0), (1 << 26, 0)];
        for (hash, expected) in cases {
            assert_eq!(home(hash, 100), expected, "{hash:#x}");
        }
    }

    #[test]
    fn growth_keeps_every_record_where_it_is() {
        let mut table = ShardedTable::<TimerEntry>::new();
        let slots: Vec<_> = (1..=20_000)
            .map(|key| table.insert(mix(key), TimerEntry(key, key), |entry| mix(entry.0)))
            .collect();
        let guessed = (1..).zip(&slots).filter(|(key, slot)| table.guess(mix(*key)) == Some(**slot));
        assert!(guessed.count() > 19_800, "nearly always right");
        for (key, slot) in (1..).zip(slots) {
            assert_eq!(table.find(mix(key), |entry| entry.0 == key), Some(slot));
            table.touch_index(mix(key));
            table.touch_record(slot);
        }
        assert_eq!((table.iter().count(), table.len()), (20_000, 20_000));
        let (mut cursor, mut passed) = (0, Vec::new());
        loop {
            let (slots, next) = table.round(cursor, 100);
            passed.extend(slots.filter(|slot| !table.at(*slot).is_vacant()));
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        assert!(passed.into_iter().eq(table.iter().map(|(slot, _)| slot)));
    }
}
