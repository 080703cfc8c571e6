//! Why something leads to no command.

/// Why something that a notification says leads to no command. Worth counting: many of one kind may mean that a host
/// does not set message ids, or that WhatsApp has something new.
///
/// ```
/// use cpc_whatsapp::Ignored;
///
/// assert_eq!(Ignored::RequestWelcome.name(), "request_welcome");
/// assert_eq!(Ignored::Reaction.to_string(), "a reaction is no answer");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Ignored {
    /// It is not shaped as WhatsApp shapes such things.
    #[error("not shaped as WhatsApp shapes it")]
    Malformed,
    /// A change of a field that is of no concern here.
    #[error("a change of no concern here")]
    Change,
    /// A message that names no phone that the engine accepts.
    #[error("a message that names no phone which the engine accepts")]
    Message,
    /// An event that WhatsApp shows as a message, such as a change of number.
    #[error("a system message is no answer")]
    System,
    /// A contact opened the chat and wrote nothing.
    #[error("an opened chat is no answer")]
    RequestWelcome,
    /// An emoji on a message.
    #[error("a reaction is no answer")]
    Reaction,
    /// An opt-out that names no phone that the engine accepts.
    #[error("an opt-out that names no phone which the engine accepts")]
    OptOut,
    /// A setting of the contact's app that is no opt-out.
    #[error("a preference that is no opt-out")]
    Preference,
    /// A status of a message that is not known.
    #[error("a status of a message that is not known")]
    Status,
    /// A status of a message that has moved to another sender since: it says nothing about the one that counts.
    #[error("a status of a message that has moved to another sender since")]
    Superseded,
    /// A status that says nothing about delivery, such as `deleted` or `warning`.
    #[error("a status that says nothing about delivery")]
    OtherStatus,
}

impl Ignored {
    /// The name, for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Ignored::Malformed => "malformed",
            Ignored::Change => "change",
            Ignored::Message => "message",
            Ignored::System => "system",
            Ignored::RequestWelcome => "request_welcome",
            Ignored::Reaction => "reaction",
            Ignored::OptOut => "opt_out",
            Ignored::Preference => "preference",
            Ignored::Status => "status",
            Ignored::Superseded => "superseded",
            Ignored::OtherStatus => "other_status",
        }
    }
    /// The kind of that name.
    pub(crate) fn from_name(name: &str) -> Option<Ignored> {
        Ignored::ALL.into_iter().find(|ignored| ignored.name() == name)
    }

    const ALL: [Ignored; 11] = [
        Ignored::Malformed,
        Ignored::Change,
        Ignored::Message,
        Ignored::System,
        Ignored::RequestWelcome,
        Ignored::Reaction,
        Ignored::OptOut,
        Ignored::Preference,
        Ignored::Status,
        Ignored::Superseded,
        Ignored::OtherStatus,
    ];
}
