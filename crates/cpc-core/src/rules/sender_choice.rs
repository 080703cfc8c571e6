//! Which number a message goes out from.
//!
//! [RULES §5.3 to §5.6](crate::rules#5-number-allocation). First the number the contact knows, then the numbers kept
//! for the operator, then whichever of the wallet's numbers has been used least for its weight. A number that
//! has reached a limit, that rests, or that would be late is none of these. Same state, same question, same
//! assignment: nothing is left to chance.

use crate::command::SenderState;
use crate::policy::{OperatorAffinity, Policy, Sticky};
use crate::senders::pace::send_at;
use crate::senders::pool::{Sender, SenderPool};
use crate::view::Obstacle;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Input to sender selection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SenderRequest<'a> {
    pub(crate) now: u64,
    pub(crate) wallet: u32,
    pub(crate) last_sender: Option<u32>,
    pub(crate) operator: &'a str,
    /// The senders that have failed this dispatch already.
    pub(crate) failed: &'a [u32],
}

/// A sender, and when it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) sender: u32,
    pub(crate) send_at: u64,
}

/// The state of the senders that a assignment is made from: the engine's own, or that of a preview.
pub(crate) trait SenderPoolView {
    /// The pool that this is a view of.
    fn base(&self) -> &SenderPool;
    /// How much a sender is used at `now`.
    fn usage(&self, sender: u32, now: u64) -> u64;
    /// How much a group is used at `now`.
    fn group_usage(&self, group: u32, now: u64) -> u64;
    /// A sender's arrival time, in µs.
    fn arrival(&self, sender: u32) -> u64;
    /// The first dispatches of a sender to leave its last 24 h after an instant: when, and how many.
    fn departure_after(&self, sender: u32, after: u64) -> Option<(u64, u64)>;
    /// The least used of the wallet's senders that are open to everybody.
    fn least_used(&self, policy: &Policy, request: &SenderRequest<'_>) -> Option<u32>;
}

/// The assignment of a sender ([RULES §5.4](crate::rules#5-number-allocation)).
pub(crate) fn choose<R: SenderPoolView>(
    view: &R,
    policy: &Policy,
    request: &SenderRequest<'_>,
) -> Option<Assignment> {
    let pool = view.base();
    let can = |sender: &u32| can_serve(view, policy, request, *sender);
    let give = |sender: u32| assign(view, request, sender);
    let sticky_sender = sticky_sender(pool, request);
    match (policy.sticky, sticky_sender) {
        (Sticky::Require, Some(sticky_sender)) => return Some(sticky_sender).filter(can).map(give),
        (Sticky::Prefer, Some(sticky_sender)) if can(&sticky_sender) => return Some(give(sticky_sender)),
        _ => {}
    }
    if policy.operator_affinity != OperatorAffinity::Ignore {
        let listing = pool.wallet(request.wallet).listing(request.operator);
        let kept = if listing.is_empty() { None } else { least_used_of(view, policy, request, listing) };
        if kept.is_some() || policy.operator_affinity == OperatorAffinity::Require {
            return kept.map(give);
        }
    }
    // The least-used tree cannot exclude individual senders, so after a failure scan the wallet instead.
    if !request.failed.is_empty() {
        return least_used_of(view, policy, request, &pool.wallet(request.wallet).senders).map(give);
    }
    let anybody = view.least_used(policy, request);
    // A number that only serves those it knows is not among them, but it may know this one.
    match sticky_sender
        .filter(|sticky_sender| is_reserved(view, request, *sticky_sender) && can(sticky_sender))
    {
        Some(sticky_sender) => better(view, request.now, anybody, sticky_sender),
        None => anybody,
    }
    .map(give)
}

/// The last sender, if it is of this wallet.
fn sticky_sender(pool: &SenderPool, request: &SenderRequest<'_>) -> Option<u32> {
    request.last_sender.filter(|sender| pool.sender(*sender).wallet == Some(request.wallet))
}

fn assign<R: SenderPoolView>(view: &R, request: &SenderRequest<'_>, sender: u32) -> Assignment {
    let pace = view.base().sender(sender).settings.pace;
    Assignment { sender, send_at: send_at(pace, request.now, view.arrival(sender)) }
}

fn is_reserved<R: SenderPoolView>(view: &R, request: &SenderRequest<'_>, sender: u32) -> bool {
    view.base().sender(sender).state_at(request.now).0 == SenderState::ExistingOnly
}

/// The better of two senders: less used for its weight, or added first.
fn better<R: SenderPoolView>(view: &R, now: u64, best: Option<u32>, next: u32) -> Option<u32> {
    let Some(best) = best else { return Some(next) };
    let load = |sender: u32| {
        let member = view.base().sender(sender);
        (u128::from(view.usage(sender, now)), u128::from(member.settings.weight), member.position)
    };
    let ((used, weight, position), (next_used, next_weight, next_position)) = (load(best), load(next));
    let order = (next_used * weight).cmp(&(used * next_weight)).then(next_position.cmp(&position));
    Some(if order.is_lt() { next } else { best })
}

/// The least used of some senders that can serve, by looking at all of them.
pub(crate) fn least_used_of<R: SenderPoolView>(
    view: &R,
    policy: &Policy,
    request: &SenderRequest<'_>,
    senders: &[u32],
) -> Option<u32> {
    let able = senders.iter().copied().filter(|sender| can_serve(view, policy, request, *sender));
    able.fold(None, |best, next| better(view, request.now, best, next))
}

/// Whether a sender is eligible ([RULES §5.3](crate::rules#5-number-allocation)).
fn can_serve<R: SenderPoolView>(view: &R, policy: &Policy, request: &SenderRequest<'_>, sender: u32) -> bool {
    let check = Check { view, policy, request, number: sender, sender: view.base().sender(sender) };
    !request.failed.contains(&sender) && check.all_pass(|_| false)
}

/// Everything that keeps a sender from serving this contact now.
pub(crate) fn obstacles<R: SenderPoolView>(
    view: &R,
    policy: &Policy,
    request: &SenderRequest<'_>,
    sender: u32,
) -> Vec<Obstacle> {
    let check = Check { view, policy, request, number: sender, sender: view.base().sender(sender) };
    let mut obstacles = Vec::new();
    check.all_pass(|obstacle| {
        obstacles.push(obstacle);
        true
    });
    obstacles
}

/// One sender, looked at for one contact.
struct Check<'a, R> {
    view: &'a R,
    policy: &'a Policy,
    request: &'a SenderRequest<'a>,
    number: u32,
    sender: &'a Sender,
}

