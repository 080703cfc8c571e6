#![deny(unsafe_code)]
//! The CPC rules engine as WebAssembly: what the npm package `cpc-engine` (`bindings/js`) calls.
//!
//! There are no rules here and no JSON: [`cpc_core`] decides, `cpc_wire` reads and writes. What is here is the
//! boundary: engines by number (`handles`), columns of numbers in and out (`columns`, `outcome_columns`), command lines
//! (`lines`), what comes from WhatsApp (`whatsapp`), and refusals as JavaScript throws them (`exception`). The functions
//! below are called by the package
//! alone, which checks types, gives them names and documents them; they are no interface for others.
//!
//! The module imports nothing but wasm-bindgen's own glue: no clock, no randomness. It is built twice: whole, and
//! without the feature `json` for those who need columns alone.

mod columns;
mod exception;
mod handles;
#[cfg(feature = "json")]
mod lines;
mod outcome_columns;
#[cfg(feature = "json")]
mod whatsapp;

use columns::Rows;
use cpc_core::{Engine, Policy, Timestamp};
use exception::Exception;
use outcome_columns::OutcomeColumns;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A new engine, with the default policy.
#[wasm_bindgen]
#[must_use]
pub fn create() -> u32 {
    handles::insert(Engine::new(Policy::default()))
}

/// An engine from a snapshot.
///
/// # Errors
/// `invalid_snapshot`.
#[wasm_bindgen]
pub fn restore(bytes: &[u8]) -> Result<u32, JsValue> {
    let engine = Engine::restore(bytes).map_err(|error| Exception::snapshot(error.to_string()))?;
    Ok(handles::insert(engine))
}

/// Frees an engine; its handle is refused from now on.
#[wasm_bindgen]
pub fn release(handle: u32) {
    handles::release(handle);
}

/// The engine as bytes.
///
/// # Errors
/// `freed`, `poisoned`.
#[wasm_bindgen]
pub fn snapshot(handle: u32) -> Result<Vec<u8>, JsValue> {
    Ok(handles::ask(handle, |engine| {
        let mut out = Vec::new();
        engine.snapshot(&mut out);
        out
    })?)
}

/// The digest, 32 hexadecimal digits.
///
/// # Errors
/// `freed`, `poisoned`.
#[wasm_bindgen]
pub fn digest(handle: u32) -> Result<String, JsValue> {
    Ok(handles::ask(handle, |engine| format!("{:032x}", engine.digest()))?)
}

/// The clock, the number of applied commands and the next deadline; NaN is none.
///
/// # Errors
/// `freed`, `poisoned`.
#[wasm_bindgen]
pub fn standing(handle: u32) -> Result<Vec<f64>, JsValue> {
    let number = |instant: Option<Timestamp>| instant.map_or(f64::NAN, |instant| instant.as_millis() as f64);
    Ok(handles::ask(handle, |engine| {
        vec![number(engine.clock()), engine.seq() as f64, number(engine.next_deadline())]
    })?)
}

/// The id of a sender that a column named; empty if there is none.
///
/// # Errors
/// `freed`, `poisoned`.
#[wasm_bindgen(js_name = senderId)]
pub fn sender_id(handle: u32, number: u32) -> Result<String, JsValue> {
    Ok(handles::ask(handle, |engine| columns::sender_id(engine, number))?)
}

/// Creates or replaces a wallet; `numbers` has weight, daily limit, pace and burst of every sender.
///
/// # Errors
/// A refusal of the command.
#[wasm_bindgen]
pub fn wallet(
    handle: u32,
    at: f64,
    tag: &str,
    window_ms: f64,
    ids: &str,
    numbers: &[f64],
) -> Result<Vec<f64>, JsValue> {
    Ok(columns::wallet(handle, at, tag, window_ms, ids, numbers)?.to_vec())
}

/// Dispatches a batch of columns.
///
/// # Errors
/// A refusal of the batch, or a column that does not fit.
#[wasm_bindgen(js_name = dispatchColumns)]
#[expect(clippy::too_many_arguments, reason = "one a column; called by the package alone")]
pub fn dispatch_columns(
    handle: u32,
    at: f64,
    head: &str,
    phones: &[f64],
    id_integers: &[u64],
    id_numbers: &[f64],
    templates: &[u8],
    operators: &str,
    client_ids: &str,
    contracts: &str,
    close_ticket: bool,
    atomic: bool,
    statuses: &mut [u8],
    dispatches: &mut [f64],
    senders: &mut [u32],
    to: &mut [f64],
    send_at: &mut [f64],
    blocked_until: &mut [f64],
    retry_at: &mut [f64],
) -> Result<Vec<f64>, JsValue> {
    let rows =
        Rows { phones, id_integers, id_numbers, templates, operators, client_ids, contracts, close_ticket };
    let out = OutcomeColumns {
        statuses,
        dispatches,
        senders,
        to,
        send_at,
        blocked_until,
        retry_at,
        ..OutcomeColumns::default()
    };
    Ok(columns::dispatch(handle, at, head, &rows, atomic, out)?.to_vec())
}

