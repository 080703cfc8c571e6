//! What queries answer. A query changes nothing, and is answered for the later of its time and the clock.

use crate::command::{Pace, SenderState};
use crate::cycle::GateState;
use crate::outcome::{Outcome, SenderRef};
use crate::phone::{ContactKey, Phone};
use crate::tables::{fields, names};
use crate::time::Timestamp;
use crate::value::{Described, FieldKey, FieldValue, Fields, Visit};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU64;
use core::time::Duration;

/// What a [`Query`](crate::Query) is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum View {
    /// What is known of a contact.
    Contact(ContactView),
    /// What is known of a phone, and why a dispatch to it would be answered as it would: its view is the
    /// [`phone`](Explanation::phone) of the explanation, which is there.
    ContactExplained(Box<Explanation>),
    /// A wallet.
    Wallet(WalletView),
    /// What a dispatch would answer, one outcome a message.
    Preview(Vec<Outcome>),
    /// Why a dispatch would be answered as it would.
    Explain(Box<Explanation>),
    /// The follow-ups that are due.
    DueFollowUps(Vec<DueFollowUp>),
    /// Whether a dispatch may still be sent.
    Sendable(Sendable),
    /// When something happens next.
    Deadline(Deadlines),
    /// The digest.
    Digest(u128),
    /// How much there is.
    Stats(Stats),
}

/// What the query answered, without the name of the query.
#[cfg(feature = "serde")]
impl serde::Serialize for View {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            View::Contact(view) => view.serialize(serializer),
            View::ContactExplained(explanation) | View::Explain(explanation) => {
                explanation.serialize(serializer)
            }
            View::Wallet(view) => view.serialize(serializer),
            View::Preview(outcomes) => outcomes.serialize(serializer),
            View::DueFollowUps(due) => due.serialize(serializer),
            View::Sendable(sendable) => crate::value::serialize::serialize_fields(sendable, None, serializer),
            View::Deadline(deadlines) => deadlines.serialize(serializer),
            View::Digest(digest) => serializer.collect_str(&format_args!("{digest:032x}")),
            View::Stats(stats) => stats.serialize(serializer),
        }
    }
}

names! {
    /// Why a contact is suppressed.
    pub enum Suppression {
        /// It asked not to be written to.
        OptedOut = "optedOut",
        /// It was found not to be reachable.
        Undeliverable = "undeliverable",
    }
}

fields! {
    /// What is known of a phone or a client.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct ContactView {
        /// The contact key of a phone; `None` for a client, whose key is its id.
        pub key "key" required: Option<ContactKey>,
        /// The state of its gate.
        pub state "state": GateState,
        /// When its last cycle began.
        pub since "since": Option<Timestamp>,
        /// `blocked`: until when; `None` when it is finally blocked.
        pub until "until": Option<Timestamp>,
        /// The dispatch of its last cycle; `None` for an imported one.
        pub dispatch "dispatch": Option<NonZeroU64>,
        /// The last sender of a phone, or the sender of the client's last cycle.
        pub sender "sender": Option<SenderRef>,
        /// Which message of the last cycle was the latest.
        pub stage "stage": Option<u8>,
        /// When the contact last wrote; for a client, when its cycle was answered.
        pub last_reply "lastReply": Option<Timestamp>,
        /// Whether follow-up stage 1, stage 2 is pending.
        pub pending_stages "pendingStages": [bool; 2],
        /// Why it is suppressed.
        pub suppression "suppression": Option<Suppression>,
    }
}

fields! {
    /// When something happens next ([RULES §6](crate::rules#6-follow-ups)).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Deadlines {
        /// When the next follow-up is due; in the past if one is due already.
        pub follow_up "followUp": Option<Timestamp>,
        /// When the next blocked cycle ends.
        pub expiry "expiry": Option<Timestamp>,
    }
}

impl Deadlines {
    /// The earlier of the two.
    #[must_use]
    pub fn earliest(&self) -> Option<Timestamp> {
        self.follow_up.into_iter().chain(self.expiry).min()
    }
}

fields! {
    /// A follow-up that is due ([`Engine::due_follow_ups`](crate::Engine::due_follow_ups)).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct DueFollowUp {
        /// The number as it was posted.
        pub phone "phone": Phone,
        /// Which one: 1 or 2.
        pub stage "stage": u8,
        /// The dispatch it follows up.
        pub origin "origin": Option<NonZeroU64>,
        /// When it became due.
        pub due "due": Timestamp,
    }
}

fields! {
    /// A wallet, its settings and its senders in the order in which they were added.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct WalletView {
        /// Its tag.
        pub tag "tag": String,
        /// Its own window.
        pub window "windowMs": Option<Duration>,
        /// Its operators, sorted.
        pub operators "operators": Vec<String>,
        /// Its senders.
        pub senders "senders": Vec<SenderView>,
    }
}

