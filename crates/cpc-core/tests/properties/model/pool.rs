//! Wallets, senders and groups, and who is chosen. RULES §5.

use super::event::{Event, SenderSettings, Standing};
use super::history::{Contact, History};
use cpc_core::{OperatorAffinity, Pace, SenderState, Sticky};
use std::collections::BTreeMap;

const DAY: u64 = 24 * 60 * 60 * 1000;

/// Wallets and groups as the events left them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pool {
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) groups: BTreeMap<String, Option<u32>>,
}

/// A wallet with its senders in the order in which they were added.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wallet {
    pub(crate) tag: String,
    pub(crate) window: Option<u64>,
    pub(crate) operators: Vec<String>,
    pub(crate) senders: Vec<Sender>,
}

/// A sender of a wallet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sender {
    pub(crate) settings: SenderSettings,
    pub(crate) standing: Standing,
}

impl Pool {
    pub(crate) fn of(history: &History) -> Pool {
        let mut pool = Pool::default();
        history.events().for_each(|event| pool.see(event));
        pool
    }

    fn see(&mut self, event: &Event) {
        match event {
            Event::Wallet(settings) => {
                let old = self.wallet(&settings.tag).map_or(&[][..], |wallet| &wallet.senders);
                let listed = |id: &str| settings.senders.iter().find(|sender| sender.id == id);
                // Those that stay, in their old order, then the new ones. RULES §5.
                let staying = old.iter().filter_map(|sender| {
                    let settings = listed(&sender.settings.id)?.clone();
                    Some(Sender { settings, standing: sender.standing })
                });
                let is_new = |id: &str| !old.iter().any(|sender| sender.settings.id == id);
                let new = settings.senders.iter().filter(|sender| is_new(&sender.id));
                let new = new.map(|new| Sender { settings: new.clone(), standing: Standing::READY });
                let wallet = Wallet {
                    tag: settings.tag.clone(),
                    window: settings.window,
                    operators: settings.operators.clone(),
                    senders: staying.chain(new).collect(),
                };
                match self.wallets.iter_mut().find(|old| old.tag == settings.tag) {
                    Some(old) => *old = wallet,
                    None => self.wallets.push(wallet),
                }
            }
            Event::WalletRemoved(tag) => self.wallets.retain(|wallet| wallet.tag != *tag),
            Event::Sender { tag, settings, standing } => {
                let sender = Sender { settings: settings.clone(), standing: *standing };
                let wallet = self.wallets.iter_mut().find(|wallet| wallet.tag == *tag);
                let senders = &mut wallet.expect("a sender's wallet is there").senders;
                match senders.iter_mut().find(|old| old.settings.id == settings.id) {
                    Some(old) => *old = sender,
                    None => senders.push(sender),
                }
            }
            Event::SenderRemoved(id) => {
                self.wallets
                    .iter_mut()
                    .for_each(|wallet| wallet.senders.retain(|old| old.settings.id != *id));
            }
            Event::Quarantined { sender, until } => {
                let senders = self.wallets.iter_mut().flat_map(|wallet| &mut wallet.senders);
                for sender in senders.filter(|found| found.settings.id == *sender) {
                    sender.standing = Standing { state: SenderState::Quarantined, until: Some(*until) };
                }
            }
            Event::Group { name, limit } => {
                self.groups.insert(name.clone(), *limit);
            }
            _ => {}
        }
    }

    pub(crate) fn wallet(&self, tag: &str) -> Option<&Wallet> {
        self.wallets.iter().find(|wallet| wallet.tag == tag)
    }

    /// A sender, in whichever wallet it is now.
    pub(crate) fn sender(&self, id: &str) -> Option<(&Wallet, &Sender)> {
        self.wallets.iter().find_map(|wallet| Some((wallet, wallet.sender(id)?)))
    }

    /// The pool with all states as they are at an instant, so that two pools can be compared.
    pub(crate) fn at(mut self, now: u64) -> Pool {
        for sender in self.wallets.iter_mut().flat_map(|wallet| &mut wallet.senders) {
            sender.standing = sender.standing.at(now);
        }
        // A group without a limit is no group.
        self.groups.retain(|_, limit| limit.is_some());
        self
    }

    pub(crate) fn group_limit(&self, name: &str) -> Option<u32> {
        self.groups.get(name).copied().flatten()
    }
}

impl Wallet {
    pub(crate) fn sender(&self, id: &str) -> Option<&Sender> {
        self.senders.iter().find(|sender| sender.settings.id == id)
    }
}

/// A message that used a sender: the sender, and when the message goes out.
#[derive(Debug)]
struct Allocation {
    cycle: usize,
    sender: String,
    t0: u64,
}

