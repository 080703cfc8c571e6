//! Batches of messages.

use crate::argument::{Inputs, input, versioned};
use crate::choice::check_flags;
use crate::command_output::{CommandOutput, cpc_applied};
use crate::handle::{State, cpc_engine, handle, with};
use crate::message::cpc_message;
use crate::outcome::cpc_outcome;
use crate::result::{CallError, cpc_result};
use crate::text::cpc_text;
use cpc_core::{Batch, Message};

/// `cpc_batch.flags`, `cpc_columns.flags`: all messages are accepted or none.
pub const CPC_BATCH_ATOMIC: u32 = 1;

/// Messages that are decided in order, each seeing the ones before it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cpc_batch {
    /// `sizeof(cpc_batch)`.
    pub struct_size: u32,
    /// `CPC_BATCH_…`.
    pub flags: u32,
    /// The campaign; not blank, up to 256 bytes.
    pub campaign: cpc_text,
    /// The account; empty is none, up to 128 bytes.
    pub id_account: cpc_text,
    /// The wallet's tag; not blank.
    pub tag: cpc_text,
    /// The messages.
    pub messages: *const cpc_message,
    /// How many messages there are.
    pub count: usize,
}

versioned!(cpc_batch through count);

/// The members of a batch, without its messages.
pub(crate) struct BatchHead<'a> {
    pub(crate) campaign: &'a str,
    pub(crate) id_account: &'a str,
    pub(crate) tag: &'a str,
    pub(crate) atomic: bool,
}

impl<'a> BatchHead<'a> {
    pub(crate) const fn with<'m>(&self, messages: &'m [Message<'m>]) -> Batch<'m>
    where
        'a: 'm,
    {
        Batch {
            campaign: self.campaign,
            id_account: self.id_account,
            tag: self.tag,
            messages,
            atomic: self.atomic,
        }
    }
}

impl cpc_batch {
    /// # Safety
    /// Its texts can be read for as long as `'a`.
    unsafe fn head<'a>(&self) -> Result<BatchHead<'a>, CallError> {
        check_flags(self.flags, CPC_BATCH_ATOMIC)?;
        // SAFETY: the caller sees to all texts.
        let read = |text: cpc_text, name| unsafe { text.read(name) };
        Ok(BatchHead {
            campaign: read(self.campaign, "campaign")?,
            id_account: read(self.id_account, "idAccount")?,
            tag: read(self.tag, "tag")?,
            atomic: self.flags & CPC_BATCH_ATOMIC != 0,
        })
    }
}

/// The same memory for messages that borrow from something else. It is empty, so nothing is borrowed.
pub(crate) fn recycle<'b>(mut messages: Vec<Message<'_>>) -> Vec<Message<'b>> {
    messages.clear();
    messages.into_iter().map(|_| Message::default()).collect()
}

/// Decides a batch: `outcomes[i]` gets the answer to `messages[i]`. A refused message does not affect the others, unless
/// the batch is atomic. `capacity` is how many outcomes there is room for, at least `batch->count`. Once the engine's
/// buffers have grown, nothing is allocated.
///
/// Refuses the batch as a whole with `CPC_ERR_CAPACITY`, `CPC_ERR_UNKNOWN_WALLET`, `CPC_ERR_EMPTY_BATCH`,
/// `CPC_ERR_BATCH_TOO_LARGE`, `CPC_ERR_INVALID_FIELD` or `CPC_ERR_TOO_MANY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_dispatch(
    engine: *mut cpc_engine,
    at: i64,
    batch: *const cpc_batch,
    outcomes: *mut cpc_outcome,
    capacity: usize,
    applied: *mut cpc_applied,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let output = unsafe { CommandOutput::of_many(outcomes, capacity, applied) }?;
        let act = |state: &mut State, batch: &Batch<'_>| {
            state.engine.dispatch(at, batch, &mut state.outcomes).map_err(CallError::from)
        };
        // SAFETY: the caller's to be read during the call.
        let applied = unsafe { with_batch(state, batch, &output, act) }?;
        output.write(&state.outcomes, applied);
        Ok(())
    })
}

/// Answers as `cpc_engine_dispatch` would, and changes nothing. Allocates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_preview(
    engine: *const cpc_engine,
    at: i64,
    batch: *const cpc_batch,
    outcomes: *mut cpc_outcome,
    capacity: usize,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let output = unsafe { CommandOutput::of_many(outcomes, capacity, core::ptr::null_mut()) }?;
        let act = |state: &mut State, batch: &Batch<'_>| {
            state.engine.preview(at, batch, &mut state.outcomes).map_err(CallError::from)
        };
        // SAFETY: the caller's to be read during the call.
        unsafe { with_batch(state, batch, &output, act) }?;
        output.write_outcomes(&state.outcomes);
        Ok(())
    })
}

/// Reads a batch and hands it to `act` as the engine takes it.
///
/// # Safety
/// `batch` is NULL, or it, its messages and their texts can be read during the call.
unsafe fn with_batch<R>(
    state: &mut State,
    batch: *const cpc_batch,
    output: &CommandOutput,
    act: impl FnOnce(&mut State, &Batch<'_>) -> Result<R, CallError>,
) -> Result<R, CallError> {
    // SAFETY: the caller sees to it.
    let batch = unsafe { input(batch, "batch") }?;
    // SAFETY: the caller sees to it.
    let head = unsafe { batch.head() }?;
    // SAFETY: the caller sees to it.
    let given = unsafe { Inputs::new(batch.messages, batch.count, "messages") }?;
    output.check_room(given.len())?;
    with_messages(
        state,
        &head,
        // SAFETY: the caller sees to it.
        |messages| unsafe { cpc_message::read_all(&given, messages) },
        act,
    )
}

/// Lets `fill` make the messages of a batch, in memory that the handle reuses, and hands the batch to `act`.
pub(crate) fn with_messages<'a, R>(
    state: &mut State,
    head: &BatchHead<'a>,
    fill: impl FnOnce(&mut Vec<Message<'a>>) -> Result<(), CallError>,
    act: impl FnOnce(&mut State, &Batch<'_>) -> Result<R, CallError>,
) -> Result<R, CallError> {
    let mut messages = recycle(core::mem::take(&mut state.messages));
    let result = fill(&mut messages).and_then(|()| act(state, &head.with(&messages)));
    state.messages = recycle(messages);
    result
}
