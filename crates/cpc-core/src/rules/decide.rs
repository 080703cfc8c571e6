//! Whether one message may go out, and from which number.
//!
//! [RULES §4](crate::rules#4-dispatch). The checks stand in the order of their statuses, and the first that fails is the
//! answer: that order is part of the contract. Nothing here changes anything; the same function decides for
//! the engine and for a preview.
//!
//! A check that fails returns its status, and writes what else there is to say into the answer, in its place:
//! most messages are refused in the end, millions of them, and an answer of a hundred bytes that is handed from
//! one function to the next costs more than the rule itself.

use crate::command::{Batch, IdMessage, Message};
use crate::contacts::campaigns::CampaignName;
use crate::contacts::client_record::ClientRecord;
use crate::contacts::packed::{CycleId, Windows};
use crate::contacts::phone_record::PhoneRecord;
use crate::contacts::store::Contacts;
use crate::cycle::{Cycle, GateState, Phase};
use crate::hours::ContactHours;
use crate::outcome::{Outcome, SenderRef};
use crate::phone::Phone;
use crate::policy::{EmptyTemplate, GateScope, Policy, Profile};
use crate::rules::sender_choice::{
    Assignment, RetryCache, SenderPoolView, SenderRequest, choose, new_contact_retry, retry_at,
};
use crate::status::Status;
use crate::text::{MAX_ID, is_name, trimmed};
use crate::time::Timestamp;
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
    /// When the wallet could serve a new contact, for an operator; valid until a message is accepted.
    pub(crate) new_contact_retry: Option<(&'a str, Option<u64>)>,
    /// When limits allow another dispatch; valid until a message is accepted.
    pub(crate) retries: RetryCache,
}

impl<'a> BatchContext<'a> {
    /// A message was accepted: the next dispatch of this batch is for this item.
    pub(crate) fn accepted(&mut self, item: usize) {
        self.items.push(item as u32);
        if self.new_contact_retry.take().is_some() {
            self.retries.clear();
        }
    }

    /// The item of this batch that opened a cycle.
    #[inline]
    fn item_of(&self, id: CycleId) -> Option<u32> {
        let place = id.dispatch()?.checked_sub(self.made_before + 1)?;
        self.items.get(usize::try_from(place).ok()?).copied()
    }

    pub(crate) const fn name(&self) -> CampaignName<'a> {
        CampaignName { id_account: self.batch.id_account, name: self.batch.campaign, tag: self.batch.tag }
    }
}

/// What is known of the contact of a message, as of now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContactState<'a> {
    pub(crate) phone: &'a PhoneRecord,
    /// The client of the message, if it names one.
    pub(crate) client: Option<&'a ClientRecord>,
    /// Whether the phone's cycle is of this very batch, which is only being drafted.
    pub(crate) is_drafted: bool,
}

/// An accepted message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision {
    pub(crate) id_message: Option<u64>,
    pub(crate) empty_template: bool,
    pub(crate) pending: [bool; 2],
    pub(crate) assignment: Assignment,
}

/// Which gates a contact must pass, and takes ([RULES §2.6](crate::rules#2-identity)).
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
pub(crate) struct RuleContext<'a, R> {
    pub(crate) policy: &'a Policy,
    pub(crate) contacts: &'a Contacts,
    pub(crate) windows: &'a Windows,
    pub(crate) view: &'a R,
}

/// The members of a message that were read and found well-formed.
struct Fields {
    id_message: Option<u64>,
    empty_template: bool,
}

/// Decides one message; if it is refused, `answer` says all but the status. `has_room` tells whether so many more
/// contacts fit.
#[inline(always)]
pub(crate) fn decide<'a, R: SenderPoolView>(
    rules: &RuleContext<'_, R>,
    context: &mut BatchContext<'a>,
    message: &Message<'a>,
    contact: &ContactState<'_>,
    has_room: impl FnOnce(u64) -> bool,
    answer: &mut Outcome,
) -> Result<Decision, Status> {
    let fields = read(rules.policy, context.profile, message, answer)?;
    let ContactState { phone, client, .. } = *contact;
    let scope = Scope::new(rules.policy.gate, client.is_some());
    check_suppression(phone, client)?;
    check_duplicate(rules, context, scope, contact, answer)?;
    check_accepted_before(rules, context, &fields, contact, answer)?;
    check_gates(rules, scope, phone, client, context.now, answer)?;
    check_hours(rules.policy, phone, context.now, answer)?;
    let assignment = allocate(rules, context, message.specialist_code, phone, answer)?;
    // A contact that has neither a cycle nor written is not one yet.
    let new_client = scope.client && client.is_some_and(|client| !client.is_known());
    let new_contacts = u64::from(!phone.is_known()) + u64::from(new_client);
    if new_contacts > 0 && !has_room(new_contacts) {
        return Err(Status::ContactsFull);
    }
    let pending = [!message.retry_template.is_blank(), !message.last_template.is_blank()];
    let Fields { id_message, empty_template } = fields;
    Ok(Decision { id_message, empty_template, pending, assignment })
}

