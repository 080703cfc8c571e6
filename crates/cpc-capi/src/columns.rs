//! Batches by columns, as data frames and arrays have them.

use crate::argument::{input, versioned};
use crate::batch::{BatchHead, with_messages};
use crate::choice::check_flags;
use crate::command_output::{CommandOutput, cpc_applied};
use crate::handle::{State, cpc_engine, handle, with};
use crate::outcome::cpc_outcome;
use crate::result::{CallError, cpc_result};
use crate::text::cpc_text;
use core::ffi::c_char;
use core::slice;
use cpc_core::{Batch, IdMessage, Message};

/// `cpc_columns.flags`: all messages are accepted or none. It is `CPC_BATCH_ATOMIC`.
pub const CPC_COLUMNS_ATOMIC: u32 = 1;
/// `cpc_columns.flags`: `closeTicket` of all messages is true, as it must be.
pub const CPC_COLUMNS_CLOSE_TICKET: u32 = 2;

/// A column of numbers: row `i` is the 8 bytes at `data + i * stride`, which need not be aligned.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cpc_number_column {
    /// The first row; NULL if there is no such column.
    pub data: *const u64,
    /// From row to row, in bytes; 0 if all rows are the same.
    pub stride: usize,
}

/// A column of texts: row `i` is the `width` bytes at `data + i * stride`, less the NULs at their end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cpc_text_column {
    /// The first row; NULL if there is no such column.
    pub data: *const c_char,
    /// How many bytes a row has.
    pub width: usize,
    /// From row to row, in bytes; 0 if all rows are the same.
    pub stride: usize,
}

/// A batch by columns, for campaigns whose messages have the same texts. An empty text is the same as an absent one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cpc_columns {
    /// `sizeof(cpc_columns)`.
    pub struct_size: u32,
    /// `CPC_COLUMNS_…`.
    pub flags: u32,
    /// The campaign; not blank, up to 256 bytes.
    pub campaign: cpc_text,
    /// The account; empty is none, up to 128 bytes.
    pub id_account: cpc_text,
    /// The wallet's tag; not blank.
    pub tag: cpc_text,
    /// The operator of all messages; not blank, up to 128 bytes.
    pub specialist_code: cpc_text,
    /// What is sent, or a sample of it. Of templates the engine only looks whether they are blank.
    pub main_template: cpc_text,
    /// What is sent when a contact stays silent; none if blank.
    pub retry_template: cpc_text,
    /// What is sent when it stays silent again; none if blank.
    pub last_template: cpc_text,
    /// How many messages there are.
    pub count: usize,
    /// The phones, as numbers of all their digits.
    pub phones: cpc_number_column,
    /// The messages' own numbers; may be absent.
    pub id_messages: cpc_number_column,
    /// The clients; may be absent.
    pub client_ids: cpc_text_column,
    /// The contracts; may be absent.
    pub contracts: cpc_text_column,
}

versioned!(cpc_columns through contracts);

/// Refuses a column that is larger than memory.
fn check_extent(count: usize, width: usize, stride: usize, name: &'static str) -> Result<(), CallError> {
    let last = count.saturating_sub(1).checked_mul(stride).and_then(|last| last.checked_add(width));
    if last.is_some_and(|end| end <= isize::MAX as usize) {
        return Ok(());
    }
    Err(CallError::Misuse(cpc_result::CPC_ERR_TOO_LARGE, name))
}

impl cpc_number_column {
    fn check(&self, count: usize, name: &'static str) -> Result<(), CallError> {
        check_extent(count, size_of::<u64>(), self.stride, name)
    }

    /// # Safety
    /// The column is there, was checked, and has more than `row` rows.
    unsafe fn row(&self, row: usize) -> u64 {
        // SAFETY: within the column.
        let place = unsafe { self.data.byte_add(row * self.stride) };
        // SAFETY: within the column.
        unsafe { place.read_unaligned() }
    }
}

impl cpc_text_column {
    fn check(&self, count: usize, name: &'static str) -> Result<(), CallError> {
        check_extent(count, self.width, self.stride, name)
    }

    /// The text of a row, yet to be read; empty if there is no such column.
    ///
    /// # Safety
    /// The column was checked, and has more than `row` rows that can be read.
    unsafe fn row(&self, row: usize) -> cpc_text {
        if self.data.is_null() {
            return cpc_text::EMPTY;
        }
        // SAFETY: within the column.
        let place = unsafe { self.data.byte_add(row * self.stride) };
        // SAFETY: within the column.
        let bytes: &[u8] = unsafe { slice::from_raw_parts(place.cast(), self.width) };
        let padding = bytes.iter().rev().take_while(|byte| **byte == 0).count();
        cpc_text { data: place, length: self.width - padding }
    }
}

