//! Commands about one contact, or one dispatch.

use crate::argument::{input, versioned};
use crate::choice::{check_flags, delivery_of};
use crate::command_output::{CommandOutput, cpc_applied};
use crate::handle::{cpc_engine, handle, with};
use crate::outcome::cpc_outcome;
use crate::result::{CallError, cpc_result};
use crate::text::cpc_text;
use cpc_core::{Command, Reply, Report, Target};

/// `cpc_reply.flags`: the contact asks not to be written to any more.
pub const CPC_REPLY_OPT_OUT: u32 = 1;
/// `cpc_reply.flags`: `received_at` is there.
pub const CPC_REPLY_HAS_RECEIVED_AT: u32 = 2;

/// A message that came in from a contact.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_reply {
    /// `sizeof(cpc_reply)`.
    pub struct_size: u32,
    /// `CPC_REPLY_…`.
    pub flags: u32,
    /// Its phone, as written.
    pub phone: cpc_text,
    /// When it was received, in milliseconds since 1970, UTC; the call's time if absent.
    pub received_at: i64,
}

/// A delivery report.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_report {
    /// `sizeof(cpc_report)`.
    pub struct_size: u32,
    /// How the delivery went, a `cpc_delivery`.
    pub delivery: i32,
    /// Whose fault it is, a `cpc_fault`: `CPC_FAULT_NONE` unless it failed, another one if it did.
    pub fault: i32,
    /// 0.
    pub reserved: u32,
    /// Which dispatch.
    pub dispatch: u64,
    /// The sender that reports, empty if unknown: a report of a sender that no longer has the dispatch is stale.
    pub sender: cpc_text,
}

/// `cpc_target.kind`: a phone, as written.
pub const CPC_TARGET_PHONE: i32 = 1;
/// `cpc_target.kind`: a client id.
pub const CPC_TARGET_CLIENT: i32 = 2;

/// The contact that a call is about.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_target {
    /// `sizeof(cpc_target)`.
    pub struct_size: u32,
    /// `CPC_TARGET_PHONE` or `CPC_TARGET_CLIENT`.
    pub kind: i32,
    /// The phone or the client id.
    pub id: cpc_text,
}

versioned!(cpc_reply through received_at, cpc_report through sender, cpc_target through id);

impl cpc_target {
    /// # Safety
    /// Its text can be read for as long as `'a`.
    unsafe fn read<'a>(&self) -> Result<Target<'a>, CallError> {
        // SAFETY: the caller sees to it.
        let read = |name| unsafe { self.id.read(name) };
        match self.kind {
            CPC_TARGET_PHONE => read("phone").map(Target::Phone),
            CPC_TARGET_CLIENT => read("clientId").map(Target::Client),
            _ => Err(CallError::Misuse(cpc_result::CPC_ERR_UNKNOWN_VALUE, "kind")),
        }
    }
}

/// A target of the caller's.
///
/// # Safety
/// `target` is NULL, or it and its text can be read for as long as `'a`.
pub(crate) unsafe fn target_of<'a>(target: *const cpc_target) -> Result<Target<'a>, CallError> {
    // SAFETY: the caller sees to it.
    let target = unsafe { input(target, "target") }?;
    // SAFETY: the caller sees to it.
    unsafe { target.read() }
}

/// Runs a command that has one outcome.
///
/// # Safety
/// `engine` is the caller's handle or NULL; `outcome` and `applied` are NULL or the caller's to be written to.
pub(crate) unsafe fn command<'a>(
    engine: *mut cpc_engine,
    at: i64,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
    read: impl FnOnce() -> Result<Command<'a>, CallError>,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let output = unsafe { CommandOutput::of_one(outcome, applied) }?;
        let command = read()?;
        let applied = state.engine.apply(at, &command, &mut state.outcomes)?;
        output.write(&state.outcomes, applied);
        Ok(())
    })
}

/// Records a message that came in from a contact. `outcome` gets `replied`, `stale_reply`, `opted_out` or
/// `invalid_phone`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_reply(
    engine: *mut cpc_engine,
    at: i64,
    reply: *const cpc_reply,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
) -> cpc_result {
    let read = || {
        // SAFETY: the caller's to be read during the call.
        let reply = unsafe { input(reply, "reply") }?;
        check_flags(reply.flags, CPC_REPLY_OPT_OUT | CPC_REPLY_HAS_RECEIVED_AT)?;
        Ok(Command::Reply(Reply {
            // SAFETY: the caller's to be read during the call.
            phone: unsafe { reply.phone.read("phone") }?,
            received_at: (reply.flags & CPC_REPLY_HAS_RECEIVED_AT != 0).then(|| reply.received_at.into()),
            opt_out: reply.flags & CPC_REPLY_OPT_OUT != 0,
        }))
    };
    // SAFETY: all the caller's.
    unsafe { command(engine, at, outcome, applied, read) }
}