/// Statuses 11 to 13. Members are looked at in the order of the document.
#[inline(always)]
fn read(
    policy: &Policy,
    profile: Profile,
    message: &Message<'_>,
    answer: &mut Outcome,
) -> Result<Fields, Status> {
    let strict = profile == Profile::Strict;
    let mut invalid = |field| {
        answer.field = Some(field);
        Err(Status::InvalidField)
    };
    let Some(id_message) = read_id_message(message.id_message) else { return invalid("idMessage") };
    if strict && id_message.is_none() {
        return invalid("idMessage");
    }
    let client_id = trimmed(message.client_id);
    if client_id.len() > MAX_ID || strict && client_id.is_empty() {
        return invalid("clientId");
    }
    if message.contract.len() > MAX_ID || strict && message.contract.is_empty() {
        return invalid("contract");
    }
    if !is_name(message.specialist_code, MAX_ID) {
        return invalid("specialistCode");
    }
    if message.close_ticket != Some(true) {
        return Err(Status::CloseTicketRequired);
    }
    let empty_template = message.main_template.is_blank();
    if empty_template && policy.empty_template == EmptyTemplate::Reject {
        return Err(Status::EmptyTemplate);
    }
    Ok(Fields { id_message, empty_template })
}

/// The number, if there is one; `None` if it is malformed.
#[inline(always)]
fn read_id_message(id_message: IdMessage<'_>) -> Option<Option<u64>> {
    match id_message {
        IdMessage::None | IdMessage::Text("") => Some(None),
        IdMessage::Number(number) => Some(Some(number)),
        // `parse` alone would take a sign.
        IdMessage::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok().map(Some)
        }
        IdMessage::Text(_) | IdMessage::OtherNumber(_) => None,
    }
}

/// Statuses 20 and 21.
#[inline(always)]
pub(crate) fn check_suppression(phone: &PhoneRecord, client: Option<&ClientRecord>) -> Result<(), Status> {
    if phone.opted_out() || client.is_some_and(ClientRecord::opted_out) {
        return Err(Status::OptedOut);
    }
    if phone.undeliverable() {
        return Err(Status::Undeliverable);
    }
    Ok(())
}

/// Status 30: an earlier message of this batch took a gate in scope.
#[inline(always)]
fn check_duplicate<R>(
    rules: &RuleContext<'_, R>,
    context: &BatchContext<'_>,
    scope: Scope,
    contact: &ContactState<'_>,
    answer: &mut Outcome,
) -> Result<(), Status> {
    if context.items.is_empty() { Ok(()) } else { check_taken(rules, context, scope, contact, answer) }
}

fn check_taken<R>(
    rules: &RuleContext<'_, R>,
    context: &BatchContext<'_>,
    scope: Scope,
    contact: &ContactState<'_>,
    answer: &mut Outcome,
) -> Result<(), Status> {
    let taken = |id: Option<CycleId>, cycle: Option<Cycle>| Some((context.item_of(id?)?, cycle?.end()));
    let phone = Some(contact.phone).filter(|_| scope.phone);
    let client = contact.client.filter(|_| scope.client);
    let phone = phone.and_then(|record| taken(record.cycle_id(), record.cycle(rules.windows)));
    let client = client.and_then(|record| taken(record.cycle_id(), record.cycle(rules.windows)));
    let first = phone.into_iter().chain(client).reduce(|(a, a_end), (b, b_end)| (a.min(b), a_end.max(b_end)));
    let Some((index, end)) = first else { return Ok(()) };
    answer.first_index = Some(index);
    answer.retry_at = Some(Timestamp::from_millis(end));
    Err(Status::DuplicateInBatch)
}

/// Status 31: this very message was accepted before.
#[inline(always)]
fn check_accepted_before<R>(
    rules: &RuleContext<'_, R>,
    context: &BatchContext<'_>,
    fields: &Fields,
    contact: &ContactState<'_>,
    answer: &mut Outcome,
) -> Result<(), Status> {
    if fields.id_message.is_none() || contact.phone.id_message() != fields.id_message {
        return Ok(());
    }
    check_same_campaign(rules, context, contact, answer)
}

fn check_same_campaign<R>(
    rules: &RuleContext<'_, R>,
    context: &BatchContext<'_>,
    contact: &ContactState<'_>,
    answer: &mut Outcome,
) -> Result<(), Status> {
    let phone = contact.phone;
    let campaign = || rules.contacts.campaigns.campaign_of(phone.campaign_ref);
    let same_campaign = contact.is_drafted || context.campaign.is_some() && campaign() == context.campaign;
    match phone.cycle(rules.windows) {
        Some(cycle) if same_campaign && cycle.phase != Phase::Released && context.now < cycle.end() => {
            answer.dispatch = phone.cycle_id().and_then(CycleId::dispatch).and_then(NonZeroU64::new);
            answer.sender = phone.sender().map(SenderRef);
            answer.to = phone.current_address();
            answer.send_at = Some(Timestamp::from_millis(cycle.t0));
            answer.blocked_until = Some(Timestamp::from_millis(cycle.end()));
            answer.stage = Some(phone.stage());
            Err(Status::AlreadyAccepted)
        }
        _ => Ok(()),
    }
}

