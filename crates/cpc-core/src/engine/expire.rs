//! Freeing the memory of contacts that have lapsed, and listing cycles that have ended.
//!
//! [RULES §1.4](crate::rules#1-time) and [§3.7](crate::rules#3-the-gate). A lapsed contact is read as if never seen from exactly
//! its instant on, whether its memory is freed or not: what is here changes no answer.

use crate::contacts::packed::CycleId;
use crate::contacts::sharded_table::Slot;
use crate::engine::state::Engine;
use crate::error::CommandError;
use crate::outcome::{Outcome, Receipt};
use crate::phone::Phone;
use crate::status::Status;
use crate::time::Timestamp;
use alloc::vec::Vec;
use core::num::NonZeroU64;

impl Engine {
    /// Lists cycles that have ended unanswered, and frees some memory.
    pub(crate) fn expire(
        &mut self,
        at: Timestamp,
        limit: u32,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        let now = self.checked_effective_time(at)?;
        // From here it must succeed.
        self.begin(now);
        self.timers.settle(&self.contacts, now, self.policy.retention_ms);
        for _ in 0..limit {
            let ended = self.timers.take_ended(&self.contacts, now, self.policy.retention_ms);
            let Some((instant, key, slot)) = ended else { break };
            let record = self.contacts.phones.at_mut(slot);
            record.set_listed(true);
            let dispatch = record.cycle_id().and_then(CycleId::dispatch);
            outcomes.push(Outcome {
                phone: Phone::from_stored(key),
                dispatch: dispatch.and_then(NonZeroU64::new),
                expired_at: Some(Timestamp::from_millis(instant)),
                ..Outcome::new(Status::Expired)
            });
        }
        self.sweep_part(now);
        Ok(self.commit())
    }

    /// Frees what has lapsed in some part of the tables: a thousandth of them, so that it costs little to ask
    /// often, and all of them are looked through in the end.
    fn sweep_part(&mut self, now: u64) {
        let most = |records: u64| u32::try_from(records / 1_024).unwrap_or(u32::MAX).max(256);
        let (phones, next_phone) =
            self.contacts.phones.round(self.expiry_sweep.next_phone, most(self.contacts.phones.len()));
        let (clients, next_client) =
            self.contacts.clients.round(self.expiry_sweep.next_client, most(self.contacts.clients.len()));
        self.expiry_sweep.next_phone = next_phone;
        self.expiry_sweep.next_client = next_client;
        self.evict(now, phones, clients);
    }

    /// Frees everything that has lapsed.
    pub(crate) fn evict_all(&mut self, now: u64) {
        let phones: Vec<Slot> = self.contacts.phones.iter().map(|(slot, _)| slot).collect();
        let clients: Vec<Slot> = self.contacts.clients.iter().map(|(slot, _)| slot).collect();
        self.evict(now, phones.into_iter(), clients.into_iter());
        self.expiry_sweep.reset();
    }

    fn evict(&mut self, now: u64, phones: impl Iterator<Item = Slot>, clients: impl Iterator<Item = Slot>) {
        let retention = self.policy.retention_ms;
        for slot in phones {
            self.contacts.evict_phone(slot, now, retention);
        }
        for slot in clients {
            self.contacts.evict_client(slot, now, retention);
        }
        self.contacts.compact_ids();
    }

    /// The engine is full: frees contacts past their retention. True if there were any.
    pub(crate) fn evict_expired(&mut self, now: u64) -> bool {
        let before = self.contacts.known();
        if now >= self.expiry_sweep.horizon {
            self.look_ahead(now);
        }
        let retention = self.policy.retention_ms;
        while let Some((_, is_client, slot)) =
            self.expiry_sweep.soon.pop_if(|(instant, _, _)| *instant <= now)
        {
            // Entries are hints: a contact that wrote since is retained longer, and a slot may hold another contact.
            if is_client {
                self.contacts.evict_client(slot, now, retention);
            } else {
                self.contacts.evict_phone(slot, now, retention);
            }
        }
        self.contacts.known() < before
    }

    /// Fills `soon` with the contacts whose retention has ended or ends within a 64th of the retention, so that one pass
    /// over all contacts serves many evictions.
    fn look_ahead(&mut self, now: u64) {
        let retention = self.policy.retention_ms;
        let horizon = now + (retention / 64).max(1);
        let phones =
            self.contacts.phones.iter().map(|(slot, record)| (record.retained_until(retention), false, slot));
        let clients =
            self.contacts.clients.iter().map(|(slot, record)| (record.retained_until(retention), true, slot));
        let soon = phones.chain(clients).filter_map(|(retained_until, is_client, slot)| {
            retained_until.filter(|instant| *instant < horizon).map(|instant| (instant, is_client, slot))
        });
        self.expiry_sweep.soon = soon.collect();
        self.expiry_sweep.soon.sort_unstable_by(|a, b| b.cmp(a));
        self.expiry_sweep.horizon = horizon;
    }

    /// How many contacts count at `now`. Looks at all of them.
    pub(crate) fn count_contacts(&self, now: u64) -> u64 {
        let retention = self.policy.retention_ms;
        let counts = |retained_until: Option<u64>| retained_until.is_some_and(|instant| now < instant);
        let phones =
            self.contacts.phones.iter().filter(|(_, record)| counts(record.retained_until(retention)));
        let clients =
            self.contacts.clients.iter().filter(|(_, record)| counts(record.retained_until(retention)));
        (phones.count() + clients.count()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, ImportedContact};
    use crate::policy::Policy;
    use crate::time::DAY;
    use alloc::format;
    use alloc::string::String;

    /// RULES §1.4: no answer tells whether memory was freed.
    #[test]
    fn those_who_lapsed_are_freed_part_by_part() {
        let (mut engine, mut outcomes) = (Engine::new(Policy::default()), Vec::new());
        let t0 = 1_795_435_200_000;
        let phones: Vec<String> = (0..24_000).map(|number| format!("55119600{number:05}")).collect();
        let contact = |phone| ImportedContact { phone, t0: Some(t0.into()), ..ImportedContact::default() };
        let contacts: Vec<_> = phones.iter().map(|phone| contact(phone)).collect();
        engine.apply(t0, &Command::Import(&contacts), &mut outcomes).unwrap();
        let mut known_after_expire = |at: i64| {
            engine.apply(at, &Command::Expire { limit: 0 }, &mut outcomes).unwrap();
            engine.contacts.known()
        };
        let retained_until = t0 + 30 * DAY as i64;
        assert_eq!(known_after_expire(retained_until), 24_000 - 256);
        let calls = (1..).take_while(|_| known_after_expire(retained_until) > 0).count();
        assert!((24_000 / 256..200).contains(&calls), "{calls}");
    }
}
