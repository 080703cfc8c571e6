//! Events of one contact: replies, operator messages, opt-outs, erasure, forced unblocking.
//!
//! [RULES §3.3 to §3.6](crate::rules#3-the-gate), [§4.5](crate::rules#4-dispatch) and [§8](crate::rules#8-suppression-and-erasure).

use crate::command::{Reply, Target};
use crate::contacts::phone_record::Inbound;
use crate::contacts::sharded_table::Slot;
use crate::cycle::{Event, GateState, Phase};
use crate::engine::state::Engine;
use crate::error::{CommandError, check_operator, check_time};
use crate::outcome::{Outcome, Receipt};
use crate::phone::{ContactKey, Phone};
use crate::status::Status;
use crate::text::{MAX_ID, trimmed};
use crate::time::Timestamp;
use alloc::vec::Vec;

/// A target that was read.
#[derive(Clone, Copy)]
pub(crate) enum Contact<'a> {
    Phone(ContactKey),
    Client(&'a str),
}

impl Engine {
    pub(crate) fn read_target<'a>(&self, target: Target<'a>) -> Result<Contact<'a>, CommandError> {
        match target {
            Target::Phone(phone) => match Phone::parse(phone, &self.policy.countries) {
                Ok(phone) => Ok(Contact::Phone(phone.key())),
                Err(_) => Err(CommandError::InvalidPhone),
            },
            Target::Client(id) => match trimmed(id) {
                id if id.is_empty() || id.len() > MAX_ID => {
                    Err(CommandError::InvalidField { field: "clientId" })
                }
                id => Ok(Contact::Client(id)),
            },
        }
    }

    pub(crate) fn reply(
        &mut self,
        at: Timestamp,
        reply: &Reply<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        self.effective_time(at)?;
        let received_at = reply.received_at.map(|time| check_time(time, "receivedAt")).transpose()?;
        let now = self.checked_effective_time(at)?;
        let phone = Phone::parse(reply.phone, &self.policy.countries);
        // From here it must succeed.
        self.begin(now);
        let status = match phone {
            Ok(phone) => self.take_reply(now, phone, received_at.unwrap_or(now).min(now), reply.opt_out),
            Err(_) => Status::InvalidPhone,
        };
        Ok(self.commit_with(status, outcomes))
    }

    fn take_reply(&mut self, now: u64, phone: Phone, received_at: u64, opt_out: bool) -> Status {
        let slot = self.contacts.get_or_insert_phone(phone.key(), now, self.policy.retention_ms);
        self.contacts.edit_phone(slot, |record| {
            if record.last_reply().is_none_or(|last| received_at >= last) {
                let inbound = if phone.has_ninth_digit() {
                    Inbound::WithNinthDigit
                } else {
                    Inbound::WithoutNinthDigit
                };
                record.set_inbound(inbound);
                record.set_last_reply(received_at);
            }
            record.set_undeliverable(false);
        });
        self.expiry_sweep.notice(received_at + self.policy.retention_ms);
        if opt_out { self.take_opt_out(slot) } else { self.answer(slot, received_at) }
    }

    /// Suppresses both the phone and its linked client.
    fn take_opt_out(&mut self, slot: Slot) -> Status {
        if let Some(client) = self.contacts.phones.at(slot).client() {
            self.suppress_client(client);
        }
        self.suppress_phone(slot);
        Status::OptedOut
    }

    /// A contact answers ([RULES §3.3](crate::rules#3-the-gate)).
    fn answer(&mut self, slot: Slot, received_at: u64) -> Status {
        let record = *self.contacts.phones.at(slot);
        let Some(cycle) = record.cycle(&self.contacts.windows) else { return Status::Replied };
        match cycle.phase {
            Phase::Replied => return Status::Replied,
            Phase::Released => {
                // It simply wrote: there is no cycle that this could be an answer to.
                self.contacts.drop_cycle(slot);
                return Status::Replied;
            }
            Phase::Open => {}
        }
        let event = Event::Reply { received_at, skew: self.policy.reply_skew_ms };
        if cycle.after(event).is_none() {
            return Status::StaleReply;
        }
        self.contacts.cancel_follow_ups(slot);
        self.change_cycle(slot, event);
        Status::Replied
    }

    /// An operator wants to write ([RULES §4.5](crate::rules#4-dispatch)).
    pub(crate) fn operator_message(
        &mut self,
        at: Timestamp,
        phone: &str,
        specialist_code: &str,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        let now = self.checked_effective_time(at)?;
        check_operator(specialist_code)?;
        let phone = Phone::parse(phone, &self.policy.countries);
        // From here it must succeed.
        self.begin(now);
        let status = match phone {
            Ok(phone) => self.may_operator_write(now, phone.key()),
            Err(_) => Status::InvalidPhone,
        };
        Ok(self.commit_with(status, outcomes))
    }

    fn may_operator_write(&self, now: u64, key: ContactKey) -> Status {
        let record = self.contacts.phone(key, now, self.policy.retention_ms);
        if record.opted_out() {
            return Status::OptedOut;
        }
        let state = self.phone_state(&record, now);
        let served = record.last_reply().is_some_and(|last| now < last + self.policy.service_window_ms);
        if state == GateState::Replied && served { Status::Allowed } else { Status::ManualStartDenied }
    }

    pub(crate) fn opt_out(
        &mut self,
        at: Timestamp,
        target: Target<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        let now = self.checked_effective_time(at)?;
        let contact = self.read_target(target)?;
        // From here it must succeed.
        self.begin(now);
        let changed = match contact {
            Contact::Phone(key) => self.opt_out_phone(now, key),
            Contact::Client(id) => self.opt_out_client(now, id),
        };
        Ok(self.commit_with(Status::of_change(changed), outcomes))
    }

    /// False if it had opted out before; also if it was forgotten since, and stays so.
    pub(crate) fn opt_out_phone(&mut self, now: u64, key: ContactKey) -> bool {
        let retention = self.policy.retention_ms;
        if self.contacts.phone(key, now, retention).opted_out() {
            return false;
        }
        let slot = self.contacts.get_or_insert_phone(key, now, retention);
        self.suppress_phone(slot)
    }

    /// False if it had opted out before; also if it was forgotten since, and stays so.
    pub(crate) fn opt_out_client(&mut self, now: u64, id: &str) -> bool {
        let retention = self.policy.retention_ms;
        if self.contacts.client(id, now, retention).opted_out() {
            return false;
        }
        let slot = self.contacts.get_or_insert_client(id, now, retention);
        self.suppress_client(slot)
    }

    /// False if it was suppressed before.
    fn suppress_phone(&mut self, slot: Slot) -> bool {
        self.contacts.cancel_follow_ups(slot);
        let record = self.contacts.phones.at_mut(slot);
        let before = record.opted_out();
        record.set_opted_out(true);
        !before
    }

    /// False if it was suppressed before. What is pending for the client's phones is cancelled.
    fn suppress_client(&mut self, slot: Slot) -> bool {
        let record = self.contacts.clients.at_mut(slot);
        if record.forgotten() {
            return false;
        }
        let before = record.opted_out();
        record.set_opted_out(true);
        record.set_has_watermark(true);
        self.contacts.opt_out_watermarks.insert(slot, self.dispatches);
        !before
    }

    pub(crate) fn opt_in(
        &mut self,
        at: Timestamp,
        target: Target<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        let now = self.checked_effective_time(at)?;
        let contact = self.read_target(target)?;
        // From here it must succeed.
        self.begin(now);
        let changed = match contact {
            Contact::Phone(key) => match self.contacts.find_phone(key) {
                Some(slot) => {
                    let record = self.contacts.phones.at_mut(slot);
                    let before = record.opted_out() || record.undeliverable();
                    record.set_opted_out(false);
                    record.set_undeliverable(false);
                    before
                }
                None => self.contacts.lift_forgotten_phone(key),
            },
            Contact::Client(id) => match self.contacts.find_client(id) {
                Some(slot) => {
                    let record = self.contacts.clients.at_mut(slot);
                    let before = record.opted_out();
                    record.set_opted_out(false);
                    before
                }
                None => self.contacts.lift_forgotten_client(id),
            },
        };
        Ok(self.commit_with(Status::of_change(changed), outcomes))
    }

    /// Drops all that is known of a contact ([RULES §8](crate::rules#8-suppression-and-erasure)).
    pub(crate) fn forget(
        &mut self,
        at: Timestamp,
        target: Target<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        let now = self.checked_effective_time(at)?;
        let contact = self.read_target(target)?;
        // From here it must succeed.
        self.begin(now);
        let retention = self.policy.retention_ms;
        let changed = match contact {
            Contact::Phone(key) => self.contacts.find_phone(key).is_some_and(|slot| {
                let record = self.contacts.phones.at(slot).as_of(now, retention);
                self.contacts.forget_phone(slot);
                record.is_known() || record.opted_out() || record.undeliverable()
            }),
            Contact::Client(id) => self.contacts.find_client(id).is_some_and(|slot| {
                let record = self.contacts.clients.at(slot).as_of(now, retention);
                let known = record.is_known() || record.opted_out();
                let known = known || self.contacts.names_client(slot, now, retention);
                self.contacts.forget_client(slot);
                known
            }),
        };
        self.contacts.compact_ids();
        Ok(self.commit_with(Status::of_change(changed), outcomes))
    }

    /// Releases the open cycle of a gate ([RULES §3.6](crate::rules#3-the-gate)).
    pub(crate) fn force_unblock(
        &mut self,
        at: Timestamp,
        target: Target<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        let now = self.checked_effective_time(at)?;
        let contact = self.read_target(target)?;
        // From here it must succeed.
        self.begin(now);
        let retention = self.policy.retention_ms;
        let changed = match contact {
            Contact::Phone(key) => self.contacts.find_phone(key).is_some_and(|slot| {
                let record = self.contacts.phones.at(slot).as_of(now, retention);
                let is_open = record.phase() == Some(Phase::Open);
                // A follow-up that was released leaves a further stage.
                let is_pending = self.contacts.pending(&record) != [false, false];
                if is_open || is_pending {
                    self.contacts.cancel_follow_ups(slot);
                }
                if is_open {
                    self.change_cycle(slot, Event::Release);
                }
                is_open || is_pending
            }),
            Contact::Client(id) => self.contacts.find_client(id).is_some_and(|slot| {
                let cycle =
                    self.contacts.clients.at(slot).as_of(now, retention).cycle(&self.contacts.windows);
                let released = cycle.and_then(|cycle| cycle.after(Event::Release));
                if let Some(released) = released {
                    self.contacts.edit_client(slot, |record| record.set_cycle(released));
                }
                released.is_some()
            }),
        };
        Ok(self.commit_with(Status::of_change(changed), outcomes))
    }
}