/// Whether a phone's gate has no end: its last cycle is a follow-up that is not answered, and leaves no stage pending
/// ([RULES §6.5](crate::rules#6-follow-ups)).
#[inline(always)]
pub(crate) fn is_finally_blocked<R>(rules: &RuleContext<'_, R>, phone: &PhoneRecord, now: u64) -> bool {
    rules.policy.final_block && phone.stage() > 0 && is_last_unanswered(rules, phone, now)
}

fn is_last_unanswered<R>(rules: &RuleContext<'_, R>, phone: &PhoneRecord, now: u64) -> bool {
    let state = || phone.cycle(rules.windows).map(|cycle| cycle.state(now));
    rules.contacts.pending(phone) == [false, false]
        && matches!(state(), Some(GateState::Blocked | GateState::Expired))
}

/// Status 40: a gate in scope is blocked.
#[inline(always)]
pub(crate) fn check_gates<R>(
    rules: &RuleContext<'_, R>,
    scope: Scope,
    phone: &PhoneRecord,
    client: Option<&ClientRecord>,
    now: u64,
    answer: &mut Outcome,
) -> Result<(), Status> {
    if scope.phone && is_finally_blocked(rules, phone, now) {
        return Err(Status::ContactBlocked);
    }
    let ends = |cycle: Cycle| (cycle.state(now) == GateState::Blocked).then(|| cycle.end());
    let phone = if scope.phone { phone.cycle(rules.windows).and_then(ends) } else { None };
    let client =
        client.filter(|_| scope.client).and_then(|client| client.cycle(rules.windows)).and_then(ends);
    let Some(end) = phone.max(client) else { return Ok(()) };
    answer.retry_at = Some(Timestamp::from_millis(end));
    Err(Status::ContactBlocked)
}

/// Status 50: outside the contact hours at an instant.
#[inline(always)]
pub(crate) fn check_hours(
    policy: &Policy,
    phone: &PhoneRecord,
    instant: u64,
    answer: &mut Outcome,
) -> Result<(), Status> {
    policy.hours().map_or(Ok(()), |hours| check_open(hours, phone, instant, answer))
}

fn check_open(
    hours: &ContactHours,
    phone: &PhoneRecord,
    instant: u64,
    answer: &mut Outcome,
) -> Result<(), Status> {
    let Some(key) = crate::phone::ContactKey::from_stored(phone.key()) else { return Ok(()) };
    let instant = Timestamp::from_millis(instant);
    match hours.next_opening(key, instant) {
        Some(opening) if opening == instant => Ok(()),
        opening => {
            answer.retry_at = opening;
            Err(Status::OutOfHours)
        }
    }
}

/// Statuses 60 and 70, and 50 for when the sender is ready: a sender, or when there could be one.
#[inline(never)]
fn allocate<'a, R: SenderPoolView>(
    rules: &RuleContext<'_, R>,
    context: &mut BatchContext<'a>,
    operator: &'a str,
    phone: &PhoneRecord,
    answer: &mut Outcome,
) -> Result<Assignment, Status> {
    let (now, wallet) = (context.now, context.wallet);
    if !rules.view.base().wallet(wallet).admits(operator) {
        return Err(Status::UnknownOperator);
    }
    let request = SenderRequest { now, wallet, last_sender: phone.sender(), operator, failed: &[] };
    if let Some(assignment) = choose(rules.view, rules.policy, &request) {
        return check_hours(rules.policy, phone, assignment.send_at, answer).map(|()| assignment);
    }
    // For a new contact the answer is the same until another message is accepted.
    let new_contact = match context.new_contact_retry {
        Some((known, retry)) if known == operator => retry,
        _ => new_contact_retry(rules.view, rules.policy, &request, &mut context.retries),
    };
    context.new_contact_retry = Some((operator, new_contact));
    answer.retry_at = no_sender_until(rules, &request, phone, new_contact, &mut context.retries);
    Err(Status::NoSenderAvailable)
}

/// When there could be a sender for this contact, if there is none now.
pub(crate) fn no_sender_until<R: SenderPoolView>(
    rules: &RuleContext<'_, R>,
    request: &SenderRequest<'_>,
    phone: &PhoneRecord,
    new_contact: Option<u64>,
    retries: &mut RetryCache,
) -> Option<Timestamp> {
    let retained_until = phone.retained_until(rules.policy.retention_ms);
    retry_at(rules.view, rules.policy, request, retained_until, new_contact, retries)
        .map(Timestamp::from_millis)
}

/// The answer to an accepted message.
#[inline]
pub(crate) fn accepted(
    dispatch: u64,
    assignment: Assignment,
    to: Option<Phone>,
    window: u64,
    stage: u8,
) -> Outcome {
    Outcome {
        dispatch: NonZeroU64::new(dispatch),
        sender: Some(SenderRef(assignment.sender)),
        to,
        send_at: Some(Timestamp::from_millis(assignment.send_at)),
        blocked_until: Some(Timestamp::from_millis(assignment.send_at + window)),
        stage: Some(stage),
        ..Outcome::new(Status::Accepted)
    }
}
