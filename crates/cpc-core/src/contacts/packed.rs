//! How records are packed: times, small numbers and flags in the bits of a word.
//!
//! Times are kept in 42 bits, counted from 2000, which lasts until 2139. The 22 bits that are left beside them hold
//! a small number: which of the windows in use, or which sender.

use crate::cycle::Phase;
use crate::time::Timestamp;

const TIME_BITS: u32 = 42;
const TIME_MASK: u64 = (1 << TIME_BITS) - 1;
/// Small numbers beside a time are below this.
pub(crate) const LOW_BITS_LIMIT: u32 = (1 << (64 - TIME_BITS)) - 1;
/// Times are counted from here.
pub(crate) const EPOCH: u64 = Timestamp::MIN.as_millis();

/// A time and a small number in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PackedTime(u64);

impl PackedTime {
    pub(crate) const ZERO: PackedTime = PackedTime(0);

    pub(crate) const fn new(time: u64, low_bits: u32) -> PackedTime {
        PackedTime((time.saturating_sub(EPOCH) & TIME_MASK) | ((low_bits as u64) << TIME_BITS))
    }

    pub(crate) const fn time(self) -> u64 {
        (self.0 & TIME_MASK) + EPOCH
    }

    pub(crate) const fn low_bits(self) -> u32 {
        (self.0 >> TIME_BITS) as u32
    }

    /// The later of two times.
    pub(crate) const fn later_of(self, other: PackedTime) -> u64 {
        let (a, b) = (self.0 & TIME_MASK, other.0 & TIME_MASK);
        EPOCH + if a < b { b } else { a }
    }
}

/// Identifies a cycle: the number of its dispatch, or of its import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CycleId(u64);

impl CycleId {
    const IMPORTED: u64 = 1 << 47;
    pub(crate) const MASK: u64 = (1 << 48) - 1;

    pub(crate) const fn of_dispatch(number: u64) -> CycleId {
        CycleId(number & (Self::IMPORTED - 1))
    }

    pub(crate) const fn of_import(number: u64) -> CycleId {
        CycleId((number & (Self::IMPORTED - 1)) | Self::IMPORTED)
    }

    /// The number of the dispatch; `None` for an import.
    pub(crate) const fn dispatch(self) -> Option<u64> {
        if self.0 & Self::IMPORTED == 0 { Some(self.0) } else { None }
    }

    pub(crate) const fn to_u64(self) -> u64 {
        self.0
    }

    pub(crate) const fn from_u64(value: u64) -> CycleId {
        CycleId(value & Self::MASK)
    }
}

/// The windows in use, by the small numbers that records keep of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Windows(alloc::vec::Vec<u64>);

impl Windows {
    /// The number of a window, new or old; `None` when there are more than records can tell apart.
    pub(crate) fn number(&mut self, window: u64) -> Option<u32> {
        if let Some(known) = self.0.iter().position(|other| *other == window) {
            return Some(known as u32);
        }
        self.append(window)
    }

    /// The number of a window that is new.
    pub(crate) fn append(&mut self, window: u64) -> Option<u32> {
        let number = u32::try_from(self.0.len()).ok().filter(|number| *number < LOW_BITS_LIMIT)?;
        self.0.push(window);
        Some(number)
    }

    #[inline]
    pub(crate) fn window(&self, number: u32) -> u64 {
        self.0.get(number as usize).copied().unwrap_or(0)
    }
}

/// A cycle as it is written into a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewCycle {
    pub(crate) id: CycleId,
    pub(crate) t0: u64,
    pub(crate) window_number: u32,
    pub(crate) stage: u8,
}

