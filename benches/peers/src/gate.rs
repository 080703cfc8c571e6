//! The question all peers answer: may this phone be contacted? Who may is taken, and is blocked for a day.

use cpc_core::{Command, Message};
use workload::{Posted, Tenant};

/// Messages, as each peer wants them: made ready beforehand.
#[derive(Clone, Copy)]
pub struct Chunk<'a> {
    /// With texts, as they come out of a request.
    pub messages: &'a [Message<'a>],
    /// Their phones, read already.
    pub phones: &'a [u64],
}

/// Something that decides who may be contacted.
pub trait Gate {
    /// Decides on messages in order, and takes the gates of those who may be contacted. How many may.
    fn decide(&mut self, at: i64, chunk: Chunk<'_>) -> usize;

    /// All of these answer, and may be contacted again. `false` if it does not know of answers.
    fn reply(&mut self, _at: i64, _chunk: Chunk<'_>) -> bool {
        false
    }

    /// Puts away what is over. How many cycles; `None` if it cannot.
    fn expire(&mut self, _at: i64) -> Option<u64> {
        None
    }

    /// Sends all follow-ups that are due. How many; `None` if it has none.
    fn follow_ups(&mut self, _at: i64) -> Option<u64> {
        None
    }
}

/// We, with messages in batches of some size.
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

/// Follow-ups and expired cycles that are asked for at a time.
const LIMIT: u32 = 1_000;

impl Ours {
    /// Repeats a command that works off what is due until nothing is left. How much that was.
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
    /// Added to messages' own numbers: the same number again would be the same message again.
    pub renumber: u64,
}

/// Hands out messages to contacts, a thousand at a time, with the number of those before.
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
