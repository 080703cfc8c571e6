//! The id of a request, for its response, logs and the host: the client's own if it is safe to log.

use http::{HeaderMap, HeaderName};
use std::sync::Arc;
use uuid::Uuid;

/// The header that carries a request's id, both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const SHORTEST: usize = 8;
const LONGEST: usize = 128;

/// The id of a request: the client's own if it sends a safe one in [`X_REQUEST_ID`] (8 to 128 letters, digits and
/// `-_.:`, at least one of them a letter), else a random one. It may be logged.
#[must_use]
pub fn request_id(headers: &HeaderMap) -> Arc<str> {
    let mut sent = headers.get_all(X_REQUEST_ID).iter();
    match (sent.next().and_then(|id| id.to_str().ok()), sent.next()) {
        (Some(id), None) if is_safe(id) => Arc::from(id),
        _ => Arc::from(Uuid::new_v4().to_string()),
    }
}

/// Whether an id may be logged: short, one word, and without a number that might be a phone or a document; a UUID's digits
/// are not.
fn is_safe(id: &str) -> bool {
    let longest_number = id.split(|other: char| !other.is_ascii_digit()).map(str::len).max();
    let has_number = longest_number.is_some_and(|digits| digits >= 8) && Uuid::try_parse(id).is_err();
    !has_number
        && (SHORTEST..=LONGEST).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        && id.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn safe_ids_are_kept_and_others_replaced() {
        let longest = "x".repeat(LONGEST);
        let too_long = "x".repeat(LONGEST + 1);
        for (id, kept) in [
            ("7f1f8a50-5c0e-4c5e-9a53-0d6e5a3f9a11", true),
            ("01J9Z3:req_17.2", true),
            (longest.as_str(), true),
            (too_long.as_str(), false),
            ("short", false),
            ("", false),
            ("with a space", false),
            ("5511988876204", false),
            ("msg-5511988876204", false),
            ("55-11-98887-6204", false),
            ("{\"phone\":1}", false),
        ] {
            let headers = HeaderMap::from_iter([(X_REQUEST_ID, HeaderValue::from_str(id).unwrap())]);
            assert_eq!(&*request_id(&headers) == id, kept, "{id}");
        }
    }

    #[test]
    fn without_one_or_with_two_a_new_one_is_made_every_time() {
        let none = HeaderMap::new();
        assert_ne!(request_id(&none), request_id(&none));
        let mut two = HeaderMap::new();
        two.append(X_REQUEST_ID, HeaderValue::from_static("first-one"));
        two.append(X_REQUEST_ID, HeaderValue::from_static("second-one"));
        assert_eq!(request_id(&two).len(), 36);
    }
}
