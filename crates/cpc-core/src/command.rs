//! Everything a host can do to the engine, and everything it can ask it. Texts are borrowed: a command is read once and
//! never kept.

use crate::policy::{MAX_WINDOW, Policy};
use crate::schema::{DefaultValue, Field, Kind, Object};
use crate::tables::{fields, names, operations};
use crate::text::{MAX_ID, Text, trimmed};
use crate::time::Timestamp;
use crate::value::{Described, FieldKey, FieldValue, Fields, Visit};
use core::time::Duration;

/// Weights, rates and bursts are below 2^20, so that products of them are exact.
pub(crate) const MAX_RATE: u32 = 1_000_000;

operations! {
    /// One command. Hand it to [`Engine::apply`](crate::Engine::apply) with the time it happens at.
    #[derive(Clone, Debug)]
    pub enum Command<'a> is_command true {
        /// Replaces the policy.
        Policy(policy "policy": Policy) = "policy";
        /// Creates a wallet, or replaces its settings and its set of senders
        /// ([RULES §5](crate::rules#5-number-allocation)).
        Wallet(setup "": WalletSetup<'a>) = "wallet";
        /// Removes a wallet with its senders; pending follow-ups of its dispatches are cancelled.
        RemoveWallet {
            /// The wallet's tag.
            tag "tag" required: &'a str,
        } = "wallet", and REMOVE;
        /// Changes a sender, or adds it to the wallet if it is new. Fields that are not named stay as they are.
        Sender {
            /// The wallet's tag.
            tag "tag" required: &'a str,
            /// The sender's id.
            id "id" required: &'a str,
            /// What changes.
            change "" required: SenderChange<'a>,
        } = "sender";
        /// Removes a sender from its wallet.
        RemoveSender {
            /// The wallet's tag.
            tag "tag" required: &'a str,
            /// The sender's id.
            id "id" required: &'a str,
        } = "sender", and REMOVE;
        /// Sets the limit that the senders of a group share; without one they have none.
        Group {
            /// The group's name.
            name "name" required: &'a str,
            /// The most dispatches of all its senders in any 24 h.
            daily_limit "dailyLimit": Option<u32>,
        } = "group";
        /// Messages that open contact cycles ([RULES §4](crate::rules#4-dispatch)).
        Dispatch(batch "": Batch<'a>) = "dispatch" => many ["phone"];
        /// A message that came in from a contact ([RULES §3.3](crate::rules#3-the-gate)).
        Reply(reply "": Reply<'a>) = "reply" => one ["phone"];
        /// A delivery report ([RULES §7](crate::rules#7-delivery-reports)).
        Report(report "": Report<'a>) = "report" => one [];
        /// An operator wants to write ([RULES §4.5](crate::rules#4-dispatch)).
        OperatorMessage {
            /// The contact's phone, as written.
            phone "phone" required: &'a str,
            /// The operator.
            specialist_code "specialistCode" required: &'a str,
        } = "operatorMessage" => one ["phone"];
        /// Sends due follow-ups ([RULES §6.3](crate::rules#6-follow-ups)).
        FollowUps {
            /// The most stages to take; 100 if absent.
            limit "limit" optional: u32,
        } = "followUps" => many ["phone", "stage", "origin"];
        /// Lists cycles that ended unanswered since it was last asked, and frees memory. It decides nothing.
        Expire {
            /// The most cycles to list; 100 if absent.
            limit "limit" optional: u32,
        } = "expire" => many [];
        /// Moves the clock, however far.
        Clock = "clock";
        /// Suppresses a contact until it opts in again ([RULES §8](crate::rules#8-suppression-and-erasure)).
        OptOut(target "": Target<'a>) = "optOut", and REASON;
        /// Lifts an opt-out and, for a phone, `undeliverable`.
        OptIn(target "": Target<'a>) = "optIn", and REASON;
        /// Drops all that is known of a contact; of an opt-out only a keyed hash stays.
        Forget(target "": Target<'a>) = "forget", and REASON;
        /// Releases the open cycle of a gate ([RULES §3.6](crate::rules#3-the-gate)).
        ForceUnblock {
            /// Whose gate.
            target "" required: Target<'a>,
            /// Why; for the host's log, the engine does not keep it.
            reason "reason" optional: &'a str,
        } = "forceUnblock";
        /// Takes contacts over from another system.
        Import(contacts "contacts": &'a [ImportedContact<'a>]) = "import" => many ["phone"];
    }
}

operations! {
    /// One query, which changes nothing. Hand it to [`Engine::query`](crate::Engine::query) with the time it is for.
    #[derive(Clone, Copy, Debug)]
    pub enum Query<'a> is_command false {
        /// What is known of a contact.
        Contact(target "": Target<'a>) = "contact";
        /// What is known of a phone, and why a dispatch to it would be answered as it would. A phone that is not valid is
        /// refused.
        ContactExplained(request "": ExplainRequest<'a>) = "contact" with &[];
        /// A wallet with its senders and their usage.
        Wallet {
            /// The wallet's tag.
            tag "tag" required: &'a str,
        } = "wallet";
        /// What a dispatch would answer.
        Preview(batch "": Batch<'a>) = "preview";
        /// Why a dispatch would be answered as it would.
        Explain(request "": ExplainRequest<'a>) = "explain";
        /// The follow-ups that are due.
        DueFollowUps {
            /// The most to list; 100 if absent.
            limit "limit" optional: u32,
        } = "dueFollowUps";
        /// Whether a dispatch may still be sent.
        Sendable {
            /// Which dispatch.
            dispatch "dispatch" required: u64,
            /// The client of its message; empty is none.
            client_id "clientId": &'a str,
        } = "sendable";
        /// When something happens next.
        Deadline = "deadline";
        /// The digest of the state.
        Digest = "digest";
        /// How much the engine holds.
        Stats = "stats";
    }
}

fields! {
    /// What [`Engine::explain`](crate::Engine::explain) is asked: could this contact be written to, by this operator, from
    /// this wallet?
    #[derive(Clone, Copy, Debug, Default)]
    pub struct ExplainRequest<'a> {
        /// The phone, as written.
        pub phone "phone" required: &'a str,
        /// The client; empty is none.
        pub client_id "clientId": &'a str,
        /// The wallet's tag.
        pub tag "tag" required: &'a str,
        /// The operator.
        pub specialist_code "specialistCode" required: &'a str,
    }
}

/// What a line says to remove what it names.
const REMOVE: &[Field] =
    &[Field::new("remove", "", Kind::True, true).documented("Removes it instead of changing it.")];

/// A field that is for the readers of a log: the engine does not keep it.
const REASON: &[Field] =
    &[Field::new("reason", "", Kind::Text, false).documented("Why; for the host's log.")];

fields! {
    /// A batch of messages, decided in order ([RULES §4](crate::rules#4-dispatch)).
    #[derive(Clone, Copy, Debug)]
    pub struct Batch<'a> {
        /// The campaign; not blank, up to 256 bytes.
        pub campaign "campaign" required: &'a str,
        /// The account; empty is none, up to 128 bytes.
        pub id_account "idAccount": &'a str,
        /// The wallet's tag; not blank.
        pub tag "tag" required: &'a str,
        /// The messages, 1 to `maxBatch`.
        pub messages "messages" required: &'a [Message<'a>],
        /// Whether all are accepted or none.
        pub atomic "atomic" optional: bool,
    }
}

fields! {
    /// One message of a batch. An empty text is the same as an absent one.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct Message<'a> {
        /// The phone, as posted, with its country; a `+` in front, spaces, dashes, dots, parentheses and what cannot be seen do not count.
        pub phone "phone" required: &'a str,
        /// The message's own number, which makes posting it again harmless ([RULES §4.2](crate::rules#4-dispatch)).
        pub id_message "idMessage": IdMessage<'a>,
        /// The client; trimmed, up to 128 bytes.
        pub client_id "clientId": &'a str,
        /// The contract; up to 128 bytes, and required by profile `strict`. The engine only looks how long it is.
        pub contract "contract": Text<'a>,
        /// Must be `Some(true)`.
        pub close_ticket "closeTicket" required: Option<bool>,
        /// The operator; not blank, up to 128 bytes.
        pub specialist_code "specialistCode" required: &'a str,
        /// What is sent. Of the templates the engine only looks whether they are blank; it keeps none.
        pub main_template "mainTemplate" required: Text<'a>,
        /// What is sent when the contact stays silent; none if blank.
        pub retry_template "retryTemplate": Text<'a>,
        /// What is sent when it stays silent again; none if blank.
        pub last_template "lastTemplate": Text<'a>,
    }
}

impl<'a> Message<'a> {
    /// A message to a phone in the name of an operator, with `closeTicket` set as it must be.
    ///
    /// ```
    /// use cpc_core::Message;
    ///
    /// let message = Message::new("5511988876204", "admin").main_template("Olá!").client_id("7");
    /// assert_eq!((message.close_ticket, message.client()), (Some(true), Some("7")));
    /// ```
    #[must_use]
    pub const fn new(phone: &'a str, specialist_code: &'a str) -> Message<'a> {
        Message {
            phone,
            id_message: IdMessage::None,
            client_id: "",
            contract: Text::Is(""),
            close_ticket: Some(true),
            specialist_code,
            main_template: Text::Is(""),
            retry_template: Text::Is(""),
            last_template: Text::Is(""),
        }
    }

    /// Sets its own number.
    #[must_use]
    pub fn id_message(mut self, id_message: u64) -> Message<'a> {
        self.id_message = IdMessage::Number(id_message);
        self
    }

    /// Sets the client.
    #[must_use]
    pub fn client_id(mut self, client_id: &'a str) -> Message<'a> {
        self.client_id = client_id;
        self
    }

    /// Sets the contract.
    #[must_use]
    pub fn contract(mut self, contract: impl Into<Text<'a>>) -> Message<'a> {
        self.contract = contract.into();
        self
    }

    /// Sets what is sent.
    #[must_use]
    pub fn main_template(mut self, text: impl Into<Text<'a>>) -> Message<'a> {
        self.main_template = text.into();
        self
    }

    /// Sets what is sent when the contact stays silent.
    #[must_use]
    pub fn retry_template(mut self, text: impl Into<Text<'a>>) -> Message<'a> {
        self.retry_template = text.into();
        self
    }

    /// Sets what is sent when it stays silent again.
    #[must_use]
    pub fn last_template(mut self, text: impl Into<Text<'a>>) -> Message<'a> {
        self.last_template = text.into();
        self
    }

    /// The client that it names, without the spaces around it; `None` if it names none, or one that is too long to be
    /// one.
    #[must_use]
    #[inline]
    pub fn client(&self) -> Option<&'a str> {
        Some(trimmed(self.client_id)).filter(|id| !id.is_empty() && id.len() <= MAX_ID)
    }
}

impl<'a> Batch<'a> {
    /// A batch of a campaign for a wallet, without an account; each message is accepted or refused by itself.
    ///
    /// ```
    /// use cpc_core::{Batch, Message};
    ///
    /// let messages = [Message::new("5511988876204", "admin").main_template("Olá!")];
    /// assert!(!Batch::new("teste", "emp1", &messages).atomic);
    /// ```
    #[must_use]
    pub const fn new(campaign: &'a str, tag: &'a str, messages: &'a [Message<'a>]) -> Batch<'a> {
        Batch { campaign, id_account: "", tag, messages, atomic: false }
    }
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

fields! {
    /// A message that came in from a contact.
    #[derive(Clone, Copy, Debug)]
    pub struct Reply<'a> {
        /// Its phone, as written.
        pub phone "phone" required: &'a str,
        /// When it was received; the command's time if absent or later.
        pub received_at "receivedAt": Option<Timestamp>,
        /// Whether the contact asked not to be written to any more.
        pub opt_out "optOut" optional: bool,
    }
}

fields! {
    /// What became of a dispatch.
    #[derive(Clone, Copy, Debug)]
    pub struct Report<'a> {
        /// Which dispatch.
        pub dispatch "dispatch": u64,
        /// What became of it.
        pub status "": Delivery,
        /// The sender that reports, if known: a report of a sender that no longer has the dispatch is stale.
        pub sender "sender": Option<&'a str>,
    }
}

impl Described for IdMessage<'_> {
    const KIND: Kind = Kind::MessageId;
    const REQUIRED: bool = false;

    fn value(&self) -> FieldValue<'_> {
        match self {
            IdMessage::None => FieldValue::Absent,
            IdMessage::Number(number) => FieldValue::Number(*number),
            IdMessage::OtherNumber(digits) => FieldValue::Numeral(digits),
            IdMessage::Text(text) => text.value(),
        }
    }
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

names! {
    /// Whose fault a failed delivery is ([RULES §7](crate::rules#7-delivery-reports)).
    pub enum Fault {
        /// The contact can never be reached.
        Contact = "contact",
        /// The sender cannot send.
        Sender = "sender",
        /// The message itself: its template, its payload.
        Request = "request",
        /// Not known; it may have been delivered.
        Ambiguous = "ambiguous",
    }
    default Ambiguous
}

names! {
    /// What became of a dispatch, by name; whose fault a failure is stands beside it.
    pub enum DeliveryStatus {
        /// On its way.
        Sent = "sent",
        /// Delivered to the contact's device.
        Delivered = "delivered",
        /// Read by the contact.
        Read = "read",
        /// Not delivered.
        Failed = "failed",
    }
}

impl Delivery {
    /// Its name, without whose fault it is.
    #[must_use]
    pub const fn status(self) -> DeliveryStatus {
        match self {
            Delivery::Sent => DeliveryStatus::Sent,
            Delivery::Delivered => DeliveryStatus::Delivered,
            Delivery::Read => DeliveryStatus::Read,
            Delivery::Failed(_) => DeliveryStatus::Failed,
        }
    }

    /// Whose fault it is that it failed.
    #[must_use]
    pub const fn fault(self) -> Option<Fault> {
        match self {
            Delivery::Failed(fault) => Some(fault),
            Delivery::Sent | Delivery::Delivered | Delivery::Read => None,
        }
    }
}

impl Delivery {
    const SCHEMA: Object = Object::new(
        "Delivery",
        "What became of a dispatch.",
        &[
            Field::new("status", "status", DeliveryStatus::KIND, true).documented("What became of it."),
            Field::new("fault", "fault", Fault::KIND, false)
                .documented("Of a failure: whose fault it is.")
                .default(DefaultValue::Name(Fault::DEFAULT.name())),
        ],
    );
}

impl Described for Delivery {
    const KIND: Kind = Kind::Flattened(&Delivery::SCHEMA);

    fn value(&self) -> FieldValue<'_> {
        FieldValue::Object(self)
    }
}

impl Fields for Delivery {
    fn each_field(&self, visit: &mut Visit<'_>) {
        visit(FieldKey::new("status", "status", true), self.status().value());
        visit(FieldKey::new("fault", "fault", false), self.fault().value());
    }
}

/// The contact that a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A phone, as written.
    Phone(&'a str),
    /// A client id.
    Client(&'a str),
}

impl Target<'_> {
    const SCHEMA: Object = Object::new(
        "Target",
        "A phone or a client id: either of the two.",
        &[
            Field::new("phone", "phone", Kind::Text, false).documented("The phone, as written."),
            Field::new("clientId", "client_id", Kind::Text, false).documented("The client id."),
        ],
    );
}

impl Described for Target<'_> {
    const KIND: Kind = Kind::Flattened(&Target::SCHEMA);

    fn value(&self) -> FieldValue<'_> {
        FieldValue::Object(self)
    }
}

