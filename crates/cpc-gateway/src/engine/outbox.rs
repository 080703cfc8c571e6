//! Messages that were accepted and not yet reported.
//!
//! Like the engine, this is state derived from the log alone: a message enters when its dispatch is accepted, and
//! leaves when it is reported. So it is stored only in snapshots, and a message is as durable as the log entry that led
//! to it. Texts stay in the log; an [`OutboxMessage`] has their location.

use crate::storage::log::TextLocation;
use cpc_core::{Outcome, Status, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// One message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutboxMessage {
    /// Counts up from 1 and is never reused. A dispatch that moves to another sender becomes a new message.
    pub(crate) position: u64,
    pub(crate) dispatch: u64,
    pub(crate) stage: u8,
    /// The sender's id.
    pub(crate) sender: Arc<str>,
    /// The number to send to, as digits.
    pub(crate) to: u64,
    /// When to send, in ms.
    pub(crate) send_at: u64,
    /// Until when the contact is blocked by it, in ms.
    pub(crate) blocked_until: u64,
    /// Where its text is; `None` if the log must be asked by dispatch.
    pub(crate) place: Option<TextLocation>,
}

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    /// The position of the last message.
    last: u64,
    messages: BTreeMap<u64, OutboxMessage>,
    /// `(send_at, position)`.
    due: BTreeSet<(u64, u64)>,
    by_dispatch: BTreeMap<u64, u64>,
    senders: HashSet<Arc<str>>,
    /// By dispatch that moved: position and `send_at` of its newest message, kept as long as reports are accepted.
    moved: BTreeMap<u64, (u64, u64)>,
    /// `(blocked_until, position)`.
    ends: BTreeSet<(u64, u64)>,
    /// How many messages were dropped because of their age, those of a replay included.
    dropped: u64,
}

impl Outbox {
    /// Adds the message of a dispatch that was accepted.
    pub(crate) fn accept(&mut self, outcome: &Outcome, sender: &str, place: TextLocation) {
        let Some(dispatch) = outcome.dispatch else { return };
        self.push(dispatch.get(), outcome.stage.unwrap_or(0), outcome, sender, Some(place));
    }

    /// Replaces the message of a dispatch that moved to another sender.
    pub(crate) fn moved(&mut self, dispatch: u64, outcome: &Outcome, sender: &str) {
        let before = self.take(dispatch);
        let (stage, place) = before.map_or((0, None), |before| (before.stage, before.place));
        self.push(dispatch, stage, outcome, sender, place);
        self.moved.insert(dispatch, (self.last, outcome.send_at.map_or(0, Timestamp::as_millis)));
    }

    fn push(
        &mut self,
        dispatch: u64,
        stage: u8,
        outcome: &Outcome,
        sender: &str,
        place: Option<TextLocation>,
    ) {
        let instant = |value: Option<Timestamp>| value.map_or(0, Timestamp::as_millis);
        let sender = self.interned(sender);
        self.insert(OutboxMessage {
            position: self.last + 1,
            dispatch,
            stage,
            sender,
            to: outcome.to.map_or(0, |to| to.digits()),
            send_at: instant(outcome.send_at),
            blocked_until: instant(outcome.blocked_until),
            place,
        });
        self.last += 1;
    }

    /// Restores a message of a snapshot.
    pub(crate) fn insert(&mut self, message: OutboxMessage) {
        self.due.insert((message.send_at, message.position));
        self.ends.insert((message.blocked_until, message.position));
        self.by_dispatch.insert(message.dispatch, message.position);
        self.messages.insert(message.position, message);
    }

    /// Removes the message of a dispatch that was reported, given the status that the engine answered. A stale report
    /// of a sender from before a move removes nothing.
    pub(crate) fn reported(&mut self, dispatch: u64, sender: &str, status: Status) {
        let Some(message) = self.of_dispatch(dispatch) else { return };
        let by_its_sender = sender.is_empty() || *message.sender == *sender;
        let settled = match status {
            Status::Applied | Status::Released | Status::Kept => true,
            Status::StaleReport => by_its_sender,
            _ => false,
        };
        if settled {
            self.take(dispatch);
        }
    }

    /// Whether a dispatch has moved to another sender after the message at `position`.
    pub(crate) fn has_moved_on(&self, dispatch: u64, position: u64) -> bool {
        self.moved.get(&dispatch).is_some_and(|(latest, _)| position < *latest)
    }

    /// The dispatches that moved, each with position and `send_at` of its newest message.
    pub(crate) fn moves(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        self.moved.iter().map(|(dispatch, (position, send_at))| (*dispatch, *position, *send_at))
    }

    /// Restores a moved dispatch of a snapshot.
    pub(crate) fn set_moved(&mut self, dispatch: u64, position: u64, send_at: u64) {
        self.moved.insert(dispatch, (position, send_at));
    }

    /// Drops messages due before `instant`: the engine would no longer accept a report of them.
    pub(crate) fn drop_before(&mut self, instant: u64) {
        // Dispatch numbers rise with time, so the oldest come first; one that moved late only stays longer.
        while let Some(first) = self.moved.first_entry().filter(|first| first.get().1 < instant) {
            first.remove();
        }
        while let Some(&(_, position)) = self.due.first().filter(|(send_at, _)| *send_at < instant) {
            if let Some(dispatch) = self.messages.get(&position).map(|message| message.dispatch) {
                self.take(dispatch);
                self.dropped += 1;
            }
        }
    }

    fn take(&mut self, dispatch: u64) -> Option<OutboxMessage> {
        let position = self.by_dispatch.remove(&dispatch)?;
        let message = self.messages.remove(&position)?;
        self.due.remove(&(message.send_at, position));
        self.ends.remove(&(message.blocked_until, position));
        Some(message)
    }

