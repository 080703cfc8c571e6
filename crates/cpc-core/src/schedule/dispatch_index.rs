//! Which contact a dispatch went to, for as long as reports of it are believed.
//!
//! [RULES §7](crate::rules#7-delivery-reports). Dispatches are numbered one after the other, so a list of slots is
//! enough: 4 bytes a dispatch, dropped a page at a time. The slot is a hint: whether the dispatch still is its
//! contact's last one, the contact's record says.

use crate::contacts::sharded_table::Slot;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

const PAGE: u64 = 1024;

#[derive(Clone, Debug)]
struct Page {
    slots: Vec<u32>,
    /// The latest `t0` of any of its dispatches.
    last: u64,
}

impl Page {
    #[inline]
    fn add(&mut self, slot: Slot, t0: u64) {
        self.slots.push(slot.to_u32());
        self.last = self.last.max(t0);
    }
}

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub(crate) struct DispatchIndex {
    /// Dispatches made before the pages began, by number: those of a restored engine may lie far apart.
    before: Vec<(u64, Slot)>,
    /// The latest `t0` of any of those.
    before_last: u64,
    /// The number of the first dispatch of the first page, less one, divided by the page's size.
    first_page: u64,
    pages: VecDeque<Page>,
    /// Pages that can be used again.
    spare: Vec<Vec<u32>>,
}

const NONE: u32 = u32::MAX;

impl DispatchIndex {
    /// Takes in a dispatch that was made before all that are noted; the highest number of those so far.
    pub(crate) fn restore(&mut self, number: u64, slot: Slot, t0: u64) {
        self.before.push((number, slot));
        self.before_last = self.before_last.max(t0);
    }

    /// Notes that dispatch `number`, the highest so far, went to a slot and goes out at `t0`.
    #[inline]
    pub(crate) fn push(&mut self, number: u64, slot: Slot, t0: u64) {
        let place = (number - 1) % PAGE;
        match self.pages.back_mut() {
            Some(page) if place > 0 && page.slots.len() as u64 == place => page.add(slot, t0),
            _ => self.push_elsewhere(number, slot, t0),
        }
    }