impl Fields for Target<'_> {
    fn each_field(&self, visit: &mut Visit<'_>) {
        match self {
            Target::Phone(phone) => visit(FieldKey::new("phone", "phone", false), FieldValue::Text(phone)),
            Target::Client(client_id) => {
                visit(FieldKey::new("clientId", "client_id", false), FieldValue::Text(client_id));
            }
        }
    }
}

fields! {
    /// A wallet's settings, whole: what is not named goes back to its default.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct WalletSetup<'a> {
        /// The tag; not blank, up to 128 bytes.
        pub tag "tag" required: &'a str,
        /// The window of its cycles, 1 ms to 30 days; the policy's if `None`. A fraction of a millisecond does not count.
        pub window "windowMs": Option<Duration> = 1, MAX_WINDOW,
        /// Its operators; all may use it if empty.
        pub operators "operators" optional: &'a [&'a str],
        /// Its senders, up to 100 000. New ones are added in this order, after those that stay.
        pub senders "senders" required: &'a [SenderSetup<'a>],
    }
}

fields! {
    /// A sender's settings, whole: what is not named goes back to its default. Its state stays.
    #[derive(Clone, Copy, Debug)]
    pub struct SenderSetup<'a> {
        /// Its id, usually its number; not blank, up to 128 bytes, unique in the engine.
        pub id "id" required: &'a str,
        /// Its share of the wallet's dispatches: 1 by default; 1 to 1 000 000.
        pub weight "weight" optional: u32 = 1, MAX_RATE; default DefaultValue::Integer(1),
        /// The most dispatches in any 24 h; no limit if `None`.
        pub daily_limit "dailyLimit": Option<u32>,
        /// Its pace; unpaced if `None`.
        pub pace "": Option<Pace>,
        /// The operators it is kept for.
        pub operators "operators" optional: &'a [&'a str],
        /// The group whose limit it shares; not blank, up to 128 bytes.
        pub group "group": Option<&'a str>,
    }
}

