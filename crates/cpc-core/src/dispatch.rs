//! Batches: every message decided in order, each seeing the ones before it.
//!
//! [RULES §4](crate#4-dispatch). Refusing one message never disturbs another. While one is decided, the records
//! of those some places ahead are read, so that the memory look-ups of many messages overlap: one at a time,
//! each would wait for the one before it.

use crate::allocation::{Choice, Room};
use crate::command::{Batch, Message};
use crate::contact::PhoneRecord;
use crate::decision::{BatchContext, Decision, Desk, Facts, Scope, accepted, decide};
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::Refusal;
use crate::outcome::{Applied, Outcome};
use crate::packed::{CycleId, NewCycle, SMALL_LIMIT};
use crate::phone::{ContactKey, Phone};
use crate::policy::Profile;
use crate::status::Status;
use crate::table::Slot;
use crate::text::{MAX_CAMPAIGN, MAX_ID, is_name, trimmed};
use crate::time::Timestamp;
use alloc::vec::Vec;

/// How far ahead the index is read, and the record.
const INDEX_AHEAD: usize = 32;
const RECORD_AHEAD: usize = 16;

/// A phone that was read, whose it is, and the hash of that.
type Read = Option<(Phone, ContactKey, u64)>;

impl Engine {
    /// Decides a batch: exactly one outcome a message, in order ([RULES §4](crate#4-dispatch)). `outcomes` is
    /// cleared first. The same as [`apply`](Self::apply) with [`Command::Dispatch`](crate::Command::Dispatch).
    ///
    /// # Errors
    /// A [`Refusal`] of the whole batch; then nothing has changed.
    pub fn dispatch(
        &mut self,
        at: i64,
        batch: &Batch<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Applied, Refusal> {
        outcomes.clear();
        let now = self.effective(at)?;
        let mut context = self.open_batch(now, batch)?;
        let window_number = self.contacts.windows.number(context.window);
        let window_number =
            window_number.ok_or(Refusal::TooMany { what: "windowMs", max: u64::from(SMALL_LIMIT) })?;
        // From here it must succeed.
        self.enter(now);
        if batch.atomic && !Draft::new(self, context.clone()).run(outcomes) {
            refuse_all(outcomes);
            return Ok(self.leave());
        }
        outcomes.clear();
        outcomes.reserve(batch.messages.len());
        context.items = core::mem::take(&mut self.items);
        context.items.clear();
        self.decide_all(&mut context, window_number, outcomes);
        self.items = context.items;
        Ok(self.leave())
    }

    /// What [`dispatch`](Self::dispatch) would answer. Changes nothing; allocates.
    ///
    /// # Errors
    /// A [`Refusal`] of the whole batch.
    pub fn preview(
        &self,
        at: i64,
        batch: &Batch<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Timestamp, Refusal> {
        outcomes.clear();
        let now = self.later(at)?;
        let context = self.open_batch(now, batch)?;
        if !Draft::new(self, context).run(outcomes) && batch.atomic {
            refuse_all(outcomes);
        }
        Ok(Timestamp::from_millis(now))
    }

    /// As [`preview`](Self::preview), whatever the profile requires.
    pub(crate) fn hypothetical_batch(
        &self,
        now: u64,
        batch: &Batch<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Refusal> {
        let lenient = self.open_batch_of(now, batch, Profile::Standard)?;
        Draft::new(self, lenient).run(outcomes);
        Ok(())
    }

    /// Checks what a batch as a whole can be refused for.
    fn open_batch<'a>(&self, now: u64, batch: &'a Batch<'a>) -> Result<BatchContext<'a>, Refusal> {
        self.open_batch_of(now, batch, self.policy.profile)
    }

    fn open_batch_of<'a>(
        &self,
        now: u64,
        batch: &'a Batch<'a>,
        profile: Profile,
    ) -> Result<BatchContext<'a>, Refusal> {
        let invalid = |field| Err(Refusal::InvalidField { field });
        if !is_name(batch.campaign, MAX_CAMPAIGN) {
            return invalid("campaign");
        }
        let account_missing = profile == Profile::Strict && batch.id_account.is_empty();
        if batch.id_account.len() > MAX_ID || account_missing {
            return invalid("idAccount");
        }
        if !is_name(batch.tag, MAX_ID) {
            return invalid("tag");
        }
        let wallet = self.fleet.wallet_number(batch.tag).ok_or(Refusal::UnknownWallet)?;
        if batch.messages.is_empty() {
            return Err(Refusal::EmptyBatch);
        }
        if batch.messages.len() as u64 > self.policy.max_batch {
            return Err(Refusal::BatchTooLarge { max: self.policy.max_batch });
        }
        let mut context = BatchContext {
            now,
            batch,
            profile,
            wallet,
            window: self.window_of(wallet),
            made_before: self.dispatches,
            campaign: None,
            items: Vec::new(),
            stranger_retry: None,
            room: Room::default(),
        };
        context.campaign = self.contacts.origins.campaign(&context.name());
        Ok(context)
    }

    /// The window of a wallet's new cycles.
    pub(crate) fn window_of(&self, wallet: u32) -> u64 {
        self.fleet.wallet(wallet).window.unwrap_or(self.policy.window_ms)
    }

    fn decide_all<'a>(
        &mut self,
        context: &mut BatchContext<'a>,
        window_number: u32,
        outcomes: &mut Vec<Outcome>,
    ) {
        let messages = context.batch.messages;
        let mut ahead: [Read; INDEX_AHEAD] = [None; INDEX_AHEAD];
        for step in 0..messages.len() + INDEX_AHEAD {
            let read = messages.get(step).and_then(|message| self.read_ahead(message));
            let place = ahead.get_mut(step % INDEX_AHEAD);
            let now_due = place.map(|place| core::mem::replace(place, read)).unwrap_or_default();
            if let Some(Some((_, _, hash))) = ahead.get((step + RECORD_AHEAD) % INDEX_AHEAD) {
                self.contacts.phones.touch_record(*hash);
            }
            let item = step.checked_sub(INDEX_AHEAD);
            if let Some((item, message)) = item.and_then(|item| Some((item, messages.get(item)?))) {
                outcomes.push(self.decide_one(context, window_number, item, message, now_due));
            }
        }
    }

