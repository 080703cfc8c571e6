//! What comes from WhatsApp, as the engine takes it. `cpc-whatsapp` knows what it means.
//!
//! The lists of words and codes are made in each call, which takes microseconds: the library keeps no memory that no
//! handle owns.

use crate::argument::{Output, PlainOutput, versioned};
use crate::choice::cpc_fault;
use crate::handle::{cpc_engine, handle, with, without_handle};
use crate::lifecycle::buffer_of;
use crate::result::{CallError, cpc_result};
use crate::text::{cpc_buffer, cpc_text};
use cpc_core::Fault;
use cpc_whatsapp::{
    Advice, Event, FaultTable, OptOutWords, Options, Retry, SenderAdvice, read_notification, translate,
};

/// What happens to a sender whose message failed, beyond the quarantine that a report of its fault leads to.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_sender_advice {
    /// Nothing more.
    CPC_SENDER_ADVICE_NONE = 0,
    /// It rests for `hold_ms`: state `CPC_SENDER_QUARANTINED`.
    CPC_SENDER_ADVICE_HOLD = 1,
    /// It serves only contacts that it wrote to before, until the time that the error names: state
    /// `CPC_SENDER_EXISTING_ONLY`.
    CPC_SENDER_ADVICE_EXISTING_ONLY = 2,
    /// It is out of use until a person acts: state `CPC_SENDER_DISABLED`.
    CPC_SENDER_ADVICE_DISABLE = 3,
    /// So are all senders of its group, because their common account is at fault.
    CPC_SENDER_ADVICE_DISABLE_GROUP = 4,
}

/// Whether and when a message that failed may be tried again.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cpc_retry {
    /// As the engine decides.
    CPC_RETRY_AS_DECIDED = 0,
    /// Not before `retry_after_ms` have passed.
    CPC_RETRY_AFTER = 1,
    /// After a while that grows each time.
    CPC_RETRY_BACK_OFF = 2,
    /// Only as a template message.
    CPC_RETRY_AS_TEMPLATE = 3,
    /// Never to this contact.
    CPC_RETRY_NEVER = 4,
}

/// `cpc_advice.flags`: the contact has opted out by it.
pub const CPC_ADVICE_OPT_OUT: u32 = 1;

/// What to do about an error code of WhatsApp's.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_advice {
    /// `sizeof(cpc_advice)`.
    pub struct_size: u32,
    /// `CPC_ADVICE_OPT_OUT`, or 0.
    pub flags: u32,
    /// Whose fault it is, a `cpc_fault`.
    pub fault: i32,
    /// What happens to the sender, a `cpc_sender_advice`.
    pub sender: i32,
    /// Whether and when the message may be tried again, a `cpc_retry`.
    pub retry: i32,
    /// 0.
    pub reserved: u32,
    /// How long the sender rests, in milliseconds; 0 unless `sender` is `CPC_SENDER_ADVICE_HOLD`.
    pub hold_ms: u64,
    /// How long to wait, in milliseconds; 0 unless `retry` is `CPC_RETRY_AFTER`.
    pub retry_after_ms: u64,
}

versioned!(cpc_advice through retry_after_ms);

const fn fault_of(fault: Fault) -> cpc_fault {
    match fault {
        Fault::Contact => cpc_fault::CPC_FAULT_CONTACT,
        Fault::Sender => cpc_fault::CPC_FAULT_SENDER,
        Fault::Request => cpc_fault::CPC_FAULT_REQUEST,
        Fault::Ambiguous => cpc_fault::CPC_FAULT_AMBIGUOUS,
    }
}

impl cpc_advice {
    const fn of(advice: Advice) -> cpc_advice {
        use {cpc_retry::*, cpc_sender_advice::*};
        let (sender, hold_ms) = match advice.sender {
            SenderAdvice::HoldMs(hold) => (CPC_SENDER_ADVICE_HOLD, hold),
            SenderAdvice::ExistingOnly => (CPC_SENDER_ADVICE_EXISTING_ONLY, 0),
            SenderAdvice::Disable => (CPC_SENDER_ADVICE_DISABLE, 0),
            SenderAdvice::DisableGroup => (CPC_SENDER_ADVICE_DISABLE_GROUP, 0),
            _ => (CPC_SENDER_ADVICE_NONE, 0),
        };
        let (retry, retry_after_ms) = match advice.retry {
            Retry::AfterMs(after) => (CPC_RETRY_AFTER, after),
            Retry::BackOff => (CPC_RETRY_BACK_OFF, 0),
            Retry::AsTemplate => (CPC_RETRY_AS_TEMPLATE, 0),
            Retry::Never => (CPC_RETRY_NEVER, 0),
            _ => (CPC_RETRY_AS_DECIDED, 0),
        };
        cpc_advice {
            struct_size: size_of::<cpc_advice>() as u32,
            flags: if advice.opt_out { CPC_ADVICE_OPT_OUT } else { 0 },
            fault: fault_of(advice.fault) as i32,
            sender: sender as i32,
            retry: retry as i32,
            reserved: 0,
            hold_ms,
            retry_after_ms,
        }
    }
}

