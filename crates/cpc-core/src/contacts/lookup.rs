//! Where the contacts of messages are, read ahead.
//!
//! A batch is decided one message after the other, and each would wait for its own look-up in memory. Reading the
//! records of many messages first, step by step for all of them, lets those look-ups overlap.

use crate::command::Message;
use crate::contacts::sharded_table::Slot;
use crate::contacts::store::Contacts;
use crate::phone::{ContactKey, Countries, Phone};
use alloc::vec::Vec;
use core::hint::black_box;

/// A message's parsed phone and its probable table slots, prefetched before the batch is decided.
#[derive(Clone, Copy)]
pub(crate) struct ContactLookup {
    pub(crate) phone: Phone,
    pub(crate) key: ContactKey,
    pub(crate) hash: u64,
    pub(crate) slot: Option<Slot>,
    pub(crate) client_hash: Option<u64>,
    pub(crate) client_slot: Option<Slot>,
}

impl Contacts {
    /// Prefetches the records of some messages: each step for all of them, so that the look-ups overlap.
    pub(crate) fn prefetch(
        &self,
        messages: &[Message<'_>],
        countries: &Countries,
        lookups: &mut Vec<Option<ContactLookup>>,
    ) {
        let Contacts { phones, clients, .. } = self;
        let mut names_clients = false;
        lookups.clear();
        lookups.extend(messages.iter().map(|message| {
            let (phone, key) = Phone::read(message.phone, countries).ok()?;
            let hash = self.phone_hash(key.as_u64());
            let client_hash = message.client().map(|id| self.client_hash(id));
            names_clients |= client_hash.is_some();
            Some(ContactLookup { phone, key, hash, slot: None, client_hash, client_slot: None })
        }));
        for lookup in lookups.iter().flatten() {
            phones.touch_index(lookup.hash);
        }
        for lookup in lookups.iter_mut().flatten() {
            lookup.slot = phones.guess(lookup.hash);
        }
        for slot in lookups.iter().flatten().filter_map(|lookup| lookup.slot) {
            phones.touch_record(slot);
        }
        if names_clients {
            for hash in lookups.iter().flatten().filter_map(|lookup| lookup.client_hash) {
                clients.touch_index(hash);
            }
            for lookup in lookups.iter_mut().flatten() {
                lookup.client_slot = lookup.client_hash.and_then(|hash| clients.guess(hash));
            }
            for slot in lookups.iter().flatten().filter_map(|lookup| lookup.client_slot) {
                clients.touch_record(slot);
            }
            for slot in lookups.iter().flatten().filter_map(|lookup| lookup.client_slot) {
                black_box(self.id_of(clients.at(slot)).first().copied());
            }
        }
    }
}
