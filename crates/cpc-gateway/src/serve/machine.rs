//! What follows from the log: the engine, and the outbox beside it. Applying an entry is all that ever changes them,
//! the same when it has just been appended and when it is replayed.

use super::log::{Items, Place, Placed};
use super::outbox::Outbox;
use cpc_core::{Applied, Batch, Command, Engine, Outcome, Policy, Refusal, Status};
use cpc_wire::{Answer, Op, execute_at};

/// See the [module](self).
pub(crate) struct Machine {
    pub(crate) engine: Engine,
    pub(crate) outbox: Outbox,
}

/// What came of a line.
pub(crate) struct Done {
    pub(crate) answer: Answer,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) placed: Option<Placed>,
}

impl Machine {
    /// One that nothing has happened to.
    pub(crate) fn new() -> Machine {
        Machine { engine: Engine::new(Policy::default()), outbox: Outbox::default() }
    }

    /// Applies the batch of entry `index`; `outcomes` then has one outcome a message.
    pub(crate) fn apply_batch(
        &mut self,
        index: u64,
        at: u64,
        batch: &Batch<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(Applied, Option<Placed>), Refusal> {
        let applied = self.engine.dispatch(at.cast_signed(), batch, outcomes)?;
        self.pass(at);
        Ok((applied, self.take_batch(index, outcomes)))
    }

    /// Applies the line of entry `index`, or answers it.
    pub(crate) fn apply_line(&mut self, index: u64, at: u64, op: &Op<'_>) -> Result<Done, Refusal> {
        let mut outcomes = Vec::new();
        let answer = execute_at(&mut self.engine, at.cast_signed(), op, &mut outcomes)?;
        self.pass(at);
        let placed = match op {
            Op::Command(Command::Dispatch(_)) => self.take_batch(index, &outcomes),
            Op::Command(Command::FollowUps { .. }) => self.take_follow_ups(index, &outcomes),
            Op::Command(Command::Report(report)) => {
                let outcome = outcomes.first().copied().unwrap_or(Outcome::new(Status::StaleReport));
                match outcome.sender.filter(|_| outcome.status == Status::Moved) {
                    Some(to) => self.outbox.moved(report.dispatch, &outcome, self.engine.sender_id(to)),
                    None => self.outbox.reported(
                        report.dispatch,
                        report.sender.unwrap_or_default(),
                        outcome.status,
                    ),
                }
                None
            }
            _ => None,
        };
        Ok(Done { answer, outcomes, placed })
    }

    /// Time goes on for the outbox as well.
    fn pass(&mut self, at: u64) {
        let believed = self.engine.policy().report_ttl_ms();
        self.outbox.drop_before(at.saturating_sub(believed));
    }

    /// What a batch accepted is to be sent.
    fn take_batch(&mut self, index: u64, outcomes: &[Outcome]) -> Option<Placed> {
        let mut messages = Vec::new();
        for (item, outcome) in (0_u32..).zip(outcomes) {
            if outcome.status == Status::Accepted {
                let sender = outcome.sender.map_or("", |sender| self.engine.sender_id(sender));
                self.outbox.accept(outcome, sender, Place::Message { index, item });
                messages.push(item);
            }
        }
        let in_order = (0..).zip(&messages).all(|(place, item)| place == *item);
        let items = if in_order { Items::InOrder } else { Items::Messages(messages) };
        Some(Placed { first: first_dispatch(outcomes)?, index, items })
    }

    /// So is what follows up.
    fn take_follow_ups(&mut self, index: u64, outcomes: &[Outcome]) -> Option<Placed> {
        let mut stages = Vec::new();
        for outcome in outcomes.iter().filter(|outcome| outcome.status == Status::Accepted) {
            let (origin, stage) = (outcome.origin.map_or(0, u64::from), outcome.stage.unwrap_or(0));
            let sender = outcome.sender.map_or("", |sender| self.engine.sender_id(sender));
            self.outbox.accept(outcome, sender, Place::FollowUp { origin, stage });
            stages.push((origin, stage));
        }
        Some(Placed { first: first_dispatch(outcomes)?, index, items: Items::FollowUps(stages) })
    }
}

/// The dispatch that the first accepted item became; those of the others follow it.
fn first_dispatch(outcomes: &[Outcome]) -> Option<u64> {
    let accepted = outcomes.iter().find(|outcome| outcome.status == Status::Accepted)?;
    accepted.dispatch.map(u64::from)
}
