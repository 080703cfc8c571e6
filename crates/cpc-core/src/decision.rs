//! Whether one message may go out, and from which number.
//!
//! [RULES §4](crate#4-dispatch). The checks stand in the order of their statuses, and the first that fails is the
//! answer: that order is part of the contract. Nothing here changes anything; the same function decides for
//! the engine and for a preview.

use crate::allocation::{Ask, Choice, Room, Roster, choose, retry_at, stranger_retry};
use crate::client::ClientRecord;
use crate::command::{Batch, IdMessage, Message};
use crate::contact::PhoneRecord;
use crate::contacts::Contacts;
use crate::error::Field;
use crate::gate::{Cycle, Phase};
use crate::origin::CampaignName;
use crate::outcome::{Outcome, SenderRef};
use crate::packed::{CycleId, Windows};
use crate::phone::Phone;
use crate::policy::{EmptyTemplate, GateScope, Policy, Profile};
use crate::status::Status;
use crate::text::{MAX_ID, is_blank, is_name, trimmed};
use crate::time::Timestamp;
use crate::view::GateState;
use core::num::NonZeroU64;

/// What the messages of a batch have in common.
#[derive(Clone, Debug)]
pub(crate) struct BatchContext<'a> {
    pub(crate) now: u64,
    pub(crate) batch: &'a Batch<'a>,
    /// Which members its messages must have.
    pub(crate) profile: Profile,
    pub(crate) wallet: u32,
    pub(crate) window: u64,
    /// The last dispatch made before this batch.
    pub(crate) made_before: u64,
    /// The campaign, if any record names it.
    pub(crate) campaign: Option<u32>,
    /// The item that each dispatch of this batch was made for.
    pub(crate) items: alloc::vec::Vec<u32>,
    /// When the wallet could serve somebody it does not know, for an operator; until a message is accepted.
    pub(crate) stranger_retry: Option<(&'a str, Option<u64>)>,
    /// When limits leave room again, until a message is accepted.
    pub(crate) room: Room,
}

impl<'a> BatchContext<'a> {
    /// A message was accepted: the next dispatch of this batch is for this item.
    pub(crate) fn accepted(&mut self, item: usize) {
        self.items.push(item as u32);
        if self.stranger_retry.take().is_some() {
            self.room.clear();
        }
    }

    pub(crate) const fn name(&self) -> CampaignName<'a> {
        CampaignName { id_account: self.batch.id_account, name: self.batch.campaign, tag: self.batch.tag }
    }
}

/// What is known of the contact of a message, as of now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) phone: PhoneRecord,
    /// The client of the message, if it names one.
    pub(crate) client: Option<(&'a str, ClientRecord)>,
    /// Whether the phone's cycle is of this batch's campaign.
    pub(crate) same_campaign: bool,
}

/// An accepted message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision {
    pub(crate) id_message: Option<u64>,
    pub(crate) empty_template: bool,
    pub(crate) pending: [bool; 2],
    pub(crate) choice: Choice,
}

/// Which gates a contact must pass, and takes ([RULES §2.6](crate#2-identity)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) phone: bool,
    pub(crate) client: bool,
}

impl Scope {
    pub(crate) const fn new(gate: GateScope, has_client: bool) -> Scope {
        match gate {
            GateScope::PhoneOrClient => Scope { phone: true, client: has_client },
            GateScope::Phone => Scope { phone: true, client: false },
            GateScope::Client => Scope { phone: !has_client, client: has_client },
        }
    }
}

/// What a decision is made with, besides the message and its contact.
pub(crate) struct Desk<'a, R> {
    pub(crate) policy: &'a Policy,
    pub(crate) contacts: &'a Contacts,
    pub(crate) windows: &'a Windows,
    pub(crate) roster: &'a R,
}

/// The members of a message that were read and found well-formed.
struct Fields {
    id_message: Option<u64>,
    empty_template: bool,
}

