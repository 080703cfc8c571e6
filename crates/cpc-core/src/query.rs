//! Questions: answered for the later of their time and the clock, and nothing changes.
//!
//! [RULES §1.2](crate#1-time). What depends on time is computed for the question's time, so a question about
//! tomorrow is answered as tomorrow would, if nothing else happened until then.

use crate::allocation::{Ask, Room, Roster, eligible_from, obstacles};
use crate::command::{Batch, Message, Query, Target};
use crate::contact::PhoneRecord;
use crate::decision::{Scope, check_hours, check_suppression, is_finally_blocked};
use crate::draft::DraftRoster;
use crate::engine::{Engine, check_operator};
use crate::error::Refusal;
use crate::fleet::{Sender, send_at};
use crate::follow_up::next_stage;
use crate::outcome::{Outcome, SenderRef};
use crate::packed::CycleId;
use crate::phone::{ContactKey, Phone};
use crate::reply::Contact;
use crate::status::Status;
use crate::text::{MAX_ID, is_name, trimmed};
use crate::time::Timestamp;
use crate::view::{
    ContactView, Deadlines, DueFollowUp, Explanation, GateState, GroupView, Obstacle, Sendable,
    SenderVerdict, SenderView, Stats, Suppression, View, WalletView,
};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU64;

/// What [`Engine::explain`] is asked: could this contact be written to, by this operator, from this wallet?
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'a> {
    /// The phone, as written.
    pub phone: &'a str,
    /// The client; empty is none.
    pub client_id: &'a str,
    /// The wallet's tag.
    pub tag: &'a str,
    /// The operator.
    pub specialist_code: &'a str,
}

