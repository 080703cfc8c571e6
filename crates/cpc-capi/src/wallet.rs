//! Wallets and their senders.

use crate::argument::{Inputs, input, plain_inputs, versioned};
use crate::choice::{check_flags, sender_state_of};
use crate::command_output::{CommandOutput, cpc_applied};
use crate::contact_commands::command;
use crate::handle::{cpc_engine, handle, with};
use crate::outcome::cpc_outcome;
use crate::result::{CallError, cpc_result};
use crate::text::cpc_text;
use cpc_core::{Command, Pace, SenderChange, SenderSetup, TimedSenderState, WalletSetup};
use std::time::Duration;

/// `cpc_sender.flags`: `daily_limit` is there.
pub const CPC_SENDER_HAS_DAILY_LIMIT: u32 = 1;
/// `cpc_sender.flags`: `per_second` and `burst` are there.
pub const CPC_SENDER_HAS_PACE: u32 = 2;
/// `cpc_wallet.flags`: `window_ms` is there.
pub const CPC_WALLET_HAS_WINDOW: u32 = 1;

/// A sender's settings, whole: what is not named goes back to its default. Its state stays.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cpc_sender {
    /// `sizeof(cpc_sender)`.
    pub struct_size: u32,
    /// `CPC_SENDER_HAS_…`.
    pub flags: u32,
    /// Its id, usually its number; not blank, up to 128 bytes, unique in the engine.
    pub id: cpc_text,
    /// Its share of the wallet's dispatches, 1 to 1 000 000; 0 is the default, 1.
    pub weight: u32,
    /// The most dispatches in any 24 h.
    pub daily_limit: u32,
    /// Messages a second on average, 1 to 1 000 000.
    pub per_second: u32,
    /// Messages at once, 1 to 1 000 000.
    pub burst: u32,
    /// The group whose limit it shares; empty is none.
    pub group: cpc_text,
    /// The operators it is kept for.
    pub operators: *const cpc_text,
    /// How many operators there are.
    pub operator_count: usize,
}

/// A wallet's settings, whole: what is not named goes back to its default.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cpc_wallet {
    /// `sizeof(cpc_wallet)`.
    pub struct_size: u32,
    /// `CPC_WALLET_…`.
    pub flags: u32,
    /// Its tag; not blank, up to 128 bytes.
    pub tag: cpc_text,
    /// The window of its cycles in milliseconds, up to 30 days; the policy's if absent.
    pub window_ms: u64,
    /// Its operators; all may use it if there are none.
    pub operators: *const cpc_text,
    /// How many operators there are.
    pub operator_count: usize,
    /// Its senders; new ones are added in this order, after those that stay.
    pub senders: *const cpc_sender,
    /// How many senders there are.
    pub sender_count: usize,
}

versioned!(cpc_sender through operator_count, cpc_wallet through sender_count);

/// Texts of an array.
///
/// # Safety
/// `texts` is NULL, or `count` texts can be read for as long as `'a`.
unsafe fn texts<'a>(
    texts: *const cpc_text,
    count: usize,
    name: &'static str,
) -> Result<Vec<&'a str>, CallError> {
    // SAFETY: the caller sees to it.
    let texts = unsafe { plain_inputs(texts, count, name) }?;
    // SAFETY: the caller sees to it.
    texts.iter().map(|text| unsafe { text.read(name) }).collect()
}

impl cpc_sender {
    /// # Safety
    /// Its texts can be read for as long as `'a`.
    unsafe fn read<'a>(&self, operators: &'a [&'a str]) -> Result<SenderSetup<'a>, CallError> {
        let has = |flag| self.flags & flag != 0;
        let pace = Pace { per_second: self.per_second, burst: self.burst };
        // SAFETY: the caller sees to it.
        let group = unsafe { self.group.read("group") }?;
        Ok(SenderSetup {
            // SAFETY: the caller sees to it.
            id: unsafe { self.id.read("id") }?,
            // As where a line has no `weight`.
            weight: if self.weight == 0 { SenderSetup::default().weight } else { self.weight },
            daily_limit: has(CPC_SENDER_HAS_DAILY_LIMIT).then_some(self.daily_limit),
            pace: has(CPC_SENDER_HAS_PACE).then_some(pace),
            operators,
            group: Some(group).filter(|group| !group.is_empty()),
        })
    }
}

/// Creates a wallet, or replaces its settings and its set of senders. Allocates. `outcome` gets `applied` or `unchanged`.
///
/// Also fails with `CPC_ERR_INVALID_FIELD` (a member is malformed, or the window is too long for the retention),
/// `CPC_ERR_SENDER_TAKEN` or `CPC_ERR_TOO_MANY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_set_wallet(
    engine: *mut cpc_engine,
    at: i64,
    wallet: *const cpc_wallet,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let output = unsafe { CommandOutput::of_one(outcome, applied) }?;
        let act = |command: &Command<'_>| Ok(state.engine.apply(at, command, &mut state.outcomes)?);
        // SAFETY: the caller's to be read during the call.
        let applied = unsafe { with_wallet(wallet, act) }?;
        output.write(&state.outcomes, applied);
        Ok(())
    })
}

