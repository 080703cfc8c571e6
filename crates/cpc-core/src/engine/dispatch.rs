//! Batches: every message decided in order, each seeing the ones before it.
//!
//! [RULES §4](crate::rules#4-dispatch). Refusing one message never disturbs another. Before some are decided, what is
//! known of their contacts is read, step by step for all of them, so that their memory look-ups overlap: one at a
//! time, each would wait for the one before it.

use crate::command::{Batch, Message};
use crate::contacts::lookup::ContactLookup;
use crate::contacts::packed::{CycleId, LOW_BITS_LIMIT, NewCycle};
use crate::contacts::sharded_table::Slot;
use crate::engine::preview::PreviewOverlay;
use crate::engine::state::Engine;
use crate::error::CommandError;
use crate::outcome::{Outcome, Receipt};
use crate::policy::Profile;
use crate::rules::decide::{BatchContext, ContactState, Decision, RuleContext, Scope, accepted, decide};
use crate::rules::sender_choice::{Assignment, RetryCache};
use crate::status::Status;
use crate::text::{MAX_CAMPAIGN, MAX_ID, is_name};
use crate::time::Timestamp;
use alloc::vec::Vec;

/// How many messages are looked up together. A processor has some ten look-ups under way at a time; what the
/// first of these many bring must still be near when the last is decided.
const LOOKUP_BATCH: usize = 64;

/// Where the records of an accepted message are, or `None` if they must be inserted.
struct Place<'a> {
    lookup: &'a ContactLookup,
    slot: Option<Slot>,
    client: Option<(Option<Slot>, &'a str)>,
}

