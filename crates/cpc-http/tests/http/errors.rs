//! Every way in which a request as a whole fails: its status, its code, its headers, and one shape for all.

use crate::support::{
    AT, Answered, Answering, EXAMPLE, PATH, TOKEN, accept, endpoint, engine, over, post, send,
};
use axum::body::Body;
use cpc_core::{CommandError, Policy};
use cpc_http::{DispatchError, Dispatcher, EngineDispatcher, Language, Massivocpc, ResponseProfile};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use std::time::Duration;

/// Checks the shape of an error in both profiles and languages, and returns the full, Portuguese one.
async fn fails<D: Dispatcher>(
    endpoint: &Massivocpc<D>,
    request: impl Fn() -> Request<Body>,
    status: u16,
    code: &str,
) -> Answered {
    let full = send(endpoint, request()).await;
    let name = format!("{code}: {}", full.text());
    assert_eq!((full.status, full.code().as_str()), (status, code), "{name}");
    let json = full.json();
    assert_eq!(json["status"], "error", "{name}");
    assert_eq!(json["message"], "Falha ao processar requisição", "{name}");
    assert_eq!(json["processed"], 0, "{name}");
    assert_eq!(json["errors"].as_array().unwrap().len(), 1, "{name}");
    assert!(json["errors"][0].get("phone").is_none(), "{name}");

    let english = endpoint.clone().language(Language::En);
    let english = send(&english, request()).await.json();
    assert_eq!(english["message"], "The request failed");
    assert_ne!(english["errors"][0]["reason"], json["errors"][0]["reason"], "{name}");

    let spec = endpoint.clone().profile(ResponseProfile::Spec);
    let spec = send(&spec, request()).await;
    assert_eq!(spec.status, status);
    let spec = spec.json();
    assert_eq!(spec.as_object().unwrap().len(), 3, "{spec}");
    assert_eq!(spec["errors"][0].as_object().unwrap().len(), 1, "{spec}");
    assert_eq!(spec["errors"][0]["reason"], json["errors"][0]["reason"]);

    let wait = full.header("retry-after").map(|seconds| seconds.parse::<u64>().unwrap());
    assert_eq!(wait.is_some(), matches!(status, 429 | 503), "{name}");
    assert_eq!(full.header("www-authenticate").is_some(), status == 401, "{name}");
    assert_eq!(full.header("allow").is_some(), status == 405, "{name}");
    full
}

#[tokio::test]
async fn an_error_of_each_profile_byte_by_byte() {
    let wrong = || post(EXAMPLE.replace("\"5511988876204\"", "5511988876204"));
    let full = send(&endpoint(), wrong()).await;
    assert_eq!(
        full.text(),
        r#"{"status":"error","message":"Falha ao processar requisição","processed":0,"errors":[{"reason":"messages[0].phone: esperado texto","code":"invalid_field","field":"messages[0].phone"}]}"#
    );
    let spec = send(&endpoint().profile(ResponseProfile::Spec), wrong()).await;
    assert_eq!(
        spec.text(),
        r#"{"status":"error","message":"Falha ao processar requisição","errors":[{"reason":"messages[0].phone: esperado texto"}]}"#
    );
}

#[tokio::test]
async fn whoever_has_no_token_is_told_how_to_show_one() {
    let good = format!("Bearer {TOKEN}");
    let rows: [(&[&str], bool); 11] = [
        (&[], false),
        (&[""], false),
        (&["Bearer"], false),
        (&["Bearer "], false),
        (&["Bearer wrong"], false),
        (&[TOKEN], false),
        (&["Basic YTpi"], false),
        (&[&good[..good.len() - 1]], false),
        (&[&good, &good], false),
        (&[&good], true),
        (&["bearer  a-token-of-the-erp"], true),
    ];
    for (values, allowed) in rows {
        let request = || {
            let mut request = post(EXAMPLE);
            request.headers_mut().remove(AUTHORIZATION);
            for value in values {
                request.headers_mut().append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            }
            request
        };
        if allowed {
            assert_eq!(send(&endpoint(), request()).await.status, 200, "{values:?}");
        } else {
            let answered = fails(&endpoint(), request, 401, "unauthorized").await;
            assert_eq!(answered.header("www-authenticate"), Some("Bearer"));
        }
    }
    // Bytes that are no text.
    let request = || {
        let mut request = post(EXAMPLE);
        let value = HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
        request.headers_mut().insert(AUTHORIZATION, value);
        request
    };
    fails(&endpoint(), request, 401, "unauthorized").await;
}

#[tokio::test]
async fn tokens_are_asked_for_before_anything_else_is_said() {
    // The wrong type, an unreadable body: who has no token learns nothing of it.
    let request = || Request::builder().method(Method::POST).uri(PATH).body(Body::from("{")).unwrap();
    fails(&endpoint(), request, 401, "unauthorized").await;
}

#[tokio::test]
async fn replaced_tokens_count_from_the_next_request_on() {
    let tokens = crate::support::tokens();
    let engine = EngineDispatcher::new(engine(Policy::default()), || AT);
    let endpoint = Massivocpc::new(engine, tokens.clone());
    assert_eq!(send(&endpoint, post(EXAMPLE)).await.status, 200);
    tokens.replace([("crm", "another-token-of-the-crm")]).unwrap();
    assert_eq!(send(&endpoint, post(EXAMPLE)).await.status, 401);
    tokens.replace([("crm", TOKEN)]).unwrap();
    assert_eq!(send(&endpoint, post(EXAMPLE)).await.status, 200);
}

