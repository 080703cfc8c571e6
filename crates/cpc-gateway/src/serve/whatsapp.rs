//! Webhooks of the WhatsApp Cloud API: messages that came in, and what became of messages that went out.
//!
//! Nothing is decided here: an inbound message becomes a `reply`, a status a `report`, by the fault table of
//! `cpc-wire`. A status names the message it is about in `biz_opaque_callback_data`, which whoever sends a message
//! sets to its `messageId`. What names no contact or message of ours, what a contact did not write, and what cannot be
//! read is counted as unmatched, not dropped in silence; none of it takes with it what stands beside it.

mod failure;

use super::line::Line;
use super::tenant::Tenant;
use super::texts::Texts;
use cpc_core::{Engine, Phone, Timestamp};
use cpc_wire::{FaultTable, OptOutWords};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) use failure::Failure;

/// A message from a contact, or an event that WhatsApp shows as one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Inbound {
    from: Option<String>,
    timestamp: Option<Value>,
    r#type: Option<String>,
    text: Option<Body>,
    button: Option<Body>,
    interactive: Option<Interactive>,
    system: Option<SystemPart>,
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
    button_reply: Option<Title>,
    list_reply: Option<Title>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Title {
    title: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SystemPart {
    /// `stop` or `resume`, if the contact changed what it wants.
    marketing: Option<String>,
}

/// What a contact wants of us, said in the settings of its app.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Preference {
    wa_id: Option<String>,
    category: Option<String>,
    value: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StatusPart {
    status: String,
    timestamp: Option<Value>,
    recipient_id: Option<String>,
    biz_opaque_callback_data: Option<String>,
    errors: Option<Vec<ErrorPart>>,
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

/// One thing that a webhook says. What it leads to is only known once all before it was carried out: of two failures of
/// one message, the second is no news.
pub(crate) struct Notice(Kind);

enum Kind {
    Message(Inbound),
    Status(StatusPart),
    Preference(Preference),
    /// Nothing for us, and of which kind.
    Unmatched(&'static str),
}

impl Notice {
    fn of<T: for<'de> Deserialize<'de>>(part: &Value, kind: fn(T) -> Kind) -> Notice {
        Notice(T::deserialize(part).map_or(Kind::Unmatched("malformed"), kind))
    }
}

/// What a webhook's body says, in its order.
///
/// # Errors
/// It is no JSON object.
pub(crate) fn notices(body: &[u8]) -> Result<Vec<Notice>, serde_json::Error> {
    let notification: serde_json::Map<String, Value> = serde_json::from_slice(body)?;
    let mut notices = Vec::new();
    for entry in items(notification.get("entry"), &mut notices) {
        if !entry.is_object() {
            notices.push(Notice(Kind::Unmatched("malformed")));
        }
        for change in items(entry.get("changes"), &mut notices) {
            take_change(change, &mut notices);
        }
    }
    Ok(notices)
}

fn take_change(change: &Value, notices: &mut Vec<Notice>) {
    let empty = Value::Null;
    let value = change.get("value").unwrap_or(&empty);
    let before = notices.len();
    match change.get("field").and_then(Value::as_str) {
        Some("messages") => {
            for message in items(value.get("messages"), notices) {
                notices.push(Notice::of(message, Kind::Message));
            }
            for status in items(value.get("statuses"), notices) {
                notices.push(Notice::of(status, Kind::Status));
            }
        }
        Some("user_preferences") => {
            for preference in items(value.get("user_preferences"), notices) {
                notices.push(Notice::of(preference, Kind::Preference));
            }
        }
        _ => {}
    }
    // Of a field that is of no concern here, or without anything that is.
    if notices.len() == before {
        notices.push(Notice(Kind::Unmatched("change")));
    }
}

/// The items of a list that may be absent or `null`; anything else is counted.
fn items<'v>(list: Option<&'v Value>, notices: &mut Vec<Notice>) -> &'v [Value] {
    match list {
        Some(Value::Array(items)) => items,
        None | Some(Value::Null) => &[],
        Some(_) => {
            notices.push(Notice(Kind::Unmatched("malformed")));
            &[]
        }
    }
}

impl Reader {
    /// The commands that a notice leads to, in order, or of which kind it is if it is nothing for us.
    pub(crate) fn lines(
        &self,
        tenant: &Tenant,
        texts: &Texts,
        notice: &Notice,
    ) -> Result<Vec<Line>, &'static str> {
        let lines = match &notice.0 {
            Kind::Message(message) => vec![tenant.engine(|engine| self.inbound(engine, message))?],
            Kind::Preference(preference) => vec![tenant.engine(|engine| preferred(engine, preference))?],
            Kind::Status(status) => self.status_of(tenant, texts, status)?,
            Kind::Unmatched(kind) => return Err(kind),
        };
        lines.iter().map(|line| Line::of(line).map_err(|_| "malformed")).collect()
    }

    /// A message that came in, as a `reply`.
    ///
    /// An event that the contact wrote nothing for is none, or its next contact would not have to wait. That is so of
    /// `system` (a new number, other settings), of `request_welcome` (it opened the chat), and of `reaction`: an emoji
    /// put on a message, or taken off it, acknowledges the message and does not answer it.
    fn inbound(&self, engine: &Engine, message: &Inbound) -> Result<Value, &'static str> {
        match message.r#type.as_deref() {
            Some("system") => {
                let wish = message.system.as_ref().and_then(|system| system.marketing.as_deref());
                return opted_out(engine, message.from.as_deref(), wish).unwrap_or(Err("system"));
            }
            Some("request_welcome") => return Err("request_welcome"),
            Some("reaction") => return Err("reaction"),
            _ => {}
        }
        let phone = phone(engine, message.from.as_deref()).ok_or("message")?;
        let opts_out = self.words.matches(text_of(message));
        let mut line = json!({"op": "reply", "phone": phone, "optOut": opts_out});
        // Without a time of its own it counts as having come now.
        if let (Some(millis), Some(line)) =
            (message.timestamp.as_ref().and_then(millis), line.as_object_mut())
        {
            line.insert(String::from("receivedAt"), Value::from(millis));
        }
        Ok(line)
    }

    /// What a status leads to, or why to nothing: a `report`, and before it what a failure says about sender and
    /// contact.
    fn status_of(
        &self,
        tenant: &Tenant,
        texts: &Texts,
        status: &StatusPart,
    ) -> Result<Vec<Value>, &'static str> {
        let named = status.biz_opaque_callback_data.as_deref().and_then(|id| texts.named_by(id));
        let (dispatch, position) = named.ok_or("status")?;
        // It went out again from another number since: what is said of the number before is no news of that one.
        if tenant.shared().read().outbox.has_moved_on(dispatch, position) {
            return Err("superseded");
        }
        Ok(match &*status.status {
            "sent" | "delivered" | "read" => {
                vec![json!({"op": "report", "dispatch": dispatch, "status": status.status})]
            }
            "failed" => {
                let code = status.errors.iter().flatten().next().map(|error| error.code);
                let happened = status.timestamp.as_ref().and_then(millis).map(i64::cast_unsigned);
                let recipient = tenant.engine(|engine| phone(engine, status.recipient_id.as_deref()));
                let failure =
                    Failure { dispatch, code, sender: None, recipient, happened, locked_until: None };
                self.failure(tenant, texts, &failure)
            }
            // `deleted`, `warning` and what may yet come say nothing about delivery.
            _ => return Err("other_status"),
        })
    }
}

