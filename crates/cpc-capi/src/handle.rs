//! The handle: one call at a time, panics, and the detail of the last failure.

use crate::argument::{PlainOutput, check_pointer};
use crate::result::{CallError, cpc_result};
use crate::result_text::message_of;
use crate::text::{cpc_buffer, cpc_text};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU8, Ordering};
use cpc_core::{Engine, Message, Outcome};
use cpc_wire::{Language, refusal_text};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An engine: one tenant's rules and state. `cpc_engine_new` or `cpc_engine_restore` makes one, `cpc_engine_free` ends
/// it.
///
/// It may be used from any thread, by one at a time; a call that finds another one running does nothing and returns
/// `CPC_ERR_BUSY`.
pub struct cpc_engine {
    turn: AtomicU8,
    state: UnsafeCell<State>,
}

/// No call is running.
const FREE: u8 = 0;
/// A call is running.
const TAKEN: u8 = 1;
/// A call met a bug: what it left behind cannot be trusted.
const POISONED: u8 = 2;

// SAFETY: `state` is only reached by the one call that has taken `turn`.
unsafe impl Sync for cpc_engine {}

/// What a handle holds.
pub(crate) struct State {
    pub(crate) engine: Engine,
    pub(crate) language: Language,
    /// The outcomes of the last command; reused, so that a batch allocates nothing.
    pub(crate) outcomes: Vec<Outcome>,
    /// Room for the messages of a batch, between calls empty.
    pub(crate) messages: Vec<Message<'static>>,
    /// Room for the digits of a column of phones, between calls empty.
    pub(crate) digits: String,
    /// Why the last call failed, if it did.
    last_error: Option<CallError>,
}

impl State {
    fn new(engine: Engine, language: Language) -> State {
        let (outcomes, messages, digits) = (Vec::new(), Vec::new(), String::new());
        State { engine, language, outcomes, messages, digits, last_error: None }
    }
}

impl cpc_engine {
    /// A handle for the caller to own.
    pub(crate) fn hand_out(engine: Engine, language: Language) -> *mut cpc_engine {
        let state = UnsafeCell::new(State::new(engine, language));
        Box::into_raw(Box::new(cpc_engine { turn: AtomicU8::new(FREE), state }))
    }

    /// Takes the turn, unless another call has it or the handle is poisoned.
    fn take_turn(&self) -> Result<(), cpc_result> {
        match self.turn.compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => Ok(()),
            Err(POISONED) => Err(cpc_result::CPC_ERR_POISONED),
            Err(_) => Err(cpc_result::CPC_ERR_BUSY),
        }
    }

    /// Runs `act` on the state, and remembers how it failed, if it does.
    fn run(&self, act: impl FnOnce(&mut State) -> Result<(), CallError>) -> cpc_result {
        self.run_quietly(|state| {
            let result = act(state);
            state.last_error = result.err();
            result
        })
    }

    /// Runs `act` on the state. A panic ends here: the handle is poisoned, the caller's process goes on.
    fn run_quietly(&self, act: impl FnOnce(&mut State) -> Result<(), CallError>) -> cpc_result {
        if let Err(result) = self.take_turn() {
            return result;
        }
        // SAFETY: the turn is taken, so no other call reaches the state until it is given back.
        let state = unsafe { &mut *self.state.get() };
        // What a panic leaves half done is never looked at again.
        match catch_unwind(AssertUnwindSafe(|| act(state))) {
            Ok(result) => {
                self.turn.store(FREE, Ordering::Release);
                result.map_or_else(CallError::result, |()| cpc_result::CPC_OK)
            }
            Err(payload) => {
                self.turn.store(POISONED, Ordering::Release);
                // Dropping it could panic again.
                core::mem::forget(payload);
                cpc_result::CPC_ERR_PANIC
            }
        }
    }
}

/// A handle of the caller's.
///
/// # Safety
/// `engine` is NULL, or a handle that is not freed for as long as `'a`.
pub(crate) unsafe fn handle<'a>(engine: *const cpc_engine) -> Result<&'a cpc_engine, CallError> {
    check_pointer(engine, "engine")?;
    // SAFETY: not NULL and aligned; the caller says that it is a handle.
    Ok(unsafe { &*engine })
}

/// Runs `act` on a handle's state.
pub(crate) fn with(
    engine: Result<&cpc_engine, CallError>,
    act: impl FnOnce(&mut State) -> Result<(), CallError>,
) -> cpc_result {
    match engine {
        Ok(engine) => engine.run(act),
        Err(error) => error.result(),
    }
}

/// Runs what needs no handle. A panic ends here too.
pub(crate) fn without_handle(act: impl FnOnce() -> Result<(), CallError>) -> cpc_result {
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(result) => result.map_or_else(CallError::result, |()| cpc_result::CPC_OK),
        Err(payload) => {
            core::mem::forget(payload);
            cpc_result::CPC_ERR_PANIC
        }
    }
}