/// The allocations that were not given back, imported ones included. RULES §5.1, §7.
fn allocations(history: &History) -> Vec<Allocation> {
    let mut standing: Vec<Allocation> = Vec::new();
    for event in history.events() {
        if let Some(cycle) = event.opened() {
            let (number, t0) = (cycle.number, cycle.t0);
            let sender = cycle.sender.iter().cloned();
            standing.extend(sender.map(|sender| Allocation { cycle: number, sender, t0 }));
        }
        match event {
            Event::Moved { cycle, sender, t0, .. } => {
                standing.retain(|old| old.cycle != *cycle);
                standing.push(Allocation { cycle: *cycle, sender: sender.clone(), t0: *t0 });
            }
            Event::Released { cycle } => standing.retain(|old| old.cycle != *cycle),
            _ => {}
        }
    }
    standing
}

/// GCRA in whole microseconds. RULES §5.2.
#[derive(Clone, Copy)]
struct Gcra {
    interval: i128,
    burst: i128,
}

impl Gcra {
    fn of(pace: Pace) -> Gcra {
        let interval = i128::from(1_000_000_u32.div_ceil(pace.per_second));
        Gcra { interval, burst: i128::from(pace.burst) }
    }

    /// The earliest start in µs, at `now` in ms.
    fn start(self, tat: i128, now: u64) -> i128 {
        (i128::from(now) * 1000).max(tat - (self.burst - 1) * self.interval)
    }
}

fn round_up_to_ms(micros: i128) -> u64 {
    u64::try_from((micros + 999).div_euclid(1000)).expect("after 1970")
}

/// The theoretical arrival time of a sender, in µs: its paced allocations in order. What was given back does
/// not come back here: the message was handed over. RULES §5.2.
fn tat(history: &History, id: &str) -> i128 {
    let mut tat = 0;
    let mut allocate = |pace: Pace, now: u64| {
        let gcra = Gcra::of(pace);
        tat = gcra.start(tat, now).max(tat) + gcra.interval;
    };
    for (now, event) in history.timed_events() {
        match event {
            Event::Opened { cycle, .. } if cycle.sender.as_deref() == Some(id) => {
                cycle.paced.into_iter().for_each(|pace| allocate(pace, now));
            }
            Event::Moved { sender, paced, .. } if sender == id => {
                paced.iter().for_each(|pace| allocate(*pace, now));
            }
            _ => {}
        }
    }
    tat
}

/// What the choice of a sender depends on of a message's contact and operator.
pub(crate) struct Demand<'a> {
    pub(crate) wallet: &'a str,
    pub(crate) key: u64,
    pub(crate) operator: &'a str,
    /// Those that failed this dispatch. RULES §7.
    pub(crate) excluded: &'a [String],
}

/// A sender chosen, and when its message goes out.
#[derive(Debug, PartialEq)]
pub(crate) struct Choice {
    pub(crate) sender: String,
    pub(crate) send_at: u64,
    pub(crate) paced: Option<Pace>,
}

/// The pool and what it has used, ready to be asked about any instant.
pub(crate) struct Market<'a> {
    history: &'a History,
    pub(crate) pool: Pool,
    allocations: Vec<Allocation>,
    tats: BTreeMap<String, i128>,
}

impl std::fmt::Debug for Market<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Market { pool, allocations, tats, .. } = self;
        f.debug_list().entry(pool).entry(allocations).entry(tats).finish()
    }
}

