//! The texts of messages: read from the log when a message is sent, as what the host or its transport is handed.

use super::line::Line;
use super::log::{Entry, Kind, LogError, LogReader, Place};
use super::outbox::Send;
use super::stored_line::read_stored;
use bytes::Bytes;
use cpc_wire::{BatchText, CommandText, MessageText, Op, parse_body, write_message_fields};
use self_cell::self_cell;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

self_cell! {
    struct Body {
        owner: Bytes,

        #[covariant]
        dependent: BatchText,
    }
}

/// An entry that has messages.
enum Source {
    Body(Body),
    Line(Line),
}

impl Source {
    fn batch(&self) -> Option<&BatchText<'_>> {
        match self {
            Source::Body(body) => Some(body.borrow_dependent()),
            Source::Line(line) => match line.op() {
                Op::Command(CommandText::Dispatch(batch)) => Some(batch),
                _ => None,
            },
        }
    }
}

/// A message that is to be sent.
pub(crate) struct Message {
    pub(crate) json: Vec<u8>,
    /// The client it was posted with; empty is none.
    pub(crate) client_id: String,
}

/// Where a text was found.
struct Found {
    source: Arc<Source>,
    /// Which of its messages.
    item: usize,
    /// 1 or 2 of a follow-up.
    stage: u8,
    /// The dispatch that is followed up, if one is.
    origin: Option<u64>,
}

/// How many entries are kept parsed. Messages of one entry are mostly sent one after the other.
const KEPT: usize = 8;

/// See the [module](self).
pub(crate) struct Texts {
    instance: String,
    reader: Mutex<LogReader>,
    recent: Mutex<VecDeque<(u64, Arc<Source>)>>,
}

/// What a message has beside its text and what was posted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Added<'a> {
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

impl Texts {
    /// Those of a log. `instance` goes in front of message ids.
    pub(crate) fn new(reader: LogReader, instance: &str) -> Texts {
        Texts { instance: instance.to_owned(), reader: Mutex::new(reader), recent: Mutex::default() }
    }

    /// A message's id: the same whenever it is sent, and no other's. A log that was restored from a backup counts
    /// dispatches and positions once more; hence the time.
    pub(crate) fn message_id(&self, send: &Send) -> String {
        format!("{}-{}-{}-{}", self.instance, send.dispatch, send.position, send.send_at)
    }

    /// The dispatch and the position that a message id names, if it is one of ours.
    pub(crate) fn named_by(&self, message_id: &str) -> Option<(u64, u64)> {
        named_by(message_id.strip_prefix(&*self.instance)?.strip_prefix('-')?)
    }

    /// A message in JSON: every field of the document's, and what was decided about it. `None` if its text is no longer
    /// kept.
    pub(crate) fn message(&self, send: &Send) -> Result<Option<Message>, LogError> {
        let Some(Found { source, item, stage, origin }) = self.find(send.dispatch, send.place)? else {
            return Ok(None);
        };
        let Some(batch) = source.batch() else { return Ok(None) };
        let Some(message) = batch.messages.get(item) else { return Ok(None) };
        let added = Added {
            message_id: &self.message_id(send),
            position: send.position,
            dispatch: send.dispatch,
            origin,
            stage,
            sender: &send.sender,
            to: send.to.to_string(),
            send_at: send.send_at,
            blocked_until: send.blocked_until,
            text: text_of(message, stage),
        };
        let mut json = Vec::new();
        write_message_fields(batch, message, &mut json, |out| {
            // Texts and numbers are always written; the object's own braces are already there.
            let members = serde_json::to_vec(&added).unwrap_or_default();
            out.extend_from_slice(members.get(1..members.len().saturating_sub(1)).unwrap_or_default());
        });
        Ok(Some(Message { json, client_id: message.client_id.to_string() }))
    }

    /// The phone that the message of a dispatch was posted with; `None` if that is no longer kept.
    pub(crate) fn phone_of(&self, dispatch: u64, place: Option<Place>) -> Result<Option<String>, LogError> {
        let found = self.find(dispatch, place)?;
        Ok(found.and_then(|Found { source, item, .. }| {
            Some(source.batch()?.messages.get(item)?.phone.to_string())
        }))
    }

    /// Where the text of a dispatch is, `place` being known or not.
    fn find(&self, dispatch: u64, place: Option<Place>) -> Result<Option<Found>, LogError> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut place = match place {
            Some(place) => Some(place),
            None => reader.place(dispatch)?,
        };
        // What place the text has says which of the message's texts it is: of a message that moves after it was
        // settled, nothing else does.
        let (mut stage, mut origin) = (0, None);
        if let Some(Place::FollowUp { origin: first, stage: which }) = place {
            (stage, origin) = (which, Some(first));
            place = reader.place(first)?;
        }
        let Some(Place::Message { index, item }) = place else { return Ok(None) };
        let source = self.source(&reader, index)?;
        Ok(source.map(|source| Found { source, item: item as usize, stage, origin }))
    }

    fn source(&self, reader: &LogReader, index: u64) -> Result<Option<Arc<Source>>, LogError> {
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
        recent.truncate(KEPT - 1);
        recent.push_front((index, Arc::clone(&source)));
        Ok(Some(source))
    }
}

fn parse(entry: Entry) -> Result<Source, LogError> {
    let damaged = LogError::Damaged { index: entry.index };
    match entry.kind {
        Kind::Batch => {
            Body::try_new(entry.body, |body| parse_body(body)).map(Source::Body).map_err(|_| damaged)
        }
        Kind::Line => read_stored(entry.body).map(Source::Line).map_err(|_| damaged),
        // They have no messages.
        Kind::Lines | Kind::Digest => Err(damaged),
    }
}

fn text_of<'m>(message: &'m MessageText<'_>, stage: u8) -> &'m str {
    match stage {
        1 => &message.retry_template,
        2 => &message.last_template,
        _ => &message.main_template,
    }
}

/// The dispatch and the position that an id names, behind the instance.
fn named_by(own: &str) -> Option<(u64, u64)> {
    let mut numbers = own.split('-').map(|number| number.parse::<u64>().ok());
    let (dispatch, position) = (numbers.next()??, numbers.next()??);
    match (numbers.next(), numbers.next()) {
        // Ids had no time once, and reports of those may still come.
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
