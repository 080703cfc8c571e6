//! Who may be written to, message by message, and follow-up by follow-up. RULES §4, §6.
// Each row of the table is a check that fails with its answer; that answers are large is no matter here.
#![allow(clippy::result_large_err)]

use super::answer::{Answer, Fact};
use super::event::{Cycle, Event, Idempotency};
use super::history::{Client, Contact, Course, History, LastCycle, OptOut};
use super::pool::{Choice, Demand, Market};
use super::{hours, is_blank, number};
use cpc_core::{Batch, EmptyTemplate, GateScope, IdMessage, Message, Policy, Profile, Status, Text};

/// A batch's messages in order, each seeing the ones before it. `command` tells this batch from any other.
pub(crate) fn batch(history: &mut History, now: u64, command: u64, batch: &Batch<'_>) -> Vec<Answer> {
    let before = history.clone();
    let mut answers = Vec::new();
    for (index, message) in (0..).zip(batch.messages) {
        answers.push(match decide(history, now, (command, index), batch, message) {
            Ok((cycle, pending, answer)) => {
                history.push(now, Event::Opened { cycle, pending });
                answer
            }
            Err(answer) => answer,
        });
    }
    // RULES §4: all or none.
    if batch.atomic && answers.iter().any(|answer| !answer.status.is_success()) {
        *history = before;
        for answer in answers.iter_mut().filter(|answer| answer.status.is_success()) {
            *answer = Answer::new(Status::NotAttempted);
        }
    }
    answers
}

type Opening = (Cycle, [bool; 2], Answer);

/// The table of RULES §4, row by row.
fn decide(
    history: &History,
    now: u64,
    opened_by: (u64, u32),
    batch: &Batch<'_>,
    message: &Message<'_>,
) -> Result<Opening, Answer> {
    let policy = history.policy();
    // 10
    let digits = read_phone(policy, message.phone).ok_or(Answer::new(Status::InvalidPhone))?;
    let (key, posted) = (number::value(&number::key(&digits)), number::value(&digits));
    // 11
    let id_message = check_fields(policy, message)?;
    // 12
    if message.close_ticket != Some(true) {
        return Err(Answer::new(Status::CloseTicketRequired));
    }
    // 13
    let empty_template = is_missing(message.main_template);
    if empty_template && policy.empty_template() == EmptyTemplate::Reject {
        return Err(Answer::new(Status::EmptyTemplate));
    }
    let client_id = message.client_id.trim();
    let client_id = (!client_id.is_empty()).then_some(client_id);
    let gates = Gates::at(history, now, key, client_id);
    // 20, 21
    gates.check_suppression()?;
    // 30
    let of_this_batch =
        |last: &&LastCycle| last.cycle.opened_by.is_some_and(|(command, _)| command == opened_by.0);
    let taken: Vec<&Cycle> =
        gates.in_scope(policy).into_iter().filter(of_this_batch).map(|last| &last.cycle).collect();
    if !taken.is_empty() {
        let first_index = taken.iter().filter_map(|cycle| cycle.opened_by).map(|(_, index)| index).min();
        let retry_at = taken.iter().map(|cycle| cycle.end()).max();
        let first_index = first_index.map(|index| Fact::Number(u64::from(index)));
        return Err(Answer::refused(Status::DuplicateInBatch, retry_at).with("firstIndex", first_index));
    }
    // 31
    let idempotency = id_message.map(|message| Idempotency {
        account: batch.id_account.to_owned(),
        campaign: batch.campaign.to_owned(),
        tag: batch.tag.to_owned(),
        message,
    });
    if let Some(last) = &gates.contact.last {
        let same = idempotency.is_some() && last.cycle.idempotency == idempotency;
        if same && last.course != Course::Released && now < last.cycle.end() {
            return Err(of_cycle(Status::AlreadyAccepted, &last.cycle, &gates.contact));
        }
    }
    // 40
    gates.check_blocks(policy, now)?;
    // 50, 60, 70, 50 at `sendAt`
    let choice = allocate(history, now, key, batch.tag, message.specialist_code)?;
    // 80
    check_room(history, now, &gates, takes_client(policy, client_id))?;

    let cycle = Cycle {
        number: history.cycles().count(),
        dispatch: Some(history.dispatches() + 1),
        key,
        client: client_id.map(str::to_owned),
        takes_client: takes_client(policy, client_id),
        wallet: batch.tag.to_owned(),
        operator: message.specialist_code.to_owned(),
        sender: Some(choice.sender),
        paced: choice.paced,
        t0: choice.send_at,
        window: window(history, batch.tag),
        posted,
        stage: 0,
        origin: None,
        idempotency,
        opened_by: Some(opened_by),
    };
    // RULES §6.1
    let pending = [!is_missing(message.retry_template), !is_missing(message.last_template)];
    let warning = empty_template.then_some(Fact::True);
    let answer = accepted(&cycle, &gates.contact).with("warnings", warning);
    Ok((cycle, pending, answer))
}