impl Engine {
    /// Decides a batch: exactly one outcome a message, in order ([RULES §4](crate::rules#4-dispatch)). `outcomes` is
    /// cleared first. The same as [`apply`](Self::apply) with [`Command::Dispatch`](crate::Command::Dispatch).
    ///
    /// # Errors
    /// A [`CommandError`] of the whole batch; then nothing has changed.
    ///
    /// ```
    /// # use cpc_core::*;
    /// # let mut engine = Engine::new(Policy::default());
    /// # let now = Timestamp::from(1_795_436_400_000);
    /// # let senders = [SenderSetup::new("5514990000001")];
    /// # engine.apply_to_vec(now, &Command::Wallet(WalletSetup::new("emp1", &senders)))?;
    /// # let messages = [Message::new("5511988876204", "admin").main_template("Olá!").retry_template("Oi?")];
    /// # let batch = Batch::new("teste", "emp1", &messages);
    /// let mut outcomes = Vec::new();
    /// engine.dispatch(now, &batch, &mut outcomes)?;
    /// assert_eq!(outcomes[0].status, Status::Accepted);
    /// assert_eq!(outcomes[0].sender.map(|sender| engine.sender_id(sender)), Some("5514990000001"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn dispatch(
        &mut self,
        at: impl Into<Timestamp>,
        batch: &Batch<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        self.dispatch_at(at.into(), batch, outcomes)
    }

    /// [`dispatch`](Self::dispatch) compiled here, once, and not in every crate that calls it.
    pub(crate) fn dispatch_at(
        &mut self,
        at: Timestamp,
        batch: &Batch<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        outcomes.clear();
        let now = self.checked_effective_time(at)?;
        let mut context = self.open_batch(now, batch)?;
        let window_number = self.contacts.windows.number(context.window);
        let window_number = window_number
            .ok_or(CommandError::TooMany { what: "windowMs", max: u64::from(LOW_BITS_LIMIT) })?;
        // From here it must succeed.
        self.begin(now);
        if batch.atomic && !PreviewOverlay::new(self, context.clone()).run(outcomes) {
            refuse_all(outcomes);
            return Ok(self.commit());
        }
        context.items = core::mem::take(&mut self.items);
        context.items.clear();
        self.decide_all(&mut context, window_number, outcomes);
        self.items = context.items;
        Ok(self.commit())
    }

    /// What [`dispatch`](Self::dispatch) would answer. Changes nothing; allocates.
    ///
    /// # Errors
    /// A [`CommandError`] of the whole batch.
    ///
    /// ```
    /// # use cpc_core::*;
    /// # let mut engine = Engine::new(Policy::default());
    /// # let now = Timestamp::from(1_795_436_400_000);
    /// # let senders = [SenderSetup::new("5514990000001")];
    /// # engine.apply_to_vec(now, &Command::Wallet(WalletSetup::new("emp1", &senders)))?;
    /// # let messages = [Message::new("5511988876204", "admin").main_template("Olá!").retry_template("Oi?")];
    /// # let batch = Batch::new("teste", "emp1", &messages);
    /// let mut outcomes = Vec::new();
    /// engine.preview(now, &batch, &mut outcomes)?;
    /// assert_eq!((outcomes[0].status, engine.stats(now)?.1.dispatches), (Status::Accepted, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn preview(
        &self,
        at: impl Into<Timestamp>,
        batch: &Batch<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Timestamp, CommandError> {
        outcomes.clear();
        let now = self.effective_time(at)?;
        self.preview_as_of(now, batch, outcomes)?;
        Ok(Timestamp::from_millis(now))
    }

    fn preview_as_of(
        &self,
        now: u64,
        batch: &Batch<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), CommandError> {
        let context = self.open_batch(now, batch)?;
        if !PreviewOverlay::new(self, context).run(outcomes) && batch.atomic {
            refuse_all(outcomes);
        }
        Ok(())
    }

    /// As [`preview`](Self::preview), whatever the profile requires.
    pub(crate) fn hypothetical_batch(
        &self,
        now: u64,
        batch: &Batch<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), CommandError> {
        let lenient = self.open_batch_of(now, batch, Profile::Standard)?;
        PreviewOverlay::new(self, lenient).run(outcomes);
        Ok(())
    }

    /// Checks what a batch as a whole can be refused for.
    fn open_batch<'a>(&self, now: u64, batch: &'a Batch<'a>) -> Result<BatchContext<'a>, CommandError> {
        self.open_batch_of(now, batch, self.policy.profile)
    }

    fn open_batch_of<'a>(
        &self,
        now: u64,
        batch: &'a Batch<'a>,
        profile: Profile,
    ) -> Result<BatchContext<'a>, CommandError> {
        let invalid = |field| Err(CommandError::InvalidField { field });
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
        let wallet = self.pool.wallet_number(batch.tag).ok_or(CommandError::UnknownWallet)?;
        if batch.messages.is_empty() {
            return Err(CommandError::EmptyBatch);
        }
        if batch.messages.len() as u64 > self.policy.max_batch {
            return Err(CommandError::BatchTooLarge { field: "messages", max: self.policy.max_batch });
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
            new_contact_retry: None,
            retries: RetryCache::default(),
        };
        context.campaign = self.contacts.campaigns.campaign(&context.name());
        Ok(context)
    }

    /// The window of a wallet's new cycles.
    pub(crate) fn window_of(&self, wallet: u32) -> u64 {
        self.pool.wallet(wallet).window.unwrap_or(self.policy.window_ms)
    }

    fn decide_all<'a>(
        &mut self,
        context: &mut BatchContext<'a>,
        window_number: u32,
        outcomes: &mut Vec<Outcome>,
    ) {
        outcomes.clear();
        outcomes.reserve(context.batch.messages.len());
        let mut lookups = core::mem::take(&mut self.lookups);
        for messages in context.batch.messages.chunks(LOOKUP_BATCH) {
            self.contacts.prefetch(messages, &self.policy.countries, &mut lookups);
            let first = outcomes.len();
            outcomes.resize(first + messages.len(), Outcome::new(Status::InvalidPhone));
            let answers = outcomes.iter_mut().skip(first);
            let items = messages.iter().zip(answers).zip(&lookups).zip(first..);
            for (((message, answer), lookup), item) in items {
                if let Some(lookup) = lookup {
                    self.decide_one(context, window_number, item, message, lookup, answer);
                }
            }
        }
        self.lookups = lookups;
    }

    #[inline(always)]
    fn decide_one<'a>(
        &mut self,
        context: &mut BatchContext<'a>,
        window_number: u32,
        item: usize,
        message: &Message<'a>,
        lookup: &ContactLookup,
        answer: &mut Outcome,
    ) {
        let (now, retention) = (context.now, self.policy.retention_ms);
        loop {
            let contacts = &self.contacts;
            let found = contacts.find_hinted(lookup.slot, lookup.hash, lookup.key);
            let bare;
            let phone = match found {
                Some((_, record)) if record.is_retained(now, retention) => record,
                _ => {
                    bare = contacts.suppression_only(found.map(|(_, record)| record), lookup.key);
                    &bare
                }
            };
            let client = lookup.client_hash.zip(message.client());
            let client = client.map(|(hash, id)| contacts.find_client_hinted(lookup.client_slot, hash, id));
            let record = client.map(|(slot, id)| contacts.client_at(slot, id, now, retention));
            let contact = ContactState { phone, client: record.as_ref(), is_drafted: false };
            let room = self.policy.max_contacts.saturating_sub(contacts.known());
            match decide(
                &self.rule_context(&self.pool),
                context,
                message,
                &contact,
                |new| new <= room,
                answer,
            ) {
                Ok(decision) => {
                    let place = Place { lookup, slot: found.map(|(slot, _)| slot), client };
                    return self.accept(context, window_number, item, message, &place, &decision, answer);
                }
                // Contacts that have lapsed do not count, but may still be in memory.
                Err(Status::ContactsFull) if self.evict_expired(now) => {}
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
        let (now, retention, assignment) = (context.now, self.policy.retention_ms, decision.assignment);
        self.dispatches += 1;
        let id = CycleId::of_dispatch(self.dispatches);
        let new = NewCycle { id, t0: assignment.send_at, window_number, stage: 0 };
        let client = place
            .client
            .zip(place.lookup.client_hash)
            .map(|((slot, id), hash)| self.contacts.get_or_insert_client_at(slot, hash, id, now, retention));
        let campaign_ref = self.acquire_campaign_ref(context, message.specialist_code);
        let ContactLookup { phone, key, hash, .. } = *place.lookup;
        let slot = self.contacts.get_or_insert_phone_at(place.slot, hash, key, now, retention);
        if let Some(client) = client {
            self.contacts.clients.at_mut(client).add_reference();
        }
        if place.slot.is_some() {
            self.contacts.release_references(slot);
        }
        let to = self.contacts.edit_phone(slot, |record| {
            record.open_cycle(new, assignment.sender, decision.id_message, decision.pending);
            record.set_client(client);
            record.campaign_ref = campaign_ref;
            record.post_to(phone)
        });
        if let Some(client) = client.filter(|_| Scope::new(self.policy.gate, true).client) {
            self.contacts.edit_client(client, |record| record.open(new, Some(assignment.sender)));
        }
        self.start(now, slot, assignment, context.window, decision.pending != [false, false]);
        *answer = accepted(self.dispatches, assignment, Some(to), context.window, 0);
        answer.empty_template = decision.empty_template;
    }

    /// What the engine's own decisions are made with, or those of another view.
    pub(crate) const fn rule_context<'a, R>(&'a self, view: &'a R) -> RuleContext<'a, R> {
        RuleContext { policy: &self.policy, contacts: &self.contacts, windows: &self.contacts.windows, view }
    }

    /// The campaign that a message of this batch refers to. Messages of one operator usually stand together.
    fn acquire_campaign_ref(&mut self, context: &mut BatchContext<'_>, operator: &str) -> u32 {
        // The batch's last accepted message, the one before this, still refers to its campaign.
        if let Some(campaign_ref) = self.last_campaign_ref.filter(|_| context.items.len() > 1)
            && self.contacts.campaigns.share_if_of(campaign_ref, operator)
        {
            return campaign_ref;
        }
        let campaign_ref = self.contacts.campaigns.acquire(&context.name(), operator);
        self.last_campaign_ref = Some(campaign_ref);
        context.campaign = self.contacts.campaigns.campaign_of(campaign_ref);
        campaign_ref
    }

    /// What every new cycle leads to, besides its records: usage, deadlines, and a place in the index of dispatches.
    pub(crate) fn start(
        &mut self,
        now: u64,
        slot: Slot,
        assignment: Assignment,
        window: u64,
        has_pending: bool,
    ) {
        self.pool.allocate(assignment.sender, now, assignment.send_at);
        self.dispatch_index.push(self.dispatches, slot, assignment.send_at);
        self.timers.cycle_ends(assignment.send_at + window, slot);
        if has_pending {
            self.timers.follow_up_due(assignment.send_at + window, slot);
        }
    }
}

/// One message of an atomic batch was refused: the others are not attempted.
fn refuse_all(outcomes: &mut [Outcome]) {
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.status.is_success()) {
        *outcome = Outcome::new(Status::NotAttempted);
    }
}
