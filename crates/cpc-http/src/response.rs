//! Responses: all have one shape, whatever failed.

use crate::request_id::X_REQUEST_ID;
use bytes::Bytes;
use cpc_core::CommandError;
use cpc_wire::{
    Language, ParseError, RequestFailure, ResponseProfile, write_refused, write_request_failure,
    write_unreadable,
};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use std::time::Duration;

/// The profile and language of responses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ResponseOptions {
    pub(crate) profile: ResponseProfile,
    pub(crate) language: Language,
}

/// Why a request was rejected as a whole.
#[derive(Debug)]
pub(crate) enum Rejection {
    /// It failed before or outside the engine.
    Request { failure: RequestFailure, retry_after: Option<Duration> },
    /// Its body is not a batch.
    Unreadable(ParseError),
    /// The engine refused it.
    Refused(CommandError),
}

/// The `retry-after` when nothing better is known.
pub(crate) const DEFAULT_RETRY: Duration = Duration::from_secs(1);

impl Rejection {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Rejection::Request { failure, .. } => failure.name(),
            Rejection::Unreadable(error) => error.name(),
            Rejection::Refused(refusal) => refusal.name(),
        }
    }
}

impl From<RequestFailure> for Rejection {
    fn from(failure: RequestFailure) -> Rejection {
        let retry_after = matches!(failure.http_status(), 429 | 503).then_some(DEFAULT_RETRY);
        Rejection::Request { failure, retry_after }
    }
}

/// A response before its headers.
pub(crate) struct JsonResponse {
    status: StatusCode,
    body: Bytes,
    /// For logs: `ok`, or the error code.
    pub(crate) code: &'static str,
    header: Option<(HeaderName, HeaderValue)>,
}

impl JsonResponse {
    /// A response whose body is known to be JSON.
    pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> JsonResponse {
        JsonResponse {
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
        // Request ids consist of characters that headers allow.
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(X_REQUEST_ID, id);
        }
        headers.extend(self.header);
        response
    }
}

impl ResponseOptions {
    pub(crate) fn rejection(self, rejection: &Rejection) -> JsonResponse {
        let ResponseOptions { profile, language } = self;
        let mut body = Vec::new();
        let status = match rejection {
            Rejection::Request { failure, .. } => {
                write_request_failure(*failure, profile, language, &mut body)
            }
            Rejection::Unreadable(error) => write_unreadable(error, profile, language, &mut body),
            Rejection::Refused(refusal) => write_refused(refusal, profile, language, &mut body),
        };
        let retry_after = match rejection {
            Rejection::Request { retry_after, .. } => *retry_after,
            // The host's clock is wrong, and an operator must correct it.
            Rejection::Refused(_) if status == 503 => Some(DEFAULT_RETRY),
            _ => None,
        };
        let header = match (status, retry_after) {
            (401, _) => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            (_, Some(wait)) => Some((RETRY_AFTER, HeaderValue::from(whole_seconds(wait)))),
            _ => None,
        };
        JsonResponse { code: rejection.name(), header, ..JsonResponse::json(status, body) }
    }

    /// A 405 with its `allow`.
    pub(crate) fn method_not_allowed(self, allowed: &'static str) -> JsonResponse {
        let header = Some((ALLOW, HeaderValue::from_static(allowed)));
        JsonResponse { header, ..self.rejection(&RequestFailure::MethodNotAllowed.into()) }
    }
}

/// Rounded up, so that no client retries too early, and at least 1.
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
