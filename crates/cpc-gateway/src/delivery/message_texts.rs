//! Composes messages for the transport: their texts are read from the log when they are sent.

use crate::engine::outbox::OutboxMessage;
use crate::storage::command_json::CommandJson;
use crate::storage::log::{EntryKind, LogEntry, LogError, LogReader, TextLocation};
use crate::storage::stored_command::read_stored;
use bytes::Bytes;
use cpc_core::{Batch, Command, Message};
use cpc_wire::{Arena, Op, parse_body, write_message_fields};
use self_cell::{MutBorrow, self_cell};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

self_cell! {
    struct OwnedBatch {
        owner: (Bytes, MutBorrow<Arena>),

        #[covariant]
        dependent: Batch,
    }
}

/// A log entry that has messages.
enum MessageSource {
    OwnedBatch(OwnedBatch),
    Command(CommandJson),
}

impl MessageSource {
    fn batch(&self) -> Option<&Batch<'_>> {
        match self {
            MessageSource::OwnedBatch(body) => Some(body.borrow_dependent()),
            MessageSource::Command(line) => match line.op() {
                Op::Command(Command::Dispatch(batch)) => Some(batch),
                _ => None,
            },
        }
    }
}

/// A message as the transport gets it.
pub(crate) struct OutgoingMessage {
    pub(crate) json: Vec<u8>,
    /// The client it was posted with; empty if none.
    pub(crate) client_id: String,
}

/// Where a text was found.
struct FoundText {
    source: Arc<MessageSource>,
    /// The index of the message in its entry.
    item: usize,
    /// 0, or 1 or 2 of a follow-up.
    stage: u8,
    /// The dispatch that is followed up, if any.
    origin: Option<u64>,
}

/// How many parsed entries are cached: the messages of an entry are mostly sent together.
const CACHED: usize = 8;

/// See the [module](self).
pub(crate) struct MessageTexts {
    instance: String,
    reader: Mutex<LogReader>,
    recent: Mutex<VecDeque<(u64, Arc<MessageSource>)>>,
}

/// The fields that a message has in addition to the posted ones.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DecidedFields<'a> {
    message_id: &'a str,
    position: u64,
    dispatch: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<u64>,
    stage: u8,
    sender: &'a str,
    to: String,
    send_at: u64,
    blocked_until: u64,
    text: &'a str,
}

impl MessageTexts {
    /// Reads texts from a log. `instance` is the prefix of message ids.
    pub(crate) fn new(reader: LogReader, instance: &str) -> MessageTexts {
        MessageTexts { instance: instance.to_owned(), reader: Mutex::new(reader), recent: Mutex::default() }
    }

    /// The id of a message: the same whenever it is sent, and unique. It includes the time because a log restored from a
    /// backup gives out dispatches and positions a second time.
    pub(crate) fn message_id(&self, message: &OutboxMessage) -> String {
        format!("{}-{}-{}-{}", self.instance, message.dispatch, message.position, message.send_at)
    }

    /// The dispatch and position in a message id, if this gateway made it.
    pub(crate) fn named_by(&self, message_id: &str) -> Option<(u64, u64)> {
        named_by(message_id.strip_prefix(&*self.instance)?.strip_prefix('-')?)
    }

    /// A message in JSON: every posted field, and what was decided. `None` if the log no longer has its text.
    pub(crate) fn outgoing(&self, message: &OutboxMessage) -> Result<Option<OutgoingMessage>, LogError> {
        let Some(FoundText { source, item, stage, origin }) = self.find(message.dispatch, message.place)?
        else {
            return Ok(None);
        };
        let Some(batch) = source.batch() else { return Ok(None) };
        let Some(posted) = batch.messages.get(item) else { return Ok(None) };
        let decided = DecidedFields {
            message_id: &self.message_id(message),
            position: message.position,
            dispatch: message.dispatch,
            origin,
            stage,
            sender: &message.sender,
            to: message.to.to_string(),
            send_at: message.send_at,
            blocked_until: message.blocked_until,
            text: text_of(posted, stage),
        };
        let mut json = Vec::new();
        write_message_fields(batch, posted, &mut json, |out| {
            // Serializing strings and numbers does not fail. The braces of the object are already written.
            let members = serde_json::to_vec(&decided).unwrap_or_default();
            out.extend_from_slice(members.get(1..members.len().saturating_sub(1)).unwrap_or_default());
        });
        Ok(Some(OutgoingMessage { json, client_id: posted.client_id.to_string() }))
    }