fields! {
    /// A sender: its settings, and how much of them is used.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct SenderView {
        /// Its id.
        pub id "id": String,
        /// Its state now.
        pub state "state": SenderState,
        /// When the state lapses.
        pub until "until": Option<Timestamp>,
        /// Its weight.
        pub weight "weight": u32,
        /// Its dispatches in the last 24 h.
        pub usage "usage": u64,
        /// The most it may have.
        pub daily_limit "dailyLimit": Option<u32>,
        /// Its pace.
        pub pace "": Option<Pace>,
        /// Its operators, sorted.
        pub operators "operators": Vec<String>,
        /// Its group.
        pub group "group": Option<GroupView>,
    }
}

fields! {
    /// A group: its limit, and how much of it is used.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct GroupView {
        /// Its name.
        pub name "name": String,
        /// The dispatches of all its senders in the last 24 h.
        pub usage "usage": u64,
        /// The most they may have.
        pub daily_limit "dailyLimit": Option<u32>,
    }
}

fields! {
    /// Why a dispatch would be answered as it would ([`Engine::explain`](crate::Engine::explain)).
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Explanation {
        /// What a dispatch with nothing but these contact would be answered.
        pub outcome "outcome": Outcome,
        /// What is known of the phone; `None` if it is not valid.
        pub phone "phone": Option<ContactView>,
        /// What is known of the client, if one was given.
        pub client "client": Option<ContactView>,
        /// Every sender of the wallet, in the order in which they were added, and whether it could serve.
        pub senders "senders": Vec<SenderVerdict>,
    }
}

fields! {
    /// Whether one sender could serve a contact, and why not.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct SenderVerdict {
        /// The sender.
        pub sender "id": SenderRef,
        /// Why it cannot; empty if it can.
        pub obstacles "obstacles": Vec<Obstacle>,
        /// When it could, if nothing else happened; `None` if never.
        pub eligible_at "eligibleAt": Option<Timestamp>,
        /// When the message would go out, if it can serve now.
        pub send_at "sendAt": Option<Timestamp>,
    }
}

/// Whether a dispatch may still be sent ([RULES §4.8](crate::rules#4-dispatch)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sendable {
    /// It may be sent now.
    Now,
    /// Contact hours are over, and begin again then, while it may still be sent.
    From(Timestamp),
    /// It may not be sent, now or later.
    No,
}

impl Fields for Sendable {
    fn each_field(&self, visit: &mut Visit<'_>) {
        visit(FieldKey::new("sendable", "sendable", true), FieldValue::Boolean(self.is_now()));
        if let Sendable::From(opening) = self {
            visit(FieldKey::new("retryAt", "retry_at", false), opening.value());
        }
    }
}

impl Sendable {
    /// Whether it may be sent now.
    #[must_use]
    pub const fn is_now(self) -> bool {
        matches!(self, Sendable::Now)
    }
}

names! {
    /// Why a sender cannot serve a contact now ([RULES §5.3](crate::rules#5-number-allocation)).
    pub enum Obstacle {
        /// Its state does not allow this contact.
        State = "state",
        /// It has reached its daily limit.
        DailyLimit = "dailyLimit",
        /// Its group has reached its daily limit.
        GroupLimit = "groupLimit",
        /// Its pace would put the message off for longer than `maxDelay`.
        Pace = "pace",
        /// The contact must keep to its last sender.
        NotLastSender = "notLastSender",
        /// It does not list the operator.
        Operator = "operator",
    }
}

fields! {
    /// How much the engine holds, at an instant.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Stats {
        /// Commands applied.
        pub seq "seq": u64,
        /// Dispatches and follow-ups accepted.
        pub dispatches "dispatches": u64,
        /// Phones that count as contacts.
        pub phones "phones": u64,
        /// Clients that count as contacts.
        pub clients "clients": u64,
        /// Phones that are blocked.
        pub blocked "blocked": u64,
        /// Phones and clients that have opted out, forgotten ones included.
        pub opted_out "optedOut": u64,
        /// Phones with a follow-up pending.
        pub pending_follow_ups "pendingFollowUps": u64,
        /// Wallets.
        pub wallets "wallets": u64,
        /// Senders that belong to a wallet.
        pub senders "senders": u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_of_two_deadlines_comes_first() {
        let at = |millis: u64| Some(Timestamp::from_millis(millis));
        for (follow_up, expiry, expected) in [
            (None, None, None),
            (at(5), None, at(5)),
            (None, at(5), at(5)),
            (at(5), at(7), at(5)),
            (at(7), at(5), at(5)),
        ] {
            assert_eq!(Deadlines { follow_up, expiry }.earliest(), expected);
        }
    }
}
