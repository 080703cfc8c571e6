//! The engine: all state of one tenant, and the one function through which it changes.
//!
//! Every command goes the same way: its time is checked, then all that can be refused; then comes the line "from
//! here it must succeed", after which nothing can fail any more. A refused command has changed nothing, not even
//! the clock.

use crate::command::Command;
use crate::contacts::lookup::ContactLookup;
use crate::contacts::sharded_table::Slot;
use crate::contacts::store::Contacts;
use crate::contacts::sweep::ExpirySweep;
use crate::error::{CommandError, PolicyError, check_time};
use crate::outcome::{Outcome, Receipt, SenderRef};
use crate::policy::{MAX_RETENTION, Policy};
use crate::schedule::dispatch_index::DispatchIndex;
use crate::schedule::timers::{NextTimers, TimerRebuild, Timers};
use crate::senders::pool::SenderPool;
use crate::status::Status;
use crate::time::Timestamp;
use alloc::vec::Vec;
use core::fmt;

/// One tenant's engine ([RULES](crate::rules#rules)): a deterministic state machine over contacts and senders.
///
/// It has no clock: every command carries its time, in milliseconds since the Unix epoch. It is not shared
/// between threads while it changes; wrap it in a lock, or give it a thread of its own.
#[derive(Clone)]
pub struct Engine {
    pub(crate) policy: Policy,
    /// The effective time of the last applied command.
    pub(crate) clock: Option<Timestamp>,
    pub(crate) seq: u64,
    /// The number of the last dispatch.
    pub(crate) dispatches: u64,
    /// The number of the last imported cycle.
    pub(crate) imports: u64,
    pub(crate) contacts: Contacts,
    pub(crate) pool: SenderPool,
    pub(crate) timers: Timers,
    pub(crate) dispatch_index: DispatchIndex,
    pub(crate) expiry_sweep: ExpirySweep,
    /// The item that each dispatch of a batch was made for, between batches empty.
    pub(crate) items: Vec<u32>,
    /// RetryCache for what is known of the messages that are looked up together.
    pub(crate) lookups: Vec<Option<ContactLookup>>,
    /// The origin of the last accepted message.
    pub(crate) last_campaign_ref: Option<u32>,
}

// Hosts move an engine to a thread of its own, or share it behind a lock.
const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Engine>();
};

impl Engine {
    /// An engine without contacts.
    #[must_use]
    pub fn new(policy: Policy) -> Engine {
        let mut pool = SenderPool::default();
        pool.set_max_delay(policy.max_delay_ms, 0);
        Engine {
            contacts: Contacts::new(policy.hash_key()),
            policy,
            clock: None,
            seq: 0,
            dispatches: 0,
            imports: 0,
            pool,
            timers: Timers::new(),
            dispatch_index: DispatchIndex::default(),
            expiry_sweep: ExpirySweep::default(),
            items: Vec::new(),
            lookups: Vec::new(),
            last_campaign_ref: None,
        }
    }

    /// Applies a command that happens at `at`, in milliseconds since the Unix epoch. `outcomes` is cleared, then
    /// has one outcome for every item of the command, in order.
    ///
    /// Going backwards is allowed: a command counts at the later of its time and the clock
    /// ([RULES §1.2](crate::rules#1-time)), which is returned, and which is what a log should store.
    ///
    /// # Errors
    /// A [`CommandError`] of the whole command; then nothing has changed.
    pub fn apply(
        &mut self,
        at: impl Into<Timestamp>,
        command: &Command<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        self.apply_at(at.into(), command, outcomes)
    }

    /// [`apply`](Self::apply) compiled here, once, and not in every crate that calls it.
    fn apply_at(
        &mut self,
        at: Timestamp,
        command: &Command<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        outcomes.clear();
        match command {
            Command::Dispatch(batch) => self.dispatch_at(at, batch, outcomes),
            Command::Policy(policy) => self.set_policy(at, policy, outcomes),
            Command::Reply(reply) => self.reply(at, reply, outcomes),
            Command::Report(report) => self.report(at, report, outcomes),
            Command::OperatorMessage { phone, specialist_code } => {
                self.operator_message(at, phone, specialist_code, outcomes)
            }
            Command::FollowUps { limit } => self.follow_ups(at, *limit, outcomes),
            Command::Expire { limit } => self.expire(at, *limit, outcomes),
            Command::OptOut(target) => self.opt_out(at, *target, outcomes),
            Command::OptIn(target) => self.opt_in(at, *target, outcomes),
            Command::Forget(target) => self.forget(at, *target, outcomes),
            Command::ForceUnblock { target, reason: _ } => self.force_unblock(at, *target, outcomes),
            Command::Import(contacts) => self.import(at, contacts, outcomes),
            Command::Clock => {
                let now = self.effective_time(at)?;
                self.begin(now);
                Ok(self.commit_with(Status::Applied, outcomes))
            }
            Command::Wallet(_)
            | Command::RemoveWallet { .. }
            | Command::Sender { .. }
            | Command::RemoveSender { .. }
            | Command::Group { .. } => self.set_up(at, command, outcomes),
        }
    }

