//! Which number a message goes out from.
//!
//! [RULES §5.3 to §5.6](crate#5-number-allocation). First the number the contact knows, then the numbers kept
//! for the operator, then whichever of the wallet's numbers has been used least for its weight. A number that
//! has reached a limit, that rests, or that would be late is none of these. Same state, same question, same
//! choice: nothing is left to chance.

use crate::command::SenderState;
use crate::policy::{OperatorAffinity, Policy, Sticky};
use crate::senders::pool::{Fleet, Sender, send_at};
use crate::view::Obstacle;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// For whom a sender is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) now: u64,
    pub(crate) wallet: u32,
    pub(crate) last_sender: Option<u32>,
    pub(crate) operator: &'a str,
    /// The senders that have failed this dispatch already.
    pub(crate) failed: &'a [u32],
}

/// A sender, and when it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) sender: u32,
    pub(crate) send_at: u64,
}

/// The state of the senders that a choice is made from: the engine's own, or that of a preview.
pub(crate) trait Roster {
    /// Who is there.
    fn fleet(&self) -> &Fleet;
    /// How much a sender is used at `now`.
    fn usage(&self, sender: u32, now: u64) -> u64;
    /// How much a group is used at `now`.
    fn group_usage(&self, group: u32, now: u64) -> u64;
    /// A sender's arrival time, in µs.
    fn arrival(&self, sender: u32) -> u64;
    /// The first dispatches of a sender to leave its last 24 h after an instant: when, and how many.
    fn departure_after(&self, sender: u32, after: u64) -> Option<(u64, u64)>;
    /// The least used of the wallet's senders that are open to everybody.
    fn least_used(&self, policy: &Policy, ask: &Ask<'_>) -> Option<u32>;
}

/// The choice of a sender ([RULES §5.4](crate#5-number-allocation)).
pub(crate) fn choose<R: Roster>(roster: &R, policy: &Policy, ask: &Ask<'_>) -> Option<Choice> {
    let fleet = roster.fleet();
    let can = |sender: &u32| can_serve(roster, policy, ask, *sender);
    let give = |sender: u32| choice(roster, ask, sender);
    let home = home(fleet, ask);
    match (policy.sticky, home) {
        (Sticky::Require, Some(home)) => return Some(home).filter(can).map(give),
        (Sticky::Prefer, Some(home)) if can(&home) => return Some(give(home)),
        _ => {}
    }
    if policy.operator_affinity != OperatorAffinity::Ignore {
        let listing = fleet.wallet(ask.wallet).listing(ask.operator);
        let kept = if listing.is_empty() { None } else { least_used_of(roster, policy, ask, listing) };
        if kept.is_some() || policy.operator_affinity == OperatorAffinity::Require {
            return kept.map(give);
        }
    }
    // Whoever has failed this dispatch must be left out, which the standings of all do not know.
    if !ask.failed.is_empty() {
        return least_used_of(roster, policy, ask, &fleet.wallet(ask.wallet).senders).map(give);
    }
    let anybody = roster.least_used(policy, ask);
    // A number that only serves those it knows is not among them, but it may know this one.
    match home.filter(|home| is_reserved(roster, ask, *home) && can(home)) {
        Some(home) => better(roster, ask.now, anybody, home),
        None => anybody,
    }
    .map(give)
}

/// The last sender, if it is of this wallet.
fn home(fleet: &Fleet, ask: &Ask<'_>) -> Option<u32> {
    ask.last_sender.filter(|sender| fleet.sender(*sender).wallet == Some(ask.wallet))
}

fn choice<R: Roster>(roster: &R, ask: &Ask<'_>, sender: u32) -> Choice {
    let pace = roster.fleet().sender(sender).settings.pace;
    Choice { sender, send_at: send_at(pace, ask.now, roster.arrival(sender)) }
}

fn is_reserved<R: Roster>(roster: &R, ask: &Ask<'_>, sender: u32) -> bool {
    roster.fleet().sender(sender).standing(ask.now).0 == SenderState::ExistingOnly
}

/// The better of two senders: less used for its weight, or added first.
fn better<R: Roster>(roster: &R, now: u64, best: Option<u32>, next: u32) -> Option<u32> {
    let Some(best) = best else { return Some(next) };
    let load = |sender: u32| {
        let member = roster.fleet().sender(sender);
        (u128::from(roster.usage(sender, now)), u128::from(member.settings.weight), member.position)
    };
    let ((used, weight, position), (next_used, next_weight, next_position)) = (load(best), load(next));
    let order = (next_used * weight).cmp(&(used * next_weight)).then(next_position.cmp(&position));
    Some(if order.is_lt() { next } else { best })
}

/// The least used of some senders that can serve, by looking at all of them.
pub(crate) fn least_used_of<R: Roster>(
    roster: &R,
    policy: &Policy,
    ask: &Ask<'_>,
    senders: &[u32],
) -> Option<u32> {
    let able = senders.iter().copied().filter(|sender| can_serve(roster, policy, ask, *sender));
    able.fold(None, |best, next| better(roster, ask.now, best, next))
}

/// Whether a sender is eligible ([RULES §5.3](crate#5-number-allocation)).
fn can_serve<R: Roster>(roster: &R, policy: &Policy, ask: &Ask<'_>, sender: u32) -> bool {
    let check = Check { roster, policy, ask, number: sender, sender: roster.fleet().sender(sender) };
    !ask.failed.contains(&sender) && check.all_pass(|_| false)
}

/// Everything that keeps a sender from serving this contact now.
pub(crate) fn obstacles<R: Roster>(roster: &R, policy: &Policy, ask: &Ask<'_>, sender: u32) -> Vec<Obstacle> {
    let check = Check { roster, policy, ask, number: sender, sender: roster.fleet().sender(sender) };
    let mut obstacles = Vec::new();
    check.all_pass(|obstacle| {
        obstacles.push(obstacle);
        true
    });
    obstacles
}

/// One sender, looked at for one contact.
struct Check<'a, R> {
    roster: &'a R,
    policy: &'a Policy,
    ask: &'a Ask<'a>,
    number: u32,
    sender: &'a Sender,
}

