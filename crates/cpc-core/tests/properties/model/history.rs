//! What is known of a phone or a client at an instant: the list of events read from its beginning. RULES §3.

use super::event::{Cycle, Effect, Event};
use cpc_core::{GateScope, Policy};
use std::collections::BTreeSet;
use std::rc::Rc;

/// All that happened, each fact with its effective time.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    events: Vec<(u64, Rc<Event>)>,
}

/// How the last cycle of a gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    Open,
    Replied,
    Released,
}

/// The last cycle of a gate.
#[derive(Clone, Debug)]
pub(crate) struct LastCycle {
    pub(crate) cycle: Cycle,
    pub(crate) course: Course,
    pub(crate) delivered: bool,
    /// Whether `expire` has listed it.
    pub(crate) listed: bool,
    /// The senders that failed it.
    pub(crate) failed: Vec<String>,
}

/// How an opt-out is known. RULES §8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptOut {
    No,
    Plain,
    /// The contact was forgotten, only a hash is left.
    Hash,
}

/// What is known of a phone.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) last: Option<LastCycle>,
    /// When its latest cycle began, also after a message made it drop that.
    pub(crate) started: Option<u64>,
    pub(crate) last_sender: Option<String>,
    pub(crate) last_reply: Option<u64>,
    /// The form of the latest inbound message. RULES §2.4.
    pub(crate) address: Option<u64>,
    pub(crate) pending: [bool; 2],
    /// When a stage that could not go is due again.
    pub(crate) put_off: Option<u64>,
    pub(crate) opted_out: OptOut,
    pub(crate) undeliverable: bool,
}

/// What is known of a client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) last: Option<LastCycle>,
    pub(crate) last_reply: Option<u64>,
    pub(crate) opted_out: OptOut,
}

impl LastCycle {
    fn opened(cycle: &Cycle) -> LastCycle {
        let (course, failed) = (Course::Open, Vec::new());
        LastCycle { cycle: cycle.clone(), course, delivered: false, listed: false, failed }
    }

    /// RULES §7: the same dispatch with a new sender and a new `t0`.
    fn moved(&mut self, sender: &str, t0: u64) {
        self.failed.extend(self.cycle.sender.replace(sender.to_owned()));
        self.cycle.t0 = t0;
        self.listed = false;
    }

    /// RULES §3: open, and its window runs.
    pub(crate) fn is_blocking(&self, now: u64) -> bool {
        self.course == Course::Open && now < self.cycle.end()
    }

    /// RULES §3: open, and its window is over.
    pub(crate) fn is_expired(&self, now: u64) -> bool {
        self.course == Course::Open && now >= self.cycle.end()
    }
}

impl Contact {
    const UNKNOWN: Contact = Contact {
        last: None,
        started: None,
        last_sender: None,
        last_reply: None,
        address: None,
        pending: [false; 2],
        put_off: None,
        opted_out: OptOut::No,
        undeliverable: false,
    };

    /// From when on the phone is as if never seen. RULES §3.7.
    pub(crate) fn lapses_at(&self, retention: u64) -> Option<u64> {
        Some(self.started.max(self.last_reply)? + retention)
    }

    /// RULES §4, `maxContacts`: whether it has a cycle or a reply.
    pub(crate) fn counts(&self) -> bool {
        self.started.max(self.last_reply).is_some()
    }

    fn last_is(&self, number: usize) -> bool {
        self.last.as_ref().is_some_and(|last| last.cycle.number == number)
    }

    fn cancel_pending(&mut self) {
        (self.pending, self.put_off) = ([false; 2], None);
    }

    /// RULES §6.2: when its next stage is due, unless the phone lapses before.
    pub(crate) fn due(&self, retention: u64) -> Option<u64> {
        let end = self.last.as_ref().filter(|_| self.pending != [false; 2])?.cycle.end();
        let due = self.put_off.unwrap_or(end);
        (due < self.lapses_at(retention)?).then_some(due)
    }

