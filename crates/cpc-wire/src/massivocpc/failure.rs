//! Why a request fails as a whole, and the HTTP status of that. Hosts without HTTP answer with it as well: the C ABI and
//! the wasm hand the status to their hosts.

use cpc_core::CommandError;

/// The HTTP status of a command that the engine refused as a whole, where the command's time is the host's.
#[must_use]
pub fn refusal_http_status(refusal: &CommandError) -> u16 {
    match refusal {
        // It is not the client who has to change something.
        CommandError::TimestampOutOfRange { field: "at" } => 503,
        refusal => refusal.code().http_status(),
    }
}

/// Why a request failed before its batch came to the engine, or for another reason than what it says. Servers
/// answer it with [`write_request_failure`](crate::write_request_failure).
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
}
