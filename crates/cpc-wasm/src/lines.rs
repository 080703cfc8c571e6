//! Command lines and the massivocpc endpoint on a handle: texts in, texts out, all of it by `cpc-wire`.

use crate::exception::Exception;
use crate::handles;
use cpc_core::{CommandError, Engine, Outcome};
use cpc_wire::{
    Answer, Arena, Language, Op, Request, ResponseProfile, execute as execute_request, parse_body,
    parse_line, query, write_answer, write_line_error, write_refusal, write_refused, write_response,
    write_unreadable,
};

/// Carries out one command line. A refused one is answered too: its answer begins with `{"error":`.
pub(crate) fn execute(handle: u32, line: &str, language: Language) -> Result<Vec<u8>, Exception> {
    let (mut out, arena) = (Vec::new(), Arena::new());
    let request = match parse_line(line.as_bytes(), &arena) {
        Ok(request) => request,
        Err(error) => {
            handles::ask(handle, |_| ())?;
            write_line_error(&error, language, &mut out);
            return Ok(out);
        }
    };
    let mut outcomes = Vec::new();
    match &request.op {
        Op::Query(asked) => handles::ask(handle, |engine| {
            let answer = query(engine, request.at, asked);
            write(engine, &request, answer, &outcomes, language, &mut out);
        })?,
        Op::Command(_) => handles::change(handle, |engine| {
            let answer = execute_request(engine, &request, &mut outcomes);
            write(engine, &request, answer, &outcomes, language, &mut out);
        })?,
    }
    Ok(out)
}

fn write(
    engine: &Engine,
    request: &Request<'_>,
    answer: Result<Answer, CommandError>,
    outcomes: &[Outcome],
    language: Language,
    out: &mut Vec<u8>,
) {
    match answer {
        Ok(answer) => write_answer(engine, &request.op, &answer, outcomes, language, out),
        Err(refusal) => write_refusal(&refusal, language, out),
    }
}

/// Dispatches a request body: the HTTP status as three digits, and right after it the response body.
pub(crate) fn massivocpc(
    handle: u32,
    body: &str,
    at: i64,
    profile: ResponseProfile,
    language: Language,
) -> Result<Vec<u8>, Exception> {
    let (mut out, arena) = (Vec::from(*b"000"), Arena::new());
    let status = match parse_body(body.as_bytes(), &arena) {
        Err(error) => {
            handles::ask(handle, |_| ())?;
            write_unreadable(&error, profile, language, &mut out)
        }
        Ok(batch) => {
            let mut outcomes = Vec::with_capacity(batch.messages.len());
            let dispatched = handles::change(handle, |engine| engine.dispatch(at, &batch, &mut outcomes))?;
            match dispatched {
                Ok(_) => write_response(&batch, &outcomes, profile, language, &mut out),
                Err(refusal) => write_refused(&refusal, profile, language, &mut out),
            }
        }
    };
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(status).bytes();
    out.iter_mut().zip(digits).for_each(|(place, digit)| *place = digit);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_core::Policy;
    use cpc_wire::Session;

    const NOW: i64 = 1_795_435_200_000;
    const WALLET: &str =
        r#"{"op":"wallet","at":1795435200000,"tag":"emp1","senders":[{"id":"5514990000001"}]}"#;

    fn engine() -> u32 {
        handles::insert(Engine::new(Policy::default()))
    }

    #[test]
    fn lines_are_answered_as_a_session_answers_them() {
        let (handle, mut session) = (engine(), Session::default());
        for line in [
            WALLET,
            r#"{"op":"dispatch","at":1795435200000,"campaign":"c","tag":"emp1","messages":[{"phone":"x"}]}"#,
            r#"{"op":"contact","at":1795435200000,"phone":"5511988876204"}"#,
            r#"{"op":"reply","at":1795435200000,"phone":5511988876204}"#,
            r#"{"op":"clock","at":5}"#,
            r#"{"op":"digest","at":1795435200000}"#,
        ] {
            let mut expected = Vec::new();
            session.execute(line.as_bytes(), &mut expected);
            assert_eq!(execute(handle, line, Language::PtBr), Ok(expected), "{line}");
        }
    }

    #[test]
    fn a_response_has_its_status_in_front() {
        let handle = engine();
        execute(handle, WALLET, Language::En).unwrap();
        let respond =
            |body: &str| massivocpc(handle, body, NOW, ResponseProfile::Full, Language::En).unwrap();
        assert!(respond("{").starts_with(br#"400{"status":"error""#));
        assert!(respond(r#"{"campaign":"c","tag":"x","messages":[]}"#).starts_with(b"404{"));
        let body = r#"{"campaign":"c","tag":"emp1","messages":[{"phone":"5511988876204","closeTicket":true,"specialistCode":"admin","mainTemplate":"x"}]}"#;
        assert!(respond(body).starts_with(br#"200{"status":"success""#));
        assert!(respond(body).starts_with(br#"422{"status":"error""#));
    }

    #[test]
    fn a_freed_handle_is_refused_before_its_line_is_judged() {
        let handle = engine();
        handles::release(handle);
        assert_eq!(execute(handle, "{", Language::En), Err(Exception::freed()));
        let body = massivocpc(handle, "{", NOW, ResponseProfile::Full, Language::En);
        assert_eq!(body, Err(Exception::freed()));
    }
}
