//! Notifications of the WhatsApp Cloud API, taken apart into [`Event`]s. Nothing of an engine is needed for that.

use crate::event::{DeliveryStatus, Event, InboundMessage, InboundOptOut, InvalidJson};
use crate::ignored::Ignored;
use cpc_core::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Takes a notification apart, in its order.
///
/// What names no contact or message, what a contact did not write and what cannot be read is an [`Event::Ignored`]:
/// counted, not dropped in silence, and none of it costs what stands beside it.
///
/// ```
/// use cpc_whatsapp::{Event, Ignored, read_notification};
///
/// let body = br#"{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"messages","value":{
///     "statuses":[{"status":"failed","biz_opaque_callback_data":"17","recipient_id":"551188876204","timestamp":"1795435200",
///                  "errors":[{"code":131026}]}]}},
///     {"field":"message_template_status_update","value":{"event":"REJECTED"}}]}]}"#;
/// let events = read_notification(body)?;
/// let Event::Status(status) = &events[0] else { panic!() };
/// assert_eq!((status.message_id.as_deref(), status.code), (Some("17"), Some(131_026)));
/// assert_eq!(events[1], Event::Ignored(Ignored::Change));
/// # Ok::<(), cpc_whatsapp::InvalidJson>(())
/// ```
///
/// # Errors
/// It is no JSON object.
pub fn read_notification(body: &[u8]) -> Result<Vec<Event>, InvalidJson> {
    let notification: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| InvalidJson::of(&error))?;
    let mut events = Vec::new();
    for entry in items(notification.get("entry"), &mut events) {
        if !entry.is_object() {
            events.push(Event::Ignored(Ignored::Malformed));
        }
        for change in items(entry.get("changes"), &mut events) {
            read_change(change, &mut events);
        }
    }
    Ok(events)
}

fn read_change(change: &Value, events: &mut Vec<Event>) {
    let value = change.get("value").unwrap_or(&Value::Null);
    let before = events.len();
    match change.get("field").and_then(Value::as_str) {
        Some("messages") => {
            read_all(value.get("messages"), events, event_of_message);
            read_all(value.get("statuses"), events, event_of_status);
        }
        Some("user_preferences") => {
            read_all(value.get("user_preferences"), events, event_of_preference);
        }
        _ => {}
    }
    // A field that is of no concern here, or one without anything that is.
    if events.len() == before {
        events.push(Event::Ignored(Ignored::Change));
    }
}

fn read_all<T: for<'de> Deserialize<'de>>(
    list: Option<&Value>,
    events: &mut Vec<Event>,
    read: fn(T) -> Event,
) {
    for item in items(list, events) {
        events.push(T::deserialize(item).map_or(Event::Ignored(Ignored::Malformed), read));
    }
}

/// The items of a list that may be absent or `null`; anything else is counted.
fn items<'v>(list: Option<&'v Value>, events: &mut Vec<Event>) -> &'v [Value] {
    match list {
        Some(Value::Array(items)) => items,
        None | Some(Value::Null) => &[],
        Some(_) => {
            events.push(Event::Ignored(Ignored::Malformed));
            &[]
        }
    }
}

/// A message as WhatsApp writes it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct MessagePart {
    from: Option<String>,
    timestamp: Option<Value>,
    r#type: Option<String>,
    text: Option<TextPart>,
    button: Option<TextPart>,
    interactive: Option<InteractivePart>,
    system: Option<SystemPart>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TextPart {
    body: String,
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InteractivePart {
    button_reply: Option<TitlePart>,
    list_reply: Option<TitlePart>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TitlePart {
    title: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SystemPart {
    /// `stop` or `resume`, if the contact changed its settings.
    marketing: Option<String>,
}

/// A setting of a contact's app about this business, as WhatsApp writes it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct PreferencePart {
    wa_id: Option<String>,
    category: Option<String>,
    value: Option<String>,
}

/// A delivery status as WhatsApp writes it.
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

fn event_of_message(message: MessagePart) -> Event {
    match message.r#type.as_deref().and_then(no_answer) {
        Some(ignored) => {
            let wish = message.system.and_then(|system| system.marketing);
            let wish = wish.as_deref().filter(|_| ignored == Ignored::System);
            event_of_wish(message.from, wish, ignored)
        }
        None => {
            let received_at = message.timestamp.as_ref().and_then(millis);
            let text = text_of(message.text, message.button, message.interactive);
            Event::Message(InboundMessage { phone: message.from, text, received_at, opt_out: false })
        }
    }
}

fn event_of_preference(preference: PreferencePart) -> Event {
    let is_marketing = preference.category.as_deref().is_none_or(|category| category == "marketing_messages");
    let wish = preference.value.as_deref().filter(|_| is_marketing);
    event_of_wish(preference.wa_id, wish, Ignored::Preference)
}

/// The opt-out of a contact that wishes to `stop` marketing. `resume` lifts none: the contact may have asked for it
/// in words as well, and that stands until a person takes it back on the contact's behalf.
fn event_of_wish(phone: Option<String>, wish: Option<&str>, otherwise: Ignored) -> Event {
    match wish {
        Some("stop") => Event::OptOut(InboundOptOut { phone }),
        _ => Event::Ignored(otherwise),
    }
}

fn event_of_status(status: StatusPart) -> Event {
    Event::Status(DeliveryStatus {
        happened_at: status.timestamp.as_ref().and_then(millis),
        message_id: status.biz_opaque_callback_data,
        code: status.errors.iter().flatten().next().map(|error| error.code),
        recipient: status.recipient_id,
        status: status.status,
        ..DeliveryStatus::default()
    })
}

fn text_of(text: Option<TextPart>, button: Option<TextPart>, interactive: Option<InteractivePart>) -> String {
    let (reply, list) = interactive.map_or((None, None), |it| (it.button_reply, it.list_reply));
    let texts = [
        text.map(|text| text.body),
        button.map(|button| button.text),
        reply.map(|reply| reply.title),
        list.map(|reply| reply.title),
    ];
    texts.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or_default()
}

/// Whether a message of this `type` is an answer ([RULES §3.3](cpc_core#3-the-gate)): something that the contact wrote.
///
/// Everything is, but for events that WhatsApp shows as messages, or a contact that wrote nothing would be written to
/// again: `system` (a new number, other settings), `request_welcome` (it opened the chat), and `reaction` (an emoji put
/// on a message, or taken off it, acknowledges the message and does not answer it).
///
/// ```
/// use cpc_whatsapp::is_answer;
///
/// assert!(is_answer("text") && is_answer("audio") && is_answer("a type that is yet to come"));
/// assert!(!is_answer("reaction"));
/// ```
#[must_use]
pub fn is_answer(message_type: &str) -> bool {
    no_answer(message_type).is_none()
}

fn no_answer(message_type: &str) -> Option<Ignored> {
    match message_type {
        "system" => Some(Ignored::System),
        "request_welcome" => Some(Ignored::RequestWelcome),
        "reaction" => Some(Ignored::Reaction),
        _ => None,
    }
}

/// WhatsApp's seconds, as a number or a text, in milliseconds.
fn millis(timestamp: &Value) -> Option<i64> {
    let seconds = match timestamp {
        Value::String(text) => text.parse().ok()?,
        other => other.as_i64()?,
    };
    // One that is out of range must not cost the message: it counts as absent.
    i64::checked_mul(seconds, 1000).filter(|millis| Timestamp::new(*millis).is_some())
}