#[tokio::test]
async fn only_json_is_taken() {
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"]
    {
        let request = || {
            let mut request = post(EXAMPLE);
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_str(media_type).unwrap());
            request
        };
        fails(&endpoint(), request, 415, "unsupported_media_type").await;
    }
    let request = || {
        let mut request = post(EXAMPLE);
        request.headers_mut().remove(CONTENT_TYPE);
        request
    };
    fails(&endpoint(), request, 415, "unsupported_media_type").await;
    let request = || {
        let mut request = post(EXAMPLE);
        request.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
        request
    };
    fails(&endpoint(), request, 415, "unsupported_media_type").await;
}

#[tokio::test]
async fn other_methods_and_paths_have_the_same_shape() {
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let request = || Request::builder().method(&method).uri(PATH).body(Body::empty()).unwrap();
        let answered = fails(&endpoint(), request, 405, "method_not_allowed").await;
        assert_eq!(answered.header("allow"), Some("POST"));
    }
    let request = || Request::builder().method("POST").uri("/openapi.json").body(Body::empty()).unwrap();
    let answered = fails(&endpoint(), request, 405, "method_not_allowed").await;
    assert_eq!(answered.header("allow"), Some("GET, HEAD"));

    for path in ["/", "/api", "/api/messages", "/api/messages/massivocpc/", "/API/messages/massivocpc"] {
        let request = || Request::builder().method("POST").uri(path).body(Body::from(EXAMPLE)).unwrap();
        fails(&endpoint(), request, 404, "not_found").await;
    }
}

#[tokio::test]
async fn what_the_engine_refuses_has_its_own_name_and_member() {
    let policy = Policy::builder().max_batch(2).build().unwrap();
    let small = over(EngineDispatcher::new(engine(policy), || AT));
    let message = r#"{"phone":"5511988876204","closeTicket":true,"specialistCode":"op","mainTemplate":"Oi"}"#;
    let three = format!(r#"{{"campaign":"c","tag":"emp1","messages":[{message},{message},{message}]}}"#);
    let rows = [
        (EXAMPLE.replace("emp1", "emp2"), 404, "unknown_wallet", "tag"),
        (three, 413, "batch_too_large", "messages"),
        (EXAMPLE.replace("Campanha teste", " "), 400, "invalid_field", "campaign"),
        (String::from(r#"{"campaign":"c","tag":"emp1","messages":[]}"#), 400, "empty_batch", "messages"),
    ];
    for (body, status, code, field) in rows {
        let answered = fails(&small, || post(body.clone()), status, code).await;
        assert_eq!(answered.json()["errors"][0]["field"], field);
    }
    let seconds = over(EngineDispatcher::new(engine(Policy::default()), || AT / 1000));
    fails(&seconds, || post(EXAMPLE), 503, "timestamp_out_of_range").await;
    let ahead = over(EngineDispatcher::new(engine(Policy::default()), || AT + 31 * 86_400_000));
    fails(&ahead, || post(EXAMPLE), 503, "clock_jump").await;
}

#[tokio::test]
async fn what_the_host_refuses_is_said_in_the_same_shape() {
    let wait = Duration::from_millis(2500);
    let rows = [
        (DispatchError::RateLimited { retry_after: wait }, 429, "rate_limited", Some("3")),
        (DispatchError::Unavailable { retry_after: wait }, 503, "unavailable", Some("3")),
        (DispatchError::Internal, 500, "internal_error", None),
        (DispatchError::Refused(CommandError::UnknownWallet), 404, "unknown_wallet", None),
    ];
    for (error, status, code, seconds) in rows {
        let endpoint = over(Answering(move |_| std::future::ready(Err(error.clone()))));
        let answered = fails(&endpoint, || post(EXAMPLE), status, code).await;
        assert_eq!(answered.header("retry-after"), seconds, "{code}");
    }
}

#[tokio::test]
async fn a_dispatcher_that_leaves_messages_out_is_a_bug_and_no_success() {
    for count in [0, 2] {
        let endpoint = over(Answering(move |request| {
            let outcome = accept(&request)[0];
            std::future::ready(Ok(vec![outcome; count]))
        }));
        fails(&endpoint, || post(EXAMPLE), 500, "internal_error").await;
    }
}

#[tokio::test]
async fn after_a_panic_inside_the_engine_nothing_more_is_decided() {
    let shared = engine(Policy::default());
    let endpoint = over(EngineDispatcher::new(shared.clone(), || AT));
    let panicked = std::thread::spawn(move || {
        let _engine = shared.lock().unwrap();
        panic!("while it is locked");
    });
    assert!(panicked.join().is_err());
    fails(&endpoint, || post(EXAMPLE), 503, "unavailable").await;
}

#[tokio::test]
async fn a_sane_request_id_comes_back_and_reaches_the_host_with_the_tokens_label() {
    let endpoint = over(Answering(|request: cpc_http::DispatchRequest| {
        assert_eq!(request.request_id(), "client-id-17");
        assert_eq!(request.token_label(), "crm");
        assert_eq!(request.body(), EXAMPLE.as_bytes());
        assert!(!format!("{request:?}").contains("5511988876204"));
        std::future::ready(Ok(accept(&request)))
    }));
    let mut request = post(EXAMPLE);
    request.headers_mut().insert("x-request-id", HeaderValue::from_static("client-id-17"));
    let answered = send(&endpoint, request).await;
    assert_eq!((answered.status, answered.header("x-request-id")), (200, Some("client-id-17")));
}