impl<'a> SenderSetup<'a> {
    /// A sender with the default settings.
    ///
    /// ```
    /// use cpc_core::{Pace, SenderSetup};
    ///
    /// let sender = SenderSetup::new("5514990000001").daily_limit(1_000).pace(Pace { per_second: 80, burst: 80 });
    /// assert_eq!((sender.weight, sender.daily_limit), (1, Some(1_000)));
    /// ```
    #[must_use]
    pub fn new(id: &'a str) -> SenderSetup<'a> {
        SenderSetup { id, ..SenderSetup::default() }
    }

    /// Sets its share of the wallet's dispatches.
    #[must_use]
    pub const fn weight(mut self, weight: u32) -> SenderSetup<'a> {
        self.weight = weight;
        self
    }

    /// Sets the most dispatches in any 24 h.
    #[must_use]
    pub const fn daily_limit(mut self, dispatches: u32) -> SenderSetup<'a> {
        self.daily_limit = Some(dispatches);
        self
    }

    /// Sets its pace.
    #[must_use]
    pub const fn pace(mut self, pace: Pace) -> SenderSetup<'a> {
        self.pace = Some(pace);
        self
    }

    /// Sets the operators it is kept for.
    #[must_use]
    pub const fn operators(mut self, operators: &'a [&'a str]) -> SenderSetup<'a> {
        self.operators = operators;
        self
    }

    /// Sets the group whose limit it shares.
    #[must_use]
    pub const fn group(mut self, group: &'a str) -> SenderSetup<'a> {
        self.group = Some(group);
        self
    }
}

