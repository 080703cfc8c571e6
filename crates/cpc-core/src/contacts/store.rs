//! Everything that is remembered of contacts: the records, and what does not fit into them.
//!
//! [RULES §2 and §3](crate::rules#3-the-gate). Lapsed contacts may still be in memory; they are read as if they were not
//! ([RULES §3.7](crate::rules#3-the-gate)), so that when memory is freed changes no answer.

use crate::contacts::campaigns::Campaigns;
use crate::contacts::client_record::ClientRecord;
use crate::contacts::hash::{Seed, keyed_hash};
use crate::contacts::id_arena::IdArena;
use crate::contacts::packed::{CycleId, Windows};
use crate::contacts::phone_record::{NO_CAMPAIGN, PhoneRecord};
use crate::contacts::sharded_table::{Record, ShardedTable, Slot};
use crate::cycle::Phase;
use crate::phone::ContactKey;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A pending follow-up whose due time or campaign its phone's record does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FollowUpOverride {
    pub(crate) due: u64,
    /// The dispatch that it follows up.
    pub(crate) origin: u64,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(crate) struct Contacts {
    pub(crate) phones: ShardedTable<PhoneRecord>,
    pub(crate) clients: ShardedTable<ClientRecord>,
    pub(crate) ids: IdArena,
    pub(crate) windows: Windows,
    pub(crate) campaigns: Campaigns,
    /// Keyed hashes of forgotten contacts that have opted out and are in no table.
    pub(crate) forgotten: BTreeSet<u128>,
    /// The last dispatch that had been made when a client opted out: what was pending then is cancelled.
    pub(crate) opt_out_watermarks: BTreeMap<Slot, u64>,
    /// The senders that have failed a cycle's dispatch.
    pub(crate) failures: BTreeMap<CycleId, Vec<u32>>,
    /// By contact key.
    pub(crate) overrides: BTreeMap<u64, FollowUpOverride>,
    /// Phones and clients in memory that have a cycle or wrote, lapsed or not.
    known: u64,
    hash_key: u128,
    seed: Seed,
}

impl Contacts {
    pub(crate) fn new(hash_key: u128) -> Contacts {
        Contacts {
            phones: ShardedTable::new(),
            clients: ShardedTable::new(),
            ids: IdArena::default(),
            windows: Windows::default(),
            campaigns: Campaigns::default(),
            forgotten: BTreeSet::new(),
            opt_out_watermarks: BTreeMap::new(),
            failures: BTreeMap::new(),
            overrides: BTreeMap::new(),
            known: 0,
            hash_key,
            seed: Seed::new(hash_key),
        }
    }

    /// The key of forgotten opt-outs. Where contacts are in memory does not change with it.
    pub(crate) fn set_hash_key(&mut self, key: u128) {
        self.hash_key = key;
    }

    /// How many contacts are in memory that have a cycle or wrote; lapsed ones may be among them.
    pub(crate) const fn known(&self) -> u64 {
        self.known
    }

    #[inline]
    pub(crate) const fn phone_hash(&self, key: u64) -> u64 {
        self.seed.hash(key)
    }

    pub(crate) fn client_hash(&self, id: &str) -> u64 {
        xxh3_64_with_seed(id.as_bytes(), self.seed.mask())
    }

    fn forgotten_phone(&self, key: u64) -> u128 {
        keyed_hash(self.hash_key, "phone", &key.to_le_bytes())
    }

    fn forgotten_client(&self, id: &str) -> u128 {
        keyed_hash(self.hash_key, "client", id.as_bytes())
    }

    // Phones.

    #[inline]
    pub(crate) fn find_phone(&self, key: ContactKey) -> Option<Slot> {
        let key = key.as_u64();
        self.phones.find(self.phone_hash(key), |record| record.key() == key)
    }

