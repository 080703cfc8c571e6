//! Hashes with keys: those that choose places in memory, and those that forgotten opt-outs leave behind.

use core::hash::Hasher;
use siphasher::sip128::{Hasher128, SipHasher24};

/// What phones and client ids are hashed with. Keyed, so that attacker-chosen ids cannot force collisions (hash
/// flooding).
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

/// The keyed hash of a text or number: without the key it says nothing about it.
pub(crate) fn keyed_hash(key: u128, kind: &str, bytes: &[u8]) -> u128 {
    let mut hasher = SipHasher24::new_with_keys(key as u64, (key >> 64) as u64);
    hasher.write(kind.as_bytes());
    hasher.write(bytes);
    hasher.finish128().as_u128()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key that has a hash: so no two keys have the same.
    fn key_of(seed: Seed, hash: u64) -> u64 {
        // Newton's method doubles the bits that are right.
        let inverse = |factor: u64| {
            (0..6).fold(factor, |inverse, _| {
                inverse.wrapping_mul(2_u64.wrapping_sub(factor.wrapping_mul(inverse)))
            })
        };
        let [first, second] = seed.factors;
        let once = (hash ^ hash >> 32).wrapping_mul(inverse(second));
        (once ^ once >> 32).wrapping_mul(inverse(first)) ^ seed.mask
    }

    #[test]
    fn no_two_contacts_have_the_same_hash() {
        let seed = Seed::new(1 << 100 | 5);
        for key in (551_188_870_000..551_188_880_000).chain([0, 1, u64::MAX]) {
            assert_eq!(key_of(seed, seed.hash(key)), key);
        }
    }

    #[test]
    fn where_contacts_are_in_memory_depends_on_the_whole_secret() {
        let seeds = [0, 1, 1 << 64].map(Seed::new);
        for (index, one) in seeds.iter().enumerate() {
            for other in &seeds[index + 1..] {
                assert_ne!(one.mask(), other.mask());
                assert_ne!(one.hash(551_188_876_204), other.hash(551_188_876_204));
            }
        }
    }

    /// Snapshots hold them, so they are the same for good: the first of the vectors of SipHash's authors.
    #[test]
    fn keyed_hashes_are_siphash_2_4_128() {
        let key = u128::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        let expected = 0x9302_55c7_1472_f66d_e6a8_25ba_047f_81a3;
        assert_eq!(keyed_hash(key, "", &[]), expected);
        assert_eq!(keyed_hash(key, "ab", b"cd"), keyed_hash(key, "", b"abcd"));
    }
}
