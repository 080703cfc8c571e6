//! Batches: every message decided in order, each seeing the ones before it.
//!
//! [RULES §4](crate#4-dispatch). Refusing one message never disturbs another. Before some are decided, what is
//! known of their contacts is read, step by step for all of them, so that their memory look-ups overlap: one at a
//! time, each would wait for the one before it.

use crate::command::{Batch, Message};
use crate::contacts::packed::{CycleId, NewCycle, SMALL_LIMIT};
use crate::contacts::sharded_table::Slot;
use crate::contacts::store::Contacts;
use crate::engine::preview::Draft;
use crate::engine::state::Engine;
use crate::error::Refusal;
use crate::outcome::{Applied, Outcome};
use crate::phone::{ContactKey, Phone};
use crate::policy::Profile;
use crate::rules::decide::{BatchContext, Decision, Desk, Facts, Scope, accepted, decide};
use crate::rules::sender_choice::{Choice, Room};
use crate::status::Status;
use crate::text::{MAX_CAMPAIGN, MAX_ID, is_name, trimmed};
use crate::time::Timestamp;
use alloc::vec::Vec;
use core::hint::black_box;

/// How many messages are looked up together. A processor has some ten look-ups under way at a time; what the
/// first of these many bring must still be near when the last is decided.
const TOGETHER: usize = 64;

/// Whom a message is for, and where that is in memory, as far as a glance can tell.
#[derive(Clone, Copy)]
pub(crate) struct Glance {
    phone: Phone,
    key: ContactKey,
    hash: u64,
    slot: Option<Slot>,
    client_hash: Option<u64>,
    client_slot: Option<Slot>,
}

