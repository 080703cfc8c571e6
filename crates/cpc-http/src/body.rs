//! The request body: its media type, and its bytes up to a limit.

use bytes::{BufMut, Bytes};
use cpc_wire::RequestFailure;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http_body::Body;
use http_body_util::BodyExt;
use std::pin::pin;

/// Whether the headers announce uncompressed JSON in UTF-8, the only media type that the endpoint takes.
#[must_use]
pub fn is_plain_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(Ok(media_type)), None) = (types.next().map(|value| value.to_str()), types.next()) else {
        return false;
    };
    let (essence, parameters) = media_type.split_once(';').unwrap_or((media_type, ""));
    let mut charsets = parameters.split(';').filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    essence.trim().eq_ignore_ascii_case("application/json")
        && charsets.all(|charset| charset.eq_ignore_ascii_case("utf-8"))
        && headers.get_all(CONTENT_ENCODING).iter().all(|coding| coding == "identity")
}

/// Reads a body of at most `max` bytes. A body with a greater `content-length` is not read at all, and none further than
/// `max`.
///
/// The pieces are copied into one buffer as they arrive: a client chooses how small they are, and many small ones would
/// take many times their length.
///
/// # Errors
/// [`RequestFailure::BodyTooLarge`], or [`RequestFailure::BodyIncomplete`] if the connection broke.
pub async fn read_body<B: Body>(body: B, max: usize) -> Result<Bytes, RequestFailure> {
    let too_large = RequestFailure::BodyTooLarge { max };
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > max {
        return Err(too_large);
    }
    let mut body = pin!(body);
    let mut bytes = Vec::with_capacity(announced);
    while let Some(frame) = body.frame().await {
        // The cause is dropped, because it may quote the request.
        let frame = frame.map_err(|_| RequestFailure::BodyIncomplete)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes::Buf::remaining(&data) > max - bytes.len() {
            return Err(too_large);
        }
        bytes.put(data);
    }
    Ok(Bytes::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn json_in_utf8_is_taken_and_nothing_else() {
        for (media_type, taken) in [
            ("application/json", true),
            ("Application/JSON", true),
            ("application/json; charset=utf-8", true),
            ("application/json;CHARSET=\"UTF-8\" ; v=1", true),
            ("application/json; charset=iso-8859-1", false),
            ("application/json; v=1; charset=utf-16", false),
            ("application/jsonp", false),
            ("application/x-www-form-urlencoded", false),
            ("text/plain", false),
            ("", false),
        ] {
            assert_eq!(is_plain_json(&headers(&[(CONTENT_TYPE, media_type)])), taken, "{media_type}");
        }
        assert!(!is_plain_json(&HeaderMap::new()));
    }

    #[test]
    fn what_is_compressed_is_not_taken() {
        for (coding, taken) in [("identity", true), ("gzip", false), ("br", false)] {
            let headers = headers(&[(CONTENT_TYPE, "application/json"), (CONTENT_ENCODING, coding)]);
            assert_eq!(is_plain_json(&headers), taken, "{coding}");
        }
    }

    #[test]
    fn two_content_types_are_none() {
        let mut two = headers(&[(CONTENT_TYPE, "application/json")]);
        two.append(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        assert!(!is_plain_json(&two));
    }
}
