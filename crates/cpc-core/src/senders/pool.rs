//! Wallets, their senders, and the groups that senders share a limit in.
//!
//! [RULES §5](crate::rules#5-number-allocation): what there is, and how much of it is used. How one is chosen is in
//! [`crate::rules::sender_choice`], how the set changes in [`crate::senders::configure`]. Usage falls by itself as time passes; a small
//! queue says which sender changes next, so a command touches only the senders that really have.

use crate::command::{Pace, SenderState};
use crate::senders::least_used::{LeastUsedTree, RankedSender};
use crate::senders::pace::{next_arrival, send_at};
use crate::senders::usage_window::UsageWindow;
use crate::time::DAY;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, BinaryHeap};
use alloc::vec::Vec;
use core::cmp::Reverse;

/// What a host sets of a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) weight: u32,
    pub(crate) daily_limit: Option<u32>,
    pub(crate) pace: Option<Pace>,
    /// Sorted.
    pub(crate) operators: Vec<Box<str>>,
    pub(crate) group: Option<u32>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { weight: 1, daily_limit: None, pace: None, operators: Vec::new(), group: None }
    }
}

/// A sender: a member of a wallet, or one that was and that contacts still remember.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sender {
    pub(crate) id: Box<str>,
    pub(crate) wallet: Option<u32>,
    pub(crate) settings: Settings,
    state: SenderState,
    /// When the state lapses into `ready`.
    until: Option<u64>,
    /// GCRA's theoretical arrival time, in µs.
    pub(crate) arrival: u64,
    pub(crate) usage_window: UsageWindow,
    /// Its place among the wallet's senders, which breaks ties.
    pub(crate) position: u32,
    bucket: u32,
    index: u32,
    /// When it is looked at next.
    event: Option<u64>,
    /// Another, later time that is in the queue for it already.
    parked: Option<u64>,
}

impl Sender {
    pub(crate) fn new(id: &str) -> Sender {
        Sender { id: id.into(), ..Sender::default() }
    }

    /// Its state at an instant, and when that lapses.
    pub(crate) fn state_at(&self, now: u64) -> (SenderState, Option<u64>) {
        match self.until {
            Some(until) if until <= now => (SenderState::Ready, None),
            until => (self.state, until),
        }
    }

    pub(crate) fn set_state(&mut self, state: SenderState, until: Option<u64>) {
        self.state = state;
        self.until = until;
    }

    pub(crate) fn lists(&self, operator: &str) -> bool {
        self.settings.operators.binary_search_by(|listed| (**listed).cmp(operator)).is_ok()
    }
}

/// A limit that senders share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) name: Box<str>,
    pub(crate) daily_limit: Option<u32>,
    pub(crate) members: BTreeSet<u32>,
    /// The usage of its members, as far as the pool has come.
    usage: u64,
}

impl Group {
    pub(crate) fn new(name: &str) -> Group {
        Group { name: name.into(), ..Group::default() }
    }
}

/// Senders of a wallet that share a group, or that have none.
#[derive(Clone, Debug)]
struct GroupBucket {
    group: Option<u32>,
    least_used: LeastUsedTree,
}

/// A pool of senders.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wallet {
    pub(crate) tag: Box<str>,
    pub(crate) window: Option<u64>,
    /// Sorted; empty if anybody may use it.
    pub(crate) operators: Vec<Box<str>>,
    /// In the order in which they were added.
    pub(crate) senders: Vec<u32>,
    buckets: Vec<GroupBucket>,
    /// The senders that list an operator.
    by_operator: BTreeMap<Box<str>, Vec<u32>>,
}

impl Wallet {
    pub(crate) fn new(tag: &str) -> Wallet {
        Wallet { tag: tag.into(), ..Wallet::default() }
    }

    /// Whether an operator may use the wallet.
    pub(crate) fn admits(&self, operator: &str) -> bool {
        self.operators.is_empty()
            || self.operators.binary_search_by(|listed| (**listed).cmp(operator)).is_ok()
    }

