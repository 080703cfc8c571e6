//! Queries. They change nothing, and are answered for the later of their time and the engine's clock.

use crate::argument::{Output, PlainOutput, check_pointer, versioned};
use crate::choice::{cpc_gate, cpc_suppression};
use crate::contact_commands::{cpc_target, target_of};
use crate::handle::{cpc_engine, handle, with};
use crate::lifecycle::buffer_of;
use crate::member::{millis, set};
use crate::outcome::{CPC_HAS_DISPATCH, CPC_HAS_SENDER, CPC_HAS_STAGE};
use crate::result::{CallError, cpc_result};
use crate::text::cpc_buffer;
use cpc_core::{ContactKey, ContactView, GateState, SenderRef, Stats, Suppression, Timestamp};

/// `cpc_contact.present`: `key` is there.
pub const CPC_HAS_KEY: u32 = 8192;
/// `cpc_contact.present`: `since` is there.
pub const CPC_HAS_SINCE: u32 = 16384;
/// `cpc_contact.present`: `until` is there.
pub const CPC_HAS_UNTIL: u32 = 32768;
/// `cpc_contact.present`: `last_reply` is there.
pub const CPC_HAS_LAST_REPLY: u32 = 65536;
/// `cpc_deadlines.present`: `follow_up` is there.
pub const CPC_HAS_FOLLOW_UP: u32 = 131_072;
/// `cpc_deadlines.present`: `expiry` is there.
pub const CPC_HAS_EXPIRY: u32 = 262_144;
/// `cpc_contact.pending_stages`: follow-up stage 1 is pending.
pub const CPC_PENDING_STAGE_1: u32 = 1;
/// `cpc_contact.pending_stages`: follow-up stage 2 is pending.
pub const CPC_PENDING_STAGE_2: u32 = 2;

/// What is known of a contact. `present` says which members are there; the others are 0. Instants are milliseconds
/// since 1970, UTC.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_contact {
    /// `sizeof(cpc_contact)`.
    pub struct_size: u32,
    /// The state of its gate, a `cpc_gate`.
    pub state: i32,
    /// Which members are there: `CPC_HAS_…`.
    pub present: u32,
    /// Why it is suppressed, a `cpc_suppression`.
    pub suppression: i32,
    /// Which message of the last cycle was the latest: 0, 1 or 2.
    pub stage: u32,
    /// Which follow-ups are pending: `CPC_PENDING_STAGE_…`.
    pub pending_stages: u32,
    /// The sender of its last cycle, a number that `cpc_engine_sender_id` has the id of.
    pub sender: u32,
    /// 0.
    pub reserved: u32,
    /// When the answer is as of.
    pub at: i64,
    /// The contact key of a phone, as a number; a client has none.
    pub key: u64,
    /// When its last cycle began.
    pub since: i64,
    /// `CPC_GATE_BLOCKED`: until when; absent when there is no end.
    pub until: i64,
    /// The dispatch of its last cycle.
    pub dispatch: u64,
    /// When it last wrote.
    pub last_reply: i64,
}

/// When the next timers run out. Instants are milliseconds since 1970, UTC.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_deadlines {
    /// `sizeof(cpc_deadlines)`.
    pub struct_size: u32,
    /// Which members are there: `CPC_HAS_FOLLOW_UP`, `CPC_HAS_EXPIRY`.
    pub present: u32,
    /// When the answer is as of.
    pub at: i64,
    /// When the next follow-up is due; in the past if one is due already.
    pub follow_up: i64,
    /// When the next blocked cycle ends.
    pub expiry: i64,
}

/// How much an engine holds.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_stats {
    /// `sizeof(cpc_stats)`.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// When the answer is as of, in milliseconds since 1970, UTC.
    pub at: i64,
    /// Commands applied.
    pub seq: u64,
    /// Dispatches and follow-ups accepted.
    pub dispatches: u64,
    /// Phones that count as contacts.
    pub phones: u64,
    /// Clients that count as contacts.
    pub clients: u64,
    /// Phones that are blocked.
    pub blocked: u64,
    /// Phones and clients that have opted out, forgotten ones included.
    pub opted_out: u64,
    /// Phones with a follow-up pending.
    pub pending_follow_ups: u64,
    /// Wallets.
    pub wallets: u64,
    /// Senders that belong to a wallet.
    pub senders: u64,
}

versioned!(cpc_contact through last_reply, cpc_deadlines through expiry, cpc_stats through senders);

const fn gate_of(state: GateState) -> cpc_gate {
    match state {
        GateState::Free => cpc_gate::CPC_GATE_FREE,
        GateState::Blocked => cpc_gate::CPC_GATE_BLOCKED,
        GateState::Expired => cpc_gate::CPC_GATE_EXPIRED,
        GateState::Replied => cpc_gate::CPC_GATE_REPLIED,
        GateState::Suppressed => cpc_gate::CPC_GATE_SUPPRESSED,
    }
}

const fn suppression_of(suppression: Option<Suppression>) -> cpc_suppression {
    match suppression {
        None => cpc_suppression::CPC_SUPPRESSION_NONE,
        Some(Suppression::OptedOut) => cpc_suppression::CPC_SUPPRESSION_OPTED_OUT,
        Some(Suppression::Undeliverable) => cpc_suppression::CPC_SUPPRESSION_UNDELIVERABLE,
    }
}