impl<R: SenderPoolView> Check<'_, R> {
    /// Looks at everything that can keep a sender from serving, as long as each of them is absent or `may_pass`.
    #[inline]
    fn all_pass(&self, mut may_pass: impl FnMut(Obstacle) -> bool) -> bool {
        let mut passes = |obstacle: Option<Obstacle>| obstacle.is_none_or(&mut may_pass);
        passes(self.state())
            && passes(self.limit())
            && passes(self.group_limit())
            && passes(self.pace())
            && passes(self.last_sender())
            && passes(self.operator())
    }

    fn state(&self) -> Option<Obstacle> {
        let (state, _) = self.sender.state_at(self.request.now);
        let allows = match state {
            SenderState::Ready => true,
            SenderState::ExistingOnly => self.request.last_sender == Some(self.number),
            SenderState::Paused | SenderState::Quarantined | SenderState::Disabled => false,
        };
        (!allows).then_some(Obstacle::State)
    }

    fn limit(&self) -> Option<Obstacle> {
        let limit = self.sender.settings.daily_limit?;
        let reached = self.view.usage(self.number, self.request.now) >= u64::from(limit);
        reached.then_some(Obstacle::DailyLimit)
    }

    fn group_limit(&self) -> Option<Obstacle> {
        let group = self.sender.settings.group?;
        let limit = self.view.base().group(group).daily_limit?;
        let reached = self.view.group_usage(group, self.request.now) >= u64::from(limit);
        reached.then_some(Obstacle::GroupLimit)
    }

    fn pace(&self) -> Option<Obstacle> {
        let send_at = assign(self.view, self.request, self.number).send_at;
        (send_at > self.request.now + self.view.base().max_delay()).then_some(Obstacle::Pace)
    }

    fn last_sender(&self) -> Option<Obstacle> {
        let sticky_sender = sticky_sender(self.view.base(), self.request)?;
        (self.policy.sticky == Sticky::Require && sticky_sender != self.number)
            .then_some(Obstacle::NotLastSender)
    }

    fn operator(&self) -> Option<Obstacle> {
        is_for_others(self.policy, self.request, self.sender).then_some(Obstacle::Operator)
    }
}

fn is_for_others(policy: &Policy, request: &SenderRequest<'_>, sender: &Sender) -> bool {
    policy.operator_affinity == OperatorAffinity::Require && !sender.lists(request.operator)
}

/// When limits allow another dispatch. Computed once, and valid until a message is accepted.
#[derive(Clone, Debug, Default)]
pub(crate) struct RetryCache {
    senders: BTreeMap<u32, Option<u64>>,
    groups: BTreeMap<u32, Option<u64>>,
}

