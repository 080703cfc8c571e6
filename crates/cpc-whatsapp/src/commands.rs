//! The commands that an event leads to, which own their texts.

use cpc_core::{
    Command, Delivery, Reply, Report, SenderChange, SenderState, Target, TimedSenderState, Timestamp,
};
use cpc_wire::write_command;
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
    Sender { tag: String, id: String, standing: TimedSenderState },
}

impl Owned {
    fn borrow(&self) -> Command<'_> {
        match self {
            Owned::Reply { phone, received_at, opt_out } => Command::Reply(Reply {
                phone,
                received_at: received_at.map(Timestamp::from),
                opt_out: *opt_out,
            }),
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
        let standing = TimedSenderState { state, until: until.map(Timestamp::from) };
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
    /// assert_eq!(lines, [r#"{"op":"reply","at":1795435200000,"phone":"5511988876204"}"#]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lines(&self, at: Option<i64>) -> impl ExactSizeIterator<Item = String> {
        self.iter().map(move |command| {
            let mut line = Vec::new();
            write_command(&command, at.map(Timestamp::from), &mut line);
            // The writer of commands writes UTF-8.
            String::from_utf8(line).unwrap_or_default()
        })
    }
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands").field("len", &self.len()).finish_non_exhaustive()
    }
}