/// Whether a message of a contact's asks not to be written to any more: what `CPC_REPLY_OPT_OUT` is to say of it. It does
/// if the whole of it is one of `parar`, `pare`, `sair`, `cancelar`, `stop`, `remover` and `descadastrar`; case, accents,
/// punctuation and symbols do not matter. Allocates. Any thread may call it at any time.
///
/// Fails with `CPC_ERR_NULL`, `CPC_ERR_ALIGNMENT`, `CPC_ERR_UTF8` or `CPC_ERR_TOO_LARGE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_is_opt_out(message: cpc_text, is_opt_out: *mut bool) -> cpc_result {
    without_handle(|| {
        // SAFETY: the caller's to be written to.
        let place = unsafe { PlainOutput::required(is_opt_out, "is_opt_out") }?;
        // SAFETY: the caller's to be read during the call.
        let message = unsafe { message.read("message") }?;
        place.write(OptOutWords::default().matches(message));
        Ok(())
    })
}

/// Whose fault an error code of WhatsApp's is, a `cpc_fault` for the report of a failed delivery: 131026 is
/// `CPC_FAULT_CONTACT`, 131049 is `CPC_FAULT_REQUEST`. Codes that are not known are `CPC_FAULT_AMBIGUOUS`, as the message
/// may have been delivered. `cpc_advice_of_code` says the rest of what a code means. Allocates. Any thread may call it at any time.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_fault_of_code(code: u32) -> i32 {
    fault_of(FaultTable::default().advice(code).fault) as i32
}

/// Writes all that an error code of WhatsApp's means: its fault, and what `cpc_engine_whatsapp_commands` does about its
/// sender and its contact. Codes that are not known are `CPC_FAULT_AMBIGUOUS` and nothing more. Allocates. Any thread may
/// call it at any time.
///
/// Fails with `CPC_ERR_NULL`, `CPC_ERR_ALIGNMENT` or `CPC_ERR_STRUCT_SIZE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_advice_of_code(code: u32, advice: *mut cpc_advice) -> cpc_result {
    without_handle(|| {
        // SAFETY: the caller's to be written to.
        let place = unsafe { Output::required(advice, "advice") }?;
        place.write(cpc_advice::of(FaultTable::default().advice(code)));
        Ok(())
    })
}

/// Takes a notification of the WhatsApp Cloud API apart into events, the body of its webhook as it came. `events`, which
/// it replaces, gets them as JSON objects in their order, each with a line end after it. Hand them to
/// `cpc_engine_whatsapp_commands`, one after the other. The webhook's signature is for the caller to check, before.
///
/// What cannot be read within a notification is an event too, which is ignored. Any thread may call it at any time.
///
/// Fails with `CPC_ERR_INVALID_FIELD` if it is no JSON object, or with `CPC_ERR_NULL`, `CPC_ERR_ALIGNMENT`,
/// `CPC_ERR_TOO_LARGE` or `CPC_ERR_PANIC`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_whatsapp_events(notification: cpc_text, events: *mut cpc_buffer) -> cpc_result {
    without_handle(|| {
        // SAFETY: the caller's to be written to.
        let buffer = unsafe { buffer_of(events, "events") }?;
        // SAFETY: the caller's to be read during the call.
        let body = unsafe { notification.bytes("notification") }?;
        let invalid = |_| CallError::Misuse(cpc_result::CPC_ERR_INVALID_FIELD, "notification");
        let events = read_notification(body).map_err(invalid)?;
        // SAFETY: the caller hands in zeros, or what the library wrote.
        unsafe { buffer.fill(|out| write_lines(events.iter().map(Event::to_json), out)) }
    })
}

/// Writes the command lines that an event leads to as the engine stands at `at`, in milliseconds since 1970, UTC. It
/// changes nothing: write the lines to the log as one entry, if there is one, and carry each out with
/// `cpc_engine_execute`, before the next event is asked about.
///
/// `event` is a line of `cpc_whatsapp_events`, or made by the caller: `{"message":{"phone":…,"text":…}}` is a message,
/// `{"optOut":{"phone":…}}` a wish, and `{"status":{"dispatch":17,"status":"failed","code":131048,"sender":…}}` a delivery
/// status. A status of WhatsApp's names its dispatch in `messageId`, which is what `biz_opaque_callback_data` was set to
/// when the message went out: the dispatch's number, `17`, or number and sender id, `17:5514990000001`. Who sets it to
/// something else adds the members `dispatch`, `sender` and `phone` (README of `crates/cpc-whatsapp`).
///
/// `commands`, which it replaces, gets JSON objects, each with a line end after it. `ignored` (may be NULL) gets why the
/// event leads to none: a static text without a NUL, such as `reaction`; empty if there are commands.
///
/// Fails with `CPC_ERR_INVALID_FIELD` if it is no event, or with `CPC_ERR_NULL`, `CPC_ERR_ALIGNMENT`,
/// `CPC_ERR_TOO_LARGE`, `CPC_ERR_BUSY`, `CPC_ERR_POISONED` or `CPC_ERR_PANIC`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_whatsapp_commands(
    engine: *const cpc_engine,
    event: cpc_text,
    at: i64,
    commands: *mut cpc_buffer,
    ignored: *mut cpc_text,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let buffer = unsafe { buffer_of(commands, "commands") }?;
        let place = match ignored.is_null() {
            true => None,
            // SAFETY: the caller's to be written to.
            false => Some(unsafe { PlainOutput::required(ignored, "ignored") }?),
        };
        // SAFETY: the caller's to be read during the call.
        let event = unsafe { event.bytes("event") }?;
        let invalid = |_| CallError::Misuse(cpc_result::CPC_ERR_INVALID_FIELD, "event");
        let event = Event::from_json(event).map_err(invalid)?;
        let translated = translate(&event, &state.engine, at, &Options::default());
        let (commands, ignored) =
            translated.map_or_else(|ignored| (None, ignored.name()), |commands| (Some(commands), ""));
        let lines = commands.iter().flat_map(|commands| commands.lines(Some(at)));
        // SAFETY: the caller hands in zeros, or what the library wrote.
        unsafe { buffer.fill(|out| write_lines(lines, out)) }?;
        if let Some(place) = place {
            place.write(cpc_text::of(ignored));
        }
        Ok(())
    })
}