    /// Where a phone is and what is in memory of it, given where it was, if anywhere, and the hash of its key.
    #[inline]
    pub(crate) fn find_hinted(
        &self,
        seen: Option<Slot>,
        hash: u64,
        key: ContactKey,
    ) -> Option<(Slot, &PhoneRecord)> {
        let slot = match seen.map(|slot| (slot, self.phones.at(slot))) {
            Some((slot, record)) if record.key() == key.as_u64() => return Some((slot, record)),
            _ => self.phones.find(hash, |record| record.key() == key.as_u64())?,
        };
        Some((slot, self.phones.at(slot)))
    }

    /// What counts of a phone that has lapsed, or is in no table.
    #[inline(never)]
    pub(crate) fn suppression_only(&self, lapsed: Option<&PhoneRecord>, key: ContactKey) -> PhoneRecord {
        match lapsed {
            Some(record) => record.suppression_only(),
            None => {
                let mut unseen = PhoneRecord::new(key);
                unseen.set_opted_out(self.is_forgotten_phone(key));
                unseen
            }
        }
    }

    /// What counts of a phone at `now`.
    pub(crate) fn phone(&self, key: ContactKey, now: u64, retention: u64) -> PhoneRecord {
        match self.find_phone(key).map(|slot| self.phones.at(slot)) {
            Some(record) if record.is_retained(now, retention) => *record,
            record => self.suppression_only(record, key),
        }
    }

    fn is_forgotten_phone(&self, key: ContactKey) -> bool {
        !self.forgotten.is_empty() && self.forgotten.contains(&self.forgotten_phone(key.as_u64()))
    }

    /// Lifts the opt-out of a phone that was forgotten; false if there is none.
    pub(crate) fn lift_forgotten_phone(&mut self, key: ContactKey) -> bool {
        let hash = self.forgotten_phone(key.as_u64());
        self.forgotten.remove(&hash)
    }

    /// Lifts the opt-out of a client that was forgotten; false if there is none.
    pub(crate) fn lift_forgotten_client(&mut self, id: &str) -> bool {
        let hash = self.forgotten_client(id);
        self.forgotten.remove(&hash)
    }

    /// So many phones will be added.
    pub(crate) fn reserve_phones(&mut self, count: usize) {
        let seed = self.seed;
        self.phones.reserve(count, |record| seed.hash(record.key()));
    }

    /// The slot of a phone, in memory from now on; a lapsed one is as new.
    pub(crate) fn get_or_insert_phone(&mut self, key: ContactKey, now: u64, retention: u64) -> Slot {
        self.get_or_insert_phone_at(self.find_phone(key), self.phone_hash(key.as_u64()), key, now, retention)
    }

    /// The same, given where it is, if anywhere, and the hash of its key.
    pub(crate) fn get_or_insert_phone_at(
        &mut self,
        slot: Option<Slot>,
        hash: u64,
        key: ContactKey,
        now: u64,
        retention: u64,
    ) -> Slot {
        match slot {
            Some(slot) => {
                let record = self.phones.at(slot);
                if record.is_known() && !record.is_retained(now, retention) {
                    self.reset_phone(slot);
                }
                slot
            }
            None => {
                let mut record = PhoneRecord::new(key);
                if !self.forgotten.is_empty() {
                    let hash = self.forgotten_phone(key.as_u64());
                    record.set_opted_out(self.forgotten.remove(&hash));
                }
                let seed = self.seed;
                self.phones.insert(hash, record, |record| seed.hash(record.key()))
            }
        }
    }

    /// Changes a phone's record, and keeps the count of contacts.
    pub(crate) fn edit_phone<T>(&mut self, slot: Slot, edit: impl FnOnce(&mut PhoneRecord) -> T) -> T {
        let record = self.phones.at_mut(slot);
        let was_known = record.is_known();
        let result = edit(record);
        let is_known = record.is_known();
        self.known = self.known + u64::from(is_known) - u64::from(was_known);
        result
    }

