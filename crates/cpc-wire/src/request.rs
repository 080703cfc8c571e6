//! Command lines as values: what [`parse_line`](crate::parse_line) makes and
//! [`perform`](crate::perform) carries out. Texts are borrowed from the line where it has no escapes in them.

use crate::shape::{IdText, shape};
use core::fmt;
use cpc_core::{
    Batch, Command, Delivery, ImportedContact, Message, Pace, Policy, Reply, Report, SenderChange,
    SenderSetup, Target, TimedSenderState, WalletSetup,
};
use std::borrow::Cow;

/// One command or query, and when. `Debug` shows which one it is and nothing of what it says.
pub struct Request<'a> {
    /// When, in ms, as the line says.
    pub at: i64,
    /// What.
    pub op: Op<'a>,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("at", &self.at).field("op", &self.op.name()).finish_non_exhaustive()
    }
}

/// What a line asks for.
pub enum Op<'a> {
    /// To change something.
    Command(CommandText<'a>),
    /// To be told something.
    Query(Query<'a>),
}

impl<'a> From<CommandText<'a>> for Op<'a> {
    fn from(command: CommandText<'a>) -> Op<'a> {
        Op::Command(command)
    }
}

impl<'a> From<Query<'a>> for Op<'a> {
    fn from(query: Query<'a>) -> Op<'a> {
        Op::Query(query)
    }
}

/// A command as a line has it.
#[non_exhaustive]
pub enum CommandText<'a> {
    /// [`Command::Policy`].
    Policy(Box<Policy>),
    /// [`Command::Wallet`].
    Wallet(WalletText<'a>),
    /// [`Command::RemoveWallet`].
    RemoveWallet {
        /// The wallet's tag.
        tag: Cow<'a, str>,
    },
    /// [`Command::Sender`].
    Sender(SenderText<'a>),
    /// [`Command::RemoveSender`].
    RemoveSender {
        /// The wallet's tag.
        tag: Cow<'a, str>,
        /// The sender's id.
        id: Cow<'a, str>,
    },
    /// [`Command::Group`].
    Group {
        /// The group's name.
        name: Cow<'a, str>,
        /// Its limit.
        daily_limit: Option<u32>,
    },
    /// [`Command::Dispatch`].
    Dispatch(BatchText<'a>),
    /// [`Command::Reply`].
    Reply {
        /// The contact's phone.
        phone: Cow<'a, str>,
        /// When it was received, in ms.
        received_at: Option<i64>,
        /// Whether it asks not to be written to.
        opt_out: bool,
    },
    /// [`Command::Report`].
    Report {
        /// Which dispatch.
        dispatch: u64,
        /// What became of it.
        status: Delivery,
        /// Who reports; empty if unknown.
        sender: Cow<'a, str>,
    },
    /// [`Command::OperatorMessage`].
    OperatorMessage {
        /// The contact's phone.
        phone: Cow<'a, str>,
        /// The operator.
        specialist_code: Cow<'a, str>,
    },
    /// [`Command::FollowUps`].
    FollowUps {
        /// The most to take.
        limit: u32,
    },
    /// [`Command::Expire`].
    Expire {
        /// The most to list.
        limit: u32,
    },
    /// [`Command::Clock`].
    Clock,
    /// [`Command::OptOut`].
    OptOut(TargetText<'a>),
    /// [`Command::OptIn`].
    OptIn(TargetText<'a>),
    /// [`Command::Forget`].
    Forget(TargetText<'a>),
    /// [`Command::ForceUnblock`].
    ForceUnblock {
        /// Whose gate.
        target: TargetText<'a>,
        /// Why.
        reason: Cow<'a, str>,
    },
    /// [`Command::Import`].
    Import(Vec<ImportedText<'a>>),
}

/// A query, which changes nothing.
#[non_exhaustive]
pub enum Query<'a> {
    /// What is known of a contact.
    Contact(TargetText<'a>),
    /// A wallet with its senders and their usage.
    Wallet {
        /// The wallet's tag.
        tag: Cow<'a, str>,
    },
    /// What a dispatch would answer.
    Preview(BatchText<'a>),
    /// Why a dispatch would be answered as it would.
    Explain {
        /// The contact's phone.
        phone: Cow<'a, str>,
        /// The client; empty is none.
        client_id: Cow<'a, str>,
        /// The wallet's tag.
        tag: Cow<'a, str>,
        /// The operator.
        specialist_code: Cow<'a, str>,
    },
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
        client_id: Cow<'a, str>,
    },
    /// When something happens next.
    Deadline,
    /// The digest of the state.
    Digest,
    /// How much the engine holds.
    Stats,
}

/// Whom a line is about.
pub enum TargetText<'a> {
    /// A phone.
    Phone(Cow<'a, str>),
    /// A client id.
    Client(Cow<'a, str>),
}

impl TargetText<'_> {
    /// What the engine takes.
    #[must_use]
    pub fn as_core(&self) -> Target<'_> {
        match self {
            TargetText::Phone(phone) => Target::Phone(phone),
            TargetText::Client(client_id) => Target::Client(client_id),
        }
    }
}

/// A batch of messages: a `dispatch` line, or the body of a massivocpc request.
#[derive(Default)]
pub struct BatchText<'a> {
    /// The campaign.
    pub campaign: Cow<'a, str>,
    /// The account; empty is none.
    pub id_account: Cow<'a, str>,
    /// The wallet's tag.
    pub tag: Cow<'a, str>,
    /// The messages.
    pub messages: Vec<MessageText<'a>>,
    /// Whether all are accepted or none.
    pub atomic: bool,
}

/// How many messages there are, and nothing of what they say.
impl fmt::Debug for BatchText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchText").field("messages", &self.messages.len()).finish_non_exhaustive()
    }
}

impl BatchText<'_> {
    /// Hands the batch as the engine takes it to `act`.
    pub fn with_core<R>(&self, act: impl FnOnce(&Batch<'_>) -> R) -> R {
        let messages: Vec<Message<'_>> = self.messages.iter().map(MessageText::as_core).collect();
        act(&Batch {
            campaign: &self.campaign,
            id_account: &self.id_account,
            tag: &self.tag,
            messages: &messages,
            atomic: self.atomic,
        })
    }
}

shape! {
    lenient
    /// A message as the document describes it. Absent texts are empty.
    pub struct MessageText<'a> {
        /// The phone, as posted.
        pub phone "phone": Cow<'a, str>,
        /// The message's own number.
        pub id_message "idMessage": IdText<'a>,
        /// The client.
        pub client_id "clientId": Cow<'a, str>,
        /// The contract.
        pub contract "contract": Cow<'a, str>,
        /// Must be true.
        pub close_ticket "closeTicket": Option<bool>,
        /// The operator.
        pub specialist_code "specialistCode": Cow<'a, str>,
        /// What is sent.
        pub main_template "mainTemplate": Cow<'a, str>,
        /// What is sent when the contact stays silent.
        pub retry_template "retryTemplate": Cow<'a, str>,
        /// What is sent when it stays silent again.
        pub last_template "lastTemplate": Cow<'a, str>,
    }
}

impl MessageText<'_> {
    /// What the engine takes.
    #[must_use]
    pub fn as_core(&self) -> Message<'_> {
        Message {
            phone: &self.phone,
            id_message: self.id_message.as_core(),
            client_id: &self.client_id,
            contract: (&*self.contract).into(),
            close_ticket: self.close_ticket,
            specialist_code: &self.specialist_code,
            main_template: (&*self.main_template).into(),
            retry_template: (&*self.retry_template).into(),
            last_template: (&*self.last_template).into(),
        }
    }
}

