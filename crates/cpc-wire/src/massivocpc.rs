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
//! keeps to it: any refusal makes the `status` `error`, and members that the document does not have are left out.
//! The HTTP status is the same in both profiles, so a client that looks at nothing else sees the same. Who needs
//! to know which messages of a batch went out takes the full profile.

use crate::line_error::{Expected, LineError};
use crate::read::{read_text, utf8};
use crate::reason::{Language, Reasons, refusal_text};
use crate::request::{BatchText, MessageText};
use crate::scan;
use crate::shape::{IdText, shape};
use crate::write::{ObjectWriter, array, object, text};
use cpc_core::{CommandError, Engine, Outcome, Timestamp};
use std::borrow::Cow;

/// How much a response says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseProfile {
    /// All of it: `partial`, and of every error its code, its message's number and when to try again.
    #[default]
    Full,
    /// Only what the document has.
    Spec,
}

shape! {
    lenient struct Body<'a> {
        campaign "campaign": Cow<'a, str>,
        id_account "idAccount": Cow<'a, str>,
        tag "tag": Cow<'a, str>,
        messages "messages": Option<Vec<MessageText<'a>>>,
    }
}

/// Reads a request body.
///
/// # Errors
/// [`LineError`] says what is wrong, and where; answer it with [`write_unreadable`].
pub fn parse_body(body: &[u8]) -> Result<BatchText<'_>, LineError> {
    let text = utf8(body)?;
    if let Some(batch) = scan::read_body(text) {
        return Ok(batch);
    }
    parse_any(text)
}

/// Reads any request body, whatever its form.
pub(crate) fn parse_any(text: &str) -> Result<BatchText<'_>, LineError> {
    let Body { campaign, id_account, tag, messages } = read_text(text)?;
    let messages = messages.ok_or(LineError::field("messages", Expected::Present))?;
    Ok(BatchText { campaign, id_account, tag, messages, atomic: false })
}

/// Dispatches a request body at `at`, in milliseconds since the Unix epoch, appends the response body to `out`
/// and returns the HTTP status.
///
/// A host that keeps a log does the same in steps: [`parse_body`], its own dispatch, [`write_response`].
pub fn respond(
    engine: &mut Engine,
    body: &[u8],
    at: i64,
    profile: ResponseProfile,
    language: Language,
    out: &mut Vec<u8>,
) -> u16 {
    let batch = match parse_body(body) {
        Ok(batch) => batch,
        Err(error) => return write_unreadable(&error, profile, language, out),
    };
    let mut outcomes = Vec::with_capacity(batch.messages.len());
    let dispatched = batch.with_core(|batch| engine.dispatch(at, batch, &mut outcomes));
    match dispatched {
        Ok(_) => write_response(&batch, &outcomes, profile, language, out),
        Err(refusal) => write_refused(&refusal, profile, language, out),
    }
}

/// Appends the response to a batch that was dispatched, and returns its HTTP status.
pub fn write_response(
    batch: &BatchText<'_>,
    outcomes: &[Outcome],
    profile: ResponseProfile,
    language: Language,
    out: &mut Vec<u8>,
) -> u16 {
    let processed = outcomes.iter().filter(|outcome| outcome.status.is_success()).count();
    let kind = match (processed, outcomes.len() - processed) {
        (_, 0) => Kind::Success,
        (0, _) => Kind::Error,
        _ => Kind::Partial,
    };
    let mut reasons = Reasons::new(language);
    write_body(kind, processed, profile, language, out, |out| {
        let items = batch.messages.iter().zip(outcomes);
        let refused = items.filter(|(_, outcome)| !outcome.status.is_success());
        array(out, refused, |out, (message, outcome)| {
            write_item(message, outcome, profile, &mut reasons, out);
        });
    });
    match kind {
        Kind::Success | Kind::Partial => 200,
        Kind::Error => 422,
    }
}

/// Appends the response to a body that could not be read, and returns its HTTP status, 400.
pub fn write_unreadable(
    error: &LineError,
    profile: ResponseProfile,
    language: Language,
    out: &mut Vec<u8>,
) -> u16 {
    write_failure(error.name(), &error.message(language), error.path(), profile, language, out);
    400
}

/// Appends the response to a batch that the engine refused, and returns its HTTP status.
pub fn write_refused(
    refusal: &CommandError,
    profile: ResponseProfile,
    language: Language,
    out: &mut Vec<u8>,
) -> u16 {
    let reason = refusal_text(refusal, language);
    write_failure(refusal.name(), &reason, refusal.field(), profile, language, out);
    refusal_http_status(refusal)
}

