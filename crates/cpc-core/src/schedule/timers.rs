//! What happens by itself as time passes: cycles end, follow-ups become due.
//!
//! [RULES §1.4](crate::rules#1-time). Nothing here decides anything: what a gate's state is, or whether a follow-up is
//! due, is read from the contact. The timers only knows where to look next, so that
//! [`Engine::next_deadline`](crate::Engine::next_deadline), `expire` and `followUps` need not look everywhere.

use crate::contacts::sharded_table::Slot;
use crate::contacts::store::Contacts;
use crate::cycle::Phase;
use crate::schedule::bucket_queue::{BucketQueue, SlotLists, TimerEntry};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// See the [module](self).
#[derive(Clone, Debug)]
pub(crate) struct Timers {
    slot_lists: SlotLists,
    /// Cycles whose window runs.
    running: BucketQueue,
    /// Cycles whose window is over, and that `expire` has not listed.
    ended: BucketQueue,
    /// Those of them that are too old for the queue: contacts that were remembered longer for another reason.
    stragglers: BTreeSet<TimerEntry>,
    follow_ups: BucketQueue,
}

/// When a phone's cycle ends or ended, and when its follow-up is due; [`NEVER`] is never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NextTimers {
    end: u64,
    due: u64,
}

/// Later than any instant.
const NEVER: u64 = u64::MAX;

/// What the queues are rebuilt from: instants and slots.
#[derive(Debug)]
pub(crate) struct TimerRebuild {
    ends: Vec<(u64, Slot)>,
    due: Vec<(u64, Slot)>,
}

impl TimerRebuild {
    /// Of so many phones at most.
    pub(crate) fn of(phones: usize) -> TimerRebuild {
        TimerRebuild { ends: Vec::with_capacity(phones), due: Vec::new() }
    }

    /// What comes to one more phone.
    pub(crate) fn add(&mut self, slot: Slot, next: NextTimers) {
        if next.end != NEVER {
            self.ends.push((next.end, slot));
        }
        if next.due != NEVER {
            self.due.push((next.due, slot));
        }
    }
}

/// When a phone's cycle ends or ended, if it is open and `expire` has not listed it.
fn ends(contacts: &Contacts, now: u64, retention: u64) -> impl Fn(Slot) -> Option<(u64, u64)> {
    move |slot| {
        let record = contacts.phones.at(slot);
        let cycle = record.cycle(&contacts.windows).filter(|cycle| cycle.phase == Phase::Open)?;
        let remembered = record.is_retained(now, retention);
        (remembered && !record.listed()).then(|| (cycle.end(), record.key()))
    }
}

/// When a phone's cycle ended, if it has, and `expire` has not listed it. A newer cycle may end within the same
/// bucket as one that is over; it is not to be found before its time.
fn ended(contacts: &Contacts, now: u64, retention: u64) -> impl Fn(Slot) -> Option<(u64, u64)> {
    let ends = ends(contacts, now, retention);
    move |slot| ends(slot).filter(|(instant, _)| *instant <= now)
}

/// When a phone's next follow-up is due.
fn due(contacts: &Contacts, now: u64, retention: u64) -> impl Fn(Slot) -> Option<(u64, u64)> {
    move |slot| {
        let record = contacts.phones.at(slot);
        let remembered = record.is_retained(now, retention);
        let when = remembered.then(|| contacts.follow_up_due(record, retention))?;
        when.map(|when| (when, record.key()))
    }
}

impl Timers {
    pub(crate) const fn new() -> Timers {
        Timers {
            slot_lists: SlotLists::new(),
            running: BucketQueue::new(),
            ended: BucketQueue::new(),
            stragglers: BTreeSet::new(),
            follow_ups: BucketQueue::new(),
        }
    }

    /// A phone's cycle ends at an instant, unless something happens to it.
    pub(crate) fn cycle_ends(&mut self, instant: u64, slot: Slot) {
        self.running.push(&mut self.slot_lists, instant, slot);
    }

