//! Client ids, one after the other in pages: a `Box<str>` each would cost 32 bytes before the first letter.

use alloc::vec::Vec;

const PAGE_BITS: u32 = 16;
const PAGE: usize = 1 << PAGE_BITS;

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub(crate) struct IdArena {
    pages: Vec<Vec<u8>>,
    used: u64,
    erased: u64,
}

impl IdArena {
    /// Keeps a text of up to 255 bytes and returns where.
    pub(crate) fn put(&mut self, text: &[u8]) -> u64 {
        self.used += text.len() as u64;
        let number = match self.pages.last() {
            Some(page) if page.len() + text.len() <= PAGE => self.pages.len() - 1,
            first => {
                let page = if first.is_none() { Vec::new() } else { Vec::with_capacity(PAGE) };
                self.pages.push(page);
                self.pages.len() - 1
            }
        };
        let Some(page) = self.pages.get_mut(number) else { return 0 };
        let offset = ((number as u64) << PAGE_BITS) | page.len() as u64;
        page.extend_from_slice(text);
        offset
    }

    /// The text of a length at an offset.
    #[inline]
    pub(crate) fn get(&self, offset: u64, length: u8) -> &[u8] {
        let start = offset as usize & (PAGE - 1);
        let page = self.pages.get((offset >> PAGE_BITS) as usize);
        page.and_then(|page| page.get(start..start + usize::from(length))).unwrap_or_default()
    }

    /// Overwrites a text.
    pub(crate) fn erase(&mut self, offset: u64, length: u8) {
        let start = offset as usize & (PAGE - 1);
        let page = self.pages.get_mut((offset >> PAGE_BITS) as usize);
        if let Some(text) = page.and_then(|page| page.get_mut(start..start + usize::from(length))) {
            text.fill(0);
            self.erased += u64::from(length);
        }
    }

    /// Whether more is erased than kept, and enough of it.
    pub(crate) const fn is_wasteful(&self) -> bool {
        self.erased > PAGE as u64 && self.erased * 2 > self.used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_where_they_are_until_erased() {
        let mut texts = IdArena::default();
        let places: Vec<_> = (0..2_000_u32).map(|n| texts.put(&[n as u8; 100])).collect();
        assert!(places.iter().zip(0_u32..).all(|(place, n)| texts.get(*place, 100) == [n as u8; 100]));
        for place in &places[..1_100] {
            texts.erase(*place, 100);
        }
        assert!(texts.is_wasteful());
        assert!(places[..1_100].iter().all(|place| texts.get(*place, 100) == [0; 100]));
        assert!((1_100..).zip(&places[1_100..]).all(|(n, place)| texts.get(*place, 100) == [n as u8; 100]));
        assert_eq!(texts.pages.len(), 4, "a page has room for 655 of them");
    }

    #[test]
    fn it_is_worth_moving_texts_if_more_is_erased_than_kept_and_more_than_a_page() {
        for (kept, erased, expected) in [
            (0, 512, false),
            (0, 513, true),
            (512, 513, true),
            (513, 513, false),
            (513, 514, true),
            (9, 1, false),
        ] {
            let mut texts = IdArena::default();
            let places: Vec<_> = (0..kept + erased).map(|_| texts.put(&[1; 128])).collect();
            places[..erased].iter().for_each(|place| texts.erase(*place, 128));
            assert_eq!(texts.is_wasteful(), expected, "{erased} erased, {kept} kept");
        }
    }
}