/// The HTTP status of a command that the engine refused as a whole, where the command's time is the host's.
#[must_use]
pub fn refusal_http_status(refusal: &CommandError) -> u16 {
    match *refusal {
        CommandError::UnknownWallet | CommandError::UnknownSender => 404,
        CommandError::SenderTaken { .. } => 409,
        CommandError::BatchTooLarge { .. } => 413,
        // It is not the client who has to change something.
        CommandError::ClockJump { .. } => 503,
        CommandError::TimestampOutOfRange { field: "at" } => 503,
        _ => 400,
    }
}

/// Appends the response to a request that failed as a whole: one error with its `reason` and, in the full
/// profile, its `code` and the member at fault. Hosts use it for what happens before a body is read, so that
/// all failures have one shape.
pub fn write_failure(
    code: &str,
    reason: &str,
    field: Option<&str>,
    profile: ResponseProfile,
    language: Language,
    out: &mut Vec<u8>,
) {
    write_body(Kind::Error, 0, profile, language, out, |out| {
        array(out, [()], |out, ()| {
            object(out, |error| {
                error.text("reason", reason);
                if profile == ResponseProfile::Full {
                    error.text("code", code);
                    error.text_if("field", field);
                }
            });
        });
    });
}

/// Why a request failed before its batch came to the engine, or for another reason than what it says. Servers
/// answer it with [`write_request_failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestFailure {
    /// No token, or one that is not known.
    Unauthorized,
    /// Nothing is at this path.
    NotFound,
    /// The path takes other methods.
    MethodNotAllowed,
    /// The body is not said to be plain JSON in UTF-8.
    UnsupportedMediaType,
    /// The body has too many bytes.
    BodyTooLarge {
        /// The most bytes of a body.
        max: usize,
    },
    /// The connection ended or broke before the body did.
    BodyIncomplete,
    /// The body did not come in time; nothing was dispatched.
    BodyTimeout,
    /// The answer was not there in time; some or all of the batch may have been accepted.
    Timeout,
    /// Too many requests at once; nothing was dispatched.
    Overloaded,
    /// The client asks too often; nothing was dispatched.
    RateLimited,
    /// Who decides about batches cannot be reached; some or all of the batch may have been accepted.
    Unavailable,
    /// A bug of the server; some or all of the batch may have been accepted.
    Internal,
}

impl RequestFailure {
    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            RequestFailure::Unauthorized => "unauthorized",
            RequestFailure::NotFound => "not_found",
            RequestFailure::MethodNotAllowed => "method_not_allowed",
            RequestFailure::UnsupportedMediaType => "unsupported_media_type",
            RequestFailure::BodyTooLarge { .. } => "body_too_large",
            RequestFailure::BodyIncomplete => "body_incomplete",
            RequestFailure::BodyTimeout => "body_timeout",
            RequestFailure::Timeout => "timeout",
            RequestFailure::Overloaded => "overloaded",
            RequestFailure::RateLimited => "rate_limited",
            RequestFailure::Unavailable => "unavailable",
            RequestFailure::Internal => "internal_error",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            RequestFailure::BodyIncomplete => 400,
            RequestFailure::Unauthorized => 401,
            RequestFailure::NotFound => 404,
            RequestFailure::MethodNotAllowed => 405,
            RequestFailure::BodyTooLarge { .. } => 413,
            RequestFailure::UnsupportedMediaType => 415,
            RequestFailure::RateLimited => 429,
            RequestFailure::Internal => 500,
            RequestFailure::BodyTimeout
            | RequestFailure::Timeout
            | RequestFailure::Overloaded
            | RequestFailure::Unavailable => 503,
        }
    }

    /// What happened, for people.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        let (pt_br, en) = match self {
            RequestFailure::Unauthorized => ("Token ausente ou inválido", "Missing or invalid token"),
            RequestFailure::NotFound => ("Rota inexistente", "No such path"),
            RequestFailure::MethodNotAllowed => ("Método não permitido", "Method not allowed"),
            RequestFailure::UnsupportedMediaType => (
                "Content-Type deve ser application/json, em UTF-8 e sem compressão",
                "Content-Type must be application/json, in UTF-8 and not compressed",
            ),
            RequestFailure::BodyTooLarge { max } => {
                return match language {
                    Language::PtBr => format!("O corpo da requisição tem mais de {max} bytes"),
                    Language::En => format!("The request body has more than {max} bytes"),
                };
            }
            RequestFailure::BodyIncomplete => {
                ("O corpo da requisição não chegou inteiro", "The request body did not arrive whole")
            }
            RequestFailure::BodyTimeout => (
                "O corpo da requisição não chegou a tempo; nada foi processado",
                "The request body did not arrive in time; nothing was processed",
            ),
            RequestFailure::Timeout => (
                "Tempo esgotado; parte do lote pode ter sido aceita. Repita com os mesmos idMessage",
                "Timed out; some of the batch may have been accepted. Repeat it with the same idMessage",
            ),
            RequestFailure::Overloaded => {
                ("Requisições simultâneas demais; tente de novo", "Too many requests at once; try again")
            }
            RequestFailure::RateLimited => {
                ("Requisições demais em pouco tempo; espere", "Too many requests in a short time; wait")
            }
            RequestFailure::Unavailable => (
                "Serviço indisponível; parte do lote pode ter sido aceita. Repita com os mesmos idMessage",
                "Unavailable; some of the batch may have been accepted. Repeat it with the same idMessage",
            ),
            RequestFailure::Internal => (
                "Erro interno; parte do lote pode ter sido aceita. Repita com os mesmos idMessage",
                "Internal error; some of the batch may have been accepted. Repeat it with the same idMessage",
            ),
        };
        String::from(language.choose(pt_br, en))
    }
}