impl<'a> WalletSetup<'a> {
    /// A wallet of some senders, with the policy's window and open to all operators.
    ///
    /// ```
    /// use cpc_core::{Command, Engine, Policy, SenderSetup, Status, WalletSetup};
    ///
    /// let senders = [SenderSetup::new("5514990000001"), SenderSetup::new("5514990000002").weight(2)];
    /// let wallet = Command::Wallet(WalletSetup::new("emp1", &senders));
    /// let (_, outcomes) = Engine::new(Policy::default()).apply_to_vec(1_795_436_400_000, &wallet)?;
    /// assert_eq!(outcomes[0].status, Status::Applied);
    /// # Ok::<(), cpc_core::CommandError>(())
    /// ```
    #[must_use]
    pub const fn new(tag: &'a str, senders: &'a [SenderSetup<'a>]) -> WalletSetup<'a> {
        WalletSetup { tag, window: None, operators: &[], senders }
    }
}

impl Default for SenderSetup<'_> {
    fn default() -> Self {
        SenderSetup { id: "", weight: 1, daily_limit: None, pace: None, operators: &[], group: None }
    }
}

fields! {
    /// How fast a sender may send: `per_second` on average, `burst` at once ([RULES §5.2](crate::rules#5-number-allocation)).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Pace {
        /// Messages a second, 1 to 1 000 000.
        pub per_second "perSecond": u32 = 1, MAX_RATE,
        /// Messages at once, 1 to 1 000 000; 1 by default.
        pub burst "burst" optional: u32 = 1, MAX_RATE; default DefaultValue::Integer(1),
    }
}

