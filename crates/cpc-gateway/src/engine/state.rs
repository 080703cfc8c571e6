//! The replicated state: the engine and the outbox. Only applying log entries changes it, in the same way when an entry
//! has just been appended and when it is replayed.

use super::outbox::Outbox;
use crate::storage::log::{LocatedItems, TextLocation, TextLocations};
use cpc_core::{Batch, Command, CommandError, Engine, Outcome, Policy, Receipt, Status};
use cpc_wire::{Answer, Op, execute_at};

/// See the [module](self).
pub(crate) struct GatewayState {
    pub(crate) engine: Engine,
    pub(crate) outbox: Outbox,
}

/// The result of a command or query.
pub(crate) struct CommandResult {
    pub(crate) answer: Answer,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) placed: Option<TextLocations>,
}

impl GatewayState {
    /// The state before the first entry.
    pub(crate) fn new() -> GatewayState {
        GatewayState { engine: Engine::new(Policy::default()), outbox: Outbox::default() }
    }

    /// Applies the batch of entry `index`; `outcomes` then has one outcome a message.
    pub(crate) fn apply_batch(
        &mut self,
        index: u64,
        at: u64,
        batch: &Batch<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(Receipt, Option<TextLocations>), CommandError> {
        let applied = self.engine.dispatch(at.cast_signed(), batch, outcomes)?;
        self.expire_outbox(at);
        Ok((applied, self.enqueue_batch(index, outcomes)))
    }

    /// Applies the command of entry `index`, or answers a query.
    pub(crate) fn apply_command(
        &mut self,
        index: u64,
        at: u64,
        op: &Op<'_>,
    ) -> Result<CommandResult, CommandError> {
        let mut outcomes = Vec::new();
        let answer = execute_at(&mut self.engine, at.cast_signed(), op, &mut outcomes)?;
        self.expire_outbox(at);
        let placed = match op {
            Op::Command(Command::Dispatch(_)) => self.enqueue_batch(index, &outcomes),
            Op::Command(Command::FollowUps { .. }) => self.enqueue_follow_ups(index, &outcomes),
            Op::Command(Command::Report(report)) => {
                let outcome = outcomes.first().copied().unwrap_or(Outcome::new(Status::StaleReport));
                match outcome.sender.filter(|_| outcome.status == Status::Moved) {
                    Some(to) => self.outbox.moved(report.dispatch, &outcome, self.engine.sender_id(to)),
                    None => {
                        let sender = report.sender.unwrap_or_default();
                        self.outbox.reported(report.dispatch, sender, outcome.status);
                    }
                }
                None
            }
            _ => None,
        };
        Ok(CommandResult { answer, outcomes, placed })
    }

    /// Drops messages of the outbox whose report the engine would no longer accept.
    fn expire_outbox(&mut self, at: u64) {
        self.outbox.drop_before(self.engine.reportable_since(at.cast_signed()).as_millis());
    }

    /// Puts the accepted messages of a batch into the outbox.
    fn enqueue_batch(&mut self, index: u64, outcomes: &[Outcome]) -> Option<TextLocations> {
        let mut messages = Vec::new();
        for (item, outcome) in (0_u32..).zip(outcomes) {
            if outcome.status == Status::Accepted {
                let sender = outcome.sender.map_or("", |sender| self.engine.sender_id(sender));
                self.outbox.accept(outcome, sender, TextLocation::Message { index, item });
                messages.push(item);
            }
        }
        let in_order = (0..).zip(&messages).all(|(place, item)| place == *item);
        let items = if in_order { LocatedItems::InOrder } else { LocatedItems::Messages(messages) };
        Some(TextLocations { first: first_dispatch(outcomes)?, index, items })
    }

    /// Puts accepted follow-ups into the outbox.
    fn enqueue_follow_ups(&mut self, index: u64, outcomes: &[Outcome]) -> Option<TextLocations> {
        let mut stages = Vec::new();
        for outcome in outcomes.iter().filter(|outcome| outcome.status == Status::Accepted) {
            let (origin, stage) = (outcome.origin.map_or(0, u64::from), outcome.stage.unwrap_or(0));
            let sender = outcome.sender.map_or("", |sender| self.engine.sender_id(sender));
            self.outbox.accept(outcome, sender, TextLocation::FollowUp { origin, stage });
            stages.push((origin, stage));
        }
        Some(TextLocations {
            first: first_dispatch(outcomes)?,
            index,
            items: LocatedItems::FollowUps(stages),
        })
    }
}

/// The dispatch number of the first accepted item; the others follow without gaps.
fn first_dispatch(outcomes: &[Outcome]) -> Option<u64> {
    let accepted = outcomes.iter().find(|outcome| outcome.status == Status::Accepted)?;
    accepted.dispatch.map(u64::from)
}