    /// RULES §6.5: its last cycle is a follow-up without an answer, and no stage is pending.
    pub(crate) fn is_finally_blocked(&self, policy: &Policy, now: u64) -> bool {
        policy.final_block()
            && self.pending == [false; 2]
            && self
                .last
                .as_ref()
                .is_some_and(|last| last.cycle.stage > 0 && (last.is_blocking(now) || last.is_expired(now)))
    }

    /// RULES §3.7: suppression never lapses.
    fn settle(&mut self, now: u64, retention: u64) {
        if self.lapses_at(retention).is_some_and(|lapse| lapse <= now) {
            let (opted_out, undeliverable) = (self.opted_out, self.undeliverable);
            *self = Contact { opted_out, undeliverable, ..Contact::UNKNOWN };
        }
    }

    fn see(&mut self, own_key: u64, event: &Event) {
        match event {
            Event::Opened { cycle, pending } if cycle.key == own_key => {
                self.last = Some(LastCycle::opened(cycle));
                self.started = Some(cycle.t0);
                self.last_sender.clone_from(&cycle.sender);
                (self.pending, self.put_off) = (*pending, None);
            }
            Event::Moved { cycle, sender, t0, .. } if self.last_is(*cycle) => {
                self.last.iter_mut().for_each(|last| last.moved(sender, *t0));
                self.started = Some(*t0);
                self.last_sender = Some(sender.clone());
                self.put_off = None;
            }
            Event::Released { cycle } if self.last_is(*cycle) => {
                // RULES §7.3: only a released main dispatch loses its pending stages.
                if self.last.as_ref().is_some_and(|last| last.cycle.stage == 0) {
                    self.cancel_pending();
                }
                self.last.iter_mut().for_each(|last| last.course = Course::Released);
            }
            Event::Delivered { cycle } if self.last_is(*cycle) => {
                self.last.iter_mut().for_each(|last| last.delivered = true);
            }
            Event::Listed { cycle } if self.last_is(*cycle) => {
                self.last.iter_mut().for_each(|last| last.listed = true);
            }
            Event::Undeliverable { key } if *key == own_key => {
                self.undeliverable = true;
                self.cancel_pending();
            }
            Event::Inbound { key, received, digits, effect } if *key == own_key => {
                self.undeliverable = false;
                self.opted_out.known_again();
                if Some(*received) >= self.last_reply {
                    self.address = Some(*digits);
                }
                self.last_reply = self.last_reply.max(Some(*received));
                match effect {
                    Effect::Answers { .. } | Effect::StaysAnswered => {
                        self.last.iter_mut().for_each(|last| last.course = Course::Replied);
                        self.cancel_pending();
                    }
                    Effect::WroteByItself => {
                        self.last = None;
                        self.cancel_pending();
                    }
                    Effect::LeavesCycle => {}
                }
            }
            Event::ImportedContact { key, cycle, replied_at, answered } if *key == own_key => {
                self.opted_out.known_again();
                self.last = cycle.as_ref().map(LastCycle::opened);
                self.started = cycle.as_ref().map(|cycle| cycle.t0);
                self.last_sender = cycle.as_ref().and_then(|cycle| cycle.sender.clone());
                self.last_reply = *replied_at;
                if let (Some(last), true) = (&mut self.last, answered) {
                    last.course = Course::Replied;
                }
            }
            Event::PutOff { key, due } if *key == own_key => self.put_off = Some(*due),
            Event::PhoneOptedOut { key } if *key == own_key => {
                self.opted_out = OptOut::Plain;
                self.cancel_pending();
            }
            Event::PhoneOptedIn { key } if *key == own_key => {
                (self.opted_out, self.undeliverable) = (OptOut::No, false);
            }
            Event::PhoneForgotten { key } if *key == own_key => {
                *self = Contact { opted_out: self.opted_out.forgotten(), ..Contact::UNKNOWN };
            }
            Event::PhoneUnblocked { key, .. } if *key == own_key => {
                self.last.iter_mut().for_each(|last| last.course = Course::Released);
                self.cancel_pending();
            }
            Event::ClientOptedOut { id } if self.is_for_client(id) => self.cancel_pending(),
            Event::ClientForgotten { id } if self.is_for_client(id) => {
                self.last.iter_mut().for_each(|last| last.cycle.client = None);
                self.cancel_pending();
            }
            Event::WalletRemoved(tag) if self.last.as_ref().is_some_and(|last| last.cycle.wallet == *tag) => {
                self.cancel_pending();
            }
            _ => {}
        }
    }