impl Market<'_> {
    pub(crate) fn of(history: &History) -> Market<'_> {
        let pool = Pool::of(history);
        let ids = pool.wallets.iter().flat_map(|wallet| &wallet.senders).map(|sender| &sender.settings.id);
        let tats = ids.map(|id| (id.clone(), tat(history, id))).collect();
        Market { history, pool, allocations: allocations(history), tats }
    }

    /// RULES §5.1: half-open, so that after exactly 24 h a message does not count any more.
    pub(crate) fn usage(&self, id: &str, now: u64) -> u64 {
        self.allocations.iter().filter(|used| used.sender == id && now < used.t0 + DAY).count() as u64
    }

    /// RULES §5.1: the sum over the senders now in it.
    pub(crate) fn group_usage(&self, name: &str, now: u64) -> u64 {
        let senders = self.pool.wallets.iter().flat_map(|wallet| &wallet.senders);
        let members = senders.filter(|sender| sender.settings.group.as_deref() == Some(name));
        members.map(|sender| self.usage(&sender.settings.id, now)).sum()
    }

    /// When the sender would send at `now`, if it is eligible. RULES §5.3.
    pub(crate) fn serve(&self, id: &str, demand: &Demand<'_>, now: u64) -> Option<u64> {
        let policy = self.history.policy();
        let wallet = self.pool.wallet(demand.wallet)?;
        let sender = wallet.sender(id)?;
        let settings = &sender.settings;
        let contact = self.history.contact(demand.key, now);
        let is_last = contact.last_sender.as_deref() == Some(id);
        let state_allows = match sender.standing.at(now).state {
            SenderState::Ready => true,
            SenderState::ExistingOnly => is_last,
            SenderState::Paused | SenderState::Quarantined | SenderState::Disabled => false,
        };
        let below_limit = settings.daily_limit.is_none_or(|limit| self.usage(id, now) < u64::from(limit));
        let below_group_limit = settings.group.as_deref().is_none_or(|group| {
            self.pool.group_limit(group).is_none_or(|limit| self.group_usage(group, now) < u64::from(limit))
        });
        // `sticky: require`: once there is a last sender of this wallet no other is eligible. RULES §5.4.
        let keeps_sender = policy.sticky() != Sticky::Require
            || is_last
            || contact.last_sender.is_none_or(|last| wallet.sender(&last).is_none());
        let affine = policy.operator_affinity() != OperatorAffinity::Require
            || settings.operators.iter().any(|operator| operator == demand.operator);
        let send_at = self.send_at(settings, now);
        let in_time = send_at - now <= policy.max_delay().as_millis() as u64;
        let eligible = state_allows && below_limit && below_group_limit && keeps_sender && affine && in_time;
        (eligible && !demand.excluded.iter().any(|failed| failed == id)).then_some(send_at)
    }

    fn send_at(&self, settings: &SenderSettings, now: u64) -> u64 {
        let start = |pace| Gcra::of(pace).start(self.tats[&settings.id], now);
        settings.pace.map_or(now, |pace| round_up_to_ms(start(pace)))
    }

    /// RULES §5.4
    pub(crate) fn choose(&self, demand: &Demand<'_>, now: u64) -> Option<Choice> {
        let policy = self.history.policy();
        let wallet = self.pool.wallet(demand.wallet)?;
        let mut eligible: Vec<(&Sender, u64)> = wallet
            .senders
            .iter()
            .filter_map(|sender| Some((sender, self.serve(&sender.settings.id, demand, now)?)))
            .collect();
        let last = self.history.contact(demand.key, now).last_sender;
        let is_last = |sender: &Sender| last.as_ref() == Some(&sender.settings.id);
        let lists = |sender: &Sender| sender.settings.operators.iter().any(|own| own == demand.operator);
        if policy.sticky() != Sticky::Off && eligible.iter().any(|(sender, _)| is_last(sender)) {
            eligible.retain(|(sender, _)| is_last(sender));
        } else if policy.operator_affinity() == OperatorAffinity::Prefer
            && eligible.iter().any(|(sender, _)| lists(sender))
        {
            eligible.retain(|(sender, _)| lists(sender));
        }
        let load = |sender: &Sender| u128::from(self.usage(&sender.settings.id, now));
        let lighter = |a: &Sender, b: &Sender| {
            load(a) * u128::from(b.settings.weight) < load(b) * u128::from(a.settings.weight)
        };
        let (sender, send_at) =
            eligible.into_iter().reduce(|best, next| if lighter(next.0, best.0) { next } else { best })?;
        Some(Choice { sender: sender.settings.id.clone(), send_at, paced: sender.settings.pace })
    }

    /// The first instant after `now` at which one of `senders` would be eligible if nothing else happened: every
    /// instant at which anything changes by itself is tried. RULES §5.6.
    pub(crate) fn first_service(&self, senders: &[&str], demand: &Demand<'_>, now: u64) -> Option<u64> {
        let policy = self.history.policy();
        let contact: Contact = self.history.contact(demand.key, now);
        let all = || self.pool.wallets.iter().flat_map(|wallet| &wallet.senders);
        let mut instants: Vec<u64> = self.allocations.iter().map(|used| used.t0 + DAY).collect();
        instants.extend(all().filter_map(|sender| sender.standing.until));
        instants.extend(contact.lapses_at(policy.retention().as_millis() as u64));
        for sender in all() {
            let start = self.send_at(&sender.settings, now);
            instants.extend(start.checked_sub(policy.max_delay().as_millis() as u64));
        }
        instants.retain(|instant| *instant > now);
        instants.sort_unstable();
        let serves = |instant: &u64| senders.iter().any(|id| self.serve(id, demand, *instant).is_some());
        instants.into_iter().find(serves)
    }
}