/// RULES §6.3: due stages by due time and contact key, at most `limit` of them.
pub(crate) fn follow_ups(history: &mut History, now: u64, limit: u32) -> Vec<Answer> {
    let retention = history.policy().retention().as_millis() as u64;
    let due_of = |key: u64| history.contact(key, now).due(retention);
    let mut due: Vec<(u64, u64)> =
        history.phones().into_iter().filter_map(|key| Some((due_of(key)?, key))).collect();
    due.retain(|(due, _)| *due <= now);
    due.sort_unstable();
    due.truncate(limit as usize);
    due.into_iter().map(|(_, key)| follow_up(history, now, key)).collect()
}

fn follow_up(history: &mut History, now: u64, key: u64) -> Answer {
    let contact = history.contact(key, now);
    let last = contact.last.as_ref().expect("a pending stage has a cycle before it").cycle.clone();
    let stage = if contact.pending[0] { 1 } else { 2 };
    let origin = last.origin.or(last.dispatch);
    let named = |answer: Answer| {
        let answer =
            answer.with("phone", Fact::Number(last.posted)).with("stage", Fact::Number(stage.into()));
        answer.with("origin", origin.map(Fact::Number))
    };
    match decide_follow_up(history, now, &last) {
        Ok(choice) => {
            let policy = history.policy();
            let cycle = Cycle {
                number: history.cycles().count(),
                dispatch: Some(history.dispatches() + 1),
                takes_client: takes_client(policy, last.client.as_deref()),
                sender: Some(choice.sender),
                paced: choice.paced,
                t0: choice.send_at,
                window: window(history, &last.wallet),
                stage,
                origin,
                opened_by: None,
                ..last.clone()
            };
            let answer = named(accepted(&cycle, &contact));
            let pending = [false, stage == 1 && contact.pending[1]];
            history.push(now, Event::Opened { cycle, pending });
            answer
        }
        Err(answer) => {
            let retry = now + history.policy().follow_up_retry().as_millis() as u64;
            history.push(now, Event::PutOff { key, due: answer.number("retryAt").unwrap_or(retry) });
            named(answer)
        }
    }
}

/// The rows 20, 21, 40, 50, 60, 70. RULES §6.3.
fn decide_follow_up(history: &History, now: u64, last: &Cycle) -> Result<Choice, Answer> {
    let gates = Gates::at(history, now, last.key, last.client.as_deref());
    gates.check_suppression()?;
    gates.check_blocks(history.policy(), now)?;
    allocate(history, now, last.key, &last.wallet, &last.operator)
}

/// RULES §4.4; `to` is the form of the latest inbound message, else the form posted. RULES §2.4.
fn accepted(cycle: &Cycle, contact: &Contact) -> Answer {
    of_cycle(Status::Accepted, cycle, contact)
}

/// RULES §4, §2.4: the address is that of now, also where the cycle is an earlier one.
fn of_cycle(status: Status, cycle: &Cycle, contact: &Contact) -> Answer {
    Answer::new(status)
        .with("to", Fact::Number(contact.address.unwrap_or(cycle.posted)))
        .with("dispatch", cycle.dispatch.map(Fact::Number))
        .with("sender", cycle.sender.clone().map(Fact::Text))
        .with("sendAt", Fact::Number(cycle.t0))
        .with("blockedUntil", Fact::Number(cycle.end()))
        .with("stage", Fact::Number(cycle.stage.into()))
}

pub(crate) fn read_phone(policy: &Policy, text: &str) -> Option<String> {
    number::read(text, &policy.countries().iter().collect::<Vec<_>>())
}

/// RULES §4.1, §4.2, §2.5: the message's number, or the first member at fault.
fn check_fields(policy: &Policy, message: &Message<'_>) -> Result<Option<u64>, Answer> {
    let strict = policy.profile() == Profile::Strict;
    let id_message = match message.id_message {
        IdMessage::None | IdMessage::Text("") => None,
        IdMessage::Number(value) => Some(value),
        IdMessage::OtherNumber(_) => return Err(Answer::invalid("idMessage")),
        IdMessage::Text(text) => {
            let digits = text.chars().all(|c| c.is_ascii_digit());
            let value = text.parse().ok().filter(|_| digits);
            Some(value.ok_or(Answer::invalid("idMessage"))?)
        }
    };
    if strict && id_message.is_none() {
        return Err(Answer::invalid("idMessage"));
    }
    let client = message.client_id.trim();
    if client.len() > 128 || strict && client.is_empty() {
        return Err(Answer::invalid("clientId"));
    }
    let contract = match message.contract {
        Text::Is(text) => text.len(),
        Text::OfLength(length) => length,
    };
    if contract > 128 || strict && contract == 0 {
        return Err(Answer::invalid("contract"));
    }
    if is_blank(message.specialist_code) || message.specialist_code.len() > 128 {
        return Err(Answer::invalid("specialistCode"));
    }
    Ok(id_message)
}