    /// A phone's cycle ended before the engine knew it.
    pub(crate) fn cycle_ended(&mut self, instant: u64, slot: Slot) {
        self.ended.push(&mut self.slot_lists, instant, slot);
    }

    /// A phone's follow-up is due at an instant, unless something happens to it.
    pub(crate) fn follow_up_due(&mut self, instant: u64, slot: Slot) {
        self.follow_ups.push(&mut self.slot_lists, instant, slot);
    }

    /// Brings the timers to `now`.
    pub(crate) fn settle(&mut self, contacts: &Contacts, now: u64, retention: u64) {
        self.running.pass(&mut self.slot_lists, now, &mut self.ended, ends(contacts, now, retention));
        self.follow_ups.settle(&mut self.slot_lists, due(contacts, now, retention));
        // `expire` may never be called: entries older than the retention are dropped, except the few that still count.
        let old = now.saturating_sub(retention);
        self.stragglers.extend(self.ended.drain_before(
            &mut self.slot_lists,
            old,
            ended(contacts, now, retention),
        ));
    }

    /// When the next blocked cycle ends, after `now`.
    pub(crate) fn next_end(&self, contacts: &Contacts, now: u64, retention: u64) -> Option<u64> {
        self.running.next_after(&self.slot_lists, Some(now), ends(contacts, now, retention))
    }

    /// When the next follow-up is, or was, due.
    pub(crate) fn next_due(&self, contacts: &Contacts, now: u64, retention: u64) -> Option<u64> {
        self.follow_ups.next_after(&self.slot_lists, None, due(contacts, now, retention))
    }

    /// Takes the next cycle that has ended.
    pub(crate) fn take_ended(&mut self, contacts: &Contacts, now: u64, retention: u64) -> Option<TimerEntry> {
        let valid = ended(contacts, now, retention);
        while let Some(entry) = self.stragglers.pop_first() {
            if valid(entry.2) == Some((entry.0, entry.1)) {
                return Some(entry);
            }
        }
        let first = self.ended.first(&mut self.slot_lists, valid)?;
        self.ended.pop();
        Some(first)
    }

    /// Takes the next follow-up that is due.
    pub(crate) fn take_due(&mut self, contacts: &Contacts, now: u64, retention: u64) -> Option<TimerEntry> {
        let first = self.follow_ups.first(&mut self.slot_lists, due(contacts, now, retention));
        let first = first.filter(|entry| entry.0 <= now)?;
        self.follow_ups.pop();
        Some(first)
    }

    /// What happens next to a phone by itself.
    pub(crate) fn next(contacts: &Contacts, slot: Slot, now: u64, retention: u64) -> NextTimers {
        let instant = |found: Option<(u64, u64)>| found.map_or(NEVER, |(instant, _)| instant);
        let end = instant(ends(contacts, now, retention)(slot));
        NextTimers { end, due: instant(due(contacts, now, retention)(slot)) }
    }

    /// Rebuilds the queues: after a restore, or a change of the retention. Phones are best in the
    /// order in which their dispatches were made, which is nearly that in which their cycles end.
    /// What has ended is found to be over the next time the timers is [brought to now](Self::settle).
    pub(crate) fn rebuild(&mut self, mut upcoming: TimerRebuild) {
        *self = Timers::new();
        // A queue is filled from its beginning to its end: buckets that come between others push them aside. What
        // is in order already, as it mostly is, is only looked at.
        upcoming.ends.sort_unstable_by_key(|(instant, _)| *instant);
        upcoming.due.sort_unstable_by_key(|(instant, _)| *instant);
        for (instant, slot) in upcoming.ends {
            self.running.push(&mut self.slot_lists, instant, slot);
        }
        for (instant, slot) in upcoming.due {
            self.follow_ups.push(&mut self.slot_lists, instant, slot);
        }
    }
}
