//! A batch decided on the side: what would be answered, without anything being changed.
//!
//! Serves [`Engine::preview`], [`Engine::explain`] and atomic batches. A draft reads the engine through a thin
//! layer of what its own messages have changed so far, and decides with the same function as the engine.

use crate::command::{Message, SenderState};
use crate::contacts::client_record::ClientRecord;
use crate::contacts::packed::{CycleId, NewCycle};
use crate::contacts::phone_record::PhoneRecord;
use crate::engine::state::Engine;
use crate::outcome::Outcome;
use crate::phone::Phone;
use crate::policy::Policy;
use crate::rules::decide::{BatchContext, ContactState, Decision, RuleContext, Scope, accepted, decide};
use crate::rules::sender_choice::{Assignment, SenderPoolView, SenderRequest, least_used_of};
use crate::senders::pace::next_arrival;
use crate::senders::pool::SenderPool;
use crate::status::Status;
use crate::time::DAY;
use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

/// The senders as they would be after the draft's messages.
pub(crate) struct PreviewPool<'a> {
    pool: &'a SenderPool,
    now: u64,
    /// What is used at `now`, by the senders of the groups that matter, counted once.
    group_usage: BTreeMap<u32, u64>,
    /// Dispatches given out by the draft, by sender: sorted `t0`s and the arrival time.
    given: BTreeMap<u32, (Vec<u64>, u64)>,
}

impl<'a> PreviewPool<'a> {
    /// The senders of a wallet as they are at `now`.
    pub(crate) fn new(pool: &'a SenderPool, wallet: u32, now: u64) -> PreviewPool<'a> {
        let members = pool.wallet(wallet).senders.iter();
        let groups: BTreeSet<u32> =
            members.filter_map(|member| pool.sender(*member).settings.group).collect();
        let usage = |group: u32| {
            let members = pool.group(group).members.iter();
            members.map(|member| pool.sender(*member).usage_window.usage(now)).sum()
        };
        let group_usage = groups.into_iter().map(|group| (group, usage(group))).collect();
        PreviewPool { pool, now, group_usage, given: BTreeMap::new() }
    }

    fn give(&mut self, assignment: Assignment) {
        let sender = self.pool.sender(assignment.sender);
        let (given, arrival) =
            self.given.entry(assignment.sender).or_insert_with(|| (Vec::new(), sender.arrival));
        let place = given.partition_point(|t0| *t0 <= assignment.send_at);
        given.insert(place, assignment.send_at);
        *arrival = next_arrival(sender.settings.pace, self.now, *arrival);
        if let Some(usage) = sender.settings.group.and_then(|group| self.group_usage.get_mut(&group)) {
            *usage += 1;
        }
    }
}

impl SenderPoolView for PreviewPool<'_> {
    fn base(&self) -> &SenderPool {
        self.pool
    }

    fn usage(&self, sender: u32, now: u64) -> u64 {
        let given = self.given.get(&sender).map_or(0, |(given, _)| given.len() as u64);
        self.pool.sender(sender).usage_window.usage(now) + given
    }

    fn group_usage(&self, group: u32, _now: u64) -> u64 {
        self.group_usage.get(&group).copied().unwrap_or_default()
    }

    fn arrival(&self, sender: u32) -> u64 {
        self.given.get(&sender).map_or_else(|| self.pool.sender(sender).arrival, |(_, arrival)| *arrival)
    }

    fn departure_after(&self, sender: u32, after: u64) -> Option<(u64, u64)> {
        let counted = self.pool.sender(sender).usage_window.departure_after(after);
        let given = self.given.get(&sender).and_then(|(given, _)| {
            let t0 = *given.iter().find(|t0| **t0 + DAY > after)?;
            Some((t0 + DAY, given.iter().filter(|other| **other == t0).count() as u64))
        });
        match (counted, given) {
            (Some((when, count)), Some((other, more))) if when == other => Some((when, count + more)),
            (counted, given) => counted.into_iter().chain(given).min(),
        }
    }

    fn least_used(&self, policy: &Policy, request: &SenderRequest<'_>) -> Option<u32> {
        let members = self.pool.wallet(request.wallet).senders.iter().copied();
        let ready =
            members.filter(|member| self.pool.sender(*member).state_at(request.now).0 == SenderState::Ready);
        let ready: Vec<u32> = ready.collect();
        // Who may serve this operator at all was settled before.
        least_used_of(self, policy, request, &ready)
    }
}

