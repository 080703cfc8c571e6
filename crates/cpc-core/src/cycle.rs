//! The gate: when a contact may be made again.
//!
//! [RULES §3](crate::rules#3-the-gate), on one screen. A contact cycle opens when a message goes out. Until the contact
//! answers or the window is over, its gate is blocked. Whatever opened the gate, the next message closes it
//! again: one answer buys one contact. All of it is computed from the time when it is asked, so it does not
//! matter whether a timer runs.

use crate::tables::names;

names! {
    /// The state of a gate ([RULES §3](crate::rules#3-the-gate)).
    pub enum GateState {
        /// No cycle, or it was released: a new contact may be made.
        Free = "free",
        /// The cycle is open and its window runs: no new contact.
        Blocked = "blocked",
        /// The cycle's window ended unanswered: a new contact may be made.
        Expired = "expired",
        /// The contact answered, or wrote by itself: a new contact may be made.
        Replied = "replied",
        /// Opted out or undeliverable: no new contact until that is lifted.
        Suppressed = "suppressed",
    }
}

/// Where a cycle stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The contact has not answered. Blocked while the window runs, expired afterwards.
    Open,
    /// The contact has answered.
    Replied,
    /// Taken back: the message did not arrive, or `forceUnblock` released it.
    Released,
}

/// The last contact cycle that took a gate. Times in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cycle {
    pub(crate) t0: u64,
    pub(crate) window: u64,
    pub(crate) phase: Phase,
}

/// What can happen to a cycle, besides being replaced by a newer one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// The contact wrote at `received_at`; its clock may be `skew` behind.
    Reply { received_at: u64, skew: u64 },
    /// The cycle is taken back.
    Release,
    /// The message goes out again, from another sender.
    Move { t0: u64 },
}

impl Cycle {
    /// When the window is over: at exactly this instant it is.
    #[inline]
    pub(crate) const fn end(&self) -> u64 {
        self.t0 + self.window
    }

    /// The state of the gate.
    #[inline(always)]
    pub(crate) const fn state(&self, now: u64) -> GateState {
        match self.phase {
            Phase::Open if now < self.end() => GateState::Blocked,
            Phase::Open => GateState::Expired,
            Phase::Replied => GateState::Replied,
            Phase::Released => GateState::Free,
        }
    }

    /// The whole transition table. `None`: the event does not concern this cycle, which stays as it is.
    pub(crate) const fn after(self, event: Event) -> Option<Cycle> {
        match (self.phase, event) {
            (Phase::Open, Event::Reply { received_at, skew }) if received_at + skew > self.t0 => {
                Some(Cycle { phase: Phase::Replied, ..self })
            }
            (Phase::Open, Event::Release) => Some(Cycle { phase: Phase::Released, ..self }),
            (Phase::Open, Event::Move { t0 }) => Some(Cycle { t0, ..self }),
            (Phase::Open, Event::Reply { .. }) => None,
            (Phase::Replied | Phase::Released, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Cycle = Cycle { t0: 1_000, window: 100, phase: Phase::Open };

    /// RULES §3, the table of states; §1.5: windows are half-open.
    #[test]
    fn a_gate_is_blocked_until_exactly_the_end_of_its_window() {
        for (now, expected) in
            [(999, GateState::Blocked), (1_099, GateState::Blocked), (1_100, GateState::Expired)]
        {
            assert_eq!(OPEN.state(now), expected);
            assert_eq!(Cycle { phase: Phase::Replied, ..OPEN }.state(now), GateState::Replied);
            assert_eq!(Cycle { phase: Phase::Released, ..OPEN }.state(now), GateState::Free);
        }
    }

    /// RULES §3.3
    #[test]
    fn a_reply_older_than_the_cycle_frees_nothing() {
        let reply = |received_at| OPEN.after(Event::Reply { received_at, skew: 10 });
        assert_eq!(reply(990), None);
        assert_eq!(reply(991).map(|cycle| cycle.phase), Some(Phase::Replied));
        assert_eq!(reply(5_000).map(|cycle| cycle.phase), Some(Phase::Replied));
    }

    /// RULES §3.3, §3.6, §7: only an open cycle can change.
    #[test]
    fn a_closed_cycle_stays_as_it_is() {
        for phase in [Phase::Replied, Phase::Released] {
            let closed = Cycle { phase, ..OPEN };
            let events =
                [Event::Reply { received_at: 2_000, skew: 0 }, Event::Release, Event::Move { t0: 1 }];
            assert!(events.into_iter().all(|event| closed.after(event).is_none()));
        }
    }
}
