//! Webhooks of the WhatsApp Cloud API: messages that came in, and what became of messages that went out.
//!
//! Nothing is decided here: an inbound message becomes a `reply`, a status a `report`, by the fault table of
//! `cpc-wire`. A status names the message it is about in `biz_opaque_callback_data`, which whoever sends a message
//! sets to its `messageId`. What names no contact or message of ours is counted as unmatched, not dropped in silence.

use super::line::Line;
use super::tenant::Tenant;
use super::texts::Texts;
use cpc_core::{Engine, Fault, SenderState, SenderView, Timestamp};
use cpc_wire::{FaultTable, OptOutWords, SenderAdvice};
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::error;

/// What a webhook's body says, as far as it matters here.
#[derive(Deserialize)]
struct Notification {
    #[serde(default)]
    entry: Vec<EntryPart>,
}

#[derive(Deserialize)]
struct EntryPart {
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    value: ChangeValue,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChangeValue {
    metadata: Option<Metadata>,
    /// Each read by itself: one that is odd does not take the others with it.
    messages: Vec<Value>,
    statuses: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    display_phone_number: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inbound {
    from: Option<String>,
    timestamp: Option<Value>,
    text: Option<Body>,
    button: Option<Body>,
    interactive: Option<Interactive>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    body: String,
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Interactive {
    button_reply: Title,
    list_reply: Title,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Title {
    title: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StatusPart {
    status: String,
    recipient_id: Option<String>,
    biz_opaque_callback_data: Option<String>,
    errors: Vec<ErrorPart>,
}

#[derive(Deserialize)]
struct ErrorPart {
    code: u32,
}

/// How webhooks are read.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) words: OptOutWords,
    pub(crate) faults: FaultTable,
}

/// What a webhook led to.
#[derive(Default)]
pub(crate) struct Read {
    /// Commands, in order.
    pub(crate) lines: Vec<Line>,
    /// What belongs to nobody, by kind.
    pub(crate) unmatched: Vec<&'static str>,
}

impl Reader {
    /// Reads a webhook's body.
    ///
    /// # Errors
    /// It is no JSON of that shape.
    pub(crate) fn read(
        &self,
        body: &[u8],
        tenant: &Tenant,
        texts: &Texts,
    ) -> Result<Read, serde_json::Error> {
        let notification: Notification = serde_json::from_slice(body)?;
        let mut read = Read::default();
        for change in notification.entry.into_iter().flat_map(|entry| entry.changes) {
            let ChangeValue { metadata, messages, statuses } = change.value;
            for message in messages {
                match serde_json::from_value::<Inbound>(message) {
                    Ok(message) => read.take(self.inbound(&message).ok_or("message")),
                    Err(_) => read.take(Err("malformed")),
                }
            }
            let number = metadata.unwrap_or_default().display_phone_number;
            let sender: String = number.chars().filter(char::is_ascii_digit).collect();
            for status in statuses {
                match serde_json::from_value::<StatusPart>(status) {
                    Ok(status) => read.take_all(self.status_of(tenant, texts, &status, &sender)),
                    Err(_) => read.take(Err("malformed")),
                }
            }
        }
        Ok(read)
    }

    /// A message that came in, as a `reply`. WhatsApp may name its sender otherwise than by phone.
    fn inbound(&self, message: &Inbound) -> Option<Value> {
        let phone = message.from.as_deref().filter(|from| !from.is_empty())?;
        let empty = String::new();
        let texts = [
            message.text.as_ref().map(|text| &text.body),
            message.button.as_ref().map(|button| &button.text),
            message.interactive.as_ref().map(|it| &it.button_reply.title),
            message.interactive.as_ref().map(|it| &it.list_reply.title),
        ];
        let text = texts.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or(&empty);
        let mut line = json!({"op": "reply", "phone": phone, "optOut": self.words.matches(text)});
        // Without a time of its own it counts as having come now.
        if let (Some(millis), Some(line)) =
            (message.timestamp.as_ref().and_then(millis), line.as_object_mut())
        {
            line.insert(String::from("receivedAt"), Value::from(millis));
        }
        Some(line)
    }

    /// What a status leads to, or why to nothing.
    fn status_of(
        &self,
        tenant: &Tenant,
        texts: &Texts,
        status: &StatusPart,
        sender: &str,
    ) -> Result<Vec<Value>, &'static str> {
        let named = status.biz_opaque_callback_data.as_deref().and_then(|id| texts.named_by(id));
        let (dispatch, position) = named.ok_or("status")?;
        // It went out again from another number since: what is said of the number before is no news of that one.
        if tenant.shared().read().outbox.has_moved_on(dispatch, position) {
            return Err("superseded");
        }
        Ok(self.status(tenant, texts, status, dispatch, sender))
    }

    /// What became of a message, as a `report`, and before it what its failure says about its sender and contact.
    fn status(
        &self,
        tenant: &Tenant,
        texts: &Texts,
        status: &StatusPart,
        dispatch: u64,
        sender: &str,
    ) -> Vec<Value> {
        let known = tenant.engine(|engine| place_of(engine, sender));
        let sender = known.as_ref().map(|_| sender);
        match &*status.status {
            "sent" | "delivered" | "read" => {
                vec![json!({"op": "report", "dispatch": dispatch, "status": status.status, "sender": sender})]
            }
            "failed" => {
                let code = status.errors.first().map(|error| error.code);
                let phone = status.recipient_id.as_deref();
                self.failure(tenant, texts, &Failure { dispatch, code, sender, phone })
            }
            // `deleted`, `warning` and what may yet come say nothing about delivery.
            _ => Vec::new(),
        }
    }

    /// What a failed delivery leads to: its sender rests or is put out of use, its contact opts out, and the report.
    pub(crate) fn failure(&self, tenant: &Tenant, texts: &Texts, failure: &Failure<'_>) -> Vec<Value> {
        let Failure { dispatch, code, sender, phone } = *failure;
        let advice = code.map_or(cpc_wire::Advice::AMBIGUOUS, |code| self.faults.advice(code));
        let mut lines = Vec::new();
        if advice.opt_out {
            let phone = phone.map(str::to_owned).or_else(|| posted_phone(tenant, texts, dispatch));
            lines.extend(phone.map(|phone| json!({"op": "optOut", "phone": phone})));
        }
        let fault = fault_name(advice.fault);
        lines.push(json!({"op": "report", "dispatch": dispatch, "status": "failed", "fault": fault, "sender": sender}));
        let states = sender.map(|sender| tenant.engine(|engine| sender_lines(engine, sender, advice.sender)));
        let states = states.unwrap_or_default();
        // A number that is out of use must not be the one that the message moves to; a rest of a certain length comes
        // in the place of the one that the report leads to.
        let first = if matches!(advice.sender, SenderAdvice::Disable | SenderAdvice::DisableGroup) {
            0
        } else {
            lines.len()
        };
        lines.splice(first..first, states);
        lines
    }
}

/// A delivery that failed.
pub(crate) struct Failure<'a> {
    pub(crate) dispatch: u64,
    /// The error's code.
    pub(crate) code: Option<u32>,
    pub(crate) sender: Option<&'a str>,
    /// The contact's phone; the one that the message was posted with, if it is not named.
    pub(crate) phone: Option<&'a str>,
}

impl Read {
    fn take_all(&mut self, lines: Result<Vec<Value>, &'static str>) {
        match lines {
            Ok(lines) => lines.into_iter().for_each(|line| self.take(Ok(line))),
            Err(kind) => self.take(Err(kind)),
        }
    }

    fn take(&mut self, line: Result<Value, &'static str>) {
        match line.map(|line| Line::of(&line)) {
            Ok(Ok(line)) => self.lines.push(line),
            // A member of a kind that no line takes.
            Ok(Err(_)) => self.unmatched.push("malformed"),
            Err(kind) => self.unmatched.push(kind),
        }
    }
}

/// The phone that the message of a dispatch was posted with.
fn posted_phone(tenant: &Tenant, texts: &Texts, dispatch: u64) -> Option<String> {
    // Of a message that was accepted just now, only the outbox knows where it is.
    let place = tenant.shared().read().outbox.of_dispatch(dispatch).and_then(|send| send.place);
    texts.phone_of(dispatch, place).unwrap_or_else(|error| {
        error!(dispatch, %error, "the contact of a message that opts out cannot be read");
        None
    })
}

/// WhatsApp's seconds, as a number or a text, in milliseconds.
fn millis(timestamp: &Value) -> Option<i64> {
    let seconds = match timestamp {
        Value::String(text) => text.parse().ok()?,
        other => other.as_i64()?,
    };
    // A time that is none must not cost the message.
    i64::checked_mul(seconds, 1000).filter(|millis| Timestamp::new(*millis).is_some())
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

/// What is to be done with a sender, as commands.
fn sender_lines(engine: &Engine, sender: &str, advice: SenderAdvice) -> Vec<Value> {
    let Some((tag, view)) = place_of(engine, sender) else { return Vec::new() };
    let group = view.group.map(|group| group.name);
    // Whoever took a number out of use meant it, and a long rest is not made short by a later, lesser failure.
    let may_rest = matches!(view.state, SenderState::Ready | SenderState::Quarantined);
    let rests_until = view.until.map_or(0, Timestamp::as_millis);
    match advice {
        SenderAdvice::HoldMs(hold) if may_rest => {
            let until = rests_until.max(super::clock::now() + hold);
            vec![json!({"op": "sender", "tag": tag, "id": sender, "state": "quarantined", "until": until})]
        }
        SenderAdvice::ExistingOnly if may_rest => {
            vec![json!({"op": "sender", "tag": tag, "id": sender, "state": "existingOnly"})]
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
