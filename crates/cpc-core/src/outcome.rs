//! What a command leads to: one [`Outcome`] an item, of fixed size, without allocation.

use crate::error::FieldName;
use crate::phone::Phone;
use crate::schema::Kind;
use crate::status::Status;
use crate::tables::fields;
use crate::time::Timestamp;
use crate::value::{Described, FieldValue};
use core::num::NonZeroU64;

/// A sender, by its place in one engine in memory; [`Engine::sender_id`](crate::Engine::sender_id) has its id. Do
/// not store it: after a restore the places are others, the ids are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderRef(pub(crate) u32);

crate::tables::serialized!(SenderRef);

impl Described for SenderRef {
    const KIND: Kind = Kind::Text;

    fn value(&self) -> FieldValue<'_> {
        FieldValue::Sender(self.0)
    }
}

impl SenderRef {
    /// The place as a number, for columns of outcomes and tables of foreign hosts.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The sender at a place that [`number`](Self::number) gave.
    #[must_use]
    pub const fn from_number(number: u32) -> SenderRef {
        SenderRef(number)
    }
}

// A new field goes to the end: the C ABI numbers them in this order. Which statuses have it is said in their rows.
fields! {
    /// The answer to one item. Which fields are there depends on the status; the others are `None`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Outcome {
        /// The answer.
        pub status "status": Status,
        /// The contact, where the call did not name it: the number of a follow-up as it was posted, the contact key of
        /// an expired cycle.
        pub phone "phone": Option<Phone>,
        /// `invalid_field`: which one.
        pub field "field": Option<FieldName>,
        /// `accepted`: whether the main template was blank.
        pub empty_template "warnings" optional: bool,
        /// `duplicate_in_batch`: the earlier item that took the gate.
        pub first_index "firstIndex": Option<u32>,
        /// The number of the dispatch.
        pub dispatch "dispatch": Option<NonZeroU64>,
        /// The sender of the cycle.
        pub sender "sender": Option<SenderRef>,
        /// The number to send to.
        pub to "to": Option<Phone>,
        /// When to send.
        pub send_at "sendAt": Option<Timestamp>,
        /// Until when the contact is blocked unless it answers.
        pub blocked_until "blockedUntil": Option<Timestamp>,
        /// Which message of the cycle this is: 0 the dispatch itself, 1 and 2 its follow-ups. Cycles only.
        pub stage "stage": Option<u8>,
        /// A follow-up: the dispatch it follows up.
        pub origin "origin": Option<NonZeroU64>,
        /// A refusal: when asking again could help; `None` if never, or not known.
        pub retry_at "retryAt": Option<Timestamp>,
        /// `expired`: when the cycle ended.
        pub expired_at "expiredAt": Option<Timestamp>,
    }
}

impl Outcome {
    /// An outcome that says nothing but its status.
    #[inline]
    #[must_use]
    pub const fn new(status: Status) -> Outcome {
        Outcome {
            status,
            field: None,
            empty_template: false,
            stage: None,
            first_index: None,
            sender: None,
            phone: None,
            dispatch: None,
            origin: None,
            to: None,
            send_at: None,
            blocked_until: None,
            retry_at: None,
            expired_at: None,
        }
    }
}

fields! {
    /// What the engine says of an applied command.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Receipt {
        /// The effective time ([RULES §1.2](crate::rules#1-time)): what a log stores.
        pub effective_at "at": Timestamp,
        /// How many commands have been applied, this one included.
        pub seq "seq": u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_known_by_its_number() {
        assert_eq!([0, 1, 7].map(|number| SenderRef::from_number(number).number()), [0, 1, 7]);
        assert_ne!(SenderRef::from_number(1), SenderRef::from_number(7));
    }
}
