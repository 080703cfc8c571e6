//! A growable list in pages of fixed size.
//!
//! A `Vec` of ten million records doubles in one step: it copies everything and for a bucket holds it three
//! times. Pages never move once they are full, so growth costs the same at every size; the price is one more
//! (small, cached) look-up per access.

use alloc::vec::Vec;

const PAGE_BITS: u32 = 10;
const PAGE: usize = 1 << PAGE_BITS;

/// A list that grows a page of 1024 at a time. Positions are stable.
#[derive(Clone, Debug)]
pub(crate) struct PagedVec<T> {
    pages: Vec<Vec<T>>,
}

impl<T: Copy> PagedVec<T> {
    pub(crate) const fn new() -> PagedVec<T> {
        PagedVec { pages: Vec::new() }
    }

    /// Appends a value and returns its position.
    pub(crate) fn push(&mut self, value: T) -> u32 {
        match self.pages.last_mut() {
            Some(page) if page.len() < PAGE => page.push(value),
            first => {
                // A small engine stays small: only the first page grows by itself.
                let mut page = if first.is_none() { Vec::new() } else { Vec::with_capacity(PAGE) };
                page.push(value);
                self.pages.push(page);
            }
        }
        self.len() - 1
    }

    pub(crate) fn len(&self) -> u32 {
        let last = self.pages.last().map_or(0, Vec::len);
        (self.pages.len().saturating_sub(1) * PAGE + last) as u32
    }

    /// The value at a position that this list gave out.
    #[expect(clippy::indexing_slicing, reason = "positions come from `push`, and nothing is ever removed")]
    pub(crate) fn at(&self, position: u32) -> &T {
        &self.pages[(position >> PAGE_BITS) as usize][position as usize & (PAGE - 1)]
    }

    /// The value at a position that this list gave out.
    #[expect(clippy::indexing_slicing, reason = "positions come from `push`, and nothing is ever removed")]
    pub(crate) fn at_mut(&mut self, position: u32) -> &mut T {
        &mut self.pages[(position >> PAGE_BITS) as usize][position as usize & (PAGE - 1)]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_stable_across_pages() {
        let mut list = PagedVec::new();
        for value in 0..5000_u32 {
            assert_eq!(list.push(value), value);
        }
        assert_eq!(list.len(), 5000);
        assert!((0..5000).all(|position| *list.at(position) == position));
        assert!(list.iter().copied().eq(0..5000));
        (0..5000).for_each(|position| *list.at_mut(position) += 7);
        assert!(list.iter().copied().eq(7..5007));
    }
}