    /// As [`apply`](Self::apply), with the outcomes in a list of their own: for hosts that do not mind an allocation a
    /// command.
    ///
    /// # Errors
    /// As [`apply`](Self::apply).
    ///
    /// ```
    /// use cpc_core::{Command, Engine, Policy, Reply, Status};
    ///
    /// let mut engine = Engine::new(Policy::default());
    /// let reply = Reply { phone: "5511988876204", received_at: None, opt_out: false };
    /// let (receipt, outcomes) = engine.apply_to_vec(1_795_436_400_000, &Command::Reply(reply))?;
    /// assert_eq!((receipt.seq, outcomes[0].status), (1, Status::Replied));
    /// # Ok::<(), cpc_core::CommandError>(())
    /// ```
    pub fn apply_to_vec(
        &mut self,
        at: impl Into<Timestamp>,
        command: &Command<'_>,
    ) -> Result<(Receipt, Vec<Outcome>), CommandError> {
        let mut outcomes = Vec::new();
        let receipt = self.apply(at, command, &mut outcomes)?;
        Ok((receipt, outcomes))
    }

    /// The effective time of something that happens at `at` ([RULES §1.2](crate::rules#1-time)).
    pub(crate) fn effective_time(&self, at: impl Into<Timestamp>) -> Result<u64, CommandError> {
        let at = check_time(at.into(), "at")?;
        Ok(self.clock.map_or(at, |clock| clock.as_millis().max(at)))
    }

    /// The same, for commands that must not run far ahead ([RULES §1.3](crate::rules#1-time)).
    pub(crate) fn checked_effective_time(&self, at: impl Into<Timestamp>) -> Result<u64, CommandError> {
        let now = self.effective_time(at)?;
        let max_ms = self.policy.max_clock_jump_ms;
        match self.clock {
            Some(clock) if now - clock.as_millis() > max_ms => Err(CommandError::ClockJump { max_ms }),
            _ => Ok(now),
        }
    }

    /// A command takes effect: what depends on time alone comes up to date.
    pub(crate) fn begin(&mut self, now: u64) {
        self.clock = Some(Timestamp::from_millis(now));
        self.seq += 1;
        self.pool.advance(now);
    }

    /// A command has taken effect.
    pub(crate) fn commit(&mut self) -> Receipt {
        let effective_at = self.clock.unwrap_or(Timestamp::MIN);
        let now = effective_at.as_millis();
        self.timers.settle(&self.contacts, now, self.policy.retention_ms);
        self.dispatch_index.drop_until(self.reportable_since(effective_at).as_millis());
        Receipt { effective_at, seq: self.seq }
    }

    /// A command has taken effect, and that is its only outcome.
    pub(crate) fn commit_with(&mut self, status: Status, outcomes: &mut Vec<Outcome>) -> Receipt {
        outcomes.push(Outcome::new(status));
        self.commit()
    }

    fn set_policy(
        &mut self,
        at: Timestamp,
        policy: &Policy,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        let now = self.checked_effective_time(at)?;
        if policy.hash_key != self.policy.hash_key && !self.contacts.forgotten.is_empty() {
            return Err(CommandError::HashKeyInUse);
        }
        let windows = self.pool.wallets.iter().filter_map(|wallet| wallet.window);
        // No contact may be forgotten while it is blocked: windows that run count as well.
        let running = self.contacts.longest_window(now, self.policy.retention_ms);
        if let Some(longest) = windows.chain(running).max().filter(|window| !policy.allows_window(*window)) {
            let (field, value, min) = ("retentionMs", policy.retention_ms, 2 * longest);
            return Err(PolicyError { field, value, min, max: MAX_RETENTION }.into());
        }
        // From here it must succeed.
        self.begin(now);
        if *policy == self.policy {
            return Ok(self.commit_with(Status::Unchanged, outcomes));
        }
        // A contact past its retention must not come back because the retention grows.
        self.evict_all(now);
        self.policy = policy.clone();
        self.contacts.set_hash_key(policy.hash_key());
        self.pool.set_max_delay(policy.max_delay_ms, now);
        self.evict_all(now);
        self.rebuild(now);
        Ok(self.commit_with(Status::Applied, outcomes))
    }

