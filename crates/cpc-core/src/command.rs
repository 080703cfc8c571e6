//! Everything a host can do to the engine, and everything it can ask it. Texts are borrowed: a command is read once and
//! never kept.

use crate::policy::Policy;
use crate::query::Question;

/// One command. Hand it to [`Engine::apply`](crate::Engine::apply) with the time it happens at.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Command<'a> {
    /// Replaces the policy.
    Policy(Policy),
    /// Creates a wallet, or replaces its settings and its set of senders ([RULES §5](crate#5-number-allocation)).
    Wallet(WalletSetup<'a>),
    /// Removes a wallet with its senders; pending follow-ups of its dispatches are cancelled.
    RemoveWallet {
        /// The wallet's tag.
        tag: &'a str,
    },
    /// Changes a sender, or adds it to the wallet if it is new. Members not named stay as they are.
    Sender {
        /// The wallet's tag.
        tag: &'a str,
        /// The sender's id.
        id: &'a str,
        /// What changes.
        change: SenderChange<'a>,
    },
    /// Removes a sender from its wallet.
    RemoveSender {
        /// The wallet's tag.
        tag: &'a str,
        /// The sender's id.
        id: &'a str,
    },
    /// Sets the limit that the senders of a group share; `None` for no limit.
    Group {
        /// The group's name.
        name: &'a str,
        /// The most dispatches of all its senders in any 24 h.
        daily_limit: Option<u32>,
    },
    /// Messages that open contact cycles ([RULES §4](crate#4-dispatch)).
    Dispatch(Batch<'a>),
    /// A message that came in from a contact ([RULES §3.3](crate#3-the-gate)).
    Reply(Reply<'a>),
    /// A delivery report ([RULES §7](crate#7-delivery-reports)).
    Report(Report<'a>),
    /// An operator wants to write ([RULES §4.5](crate#4-dispatch)).
    OperatorMessage {
        /// The contact's phone, as written.
        phone: &'a str,
        /// The operator.
        specialist_code: &'a str,
    },
    /// Sends due follow-ups ([RULES §6.3](crate#6-follow-ups)).
    FollowUps {
        /// The most stages to take.
        limit: u32,
    },
    /// Lists cycles that ended unanswered since it was last asked, and frees memory. It decides nothing.
    Expire {
        /// The most cycles to list.
        limit: u32,
    },
    /// Moves the clock, however far.
    Clock,
    /// Suppresses a contact until it opts in again ([RULES §8](crate#8-suppression-and-erasure)).
    OptOut(Target<'a>),
    /// Lifts an opt-out and, for a phone, `undeliverable`.
    OptIn(Target<'a>),
    /// Drops all that is known of a contact; of an opt-out only a keyed hash stays.
    Forget(Target<'a>),
    /// Releases the open cycle of a gate ([RULES §3.6](crate#3-the-gate)).
    ForceUnblock {
        /// Whose gate.
        target: Target<'a>,
        /// Why; for the host's log, the engine does not keep it.
        reason: &'a str,
    },
    /// Takes contacts over from another system.
    Import(&'a [Imported<'a>]),
}

impl Command<'_> {
    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Command::Policy(_) => "policy",
            Command::Wallet(_) | Command::RemoveWallet { .. } => "wallet",
            Command::Sender { .. } | Command::RemoveSender { .. } => "sender",
            Command::Group { .. } => "group",
            Command::Dispatch(_) => "dispatch",
            Command::Reply(_) => "reply",
            Command::Report(_) => "report",
            Command::OperatorMessage { .. } => "operatorMessage",
            Command::FollowUps { .. } => "followUps",
            Command::Expire { .. } => "expire",
            Command::Clock => "clock",
            Command::OptOut(_) => "optOut",
            Command::OptIn(_) => "optIn",
            Command::Forget(_) => "forget",
            Command::ForceUnblock { .. } => "forceUnblock",
            Command::Import(_) => "import",
        }
    }
}

/// One query, which changes nothing. Hand it to [`Engine::query`](crate::Engine::query) with the time it is for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Query<'a> {
    /// What is known of a contact.
    Contact(Target<'a>),
    /// What is known of the phone of a question, and what the question asks. A phone that is not valid is refused.
    ContactExplained(Question<'a>),
    /// A wallet with its senders and their usage.
    Wallet {
        /// The wallet's tag.
        tag: &'a str,
    },
    /// What a dispatch would answer.
    Preview(Batch<'a>),
    /// Why a dispatch would be answered as it would.
    Explain(Question<'a>),
    /// The follow-ups that are due.
    DueFollowUps {
        /// The most to list.
        limit: u32,
    },
    /// Whether a dispatch may still be sent.
    Sendable {
        /// Which dispatch.
        dispatch: u64,
        /// The client of its message; empty is none.
        client_id: &'a str,
    },
    /// When something happens next.
    Deadline,
    /// The digest of the state.
    Digest,
    /// How much the engine holds.
    Stats,
}

impl Query<'_> {
    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Query::Contact(_) | Query::ContactExplained(_) => "contact",
            Query::Wallet { .. } => "wallet",
            Query::Preview(_) => "preview",
            Query::Explain(_) => "explain",
            Query::DueFollowUps { .. } => "dueFollowUps",
            Query::Sendable { .. } => "sendable",
            Query::Deadline => "deadline",
            Query::Digest => "digest",
            Query::Stats => "stats",
        }
    }
}

/// A batch of messages, decided in order ([RULES §4](crate#4-dispatch)).
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The campaign; not blank, up to 256 bytes.
    pub campaign: &'a str,
    /// The account; empty is none, up to 128 bytes.
    pub id_account: &'a str,
    /// The wallet's tag; not blank.
    pub tag: &'a str,
    /// The messages, 1 to `maxBatch`.
    pub messages: &'a [Message<'a>],
    /// Whether all are accepted or none.
    pub atomic: bool,
}