impl cpc_contact {
    fn of(now: Timestamp, view: &ContactView) -> cpc_contact {
        let mut present = 0;
        let [first, second] = view.pending_stages;
        cpc_contact {
            struct_size: size_of::<cpc_contact>() as u32,
            state: gate_of(view.state) as i32,
            suppression: suppression_of(view.suppression) as i32,
            stage: set(&mut present, CPC_HAS_STAGE, view.stage.map(u32::from)),
            pending_stages: u32::from(first) * CPC_PENDING_STAGE_1 + u32::from(second) * CPC_PENDING_STAGE_2,
            sender: set(&mut present, CPC_HAS_SENDER, view.sender.map(|sender| sender.number())),
            reserved: 0,
            at: millis(now),
            key: set(&mut present, CPC_HAS_KEY, view.key.map(ContactKey::as_u64)),
            since: set(&mut present, CPC_HAS_SINCE, view.since.map(millis)),
            until: set(&mut present, CPC_HAS_UNTIL, view.until.map(millis)),
            dispatch: set(&mut present, CPC_HAS_DISPATCH, view.dispatch.map(u64::from)),
            last_reply: set(&mut present, CPC_HAS_LAST_REPLY, view.last_reply.map(millis)),
            present,
        }
    }
}

impl cpc_stats {
    const fn of(now: Timestamp, stats: Stats) -> cpc_stats {
        let Stats {
            seq,
            dispatches,
            phones,
            clients,
            blocked,
            opted_out,
            pending_follow_ups,
            wallets,
            senders,
            ..
        } = stats;
        cpc_stats {
            struct_size: size_of::<cpc_stats>() as u32,
            reserved: 0,
            at: millis(now),
            seq,
            dispatches,
            phones,
            clients,
            blocked,
            opted_out,
            pending_follow_ups,
            wallets,
            senders,
        }
    }
}

/// Writes what is known of a contact at `at`. It changes nothing.
///
/// Also fails with `CPC_ERR_INVALID_PHONE`, or `CPC_ERR_INVALID_FIELD` for a client id that is blank or too long.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_contact(
    engine: *const cpc_engine,
    at: i64,
    target: *const cpc_target,
    contact: *mut cpc_contact,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let place = unsafe { Output::required(contact, "contact") }?;
        // SAFETY: the caller's to be read during the call.
        let (now, view) = state.engine.contact(at, unsafe { target_of(target) }?)?;
        place.write(cpc_contact::of(now, &view));
        Ok(())
    })
}

/// Writes when the next follow-up is due and the next cycle ends, as of `at`. It changes nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_deadlines(
    engine: *const cpc_engine,
    at: i64,
    deadlines: *mut cpc_deadlines,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let place = unsafe { Output::required(deadlines, "deadlines") }?;
        let (now, deadlines) = state.engine.deadlines(at)?;
        let mut present = 0;
        let follow_up = set(&mut present, CPC_HAS_FOLLOW_UP, deadlines.follow_up.map(millis));
        let expiry = set(&mut present, CPC_HAS_EXPIRY, deadlines.expiry.map(millis));
        let struct_size = size_of::<cpc_deadlines>() as u32;
        place.write(cpc_deadlines { struct_size, present, at: millis(now), follow_up, expiry });
        Ok(())
    })
}

/// Says when to call `cpc_engine_follow_ups` and `cpc_engine_expire` next, at no cost: the earlier of the deadlines as of
/// the engine's clock. `*exists` gets whether there is one, `*deadline` when, in milliseconds since 1970, UTC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_next_deadline(
    engine: *const cpc_engine,
    exists: *mut bool,
    deadline: *mut i64,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let exists = unsafe { PlainOutput::required(exists, "exists") }?;
        // SAFETY: the caller's to be written to.
        let place = unsafe { PlainOutput::required(deadline, "deadline") }?;
        let deadline = state.engine.next_deadline();
        exists.write(deadline.is_some());
        place.write(deadline.map_or(0, millis));
        Ok(())
    })
}

/// Writes how much the engine holds, as of `at`. It changes nothing. Takes time in proportion to the contacts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_stats(
    engine: *const cpc_engine,
    at: i64,
    stats: *mut cpc_stats,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let place = unsafe { Output::required(stats, "stats") }?;
        let (now, stats) = state.engine.stats(at)?;
        place.write(cpc_stats::of(now, stats));
        Ok(())
    })
}

/// Writes the id of a sender that an outcome or contact of this engine names to `id`, which it replaces.
///
/// Also fails with `CPC_ERR_UNKNOWN_SENDER` if the engine has no sender of this number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_sender_id(
    engine: *const cpc_engine,
    sender: u32,
    id: *mut cpc_buffer,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        check_pointer(id, "id")?;
        let text = state.engine.sender_id(SenderRef::from_number(sender));
        if text.is_empty() {
            return Err(CallError::Misuse(cpc_result::CPC_ERR_UNKNOWN_SENDER, "sender"));
        }
        // SAFETY: the caller's to be written to.
        let buffer = unsafe { buffer_of(id, "id") }?;
        // SAFETY: the caller hands in zeros, or what the library wrote.
        unsafe { buffer.fill(|out| out.extend_from_slice(text.as_bytes())) }
    })
}