fn write_lines(lines: impl Iterator<Item = String>, out: &mut Vec<u8>) {
    for line in lines {
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::delivery_of;
    use core::ptr;
    use cpc_core::Delivery;
    use cpc_result::*;

    fn asked(message: &str) -> Option<bool> {
        let mut answer = false;
        let result = unsafe { cpc_is_opt_out(cpc_text::of(message), &raw mut answer) };
        (result == CPC_OK).then_some(answer)
    }

    #[test]
    fn opt_outs_are_those_of_cpc_whatsapp() {
        for message in ["PÁRAR!", "sair", "não parar", "", "Olá"] {
            assert_eq!(asked(message), Some(OptOutWords::default().matches(message)), "{message}");
        }
        assert_eq!(asked("PÁRAR!"), Some(true));
    }

    #[test]
    fn a_message_that_is_none_is_refused() {
        let mut answer = true;
        let bytes = cpc_text { data: b"\xFF".as_ptr().cast(), length: 1 };
        assert_eq!(unsafe { cpc_is_opt_out(bytes, &raw mut answer) }, CPC_ERR_UTF8);
        let null = cpc_text { length: 1, ..cpc_text::EMPTY };
        assert_eq!(unsafe { cpc_is_opt_out(null, &raw mut answer) }, CPC_ERR_NULL);
        assert_eq!(unsafe { cpc_is_opt_out(cpc_text::of("sair"), ptr::null_mut()) }, CPC_ERR_NULL);
        assert!(answer);
    }

    #[test]
    fn every_code_has_the_fault_that_the_table_says() {
        for code in [0, 1, 4, 368, 463, 131_026, 131_047, 131_048, 131_049, 131_050, 132_500, u32::MAX] {
            let fault = FaultTable::default().advice(code).fault;
            assert_eq!(delivery_of(4, cpc_fault_of_code(code)), Ok(Delivery::Failed(fault)), "{code}");
        }
        assert_eq!(cpc_fault_of_code(131_026), cpc_fault::CPC_FAULT_CONTACT as i32);
    }

    #[test]
    fn advice_says_what_its_code_means() {
        let of = |code| {
            let mut advice =
                cpc_advice { struct_size: size_of::<cpc_advice>() as u32, ..cpc_advice::default() };
            assert_eq!(unsafe { cpc_advice_of_code(code, &raw mut advice) }, CPC_OK);
            (advice.fault, advice.sender, advice.hold_ms, advice.retry, advice.retry_after_ms, advice.flags)
        };
        assert_eq!(of(131_048), (2, 1, 21_600_000, 0, 0, 0));
        assert_eq!(of(463), (2, 2, 0, 0, 0, 0));
        assert_eq!(of(131_045), (2, 3, 0, 0, 0, 0));
        assert_eq!(of(131_031), (2, 4, 0, 0, 0, 0));
        assert_eq!(of(131_056), (3, 0, 0, 1, 6_000, 0));
        assert_eq!(of(4), (3, 0, 0, 2, 0, 0));
        assert_eq!(of(131_047), (3, 0, 0, 3, 0, 0));
        assert_eq!(of(131_050), (3, 0, 0, 4, 0, CPC_ADVICE_OPT_OUT));
        assert_eq!(of(7), (4, 0, 0, 0, 0, 0));
        // Nothing of the table is said as less than it is.
        for (codes, advice) in FaultTable::default().rows() {
            let raw = cpc_advice::of(*advice);
            assert_eq!(raw.sender == 0, advice.sender == SenderAdvice::None, "{codes:?}");
            assert_eq!(raw.retry == 0, advice.retry == Retry::AsDecided, "{codes:?}");
        }
        assert_eq!(unsafe { cpc_advice_of_code(7, ptr::null_mut()) }, CPC_ERR_NULL);
        let mut small = cpc_advice::default();
        assert_eq!(unsafe { cpc_advice_of_code(7, &raw mut small) }, CPC_ERR_STRUCT_SIZE);
    }
}