    /// Derives from the records what is kept beside them to find them.
    pub(crate) fn rebuild(&mut self, now: u64) {
        let mut made = Vec::new();
        let mut imported = Vec::new();
        for (slot, record) in self.contacts.phones.iter() {
            let (Some(id), Some(cycle)) = (record.cycle_id(), record.cycle(&self.contacts.windows)) else {
                continue;
            };
            let next = Timers::next(&self.contacts, slot, now, self.policy.retention_ms);
            match id.dispatch() {
                Some(number) => made.push(Made { number, slot, t0: cycle.t0, next }),
                None => imported.push((slot, next)),
            }
        }
        self.dispatch_index = DispatchIndex::default();
        let mut upcoming = TimerRebuild::of(made.len().saturating_add(imported.len()));
        // Nearly the order in which their cycles end.
        for index in by_number(&made, |made| made.number) {
            let Some(Made { number, slot, t0, next }) = made.get(index as usize).copied() else { continue };
            if self.report_deadline(Timestamp::from_millis(t0)).as_millis() > now {
                self.dispatch_index.restore(number, slot, t0);
            }
            upcoming.add(slot, next);
        }
        imported.into_iter().for_each(|(slot, next)| upcoming.add(slot, next));
        self.timers.rebuild(upcoming);
    }

    fn set_up(
        &mut self,
        at: Timestamp,
        command: &Command<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt, CommandError> {
        self.effective_time(at)?;
        if let Command::Sender { change, .. } = command
            && let Some(until) = change.state.and_then(|state| state.until)
        {
            check_time(until, "until")?;
        }
        let now = self.checked_effective_time(at)?;
        // Each of these checks everything before it changes anything.
        let changed = match command {
            Command::Wallet(setup) => self.pool.set_wallet(setup, now, &self.policy)?,
            Command::Sender { tag, id, change } => self.pool.change_sender(tag, id, change, now)?,
            Command::Group { name, daily_limit } => self.pool.set_group_limit(name, *daily_limit)?,
            Command::RemoveSender { tag, id } => {
                self.pool.remove_sender(tag, id, now)?;
                true
            }
            Command::RemoveWallet { tag } => {
                self.pool.remove_wallet(tag, now)?;
                self.cancel_follow_ups_of(tag);
                true
            }
            _ => false,
        };
        self.begin(now);
        Ok(self.commit_with(Status::of_change(changed), outcomes))
    }

    /// The clock: the effective time of the last applied command.
    #[must_use]
    pub const fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// How many commands have been applied.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The id of a sender that an outcome or view of this engine names.
    #[must_use]
    pub fn sender_id(&self, sender: SenderRef) -> &str {
        self.pool.senders.get(sender.0 as usize).map_or("", |sender| &sender.id)
    }

    /// The tags of all wallets, sorted.
    pub fn wallet_tags(&self) -> impl Iterator<Item = &str> {
        self.pool.by_tag.keys().map(|tag| &**tag)
    }
}

/// The last dispatch of a phone.
#[derive(Clone, Copy)]
struct Made {
    number: u64,
    slot: Slot,
    t0: u64,
    next: NextTimers,
}

/// Where dispatches are, in the order of their numbers; places that are none may be among them. Those of the last days
/// lie close together: then each is put where its number says, instead of comparing them.
fn by_number<T>(made: &[T], number_of: impl Fn(&T) -> u64) -> Vec<u32> {
    let numbers = || made.iter().map(&number_of);
    let compared = || {
        let mut order: Vec<u32> = (0..).take(made.len()).collect();
        order.sort_by_key(|index| made.get(*index as usize).map(&number_of));
        order
    };
    let Some((first, last)) = numbers().min().zip(numbers().max()) else { return Vec::new() };
    let span = usize::try_from(last - first).unwrap_or(usize::MAX);
    if span / 4 > made.len() {
        return compared();
    }
    let mut places = alloc::vec![u32::MAX; span + 1];
    for (index, number) in (0..).zip(numbers()) {
        match places.get_mut((number - first) as usize) {
            Some(place) if *place == u32::MAX => *place = index,
            // Only a snapshot that no engine has written says so.
            _ => return compared(),
        }
    }
    places
}

/// Contacts are personal data: only counts are printed.
impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut engine = f.debug_struct("Engine");
        engine.field("clock", &self.clock).field("seq", &self.seq).field("dispatches", &self.dispatches);
        engine.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{SenderSetup, Target, WalletSetup};
    use crate::cycle::GateState;
    use crate::time::DAY;
    use core::time::Duration;

