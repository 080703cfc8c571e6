//! The endpoint `POST /api/messages/massivocpc`: the document's request body in, its response body and an HTTP
//! status out.
//!
//! | what happened | HTTP | `status` | `errors` |
//! |---|---|---|---|
//! | every message accepted, now or before | 200 | `success` | `0` |
//! | some refused | 200 | `partial` | the refused ones, in order |
//! | all refused | 422 | `error` | all, in order |
//! | not JSON, or of the wrong shape; a batch the engine refuses for what it says | 400 | `error` | one, which names the place |
//! | unknown wallet | 404 | `error` | one |
//! | more messages than `maxBatch` | 413 | `error` | one |
//! | the host's time is refused | 503 | `error` | one |
//! | the request fails before or beside the engine: [`RequestFailure`] | its own | `error` | one |
//!
//! The document knows neither `partial` nor more than `phone` and `reason` of an error. [`ResponseProfile::Spec`]
//! keeps to it: any refusal makes the `status` `error`, and fields that the document does not have are left out.
//! The HTTP status is the same in both profiles, so a client that looks at nothing else sees the same. Who needs
//! to know which messages of a batch went out takes the full profile.

mod failure;
mod response;

pub use failure::{RequestFailure, refusal_http_status};
pub use response::{
    ResponseProfile, write_failure, write_refused, write_request_failure, write_response, write_unreadable,
};

use crate::arena::Arena;
use crate::fields::Field;
use crate::parse_error::{Expected, ParseError};
use crate::read::{Object, read_text, utf8};
use crate::scan;
use crate::shape::shape;
use crate::text::Language;
use cpc_core::Timestamp;
use cpc_core::{Batch, Engine, Message};

shape! {
    lenient struct Body<'a> {
        campaign "campaign" required: &'a str,
        id_account "idAccount": &'a str,
        tag "tag" required: &'a str,
        messages "messages" required: Option<&'a [Message<'a>]>,
    }
}

/// The fields of a body, for generators. Others are ignored.
pub const BODY_FIELDS: &[Field] = Body::FIELDS;

/// Reads a request body. What cannot be borrowed from it is kept in `arena`.
///
/// # Errors
/// [`ParseError`] says what is wrong, and where; answer it with [`write_unreadable`].
pub fn parse_body<'a>(body: &'a [u8], arena: &'a Arena) -> Result<Batch<'a>, ParseError> {
    let text = utf8(body)?;
    if let Some(batch) = scan::read_body(text, arena) {
        return Ok(batch);
    }
    parse_any(text, arena)
}

/// Reads any request body, whatever its form.
pub(crate) fn parse_any<'a>(text: &'a str, arena: &'a Arena) -> Result<Batch<'a>, ParseError> {
    let Body { campaign, id_account, tag, messages } = read_text(text, arena)?;
    let messages = messages.ok_or(ParseError::field("messages", Expected::Present))?;
    Ok(Batch { campaign, id_account, tag, messages, atomic: false })
}

