//! Commands about one contact, or one dispatch.

use crate::argument::{input, sized};
use crate::choice::{check_flags, delivery_of};
use crate::handle::{cpc_engine, handle, with};
use crate::outcome::{Answer, cpc_applied, cpc_outcome};
use crate::result::{Failure, cpc_result};
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

/// What became of a dispatch.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_report {
    /// `sizeof(cpc_report)`.
    pub struct_size: u32,
    /// What became of it, a `cpc_delivery`.
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

/// Whom a call is about.
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

sized!(cpc_reply, cpc_report, cpc_target);

impl cpc_target {
    /// # Safety
    /// Its text can be read for as long as `'a`.
    unsafe fn read<'a>(&self) -> Result<Target<'a>, Failure> {
        // SAFETY: the caller sees to it.
        let read = |name| unsafe { self.id.read(name) };
        match self.kind {
            CPC_TARGET_PHONE => read("phone").map(Target::Phone),
            CPC_TARGET_CLIENT => read("clientId").map(Target::Client),
            _ => Err(Failure::Misuse(cpc_result::CPC_ERR_UNKNOWN_VALUE, "kind")),
        }
    }
}

/// A target of the caller's.
///
/// # Safety
/// `target` is NULL, or it and its text can be read for as long as `'a`.
pub(crate) unsafe fn target_of<'a>(target: *const cpc_target) -> Result<Target<'a>, Failure> {
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
    read: impl FnOnce() -> Result<Command<'a>, Failure>,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let answer = unsafe { Answer::of_one(outcome, applied) }?;
        let command = read()?;
        let applied = state.engine.apply(at, &command, &mut state.outcomes)?;
        answer.write(state, applied);
        Ok(())
    })
}

/// Records a message that came in from a contact. `outcome` (may be NULL) gets `replied`, `stale_reply`, `opted_out` or
/// `invalid_phone`; `applied` may be NULL.
///
/// Fails with `CPC_ERR_NULL`, `CPC_ERR_ALIGNMENT`, `CPC_ERR_STRUCT_SIZE`, `CPC_ERR_UNKNOWN_VALUE`, `CPC_ERR_UTF8`,
/// `CPC_ERR_TOO_LARGE`, `CPC_ERR_BUSY`, `CPC_ERR_POISONED`, `CPC_ERR_PANIC`, `CPC_ERR_TIMESTAMP_OUT_OF_RANGE` or
/// `CPC_ERR_CLOCK_JUMP`.
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
            received_at: (reply.flags & CPC_REPLY_HAS_RECEIVED_AT != 0).then_some(reply.received_at),
            opt_out: reply.flags & CPC_REPLY_OPT_OUT != 0,
        }))
    };
    // SAFETY: all the caller's.
    unsafe { command(engine, at, outcome, applied, read) }
}

/// Records what became of a dispatch. `outcome` (may be NULL) gets `applied`, `moved` (with the new sender, `to`,
/// `send_at`, `blocked_until`), `released`, `kept`, `stale_report` or `unknown_dispatch`; `applied` may be NULL.
///
/// Fails as `cpc_engine_reply` does.
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
/// (may be NULL) gets `allowed`, `manual_start_denied`, `opted_out` or `invalid_phone`; `applied` may be NULL.
///
/// Fails as `cpc_engine_reply` does, and with `CPC_ERR_INVALID_FIELD` if the operator is blank or too long.
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

/// Suppresses a contact until it opts in again. `outcome` (may be NULL) gets `applied` or `unchanged`; `applied` may be
/// NULL.
///
/// Fails as `cpc_engine_reply` does, and with `CPC_ERR_INVALID_PHONE` or `CPC_ERR_INVALID_FIELD`.
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