    #[test]
    fn an_engine_tells_what_it_is() {
        let policy = Policy::builder().max_batch(7).build().unwrap();
        let (mut engine, mut outcomes) = (Engine::new(policy.clone()), Vec::new());
        assert_eq!((engine.clock(), engine.seq(), engine.policy()), (None, 0, &policy));
        assert_eq!(engine.wallet_tags().count(), 0);
        let at = 1_795_435_200_000;
        for (tag, sender) in [("w", "s1"), ("v", "s2")] {
            let senders = [SenderSetup { id: sender, ..SenderSetup::default() }];
            let wallet = WalletSetup { tag, senders: &senders, ..WalletSetup::default() };
            engine.apply(at, &Command::Wallet(wallet), &mut outcomes).unwrap();
        }
        assert_eq!((engine.clock(), engine.seq()), (Timestamp::new(at), 2));
        assert!(engine.wallet_tags().eq(["v", "w"]));
        assert_eq!([0, 1, 7].map(|number| engine.sender_id(SenderRef(number))), ["s1", "s2", ""]);
    }

    /// RULES §3.7
    #[test]
    fn a_retention_too_short_for_a_wallet_is_told_the_least_there_may_be() {
        let (mut engine, mut outcomes) = (Engine::new(Policy::default()), Vec::new());
        let wallet =
            WalletSetup { tag: "w", window: Some(Duration::from_millis(4 * DAY)), ..WalletSetup::default() };
        engine.apply(1_795_435_200_000, &Command::Wallet(wallet), &mut outcomes).unwrap();
        let policy = Policy::builder().retention(Duration::from_millis(7 * DAY)).build().unwrap();
        let refused = PolicyError { field: "retentionMs", value: 7 * DAY, min: 8 * DAY, max: 3_660 * DAY };
        assert_eq!(
            engine.apply(1_795_435_200_000, &Command::Policy(policy), &mut outcomes),
            Err(CommandError::InvalidPolicy(refused))
        );
    }

    /// RULES §8.2: what is kept of a forgotten opt-out is a hash under the key that the policy has then.
    #[test]
    fn a_forgotten_opt_out_is_known_by_a_hash_key_that_was_changed_before() {
        let (mut engine, mut outcomes) = (Engine::new(Policy::default()), Vec::new());
        let (at, phone) = (1_795_435_200_000, Target::Phone("5511988876204"));
        let policy = Policy::builder().hash_key(7).build().unwrap();
        for command in [Command::Policy(policy), Command::OptOut(phone), Command::Forget(phone)] {
            engine.apply(at, &command, &mut outcomes).unwrap();
        }
        let mut snapshot = Vec::new();
        engine.snapshot(&mut snapshot);
        for engine in [engine, Engine::restore(&snapshot).unwrap()] {
            assert_eq!(engine.contact(at, phone).unwrap().1.state, GateState::Suppressed);
        }
    }

    /// Whether they lie close together or far apart, or are there twice.
    #[test]
    fn dispatches_are_found_in_the_order_of_their_numbers() {
        for (numbers, expected) in [
            (&[][..], &[][..]),
            (&[7], &[0]),
            (&[9, 7, 8], &[1, 2, 0]),
            (&[9, 7, 13], &[1, 0, 2]),
            (&[900, 7, 1 << 62], &[1, 0, 2]),
            (&[9, 7, 9], &[1, 0, 2]),
        ] {
            let found = by_number(numbers, |number| *number).into_iter();
            assert!(found.filter(|index| *index != u32::MAX).eq(expected.iter().copied()), "{numbers:?}");
        }
    }
}
