//! What a command line says, as values: what [`parse_line`](crate::parse_line) and
//! [`parse_posted`](crate::parse_posted) make and [`execute`](crate::execute()) carries out.

use core::fmt;
use cpc_core::{Command, Query, Timestamp};

/// One command or query, and when. `Debug` shows which one it is and nothing of what it says.
pub struct Request<'a> {
    /// When, in ms, as the line says.
    pub at: Timestamp,
    /// What.
    pub op: Op<'a>,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("at", &self.at).field("op", &self.op.name()).finish_non_exhaustive()
    }
}

/// What was posted: a command or query, and what a host's log or translation needs that is not in it. `Debug` shows which
/// one it is and nothing of what it says.
pub struct Posted<'a> {
    /// What it asks for.
    pub op: Op<'a>,
    /// The `reason` of an opt-out, an opt-in or an erasure, which the engine is not handed; empty if there is none.
    pub reason: &'a str,
    /// Whether a report has a `fault`: a failure without one is [`Ambiguous`](cpc_core::Fault::Ambiguous) to the engine.
    pub has_fault: bool,
}

impl fmt::Debug for Posted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Posted").field("op", &self.op.name()).finish_non_exhaustive()
    }
}

impl<'a, O: Into<Op<'a>>> From<O> for Posted<'a> {
    fn from(op: O) -> Posted<'a> {
        Posted { op: op.into(), reason: "", has_fault: false }
    }
}

/// What a line asks for. `Debug` shows which one it is and nothing of what it says.
pub enum Op<'a> {
    /// To change something.
    Command(Command<'a>),
    /// To see something.
    Query(Query<'a>),
}

impl fmt::Debug for Op<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Op").field(&self.name()).finish()
    }
}

impl<'a> From<Command<'a>> for Op<'a> {
    fn from(command: Command<'a>) -> Op<'a> {
        Op::Command(command)
    }
}

impl<'a> From<Query<'a>> for Op<'a> {
    fn from(query: Query<'a>) -> Op<'a> {
        Op::Query(query)
    }
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
        match self {
            Op::Command(Command::Dispatch(batch)) | Op::Query(Query::Preview(batch)) => {
                Some(batch.messages.get(index)?.phone)
            }
            Op::Command(Command::Import(contacts)) => Some(contacts.get(index)?.phone),
            Op::Command(Command::Reply(reply)) => Some(reply.phone),
            Op::Command(Command::OperatorMessage { phone, .. }) => Some(phone),
            Op::Command(_) | Op::Query(_) => None,
        }
    }
}