    /// The senders that list an operator, in the order in which they were added.
    pub(crate) fn listing(&self, operator: &str) -> &[u32] {
        if self.by_operator.is_empty() {
            return &[];
        }
        self.by_operator.get(operator).map_or(&[], Vec::as_slice)
    }
}

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub(crate) struct SenderPool {
    pub(crate) senders: Vec<Sender>,
    pub(crate) by_id: BTreeMap<Box<str>, u32>,
    pub(crate) groups: Vec<Group>,
    pub(crate) group_by_name: BTreeMap<Box<str>, u32>,
    pub(crate) free_groups: Vec<u32>,
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) by_tag: BTreeMap<Box<str>, u32>,
    pub(crate) free_wallets: Vec<u32>,
    /// When which sender is looked at next; entries that its `event` does not confirm mean nothing.
    events: BinaryHeap<Reverse<(u64, u32)>>,
    /// The policy's longest delay, in ms.
    max_delay: u64,
}

#[expect(clippy::indexing_slicing, reason = "senders, groups and wallets are numbered by the pool itself")]
impl SenderPool {
    pub(crate) fn sender(&self, number: u32) -> &Sender {
        &self.senders[number as usize]
    }

    pub(crate) fn sender_mut(&mut self, number: u32) -> &mut Sender {
        &mut self.senders[number as usize]
    }

    pub(crate) fn group(&self, number: u32) -> &Group {
        &self.groups[number as usize]
    }

    pub(crate) fn group_mut(&mut self, number: u32) -> &mut Group {
        &mut self.groups[number as usize]
    }

    pub(crate) fn wallet(&self, number: u32) -> &Wallet {
        &self.wallets[number as usize]
    }

    pub(crate) fn wallet_mut(&mut self, number: u32) -> &mut Wallet {
        &mut self.wallets[number as usize]
    }
}

impl SenderPool {
    pub(crate) fn wallet_number(&self, tag: &str) -> Option<u32> {
        self.by_tag.get(tag).copied()
    }

