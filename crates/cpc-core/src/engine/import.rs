//! Taking contacts over from another system.
//!
//! What another system knew is believed only of contacts that this one does not know; an opt-out is believed in
//! any case. A cycle taken over blocks as its own would, and counts on the sender that it went out from.

use crate::command::ImportedContact;
use crate::contacts::packed::{CycleId, LOW_BITS_LIMIT, NewCycle};
use crate::cycle::Event;
use crate::engine::state::Engine;
use crate::error::{CommandError, FieldName, check_time};
use crate::outcome::{Outcome, Receipt};
use crate::phone::Phone;
use crate::rules::decide::Scope;
use crate::status::Status;
use crate::text::{MAX_ID, is_name, trimmed};
use crate::time::{DAY, Timestamp};
use alloc::vec::Vec;

/// A contact that was read.
struct Read<'a> {
    phone: Phone,
    client_id: &'a str,
    sender: &'a str,
    t0: Option<u64>,
    replied_at: Option<u64>,
    opted_out: bool,
}

impl Engine {
    pub(crate) fn import(
        &mut self,
        at: Timestamp,
        contacts: &[ImportedContact<'_>],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        self.effective_time(at)?;
        for contact in contacts {
            contact.t0.map(|time| check_time(time, "t0")).transpose()?;
            contact.replied_at.map(|time| check_time(time, "repliedAt")).transpose()?;
        }
        let now = self.checked_effective_time(at)?;
        if contacts.len() as u64 > self.policy.max_batch {
            return Err(CommandError::BatchTooLarge { field: "contacts", max: self.policy.max_batch });
        }
        let window = self.contacts.windows.number(self.policy.window_ms);
        let window_number =
            window.ok_or(CommandError::TooMany { what: "windowMs", max: u64::from(LOW_BITS_LIMIT) })?;
        // From here it must succeed.
        self.begin(now);
        for contact in contacts {
            let outcome = match self.read_import(now, contact) {
                Ok(read) => self.import_one(now, window_number, &read),
                Err(outcome) => outcome,
            };
            outcomes.push(outcome);
        }
        Ok(self.commit())
    }

    fn read_import<'a>(&self, now: u64, contact: &ImportedContact<'a>) -> Result<Read<'a>, Outcome> {
        let Ok(phone) = Phone::parse(contact.phone, &self.policy.countries) else {
            return Err(Outcome::new(Status::InvalidPhone));
        };
        let invalid = |field: FieldName| Outcome { field: Some(field), ..Outcome::new(Status::InvalidField) };
        let client_id = trimmed(contact.client_id);
        if client_id.len() > MAX_ID {
            return Err(invalid("clientId"));
        }
        let sender = contact.sender;
        let can_be_one = sender.is_empty() || is_name(sender, MAX_ID) && self.pool.can_intern(sender);
        if !can_be_one {
            return Err(invalid("sender"));
        }
        let past = |time: Option<Timestamp>, field: FieldName| match time {
            Some(time) if time.as_millis() > now => Err(invalid(field)),
            time => Ok(time.map(Timestamp::as_millis)),
        };
        let (t0, replied_at) = (past(contact.t0, "t0")?, past(contact.replied_at, "repliedAt")?);
        // What would have been forgotten by now is not taken over.
        let remembered = |time: &u64| now < time + self.policy.retention_ms;
        let is_retained = t0.into_iter().chain(replied_at).max().is_some_and(|last| remembered(&last));
        let (t0, replied_at) = if is_retained { (t0, replied_at) } else { (None, None) };
        let opted_out = contact.opted_out;
        Ok(Read { phone, client_id, sender, t0, replied_at, opted_out })
    }

    fn import_one(&mut self, now: u64, window_number: u32, read: &Read<'_>) -> Outcome {
        let retention = self.policy.retention_ms;
        let key = read.phone.key();
        let is_new = !self.contacts.phone(key, now, retention).is_known();
        let brings_facts = read.t0.or(read.replied_at).is_some();
        let takes_over = is_new && brings_facts;
        let is_full = takes_over && !self.has_room_for(now, read);
        let mut changed = takes_over && !is_full;
        if changed {
            self.import_contact(now, window_number, read);
        }
        if read.opted_out {
            changed |= self.opt_out_phone(now, key);
            if !read.client_id.is_empty() {
                changed |= self.opt_out_client(now, read.client_id);
            }
        }
        // An opt-out is believed in any case.
        Outcome::new(if is_full { Status::ContactsFull } else { Status::of_change(changed) })
    }

    fn has_room_for(&mut self, now: u64, read: &Read<'_>) -> bool {
        let takes_client = self.takes_client_gate(now, read);
        let is_new = |engine: &Engine| {
            let client = engine.contacts.client(read.client_id, now, engine.policy.retention_ms);
            !client.is_known()
        };
        let new = 1 + u64::from(takes_client && is_new(self));
        loop {
            if self.contacts.known() + new <= self.policy.max_contacts {
                return true;
            }
            if !self.evict_expired(now) {
                return false;
            }
        }
    }

    /// Whether an imported cycle takes its client's gate: if that is in scope, and not taken since.
    fn takes_client_gate(&self, now: u64, read: &Read<'_>) -> bool {
        let in_scope = !read.client_id.is_empty() && Scope::new(self.policy.gate, true).client;
        let Some(t0) = read.t0.filter(|_| in_scope) else { return false };
        let client = self.contacts.client(read.client_id, now, self.policy.retention_ms);
        client.cycle(&self.contacts.windows).is_none_or(|cycle| cycle.t0 <= t0)
    }

    fn import_contact(&mut self, now: u64, window_number: u32, read: &Read<'_>) {
        let retention = self.policy.retention_ms;
        let takes_client = self.takes_client_gate(now, read);
        // Both may lapse before others that were there.
        let earliest = read.t0.into_iter().chain(read.replied_at).min();
        self.expiry_sweep.notice(earliest.unwrap_or(now) + retention);
        let slot = self.contacts.get_or_insert_phone(read.phone.key(), now, retention);
        if let Some(replied_at) = read.replied_at {
            self.contacts.edit_phone(slot, |record| record.set_last_reply(replied_at));
        }
        let Some(t0) = read.t0 else { return };
        self.imports += 1;
        let new = NewCycle { id: CycleId::of_import(self.imports), t0, window_number, stage: 0 };
        let sender = (!read.sender.is_empty()).then(|| self.pool.intern_sender(read.sender));
        let client = (!read.client_id.is_empty())
            .then(|| self.contacts.get_or_insert_client(read.client_id, now, retention));
        if let Some(client) = client {
            self.contacts.clients.at_mut(client).add_reference();
        }
        self.contacts.edit_phone(slot, |record| {
            record.open(new);
            record.set_sender(sender);
            record.set_posted_with_ninth_digit(read.phone.has_ninth_digit());
            record.set_client(client);
        });
        if let Some(client) = client.filter(|_| takes_client) {
            self.contacts.edit_client(client, |record| record.open(new, sender));
        }
        if let Some(sender) = sender.filter(|_| now < t0 + DAY) {
            self.pool.count(sender, now, t0);
        }
        self.schedule_import(now, t0, slot);
        if let Some(received_at) = read.replied_at {
            let event = Event::Reply { received_at, skew: self.policy.reply_skew_ms };
            self.change_gates(slot, client.filter(|_| takes_client), event);
        }
    }

    fn schedule_import(&mut self, now: u64, t0: u64, slot: crate::contacts::sharded_table::Slot) {
        let end = t0 + self.policy.window_ms;
        if end > now { self.timers.cycle_ends(end, slot) } else { self.timers.cycle_ended(end, slot) }
    }
}
