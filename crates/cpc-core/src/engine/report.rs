//! What became of dispatches, and what that changes.
//!
//! [RULES §7](crate::rules#7-delivery-reports). A message that certainly did not arrive gives its contact back, one that
//! perhaps arrived does not. If the sender is to blame, another one sends the same dispatch.

use crate::command::{Delivery, Fault, Report, SenderState};
use crate::contacts::phone_record::PhoneRecord;
use crate::contacts::sharded_table::Slot;
use crate::cycle::{Event, Phase};
use crate::engine::state::Engine;
use crate::error::CommandError;
use crate::outcome::{Outcome, Receipt};
use crate::rules::decide::accepted;
use crate::rules::sender_choice::{SenderRequest, choose};
use crate::status::Status;
use crate::time::Timestamp;
use alloc::vec::Vec;

impl Engine {
    pub(crate) fn report(
        &mut self,
        at: Timestamp,
        report: &Report<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        let now = self.checked_effective_time(at)?;
        // From here it must succeed.
        self.begin(now);
        let outcome = if report.dispatch == 0 || report.dispatch > self.dispatches {
            Outcome::new(Status::UnknownDispatch)
        } else {
            match self.reported(now, report) {
                Some(slot) => self.take_report(now, slot, report.status),
                None => Outcome::new(Status::StaleReport),
            }
        };
        outcomes.push(outcome);
        Ok(self.commit())
    }