/// Takes a column of replies in.
///
/// # Errors
/// A refusal of them all, or a column that does not fit.
#[wasm_bindgen(js_name = replyColumns)]
pub fn reply_columns(
    handle: u32,
    at: f64,
    phones: &[f64],
    received_at: &[f64],
    statuses: &mut [u8],
) -> Result<Vec<f64>, JsValue> {
    let out = OutcomeColumns { statuses, ..OutcomeColumns::default() };
    Ok(columns::reply(handle, at, phones, received_at, out)?.to_vec())
}

/// Sends due follow-ups, as many as there are places.
///
/// # Errors
/// A refusal of the command.
#[wasm_bindgen(js_name = followUpColumns)]
#[expect(clippy::too_many_arguments, reason = "one a column; called by the package alone")]
pub fn follow_up_columns(
    handle: u32,
    at: f64,
    statuses: &mut [u8],
    phones: &mut [f64],
    origins: &mut [f64],
    stages: &mut [u8],
    dispatches: &mut [f64],
    senders: &mut [u32],
    to: &mut [f64],
    send_at: &mut [f64],
    blocked_until: &mut [f64],
    retry_at: &mut [f64],
) -> Result<Vec<f64>, JsValue> {
    let out = OutcomeColumns {
        statuses,
        phones,
        origins,
        stages,
        dispatches,
        senders,
        to,
        send_at,
        blocked_until,
        retry_at,
    };
    Ok(columns::follow_ups(handle, at, out)?.to_vec())
}

/// Carries out a command line and returns its answer, that of a refused line included. Texts for people are in
/// the language of a tag, `pt-BR` or `en`.
///
/// # Errors
/// `freed`, `poisoned`.
#[cfg(feature = "json")]
#[wasm_bindgen]
pub fn execute(handle: u32, line: &str, language: &str) -> Result<String, JsValue> {
    Ok(text(lines::execute(handle, line, language_of(language))?))
}

/// Dispatches a massivocpc body: the three digits of the HTTP status, and the response body after them.
///
/// # Errors
/// `freed`, `poisoned`.
#[cfg(feature = "json")]
#[wasm_bindgen]
pub fn massivocpc(handle: u32, body: &str, at: f64, spec: bool, language: &str) -> Result<String, JsValue> {
    let profile = if spec { cpc_wire::ResponseProfile::Spec } else { cpc_wire::ResponseProfile::Full };
    let at = columns::millis(at);
    Ok(text(lines::massivocpc(handle, body, at, profile, language_of(language))?))
}

/// Whether a message is an opt-out.
#[cfg(feature = "json")]
#[wasm_bindgen(js_name = isOptOut)]
#[must_use]
pub fn is_opt_out(message: &str) -> bool {
    whatsapp::is_opt_out(message)
}

/// What an error code of WhatsApp's means, as an object.
#[cfg(feature = "json")]
#[wasm_bindgen(js_name = adviceOfCode)]
#[must_use]
pub fn advice_of_code(code: u32) -> String {
    whatsapp::advice_of_code(code)
}

/// A notification of WhatsApp's as a list of events.
///
/// # Errors
/// `invalid_field`.
#[cfg(feature = "json")]
#[wasm_bindgen(js_name = whatsappEvents)]
pub fn whatsapp_events(notification: &str) -> Result<String, JsValue> {
    Ok(whatsapp::events(notification)?)
}

/// What an event leads to, as an object: `commands`, and `ignored` if there are none.
///
/// # Errors
/// `invalid_field`, `freed`, `poisoned`.
#[cfg(feature = "json")]
#[wasm_bindgen(js_name = whatsappCommands)]
pub fn whatsapp_commands(handle: u32, event: &str, at: f64) -> Result<String, JsValue> {
    Ok(whatsapp::commands(handle, event, columns::millis(at))?)
}

/// Panics while an engine is asked something.
///
/// # Errors
/// `freed`, `poisoned`.
#[cfg(feature = "panics")]
#[wasm_bindgen(js_name = panicInQuestion)]
#[expect(clippy::panic, reason = "what it is for")]
pub fn panic_in_question(handle: u32) -> Result<(), JsValue> {
    Ok(handles::ask(handle, |_| panic!("asked for"))?)
}

/// Panics while an engine carries out a command.
///
/// # Errors
/// `freed`, `poisoned`.
#[cfg(feature = "panics")]
#[wasm_bindgen(js_name = panicInCommand)]
#[expect(clippy::panic, reason = "what it is for")]
pub fn panic_in_command(handle: u32) -> Result<(), JsValue> {
    Ok(handles::change(handle, |_| panic!("asked for"))?)
}

#[cfg(feature = "json")]
fn language_of(tag: &str) -> cpc_wire::Language {
    cpc_wire::Language::from_tag(tag).unwrap_or(cpc_wire::Language::PtBr)
}

/// Answers are UTF-8: they are made of texts.
#[cfg(feature = "json")]
fn text(answer: Vec<u8>) -> String {
    String::from_utf8(answer).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