/// One message of a batch. An empty text is the same as an absent one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// The phone, as posted.
    pub phone: &'a str,
    /// The message's own number, which makes posting it again harmless ([RULES §4.2](crate#4-dispatch)).
    pub id_message: IdMessage<'a>,
    /// The client; trimmed, up to 128 bytes.
    pub client_id: &'a str,
    /// The contract; up to 128 bytes. Only profile `strict` looks at it.
    pub contract: &'a str,
    /// Must be `Some(true)`.
    pub close_ticket: Option<bool>,
    /// The operator; not blank, up to 128 bytes.
    pub specialist_code: &'a str,
    /// What is sent. The engine only looks whether it is blank.
    pub main_template: &'a str,
    /// What is sent when the contact stays silent; none if blank.
    pub retry_template: &'a str,
    /// What is sent when it stays silent again; none if blank.
    pub last_template: &'a str,
}

/// A message's own number: 0 to 2^64-1, as a number or as its digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdMessage<'a> {
    /// Absent.
    #[default]
    None,
    /// A number.
    Number(u64),
    /// The digits of a number of another kind, as JSON can have it: negative, with a fraction or an exponent, beyond
    /// 2^64-1. It is an `invalid_field`.
    OtherNumber(&'a str),
    /// Its text: empty is absent; anything but ASCII digits of a number up to 2^64-1 is an `invalid_field`.
    Text(&'a str),
}

/// A message that came in from a contact.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// Its phone, as written.
    pub phone: &'a str,
    /// When it was received, in ms; the command's time if absent.
    pub received_at: Option<i64>,
    /// Whether the contact asked not to be written to any more.
    pub opt_out: bool,
}

/// What became of a dispatch.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Which dispatch.
    pub dispatch: u64,
    /// What became of it.
    pub status: Delivery,
    /// The sender that reports, if known: a report of a sender that no longer has the dispatch is stale.
    pub sender: Option<&'a str>,
}

/// What became of a dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// On its way.
    Sent,
    /// Delivered to the contact's device.
    Delivered,
    /// Read by the contact.
    Read,
    /// Not delivered, and whose fault that is.
    Failed(Fault),
}

/// Whose fault a failed delivery is ([RULES §7](crate#7-delivery-reports)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The contact can never be reached.
    Contact,
    /// The sender cannot send.
    Sender,
    /// The message itself: its template, its payload.
    Request,
    /// Nobody knows; it may have been delivered.
    Ambiguous,
}

