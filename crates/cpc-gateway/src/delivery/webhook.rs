//! The transport over HTTP: each message is posted with an idempotency key and, if configured, a signature.
//!
//! `POST` to the configured address with `content-type: application/json`, `idempotency-key` (the message's id) and,
//! if there is a secret, `x-cpc-signature: sha256=<HMAC-SHA-256 of the body in hexadecimal digits>`.

use super::signature::sign;
use crate::localized::Localized;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The longest time to connect.
const MAX_CONNECT: Duration = Duration::from_secs(5);

/// The result of posting a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PostResult {
    /// Accepted.
    Accepted,
    /// Rejected for good, with this status.
    Rejected(u16),
    /// Not accepted now; the receiver may have said how long to wait.
    Busy(Option<Duration>),
    /// The receiver failed, and may have the message; it may have said how long to wait.
    Failed(Option<Duration>),
    /// No connection: nothing was sent.
    Unreachable,
    /// The receiver may have the message, and must not get it twice.
    Unknown,
}

/// Why the webhook cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebhookError {
    #[error(transparent)]
    Client(#[from] reqwest::Error),
    /// The parser's message, which does not repeat the URL.
    #[error("outbox.url is not a URL: {0}")]
    Url(String),
}

impl Localized for WebhookError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            WebhookError::Client(error) => error.to_string(),
            WebhookError::Url(error) => format!("outbox.url não é um endereço: {error}"),
        })
    }
}

/// See the [module](self). Clones share connections.
#[derive(Clone)]
pub(crate) struct Webhook {
    client: Client,
    url: Url,
    secret: Arc<str>,
    at_most_once: bool,
}

impl Webhook {
    /// A client that posts to `url`. `at_most_once` is for receivers that do not keep the ids of messages.
    pub(crate) fn new(
        url: &str,
        secret: &str,
        timeout: Duration,
        at_most_once: bool,
    ) -> Result<Webhook, WebhookError> {
        // Well below the total time-out: only a time-out of connecting proves that nothing was sent.
        let connect_timeout = (timeout / 2).min(MAX_CONNECT);
        // A redirect would send personal data elsewhere, or turn the POST into a GET.
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(connect_timeout)
            .redirect(Policy::none())
            .build()?;
        let url = Url::parse(url).map_err(|error| WebhookError::Url(error.to_string()))?;
        Ok(Webhook { client, url, secret: Arc::from(secret), at_most_once })
    }

    /// Posts a message.
    pub(crate) async fn post(&self, id: &str, body: Vec<u8>) -> PostResult {
        let mut request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json");
        request = request.header("idempotency-key", id);
        if !self.secret.is_empty() {
            request = request.header("x-cpc-signature", sign(self.secret.as_bytes(), &body));
        }
        let result = match request.body(body).send().await {
            Ok(response) => result_of(&response),
            // Nothing was sent.
            Err(error) if error.is_connect() || error.is_builder() => PostResult::Unreachable,
            // No answer, or the connection ended before it: also one that was kept alive and that the receiver closed
            // just then, so that the message was lost.
            Err(_) => PostResult::Failed(None),
        };
        match result {
            PostResult::Failed(_) if self.at_most_once => PostResult::Unknown,
            result => result,
        }
    }
}

fn result_of(response: &Response) -> PostResult {
    let status = response.status();
    match status.as_u16() {
        200..=299 => PostResult::Accepted,
        425 | 429 | 503 => PostResult::Busy(retry_after(response)),
        408 | 500..=599 => PostResult::Failed(retry_after(response)),
        other => PostResult::Rejected(other),
    }
}

/// The header `retry-after`.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    wait(value, SystemTime::now())
}

/// A wait in seconds, or until a date.
fn wait(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(value).ok()?.duration_since(now).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_in_seconds_or_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (value, expected) in [
            ("30", Some(30)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            // In the past.
            ("Sun, 06 Nov 1994 08:49:27 GMT", None),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(wait(value, now), expected.map(Duration::from_secs), "{value}");
        }
    }
}
