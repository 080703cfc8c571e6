//! The events that notifications are taken apart into.

use crate::ignored::Ignored;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One thing that a notification says; what it leads to is for [`translate`](crate::translate) to say.
///
/// Events can be written as JSON lines and read again. A host of another gateway than the Cloud API makes them by
/// itself. `Debug` shows which kind it is and nothing personal.
///
/// ```
/// use cpc_whatsapp::Event;
///
/// let event = Event::from_json(br#"{"message":{"phone":"5511988876204","text":"Sair"}}"#)?;
/// assert!(matches!(&event, Event::Message(message) if message.text == "Sair"));
/// assert_eq!(event.to_json(), r#"{"message":{"phone":"5511988876204","text":"Sair"}}"#);
/// assert_eq!(format!("{event:?}"), "Event::Message");
/// # Ok::<(), cpc_whatsapp::InvalidJson>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Event {
    /// A message that the contact wrote.
    Message(InboundMessage),
    /// A contact said in its app that it wants no marketing messages.
    OptOut(InboundOptOut),
    /// A delivery status of a message that went out.
    Status(DeliveryStatus),
    /// Something that leads to nothing, and why.
    Ignored(Ignored),
}

/// A message that a contact wrote.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct InboundMessage {
    /// The contact's phone in digits. WhatsApp may name a contact otherwise, or not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Its text, or the title of the button that was pressed; empty for pictures and the like.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// When it came, in ms; when it is translated, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<i64>,
    /// Whether the host knows that it is an opt-out, whatever its text says.
    #[serde(skip_serializing_if = "is_false")]
    pub opt_out: bool,
}

/// For serde, which hands over a reference.
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A contact that wants no marketing messages any more.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct InboundOptOut {
    /// The contact's phone in digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// What happened to a message that went out.
///
/// WhatsApp says `message_id`, which a sender sets as `biz_opaque_callback_data`. A host that sets it to the dispatch's
/// number, `17`, or to number and sender id, `17:5514990000001`, needs to add nothing. With the sender in it, a late
/// status of a message that has moved to another sender since is known as such. Any other host looks its own ids up and
/// adds `dispatch`, and `sender` and `phone` if it knows them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliveryStatus {
    /// What the message is called, as `biz_opaque_callback_data` said when it went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// `sent`, `delivered`, `read`, `failed`, or another.
    pub status: String,
    /// The error's code, if it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// The contact's phone as WhatsApp names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// When it happened, in ms; when it is translated, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<i64>,
    /// The dispatch, added by the host; by default it is read from `message_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatch: Option<u64>,
    /// The sender that the message went out from, added by the host; by default it is read from `message_id`, or is the
    /// one that the engine knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The phone that the message was posted with, added by the host; it goes before `recipient`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Until when the sender is locked for new chats, in ms, if the error says that (code 463).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<i64>,
}

impl Event {
    /// Reads an event that [`to_json`](Self::to_json) wrote, or a host.
    ///
    /// # Errors
    /// It is no JSON, or no event.
    pub fn from_json(text: &[u8]) -> Result<Event, InvalidJson> {
        serde_json::from_slice(text).map_err(|error| InvalidJson::of(&error))
    }

    /// The event as one line of JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts and numbers can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Event::Message(_) => "Event::Message",
            Event::OptOut(_) => "Event::OptOut",
            Event::Status(_) => "Event::Status",
            Event::Ignored(_) => "Event::Ignored",
        })
    }
}

/// Personal data stays out of logs: a message's text, a contact's phone.
macro_rules! opaque_debug {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
opaque_debug!(InboundMessage, InboundOptOut, DeliveryStatus);

/// A text that is no notification, or no event. No value of it is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJson {
    /// It is not JSON.
    #[error("not JSON: {message} at line {line} column {column}")]
    Syntax {
        /// What the JSON reader says.
        message: String,
        /// The line, from 1.
        line: usize,
        /// The column, in bytes from 1.
        column: usize,
    },
    /// It is JSON, and not an object of that kind.
    #[error("not a JSON object of this kind")]
    Shape,
}

impl InvalidJson {
    pub(crate) fn of(error: &serde_json::Error) -> InvalidJson {
        if error.is_data() {
            return InvalidJson::Shape;
        }
        // serde_json appends the position to its message.
        let (text, line, column) = (error.to_string(), error.line(), error.column());
        let message =
            text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text).to_owned();
        InvalidJson::Syntax { message, line, column: column.max(1) }
    }
}
