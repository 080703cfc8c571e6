//! Every answer that an item of a command can get, with its number, in order of precedence.
//!
//! Names and numbers are a contract: they are never reused and never change their meaning.

/// Declares the statuses: name in Rust, number, name in JSON, and what it says of its item: `success` if a message was
/// processed, `refusal` if something was not done and why, `result` for the rest.
macro_rules! statuses {
    (
        $(#[doc = $about:literal])+
        pub enum Status {
            $($(#[doc = $doc:literal])+ $Variant:ident = $code:literal $json:literal, $class:ident;)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Status {
            $($(#[doc = $doc])+ $Variant = $code,)+
        }

        impl Status {
            /// Every status, by number.
            pub const ALL: [Status; [$($code),+].len()] = [$(Status::$Variant),+];

            /// The statuses, as constants: what the bindings are generated from.
            pub const SCHEMA: Choices = Choices::new(
                "Status",
                concat!($($about, "\n"),+),
                &[$(Value::new($json, $code, class!($class refusal), concat!($($doc, "\n"),+))),+],
            );

            /// The name, as it is written in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Status::$Variant => $json,)+
                }
            }

            /// The status of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Status> {
                match name {
                    $($json => Some(Status::$Variant),)+
                    _ => None,
                }
            }

            /// Whether a message with this answer was processed: accepted now, or the same message before.
            #[must_use]
            pub const fn is_success(self) -> bool {
                match self {
                    $(Status::$Variant => class!($class success),)+
                }
            }

            /// Whether it says that something was not done; then answers carry a reason.
            #[must_use]
            pub const fn is_refusal(self) -> bool {
                match self {
                    $(Status::$Variant => class!($class refusal),)+
                }
            }
        }
    };
}

/// Whether the class of a status is the one that is asked for.
macro_rules! class {
    (success success) => {
        true
    };
    (refusal refusal) => {
        true
    };
    ($class:ident $asked:ident) => {
        false
    };
}

use crate::schema::{Choices, Described, Kind, Value};

statuses! {
    /// The answer to one message, reply, report or other item. The refusals of a dispatch (10 to 90) are in order of
    /// precedence: the first that applies is the answer ([RULES §4](crate::rules#4-dispatch)).
    pub enum Status {
        /// The message goes out; its contact is blocked from then on.
        Accepted = 0 "accepted", success;
        /// Not a phone, or of a country that is not allowed.
        InvalidPhone = 10 "invalid_phone", refusal;
        /// A required member is missing, or one is malformed.
        InvalidField = 11 "invalid_field", refusal;
        /// `closeTicket` is missing or not true.
        CloseTicketRequired = 12 "close_ticket_required", refusal;
        /// `mainTemplate` is blank, and the policy refuses that.
        EmptyTemplate = 13 "empty_template", refusal;
        /// The phone, or the client, has opted out.
        OptedOut = 20 "opted_out", refusal;
        /// The phone was found not to be reachable at all.
        Undeliverable = 21 "undeliverable", refusal;
        /// An earlier message of the same batch took one of the gates.
        DuplicateInBatch = 30 "duplicate_in_batch", refusal;
        /// The same message was accepted before; a success, nothing is sent again.
        AlreadyAccepted = 31 "already_accepted", success;
        /// A gate is blocked: the contact has not answered, and its window is not over.
        ContactBlocked = 40 "contact_blocked", refusal;
        /// It is outside the contact hours, or would be when the message goes out.
        OutOfHours = 50 "out_of_hours", refusal;
        /// The wallet lists operators, and this is none of them.
        UnknownOperator = 60 "unknown_operator", refusal;
        /// No sender of the wallet can serve this contact now.
        NoSenderAvailable = 70 "no_sender_available", refusal;
        /// A new contact would exceed `maxContacts`.
        ContactsFull = 80 "contacts_full", refusal;
        /// Another message of an atomic batch was refused.
        NotAttempted = 90 "not_attempted", refusal;
        /// The command did what it says.
        Applied = 100 "applied", result;
        /// It was so already.
        Unchanged = 101 "unchanged", result;
        /// The contact answered, or wrote by itself.
        Replied = 110 "replied", result;
        /// The reply is older than the open cycle; it frees nothing.
        StaleReply = 111 "stale_reply", refusal;
        /// The dispatch goes out from another sender.
        Moved = 120 "moved", result;
        /// The cycle was released: its gates are free again.
        Released = 121 "released", result;
        /// It may have been delivered: the gates stay as they are.
        Kept = 122 "kept", result;
        /// The report is too late, or contradicts what is known; nothing changes.
        StaleReport = 123 "stale_report", refusal;
        /// No such dispatch was ever made.
        UnknownDispatch = 124 "unknown_dispatch", refusal;
        /// The operator may write.
        Allowed = 130 "allowed", result;
        /// Operators do not open conversations.
        ManualStartDenied = 131 "manual_start_denied", refusal;
        /// A cycle ended unanswered.
        Expired = 140 "expired", result;
    }
}

impl Described for Status {
    const KIND: Kind = Kind::Status;
}

impl Status {
    /// The number.
    ///
    /// ```
    /// use cpc_core::Status;
    ///
    /// assert_eq!(Status::ContactBlocked.code(), 40);
    /// assert_eq!(Status::from_code(40), Some(Status::ContactBlocked));
    /// assert_eq!(Status::from_name("contact_blocked"), Some(Status::ContactBlocked));
    /// assert!(Status::ContactBlocked.is_refusal() && Status::AlreadyAccepted.is_success());
    /// ```
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The status of that number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Status> {
        Status::ALL
            .binary_search_by_key(&code, |status| status.code())
            .ok()
            .and_then(|at| Status::ALL.get(at).copied())
    }

    /// The answer to what changed something, or not.
    pub(crate) const fn of_change(changed: bool) -> Status {
        if changed { Status::Applied } else { Status::Unchanged }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_once_in_order_of_their_numbers() {
        assert!(Status::ALL.is_sorted_by(|a, b| a.code() < b.code()));
    }

    #[test]
    fn a_status_is_found_by_its_number_and_by_its_name() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
            assert_eq!(Status::from_name(status.name()), Some(status));
            assert!(!(status.is_success() && status.is_refusal()));
        }
        assert_eq!((Status::from_code(1), Status::from_name("Accepted")), (None, None));
    }
}