    /// Lets go of what a phone's cycle refers to, before the cycle is replaced or dropped.
    #[inline]
    pub(crate) fn release_references(&mut self, slot: Slot) {
        if self.phones.at(slot).has_references() {
            self.release_all(slot);
        }
    }

    fn release_all(&mut self, slot: Slot) {
        let record = *self.phones.at(slot);
        if record.campaign_ref != NO_CAMPAIGN {
            self.campaigns.release(record.campaign_ref);
        }
        if let Some(client) = record.client() {
            self.clients.at_mut(client).drop_reference();
            self.drop_empty_shell(client);
        }
        if record.has_failures()
            && let Some(id) = record.cycle_id()
        {
            self.failures.remove(&id);
        }
        self.drop_override(slot);
    }

    /// Forgets a phone's cycle, not its sender, nor when it began.
    pub(crate) fn drop_cycle(&mut self, slot: Slot) {
        self.release_references(slot);
        self.edit_phone(slot, PhoneRecord::drop_cycle);
    }

    fn reset_phone(&mut self, slot: Slot) {
        self.release_references(slot);
        self.edit_phone(slot, |record| *record = record.suppression_only());
    }

    fn remove_phone(&mut self, slot: Slot) {
        let (seed, key) = (self.seed, self.phones.at(slot).key());
        self.phones.remove(slot, seed.hash(key), |record| seed.hash(record.key()));
    }

    /// Drops all that is known of a phone. An opt-out leaves a keyed hash behind.
    pub(crate) fn forget_phone(&mut self, slot: Slot) {
        self.reset_phone(slot);
        let record = *self.phones.at(slot);
        if record.opted_out() {
            self.forgotten.insert(self.forgotten_phone(record.key()));
        }
        self.remove_phone(slot);
    }

    /// Frees the memory of a phone if it has lapsed, or never counted. The slot may be empty by now.
    pub(crate) fn evict_phone(&mut self, slot: Slot, now: u64, retention: u64) {
        let record = *self.phones.at(slot);
        if record.is_vacant() || record.retained_until(retention).is_some_and(|instant| instant > now) {
            return;
        }
        self.reset_phone(slot);
        if !record.opted_out() && !record.undeliverable() {
            self.remove_phone(slot);
        }
    }

    /// The longest window of an open cycle. Looks at every contact.
    pub(crate) fn longest_window(&self, now: u64, retention: u64) -> Option<u64> {
        let phones = self.phones.iter().map(|(_, record)| record.as_of(now, retention).cycle(&self.windows));
        let clients =
            self.clients.iter().map(|(_, record)| record.as_of(now, retention).cycle(&self.windows));
        let open = phones.chain(clients).flatten().filter(|cycle| cycle.phase == Phase::Open);
        open.filter(|cycle| now < cycle.end()).map(|cycle| cycle.window).max()
    }

    // Follow-ups.

    /// Which follow-up stages of a phone are to come; none of them if its client has opted out, or was
    /// forgotten, since.
    pub(crate) fn pending(&self, record: &PhoneRecord) -> [bool; 2] {
        if !record.has_pending() {
            return [false, false];
        }
        let cancelled = record.client().is_some_and(|slot| {
            let client = self.clients.at(slot);
            let watermark =
                if client.has_watermark() { self.opt_out_watermarks.get(&slot).copied() } else { None };
            let dispatch = record.cycle_id().and_then(CycleId::dispatch);
            client.forgotten()
                || watermark.zip(dispatch).is_some_and(|(watermark, dispatch)| dispatch <= watermark)
        });
        if cancelled { [false, false] } else { record.pending() }
    }

    /// When a phone's follow-up is due, if one will be.
    pub(crate) fn follow_up_due(&self, record: &PhoneRecord, retention: u64) -> Option<u64> {
        if self.pending(record) == [false, false] {
            return None;
        }
        let due = match self.follow_up_override(record) {
            Some(follow_up_override) => follow_up_override.due,
            None => record.cycle(&self.windows)?.end(),
        };
        Some(due).filter(|due| {
            record.retained_until(retention).is_some_and(|retained_until| *due < retained_until)
        })
    }