    pub(crate) fn is_for_client(&self, id: &str) -> bool {
        self.last.as_ref().is_some_and(|last| last.cycle.client.as_deref() == Some(id))
    }
}

impl Client {
    const UNKNOWN: Client = Client { last: None, last_reply: None, opted_out: OptOut::No };

    /// RULES §3.7
    fn settle(&mut self, now: u64, retention: u64) {
        let active = self.last.as_ref().map(|last| last.cycle.t0).max(self.last_reply);
        if active.is_some_and(|active| active + retention <= now) {
            *self = Client { opted_out: self.opted_out, ..Client::UNKNOWN };
        }
    }

    /// RULES §4, `maxContacts`: whether it has a cycle or a reply.
    pub(crate) fn counts(&self) -> bool {
        self.last.is_some() || self.last_reply.is_some()
    }

    fn last_is(&self, number: usize) -> bool {
        self.last.as_ref().is_some_and(|last| last.cycle.number == number)
    }

    fn see(&mut self, own_id: &str, event: &Event) {
        match event {
            Event::Opened { cycle, .. } if cycle.takes_client && cycle.client.as_deref() == Some(own_id) => {
                self.last = Some(LastCycle::opened(cycle));
            }
            Event::Moved { cycle, sender, t0, .. } if self.last_is(*cycle) => {
                self.last.iter_mut().for_each(|last| last.moved(sender, *t0));
            }
            Event::Released { cycle } | Event::PhoneUnblocked { cycle, .. } if self.last_is(*cycle) => {
                self.last.iter_mut().for_each(|last| last.course = Course::Released);
            }
            Event::ImportedContact { cycle: Some(cycle), replied_at, answered, .. }
                if cycle.client.as_deref() == Some(own_id) =>
            {
                self.opted_out.known_again();
                if cycle.takes_client {
                    self.last = Some(LastCycle::opened(cycle));
                    if let (Some(last), true) = (&mut self.last, answered) {
                        last.course = Course::Replied;
                        self.last_reply = self.last_reply.max(*replied_at);
                    }
                }
            }
            Event::Inbound { received, effect: Effect::Answers { cycle }, .. } if self.last_is(*cycle) => {
                self.last.iter_mut().for_each(|last| last.course = Course::Replied);
                self.last_reply = self.last_reply.max(Some(*received));
            }
            Event::ClientOptedOut { id } if id == own_id => self.opted_out = OptOut::Plain,
            Event::ClientOptedIn { id } if id == own_id => self.opted_out = OptOut::No,
            Event::ClientForgotten { id } if id == own_id => {
                *self = Client { opted_out: self.opted_out.forgotten(), ..Client::UNKNOWN };
            }
            Event::ClientUnblocked { id } if id == own_id => {
                self.last.iter_mut().for_each(|last| last.course = Course::Released);
            }
            _ => {}
        }
    }
}

impl OptOut {
    /// A forgotten contact that writes, or is imported, is known again, and so is its opt-out.
    fn known_again(&mut self) {
        if *self == OptOut::Hash {
            *self = OptOut::Plain;
        }
    }

    /// RULES §8: of an opt-out a hash stays.
    fn forgotten(self) -> OptOut {
        if self == OptOut::No { OptOut::No } else { OptOut::Hash }
    }
}

impl History {
    pub(crate) fn push(&mut self, now: u64, event: Event) {
        self.events.push((now, Rc::new(event)));
    }

