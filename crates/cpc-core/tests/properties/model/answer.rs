//! What the model answers: the engine's answers with every number spelled out and every sender by its id.

use cpc_core::{Deadlines, GateState, Pace, SenderState, Status, Suppression};

/// The answer to one item, member by member as in `cpc_core::Outcome`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: Status,
    pub(crate) field: Option<&'static str>,
    pub(crate) empty_template: bool,
    pub(crate) stage: Option<u8>,
    pub(crate) first_index: Option<u32>,
    pub(crate) sender: Option<String>,
    pub(crate) phone: Option<u64>,
    pub(crate) dispatch: Option<u64>,
    pub(crate) origin: Option<u64>,
    pub(crate) to: Option<u64>,
    pub(crate) send_at: Option<u64>,
    pub(crate) blocked_until: Option<u64>,
    pub(crate) retry_at: Option<u64>,
    pub(crate) expired_at: Option<u64>,
}

impl Answer {
    pub(crate) fn new(status: Status) -> Answer {
        Answer {
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

    pub(crate) fn refused(status: Status, retry_at: Option<u64>) -> Answer {
        Answer { retry_at, ..Answer::new(status) }
    }

    pub(crate) fn invalid(field: &'static str) -> Answer {
        Answer { field: Some(field), ..Answer::new(Status::InvalidField) }
    }

    /// `applied` if something changed, else `unchanged`.
    pub(crate) fn changed(changed: bool) -> Answer {
        Answer::new(if changed { Status::Applied } else { Status::Unchanged })
    }
}

/// What is known of a phone or a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) key: Option<u64>,
    pub(crate) state: GateState,
    pub(crate) since: Option<u64>,
    pub(crate) until: Option<u64>,
    pub(crate) dispatch: Option<u64>,
    pub(crate) sender: Option<String>,
    pub(crate) stage: Option<u8>,
    pub(crate) last_reply: Option<u64>,
    pub(crate) pending_stages: [bool; 2],
    pub(crate) suppression: Option<Suppression>,
}

/// A wallet, its settings and its senders in the order in which they were added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WalletFacts {
    pub(crate) tag: String,
    pub(crate) window_ms: Option<u64>,
    pub(crate) operators: Vec<String>,
    pub(crate) senders: Vec<SenderFacts>,
}

/// A sender, its settings and what of them is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SenderFacts {
    pub(crate) id: String,
    pub(crate) state: SenderState,
    pub(crate) until: Option<u64>,
    pub(crate) weight: u32,
    pub(crate) usage: u64,
    pub(crate) daily_limit: Option<u32>,
    pub(crate) pace: Option<Pace>,
    pub(crate) operators: Vec<String>,
    /// Name, usage, limit.
    pub(crate) group: Option<(String, u64, Option<u32>)>,
}

/// When the next follow-up is due, and when the next open cycle ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) follow_up: Option<u64>,
    pub(crate) expiry: Option<u64>,
}

impl From<Deadlines> for Ends {
    fn from(deadlines: Deadlines) -> Ends {
        Ends {
            follow_up: deadlines.follow_up.map(|at| at.as_millis()),
            expiry: deadlines.expiry.map(|at| at.as_millis()),
        }
    }
}

/// Whether one sender could serve, and why not; obstacles by their names in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) sender: String,
    pub(crate) eligible: bool,
    pub(crate) eligible_at: Option<u64>,
    pub(crate) send_at: Option<u64>,
}