    pub(crate) fn follow_up_override(&self, record: &PhoneRecord) -> Option<FollowUpOverride> {
        if record.has_override() { self.overrides.get(&record.key()).copied() } else { None }
    }

    pub(crate) fn set_override(&mut self, slot: Slot, follow_up_override: FollowUpOverride) {
        let record = self.phones.at_mut(slot);
        record.set_has_override(true);
        self.overrides.insert(record.key(), follow_up_override);
    }

    pub(crate) fn drop_override(&mut self, slot: Slot) {
        let record = self.phones.at_mut(slot);
        if record.has_override() {
            record.set_has_override(false);
            let key = record.key();
            self.overrides.remove(&key);
        }
    }

    /// Cancels what was to follow.
    pub(crate) fn cancel_follow_ups(&mut self, slot: Slot) {
        self.phones.at_mut(slot).set_pending([false, false]);
        self.drop_override(slot);
    }

    // Clients.

    pub(crate) fn find_client(&self, id: &str) -> Option<Slot> {
        self.find_client_by(self.client_hash(id), id)
    }

    fn find_client_by(&self, hash: u64, id: &str) -> Option<Slot> {
        self.clients.find(hash, |record| self.is_client(record, id))
    }

    #[inline]
    fn is_client(&self, record: &ClientRecord, id: &str) -> bool {
        !record.forgotten() && self.id_of(record) == id.as_bytes()
    }