impl RetryCache {
    /// A message was accepted: what was computed is no longer valid.
    pub(crate) fn clear(&mut self) {
        self.senders.clear();
        self.groups.clear();
    }
}

/// When the wallet could serve a new contact, if nothing else happened ([RULES §5.6](crate::rules#5-number-allocation)).
pub(crate) fn new_contact_retry<R: SenderPoolView>(
    view: &R,
    policy: &Policy,
    request: &SenderRequest<'_>,
    retries: &mut RetryCache,
) -> Option<u64> {
    let new_contact = SenderRequest { last_sender: None, ..*request };
    let senders = view.base().wallet(request.wallet).senders.iter();
    senders.filter_map(|sender| eligible_from(view, policy, &new_contact, *sender, retries)).min()
}

/// When the wallet could serve this contact, if nothing else happened. `retained_until` is when the contact is as if
/// never seen, and has no last sender any more; `new_contact` is when it could serve a new contact.
pub(crate) fn retry_at<R: SenderPoolView>(
    view: &R,
    policy: &Policy,
    request: &SenderRequest<'_>,
    retained_until: Option<u64>,
    new_contact: Option<u64>,
    retries: &mut RetryCache,
) -> Option<u64> {
    let Some(sticky_sender) = sticky_sender(view.base(), request) else { return new_contact };
    let known = eligible_from(view, policy, request, sticky_sender, retries)
        .filter(|when| retained_until.is_none_or(|retained_until| *when < retained_until));
    let new_contact = match policy.sticky {
        Sticky::Require => {
            new_contact.and_then(|when| retained_until.map(|retained_until| when.max(retained_until)))
        }
        Sticky::Prefer | Sticky::Off => new_contact,
    };
    known.into_iter().chain(new_contact).min()
}

/// When a sender could serve, if nothing else happened; `None` if never. Not before `ask.now`.
pub(crate) fn eligible_from<R: SenderPoolView>(
    view: &R,
    policy: &Policy,
    request: &SenderRequest<'_>,
    sender: u32,
    retries: &mut RetryCache,
) -> Option<u64> {
    let member = view.base().sender(sender);
    if is_for_others(policy, request, member) {
        return None;
    }
    let state = match member.state_at(request.now) {
        (SenderState::Ready, _) => request.now,
        (SenderState::ExistingOnly, _) if request.last_sender == Some(sender) => request.now,
        (_, until) => until?,
    };
    let limit = member.settings.daily_limit;
    let only = || below(view, limit, core::iter::once(sender), request.now);
    let own = (*retries.senders.entry(sender).or_insert_with(only))?;
    let shared = match member.settings.group {
        Some(number) => {
            let group = view.base().group(number);
            let all = || below(view, group.daily_limit, group.members.iter().copied(), request.now);
            (*retries.groups.entry(number).or_insert_with(all))?
        }
        None => request.now,
    };
    let in_time = assign(view, request, sender).send_at.saturating_sub(view.base().max_delay());
    Some(state.max(own).max(shared).max(in_time))
}

/// When the usage of some senders together falls below a limit.
fn below<R: SenderPoolView>(
    view: &R,
    limit: Option<u32>,
    senders: impl Iterator<Item = u32> + Clone,
    now: u64,
) -> Option<u64> {
    let Some(limit) = limit.map(u64::from) else { return Some(now) };
    let mut usage: u64 = senders.clone().map(|sender| view.usage(sender, now)).sum();
    let mut when = now;
    while usage >= limit {
        let departures = senders.clone().filter_map(|sender| view.departure_after(sender, when));
        let next = departures.map(|(next, _)| next).min()?;
        let leaving = senders.clone().filter_map(|sender| view.departure_after(sender, when));
        usage -= leaving.filter(|(left, _)| *left == next).map(|(_, count)| count).sum::<u64>();
        when = next;
    }
    Some(when)
}

impl SenderPoolView for SenderPool {
    fn base(&self) -> &SenderPool {
        self
    }

    /// The pool has been brought to `now` before anything is asked of it.
    fn usage(&self, sender: u32, _now: u64) -> u64 {
        self.sender(sender).usage_window.total()
    }

    fn group_usage(&self, group: u32, _now: u64) -> u64 {
        SenderPool::group_usage(self, group)
    }

    fn arrival(&self, sender: u32) -> u64 {
        self.sender(sender).arrival
    }

    fn departure_after(&self, sender: u32, after: u64) -> Option<(u64, u64)> {
        self.sender(sender).usage_window.departure_after(after)
    }

    fn least_used(&self, _policy: &Policy, request: &SenderRequest<'_>) -> Option<u32> {
        SenderPool::least_used(self, request.wallet)
    }
}