/// Decides one message. `has_room` tells whether so many more contacts fit.
pub(crate) fn decide<'a, R: Roster>(
    desk: &Desk<'_, R>,
    context: &mut BatchContext<'a>,
    message: &Message<'a>,
    facts: &Facts<'_>,
    has_room: impl FnOnce(u64) -> bool,
) -> Result<Decision, Outcome> {
    let fields = read(desk.policy, context.profile, message)?;
    let client = facts.client.as_ref().map(|(_, record)| record);
    let scope = Scope::new(desk.policy.gate, client.is_some());
    check_suppression(&facts.phone, client)?;
    check_duplicate(desk, context, scope, facts)?;
    check_accepted_before(desk, context, &fields, facts)?;
    check_gates(desk, scope, &facts.phone, client, context.now)?;
    check_hours(desk.policy, &facts.phone, context.now)?;
    if !desk.roster.fleet().wallet(context.wallet).admits(message.specialist_code) {
        return Err(Outcome::new(Status::UnknownOperator));
    }
    let choice = allocate(desk, context, message.specialist_code, &facts.phone)?;
    check_hours(desk.policy, &facts.phone, choice.send_at)?;
    // A contact that has neither a cycle nor written is not one yet.
    let new_client = scope.client && client.is_some_and(|client| client.lapses_at(0).is_none());
    let new_contacts = u64::from(facts.phone.lapses_at(0).is_none()) + u64::from(new_client);
    if new_contacts > 0 && !has_room(new_contacts) {
        return Err(Outcome::new(Status::ContactsFull));
    }
    let pending = [!is_blank(message.retry_template), !is_blank(message.last_template)];
    let Fields { id_message, empty_template } = fields;
    Ok(Decision { id_message, empty_template, pending, choice })
}

const fn invalid(field: Field) -> Outcome {
    Outcome { field: Some(field), ..Outcome::new(Status::InvalidField) }
}

/// Statuses 11 to 13. Members are looked at in the order of the document.
fn read(policy: &Policy, profile: Profile, message: &Message<'_>) -> Result<Fields, Outcome> {
    let strict = profile == Profile::Strict;
    let id_message = read_id_message(message.id_message)?;
    if strict && id_message.is_none() {
        return Err(invalid("idMessage"));
    }
    let client_id = trimmed(message.client_id);
    if client_id.len() > MAX_ID || strict && client_id.is_empty() {
        return Err(invalid("clientId"));
    }
    if message.contract.len() > MAX_ID || strict && message.contract.is_empty() {
        return Err(invalid("contract"));
    }
    if !is_name(message.specialist_code, MAX_ID) {
        return Err(invalid("specialistCode"));
    }
    if message.close_ticket != Some(true) {
        return Err(Outcome::new(Status::CloseTicketRequired));
    }
    let empty_template = is_blank(message.main_template);
    if empty_template && policy.empty_template == EmptyTemplate::Reject {
        return Err(Outcome::new(Status::EmptyTemplate));
    }
    Ok(Fields { id_message, empty_template })
}

fn read_id_message(id_message: IdMessage<'_>) -> Result<Option<u64>, Outcome> {
    match id_message {
        IdMessage::None | IdMessage::Text("") => Ok(None),
        IdMessage::Number(number) => Ok(Some(number)),
        // `parse` alone would take a sign.
        IdMessage::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map(Some).map_err(|_| invalid("idMessage"))
        }
        IdMessage::Text(_) => Err(invalid("idMessage")),
    }
}

/// Statuses 20 and 21.
pub(crate) fn check_suppression(phone: &PhoneRecord, client: Option<&ClientRecord>) -> Result<(), Outcome> {
    if phone.opted_out() || client.is_some_and(ClientRecord::opted_out) {
        return Err(Outcome::new(Status::OptedOut));
    }
    if phone.undeliverable() {
        return Err(Outcome::new(Status::Undeliverable));
    }
    Ok(())
}

/// Status 30: an earlier message of this batch took a gate in scope.
fn check_duplicate<R>(
    desk: &Desk<'_, R>,
    context: &BatchContext<'_>,
    scope: Scope,
    facts: &Facts<'_>,
) -> Result<(), Outcome> {
    let windows = desk.windows;
    let phone = facts.phone.cycle_id().zip(facts.phone.cycle(windows)).filter(|_| scope.phone);
    let client = facts.client.and_then(|(_, record)| record.cycle_id().zip(record.cycle(windows)));
    let taken = |(id, cycle): (CycleId, Cycle)| {
        let place = id.dispatch()?.checked_sub(context.made_before + 1)?;
        Some((*context.items.get(usize::try_from(place).ok()?)?, cycle.end()))
    };
    let gates = [phone, client.filter(|_| scope.client)];
    let taken = gates.into_iter().flatten().filter_map(taken);
    let first = taken.reduce(|(a, a_end), (b, b_end)| (a.min(b), a_end.max(b_end)));
    first.map_or(Ok(()), |(index, end)| {
        let retry_at = Some(Timestamp::from_millis(end));
        Err(Outcome { first_index: Some(index), ..Outcome::refused(Status::DuplicateInBatch, retry_at) })
    })
}