/// A wallet's settings.
pub struct WalletText<'a> {
    /// The tag.
    pub tag: Cow<'a, str>,
    /// The window of its cycles.
    pub window_ms: Option<u64>,
    /// Its operators.
    pub operators: Vec<Cow<'a, str>>,
    /// Its senders.
    pub senders: Vec<SenderSetupText<'a>>,
}

/// A sender's settings, whole.
pub struct SenderSetupText<'a> {
    /// Its id.
    pub id: Cow<'a, str>,
    /// Its weight.
    pub weight: u32,
    /// Its daily limit.
    pub daily_limit: Option<u32>,
    /// Its pace.
    pub pace: Option<Pace>,
    /// The operators it is kept for.
    pub operators: Vec<Cow<'a, str>>,
    /// Its group; empty is none.
    pub group: Cow<'a, str>,
}

/// A change of one sender: `None` stays as it is, `Some(None)` goes back to its default.
pub struct SenderText<'a> {
    /// The wallet's tag.
    pub tag: Cow<'a, str>,
    /// Its id.
    pub id: Cow<'a, str>,
    /// Its state.
    pub state: Option<TimedSenderState>,
    /// Its weight.
    pub weight: Option<u32>,
    /// Its daily limit.
    pub daily_limit: Option<Option<u32>>,
    /// Its pace.
    pub pace: Option<Option<Pace>>,
    /// The operators it is kept for.
    pub operators: Option<Vec<Cow<'a, str>>>,
    /// Its group.
    pub group: Option<Option<Cow<'a, str>>>,
}