    /// Whether a report would be believed at `at` ([RULES §7.6](crate::rules#7-delivery-reports)): one that is stale, or of a
    /// dispatch that was never made, should move a host as little as it moves the engine.
    ///
    /// # Errors
    /// [`CommandError::TimestampOutOfRange`].
    ///
    /// ```
    /// # use cpc_core::*;
    /// # let mut engine = Engine::new(Policy::default());
    /// # let now = Timestamp::from(1_795_436_400_000);
    /// # let senders = [SenderSetup::new("5514990000001")];
    /// # engine.apply_to_vec(now, &Command::Wallet(WalletSetup::new("emp1", &senders)))?;
    /// # let messages = [Message::new("5511988876204", "admin").main_template("Olá!").retry_template("Oi?")];
    /// # let batch = Batch::new("teste", "emp1", &messages);
    /// # engine.dispatch(now, &batch, &mut Vec::new())?;
    /// let report = Report { dispatch: 1, status: Delivery::Delivered, sender: None };
    /// assert!(engine.accepts_report(now, &report)?);
    /// assert!(!engine.accepts_report(now, &Report { dispatch: 2, ..report })?, "never dispatched");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn accepts_report(
        &self,
        at: impl Into<Timestamp>,
        report: &Report<'_>,
    ) -> Result<bool, CommandError> {
        let now = self.effective_time(at)?;
        Ok(self.reported(now, report).is_some())
    }

    /// The report deadline of a dispatch that goes out at `t0`: from then on, no report of it is accepted
    /// ([RULES §7.6](crate::rules#7-delivery-reports)).
    ///
    /// ```
    /// use cpc_core::{Engine, Policy};
    ///
    /// let engine = Engine::new(Policy::default());
    /// let deadline = engine.report_deadline(1_795_435_200_000);
    /// // 48 h, unless the policy says otherwise.
    /// assert_eq!(deadline.as_millis(), 1_795_435_200_000 + 48 * 3_600_000);
    /// assert_eq!(engine.reportable_since(deadline).as_millis(), 1_795_435_200_000);
    /// ```
    #[must_use]
    pub fn report_deadline(&self, t0: impl Into<Timestamp>) -> Timestamp {
        Timestamp::from_millis(t0.into().as_millis().saturating_add(self.policy.report_ttl_ms))
    }

    /// The `t0` of the dispatches whose report deadline is `now`: that of earlier ones is past.
    #[must_use]
    pub fn reportable_since(&self, now: impl Into<Timestamp>) -> Timestamp {
        Timestamp::from_millis(now.into().as_millis().saturating_sub(self.policy.report_ttl_ms))
    }

    /// The phone whose last cycle a report is about, if the report is to be believed.
    fn reported(&self, now: u64, report: &Report<'_>) -> Option<Slot> {
        let slot = self.dispatch_index.slot(report.dispatch)?;
        let record = self.contacts.phones.at(slot).as_of(now, self.policy.retention_ms);
        let cycle = record.cycle(&self.contacts.windows)?;
        let is_last = record.cycle_id()?.dispatch() == Some(report.dispatch);
        let in_time = now < self.report_deadline(Timestamp::from_millis(cycle.t0)).as_millis();
        let named = report.sender.filter(|id| !id.is_empty());
        let by_its_sender =
            named.is_none_or(|id| record.sender().is_some_and(|sender| *self.pool.sender(sender).id == *id));
        let may_fail = cycle.phase == Phase::Open && !record.delivered();
        let possible = may_fail || !matches!(report.status, Delivery::Failed(_));
        (is_last && in_time && by_its_sender && possible).then_some(slot)
    }

    fn take_report(&mut self, now: u64, slot: Slot, status: Delivery) -> Outcome {
        match status {
            Delivery::Sent => Outcome::new(Status::Applied),
            Delivery::Delivered | Delivery::Read => {
                self.contacts.phones.at_mut(slot).set_delivered(true);
                Outcome::new(Status::Applied)
            }
            Delivery::Failed(Fault::Ambiguous) => Outcome::new(Status::Kept),
            Delivery::Failed(Fault::Request) => {
                self.take_back_usage(now, slot);
                self.release(slot)
            }
            Delivery::Failed(Fault::Contact) => {
                self.take_back_usage(now, slot);
                self.contacts.cancel_follow_ups(slot);
                self.contacts.phones.at_mut(slot).set_undeliverable(true);
                self.release(slot)
            }
            Delivery::Failed(Fault::Sender) => {
                self.take_back_usage(now, slot);
                self.fail_over(now, slot)
            }
        }
    }

    fn take_back_usage(&mut self, now: u64, slot: Slot) {
        let record = *self.contacts.phones.at(slot);
        if let (Some(sender), Some(cycle)) = (record.sender(), record.cycle(&self.contacts.windows)) {
            self.pool.give_back(sender, now, cycle.t0);
        }
    }

    fn release(&mut self, slot: Slot) -> Outcome {
        if self.contacts.phones.at(slot).stage() == 0 {
            self.contacts.cancel_follow_ups(slot);
        }
        self.change_cycle(slot, Event::Release);
        Outcome::new(Status::Released)
    }

    /// The sender failed: the same dispatch goes out from another, or not at all.
    fn fail_over(&mut self, now: u64, slot: Slot) -> Outcome {
        let record = *self.contacts.phones.at(slot);
        let (Some(failed), Some(id)) = (record.sender(), record.cycle_id()) else {
            return self.release(slot);
        };
        self.quarantine(now, failed);
        let failures = self.contacts.failures.entry(id).or_default();
        failures.push(failed);
        let moves_left = failures.len() as u64 <= self.policy.max_failover;
        self.contacts.phones.at_mut(slot).set_has_failures(true);
        let may_move = moves_left && self.may_still_send(&record, now);
        let Some(assignment) = self.replacement(now, &record).filter(|_| may_move) else {
            return self.release(slot);
        };
        self.change_cycle(slot, Event::Move { t0: assignment.send_at });
        if let Some(client) = self.client_of_cycle(&record) {
            self.contacts.clients.at_mut(client).set_sender(Some(assignment.sender));
        }
        let moved = self.contacts.phones.at_mut(slot);
        moved.set_sender(Some(assignment.sender));
        moved.set_listed(false);
        self.pool.allocate(assignment.sender, now, assignment.send_at);
        self.resume(slot, assignment.send_at);
        let window = record.cycle(&self.contacts.windows).map_or(0, |cycle| cycle.window);
        let to = record.current_address();
        // The caller named the dispatch.
        Outcome { status: Status::Moved, stage: None, ..accepted(0, assignment, to, window, 0) }
    }

    /// Another sender for a dispatch, never one that has failed it.
    fn replacement(&self, now: u64, record: &PhoneRecord) -> Option<crate::rules::sender_choice::Assignment> {
        let (campaign, operator) = self.contacts.campaigns.get(record.campaign_ref)?;
        let wallet = self.pool.wallet_number(&campaign.tag)?;
        let failed = self.contacts.failures.get(&record.cycle_id()?)?;
        let request = SenderRequest { now, wallet, last_sender: record.sender(), operator, failed };
        choose(&self.pool, &self.policy, &request)
    }

    /// A moved dispatch ends later, and so do its follow-ups become due later.
    fn resume(&mut self, slot: Slot, t0: u64) {
        let record = *self.contacts.phones.at(slot);
        let Some(cycle) = record.cycle(&self.contacts.windows) else { return };
        if let Some(dispatch) = record.cycle_id().and_then(|id| id.dispatch()) {
            self.dispatch_index.moved(dispatch, t0);
        }
        self.timers.cycle_ends(cycle.end(), slot);
        if record.has_pending() {
            if let Some(follow_up_override) = self.contacts.follow_up_override(&record) {
                let due = cycle.end();
                self.contacts.set_override(
                    slot,
                    crate::contacts::store::FollowUpOverride { due, ..follow_up_override },
                );
            }
            self.timers.follow_up_due(cycle.end(), slot);
        }
    }

    fn quarantine(&mut self, now: u64, sender: u32) {
        let until = now + self.policy.sender_hold_ms;
        let member = self.pool.sender_mut(sender);
        // One that was removed is ready when it comes back.
        let is_member = member.wallet.is_some();
        if is_member && matches!(member.state_at(now).0, SenderState::Ready | SenderState::Quarantined) {
            member.set_state(SenderState::Quarantined, Some(until));
            self.pool.refresh(sender, now);
        }
    }
}