/// Ends an engine and gives its memory back. NULL is allowed and does nothing. Afterwards the handle must not be used
/// any more, by any thread.
///
/// Returns `CPC_ERR_BUSY`, and frees nothing, while another call on the handle is running.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_free(engine: *mut cpc_engine) -> cpc_result {
    if engine.is_null() {
        return cpc_result::CPC_OK;
    }
    // SAFETY: the caller's handle.
    match unsafe { handle(engine) } {
        Ok(engine) if engine.take_turn() == Err(cpc_result::CPC_ERR_BUSY) => return cpc_result::CPC_ERR_BUSY,
        Ok(_) => {}
        Err(error) => return error.result(),
    }
    // SAFETY: made by `hand_out`, and the caller ends its life here; the turn is never given back.
    let engine = unsafe { Box::from_raw(engine) };
    without_handle(|| {
        drop(engine);
        Ok(())
    })
}

/// Why the last call on this engine failed: returns its result, `CPC_OK` if it did not. Calls that ended with
/// `CPC_ERR_BUSY` do not count.
///
/// `field` (may be NULL) gets the member at fault by its name in JSON, or the argument's or member's name in this
/// header; a static text without a NUL, empty if there is none. In a wallet's list of senders it is the sender's own
/// member, `weight`; the message has its place too, `senders[12].weight`. `message` (may be NULL) gets a sentence for
/// people: refusals in the engine's language, misuse of this library in English. Texts never repeat values that were
/// handed in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_error(
    engine: *const cpc_engine,
    field: *mut cpc_text,
    message: *mut cpc_buffer,
) -> cpc_result {
    // SAFETY: the caller's handle.
    let engine = match unsafe { handle(engine) } {
        Ok(engine) => engine,
        Err(error) => return error.result(),
    };
    let mut last = cpc_result::CPC_OK;
    let asked = engine.run_quietly(|state| {
        let text = state.last_error.map(|error| describe(error, state.language)).unwrap_or_default();
        if !message.is_null() {
            check_pointer(message, "message")?;
            // SAFETY: not NULL, aligned, and the caller's alone.
            let message = unsafe { &mut *message };
            // SAFETY: the caller hands in zeros, or what the library wrote.
            unsafe { message.fill(|out| out.extend_from_slice(text.as_bytes())) }?;
        }
        if !field.is_null() {
            let name = state.last_error.and_then(CallError::field);
            // SAFETY: the caller's to be written to.
            unsafe { PlainOutput::required(field, "field") }?
                .write(name.map_or(cpc_text::EMPTY, cpc_text::of));
        }
        last = state.last_error.map_or(cpc_result::CPC_OK, CallError::result);
        Ok(())
    });
    if asked == cpc_result::CPC_OK { last } else { asked }
}

fn describe(error: CallError, language: Language) -> String {
    match error {
        CallError::Misuse(result, name) => format!("{name}: {}", message_of(result)),
        CallError::Refused(refusal) => refusal_text(&refusal, language),
        CallError::NotRestored(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_core::Policy;
    use cpc_result::*;

    fn new() -> *mut cpc_engine {
        cpc_engine::hand_out(Engine::new(Policy::default()), Language::En)
    }

    #[test]
    fn a_panic_poisons_its_handle_and_no_other() {
        let (one, other) = (new(), new());
        let bug = |_: &mut State| -> Result<(), CallError> { panic!("a bug, on purpose") };
        assert_eq!(with(unsafe { handle(one) }, bug), CPC_ERR_PANIC);
        assert_eq!(with(unsafe { handle(one) }, |_| Ok(())), CPC_ERR_POISONED);
        assert_eq!(
            unsafe { cpc_engine_error(one, core::ptr::null_mut(), core::ptr::null_mut()) },
            CPC_ERR_POISONED
        );
        assert_eq!(with(unsafe { handle(other) }, |_| Ok(())), CPC_OK);
        assert_eq!(unsafe { (cpc_engine_free(one), cpc_engine_free(other)) }, (CPC_OK, CPC_OK));
    }

    #[test]
    fn a_panic_without_a_handle_is_a_result() {
        assert_eq!(without_handle(|| panic!("a bug, on purpose")), CPC_ERR_PANIC);
    }

    #[test]
    fn a_call_within_a_call_is_refused_and_nothing_is_freed() {
        let engine = new();
        let mut inner = [CPC_OK; 3];
        let outer = with(unsafe { handle(engine) }, |_| {
            let error = unsafe { cpc_engine_error(engine, core::ptr::null_mut(), core::ptr::null_mut()) };
            let again = with(unsafe { handle(engine) }, |_| Ok(()));
            inner = [again, unsafe { cpc_engine_free(engine) }, error];
            Ok(())
        });
        assert_eq!((outer, inner), (CPC_OK, [CPC_ERR_BUSY; 3]));
        assert_eq!(unsafe { cpc_engine_free(engine) }, CPC_OK);
    }
}