    pub(crate) fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter().map(|(_, event)| &**event)
    }

    /// The events, each with its effective time.
    pub(crate) fn timed_events(&self) -> impl Iterator<Item = (u64, &Event)> {
        self.events.iter().map(|(now, event)| (*now, &**event))
    }

    /// The policy in force.
    pub(crate) fn policy(&self) -> &Policy {
        let mut latest_first = self.events().rev();
        let policy = latest_first.find_map(|event| match event {
            Event::Policy(policy) => Some(policy),
            _ => None,
        });
        policy.expect("the first event is a policy")
    }

    /// What is known of a phone at `now`.
    pub(crate) fn contact(&self, key: u64, now: u64) -> Contact {
        let mut contact = Contact::UNKNOWN;
        let mut retention = 0;
        for (at, event) in &self.events {
            // What has lapsed by the time of an event has lapsed for good, whatever the policy says later.
            contact.settle(*at, retention);
            if let Event::Policy(policy) = &**event {
                retention = policy.retention().as_millis() as u64;
            }
            contact.see(key, event);
        }
        contact.settle(now, retention);
        contact
    }

    /// What is known of a client at `now`.
    pub(crate) fn client(&self, id: &str, now: u64) -> Client {
        let mut client = Client::UNKNOWN;
        let mut retention = 0;
        for (at, event) in &self.events {
            client.settle(*at, retention);
            if let Event::Policy(policy) = &**event {
                retention = policy.retention().as_millis() as u64;
            }
            client.see(id, event);
        }
        client.settle(now, retention);
        client
    }

    /// Every phone that something ever happened to, by number.
    pub(crate) fn phones(&self) -> BTreeSet<u64> {
        let key = |event: &Event| match event {
            Event::Opened { cycle, .. } => Some(cycle.key),
            Event::Inbound { key, .. }
            | Event::ImportedContact { key, .. }
            | Event::PhoneOptedOut { key }
            | Event::Undeliverable { key } => Some(*key),
            _ => None,
        };
        self.events().filter_map(key).collect()
    }

    /// Every client that something ever happened to.
    pub(crate) fn clients(&self) -> BTreeSet<String> {
        let id = |event: &Event| match event {
            Event::ClientOptedOut { id } => Some(id.clone()),
            event => event.opened()?.client.clone(),
        };
        self.events().filter_map(id).collect()
    }

    /// Whether what was accepted for a contact may still go there. RULES §4.8, §7.1.
    pub(crate) fn may_still_go(&self, contact: &Contact, now: u64) -> bool {
        if contact.opted_out != OptOut::No || contact.undeliverable {
            return false;
        }
        let Some(cycle) = contact.last.as_ref().map(|last| &last.cycle) else { return false };
        let Some(id) = cycle.client.as_ref() else { return true };
        let client = self.client(id, now);
        let in_scope = self.policy().gate() != GateScope::Phone;
        let written_to_since =
            client.last.is_some_and(|last| last.cycle.number != cycle.number && last.cycle.t0 >= cycle.t0);
        client.opted_out == OptOut::No && !(in_scope && written_to_since)
    }

    /// Whether only a hash is left of some opt-out. RULES §8.2.
    pub(crate) fn has_hashes(&self) -> bool {
        let phones = self.phones().into_iter().map(|key| self.contact(key, u64::MAX).opted_out);
        let clients = self.clients().into_iter().map(|id| self.client(&id, u64::MAX).opted_out);
        phones.chain(clients).any(|opted_out| opted_out == OptOut::Hash)
    }

    /// The cycles ever opened.
    pub(crate) fn cycles(&self) -> impl DoubleEndedIterator<Item = &Cycle> {
        self.events().filter_map(Event::opened)
    }

    /// RULES §4.4: dispatches are numbered from 1, follow-ups alike.
    pub(crate) fn dispatches(&self) -> u64 {
        self.cycles().filter_map(|cycle| cycle.dispatch).max().unwrap_or(0)
    }
}