impl<R: Roster> Check<'_, R> {
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
        let (state, _) = self.sender.standing(self.ask.now);
        let allows = match state {
            SenderState::Ready => true,
            SenderState::ExistingOnly => self.ask.last_sender == Some(self.number),
            SenderState::Paused | SenderState::Quarantined | SenderState::Disabled => false,
        };
        (!allows).then_some(Obstacle::State(state))
    }

    fn limit(&self) -> Option<Obstacle> {
        let limit = self.sender.settings.daily_limit?;
        let reached = self.roster.usage(self.number, self.ask.now) >= u64::from(limit);
        reached.then_some(Obstacle::DailyLimit)
    }

    fn group_limit(&self) -> Option<Obstacle> {
        let group = self.sender.settings.group?;
        let limit = self.roster.fleet().group(group).daily_limit?;
        let reached = self.roster.group_usage(group, self.ask.now) >= u64::from(limit);
        reached.then_some(Obstacle::GroupLimit)
    }

    fn pace(&self) -> Option<Obstacle> {
        let send_at = choice(self.roster, self.ask, self.number).send_at;
        (send_at > self.ask.now + self.roster.fleet().max_delay()).then_some(Obstacle::Pace)
    }

    fn last_sender(&self) -> Option<Obstacle> {
        let home = home(self.roster.fleet(), self.ask)?;
        (self.policy.sticky == Sticky::Require && home != self.number).then_some(Obstacle::NotLastSender)
    }

    fn operator(&self) -> Option<Obstacle> {
        is_for_others(self.policy, self.ask, self.sender).then_some(Obstacle::Operator)
    }
}

fn is_for_others(policy: &Policy, ask: &Ask<'_>, sender: &Sender) -> bool {
    policy.operator_affinity == OperatorAffinity::Require && !sender.lists(ask.operator)
}

/// When limits leave room again. Found once, and true until somebody is given a message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room {
    senders: BTreeMap<u32, Option<u64>>,
    groups: BTreeMap<u32, Option<u64>>,
}

impl Room {
    /// Somebody was given a message.
    pub(crate) fn clear(&mut self) {
        self.senders.clear();
        self.groups.clear();
    }
}

