//! The statuses as constants. Nothing else, so that it can be generated.

use cpc_core::Status;

/// The answer to one message, reply, report or other item. The refusals of a dispatch (10 to 90) are in order of
/// precedence: the first that applies is the answer. Numbers never change their meaning and are never reused; later
/// versions may add some.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_status {
    /// The message goes out; its contact is blocked from now on.
    CPC_STATUS_ACCEPTED = 0,
    /// The phone cannot be one, or is of a country that is not allowed.
    CPC_STATUS_INVALID_PHONE = 10,
    /// A required member is missing, or one is malformed.
    CPC_STATUS_INVALID_FIELD = 11,
    /// `closeTicket` is missing or not true.
    CPC_STATUS_CLOSE_TICKET_REQUIRED = 12,
    /// `mainTemplate` is blank and the policy refuses that.
    CPC_STATUS_EMPTY_TEMPLATE = 13,
    /// The phone, or the client, has opted out.
    CPC_STATUS_OPTED_OUT = 20,
    /// The phone was found not to be reachable at all.
    CPC_STATUS_UNDELIVERABLE = 21,
    /// An earlier message of the same batch took one of the gates.
    CPC_STATUS_DUPLICATE_IN_BATCH = 30,
    /// The same message was accepted before; a success, nothing is sent again.
    CPC_STATUS_ALREADY_ACCEPTED = 31,
    /// A gate is blocked: the contact has not answered, and its window is not over.
    CPC_STATUS_CONTACT_BLOCKED = 40,
    /// It is outside the contact hours, or would be when the message goes out.
    CPC_STATUS_OUT_OF_HOURS = 50,
    /// The wallet lists operators, and this is none of them.
    CPC_STATUS_UNKNOWN_OPERATOR = 60,
    /// No sender of the wallet can serve this contact now.
    CPC_STATUS_NO_SENDER_AVAILABLE = 70,
    /// A new contact would exceed `maxContacts`.
    CPC_STATUS_CONTACTS_FULL = 80,
    /// Another message of an atomic batch was refused.
    CPC_STATUS_NOT_ATTEMPTED = 90,
    /// The command did what it says.
    CPC_STATUS_APPLIED = 100,
    /// It was so already.
    CPC_STATUS_UNCHANGED = 101,
    /// The reply freed the contact, or the contact wrote without having been asked.
    CPC_STATUS_REPLIED = 110,
    /// The reply is older than the open cycle; it frees nothing.
    CPC_STATUS_STALE_REPLY = 111,
    /// The dispatch goes out from another sender.
    CPC_STATUS_MOVED = 120,
    /// The cycle was released: its gates are free again.
    CPC_STATUS_RELEASED = 121,
    /// The message may have been delivered: the gates stay as they are.
    CPC_STATUS_KEPT = 122,
    /// The report is too late, or contradicts what is known; nothing changes.
    CPC_STATUS_STALE_REPORT = 123,
    /// No such dispatch was ever made.
    CPC_STATUS_UNKNOWN_DISPATCH = 124,
    /// The operator may write.
    CPC_STATUS_ALLOWED = 130,
    /// Operators do not open conversations.
    CPC_STATUS_MANUAL_START_DENIED = 131,
    /// A cycle ended unanswered.
    CPC_STATUS_EXPIRED = 140,
}

// The numbers are the engine's, and none is missing.
const _: () = {
    assert!(Status::ALL.len() == 27);
    assert!(cpc_status::CPC_STATUS_ACCEPTED as i32 == Status::Accepted.code() as i32);
    assert!(cpc_status::CPC_STATUS_INVALID_PHONE as i32 == Status::InvalidPhone.code() as i32);
    assert!(cpc_status::CPC_STATUS_INVALID_FIELD as i32 == Status::InvalidField.code() as i32);
    assert!(cpc_status::CPC_STATUS_CLOSE_TICKET_REQUIRED as i32 == Status::CloseTicketRequired.code() as i32);
    assert!(cpc_status::CPC_STATUS_EMPTY_TEMPLATE as i32 == Status::EmptyTemplate.code() as i32);
    assert!(cpc_status::CPC_STATUS_OPTED_OUT as i32 == Status::OptedOut.code() as i32);
    assert!(cpc_status::CPC_STATUS_UNDELIVERABLE as i32 == Status::Undeliverable.code() as i32);
    assert!(cpc_status::CPC_STATUS_DUPLICATE_IN_BATCH as i32 == Status::DuplicateInBatch.code() as i32);
    assert!(cpc_status::CPC_STATUS_ALREADY_ACCEPTED as i32 == Status::AlreadyAccepted.code() as i32);
    assert!(cpc_status::CPC_STATUS_CONTACT_BLOCKED as i32 == Status::ContactBlocked.code() as i32);
    assert!(cpc_status::CPC_STATUS_OUT_OF_HOURS as i32 == Status::OutOfHours.code() as i32);
    assert!(cpc_status::CPC_STATUS_UNKNOWN_OPERATOR as i32 == Status::UnknownOperator.code() as i32);
    assert!(cpc_status::CPC_STATUS_NO_SENDER_AVAILABLE as i32 == Status::NoSenderAvailable.code() as i32);
    assert!(cpc_status::CPC_STATUS_CONTACTS_FULL as i32 == Status::ContactsFull.code() as i32);
    assert!(cpc_status::CPC_STATUS_NOT_ATTEMPTED as i32 == Status::NotAttempted.code() as i32);
    assert!(cpc_status::CPC_STATUS_APPLIED as i32 == Status::Applied.code() as i32);
    assert!(cpc_status::CPC_STATUS_UNCHANGED as i32 == Status::Unchanged.code() as i32);
    assert!(cpc_status::CPC_STATUS_REPLIED as i32 == Status::Replied.code() as i32);
    assert!(cpc_status::CPC_STATUS_STALE_REPLY as i32 == Status::StaleReply.code() as i32);
    assert!(cpc_status::CPC_STATUS_MOVED as i32 == Status::Moved.code() as i32);
    assert!(cpc_status::CPC_STATUS_RELEASED as i32 == Status::Released.code() as i32);
    assert!(cpc_status::CPC_STATUS_KEPT as i32 == Status::Kept.code() as i32);
    assert!(cpc_status::CPC_STATUS_STALE_REPORT as i32 == Status::StaleReport.code() as i32);
    assert!(cpc_status::CPC_STATUS_UNKNOWN_DISPATCH as i32 == Status::UnknownDispatch.code() as i32);
    assert!(cpc_status::CPC_STATUS_ALLOWED as i32 == Status::Allowed.code() as i32);
    assert!(cpc_status::CPC_STATUS_MANUAL_START_DENIED as i32 == Status::ManualStartDenied.code() as i32);
    assert!(cpc_status::CPC_STATUS_EXPIRED as i32 == Status::Expired.code() as i32);
};
