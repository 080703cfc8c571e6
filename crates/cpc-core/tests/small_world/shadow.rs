//! What the answers said, and what follows from that by the rules alone.

use crate::commands::{CLIENT, GROUP_LIMIT, LIMITS, PHONES, SENDERS};
use cpc_core::{
    Command, Countries, Delivery, Engine, Fault, GateScope, Message, Outcome, Phone, Status, Target,
};

const DAY: u64 = 24 * 60 * 60 * 1000;

/// What was heard of the small world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shadow {
    pub(crate) now: u64,
    pub(crate) dispatches: u64,
    pub(crate) phones: [Contact; 2],
    pub(crate) client: Contact,
    /// What counts, or may count again, for a sender's usage.
    sent: Vec<Sent>,
    limits: [u64; 2],
    group_limit: u64,
    present: [bool; 2],
    /// Whether it shares the group's limit.
    grouped: [bool; 2],
    /// Ends that `expire` has listed, by phone.
    listed: [Option<u64>; 2],
}

/// What was heard of a phone or client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Contact {
    /// Its last cycle.
    cycle: Option<Cycle>,
    opted_out: bool,
    undeliverable: bool,
    last_reply: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Cycle {
    /// The dispatch; none if it was imported.
    number: Option<u64>,
    t0: u64,
    end: u64,
    course: Course,
    for_client: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Course {
    Open,
    Replied,
    Released,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Sent {
    number: u64,
    sender: usize,
    t0: u64,
}

impl Contact {
    /// Until when it may not be written to.
    fn shut_until(&self, now: u64) -> Option<u64> {
        let open = self.cycle.as_ref().filter(|cycle| cycle.course == Course::Open);
        open.map(|cycle| cycle.end).filter(|end| now < *end)
    }

    /// Its cycle, if that is the one of a dispatch.
    fn cycle_of(&mut self, number: Option<u64>) -> Option<&mut Cycle> {
        self.cycle.as_mut().filter(|cycle| cycle.number == number)
    }

    fn lapse(&mut self, now: u64, retention: u64) {
        let last = self.cycle.as_ref().map_or(0, |cycle| cycle.t0).max(self.last_reply);
        if now >= last + retention {
            self.cycle = None;
            self.last_reply = 0;
        }
    }
}

impl Shadow {
    pub(crate) fn new(now: u64) -> Shadow {
        Shadow {
            now,
            dispatches: 0,
            phones: [Contact::default(), Contact::default()],
            client: Contact::default(),
            sent: Vec::new(),
            limits: LIMITS,
            group_limit: GROUP_LIMIT,
            present: [true, true],
            grouped: [true, true],
            listed: [None, None],
        }
    }

    /// Whether a phone is blocked, by what was heard.
    pub(crate) fn phone_is_shut(&self, phone: usize) -> bool {
        self.phones[phone].shut_until(self.now).is_some()
    }

    pub(crate) fn is_suppressed(&self, phone: usize) -> bool {
        self.phones[phone].opted_out || self.phones[phone].undeliverable
    }

    /// Whether a phone may get nothing, or nothing for the client.
    fn may_not_get(&self, phone: usize, for_client: bool) -> bool {
        self.is_suppressed(phone) || for_client && self.client.opted_out
    }

    /// Whether the client of a phone's cycle is blocked by another one.
    pub(crate) fn client_is_anothers(&self, engine: &Engine, phone: usize) -> bool {
        let cycle = self.phones[phone].cycle.as_ref().filter(|cycle| cycle.for_client);
        let in_scope = engine.policy().gate() != GateScope::Phone;
        let others = self.client.cycle.as_ref().map(|cycle| cycle.number);
        let blocked = in_scope && self.client.shut_until(self.now).is_some();
        cycle.is_some_and(|cycle| blocked && others != Some(cycle.number))
    }

    pub(crate) fn client_opted_out(&self) -> bool {
        self.client.opted_out
    }

    /// When the next open cycle ends.
    pub(crate) fn next_end(&self) -> Option<u64> {
        self.phones.iter().filter_map(|phone| phone.shut_until(self.now)).min()
    }

    /// How many messages count for a sender.
    pub(crate) fn usage(&self, sender: usize) -> u64 {
        self.sent.iter().filter(|sent| sent.sender == sender && sent.t0 + DAY > self.now).count() as u64
    }

    pub(crate) fn is_present(&self, sender: usize) -> bool {
        self.present[sender]
    }

    /// Until when the gates of a message are shut, by what was heard before it.
    pub(crate) fn gates_shut_until(&self, engine: &Engine, message: &Message<'_>) -> Option<u64> {
        let phone = &self.phones[place(message.phone)];
        let client = if message.client_id.is_empty() { None } else { Some(&self.client) };
        let gates = match engine.policy().gate() {
            GateScope::PhoneOrClient => [Some(phone), client],
            GateScope::Phone => [Some(phone), None],
            GateScope::Client => [client.or(Some(phone)), None],
        };
        gates.into_iter().flatten().filter_map(|gate| gate.shut_until(self.now)).max()
    }

    /// Takes in the answer to a command that was applied at `now`; says what of it cannot be.
    pub(crate) fn hear(
        &mut self,
        engine: &Engine,
        now: u64,
        command: &Command<'_>,
        outcomes: &[Outcome],
    ) -> Result<(), String> {
        self.now = now;
        let retention = engine.policy().retention().as_millis() as u64;
        for contact in self.phones.iter_mut().chain([&mut self.client]) {
            contact.lapse(now, retention);
        }
        self.sent.retain(|sent| sent.t0 + DAY > now);
        match command {
            Command::Dispatch(batch) => {
                for (message, outcome) in batch.messages.iter().zip(outcomes) {
                    self.hear_of_message(engine, message, outcome)?;
                }
            }
            Command::FollowUps { .. } => {
                for outcome in outcomes {
                    self.hear_of_follow_up(engine, outcome)?;
                }
            }
            Command::Expire { .. } => {
                for outcome in outcomes {
                    self.hear_of_end(outcome)?;
                }
            }
            Command::Reply(reply) => {
                let received = reply.received_at.map_or(now, |at| at.as_millis().min(now));
                self.hear_of_reply(place(reply.phone), received, outcomes[0].status);
            }
            Command::Report(report) => {
                self.hear_of_report(engine, report.dispatch, report.status, &outcomes[0])?;
            }
            Command::Import(contacts) if outcomes[0].status == Status::Applied => {
                let t0 = contacts[0].t0.map_or(0, |at| at.as_millis());
                let end = t0 + engine.policy().window().as_millis() as u64;
                let cycle = Cycle { number: None, t0, end, course: Course::Open, for_client: true };
                let earlier = self.client.cycle.as_ref().is_none_or(|known| known.t0 <= t0);
                if earlier && engine.policy().gate() != GateScope::Phone {
                    self.client.cycle = Some(cycle.clone());
                }
                self.phones[place(contacts[0].phone)].cycle = Some(cycle);
            }
            Command::OptOut(target) => self.contact(*target).opted_out = true,
            Command::OptIn(target) => {
                let contact = self.contact(*target);
                (contact.opted_out, contact.undeliverable) = (false, false);
            }
            Command::Forget(target) => self.forget(*target),
            Command::ForceUnblock { target, .. } => self.unblock(*target),
            Command::Sender { id, change, .. } => {
                let sender = sender_place(id);
                // A sender that was removed is added again, with the named members alone.
                if !self.present[sender] {
                    (self.limits[sender], self.grouped[sender]) = (u64::MAX, false);
                }
                if let Some(limit) = change.daily_limit {
                    self.limits[sender] = limit.map_or(u64::MAX, u64::from);
                }
                self.present[sender] = true;
            }
            Command::RemoveSender { id, .. } => self.present[sender_place(id)] = false,
            Command::Group { daily_limit, .. } => {
                self.group_limit = daily_limit.map_or(u64::MAX, u64::from);
            }
            Command::Wallet(_) => {
                (self.limits, self.present, self.grouped) = (LIMITS, [true, true], [true, true]);
            }
            _ => {}
        }
        Ok(())
    }

    fn contact(&mut self, target: Target<'_>) -> &mut Contact {
        match target {
            Target::Phone(phone) => &mut self.phones[place(phone)],
            Target::Client(_) => &mut self.client,
        }
    }

    fn hear_of_message(
        &mut self,
        engine: &Engine,
        message: &Message<'_>,
        outcome: &Outcome,
    ) -> Result<(), String> {
        if outcome.status != Status::Accepted {
            return Ok(());
        }
        let (phone, for_client) = (place(message.phone), message.client_id == CLIENT);
        if let Some(until) = self.gates_shut_until(engine, message) {
            return Err(format!("{} was written to, and is blocked until {until}", message.phone));
        }
        self.open(engine, phone, for_client, outcome)
    }

    fn hear_of_follow_up(&mut self, engine: &Engine, outcome: &Outcome) -> Result<(), String> {
        if outcome.status != Status::Accepted {
            return Ok(());
        }
        let digits = outcome.phone.ok_or("a follow-up without a phone")?.digits().to_string();
        let phone = place(&digits);
        let last = self.phones[phone].cycle.as_ref().ok_or("a follow-up of nothing")?;
        if last.course == Course::Open && self.now < last.end {
            return Err(format!("{digits} was followed up before {}", last.end));
        }
        if last.course == Course::Replied {
            return Err(format!("{digits} was followed up after it replied"));
        }
        let for_client = last.for_client;
        let client_is_shut = for_client && self.client.shut_until(self.now).is_some();
        if client_is_shut && engine.policy().gate() != GateScope::Phone {
            return Err(format!("{digits} was followed up while its client is blocked"));
        }
        self.open(engine, phone, for_client, outcome)
    }

    /// A message went out.
    fn open(
        &mut self,
        engine: &Engine,
        phone: usize,
        for_client: bool,
        outcome: &Outcome,
    ) -> Result<(), String> {
        if self.may_not_get(phone, for_client) {
            return Err(format!("{} was written to, and is suppressed", PHONES[phone]));
        }
        let number = outcome.dispatch.ok_or("accepted without a number")?.get();
        if number != self.dispatches + 1 {
            return Err(format!("dispatch {number} after {}", self.dispatches));
        }
        self.dispatches = number;
        let (t0, end) = self.times(engine, outcome)?;
        let cycle = Cycle { number: Some(number), t0, end, course: Course::Open, for_client };
        if for_client && engine.policy().gate() != GateScope::Phone {
            self.client.cycle = Some(cycle.clone());
        }
        self.phones[phone].cycle = Some(cycle);
        self.listed[phone] = None;
        self.send(engine, number, t0, outcome)
    }

    fn times(&self, engine: &Engine, outcome: &Outcome) -> Result<(u64, u64), String> {
        let t0 = outcome.send_at.ok_or("nothing says when to send")?.as_millis();
        let end = outcome.blocked_until.ok_or("nothing says until when it blocks")?.as_millis();
        if t0 < self.now || end != t0 + engine.policy().window().as_millis() as u64 {
            return Err(format!("sent at {t0}, blocked until {end}, and it is {}", self.now));
        }
        Ok((t0, end))
    }

    /// A sender was chosen; its limit and its group's hold.
    fn send(&mut self, engine: &Engine, number: u64, t0: u64, outcome: &Outcome) -> Result<(), String> {
        let sender = sender_place(engine.sender_id(outcome.sender.ok_or("it has no sender")?));
        self.sent.push(Sent { number, sender, t0 });
        let (usage, limit) = (self.usage(sender), self.limits[sender]);
        let members = (0..2).filter(|place| self.present[*place] && self.grouped[*place]);
        let group: u64 = members.map(|place| self.usage(place)).sum();
        let group_is_over = self.grouped[sender] && group > self.group_limit;
        if !self.present[sender] || usage > limit || group_is_over {
            return Err(format!("{} sends {usage} of {limit}, its group {group}", SENDERS[sender]));
        }
        Ok(())
    }

    fn hear_of_end(&mut self, outcome: &Outcome) -> Result<(), String> {
        let key = outcome.phone.ok_or("the end of a cycle without a contact")?.key();
        let is_its = |phone: &&str| Phone::parse(phone, &Countries::default()).unwrap().key() == key;
        let phone = PHONES.iter().position(is_its).ok_or("an end of another's cycle")?;
        let end = outcome.expired_at.map(|at| at.as_millis());
        let expected = self.phones[phone].cycle.as_ref().filter(|cycle| cycle.course == Course::Open);
        let expected = expected.map(|cycle| cycle.end).filter(|end| *end <= self.now);
        if end.is_none() || end != expected || self.listed[phone] == end {
            return Err(format!("{} ended at {end:?}, expected {expected:?}", PHONES[phone]));
        }
        self.listed[phone] = end;
        Ok(())
    }

    fn hear_of_reply(&mut self, phone: usize, received: u64, status: Status) {
        let contact = &mut self.phones[phone];
        contact.undeliverable = false;
        contact.last_reply = contact.last_reply.max(received);
        let number = contact.cycle.as_ref().map(|cycle| cycle.number);
        match (status, contact.cycle.as_mut()) {
            (Status::Replied, Some(cycle)) if cycle.course == Course::Released => contact.cycle = None,
            (Status::Replied, Some(cycle)) => {
                let answers = std::mem::replace(&mut cycle.course, Course::Replied) == Course::Open;
                let client = number.and_then(|number| self.client.cycle_of(number)).filter(|_| answers);
                if let Some(cycle) = client {
                    cycle.course = Course::Replied;
                    self.client.last_reply = self.client.last_reply.max(received);
                }
            }
            (Status::OptedOut, cycle) => {
                let for_client = cycle.is_some_and(|cycle| cycle.for_client);
                contact.opted_out = true;
                self.client.opted_out |= for_client;
            }
            _ => {}
        }
    }

    fn hear_of_report(
        &mut self,
        engine: &Engine,
        number: u64,
        delivery: Delivery,
        outcome: &Outcome,
    ) -> Result<(), String> {
        if !matches!(outcome.status, Status::Released | Status::Moved) {
            return Ok(());
        }
        self.sent.retain(|sent| sent.number != number);
        let moved = if outcome.status == Status::Moved { Some(self.times(engine, outcome)?) } else { None };
        for contact in self.phones.iter_mut().chain([&mut self.client]) {
            let Some(cycle) = contact.cycle_of(Some(number)) else { continue };
            match moved {
                Some((t0, end)) => (cycle.t0, cycle.end) = (t0, end),
                None => cycle.course = Course::Released,
            }
        }
        for (phone, listed) in self.phones.iter_mut().zip(&mut self.listed) {
            if phone.cycle_of(Some(number)).is_some() {
                phone.undeliverable |= delivery == Delivery::Failed(Fault::Contact);
                *listed = None;
            }
        }
        let Some((t0, _)) = moved else { return Ok(()) };
        for (phone, digits) in PHONES.into_iter().enumerate() {
            let cycle = self.phones[phone].cycle.as_ref().filter(|cycle| cycle.number == Some(number));
            if cycle.is_some_and(|cycle| self.may_not_get(phone, cycle.for_client)) {
                return Err(format!("{number} moved, and {digits} is suppressed"));
            }
            if cycle.is_some() && self.client_is_anothers(engine, phone) {
                return Err(format!("{number} moved, and the client of {digits} was written to since"));
            }
        }
        self.send(engine, number, t0, outcome)
    }

    fn forget(&mut self, target: Target<'_>) {
        let contact = self.contact(target);
        *contact = Contact { opted_out: contact.opted_out, ..Contact::default() };
        if let Target::Client(_) = target {
            for cycle in self.phones.iter_mut().filter_map(|phone| phone.cycle.as_mut()) {
                cycle.for_client = false;
            }
        }
    }

    fn unblock(&mut self, target: Target<'_>) {
        let Some(cycle) = self.contact(target).cycle.as_mut().filter(|cycle| cycle.course == Course::Open)
        else {
            return;
        };
        cycle.course = Course::Released;
        let number = cycle.number;
        if let (Target::Phone(_), Some(cycle)) = (target, self.client.cycle_of(number)) {
            cycle.course = Course::Released;
        }
    }
}

/// Which of the phones.
pub(crate) fn place(phone: &str) -> usize {
    PHONES.iter().position(|known| *known == phone).expect("a phone of the small world")
}

fn sender_place(id: &str) -> usize {
    SENDERS.iter().position(|known| *known == id).expect("a sender of the small world")
}