/// Whom a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A phone, as written.
    Phone(&'a str),
    /// A client id.
    Client(&'a str),
}

/// A wallet's settings, whole: what is not named goes back to its default.
#[derive(Clone, Copy, Debug, Default)]
pub struct WalletSetup<'a> {
    /// The tag; not blank, up to 128 bytes.
    pub tag: &'a str,
    /// The window of its cycles in ms, 1 ms to 30 days; the policy's if `None`.
    pub window_ms: Option<u64>,
    /// Its operators; all may use it if empty.
    pub operators: &'a [&'a str],
    /// Its senders, up to 100 000. New ones are added in this order, after those that stay.
    pub senders: &'a [SenderSetup<'a>],
}

/// A sender's settings, whole: what is not named goes back to its default. Its state stays.
#[derive(Clone, Copy, Debug)]
pub struct SenderSetup<'a> {
    /// Its id, usually its number; not blank, up to 128 bytes, unique in the engine.
    pub id: &'a str,
    /// Its share of the wallet's dispatches: 1 by default; 1 to 1 000 000.
    pub weight: u32,
    /// The most dispatches in any 24 h; no limit if `None`.
    pub daily_limit: Option<u32>,
    /// Its pace; unpaced if `None`.
    pub pace: Option<Pace>,
    /// The operators it is kept for.
    pub operators: &'a [&'a str],
    /// The group whose limit it shares; not blank, up to 128 bytes.
    pub group: Option<&'a str>,
}

impl Default for SenderSetup<'_> {
    fn default() -> Self {
        SenderSetup { id: "", weight: 1, daily_limit: None, pace: None, operators: &[], group: None }
    }
}

/// How fast a sender may send: `per_second` on average, `burst` at once ([RULES §5.2](crate#5-number-allocation)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Messages a second, 1 to 1 000 000.
    pub per_second: u32,
    /// Messages at once, 1 to 1 000 000; 1 by default.
    pub burst: u32,
}

/// What changes about a sender: `None` stays as it is, `Some(None)` goes back to the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct SenderChange<'a> {
    /// Its state.
    pub state: Option<SenderStanding>,
    /// Its weight.
    pub weight: Option<u32>,
    /// Its daily limit.
    pub daily_limit: Option<Option<u32>>,
    /// Its pace.
    pub pace: Option<Option<Pace>>,
    /// Its operators.
    pub operators: Option<&'a [&'a str]>,
    /// Its group.
    pub group: Option<Option<&'a str>>,
}

/// A state of a sender and until when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderStanding {
    /// The state.
    pub state: SenderState,
    /// When it lapses into `ready`, in ms; never if `None`. Must be `None` for `ready`.
    pub until: Option<i64>,
}

/// Whether a sender may be used ([RULES §5](crate#5-number-allocation)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum SenderState {
    /// It serves everybody.
    #[default]
    Ready = 0,
    /// It rests.
    Paused = 1,
    /// It serves only the contacts whose last sender it is.
    ExistingOnly = 2,
    /// It failed, and rests.
    Quarantined = 3,
    /// It is out of use.
    Disabled = 4,
}

impl SenderState {
    /// Every state, by number.
    pub const ALL: [SenderState; 5] = [
        SenderState::Ready,
        SenderState::Paused,
        SenderState::ExistingOnly,
        SenderState::Quarantined,
        SenderState::Disabled,
    ];

    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SenderState::Ready => "ready",
            SenderState::Paused => "paused",
            SenderState::ExistingOnly => "existingOnly",
            SenderState::Quarantined => "quarantined",
            SenderState::Disabled => "disabled",
        }
    }
}

/// A contact as another system knew it. The engine takes it over only if it does not know the contact yet;
/// an opt-out is taken over in any case.
#[derive(Clone, Copy, Debug, Default)]
pub struct Imported<'a> {
    /// The phone, as written.
    pub phone: &'a str,
    /// The client of its last cycle; empty is none.
    pub client_id: &'a str,
    /// When its last cycle began, in ms; not later than the command.
    pub t0: Option<i64>,
    /// When it last wrote, in ms; not later than the command.
    pub replied_at: Option<i64>,
    /// The sender of its last cycle; empty is none. Its usage counts the cycle.
    pub sender: &'a str,
    /// Whether it has opted out.
    pub opted_out: bool,
}
