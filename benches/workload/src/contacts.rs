//! The contacts, and the order in which they are written to.

use crate::texts::{MAIN, RETRY};
use cpc_core::Message;
use std::fmt::Write;

/// The area codes in use.
const AREAS: [u64; 67] = [
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 24, 27, 28, 31, 32, 33, 34, 35, 37, 38, 41, 42, 43, 44, 45,
    46, 47, 48, 49, 51, 53, 54, 55, 61, 62, 63, 64, 65, 66, 67, 68, 69, 71, 73, 74, 75, 77, 79, 81, 82, 83,
    84, 85, 86, 87, 88, 89, 91, 92, 93, 94, 95, 96, 97, 98, 99,
];

/// As many contacts as there can be: 2^31.
const CONTACTS_BITS: u32 = 31;

/// The phone of a contact, with its ninth digit: no two contacts below 2^31 have the same, and neighbours have nothing
/// in common.
#[must_use]
pub fn phone(contact: u64) -> u64 {
    let place = mixed(contact, CONTACTS_BITS, 0);
    let areas = AREAS.len() as u64;
    let area = AREAS.get((place % areas) as usize).copied().unwrap_or(11);
    (5_500 + area) * 1_000_000_000 + 960_000_000 + place / areas
}

/// The numbers from 0 up to a length, each once, in an order that looks random; another one for every seed.
#[derive(Clone, Copy, Debug)]
pub struct Shuffle {
    length: u64,
    bits: u32,
    seed: u64,
}

impl Shuffle {
    /// An order of that many numbers.
    #[must_use]
    pub fn new(length: u64, seed: u64) -> Shuffle {
        let bits = length.max(4).next_power_of_two().trailing_zeros();
        Shuffle { length, bits, seed }
    }

    /// The number at a place of the order.
    #[must_use]
    pub fn at(&self, place: u64) -> u64 {
        let mut at = place % self.length;
        // Cycle walking: positions above the length are permuted again until one is below it.
        loop {
            at = mixed(at, self.bits, self.seed);
            if at < self.length {
                return at;
            }
        }
    }
}

/// A permutation of the numbers of that many bits: every step is invertible, so no two results are the same.
const fn mixed(number: u64, bits: u32, seed: u64) -> u64 {
    let mask = (1 << bits) - 1;
    let half = bits.div_ceil(2);
    let mut mixed = number.wrapping_add(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)) & mask;
    mixed = (mixed ^ (mixed >> half)).wrapping_mul(0xBF58_476D_1CE4_E5B9) & mask;
    mixed = (mixed ^ (mixed >> half)).wrapping_mul(0x94D0_49BB_1331_11EB) & mask;
    mixed = (mixed ^ (mixed >> half)).wrapping_mul(0xD6E8_FEB8_6659_FD93) & mask;
    mixed ^ (mixed >> half)
}

/// The texts of one message, which a [`Message`] borrows; reused, because making them is not measured.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    /// The message's own number.
    pub number: u64,
    /// The phone.
    pub phone: String,
    /// The client; empty is none.
    pub client: String,
    /// Whether the message has a follow-up.
    pub follow_up: bool,
}

impl Posted {
    /// The message to a contact.
    #[must_use]
    pub fn to(contact: u64, client: bool) -> Posted {
        let mut posted = Posted::default();
        posted.set(contact, client);
        posted
    }

    /// Makes it the message to another contact.
    pub fn set(&mut self, contact: u64, client: bool) {
        self.number = contact;
        self.phone.clear();
        self.client.clear();
        // Writing to a String cannot fail.
        let _ = write!(self.phone, "{}", phone(contact));
        if client {
            let _ = write!(self.client, "{:08}", mixed(contact, CONTACTS_BITS, 1));
        }
    }

    /// The message, with the members of the document's example.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        Message::new(&self.phone, "admin")
            .id_message(self.number)
            .client_id(&self.client)
            .contract("1091757")
            .main_template(MAIN)
            .retry_template(if self.follow_up { RETRY } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_contact_has_a_phone_of_its_own() {
        let phones: BTreeSet<u64> = (0..100_000).map(phone).collect();
        assert_eq!(phones.len(), 100_000);
        assert!(phones.iter().all(|phone| (5_511_960_000_000..=5_599_999_999_999).contains(phone)));
    }

    #[test]
    fn a_shuffle_has_every_number_once() {
        for length in [1, 5, 1_000, 4_096, 10_001] {
            let shuffle = Shuffle::new(length, 7);
            let numbers: BTreeSet<u64> = (0..length).map(|place| shuffle.at(place)).collect();
            assert_eq!(numbers.into_iter().collect::<Vec<_>>(), (0..length).collect::<Vec<_>>());
        }
    }
}