/// Records a delivery report. `outcome` gets `applied`, `moved` (with the new sender, `to`, `send_at`, `blocked_until`),
/// `released`, `kept`, `stale_report` or `unknown_dispatch`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_report(
    engine: *mut cpc_engine,
    at: i64,
    report: *const cpc_report,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
) -> cpc_result {
    let read = || {
        // SAFETY: the caller's to be read during the call.
        let report = unsafe { input(report, "report") }?;
        check_flags(report.reserved, 0)?;
        let status = delivery_of(report.delivery, report.fault)?;
        // SAFETY: the caller's to be read during the call.
        let sender = unsafe { report.sender.read("sender") }?;
        let sender = Some(sender).filter(|sender| !sender.is_empty());
        Ok(Command::Report(Report { dispatch: report.dispatch, status, sender }))
    };
    // SAFETY: all the caller's.
    unsafe { command(engine, at, outcome, applied, read) }
}

/// Asks whether an operator may write to a contact. It is a command: it counts in `seq` and moves the clock. `outcome`
/// gets `allowed`, `manual_start_denied`, `opted_out` or `invalid_phone`.
///
/// Also fails with `CPC_ERR_INVALID_FIELD` if the operator is blank or too long.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_operator_message(
    engine: *mut cpc_engine,
    at: i64,
    phone: cpc_text,
    specialist_code: cpc_text,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
) -> cpc_result {
    let read = || {
        Ok(Command::OperatorMessage {
            // SAFETY: the caller's to be read during the call.
            phone: unsafe { phone.read("phone") }?,
            // SAFETY: the caller's to be read during the call.
            specialist_code: unsafe { specialist_code.read("specialistCode") }?,
        })
    };
    // SAFETY: all the caller's.
    unsafe { command(engine, at, outcome, applied, read) }
}

/// Suppresses a contact until it opts in again. `outcome` gets `applied` or `unchanged`.
///
/// Also fails with `CPC_ERR_INVALID_PHONE`, or `CPC_ERR_INVALID_FIELD` for a client id that is blank or too long.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_opt_out(
    engine: *mut cpc_engine,
    at: i64,
    target: *const cpc_target,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
) -> cpc_result {
    // SAFETY: all the caller's.
    unsafe { command(engine, at, outcome, applied, || target_of(target).map(Command::OptOut)) }
}

/// Lifts an opt-out and, for a phone, `undeliverable`. Outcomes and failures are those of `cpc_engine_opt_out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_opt_in(
    engine: *mut cpc_engine,
    at: i64,
    target: *const cpc_target,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
) -> cpc_result {
    // SAFETY: all the caller's.
    unsafe { command(engine, at, outcome, applied, || target_of(target).map(Command::OptIn)) }
}

/// Drops all that is known of a contact; of an opt-out only a keyed hash stays, which still refuses it. Outcomes and
/// failures are those of `cpc_engine_opt_out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_forget(
    engine: *mut cpc_engine,
    at: i64,
    target: *const cpc_target,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
) -> cpc_result {
    // SAFETY: all the caller's.
    unsafe { command(engine, at, outcome, applied, || target_of(target).map(Command::Forget)) }
}

/// Releases the open cycle of a gate. `reason` is why; the engine does not keep it. Outcomes and failures are those of
/// `cpc_engine_opt_out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_force_unblock(
    engine: *mut cpc_engine,
    at: i64,
    target: *const cpc_target,
    reason: cpc_text,
    outcome: *mut cpc_outcome,
    applied: *mut cpc_applied,
) -> cpc_result {
    let read = || {
        // SAFETY: the caller's to be read during the call.
        let target = unsafe { target_of(target) }?;
        // SAFETY: the caller's to be read during the call.
        Ok(Command::ForceUnblock { target, reason: unsafe { reason.read("reason") }? })
    };
    // SAFETY: all the caller's.
    unsafe { command(engine, at, outcome, applied, read) }
}