/// See the [module](self).
pub(crate) struct PreviewOverlay<'a> {
    engine: &'a Engine,
    context: BatchContext<'a>,
    view: PreviewPool<'a>,
    /// Phones the draft has taken.
    phones: BTreeMap<u64, PhoneRecord>,
    clients: BTreeMap<String, ClientRecord>,
    window_number: u32,
    windows: crate::contacts::packed::Windows,
    /// How many contacts there are, once that had to be counted.
    counted: Option<u64>,
    /// How many contacts the draft has added.
    added: u64,
}

impl<'a> PreviewOverlay<'a> {
    pub(crate) fn new(engine: &'a Engine, context: BatchContext<'a>) -> PreviewOverlay<'a> {
        let mut windows = engine.contacts.windows.clone();
        let window_number = windows.number(context.window).unwrap_or_default();
        let view = PreviewPool::new(&engine.pool, context.wallet, context.now);
        let (phones, clients) = (BTreeMap::new(), BTreeMap::new());
        PreviewOverlay {
            engine,
            context,
            view,
            phones,
            clients,
            window_number,
            windows,
            counted: None,
            added: 0,
        }
    }

    /// Decides the batch into `outcomes`; true if every message was processed.
    pub(crate) fn run(mut self, outcomes: &mut Vec<Outcome>) -> bool {
        outcomes.clear();
        for (item, message) in self.context.batch.messages.iter().enumerate() {
            let outcome = match Phone::parse(message.phone, &self.engine.policy.countries) {
                Ok(phone) => self.decide_one(item, message, phone),
                Err(_) => Outcome::new(Status::InvalidPhone),
            };
            outcomes.push(outcome);
        }
        outcomes.iter().all(|outcome| outcome.status.is_success())
    }

    fn decide_one(&mut self, item: usize, message: &Message<'a>, phone: Phone) -> Outcome {
        let (now, policy) = (self.context.now, &self.engine.policy);
        let contacts = &self.engine.contacts;
        let key = phone.key();
        let taken = self.phones.get(&key.as_u64()).copied();
        let record = taken.unwrap_or_else(|| contacts.phone(key, now, policy.retention_ms));
        let client = message.client().map(|id| {
            let known = self.clients.get(id).copied();
            (id, known.unwrap_or_else(|| contacts.client(id, now, policy.retention_ms)))
        });
        let client_record = client.as_ref().map(|(_, record)| record);
        let contact = ContactState { phone: &record, client: client_record, is_drafted: taken.is_some() };
        let mut answer = Outcome::new(Status::Accepted);
        let rules = RuleContext { policy, contacts, windows: &self.windows, view: &self.view };
        let (engine, counted, added) = (self.engine, &mut self.counted, &mut self.added);
        let has_room = |new: u64| {
            // What is in memory is enough for an answer, unless that is too much: some of it may have lapsed.
            let fits = contacts.known() + *added + new <= policy.max_contacts
                || *counted.get_or_insert_with(|| engine.count_contacts(now)) + *added + new
                    <= policy.max_contacts;
            *added += if fits { new } else { 0 };
            fits
        };
        match decide(&rules, &mut self.context, message, &contact, has_room, &mut answer) {
            Ok(decision) => self.accept(item, phone, record, client, &decision),
            Err(status) => Outcome { status, ..answer },
        }
    }

    fn accept(
        &mut self,
        item: usize,
        phone: Phone,
        mut record: PhoneRecord,
        client: Option<(&str, ClientRecord)>,
        decision: &Decision,
    ) -> Outcome {
        self.context.accepted(item);
        let assignment = decision.assignment;
        let dispatch = self.context.made_before + self.context.items.len() as u64;
        let new = NewCycle {
            id: CycleId::of_dispatch(dispatch),
            t0: assignment.send_at,
            window_number: self.window_number,
            stage: 0,
        };
        record.open_cycle(new, assignment.sender, decision.id_message, decision.pending);
        let to = record.post_to(phone);
        self.phones.insert(record.key(), record);
        if let Some((id, mut client)) = client
            && Scope::new(self.engine.policy.gate, true).client
        {
            client.open(new, Some(assignment.sender));
            self.clients.insert(id.to_owned(), client);
        }
        self.view.give(assignment);
        let outcome = accepted(dispatch, assignment, Some(to), self.context.window, 0);
        Outcome { empty_template: decision.empty_template, ..outcome }
    }
}
