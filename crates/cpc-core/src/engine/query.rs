//! Questions: answered for the later of their time and the clock, and nothing changes.
//!
//! [RULES §1.2](crate::rules#1-time). What depends on time is computed for the question's time, so a question about
//! tomorrow is answered as tomorrow would, if nothing else happened until then.

use crate::command::{Batch, ExplainRequest, Message, Query, Target};
use crate::contacts::packed::CycleId;
use crate::contacts::phone_record::PhoneRecord;
use crate::cycle::GateState;
use crate::engine::contact_events::Contact;
use crate::engine::follow_up::next_stage;
use crate::engine::preview::PreviewPool;
use crate::engine::state::Engine;
use crate::error::{CommandError, check_operator};
use crate::outcome::{Outcome, SenderRef};
use crate::phone::{ContactKey, Phone};
use crate::rules::decide::{check_hours, is_finally_blocked};
use crate::rules::sender_choice::{RetryCache, SenderPoolView, SenderRequest, eligible_from, obstacles};
use crate::senders::pace::send_at;
use crate::senders::pool::Sender;
use crate::status::Status;
use crate::text::{MAX_ID, Text, is_name, trimmed};
use crate::time::Timestamp;
use crate::view::{
    ContactView, Deadlines, DueFollowUp, Explanation, GroupView, Obstacle, Sendable, SenderVerdict,
    SenderView, Stats, Suppression, View, WalletView,
};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU64;
use core::time::Duration;

