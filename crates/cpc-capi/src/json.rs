//! The two levels in JSON. `cpc-wire` reads and writes it.

use crate::argument::PlainOutput;
use crate::choice::profile_of;
use crate::handle::{cpc_engine, handle, with};
use crate::lifecycle::buffer_of;
use crate::result::cpc_result;
use crate::text::{cpc_buffer, cpc_text};
use cpc_wire::{Arena, execute, parse_line, write_answer, write_line_error, write_refusal};

/// Answers a request `POST /api/messages/massivocpc`: its body in, the body of the response and the HTTP status out.
///
/// `profile` is a `cpc_profile`. `response` gets a JSON object
/// in the engine's language, which it replaces; `http_status` gets 200, 400, 404, 413, 422 or 503. A body that is
/// wrong in any way has a response that says so; then the call still says `CPC_OK`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_massivocpc(
    engine: *mut cpc_engine,
    body: cpc_text,
    at: i64,
    profile: i32,
    response: *mut cpc_buffer,
    http_status: *mut u16,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        let profile = profile_of(profile)?;
        // SAFETY: the caller's to be read during the call.
        let body = unsafe { body.bytes("body") }?;
        // SAFETY: the caller's to be written to.
        let response = unsafe { buffer_of(response, "response") }?;
        // SAFETY: the caller's to be written to.
        let place = unsafe { PlainOutput::required(http_status, "http_status") }?;
        let (engine, language) = (&mut state.engine, state.language);
        let answer = |out: &mut Vec<u8>| cpc_wire::respond(engine, body, at, profile, language, out);
        // SAFETY: the caller hands in zeros, or what the library wrote.
        place.write(unsafe { response.fill(answer) }?);
        Ok(())
    })
}

/// Carries out one command line, a JSON object such as `{"op":"reply","at":1795435200000,"phone":"5511988876204"}`,
/// and writes its answer, a JSON object without a line end, to `answer`, which it replaces. All commands and queries
/// exist as lines (`LINES.md` of `crates/cpc-wire` has their members); the policy, groups, single senders, imports and
/// explanations only as such.
///
/// `CPC_OK` does not mean that the line was carried out: one that was not is answered
/// `{"error":…,"message":…,"field":…}`, so look for a leading `{"error":`. `cpc_result_of_name` makes a number of its name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_execute(
    engine: *mut cpc_engine,
    line: cpc_text,
    answer: *mut cpc_buffer,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be read during the call.
        let line = unsafe { line.bytes("line") }?;
        // SAFETY: the caller's to be written to.
        let answer = unsafe { buffer_of(answer, "answer") }?;
        let write = |out: &mut Vec<u8>| {
            let (language, arena) = (state.language, Arena::new());
            let request = match parse_line(line, &arena) {
                Ok(request) => request,
                Err(error) => return write_line_error(&error, language, out),
            };
            match execute(&mut state.engine, &request, &mut state.outcomes) {
                Ok(answer) => {
                    write_answer(&state.engine, &request.op, &answer, &state.outcomes, language, out);
                }
                Err(refusal) => write_refusal(&refusal, language, out),
            }
        };
        // SAFETY: the caller hands in zeros, or what the library wrote.
        unsafe { answer.fill(write) }
    })
}