/// Reads a wallet and hands it to `act` as the engine takes it.
///
/// # Safety
/// `wallet` is NULL, or it and all that it points to can be read during the call.
unsafe fn with_wallet<R>(
    wallet: *const cpc_wallet,
    act: impl FnOnce(&Command<'_>) -> Result<R, CallError>,
) -> Result<R, CallError> {
    // SAFETY: the caller sees to it.
    let wallet = unsafe { input(wallet, "wallet") }?;
    check_flags(wallet.flags, CPC_WALLET_HAS_WINDOW)?;
    // SAFETY: the caller sees to it.
    let tag = unsafe { wallet.tag.read("tag") }?;
    // SAFETY: the caller sees to it.
    let operators = unsafe { texts(wallet.operators, wallet.operator_count, "operators") }?;
    // SAFETY: the caller sees to it.
    let given = unsafe { Inputs::new(wallet.senders, wallet.sender_count, "senders") }?.to_vec()?;
    let mut lists = Vec::with_capacity(given.len());
    for sender in &given {
        check_flags(sender.flags, CPC_SENDER_HAS_DAILY_LIMIT | CPC_SENDER_HAS_PACE)?;
        // SAFETY: the caller sees to it.
        lists.push(unsafe { texts(sender.operators, sender.operator_count, "operators") }?);
    }
    let pairs = given.iter().zip(&lists);
    // SAFETY: the caller sees to it.
    let read = |(sender, operators): (&cpc_sender, _)| unsafe { sender.read(operators) };
    let senders: Vec<SenderSetup<'_>> =
        pairs.map(|(sender, list)| read((sender, list.as_slice()))).collect::<Result<_, _>>()?;
    let has_window = wallet.flags & CPC_WALLET_HAS_WINDOW != 0;
    let window = has_window.then(|| Duration::from_millis(wallet.window_ms));
    act(&Command::Wallet(WalletSetup { tag, window, operators: &operators, senders: &senders }))
}

/// Removes a wallet with its senders; pending follow-ups of its dispatches are cancelled. `outcome` gets `applied`.
///
/// Also fails with `CPC_ERR_UNKNOWN_WALLET`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_remove_wallet(
    engine: *mut cpc_engine,
    at: i64,
    tag: cpc_text,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
) -> cpc_result {
    // SAFETY: the caller's to be read during the call.
    let read = || Ok(Command::RemoveWallet { tag: unsafe { tag.read("tag") }? });
    // SAFETY: all the caller's.
    unsafe { command(engine, at, outcome, applied, read) }
}

/// Changes the state of a sender, and nothing else about it; adds it to the wallet if it is new. `state` is a
/// `cpc_sender_state`. `until` (may be NULL; must be for `CPC_SENDER_READY`) is when the state lapses into ready, in
/// milliseconds since 1970, UTC. `outcome` gets `applied` or `unchanged`.
///
/// Also fails as `cpc_engine_set_wallet` does, and with `CPC_ERR_UNKNOWN_WALLET`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_set_sender_state(
    engine: *mut cpc_engine,
    at: i64,
    tag: cpc_text,
    id: cpc_text,
    state: i32,
    until: *const i64,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
) -> cpc_result {
    let read = || {
        // SAFETY: the caller's to be read during the call.
        let tag = unsafe { tag.read("tag") }?;
        // SAFETY: the caller's to be read during the call.
        let id = unsafe { id.read("id") }?;
        let count = usize::from(!until.is_null());
        // SAFETY: the caller's to be read during the call.
        let until = unsafe { plain_inputs(until, count, "until") }?.first().copied();
        let standing = TimedSenderState { state: sender_state_of(state)?, until: until.map(Into::into) };
        let change = SenderChange { state: Some(standing), ..SenderChange::default() };
        Ok(Command::Sender { tag, id, change })
    };
    // SAFETY: all the caller's.
    unsafe { command(engine, at, outcome, applied, read) }
}