impl Engine {
    /// Answers a query, and says for when: the later of `at` and the clock.
    ///
    /// # Errors
    /// A [`CommandError`] of the query: what the method that answers this query alone documents. A
    /// [`Query::ContactExplained`] of a phone that is not valid is [`CommandError::InvalidPhone`], whatever else is wrong.
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
    /// let (_, view) = engine.query(now, &Query::Contact(Target::Phone("551188876204")))?;
    /// let View::Contact(contact) = view else { unreachable!() };
    /// assert_eq!(contact.state, GateState::Blocked);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn query(
        &self,
        at: impl Into<Timestamp>,
        query: &Query<'_>,
    ) -> Result<(Timestamp, View), CommandError> {
        self.query_at(at.into(), query)
    }

    /// [`query`](Self::query) compiled here, once, and not in every crate that calls it.
    fn query_at(&self, at: Timestamp, query: &Query<'_>) -> Result<(Timestamp, View), CommandError> {
        Ok(match query {
            Query::Contact(target) => {
                let (now, view) = self.contact(at, *target)?;
                (now, View::Contact(view))
            }
            Query::ContactExplained(request) => {
                self.contact(at, Target::Phone(request.phone))?;
                let (now, explanation) = self.explain(at, request)?;
                (now, View::ContactExplained(Box::new(explanation)))
            }
            Query::Wallet { tag } => {
                let (now, view) = self.wallet(at, tag)?;
                (now, View::Wallet(view))
            }
            Query::Preview(batch) => {
                let mut outcomes = Vec::new();
                let now = self.preview(at, batch, &mut outcomes)?;
                (now, View::Preview(outcomes))
            }
            Query::Explain(request) => {
                let (now, explanation) = self.explain(at, request)?;
                (now, View::Explain(Box::new(explanation)))
            }
            Query::DueFollowUps { limit } => {
                let (now, due) = self.due_follow_ups(at, *limit)?;
                (now, View::DueFollowUps(due))
            }
            Query::Sendable { dispatch, client_id } => {
                let (now, sendable) = self.sendable(at, *dispatch, client_id)?;
                (now, View::Sendable(sendable))
            }
            Query::Deadline => {
                let (now, deadlines) = self.deadlines(at)?;
                (now, View::Deadline(deadlines))
            }
            Query::Digest => {
                let (now, digest) = self.digest_at(at)?;
                (now, View::Digest(digest))
            }
            Query::Stats => {
                let (now, stats) = self.stats(at)?;
                (now, View::Stats(stats))
            }
        })
    }

    /// What is known of a phone or a client.
    ///
    /// # Errors
    /// [`CommandError::InvalidPhone`], [`CommandError::InvalidField`] or [`CommandError::TimestampOutOfRange`].
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
    /// let (_, contact) = engine.contact(now, Target::Phone("+55 11 98887-6204"))?;
    /// assert_eq!(contact.state, GateState::Blocked);
    /// assert_eq!(contact.until, Some(now.plus(std::time::Duration::from_secs(86_400))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn contact(
        &self,
        at: impl Into<Timestamp>,
        target: Target<'_>,
    ) -> Result<(Timestamp, ContactView), CommandError> {
        let now = self.effective_time(at)?;
        Ok((Timestamp::from_millis(now), self.contact_view(now, target)?))
    }

    fn contact_view(&self, now: u64, target: Target<'_>) -> Result<ContactView, CommandError> {
        Ok(match self.read_target(target)? {
            Contact::Phone(key) => self.phone_view(key, now),
            Contact::Client(id) => self.client_view(id, now),
        })
    }

    fn is_finally_blocked(&self, record: &PhoneRecord, now: u64) -> bool {
        is_finally_blocked(&self.rule_context(&self.pool), record, now)
    }

    /// The state of a phone's gate, suppression apart.
    fn cycle_state(&self, record: &PhoneRecord, now: u64) -> GateState {
        if self.is_finally_blocked(record, now) {
            return GateState::Blocked;
        }
        match record.cycle(&self.contacts.windows) {
            Some(cycle) => cycle.state(now),
            None if record.last_reply().is_some() => GateState::Replied,
            None => GateState::Free,
        }
    }

    /// The state of a phone's gate ([RULES §3](crate::rules#3-the-gate)).
    pub(crate) fn phone_state(&self, record: &PhoneRecord, now: u64) -> GateState {
        if record.opted_out() || record.undeliverable() {
            return GateState::Suppressed;
        }
        self.cycle_state(record, now)
    }

    fn phone_view(&self, key: ContactKey, now: u64) -> ContactView {
        let record = self.contacts.phone(key, now, self.policy.retention_ms);
        let cycle = record.cycle(&self.contacts.windows);
        let state = self.phone_state(&record, now);
        let has_end = state == GateState::Blocked && !self.is_finally_blocked(&record, now);
        let ends = cycle.map(|cycle| cycle.end()).filter(|_| has_end);
        let suppression = if record.opted_out() {
            Some(Suppression::OptedOut)
        } else {
            record.undeliverable().then_some(Suppression::Undeliverable)
        };
        ContactView {
            key: Some(key),
            state,
            since: cycle.map(|cycle| Timestamp::from_millis(cycle.t0)),
            until: ends.map(Timestamp::from_millis),
            dispatch: dispatch_number(record.cycle_id()),
            sender: record.sender().map(SenderRef),
            stage: cycle.map(|_| record.stage()),
            last_reply: record.last_reply().map(Timestamp::from_millis),
            pending_stages: self.contacts.pending(&record),
            suppression,
        }
    }

    fn client_view(&self, id: &str, now: u64) -> ContactView {
        let record = self.contacts.client(id, now, self.policy.retention_ms);
        let cycle = record.cycle(&self.contacts.windows);
        let state = match cycle {
            _ if record.opted_out() => GateState::Suppressed,
            Some(cycle) => cycle.state(now),
            None => GateState::Free,
        };
        let end = cycle.map(|cycle| cycle.end()).filter(|_| state == GateState::Blocked);
        ContactView {
            key: None,
            state,
            since: cycle.map(|cycle| Timestamp::from_millis(cycle.t0)),
            until: end.map(Timestamp::from_millis),
            dispatch: dispatch_number(record.cycle_id()),
            sender: record.sender().map(SenderRef),
            stage: cycle.map(|_| record.stage()),
            last_reply: record.last_reply().map(Timestamp::from_millis),
            pending_stages: [false, false],
            suppression: record.opted_out().then_some(Suppression::OptedOut),
        }
    }

    /// When something happens next by itself.
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
    /// let (_, deadlines) = engine.deadlines(now)?;
    /// assert_eq!(deadlines.earliest(), Some(now.plus(std::time::Duration::from_secs(86_400))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deadlines(&self, at: impl Into<Timestamp>) -> Result<(Timestamp, Deadlines), CommandError> {
        let now = self.effective_time(at)?;
        Ok((Timestamp::from_millis(now), self.deadlines_at(now)))
    }

    fn deadlines_at(&self, now: u64) -> Deadlines {
        let retention = self.policy.retention_ms;
        Deadlines {
            follow_up: self.timers.next_due(&self.contacts, now, retention).map(Timestamp::from_millis),
            expiry: self.timers.next_end(&self.contacts, now, retention).map(Timestamp::from_millis),
        }
    }

    /// The earlier of the [`deadlines`](Self::deadlines) as of the clock, at no cost: when to call
    /// `followUps`, and `expire`, next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.clock.and_then(|clock| self.deadlines_at(clock.as_millis()).earliest())
    }

    /// The follow-ups that are due, at most `limit` of them, as `followUps` would take them
    /// ([RULES §6.7](crate::rules#6-follow-ups)). Looks at every contact.
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
    /// let tomorrow = now.plus(std::time::Duration::from_secs(86_400));
    /// let (_, due) = engine.due_follow_ups(tomorrow, 10)?;
    /// assert_eq!((due.len(), due[0].stage), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn due_follow_ups(
        &self,
        at: impl Into<Timestamp>,
        limit: u32,
    ) -> Result<(Timestamp, Vec<DueFollowUp>), CommandError> {
        let now = self.effective_time(at)?;
        Ok((Timestamp::from_millis(now), self.due_at(now, limit)))
    }

    fn due_at(&self, now: u64, limit: u32) -> Vec<DueFollowUp> {
        let retention = self.policy.retention_ms;
        let due = |record: &PhoneRecord| {
            let remembered = record.is_retained(now, retention);
            let due = remembered.then(|| self.contacts.follow_up_due(record, retention))?;
            due.filter(|due| *due <= now)
        };
        let phones = self.contacts.phones.iter();
        let mut found: Vec<_> =
            phones.filter_map(|(_, record)| Some((due(record)?, record.key(), record))).collect();
        found.sort_unstable_by_key(|(due, key, _)| (*due, *key));
        found.truncate(limit as usize);
        found.into_iter().filter_map(|(due, _, record)| self.due_follow_up(due, record)).collect()
    }

    /// What is due to one phone.
    fn due_follow_up(&self, due: u64, record: &PhoneRecord) -> Option<DueFollowUp> {
        let (stage, _) = next_stage(record.pending());
        Some(DueFollowUp {
            phone: record.posted()?,
            stage,
            origin: NonZeroU64::new(self.origin_of(record)),
            due: Timestamp::from_millis(due),
        })
    }

    /// Whether a dispatch may still be sent: a host that sends later than it asked looks again before it does
    /// ([RULES §4.8](crate::rules#4-dispatch)). `client_id` is the message's, empty if it has none: the engine no longer knows
    /// it if the client was forgotten.
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
    /// assert!(engine.sendable(now, 1, "")?.1.is_now());
    /// engine.apply_to_vec(now, &Command::OptOut(Target::Phone("5511988876204")))?;
    /// assert_eq!(engine.sendable(now, 1, "")?.1, Sendable::No);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sendable(
        &self,
        at: impl Into<Timestamp>,
        dispatch: u64,
        client_id: &str,
    ) -> Result<(Timestamp, Sendable), CommandError> {
        let now = self.effective_time(at)?;
        Ok((Timestamp::from_millis(now), self.sendable_at(now, dispatch, client_id)))
    }

    fn sendable_at(&self, now: u64, dispatch: u64, client_id: &str) -> Sendable {
        let client_id = trimmed(client_id);
        let client =
            (!client_id.is_empty()).then(|| self.contacts.client(client_id, now, self.policy.retention_ms));
        let opted_out = client.is_some_and(|client| client.opted_out());
        if opted_out { Sendable::No } else { self.when_sendable(now, dispatch) }
    }

    fn when_sendable(&self, now: u64, dispatch: u64) -> Sendable {
        let record = self.dispatch_index.slot(dispatch).map(|slot| *self.contacts.phones.at(slot));
        let record = record.map(|record| record.as_of(now, self.policy.retention_ms));
        let is_last = |record: &PhoneRecord| record.cycle_id().and_then(CycleId::dispatch) == Some(dispatch);
        let Some(record) = record.filter(is_last) else { return Sendable::No };
        let Some(cycle) = record.cycle(&self.contacts.windows) else { return Sendable::No };
        let deadline = self.report_deadline(Timestamp::from_millis(cycle.t0));
        let end = cycle.end().min(deadline.as_millis());
        if now >= end || cycle.state(now) != GateState::Blocked || !self.may_still_send(&record, now) {
            return Sendable::No;
        }
        let mut answer = Outcome::new(Status::OutOfHours);
        match check_hours(&self.policy, &record, now, &mut answer) {
            Ok(()) => Sendable::Now,
            Err(_) => {
                let opening = answer.retry_at.filter(|opening| opening.as_millis() < end);
                opening.map_or(Sendable::No, Sendable::From)
            }
        }
    }

    /// A wallet with its senders: states, usage and limits.
    ///
    /// # Errors
    /// [`CommandError::UnknownWallet`] or [`CommandError::TimestampOutOfRange`].
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
    /// let (_, wallet) = engine.wallet(now, "emp1")?;
    /// assert_eq!((wallet.senders[0].usage, wallet.senders[0].state), (1, SenderState::Ready));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wallet(
        &self,
        at: impl Into<Timestamp>,
        tag: &str,
    ) -> Result<(Timestamp, WalletView), CommandError> {
        let now = self.effective_time(at)?;
        Ok((Timestamp::from_millis(now), self.wallet_view(now, tag)?))
    }

    fn wallet_view(&self, now: u64, tag: &str) -> Result<WalletView, CommandError> {
        let number = self.pool.wallet_number(tag).ok_or(CommandError::UnknownWallet)?;
        let wallet = self.pool.wallet(number);
        let view = PreviewPool::new(&self.pool, number, now);
        let senders = wallet.senders.iter();
        Ok(WalletView {
            tag: String::from(&*wallet.tag),
            window: wallet.window.map(Duration::from_millis),
            operators: texts(&wallet.operators),
            senders: senders
                .map(|number| sender_view(&view, self.pool.sender(*number), *number, now))
                .collect(),
        })
    }

    /// Why a message would be answered as it would be: which rule, which contact, what would free it, and why not
    /// each sender. The message is one that has everything a message must have.
    ///
    /// # Errors
    /// [`CommandError::UnknownWallet`], [`CommandError::InvalidField`] or [`CommandError::TimestampOutOfRange`].
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
    /// let request = ExplainRequest {
    ///     phone: "5511988876204",
    ///     tag: "emp1",
    ///     specialist_code: "admin",
    ///     ..ExplainRequest::default()
    /// };
    /// let (_, explanation) = engine.explain(now, &request)?;
    /// assert_eq!(explanation.outcome.status, Status::ContactBlocked);
    /// assert!(explanation.senders[0].obstacles.is_empty(), "the sender could, the gate may not");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(
        &self,
        at: impl Into<Timestamp>,
        question: &ExplainRequest<'_>,
    ) -> Result<(Timestamp, Explanation), CommandError> {
        let now = self.effective_time(at)?;
        Ok((Timestamp::from_millis(now), self.explanation(now, question)?))
    }

    fn explanation(&self, now: u64, question: &ExplainRequest<'_>) -> Result<Explanation, CommandError> {
        check_operator(question.specialist_code)?;
        let client_id = trimmed(question.client_id);
        if client_id.len() > MAX_ID {
            return Err(CommandError::InvalidField { field: "clientId" });
        }
        if !is_name(question.tag, MAX_ID) {
            return Err(CommandError::InvalidField { field: "tag" });
        }
        let wallet = self.pool.wallet_number(question.tag).ok_or(CommandError::UnknownWallet)?;
        let outcome = self.hypothetical(now, question)?;
        let key = Phone::parse(question.phone, &self.policy.countries).ok().map(Phone::key);
        let record = key.map(|key| self.contacts.phone(key, now, self.policy.retention_ms));
        let view = PreviewPool::new(&self.pool, wallet, now);
        let request = SenderRequest {
            now,
            wallet,
            last_sender: record.and_then(|record| record.sender()),
            operator: question.specialist_code,
            failed: &[],
        };
        let senders = self.pool.wallet(wallet).senders.iter();
        Ok(Explanation {
            outcome,
            phone: key.map(|key| self.phone_view(key, now)),
            client: (!client_id.is_empty()).then(|| self.client_view(client_id, now)),
            senders: senders.map(|sender| self.verdict(&view, &request, record.as_ref(), *sender)).collect(),
        })
    }

    /// The answer to a message that has everything it must have.
    fn hypothetical(&self, now: u64, question: &ExplainRequest<'_>) -> Result<Outcome, CommandError> {
        let message = Message {
            phone: question.phone,
            client_id: question.client_id,
            close_ticket: Some(true),
            specialist_code: question.specialist_code,
            main_template: Text::OfLength(1),
            ..Message::default()
        };
        let messages = [message];
        let batch =
            Batch { campaign: "-", id_account: "", tag: question.tag, messages: &messages, atomic: false };
        let mut outcomes = Vec::new();
        self.hypothetical_batch(now, &batch, &mut outcomes)?;
        Ok(outcomes.pop().unwrap_or(Outcome::new(Status::NotAttempted)))
    }

    fn verdict(
        &self,
        view: &PreviewPool<'_>,
        request: &SenderRequest<'_>,
        record: Option<&PhoneRecord>,
        sender: u32,
    ) -> SenderVerdict {
        let obstacles = obstacles(view, &self.policy, request, sender);
        let retained_until = record.and_then(|record| record.retained_until(self.policy.retention_ms));
        let elsewhere = obstacles.contains(&Obstacle::NotLastSender);
        let eligible_at = self.sender_eligible_at(view, request, retained_until, sender, elsewhere);
        let pace = self.pool.sender(sender).settings.pace;
        let goes_out = send_at(pace, request.now, view.arrival(sender));
        SenderVerdict {
            sender: SenderRef(sender),
            eligible_at: eligible_at.map(Timestamp::from_millis),
            send_at: obstacles.is_empty().then(|| Timestamp::from_millis(goes_out)),
            obstacles,
        }
    }

    /// When one sender could serve a contact: as long as the contact is remembered, or afterwards.
    fn sender_eligible_at(
        &self,
        view: &PreviewPool<'_>,
        request: &SenderRequest<'_>,
        retained_until: Option<u64>,
        sender: u32,
        elsewhere: bool,
    ) -> Option<u64> {
        let mut retries = RetryCache::default();
        let known = eligible_from(view, &self.policy, request, sender, &mut retries)
            .filter(|when| !elsewhere && retained_until.is_none_or(|retained_until| *when < retained_until));
        let new_contact = SenderRequest { last_sender: None, ..*request };
        let afterwards = retained_until.and_then(|retained_until| {
            eligible_from(view, &self.policy, &new_contact, sender, &mut retries)
                .map(|when| when.max(retained_until))
        });
        known.or(afterwards)
    }

    /// How much the engine holds. Looks at every contact.
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
    /// let (_, stats) = engine.stats(now)?;
    /// assert_eq!((stats.phones, stats.blocked, stats.pending_follow_ups), (1, 1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stats(&self, at: impl Into<Timestamp>) -> Result<(Timestamp, Stats), CommandError> {
        let now = self.effective_time(at)?;
        Ok((Timestamp::from_millis(now), self.stats_at(now)))
    }

    fn stats_at(&self, now: u64) -> Stats {
        let retention = self.policy.retention_ms;
        let mut stats = Stats {
            seq: self.seq,
            dispatches: self.dispatches,
            opted_out: self.contacts.forgotten.len() as u64,
            wallets: self.pool.by_tag.len() as u64,
            senders: self.pool.by_tag.values().map(|tag| self.pool.wallet(*tag).senders.len() as u64).sum(),
            ..Stats::default()
        };
        for (_, record) in self.contacts.phones.iter() {
            let record = record.as_of(now, retention);
            let blocked = self.phone_state(&record, now) == GateState::Blocked;
            stats.phones += u64::from(record.is_known());
            stats.blocked += u64::from(blocked);
            stats.opted_out += u64::from(record.opted_out());
            stats.pending_follow_ups += u64::from(self.contacts.pending(&record) != [false, false]);
        }
        for (_, record) in self.contacts.clients.iter() {
            let record = record.as_of(now, retention);
            stats.clients += u64::from(record.is_known());
            stats.opted_out += u64::from(record.opted_out());
        }
        stats
    }
}

fn dispatch_number(id: Option<CycleId>) -> Option<NonZeroU64> {
    id.and_then(CycleId::dispatch).and_then(NonZeroU64::new)
}

fn texts(texts: &[Box<str>]) -> Vec<String> {
    texts.iter().map(|text| String::from(&**text)).collect()
}

fn sender_view(view: &PreviewPool<'_>, sender: &Sender, number: u32, now: u64) -> SenderView {
    let (state, until) = sender.state_at(now);
    let settings = &sender.settings;
    let group = settings.group.map(|number| {
        let group = view.base().group(number);
        let (name, usage) = (String::from(&*group.name), view.group_usage(number, now));
        GroupView { name, usage, daily_limit: group.daily_limit }
    });
    SenderView {
        id: String::from(&*sender.id),
        state,
        until: until.map(Timestamp::from_millis),
        weight: settings.weight,
        usage: view.usage(number, now),
        daily_limit: settings.daily_limit,
        pace: settings.pace,
        operators: texts(&settings.operators),
        group,
    }
}
