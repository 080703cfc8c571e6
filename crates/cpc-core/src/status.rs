//! Every answer that an item of a command can get, with its number, in order of precedence.
//!
//! Names and numbers are a contract: they are never reused and never change their meaning.

/// The answer to one message, reply, report or other item. The refusals of a dispatch (10 to 90) are in order of
/// precedence: the first that applies is the answer ([RULES §4](crate#4-dispatch)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Status {
    /// The message goes out; its contact is blocked from now on.
    Accepted = 0,
    /// The phone cannot be one, or is of a country that is not allowed.
    InvalidPhone = 10,
    /// A required member is missing, or one is malformed.
    InvalidField = 11,
    /// `closeTicket` is missing or not true.
    CloseTicketRequired = 12,
    /// `mainTemplate` is blank and the policy refuses that.
    EmptyTemplate = 13,
    /// The phone, or the client, has opted out.
    OptedOut = 20,
    /// The phone was found not to be reachable at all.
    Undeliverable = 21,
    /// An earlier message of the same batch took one of the gates.
    DuplicateInBatch = 30,
    /// The same message was accepted before; a success, nothing is sent again.
    AlreadyAccepted = 31,
    /// A gate is blocked: the contact has not answered, and its window is not over.
    ContactBlocked = 40,
    /// It is outside the contact hours, or would be when the message goes out.
    OutOfHours = 50,
    /// The wallet lists operators, and this is none of them.
    UnknownOperator = 60,
    /// No sender of the wallet can serve this contact now.
    NoSenderAvailable = 70,
    /// A new contact would exceed `maxContacts`.
    ContactsFull = 80,
    /// Another message of an atomic batch was refused.
    NotAttempted = 90,
    /// The command did what it says.
    Applied = 100,
    /// It was so already.
    Unchanged = 101,
    /// The reply freed the contact, or the contact wrote without having been asked.
    Replied = 110,
    /// The reply is older than the open cycle; it frees nothing.
    StaleReply = 111,
    /// The dispatch goes out from another sender.
    Moved = 120,
    /// The cycle was released: its gates are free again.
    Released = 121,
    /// The message may have been delivered: the gates stay as they are.
    Kept = 122,
    /// The report is too late, or contradicts what is known; nothing changes.
    StaleReport = 123,
    /// No such dispatch was ever made.
    UnknownDispatch = 124,
    /// The operator may write.
    Allowed = 130,
    /// Operators do not open conversations.
    ManualStartDenied = 131,
    /// A cycle ended unanswered.
    Expired = 140,
}

impl Status {
    /// Every status, by number.
    pub const ALL: [Status; 27] = [
        Status::Accepted,
        Status::InvalidPhone,
        Status::InvalidField,
        Status::CloseTicketRequired,
        Status::EmptyTemplate,
        Status::OptedOut,
        Status::Undeliverable,
        Status::DuplicateInBatch,
        Status::AlreadyAccepted,
        Status::ContactBlocked,
        Status::OutOfHours,
        Status::UnknownOperator,
        Status::NoSenderAvailable,
        Status::ContactsFull,
        Status::NotAttempted,
        Status::Applied,
        Status::Unchanged,
        Status::Replied,
        Status::StaleReply,
        Status::Moved,
        Status::Released,
        Status::Kept,
        Status::StaleReport,
        Status::UnknownDispatch,
        Status::Allowed,
        Status::ManualStartDenied,
        Status::Expired,
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Status::Accepted => "accepted",
            Status::InvalidPhone => "invalid_phone",
            Status::InvalidField => "invalid_field",
            Status::CloseTicketRequired => "close_ticket_required",
            Status::EmptyTemplate => "empty_template",
            Status::OptedOut => "opted_out",
            Status::Undeliverable => "undeliverable",
            Status::DuplicateInBatch => "duplicate_in_batch",
            Status::AlreadyAccepted => "already_accepted",
            Status::ContactBlocked => "contact_blocked",
            Status::OutOfHours => "out_of_hours",
            Status::UnknownOperator => "unknown_operator",
            Status::NoSenderAvailable => "no_sender_available",
            Status::ContactsFull => "contacts_full",
            Status::NotAttempted => "not_attempted",
            Status::Applied => "applied",
            Status::Unchanged => "unchanged",
            Status::Replied => "replied",
            Status::StaleReply => "stale_reply",
            Status::Moved => "moved",
            Status::Released => "released",
            Status::Kept => "kept",
            Status::StaleReport => "stale_report",
            Status::UnknownDispatch => "unknown_dispatch",
            Status::Allowed => "allowed",
            Status::ManualStartDenied => "manual_start_denied",
            Status::Expired => "expired",
        }
    }

    /// The answer to what changed something, or not.
    pub(crate) const fn of_change(changed: bool) -> Status {
        if changed { Status::Applied } else { Status::Unchanged }
    }

    /// Whether a message with this answer was processed: accepted now, or the same message before.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Status::Accepted | Status::AlreadyAccepted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_once_in_order_of_their_numbers() {
        assert!(Status::ALL.is_sorted_by(|a, b| a.code() < b.code()));
    }
}
