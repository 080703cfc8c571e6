//! Hashes with keys: those that choose places in memory, and those that forgotten opt-outs leave behind.

use core::hash::Hasher;
use siphasher::sip128::{Hasher128, SipHasher24};

/// What phones and client ids are hashed with, so that whoever chooses them cannot choose their places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed {
    mask: u64,
    factors: [u64; 2],
}

impl Seed {
    pub(crate) fn new(key: u128) -> Seed {
        let mask = keyed_hash(key, "table", b"mask") as u64;
        let factors = keyed_hash(key, "table", b"factors");
        Seed { mask, factors: [factors as u64 | 1, (factors >> 64) as u64 | 1] }
    }

    /// The seed of texts.
    pub(crate) const fn mask(self) -> u64 {
        self.mask
    }

    /// The hash of a contact key. Products of 64 bits: wider ones cost four times as much where words have 32.
    #[inline]
    pub(crate) const fn hash(self, key: u64) -> u64 {
        let [first, second] = self.factors;
        let once = (key ^ self.mask).wrapping_mul(first);
        let twice = (once ^ once >> 32).wrapping_mul(second);
        // The high bits choose the place, the low ones tell records of one place apart.
        twice ^ twice >> 32
    }
}

/// What is known of a text or number to whoever has the key.
pub(crate) fn keyed_hash(key: u128, kind: &str, bytes: &[u8]) -> u128 {
    let mut hasher = SipHasher24::new_with_keys(key as u64, (key >> 64) as u64);
    hasher.write(kind.as_bytes());
    hasher.write(bytes);
    hasher.finish128().as_u128()
}
