//! What the model answers: the engine's answers with every number spelled out and every sender by its id.

use cpc_core::{Deadlines, GateState, Pace, SenderState, Status, Suppression};
use std::collections::BTreeMap;

/// The answer to one item: its status, and what an outcome has besides, by the names that its fields have in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: Status,
    fields: BTreeMap<&'static str, Fact>,
}

/// What a field of an answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    True,
    Number(u64),
    Text(String),
}

impl From<u64> for Fact {
    fn from(number: u64) -> Fact {
        Fact::Number(number)
    }
}

impl From<String> for Fact {
    fn from(text: String) -> Fact {
        Fact::Text(text)
    }
}

impl Answer {
    pub(crate) fn new(status: Status) -> Answer {
        Answer { status, fields: BTreeMap::new() }
    }

    /// The same with a field, if there is something to say.
    pub(crate) fn with(mut self, field: &'static str, fact: impl Into<Option<Fact>>) -> Answer {
        if let Some(fact) = fact.into() {
            self.fields.insert(field, fact);
        }
        self
    }

    pub(crate) fn refused(status: Status, retry_at: Option<u64>) -> Answer {
        Answer::new(status).with("retryAt", retry_at.map(Fact::from))
    }

    pub(crate) fn invalid(field: &'static str) -> Answer {
        Answer::new(Status::InvalidField).with("field", Fact::Text(field.to_owned()))
    }

    /// `applied` if something changed, else `unchanged`.
    pub(crate) fn changed(changed: bool) -> Answer {
        Answer::new(if changed { Status::Applied } else { Status::Unchanged })
    }

    /// The names of the fields that it has.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().copied()
    }

    pub(crate) fn number(&self, field: &str) -> Option<u64> {
        match self.fields.get(field) {
            Some(Fact::Number(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        match self.fields.get(field) {
            Some(Fact::Text(text)) => Some(text),
            _ => None,
        }
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