    /// Where a client is, given where it was, if anywhere, and the hash of its id; with its id.
    #[inline]
    pub(crate) fn find_client_hinted<'a>(
        &self,
        seen: Option<Slot>,
        hash: u64,
        id: &'a str,
    ) -> (Option<Slot>, &'a str) {
        match seen {
            Some(slot) if self.is_client(self.clients.at(slot), id) => (seen, id),
            _ => (self.find_client_by(hash, id), id),
        }
    }

    /// A client's id.
    pub(crate) fn id_of(&self, record: &ClientRecord) -> &[u8] {
        self.ids.get(record.offset(), record.length())
    }

    /// What counts of a client at `now`. One that is not in memory has no record to return: a bare one stands
    /// for it.
    pub(crate) fn client(&self, id: &str, now: u64, retention: u64) -> ClientRecord {
        self.client_at(self.find_client(id), id, now, retention)
    }

    /// The same, given where it is, if anywhere.
    pub(crate) fn client_at(&self, slot: Option<Slot>, id: &str, now: u64, retention: u64) -> ClientRecord {
        match slot {
            Some(slot) => self.clients.at(slot).as_of(now, retention),
            None => {
                let mut unseen = ClientRecord::VACANT;
                unseen.set_opted_out(
                    !self.forgotten.is_empty() && self.forgotten.contains(&self.forgotten_client(id)),
                );
                unseen
            }
        }
    }

    /// The slot of a client, in memory from now on; a lapsed one is as new.
    pub(crate) fn get_or_insert_client(&mut self, id: &str, now: u64, retention: u64) -> Slot {
        let hash = self.client_hash(id);
        self.get_or_insert_client_at(self.find_client_by(hash, id), hash, id, now, retention)
    }

    /// The same, given where it is, if anywhere, and the hash of its id.
    pub(crate) fn get_or_insert_client_at(
        &mut self,
        slot: Option<Slot>,
        hash: u64,
        id: &str,
        now: u64,
        retention: u64,
    ) -> Slot {
        if let Some(slot) = slot {
            let record = self.clients.at(slot);
            if record.is_known() && !record.is_retained(now, retention) {
                self.edit_client(slot, |record| *record = record.suppression_only());
            }
            return slot;
        }
        let mut record = ClientRecord::new(self.ids.put(id.as_bytes()), id.len() as u8);
        if !self.forgotten.is_empty() {
            let hash = self.forgotten_client(id);
            record.set_opted_out(self.forgotten.remove(&hash));
        }
        let (seed, ids) = (self.seed.mask(), &self.ids);
        self.clients.insert(hash, record, |record| hash_client(ids, seed, record))
    }

    /// Changes a client's record, and keeps the count of contacts.
    pub(crate) fn edit_client<T>(&mut self, slot: Slot, edit: impl FnOnce(&mut ClientRecord) -> T) -> T {
        let record = self.clients.at_mut(slot);
        let was_known = record.is_known();
        let result = edit(record);
        let is_known = record.is_known();
        self.known = self.known + u64::from(is_known) - u64::from(was_known);
        result
    }

    /// Drops all that is known of a client. While phones' cycles name it, an empty shell stays for them.
    pub(crate) fn forget_client(&mut self, slot: Slot) {
        let record = *self.clients.at(slot);
        if record.opted_out() {
            let id = core::str::from_utf8(self.id_of(&record)).unwrap_or_default();
            let hash = self.forgotten_client(id);
            self.forgotten.insert(hash);
        }
        self.detach_client(slot);
        self.edit_client(slot, |record| {
            *record = record.suppression_only();
            record.set_opted_out(false);
            record.set_forgotten(true);
        });
        self.drop_empty_shell(slot);
    }

    /// Whether the cycle of a phone names a client, whose gate it need not have taken. Looks at every phone.
    pub(crate) fn names_client(&self, slot: Slot, now: u64, retention: u64) -> bool {
        let mut phones = self.phones.iter().map(|(_, record)| record.as_of(now, retention));
        self.clients.at(slot).references() > 0 && phones.any(|record| record.client() == Some(slot))
    }

    /// Frees the memory of a client if it has lapsed and no phone's cycle names it. The slot may be empty by now.
    pub(crate) fn evict_client(&mut self, slot: Slot, now: u64, retention: u64) {
        let record = *self.clients.at(slot);
        let is_gone = record.is_vacant() || record.forgotten();
        if is_gone || record.retained_until(retention).is_some_and(|instant| instant > now) {
            return;
        }
        self.edit_client(slot, |record| *record = record.suppression_only());
        if !record.opted_out() && record.references() == 0 {
            self.detach_client(slot);
            self.opt_out_watermarks.remove(&slot);
            self.clients.vacate(slot);
        }
    }

    /// Takes a client's id away, so that no look-up leads to its record any more.
    fn detach_client(&mut self, slot: Slot) {
        let record = *self.clients.at(slot);
        let (seed, ids) = (self.seed.mask(), &self.ids);
        let hash = hash_client(ids, seed, &record);
        self.clients.detach(slot, hash, |record| hash_client(ids, seed, record));
        self.ids.erase(record.offset(), record.length());
    }

    fn drop_empty_shell(&mut self, slot: Slot) {
        let record = self.clients.at(slot);
        if record.forgotten() && record.references() == 0 {
            self.opt_out_watermarks.remove(&slot);
            self.clients.vacate(slot);
        }
    }

    /// Closes the gaps that erased ids have left, once they are worth it.
    pub(crate) fn compact_ids(&mut self) {
        if !self.ids.is_wasteful() {
            return;
        }
        let mut ids = IdArena::default();
        let slots: Vec<Slot> = self.clients.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            let record = self.clients.at_mut(slot);
            let offset = ids.put(self.ids.get(record.offset(), record.length()));
            record.set_offset(offset);
        }
        self.ids = ids;
    }
}