    /// The phone that a dispatch was posted with; `None` if the log no longer has it.
    pub(crate) fn phone_of(
        &self,
        dispatch: u64,
        place: Option<TextLocation>,
    ) -> Result<Option<String>, LogError> {
        let found = self.find(dispatch, place)?;
        Ok(found.and_then(|FoundText { source, item, .. }| {
            Some(source.batch()?.messages.get(item)?.phone.to_string())
        }))
    }

    /// Finds the text of a dispatch. Without `place` the log is asked for it.
    fn find(&self, dispatch: u64, place: Option<TextLocation>) -> Result<Option<FoundText>, LogError> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut place = match place {
            Some(place) => Some(place),
            None => reader.locate(dispatch)?,
        };
        // The location also encodes the stage; after a failover it is the only place that still does.
        let (mut stage, mut origin) = (0, None);
        if let Some(TextLocation::FollowUp { origin: first, stage: which }) = place {
            (stage, origin) = (which, Some(first));
            place = reader.locate(first)?;
        }
        let Some(TextLocation::Message { index, item }) = place else { return Ok(None) };
        let source = self.source(&reader, index)?;
        Ok(source.map(|source| FoundText { source, item: item as usize, stage, origin }))
    }

    fn source(&self, reader: &LogReader, index: u64) -> Result<Option<Arc<MessageSource>>, LogError> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, source)) = recent.iter().find(|(known, _)| *known == index) {
            return Ok(Some(Arc::clone(source)));
        }
        let entry = match reader.entry(index) {
            Ok(entry) => entry,
            Err(LogError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let source = Arc::new(parse(entry)?);
        recent.truncate(CACHED - 1);
        recent.push_front((index, Arc::clone(&source)));
        Ok(Some(source))
    }
}

fn parse(entry: LogEntry) -> Result<MessageSource, LogError> {
    let damaged = LogError::Damaged { index: entry.index };
    match entry.kind {
        EntryKind::Batch => {
            let owner = (entry.body, MutBorrow::new(Arena::new()));
            let batch = OwnedBatch::try_new(owner, |(body, arena)| parse_body(body, arena.borrow_mut()));
            batch.map(MessageSource::OwnedBatch).map_err(|_| damaged)
        }
        EntryKind::Command => read_stored(entry.body).map(MessageSource::Command).map_err(|_| damaged),
        // They have no messages.
        EntryKind::Lines | EntryKind::Digest => Err(damaged),
    }
}

fn text_of<'m>(posted: &Message<'m>, stage: u8) -> &'m str {
    let text = match stage {
        1 => posted.retry_template,
        2 => posted.last_template,
        _ => posted.main_template,
    };
    // What was parsed has its texts, not only their lengths.
    text.as_str().unwrap_or_default()
}

/// The dispatch and position in a message id without its prefix.
fn named_by(own: &str) -> Option<(u64, u64)> {
    let mut numbers = own.split('-').map(|number| number.parse::<u64>().ok());
    let (dispatch, position) = (numbers.next()??, numbers.next()??);
    match (numbers.next(), numbers.next()) {
        // Ids of earlier versions have no time, and their reports may still come.
        (None | Some(Some(_)), None) => Some((dispatch, position)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_understood_with_and_without_a_time() {
        for (own, named) in [
            ("7-9-1795435200000", Some((7, 9))),
            ("7-9", Some((7, 9))),
            ("7", None),
            ("7-9-", None),
            ("7-9-x", None),
            ("7-9-1-1", None),
            ("-7-9", None),
        ] {
            assert_eq!(named_by(own), named, "{own}");
        }
    }
}