/// A contact as another system knew it.
pub struct ImportedText<'a> {
    /// The phone.
    pub phone: Cow<'a, str>,
    /// The client; empty is none.
    pub client_id: Cow<'a, str>,
    /// When its last cycle began, in ms.
    pub t0: Option<i64>,
    /// When it last wrote, in ms.
    pub replied_at: Option<i64>,
    /// The sender of its last cycle; empty is none.
    pub sender: Cow<'a, str>,
    /// Whether it has opted out.
    pub opted_out: bool,
}

fn as_texts<'t>(texts: &'t [Cow<'_, str>]) -> Vec<&'t str> {
    texts.iter().map(AsRef::as_ref).collect()
}

impl WalletText<'_> {
    fn with_core<R>(&self, act: impl FnOnce(&Command<'_>) -> R) -> R {
        let operators = as_texts(&self.operators);
        let lists: Vec<Vec<&str>> = self.senders.iter().map(|sender| as_texts(&sender.operators)).collect();
        let with_lists = self.senders.iter().zip(&lists);
        let senders: Vec<SenderSetup<'_>> = with_lists
            .map(|(sender, operators)| SenderSetup {
                id: &sender.id,
                weight: sender.weight,
                daily_limit: sender.daily_limit,
                pace: sender.pace,
                operators,
                group: Some(&*sender.group).filter(|group| !group.is_empty()),
            })
            .collect();
        act(&Command::Wallet(WalletSetup {
            tag: &self.tag,
            window_ms: self.window_ms,
            operators: &operators,
            senders: &senders,
        }))
    }
}

impl SenderText<'_> {
    fn with_core<R>(&self, act: impl FnOnce(&Command<'_>) -> R) -> R {
        let operators = self.operators.as_deref().map(as_texts);
        act(&Command::Sender {
            tag: &self.tag,
            id: &self.id,
            change: SenderChange {
                state: self.state,
                weight: self.weight,
                daily_limit: self.daily_limit,
                pace: self.pace,
                operators: operators.as_deref(),
                group: self.group.as_ref().map(|group| group.as_deref()),
            },
        })
    }
}

fn with_imported<R>(contacts: &[ImportedText<'_>], act: impl FnOnce(&Command<'_>) -> R) -> R {
    let contacts: Vec<ImportedContact<'_>> = contacts
        .iter()
        .map(|contact| ImportedContact {
            phone: &contact.phone,
            client_id: &contact.client_id,
            t0: contact.t0.map(Into::into),
            replied_at: contact.replied_at.map(Into::into),
            sender: &contact.sender,
            opted_out: contact.opted_out,
        })
        .collect();
    act(&Command::Import(&contacts))
}

impl Op<'_> {
    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Op::Command(command) => command.name(),
            Op::Query(query) => query.name(),
        }
    }

    /// The phone that item `index` was posted with; `None` where items have none of their own.
    #[must_use]
    pub fn posted_phone(&self, index: usize) -> Option<&str> {
        let phone = match self {
            Op::Command(CommandText::Dispatch(batch)) | Op::Query(Query::Preview(batch)) => {
                &batch.messages.get(index)?.phone
            }
            Op::Command(CommandText::Import(contacts)) => &contacts.get(index)?.phone,
            Op::Command(CommandText::Reply { phone, .. } | CommandText::OperatorMessage { phone, .. }) => {
                phone
            }
            Op::Command(_) | Op::Query(_) => return None,
        };
        Some(phone.as_ref())
    }
}