/// Appends the response to a request that failed, and returns its HTTP status.
pub fn write_request_failure(
    failure: RequestFailure,
    profile: ResponseProfile,
    language: Language,
    out: &mut Vec<u8>,
) -> u16 {
    write_failure(failure.name(), &failure.text(language), None, profile, language, out);
    failure.http_status()
}

/// What a response says of the whole batch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Success,
    Partial,
    Error,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Kind::Success => "success",
            Kind::Partial => "partial",
            Kind::Error => "error",
        }
    }

    const fn message(self, language: Language) -> &'static str {
        match self {
            Kind::Success => language.choose("Mensagens enviadas com sucesso", "Messages sent"),
            Kind::Partial => {
                language.choose("Parte das mensagens foi recusada", "Some messages were refused")
            }
            Kind::Error => language.choose("Falha ao processar requisição", "The request failed"),
        }
    }
}

fn write_body(
    kind: Kind,
    processed: usize,
    profile: ResponseProfile,
    language: Language,
    out: &mut Vec<u8>,
    errors: impl FnOnce(&mut Vec<u8>),
) {
    let shown = match (kind, profile) {
        (Kind::Partial, ResponseProfile::Spec) => Kind::Error,
        _ => kind,
    };
    object(out, |body| {
        body.text("status", shown.name());
        body.text("message", shown.message(language));
        if shown == Kind::Success || profile == ResponseProfile::Full {
            body.number("processed", processed);
        }
        match kind {
            Kind::Success => body.number("errors", 0),
            Kind::Partial | Kind::Error => errors(body.member("errors")),
        }
    });
}

/// Writes one refused message. The document's errors always have a phone, so an absent one is written as empty.
fn write_item(
    message: &MessageText<'_>,
    outcome: &Outcome,
    profile: ResponseProfile,
    reasons: &mut Reasons,
    out: &mut Vec<u8>,
) {
    object(out, |error| {
        error.text("phone", &message.phone);
        error.text_if("reason", reasons.of(outcome));
        if profile == ResponseProfile::Full {
            error.text("code", outcome.status.name());
            write_id(error, &message.id_message);
            error.number_if("retryAt", outcome.retry_at.map(Timestamp::as_millis));
        }
    });
}

/// Writes a message's own number as it was posted; as a text if it is `1e999` or the like: many readers of JSON would
/// not read an answer that has a number beyond their floats, and with it what became of every other message.
pub(crate) fn write_id(error: &mut ObjectWriter<'_>, id: &IdText<'_>) {
    match id {
        IdText::None => {}
        IdText::Number(number) => error.number("idMessage", *number),
        IdText::OtherNumber(digits) if digits.parse().is_ok_and(f64::is_finite) => {
            error.member("idMessage").extend_from_slice(digits.as_bytes());
        }
        IdText::OtherNumber(digits) => text(error.member("idMessage"), digits),
        IdText::Text(id) => text(error.member("idMessage"), id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_core::{Command, Policy, SenderSetup, WalletSetup};

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

    fn respond_to(engine: &mut Engine, body: &str, at: i64, profile: ResponseProfile) -> (u16, String) {
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