fields! {
    /// What changes about a sender: `None` stays as it is, `Some(None)` goes back to the default.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct SenderChange<'a> {
        /// Its state.
        pub state "": Option<TimedSenderState>,
        /// Its weight.
        pub weight "weight": Option<u32> = 1, MAX_RATE,
        /// Its daily limit.
        pub daily_limit "dailyLimit": Option<Option<u32>>,
        /// Its pace.
        pub pace "": Option<Option<Pace>>,
        /// Its operators.
        pub operators "operators": Option<&'a [&'a str]>,
        /// Its group.
        pub group "group": Option<Option<&'a str>>,
    }
}

fields! {
    /// A state of a sender and until when it holds.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct TimedSenderState {
        /// The state.
        pub state "state": SenderState,
        /// When it lapses into `ready`; never if `None`. Must be `None` for `ready`.
        pub until "until": Option<Timestamp>,
    }
}

names! {
    /// Whether a sender may be used ([RULES §5](crate::rules#5-number-allocation)).
    pub enum SenderState {
        /// It serves every contact.
        Ready = "ready",
        /// It rests.
        Paused = "paused",
        /// It serves only the contacts whose last sender it is.
        ExistingOnly = "existingOnly",
        /// It failed, and rests.
        Quarantined = "quarantined",
        /// It is out of use.
        Disabled = "disabled",
    }
    default Ready
}

fields! {
    /// A contact as another system knew it. The engine takes it over only if it does not know the contact yet;
    /// an opt-out is taken over in any case.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct ImportedContact<'a> {
        /// The phone, as written.
        pub phone "phone" required: &'a str,
        /// The client of its last cycle; empty is none.
        pub client_id "clientId": &'a str,
        /// When its last cycle began; not later than the command.
        pub t0 "t0": Option<Timestamp>,
        /// When it last wrote; not later than the command.
        pub replied_at "repliedAt": Option<Timestamp>,
        /// The sender of its last cycle; empty is none. Its usage counts the cycle.
        pub sender "sender": &'a str,
        /// Whether it has opted out.
        pub opted_out "optedOut" optional: bool,
    }
}