impl cpc_columns {
    /// # Safety
    /// Its texts can be read for as long as `'a`.
    unsafe fn head<'a>(&self) -> Result<BatchHead<'a>, CallError> {
        check_flags(self.flags, CPC_COLUMNS_ATOMIC | CPC_COLUMNS_CLOSE_TICKET)?;
        // SAFETY: the caller sees to all texts.
        let read = |text: cpc_text, name| unsafe { text.read(name) };
        Ok(BatchHead {
            campaign: read(self.campaign, "campaign")?,
            id_account: read(self.id_account, "idAccount")?,
            tag: read(self.tag, "tag")?,
            atomic: self.flags & CPC_COLUMNS_ATOMIC != 0,
        })
    }

    /// What all messages share.
    ///
    /// # Safety
    /// Its texts can be read for as long as `'a`.
    unsafe fn common<'a>(&self) -> Result<Message<'a>, CallError> {
        // SAFETY: the caller sees to all texts.
        let template = |text: cpc_text, name| unsafe { text.read_template(name) };
        Ok(Message {
            close_ticket: Some(self.flags & CPC_COLUMNS_CLOSE_TICKET != 0),
            // SAFETY: the caller sees to it.
            specialist_code: unsafe { self.specialist_code.read("specialistCode") }?,
            main_template: template(self.main_template, "mainTemplate")?,
            retry_template: template(self.retry_template, "retryTemplate")?,
            last_template: template(self.last_template, "lastTemplate")?,
            ..Message::default()
        })
    }

    fn check(&self) -> Result<(), CallError> {
        if self.count > 0 && self.phones.data.is_null() {
            return Err(CallError::Misuse(cpc_result::CPC_ERR_NULL, "phones"));
        }
        self.phones.check(self.count, "phones")?;
        self.id_messages.check(self.count, "id_messages")?;
        self.client_ids.check(self.count, "client_ids")?;
        self.contracts.check(self.count, "contracts")
    }

    /// Writes the digits of all phones, each on a line.
    ///
    /// # Safety
    /// The columns were checked, and can be read.
    unsafe fn write_phones(&self, digits: &mut String) {
        let mut number = itoa::Buffer::new();
        for row in 0..self.count {
            // SAFETY: the caller sees to it.
            digits.push_str(number.format(unsafe { self.phones.row(row) }));
            digits.push('\n');
        }
    }

    /// Makes the messages, whose phones are lines.
    ///
    /// # Safety
    /// The columns were checked, and can be read for as long as `'a`.
    unsafe fn fill<'a>(&self, phones: &'a str, messages: &mut Vec<Message<'a>>) -> Result<(), CallError> {
        // SAFETY: the caller sees to it.
        let common: Message<'a> = unsafe { self.common() }?;
        messages.reserve(self.count);
        for (row, phone) in phones.split_terminator('\n').enumerate() {
            let numbered = !self.id_messages.data.is_null();
            // SAFETY: the column is there, and the caller sees to the rest.
            let number = || IdMessage::Number(unsafe { self.id_messages.row(row) });
            messages.push(Message {
                phone,
                id_message: if numbered { number() } else { IdMessage::None },
                // SAFETY: the caller sees to it.
                client_id: unsafe { self.client_ids.row(row).read("clientId") }?,
                // SAFETY: the caller sees to it.
                contract: unsafe { self.contracts.row(row) }.read_length("contract")?,
                ..common
            });
        }
        Ok(())
    }
}

/// Decides a batch by columns; the same as `cpc_engine_dispatch` of the messages that the rows are. Once the engine's
/// buffers have grown, nothing is allocated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_dispatch_columns(
    engine: *mut cpc_engine,
    at: i64,
    columns: *const cpc_columns,
    outcomes: *mut cpc_outcome,
    capacity: usize,
    applied: *mut cpc_applied,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let output = unsafe { CommandOutput::of_many(outcomes, capacity, applied) }?;
        // SAFETY: the caller's to be read during the call.
        let columns = unsafe { input(columns, "columns") }?;
        // SAFETY: the caller's to be read during the call.
        let head = unsafe { columns.head() }?;
        columns.check()?;
        output.check_room(columns.count)?;
        let mut digits = core::mem::take(&mut state.digits);
        digits.clear();
        // SAFETY: checked; the caller's to be read during the call.
        unsafe { columns.write_phones(&mut digits) };
        let act = |state: &mut State, batch: &Batch<'_>| {
            state.engine.dispatch(at, batch, &mut state.outcomes).map_err(CallError::from)
        };
        // SAFETY: checked; the caller's to be read during the call.
        let applied = with_messages(state, &head, |messages| unsafe { columns.fill(&digits, messages) }, act);
        state.digits = digits;
        output.write(&state.outcomes, applied?);
        Ok(())
    })
}
