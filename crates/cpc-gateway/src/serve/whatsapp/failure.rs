//! What a failed delivery leads to beside its report: its sender rests or is put out of use, its contact opts out.

use super::Reader;
use crate::serve::clock::now;
use crate::serve::tenant::Tenant;
use crate::serve::texts::Texts;
use cpc_core::{Delivery, Engine, Fault, Report, SenderState, SenderView, Target, Timestamp};
use cpc_wire::{Advice, SenderAdvice};
use serde_json::{Value, json};
use tracing::error;

/// A delivery that failed.
pub(crate) struct Failure<'a> {
    pub(crate) dispatch: u64,
    /// The error's code.
    pub(crate) code: Option<u32>,
    /// The sender that failed; the one that the dispatch has now, if none is named.
    pub(crate) sender: Option<&'a str>,
    /// The contact's phone, if it is named; the one that the message was posted with goes before it.
    pub(crate) recipient: Option<&'a str>,
    /// When it failed, in ms; now, if that is not known.
    pub(crate) happened: Option<u64>,
    /// Until when its number is locked for new chats, if that is what the error says, as lines have times.
    pub(crate) locked_until: Option<&'a Value>,
}

impl Reader {
    /// The commands that a failed delivery leads to, in order.
    pub(crate) fn failure(&self, tenant: &Tenant, texts: &Texts, failure: &Failure<'_>) -> Vec<Value> {
        let dispatch = failure.dispatch;
        let advice = failure.code.map_or(Advice::AMBIGUOUS, |code| self.faults.advice(code));
        let posted = posted_phone(tenant, texts, dispatch);
        let sender = failure.sender.map(str::to_owned);
        let sender = sender.or_else(|| sender_of(tenant, posted.as_deref(), dispatch));
        let fault = fault_name(advice.fault);
        let report = json!({"op": "report", "dispatch": dispatch, "status": "failed", "fault": fault, "sender": sender});
        let states = tenant
            .engine(|engine| sender.as_deref().map(|sender| sender_lines(engine, failure, sender, advice)));
        let states = states.unwrap_or_default();
        // That a contact wants no more messages is true whatever became of this one, so it is not asked whether the
        // report is believed.
        let phone = posted.as_deref().or(failure.recipient).filter(|_| advice.opt_out);
        let opt_out = phone.map(|phone| json!({"op": "optOut", "phone": phone}));
        // A number that is out of use must not be the one that the message moves to; a rest of a certain length comes
        // in the place of the one that the report leads to.
        let (first, last) = match advice.sender {
            SenderAdvice::Disable | SenderAdvice::DisableGroup => (states, Vec::new()),
            _ => (Vec::new(), states),
        };
        first.into_iter().chain(opt_out).chain([report]).chain(last).collect()
    }
}

/// The phone that the message of a dispatch was posted with.
fn posted_phone(tenant: &Tenant, texts: &Texts, dispatch: u64) -> Option<String> {
    // Of a message that was accepted just now, only the outbox knows where it is.
    let place = tenant.shared().read().outbox.of_dispatch(dispatch).and_then(|send| send.place);
    texts.phone_of(dispatch, place).unwrap_or_else(|error| {
        error!(dispatch, %error, "the contact of a message that failed cannot be read");
        None
    })
}

/// The sender that a dispatch has, while it is its contact's last.
fn sender_of(tenant: &Tenant, phone: Option<&str>, dispatch: u64) -> Option<String> {
    let machine = tenant.shared().read();
    if let Some(send) = machine.outbox.of_dispatch(dispatch) {
        return Some(String::from(&*send.sender));
    }
    let engine = &machine.engine;
    let (_, contact) = engine.contact(now().cast_signed(), Target::Phone(phone?)).ok()?;
    let is_last = contact.dispatch.is_some_and(|last| last.get() == dispatch);
    contact.sender.filter(|_| is_last).map(|sender| engine.sender_id(sender).to_owned())
}

/// A sender, and its wallet.
fn place_of(engine: &Engine, sender: &str) -> Option<(String, SenderView)> {
    let clock = engine.clock().map_or(0, |clock| clock.as_millis()).cast_signed();
    engine.wallet_tags().find_map(|tag| {
        let (_, wallet) = engine.wallet(clock, tag).ok()?;
        let view = wallet.senders.into_iter().find(|view| view.id == sender)?;
        Some((wallet.tag, view))
    })
}

/// What is to be done with the sender of a failure, as commands. Nothing, if the report is not believed: WhatsApp
/// repeats what it said, and who was made ready again since stays ready.
fn sender_lines(engine: &Engine, failure: &Failure<'_>, sender: &str, advice: Advice) -> Vec<Value> {
    let now = now();
    let status = Delivery::Failed(advice.fault);
    let report = Report { dispatch: failure.dispatch, status, sender: Some(sender) };
    let has_advice = advice.sender != SenderAdvice::None;
    if !has_advice || !engine.accepts_report(now.cast_signed(), &report).unwrap_or(false) {
        return Vec::new();
    }
    let Some((tag, view)) = place_of(engine, sender) else { return Vec::new() };
    let group = view.group.map(|group| group.name);
    // Whoever took a number out of use meant it, and a long rest is not made short by a later, lesser failure.
    let may_rest = matches!(view.state, SenderState::Ready | SenderState::Quarantined);
    let rests_until = view.until.map_or(0, Timestamp::as_millis);
    match advice.sender {
        SenderAdvice::HoldMs(hold) if may_rest => {
            let until = rests_until.max(failure.happened.unwrap_or(now).min(now) + hold);
            vec![json!({"op": "sender", "tag": tag, "id": sender, "state": "quarantined", "until": until})]
        }
        SenderAdvice::ExistingOnly if may_rest => {
            let until = failure.locked_until;
            vec![json!({"op": "sender", "tag": tag, "id": sender, "state": "existingOnly", "until": until})]
        }
        SenderAdvice::None | SenderAdvice::HoldMs(_) | SenderAdvice::ExistingOnly => Vec::new(),
        SenderAdvice::Disable => vec![json!({"op": "sender", "tag": tag, "id": sender, "state": "disabled"})],
        SenderAdvice::DisableGroup => disable_group(engine, &tag, sender, group.as_deref()),
    }
}

fn disable_group(engine: &Engine, tag: &str, sender: &str, group: Option<&str>) -> Vec<Value> {
    let Some(group) = group else {
        return vec![json!({"op": "sender", "tag": tag, "id": sender, "state": "disabled"})];
    };
    let clock = engine.clock().map_or(0, |clock| clock.as_millis()).cast_signed();
    let wallets = engine.wallet_tags().filter_map(|tag| engine.wallet(clock, tag).ok());
    wallets
        .flat_map(|(_, wallet)| {
            let members =
                wallet.senders.into_iter().filter(|it| it.group.as_ref().is_some_and(|it| it.name == group));
            let tag = wallet.tag;
            members.map(move |it| json!({"op": "sender", "tag": tag, "id": it.id, "state": "disabled"}))
        })
        .collect()
}

const fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Contact => "contact",
        Fault::Sender => "sender",
        Fault::Request => "request",
        Fault::Ambiguous => "ambiguous",
    }
}