impl Engine {
    /// Answers a query, and says for when: the later of `at` and the clock.
    ///
    /// # Errors
    /// A [`Refusal`] of the query: what the method that answers this query alone documents. A
    /// [`Query::ContactExplained`] of a phone that is not valid is [`Refusal::InvalidPhone`], whatever else is wrong.
    pub fn query(&self, at: i64, query: &Query<'_>) -> Result<(Timestamp, View), Refusal> {
        Ok(match query {
            Query::Contact(target) => {
                let (now, view) = self.contact(at, *target)?;
                (now, View::Contact(view))
            }
            Query::ContactExplained(question) => {
                self.contact(at, Target::Phone(question.phone))?;
                let (now, explanation) = self.explain(at, question)?;
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
            Query::Explain(question) => {
                let (now, explanation) = self.explain(at, question)?;
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
    /// [`Refusal::InvalidPhone`], [`Refusal::InvalidField`] or [`Refusal::TimestampOutOfRange`].
    pub fn contact(&self, at: i64, target: Target<'_>) -> Result<(Timestamp, ContactView), Refusal> {
        let now = self.later(at)?;
        let view = match self.read_target(target)? {
            Contact::Phone(key) => self.phone_view(key, now),
            Contact::Client(id) => self.client_view(id, now),
        };
        Ok((Timestamp::from_millis(now), view))
    }

    /// The state of a phone's gate, suppression apart.
    fn cycle_state(&self, record: &PhoneRecord, now: u64) -> GateState {
        if is_finally_blocked(&self.desk(&self.fleet), record, now) {
            return GateState::Blocked;
        }
        match record.cycle(&self.contacts.windows) {
            Some(cycle) => cycle.state(now),
            None if record.last_reply().is_some() => GateState::Replied,
            None => GateState::Free,
        }
    }

    /// The state of a phone's gate ([RULES §3](crate#3-the-gate)).
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
        let ends = cycle.map(|cycle| cycle.end()).filter(|end| state == GateState::Blocked && now < *end);
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
    /// [`Refusal::TimestampOutOfRange`].
    pub fn deadlines(&self, at: i64) -> Result<(Timestamp, Deadlines), Refusal> {
        let now = self.later(at)?;
        Ok((Timestamp::from_millis(now), self.deadlines_at(now)))
    }

    fn deadlines_at(&self, now: u64) -> Deadlines {
        let retention = self.policy.retention_ms;
        Deadlines {
            follow_up: self.agenda.next_due(&self.contacts, now, retention).map(Timestamp::from_millis),
            expiry: self.agenda.next_end(&self.contacts, now, retention).map(Timestamp::from_millis),
        }
    }

    /// The earlier of the [`deadlines`](Self::deadlines) as of the clock, at no cost: when to call
    /// `followUps`, and `expire`, next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.clock.and_then(|clock| self.deadlines_at(clock.as_millis()).earliest())
    }

    /// The follow-ups that are due, at most `limit` of them, as `followUps` would take them
    /// ([RULES §6.7](crate#6-follow-ups)). Looks at every contact.
    ///
    /// # Errors
    /// [`Refusal::TimestampOutOfRange`].
    pub fn due_follow_ups(&self, at: i64, limit: u32) -> Result<(Timestamp, Vec<DueFollowUp>), Refusal> {
        let now = self.later(at)?;
        let retention = self.policy.retention_ms;
        let due = |record: &PhoneRecord| {
            let remembered = record.is_remembered(now, retention);
            let due = remembered.then(|| self.contacts.follow_up_due(record, retention))?;
            due.filter(|due| *due <= now)
        };
        let phones = self.contacts.phones.iter();
        let mut found: Vec<_> =
            phones.filter_map(|(_, record)| Some((due(record)?, record.key(), record))).collect();
        found.sort_unstable_by_key(|(due, key, _)| (*due, *key));
        found.truncate(limit as usize);
        let listed = found.into_iter().filter_map(|(due, _, record)| self.due_follow_up(due, record));
        Ok((Timestamp::from_millis(now), listed.collect()))
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
    /// ([RULES §4.8](crate#4-dispatch)). `client_id` is the message's, empty if it has none: the engine no longer knows
    /// it if the client was forgotten.
    ///
    /// # Errors
    /// [`Refusal::TimestampOutOfRange`].
    pub fn sendable(
        &self,
        at: i64,
        dispatch: u64,
        client_id: &str,
    ) -> Result<(Timestamp, Sendable), Refusal> {
        let now = self.later(at)?;
        let client_id = trimmed(client_id);
        let client =
            (!client_id.is_empty()).then(|| self.contacts.client(client_id, now, self.policy.retention_ms));
        let opted_out = client.is_some_and(|client| client.opted_out());
        let sendable = if opted_out { Sendable::No } else { self.when_sendable(now, dispatch) };
        Ok((Timestamp::from_millis(now), sendable))
    }

    fn when_sendable(&self, now: u64, dispatch: u64) -> Sendable {
        let record = self.journal.slot(dispatch).map(|slot| *self.contacts.phones.at(slot));
        let record = record.map(|record| record.as_of(now, self.policy.retention_ms));
        let is_last = |record: &PhoneRecord| record.cycle_id().and_then(CycleId::dispatch) == Some(dispatch);
        let Some(record) = record.filter(is_last) else { return Sendable::No };
        let Some(cycle) = record.cycle(&self.contacts.windows) else { return Sendable::No };
        let end = cycle.end().min(cycle.t0 + self.policy.report_ttl_ms);
        if now >= end || cycle.state(now) != GateState::Blocked || !self.may_still_go(&record, now) {
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

    /// Whether what was accepted for a phone may still go there: neither it nor the client of its cycle is
    /// suppressed, and that client's gate was not taken by another dispatch since.
    pub(crate) fn may_still_go(&self, phone: &PhoneRecord, now: u64) -> bool {
        let as_of = |slot| self.contacts.clients.at(slot).as_of(now, self.policy.retention_ms);
        let client = phone.client().map(as_of);
        if check_suppression(phone, client.as_ref()).is_err() {
            return false;
        }
        let windows = &self.contacts.windows;
        let in_scope = client.filter(|_| Scope::new(self.policy.gate, true).client);
        let taken = in_scope.filter(|client| client.cycle_id() != phone.cycle_id());
        let since = taken.and_then(|client| client.cycle(windows)).map(|cycle| cycle.t0);
        since.is_none_or(|since| phone.cycle(windows).is_some_and(|cycle| since < cycle.t0))
    }

    /// A wallet with its senders: states, usage and limits.
    ///
    /// # Errors
    /// [`Refusal::UnknownWallet`] or [`Refusal::TimestampOutOfRange`].
    pub fn wallet(&self, at: i64, tag: &str) -> Result<(Timestamp, WalletView), Refusal> {
        let now = self.later(at)?;
        let number = self.fleet.wallet_number(tag).ok_or(Refusal::UnknownWallet)?;
        let wallet = self.fleet.wallet(number);
        let roster = DraftRoster::new(&self.fleet, number, now);
        let senders = wallet.senders.iter();
        let view = WalletView {
            tag: String::from(&*wallet.tag),
            window_ms: wallet.window,
            operators: texts(&wallet.operators),
            senders: senders
                .map(|number| sender_view(&roster, self.fleet.sender(*number), *number, now))
                .collect(),
        };
        Ok((Timestamp::from_millis(now), view))
    }

    /// Why a message would be answered as it would be: which rule, which facts, what would free it, and why not
    /// each sender. The message is one that has everything a message must have.
    ///
    /// # Errors
    /// [`Refusal::UnknownWallet`], [`Refusal::InvalidField`] or [`Refusal::TimestampOutOfRange`].
    pub fn explain(&self, at: i64, question: &Question<'_>) -> Result<(Timestamp, Explanation), Refusal> {
        let now = self.later(at)?;
        check_operator(question.specialist_code)?;
        let client_id = trimmed(question.client_id);
        if client_id.len() > MAX_ID {
            return Err(Refusal::InvalidField { field: "clientId" });
        }
        if !is_name(question.tag, MAX_ID) {
            return Err(Refusal::InvalidField { field: "tag" });
        }
        let wallet = self.fleet.wallet_number(question.tag).ok_or(Refusal::UnknownWallet)?;
        let outcome = self.hypothetical(now, question)?;
        let key = Phone::parse(question.phone, &self.policy.countries).ok().map(Phone::key);
        let record = key.map(|key| self.contacts.phone(key, now, self.policy.retention_ms));
        let roster = DraftRoster::new(&self.fleet, wallet, now);
        let ask = Ask {
            now,
            wallet,
            last_sender: record.and_then(|record| record.sender()),
            operator: question.specialist_code,
            failed: &[],
        };
        let senders = self.fleet.wallet(wallet).senders.iter();
        let explanation = Explanation {
            outcome,
            phone: key.map(|key| self.phone_view(key, now)),
            client: (!client_id.is_empty()).then(|| self.client_view(client_id, now)),
            senders: senders.map(|sender| self.verdict(&roster, &ask, record.as_ref(), *sender)).collect(),
        };
        Ok((Timestamp::from_millis(now), explanation))
    }

    /// The answer to a message that has everything it must have.
    fn hypothetical(&self, now: u64, question: &Question<'_>) -> Result<Outcome, Refusal> {
        let message = Message {
            phone: question.phone,
            client_id: question.client_id,
            close_ticket: Some(true),
            specialist_code: question.specialist_code,
            main_template: "-",
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
        roster: &DraftRoster<'_>,
        ask: &Ask<'_>,
        record: Option<&PhoneRecord>,
        sender: u32,
    ) -> SenderVerdict {
        let obstacles = obstacles(roster, &self.policy, ask, sender);
        let lapse = record.and_then(|record| record.lapses_at(self.policy.retention_ms));
        let elsewhere = obstacles.contains(&Obstacle::NotLastSender);
        let eligible_at = self.sender_eligible_at(roster, ask, lapse, sender, elsewhere);
        let pace = self.fleet.sender(sender).settings.pace;
        let goes_out = send_at(pace, ask.now, roster.arrival(sender));
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
        roster: &DraftRoster<'_>,
        ask: &Ask<'_>,
        lapse: Option<u64>,
        sender: u32,
        elsewhere: bool,
    ) -> Option<u64> {
        let mut room = Room::default();
        let known = eligible_from(roster, &self.policy, ask, sender, &mut room)
            .filter(|when| !elsewhere && lapse.is_none_or(|lapse| *when < lapse));
        let stranger = Ask { last_sender: None, ..*ask };
        let afterwards = lapse.and_then(|lapse| {
            eligible_from(roster, &self.policy, &stranger, sender, &mut room).map(|when| when.max(lapse))
        });
        known.or(afterwards)
    }

    /// How much the engine holds. Looks at every contact.
    ///
    /// # Errors
    /// [`Refusal::TimestampOutOfRange`].
    pub fn stats(&self, at: i64) -> Result<(Timestamp, Stats), Refusal> {
        let now = self.later(at)?;
        let retention = self.policy.retention_ms;
        let mut stats = Stats {
            seq: self.seq,
            dispatches: self.dispatches,
            opted_out: self.contacts.forgotten.len() as u64,
            wallets: self.fleet.by_tag.len() as u64,
            senders: self.fleet.by_tag.values().map(|tag| self.fleet.wallet(*tag).senders.len() as u64).sum(),
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
        Ok((Timestamp::from_millis(now), stats))
    }
}

fn dispatch_number(id: Option<CycleId>) -> Option<NonZeroU64> {
    id.and_then(CycleId::dispatch).and_then(NonZeroU64::new)
}

fn texts(texts: &[Box<str>]) -> Vec<String> {
    texts.iter().map(|text| String::from(&**text)).collect()
}

fn sender_view(roster: &DraftRoster<'_>, sender: &Sender, number: u32, now: u64) -> SenderView {
    let (state, until) = sender.standing(now);
    let settings = &sender.settings;
    let group = settings.group.map(|number| {
        let group = roster.fleet().group(number);
        let (name, usage) = (String::from(&*group.name), roster.group_usage(number, now));
        GroupView { name, usage, daily_limit: group.daily_limit }
    });
    SenderView {
        id: String::from(&*sender.id),
        state,
        until: until.map(Timestamp::from_millis),
        weight: settings.weight,
        usage: roster.usage(number, now),
        daily_limit: settings.daily_limit,
        pace: settings.pace,
        operators: texts(&settings.operators),
        group,
    }
}
