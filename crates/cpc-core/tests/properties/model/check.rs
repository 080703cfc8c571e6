//! Commands that are refused as a whole, in the order of RULES §1.7.

use super::contacts::Subject;
use super::dispatch::read_phone;
use super::history::History;
use super::{is_blank, number};
use cpc_core::{
    Batch, Command, CommandError, Pace, Policy, PolicyError, Profile, SenderState, Target, Timestamp,
};

const DAY: u64 = 24 * 60 * 60 * 1000;
/// 2000-01-01 and 2100-01-01. RULES §1.1.
const VALID: std::ops::RangeInclusive<i64> = 946_684_800_000..=4_102_444_800_000;

fn millis(time: Option<Timestamp>) -> Option<i64> {
    time.map(|time| time.as_millis() as i64)
}

/// `timestamp_out_of_range`, for every member that is a time.
pub(crate) fn times(at: i64, command: &Command<'_>) -> Result<(), CommandError> {
    let mut named: Vec<(&'static str, Option<i64>)> = vec![("at", Some(at))];
    match command {
        Command::Reply(reply) => named.push(("receivedAt", millis(reply.received_at))),
        Command::Sender { change, .. } => {
            named.push(("until", change.state.and_then(|state| millis(state.until))));
        }
        Command::Import(items) => {
            named.extend(
                items
                    .iter()
                    .flat_map(|item| [("t0", millis(item.t0)), ("repliedAt", millis(item.replied_at))]),
            );
        }
        _ => {}
    }
    match named.into_iter().find(|(_, time)| time.is_some_and(|time| !VALID.contains(&time))) {
        Some((field, _)) => Err(CommandError::TimestampOutOfRange { field }),
        None => Ok(()),
    }
}

/// `clock_jump`. RULES §1.3.
pub(crate) fn jump(
    at: i64,
    clock: Option<u64>,
    policy: &Policy,
    command: &Command<'_>,
) -> Result<(), CommandError> {
    let max_ms = policy.max_clock_jump().as_millis() as u64;
    let too_far = clock.is_some_and(|clock| at as u64 > clock + max_ms);
    if too_far && !matches!(command, Command::Clock) {
        Err(CommandError::ClockJump { max_ms })
    } else {
        Ok(())
    }
}

/// `invalid_field` and its like: what can be seen without looking for wallets and senders.
pub(crate) fn shape(history: &History, now: u64, command: &Command<'_>) -> Result<(), CommandError> {
    match command {
        Command::Policy(policy) => policy_fits(history, now, policy),
        Command::Wallet(wallet) => {
            name("tag", wallet.tag)?;
            let window = wallet.window.map_or(1, |window| window.as_millis() as u64);
            let remembered = history.policy().retention().as_millis() as u64 >= 2 * window;
            require("windowMs", (1..=30 * DAY).contains(&window) && remembered)?;
            wallet.operators.iter().try_for_each(|operator| name("operators", operator))?;
            for (index, sender) in wallet.senders.iter().enumerate() {
                name("id", sender.id)?;
                require("id", !wallet.senders[..index].iter().any(|other| other.id == sender.id))?;
                settings(sender.weight, sender.pace, sender.operators, sender.group)?;
            }
            Ok(())
        }
        Command::RemoveWallet { tag } => name("tag", tag),
        Command::Sender { tag, id, change } => {
            name("tag", tag)?;
            name("id", id)?;
            let ready_until = change
                .state
                .is_some_and(|standing| standing.state == SenderState::Ready && standing.until.is_some());
            require("until", !ready_until)?;
            let (weight, pace) = (change.weight.unwrap_or(1), change.pace.flatten());
            settings(weight, pace, change.operators.unwrap_or(&[]), change.group.flatten())
        }
        Command::RemoveSender { tag, id } => name("tag", tag).and(name("id", id)),
        Command::Group { name: group, .. } => name("name", group),
        Command::Dispatch(batch) => {
            require("campaign", !is_blank(batch.campaign) && batch.campaign.len() <= 256)?;
            let strict = history.policy().profile() == Profile::Strict;
            require("idAccount", batch.id_account.len() <= 128 && !(strict && batch.id_account.is_empty()))?;
            name("tag", batch.tag)
        }
        Command::OperatorMessage { specialist_code, .. } => name("specialistCode", specialist_code),
        Command::OptOut(target)
        | Command::OptIn(target)
        | Command::Forget(target)
        | Command::ForceUnblock { target, .. } => subject(history, target).map(|_| ()),
        _ => Ok(()),
    }
}

/// `empty_batch`, `batch_too_large`, after `unknown_wallet`.
pub(crate) fn batch(history: &History, batch: &Batch<'_>) -> Result<(), CommandError> {
    if super::pool::Pool::of(history).wallet(batch.tag).is_none() {
        return Err(CommandError::UnknownWallet);
    }
    if batch.messages.is_empty() {
        return Err(CommandError::EmptyBatch);
    }
    size(history, "messages", batch.messages.len())
}

/// `batch_too_large`, for dispatches and imports.
pub(crate) fn size(history: &History, field: &'static str, count: usize) -> Result<(), CommandError> {
    let max = history.policy().max_batch();
    if count as u64 > max { Err(CommandError::BatchTooLarge { field, max }) } else { Ok(()) }
}

/// A phone, or a client id that is not blank and not too long. RULES §8.3.
pub(crate) fn subject(history: &History, target: &Target<'_>) -> Result<Subject, CommandError> {
    match target {
        Target::Phone(text) => {
            let digits = read_phone(history.policy(), text).ok_or(CommandError::InvalidPhone)?;
            Ok(Subject::Phone(number::value(&number::key(&digits))))
        }
        Target::Client(id) => {
            let id = id.trim();
            require("clientId", !id.is_empty() && id.len() <= 128)?;
            Ok(Subject::Client(id.to_owned()))
        }
    }
}

/// RULES §3.7: retention is at least twice every wallet's window and, when it is lowered, that of every cycle that
/// blocks a contact then. RULES §8.2: hashes need their key.
fn policy_fits(history: &History, now: u64, policy: &Policy) -> Result<(), CommandError> {
    let pool = super::pool::Pool::of(history);
    let value = policy.retention().as_millis() as u64;
    let phones = history.phones().into_iter().filter_map(|key| history.contact(key, now).last);
    let clients = history.clients().into_iter().filter_map(|id| history.client(&id, now).last);
    let blocking = phones.chain(clients).filter(|last| last.is_blocking(now));
    let lowered = value < history.policy().retention().as_millis() as u64;
    let blocking = blocking.filter(|_| lowered).map(|last| last.cycle.window);
    let windows = pool.wallets.iter().filter_map(|wallet| wallet.window);
    let longest = windows.chain(blocking).max().unwrap_or(0);
    if value < 2 * longest {
        let (field, min, max) = ("retentionMs", 2 * longest, 3_660 * DAY);
        return Err(CommandError::InvalidPolicy(PolicyError { field, value, min, max }));
    }
    let same_key = history.policy().hash_key() == policy.hash_key();
    if same_key || !history.has_hashes() { Ok(()) } else { Err(CommandError::HashKeyInUse) }
}

fn settings(
    weight: u32,
    pace: Option<Pace>,
    operators: &[&str],
    group: Option<&str>,
) -> Result<(), CommandError> {
    let pace = pace.unwrap_or(Pace { per_second: 1, burst: 1 });
    require("weight", (1..=1_000_000).contains(&weight))?;
    require("perSecond", (1..=1_000_000).contains(&pace.per_second))?;
    require("burst", (1..=1_000_000).contains(&pace.burst))?;
    operators.iter().try_for_each(|operator| name("operators", operator))?;
    group.map_or(Ok(()), |group| name("group", group))
}

/// Not blank, up to 128 bytes.
fn name(field: &'static str, text: &str) -> Result<(), CommandError> {
    require(field, !is_blank(text) && text.len() <= 128)
}

fn require(field: &'static str, holds: bool) -> Result<(), CommandError> {
    if holds { Ok(()) } else { Err(CommandError::InvalidField { field }) }
}