fn hash_client(ids: &IdArena, seed: u64, record: &ClientRecord) -> u64 {
    xxh3_64_with_seed(ids.get(record.offset(), record.length()), seed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contacts::campaigns::CampaignName;

    const NOW: u64 = 1_795_435_200_000;

    /// Where a contact was seen is a guess, which may be wrong.
    #[test]
    fn a_contact_is_found_wherever_it_was_thought_to_be() {
        let mut contacts = Contacts::new(0);
        let keys = [551_188_876_204, 551_188_876_205, 551_188_876_206];
        let [one, other, unseen] = keys.map(|key| ContactKey::from_stored(key).unwrap());
        let slots = [one, other].map(|key| contacts.get_or_insert_phone(key, NOW, 1_000));
        let clients = ["a", "b"].map(|id| contacts.get_or_insert_client(id, NOW, 1_000));
        for seen in 0..3 {
            let (seen, client) = (slots.get(seen).copied(), clients.get(seen).copied());
            let found = |key: ContactKey| {
                let found = contacts.find_hinted(seen, contacts.phone_hash(key.as_u64()), key);
                found.map(|(slot, record)| (slot, record.key()))
            };
            assert_eq!(found(one), Some((slots[0], one.as_u64())));
            assert_eq!(found(other), Some((slots[1], other.as_u64())));
            assert_eq!(found(unseen), None);
            let found = |id| contacts.find_client_hinted(client, contacts.client_hash(id), id);
            assert_eq!(found("a"), (Some(clients[0]), "a"));
            assert_eq!(found("b"), (Some(clients[1]), "b"));
            assert_eq!(found("c"), (None, "c"));
        }
    }

    /// Nothing asks for what an ended cycle referred to, so no answer would tell.
    #[test]
    fn a_cycle_lets_go_of_all_that_it_refers_to() {
        let mut contacts = Contacts::new(0);
        let slot =
            contacts.get_or_insert_phone(ContactKey::from_stored(551_188_876_204).unwrap(), NOW, 1_000);
        let client = contacts.get_or_insert_client("a", NOW, 1_000);
        let campaign = CampaignName { id_account: "1", name: "c", tag: "emp1" };
        let campaign_ref = contacts.campaigns.acquire(&campaign, "operator");
        contacts.clients.at_mut(client).add_reference();
        contacts.edit_phone(slot, |record| {
            record.campaign_ref = campaign_ref;
            record.set_client(Some(client));
        });
        contacts.set_override(slot, FollowUpOverride { due: NOW, origin: 1 });
        assert!(contacts.campaigns.campaign(&campaign).is_some());

        contacts.drop_cycle(slot);
        let record = contacts.phones.at(slot);
        assert!(!record.has_references());
        assert_eq!(contacts.campaigns.campaign(&campaign), None);
        assert_eq!(contacts.clients.at(client).references(), 0);
        assert!(contacts.overrides.is_empty());
    }

    #[test]
    fn the_id_of_a_forgotten_client_is_in_memory_no_more_and_its_room_is_used_again() {
        let mut contacts = Contacts::new(0);
        let ids: Vec<_> = (0..1_000).map(|number| alloc::format!("{number:0200}")).collect();
        let slots: Vec<_> = ids.iter().map(|id| contacts.get_or_insert_client(id, NOW, 1_000)).collect();
        let (forgotten, kept) = slots.split_at(600);
        for slot in forgotten {
            let record = *contacts.clients.at(*slot);
            contacts.forget_client(*slot);
            assert!(contacts.ids.get(record.offset(), record.length()).iter().all(|byte| *byte == 0));
        }
        assert!(contacts.ids.is_wasteful());

        contacts.compact_ids();
        let last = contacts.clients.at(*kept.last().unwrap());
        assert!(last.offset() < 2 << 16, "400 ids of 200 bytes are on two pages");
        for (id, slot) in ids.iter().zip(&slots) {
            let found = contacts.find_client(id);
            assert_eq!(found, kept.contains(slot).then_some(*slot));
            assert!(found.is_none_or(|slot| contacts.id_of(contacts.clients.at(slot)) == id.as_bytes()));
        }
    }
}
