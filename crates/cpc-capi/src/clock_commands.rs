//! Commands that time asks for: follow-ups, expiry, the clock itself.

use crate::argument::PlainOutput;
use crate::command_output::{CommandOutput, cpc_applied};
use crate::contact_commands::command;
use crate::handle::{cpc_engine, handle, with};
use crate::outcome::cpc_outcome;
use crate::result::cpc_result;
use cpc_core::Command;

/// Sends follow-ups that are due, at most `capacity`; call it when `cpc_engine_next_deadline` says. `outcomes` gets one
/// outcome for each stage taken, in order, and `*count` how many there are. Accepted ones carry `stage`, `origin`,
/// `phone`, and what every accepted message does; others are due again later.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_follow_ups(
    engine: *mut cpc_engine,
    at: i64,
    outcomes: *mut cpc_outcome,
    capacity: usize,
    count: *mut usize,
    applied: *mut cpc_applied,
) -> cpc_result {
    // SAFETY: all the caller's.
    unsafe { listing(engine, at, outcomes, capacity, count, applied, |limit| Command::FollowUps { limit }) }
}

/// Lists cycles that ended unanswered since the last call, at most `capacity`, and frees memory. It decides nothing: a
/// program that never calls it gets the same answers. `outcomes` gets one outcome for each, with `phone` (the contact
/// key), `dispatch` and `expired_at`, and `*count` how many there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_expire(
    engine: *mut cpc_engine,
    at: i64,
    outcomes: *mut cpc_outcome,
    capacity: usize,
    count: *mut usize,
    applied: *mut cpc_applied,
) -> cpc_result {
    // SAFETY: all the caller's.
    unsafe { listing(engine, at, outcomes, capacity, count, applied, |limit| Command::Expire { limit }) }
}

/// Moves the clock to `at`, however far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_clock(
    engine: *mut cpc_engine,
    at: i64,
    applied: *mut cpc_applied,
) -> cpc_result {
    // SAFETY: all the caller's.
    unsafe { command(engine, at, core::ptr::null_mut(), applied, || Ok(Command::Clock)) }
}

/// Runs a command that has as many outcomes as it finds, within a limit.
///
/// # Safety
/// `engine` is the caller's handle or NULL; the other pointers are NULL or the caller's to be written to.
unsafe fn listing(
    engine: *mut cpc_engine,
    at: i64,
    outcomes: *mut cpc_outcome,
    capacity: usize,
    count: *mut usize,
    applied: *mut cpc_applied,
    of: impl FnOnce(u32) -> Command<'static>,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let output = unsafe { CommandOutput::of_many(outcomes, capacity, applied) }?;
        // SAFETY: the caller's to be written to.
        let count = unsafe { PlainOutput::required(count, "count") }?;
        let limit = u32::try_from(output.capacity()).unwrap_or(u32::MAX);
        let applied = state.engine.apply(at, &of(limit), &mut state.outcomes)?;
        count.write(state.outcomes.len());
        output.write(&state.outcomes, applied);
        Ok(())
    })
}
