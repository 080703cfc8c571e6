//! What happened, as facts. The model's whole state is the list of these; everything else is read off it.

use cpc_core::{Pace, Policy, SenderState};

/// One fact.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The policy from now on.
    Policy(Policy),
    /// A wallet was created, or its settings and its senders were replaced.
    Wallet(WalletSettings),
    /// A wallet was removed, with its senders.
    WalletRemoved(String),
    /// A sender was added to a wallet, or its settings and its standing are these now.
    Sender {
        tag: String,
        settings: SenderSettings,
        standing: Standing,
    },
    /// A sender was removed.
    SenderRemoved(String),
    /// A sender failed and rests.
    Quarantined {
        sender: String,
        until: u64,
    },
    /// The limit of a group.
    Group {
        name: String,
        limit: Option<u32>,
    },
    /// An accepted dispatch or follow-up. RULES §3.2.
    Opened {
        cycle: Cycle,
        pending: [bool; 2],
    },
    /// What another system knew of a contact: a cycle, when it wrote, and whether that answered the cycle.
    ImportedContact {
        key: u64,
        cycle: Option<Cycle>,
        replied_at: Option<u64>,
        answered: bool,
    },
    /// A dispatch goes out from another sender: a new `t0`. RULES §7.
    Moved {
        cycle: usize,
        sender: String,
        t0: u64,
        paced: Option<Pace>,
    },
    /// A failed dispatch frees its gates and gives its sender's usage back. RULES §7.
    Released {
        cycle: usize,
    },
    /// A dispatch was delivered or read.
    Delivered {
        cycle: usize,
    },
    /// A phone was found not to be reachable.
    Undeliverable {
        key: u64,
    },
    /// A message came in from `digits`. RULES §3.3.
    Inbound {
        key: u64,
        received: u64,
        digits: u64,
        effect: Effect,
    },
    /// A due stage could not go; it is due again at `due`. RULES §6.3.
    PutOff {
        key: u64,
        due: u64,
    },
    /// `expire` listed a cycle.
    Listed {
        cycle: usize,
    },
    /// RULES §8, for a phone.
    PhoneOptedOut {
        key: u64,
    },
    PhoneOptedIn {
        key: u64,
    },
    PhoneForgotten {
        key: u64,
    },
    /// RULES §3.6: the open cycle of a phone is released.
    PhoneUnblocked {
        key: u64,
        cycle: usize,
    },
    /// RULES §8, for a client.
    ClientOptedOut {
        id: String,
    },
    ClientOptedIn {
        id: String,
    },
    ClientForgotten {
        id: String,
    },
    /// RULES §3.6: the open cycle of a client's gate is released, for that gate alone.
    ClientUnblocked {
        id: String,
    },
}

impl Event {
    /// The cycle that began.
    pub(crate) fn opened(&self) -> Option<&Cycle> {
        match self {
            Event::Opened { cycle, .. } | Event::ImportedContact { cycle: Some(cycle), .. } => Some(cycle),
            _ => None,
        }
    }
}

/// What a message that came in does to the last cycle of its phone. RULES §3.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The open cycle is replied to.
    Answers { cycle: usize },
    /// It was replied to before, and stays so.
    StaysAnswered,
    /// There is no cycle, or a released one: the contact wrote by itself.
    WroteByItself,
    /// Stale, or an opt-out: the cycle stays as it is.
    LeavesCycle,
}

/// A contact cycle as it was opened.
#[derive(Clone, Debug)]
pub(crate) struct Cycle {
    /// Its place among all cycles ever opened.
    pub(crate) number: usize,
    /// `None` for an imported one.
    pub(crate) dispatch: Option<u64>,
    pub(crate) key: u64,
    pub(crate) client: Option<String>,
    /// Whether the client's gate was in scope. RULES §2.6.
    pub(crate) takes_client: bool,
    pub(crate) wallet: String,
    pub(crate) operator: String,
    /// `None` only for an imported one.
    pub(crate) sender: Option<String>,
    /// The sender's pace when it was allocated.
    pub(crate) paced: Option<Pace>,
    pub(crate) t0: u64,
    pub(crate) window: u64,
    /// The number as posted, as digits.
    pub(crate) posted: u64,
    pub(crate) stage: u8,
    /// A follow-up: the dispatch it follows up.
    pub(crate) origin: Option<u64>,
    pub(crate) idempotency: Option<Idempotency>,
    /// The batch and the index of the item that opened it.
    pub(crate) opened_by: Option<(u64, u32)>,
}

impl Cycle {
    /// RULES §1.5: windows are half-open, this is the first instant after it.
    pub(crate) fn end(&self) -> u64 {
        self.t0 + self.window
    }
}

/// What makes posting a message again harmless, besides its contact. RULES §4.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Idempotency {
    pub(crate) account: String,
    pub(crate) campaign: String,
    pub(crate) tag: String,
    pub(crate) message: u64,
}

/// A wallet as the command `wallet` sets it.
#[derive(Clone, Debug)]
pub(crate) struct WalletSettings {
    pub(crate) tag: String,
    pub(crate) window: Option<u64>,
    pub(crate) operators: Vec<String>,
    pub(crate) senders: Vec<SenderSettings>,
}

/// A sender's settings, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SenderSettings {
    pub(crate) id: String,
    pub(crate) weight: u32,
    pub(crate) daily_limit: Option<u32>,
    pub(crate) pace: Option<Pace>,
    pub(crate) operators: Vec<String>,
    pub(crate) group: Option<String>,
}

impl SenderSettings {
    /// A sender with nothing but its id. RULES §5.
    pub(crate) fn default_of(id: &str) -> SenderSettings {
        SenderSettings {
            id: id.to_owned(),
            weight: 1,
            daily_limit: None,
            pace: None,
            operators: Vec::new(),
            group: None,
        }
    }
}

/// A sender's state, and until when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: SenderState,
    pub(crate) until: Option<u64>,
}

impl Standing {
    pub(crate) const READY: Standing = Standing { state: SenderState::Ready, until: None };

    /// What holds at an instant: at `until` any state lapses into `ready`. RULES §5.
    pub(crate) fn at(self, now: u64) -> Standing {
        if self.until.is_some_and(|until| until <= now) { Standing::READY } else { self }
    }
}
