//! Follow-ups (repescagem): what is sent to contacts that stay silent.
//!
//! [RULES §6](crate::rules#6-follow-ups). A stage is due when the cycle before it expires unanswered; until then silence
//! means blocked. It goes out as any dispatch does, to the same contact, from the same wallet.

use crate::contacts::packed::{CycleId, NewCycle};
use crate::contacts::phone_record::PhoneRecord;
use crate::contacts::sharded_table::Slot;
use crate::contacts::store::FollowUpOverride;
use crate::engine::state::Engine;
use crate::error::CommandError;
use crate::outcome::{Outcome, Receipt};
use crate::rules::decide::{Scope, accepted, check_gates, check_hours, check_suppression, no_sender_until};
use crate::rules::sender_choice::{Assignment, RetryCache, SenderRequest, choose, new_contact_retry};
use crate::status::Status;
use crate::time::Timestamp;
use alloc::vec::Vec;
use core::num::NonZeroU64;

impl Engine {
    pub(crate) fn follow_ups(
        &mut self,
        at: Timestamp,
        limit: u32,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        let now = self.checked_effective_time(at)?;
        // From here it must succeed.
        self.begin(now);
        let mut retries = RetryCache::default();
        for _ in 0..limit {
            // What cannot go now is due again later, so this ends.
            let taken = self.timers.take_due(&self.contacts, now, self.policy.retention_ms);
            let Some((_, _, slot)) = taken else { break };
            let outcome = self.follow_up(now, slot, &mut retries);
            if outcome.status == Status::Accepted {
                retries.clear();
            }
            outcomes.push(outcome);
        }
        Ok(self.commit())
    }

    /// Sends the next stage to a phone, or puts it off.
    fn follow_up(&mut self, now: u64, slot: Slot, retries: &mut RetryCache) -> Outcome {
        let record = *self.contacts.phones.at(slot);
        let (stage, left) = next_stage(record.pending());
        let origin = self.origin_of(&record);
        let mut refused = Outcome::new(Status::Accepted);
        let outcome = match self.may_follow_up(now, &record, retries, &mut refused) {
            Ok((assignment, window)) => {
                self.open_follow_up(now, slot, stage, left, origin, assignment, window)
            }
            Err(status) => {
                let later = now + self.policy.follow_up_retry_ms;
                let due = refused.retry_at.map_or(later, |retry| retry.as_millis());
                self.contacts.set_override(slot, FollowUpOverride { due, origin });
                self.timers.follow_up_due(due, slot);
                Outcome { status, ..refused }
            }
        };
        Outcome { phone: record.posted(), stage: Some(stage), origin: NonZeroU64::new(origin), ..outcome }
    }

    /// The dispatch that a phone's pending follow-up follows up.
    pub(crate) fn origin_of(&self, record: &PhoneRecord) -> u64 {
        match self.contacts.follow_up_override(record) {
            Some(follow_up_override) => follow_up_override.origin,
            None => record.cycle_id().and_then(CycleId::dispatch).unwrap_or_default(),
        }
    }

    /// The checks of a follow-up ([RULES §6.3](crate::rules#6-follow-ups)), in the order of their statuses.
    fn may_follow_up(
        &self,
        now: u64,
        record: &PhoneRecord,
        retries: &mut RetryCache,
        answer: &mut Outcome,
    ) -> Result<(Assignment, u64), Status> {
        let policy = &self.policy;
        let client =
            record.client().map(|slot| self.contacts.clients.at(slot).as_of(now, policy.retention_ms));
        let client = client.as_ref();
        let rules = self.rule_context(&self.pool);
        check_suppression(record, client)?;
        check_gates(&rules, Scope::new(policy.gate, client.is_some()), record, client, now, answer)?;
        check_hours(policy, record, now, answer)?;
        let origin = self.contacts.campaigns.get(record.campaign_ref);
        let wallet = origin.and_then(|(campaign, _)| self.pool.wallet_number(&campaign.tag));
        // A wallet that is removed cancels what was pending for it.
        let Some(((_, operator), wallet)) = origin.zip(wallet) else {
            return Err(Status::NoSenderAvailable);
        };
        if !self.pool.wallet(wallet).admits(operator) {
            return Err(Status::UnknownOperator);
        }
        let request = SenderRequest { now, wallet, last_sender: record.sender(), operator, failed: &[] };
        let Some(assignment) = choose(&self.pool, policy, &request) else {
            let new_contact = new_contact_retry(&self.pool, policy, &request, retries);
            answer.retry_at = no_sender_until(&rules, &request, record, new_contact, retries);
            return Err(Status::NoSenderAvailable);
        };
        check_hours(policy, record, assignment.send_at, answer)?;
        Ok((assignment, self.window_of(wallet)))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one cycle")]
    fn open_follow_up(
        &mut self,
        now: u64,
        slot: Slot,
        stage: u8,
        left: [bool; 2],
        origin: u64,
        assignment: Assignment,
        window: u64,
    ) -> Outcome {
        // Windows in use were numbered before; there is room for four million of them.
        let Some(window_number) = self.contacts.windows.number(window) else {
            return Outcome::new(Status::NoSenderAvailable);
        };
        self.dispatches += 1;
        let id = CycleId::of_dispatch(self.dispatches);
        let new = NewCycle { id, t0: assignment.send_at, window_number, stage };
        let before = *self.contacts.phones.at(slot);
        if let Some(failed) = before.cycle_id().filter(|_| before.has_failures()) {
            self.contacts.failures.remove(&failed);
        }
        self.contacts.drop_override(slot);
        // Client, campaign, operator and idempotency key are those of the dispatch that is followed up.
        self.contacts.edit_phone(slot, |record| {
            record.open_cycle(new, assignment.sender, before.id_message(), left);
            record.set_client(before.client());
            record.campaign_ref = before.campaign_ref;
        });
        if left != [false, false] {
            self.contacts.set_override(slot, FollowUpOverride { due: assignment.send_at + window, origin });
        }
        if let Some(client) = before.client().filter(|_| Scope::new(self.policy.gate, true).client) {
            let (now, retention) = (now, self.policy.retention_ms);
            self.contacts.edit_client(client, |record| {
                *record = record.as_of(now, retention);
                record.open(new, Some(assignment.sender));
            });
        }
        self.start(now, slot, assignment, window, left != [false, false]);
        let to = before.current_address();
        accepted(self.dispatches, assignment, to, window, stage)
    }

    /// A wallet is gone: nothing of it follows any more.
    pub(crate) fn cancel_follow_ups_of(&mut self, tag: &str) {
        let of_wallet = |record: &PhoneRecord| {
            record.has_pending()
                && self
                    .contacts
                    .campaigns
                    .get(record.campaign_ref)
                    .is_some_and(|(campaign, _)| &*campaign.tag == tag)
        };
        let pending = self.contacts.phones.iter().filter(|(_, record)| of_wallet(record));
        let slots: Vec<Slot> = pending.map(|(slot, _)| slot).collect();
        for slot in slots {
            self.contacts.cancel_follow_ups(slot);
        }
    }
}

/// Of the stages pending, the one that goes out next, and those that are left then.
pub(crate) const fn next_stage(pending: [bool; 2]) -> (u8, [bool; 2]) {
    match pending {
        [true, last] => (1, [false, last]),
        [false, _] => (2, [false, false]),
    }
}