/// Whom an accepted message is for, and where that is in memory, if it is.
struct Place<'a> {
    glance: &'a Glance,
    slot: Option<Slot>,
    client: Option<(Option<Slot>, &'a str)>,
}

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
            return Err(Refusal::BatchTooLarge { field: "messages", max: self.policy.max_batch });
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
        outcomes.clear();
        outcomes.reserve(context.batch.messages.len());
        let mut glances = core::mem::take(&mut self.glances);
        for messages in context.batch.messages.chunks(TOGETHER) {
            self.glance(messages, &mut glances);
            let first = outcomes.len();
            outcomes.resize(first + messages.len(), Outcome::new(Status::InvalidPhone));
            let answers = outcomes.iter_mut().skip(first);
            let items = messages.iter().zip(answers).zip(&glances).zip(first..);
            for (((message, answer), glance), item) in items {
                if let Some(glance) = glance {
                    self.decide_one(context, window_number, item, message, glance, answer);
                }
            }
        }
        self.glances = glances;
    }

    /// Looks up the contacts of some messages.
    fn glance(&self, messages: &[Message<'_>], glances: &mut Vec<Option<Glance>>) {
        let Contacts { phones, clients, .. } = &self.contacts;
        let mut names_clients = false;
        glances.clear();
        glances.extend(messages.iter().map(|message| {
            let (phone, key) = Phone::read(message.phone, &self.policy.countries).ok()?;
            let hash = self.contacts.phone_hash(key.as_u64());
            let client_hash = client_of(message).map(|id| self.contacts.client_hash(id));
            names_clients |= client_hash.is_some();
            Some(Glance { phone, key, hash, slot: None, client_hash, client_slot: None })
        }));
        for glance in glances.iter().flatten() {
            phones.touch_index(glance.hash);
        }
        for glance in glances.iter_mut().flatten() {
            glance.slot = phones.guess(glance.hash);
        }
        for slot in glances.iter().flatten().filter_map(|glance| glance.slot) {
            phones.touch_record(slot);
        }
        if names_clients {
            for hash in glances.iter().flatten().filter_map(|glance| glance.client_hash) {
                clients.touch_index(hash);
            }
            for glance in glances.iter_mut().flatten() {
                glance.client_slot = glance.client_hash.and_then(|hash| clients.guess(hash));
            }
            for slot in glances.iter().flatten().filter_map(|glance| glance.client_slot) {
                clients.touch_record(slot);
            }
            for slot in glances.iter().flatten().filter_map(|glance| glance.client_slot) {
                black_box(self.contacts.id_of(clients.at(slot)).first().copied());
            }
        }
    }

    #[inline(always)]
    fn decide_one<'a>(
        &mut self,
        context: &mut BatchContext<'a>,
        window_number: u32,
        item: usize,
        message: &Message<'a>,
        glance: &Glance,
        answer: &mut Outcome,
    ) {
        let (now, retention) = (context.now, self.policy.retention_ms);
        loop {
            let contacts = &self.contacts;
            let found = contacts.look_at(glance.slot, glance.hash, glance.key);
            let bare;
            let phone = match found {
                Some((_, record)) if record.is_remembered(now, retention) => record,
                _ => {
                    bare = contacts.bare_phone(found.map(|(_, record)| record), glance.key);
                    &bare
                }
            };
            let client = glance.client_hash.zip(client_of(message));
            let client = client.map(|(hash, id)| contacts.look_at_client(glance.client_slot, hash, id));
            let record = client.map(|(slot, id)| contacts.client_at(slot, id, now, retention));
            let facts = Facts { phone, client: record.as_ref(), is_drafted: false };
            let room = self.policy.max_contacts.saturating_sub(contacts.known());
            match decide(&self.desk(&self.fleet), context, message, &facts, |new| new <= room, answer) {
                Ok(decision) => {
                    let place = Place { glance, slot: found.map(|(slot, _)| slot), client };
                    return self.accept(context, window_number, item, message, &place, &decision, answer);
                }
                // Contacts that have lapsed do not count, but may still be in memory.
                Err(Status::ContactsFull) if self.reclaim(now) => {}
                Err(status) => {
                    answer.status = status;
                    return;
                }
            }
        }
    }

    /// Opens the cycle of an accepted message.
    #[expect(clippy::too_many_arguments, reason = "the parts of one cycle")]
    #[inline(never)]
    fn accept(
        &mut self,
        context: &mut BatchContext<'_>,
        window_number: u32,
        item: usize,
        message: &Message<'_>,
        place: &Place<'_>,
        decision: &Decision,
        answer: &mut Outcome,
    ) {
        context.accepted(item);
        let (now, retention, choice) = (context.now, self.policy.retention_ms, decision.choice);
        self.dispatches += 1;
        let id = CycleId::of_dispatch(self.dispatches);
        let new = NewCycle { id, t0: choice.send_at, window_number, stage: 0 };
        let client = place
            .client
            .zip(place.glance.client_hash)
            .map(|((slot, id), hash)| self.contacts.admit_client_at(slot, hash, id, now, retention));
        let origin = self.acquire_origin(context, message.specialist_code);
        let Glance { phone, key, hash, .. } = *place.glance;
        let slot = self.contacts.admit_phone_at(place.slot, hash, key, now, retention);
        if let Some(client) = client {
            self.contacts.clients.at_mut(client).add_reference();
        }
        if place.slot.is_some() {
            self.contacts.release_references(slot);
        }
        let has_ninth_digit = phone.digits() != key.as_u64();
        let to = self.contacts.edit_phone(slot, |record| {
            record.open(new);
            record.set_sender(Some(choice.sender));
            record.set_posted_with_ninth_digit(has_ninth_digit);
            record.set_id_message(decision.id_message);
            record.set_pending(decision.pending);
            record.set_client(client);
            record.origin = origin;
            record.address(phone)
        });
        if let Some(client) = client.filter(|_| Scope::new(self.policy.gate, true).client) {
            self.contacts.edit_client(client, |record| record.open(new, Some(choice.sender)));
        }
        self.start(now, slot, choice, context.window, decision.pending != [false, false]);
        *answer = accepted(self.dispatches, choice, Some(to), context.window, 0);
        answer.empty_template = decision.empty_template;
    }

    /// What the engine's own decisions are made with, or those of another roster.
    pub(crate) const fn desk<'a, R>(&'a self, roster: &'a R) -> Desk<'a, R> {
        Desk { policy: &self.policy, contacts: &self.contacts, windows: &self.contacts.windows, roster }
    }

    /// The origin of a message of this batch. Messages of one operator usually stand together.
    fn acquire_origin(&mut self, context: &mut BatchContext<'_>, operator: &str) -> u32 {
        // The batch's last accepted message, the one before this, still names its origin.
        if let Some(origin) = self.last_origin.filter(|_| context.items.len() > 1)
            && self.contacts.origins.share_if_of(origin, operator)
        {
            return origin;
        }
        let origin = self.contacts.origins.acquire(&context.name(), operator);
        self.last_origin = Some(origin);
        context.campaign = self.contacts.origins.campaign_of(origin);
        origin
    }

    /// What every new cycle leads to, besides its records: usage, deadlines, and a place in the journal.
    pub(crate) fn start(&mut self, now: u64, slot: Slot, choice: Choice, window: u64, has_pending: bool) {
        self.fleet.allocate(choice.sender, now, choice.send_at);
        self.journal.push(self.dispatches, slot, choice.send_at);
        self.agenda.cycle_ends(choice.send_at + window, slot);
        if has_pending {
            self.agenda.follow_up_due(choice.send_at + window, slot);
        }
    }
}

/// The client that a message names, if it names one.
#[inline]
pub(crate) fn client_of<'a>(message: &Message<'a>) -> Option<&'a str> {
    Some(trimmed(message.client_id)).filter(|id| !id.is_empty() && id.len() <= MAX_ID)
}

/// One message of an atomic batch was refused: the others are not attempted.
fn refuse_all(outcomes: &mut [Outcome]) {
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.status.is_success()) {
        *outcome = Outcome::new(Status::NotAttempted);
    }
}
