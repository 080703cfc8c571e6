//! Policy, wallets, senders, groups: what the host sets up. RULES §5. Each answers whether anything changed.

use super::event::{Event, SenderSettings, Standing, WalletSettings};
use super::history::History;
use super::pool::Pool;
use cpc_core::{CommandError, Policy, SenderChange, SenderSetup, WalletSetup};

pub(crate) fn policy(history: &mut History, now: u64, policy: &Policy) -> bool {
    let changed = history.policy() != policy;
    history.push(now, Event::Policy(policy.clone()));
    changed
}

pub(crate) fn wallet(history: &mut History, now: u64, setup: &WalletSetup<'_>) -> Result<bool, CommandError> {
    let pool = Pool::of(history);
    for sender in setup.senders {
        free_for(&pool, sender.id, setup.tag)?;
    }
    let senders = setup.senders.iter().map(whole).collect();
    let (window, operators) = (setup.window.map(|window| window.as_millis() as u64), sorted(setup.operators));
    let settings = WalletSettings { tag: setup.tag.to_owned(), window, operators, senders };
    Ok(changes(history, now, Event::Wallet(settings)))
}

pub(crate) fn remove_wallet(history: &mut History, now: u64, tag: &str) -> Result<bool, CommandError> {
    Pool::of(history).wallet(tag).ok_or(CommandError::UnknownWallet)?;
    Ok(changes(history, now, Event::WalletRemoved(tag.to_owned())))
}

pub(crate) fn sender(
    history: &mut History,
    now: u64,
    tag: &str,
    id: &str,
    change: &SenderChange<'_>,
) -> Result<bool, CommandError> {
    let pool = Pool::of(history);
    let wallet = pool.wallet(tag).ok_or(CommandError::UnknownWallet)?;
    free_for(&pool, id, tag)?;
    let old = wallet.sender(id);
    let mut settings = old.map_or(SenderSettings::default_of(id), |old| old.settings.clone());
    let mut standing = old.map_or(Standing::READY, |old| old.standing);
    if let Some(new) = change.state {
        standing = Standing { state: new.state, until: new.until.map(|at| at.as_millis()) };
    }
    settings.weight = change.weight.unwrap_or(settings.weight);
    settings.daily_limit = change.daily_limit.unwrap_or(settings.daily_limit);
    settings.pace = change.pace.unwrap_or(settings.pace);
    if let Some(operators) = change.operators {
        settings.operators = sorted(operators);
    }
    if let Some(group) = change.group {
        settings.group = group.map(str::to_owned);
    }
    Ok(changes(history, now, Event::Sender { tag: tag.to_owned(), settings, standing }))
}

pub(crate) fn remove_sender(
    history: &mut History,
    now: u64,
    tag: &str,
    id: &str,
) -> Result<bool, CommandError> {
    let pool = Pool::of(history);
    let wallet = pool.wallet(tag).ok_or(CommandError::UnknownWallet)?;
    wallet.sender(id).ok_or(CommandError::UnknownSender)?;
    Ok(changes(history, now, Event::SenderRemoved(id.to_owned())))
}

pub(crate) fn group(history: &mut History, now: u64, name: &str, limit: Option<u32>) -> bool {
    changes(history, now, Event::Group { name: name.to_owned(), limit })
}

/// Records what the host set, and says whether wallets, senders or groups are other than before.
fn changes(history: &mut History, now: u64, event: Event) -> bool {
    let before = Pool::of(history).at(now);
    history.push(now, event);
    Pool::of(history).at(now) != before
}

/// `sender_taken`: a sender belongs to one wallet. RULES §5.
fn free_for(pool: &Pool, id: &str, tag: &str) -> Result<(), CommandError> {
    match pool.sender(id) {
        Some((wallet, _)) if wallet.tag != tag => Err(CommandError::SenderTaken { sender: None }),
        _ => Ok(()),
    }
}

fn whole(sender: &SenderSetup<'_>) -> SenderSettings {
    SenderSettings {
        id: sender.id.to_owned(),
        weight: sender.weight,
        daily_limit: sender.daily_limit,
        pace: sender.pace,
        operators: sorted(sender.operators),
        group: sender.group.map(str::to_owned),
    }
}

fn sorted(operators: &[&str]) -> Vec<String> {
    let mut operators: Vec<String> = operators.iter().map(|operator| (*operator).to_owned()).collect();
    operators.sort();
    operators.dedup();
    operators
}