    fn read_ahead(&self, message: &Message<'_>) -> Read {
        let phone = Phone::parse(message.phone, &self.policy.countries).ok()?;
        let key = phone.key();
        let hash = self.contacts.phone_hash(key.as_u64());
        self.contacts.phones.touch_index(hash);
        Some((phone, key, hash))
    }

    fn decide_one<'a>(
        &mut self,
        context: &mut BatchContext<'a>,
        window_number: u32,
        item: usize,
        message: &Message<'a>,
        read: Read,
    ) -> Outcome {
        let Some((phone, key, hash)) = read else { return Outcome::new(Status::InvalidPhone) };
        let (now, retention) = (context.now, self.policy.retention_ms);
        loop {
            let slot = self.contacts.phones.find(hash, |record| record.key() == key.as_u64());
            let record = self.contacts.phone_at(slot, key, now, retention);
            let facts = self.facts(context, message, record);
            let desk = self.desk(&self.fleet);
            let room = self.policy.max_contacts.saturating_sub(self.contacts.known());
            match decide(&desk, context, message, &facts, |new| new <= room) {
                Ok(decision) => {
                    context.accepted(item);
                    return self.accept(context, window_number, message, phone, slot, &decision);
                }
                // Contacts that have lapsed do not count, but may still be in memory.
                Err(outcome) if outcome.status == Status::ContactsFull && self.reclaim(now) => {}
                Err(outcome) => return outcome,
            }
        }
    }

    fn facts<'a>(&self, context: &BatchContext<'_>, message: &Message<'a>, phone: PhoneRecord) -> Facts<'a> {
        let id = Some(trimmed(message.client_id)).filter(|id| !id.is_empty() && id.len() <= MAX_ID);
        let client = id.map(|id| (id, self.contacts.client(id, context.now, self.policy.retention_ms)));
        let campaign = self.contacts.origins.campaign_of(phone.origin);
        Facts { phone, client, same_campaign: campaign.is_some() && campaign == context.campaign }
    }

    /// Opens the cycle of an accepted message.
    fn accept(
        &mut self,
        context: &mut BatchContext<'_>,
        window_number: u32,
        message: &Message<'_>,
        phone: Phone,
        slot: Option<Slot>,
        decision: &Decision,
    ) -> Outcome {
        let (now, retention, choice) = (context.now, self.policy.retention_ms, decision.choice);
        self.dispatches += 1;
        let id = CycleId::of_dispatch(self.dispatches);
        let new = NewCycle { id, t0: choice.send_at, window_number, stage: 0 };
        let client_id = trimmed(message.client_id);
        let client = (!client_id.is_empty()).then(|| self.contacts.admit_client(client_id, now, retention));
        let origin = self.acquire_origin(context, message.specialist_code);
        let slot = match slot {
            // In memory and not lapsed: the usual case of a contact that is known.
            Some(slot) if self.contacts.phones.at(slot).lapses_at(retention).is_some_and(|at| now < at) => {
                slot
            }
            _ => self.contacts.admit_phone(phone.key(), now, retention),
        };
        if let Some(client) = client {
            self.contacts.clients.at_mut(client).add_reference();
        }
        self.contacts.release_references(slot);
        let posted = phone.has_ninth_digit();
        let to = self.contacts.edit_phone(slot, |record| {
            record.open(new);
            record.set_sender(Some(choice.sender));
            record.set_posted_with_ninth_digit(posted);
            record.set_id_message(decision.id_message);
            record.set_pending(decision.pending);
            record.set_client(client);
            record.origin = origin;
            record.address(posted)
        });
        if let Some(client) = client.filter(|_| Scope::new(self.policy.gate, true).client) {
            self.contacts.edit_client(client, |record| record.open(new, Some(choice.sender)));
        }
        self.start(now, slot, choice, context.window);
        let outcome = accepted(self.dispatches, choice, to, context.window, 0);
        Outcome { empty_template: decision.empty_template, ..outcome }
    }

    /// What the engine's own decisions are made with, or those of another roster.
    pub(crate) const fn desk<'a, R>(&'a self, roster: &'a R) -> Desk<'a, R> {
        Desk { policy: &self.policy, contacts: &self.contacts, windows: &self.contacts.windows, roster }
    }

    /// The origin of a message of this batch. Messages of one operator usually stand together.
    fn acquire_origin(&mut self, context: &mut BatchContext<'_>, operator: &str) -> u32 {
        // The batch's last accepted message, the one before this, still names its origin.
        let origin = match self.last_origin.filter(|_| context.items.len() > 1) {
            Some(origin) if self.contacts.origins.get(origin).is_some_and(|(_, last)| last == operator) => {
                self.contacts.origins.share(origin);
                origin
            }
            _ => self.contacts.origins.acquire(&context.name(), operator),
        };
        self.last_origin = Some(origin);
        context.campaign = self.contacts.origins.campaign_of(origin);
        origin
    }

    /// What every new cycle leads to, besides its records: usage, deadlines, and a place in the journal.
    pub(crate) fn start(&mut self, now: u64, slot: Slot, choice: Choice, window: u64) {
        self.fleet.allocate(choice.sender, now, choice.send_at);
        self.journal.push(self.dispatches, slot, choice.send_at);
        self.agenda.cycle_ends(choice.send_at + window, slot);
        if self.contacts.phones.at(slot).has_pending() {
            self.agenda.follow_up_due(choice.send_at + window, slot);
        }
    }
}

/// One message of an atomic batch was refused: the others are not attempted.
fn refuse_all(outcomes: &mut [Outcome]) {
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.status.is_success()) {
        *outcome = Outcome::new(Status::NotAttempted);
    }
}
