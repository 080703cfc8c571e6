//! The transport over HTTP: each message is posted, signed, with an id by which it can be known again.
//!
//! `POST` to the configured address with `content-type: application/json`, `idempotency-key` (the message's id) and,
//! if there is a secret, `x-cpc-signature: sha256=<HMAC-SHA-256 of the body in hexadecimal digits>`.

use super::signature::sign;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long a connection may take at the most.
const CONNECTING: Duration = Duration::from_secs(5);

/// What came of posting a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It was taken.
    Taken,
    /// It was refused for good, with this status.
    Refused(u16),
    /// It was refused for now; perhaps until then. Nobody has it.
    NotNow(Option<Duration>),
    /// Something went wrong with it; perhaps until then. Somebody may have it.
    Failed(Option<Duration>),
    /// It did not get there.
    Unreachable,
    /// It may have got there.
    Unknown,
}

/// See the [module](self). Clones share connections.
#[derive(Clone)]
pub(crate) struct Webhook {
    client: Client,
    url: Url,
    secret: Arc<str>,
}

impl Webhook {
    /// One that posts to an address.
    pub(crate) fn new(
        url: &str,
        secret: &str,
        timeout: Duration,
    ) -> Result<Webhook, Box<dyn std::error::Error>> {
        // Well before the time for all of it is over: only then is it certain that nothing was sent.
        let connecting = (timeout / 2).min(CONNECTING);
        // A redirect would take a message somewhere else, or turn it into a question.
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(connecting)
            .redirect(Policy::none())
            .build()?;
        Ok(Webhook { client, url: url.parse()?, secret: Arc::from(secret) })
    }

    /// Posts a message.
    pub(crate) async fn post(&self, id: &str, body: Vec<u8>) -> Sent {
        let mut request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json");
        request = request.header("idempotency-key", id);
        if !self.secret.is_empty() {
            request = request.header("x-cpc-signature", sign(self.secret.as_bytes(), &body));
        }
        match request.body(body).send().await {
            Ok(response) => answered(&response),
            // Of these it is certain that nothing was sent.
            Err(error) if error.is_connect() || error.is_builder() => Sent::Unreachable,
            Err(_) => Sent::Unknown,
        }
    }
}

fn answered(response: &Response) -> Sent {
    let status = response.status();
    match status.as_u16() {
        200..=299 => Sent::Taken,
        425 | 429 | 503 => Sent::NotNow(retry_after(response)),
        408 | 500..=599 => Sent::Failed(retry_after(response)),
        other => Sent::Refused(other),
    }
}

/// The wait that an answer asks for.
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
            // Gone by.
            ("Sun, 06 Nov 1994 08:49:27 GMT", None),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(wait(value, now), expected.map(Duration::from_secs), "{value}");
        }
    }
}