    /// The sender's id, shared by all its messages.
    fn interned(&mut self, sender: &str) -> Arc<str> {
        if let Some(known) = self.senders.get(sender) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = Arc::from(sender);
        self.senders.insert(Arc::clone(&shared));
        shared
    }

    /// How many messages are to be sent.
    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    /// How many messages were dropped because they were not sent in time.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Whether the window of a message is over that has not been reported.
    pub(crate) fn has_unreported_past_window(&self, now: u64) -> bool {
        self.ends.first().is_some_and(|(end, _)| *end <= now)
    }

    /// The messages that should have been sent before an instant.
    pub(crate) fn due_before(&self, instant: u64) -> impl Iterator<Item = &OutboxMessage> {
        self.due.range(..(instant, 0)).filter_map(|(_, position)| self.messages.get(position))
    }

    /// The position given out last.
    pub(crate) const fn last_position(&self) -> u64 {
        self.last
    }

    /// Restores the position given out last.
    pub(crate) const fn set_last_position(&mut self, last: u64) {
        self.last = last;
    }

    /// The message at a position.
    pub(crate) fn at(&self, position: u64) -> Option<&OutboxMessage> {
        self.messages.get(&position)
    }

    /// The message of a dispatch.
    pub(crate) fn of_dispatch(&self, dispatch: u64) -> Option<&OutboxMessage> {
        self.messages.get(self.by_dispatch.get(&dispatch)?)
    }

    /// The messages after a position, in order of position.
    pub(crate) fn after(&self, position: u64) -> impl Iterator<Item = &OutboxMessage> {
        self.messages.range(position.saturating_add(1)..).map(|(_, message)| message)
    }

    /// The messages in order of `send_at`.
    #[cfg(test)]
    fn by_time(&self) -> impl Iterator<Item = &OutboxMessage> {
        self.due.iter().filter_map(|(_, position)| self.messages.get(position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU64;

    fn outcome(dispatch: u64, send_at: i64) -> Outcome {
        let mut outcome = Outcome::new(Status::Accepted);
        outcome.dispatch = NonZeroU64::new(dispatch);
        outcome.send_at = Timestamp::new(send_at);
        outcome.stage = Some(0);
        outcome
    }

    const NOW: i64 = 1_795_435_200_000;

    fn outbox() -> Outbox {
        let mut outbox = Outbox::default();
        for (dispatch, wait) in [(1, 5), (2, 0), (3, 9)] {
            let place = TextLocation::Message { index: 7, item: 0 };
            outbox.accept(&outcome(dispatch, NOW + wait), "s1", place);
        }
        outbox
    }

    fn order(outbox: &Outbox) -> Vec<u64> {
        outbox.by_time().map(|message| message.dispatch).collect()
    }

    #[test]
    fn messages_go_out_by_time_and_are_listed_by_position() {
        let outbox = outbox();
        assert_eq!(order(&outbox), [2, 1, 3]);
        let listed: Vec<_> = outbox.after(1).map(|message| (message.position, message.dispatch)).collect();
        assert_eq!(listed, [(2, 2), (3, 3)]);
    }

    #[test]
    fn what_was_reported_is_not_sent_again() {
        for (status, sender, left) in [
            (Status::Applied, "", 2),
            (Status::Released, "s1", 2),
            (Status::Kept, "", 2),
            (Status::StaleReport, "", 2),
            (Status::StaleReport, "s1", 2),
            // Of a sender from before a move.
            (Status::StaleReport, "s9", 3),
            (Status::UnknownDispatch, "", 3),
        ] {
            let mut outbox = outbox();
            outbox.reported(2, sender, status);
            assert_eq!(order(&outbox).len(), left, "{status:?} {sender}");
        }
    }

    #[test]
    fn a_message_that_moves_is_another_one_with_the_same_text() {
        let mut outbox = outbox();
        let place = outbox.of_dispatch(2).unwrap().place;
        let mut outcome_of_move = outcome(1, NOW + 7);
        outcome_of_move.dispatch = None;
        outbox.moved(2, &outcome_of_move, "s2");
        let moved = outbox.of_dispatch(2).unwrap().clone();
        assert_eq!((moved.position, &*moved.sender, moved.place), (4, "s2", place));
        assert_eq!(order(&outbox), [1, 2, 3]);
        // Once it was reported, its text must be looked up.
        outbox.reported(2, "s2", Status::Applied);
        outbox.moved(2, &outcome(1, NOW), "s3");
        assert_eq!(outbox.of_dispatch(2).unwrap().place, None);
    }

    #[test]
    fn a_window_that_is_over_is_known_until_its_message_is_settled() {
        let mut outbox = Outbox::default();
        for (dispatch, end) in [(1, NOW + 9), (2, NOW + 5)] {
            let mut outcome = outcome(dispatch, NOW);
            outcome.blocked_until = Timestamp::new(end);
            outbox.accept(&outcome, "s1", TextLocation::Message { index: 7, item: 0 });
        }
        let ended = |outbox: &Outbox| {
            [4, 5, 9].map(|wait| outbox.has_unreported_past_window((NOW + wait).cast_unsigned()))
        };
        assert_eq!(ended(&outbox), [false, true, true]);
        outbox.reported(2, "", Status::Applied);
        assert_eq!(ended(&outbox), [false, false, true]);
        outbox.drop_before((NOW + 1).cast_unsigned());
        assert_eq!(ended(&outbox), [false, false, false]);
    }

    #[test]
    fn messages_that_are_never_sent_are_dropped() {
        let mut outbox = outbox();
        outbox.drop_before((NOW + 5).cast_unsigned());
        assert_eq!(order(&outbox), [1, 3]);
        assert_eq!((outbox.len(), outbox.last_position(), outbox.dropped()), (2, 3, 1));
    }
}
