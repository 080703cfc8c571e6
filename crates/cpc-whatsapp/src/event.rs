//! The events that notifications are taken apart into.

use crate::ignored::Ignored;
use crate::json::{InvalidJson, Malformed, ObjectWriter, Part, read_object};
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
#[derive(Clone, PartialEq, Eq)]
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
#[derive(Clone, Default, PartialEq, Eq)]
pub struct InboundMessage {
    /// The contact's phone in digits. WhatsApp may name a contact otherwise, or not at all.
    pub phone: Option<String>,
    /// Its text, or the title of the button that was pressed; empty for pictures and the like.
    pub text: String,
    /// When it came, in ms; when it is translated, if absent.
    pub received_at: Option<i64>,
    /// Whether the host knows that it is an opt-out, whatever its text says.
    pub opt_out: bool,
}

/// A contact that wants no marketing messages any more.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct InboundOptOut {
    /// The contact's phone in digits.
    pub phone: Option<String>,
}

/// What happened to a message that went out.
///
/// WhatsApp says `message_id`, which a sender sets as `biz_opaque_callback_data`. A host that sets it to the dispatch's
/// number, `17`, or to number and sender id, `17:5514990000001`, needs to add nothing. With the sender in it, a late
/// status of a message that has moved to another sender since is known as such. Any other host looks its own ids up and
/// adds `dispatch`, and `sender` and `phone` if it knows them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DeliveryStatus {
    /// What the message is called, as `biz_opaque_callback_data` said when it went out.
    pub message_id: Option<String>,
    /// `sent`, `delivered`, `read`, `failed`, or another.
    pub status: String,
    /// The error's code, if it failed.
    pub code: Option<u32>,
    /// The contact's phone as WhatsApp names it.
    pub recipient: Option<String>,
    /// When it happened, in ms; when it is translated, if absent.
    pub happened_at: Option<i64>,
    /// The dispatch, added by the host; by default it is read from `message_id`.
    pub dispatch: Option<u64>,
    /// The sender that the message went out from, added by the host; by default it is read from `message_id`, or is the
    /// one that the engine knows.
    pub sender: Option<String>,
    /// The phone that the message was posted with, added by the host; it goes before `recipient`.
    pub phone: Option<String>,
    /// Until when the sender is locked for new chats, in ms, if the error says that (code 463).
    pub locked_until: Option<i64>,
}

impl Event {
    /// Reads an event that [`to_json`](Self::to_json) wrote, or a host. Its object has one member, named as the kind of
    /// event is; members that the kind does not have are refused.
    ///
    /// # Errors
    /// It is no JSON, or no event.
    pub fn from_json(text: &[u8]) -> Result<Event, InvalidJson> {
        let object = read_object(text)?;
        let (mut members, no_event) = (object.iter(), InvalidJson::Shape);
        let (Some((kind, value)), None) = (members.next(), members.next()) else { return Err(no_event) };
        Event::of_kind(kind, value).map_err(|Malformed| no_event)
    }

    fn of_kind(kind: &str, value: &serde_json::Value) -> Result<Event, Malformed> {
        Ok(match kind {
            "message" => {
                let part = Part::strict(value, &["phone", "text", "receivedAt", "optOut"])?;
                Event::Message(InboundMessage {
                    phone: part.text("phone")?,
                    text: part.text("text")?.unwrap_or_default(),
                    received_at: part.signed("receivedAt")?,
                    opt_out: part.flag("optOut")?,
                })
            }
            "optOut" => {
                Event::OptOut(InboundOptOut { phone: Part::strict(value, &["phone"])?.text("phone")? })
            }
            "status" => {
                let part = Part::strict(value, &DeliveryStatus::MEMBERS)?;
                Event::Status(DeliveryStatus {
                    message_id: part.text("messageId")?,
                    status: part.text("status")?.unwrap_or_default(),
                    code: part.code("code")?,
                    recipient: part.text("recipient")?,
                    happened_at: part.signed("happenedAt")?,
                    dispatch: part.unsigned("dispatch")?,
                    sender: part.text("sender")?,
                    phone: part.text("phone")?,
                    locked_until: part.signed("lockedUntil")?,
                })
            }
            "ignored" => Event::Ignored(value.as_str().and_then(Ignored::from_name).ok_or(Malformed)?),
            _ => return Err(Malformed),
        })
    }

    /// The event as one line of JSON. Members that are absent, empty or `false` are left out, but for a status's.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut event = ObjectWriter::new();
        match self {
            Event::Message(message) => event.object("message", |object| {
                object.text("phone", message.phone.as_deref());
                object.text("text", Some(&*message.text).filter(|text| !text.is_empty()));
                object.number("receivedAt", message.received_at);
                object.flag("optOut", message.opt_out);
            }),
            Event::OptOut(opt_out) => {
                event.object("optOut", |object| object.text("phone", opt_out.phone.as_deref()));
            }
            Event::Status(status) => event.object("status", |object| {
                object.text("messageId", status.message_id.as_deref());
                object.text("status", Some(&status.status));
                object.number("code", status.code.map(i64::from));
                object.text("recipient", status.recipient.as_deref());
                object.number("happenedAt", status.happened_at);
                object.digits("dispatch", status.dispatch);
                object.text("sender", status.sender.as_deref());
                object.text("phone", status.phone.as_deref());
                object.number("lockedUntil", status.locked_until);
            }),
            Event::Ignored(ignored) => event.text("ignored", Some(ignored.name())),
        }
        event.finish()
    }
}

impl DeliveryStatus {
    /// Its members in JSON.
    const MEMBERS: [&'static str; 9] = [
        "messageId",
        "status",
        "code",
        "recipient",
        "happenedAt",
        "dispatch",
        "sender",
        "phone",
        "lockedUntil",
    ];
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
