//! The reference model: the rules once more, as plainly as can be.
//!
//! It keeps nothing but the list of what happened ([`event`]) and reads every answer off that list from its
//! beginning: no caches, no timers, no counters that go up and down. It shares no code with the engine; of the
//! engine's crate it uses the types of commands, policies and statuses alone. Where engine and model differ, one
//! of them misreads the rules.

pub(crate) mod answer;
mod check;
mod contacts;
mod dispatch;
pub(crate) mod event;
mod history;
mod hours;
mod number;
mod pool;
mod queries;
mod setup;

use answer::Answer;
use cpc_core::{Batch, Command, CommandError, Policy, Status};
use event::Event;
use history::History;

/// Only white space, or nothing.
fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// An engine as the rules describe it.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    history: History,
    clock: Option<u64>,
    seq: u64,
}

/// An applied command: its effective time, its number, its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) effective_at: u64,
    pub(crate) seq: u64,
    pub(crate) answers: Vec<Answer>,
}

impl Model {
    pub(crate) fn new(policy: Policy) -> Model {
        let mut history = History::default();
        history.push(0, Event::Policy(policy));
        Model { history, clock: None, seq: 0 }
    }

    /// RULES §1: a refused command changes nothing; an applied one moves clock and `seq`, whatever became of its
    /// items.
    pub(crate) fn apply(&mut self, at: i64, command: &Command<'_>) -> Result<Done, CommandError> {
        check::times(at, command)?;
        check::jump(at, self.clock, self.history.policy(), command)?;
        let now = self.effective(at);
        check::shape(&self.history, now, command)?;
        let answers = self.decide(now, command)?;
        self.clock = Some(now);
        self.seq += 1;
        Ok(Done { effective_at: now, seq: self.seq, answers })
    }

    /// What `dispatch` would answer. RULES §4.7.
    pub(crate) fn preview(&self, at: i64, batch: &Batch<'_>) -> Result<(u64, Vec<Answer>), CommandError> {
        let command = Command::Dispatch(*batch);
        check::times(at, &command)?;
        let now = self.effective(at);
        check::shape(&self.history, now, &command)?;
        let mut aside = self.clone();
        Ok((now, aside.decide(now, &command)?))
    }

    pub(crate) fn clock(&self) -> Option<u64> {
        self.clock
    }

    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    pub(crate) fn policy(&self) -> &Policy {
        self.history.policy()
    }

    /// RULES §1.2
    fn effective(&self, at: i64) -> u64 {
        self.clock.unwrap_or(0).max(at as u64)
    }

    fn decide(&mut self, now: u64, command: &Command<'_>) -> Result<Vec<Answer>, CommandError> {
        let history = &mut self.history;
        let changed = |changed| Ok(vec![Answer::changed(changed)]);
        match command {
            Command::Policy(policy) => changed(setup::policy(history, now, policy)),
            Command::Wallet(wallet) => changed(setup::wallet(history, now, wallet)?),
            Command::RemoveWallet { tag } => changed(setup::remove_wallet(history, now, tag)?),
            Command::Sender { tag, id, change } => changed(setup::sender(history, now, tag, id, change)?),
            Command::RemoveSender { tag, id } => changed(setup::remove_sender(history, now, tag, id)?),
            Command::Group { name, daily_limit } => changed(setup::group(history, now, name, *daily_limit)),
            Command::Dispatch(batch) => {
                check::batch(history, batch)?;
                Ok(dispatch::batch(history, now, self.seq + 1, batch))
            }
            Command::Reply(reply) => Ok(vec![contacts::reply(history, now, reply)]),
            Command::Report(report) => Ok(vec![contacts::report(history, now, report)]),
            Command::OperatorMessage { phone, .. } => {
                Ok(vec![contacts::operator_message(history, now, phone)])
            }
            Command::FollowUps { limit } => Ok(dispatch::follow_ups(history, now, *limit)),
            Command::Expire { limit } => Ok(contacts::expire(history, now, *limit)),
            Command::Clock => Ok(vec![Answer::new(Status::Applied)]),
            Command::OptOut(target) => {
                let subject = check::subject(history, target)?;
                changed(contacts::opt_out(history, now, &subject))
            }
            Command::OptIn(target) => {
                let subject = check::subject(history, target)?;
                changed(contacts::opt_in(history, now, &subject))
            }
            Command::Forget(target) => {
                let subject = check::subject(history, target)?;
                changed(contacts::forget(history, now, &subject))
            }
            Command::ForceUnblock { target, .. } => {
                let subject = check::subject(history, target)?;
                changed(contacts::force_unblock(history, now, &subject))
            }
            Command::Import(items) => {
                check::size(history, "contacts", items.len())?;
                Ok(items.iter().map(|item| contacts::import(history, now, item)).collect())
            }
            _ => unreachable!("every command is above"),
        }
    }
}
