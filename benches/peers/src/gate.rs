//! The question that all peers answer: may this phone be contacted? If so, it is blocked for a day.

use cpc_core::{Command, Message};
use workload::{Posted, Tenant};

/// Messages in the form each peer takes, made before the clock starts.
#[derive(Clone, Copy)]
pub struct Chunk<'a> {
    /// With texts, as in a request.
    pub messages: &'a [Message<'a>],
    /// Their phones as numbers.
    pub phones: &'a [u64],
}

/// Something that decides who may be contacted.
pub trait Gate {
    /// Decides messages in order, and blocks the contacts that may be contacted; how many those were.
    fn decide(&mut self, at: i64, chunk: Chunk<'_>) -> usize;

    /// Records an answer of each contact, which may then be contacted again; `false` if the peer has no answers.
    fn reply(&mut self, _at: i64, _chunk: Chunk<'_>) -> bool {
        false
    }

    /// Removes cycles that are over; how many, or `None` if the peer cannot.
    fn expire(&mut self, _at: i64) -> Option<u64> {
        None
    }

    /// Sends all follow-ups that are due; how many, or `None` if the peer has none.
    fn follow_ups(&mut self, _at: i64) -> Option<u64> {
        None
    }
}

/// The engine, with messages in batches.
pub struct Ours {
    tenant: Tenant,
    batch: usize,
}

impl Ours {
    /// An engine for that many contacts, with a wallet of 50 senders.
    #[must_use]
    pub fn new(contacts: u64, batch: usize) -> Ours {
        Ours { tenant: Tenant::new(50, contacts), batch }
    }
}

/// The limit of one `followUps` or `expire` command.
const LIMIT: u32 = 1_000;

impl Ours {
    /// Repeats a command until nothing is due any more; the number of outcomes.
    fn work_off(&mut self, at: i64, command: &Command<'_>) -> u64 {
        let mut done = 0;
        loop {
            self.tenant.apply(at, command);
            let some = self.tenant.outcomes.len();
            done += some as u64;
            if some < LIMIT as usize {
                return done;
            }
        }
    }
}

impl Gate for Ours {
    fn decide(&mut self, at: i64, chunk: Chunk<'_>) -> usize {
        let mut accepted = 0;
        for batch in chunk.messages.chunks(self.batch) {
            self.tenant.dispatch(at, batch).unwrap();
            accepted += self.tenant.accepted();
        }
        accepted
    }

    fn reply(&mut self, at: i64, chunk: Chunk<'_>) -> bool {
        chunk.messages.iter().for_each(|message| self.tenant.reply(at, message.phone));
        true
    }

    fn expire(&mut self, at: i64) -> Option<u64> {
        Some(self.work_off(at, &Command::Expire { limit: LIMIT }))
    }

    fn follow_ups(&mut self, at: i64) -> Option<u64> {
        Some(self.work_off(at, &Command::FollowUps { limit: LIMIT }))
    }
}

/// Which contacts, in which order, and what their messages are.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    /// Whether messages have a client.
    pub client: bool,
    /// Whether messages have a follow-up.
    pub follow_up: bool,
    /// Added to `idMessage`: a repeated number would be the same message again.
    pub renumber: u64,
}

/// Calls with a thousand messages at a time, and the number of those before.
pub fn in_chunks(
    stream: Stream,
    contacts: impl ExactSizeIterator<Item = u64>,
    mut take: impl FnMut(u64, Chunk<'_>),
) {
    let mut contacts = contacts;
    let (mut posted, mut phones) = (vec![Posted::default(); 1_000], Vec::with_capacity(1_000));
    let mut before = 0;
    while contacts.len() > 0 {
        let size = contacts.len().min(1_000);
        phones.clear();
        for (posted, contact) in posted.iter_mut().zip(contacts.by_ref().take(size)) {
            posted.set(contact, stream.client);
            posted.number += stream.renumber;
            posted.follow_up = stream.follow_up;
            phones.push(workload::phone(contact));
        }
        let messages: Vec<Message<'_>> = posted.iter().take(size).map(Posted::message).collect();
        take(before, Chunk { messages: &messages, phones: &phones });
        before += size as u64;
    }
}