/// Dispatches a request body at `at`, in milliseconds since the Unix epoch, appends the response body to `out`
/// and returns the HTTP status.
///
/// A host that keeps a log does the same in steps: [`parse_body`], its own dispatch, [`write_response`].
pub fn respond(
    engine: &mut Engine,
    body: &[u8],
    at: impl Into<Timestamp>,
    profile: ResponseProfile,
    language: Language,
    out: &mut Vec<u8>,
) -> u16 {
    let arena = Arena::new();
    let batch = match parse_body(body, &arena) {
        Ok(batch) => batch,
        Err(error) => return write_unreadable(&error, profile, language, out),
    };
    let mut outcomes = Vec::with_capacity(batch.messages.len());
    match engine.dispatch(at, &batch, &mut outcomes) {
        Ok(_) => write_response(&batch, &outcomes, profile, language, out),
        Err(refusal) => write_refused(&refusal, profile, language, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_core::{Command, CommandError, Policy, SenderSetup, WalletSetup};

    const AT: i64 = 1_795_435_200_000;

    /// The document's own example.
    const EXAMPLE: &str = r#"{
  "campaign": "Campanha teste",
  "idAccount": "1234",
  "tag": "emp1",
  "messages": [{
    "phone": "5511988876204",
    "idMessage": 1234,
    "clientId": "",
    "contract": "1091757",
    "closeTicket": true,
    "specialistCode": "admin",
    "mainTemplate": "Olá, seu contrato BV está disponível para negociação. Inicie seu atendimento"
  }]
}"#;

    fn engine(max_batch: u64) -> Engine {
        let mut engine = Engine::new(Policy::builder().max_batch(max_batch).build().unwrap());
        let senders = [SenderSetup { id: "5514990000001", ..SenderSetup::default() }];
        let wallet =
            Command::Wallet(WalletSetup { tag: "emp1", senders: &senders, ..WalletSetup::default() });
        engine.apply(AT, &wallet, &mut Vec::new()).unwrap();
        engine
    }

    fn respond_to(
        engine: &mut Engine,
        body: &str,
        at: impl Into<Timestamp>,
        profile: ResponseProfile,
    ) -> (u16, String) {
        let mut out = Vec::new();
        let status = respond(engine, body.as_bytes(), at, profile, Language::PtBr, &mut out);
        (status, String::from_utf8(out).unwrap())
    }

    /// A body with one message a row: the phone and the number.
    fn body(messages: &[(&str, &str)]) -> String {
        let messages: Vec<String> = messages
            .iter()
            .map(|(phone, id)| {
                format!(
                    r#"{{"phone":"{phone}","idMessage":{id},"closeTicket":true,"specialistCode":"op","mainTemplate":"Oi"}}"#
                )
            })
            .collect();
        format!(r#"{{"campaign":"c","tag":"emp1","messages":[{}]}}"#, messages.join(","))
    }

    const SUCCESS: &str =
        r#"{"status":"success","message":"Mensagens enviadas com sucesso","processed":1,"errors":0}"#;

    #[test]
    fn the_documents_example_has_the_documents_success() {
        for profile in [ResponseProfile::Full, ResponseProfile::Spec] {
            let (status, answer) = respond_to(&mut engine(10), EXAMPLE, AT, profile);
            assert_eq!((status, answer.as_str()), (200, SUCCESS));
            // What the document prints with line breaks is the same value.
            let printed = r#"{ "status": "success", "message": "Mensagens enviadas com sucesso",
                "processed": 1, "errors": 0 }"#;
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            assert_eq!(value(&answer), value(printed));
        }
    }

    #[test]
    fn the_documents_error_is_a_spec_answer() {
        // The document's number is a valid one; a policy of another country refuses it.
        let countries = cpc_core::Countries::new(&["1"]).unwrap();
        let mut engine = engine(10);
        let policy = Policy::builder().countries(countries).build().unwrap();
        engine.apply(AT, &Command::Policy(policy), &mut Vec::new()).unwrap();
        let (status, answer) =
            respond_to(&mut engine, &body(&[("5514998830081", "1")]), AT, ResponseProfile::Spec);
        let expected = r#"{"status":"error","message":"Falha ao processar requisição","errors":[{"phone":"5514998830081","reason":"Número inválido"}]}"#;
        assert_eq!((status, answer.as_str()), (422, expected));
    }

    #[test]
    fn some_refused_is_partial_and_in_the_spec_profile_an_error() {
        let messages =
            body(&[("5511988876204", "1"), ("1", "18446744073709551615"), ("5511988876204", "\"7\"")]);
        let (status, answer) = respond_to(&mut engine(10), &messages, AT, ResponseProfile::Full);
        let expected = concat!(
            r#"{"status":"partial","message":"Parte das mensagens foi recusada","processed":1,"errors":["#,
            r#"{"phone":"1","reason":"Número inválido","code":"invalid_phone","idMessage":18446744073709551615},"#,
            r#"{"phone":"5511988876204","reason":"Contato repetido no mesmo lote (messages[0]); bloqueado até 24/11/2026 09:00:00 (horário de Brasília)","#,
            r#""code":"duplicate_in_batch","idMessage":"7","retryAt":1795521600000}]}"#,
        );
        assert_eq!((status, answer.as_str()), (200, expected));
        let (status, answer) = respond_to(&mut engine(10), &messages, AT, ResponseProfile::Spec);
        assert_eq!(status, 200);
        assert!(answer.starts_with(r#"{"status":"error","message":"Falha ao processar requisição","errors":[{"phone":"1","reason":"Número inválido"},"#));
    }

    #[test]
    fn a_number_that_is_none_comes_back_as_it_was() {
        let (status, answer) =
            respond_to(&mut engine(10), &body(&[("5511988876204", "-1.50e3")]), AT, ResponseProfile::Full);
        assert_eq!(status, 422);
        assert!(answer.contains(r#""code":"invalid_field","idMessage":-1.50e3"#), "{answer}");
    }

    #[test]
    fn a_number_beyond_every_float_comes_back_as_a_text() {
        let messages = body(&[("5511988876204", "1"), ("551132345678", "-18e467440737")]);
        let (status, answer) = respond_to(&mut engine(10), &messages, AT, ResponseProfile::Full);
        assert_eq!(status, 200);
        assert!(answer.contains(r#""code":"invalid_field","idMessage":"-18e467440737""#), "{answer}");
        assert!(serde_json::from_str::<serde_json::Value>(&answer).is_ok(), "{answer}");
    }

    #[test]
    fn what_is_wrong_as_a_whole_has_one_error_that_names_the_place() {
        let wrong = EXAMPLE.replace("\"5511988876204\"", "5511988876204");
        let rows = [
            (wrong.as_str(), AT, 400, "invalid_field", Some("messages[0].phone")),
            ("{", AT, 400, "invalid_json", None),
            (r#"{"campaign":"c","tag":"emp1"}"#, AT, 400, "invalid_field", Some("messages")),
            (r#"{"campaign":"c","tag":"emp1","messages":[]}"#, AT, 400, "empty_batch", Some("messages")),
            (&body(&[("1", "1"), ("1", "2"), ("1", "3")]), AT, 413, "batch_too_large", Some("messages")),
            (&EXAMPLE.replace("emp1", "emp2"), AT, 404, "unknown_wallet", Some("tag")),
            (EXAMPLE, AT / 1000, 503, "timestamp_out_of_range", Some("at")),
        ];
        for (body, at, status, code, field) in rows {
            let (found, answer) = respond_to(&mut engine(2), body, at, ResponseProfile::Full);
            let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(found, status, "{code}");
            assert_eq!(answer["status"], "error");
            assert_eq!(answer["message"], "Falha ao processar requisição");
            assert_eq!(answer["processed"], 0);
            assert_eq!(answer["errors"][0]["code"], code);
            assert_eq!(answer["errors"][0]["field"].as_str(), field);
            let (found, answer) = respond_to(&mut engine(2), body, at, ResponseProfile::Spec);
            let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(found, status);
            assert_eq!(answer.as_object().unwrap().len(), 3);
            assert_eq!(answer["errors"][0].as_object().unwrap().len(), 1);
        }
    }

    #[test]
    fn a_refusal_is_the_hosts_fault_the_clients_or_of_what_is_there() {
        for (refusal, status) in [
            (CommandError::EmptyBatch, 400),
            (CommandError::InvalidField { field: "tag" }, 400),
            (CommandError::TimestampOutOfRange { field: "until" }, 400),
            (CommandError::UnknownWallet, 404),
            (CommandError::UnknownSender, 404),
            (CommandError::SenderTaken { sender: None }, 409),
            (CommandError::BatchTooLarge { field: "messages", max: 1 }, 413),
            (CommandError::ClockJump { max_ms: 1 }, 503),
            (CommandError::TimestampOutOfRange { field: "at" }, 503),
        ] {
            assert_eq!(refusal_http_status(&refusal), status, "{}", refusal.name());
        }
    }

    #[test]
    fn every_request_failure_has_a_name_a_status_and_a_text_of_its_own() {
        let failures = [
            (RequestFailure::Unauthorized, 401),
            (RequestFailure::NotFound, 404),
            (RequestFailure::MethodNotAllowed, 405),
            (RequestFailure::UnsupportedMediaType, 415),
            (RequestFailure::BodyTooLarge { max: 7 }, 413),
            (RequestFailure::BodyIncomplete, 400),
            (RequestFailure::BodyTimeout, 503),
            (RequestFailure::Timeout, 503),
            (RequestFailure::Overloaded, 503),
            (RequestFailure::RateLimited, 429),
            (RequestFailure::Unavailable, 503),
            (RequestFailure::Internal, 500),
        ];
        let mut texts = Vec::new();
        for (failure, status) in failures {
            assert_eq!(failure.http_status(), status, "{failure:?}");
            texts.extend([failure.text(Language::PtBr), failure.text(Language::En)]);
            texts.push(String::from(failure.name()));
        }
        let all = texts.len();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), all);
    }

    #[test]
    fn a_request_failure_has_the_shape_of_every_other_error() {
        let rows = [
            (
                ResponseProfile::Full,
                r#"{"status":"error","message":"Falha ao processar requisição","processed":0,"errors":[{"reason":"O corpo da requisição tem mais de 7 bytes","code":"body_too_large"}]}"#,
            ),
            (
                ResponseProfile::Spec,
                r#"{"status":"error","message":"Falha ao processar requisição","errors":[{"reason":"O corpo da requisição tem mais de 7 bytes"}]}"#,
            ),
        ];
        for (profile, expected) in rows {
            let mut out = Vec::new();
            let failure = RequestFailure::BodyTooLarge { max: 7 };
            assert_eq!(write_request_failure(failure, profile, Language::PtBr, &mut out), 413);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