/// Status 31: this very message was accepted before.
fn check_accepted_before<R>(
    desk: &Desk<'_, R>,
    context: &BatchContext<'_>,
    fields: &Fields,
    facts: &Facts<'_>,
) -> Result<(), Outcome> {
    let phone = &facts.phone;
    if fields.id_message.is_none() || phone.id_message() != fields.id_message || !facts.same_campaign {
        return Ok(());
    }
    match phone.cycle(desk.windows) {
        Some(cycle) if cycle.phase != Phase::Released && context.now < cycle.end() => Err(Outcome {
            dispatch: phone.cycle_id().and_then(CycleId::dispatch).and_then(NonZeroU64::new),
            sender: phone.sender().map(SenderRef),
            send_at: Some(Timestamp::from_millis(cycle.t0)),
            blocked_until: Some(Timestamp::from_millis(cycle.end())),
            stage: Some(phone.stage()),
            ..Outcome::new(Status::AlreadyAccepted)
        }),
        _ => Ok(()),
    }
}

/// Whether a phone let its last follow-up expire, and stays blocked for that ([RULES §6.5](crate#6-follow-ups)).
pub(crate) fn is_finally_blocked<R>(desk: &Desk<'_, R>, phone: &PhoneRecord, now: u64) -> bool {
    let expired = || phone.cycle(desk.windows).is_some_and(|cycle| cycle.state(now) == GateState::Expired);
    let nothing_follows = || desk.contacts.pending(phone) == [false, false];
    desk.policy.final_block && phone.stage() > 0 && nothing_follows() && expired()
}

/// Status 40: a gate in scope is blocked.
pub(crate) fn check_gates<R>(
    desk: &Desk<'_, R>,
    scope: Scope,
    phone: &PhoneRecord,
    client: Option<&ClientRecord>,
    now: u64,
) -> Result<(), Outcome> {
    let windows = desk.windows;
    if scope.phone && is_finally_blocked(desk, phone, now) {
        return Err(Outcome::refused(Status::ContactBlocked, None));
    }
    let phone = phone.cycle(windows).filter(|_| scope.phone);
    let client = client.and_then(|client| client.cycle(windows)).filter(|_| scope.client);
    let blocked = phone.into_iter().chain(client).filter(|cycle| cycle.state(now) == GateState::Blocked);
    match blocked.map(|cycle| cycle.end()).max() {
        Some(end) => Err(Outcome::refused(Status::ContactBlocked, Some(Timestamp::from_millis(end)))),
        None => Ok(()),
    }
}

/// Status 50: outside the contact hours at an instant.
pub(crate) fn check_hours(policy: &Policy, phone: &PhoneRecord, instant: u64) -> Result<(), Outcome> {
    let Some(hours) = policy.hours() else { return Ok(()) };
    let Some(key) = crate::phone::ContactKey::from_stored(phone.key()) else { return Ok(()) };
    let instant = Timestamp::from_millis(instant);
    match hours.next_opening(key, instant) {
        Some(opening) if opening == instant => Ok(()),
        opening => Err(Outcome::refused(Status::OutOfHours, opening)),
    }
}

/// Status 70: a sender, or when there could be one.
fn allocate<'a, R: Roster>(
    desk: &Desk<'_, R>,
    context: &mut BatchContext<'a>,
    operator: &'a str,
    phone: &PhoneRecord,
) -> Result<Choice, Outcome> {
    let (now, wallet) = (context.now, context.wallet);
    let ask = Ask { now, wallet, last_sender: phone.sender(), operator, failed: &[] };
    if let Some(choice) = choose(desk.roster, desk.policy, &ask) {
        return Ok(choice);
    }
    // For somebody the wallet does not know the answer is the same until another message is accepted.
    let stranger = match context.stranger_retry {
        Some((known, retry)) if known == operator => retry,
        _ => stranger_retry(desk.roster, desk.policy, &ask, &mut context.room),
    };
    context.stranger_retry = Some((operator, stranger));
    Err(no_sender(desk, &ask, phone, stranger, &mut context.room))
}

/// No sender for this contact, and when there could be one.
pub(crate) fn no_sender<R: Roster>(
    desk: &Desk<'_, R>,
    ask: &Ask<'_>,
    phone: &PhoneRecord,
    stranger: Option<u64>,
    room: &mut Room,
) -> Outcome {
    let lapse = phone.lapses_at(desk.policy.retention_ms);
    let retry = retry_at(desk.roster, desk.policy, ask, lapse, stranger, room);
    Outcome::refused(Status::NoSenderAvailable, retry.map(Timestamp::from_millis))
}

/// The answer to an accepted message.
pub(crate) fn accepted(dispatch: u64, choice: Choice, to: Option<Phone>, window: u64, stage: u8) -> Outcome {
    Outcome {
        dispatch: NonZeroU64::new(dispatch),
        sender: Some(SenderRef(choice.sender)),
        to,
        send_at: Some(Timestamp::from_millis(choice.send_at)),
        blocked_until: Some(Timestamp::from_millis(choice.send_at + window)),
        stage: Some(stage),
        ..Outcome::new(Status::Accepted)
    }
}