    /// The same, on a page that is to be made, or of which places are left out.
    #[cold]
    fn push_elsewhere(&mut self, number: u64, slot: Slot, t0: u64) {
        let page_number = (number - 1) / PAGE;
        if self.pages.is_empty() {
            self.first_page = page_number;
        }
        while self.first_page + self.pages.len() as u64 <= page_number {
            let slots = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(PAGE as usize));
            self.pages.push_back(Page { slots, last: 0 });
        }
        let Some(page) = self.pages.back_mut() else { return };
        // Numbers are left out only where an index goes on from one that was restored.
        page.slots.resize(((number - 1) % PAGE) as usize, NONE);
        page.add(slot, t0);
    }

    /// A dispatch goes out at another time.
    pub(crate) fn moved(&mut self, number: u64, t0: u64) {
        // One of before may have a number that is within a page.
        if self.before.binary_search_by_key(&number, |made| made.0).is_ok() {
            self.before_last = self.before_last.max(t0);
        } else if let Some(page) = self.page_mut(number) {
            page.last = page.last.max(t0);
        }
    }

    /// Where a dispatch went; `None` if it was never made, or too long ago.
    pub(crate) fn slot(&self, number: u64) -> Option<Slot> {
        if let Ok(place) = self.before.binary_search_by_key(&number, |made| made.0) {
            return self.before.get(place).map(|made| made.1);
        }
        let number = number.checked_sub(1)?;
        let page = self.pages.get((number / PAGE).checked_sub(self.first_page)? as usize)?;
        let slot = page.slots.get((number % PAGE) as usize).copied()?;
        (slot != NONE).then(|| Slot::from_u32(slot))
    }

    fn page_mut(&mut self, number: u64) -> Option<&mut Page> {
        self.pages.get_mut(((number - 1) / PAGE).checked_sub(self.first_page)? as usize)
    }

    /// Drops pages all of whose dispatches went out at or before an instant.
    pub(crate) fn drop_until(&mut self, instant: u64) {
        if self.before_last <= instant {
            self.before = Vec::new();
        }
        // The last page is still being written.
        while self.pages.len() > 1 && self.pages.front().is_some_and(|page| page.last <= instant) {
            if let Some(mut page) = self.pages.pop_front() {
                self.first_page += 1;
                page.slots.clear();
                self.spare.push(page.slots);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dispatch_is_found_until_its_page_is_dropped() {
        let mut dispatch_index = DispatchIndex::default();
        for number in 1..=5_000 {
            dispatch_index.push(number, Slot::from_u32(number as u32 * 2), number * 10);
        }
        assert_eq!(dispatch_index.slot(1), Some(Slot::from_u32(2)));
        assert_eq!(dispatch_index.slot(5_000), Some(Slot::from_u32(10_000)));
        assert!([0, 5_001, u64::MAX].into_iter().all(|number| dispatch_index.slot(number).is_none()));
        dispatch_index.moved(7, 60_000);
        dispatch_index.drop_until(30_000);
        assert!(dispatch_index.slot(1).is_some(), "a moved dispatch keeps its page");
        dispatch_index.drop_until(60_000);
        assert!(dispatch_index.slot(4_096).is_none() && dispatch_index.slot(4_097).is_some());
    }

    #[test]
    fn a_journal_goes_on_from_dispatches_far_apart() {
        let slot = Slot::from_u32;
        let mut dispatch_index = DispatchIndex::default();
        dispatch_index.restore(3, slot(1), 10);
        dispatch_index.restore(1 << 40, slot(2), 20);
        dispatch_index.push((1 << 40) + 1, slot(3), 30);
        let found = [3, 4, 1 << 40, (1 << 40) + 1, (1 << 40) + 2].map(|number| dispatch_index.slot(number));
        assert_eq!(found, [Some(slot(1)), None, Some(slot(2)), Some(slot(3)), None]);
        dispatch_index.moved(3, 25);
        dispatch_index.drop_until(20);
        assert_eq!(dispatch_index.slot(3), Some(slot(1)));
        dispatch_index.drop_until(25);
        assert_eq!((dispatch_index.slot(3), dispatch_index.slot((1 << 40) + 1)), (None, Some(slot(3))));
    }

    #[test]
    fn every_dispatch_of_a_full_page_is_on_it() {
        let mut dispatch_index = DispatchIndex::default();
        dispatch_index.restore(1, Slot::from_u32(9), 1);
        for number in 1_024..=1_200_000 {
            dispatch_index.push(number, Slot::from_u32(number as u32), number);
        }
        let slot = |number: u64| Slot::from_u32(number as u32);
        assert!((1_024..=1_200_000).all(|number| dispatch_index.slot(number) == Some(slot(number))));
        // The last of one page and the first of the next go out late.
        for (moved, page) in [(2_048, 1_025..=2_048), (1_048_577, 1_048_577..=1_049_600)] {
            let mut dispatch_index = dispatch_index.clone();
            dispatch_index.moved(moved, 2_000_000);
            dispatch_index.drop_until(1_199_999);
            let kept = (1..=1_199_000).filter(|number| dispatch_index.slot(*number).is_some());
            assert!(kept.eq(*page.start()..=1_199_000), "from the page of {moved} on");
        }
    }

    /// RULES §7.5, §10.2
    #[test]
    fn a_dispatch_of_before_that_moved_is_found_as_long_as_any_other() {
        let slot = Slot::from_u32;
        let mut dispatch_index = DispatchIndex::default();
        dispatch_index.restore(3, slot(1), 10);
        dispatch_index.push(4, slot(2), 20);
        dispatch_index.moved(3, 30);
        dispatch_index.drop_until(20);
        assert_eq!(dispatch_index.slot(3), Some(slot(1)));
        dispatch_index.drop_until(30);
        assert_eq!(dispatch_index.slot(3), None);
    }
}