/// Declares flags in the bits of a word: name, setter, bit.
macro_rules! flags {
    ($word:ident: $($(#[$doc:meta])* $name:ident, $set:ident = $bit:expr;)*) => {
        $($(#[$doc])*
        #[inline]
        pub(crate) const fn $name(&self) -> bool {
            self.$word >> $bit & 1 == 1
        }

        pub(crate) const fn $set(&mut self, yes: bool) {
            self.$word = self.$word & !(1 << $bit) | (yes as u64) << $bit;
        })*
    };
}

macro_rules! bits {
    ($word:ident: $($name:ident, $set:ident = $bit:expr, $mask:expr;)*) => {
        $(#[inline]
        const fn $name(&self) -> u8 {
            (self.$word >> $bit & $mask) as u8
        }

        const fn $set(&mut self, value: u8) {
            self.$word = self.$word & !($mask << $bit) | (value as u64 & $mask) << $bit;
        })*
    };
}

#[inline(always)]
pub(crate) const fn phase_from(bits: u8) -> Option<Phase> {
    match bits {
        1 => Some(Phase::Open),
        2 => Some(Phase::Replied),
        3 => Some(Phase::Released),
        _ => None,
    }
}

pub(crate) const fn bits_of_phase(phase: Option<Phase>) -> u8 {
    match phase {
        None => 0,
        Some(Phase::Open) => 1,
        Some(Phase::Replied) => 2,
        Some(Phase::Released) => 3,
    }
}

pub(crate) use {bits, flags};

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    const FIRST: u64 = 946_684_800_000;
    const T: u64 = 1_795_435_200_000;
    /// 42 bits of milliseconds, in 2139.
    const LAST: u64 = FIRST + (1 << 42) - 1;
    /// 22 bits.
    const MOST: u32 = 4_194_303;

    #[test]
    fn a_time_and_a_small_number_keep_out_of_each_other_s_way() {
        for time in [FIRST, FIRST + 1, T, LAST] {
            for small in [0, 1, 2, MOST] {
                let packed = PackedTime::new(time, small);
                assert_eq!((packed.time(), packed.low_bits()), (time, small));
            }
        }
        assert_eq!(PackedTime::ZERO, PackedTime::new(FIRST, 0));
    }

    #[test]
    fn the_later_of_two_times_does_not_look_at_what_is_beside_them() {
        for (a, b, later) in [(T, T + 1, T + 1), (T + 1, T, T + 1), (T, T, T), (FIRST, LAST, LAST)] {
            for (left, right) in [(0, 0), (0, MOST), (MOST, 0), (1, 2)] {
                assert_eq!(PackedTime::new(a, left).later_of(PackedTime::new(b, right)), later);
            }
        }
    }

    #[test]
    fn dispatches_and_imports_are_told_apart() {
        for number in [1, 2, 6, (1 << 46) - 1] {
            let (made, imported) = (CycleId::of_dispatch(number), CycleId::of_import(number));
            assert_eq!((made.dispatch(), imported.dispatch()), (Some(number), None));
            for id in [made, imported] {
                assert_eq!(CycleId::from_u64(id.to_u64()), id);
                assert_eq!(CycleId::from_u64(id.to_u64() | 0xffff << 48), id, "what is kept beside it");
            }
        }
        let numbers = [1, 2, 4, 6, (1 << 46) - 1];
        let ids = numbers.map(|number| [CycleId::of_dispatch(number), CycleId::of_import(number)]);
        assert_eq!(ids.into_iter().flatten().collect::<BTreeSet<_>>().len(), 10);
    }

    #[test]
    fn windows_are_numbered_as_far_as_records_can_tell_them_apart() {
        let mut windows = Windows::default();
        let numbers = [10, 20, 10, 30, 20].map(|window| windows.number(window));
        assert_eq!(numbers, [Some(0), Some(1), Some(0), Some(2), Some(1)]);
        assert_eq!([0, 1, 2, 3].map(|number| windows.window(number)), [10, 20, 30, 0]);
        assert_eq!((windows.append(20), windows.window(3)), (Some(3), 20));

        let mut windows = Windows(alloc::vec![1; MOST as usize - 1]);
        assert_eq!(
            [windows.number(2), windows.number(3), windows.number(1)],
            [Some(MOST - 1), None, Some(0)]
        );
        assert_eq!(windows.append(4), None);
    }

    #[test]
    fn phases_come_back_from_their_bits() {
        for phase in [None, Some(Phase::Open), Some(Phase::Replied), Some(Phase::Released)] {
            assert!(bits_of_phase(phase) < 4 && phase_from(bits_of_phase(phase)) == phase);
        }
    }
}