impl Query<'_> {
    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Query::Contact(_) => "contact",
            Query::Wallet { .. } => "wallet",
            Query::Preview(_) => "preview",
            Query::Explain { .. } => "explain",
            Query::DueFollowUps { .. } => "dueFollowUps",
            Query::Sendable { .. } => "sendable",
            Query::Deadline => "deadline",
            Query::Digest => "digest",
            Query::Stats => "stats",
        }
    }
}

impl CommandText<'_> {
    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            CommandText::Policy(_) => "policy",
            CommandText::Wallet(_) | CommandText::RemoveWallet { .. } => "wallet",
            CommandText::Sender(_) | CommandText::RemoveSender { .. } => "sender",
            CommandText::Group { .. } => "group",
            CommandText::Dispatch(_) => "dispatch",
            CommandText::Reply { .. } => "reply",
            CommandText::Report { .. } => "report",
            CommandText::OperatorMessage { .. } => "operatorMessage",
            CommandText::FollowUps { .. } => "followUps",
            CommandText::Expire { .. } => "expire",
            CommandText::Clock => "clock",
            CommandText::OptOut(_) => "optOut",
            CommandText::OptIn(_) => "optIn",
            CommandText::Forget(_) => "forget",
            CommandText::ForceUnblock { .. } => "forceUnblock",
            CommandText::Import(_) => "import",
        }
    }

    /// Hands the command as the engine takes it to `act`.
    pub fn with_core<R>(&self, act: impl FnOnce(&Command<'_>) -> R) -> R {
        match self {
            CommandText::Policy(policy) => act(&Command::Policy(Policy::clone(policy))),
            CommandText::Wallet(wallet) => wallet.with_core(act),
            CommandText::RemoveWallet { tag } => act(&Command::RemoveWallet { tag }),
            CommandText::Sender(sender) => sender.with_core(act),
            CommandText::RemoveSender { tag, id } => act(&Command::RemoveSender { tag, id }),
            CommandText::Group { name, daily_limit } => {
                act(&Command::Group { name, daily_limit: *daily_limit })
            }
            CommandText::Dispatch(batch) => batch.with_core(|batch| act(&Command::Dispatch(*batch))),
            CommandText::Reply { phone, received_at, opt_out } => act(&Command::Reply(Reply {
                phone,
                received_at: received_at.map(Into::into),
                opt_out: *opt_out,
            })),
            CommandText::Report { dispatch, status, sender } => {
                let sender = Some(&**sender).filter(|sender| !sender.is_empty());
                act(&Command::Report(Report { dispatch: *dispatch, status: *status, sender }))
            }
            CommandText::OperatorMessage { phone, specialist_code } => {
                act(&Command::OperatorMessage { phone, specialist_code })
            }
            CommandText::FollowUps { limit } => act(&Command::FollowUps { limit: *limit }),
            CommandText::Expire { limit } => act(&Command::Expire { limit: *limit }),
            CommandText::Clock => act(&Command::Clock),
            CommandText::OptOut(target) => act(&Command::OptOut(target.as_core())),
            CommandText::OptIn(target) => act(&Command::OptIn(target.as_core())),
            CommandText::Forget(target) => act(&Command::Forget(target.as_core())),
            CommandText::ForceUnblock { target, reason } => {
                act(&Command::ForceUnblock { target: target.as_core(), reason })
            }
            CommandText::Import(contacts) => with_imported(contacts, act),
        }
    }
}