/// When the wallet could serve somebody it does not know, if nothing else happened ([RULES §5.6](crate#5-number-allocation)).
pub(crate) fn stranger_retry<R: Roster>(
    roster: &R,
    policy: &Policy,
    ask: &Ask<'_>,
    room: &mut Room,
) -> Option<u64> {
    let stranger = Ask { last_sender: None, ..*ask };
    let senders = roster.fleet().wallet(ask.wallet).senders.iter();
    senders.filter_map(|sender| eligible_from(roster, policy, &stranger, *sender, room)).min()
}

/// When the wallet could serve this contact, if nothing else happened. `lapse` is when the contact is as if
/// never seen, and has no last sender any more; `stranger` is when it could serve somebody it does not know.
pub(crate) fn retry_at<R: Roster>(
    roster: &R,
    policy: &Policy,
    ask: &Ask<'_>,
    lapse: Option<u64>,
    stranger: Option<u64>,
    room: &mut Room,
) -> Option<u64> {
    let Some(home) = home(roster.fleet(), ask) else { return stranger };
    let known =
        eligible_from(roster, policy, ask, home, room).filter(|when| lapse.is_none_or(|lapse| *when < lapse));
    let stranger = match policy.sticky {
        Sticky::Require => stranger.and_then(|when| lapse.map(|lapse| when.max(lapse))),
        Sticky::Prefer | Sticky::Off => stranger,
    };
    known.into_iter().chain(stranger).min()
}

/// When a sender could serve, if nothing else happened; `None` if never. Not before `ask.now`.
pub(crate) fn eligible_from<R: Roster>(
    roster: &R,
    policy: &Policy,
    ask: &Ask<'_>,
    sender: u32,
    room: &mut Room,
) -> Option<u64> {
    let member = roster.fleet().sender(sender);
    if is_for_others(policy, ask, member) {
        return None;
    }
    let state = match member.standing(ask.now) {
        (SenderState::Ready, _) => ask.now,
        (SenderState::ExistingOnly, _) if ask.last_sender == Some(sender) => ask.now,
        (_, until) => until?,
    };
    let limit = member.settings.daily_limit;
    let only = || below(roster, limit, core::iter::once(sender), ask.now);
    let own = (*room.senders.entry(sender).or_insert_with(only))?;
    let shared = match member.settings.group {
        Some(number) => {
            let group = roster.fleet().group(number);
            let all = || below(roster, group.daily_limit, group.members.iter().copied(), ask.now);
            (*room.groups.entry(number).or_insert_with(all))?
        }
        None => ask.now,
    };
    let in_time = choice(roster, ask, sender).send_at.saturating_sub(roster.fleet().max_delay());
    Some(state.max(own).max(shared).max(in_time))
}

/// When the usage of some senders together falls below a limit.
fn below<R: Roster>(
    roster: &R,
    limit: Option<u32>,
    senders: impl Iterator<Item = u32> + Clone,
    now: u64,
) -> Option<u64> {
    let Some(limit) = limit.map(u64::from) else { return Some(now) };
    let mut usage: u64 = senders.clone().map(|sender| roster.usage(sender, now)).sum();
    let mut when = now;
    while usage >= limit {
        let departures = senders.clone().filter_map(|sender| roster.departure_after(sender, when));
        let next = departures.map(|(next, _)| next).min()?;
        let leaving = senders.clone().filter_map(|sender| roster.departure_after(sender, when));
        usage -= leaving.filter(|(left, _)| *left == next).map(|(_, count)| count).sum::<u64>();
        when = next;
    }
    Some(when)
}

impl Roster for Fleet {
    fn fleet(&self) -> &Fleet {
        self
    }

    /// The fleet has been brought to `now` before anything is asked of it.
    fn usage(&self, sender: u32, _now: u64) -> u64 {
        self.sender(sender).ring.total()
    }

    fn group_usage(&self, group: u32, _now: u64) -> u64 {
        Fleet::group_usage(self, group)
    }

    fn arrival(&self, sender: u32) -> u64 {
        self.sender(sender).arrival
    }

    fn departure_after(&self, sender: u32, after: u64) -> Option<(u64, u64)> {
        self.sender(sender).ring.departure_after(after)
    }

    fn least_used(&self, _policy: &Policy, ask: &Ask<'_>) -> Option<u32> {
        Fleet::least_used(self, ask.wallet)
    }
}
