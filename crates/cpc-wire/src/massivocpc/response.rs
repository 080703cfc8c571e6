//! Responses to massivocpc requests.

use super::failure::{RequestFailure, refusal_http_status};
use crate::parse_error::ParseError;
use crate::text::{Language, reason, refusal_text};
use crate::write::{ObjectWriter, array, object};
use crate::write_command::write_id;
use core::ops::Range;
use cpc_core::{Batch, CommandError, Message, Outcome, Status, Timestamp};

/// How much a response says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseProfile {
    /// All of it: `partial`, and of every error its code, its message's number and when to try again.
    #[default]
    Full,
    /// Only what the document has.
    Spec,
}

/// Appends the response to a batch that was dispatched, and returns its HTTP status.
pub fn write_response(
    batch: &Batch<'_>,
    outcomes: &[Outcome],
    profile: ResponseProfile,
    language: Language,
    out: &mut Vec<u8>,
) -> u16 {
    let processed = outcomes.iter().filter(|outcome| outcome.status.is_success()).count();
    let refused = outcomes.len() - processed;
    let kind = match (processed, refused) {
        (_, 0) => Kind::Success,
        (0, _) => Kind::Error,
        _ => Kind::Partial,
    };
    out.reserve(ENVELOPE_BYTES + refused * ERROR_BYTES);
    write_body(kind, processed, profile, language, out, |out| {
        let items = batch.messages.iter().zip(outcomes);
        let items = items.filter(|(_, outcome)| !outcome.status.is_success());
        let mut errors =
            ErrorWriter { profile, language, last: Outcome::new(Status::Accepted), common: 0..0 };
        array(out, items, |out, (message, outcome)| errors.write(message, outcome, out));
    });
    match kind {
        Kind::Success | Kind::Partial => 200,
        Kind::Error => 422,
    }
}

/// About how long a response is without its errors, and an error, in bytes.
const ENVELOPE_BYTES: usize = 128;
const ERROR_BYTES: usize = 192;

/// Writes refused messages. Most of one refused message is often the same as of the one before, and to write a date takes
/// longer than to decide about a message; so it is copied from there.
struct ErrorWriter {
    profile: ResponseProfile,
    language: Language,
    /// The last outcome that was written. An accepted message is never written.
    last: Outcome,
    /// Where its `reason` and `code` are.
    common: Range<usize>,
}

impl ErrorWriter {
    /// The document's errors always have a phone, so an absent one is written as empty.
    fn write(&mut self, message: &Message<'_>, outcome: &Outcome, out: &mut Vec<u8>) {
        object(out, |error| {
            error.text("phone", message.phone);
            if facts(outcome) == facts(&self.last) {
                error.copy(self.common.clone());
            } else {
                let begin = error.length();
                self.write_common(outcome, error);
                (self.last, self.common) = (*outcome, begin..error.length());
            }
            if self.profile == ResponseProfile::Full {
                write_id(error, &message.id_message);
                error.number_if("retryAt", outcome.retry_at.map(Timestamp::as_millis));
            }
        });
    }

    fn write_common(&self, outcome: &Outcome, error: &mut ObjectWriter<'_>) {
        error.text_if("reason", reason(outcome, self.language).as_deref());
        if self.profile == ResponseProfile::Full {
            error.text("code", outcome.status.name());
        }
    }
}

/// All that a reason depends on: it says instants in seconds.
fn facts(outcome: &Outcome) -> (Status, Option<&'static str>, Option<u32>, Option<u64>) {
    let second = outcome.retry_at.map(|at| at.as_millis().div_ceil(1_000));
    (outcome.status, outcome.field, outcome.first_index, second)
}

/// Appends the response to a body that could not be read, and returns its HTTP status, 400.
pub fn write_unreadable(
    error: &ParseError,
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

/// Appends the response to a request that failed as a whole: one error with its `reason` and, in the full
/// profile, its `code` and the field at fault. Hosts use it for what happens before a body is read, so that
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
            Kind::Partial | Kind::Error => errors(body.field("errors")),
        }
    });
}
