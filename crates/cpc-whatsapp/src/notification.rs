//! Notifications of the WhatsApp Cloud API, taken apart into [`Event`]s. Nothing of an engine is needed for that.

use crate::event::{DeliveryStatus, Event, InboundMessage, InboundOptOut};
use crate::ignored::Ignored;
use crate::json::{InvalidJson, Malformed, Part, read_object};
use cpc_core::Timestamp;
use serde_json::Value;

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
    let notification = read_object(body)?;
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

fn read_all(list: Option<&Value>, events: &mut Vec<Event>, read: fn(Part<'_>) -> Result<Event, Malformed>) {
    for item in items(list, events) {
        let event = Part::of(item).and_then(read);
        events.push(event.unwrap_or(Event::Ignored(Ignored::Malformed)));
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

fn event_of_message(message: Part<'_>) -> Result<Event, Malformed> {
    let phone = message.text("from")?;
    let (wish, text) = (wish_of(message)?, text_of(message)?);
    Ok(match message.str("type")?.and_then(no_answer) {
        Some(ignored) => event_of_wish(phone, wish.filter(|_| ignored == Ignored::System), ignored),
        None => {
            let received_at = message.value("timestamp").and_then(millis);
            Event::Message(InboundMessage { phone, text: text.to_owned(), received_at, opt_out: false })
        }
    })
}

/// `stop` or `resume`, if the contact changed its settings.
fn wish_of(message: Part<'_>) -> Result<Option<&str>, Malformed> {
    message.part("system")?.map_or(Ok(None), |system| system.str("marketing"))
}

/// A setting of a contact's app about this business.
fn event_of_preference(preference: Part<'_>) -> Result<Event, Malformed> {
    let is_marketing = preference.str("category")?.is_none_or(|category| category == "marketing_messages");
    let wish = preference.str("value")?.filter(|_| is_marketing);
    Ok(event_of_wish(preference.text("wa_id")?, wish, Ignored::Preference))
}

/// The opt-out of a contact that wishes to `stop` marketing. `resume` lifts none: the contact may have asked for it
/// in words as well, and that stands until a person takes it back on the contact's behalf.
fn event_of_wish(phone: Option<String>, wish: Option<&str>, otherwise: Ignored) -> Event {
    match wish {
        Some("stop") => Event::OptOut(InboundOptOut { phone }),
        _ => Event::Ignored(otherwise),
    }
}

fn event_of_status(status: Part<'_>) -> Result<Event, Malformed> {
    Ok(Event::Status(DeliveryStatus {
        happened_at: status.value("timestamp").and_then(millis),
        message_id: status.text("biz_opaque_callback_data")?,
        code: code_of(status)?,
        recipient: status.text("recipient_id")?,
        status: status.text("status")?.unwrap_or_default(),
        ..DeliveryStatus::default()
    }))
}

/// The code of the first of a status's errors.
fn code_of(status: Part<'_>) -> Result<Option<u32>, Malformed> {
    let Some(errors) = status.value("errors") else { return Ok(None) };
    let mut first = None;
    for error in errors.as_array().ok_or(Malformed)? {
        let code = Part::of(error)?.code("code")?.ok_or(Malformed)?;
        first.get_or_insert(code);
    }
    Ok(first)
}

/// The text of a message, or the title of the button that was pressed; empty if it has neither.
fn text_of(message: Part<'_>) -> Result<&str, Malformed> {
    const PLACES: [(&[&str], &str); 4] = [
        (&["text"], "body"),
        (&["button"], "text"),
        (&["interactive", "button_reply"], "title"),
        (&["interactive", "list_reply"], "title"),
    ];
    let mut found = "";
    for (path, name) in PLACES {
        let mut part = Some(message);
        for step in path {
            part = part.map_or(Ok(None), |part| part.part(step))?;
        }
        let text = part.map_or(Ok(None), |part| part.str(name))?.unwrap_or_default();
        if found.is_empty() {
            found = text;
        }
    }
    Ok(found)
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
