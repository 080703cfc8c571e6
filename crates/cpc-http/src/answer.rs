//! Answers: one shape for all of them, whatever went wrong and wherever.

use crate::request_id::X_REQUEST_ID;
use bytes::Bytes;
use cpc_core::Refusal;
use cpc_wire::{
    Language, ParseError, RequestFailure, ResponseProfile, write_refused, write_request_failure,
    write_unreadable,
};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use std::time::Duration;

/// How answers are worded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wording {
    pub(crate) profile: ResponseProfile,
    pub(crate) language: Language,
}

/// Why a request has no outcomes.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It failed before the engine, or beside it.
    Request { failure: RequestFailure, retry_after: Option<Duration> },
    /// Its body is not a batch.
    Unreadable(ParseError),
    /// The engine refused it.
    Refused(Refusal),
}

/// How long a client should wait when nothing better is known.
pub(crate) const SOON: Duration = Duration::from_secs(1);

impl Failure {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Failure::Request { failure, .. } => failure.name(),
            Failure::Unreadable(error) => error.name(),
            Failure::Refused(refusal) => refusal.name(),
        }
    }
}

impl From<RequestFailure> for Failure {
    fn from(failure: RequestFailure) -> Failure {
        let retry_after = matches!(failure.http_status(), 429 | 503).then_some(SOON);
        Failure::Request { failure, retry_after }
    }
}

/// An answer, before it is HTTP's.
pub(crate) struct Answer {
    status: StatusCode,
    body: Bytes,
    /// For logs: `ok`, or what failed.
    pub(crate) code: &'static str,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Answer {
    /// One that is known to be JSON.
    pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Answer {
        Answer {
            // Statuses are the constants of this crate and of cpc-wire, all of them valid.
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            body: body.into(),
            code: "ok",
            header: None,
        }
    }

    pub(crate) const fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(crate) fn into_response(self, request_id: &str) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // An id is made of characters that a header can carry.
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(X_REQUEST_ID, id);
        }
        headers.extend(self.header);
        response
    }
}

impl Wording {
    pub(crate) fn failure(self, failure: &Failure) -> Answer {
        let Wording { profile, language } = self;
        let mut body = Vec::new();
        let status = match failure {
            Failure::Request { failure, .. } => write_request_failure(*failure, profile, language, &mut body),
            Failure::Unreadable(error) => write_unreadable(error, profile, language, &mut body),
            Failure::Refused(refusal) => write_refused(refusal, profile, language, &mut body),
        };
        let retry_after = match failure {
            Failure::Request { retry_after, .. } => *retry_after,
            // The host's time is out of order, which somebody has to see to.
            Failure::Refused(_) if status == 503 => Some(SOON),
            _ => None,
        };
        let header = match (status, retry_after) {
            (401, _) => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            (_, Some(wait)) => Some((RETRY_AFTER, HeaderValue::from(whole_seconds(wait)))),
            _ => None,
        };
        Answer { code: failure.name(), header, ..Answer::json(status, body) }
    }

    /// The path is right, the method is not.
    pub(crate) fn wrong_method(self, allowed: &'static str) -> Answer {
        let header = Some((ALLOW, HeaderValue::from_static(allowed)));
        Answer { header, ..self.failure(&RequestFailure::MethodNotAllowed.into()) }
    }
}

/// Rounded up, so that nobody comes too early, and never "at once".
fn whole_seconds(wait: Duration) -> u64 {
    let up = u64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(up).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_rounded_up_to_whole_seconds() {
        for (wait, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (90_000, 90)] {
            assert_eq!(whole_seconds(Duration::from_millis(wait)), seconds, "{wait}");
        }
        assert_eq!(whole_seconds(Duration::MAX), u64::MAX);
    }
}