    pub(crate) fn sender_number(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn max_delay(&self) -> u64 {
        self.max_delay
    }

    /// How far pacing may put a message off has changed.
    pub(crate) fn set_max_delay(&mut self, max_delay: u64, now: u64) {
        self.max_delay = max_delay;
        for number in 0..self.senders.len() as u32 {
            self.refresh(number, now);
        }
    }

    /// The usage of a group, as far as the pool has come.
    pub(crate) fn group_usage(&self, number: u32) -> u64 {
        self.group(number).usage
    }

    fn is_full(&self, group: u32) -> bool {
        let group = self.group(group);
        group.daily_limit.is_some_and(|limit| group.usage >= u64::from(limit))
    }

    /// Brings usage and states to `now`.
    pub(crate) fn advance(&mut self, now: u64) {
        while let Some(Reverse((when, number))) = self.events.peek().copied().filter(|next| next.0.0 <= now) {
            self.events.pop();
            let sender = self.sender_mut(number);
            if sender.parked == Some(when) {
                sender.parked = None;
            }
            if sender.event == Some(when) {
                sender.event = None;
                self.refresh(number, now);
            }
        }
    }

    /// A sender may have changed: its usage, its state, its pace, its settings.
    pub(crate) fn refresh(&mut self, number: u32, now: u64) {
        let sender = self.sender_mut(number);
        let gone = sender.usage_window.prune(now);
        let (state, until) = sender.state_at(now);
        sender.set_state(state, until);
        if let Some(group) = sender.settings.group.filter(|_| gone > 0) {
            self.group_mut(group).usage -= gone;
        }
        self.rank(number, now);
    }

    /// Puts a sender, whose usage and state are up to date, where it belongs among the others, and notes when
    /// it changes next.
    fn rank(&mut self, number: u32, now: u64) {
        let max_delay = self.max_delay;
        let sender = self.sender(number);
        let in_time = match sender.settings.pace {
            Some(pace) => send_at(Some(pace), now, sender.arrival).saturating_sub(max_delay),
            None => now,
        };
        let next =
            [sender.usage_window.next_departure(), sender.until, Some(in_time).filter(|when| *when > now)];
        if let Some(when) = next.into_iter().flatten().min()
            && sender.event.is_none_or(|event| when < event)
        {
            self.schedule(number, when);
        }
        self.rerank(number, in_time <= now);
    }

    /// Puts a sender where it belongs among the others, given whether it would not be late.
    #[inline]
    fn rerank(&mut self, number: u32, in_time: bool) {
        let sender = self.sender(number);
        let usage = sender.usage_window.total();
        let limit = sender.settings.daily_limit.map_or(u64::MAX, u64::from);
        let open = sender.state == SenderState::Ready && usage < limit && in_time;
        let (bucket, index) = (sender.bucket as usize, sender.index);
        let Some(wallet) = sender.wallet else { return };
        if let Some(bucket) = self.wallet_mut(wallet).buckets.get_mut(bucket) {
            bucket.least_used.update(index, open, usage);
        }
    }

    /// A sender changes at an instant, earlier than it is looked at next. A later change is found when it is
    /// looked at; an earlier one needs a place in the queue.
    fn schedule(&mut self, number: u32, when: u64) {
        let sender = self.sender_mut(number);
        // A paced sender changes every now and then, and once a day: the day's place is kept meanwhile.
        let is_queued = sender.parked == Some(when);
        sender.parked = sender.event.or(sender.parked.filter(|_| !is_queued));
        sender.event = Some(when);
        if !is_queued {
            self.events.push(Reverse((when, number)));
        }
    }

    /// A sender is given a message at `now` that goes out at `t0`.
    pub(crate) fn allocate(&mut self, number: u32, now: u64, t0: u64) {
        let sender = self.sender_mut(number);
        sender.arrival = next_arrival(sender.settings.pace, now, sender.arrival);
        self.count(number, now, t0);
    }

    /// Counts a dispatch at `t0` on a sender, without pace.
    pub(crate) fn count(&mut self, number: u32, now: u64, t0: u64) {
        let sender = self.sender_mut(number);
        // Without a pace nothing about it changes any earlier than was known, but for what leaves before all others: the
        // first that it counts, and what was taken over.
        let leaves_first = sender.usage_window.next_departure().is_none_or(|next| t0 + DAY < next);
        let is_sooner = sender.settings.pace.is_some() || leaves_first;
        sender.usage_window.add(t0);
        if let Some(group) = sender.settings.group {
            self.group_mut(group).usage += 1;
        }
        if is_sooner { self.rank(number, now) } else { self.rerank(number, true) }
    }

    /// Counts dispatches of one instant on a sender that is being restored.
    pub(crate) fn count_many(&mut self, number: u32, t0: u64, count: u64) {
        let sender = self.sender_mut(number);
        sender.usage_window.add_many(t0, count);
        if let Some(group) = sender.settings.group {
            self.group_mut(group).usage += count;
        }
    }

    /// A sender did not send what it was given for `t0`.
    pub(crate) fn give_back(&mut self, number: u32, now: u64, t0: u64) {
        let sender = self.sender_mut(number);
        if !sender.usage_window.give_back(t0) {
            return;
        }
        if let Some(group) = sender.settings.group {
            self.group_mut(group).usage -= 1;
        }
        self.refresh(number, now);
    }

    /// The least used sender of a wallet that is open to everybody ([RULES §5.4](crate::rules#5-number-allocation)).
    #[inline]
    pub(crate) fn least_used(&self, wallet: u32) -> Option<u32> {
        let buckets = &self.wallet(wallet).buckets;
        if let [GroupBucket { group: None, least_used }] = buckets.as_slice() {
            return least_used.winner().map(|winner| winner.sender);
        }
        let open = buckets.iter();
        let open = open.filter(|bucket| bucket.group.is_none_or(|group| !self.is_full(group)));
        let winners = open.filter_map(|bucket| bucket.least_used.winner());
        winners.reduce(|best, next| self.goes_first(best, next)).map(|winner| winner.sender)
    }

    fn goes_first(&self, a: RankedSender, b: RankedSender) -> RankedSender {
        let added_first = self.sender(b.sender).position < self.sender(a.sender).position;
        if b.is_less_used(&a) || added_first && !a.is_less_used(&b) { b } else { a }
    }

    /// Puts a sender into a group, or takes it out of one; its usage moves with it.
    pub(crate) fn set_group(&mut self, number: u32, group: Option<u32>) {
        let sender = self.sender_mut(number);
        let usage = sender.usage_window.total();
        let before = core::mem::replace(&mut sender.settings.group, group);
        if let Some(group) = group.map(|group| self.group_mut(group)) {
            group.members.insert(number);
            group.usage += usage;
        }
        if let Some(before) = before {
            let left = self.group_mut(before);
            // Into the same group again: it never left.
            if group != Some(before) {
                left.members.remove(&number);
            }
            left.usage -= usage;
            self.drop_empty_group(before);
        }
    }

    /// A group that has neither members nor a limit means nothing, and its number can be used again.
    pub(crate) fn drop_empty_group(&mut self, number: u32) {
        let group = self.group(number);
        if group.members.is_empty() && group.daily_limit.is_none() && !group.name.is_empty() {
            let name = core::mem::take(self.group_mut(number)).name;
            self.group_by_name.remove(&name);
            self.free_groups.push(number);
        }
    }

    /// The senders of a wallet have changed: seats them again.
    pub(crate) fn rebuild_ranking(&mut self, wallet: u32, now: u64) {
        let members = self.wallet(wallet).senders.clone();
        let mut buckets: Vec<(Option<u32>, Vec<RankedSender>)> = Vec::new();
        let mut bucket_of_group = BTreeMap::new();
        let mut by_operator: BTreeMap<Box<str>, Vec<u32>> = BTreeMap::new();
        for (position, number) in members.iter().copied().enumerate() {
            let sender = self.sender_mut(number);
            let group = sender.settings.group;
            let bucket = *bucket_of_group.entry(group).or_insert_with(|| {
                buckets.push((group, Vec::new()));
                buckets.len() - 1
            });
            let Some((_, ranked)) = buckets.get_mut(bucket) else { continue };
            sender.position = position as u32;
            sender.bucket = bucket as u32;
            sender.index = ranked.len() as u32;
            let weight = sender.settings.weight;
            ranked.push(RankedSender::new(number, weight));
            for operator in &sender.settings.operators {
                by_operator.entry(operator.clone()).or_default().push(number);
            }
        }
        let ranking = buckets.into_iter();
        let wallet = self.wallet_mut(wallet);
        wallet.buckets = ranking
            .map(|(group, ranked)| GroupBucket { group, least_used: LeastUsedTree::new(&ranked) })
            .collect();
        wallet.by_operator = by_operator;
        for number in members {
            self.refresh(number, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{SenderSetup, WalletSetup};
    use crate::policy::Policy;

    /// However often a sender is late, rests and is looked at, the queue holds what is to come and no more.
    #[test]
    fn a_sender_is_queued_once_for_an_instant() {
        let (mut pool, mut now) = (SenderPool::default(), 1_795_435_200_000);
        let pace = Some(Pace { per_second: 1, burst: 1 });
        let senders = [SenderSetup { id: "s", pace, ..SenderSetup::default() }];
        let wallet = WalletSetup { tag: "w", senders: &senders, ..WalletSetup::default() };
        assert_eq!(pool.set_wallet(&wallet, now, &Policy::default()), Ok(true));
        let (wallet, sender) = (pool.wallet_number("w").unwrap(), pool.sender_number("s").unwrap());
        for _ in 0..1_000 {
            now += 5_000;
            pool.advance(now);
            assert_eq!(pool.least_used(wallet), Some(sender));
            pool.allocate(sender, now, now);
            assert_eq!(pool.least_used(wallet), None, "the next would be late");
            pool.sender_mut(sender).set_state(SenderState::Paused, Some(now + 3_000));
            for _ in 0..3 {
                pool.refresh(sender, now);
            }
            pool.advance(now + 2_000);
            assert_eq!(pool.least_used(wallet), None, "it rests");
        }
        // The end of its rest, and of the day of its first message.
        assert_eq!(pool.events.len(), 2);
    }

    #[test]
    fn a_restored_sender_counts_for_its_group() {
        let (mut pool, now) = (SenderPool::default(), 1_795_435_200_000);
        let senders = [SenderSetup { id: "s", group: Some("g"), ..SenderSetup::default() }];
        let wallet = WalletSetup { tag: "w", senders: &senders, ..WalletSetup::default() };
        assert_eq!(pool.set_wallet(&wallet, now, &Policy::default()), Ok(true));
        let (sender, group) = (pool.sender_number("s").unwrap(), pool.group_by_name["g"]);
        pool.count_many(sender, now, 4);
        pool.count_many(sender, now + 1, 2);
        assert_eq!((pool.sender(sender).usage_window.total(), pool.group_usage(group)), (6, 6));
    }
}
