//! The engine with its policy and wallet, and the operations on it.

use crate::contacts::Posted;
use crate::texts::{ACCOUNT, CAMPAIGN, TAG};
use cpc_core::{
    Batch, Command, CommandError, Engine, Message, Outcome, Policy, Receipt, Reply, SenderSetup, WalletSetup,
};

/// When everything begins: 2026-11-23T12:00:00Z, in ms.
pub const START: i64 = 1_795_435_200_000;
/// A day, in ms: the window of a cycle.
pub const DAY: i64 = 86_400_000;

/// The most contacts a bench knows, and their clients.
const MAX_CONTACTS: u64 = 200_000_000;

/// An engine with a wallet, and a buffer for its outcomes.
#[derive(Clone)]
pub struct Tenant {
    /// The engine.
    pub engine: Engine,
    /// The answers to the last command.
    pub outcomes: Vec<Outcome>,
}

impl Tenant {
    /// A tenant whose wallet has that many senders; together they may write to `contacts` twice a day.
    #[must_use]
    pub fn new(senders: u64, contacts: u64) -> Tenant {
        // A fixed key: contacts have the same table slots in every run.
        let policy = Policy::builder().hash_key(0x5EED).max_contacts(MAX_CONTACTS).build().unwrap();
        let mut tenant = Tenant { engine: Engine::new(policy), outcomes: Vec::new() };
        let ids: Vec<String> = (0..senders).map(|sender| format!("55149900{sender:05}")).collect();
        let limit = u32::try_from(2 * contacts.div_ceil(senders)).unwrap().max(10);
        let senders: Vec<SenderSetup<'_>> = ids
            .iter()
            .map(|id| SenderSetup { id, daily_limit: Some(limit), ..SenderSetup::default() })
            .collect();
        let wallet = WalletSetup { tag: TAG, senders: &senders, ..WalletSetup::default() };
        tenant.apply(START, &Command::Wallet(wallet));
        tenant
    }

    /// Applies a command.
    pub fn apply(&mut self, at: i64, command: &Command<'_>) -> Receipt {
        self.engine.apply(at, command, &mut self.outcomes).unwrap()
    }

    /// Dispatches a batch.
    ///
    /// # Errors
    /// The engine's.
    pub fn dispatch(&mut self, at: i64, messages: &[Message<'_>]) -> Result<Receipt, CommandError> {
        let batch = Batch { campaign: CAMPAIGN, id_account: ACCOUNT, tag: TAG, messages, atomic: false };
        self.engine.dispatch(at, &batch, &mut self.outcomes)
    }

    /// A contact answers.
    pub fn reply(&mut self, at: i64, phone: &str) {
        self.apply(at, &Command::Reply(Reply { phone, received_at: None, opt_out: false }));
    }

    /// Writes to contacts for the first time, a thousand at a time and a message a millisecond.
    pub fn write_to(&mut self, contacts: std::ops::Range<u64>, client: bool, follow_up: bool) {
        let mut posted = Vec::new();
        let end = contacts.end;
        for first in contacts.step_by(1_000) {
            posted.clear();
            let batch = first..end.min(first + 1_000);
            posted.extend(batch.map(|contact| Posted { follow_up, ..Posted::to(contact, client) }));
            let messages: Vec<Message<'_>> = posted.iter().map(Posted::message).collect();
            self.dispatch(START + first as i64, &messages).unwrap();
        }
    }

    /// How many of the last answers were "accepted", the first time or again.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.status.is_success()).count()
    }
}
