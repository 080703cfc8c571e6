//! What queries answer. A query changes nothing, and is answered for the later of its time and the clock.

use crate::command::{Pace, SenderState};
use crate::outcome::{Outcome, SenderRef};
use crate::phone::{ContactKey, Phone};
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU64;

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

/// The state of a gate ([RULES §3](crate#3-the-gate)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GateState {
    /// No cycle, or it was released: a new contact may be made.
    Free,
    /// The cycle is open and its window runs: no new contact.
    Blocked,
    /// The cycle's window ended unanswered: a new contact may be made.
    Expired,
    /// The contact answered, or wrote by itself: a new contact may be made.
    Replied,
    /// Opted out or undeliverable: no new contact until that is lifted.
    Suppressed,
}

impl GateState {
    /// Every state.
    pub const ALL: [GateState; 5] =
        [GateState::Free, GateState::Blocked, GateState::Expired, GateState::Replied, GateState::Suppressed];

    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            GateState::Free => "free",
            GateState::Blocked => "blocked",
            GateState::Expired => "expired",
            GateState::Replied => "replied",
            GateState::Suppressed => "suppressed",
        }
    }
}

/// Why a contact is suppressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suppression {
    /// It asked not to be written to.
    OptedOut,
    /// It was found not to be reachable.
    Undeliverable,
}

/// What is known of a phone or a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactView {
    /// The contact key of a phone; `None` for a client, whose key is its id.
    pub key: Option<ContactKey>,
    /// The state of its gate.
    pub state: GateState,
    /// When its last cycle began.
    pub since: Option<Timestamp>,
    /// `blocked`: until when; `None` when it is finally blocked.
    pub until: Option<Timestamp>,
    /// The dispatch of its last cycle; `None` for an imported one.
    pub dispatch: Option<NonZeroU64>,
    /// The last sender of a phone, or the sender of the client's last cycle.
    pub sender: Option<SenderRef>,
    /// Which message of the last cycle was the latest.
    pub stage: Option<u8>,
    /// When the contact last wrote; for a client, when its cycle was answered.
    pub last_reply: Option<Timestamp>,
    /// Whether follow-up stage 1, stage 2 is pending.
    pub pending_stages: [bool; 2],
    /// Why it is suppressed.
    pub suppression: Option<Suppression>,
}

/// When something happens next ([RULES §6](crate#6-follow-ups)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deadlines {
    /// When the next follow-up is due; in the past if one is due already.
    pub follow_up: Option<Timestamp>,
    /// When the next blocked cycle ends.
    pub expiry: Option<Timestamp>,
}

impl Deadlines {
    /// The earlier of the two.
    #[must_use]
    pub fn earliest(&self) -> Option<Timestamp> {
        self.follow_up.into_iter().chain(self.expiry).min()
    }
}

/// A follow-up that is due ([`Engine::due_follow_ups`](crate::Engine::due_follow_ups)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueFollowUp {
    /// The number as it was posted.
    pub phone: Phone,
    /// Which one: 1 or 2.
    pub stage: u8,
    /// The dispatch it follows up.
    pub origin: Option<NonZeroU64>,
    /// When it became due.
    pub due: Timestamp,
}

/// A wallet, its settings and its senders in the order in which they were added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletView {
    /// Its tag.
    pub tag: String,
    /// Its own window in ms.
    pub window_ms: Option<u64>,
    /// Its operators, sorted.
    pub operators: Vec<String>,
    /// Its senders.
    pub senders: Vec<SenderView>,
}

/// A sender: its settings, and how much of them is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderView {
    /// Its id.
    pub id: String,
    /// Its state now.
    pub state: SenderState,
    /// When the state lapses.
    pub until: Option<Timestamp>,
    /// Its weight.
    pub weight: u32,
    /// Its dispatches in the last 24 h.
    pub usage: u64,
    /// The most it may have.
    pub daily_limit: Option<u32>,
    /// Its pace.
    pub pace: Option<Pace>,
    /// Its operators, sorted.
    pub operators: Vec<String>,
    /// Its group.
    pub group: Option<GroupView>,
}

/// A group: its limit, and how much of it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    /// Its name.
    pub name: String,
    /// The dispatches of all its senders in the last 24 h.
    pub usage: u64,
    /// The most they may have.
    pub daily_limit: Option<u32>,
}

/// Why a dispatch would be answered as it would ([`Engine::explain`](crate::Engine::explain)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What a dispatch with nothing but these facts would be answered.
    pub outcome: Outcome,
    /// What is known of the phone; `None` if it is not valid.
    pub phone: Option<ContactView>,
    /// What is known of the client, if one was given.
    pub client: Option<ContactView>,
    /// Every sender of the wallet, in the order in which they were added, and whether it could serve.
    pub senders: Vec<SenderVerdict>,
}

/// Whether one sender could serve a contact, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderVerdict {
    /// The sender.
    pub sender: SenderRef,
    /// Why it cannot; empty if it can.
    pub obstacles: Vec<Obstacle>,
    /// When it could, if nothing else happened; `None` if never.
    pub eligible_at: Option<Timestamp>,
    /// When the message would go out, if it can serve now.
    pub send_at: Option<Timestamp>,
}

/// Whether a dispatch may still be sent ([RULES §4.8](crate#4-dispatch)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sendable {
    /// It may be sent now.
    Now,
    /// Contact hours are over, and begin again then, while it may still be sent.
    From(Timestamp),
    /// It may not be sent, now or later.
    No,
}

impl Sendable {
    /// Whether it may be sent now.
    #[must_use]
    pub const fn is_now(self) -> bool {
        matches!(self, Sendable::Now)
    }
}

/// Why a sender cannot serve a contact now ([RULES §5.3](crate#5-number-allocation)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Its state does not allow this contact.
    State(SenderState),
    /// It has reached its daily limit.
    DailyLimit,
    /// Its group has reached its daily limit.
    GroupLimit,
    /// Its pace would put the message off for longer than `maxDelay`.
    Pace,
    /// The contact must keep to its last sender.
    NotLastSender,
    /// It does not list the operator.
    Operator,
}

impl Obstacle {
    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Obstacle::State(_) => "state",
            Obstacle::DailyLimit => "dailyLimit",
            Obstacle::GroupLimit => "groupLimit",
            Obstacle::Pace => "pace",
            Obstacle::NotLastSender => "notLastSender",
            Obstacle::Operator => "operator",
        }
    }
}

/// How much the engine holds, at an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Commands applied.
    pub seq: u64,
    /// Dispatches and follow-ups accepted.
    pub dispatches: u64,
    /// Phones that count as contacts.
    pub phones: u64,
    /// Clients that count as contacts.
    pub clients: u64,
    /// Phones that are blocked.
    pub blocked: u64,
    /// Phones and clients that have opted out, forgotten ones included.
    pub opted_out: u64,
    /// Phones with a follow-up pending.
    pub pending_follow_ups: u64,
    /// Wallets.
    pub wallets: u64,
    /// Senders that belong to a wallet.
    pub senders: u64,
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
