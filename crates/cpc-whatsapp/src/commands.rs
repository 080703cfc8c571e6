//! The commands that an event leads to, which own their texts.

use crate::advice::fault_name;
use cpc_core::{Command, Delivery, Reply, Report, SenderChange, SenderStanding, SenderState, Target};
use serde_json::Value;
use std::fmt;

/// The commands that one event leads to, in the order in which they must be carried out. They are of one piece: a host
/// with a log writes them as one entry, so that no crash comes between a report and what it says about its sender.
///
/// `Debug` shows how many there are and nothing personal.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Commands {
    commands: Vec<Owned>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Owned {
    Reply { phone: String, received_at: Option<i64>, opt_out: bool },
    OptOut { phone: String },
    Report { dispatch: u64, status: Delivery, sender: Option<String> },
    Sender { tag: String, id: String, standing: SenderStanding },
}

impl Owned {
    fn borrow(&self) -> Command<'_> {
        match self {
            Owned::Reply { phone, received_at, opt_out } => {
                Command::Reply(Reply { phone, received_at: *received_at, opt_out: *opt_out })
            }
            Owned::OptOut { phone } => Command::OptOut(Target::Phone(phone)),
            Owned::Report { dispatch, status, sender } => {
                Command::Report(Report { dispatch: *dispatch, status: *status, sender: sender.as_deref() })
            }
            Owned::Sender { tag, id, standing } => {
                let change = SenderChange { state: Some(*standing), ..SenderChange::default() };
                Command::Sender { tag, id, change }
            }
        }
    }

    pub(crate) fn sender(tag: &str, id: &str, state: SenderState, until: Option<i64>) -> Owned {
        let standing = SenderStanding { state, until };
        Owned::Sender { tag: tag.to_owned(), id: id.to_owned(), standing }
    }
}

impl Commands {
    pub(crate) const fn new(commands: Vec<Owned>) -> Commands {
        Commands { commands }
    }

    /// How many there are; at least one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether there are none. There never are none: what leads to nothing is [`Ignored`](crate::Ignored).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// The commands, for [`Engine::apply`](cpc_core::Engine::apply).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Command<'_>> {
        self.commands.iter().map(Owned::borrow)
    }

    /// The commands as command lines: JSON objects, with the time `at` in each if there is one.
    ///
    /// ```
    /// use cpc_core::{Engine, Policy};
    /// use cpc_whatsapp::{Event, Options, translate};
    ///
    /// let event = Event::from_json(br#"{"message":{"phone":"5511988876204","text":"Oi"}}"#)?;
    /// let commands = translate(&event, &Engine::new(Policy::default()), 1_795_435_200_000, &Options::default())?;
    /// let lines: Vec<String> = commands.lines(Some(1_795_435_200_000)).collect();
    /// assert_eq!(lines, [r#"{"op":"reply","at":1795435200000,"phone":"5511988876204","optOut":false}"#]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lines(&self, at: Option<i64>) -> impl ExactSizeIterator<Item = String> {
        self.commands.iter().map(move |command| line_of(command, at))
    }
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// A command as a line. To be replaced by `cpc_wire`'s writer of commands when there is one.
fn line_of(command: &Owned, at: Option<i64>) -> String {
    let mut members: Vec<(&str, Value)> = Vec::new();
    let op = match command {
        Owned::Reply { phone, received_at, opt_out } => {
            members.push(("phone", Value::from(&**phone)));
            members.extend(received_at.map(|at| ("receivedAt", Value::from(at))));
            members.push(("optOut", Value::from(*opt_out)));
            "reply"
        }
        Owned::OptOut { phone } => {
            members.push(("phone", Value::from(&**phone)));
            "optOut"
        }
        Owned::Report { dispatch, status, sender } => {
            members.push(("dispatch", Value::from(*dispatch)));
            let (status, fault) = match status {
                Delivery::Sent => ("sent", None),
                Delivery::Delivered => ("delivered", None),
                Delivery::Read => ("read", None),
                Delivery::Failed(fault) => ("failed", Some(fault_name(*fault))),
            };
            members.push(("status", Value::from(status)));
            members.extend(fault.map(|fault| ("fault", Value::from(fault))));
            members.extend(sender.as_deref().map(|sender| ("sender", Value::from(sender))));
            "report"
        }
        Owned::Sender { tag, id, standing } => {
            members.push(("tag", Value::from(&**tag)));
            members.push(("id", Value::from(&**id)));
            members.push(("state", Value::from(standing.state.name())));
            members.extend(standing.until.map(|until| ("until", Value::from(until))));
            "sender"
        }
    };
    let at = at.map(|at| ("at", Value::from(at)));
    let members: Vec<String> = [("op", Value::from(op))]
        .into_iter()
        .chain(at)
        .chain(members)
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(","))
}