/// RULES §6.1: a blank template is none.
fn is_missing(template: Text<'_>) -> bool {
    match template {
        Text::Is(text) => is_blank(text),
        Text::OfLength(length) => length == 0,
    }
}

/// RULES §2.6: whether the client's gate is in scope.
pub(crate) fn takes_client(policy: &Policy, client: Option<&str>) -> bool {
    client.is_some() && policy.gate() != GateScope::Phone
}

/// RULES §3.1: the wallet's window, else the policy's.
fn window(history: &History, tag: &str) -> u64 {
    let own = Market::of(history).pool.wallet(tag).and_then(|wallet| wallet.window);
    own.unwrap_or(history.policy().window().as_millis() as u64)
}

/// A phone and perhaps a client, as they are at an instant.
struct Gates {
    contact: Contact,
    client: Option<Client>,
}

impl Gates {
    fn at(history: &History, now: u64, key: u64, client_id: Option<&str>) -> Gates {
        Gates { contact: history.contact(key, now), client: client_id.map(|id| history.client(id, now)) }
    }

    fn phone_in_scope(&self, policy: &Policy) -> bool {
        policy.gate() != GateScope::Client || self.client.is_none()
    }

    /// The last cycles of the gates in scope. RULES §2.6.
    fn in_scope(&self, policy: &Policy) -> Vec<&LastCycle> {
        let phone = self.contact.last.as_ref().filter(|_| self.phone_in_scope(policy));
        let client = self.client.as_ref().filter(|_| policy.gate() != GateScope::Phone);
        phone.into_iter().chain(client.and_then(|client| client.last.as_ref())).collect()
    }

    /// Rows 20 and 21, whatever the scope.
    fn check_suppression(&self) -> Result<(), Answer> {
        let client_opted_out = self.client.as_ref().is_some_and(|client| client.opted_out != OptOut::No);
        if self.contact.opted_out != OptOut::No || client_opted_out {
            return Err(Answer::new(Status::OptedOut));
        }
        if self.contact.undeliverable { Err(Answer::new(Status::Undeliverable)) } else { Ok(()) }
    }

    /// Row 40.
    fn check_blocks(&self, policy: &Policy, now: u64) -> Result<(), Answer> {
        if self.phone_in_scope(policy) && self.contact.is_finally_blocked(policy, now) {
            return Err(Answer::new(Status::ContactBlocked));
        }
        let blocking = self.in_scope(policy).into_iter().filter(|last| last.is_blocking(now));
        match blocking.map(|last| last.cycle.end()).max() {
            Some(end) => Err(Answer::refused(Status::ContactBlocked, Some(end))),
            None => Ok(()),
        }
    }
}

/// Rows 50, 60, 70, and 50 again for the instant that allocation gives.
fn allocate(history: &History, now: u64, key: u64, tag: &str, operator: &str) -> Result<Choice, Answer> {
    let check_hours = |at: u64| match history.policy().hours() {
        Some(opening) if !hours::is_open(opening, key, at) => {
            Err(Answer::refused(Status::OutOfHours, hours::next_opening(opening, key, at)))
        }
        _ => Ok(()),
    };
    check_hours(now)?;
    let market = Market::of(history);
    let wallet = market.pool.wallet(tag).expect("the wallet is there");
    if !wallet.operators.is_empty() && !wallet.operators.iter().any(|known| known == operator) {
        return Err(Answer::new(Status::UnknownOperator));
    }
    let demand = Demand { wallet: tag, key, operator, excluded: &[] };
    let Some(choice) = market.choose(&demand, now) else {
        let all: Vec<&str> = wallet.senders.iter().map(|sender| sender.settings.id.as_str()).collect();
        return Err(Answer::refused(Status::NoSenderAvailable, market.first_service(&all, &demand, now)));
    };
    check_hours(choice.send_at)?;
    Ok(choice)
}

/// Row 80: phones and clients that have a cycle or a reply, and the new ones.
fn check_room(history: &History, now: u64, gates: &Gates, takes_client: bool) -> Result<(), Answer> {
    let new_phone = u64::from(!gates.contact.counts());
    let new_client = u64::from(takes_client && gates.client.as_ref().is_some_and(|client| !client.counts()));
    has_room(history, now, new_phone + new_client).then_some(()).ok_or(Answer::new(Status::ContactsFull))
}

/// Whether so many new contacts are allowed.
pub(crate) fn has_room(history: &History, now: u64, new: u64) -> bool {
    new == 0 || count_contacts(history, now).iter().sum::<u64>() + new <= history.policy().max_contacts()
}

/// How many phones and how many clients have a cycle or a reply.
pub(crate) fn count_contacts(history: &History, now: u64) -> [u64; 2] {
    let phones = history.phones().into_iter().filter(|key| history.contact(*key, now).counts());
    let clients = history.clients().into_iter().filter(|id| history.client(id, now).counts());
    [phones.count() as u64, clients.count() as u64]
}
