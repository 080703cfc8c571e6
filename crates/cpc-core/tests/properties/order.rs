//! Commands that own their lists, and steps: commands whose times and numbers are relative to what is known
//! when the step is taken, so that they still mean something after others were left out.

use crate::model::Model;
use cpc_core::*;
use std::time::Duration;

/// The beginning of every test: a Monday, ten seconds before 18:00 in Brasília.
pub(crate) const START: i64 = 1_795_467_590_000;
pub(crate) const SECOND: i64 = 1_000;
pub(crate) const HOUR: i64 = 3_600 * SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A command that owns its lists.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Wallet {
        tag: &'static str,
        window_ms: Option<u64>,
        operators: &'static [&'static str],
        senders: Vec<SenderSetup<'static>>,
    },
    Dispatch(OwnedBatch),
    Import(Vec<ImportedContact<'static>>),
    Other(Command<'static>),
}

/// A batch that owns its messages.
#[derive(Clone, Debug)]
pub(crate) struct OwnedBatch {
    pub(crate) campaign: &'static str,
    pub(crate) id_account: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) messages: Vec<Message<'static>>,
    pub(crate) atomic: bool,
}

impl OwnedBatch {
    pub(crate) fn batch(&self) -> Batch<'_> {
        let OwnedBatch { campaign, id_account, tag, ref messages, atomic } = *self;
        Batch { campaign, id_account, tag, messages, atomic }
    }
}

impl Order {
    pub(crate) fn command(&self) -> Command<'_> {
        match self {
            Order::Wallet { tag, window_ms, operators, senders } => Command::Wallet(WalletSetup {
                tag,
                window: window_ms.map(Duration::from_millis),
                operators,
                senders,
            }),
            Order::Dispatch(batch) => Command::Dispatch(batch.batch()),
            Order::Import(contacts) => Command::Import(contacts),
            Order::Other(command) => command.clone(),
        }
    }
}

/// When a step happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    Now,
    Later(i64),
    Earlier(i64),
    /// Beside the n-th instant from now at which something changes by itself.
    Near {
        nth: usize,
        offset: i64,
    },
}

/// When a message was received.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Received {
    Unsaid,
    Ago(i64),
    /// So much after the beginning of the phone's last cycle, less the skew that is forgiven.
    SinceCycle(i64),
}

/// What happens in a step.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Order(Order),
    Reply {
        phone: &'static str,
        received: Received,
        opt_out: bool,
    },
    /// About the latest dispatch but so many; 0 is one that was never made.
    Report {
        back: u64,
        status: Delivery,
        sender: Option<&'static str>,
    },
    /// A state that lapses so much later, or has lapsed already.
    Stand {
        tag: &'static str,
        id: &'static str,
        state: SenderState,
        lapses_in: Option<i64>,
    },
    /// `t0` and `replied_at` count back from the step.
    Import(Vec<(ImportedContact<'static>, [Option<i64>; 2])>),
}

/// A command at a relative time.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) when: When,
    pub(crate) action: Action,
}

impl Step {
    /// The time and the command that this step is, where a model stands.
    pub(crate) fn resolve(&self, model: &Model) -> (i64, Order) {
        let clock = model.clock().map_or(START, |clock| clock as i64);
        let at = match self.when {
            When::Now => clock,
            When::Later(by) => clock + by,
            When::Earlier(by) => clock - by,
            When::Near { nth, offset } => {
                let instants = model.instants();
                match instants.len() {
                    0 => clock,
                    count => instants[nth % count] as i64 + offset,
                }
            }
        };
        (at, self.order(model, at))
    }

    fn order(&self, model: &Model, at: i64) -> Order {
        let command = match &self.action {
            Action::Order(order) => return order.clone(),
            Action::Import(contacts) => {
                let back = |ago: Option<i64>| ago.map(|ago| Timestamp::from(at - ago));
                let dated = |(contact, [t0, replied_at]): &(ImportedContact<'static>, [Option<i64>; 2])| {
                    ImportedContact { t0: back(*t0), replied_at: back(*replied_at), ..*contact }
                };
                return Order::Import(contacts.iter().map(dated).collect());
            }
            Action::Reply { phone, received, opt_out } => {
                let skew = model.policy().reply_skew().as_millis() as u64 as i64;
                let received_at = match received {
                    Received::Unsaid => None,
                    Received::Ago(ago) => Some(at - ago),
                    Received::SinceCycle(since) => {
                        Some(model.last_start(phone).map_or(at, |t0| t0 as i64) - skew + since)
                    }
                };
                let received_at = received_at.map(Timestamp::from);
                Command::Reply(Reply { phone, received_at, opt_out: *opt_out })
            }
            Action::Report { back, status, sender } => Command::Report(Report {
                dispatch: model.dispatches().checked_sub(*back).unwrap_or(u64::MAX),
                status: *status,
                sender: *sender,
            }),
            Action::Stand { tag, id, state, lapses_in } => {
                let until = lapses_in.map(|after| Timestamp::from(at + after));
                let state = Some(TimedSenderState { state: *state, until });
                Command::Sender { tag, id, change: SenderChange { state, ..SenderChange::default() } }
            }
        };
        Order::Other(command)
    }
}