/// A change of what a contact wants.
fn preferred(engine: &Engine, preference: &Preference) -> Result<Value, &'static str> {
    let is_ours = preference.category.as_deref().is_none_or(|category| category == "marketing_messages");
    let wish = preference.value.as_deref().filter(|_| is_ours);
    opted_out(engine, preference.wa_id.as_deref(), wish).unwrap_or(Err("preference"))
}

/// The opt-out of a contact that wishes to `stop` marketing. `resume` lifts none: the contact may have asked for it in
/// words as well, and that stands until someone takes it back for it.
fn opted_out(engine: &Engine, from: Option<&str>, wish: Option<&str>) -> Option<Result<Value, &'static str>> {
    (wish == Some("stop")).then(|| {
        let phone = phone(engine, from).ok_or("opt_out")?;
        Ok(json!({"op": "optOut", "phone": phone}))
    })
}

/// A phone, if that is how WhatsApp names a contact; it may name one otherwise, also with digits in it.
fn phone<'t>(engine: &Engine, named: Option<&'t str>) -> Option<&'t str> {
    let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    named.filter(digits).filter(|text| Phone::parse(text, engine.policy().countries()).is_ok())
}

fn text_of(message: &Inbound) -> &str {
    let interactive = message.interactive.as_ref();
    let texts = [
        message.text.as_ref().map(|text| &text.body),
        message.button.as_ref().map(|button| &button.text),
        interactive.and_then(|it| it.button_reply.as_ref()).map(|reply| &reply.title),
        interactive.and_then(|it| it.list_reply.as_ref()).map(|reply| &reply.title),
    ];
    texts.into_iter().flatten().find(|text| !text.is_empty()).map_or("", |text| text)
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
